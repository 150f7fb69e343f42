package uat

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/internal/corpus"
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
	for _, test := range []struct {
		in   string
		want int
	}{
		{`{"testEngine":{"name":"axe-core","version":"4"},"url":"https://x/","violations":[],"passes":[{"id":"a","nodes":[{}]}]}`, 0},
		{`{"testEngine":{"name":"axe-core","version":"4"},"url":"https://x/","violations":[],"passes":[]}`, 1},
		{`{"testEngine":{"name":"axe-core","version":"4"},"url":"chrome-error://chromewebdata/","violations":[],"passes":[{"id":"a","nodes":[{}]}]}`, 1},
		{`{"testEngine":{"name":"axe-core","version":"4"},"url":"https://x/","violations":[{"id":"b","nodes":[{"html":"<div id=\"challenge-error-text\">"}]}],"passes":[{"id":"a","nodes":[{}]}]}`, 1},
	} {
		res, err := ReadAxe(strings.NewReader(test.in), nil)
		if err != nil || len(res.Pages[0].Suspect) != test.want {
			t.Errorf("%s: %v, %v", test.in, res, err)
		}
	}
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
		{"axe.root", ErrFormat, `{}`, nil},
		{"axe.root", ErrFormat, `[]`, nil},
		{"axe.root", ErrFormat, `[{}]`, nil},
		{"axe.root", ErrFormat, `{"violations":[]}`, nil},
		{"axe.root", ErrFormat, `[{"id":"a","violations":[],"passes":[]},` + page(`{}`, `"violations":[]`) + `]`, nil},
		{"axe.root", ErrFormat, `[` + page(`{}`, `"violations":[]`) + `,{"id":"a","violations":[],"passes":[]}]`, nil},
		{"json.type", ErrFormat, `"violations"`, nil},
		{"json.truncated", ErrFormat, ``, nil},
		{"json.trailing", ErrFormat, page(`{}`, pass+`,"violations":[]`) + `{}`, nil},
		{"axe.nodes", ErrLimit, page(`{}`, `"violations":[{"id":"v","nodes":[{},{},{}]}]`), &ReadOptions{Limits: Limits{Tests: 3}}},
		{"json.depth", ErrLimit, `{"violations":[{"nodes":[{"target":` + strings.Repeat("[", 1000), nil},
	} {
		_, err := ReadAxe(strings.NewReader(test.in), test.o)
		p, _ := errors.AsType[*Problem](err)
		if p == nil || p.Code != test.code || !errors.Is(err, test.class) {
			t.Errorf("%.100s: got %v, want %s", test.in, err, test.code)
		}
	}
}

func FuzzReadAxe(f *testing.F) {
	f.Add([]byte(`{"testEngine":{"name":"axe-core","version":"4"},"url":"u","violations":[{"id":"v","tags":["wcag2a","wcag111"],"nodes":[{"target":["a"]}]}],"passes":[{"id":"v","nodes":[{}]}]}`))
	f.Add([]byte(`[{"id":"a","violations":[],"passes":[{"node":{"selector":["a"]}}],"incomplete":[],"inapplicable":[]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := ReadAxe(strings.NewReader(string(data)), &ReadOptions{Limits: Limits{Depth: 50}})
		if err != nil {
			if _, ok := errors.AsType[*Problem](err); !ok {
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
