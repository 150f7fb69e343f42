// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/joshdk/go-junit"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// line is what both libraries must say of one case.
type line struct {
	Path, Name, Class string
	Status            junit.Status
	Duration          time.Duration // to a millisecond: go-junit cuts off at the last microsecond
}

func lines(suites []junit.Suite) []line {
	var list []line
	var walk func(path string, s junit.Suite)
	walk = func(path string, s junit.Suite) {
		path += "/" + s.Name
		for _, t := range s.Tests {
			list = append(list, line{path, t.Name, t.Classname, t.Status, t.Duration.Round(time.Millisecond)})
		}
		for _, sub := range s.Suites {
			walk(path, sub)
		}
	}
	for _, s := range suites {
		walk("", s)
	}
	return list
}

// differs lists the reports of the corpus of which go-junit is wrong, and how.
var differs = map[string]string{
	"junit/derived/cases-without-suite.xml":  "drops cases outside a suite",
	"junit/derived/failure-then-skipped.xml": "lets the last outcome win",
	"junit/derived/latin1.xml":               "cannot read ISO-8859-1",
	"junit/enricomi/junit.multiresult.xml":   "lets the last outcome win",
}

// TestOracle holds our reader against go-junit's over the corpus.
func TestOracle(t *testing.T) {
	root := corpus.Dir(t)
	agreed, wrong := 0, 0
	for _, name := range corpus.Files(t, root, func(p string) bool {
		return (strings.HasPrefix(p, "junit/") || strings.Contains(p, "/uat/")) && (strings.HasSuffix(p, ".xml") || strings.HasSuffix(p, ".junit"))
	}) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		rep, err := uat.ReadJUnit(bytes.NewReader(data), nil)
		if err != nil {
			continue // internal tests name these
		}
		ours, lost := ToJUnit(rep)
		theirs, err := junit.Ingest(data)
		diff := cmp.Diff(lines(theirs), lines(ours))
		if why, known := differs[name]; known {
			wrong++
			if err == nil && diff == "" {
				t.Errorf("%s: go-junit agrees, though it %s", name, why)
			}
			continue
		}
		if err != nil || diff != "" {
			t.Errorf("%s: go-junit: %v, lost %v\n%s", name, err, lost, diff)
		}
		agreed++
	}
	t.Logf("%d reports agree, of %d go-junit is wrong", agreed, wrong)
	if agreed < 54 || wrong != len(differs) {
		t.Errorf("%d agree and %d differ, want at least 54 and %d", agreed, wrong, len(differs))
	}
}

// TestWhereGoJUnitIsWrong pins each difference, so that we learn when it goes away.
func TestWhereGoJUnitIsWrong(t *testing.T) {
	for _, test := range []struct {
		name, in string
		tests    int                  // how many cases go-junit finds
		status   junit.Status         // of its first
		outcome  uat.Outcome          // of ours
		check    func(*uat.Case) bool // what it drops, and we do not
	}{
		{"case outside a suite", `<testsuites><testcase name="a"><failure/></testcase></testsuites>`, 0, "", uat.Failed, nil},
		{"last outcome wins", `<testsuite><testcase name="a"><failure/><skipped/></testcase></testsuite>`, 1, junit.StatusSkipped, uat.Failed, nil},
		{"flaky passes", `<testsuite><testcase name="a"><flakyFailure/></testcase></testsuite>`, 1, junit.StatusPassed, uat.Flaky, nil},
		{"status alone", `<testsuite><testcase name="a" status="notrun"/></testsuite>`, 1, junit.StatusPassed, uat.Skipped, nil},
		{"properties of a case", `<testsuite><testcase name="a"><properties><property name="p" value="v"/></properties></testcase></testsuite>`, 1, junit.StatusPassed, uat.Passed,
			func(c *uat.Case) bool {
				return len(c.Properties) == 1 && c.Properties[0] == uat.Property{Name: "p", Value: "v"}
			}},
		{"all but the last output", `<testsuite><testcase name="a"><system-out>x</system-out><system-out>y</system-out></testcase></testsuite>`, 1, junit.StatusPassed, uat.Passed,
			func(c *uat.Case) bool { return c.SystemOut == "xy" }},
		{"entities twice", `<testsuite><testcase name="a"><system-out>&amp;lt;</system-out></testcase></testsuite>`, 1, junit.StatusPassed, uat.Passed,
			func(c *uat.Case) bool { return c.SystemOut == "&lt;" }},
		{"decimal comma", `<testsuite><testcase name="a" time="0,5"/></testsuite>`, 1, junit.StatusPassed, uat.Passed,
			func(c *uat.Case) bool { return c.Duration == 500*time.Millisecond }},
	} {
		theirs, err := junit.Ingest([]byte(test.in))
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		got := lines(theirs)
		if len(got) != test.tests || test.tests > 0 && got[0].Status != test.status {
			t.Errorf("%s: go-junit now says %+v", test.name, got)
		}
		rep, err := uat.ReadJUnit(strings.NewReader(test.in), nil)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		for _, c := range rep.All {
			if c.Outcome != test.outcome || test.check != nil && !test.check(c) {
				t.Errorf("%s: got %+v", test.name, c)
			}
		}
	}
	for name, in := range map[string]string{
		"HTML":                       `<html><body/></html>`,
		"nothing":                    ``,
		"text":                       `no tests here`,
		"infinite time":              `<testsuite><testcase time="Inf"/></testsuite>`,
		"several documents":          `<testsuite/><testsuite/>`,
		"repeated outcome attribute": `<testsuite><testcase name="a" name="b"/></testsuite>`,
	} {
		if _, err := junit.Ingest([]byte(in)); err != nil {
			t.Errorf("%s: go-junit now refuses it: %v", name, err)
		}
		if _, err := uat.ReadJUnit(strings.NewReader(in), nil); !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("%s: got %v, want %v", name, err, evidence.ErrFormat)
		}
	}
}

