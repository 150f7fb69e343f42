// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

func readAxe(t *testing.T, name string) *Accessibility {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus.Dir(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	res, err := ReadAxe(f, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return res
}

// TestAxeCorpus has the totals of the corpus' description: rules that fail, need
// review and pass, with their elements.
func TestAxeCorpus(t *testing.T) {
	for name, want := range map[string]struct {
		version                        string
		violations, incomplete, passes Elements
	}{
		"axe/basic-axe-v3.2.2.reporter-v2.json":             {"3.2.2", Elements{1, 1}, Elements{}, Elements{}},
		"axe/basic-axe-v4.12.1.axe-cli-v4.12.1.json":        {"4.12.1", Elements{1, 1}, Elements{}, Elements{}},
		"axe/w3citylights-axe-v3.2.2.reporter-v2.json":      {"3.2.2", Elements{7, 46}, Elements{1, 3}, Elements{21, 318}},
		"axe/w3citylights-axe-v4.10.2.axe-cli-v4.10.2.json": {"4.10.2", Elements{7, 67}, Elements{1, 3}, Elements{22, 589}},
		"axe/w3citylights-axe-v4.12.1.axe-cli-v4.12.1.json": {"4.12.1", Elements{1, 1}, Elements{}, Elements{24, 58}},
		"axe/w3citylights-axe-v4.12.1.reporter-v1.json":     {"4.12.1", Elements{1, 1}, Elements{}, Elements{24, 62}},
		"axe/w3citylights-axe-v4.12.1.reporter-raw.json":    {"", Elements{1, 1}, Elements{}, Elements{24, 62}},
		"real/asm-1.481/uat/results/axe/login.axe.json":     {"4.13.0", Elements{2, 2}, Elements{}, Elements{15, 29}},
		"real/asm-1.482/uat/results/axe/assets.axe.json":    {"4.13.0", Elements{1, 1}, Elements{}, Elements{15, 27}},
		"real/asm-1.482/uat/results/axe/dashboard.axe.json": {"4.13.0", Elements{1, 1}, Elements{}, Elements{17, 24}},
	} {
		res := readAxe(t, name)
		if len(res.Pages) != 1 {
			t.Errorf("%s: %d pages", name, len(res.Pages))
			continue
		}
		p := res.Pages[0]
		var violations, incomplete, passes Elements
		for _, r := range p.Rules {
			violations.add(len(r.Violations))
			incomplete.add(len(r.Incomplete))
			passes.add(r.Passes)
			for _, n := range slices.Concat(r.Violations, r.Incomplete) {
				if n.Target == "" || n.HTML == "" {
					t.Errorf("%s: rule %s has an element without target or text: %+v", name, r.ID, n)
				}
			}
		}
		if violations != want.violations || incomplete != want.incomplete || passes != want.passes || p.Version != want.version {
			t.Errorf("%s: version %q, got %+v, %+v, %+v", name, p.Version, violations, incomplete, passes)
		}
		if raw := want.version == ""; raw != (len(res.Problems) == 1) || raw != (p.URL == "") || raw != p.Time.IsZero() {
			t.Errorf("%s: problems %v, page %s at %v", name, res.Problems, p.URL, p.Time)
		}
	}
}

// TestAxeWrongPage: the same address once gave the page, once a challenge.
func TestAxeWrongPage(t *testing.T) {
	good := readAxe(t, "axe/w3citylights-axe-v4.10.2.axe-cli-v4.10.2.json")
	challenge := readAxe(t, "axe/w3citylights-axe-v4.12.1.reporter-v1.json")
	ch := DiffAccessibility([]*Accessibility{good}, []*Accessibility{challenge})
	if len(ch.Collapsed) != 1 || len(ch.Fixed) == 0 {
		t.Errorf("page to challenge: %+v", ch)
	}
	if ch := DiffAccessibility([]*Accessibility{challenge}, []*Accessibility{good}); len(ch.Collapsed) != 0 || len(ch.New) == 0 {
		t.Errorf("challenge to page: %+v", ch)
	}
	// Each scan of the challenge tells of it by itself, and no real page is one.
	for name, suspect := range map[string]int{
		"axe/w3citylights-axe-v3.2.2.reporter-v2.json":      0,
		"axe/w3citylights-axe-v4.10.2.axe-cli-v4.10.2.json": 0,
		"axe/w3citylights-axe-v4.12.1.axe-cli-v4.12.1.json": 1,
		"axe/w3citylights-axe-v4.12.1.reporter-v1.json":     1,
		"axe/w3citylights-axe-v4.12.1.reporter-raw.json":    1,
		"real/asm-1.482/uat/results/axe/assets.axe.json":    0,
		"real/asm-1.482/uat/results/axe/dashboard.axe.json": 0,
		"real/asm-1.482/uat/results/axe/login.axe.json":     0,
	} {
		if p := readAxe(t, name).Pages[0]; len(p.Suspect) != suspect || len(p.Doubts) != 0 {
			t.Errorf("%s: suspect %q, doubts %q", name, p.Suspect, p.Doubts)
		}
	}
	// In one run, the other scan of the address is a second sign.
	sum := SummarizeAccessibility(challenge, good)
	if len(sum.Pages[0].Suspect) != 2 || len(sum.Pages[1].Suspect) != 0 || sum.OK() {
		t.Errorf("page and challenge in one run: %+v", sum.Pages)
	}
	if len(challenge.Pages[0].Suspect) != 1 {
		t.Errorf("counting changed the page: %q", challenge.Pages[0].Suspect)
	}
}

// TestAxePage has the signs and doubts of a single page, with their neighbours.
func TestAxePage(t *testing.T) {
	const many = `,{},{},{},{},{},{},{},{},{}`
	page := func(url, html string) string {
		return `{"testEngine":{"name":"axe-core","version":"4"},"url":"` + url + `","violations":[],"passes":[{"id":"a","nodes":[{"html":` + strconv.Quote(html) + `}` + many + `]}]}`
	}
	for _, test := range []struct {
		name, in         string
		suspect, doubted bool
	}{
		{"a page", page("https://x/", `<h1>Assets</h1>`), false, false},
		{"nothing passes", `{"testEngine":{"name":"axe-core","version":"4"},"url":"https://x/","violations":[],"passes":[]}`, true, false},
		{"what passes is left out", `{"testEngine":{"name":"axe-core","version":"4"},"url":"https://x/","violations":[]}`, true, false},
		{"a small page", `{"testEngine":{"name":"axe-core","version":"4"},"url":"https://x/","violations":[],"passes":[{"id":"a","nodes":[{}]}]}`, false, true},
		{"a browser's own address", page("chrome-error://chromewebdata/", `<a>`), true, false},
		{"a browser's error page", page("https://x/", `<div id="main-frame-error" class="interstitial-wrapper">`), true, false},
		{"its heading", page("https://x/", `<h1><span>This site can’t be reached</span></h1>`), true, false},
		{"a page that talks of it", page("https://x/", `<p>This site can’t be reached</p>`), false, false},
		{"a bot check", page("https://x/", `<div id="challenge-error-text">`), true, false},
		{"a page that talks of bot checks", page("https://x/", `<code>div#challenge-error-text</code>`), false, false},
		{"a title in a short document", page("https://x/", `<html lang="en"><head><title>Just a moment...</title></head></html>`), true, false},
		{"a title that begins so", page("https://x/", `<html lang="en"><head><title>Just a moment of your time</title></head></html>`), false, false},
		{"an error page", page("https://x/assets", `<h1>404 Not Found</h1>`), false, true},
		{"another", page("https://x/assets", `<h1 class="a">502 - Bad gateway.</h1>`), false, true},
		{"the test of one", page("https://x/nowhere", `<h1>404 Not Found</h1>`), false, false},
		{"a number of things", page("https://x/assets", `<h1>404 findings</h1>`), false, false},
		{"a login page elsewhere", page("https://x/assets", `<input type="password" id="p">`), false, true},
		{"a login page", page("https://x/log-in?next=/", `<input type="password" id="p">`), false, false},
		{"another field", page("https://x/assets", `<input type="search" id="password">`), false, false},
		{"a captcha", page("https://x/log-in", `<div class="cf-turnstile">`), false, true},
	} {
		res, err := ReadAxe(strings.NewReader(test.in), nil)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		p, sum := res.Pages[0], SummarizeAccessibility(res)
		if (len(p.Suspect) > 0) != test.suspect || (len(p.Doubts) > 0) != test.doubted {
			t.Errorf("%s: suspect %q, doubts %q", test.name, p.Suspect, p.Doubts)
		}
		if len(sum.Pages[0].Suspect) != len(p.Suspect) || len(sum.Problems) != len(p.Doubts) {
			t.Errorf("%s: summary %+v, %v", test.name, sum.Pages[0], sum.Problems)
		}
		for _, problem := range sum.Problems {
			if problem.Severity != evidence.SeverityWarning || problem.Code != "uat.page" {
				t.Errorf("%s: %+v is more than a warning", test.name, problem)
			}
		}
	}
}

// TestAxeRun has pages that only the others of the run tell from the application.
func TestAxeRun(t *testing.T) {
	run := func(pages ...*Page) *AccessibilitySummary {
		return SummarizeAccessibility(&Accessibility{Pages: pages})
	}
	page := func(url string, passes int, doubts ...string) *Page {
		return &Page{URL: url, Doubts: doubts, Rules: []*Rule{{ID: "a", Tags: []string{"wcag2a"}, Passes: passes}}}
	}
	const notFound = failureDoubt + `"404 not found"`
	full := func() []*Page { return []*Page{page("/a", 200), page("/b", 300), page("/c", 250)} }
	narrow := page("/d", 30)
	narrow.RunOnly = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa"}
	for _, test := range []struct {
		name             string
		pages            []*Page
		suspect, doubted bool // of the last page
	}{
		{"a smaller page", append(full(), page("/d", 60)), false, false},
		{"a much smaller page", append(full(), page("/d", 30)), false, true},
		{"much smaller, by other rules", append(full(), narrow), false, false},
		{"much smaller than one other", []*Page{page("/a", 300), page("/d", 30)}, false, false},
		{"much smaller, and telling of failure", append(full(), page("/d", 30, notFound)), true, true},
		{"telling of failure", append(full(), page("/d", 60, notFound)), false, true},
		{"the same address, much smaller", append(full(), page("/c", 60)), true, false},
		{"the same address, smaller", append(full(), page("/c", 70)), false, false},
		{"another part of it", append(full(), page("/c#top", 60)), true, false},
		{"another route", append(full(), page("/c#/users", 60)), false, false},
		{"another host", []*Page{page("https://x/a", 200), page("https://x/b", 300), page("https://sso.example/c", 250)}, false, true},
		{"two hosts", []*Page{page("https://x/a", 200), page("https://y/c", 250)}, false, false},
		{"two hosts as often", []*Page{page("https://x/a", 200), page("https://x/b", 200), page("https://y/c", 250), page("https://y/d", 250)}, false, false},
		{"one host", []*Page{page("https://x/a", 200), page("https://X/b", 200), page("https://x/c", 250)}, false, false},
		{"no address", []*Page{page("", 300), page("", 30)}, false, false},
	} {
		sum := run(test.pages...)
		last := sum.Pages[len(sum.Pages)-1]
		if (len(last.Suspect) > 0) != test.suspect || (len(sum.Problems) > 0) != test.doubted || sum.OK() == test.suspect && last.Partial == false {
			t.Errorf("%s: suspect %q, problems %v, ok %v", test.name, last.Suspect, sum.Problems, sum.OK())
		}
		for _, p := range sum.Pages[:len(sum.Pages)-1] {
			if len(p.Suspect) > 0 {
				t.Errorf("%s: %s: %q", test.name, p.URL, p.Suspect)
			}
		}
	}
}

// TestCriteria holds the table against WCAG 2.1: 61 criteria of WCAG 2.0 and 17
// new ones, with the names that Microsoft's converter of axe results uses.
func TestCriteria(t *testing.T) {
	count := map[string]int{}
	for i, c := range criteria {
		count[c.Level]++
		count[c.Since+" "+c.Level]++
		if c.Testable && c.Level != "AAA" {
			count["testable"]++
		}
		if i > 0 && slices.Compare(numbers(criteria[i-1].ID), numbers(c.ID)) >= 0 {
			t.Errorf("%s stands after %s", c.ID, criteria[i-1].ID)
		}
	}
	want := map[string]int{
		"A": 30, "AA": 20, "AAA": 28, "2.0 A": 25, "2.0 AA": 13, "2.0 AAA": 23, "2.1 A": 5, "2.1 AA": 7, "2.1 AAA": 5, "testable": 20,
	}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(filepath.Join(corpus.Dir(t, "axe", "sarif"), "w3citylights-axe-v4.12.1-v1.sarif"))
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Taxonomies []struct {
				Taxa []struct {
					Name             string
					ShortDescription struct{ Text string }
				}
			}
		}
	}
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	theirs := map[string]string{}
	for _, taxon := range log.Runs[0].Taxonomies[0].Taxa {
		if id, ok := strings.CutPrefix(taxon.Name, "WCAG "); ok {
			theirs[id] = taxon.ShortDescription.Text
		}
	}
	ours := map[string]string{}
	for _, c := range criteria {
		ours[c.ID] = c.Name
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("(-converter +ours):\n%s", diff)
	}
}

