// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

var ignoreIdentity = cmpopts.IgnoreUnexported(Finding{})

// TestMergeNginx merges what Trivy and Grype found in the same image.
func TestMergeNginx(t *testing.T) {
	dir := corpus.Dir(t, "sarif")
	trivy, grype := load(t, dir, "trivy/nginx-trivy-0.42.1.sarif"), load(t, dir, "grype/nginx-grype-0.63.0.sarif")
	if n := len(trivy.Findings()) + len(grype.Findings()); n != 198 {
		t.Fatalf("got %d rows", n)
	}
	merged := Merge(trivy, grype)
	if len(merged) != 99 {
		t.Errorf("got %d findings, want 99", len(merged))
	}
	for _, f := range merged {
		tools := map[string]bool{}
		for _, m := range f.Members {
			tools[m.Source.Tool] = true
		}
		if len(tools) != 2 {
			t.Errorf("%s in %s: only by %v", f.ID, f.Package.Name, tools)
		}
	}
	if diff := cmp.Diff(merged, Merge(grype, trivy), ignoreIdentity); diff != "" {
		t.Errorf("the order of the logs shows: %s", diff)
	}
	again := mergeFindings(merged)
	if diff := cmp.Diff(merged, again, ignoreIdentity); diff != "" {
		t.Errorf("merging again changes: %s", diff)
	}
}

// TestMergeReal merges the SARIF and the JSON of one scan, and the same one twice.
func TestMergeReal(t *testing.T) {
	dir := corpus.Dir(t, "real", "asm-1.482", "scans")
	a, b := load(t, dir, "hailbytes-asm-web.trivy.sarif"), load(t, dir, "hailbytes-asm-web.trivy.json")
	one, both, twice := Merge(a), Merge(a, b), Merge(a, a)
	if len(one) != len(both) || len(one) != len(twice) {
		t.Errorf("got %d, %d and %d findings", len(one), len(both), len(twice))
	}
	for _, f := range both {
		if f.Package.PURL == "" || f.Package.Ecosystem == "" {
			t.Errorf("%s in %s: no package URL after the join", f.ID, f.Package.Name)
		}
	}
}

func TestMergeDuplicate(t *testing.T) {
	dir := corpus.Dir(t, "sarif", "derived")
	if n := len(Merge(load(t, dir, "duplicate-result.sarif"))); n != 4 {
		t.Errorf("got %d findings, want 4", n)
	}
}

// report makes a log of findings written "ID[,ALIAS...] package[:ecosystem] [target]".
func report(name string, findings ...string) *Log {
	l := &Log{Name: name, Runs: make([]Run, 1)}
	for i, text := range findings {
		fields := strings.Fields(text)
		f := &Finding{Class: ClassVulnerability, Kind: KindFail, Level: LevelNote, Severity: SeverityUnknown,
			Source: Source{File: name, Result: i, Tool: name}}
		f.setIDs(strings.Split(fields[0], ",")...)
		pkg, ecosystem, _ := strings.Cut(fields[1], ":")
		pkg, version, _ := strings.Cut(pkg, "@")
		f.Package = &Package{Name: pkg, Ecosystem: ecosystem}
		if version != "" {
			f.Package.Versions = []string{version}
		}
		f.Package.settle("")
		if len(fields) > 2 {
			f.Target = imageTarget(fields[2])
		}
		l.Runs[0].Findings = append(l.Runs[0].Findings, f)
	}
	return l
}

