// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Summary is what the test reports of one release come to.
type Summary struct {
	Outcome   Outcome           `json:"outcome"` // the worst of all tests; "none" when there is no test
	Counts                      // by outcome
	Duration  time.Duration     `json:"duration"`                // of all tests, one after the other, in nanoseconds
	Started   time.Time         `json:"started,omitzero"`        // earliest start that a report states
	Suites    []SuiteSummary    `json:"suites"`                  // top-level suites in the order of the reports
	NotPassed []CaseSummary     `json:"unwell"`                  // every test that did not pass, worst first
	Errors    []string          `json:"outsideErrors,omitempty"` // what went wrong outside any test; how many tests broke is in Counts
	Problems  evidence.Problems `json:"problems,omitempty"`      // of the reports, and where two reports of one run disagree
}

// SuiteSummary is one top-level suite.
type SuiteSummary struct {
	Name     string        `json:"name"`
	Outcome  Outcome       `json:"outcome"`
	Counts                 // of the cases in it, and in the suites in it
	Duration time.Duration `json:"duration"` // sum of the cases, in nanoseconds
}

// CaseSummary names one test.
type CaseSummary struct {
	TestID
	Outcome Outcome `json:"outcome"`
	Message string  `json:"message,omitempty"` // the first line that says why; at most 300 bytes
}

// TestID tells the tests of a release apart.
type TestID struct {
	Class   string `json:"class"` // class or file; the suite's name where there is none
	Name    string `json:"name"`
	Project string `json:"project,omitempty"` // Playwright's
	N       int    `json:"n,omitempty"`       // 1 for the second test of the same name, and so on
}

// OK reports whether the tests are a pass: at least one passed, none failed or
// broke, nothing went wrong outside of them, and no report says of itself that
// tests are missing. Flaky and skipped tests do not stand in the way; look at
// Counts for them. The zero Summary is not OK.
func (s *Summary) OK() bool {
	return s.Passed+s.Flaky > 0 && !s.Outcome.Broken() && len(s.Errors) == 0 && s.Problems.Err() == nil
}

// Summarize counts the tests of several reports of one release. A JUnit and a
// JSON report that Playwright wrote of one run are one: of each test the worse
// outcome counts, and a disagreement beyond flaky tests, which JUnit does not
// mark, is among the problems.
func Summarize(reports ...*Report) *Summary {
	sum := &Summary{Suites: []SuiteSummary{}, NotPassed: []CaseSummary{}}
	var ids numbering
	for _, run := range runs(reports) {
		sum.add(run, &ids)
	}
	sum.Outcome = sum.Counts.worst()
	slices.SortStableFunc(sum.NotPassed, func(a, b CaseSummary) int { return cmp.Compare(b.Outcome, a.Outcome) })
	return sum
}

// run is a report, with what another report of the same run adds.
type run struct {
	*Report
	worse map[TestID]Outcome
	more  []oneTest // tests that only the other report has
	extra evidence.Problems
}

type oneTest struct {
	id TestID
	test
}

// all is every test of the run, whichever report has it.
func (r *run) all(yield func(TestID, test) bool) {
	for id, t := range r.tests {
		if !yield(id, t) {
			return
		}
	}
	for _, o := range r.more {
		if !yield(o.id, o.test) {
			return
		}
	}
}

func (s *Summary) add(r run, ids *numbering) {
	if !r.Started.IsZero() && (s.Started.IsZero() || r.Started.Before(s.Started)) {
		s.Started = r.Started
	}
	s.Problems = append(append(s.Problems, r.Problems...), r.extra...)
	for _, e := range r.Errors {
		s.Errors = append(s.Errors, firstLine(e))
	}
	at := map[*Suite]int{}
	for id, c := range r.all {
		outcome := max(c.Outcome, r.worse[id])
		id = ids.next(id)
		s.Counts.add(outcome)
		s.Duration = longer(s.Duration, c.Duration)
		if outcome != Passed {
			s.NotPassed = append(s.NotPassed, CaseSummary{id, outcome, c.why()})
		}
		i, ok := at[c.top]
		if !ok {
			i = len(s.Suites)
			at[c.top] = i
			s.Suites = append(s.Suites, SuiteSummary{})
			if c.top != nil {
				s.Suites[i].Name = c.top.Name
			}
		}
		sub := &s.Suites[i]
		sub.Counts.add(outcome)
		sub.Outcome = max(sub.Outcome, outcome)
		sub.Duration = longer(sub.Duration, c.Duration)
	}
}

// why is the line that says best why a case did not pass.
func (c *Case) why() string {
	for _, r := range c.Results {
		if line := firstLine(r); line != "" {
			return line
		}
	}
	return ""
}

func firstLine(r Result) string {
	for _, text := range []string{r.Message, r.Text, r.Type} {
		start := 0
		for start < len(text) && (text[start] == ' ' || text[start] == '\n' || text[start] == '\t' || text[start] == '\r') {
			start++
		}
		end := start
		for end < len(text) && text[end] != '\n' && text[end] != '\r' {
			end++
		}
		if end > start {
			return textfmt.Clip(text[start:end], 300)
		}
	}
	return ""
}