func numbers(id string) []int {
	var n []int
	for part := range strings.SplitSeq(id, ".") {
		i, _ := strconv.Atoi(part)
		n = append(n, i)
	}
	return n
}

func TestAxeSummary(t *testing.T) {
	var release []*Accessibility
	for _, page := range []string{"assets", "dashboard", "login"} {
		release = append(release, readAxe(t, "real/asm-1.482/uat/results/axe/"+page+".axe.json"))
	}
	sum := SummarizeAccessibility(release...)
	if len(sum.Pages) != 3 || sum.Violations != (Elements{4, 4}) || sum.NeedsReview != (Elements{}) || sum.OK() {
		t.Errorf("got %+v", sum)
	}
	status := map[string]CriterionStatus{}
	count := map[CriterionStatus]int{}
	for _, c := range sum.Criteria {
		status[c.ID] = c.Status
		if c.Level != "AAA" {
			count[c.Status]++
		}
	}
	for id, want := range map[string]CriterionStatus{
		"1.1.1": Violated, "1.4.3": Violated, "4.1.2": Violated, "2.4.2": NoFailure, "1.2.2": Inapplicable, "2.4.3": Manual, "1.4.6": NotRun,
	} {
		if status[id] != want {
			t.Errorf("criterion %s: got %s, want %s", id, status[id], want)
		}
	}
	total := 0
	for _, n := range count {
		total += n
	}
	if len(sum.Criteria) != 78 || total != 50 || count[Manual] != 30 {
		t.Errorf("%d criteria, %d of A and AA: %v", len(sum.Criteria), total, count)
	}
	if got := DiffAccessibility(release, release); !got.Empty() || got.Unchanged != 4 {
		t.Errorf("a release against itself: %+v", got)
	}
	old := SummarizeAccessibility(readAxe(t, "axe/w3citylights-axe-v4.10.2.axe-cli-v4.10.2.json")).Pages[0]
	if old.Violations.Rules+old.BestPractice.Rules+old.Other.Rules != 7 || old.BestPractice.Rules == 0 || old.NeedsReview != (Elements{1, 3}) || old.Partial {
		t.Errorf("best practices apart: %+v", old)
	}
}

