// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// labelled is one row of the table in the collection's README.
type labelled struct{ file, expected, schema string }

// labels reads the table of verdicts that the collection comes with: file, bytes,
// source, purpose, expected, schema verdict, verdict of go-sarif/v2.
func labels(t testing.TB, dir string) []labelled {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []labelled
	for l := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(l), "|"), "|")
		if len(cells) != 7 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch cells[5] {
		case "VALID", "INVALID", "NOTJSON":
			rows = append(rows, labelled{cells[0], cells[4], cells[5]})
		}
	}
	return rows
}

// refusedThough are documents whose label is about the schema or another parser,
// and that must be refused for another reason.
var refusedThough = map[string]string{
	"derived/duplicate-keys.sarif":                           "json.duplicate-name", // "parsers disagree; refuse"
	"derived/old-version-2.0.0.sarif":                        "sarif.version",
	"sarif-sdk-spec-examples/Comprehensive.sarif":            "sarif.version", // all four say 2.0.0
	"sarif-sdk-spec-examples/InlineExternalProperties.sarif": "sarif.version",
	"sarif-sdk-spec-examples/RecommendedWithSource.sarif":    "sarif.version",
	"sarif-sdk-spec-examples/RecommendedWithoutSource.sarif": "sarif.version",
}

func TestCorpusVerdicts(t *testing.T) {
	dir := corpus.Dir(t, "sarif")
	rows := labels(t, dir)
	count := map[string]int{}
	for _, row := range rows {
		t.Run(row.file, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, row.file))
			if err != nil {
				t.Fatal(err)
			}
			log, err := ReadSARIF(strings.NewReader(string(data)), &ReadOptions{Name: row.file})
			if code, ok := refusedThough[row.file]; ok {
				count["refused"]++
				if p, ok := errors.AsType[*evidence.Problem](err); !ok || p.Code != code {
					t.Errorf("got %v, want %s", err, code)
				}
				return
			}
			if row.schema == "NOTJSON" && !strings.Contains(row.file, "utf16") {
				count["refused"]++
				p, ok := errors.AsType[*evidence.Problem](err)
				if !ok || !strings.HasPrefix(p.Code, "json.") || p.Line == 0 {
					t.Errorf("got %v, want an error of JSON with its position", err)
				}
				return
			}
			if err != nil {
				t.Fatalf("label %s, but %v", row.schema, err)
			}
			count["read"]++
			problems, err := ValidateSchema(data, evidence.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if want := row.schema != "INVALID"; want != (len(problems) == 0) {
				t.Errorf("schema-valid: want %t, got %v", want, problems)
			} else if want {
				count["valid"]++
			} else {
				count["invalid"]++
			}
			for i := range log.Runs {
				for _, f := range log.Runs[i].Findings {
					checkFinding(t, f)
				}
			}
		})
	}
	t.Logf("%d documents: %d read, %d refused, %d schema-valid, %d schema-invalid",
		len(rows), count["read"], count["refused"], count["valid"], count["invalid"])
	if len(rows) < 200 {
		t.Errorf("the table of verdicts has %d rows only", len(rows))
	}
}

// checkFinding holds what is true of every finding.
func checkFinding(t *testing.T, f *Finding) {
	t.Helper()
	if f.Class == classInvalid || f.ID == "" || f.Severity == SeverityInvalid || f.Kind == kindInvalid || f.Level == levelInvalid {
		t.Errorf("%s: incomplete: %+v", f.Source.Pointer, f)
	}
	if f.Source.Line == 0 || f.Source.Pointer == "" {
		t.Errorf("%s: no source: %+v", f.ID, f.Source)
	}
	if f.Class == ClassVulnerability && (f.Package == nil || f.Package.Name == "") {
		t.Errorf("%s: a vulnerability without a package", f.Source.Pointer)
	}
	for _, a := range f.Aliases {
		if a == f.ID {
			t.Errorf("%s is its own alias", a)
		}
	}
}

// TestCorpusOthers reads what the table does not label: reports outside it, and
// those of Trivy and govulncheck in their own formats.
func TestCorpusOthers(t *testing.T) {
	root := corpus.Dir(t)
	counts := map[Format]int{}
	refused := map[string]error{
		"trivy-json/other/trivy-image_golang-1.12-alpine_sample.json": evidence.ErrUnsupported, // Trivy's ASFF template
	}
	for _, name := range corpus.Files(t, root, func(p string) bool {
		return strings.HasPrefix(p, "trivy-json/") && strings.HasSuffix(p, ".json") ||
			strings.HasPrefix(p, "sarif/govulncheck-json/") && strings.HasSuffix(p, ".json") && !strings.Contains(p, "openvex") ||
			strings.HasPrefix(p, "real/") && strings.Contains(p, "/scans/") && !strings.Contains(p, "openvex") ||
			strings.HasPrefix(p, "axe/sarif/") || strings.HasPrefix(p, "sarif/dirty/")
	}) {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			log, err := Read(f, &ReadOptions{Name: name})
			if want := refused[name]; want != nil {
				if !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			counts[log.Format]++
			for i := range log.Runs {
				for _, f := range log.Runs[i].Findings {
					checkFinding(t, f)
				}
			}
		})
	}
	t.Logf("read: %v", counts)
	for _, f := range []Format{FormatSARIF, FormatTrivyJSON, FormatGovulncheckJSON} {
		if counts[f] == 0 {
			t.Errorf("no %v was read", f)
		}
	}
}

