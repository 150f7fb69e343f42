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
// as an error where more is stated than is there.
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
