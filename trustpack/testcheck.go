// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// testChecks says whether the tests passed, and whether the reports add up.
func testChecks(r *Release) evidence.Checks {
	sum := r.Summary.Tests
	if sum == nil {
		return nil
	}
	var failed evidence.Problems
	for _, c := range sum.NotPassed {
		if c.Outcome.Broken() {
			failed = append(failed, warning("uat.tests", "", "%s: %s", c.Outcome, c.Name))
		}
	}
	for _, e := range sum.Errors {
		failed = append(failed, warning("uat.tests", "", "outside any test: %s", e))
	}
	if sum.Passed+sum.Flaky == 0 {
		failed = append(failed, warning("uat.tests", "", "no test passed"))
	}
	return evidence.Checks{
		evidence.Judge("uat.counts", "", sum.Problems, "the totals of the reports are those of their tests"),
		evidence.Judge("uat.tests", "", failed, fmt.Sprintf("%d of %s passed, %d flaky, %d skipped", sum.Passed, textfmt.Count(sum.Counts.Tests, "test"), sum.Flaky, sum.Skipped)),
	}
}

// accessibilityChecks says whether the pages were tested, and what they violate.
func accessibilityChecks(r *Release) evidence.Checks {
	sum := r.Summary.Accessibility
	if sum == nil {
		return nil
	}
	const id = "uat.accessibility"
	problems := slices.Clone(sum.Problems)
	for i := range sum.Pages {
		p := &sum.Pages[i]
		url := cmp.Or(p.URL, "a page without address")
		if p.Violations.Rules > 0 {
			problems = append(problems, warning(id, "", "%s violates WCAG 2.1 A or AA: %s, %s", url, textfmt.Count(p.Violations.Rules, "rule"), textfmt.Count(p.Violations.Elements, "element")))
		}
		for _, sign := range p.Suspect {
			problems = append(problems, warning(id, "", "%s may not be a page of the product: %s", url, sign))
		}
		if p.Partial {
			problems = append(problems, warning(id, "", "%s was not tested against all of WCAG 2.1 A and AA", url))
		}
		if p.Passes.Elements == 0 {
			problems = append(problems, warning(id, "", "%s: no element passed any rule", url))
		}
	}
	if len(sum.Pages) == 0 {
		problems = append(problems, warning(id, "", "no page was tested"))
	}
	return evidence.Checks{evidence.Judge(id, "", problems, fmt.Sprintf("no violation of WCAG 2.1 A and AA on %s; %s need a person's look", textfmt.Count(len(sum.Pages), "page"), textfmt.Count(sum.NeedsReview.Elements, "element")))}
}

// warning makes one problem of what a person should know.
func warning(id, path, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{Code: id, Severity: evidence.SeverityWarning, Path: path, Message: fmt.Sprintf(format, args...), Err: evidence.ErrPolicy}
}
