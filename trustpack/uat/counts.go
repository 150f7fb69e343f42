// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"slices"
	"strconv"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/internal/xmlstrict"
)

// tally counts what stands in a suite, in each way that writers count.
type tally struct {
	cases                                   Counts // by worst outcome
	failures, errors, skipped               int    // elements
	failedCases, erroredCases, skippedCases int    // cases that hold at least one
}

func (t *tally) sum(o tally) {
	t.cases = t.cases.plus(o.cases)
	t.failures += o.failures
	t.errors += o.errors
	t.skipped += o.skipped
	t.failedCases += o.failedCases
	t.erroredCases += o.erroredCases
	t.skippedCases += o.skippedCases
}

// element counts one outcome element of a case; those of later attempts are in no
// writer's totals.
func (t *tally) element(o Outcome, again bool) {
	switch {
	case again:
	case o == Failed:
		t.failures++
	case o == Errored:
		t.errors++
	case o == Skipped:
		t.skipped++
	}
}

func (c Counts) plus(o Counts) Counts {
	return Counts{c.Tests + o.Tests, c.Passed + o.Passed, c.Skipped + o.Skipped, c.Flaky + o.Flaky, c.Errors + o.Errors, c.Failed + o.Failed}
}

// declared reads the totals of a testsuites or testsuite element.
func (j *junit) declared() Declared {
	number := func(names ...string) int {
		for _, name := range names {
			s, _ := j.d.Attr(name)
			if s == "" {
				continue
			}
			n, err := strconv.Atoi(s)
			if err == nil && n >= 0 {
				return n
			}
			j.problem(evidence.SeverityWarning, "junit.number", evidence.ErrFormat, "%s is %s, want a count", name, textfmt.Quote(s))
		}
		return -1
	}
	return Declared{
		Tests: number("tests"), Failures: number("failures"), Errors: number("errors"),
		Skipped: number("skipped", "skips", "ignored"), Flaky: number("flakes"), // nose2 says skips, TestNG ignored
	}
}

// compare tells where stated totals disagree with the cases. Writers count with
// or without the suites inside, cases or elements, errors as failures; a total
// that is right in one of these ways is right. More stated than there are means
// that something is missing, which is an error; the others are warnings.
// direct counts the cases that are not in a suite inside.
func (j *junit) compare(at xmlstrict.Pos, where string, d Declared, all, direct tally) {
	if direct.cases.Tests == 0 {
		direct = all
	}
	check := func(what string, stated, found int, grave bool, same ...int) {
		if stated < 0 || stated == found || slices.Contains(same, stated) {
			return
		}
		severity := evidence.SeverityWarning
		if grave && stated > found {
			severity = evidence.SeverityError
		}
		p := j.problem(severity, "junit.count", evidence.ErrMismatch, "%s states %d %s, the cases are %d", where, stated, what, found)
		p.Line, p.Column, p.Offset = at.Line, at.Column, at.Offset
	}
	check("tests", d.Tests, all.cases.Tests, true, direct.cases.Tests)
	failures := []int{all.failedCases, all.failures, direct.cases.Failed, direct.failedCases, direct.failures}
	if d.Errors < 0 {
		failures = append(failures, all.cases.Failed+all.cases.Errors, direct.cases.Failed+direct.cases.Errors)
	}
	check("failures", d.Failures, all.cases.Failed, true, failures...)
	check("errors", d.Errors, all.cases.Errors, true, all.erroredCases, all.errors, direct.cases.Errors, direct.erroredCases, direct.errors)
	check("skipped", d.Skipped, all.cases.Skipped, false, all.skippedCases, all.skipped, direct.cases.Skipped, direct.skippedCases, direct.skipped)
	check("flakes", d.Flaky, all.cases.Flaky, false, direct.cases.Flaky)
}
