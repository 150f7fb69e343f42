// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"cmp"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	junitform "github.com/HailBytes/evidence/internal/junit"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/internal/xmlstrict"
)

// ReadJUnit reads one JUnit XML report of any dialect: there is no one
// schema, so elements are taken where writers put them, and what a report says
// twice is compared.
//
// The error is a *Problem of a class above with line and column, or that of r.
// A report that holds no test is read; it is [Summary.OK] that refuses it.
// A scanner's findings in JUnit's clothes are refused with code junit.scan.
func ReadJUnit(r io.Reader, o *ReadOptions) (*Report, error) {
	opts := o.orDefault()
	j := &junit{
		d:    xmlstrict.New(r, xmlstrict.Options{Limits: opts.Limits}),
		keep: keeper{opts: opts},
		rep:  &Report{Format: FormatJUnit, Declared: undeclared()},
		lost: map[xmlstrict.Name]bool{},
	}
	j.root()
	if err := j.d.End(); err != nil {
		return nil, err
	}
	if j.scan.Is() {
		return nil, &evidence.Problem{
			Code: "junit.scan", Severity: evidence.SeverityError, Line: 1, Column: 1, Err: evidence.ErrUnsupported,
			Message: "the cases are findings of a scanner, not tests",
		}
	}
	j.playwright()
	j.rep.finish(&j.keep)
	return j.rep, nil
}

// junit is the state of reading one report.
type junit struct {
	d     *xmlstrict.Decoder
	keep  keeper
	rep   *Report
	space string                  // namespace of the root; elements of another one are not JUnit's
	lost  map[xmlstrict.Name]bool // elements that were told as lost

	scan  junitform.Scan
	hasID bool // the root has an attribute id
}

// problem notes a problem about the current element.
func (j *junit) problem(severity evidence.Severity, code string, class error, format string, args ...any) *evidence.Problem {
	p := j.d.Problem(code, severity, class, format, args...)
	j.keep.note(p)
	return p
}

func (j *junit) root() {
	name := j.d.Root()
	j.space = name.Space
	switch name.Local {
	case "testsuites":
		j.rep.Name = j.attr("name")
		j.scan.Root(j.rep.Name)
		_, j.hasID = j.d.Attr("id")
		j.rep.Started = j.time("timestamp")
		j.rep.Duration = j.duration()
		j.rep.Declared = j.declared()
		at := j.d.Pos()
		var all, direct tally
		for depth := j.d.Depth(); j.d.Child(depth); {
			switch name := j.element(); name {
			case "testsuite", "testsuites":
				s, n := j.suite()
				j.rep.Suites = append(j.rep.Suites, s)
				all.sum(n)
			case "testcase":
				c, n := j.testcase()
				j.rep.Cases = append(j.rep.Cases, c)
				all.sum(n)
				direct.sum(n)
			case "properties":
				j.rep.Properties = j.properties(j.rep.Properties)
			case "":
			default:
				j.outside(name, &all)
			}
		}
		j.compare(at, "report", j.rep.Declared, all, direct)
	case "testsuite":
		s, _ := j.suite()
		j.scan.Root(s.Name)
		j.rep.Suites = append(j.rep.Suites, s)
	case "":
		// The decoder has the error.
	default:
		j.d.Fail(j.d.Problem("junit.root", evidence.SeverityError, evidence.ErrFormat,
			"root element is %s, want testsuites or testsuite", textfmt.Quote(name.Local)))
	}
}

// playwright tells reports of Playwright by the root's id, which is always there,
// and by suites that stand for a file, as their cases' class does. A suite's
// hostname is the project.
func (j *junit) playwright() {
	some := false
	for _, s := range j.rep.Suites {
		if len(s.Cases) == 0 {
			continue
		}
		if some = true; s.Cases[0].Class != s.Name || !j.hasID && !junitform.PlaywrightSuite(s.Name) {
			return
		}
	}
	if !some {
		return
	}
	j.rep.Tool = "Playwright"
	for _, s := range j.rep.Suites {
		for _, c := range s.Cases {
			c.Project = s.Hostname
		}
	}
}

// element returns the local name of the current element if it is JUnit's. Of
// others it tells, once for each name, that they are lost.
func (j *junit) element() string {
	name := j.d.Name()
	if name.Space == j.space {
		switch name.Local {
		case "testsuites", "testsuite", "testcase", "properties", "property", "system-out", "system-err",
			"failure", "error", "skipped", "ignored", "disabled",
			"flakyFailure", "flakyError", "rerunFailure", "rerunError", "rerun", "stackTrace":
			return name.Local
		}
	}
	j.losing()
	return ""
}