func TestMergeRules(t *testing.T) {
	tests := []struct {
		name string
		logs []*Log
		want []string // "id aliases package targets xmembers"
	}{
		{"aliases of another report", []*Log{
			report("a", "GHSA-aaaa-bbbb-cccc x:npm"),
			report("b", "CVE-2024-0001,GHSA-aaaa-bbbb-cccc x:npm"),
		}, []string{"CVE-2024-0001 [GHSA-aaaa-bbbb-cccc] x/npm x2"}},
		{"a chain of aliases", []*Log{
			report("a", "GO-2024-0001,GHSA-aaaa-bbbb-cccc x:golang"),
			report("b", "CVE-2024-0001,GHSA-aaaa-bbbb-cccc x:golang"),
			report("c", "GO-2024-0001 x:golang"),
		}, []string{"CVE-2024-0001 [GHSA-aaaa-bbbb-cccc GO-2024-0001] x/golang x3"}},
		{"two CVEs stay two", []*Log{
			report("a", "GO-2021-0265,CVE-2021-42248,CVE-2021-42836 x:golang"),
			report("b", "CVE-2021-42836 x:golang", "CVE-2021-42248 x:golang"),
		}, []string{
			"CVE-2021-42248 [CVE-2021-42836 GO-2021-0265] x/golang x2",
			"CVE-2021-42836 [] x/golang x1",
		}},
		{"a clear word goes before a vague one", []*Log{
			report("a", "CVE-2021-42248,GO-2021-0265,CVE-2021-42836,GHSA-ppj4-34rq-v8j9 x:golang"),
			report("b", "CVE-2021-42836,GHSA-ppj4-34rq-v8j9 y:golang"),
			report("c", "GHSA-ppj4-34rq-v8j9 x:golang"),
		}, []string{
			"CVE-2021-42248 [CVE-2021-42836 GHSA-ppj4-34rq-v8j9 GO-2021-0265] x/golang x1",
			"CVE-2021-42836 [GHSA-ppj4-34rq-v8j9] x/golang x1",
			"CVE-2021-42836 [GHSA-ppj4-34rq-v8j9] y/golang x1",
		}},
		{"versions are one", []*Log{report("a", "CVE-2024-0001 x@1.2:npm", "CVE-2024-0001 x@1.10:npm")},
			[]string{"CVE-2024-0001 [] x/npm@1.2,1.10 x2"}},
		{"unknown kind, one candidate", []*Log{report("a", "CVE-2024-0001 x:npm", "CVE-2024-0001 x")},
			[]string{"CVE-2024-0001 [] x/npm x2"}},
		{"unknown kind, two candidates", []*Log{report("a", "CVE-2024-0001 x:npm", "CVE-2024-0001 x:gem", "CVE-2024-0001 x")},
			[]string{"CVE-2024-0001 [] x/ x1", "CVE-2024-0001 [] x/gem x1", "CVE-2024-0001 [] x/npm x1"}},
		{"names of Python", []*Log{report("a", "CVE-2024-0001 ruamel.yaml:pypi", "CVE-2024-0001 ruamel_yaml:pypi", "CVE-2024-0001 Ruamel-Yaml")},
			[]string{"CVE-2024-0001 [] ruamel.yaml/pypi x3"}},
		{"another image", []*Log{report("a", "CVE-2024-0001 x:npm ghcr.io/acme/web:1", "CVE-2024-0001 x:npm ghcr.io/acme/api:1")},
			[]string{"CVE-2024-0001 [] x/npm ghcr.io/acme/api x1", "CVE-2024-0001 [] x/npm ghcr.io/acme/web x1"}},
		{"another tag", []*Log{report("a", "CVE-2024-0001 x:npm ghcr.io/acme/web:1", "CVE-2024-0001 x:npm ghcr.io/acme/web:2")},
			[]string{"CVE-2024-0001 [] x/npm ghcr.io/acme/web x2"}},
		{"registry left out", []*Log{report("a", "CVE-2024-0001 x:npm acme/web", "CVE-2024-0001 x:npm ghcr.io/acme/web:2")},
			[]string{"CVE-2024-0001 [] x/npm ghcr.io/acme/web x2"}},
		{"registry left out, two candidates", []*Log{report("a", "CVE-2024-0001 x:npm acme/web", "CVE-2024-0001 x:npm ghcr.io/acme/web:2", "CVE-2024-0001 x:npm quay.io/acme/web:2")},
			[]string{"CVE-2024-0001 [] x/npm acme/web x1", "CVE-2024-0001 [] x/npm ghcr.io/acme/web x1", "CVE-2024-0001 [] x/npm quay.io/acme/web x1"}},
		{"target not told", []*Log{report("a", "CVE-2024-0001 x:npm", "CVE-2024-0001 x:npm nginx")},
			[]string{"CVE-2024-0001 [] x/npm docker.io/library/nginx x2"}},
		{"target not told, two candidates", []*Log{report("a", "CVE-2024-0001 x:npm", "CVE-2024-0001 x:npm nginx", "CVE-2024-0001 x:npm redis")},
			[]string{"CVE-2024-0001 [] x/npm docker.io/library/nginx x1", "CVE-2024-0001 [] x/npm docker.io/library/redis x1", "CVE-2024-0001 [] x/npm x1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			describe := func(merged []*Finding) []string {
				var list []string
				for _, f := range merged {
					s := fmt.Sprintf("%s %v %s/%s", f.ID, f.Aliases, f.Package.Name, f.Package.Ecosystem)
					if len(f.Package.Versions) > 0 {
						s += "@" + strings.Join(f.Package.Versions, ",")
					}
					if f.Target != nil {
						s += " " + f.Target.Repository
					}
					list = append(list, fmt.Sprintf("%s x%d", s, len(f.Members)))
				}
				slices.Sort(list)
				return list
			}
			if diff := cmp.Diff(tt.want, describe(Merge(tt.logs...))); diff != "" {
				t.Error(diff)
			}
			logs := slices.Clone(tt.logs)
			r := rand.New(rand.NewPCG(1, 2))
			for range 10 {
				r.Shuffle(len(logs), func(i, j int) { logs[i], logs[j] = logs[j], logs[i] })
				if diff := cmp.Diff(tt.want, describe(Merge(logs...))); diff != "" {
					t.Errorf("in another order: %s", diff)
				}
			}
		})
	}
}

