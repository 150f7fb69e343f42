package uat

import (
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
	if first := old.Unwell[0]; first.Outcome != Failed || first.Message == "" || len(old.Unwell) != 6 {
		t.Errorf("unwell: %+v", old.Unwell)
	}
}

func TestSummaryOK(t *testing.T) {
	for _, test := range []struct {
		name, in string
		ok       bool
	}{
		{"a pass", `<testsuite><testcase/></testsuite>`, true},
		{"a pass and a skip", `<testsuite><testcase/><testcase><skipped/></testcase></testsuite>`, true},
		{"flaky", `<testsuite><testcase><flakyError/></testcase></testsuite>`, true},
		{"zero tests", `<testsuites tests="0"><testsuite name="x" tests="0"/></testsuites>`, false},
		{"all skipped", `<testsuite><testcase><skipped/></testcase></testsuite>`, false},
		{"error", `<testsuite><testcase/><testcase><error/></testcase></testsuite>`, false},
		{"missing tests", `<testsuite tests="2"><testcase/></testsuite>`, false},
		{"more tests than stated", `<testsuite tests="1"><testcase/><testcase/></testsuite>`, true},
	} {
		if s := Summarize(read(t, test.in)); s.OK() != test.ok {
			t.Errorf("%s: got %v, want %v", test.name, s.OK(), test.ok)
		}
	}
	if new(Summary).OK() || Summarize().OK() {
		t.Error("no report is a pass")
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
		Broke:       append(one("broke", Passed, Failed), TestChange{TestID{"s", "newly broken", 0}, NoOutcome, Failed}, TestChange{TestID{"s", "twice", 1}, Passed, Failed}),
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
