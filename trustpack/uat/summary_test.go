// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSummary(t *testing.T) {
	old := Summarize(readCorpus(t, "real/asm-1.481/uat/results/junit-playwright.xml"), readCorpus(t, "real/asm-1.481/uat/results/junit-selenium.xml"), readCorpus(t, "real/asm-1.481/uat/results/playwright.json"))
	now := Summarize(readCorpus(t, "real/asm-1.482/uat/results/junit-playwright.xml"), readCorpus(t, "real/asm-1.482/uat/results/junit-selenium.xml"), readCorpus(t, "real/asm-1.482/uat/results/playwright.json"))
	if got, want := old.Counts, (Counts{18, 12, 3, 1, 0, 2}); got != want || old.Outcome != Failed || old.OK() {
		t.Errorf("1.481: %+v, outcome %v, ok %v; want %+v, failed", got, old.Outcome, old.OK(), want)
	}
	if got, want := now.Counts, (Counts{18, 14, 3, 1, 0, 0}); got != want || now.Outcome != Flaky || !now.OK() {
		t.Errorf("1.482: %+v, outcome %v, ok %v; want %+v, flaky", got, now.Outcome, now.OK(), want)
	}
	want := []SuiteSummary{
		{Name: "pytest", Outcome: Skipped, Counts: Counts{9, 7, 2, 0, 0, 0}},
		{Name: "uat/dashboard.spec.ts", Outcome: Flaky, Counts: Counts{9, 7, 1, 1, 0, 0}},
	}
	for i := range now.Suites {
		if now.Suites[i].Duration <= 0 {
			t.Errorf("suite %s took %v", now.Suites[i].Name, now.Suites[i].Duration)
		}
		now.Suites[i].Duration = 0
	}
	if diff := cmp.Diff(want, now.Suites); diff != "" {
		t.Error(diff)
	}
	if first := old.NotPassed[0]; first.Outcome != Failed || first.Message == "" || len(old.NotPassed) != 6 {
		t.Errorf("unwell: %+v", old.NotPassed)
	}
}

func TestSummaryOK(t *testing.T) {
	for _, test := range []struct {
		name, in string
		ok       bool
		outcome  Outcome
	}{
		{"a pass", `<testsuite><testcase/></testsuite>`, true, Passed},
		{"a pass and a skip", `<testsuite><testcase/><testcase><skipped/></testcase></testsuite>`, true, Skipped},
		{"flaky", `<testsuite><testcase><flakyError/></testcase></testsuite>`, true, Flaky},
		{"zero tests", `<testsuites tests="0"><testsuite name="x" tests="0"/></testsuites>`, false, NoOutcome},
		{"all skipped", `<testsuite><testcase><skipped/></testcase></testsuite>`, false, Skipped},
		{"error", `<testsuite><testcase/><testcase><error/></testcase></testsuite>`, false, Errored},
		{"missing tests", `<testsuite tests="2"><testcase/></testsuite>`, false, Passed},
		{"more tests than stated", `<testsuite tests="1"><testcase/><testcase/></testsuite>`, true, Passed},
	} {
		if s := Summarize(read(t, test.in)); s.OK() != test.ok || s.Outcome != test.outcome {
			t.Errorf("%s: got %v, %v, want %v, %v", test.name, s.OK(), s.Outcome, test.ok, test.outcome)
		}
	}
	if new(Summary).OK() || Summarize().OK() {
		t.Error("no report is a pass")
	}
}

