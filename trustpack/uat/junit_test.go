// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/internal/textfmt"
)

func read(t *testing.T, doc string) *Report {
	t.Helper()
	rep, err := ReadJUnit(strings.NewReader(doc), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, textfmt.Clip(doc, 500))
	}
	return rep
}

// codes returns the codes of the problems with their severities.
func codes(ps evidence.Problems) []string {
	var list []string
	for _, p := range ps {
		list = append(list, p.Severity.String()+" "+p.Code)
	}
	return list
}

// TestJUnitByHand holds totals that were counted by eye, not by a program:
// tests, passed, skipped, flaky, errors, failed.
func TestJUnitByHand(t *testing.T) {
	dir := corpus.Dir(t, "junit")
	for name, want := range map[string]struct {
		Counts
		problems []string
	}{
		"derived/attachments.xml":                            {Counts: Counts{1, 1, 0, 0, 0, 0}},
		"derived/cases-without-suite.xml":                    {Counts: Counts{1, 0, 0, 0, 0, 1}},
		"derived/counts-lie.xml":                             {Counts: Counts{2, 1, 0, 0, 0, 1}, problems: []string{"error junit.count", "warning junit.count", "error junit.count", "warning junit.count"}},
		"derived/failure-then-skipped.xml":                   {Counts: Counts{1, 0, 0, 0, 0, 1}},
		"derived/latin1.xml":                                 {Counts: Counts{1, 1, 0, 0, 0, 0}},
		"derived/surefire-flaky.xml":                         {Counts: Counts{3, 1, 0, 1, 0, 1}},
		"derived/utf8-bom.xml":                               {Counts: Counts{1, 1, 0, 0, 0, 0}},
		"derived/zero-tests.xml":                             {},
		"enricomi/bazel-suite-logs.xml":                      {Counts: Counts{1, 0, 0, 0, 1, 0}},
		"enricomi/jest-jest-junit.xml":                       {Counts: Counts{2, 2, 0, 0, 0, 0}},
		"enricomi/junit.multiresult.xml":                     {Counts: Counts{4, 1, 1, 0, 0, 2}},
		"enricomi/no-attributes.xml":                         {Counts: Counts{4, 1, 1, 0, 1, 1}},
		"enricomi/testsuite-in-testsuite.xml":                {Counts: Counts{5, 5, 0, 0, 0, 0}},
		"enricomi/testsuite-root.xml":                        {Counts: Counts{5, 5, 0, 0, 0, 0}},
		"enricomi/unsupported-unicode.xml":                   {Counts: Counts{7, 1, 2, 0, 2, 2}}, // characters beyond the BMP, which XML allows
		"enricomi/with-xml-entities.xml":                     {Counts: Counts{4, 0, 2, 0, 1, 1}},
		"go-junit/catchsoftware.xml":                         {Counts: Counts{3, 1, 1, 0, 0, 1}},
		"go-junit/cubic.xml":                                 {Counts: Counts{1, 0, 0, 0, 0, 1}},
		"go-junit/nose2.xml":                                 {Counts: Counts{25, 18, 1, 0, 1, 5}},
		"jenkins/report.junit":                               {Counts: Counts{3, 2, 0, 0, 0, 1}, problems: []string{"error junit.count"}},
		"jest/jest-junit.xml":                                {Counts: Counts{4, 2, 1, 0, 0, 1}, problems: []string{"warning junit.count", "warning junit.count"}},
		"playwright/playwright-1.65.1.xml":                   {Counts: Counts{26, 18, 4, 0, 2, 2}},
		"../real/asm-1.481/uat/results/junit-playwright.xml": {Counts: Counts{9, 7, 1, 0, 0, 1}},
		"../real/asm-1.481/uat/results/junit-selenium.xml":   {Counts: Counts{9, 6, 2, 0, 0, 1}},
		"../real/asm-1.482/uat/results/junit-playwright.xml": {Counts: Counts{9, 8, 1, 0, 0, 0}},
		"../real/asm-1.482/uat/results/junit-selenium.xml":   {Counts: Counts{9, 7, 2, 0, 0, 0}},
	} {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		rep := read(t, string(data))
		if got := rep.Counts(); got != want.Counts {
			t.Errorf("%s: got %+v, want %+v", name, got, want.Counts)
		}
		if diff := cmp.Diff(want.problems, codes(rep.Problems)); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s%v", name, diff, rep.Problems)
		}
	}
}