// tests is every case of the run with its identity.
func (r *Report) tests(yield func(TestID, test) bool) {
	var ids numbering
	for path, c := range r.All {
		id := TestID{Class: c.Class, Name: c.Name, Project: c.Project}
		t := test{Case: c}
		if len(path) > 0 {
			t.top = path[0]
			id.Class = cmp.Or(id.Class, path[len(path)-1].Name)
		}
		if !yield(ids.next(id), t) {
			return
		}
	}
}

// test is a case and the top-level suite that it is in, nil for none.
type test struct {
	*Case
	top *Suite
}

// runs puts the two reports of one Playwright run together, where the JSON one stands.
func runs(reports []*Report) []run {
	// The JUnit reports that hold a test. Of one that stands in many, the first are looked at.
	const most = 16
	junit := map[TestID][]*Report{}
	for _, r := range reports {
		if r.Format == FormatJUnit {
			for id := range r.tests {
				if len(junit[id]) < most {
					junit[id] = append(junit[id], r)
				}
			}
		}
	}
	joined := map[*Report]*run{}
	used := map[*Report]bool{}
	for _, r := range reports {
		if r.Format != FormatPlaywright {
			continue
		}
		j := r.otherOf(junit, used)
		if j == nil {
			continue
		}
		one := &run{Report: r}
		one.join(j)
		joined[r], used[j] = one, true
	}
	var all []run
	for _, r := range reports {
		switch {
		case joined[r] != nil:
			all = append(all, *joined[r])
		case !used[r]:
			all = append(all, run{Report: r})
		}
	}
	return all
}

// otherOf returns the JUnit report of the same run: of the same time, with the most tests
// in common, and those more than half of each of the two.
func (r *Report) otherOf(junit map[TestID][]*Report, used map[*Report]bool) (other *Report) {
	shared, tests := map[*Report]int{}, 0
	for id := range r.tests {
		tests++
		for _, j := range junit[id] {
			if shared[j]++; !used[j] && shared[j] > shared[other] && sameTime(r, j) {
				other = j
			}
		}
	}
	if other == nil || shared[other]*2 <= max(tests, other.Counts().Tests) {
		return nil
	}
	return other
}

// sameTime reports whether the JUnit report of a run may be that of Playwright's
// JSON: it holds a test, and does not begin at another time.
func sameTime(p, j *Report) bool {
	if j.Counts().Tests == 0 {
		return false
	}
	const slack = time.Minute
	return p.Started.IsZero() || j.Started.IsZero() ||
		!j.Started.Before(p.Started.Add(-slack)) && !j.Started.After(p.Started.Add(longer(p.Duration, slack)))
}

// join takes in the JUnit report of the same run.
func (r *run) join(j *Report) {
	outcomes := map[TestID]Outcome{}
	for id, t := range r.tests {
		outcomes[id] = t.Outcome
	}
	r.worse = map[TestID]Outcome{}
	differ := func(severity evidence.Severity, format string, args ...any) {
		r.extra = append(r.extra, &evidence.Problem{Code: "uat.reports", Severity: severity, Err: evidence.ErrMismatch, Message: fmt.Sprintf("two reports of one run disagree on "+format, args...)})
	}
	only := func(id TestID, o Outcome, holds string) {
		severity := evidence.SeverityWarning
		if o.Broken() {
			severity = evidence.SeverityError
		}
		differ(severity, "%s: %s in %s, not in the other", textfmt.Quote(id.Name), o, holds)
	}
	for id, t := range j.tests {
		r.worse[id] = t.Outcome
		mine, both := outcomes[id]
		switch {
		case !both:
			only(id, t.Outcome, "JUnit")
			r.more = append(r.more, oneTest{id, t})
		case mine == t.Outcome, mine == Flaky && t.Outcome == Passed, mine.Broken() && t.Outcome.Broken():
		case mine.Broken() && t.Outcome == Passed, mine == Passed && t.Outcome.Broken():
			differ(evidence.SeverityError, "%s: %s and %s", textfmt.Quote(id.Name), mine, t.Outcome)
		default:
			differ(evidence.SeverityWarning, "%s: %s and %s", textfmt.Quote(id.Name), mine, t.Outcome)
		}
	}
	for id, t := range r.tests {
		if _, both := r.worse[id]; !both {
			only(id, t.Outcome, "Playwright's own")
		}
	}
	r.extra = append(r.extra, j.Problems...)
}

// numbering tells tests of the same name in several reports of a release apart.
type numbering map[TestID]int

func (n *numbering) next(id TestID) TestID {
	if *n == nil {
		*n = numbering{}
	}
	id.N = 0
	key := id
	id.N = (*n)[key]
	(*n)[key]++
	return id
}