// TestMergeSeverity: known before unknown, the stronger basis, then the worse.
func TestMergeSeverity(t *testing.T) {
	rated := func(ratings ...Rating) *Finding {
		f := &Finding{Class: ClassVulnerability, ID: "CVE-2024-0001", Ratings: ratings, Package: &Package{Name: "x"}}
		f.grade()
		return f
	}
	text := func(w string) Rating { r, _ := rateText(w, ""); return r }
	vector := func(v string) Rating { r, _ := rateVector(v, ""); return r }
	high := vector("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")
	tests := []struct {
		name  string
		a, b  *Finding
		want  Severity
		basis Basis
	}{
		{"words differ", rated(text("LOW")), rated(text("High")), SeverityHigh, BasisText},
		{"the graver, whatever it stands on", rated(text("LOW")), rated(high), SeverityHigh, BasisVector},
		{"the stronger basis of two alike", rated(text("HIGH")), rated(high), SeverityHigh, BasisText},
		{"known before unknown", rated(text("UNKNOWN")), rated(rateLevel(LevelNote)), SeverityLow, BasisLevel},
		{"unknown both", rated(text("UNKNOWN")), rated(), SeverityUnknown, BasisText},
	}
	for _, tt := range tests {
		for _, order := range [][]*Finding{{tt.a, tt.b}, {tt.b, tt.a}} {
			f := mergeFindings(order)[0]
			if f.Severity != tt.want || f.SeverityFrom != tt.basis {
				t.Errorf("%s: got %v from %v, want %v from %v", tt.name, f.Severity, f.SeverityFrom, tt.want, tt.basis)
			}
		}
	}
}

// TestMergePlaces: what tells findings of static analysis apart.
func TestMergePlaces(t *testing.T) {
	at := func(message string, l Location) *Finding {
		return &Finding{Class: ClassCode, ID: "R1", RuleID: "R1", Kind: KindFail, Severity: SeverityHigh, Message: message, Locations: []Location{l}}
	}
	tests := []struct {
		name string
		a, b *Finding
		want int
	}{
		{"no line, two messages", at("a", Location{URI: "x.yaml"}), at("b", Location{URI: "x.yaml"}), 2},
		{"no line, one message", at("a", Location{URI: "x.yaml"}), at("a", Location{URI: "x.yaml"}), 1},
		{"two offsets", at("a", Location{URI: "x.bin", Offset: 1}), at("a", Location{URI: "x.bin", Offset: 9}), 2},
		{"one line, two messages", at("a", Location{URI: "x.go", StartLine: 3}), at("b", Location{URI: "x.go", StartLine: 3}), 1},
		{"two roots", at("a", Location{URI: "x.go", StartLine: 3, Base: "SRC", Root: "file:///w/1/"}), at("a", Location{URI: "x.go", StartLine: 3, Base: "SRC", Root: "file:///w/10/"}), 2},
		{"two roots, one place", at("a", Location{URI: "sub/x.go", StartLine: 3, Root: "file:///w/"}), at("a", Location{URI: "x.go", StartLine: 3, Root: "file:///w/sub"}), 1},
		{"one root", at("a", Location{URI: "x.go", StartLine: 3, Root: "file:///w/1/"}), at("a", Location{URI: "x.go", StartLine: 3, Root: "file:///w/1"}), 1},
	}
	for _, tt := range tests {
		before, after := &Log{Runs: []Run{{Findings: []*Finding{tt.a}}}}, &Log{Runs: []Run{{Findings: []*Finding{tt.b}}}}
		if got := len(Merge(before, after)); got != tt.want {
			t.Errorf("%s: %d findings", tt.name, got)
		}
	}
	before, after := at("a", Location{URI: "x.go", StartLine: 3, Root: "file:///builds/1/"}), at("a", Location{URI: "x.go", StartLine: 3, Root: "file:///builds/2/"})
	if c := Diff(&Log{Runs: []Run{{Findings: []*Finding{before}}}}, &Log{Runs: []Run{{Findings: []*Finding{after}}}}); len(c.Unchanged) != 1 {
		t.Errorf("two checkouts of one project: %+v", c.Summary())
	}
}

