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

// Outcome is how a test, or a set of tests, ended. A larger one is worse. The
// zero value is no outcome: of a set, that it holds no test.
type Outcome uint8

// The outcomes, from best to worst.
const (
	NoOutcome Outcome = iota
	Passed            // ran and passed
	Skipped           // did not run, or not to its end, and was not expected to
	Flaky             // failed, and passed when it was run again
	Errored           // broke for a reason that the test does not check: an exception, a timeout
	Failed            // ran and did not hold
)

var outcomeNames = [...]string{"none", "passed", "skipped", "flaky", "error", "failed"}

// String returns "none", "passed", "skipped", "flaky", "error" or "failed".
func (o Outcome) String() string {
	if int(o) >= len(outcomeNames) {
		return fmt.Sprintf("Outcome(%d)", uint8(o))
	}
	return outcomeNames[o]
}

// MarshalText implements encoding.TextMarshaler.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *Outcome) UnmarshalText(text []byte) error {
	i := slices.Index(outcomeNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown outcome %s", textfmt.Quote(string(text)))
	}
	*o = Outcome(i)
	return nil
}

// Ran reports whether the test ran to an end that says something.
func (o Outcome) Ran() bool { return o == Passed || o >= Flaky }

// Broken reports whether the outcome is Failed or Errored.
func (o Outcome) Broken() bool { return o >= Errored }

// Format is what a test report was read from.
type Format string

// The formats of test reports.
const (
	FormatJUnit      Format = "junit-xml"
	FormatPlaywright Format = "playwright-json"
)

// Report is one test report.
type Report struct {
	Format     Format        // what it was read from
	Tool       string        // the writer's name as far as the report tells: "Playwright", "pytest"; otherwise empty
	Version    string        // its version; JUnit never tells
	Name       string        // name of the run; often empty
	Started    time.Time     // earliest time that the report states; zero when it states none
	Duration   time.Duration // as stated for the whole run, which may be less than the sum of parallel tests; 0 when not stated
	Declared   Declared      // totals that the report states for the whole run
	Suites     []*Suite      // top-level suites, in document order
	Cases      []*Case       // cases outside any suite
	Properties []Property
	Commit     string            // of the tests' own repository; only Playwright's own report states it
	BaseURLs   []string          // where the tests were pointed at; only Playwright's own report states it, at most 20
	Errors     []Result          // what went wrong outside any test
	Problems   evidence.Problems // totals that disagree, and what the model could not hold; never a reason to refuse
	Clipped    int               // how many texts were cut to ReadOptions.TextBytes
}

// Suite is a group of cases and of smaller suites.
type Suite struct {
	Name       string // often a file or a class
	Package    string
	File       string
	Hostname   string // Playwright writes the project (the browser) here
	Started    time.Time
	Duration   time.Duration // as stated; 0 when not stated
	Declared   Declared
	Properties []Property
	Suites     []*Suite
	Cases      []*Case
	SystemOut  string
	SystemErr  string
}

// Case is one test.
type Case struct {
	ID          string // Playwright's own, in its own report; empty elsewhere
	Name        string // Playwright: titles from the outermost describe on, joined with " › "
	Class       string // class, module or file
	File        string
	Line        int    // 0 when not stated
	Project     string // Playwright's project, such as the browser
	Status      string // the writer's own word, when it gives one
	Outcome     Outcome
	Duration    time.Duration // of all attempts; 0 when not stated
	Attempts    int           // how often it was run, as far as the report tells; 0 for a test that was not run
	Results     []Result      // everything other than a pass, in document order
	Properties  []Property    // annotations too
	Attachments []Attachment
	SystemOut   string // several are joined
	SystemErr   string
}

// Result is what one attempt of a test says when it did not simply pass.
type Result struct {
	Kind    string // JUnit's element: failure, error, skipped, flakyFailure, flakyError, rerunFailure, rerunError, rerun
	Type    string // class of exception or assertion; often empty
	Message string
	Text    string // stack trace or output
}

// Property is a name and a value, as a tool or a test set it.
type Property struct {
	Name  string
	Value string
}

// Declared are the totals that a report states of itself. A negative number is
// one that is not stated.
type Declared struct {
	Tests, Failures, Errors, Skipped, Flaky int
}

func undeclared() Declared { return Declared{-1, -1, -1, -1, -1} }

// Counts are numbers of cases by outcome.
type Counts struct {
	Tests   int `json:"tests"` // the sum of the others
	Passed  int `json:"passed"`
	Skipped int `json:"skipped"`
	Flaky   int `json:"flaky"`
	Errors  int `json:"errors"`
	Failed  int `json:"failed"`
}

func (c *Counts) add(o Outcome) {
	c.Tests++
	switch o {
	case Passed:
		c.Passed++
	case Skipped:
		c.Skipped++
	case Flaky:
		c.Flaky++
	case Errored:
		c.Errors++
	case Failed:
		c.Failed++
	}
}