// TestJUnitRefused names the corpus files that are broken or something else.
func TestJUnitRefused(t *testing.T) {
	dir := corpus.Dir(t, "junit")
	for name, want := range map[string]struct {
		code  string
		class error
	}{
		"derived/doctype-entity.xml":        {"xml.dtd", evidence.ErrUnsafe},
		"enricomi/non-junit.xml":            {"junit.root", evidence.ErrFormat},
		"trivy/alpine-310-trivy-junit.xml":  {"junit.scan", evidence.ErrUnsupported},
		"playwright/playwright-1.65.1.json": {"xml.syntax", evidence.ErrFormat},
	} {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadJUnit(strings.NewReader(string(data)), nil)
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != want.code || !errors.Is(err, want.class) || p.Line == 0 {
			t.Errorf("%s: got %v, want %s", name, err, want.code)
		}
	}
}

// counter counts cases by worst outcome with another language's XML library.
const counter = `
import json, sys
import xml.etree.ElementTree as E
rank = {'failure': 5, 'error': 4, 'flakyFailure': 3, 'flakyError': 3, 'skipped': 2}
for name in sys.argv[1:]:
    counts = {k: 0 for k in range(1, 6)}
    texts = 0
    try:
        root = E.parse(name).getroot()
    except Exception as e:
        print(json.dumps({'name': name, 'error': str(e)}))
        continue
    for case in root.iter('testcase'):
        counts[max([1] + [rank.get(child.tag, 1) for child in case])] += 1
        texts += len((case.get('name') or '').encode())
    print(json.dumps({'name': name, 'root': root.tag, 'counts': [counts[k] for k in range(1, 6)], 'names': texts}))
`

// TestJUnitAgainstPython counts every report of the corpus a second time.
func TestJUnitAgainstPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 not found")
	}
	root := corpus.Dir(t)
	var names []string
	for _, name := range corpus.Files(t, root, func(p string) bool {
		return (strings.HasPrefix(p, "junit/") || strings.Contains(p, "/uat/")) && (strings.HasSuffix(p, ".xml") || strings.HasSuffix(p, ".junit"))
	}) {
		names = append(names, filepath.Join(root, name))
	}
	out, err := exec.Command(python, append([]string{"-c", counter}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var want struct {
			Name, Error, Root string
			Counts            []int
			Names             int
		}
		if err := dec.Decode(&want); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		rep, err := ReadJUnit(strings.NewReader(string(data)), nil)
		if err != nil {
			if want.Error == "" && !strings.Contains(want.Name, "doctype") && !strings.Contains(want.Name, "non-junit") && !strings.Contains(want.Name, "trivy") {
				t.Errorf("%s: %v", want.Name, err)
			}
			continue
		}
		if want.Error != "" {
			t.Errorf("%s: read, but python says %s", want.Name, want.Error)
			continue
		}
		n := rep.Counts()
		chars := 0
		for _, c := range rep.All {
			chars += len(c.Name)
		}
		if diff := cmp.Diff(want.Counts, []int{n.Passed, n.Skipped, n.Flaky, n.Errors, n.Failed}); diff != "" || chars != want.Names {
			t.Errorf("%s: names %d, want %d; counts (-want +got):\n%s", want.Name, chars, want.Names, diff)
		}
		compared++
	}
	t.Logf("%d reports counted twice", compared)
	if compared < 59 {
		t.Errorf("compared %d reports, want at least 59", compared)
	}
}

