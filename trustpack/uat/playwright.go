// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"encoding/base64"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ReadPlaywright reads a report of Playwright's JSON reporter, which alone says
// which tests are flaky. Cases are named as in its JUnit report: the file as the
// class, the titles joined with " › ", so that the two can be held together.
//
// The outcome of each test is computed from its attempts; where the report says
// another one, the worse counts and the disagreement is a problem of the report.
//
// The error is a *Problem with JSON pointer, line and column, or that of r.
func ReadPlaywright(r io.Reader, o *ReadOptions) (*Report, error) {
	opts := o.orDefault()
	text, _ := jsonstrict.UTF8(r)
	p := &playwright{
		d:    jsonstrict.New(text, jsonstrict.Options{Limits: opts.Limits}),
		keep: keeper{opts: opts},
		rep:  &Report{Format: FormatPlaywright, Tool: "Playwright", Declared: undeclared()},
	}
	p.report()
	if err := p.d.End(); err != nil {
		return nil, err
	}
	p.rep.finish(&p.keep)
	return p.rep, nil
}

// playwright is the state of reading one report.
type playwright struct {
	d         *jsonstrict.Decoder
	keep      keeper
	rep       *Report
	configDir string // folder of the configuration file on the machine that ran the tests

	interrupted []*Case // tests that were broken off: their names are known when the report is read
	names       int     // bytes of joined titles: each describe block stands in the name of every test in it
}

func (p *playwright) report() {
	var suites, config, results bool
	stated := map[string]int{}
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "config":
			config = true
			p.config()
		case "suites":
			suites = true
			for p.d.Array(); p.d.Next(); {
				if s := p.suite(nil); s != nil {
					p.rep.Suites = append(p.rep.Suites, s)
				}
			}
		case "errors":
			results = true
			for p.d.Array(); p.d.Next(); {
				if p.take() {
					p.rep.Errors = append(p.rep.Errors, p.failure())
				}
			}
		case "stats":
			results = true
			p.stats(stated)
		}
	}
	if p.d.Err() == nil && !(suites && config && results) { // older versions write no stats

		p.d.Fail(&evidence.Problem{
			Code: "playwright.root", Severity: evidence.SeverityError, Line: 1, Column: 1, Err: evidence.ErrFormat,
			Message: "not a Playwright report: config, suites, and stats or errors are not there",
		})
		return
	}
	p.compare(stated)
	for _, c := range p.interrupted {
		if p.take() { // Playwright counts such a test as skipped; the run was not whole
			p.rep.Errors = append(p.rep.Errors, Result{Kind: "error", Type: "interrupted", Message: "the run was interrupted in test " + textfmt.Quote(c.Name)})
		}
	}
	for _, c := range p.rep.All {
		for i := range c.Attachments {
			a := &c.Attachments[i]
			if rel, ok := strings.CutPrefix(a.Path, p.configDir+"/"); ok && p.configDir != "" {
				a.Relative = rel
			}
		}
	}
}

// text reads a string as far as it is kept; anything else is skipped.
func (p *playwright) text() string {
	if p.d.Kind() != jsonstrict.String {
		p.d.Skip()
		return ""
	}
	return p.keep.text(p.d.String())
}

func (p *playwright) take() bool {
	why := p.keep.take()
	if why != "" {
		p.d.Fail(p.d.Problem("playwright.tests", evidence.SeverityError, evidence.ErrLimit, "suites, cases and their parts: %s", why))
	}
	return why == ""
}

func (p *playwright) problem(severity evidence.Severity, code string, class error, format string, args ...any) {
	p.keep.note(p.d.Problem(code, severity, class, format, args...))
}

func (p *playwright) time() time.Time {
	s := p.text()
	t, ok := parseTime(s)
	if !ok && s != "" {
		p.problem(evidence.SeverityInfo, "playwright.timestamp", evidence.ErrFormat, "timestamp %s is not ISO 8601", textfmt.Quote(s))
	}
	return t
}