// outside reads a failure or an error that stands in no case: what broke before
// or after the tests.
func (j *junit) outside(name string, all *tally) {
	outcome, again := outcomeOf(name)
	if !outcome.Broken() || again {
		j.losing()
		return
	}
	all.element(name)
	var c Case
	var out, err textBuilder
	j.result(&c, &out, &err)
	j.rep.Errors = append(j.rep.Errors, c.Results...)
}

// losing tells that the current element is not in the model: an error where it is
// one that says how tests ended, in a place where no writer puts it.
func (j *junit) losing() {
	const most = 100
	name := j.d.Name()
	severity := evidence.SeverityWarning
	if name.Space == j.space {
		switch outcome, _ := outcomeOf(name.Local); {
		case outcome.Broken(), name.Local == "testcase", name.Local == "testsuite", name.Local == "testsuites":
			severity = evidence.SeverityError
		}
	}
	if j.lost[name] || len(j.lost) >= most && severity != evidence.SeverityError {
		return
	}
	j.lost[name] = true
	j.problem(severity, "junit.element", evidence.ErrUnsupported, "element %s is not read here", textfmt.Quote(name.Local))
}

func (j *junit) attr(name string) string {
	v, _ := j.d.Attr(name)
	return j.keep.text(v)
}

func (j *junit) take() bool {
	why := j.keep.take()
	if why != "" {
		j.d.Fail(j.d.Problem("junit.tests", evidence.SeverityError, evidence.ErrLimit, "suites, cases and their parts: %s", why))
	}
	return why == ""
}

func (j *junit) time(attr string) time.Time {
	s, _ := j.d.Attr(attr)
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}
	}
	t, ok := parseTime(s)
	if !ok {
		j.problem(evidence.SeverityInfo, "junit.timestamp", evidence.ErrFormat, "timestamp %s is not ISO 8601", textfmt.Quote(s))
	}
	return t
}

func (j *junit) duration() time.Duration {
	s, _ := j.d.Attr("time")
	d, why := parseDuration(s)
	switch why {
	case "":
	case negative, notDuration: // clocks that were set back, and words
		j.problem(evidence.SeverityWarning, "junit.duration", evidence.ErrFormat, "time %s %s; taken as not stated", textfmt.Quote(s), why)
	default:
		j.d.Fail(j.d.Problem("junit.duration", evidence.SeverityError, evidence.ErrFormat, "time %s %s", textfmt.Quote(s), why))
	}
	return d
}

func (j *junit) suite() (*Suite, tally) {
	var all, direct tally
	if !j.take() {
		return &Suite{}, all
	}
	s := &Suite{
		Name: j.attr("name"), Package: j.attr("package"), File: j.attr("file"), Hostname: j.attr("hostname"),
		Started: j.time("timestamp"), Duration: j.duration(), Declared: j.declared(),
	}
	at := j.d.Pos()
	var out, err textBuilder
	for depth := j.d.Depth(); j.d.Child(depth); {
		switch name := j.element(); name {
		case "testsuite", "testsuites":
			sub, n := j.suite()
			s.Suites = append(s.Suites, sub)
			all.sum(n)
		case "testcase":
			c, n := j.testcase()
			s.Cases = append(s.Cases, c)
			all.sum(n)
			direct.sum(n)
		case "properties":
			s.Properties = j.properties(s.Properties)
		case "system-out":
			out.add(j.d.Content(), &j.keep)
		case "system-err":
			err.add(j.d.Content(), &j.keep)
		case "":
		default:
			j.outside(name, &all)
		}
	}
	s.SystemOut, s.SystemErr = out.text(), err.text()
	stated := s.Declared
	if s.Hostname == "tbd" { // Catch2, whose tests are assertions
		stated.Tests = -1
	}
	j.compare(at, "suite "+textfmt.Quote(s.Name), stated, all, direct)
	return s, all
}

