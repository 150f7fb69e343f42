// Package uat reads what acceptance tests leave behind: test reports,
// accessibility results and screenshots.
//
//	content                                   read with            becomes
//	JUnit XML of any dialect                  [ReadJUnit]          [Report]
//	Playwright's JSON report                  [ReadPlaywright]     [Report]
//	axe-core results, all shapes              [ReadAxe]            [Accessibility]
//	PNG images                                [ReadScreenshot]     [Screenshot]
//
// [Summarize] and [SummarizeAccessibility] count what the files of one release
// come to, and their OK says whether that is a pass: nothing run is none.
// [DiffTests] and [DiffAccessibility] compare two releases. [Criteria] is the
// table from the success criteria of WCAG 2.1 to what the pages say of them.
//
// # Tests
//
// A case's outcome is its worst child: failed, then error, flaky, skipped,
// passed. Flaky is what failed and passed when it was run again. Totals that a
// report states are held against its cases; they disagree in [Report.Problems],
// as an error where more is stated than is there. A report without a test, and
// one whose tests were all skipped, is no pass. Findings of a scanner in JUnit's
// form are no test report.
//
// Playwright's JUnit report does not mark flaky tests, its JSON report does. Of
// one run, both together are one run.
//
// An attachment's name is a claim. [Attachment.Resolve] says which file of the
// evidence it can be, and [Link] which test a screenshot belongs to; no reader
// here opens another file.
//
// # Accessibility
//
// WCAG 2.1 AA are the rules with tags wcag2a, wcag2aa, wcag21a and wcag21aa. Best
// practices, and rules of other levels and versions, are counted apart. What
// needs review is neither a violation nor a pass. axe-core has no rule for 30 of
// the 50 criteria of A and AA: those, and most of the others in part, need a person.
//
// A scan of a challenge, a login form or an error page in the place of the
// application is clean, and worth nothing. [Page.Suspect] has signs that no page of
// an application shows: the address of a browser's own page, the marks of a bot
// check, nothing that passes. [Page.Doubts] has what an honest page can show too:
// very few elements, a heading such as "404 Not Found", a password asked for at an
// address that does not say so. [SummarizeAccessibility] adds what pages say of each
// other, by how many elements pass: less than a quarter of another scan of the same
// address is a sign, less than a fifth of what half of the run's pages have is a
// doubt, and a sign together with words of failure; another host than that of most
// pages is a doubt. The share of rules that found
// nothing to test tells nothing: it is two thirds on large pages and on challenges.
// Signs keep the release from OK; doubts are warnings.
//
// # Bounds
//
// Input is hostile: every reader takes time linear in it and memory bounded by
// [Limits], and refuses with a *[Problem] that says where. DTDs and entities are
// refused, as are times that are not finite.
//
// # Not promised
//
// A pass says what the report says. That the tests were run, and against the
// release, is for whoever signed the report to answer.
//
// Functions are safe for concurrent use; values are plain data.
package uat
