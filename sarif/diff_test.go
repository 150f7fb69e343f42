// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

// TestDiffRocky compares one image's scans over a year step by step with sets
// that are computed from the messages alone.
func TestDiffRocky(t *testing.T) {
	dir := corpus.Dir(t, "sarif", "trivy-rocky-series")
	files := corpus.Files(t, dir, func(p string) bool { return strings.HasSuffix(p, ".sarif") })
	if len(files) < 8 {
		t.Fatalf("got %v", files)
	}
	set := func(l *Log) map[string]bool {
		s := map[string]bool{}
		for _, f := range l.Findings() {
			name, _, _ := strings.Cut(strings.TrimPrefix(f.Message, "Package: "), "\n")
			s[f.RuleID+" "+name] = true
		}
		return s
	}
	for i := 1; i < len(files); i++ {
		before, after := load(t, dir, files[i-1]), load(t, dir, files[i])
		a, b := set(before), set(after)
		wantNew, wantFixed := 0, 0
		for k := range b {
			if !a[k] {
				wantNew++
			}
		}
		for k := range a {
			if !b[k] {
				wantFixed++
			}
		}
		c := Diff(before, after)
		if len(c.New) != wantNew || len(c.Fixed) != wantFixed || len(c.Unchanged)+len(c.Changed) != len(b)-wantNew {
			t.Errorf("%s: got %+v, want %d new and %d fixed", files[i], c.Summary(), wantNew, wantFixed)
		}
		t.Logf("%s: %+v", files[i], c.Summary())
		if again := Diff(after, after); !again.Empty() || len(again.Unchanged) != len(b) {
			t.Errorf("%s with itself: %+v", files[i], again.Summary())
		}
	}
}

// TestDiffReal compares the scans of two releases by SARIF and by JSON.
func TestDiffReal(t *testing.T) {
	dir := corpus.Dir(t, "real")
	var sums []Summary
	for _, ext := range []string{"sarif", "json"} {
		c := Diff(load(t, dir, "asm-1.481/scans/hailbytes-asm-web.trivy."+ext), load(t, dir, "asm-1.482/scans/hailbytes-asm-web.trivy."+ext))
		sums = append(sums, c.Summary())
		if c.TargetBefore != "" {
			t.Errorf("another target: %s", c.TargetBefore)
		}
	}
	t.Log(sums)
	if sums[0] != sums[1] || sums[0].Fixed == 0 {
		t.Errorf("got %v", sums)
	}
	// The format of one side does not show.
	c := Diff(load(t, dir, "asm-1.482/scans/hailbytes-asm-web.trivy.sarif"), load(t, dir, "asm-1.482/scans/hailbytes-asm-web.trivy.json"))
	if len(c.New) != 0 || len(c.Fixed) != 0 {
		t.Errorf("SARIF against JSON of the same scan: %+v", c.Summary())
	}
}

func TestDiffRules(t *testing.T) {
	with := func(l *Log, change func(*Finding)) *Log {
		for _, f := range l.Findings() {
			change(f)
		}
		return l
	}
	tests := []struct {
		name          string
		before, after *Log
		want          string // "new fixed unchanged changed [what]"
	}{
		{"nothing", report("a"), report("b"), "0 0 0 0 []"},
		{"new and fixed", report("a", "CVE-2024-0001 x:npm"), report("b", "CVE-2024-0002 x:npm"), "1 1 0 0 []"},
		{"upgraded, still there", report("a", "CVE-2024-0001 x@1:npm"), report("b", "CVE-2024-0001 x@2:npm"), "0 0 1 0 []"},
		{"known by another name", report("a", "GHSA-aaaa-bbbb-cccc x:npm"), report("b", "CVE-2024-0001,GHSA-aaaa-bbbb-cccc x:npm"), "0 0 1 0 []"},
		{"retagged", report("a", "CVE-2024-0001 x:npm acme/web:1"), report("b", "CVE-2024-0001 x:npm acme/web:2"), "0 0 1 0 []"},
		{"moved to another registry", report("a", "CVE-2024-0001 x:npm ghcr.io/acme/web:1"), report("b", "CVE-2024-0001 x:npm quay.io/acme/web:2"), "0 0 1 0 []"},
		{"two images", report("a", "CVE-2024-0001 x:npm ghcr.io/acme/web", "CVE-2024-0001 x:npm ghcr.io/acme/api"),
			report("b", "CVE-2024-0001 x:npm ghcr.io/acme/web"), "0 1 1 0 []"},
		{"kind of package told later", report("a", "CVE-2024-0001 x"), report("b", "CVE-2024-0001 x:npm"), "0 0 1 0 []"},
		{"severity", report("a", "CVE-2024-0001 x:npm"), with(report("b", "CVE-2024-0001 x:npm"), func(f *Finding) { f.Severity = SeverityHigh }), "0 0 0 1 [severity]"},
		{"fix", report("a", "CVE-2024-0001 x:npm"), with(report("b", "CVE-2024-0001 x:npm"), func(f *Finding) { setFixed(f.Package, "2") }), "0 0 0 1 [fix]"},
		{"suppressed", report("a", "CVE-2024-0001 x:npm"), with(report("b", "CVE-2024-0001 x:npm"), func(f *Finding) { f.Suppressed = true }), "0 0 0 1 [suppressed]"},
		{"a line moved", with(report("a", "G404 x:golang"), code(10)), with(report("b", "G404 x:golang"), code(12)), "0 0 1 0 []"},
		{"another file", with(report("a", "G404 x:golang"), code(10)), with(report("b", "G404 x:golang"), func(f *Finding) { code(10)(f); f.Locations[0].URI = "b.go" }), "1 1 0 0 []"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Diff(tt.before, tt.after)
			var what []string
			for _, ch := range c.Changed {
				what = append(what, ch.What...)
			}
			got := fmt.Sprint(len(c.New), len(c.Fixed), len(c.Unchanged), len(c.Changed), what)
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func code(line int) func(*Finding) {
	return func(f *Finding) {
		f.Class, f.Package, f.Locations = ClassCode, nil, []Location{{URI: "a.go", StartLine: line}}
	}
}

func TestChangesFindings(t *testing.T) {
	c := Diff(report("a", "CVE-2024-0001 x:npm", "CVE-2024-0003 x:npm"), report("b", "CVE-2024-0002 x:npm", "CVE-2024-0003 x:npm"))
	got := map[string]string{}
	for _, f := range c.Findings() {
		got[f.ID] = f.Baseline.String()
	}
	want := map[string]string{"CVE-2024-0001": "absent", "CVE-2024-0002": "new", "CVE-2024-0003": "unchanged"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if slices.ContainsFunc(c.New, func(f *Finding) bool { return f.Baseline != BaselineNone }) {
		t.Error("Findings changed the lists")
	}
}