// TestJSON has the form in which summaries and changes are handed on: lists that
// are there when they are empty, outcomes as words, durations in nanoseconds.
func TestJSON(t *testing.T) {
	rep := read(t, `<testsuite name="s" timestamp="2026-01-02T03:04:05" tests="2"><testcase name="a" time="1.5"/>
<testcase name="b" classname="c"><failure message="m"/></testcase></testsuite>`)
	axe, err := ReadAxe(strings.NewReader(`{"testEngine":{"name":"axe-core","version":"4.14.1"},"url":"https://x/","timestamp":"2026-01-02T03:04:05Z",
"violations":[{"id":"v","tags":["wcag2aa","wcag143"],"nodes":[{}]}],"passes":[{"id":"v","tags":["wcag2aa","wcag143"],"nodes":[{},{},{},{},{},{},{},{},{},{}]}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	pages := SummarizeAccessibility(axe)
	pages.Criteria = Criteria(axe)[18:19]
	for _, test := range []struct {
		value any
		want  string
	}{
		{Summarize(), `{"outcome":"none","tests":0,"passed":0,"skipped":0,"flaky":0,"errors":0,"failed":0,"duration":0,"suites":[],"unwell":[]}`},
		{Summarize(rep), `{"outcome":"failed","tests":2,"passed":1,"skipped":0,"flaky":0,"errors":0,"failed":1,"duration":1500000000,"started":"2026-01-02T03:04:05Z",` +
			`"suites":[{"name":"s","outcome":"failed","tests":2,"passed":1,"skipped":0,"flaky":0,"errors":0,"failed":1,"duration":1500000000}],` +
			`"unwell":[{"class":"c","name":"b","outcome":"failed","message":"m"}]}`},
		{DiffTests(nil, []*Report{rep}), `{"broke":[{"class":"c","name":"b","before":"none","after":"failed"}],"stillBroken":[],"fixed":[],"flaky":[],"steady":[],"skipped":[],"unskipped":[],` +
			`"removed":[],"added":[{"class":"s","name":"a","before":"none","after":"passed"}],"unchanged":0}`},
		{pages, `{"pages":[{"url":"https://x/","time":"2026-01-02T03:04:05Z","engine":"axe-core 4.14.1","violations":{"rules":1,"elements":1},"needsReview":{"rules":0,"elements":0},` +
			`"passes":{"rules":1,"elements":10},"bestPractice":{"rules":0,"elements":0},"other":{"rules":0,"elements":0},"inapplicable":0,"partial":false}],` +
			`"violations":{"rules":1,"elements":1},"needsReview":{"rules":0,"elements":0},"criteria":[{"id":"1.4.3","name":"Contrast (Minimum)","level":"AA","since":"2.0","testable":true,` +
			`"status":"violated","violations":1,"needsReview":0,"passes":10,"rules":["v"]}]}`},
		{DiffAccessibility(nil, []*Accessibility{axe}), `{"new":[{"url":"https://x/","rule":"v","before":0,"after":1}],"fixed":[],"removed":[],"added":["https://x/"],"collapsed":[],"unchanged":0}`},
	} {
		got, err := json.Marshal(test.value)
		if err != nil || string(got) != test.want {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, test.want)
		}
	}
}

// TestOneRun has reports that are of one run, and reports that only look alike.
func TestOneRun(t *testing.T) {
	report := func(f Format, at time.Time, outcomes ...Outcome) *Report {
		s := &Suite{Name: "s"}
		for _, o := range outcomes {
			s.Cases = append(s.Cases, &Case{Name: "t", Class: "c", Outcome: o})
		}
		return &Report{Format: f, Started: at, Duration: time.Minute, Suites: []*Suite{s}}
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, test := range []struct {
		name     string
		p, j     *Report
		want     Counts
		problems int
	}{
		{"flaky in one", report(FormatPlaywright, at, Flaky, Passed), report(FormatJUnit, at.Add(time.Second), Passed, Passed), Counts{2, 1, 0, 1, 0, 0}, 0},
		{"disagreement", report(FormatPlaywright, at, Passed), report(FormatJUnit, at, Failed), Counts{1, 0, 0, 0, 0, 1}, 1},
		{"an hour later", report(FormatPlaywright, at, Passed), report(FormatJUnit, at.Add(time.Hour), Failed), Counts{2, 1, 0, 0, 0, 1}, 0},
		{"one test more", report(FormatPlaywright, at, Passed), report(FormatJUnit, at, Passed, Failed), Counts{3, 2, 0, 0, 0, 1}, 0},
		{"two of JUnit", report(FormatJUnit, at, Passed), report(FormatJUnit, at, Failed), Counts{2, 1, 0, 0, 0, 1}, 0},
	} {
		for _, order := range [][]*Report{{test.p, test.j}, {test.j, test.p}} {
			if s := Summarize(order...); s.Counts != test.want || len(s.Problems) != test.problems {
				t.Errorf("%s: got %+v, problems %v", test.name, s.Counts, s.Problems)
			}
		}
	}
}

func TestDiffTests(t *testing.T) {
	before := read(t, `<testsuite name="s">
<testcase name="broke"/><testcase name="still"><failure/></testcase><testcase name="fixed"><error/></testcase><testcase name="flaky"/>
<testcase name="steady"><flakyError/></testcase><testcase name="skipped"/><testcase name="unskipped"><skipped/></testcase>
<testcase name="gone"><failure/></testcase><testcase name="same"/><testcase name="twice"/><testcase name="twice"/></testsuite>`)
	after := read(t, `<testsuite name="s">
<testcase name="broke"><failure/></testcase><testcase name="still"><error/></testcase><testcase name="fixed"/><testcase name="flaky"><flakyFailure/></testcase>
<testcase name="steady"/><testcase name="skipped"><skipped/></testcase><testcase name="unskipped"/>
<testcase name="new"/><testcase name="newly broken"><failure/></testcase><testcase name="same"/><testcase name="twice"/><testcase name="twice"><failure/></testcase></testsuite>`)
	one := func(name string, before, after Outcome) []TestChange {
		return []TestChange{{TestID{Class: "s", Name: name}, before, after}}
	}
	want := &TestChanges{
		Broke:       append(one("broke", Passed, Failed), TestChange{TestID{Class: "s", Name: "newly broken"}, NoOutcome, Failed}, TestChange{TestID{Class: "s", Name: "twice", N: 1}, Passed, Failed}),
		StillBroken: one("still", Failed, Errored), Fixed: one("fixed", Errored, Passed), Flaky: one("flaky", Passed, Flaky),
		Steady: one("steady", Flaky, Passed), Skipped: one("skipped", Passed, Skipped), Unskipped: one("unskipped", Skipped, Passed),
		Removed: one("gone", Failed, NoOutcome), Added: one("new", NoOutcome, Passed), Unchanged: 2,
	}
	if diff := cmp.Diff(want, DiffTests([]*Report{before}, []*Report{after})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if same := DiffTests([]*Report{before}, []*Report{before}); !same.Empty() || same.Unchanged != 8 {
		t.Errorf("a release against itself: %+v", same)
	}
}

// TestProjects: one test in two browsers is two tests, told apart by name and not
// by number, whichever report says so and when one browser is given up.
func TestProjects(t *testing.T) {
	const dir = "junit/playwright/playwright-1.65.1"
	for _, ext := range []string{".json", ".xml"} {
		rep := readCorpus(t, dir+ext)
		n := map[string]int{}
		for id := range rep.tests {
			if n[id.Project]++; id.N != 0 {
				t.Errorf("%s: %+v", ext, id)
			}
		}
		if diff := cmp.Diff(map[string]int{"chromium": 13, "firefox": 13}, n); diff != "" {
			t.Errorf("%s: %s", ext, diff)
		}
	}
	const suite = `<testsuite name="a.test.ts" hostname="%s"><testcase name="t" classname="a.test.ts">%s</testcase></testsuite>`
	chromium, firefox := fmt.Sprintf(suite, "chromium", ""), fmt.Sprintf(suite, "firefox", "<failure/>")
	both, one := read(t, `<testsuites id="" name="">`+chromium+firefox+`</testsuites>`), read(t, `<testsuites id="">`+firefox+`</testsuites>`)
	ch := DiffTests([]*Report{both}, []*Report{one})
	if len(ch.Removed) != 1 || ch.Removed[0].Project != "chromium" || len(ch.StillBroken) != 1 || ch.StillBroken[0].Project != "firefox" || len(ch.Broke) != 0 {
		t.Errorf("got %+v", ch)
	}
	other := read(t, `<testsuites>`+chromium+`</testsuites>`) // another writer's hostname is that of a machine
	if other.Tool != "" || other.Suites[0].Cases[0].Project != "" {
		t.Errorf("got %+v", other)
	}
}

func TestDiffReal(t *testing.T) {
	release := func(v string) []*Report {
		dir := "real/asm-" + v + "/uat/results/"
		return []*Report{readCorpus(t, dir+"junit-playwright.xml"), readCorpus(t, dir+"junit-selenium.xml"), readCorpus(t, dir+"playwright.json")}
	}
	got := DiffTests(release("1.481"), release("1.482"))
	if len(got.Fixed) != 2 || len(got.Broke)+len(got.Removed)+len(got.Added)+len(got.Flaky) != 0 || got.Unchanged != 16 {
		t.Errorf("got %+v", got)
	}
}

// TestRulesMissing: a rule that ran on another page of the same engine and settings, and
// that a page lists nowhere, was not shown to hold there.
func TestRulesMissing(t *testing.T) {
	page := func(version string, runOnly []string, rules ...*Rule) *Accessibility {
		return &Accessibility{Pages: []*Page{{URL: "http://a.example", Engine: "axe-core", Version: version, RunOnly: runOnly, Rules: rules}}}
	}
	rule := func(id string, passes int) *Rule { return &Rule{ID: id, Tags: []string{"wcag2a"}, Passes: passes} }
	all := page("4.13.0", nil, rule("label", 1), rule("bypass", 0))
	for name, tt := range map[string]struct {
		other   *Accessibility
		partial bool
	}{
		"the same rules":          {page("4.13.0", nil, rule("label", 0), rule("bypass", 2)), false},
		"one is gone":             {page("4.13.0", nil, rule("bypass", 0)), true},
		"of another engine":       {page("4.12.0", nil, rule("bypass", 0)), false},
		"of other settings":       {page("4.13.0", []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa"}, rule("bypass", 0)), false},
		"of a tool that shortens": {page("4.13.0", nil, rule("bypass", 1)), false},
	} {
		sum := SummarizeAccessibility(all, tt.other)
		if sum.Pages[0].Partial || sum.Pages[1].Partial != tt.partial || (len(sum.Problems) > 0) != tt.partial {
			t.Errorf("%s: partial %v, problems %v", name, sum.Pages[1].Partial, sum.Problems)
		}
	}
}
