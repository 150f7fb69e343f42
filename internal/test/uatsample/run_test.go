// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package uatsample makes sample acceptance evidence: run.sh says how. Its test
// reads what a run left behind.
package uatsample

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// Env names the folder that run.sh wrote to.
const Env = "EVIDENCE_UAT_RUN"

func TestRun(t *testing.T) {
	dir := os.Getenv(Env)
	if dir == "" {
		t.Skipf("no run to read; make one with run.sh and set %s", Env)
	}
	open := func(name string) *os.File {
		f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	const xmlName, jsonName = "results/junit-playwright.xml", "results/playwright.json"
	junit, err := uat.ReadJUnit(open(xmlName), nil)
	if err != nil {
		t.Fatal(err)
	}
	playwright, err := uat.ReadPlaywright(open(jsonName), nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := uat.Summarize(junit, playwright)
	if want := (uat.Counts{Tests: 9, Passed: 7, Skipped: 1, Flaky: 1}); sum.Counts != want || !sum.OK() || len(sum.Problems) != 0 {
		t.Errorf("tests: got %+v, problems %v; want %+v", sum.Counts, sum.Problems, want)
	}
	files := corpus.Files(t, dir, func(p string) bool { return strings.HasSuffix(p, ".png") })
	for _, name := range files {
		if shot, err := uat.ReadScreenshot(open(name), nil); err != nil || shot.Width < 100 || shot.Thumbnail == nil {
			t.Errorf("%s: %+v, %v", name, shot, err)
		}
	}
	links := uat.Link(files, []uat.Source{{Path: xmlName, Report: junit}, {Path: jsonName, Report: playwright}})
	if len(links) != len(files) || len(files) < 9 {
		t.Errorf("%d of %d screenshots belong to a test", len(links), len(files))
	}
	var pages []*uat.Accessibility
	for _, name := range []string{"dashboard", "assets", "login"} {
		res, err := uat.ReadAxe(open("results/axe/"+name+".axe.json"), nil)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, res)
	}
	axe := uat.SummarizeAccessibility(pages...)
	if axe.Violations != (uat.Elements{Rules: 1, Elements: 1}) || axe.OK() || axe.Pages[2].Violations.Rules != 1 {
		t.Errorf("accessibility: %+v", axe.Pages)
	}
	for _, p := range axe.Pages {
		if len(p.Suspect) != 0 || p.Partial {
			t.Errorf("page %s: %+v", p.URL, p)
		}
	}
	if len(axe.Problems) != 0 {
		t.Errorf("accessibility: %v", axe.Problems)
	}
	var rules []rule
	if err := json.NewDecoder(open("results/axe-rules.json")).Decode(&rules); err != nil {
		t.Fatal(err)
	}
	testRules(t, rules)
}

// rule is one of axe.getRules().
type rule struct {
	ID   string   `json:"ruleId"`
	Tags []string `json:"tags"`
}

// testRules holds what the package says of axe-core's rules, which criteria they
// test and which of them a run of WCAG 2.1 A and AA needs, against axe-core itself.
func testRules(t *testing.T, rules []rule) {
	if len(rules) < 100 {
		t.Fatalf("axe-core has %d rules, want at least 100", len(rules))
	}
	testable := map[string]bool{}
	for _, r := range rules {
		on := !slices.Contains(r.Tags, "experimental") && !slices.Contains(r.Tags, "deprecated")
		rule := uat.Rule{ID: r.ID, Tags: r.Tags}
		if on {
			for _, id := range rule.Criteria() {
				testable[id] = true
			}
		}
		without, err := uat.ReadAxe(strings.NewReader(`{"url":"https://x/","testEngine":{"version":"4"},"passes":[],"violations":[],"toolOptions":{"rules":{"`+r.ID+`":{"enabled":false}}}}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := uat.SummarizeAccessibility(without).Pages[0].Partial; got != (on && rule.InScope()) {
			t.Errorf("a run without %s (%v) is partial: %v", r.ID, r.Tags, got)
		}
	}
	for _, c := range uat.Criteria() {
		if c.Testable != testable[c.ID] {
			t.Errorf("%s %s: testable is %v, axe-core has a rule: %v", c.ID, c.Name, c.Testable, testable[c.ID])
		}
	}
}