// TestOverrides: an override is for the rule that it names, and no other.
func TestOverrides(t *testing.T) {
	const g1, g2 = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	report := func(override, result string) string {
		return `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Acme", "rules": [{"id": "R1", "guid": "` + g1 + `"}, {"id": "R2", "guid": "` + g2 + `"}]},
			"extensions": [{"name": "pack", "rules": [{"id": "P1"}, {"id": "R1"}]}]},
			"invocations": [{"executionSuccessful": true, "ruleConfigurationOverrides": [{"descriptor": ` + override + `, "configuration": {"level": "note"}}]}],
			"results": [{"message": {"text": "m"}, "provenance": {"invocationIndex": 0}, ` + result + `}]}]}`
	}
	tests := []struct {
		name, override, result string
		want                   Level
	}{
		{"by id", `{"id": "R1"}`, `"ruleId": "R1"`, LevelNote},
		{"by index", `{"index": 0}`, `"ruleId": "R1"`, LevelNote},
		{"by GUID", `{"guid": "` + strings.ToUpper(g1) + `"}`, `"ruleIndex": 0`, LevelNote},
		{"result by GUID", `{"id": "R1"}`, `"rule": {"guid": "` + g1 + `"}`, LevelNote},
		{"another id", `{"id": "R2"}`, `"ruleId": "R1"`, LevelWarning},
		{"another index", `{"index": 1}`, `"ruleId": "R1"`, LevelWarning},
		{"another GUID", `{"guid": "` + g2 + `"}`, `"ruleId": "R1"`, LevelWarning},
		{"a GUID of no rule", `{"guid": "33333333-3333-4333-8333-333333333333"}`, `"ruleId": "R1"`, LevelWarning},
		{"id and index of two rules", `{"id": "R1", "index": 1}`, `"ruleId": "R1"`, LevelWarning},
		{"nothing named", `{}`, `"ruleId": "R1"`, LevelWarning},
		{"an extension's rule of that id", `{"id": "R1", "toolComponent": {"index": 0}}`, `"ruleId": "R1"`, LevelWarning},
		{"an extension's index", `{"index": 0, "toolComponent": {"name": "pack"}}`, `"ruleId": "R1"`, LevelWarning},
		{"the extension's rule", `{"index": 0, "toolComponent": {"name": "pack"}}`, `"rule": {"id": "P1", "toolComponent": {"index": 0}}`, LevelNote},
		{"a component that is not there", `{"id": "R1", "toolComponent": {"index": 7}}`, `"ruleId": "R1"`, LevelWarning},
		{"a rule below it", `{"id": "R1/a"}`, `"ruleId": "R1"`, LevelWarning},
		{"the rule below", `{"id": "R1/a"}`, `"ruleId": "R1/a"`, LevelNote},
		{"the rule above", `{"id": "R1"}`, `"ruleId": "R1/a"`, LevelNote},
		{"a rule that is not described", `{"id": "X"}`, `"ruleId": "X"`, LevelNote},
	}
	for _, tt := range tests {
		log, err := ReadSARIF(strings.NewReader(report(tt.override, tt.result)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := log.Findings()[0].Level; got != tt.want {
			t.Errorf("%s: level %v, want %v", tt.name, got, tt.want)
		}
	}
}