func TestJUnitDetails(t *testing.T) {
	rep := read(t, `<testsuites name="run" time="1,234.5" timestamp="2026-01-02T03:04:05+01:00">
<properties><property name="a" value="b"/></properties>
<testsuite name="s" package="p" hostname="h" file="f" timestamp="2026-01-02T02:04:04" time="2">
 <properties><property name="n" value="v"/><property name="long"><![CDATA[line 1
line 2]]></property></properties>
 <testcase name="flaky" classname="c" file="t.py" line="12" time="0.25">
  <flakyFailure message="m" type="T"> own <stackTrace>at A</stackTrace><system-out>[[ATTACHMENT|one.png]]</system-out></flakyFailure>
  <flakyError message="m2"/>
  <system-out>[[PROPERTY|req=REQ-1]] [[PROPERTY|empty]]
[[ATTACHMENT|a/b|c.png|{"type":[["x"]]}]]
[[ATTACHMENT|one.png]] trailing [[ATTACHMENT|odd]]name.png]]</system-out>
  <system-out> more</system-out>
  <system-err>err</system-err>
  <properties><property name="attachment" value="two.png"/></properties>
 </testcase>
 <testcase name="gtest" status="notrun" time=""/>
 <testcase name="skips"><skipped message="why" type="t">text</skipped></testcase>
 <system-out>suite out</system-out><system-err>suite err</system-err>
</testsuite></testsuites>`)
	utc := func(s string) time.Time { d, _ := time.Parse(time.RFC3339, s); return d }
	want := &Report{
		Format: FormatJUnit, Name: "run", Started: utc("2026-01-02T02:04:04Z"), Duration: 1234500 * time.Millisecond,
		Declared: undeclared(), Properties: []Property{{"a", "b"}},
		Suites: []*Suite{{
			Name: "s", Package: "p", Hostname: "h", File: "f", Started: utc("2026-01-02T02:04:04Z"), Duration: 2 * time.Second, Declared: undeclared(),
			Properties: []Property{{"n", "v"}, {"long", "line 1\nline 2"}},
			Cases: []*Case{
				{
					Name: "flaky", Class: "c", File: "t.py", Line: 12, Outcome: Flaky, Duration: 250 * time.Millisecond, Attempts: 3,
					Results:     []Result{{Kind: "flakyFailure", Type: "T", Message: "m", Text: " own at A"}, {Kind: "flakyError", Message: "m2"}},
					Properties:  []Property{{"req", "REQ-1"}, {"empty", ""}, {"attachment", "two.png"}},
					Attachments: []Attachment{{Path: "one.png"}, {Path: "a/b|c.png"}, {Path: "odd]]name.png"}, {Path: "two.png"}},
					SystemOut:   "[[ATTACHMENT|one.png]][[PROPERTY|req=REQ-1]] [[PROPERTY|empty]]\n[[ATTACHMENT|a/b|c.png|{\"type\":[[\"x\"]]}]]\n[[ATTACHMENT|one.png]] trailing [[ATTACHMENT|odd]]name.png]] more",
					SystemErr:   "err",
				},
				{Name: "gtest", Status: "notrun", Outcome: Skipped},
				{Name: "skips", Outcome: Skipped, Results: []Result{{Kind: "skipped", Type: "t", Message: "why", Text: "text"}}},
			},
			SystemOut: "suite out", SystemErr: "suite err",
		}},
	}
	if diff := cmp.Diff(want, rep); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestJUnitRules has a document for each rule, and its nearest neighbour.
func TestJUnitRules(t *testing.T) {
	for _, test := range []struct {
		name, in string
		counts   Counts
		problems []string
	}{
		{"worst child wins", `<testsuite><testcase><error/><failure/><skipped/></testcase></testsuite>`, Counts{1, 0, 0, 0, 0, 1}, nil},
		{"error over flaky", `<testsuite><testcase><flakyError/><error/></testcase></testsuite>`, Counts{1, 0, 0, 0, 1, 0}, nil},
		{"flaky over skipped", `<testsuite><testcase><flakyError/><skipped/></testcase></testsuite>`, Counts{1, 0, 0, 1, 0, 0}, nil},
		{"a rerun that passed", `<testsuite><testcase><rerun/></testcase></testsuite>`, Counts{1, 0, 0, 1, 0, 0}, nil},
		{"reruns that failed, alone", `<testsuite><testcase><rerunError/></testcase><testcase><rerunFailure/><rerunError/></testcase><testcase><flakyError/><rerunFailure/></testcase></testsuite>`, Counts{3, 0, 0, 0, 1, 2}, nil},
		{"reruns that failed after an error", `<testsuite errors="1" failures="0"><testcase><error/><rerunFailure/></testcase></testsuite>`, Counts{1, 0, 0, 0, 1, 0}, nil},
		{"status alone", `<testsuite><testcase status="failed"/><testcase result="suppressed"/><testcase status="run" result="completed"/></testsuite>`, Counts{3, 1, 1, 0, 0, 1}, nil},
		{"unknown element", `<testsuite><testcase><screenshot/><screenshot/></testcase></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.element"}},
		{"another namespace", `<testsuite xmlns:x="u"><testcase><x:failure/></testcase></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.element"}},
		{"JUnit in a namespace", `<j:testsuite xmlns:j="u"><j:testcase><j:failure/></j:testcase></j:testsuite>`, Counts{1, 0, 0, 0, 0, 1}, nil},
		{"nested testsuites", `<testsuites><testsuites><testsuite><testcase/></testsuite></testsuites></testsuites>`, Counts{1, 1, 0, 0, 0, 0}, nil},
		{"suite in a case", `<testsuite><testcase><testsuite/></testcase></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"error junit.element"}},
		{"case in a case", `<testsuite><testcase><testcase><failure/></testcase></testcase></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"error junit.element"}},
		{"case in the properties", `<testsuite><properties><testcase/></properties><testcase/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"error junit.element"}},
		{"failure in a skip", `<testsuite><testcase><skipped><failure/></skipped></testcase></testsuite>`, Counts{1, 0, 1, 0, 0, 0}, []string{"error junit.element"}},
		{"case of another namespace, then one of JUnit's", `<testsuite xmlns:x="u"><testcase><x:testcase/><testcase/></testcase></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.element", "error junit.element"}},
		{"an element that is named alike", `<testsuite><testcases/><testcase/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.element"}},
		{"skip of a suite", `<testsuite><skipped/><testcase/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.element"}},
		{"error of a suite", `<testsuite tests="1" errors="1"><error message="no database"/><testcase/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, nil},
		{"failure of the run", `<testsuites failures="1"><testcase/><failure message="no database"/></testsuites>`, Counts{1, 1, 0, 0, 0, 0}, nil},
		{"totals without inner suites", `<testsuite tests="1"><testcase/><testsuite tests="1"><testcase/></testsuite></testsuite>`, Counts{2, 2, 0, 0, 0, 0}, nil},
		{"totals with inner suites", `<testsuite tests="2"><testcase/><testsuite tests="1"><testcase/></testsuite></testsuite>`, Counts{2, 2, 0, 0, 0, 0}, nil},
		{"too few tests stated", `<testsuite tests="1"><testcase/><testcase/></testsuite>`, Counts{2, 2, 0, 0, 0, 0}, []string{"warning junit.count"}},
		{"too many tests stated", `<testsuite tests="3"><testcase/><testcase/></testsuite>`, Counts{2, 2, 0, 0, 0, 0}, []string{"error junit.count"}},
		{"assertions counted as tests", `<testsuite hostname="tbd" tests="9" failures="2"><testcase><failure/><failure/></testcase></testsuite>`, Counts{1, 0, 0, 0, 0, 1}, nil},
		{"errors among the failures", `<testsuite failures="2"><testcase><error/></testcase><testcase><failure/></testcase></testsuite>`, Counts{2, 0, 0, 0, 1, 1}, nil},
		{"error at teardown counted too", `<testsuite failures="1" errors="1"><testcase><failure/><error/></testcase></testsuite>`, Counts{1, 0, 0, 0, 0, 1}, nil},
		{"no number", `<testsuite tests="many" skipped="-1"><testcase/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.number", "warning junit.number"}},
		{"time set back", `<testsuite><testcase time="-0.001"/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.duration"}},
		{"a word for a time", `<testsuite time="fast"><testcase/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.duration"}},
		{"no timestamp", `<testsuite timestamp="yesterday"><testcase/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, []string{"info junit.timestamp"}},
		{"outputs of the run", `<testsuites><system-out/><testcase/></testsuites>`, Counts{1, 1, 0, 0, 0, 0}, []string{"warning junit.element"}},
		{"brackets in a test's name", `<testsuite><testcase name="[low] x"/></testsuite>`, Counts{1, 1, 0, 0, 0, 0}, nil},
		{"severities in tests' names", `<testsuite><testcase name="[High] Checkout works"/><testcase name="[Critical] Login"><failure/></testcase></testsuite>`, Counts{2, 1, 0, 0, 0, 1}, nil},
		{"the tests of a scanner", `<testsuites name="trivy"><testcase name="TestScan"/></testsuites>`, Counts{1, 1, 0, 0, 0, 0}, nil},
		{"one test is no scan", `<testsuite><testcase name="[HIGH] CVE-2024-1"/><testcase name="other"/></testsuite>`, Counts{2, 2, 0, 0, 0, 0}, nil},
	} {
		rep := read(t, test.in)
		if got := rep.Counts(); got != test.counts {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.counts)
		}
		if diff := cmp.Diff(test.problems, codes(rep.Problems)); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", test.name, diff)
		}
		if broken := strings.Contains(test.in, "no database"); broken != (len(rep.Errors) == 1) || broken && Summarize(rep).OK() {
			t.Errorf("%s: errors outside tests: %v", test.name, rep.Errors)
		}
		for _, p := range rep.Problems {
			if p.Line == 0 || p.Err == nil {
				t.Errorf("%s: problem without a place or a class: %#v", test.name, p)
			}
		}
	}
	for _, test := range []struct {
		code  string
		class error
		in    string
	}{
		{"junit.root", evidence.ErrFormat, `<html><body><testsuite/></body></html>`},
		{"junit.root", evidence.ErrFormat, `<testcase/>`},
		{"junit.duration", evidence.ErrFormat, `<testsuite time="NaN"/>`},
		{"junit.duration", evidence.ErrFormat, `<testsuite><testcase time="-Infinity"/></testsuite>`},
		{"junit.duration", evidence.ErrFormat, `<testsuite><testcase time="1e999"/></testsuite>`},
		{"junit.duration", evidence.ErrFormat, `<testsuites time="1e10"/>`},
		{"junit.scan", evidence.ErrUnsupported, `<testsuites name="trivy"><testsuite tests="0" name="image"/></testsuites>`},
		{"junit.scan", evidence.ErrUnsupported, `<testsuites><testsuite><testcase name="[High] GHSA-x"><failure/></testcase></testsuite></testsuites>`},
		{"junit.scan", evidence.ErrUnsupported, `<testsuite name="grype"/>`},
		{"xml.dtd", evidence.ErrUnsafe, `<!DOCTYPE html><html/>`},
		{"xml.trailing", evidence.ErrFormat, `<testsuite/><testsuite/>`},
		{"xml.truncated", evidence.ErrFormat, ``},
		{"xml.truncated", evidence.ErrFormat, `<testsuite><testcase>`},
		{"xml.char", evidence.ErrFormat, "<testsuite><testcase><failure>\x1b[31m</failure></testcase></testsuite>"},
	} {
		_, err := ReadJUnit(strings.NewReader(test.in), nil)
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != test.code || !errors.Is(err, test.class) || p.Line == 0 {
			t.Errorf("%s: got %v, want %s", test.in, err, test.code)
		}
	}
}

// TestJUnitTotals: a disagreement names the counter, what is stated, what is
// there, and the element that states it, in the order of the document.
func TestJUnitTotals(t *testing.T) {
	rep := read(t, `<testsuites tests="9">
 <testsuite name="a" tests="3" failures="2" errors="1" skipped="4">
  <testcase name="x"/>
 </testsuite>
</testsuites>`)
	var got []string
	for _, p := range rep.Problems {
		if !errors.Is(p, evidence.ErrMismatch) {
			t.Errorf("%v is no mismatch", p)
		}
		got = append(got, p.Error())
	}
	want := []string{
		"line 1:1: report states 9 tests, the cases are 1",
		`line 2:2: suite "a" states 3 tests, the cases are 1`,
		`line 2:2: suite "a" states 2 failures, the cases are 0`,
		`line 2:2: suite "a" states 1 errors, the cases are 0`,
		`line 2:2: suite "a" states 4 skipped, the cases are 0`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := (Declared{9, -1, -1, -1, -1}); rep.Declared != want {
		t.Errorf("declared %+v, want %+v", rep.Declared, want)
	}
}

// TestJUnitRuns: a total may count each run of a case that was run again, as
// Surefire does. One that is right in no way says that a test is missing.
func TestJUnitRuns(t *testing.T) {
	const (
		flaky = `<testcase name="a"/><testcase name="b"><flakyFailure/><flakyFailure/></testcase>`
		error = `<testcase name="a"/><testcase name="b"><flakyError/></testcase>`
		rerun = `<testcase name="a"/><testcase name="b"><failure/><rerunFailure/><rerunFailure/></testcase>`
		mixed = `<testcase name="b"><failure/><rerunError/></testcase>`
	)
	for _, tt := range []struct {
		totals, cases string
		want          []string
	}{
		{`tests="4" failures="2" errors="0"`, flaky, nil},
		{`tests="2" failures="0" errors="0"`, flaky, nil},
		{`tests="2" failures="0" errors="0" flakes="1"`, flaky, nil},
		{`tests="3" failures="0" errors="1"`, error, nil},
		{`tests="4" failures="3" errors="0"`, rerun, nil},
		{`tests="2" failures="1" errors="0"`, rerun, nil},
		{`tests="2" failures="1" errors="1"`, mixed, nil},
		{`tests="5" failures="2" errors="0"`, flaky, []string{"error junit.count"}},
		{`tests="3" failures="2" errors="0"`, flaky, []string{"error junit.count"}},
		{`tests="4" failures="3" errors="0"`, flaky, []string{"error junit.count"}},
		{`tests="4" failures="2" errors="1"`, flaky, []string{"error junit.count"}},
		{`tests="3" failures="1" errors="1"`, error, []string{"error junit.count"}},
		{`tests="5" failures="3" errors="0"`, rerun, []string{"error junit.count"}},
		{`tests="3" failures="1" errors="1"`, mixed, []string{"error junit.count"}},
	} {
		rep := read(t, `<testsuite `+tt.totals+`>`+tt.cases+`</testsuite>`)
		if diff := cmp.Diff(tt.want, codes(rep.Problems)); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", tt.totals, tt.cases, diff)
		}
	}
}

// TestJUnitEncodings has one name in every encoding that writers were seen to use.
func TestJUnitEncodings(t *testing.T) {
	const name, doc = "caf\u00e9 \u20ac", `<testsuite><testcase name="caf%s %s"/></testsuite>`
	sixteen := func(order binary.AppendByteOrder, s string) string {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	declare := func(encoding string) string { return "<?xml version='1.0' encoding='" + encoding + "'?>" }
	wide := "\ufeff" + declare("UTF-16") + fmt.Sprintf(doc, "é", "€")
	for encoding, in := range map[string]string{
		"UTF-8, not declared":   fmt.Sprintf(doc, "é", "€"),
		"UTF-8 with a mark":     "\ufeff" + declare("utf-8") + fmt.Sprintf(doc, "é", "€"),
		"UTF-16LE":              sixteen(binary.LittleEndian, wide),
		"UTF-16BE":              sixteen(binary.BigEndian, wide),
		"UTF-16 without a mark": sixteen(binary.LittleEndian, strings.TrimPrefix(wide, "\ufeff")),
		"ISO-8859-1":            declare("ISO-8859-1") + fmt.Sprintf(doc, "\xe9", "&#8364;"),
		"ISO-8859-15":           declare("iso-8859-15") + fmt.Sprintf(doc, "\xe9", "\xa4"),
		"windows-1252":          declare("windows-1252") + fmt.Sprintf(doc, "\xe9", "\x80"),
		"US-ASCII":              declare("US-ASCII") + fmt.Sprintf(doc, "&#233;", "&#x20AC;"),
	} {
		if got := read(t, in).Suites[0].Cases[0].Name; got != name {
			t.Errorf("%s: got %q, want %q", encoding, got, name)
		}
	}
	for code, in := range map[string]string{
		"xml.encoding": fmt.Sprintf(doc, "\xe9", ""),
		"xml.charset":  declare("x-unheard-of") + "<testsuite/>",
	} {
		_, err := ReadJUnit(strings.NewReader(in), nil)
		if p, _ := errors.AsType[*evidence.Problem](err); p == nil || p.Code != code || p.Line != 1 {
			t.Errorf("got %v, want %s", err, code)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"": 0, "0": 0, "0.0": 0, "1": time.Second, " 1.5 ": 1500 * time.Millisecond, "1e-3": time.Millisecond,
		"0.000141": 141 * time.Microsecond, "34.43272399999999": 34432724 * time.Microsecond, "1,234.567": 1234567 * time.Millisecond,
		"1,234": 1234 * time.Second, "1,234,567.8": 1234567800 * time.Millisecond, "0,567": 567 * time.Millisecond, "12,5": 12500 * time.Millisecond,
		"1.5s": 1500 * time.Millisecond, "250ms": 250 * time.Millisecond, "-0": 0, ".5": 500 * time.Millisecond,
	} {
		if got, why := parseDuration(in); got != want || why != "" {
			t.Errorf("%q: got %v %q, want %v", in, got, why, want)
		}
	}
	for in, want := range map[string]durationError{
		"NaN": notFinite, "+Inf": notFinite, "-infinity": notFinite, "1e400": tooLong, "9223372037": tooLong,
		"fast": notDuration, "1:02": notDuration, "0x10": notDuration, "1_0": notDuration, "1,2,3": notDuration, strings.Repeat("0", 101): notDuration, "--1": notDuration, "-1": negative, "-1s": negative,
	} {
		if got, why := parseDuration(in); got != 0 || why != want {
			t.Errorf("%q: got %v %q, want %q", in, got, why, want)
		}
	}
}

func TestJUnitBounds(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	rep := read(t, `<testsuite><testcase name="`+long+`"><failure message="m">`+long+`</failure><system-out>`+long+`[[ATTACHMENT|late.png]]</system-out></testcase></testsuite>`)
	c := rep.Suites[0].Cases[0]
	if rep.Clipped != 3 || len(c.Name) != 64<<10 || len(c.Results[0].Text) != 64<<10 || len(c.SystemOut) != 64<<10 || len(c.Attachments) != 1 {
		t.Errorf("clipped %d: %d, %d, %d, %v", rep.Clipped, len(c.Name), len(c.Results[0].Text), len(c.SystemOut), c.Attachments)
	}
	repeat := func(head, part string, n int, tail string) io.Reader {
		return io.MultiReader(strings.NewReader(head), strings.NewReader(strings.Repeat(part, n)), strings.NewReader(tail))
	}
	few := &ReadOptions{Limits: evidence.Limits{Tests: 1000}}
	for name, test := range map[string]struct {
		in   io.Reader
		o    *ReadOptions
		code string
	}{
		"100,000 nested suites":     {repeat("", "<testsuite>", 100_000, strings.Repeat("</testsuite>", 100_000)), nil, "xml.depth"},
		"too many cases":            {repeat("<testsuite>", "<testcase/>", 1000, "</testsuite>"), few, "junit.tests"},
		"too many attachments":      {repeat("<testsuite><testcase><system-out>", "[[ATTACHMENT|a]]\n", 1000, "</system-out></testcase></testsuite>"), few, "junit.tests"},
		"too many properties":       {repeat("<testsuite><properties>", "<property/>", 1000, "</properties></testsuite>"), few, "junit.tests"},
		"too many results":          {repeat("<testsuite><testcase>", "<failure/>", 1000, "</testcase></testsuite>"), few, "junit.tests"},
		"attributes of one element": {repeat("<testsuite", " a='1'", 2, "/>"), nil, "xml.duplicate-attribute"},
	} {
		_, err := ReadJUnit(test.in, test.o)
		if p, _ := errors.AsType[*evidence.Problem](err); p == nil || p.Code != test.code {
			t.Errorf("%s: got %v, want %s", name, err, test.code)
		}
	}
	// No flood of warnings hides the error that comes after them.
	many := `<testsuite tests="x" errors="x" failures="x"/>`
	rep = read(t, "<testsuites>"+strings.Repeat(many, 1000)+`<testsuite tests="1"/></testsuites>`)
	if len(rep.Problems) != 1001 || rep.Problems.Err() == nil {
		t.Errorf("kept %d problems, want 1000 warnings and an error", len(rep.Problems))
	}
	if _, err := ReadJUnit(iotest.ErrReader(io.ErrClosedPipe), nil); err != io.ErrClosedPipe {
		t.Errorf("error of the reader: got %v", err)
	}
}

// endless repeats a part, up to a number of bytes.
type endless struct {
	part string
	left int64
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) {
		m := copy(p[n:], e.part[e.at:])
		n += m
		e.at = (e.at + m) % len(e.part)
	}
	e.left -= int64(n)
	return n, nil
}

// watched looks now and then how much is on the heap.
type watched struct {
	io.Reader
	reads int
	most  uint64
}

func (w *watched) Read(p []byte) (int, error) {
	if w.reads++; w.reads%100 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.most = max(w.most, m.HeapAlloc)
	}
	return w.Reader.Read(p)
}

// TestJUnitGigabyte reads a gigabyte of text that is never in memory.
func TestJUnitGigabyte(t *testing.T) {
	line := strings.Repeat("x", 99) + "\n"
	part := `<testcase><system-out>` + strings.Repeat(line, 300) + `</system-out></testcase>`
	for _, test := range []struct {
		name, head, part, code string
		limits                 evidence.Limits // smaller than the defaults where these take long under the race detector
	}{
		{"one output", "<testsuite><testcase><system-out>", line, "xml.text", evidence.Limits{StringBytes: 16 << 20}},
		{"many outputs", "<testsuite>", part, "junit.tests", evidence.Limits{TestText: 8 << 20}},
		{"many outputs, each cut", "<testsuite>", strings.Replace(part, line, strings.Repeat(line, 10000), 1), "xml.size", evidence.Limits{DocumentBytes: 20 << 20}},
		{"one comment", "<testsuite><!--", line[:99], "xml.size", evidence.Limits{DocumentBytes: 20 << 20}},
	} {
		in := &watched{Reader: io.MultiReader(strings.NewReader(test.head), &endless{part: test.part, left: 1 << 30})}
		runtime.GC()
		_, err := ReadJUnit(in, &ReadOptions{Limits: test.limits})
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != test.code || !errors.Is(err, evidence.ErrLimit) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.code)
		}
		t.Logf("%s: %d MiB on the heap, %v", test.name, in.most>>20, err)
		if in.most > 100<<20 {
			t.Errorf("%s: %d MiB on the heap", test.name, in.most>>20)
		}
	}
}

// TestJUnitLinear has what would take hours, beyond the test's deadline, if any part
// of it were looked at again and again.
func TestJUnitLinear(t *testing.T) {
	const n = 50_000
	output := func(s string) string {
		return "<testsuite><testcase><system-out>" + s + "</system-out></testcase></testsuite>"
	}
	for _, test := range []struct {
		name, in    string
		attachments int
	}{
		{"markers on one line", output(strings.Repeat("[[ATTACHMENT|a]] ", n)), 1},
		{"markers without an end", output(strings.Repeat("[[ATTACHMENT|", n)), 0},
		{"one marker that ends often", output("[[ATTACHMENT|" + strings.Repeat("x]]", n)), 1},
		{"markers on a line each", output(strings.Repeat("[[PROPERTY|a=b]]\n", n)), 0},
		{"a time of commas", `<testsuite time="` + strings.Repeat(",", 4<<20) + `"><testcase/></testsuite>`, 0},
		{"a timestamp of digits", `<testsuite timestamp="` + strings.Repeat("2026-", 1<<20) + `"><testcase/></testsuite>`, 0},
	} {
		rep := read(t, test.in)
		if c := rep.Suites[0].Cases[0]; len(c.Attachments) != test.attachments {
			t.Errorf("%s: %d attachments, want %d", test.name, len(c.Attachments), test.attachments)
		}
	}
}

func TestResolve(t *testing.T) {
	for _, test := range []struct{ report, path, want string }{
		{"uat/results/junit.xml", "../test-results/a b/“x”.png", "uat/test-results/a b/“x”.png"},
		{"junit.xml", "shots/./a.png", "shots/a.png"},
		{"uat/junit.xml", "../../etc/passwd", ""},
		{"junit.xml", "../a.png", ""},
		{"junit.xml", "..", ""},
		{"junit.xml", ".", ""},
		{"uat/junit.xml", "/abs/b.png", ""},
		{"uat/junit.xml", `C:\b.png`, ""},
		{"uat/junit.xml", `C:b.png`, ""},
		{"uat/junit.xml", `..\b.png`, "b.png"},
		{"uat/junit.xml", `..\..\b.png`, ""},
		{"uat/junit.xml", `\\host\b.png`, ""},
		{"uat/junit.xml", "https://example.com/b.png", ""},
		{"uat/junit.xml", "a\x00.png", ""},
		{"uat/junit.xml", "", ""},
	} {
		got, err := Attachment{Path: test.path}.Resolve(test.report)
		if got != test.want || (err != nil) != (test.want == "") || err != nil && !errors.Is(err, evidence.ErrUnsafe) {
			t.Errorf("%q beside %q: got %q, %v, want %q", test.path, test.report, got, err, test.want)
		}
	}
}

func FuzzReadJUnit(f *testing.F) {
	for _, s := range []string{
		`<testsuites tests="2"><testsuite name="a" time="1,5"><properties><property name="n">v</property></properties><testcase name="b"><failure message="m">x</failure></testcase></testsuite></testsuites>`,
		`<testsuite><testcase status="notrun"><flakyFailure><stackTrace>s</stackTrace></flakyFailure><system-out>[[ATTACHMENT|a|{}]] [[PROPERTY|a=b]]</system-out></testcase></testsuite>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rep, err := ReadJUnit(strings.NewReader(string(data)), &ReadOptions{Limits: evidence.Limits{Depth: 50}, TextBytes: 1000})
		if err != nil {
			if _, ok := errors.AsType[*evidence.Problem](err); !ok {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		n := rep.Counts()
		if n.Tests != n.Passed+n.Skipped+n.Flaky+n.Errors+n.Failed {
			t.Fatalf("counts do not add up: %+v", n)
		}
		// A report with one more failed case in front has one more failed case.
		for _, root := range []string{"<testsuite>", "<testsuites>"} {
			if rest, ok := strings.CutPrefix(string(data), root); ok {
				more, err := ReadJUnit(strings.NewReader(root+"<testcase><failure/></testcase>"+rest), &ReadOptions{Limits: evidence.Limits{Depth: 50}, TextBytes: 1000})
				if err != nil {
					t.Fatal(err)
				}
				m := more.Counts()
				m.Tests--
				m.Failed--
				if m != n {
					t.Fatalf("got %+v, want one failed case more than %+v", more.Counts(), n)
				}
			}
		}
		for _, c := range rep.All {
			for _, a := range c.Attachments {
				if p, err := a.Resolve("a/b.xml"); err == nil && !fs.ValidPath(p) {
					t.Fatalf("attachment %q leads to %q", a.Path, p)
				}
			}
		}
	})
}
