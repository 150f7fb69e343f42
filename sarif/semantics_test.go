// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// notChecked are cases of Microsoft's validator that are left out here, and why.
var notChecked = map[string]string{
	"SARIF2006": "asks whether URIs answer, which needs a network",
	"GH":        "GitHub's limits, which the writer keeps",
	"JSON":      "not about semantics",
}

// more are cases where the specification forbids more than the validator looks at.
var more = map[string]string{
	"SARIF1001.RuleIdentifiersMustBeValid_Valid.sarif":                  "the validator exempts notifications of runs that it takes to be of an AI",
	"SARIF1009.IndexPropertiesMustBeConsistentWithArrays_Invalid.sarif": "toolComponent.index (section 3.54.4) is an index, too",
}

// TestSemanticsAgainstMicrosoft holds the rules against what Microsoft's validator
// says of its own test files: the same places for the rule that a file is about.
func TestSemanticsAgainstMicrosoft(t *testing.T) {
	dir := corpus.Dir(t, "sarif", "sarif-sdk-validate")
	compared := 0
	for _, name := range corpus.Files(t, filepath.Join(dir, "expected"), nil) {
		rule, _, _ := strings.Cut(name, ".")
		if !strings.HasPrefix(rule, "SARIF") || notChecked[rule] != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			want := expectedPlaces(t, filepath.Join(dir, "expected", name), rule)
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			problems, err := ValidateSemantics(data, evidence.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range problems {
				if strings.HasPrefix(p.Code, strings.ToLower(rule)+".") {
					got = append(got, p.Pointer)
				}
				if p.Line == 0 || !errors.Is(p, evidence.ErrFormat) {
					t.Errorf("%s has no position or class: %v", p.Code, p)
				}
			}
			slices.Sort(got)
			if more[name] != "" {
				got = slices.DeleteFunc(got, func(p string) bool { return !slices.Contains(want, p) })
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			compared++
		})
	}
	t.Logf("%d files compared", compared)
	if compared < 40 {
		t.Error("too few")
	}
}

// expectedPlaces returns the places that the validator's own report names, as
// JSON Pointers.
func expectedPlaces(t *testing.T, file, rule string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID  string
				Message struct{ Arguments []string }
			}
		}
	}
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, r := range log.Runs[0].Results {
		if r.RuleID != rule {
			continue
		}
		place := ""
		if len(r.Message.Arguments) > 0 && r.Message.Arguments[0] != "" {
			place = "/" + strings.NewReplacer("].", "/", "[", "/", "]", "", ".", "/").Replace(r.Message.Arguments[0])
		}
		places = append(places, place)
	}
	slices.Sort(places)
	return places
}

// TestSemanticsCorpus: no real report of the tools that ship evidence has an
// error of the rules that it should keep, and nothing panics.
func TestSemanticsCorpus(t *testing.T) {
	root := corpus.Dir(t)
	read, codes := 0, map[string]int{}
	for _, name := range corpus.Files(t, root, func(p string) bool {
		return strings.HasSuffix(p, ".sarif") && (strings.HasPrefix(p, "real/") || strings.HasPrefix(p, "sarif/"))
	}) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		problems, err := ValidateSemantics(data, evidence.Limits{})
		if err != nil {
			continue
		}
		read++
		for _, p := range problems {
			if p.Line == 0 {
				t.Errorf("%s: no position: %v", name, p)
			}
			if p.Severity == evidence.SeverityError {
				codes[p.Code]++
				if strings.HasPrefix(name, "real/") && p.Code != "sarif1007.start" {
					t.Errorf("%s: %v", name, p)
				}
			}
		}
	}
	t.Logf("%d read; errors by code: %v", read, codes)
}

func TestSemantics(t *testing.T) {
	run := func(members string) string {
		return `{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "version": "1", "informationUri": "https://x.example",
			"rules": [{"id": "R1", "messageStrings": {"m": {"text": "'{0}' and '{1}'."}}}], "globalMessageStrings": {"g": {"text": "Global '{0}'."}}}}, ` + members + `}]}`
	}
	tests := []struct{ name, doc, code, at string }{
		{"times", run(`"invocations": [{"executionSuccessful": true, "startTimeUtc": "2026-01-02T00:00:00Z", "endTimeUtc": "2026-01-01T00:00:00Z"}]`), "sarif1006.times", "/runs/0/invocations/0/endTimeUtc"},
		{"context without region", run(`"results": [{"ruleId": "R1", "message": {"text": "x"}, "locations": [{"physicalLocation": {"contextRegion": {"startLine": 1}}}]}]`), "sarif1008.no-region", "/runs/0/results/0/locations/0/physicalLocation/contextRegion"},
		{"context not around", run(`"results": [{"ruleId": "R1", "message": {"text": "x"}, "locations": [{"physicalLocation": {"region": {"startLine": 3}, "contextRegion": {"startLine": 4, "endLine": 9}}}]}]`), "sarif1008.not-around", "/runs/0/results/0/locations/0/physicalLocation/contextRegion"},
		{"context the same", run(`"results": [{"ruleId": "R1", "message": {"text": "x"}, "locations": [{"physicalLocation": {"region": {"startLine": 3}, "contextRegion": {"startLine": 3}}}]}]`), "sarif1008.not-around", "/runs/0/results/0/locations/0/physicalLocation/contextRegion"},
		{"message not defined", run(`"results": [{"ruleId": "R1", "message": {"id": "n"}}]`), "sarif1012.message", "/runs/0/results/0/message"},
		{"too few arguments", run(`"results": [{"ruleId": "R1", "message": {"id": "m", "arguments": ["a"]}}]`), "sarif1012.arguments", "/runs/0/results/0/message"},
		{"relative URI", strings.Replace(run(`"results": []`), "https://x.example", "x.example/y", 1), "sarif1005.relative", "/runs/0/tool/driver/informationUri"},
		{"no version", strings.Replace(run(`"results": []`), `"version": "1", `, "", 1), "sarif2005.version", "/runs/0/tool/driver"},
		{"file URI", run(`"results": [{"ruleId": "R1", "message": {"text": "x"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///home/me/x"}}}]}]`), "sarif2016.file", "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri"},
		{"extension index", run(`"results": [{"rule": {"id": "R1", "toolComponent": {"index": 3}}, "message": {"text": "x"}}]`), "sarif1009.index", "/runs/0/results/0/rule/toolComponent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			problems, err := ValidateSemantics([]byte(tt.doc), evidence.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(problems, func(p *evidence.Problem) bool { return p.Code == tt.code && p.Pointer == tt.at }) {
				t.Errorf("got %v", problems)
			}
		})
	}
	clean := run(`"results": [{"ruleId": "R1", "message": {"id": "m", "arguments": ["a", "b"]}}, {"ruleId": "R1/sub", "message": {"id": "g", "arguments": ["a"]}}]`)
	problems, err := ValidateSemantics([]byte(clean), evidence.Limits{})
	if err != nil || problems.Err() != nil {
		t.Errorf("%v %v", problems.Err(), err)
	}
	many := run(`"results": [` + strings.Repeat(`{"message": {"text": "x"}},`, 60) + `{"message": {"text": "x"}}]`)
	problems, _ = ValidateSemantics([]byte(many), evidence.Limits{})
	n := 0
	for _, p := range problems {
		if p.Code == "sarif1010.missing" {
			n++
			if n == mostOfOne && !strings.Contains(p.Message, "11 more") {
				t.Errorf("the last does not say how many more: %v", p)
			}
		}
	}
	if n != mostOfOne {
		t.Errorf("got %d of one code", n)
	}
}