func TestAxeRules(t *testing.T) {
	page := func(options, lists string) string {
		return `{"testEngine":{"name":"axe-core","version":"4.14.1"},"url":"https://x/","toolOptions":` + options + `,` + lists + `}`
	}
	const pass = `"passes":[{"id":"p","tags":["wcag2a","wcag111"],"nodes":[{}]}]`
	const all = `{"runOnly":{"type":"tag","values":["wcag2a","wcag2aa","wcag21a","wcag21aa"]}}`
	for _, test := range []struct {
		name, in string
		ok       bool
	}{
		{"clean", page(`{}`, `"violations":[],`+pass), true},
		{"clean, narrowed to AA", page(all, `"violations":[],`+pass), true},
		{"narrowed to A", page(`{"runOnly":["wcag2a","wcag21a"]}`, `"violations":[],`+pass), false},
		{"narrowed to a rule", page(`{"runOnly":{"type":"rule","values":["p"]}}`, `"violations":[],`+pass), false},
		{"without a rule of AA", page(`{"rules":{"color-contrast":{"enabled":false}}}`, `"violations":[],`+pass), false},
		{"without a rule that nobody knows", page(`{"rules":{"brand-new":{"enabled":false}}}`, `"violations":[],`+pass), false},
		{"without a best practice", page(`{"rules":{"region":{"enabled":false},"color-contrast":{"enabled":true}}}`, `"violations":[],`+pass), true},
		{"violation without an element", page(`{}`, `"violations":[{"id":"v","tags":["wcag21aa"]}],`+pass), false},
		{"violation", page(`{}`, `"violations":[{"id":"v","tags":["wcag21aa"],"nodes":[{}]}],`+pass), false},
		{"best practice", page(`{}`, `"violations":[{"id":"v","tags":["best-practice"],"nodes":[{}]}],`+pass), true},
		{"WCAG 2.2", page(`{}`, `"violations":[{"id":"v","tags":["wcag22aa","wcag258"],"nodes":[{}]}],`+pass), true},
		{"needs review", page(`{}`, `"incomplete":[{"id":"v","tags":["wcag2aa"],"nodes":[{}]}],"violations":[],`+pass), true},
	} {
		res, err := ReadAxe(strings.NewReader(test.in), nil)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := SummarizeAccessibility(res); got.OK() != test.ok {
			t.Errorf("%s: got %+v, want %v", test.name, got.Pages, test.ok)
		}
	}
	if new(AccessibilitySummary).OK() {
		t.Error("no page is a pass")
	}
	frame, err := ReadAxe(strings.NewReader(page(`{}`, `"passes":[],"violations":[{"id":"v","nodes":[{"target":["#f",["a","b"]],"html":"<a>","impact":"minor","failureSummary":"s"}]},{"id":"v","nodes":[{}]}]`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := ReadAxe(strings.NewReader(page(`{}`, `"violations":[{"id":"v"}],"incomplete":[{"id":"w","nodes":[]}],"inapplicable":[{"id":"x","nodes":[]}],"passes":[{"id":"y","nodes":[]}]`)), nil)
	if err != nil || len(bare.Pages[0].Rules[0].Violations) != 1 || len(bare.Pages[0].Rules[1].Incomplete) != 1 || !bare.Pages[0].Rules[2].inapplicable() {
		t.Errorf("rules without elements: %+v, %v", bare, err)
	} else if diff := cmp.Diff([]string{"warning axe.elements", "warning axe.elements"}, codes(bare.Problems)); diff != "" {
		t.Error(diff)
	}
	env, err := ReadAxe(strings.NewReader(`{"raw":[{"id":"a","tags":["wcag2a"],"violations":[{"node":{"selector":["p"],"source":"<p>"}}],"passes":[{},{}],"incomplete":[],"inapplicable":[]}],
"env":{"testEngine":{"name":"axe-core","version":"4.14.1"},"url":"https://x/","timestamp":"2026-01-02T03:04:05Z"}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := env.Pages[0]; p.URL != "https://x/" || p.Version != "4.14.1" || len(env.Problems) != 0 || p.Time.IsZero() || len(p.Rules) != 1 || len(p.Rules[0].Violations) != 1 || p.Rules[0].Passes != 2 {
		t.Errorf("rawEnv: %+v, %v", p, env.Problems)
	}
	want := []Node{{Target: "#f, a, b", HTML: "<a>", Impact: "minor", Summary: "s"}, {}}
	if diff := cmp.Diff(want, frame.Pages[0].Rules[0].Violations); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		code  string
		class error
		in    string
		o     *ReadOptions
	}{
		{"axe.root", evidence.ErrFormat, `{}`, nil},
		{"axe.root", evidence.ErrFormat, `[]`, nil},
		{"axe.root", evidence.ErrFormat, `[{}]`, nil},
		{"axe.root", evidence.ErrFormat, `{"violations":[]}`, nil},
		{"axe.root", evidence.ErrFormat, `[{"id":"a","violations":[],"passes":[]},` + page(`{}`, `"violations":[]`) + `]`, nil},
		{"axe.root", evidence.ErrFormat, `[` + page(`{}`, `"violations":[]`) + `,{"id":"a","violations":[],"passes":[]}]`, nil},
		{"axe.root", evidence.ErrFormat, page(`{}`, `"violations":[{}]`), nil},
		{"axe.root", evidence.ErrFormat, page(`{}`, `"violations":[{"html":"<a>"}]`), nil},
		{"axe.root", evidence.ErrFormat, `{"raw":[{"violations":[]}],"env":{"url":"x"}}`, nil},
		{"axe.root", evidence.ErrFormat, `{"raw":[]}`, nil},
		{"axe.nodes", evidence.ErrLimit, `[` + page(`{}`, `"violations":[]`) + `,` + page(`{}`, `"violations":[]`) + `]`, &ReadOptions{Limits: evidence.Limits{Tests: 1}}},
		{"json.type", evidence.ErrFormat, `"violations"`, nil},
		{"json.truncated", evidence.ErrFormat, ``, nil},
		{"json.trailing", evidence.ErrFormat, page(`{}`, pass+`,"violations":[]`) + `{}`, nil},
		{"axe.nodes", evidence.ErrLimit, page(`{}`, `"violations":[{"id":"v","nodes":[{},{},{}]}]`), &ReadOptions{Limits: evidence.Limits{Tests: 3}}},
		{"axe.nodes", evidence.ErrLimit, page(`{}`, `"violations":[{"id":"v","nodes":[`+strings.Repeat(`{"html":"`+strings.Repeat("x", 1000)+`"},`, 20)+`{}]}]`), &ReadOptions{Limits: evidence.Limits{TestText: 10_000}}},
		{"json.depth", evidence.ErrLimit, `{"violations":[{"nodes":[{"target":` + strings.Repeat("[", 1000), nil},
	} {
		_, err := ReadAxe(strings.NewReader(test.in), test.o)
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != test.code || !errors.Is(err, test.class) {
			t.Errorf("%.100s: got %v, want %s", test.in, err, test.code)
		}
	}
}

func FuzzReadAxe(f *testing.F) {
	f.Add([]byte(`{"testEngine":{"name":"axe-core","version":"4"},"url":"u","violations":[{"id":"v","tags":["wcag2a","wcag111"],"nodes":[{"target":["a"]}]}],"passes":[{"id":"v","nodes":[{}]}]}`))
	f.Add([]byte(`[{"id":"a","violations":[],"passes":[{"node":{"selector":["a"]}}],"incomplete":[],"inapplicable":[]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := ReadAxe(strings.NewReader(string(data)), &ReadOptions{Limits: evidence.Limits{Depth: 50}})
		if err != nil {
			if _, ok := errors.AsType[*evidence.Problem](err); !ok {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		sum := SummarizeAccessibility(res)
		if len(res.Pages) == 0 || len(sum.Criteria) != 78 || sum.OK() && sum.Violations.Elements > 0 {
			t.Fatalf("%+v", sum)
		}
		if ch := DiffAccessibility([]*Accessibility{res}, []*Accessibility{res}); !ch.Empty() {
			t.Fatalf("results differ from themselves: %+v", ch)
		}
	})
}

// TestFirstPasses: a scan that lists only the first element of each rule that
// passes is not held against full ones; one that lists more than it says is.
func TestFirstPasses(t *testing.T) {
	page := func(options string, passes ...int) *Accessibility {
		var rules []string
		for i, n := range passes {
			nodes := strings.TrimSuffix(strings.Repeat(`{"target":["p"],"html":"<p>"},`, n), ",")
			rules = append(rules, fmt.Sprintf(`{"id":"r%d","tags":["wcag2a"],"nodes":[%s]}`, i, nodes))
		}
		in := fmt.Sprintf(`{"testEngine":{"name":"axe-core","version":"4.10.2"},"url":"https://app.example/home","toolOptions":{%s},"violations":[],"incomplete":[],"passes":[%s]}`,
			options, strings.Join(rules, ","))
		res, err := ReadAxe(strings.NewReader(in), nil)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	full := page("", 1, 100)
	for _, tt := range []struct {
		name string
		with *Accessibility
		ok   bool
	}{
		{"first passes only", page(`"resultTypes":["violations","incomplete"]`, 1, 1, 1, 1), true},
		{"full results of another page", page("", 1, 1, 1, 1), false},
		{"full results in spite of the option", page(`"resultTypes":["violations"]`, 1, 3), false},
		{"passes are asked for", page(`"resultTypes":["violations","passes"]`, 1, 1, 1, 1), false},
		{"an empty option", page(`"resultTypes":[]`, 1, 1, 1, 1), false},
	} {
		sum := SummarizeAccessibility(full, tt.with)
		if sum.OK() != tt.ok {
			t.Errorf("%s: OK is %v: %q", tt.name, sum.OK(), sum.Pages[1].Suspect)
		}
		if tt.ok && tt.with.Pages[0].collapsed(full.Pages[0]) {
			t.Errorf("%s: collapsed", tt.name)
		}
	}
}
