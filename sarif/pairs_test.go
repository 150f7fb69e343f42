// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

// load reads a report of the collection in whichever format it has.
func load(t testing.TB, elem ...string) *Log {
	t.Helper()
	path := filepath.Join(elem...)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := Read(f, &ReadOptions{Name: filepath.Base(path)})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return log
}

// brief is what the SARIF and the native report of one scan must agree on.
func brief(f *Finding) string {
	p := f.Package
	if p == nil {
		p = &Package{}
	}
	place := ""
	if len(f.Locations) > 0 {
		place = f.Locations[0].URI
	}
	return fmt.Sprintf("%v %s sev=%v pkg=%s@%s fixed=%v place=%s target=%s", f.Class, f.ID, f.Severity, p.Name, p.Version(), p.Fixed, place, targetName(f))
}

func targetName(f *Finding) string {
	if f.Target == nil {
		return ""
	}
	return f.Target.Repository
}

func briefs(findings []*Finding) []string {
	var list []string
	for _, f := range findings {
		list = append(list, brief(f))
	}
	slices.Sort(list)
	return list
}

// TestTrivyPairs reads the SARIF and the JSON report of the same scans.
func TestTrivyPairs(t *testing.T) {
	root := corpus.Dir(t)
	pairs := [][2]string{
		{"sarif/trivy/alpine-310.sarif", "trivy-json/golden/alpine-310.json"},
		{"sarif/trivy-from-json/debian-buster.sarif", "trivy-json/golden/debian-buster.json"},
		{"sarif/trivy-from-json/all_statuses.sarif", "trivy-json/defectdojo/all_statuses.json"},
		{"sarif/trivy-from-json/cvssv4_severity_source.sarif", "trivy-json/defectdojo/cvssv4_severity_source.json"},
		{"sarif/trivy-from-json/license_scheme.sarif", "trivy-json/defectdojo/license_scheme.json"},
		{"sarif/trivy-from-json/scheme_2_many_vulns.sarif", "trivy-json/defectdojo/scheme_2_many_vulns.json"},
	}
	for _, name := range corpus.Files(t, filepath.Join(root, "real"), func(p string) bool { return strings.HasSuffix(p, ".trivy.sarif") }) {
		pairs = append(pairs, [2]string{"real/" + name, "real/" + strings.TrimSuffix(name, ".sarif") + ".json"})
	}
	for _, pair := range pairs {
		t.Run(pair[0], func(t *testing.T) {
			a, b := load(t, root, pair[0]).Findings(), load(t, root, pair[1]).Findings()
			if len(a) == 0 {
				t.Fatal("no findings")
			}
			if diff := gocmp.Diff(briefs(a), briefs(b)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestGovulncheckPairs reads the SARIF and the JSON report of the same scans: the
// same advisories in the same modules, reached as the JSON proves.
func TestGovulncheckPairs(t *testing.T) {
	root := corpus.Dir(t)
	for _, tt := range []struct {
		sarif, json string
		reached     map[Reachability]int
	}{
		{"sarif/govulncheck/portal-1.0.0-source.sarif", "sarif/govulncheck-json/portal-1.0.0-source.json",
			map[Reachability]int{ReachCalled: 14, ReachImported: 2, ReachRequired: 12}},
		{"sarif/govulncheck/portal-1.0.0-binary.sarif", "sarif/govulncheck-json/portal-1.0.0-binary.json",
			map[Reachability]int{ReachSymbol: 14, ReachImported: 2, ReachRequired: 12}},
		{"sarif/govulncheck/portal-1.1.0-source.sarif", "sarif/govulncheck-json/portal-1.1.0-source.json", nil},
		{"real/sat-1.205/scans/govulncheck.sarif", "real/sat-1.205/scans/govulncheck.json",
			map[Reachability]int{ReachCalled: 18, ReachImported: 16, ReachRequired: 10}},
		{"real/sat-1.205/scans/govulncheck-binary.sarif", "real/sat-1.205/scans/govulncheck-binary.json",
			map[Reachability]int{ReachSymbol: 24, ReachImported: 10, ReachRequired: 9}},
	} {
		t.Run(tt.sarif, func(t *testing.T) {
			short := func(l *Log) []string {
				var list []string
				for _, f := range l.Findings() {
					list = append(list, fmt.Sprintf("%s %v %s %v stacks=%d", f.ID, f.Aliases, f.Package.Name, f.Reachability, len(f.Stacks)))
				}
				slices.Sort(list)
				return list
			}
			a, b := load(t, root, tt.sarif), load(t, root, tt.json)
			if diff := gocmp.Diff(short(a), short(b)); diff != "" {
				t.Error(diff)
			}
			reached := map[Reachability]int{}
			for _, f := range b.Findings() {
				reached[f.Reachability]++
				if f.Package.Version() == "" || f.Source.Line == 0 {
					t.Errorf("%s: no version or no line: %+v", f.ID, f.Source)
				}
			}
			if diff := gocmp.Diff(tt.reached, reached); tt.reached != nil && diff != "" {
				t.Error(diff)
			}
			// The stacks themselves.
			stacks := func(l *Log) []string {
				var list []string
				for _, f := range l.Findings() {
					for _, s := range f.Stacks {
						list = append(list, f.ID+" "+fmt.Sprint(s.Frames))
					}
				}
				slices.Sort(list)
				return list
			}
			if diff := gocmp.Diff(stacks(a), stacks(b)); diff != "" && cmp.Compare(a.Runs[0].ScanMode, "binary") != 0 {
				t.Error(diff)
			}
		})
	}
}