func TestLosses(t *testing.T) {
	rep, err := uat.ReadJUnit(strings.NewReader(`<testsuites>
<testsuite name="s"><properties><property name="p" value="1"/><property name="p" value="2"/></properties>
<testcase name="flaky" file="f" line="3"><flakyFailure message="m"/><system-out>[[ATTACHMENT|a.png]]</system-out></testcase>
<testcase name="both"><failure message="f" type="t">body</failure><error/></testcase>
</testsuite><testcase name="outside" status="failed"/></testsuites>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	suites, lost := ToJUnit(rep)
	if diff := cmp.Diff([]string{"repeated properties", "attachments", "flaky", "results", "cases outside a suite"}, lost); diff != "" {
		t.Error(diff)
	}
	want := []junit.Suite{
		{
			Name: "s", Properties: map[string]string{"p": "2"}, Totals: junit.Totals{Tests: 2, Passed: 1, Failed: 1},
			Tests: []junit.Test{
				{Name: "flaky", Status: junit.StatusPassed, Message: "m", SystemOut: "[[ATTACHMENT|a.png]]", Properties: map[string]string{"file": "f", "line": "3", "flaky": "true"}},
				{Name: "both", Status: junit.StatusFailed, Message: "f", Error: junit.Error{Message: "f", Type: "t", Body: "body"}, Properties: map[string]string{}},
			},
		},
		{Totals: junit.Totals{Tests: 1, Failed: 1}, Tests: []junit.Test{{Name: "outside", Status: junit.StatusFailed, Error: junit.Error{}, Properties: map[string]string{"status": "failed"}}}},
	}
	if diff := cmp.Diff(want, suites); diff != "" {
		t.Error(diff)
	}
}

// TestRoundTrip converts there and back over the corpus: what is lost is named.
func TestRoundTrip(t *testing.T) {
	root := corpus.Dir(t, "junit")
	exact := 0
	for _, name := range corpus.Files(t, root, func(p string) bool { return strings.HasSuffix(p, ".xml") }) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		rep, err := uat.ReadJUnit(bytes.NewReader(data), nil)
		if err != nil {
			continue
		}
		suites, lost := ToJUnit(rep)
		again, lostAgain := ToJUnit(FromJUnit(suites))
		if len(lost) == 0 && len(lostAgain) == 0 {
			exact++
		}
		if diff := cmp.Diff(suites, again); diff != "" {
			t.Errorf("%s: %v\n%s", name, lost, diff)
		}
		if a, b := rep.Counts(), FromJUnit(suites).Counts(); a != b {
			t.Errorf("%s: counts %+v became %+v", name, a, b)
		}
	}
	if exact < 20 {
		t.Errorf("%d reports came back whole, want at least 20", exact)
	}
}