// milliseconds reads a duration.
func (p *playwright) milliseconds() time.Duration {
	if p.d.Kind() != jsonstrict.Number {
		p.d.Skip()
		return 0
	}
	d, why := seconds(p.d.Float64() / 1000)
	switch why {
	case "":
	case negative: // a clock that was set back
		p.problem(evidence.SeverityWarning, "playwright.duration", evidence.ErrFormat, "duration %s; taken as not stated", why)
	default:
		p.d.Fail(p.d.Problem("playwright.duration", evidence.SeverityError, evidence.ErrFormat, "duration %s", why))
	}
	return d
}

func (p *playwright) config() {
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "version":
			p.rep.Version = p.text()
		case "configFile":
			if file := strings.ReplaceAll(p.text(), `\`, "/"); strings.Contains(file, "/") {
				p.configDir = strings.TrimSuffix(path.Dir(file), "/")
			}
		case "metadata":
			p.metadata()
		case "projects", "filteredProjects":
			for p.d.Array(); p.d.Next(); {
				p.project()
			}
		}
	}
}

// metadata takes the commit that Playwright notes of a checkout or of the CI that runs
// it: gitCommit.hash, ci.commitHash, and "revision.id" of versions before 1.51.
func (p *playwright) metadata() {
	if p.d.Kind() != jsonstrict.Object {
		return
	}
	note := func(commit string) {
		if p.rep.Commit == "" {
			p.rep.Commit = commit
		}
	}
	for p.d.Object(); p.d.Next(); {
		key := string(p.d.Key())
		switch {
		case key == "revision.id":
			note(p.text())
		case (key == "gitCommit" || key == "ci") && p.d.Kind() == jsonstrict.Object:
			for p.d.Object(); p.d.Next(); {
				if name := string(p.d.Key()); name == "hash" || name == "commitHash" {
					note(p.text())
				}
			}
		}
	}
}

// project takes from the settings of a project where its tests are pointed at.
func (p *playwright) project() {
	for p.d.Object(); p.d.Next(); {
		if string(p.d.Key()) != "use" {
			continue
		}
		for p.d.Object(); p.d.Next(); {
			if string(p.d.Key()) != "baseURL" {
				continue
			}
			if base := p.text(); base != "" && !slices.Contains(p.rep.BaseURLs, base) && len(p.rep.BaseURLs) < mostBaseURLs {
				p.rep.BaseURLs = append(p.rep.BaseURLs, base)
			}
		}
	}
}

// mostBaseURLs bounds Report.BaseURLs: a run has one, or one for each project.
const mostBaseURLs = 20

func (p *playwright) stats(stated map[string]int) {
	for p.d.Object(); p.d.Next(); {
		switch key := string(p.d.Key()); key {
		case "startTime":
			p.rep.Started = p.time()
		case "duration":
			p.rep.Duration = p.milliseconds()
		case "expected", "skipped", "unexpected", "flaky":
			stated[key] = int(min(max(p.d.Int64(), 0), 1<<31-1))
		}
	}
}

// compare holds the stated totals against the cases.
func (p *playwright) compare(stated map[string]int) {
	n := p.rep.Counts()
	total := 0
	for _, v := range stated {
		total += v
	}
	if len(stated) > 0 {
		p.rep.Declared.Tests, p.rep.Declared.Skipped, p.rep.Declared.Flaky = total, stated["skipped"], stated["flaky"]
	}
	for _, c := range []struct {
		name  string
		found int
	}{{"expected", n.Passed}, {"skipped", n.Skipped}, {"unexpected", n.Failed + n.Errors}, {"flaky", n.Flaky}} {
		v, ok := stated[c.name]
		if !ok || v == c.found {
			continue
		}
		severity := evidence.SeverityWarning
		if total > n.Tests || c.name == "unexpected" && v > c.found {
			severity = evidence.SeverityError
		}
		p.problem(severity, "playwright.count", evidence.ErrMismatch, "stats state %d %s, the tests are %d", v, c.name, c.found)
	}
}

// suite reads a file or a describe block. Only files are suites of the report,
// as in the JUnit reporter; the cases of describe blocks go to their file.
func (p *playwright) suite(file *Suite) *Suite {
	if !p.take() {
		return nil
	}
	top := file == nil
	if top {
		file = &Suite{Declared: undeclared()}
	}
	// The title comes before specs and suites in what Playwright writes; another
	// order would name cases without it, so the parts wait for the whole object.
	var title string
	var specs []*Case
	first := len(file.Cases)
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "title":
			title = p.text()
		case "file":
			if name := p.text(); top {
				file.File = name
			}
		case "specs":
			for p.d.Array(); p.d.Next(); {
				specs = append(specs, p.spec()...)
			}
		case "suites":
			for p.d.Array(); p.d.Next(); {
				p.suite(file)
			}
		}
	}
	inner := file.Cases[first:]
	if top {
		file.Name = title
		file.Cases = append(specs, inner...)
		for _, c := range file.Cases {
			c.Class = title
		}
		return file
	}
	ordered := append(specs, inner...)
	for _, c := range ordered {
		if title != "" {
			c.Name = title + " › " + c.Name
		}
		if p.names += len(c.Name); p.names > p.keep.opts.Limits.StringBytes {
			p.d.Fail(p.d.Problem("playwright.names", evidence.SeverityError, evidence.ErrLimit,
				"names of the tests are longer than %d bytes together", p.keep.opts.Limits.StringBytes))
			break
		}
	}
	file.Cases = append(file.Cases[:first:first], ordered...)
	return nil
}

// spec reads one test as it stands in the file: a case for each project.
func (p *playwright) spec() []*Case {
	var title, file, id string
	var line int
	var cases []*Case
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "id":
			id = p.text()
		case "title":
			title = p.text()
		case "file":
			file = p.text()
		case "line":
			line = int(min(max(p.d.Int64(), 0), 1<<31-1))
		case "tests":
			for p.d.Array(); p.d.Next(); {
				if !p.take() {
					break
				}
				cases = append(cases, p.test())
			}
		}
	}
	for _, c := range cases {
		c.ID, c.Name, c.File, c.Line = id, title, file, line
	}
	return cases
}

// test reads one test of one project with its attempts.
func (p *playwright) test() *Case {
	c := &Case{}
	expected := "passed"
	var statuses []string
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "expectedStatus":
			expected = p.text()
		case "status":
			c.Status = p.text()
		case "projectName":
			c.Project = p.text()
		case "annotations":
			for p.d.Array(); p.d.Next(); {
				if p.take() {
					c.Properties = append(c.Properties, p.annotation())
				}
			}
		case "results":
			for p.d.Array(); p.d.Next(); {
				if p.take() {
					statuses = append(statuses, p.attempt(c))
				}
			}
		}
	}
	c.Outcome = playwrightOutcome(statuses, expected, c.Results)
	if c.Outcome == Skipped && slices.Contains(statuses, "interrupted") {
		p.interrupted = append(p.interrupted, c)
	}
	var stated Outcome
	switch c.Status {
	case "expected":
		stated = Passed
	case "skipped":
		stated = Skipped
	case "flaky":
		stated = Flaky
	case "unexpected":
		stated = Failed
	}
	if stated != c.Outcome && !(stated == Failed && c.Outcome == Errored) {
		p.problem(evidence.SeverityWarning, "playwright.status", evidence.ErrMismatch,
			"status is %s, but the attempts come to %s", textfmt.Quote(c.Status), c.Outcome)
		c.Outcome = max(c.Outcome, stated)
	}
	for _, s := range statuses {
		if s != "skipped" {
			c.Attempts++
		}
	}
	// What the attempts say of their errors fits the outcome's name in JUnit.
	for i := range c.Results {
		res := &c.Results[i]
		switch {
		case c.Outcome == Flaky:
			res.Kind = map[string]string{"failure": "flakyFailure", "error": "flakyError"}[res.Kind]
		case c.Outcome == Passed:
			res.Kind = "expected"
		case i > 0:
			res.Kind = map[string]string{"failure": "rerunFailure", "error": "rerunError"}[res.Kind]
		}
	}
	if c.Outcome == Skipped && len(c.Results) == 0 {
		c.Results = []Result{{Kind: "skipped"}}
	}
	c.attachOnce()
	return c
}

// playwrightOutcome follows computeTestCaseOutcome of Playwright 1.65, with its
// JUnit reporter's choice between a failure and an error.
func playwrightOutcome(statuses []string, expected string, results []Result) Outcome {
	var skipped, good, bad int
	for _, s := range statuses {
		switch {
		case s == "interrupted":
		case s == "skipped" && expected == "skipped":
			skipped++
		case s == "skipped":
		case s == expected:
			good++
		default:
			bad++
		}
	}
	switch {
	case good == 0 && bad == 0:
		return Skipped
	case bad == 0:
		return Passed
	case good > 0 || skipped > 0:
		return Flaky
	case len(results) > 0 && results[0].Kind == "error":
		return Errored
	}
	return Failed
}

func (p *playwright) annotation() Property {
	var a Property
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "type":
			a.Name = p.text()
		case "description":
			a.Value = p.text()
		}
	}
	return a
}

// attempt reads one run of a test into c and returns its status.
func (p *playwright) attempt(c *Case) (status string) {
	var stdout, stderr textBuilder
	stdout.b, stderr.b = []byte(c.SystemOut), []byte(c.SystemErr)
	failed := false
	var first Result
	var more textBuilder // of further errors
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "status":
			status = p.text()
		case "duration":
			c.Duration = longer(c.Duration, p.milliseconds())
		case "error":
			if p.d.Kind() == jsonstrict.Object && !failed {
				failed, first = true, p.failure()
			}
		case "errors": // the first of them is error, in a form for people; soft assertions make more
			n := 0
			for p.d.Array(); p.d.Next(); n++ {
				switch res := p.failure(); {
				case !failed:
					failed, first = true, res
				case n > 0:
					more.add("\n\n"+res.Text, &p.keep)
				}
			}
		case "attachments":
			for p.d.Array(); p.d.Next(); {
				if p.take() {
					c.Attachments = append(c.Attachments, p.attachment())
				}
			}
		case "stdout":
			p.output(&stdout)
		case "stderr":
			p.output(&stderr)
		}
	}
	if failed && p.take() {
		first.Text += more.text()
		c.Results = append(c.Results, first)
	}
	c.SystemOut, c.SystemErr = stdout.text(), stderr.text()
	return status
}

// output reads a list of {text} or {buffer}, the latter in base64.
func (p *playwright) output(to *textBuilder) {
	for p.d.Array(); p.d.Next(); {
		for p.d.Object(); p.d.Next(); {
			switch string(p.d.Key()) {
			case "text":
				to.add(p.d.String(), &p.keep)
			case "buffer":
				if b, err := base64.StdEncoding.DecodeString(p.d.String()); err == nil {
					to.add(strings.ToValidUTF8(string(b), "\uFFFD"), &p.keep)
				}
			}
		}
	}
}

func (p *playwright) attachment() Attachment {
	var a Attachment
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "name":
			a.Name = p.text()
		case "contentType":
			a.ContentType = p.text()
		case "path":
			a.Path = strings.ReplaceAll(p.text(), `\`, "/")
		case "body":
			if p.d.Kind() == jsonstrict.String {
				b := p.d.Bytes()
				a.Inline = int64(base64.StdEncoding.DecodedLen(len(b)))
				for n := len(b); n > 0 && b[n-1] == '='; n-- {
					a.Inline--
				}
			}
		}
	}
	return a
}

var (
	ansi        = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	expectation = regexp.MustCompile(`expect\(.*?\)\.(not\.)?(\w+)`)
	errorName   = regexp.MustCompile(`^(\w+): `)
)

// failure reads an error. As in Playwright's JUnit reporter, one of a matcher
// is a failure and any other an error.
func (p *playwright) failure() Result {
	res := Result{Kind: "error", Type: "Error"}
	var message, stack, value string
	for p.d.Object(); p.d.Next(); {
		switch string(p.d.Key()) {
		case "message":
			message = p.text()
		case "stack":
			stack = p.text()
		case "value":
			value = p.text()
		}
	}
	if message == "" {
		message = value
	}
	message = ansi.ReplaceAllString(message, "")
	if name := errorName.FindStringSubmatch(message); name != nil {
		res.Type = name[1]
	}
	if m := expectation.FindStringSubmatch(message); m != nil {
		res.Kind, res.Type = "failure", "expect."+m[1]+m[2]
	}
	res.Message, _, _ = strings.Cut(errorName.ReplaceAllString(message, ""), "\n")
	res.Message = strings.TrimSpace(res.Message)
	res.Text = ansi.ReplaceAllString(stack, "")
	if res.Text == "" {
		res.Text = message
	}
	return res
}