func (j *junit) testcase() (*Case, tally) {
	if !j.take() {
		return &Case{}, tally{}
	}
	c := &Case{
		Name: j.attr("name"), Class: cmp.Or(j.attr("classname"), j.attr("class")), File: j.attr("file"),
		Status: j.attr("status"), Duration: j.duration(), Outcome: Passed, Attempts: 1,
	}
	if line, err := strconv.Atoi(j.attr("line")); err == nil {
		c.Line = max(line, 0)
	}
	c.Outcome = max(c.Outcome, statusOutcome(c.Status), statusOutcome(j.attr("result")))
	var n tally
	var out, err textBuilder
	rerun := NoOutcome // the worst of later attempts
	for depth := j.d.Depth(); j.d.Child(depth); {
		switch name := j.element(); name {
		case "properties":
			c.Properties = j.properties(c.Properties)
		case "system-out":
			j.output(c, &out)
		case "system-err":
			j.output(c, &err)
		case "":
		default:
			outcome, again := outcomeOf(name)
			if outcome == NoOutcome {
				j.losing()
				continue
			}
			n.element(name)
			if again {
				c.Attempts++
			}
			if again && outcome != Flaky {
				rerun = max(rerun, outcome)
			} else {
				c.Outcome = max(c.Outcome, outcome)
			}
			j.result(c, &out, &err)
		}
	}
	// Reruns that fail stand beside the failure or error of the first run, which
	// says what the case is; alone they are no pass.
	if !c.Outcome.Broken() {
		c.Outcome = max(c.Outcome, rerun)
	}
	if c.Outcome == Skipped {
		c.Attempts = 0
	}
	for _, p := range c.Properties {
		if p.Name == "attachment" {
			c.Attachments = append(c.Attachments, Attachment{Path: p.Value})
		}
	}
	c.attachOnce()
	c.SystemOut, c.SystemErr = out.text(), err.text()
	j.scan.Case(c.Name)
	n.cases.add(c.Outcome)
	n.failedCases, n.erroredCases, n.skippedCases = min(n.failures, 1), min(n.errors, 1), min(n.skipped, 1)
	return c, n
}

// outcomeOf is what a child element says of its case, and whether it stands for
// one more attempt. NoOutcome is that of other elements.
func outcomeOf(element string) (outcome Outcome, again bool) {
	switch element {
	case "failure":
		return Failed, false
	case "error":
		return Errored, false
	case "skipped", "ignored", "disabled":
		return Skipped, false
	case "flakyFailure", "flakyError", "rerun":
		return Flaky, true
	case "rerunFailure":
		return Failed, true
	case "rerunError":
		return Errored, true
	}
	return NoOutcome, false
}

// statusOutcome is what the attributes status and result of GoogleTest and a
// few others add to what the child elements say.
func statusOutcome(s string) Outcome {
	switch strings.ToLower(s) {
	case "notrun", "skipped", "disabled", "ignored", "suppressed", "pending":
		return Skipped
	case "error", "errored", "broken", "interrupted", "aborted", "timeout", "timedout":
		return Errored
	case "fail", "failed", "failure":
		return Failed
	}
	return NoOutcome
}

// result reads an outcome element, with the stack trace and the output that
// Surefire puts into those of single attempts.
func (j *junit) result(c *Case, out, err *textBuilder) {
	if !j.take() {
		return
	}
	res := Result{Kind: j.d.Name().Local, Type: j.attr("type"), Message: j.attr("message")}
	var text textBuilder
	for depth := j.d.Depth(); j.d.Depth() >= depth; {
		switch j.d.Next() {
		case xmlstrict.Invalid:
			return
		case xmlstrict.Text:
			text.add(string(j.d.Text()), &j.keep)
		case xmlstrict.Start:
			switch j.element() {
			case "stackTrace":
				text.add(j.d.Content(), &j.keep)
			case "system-out":
				j.output(c, out)
			case "system-err":
				j.output(c, err)
			case "":
			default:
				j.losing()
			}
		}
	}
	res.Text = text.text()
	c.Results = append(c.Results, res)
}

// output reads system-out or system-err and what it attaches.
func (j *junit) output(c *Case, to *textBuilder) {
	s := j.d.Content()
	c.markers(s, &j.keep, j.take)
	to.add(s, &j.keep)
}

func (j *junit) properties(list []Property) []Property {
	for depth := j.d.Depth(); j.d.Child(depth); {
		switch j.element() {
		case "property":
		case "":
			continue
		default:
			j.losing()
			continue
		}
		if !j.take() {
			break
		}
		p := Property{Name: j.attr("name")}
		if value, ok := j.d.Attr("value"); ok {
			p.Value = j.keep.text(value)
		} else {
			p.Value = j.keep.text(j.d.Content())
		}
		list = append(list, p)
	}
	return list
}
