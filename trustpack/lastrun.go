// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"path"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// The files that Playwright leaves beside its reports: the outcome of the last run, and
// what a test saw when it failed.
const (
	lastRunName      = ".last-run.json"
	errorContextName = "error-context.md"
)

func besideReports(name string) bool {
	base := path.Base(name)
	return base == lastRunName || base == errorContextName
}

// lastRun is what a .last-run.json states.
type lastRun struct {
	status string   // "passed", "failed", "timedout", "interrupted"
	failed []string // identifiers of the tests that failed
}

// mostFailedTests bounds the identifiers that are kept of one .last-run.json.
const mostFailedTests = 10_000

func readLastRun(data []byte, l evidence.Limits) (*lastRun, error) {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{Limits: l})
	run := &lastRun{}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "status":
			run.status = d.String()
		case "failedTests":
			for d.Array(); d.Next(); {
				if id := d.String(); len(run.failed) < mostFailedTests {
					run.failed = append(run.failed, id)
				}
			}
		}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return run, nil
}

// failedTest returns the name of the test that an error-context.md is about: the titles
// from the file on, joined with " >> ". It is empty where the text does not say.
func failedTest(data []byte) string {
	const most = 64 << 10 // the name stands before what the test saw
	for line := range bytes.Lines(data[:min(len(data), most)]) {
		if name, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("- Name: ")); ok {
			return textfmt.Clip(string(name), 4<<10)
		}
	}
	return ""
}

// readBeside reads what Playwright leaves beside its reports. A file that cannot be read
// states nothing.
func (d *Document) readBeside(data []byte, l evidence.Limits) error {
	if path.Base(d.File.Path) == errorContextName {
		d.failedTest = failedTest(data)
		return nil
	}
	run, err := readLastRun(data, l)
	if err != nil {
		if !evidence.IsVerdict(err) {
			return err
		}
		p := *problemsOf(err)[0]
		p.Severity = evidence.SeverityWarning
		return d.judge(lastRunID, evidence.Problems{&p}, nil, "")
	}
	d.lastRun = run
	return nil
}

const lastRunID = "uat.last-run"

// lastRunChecks holds the outcome of the last run, and the tests that failed in it,
// against Playwright's reports.
func lastRunChecks(r *Release) evidence.Checks {
	var checks evidence.Checks
	var played *playedTests
	for d := range r.Documents() {
		if d.lastRun == nil && d.failedTest == "" {
			continue
		}
		if played == nil {
			played = r.playedTests()
		}
		if played.reports == 0 {
			continue // nothing to compare with
		}
		l := lastRunCheck{d: d, played: played}
		if d.lastRun != nil {
			l.run(d.lastRun)
		} else {
			l.context(d.failedTest)
		}
		checks = append(checks, evidence.Judge(lastRunID, d.File.Path, l.problems, "agrees with the reports"))
	}
	return checks
}

// playedTests is what Playwright's reports state.
type playedTests struct {
	reports int
	broken  bool                       // a test failed, or something outside of the tests
	flaky   bool                       // a test failed at first
	clean   bool                       // one of the reports is of a run in which nothing failed
	byID    map[string]*uat.Case       // of Playwright's own reports
	byName  map[string]map[string]bool // "file >> title": the outcomes "passed" and "other"
}

func (r *Release) playedTests() *playedTests {
	p := &playedTests{byID: map[string]*uat.Case{}, byName: map[string]map[string]bool{}}
	for d := range r.Documents() {
		if d.Tests == nil || d.Tests.Tool != "Playwright" {
			continue
		}
		p.reports++
		broken := len(d.Tests.Errors) > 0
		for _, c := range d.Tests.All {
			broken = broken || c.Outcome.Broken()
			p.flaky = p.flaky || c.Outcome == uat.Flaky
			if c.ID != "" {
				p.byID[c.ID] = c
			}
			name := contextName(c.Class + " >> " + c.Name)
			if p.byName[name] == nil {
				p.byName[name] = map[string]bool{}
			}
			p.byName[name][map[bool]string{true: "passed", false: "other"}[passedAtOnce(c)]] = true
		}
		p.broken, p.clean = p.broken || broken, p.clean || !broken
	}
	return p
}

// contextName writes the titles of a test as they are joined in both kinds of files.
func contextName(s string) string { return strings.ReplaceAll(s, " › ", " >> ") }

// passedAtOnce reports whether a test passed, and no attempt of it failed.
func passedAtOnce(c *uat.Case) bool {
	if c.Outcome != uat.Passed || c.Attempts > 1 || len(c.Results) > 0 {
		return false
	}
	for _, a := range c.Attachments {
		if path.Base(strings.ReplaceAll(a.Path, `\`, "/")) == errorContextName {
			return false
		}
	}
	return true
}

type lastRunCheck struct {
	d        *Document
	played   *playedTests
	problems evidence.Problems
}

func (l *lastRunCheck) add(contradiction bool, format string, args ...any) {
	p := warning(lastRunID, l.d.File.Path, format, args...)
	if contradiction {
		p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
	}
	if len(l.problems) < mostProblems {
		l.problems = append(l.problems, p)
	}
}

func (l *lastRunCheck) run(run *lastRun) {
	p := l.played
	for _, id := range run.failed {
		switch c := p.byID[id]; {
		case c == nil && len(p.byID) > 0:
			l.add(false, "test %s failed, which no report of Playwright holds", textfmt.Quote(id))
		case c != nil && passedAtOnce(c):
			l.add(true, "test %s failed, in the report it passed", textfmt.Quote(c.Name))
		}
	}
	switch {
	case run.status == "passed":
		if !p.clean { // it may be of a later run than the reports
			l.add(false, "the last run passed, in the reports of Playwright a test failed")
		}
	case p.broken, run.status == "":
	case p.flaky && run.status == "failed": // Playwright can be told to fail for flaky tests
		l.add(false, "the last run failed, in the reports of Playwright tests failed at first only")
	default:
		l.add(true, "the last run ended as %s, in the reports of Playwright nothing failed", textfmt.Quote(run.status))
	}
}

func (l *lastRunCheck) context(name string) {
	switch outcomes := l.played.byName[contextName(name)]; {
	case outcomes == nil:
		l.add(false, "is about test %s, which no report of Playwright holds", textfmt.Quote(name))
	case !outcomes["other"]:
		l.add(true, "says that test %s failed, in the reports it passed", textfmt.Quote(name))
	}
}