// worst returns the worst outcome that is counted, NoOutcome when there is none.
func (c Counts) worst() Outcome {
	switch {
	case c.Failed > 0:
		return Failed
	case c.Errors > 0:
		return Errored
	case c.Flaky > 0:
		return Flaky
	case c.Skipped > 0:
		return Skipped
	case c.Passed > 0:
		return Passed
	}
	return NoOutcome
}

// All calls yield for every case of the report with the suites it is in, the
// outermost first, in document order. The slice is valid during the call.
// A range over r.All gives the same.
func (r *Report) All(yield func(path []*Suite, c *Case) bool) {
	var path []*Suite
	for _, s := range r.Suites {
		if !s.all(&path, yield) {
			return
		}
	}
	for _, c := range r.Cases {
		if !yield(nil, c) {
			return
		}
	}
}

// all does not recurse beyond the depth that the reader allowed.
func (s *Suite) all(path *[]*Suite, yield func([]*Suite, *Case) bool) bool {
	*path = append(*path, s)
	defer func() { *path = (*path)[:len(*path)-1] }()
	for _, c := range s.Cases {
		if !yield(*path, c) {
			return false
		}
	}
	for _, sub := range s.Suites {
		if !sub.all(path, yield) {
			return false
		}
	}
	return true
}

// Counts counts the cases of the report.
func (r *Report) Counts() Counts {
	var n Counts
	for _, c := range r.All {
		n.add(c.Outcome)
	}
	return n
}

// ReadOptions says how much a reader takes in. Nil and the zero value mean the
// defaults, which are the strictest.
type ReadOptions struct {
	Limits evidence.Limits // Tests and TestText bound how many suites, cases and parts of them a report may hold, and how much text of them is kept

	// TextBytes is how much of each output, stack trace and message is kept; 0
	// means 64 KiB. Attachments and properties in outputs are looked for in all of
	// it. What is cut is counted in Report.Clipped.
	TextBytes int
}

func (o *ReadOptions) orDefault() ReadOptions {
	var opts ReadOptions
	if o != nil {
		opts = *o
	}
	opts.Limits = opts.Limits.OrDefault()
	opts.TextBytes = cmp.Or(max(opts.TextBytes, 0), 64<<10)
	return opts
}

// keeper counts what a report takes in, cuts long texts and keeps problems.
type keeper struct {
	opts     ReadOptions
	items    int
	bytes    int64 // of the texts that were kept
	clipped  int
	problems evidence.Problems
	grave    int // problems that are errors
}

// take counts one more suite, case or part. It returns why it may not be kept,
// nothing when it may.
func (k *keeper) take() (why string) {
	k.items++
	switch {
	case k.items > k.opts.Limits.Tests:
		return fmt.Sprintf("more than %d parts", k.opts.Limits.Tests)
	case k.bytes > k.opts.Limits.TestText:
		return fmt.Sprintf("more than %d bytes of text to keep", k.opts.Limits.TestText)
	}
	return ""
}

// text cuts s to what is kept. The cut text has memory of its own.
func (k *keeper) text(s string) string {
	if len(s) > k.opts.TextBytes {
		k.clipped++
		s = string([]byte(textfmt.Clip(s, k.opts.TextBytes)))
	}
	k.bytes += int64(len(s))
	return s
}

// note keeps a problem: of errors, and of lesser ones, as many as tell anybody
// anything. Neither can crowd the other out.
func (k *keeper) note(p *evidence.Problem) {
	const most = 1000
	if p.Severity == evidence.SeverityError {
		k.grave++
	}
	if p.Severity == evidence.SeverityError && k.grave <= most || p.Severity != evidence.SeverityError && len(k.problems)-min(k.grave, most) < most {
		k.problems = append(k.problems, p)
	}
}

// textBuilder joins texts up to what is kept.
type textBuilder struct {
	b    []byte
	over bool
}

func (t *textBuilder) add(s string, k *keeper) {
	room := k.opts.TextBytes - len(t.b)
	if len(s) > room {
		if !t.over {
			k.clipped++
		}
		t.over = true
		s = textfmt.Clip(s, max(room, len("...")))
		if room <= 0 {
			return
		}
	}
	t.b = append(t.b, s...)
	k.bytes += int64(len(s))
}

func (t *textBuilder) text() string { return string(t.b) }

// finish sets what follows from the rest of the report.
func (r *Report) finish(k *keeper) {
	r.Clipped, r.Problems = k.clipped, k.problems
	slices.SortStableFunc(r.Problems, func(a, b *evidence.Problem) int { return cmp.Compare(a.Offset, b.Offset) })
	for s := range r.suites {
		if !s.Started.IsZero() && (r.Started.IsZero() || s.Started.Before(r.Started)) {
			r.Started = s.Started
		}
		if r.Tool == "" && s.Name == "pytest" {
			r.Tool = "pytest"
		}
	}
}

// suites is every suite of the report, outer ones before inner ones.
func (r *Report) suites(yield func(*Suite) bool) {
	todo := slices.Clone(r.Suites)
	slices.Reverse(todo)
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !yield(s) {
			return
		}
		for _, sub := range slices.Backward(s.Suites) {
			todo = append(todo, sub)
		}
	}
}
