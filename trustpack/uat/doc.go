// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

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
// address that does not say so.
//
// [SummarizeAccessibility] adds what pages say of each other, by how many elements
// pass. Less than a quarter of another scan of the same address is a sign. Less
// than a fifth of what half of the pages have is a doubt, and a sign together with
// words of failure. Another host than that of most pages is a doubt. The share of
// rules that found nothing to test is no help: it is two thirds on large pages and
// on challenges alike. Signs keep the release from OK; doubts are warnings.
//
// # Bounds
//
// Input is hostile: every reader takes time linear in it and memory bounded by
// [Limits], and refuses with a *[Problem] that says where. DTDs and entities are
// refused, as are times that are not finite.
//
// # Codes
//
// A reader refuses with one of these, or with a code of the strict XML and JSON
// readers: xml.dtd, xml.depth, json.duplicate-name and others.
//
//	junit.root           root is neither testsuites nor testsuite                    ErrFormat
//	junit.scan           findings of a scanner, not tests                            ErrUnsupported
//	junit.duration       NaN, infinite, or longer than 292 years                     ErrFormat
//	junit.tests          more suites, cases, parts or text than Limits allow         ErrLimit
//	playwright.root      config, suites, and stats or errors are not there           ErrFormat
//	playwright.duration  longer than 292 years                                       ErrFormat
//	playwright.tests     as junit.tests                                              ErrLimit
//	playwright.names     joined titles beyond Limits.StringBytes                     ErrLimit
//	axe.root             no results of axe-core, of no page, or with what is no rule ErrFormat
//	axe.nodes            more pages, rules, elements or text than Limits allow       ErrLimit
//	png.signature        not PNG                                                     ErrFormat
//	png.header           no header, or one that is not valid                         ErrFormat
//	png.chunk            a chunk that is misplaced, missing or of a wrong length     ErrFormat
//	png.crc              a checksum that is wrong                                    ErrFormat
//	png.palette          a palette that is missing or does not fit                   ErrFormat
//	png.data             too few or too many pixels, or damaged ones                 ErrFormat
//	png.truncated        the image ends too early                                    ErrFormat
//	png.trailing         data after the image                                        ErrFormat
//	png.animated         an animation                                                ErrUnsupported
//	png.pixels           larger than Limits.Pixels, or a side above 65,535           ErrLimit
//	png.size             longer than Limits.DocumentBytes                            ErrLimit
//	uat.attachment       [Attachment.Resolve]: a path out of the evidence            ErrUnsafe
//
// These are told and do not refuse; those of totals and elements are errors where
// something seems to be missing, and then no release is OK:
//
//	junit.count          a total that the cases do not come to                       ErrMismatch
//	junit.number         a total that is no number                                   ErrFormat
//	junit.duration       negative, or no duration; taken as not stated               ErrFormat
//	junit.timestamp      not ISO 8601                                                ErrFormat
//	junit.element        an element that is not read, told once for each name        ErrUnsupported
//	playwright.count     as junit.count                                              ErrMismatch
//	playwright.status    a status that the attempts do not come to                   ErrMismatch
//	playwright.duration  negative; taken as not stated                               ErrFormat
//	playwright.timestamp as junit.timestamp                                          ErrFormat
//	axe.page             raw results, which name no page                             ErrUnsupported
//	axe.version          results that name no version of axe-core                    ErrUnsupported
//	axe.elements         a rule that is violated, or for review, without an element  ErrUnsupported
//	axe.timestamp        as junit.timestamp                                          ErrFormat
//	uat.reports          two reports of one run disagree                             ErrMismatch
//	uat.rules            a page that lists nothing of a rule which ran on the others  ErrMismatch
//	uat.page             a doubt about a page                                        ErrMismatch
//
// # Not promised
//
// A pass says what the report says. That the tests were run, and against the
// release, is for whoever signed the report to answer.
//
// Functions are safe for concurrent use; values are plain data.
package uat
