// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

func readCorpus(t *testing.T, name string) *Report {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus.Dir(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read := ReadJUnit
	if strings.HasSuffix(name, ".json") {
		read = ReadPlaywright
	}
	rep, err := read(f, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return rep
}

// TestPlaywrightBesideJUnit reads both reports of three runs: they name the same
// tests, and differ only in what is flaky.
func TestPlaywrightBesideJUnit(t *testing.T) {
	for _, test := range []struct {
		json, xml string
		want      Counts
	}{
		{"junit/playwright/playwright-1.65.1.json", "junit/playwright/playwright-1.65.1.xml", Counts{26, 16, 4, 2, 2, 2}},
		{"real/asm-1.481/uat/results/playwright.json", "real/asm-1.481/uat/results/junit-playwright.xml", Counts{9, 6, 1, 1, 0, 1}},
		{"real/asm-1.482/uat/results/playwright.json", "real/asm-1.482/uat/results/junit-playwright.xml", Counts{9, 7, 1, 1, 0, 0}},
	} {
		p, j := readCorpus(t, test.json), readCorpus(t, test.xml)
		if got := p.Counts(); got != test.want || len(p.Problems) != 0 || p.Version != "1.65.1" {
			t.Errorf("%s: got %+v, problems %v, version %q", test.json, got, p.Problems, p.Version)
		}
		both := Summarize(j, p)
		if both.Counts != test.want || len(both.Problems) != 0 {
			t.Errorf("%s with the JUnit report: got %+v, problems %v", test.json, both.Counts, both.Problems)
		}
		theirs := map[TestID]named{}
		for id, c := range (&run{Report: j}).tests {
			theirs[id] = named{c.Outcome, len(c.Results), c.Duration.Round(time.Millisecond)}
		}
		for id, c := range (&run{Report: p}).tests {
			want, ok := theirs[id]
			if !ok {
				t.Errorf("%s: %+v is not in the JUnit report", test.json, id)
			}
			got := named{c.Outcome, want.results, c.Duration.Round(time.Millisecond)}
			if got.outcome == Flaky {
				got.outcome = Passed
			}
			if got.outcome == Skipped {
				got.duration = 0 // the JUnit reporter leaves it out
			}
			if got != want {
				t.Errorf("%s: %+v: got %+v, JUnit has %+v", test.json, id, got, want)
			}
		}
	}
}

type named struct {
	outcome  Outcome
	results  int
	duration time.Duration
}

func TestPlaywrightDetails(t *testing.T) {
	const doc = `{"config":{"configFile":"/home/x/app/playwright.config.ts","version":"1.2.3","projects":[{"name":"cr"}]},
"suites":[{"title":"a.spec.ts","file":"a.spec.ts","line":0,"column":0,
 "specs":[{"title":"top","ok":true,"tests":[{"expectedStatus":"passed","projectName":"cr","status":"expected","annotations":[{"type":"issue","description":"42"}],
   "results":[{"status":"passed","duration":1500,"stdout":[{"text":"out "},{"buffer":"w6k="}],"stderr":[{"text":"err"}],
    "attachments":[{"name":"shot","contentType":"image/png","path":"/home/x/app/test-results/a/b.png"},{"name":"in","contentType":"text/plain","body":"aGVsbG8="},{"name":"away","path":"/etc/passwd"}]}]}],"line":3,"file":"a.spec.ts"}],
 "suites":[{"suites":[{"title":"inner","file":"a.spec.ts","specs":[{"title":"deep","tests":[{"status":"unexpected","results":[{"status":"timedOut","duration":5,"error":{"message":"\u001b[31mTest timeout\u001b[39m\nmore","stack":"s"}}]}]}]}],"title":"outer"}]}],
"errors":[{"message":"Error: no config"}],"stats":{"startTime":"2026-01-02T03:04:05.678Z","duration":2500.5,"expected":1,"unexpected":1,"skipped":0,"flaky":0}}`
	rep, err := ReadPlaywright(strings.NewReader(doc), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &Report{
		Format: FormatPlaywright, Tool: "Playwright", Version: "1.2.3", Started: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC),
		Duration: 2500500 * time.Microsecond, Declared: Declared{2, -1, -1, 0, 0},
		Suites: []*Suite{{Name: "a.spec.ts", File: "a.spec.ts", Declared: undeclared(), Cases: []*Case{
			{
				Name: "top", Class: "a.spec.ts", File: "a.spec.ts", Line: 3, Project: "cr", Status: "expected", Outcome: Passed, Attempts: 1,
				Duration: 1500 * time.Millisecond, Properties: []Property{{"issue", "42"}}, SystemOut: "out é", SystemErr: "err",
				Attachments: []Attachment{
					{Name: "shot", ContentType: "image/png", Path: "/home/x/app/test-results/a/b.png", Relative: "test-results/a/b.png"},
					{Name: "in", ContentType: "text/plain", Inline: 5},
					{Name: "away", Path: "/etc/passwd"},
				},
			},
			{
				Name: "outer › inner › deep", Class: "a.spec.ts", Status: "unexpected", Outcome: Errored, Attempts: 1, Duration: 5 * time.Millisecond,
				Results: []Result{{Kind: "error", Type: "Error", Message: "Test timeout", Text: "s"}},
			},
		}}},
		Errors: []Result{{Kind: "error", Type: "Error", Message: "no config", Text: "Error: no config"}},
	}
	if diff := cmp.Diff(want, rep); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlaywrightRules(t *testing.T) {
	one := func(test string) string {
		return `{"config":{},"suites":[{"title":"f","specs":[{"title":"t","tests":[` + test + `]}]}],"stats":{}}`
	}
	for _, test := range []struct {
		name, in string
		outcome  Outcome
		problems []string
	}{
		{"expected failure", `{"expectedStatus":"failed","status":"expected","results":[{"status":"failed","error":{"message":"x"}}]}`, Passed, nil},
		{"unexpected pass", `{"expectedStatus":"failed","status":"unexpected","results":[{"status":"passed"}]}`, Failed, nil},
		{"passed on retry", `{"status":"flaky","results":[{"status":"failed"},{"status":"passed"}]}`, Flaky, nil},
		{"interrupted", `{"status":"skipped","results":[{"status":"interrupted"}]}`, Skipped, nil},
		{"no attempt", `{"status":"skipped","results":[]}`, Skipped, nil},
		{"flaky called expected", `{"status":"expected","results":[{"status":"failed"},{"status":"passed"}]}`, Flaky, []string{"warning playwright.status"}},
		{"passed called unexpected", `{"status":"unexpected","results":[{"status":"passed"}]}`, Failed, []string{"warning playwright.status"}},
		{"no status", `{"results":[{"status":"passed"}]}`, Passed, []string{"warning playwright.status"}},
	} {
		rep, err := ReadPlaywright(strings.NewReader(one(test.in)), nil)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := rep.Suites[0].Cases[0].Outcome; got != test.outcome {
			t.Errorf("%s: got %v, want %v", test.name, got, test.outcome)
		}
		if diff := cmp.Diff(test.problems, codes(rep.Problems)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	for in, want := range map[string]string{
		`{"status":"skipped","results":[{"status":"interrupted"}]}`:                                                   `the run was interrupted in test "t"`,
		`{"status":"skipped","expectedStatus":"skipped","results":[{"status":"skipped"}]}`:                            "",
		`{"status":"expected","results":[{"status":"interrupted"},{"status":"passed"}]}`:                              "",
		`{"status":"skipped","results":[{"status":"skipped"}]},{"status":"expected","results":[{"status":"passed"}]}`: "",
	} {
		passed := `{"status":"expected","results":[{"status":"passed"}]},`
		rep, err := ReadPlaywright(strings.NewReader(one(passed+in)), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range rep.Errors {
			got += e.Message
		}
		if got != want || Summarize(rep).OK() != (want == "") {
			t.Errorf("%s: got %q, OK %v; want %q", in, got, Summarize(rep).OK(), want)
		}
	}
	counts := `{"config":{},"suites":[],"stats":{"expected":1,"unexpected":0,"flaky":0,"skipped":0}}`
	rep, err := ReadPlaywright(strings.NewReader(counts), nil)
	if err != nil || len(rep.Problems) != 1 || rep.Problems[0].Code != "playwright.count" || rep.Problems.Err() == nil {
		t.Errorf("stats of a test that is not there: %v, %v", rep, err)
	}
	rep, err = ReadPlaywright(strings.NewReader(`{"config":{},"suites":[],"errors":[{"message":"no tests found"}]}`), nil)
	if err != nil || len(rep.Errors) != 1 || Summarize(rep).OK() {
		t.Errorf("no stats: %+v, %v", rep, err)
	}
	rep, err = ReadPlaywright(strings.NewReader(one(`{"status":"unexpected","results":[{"status":"failed","error":{"message":"a","stack":"at a"},
"errors":[{"message":"a"},{"message":"expect(b).toBe(c)"},{"message":"d","stack":"at d"}]}]}`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Result{{Kind: "error", Type: "Error", Message: "a", Text: "at a\n\nexpect(b).toBe(c)\n\nat d"}}, rep.Suites[0].Cases[0].Results); diff != "" {
		t.Errorf("soft assertions (-want +got):\n%s", diff)
	}
	// An output is cut once, and what is cut does not count.
	rep, err = ReadPlaywright(strings.NewReader(one(`{"status":"expected","results":[{"status":"passed","stdout":[{"text":"`+strings.Repeat("x", 5000)+`"}]}]}`)), &ReadOptions{TextBytes: 1000, Limits: evidence.Limits{TestText: 3000}})
	if err != nil || rep.Clipped != 1 || len(rep.Suites[0].Cases[0].SystemOut) != 1000 {
		t.Errorf("long output: %+v, %v", rep, err)
	}
	deep := `{"title":"` + strings.Repeat("d", 1000) + `","suites":[`
	for _, test := range []struct {
		code  string
		class error
		in    string
		o     *ReadOptions
	}{
		{"playwright.root", evidence.ErrFormat, `{"config":{},"suites":[]}`, nil},
		{"json.type", evidence.ErrFormat, `[]`, nil},
		{"json.truncated", evidence.ErrFormat, ``, nil},
		{"json.duplicate-name", evidence.ErrFormat, `{"config":{},"config":{}}`, nil},
		{"json.number", evidence.ErrFormat, one(`{"results":[{"status":"passed","duration":1e999}]}`), nil},
		{"playwright.duration", evidence.ErrFormat, one(`{"results":[{"status":"passed","duration":1e300}]}`), nil},
		{"playwright.tests", evidence.ErrLimit, one(`{},{},{}`), &ReadOptions{Limits: evidence.Limits{Tests: 3}}},
		{"playwright.tests", evidence.ErrLimit, one(strings.Repeat(`{"status":"expected","results":[{"status":"passed","stdout":[{"text":"`+strings.Repeat("x", 1000)+`"}]}]},`, 20) + `{}`),
			&ReadOptions{Limits: evidence.Limits{TestText: 10_000}}},
		{"json.depth", evidence.ErrLimit, `{"suites":[` + strings.Repeat(`{"suites":[`, 100_000), nil},
		{"playwright.names", evidence.ErrLimit, `{"suites":[` + strings.Repeat(deep, 5) + `{"specs":[{"tests":[{},{},{}]}]}` + strings.Repeat("]}", 5) + `],"config":{},"stats":{}}`,
			&ReadOptions{Limits: evidence.Limits{StringBytes: 5000}}},
	} {
		_, err := ReadPlaywright(strings.NewReader(test.in), test.o)
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != test.code || !errors.Is(err, test.class) {
			t.Errorf("%.100s: got %v, want %s", test.in, err, test.code)
		}
	}
}

func FuzzReadPlaywright(f *testing.F) {
	f.Add([]byte(`{"config":{"version":"1"},"suites":[{"title":"f","specs":[{"title":"t","tests":[{"status":"flaky","results":[{"status":"failed","error":{"message":"m"}},{"status":"passed"}]}]}]}],"errors":[],"stats":{"flaky":1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rep, err := ReadPlaywright(strings.NewReader(string(data)), &ReadOptions{Limits: evidence.Limits{Depth: 50}, TextBytes: 1000})
		if err != nil {
			if _, ok := errors.AsType[*evidence.Problem](err); !ok {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		for _, c := range rep.All {
			if c.Outcome == NoOutcome || c.Attempts == 0 && c.Outcome == Passed {
				t.Fatalf("a case without a run: %+v", c)
			}
		}
		if s := Summarize(rep, rep); s.Tests != 2*rep.Counts().Tests {
			t.Fatalf("two runs hold %d tests, one holds %d", s.Tests, rep.Counts().Tests)
		}
	})
}
