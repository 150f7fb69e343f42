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
	again, failuresAgain, errorsAgain       int    // elements that stand for one more run of their case
}

func (t *tally) sum(o tally) {
	t.cases = t.cases.plus(o.cases)
	t.failures += o.failures
	t.errors += o.errors
	t.skipped += o.skipped
	t.failedCases += o.failedCases
	t.erroredCases += o.erroredCases
	t.skippedCases += o.skippedCases
	t.again += o.again
	t.failuresAgain += o.failuresAgain
	t.errorsAgain += o.errorsAgain
}

// element counts one outcome element of a case by its name.
func (t *tally) element(name string) {
	o, again := outcomeOf(name)
	switch {
	case again:
		t.again++
		switch name {
		case "flakyFailure", "rerunFailure":
			t.failuresAgain++
		case "flakyError", "rerunError":
			t.errorsAgain++
		}
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

// compare reports where stated totals disagree with the cases. Writers count with
// or without the suites inside, cases or elements, errors as failures, cases or
// each run of a case that was run again (Surefire with rerunFailingTestsCount);
// a total that is right in one of these ways is right. More stated than there are means
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
	var tests, failures, errors, skipped, flakes []int // other totals that are right
	for _, t := range []tally{all, direct} {
		tests = append(tests, t.cases.Tests, t.cases.Tests+t.again)
		failures = append(failures, t.cases.Failed, t.failedCases, t.failures, t.failures+t.failuresAgain)
		if d.Errors < 0 {
			failures = append(failures, t.cases.Failed+t.cases.Errors, t.failures+t.failuresAgain+t.errors+t.errorsAgain)
		}
		errors = append(errors, t.cases.Errors, t.erroredCases, t.errors, t.errors+t.errorsAgain)
		skipped = append(skipped, t.cases.Skipped, t.skippedCases, t.skipped)
		flakes = append(flakes, t.cases.Flaky, t.again)
	}
	check("tests", d.Tests, all.cases.Tests, true, tests...)
	check("failures", d.Failures, all.cases.Failed, true, failures...)
	check("errors", d.Errors, all.cases.Errors, true, errors...)
	check("skipped", d.Skipped, all.cases.Skipped, false, skipped...)
	check("flakes", d.Flaky, all.cases.Flaky, false, flakes...)
}