// TestDerived holds each of the collection's edited reports to what its label
// says of it; all were made of one report with four findings.
func TestDerived(t *testing.T) {
	dir := corpus.Dir(t, "sarif")
	original := briefs(load(t, dir, "trivy/alpine-310.sarif").Findings())
	if len(original) != 4 {
		t.Fatalf("the original has %d findings", len(original))
	}
	same := func(t *testing.T, log *Log) {
		t.Helper()
		if got := briefs(log.Findings()); strings.Join(got, "\n") != strings.Join(original, "\n") {
			t.Errorf("got %v, want the four of the original", got)
		}
	}
	health := func(t *testing.T, log *Log, want evidence.Status) {
		t.Helper()
		if c := log.Health(nil); c.Status != want || c.ID != "scan.health" {
			t.Errorf("health: got %v %s, want %v", c.Status, c.Message, want)
		}
	}
	count := func(n int) func(*testing.T, *Log) {
		return func(t *testing.T, log *Log) {
			t.Helper()
			if got := len(log.Findings()); got != n {
				t.Errorf("got %d findings, want %d", got, n)
			}
		}
	}
	tests := map[string]func(*testing.T, *Log){
		"baseline-states": func(t *testing.T, log *Log) {
			count(3)(t, log)
			if log.Runs[0].absent != 1 {
				t.Errorf("got %d absent", log.Runs[0].absent)
			}
		},
		"duplicate-result": count(5), // one more, until merged
		"duplicate-tags":   same,
		"html-tool-name": func(t *testing.T, log *Log) {
			same(t, log)
			if !strings.HasPrefix(log.Runs[0].Tool.Name, "<img") {
				t.Errorf("got tool %q", log.Runs[0].Tool.Name)
			}
		},
		"kind-not-fail": func(t *testing.T, log *Log) {
			count(2)(t, log)
			kinds := map[Kind]int{}
			for _, f := range log.Findings() {
				kinds[f.Kind]++
			}
			if kinds[KindOpen] != 1 || kinds[KindReview] != 1 || log.Runs[0].passed != 1 || log.Runs[0].notApplicable != 1 {
				t.Errorf("got %v and %+v", kinds, log.Runs[0])
			}
		},
		"level-from-rule":    same,
		"no-version":         same,
		"rule-in-extension":  same,
		"ruleindex-only":     same,
		"sentinel-minus-one": same,
		"utf16le-bom": func(t *testing.T, log *Log) {
			same(t, log)
			if len(log.Problems) == 0 || log.Problems[0].Code != "sarif.encoding" {
				t.Errorf("the encoding was not noticed: %v", log.Problems)
			}
		},
		"utf8-bom": same,
		"results-absent": func(t *testing.T, log *Log) {
			count(0)(t, log)
			health(t, log, evidence.StatusFail)
		},
		"results-empty": func(t *testing.T, log *Log) {
			count(0)(t, log)
			health(t, log, evidence.StatusPass)
		},
		"results-null": func(t *testing.T, log *Log) {
			count(0)(t, log)
			health(t, log, evidence.StatusFail)
		},
		"suppression-states": func(t *testing.T, log *Log) {
			count(4)(t, log)
			n := 0
			for _, f := range log.Findings() {
				if f.Suppressed {
					n++
				}
			}
			if n != 1 {
				t.Errorf("got %d suppressed, want 1", n)
			}
		},
	}
	refused := map[string]string{
		"deep-nesting": "json.depth", "duplicate-keys": "json.duplicate-name", "old-version-2.0.0": "sarif.version",
		"trailing-garbage": "json.trailing", "truncated": "json.truncated",
	}
	for _, name := range corpus.Files(t, filepath.Join(dir, "derived"), nil) {
		t.Run(name, func(t *testing.T) {
			id := strings.TrimSuffix(name, ".sarif")
			if code, ok := refused[id]; ok {
				f, err := os.Open(filepath.Join(dir, "derived", name))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				_, err = Read(f, nil)
				if p, ok := errors.AsType[*evidence.Problem](err); !ok || p.Code != code || p.Line == 0 {
					t.Errorf("got %v, want %s with a position", err, code)
				}
				return
			}
			check, ok := tests[id]
			if !ok {
				t.Fatal("no expectation")
			}
			check(t, load(t, dir, "derived", name))
		})
	}
}
