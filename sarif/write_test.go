// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// writable are findings of every format and class.
func writable(t testing.TB) []*Finding {
	root := corpus.Dir(t)
	return Merge(
		load(t, root, "real/sat-1.205/scans/govulncheck.json"), load(t, root, "real/asm-1.482/scans/hailbytes-asm-web.trivy.json"),
		load(t, root, "sarif/grype/grype-container.sarif"), load(t, root, "sarif/osv-scanner/osv-scanner-npm.sarif"),
		load(t, root, "sarif/gosec/portal-gosec-2.22.10.sarif"), load(t, root, "sarif/codeql/codeql-2.5.4.sarif"),
		load(t, root, "trivy-json/golden/secrets.json"), load(t, root, "trivy-json/golden/helm_testchart.json"),
		load(t, root, "trivy-json/defectdojo/license_scheme.json"), load(t, root, "sarif/derived/kind-not-fail.sarif"),
		load(t, root, "sarif/derived/suppression-states.sarif"), load(t, root, "sarif/invalid/appendix_k.sarif"))
}

func written(t testing.TB, findings []*Finding) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteSARIF(&b, findings, &WriteOptions{Version: "1.0.0", Category: "test"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sameFindings compares all that a finding says; where it stands differs.
func sameFindings(a, b []*Finding) string {
	return cmp.Diff(a, b, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Finding{}, "Source", "Members", "Origins"), cmpopts.IgnoreFields(Target{}, "Config"), cmpopts.IgnoreUnexported(Finding{}))
}

func TestWriteSARIF(t *testing.T) {
	findings := writable(t)
	data := written(t, findings)
	problems, err := ValidateSchema(data, evidence.Limits{})
	if err != nil || len(problems) > 0 {
		t.Fatalf("not schema-valid: %v %v", problems, err)
	}
	problems, err = ValidateSemantics(data, evidence.Limits{})
	if err != nil || problems.Err() != nil {
		t.Errorf("breaks rules: %v %v", problems.Err(), err)
	}
	checkGitHub(t, data)
	log, err := ReadSARIF(bytes.NewReader(data), &ReadOptions{Name: "written.sarif"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := sameFindings(findings, log.Findings()); diff != "" {
		t.Error(diff)
	}
	for i, f := range log.Findings() {
		if diff := cmp.Diff(findings[i].Provenance(), f.Provenance()); diff != "" {
			t.Errorf("%s: provenance: %s", f.ID, diff)
		}
	}
	if again := written(t, log.Findings()); !bytes.Equal(data, again) {
		t.Error("writing what was read gives other bytes")
	}
	t.Logf("%d findings, %d bytes", len(findings), len(data))
}

// checkGitHub holds a log against what GitHub documents: "SARIF support for code
// scanning", supported output file properties and limits.
func checkGitHub(t *testing.T, data []byte) {
	t.Helper()
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID, Name                          string
						ShortDescription, FullDescription struct{ Text string }
						Help                              struct{ Text, Markdown string }
						DefaultConfiguration              struct{ Level string }
						Properties                        struct {
							Tags     []string
							Severity string `json:"security-severity"`
						}
					}
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex *int
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
				PartialFingerprints map[string]string
			}
		}
	}
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) == 0 || len(log.Runs) > 20 {
		t.Errorf("version %s, schema %s, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	scoreForm := regexp.MustCompile(`^(10\.0|[0-9]\.[0-9])$`)
	for _, run := range log.Runs {
		if run.Tool.Driver.Name == "" || len(run.Tool.Driver.Rules) > 25_000 || len(run.Results) > 25_000 {
			t.Errorf("driver %q, %d rules, %d results", run.Tool.Driver.Name, len(run.Tool.Driver.Rules), len(run.Results))
		}
		ids := map[string]bool{}
		for _, r := range run.Tool.Driver.Rules {
			switch {
			case r.ID == "" || ids[r.ID]:
				t.Errorf("rule id %q is empty or not unique", r.ID)
			case r.Name == "" || len(r.Name) > 255 || r.ShortDescription.Text == "" || len(r.ShortDescription.Text) > 1024 ||
				r.FullDescription.Text == "" || len(r.FullDescription.Text) > 1024 || r.Help.Text == "" || r.Help.Markdown == "":
				t.Errorf("rule %s: texts are missing or too long", r.ID)
			case r.DefaultConfiguration.Level == "" || len(r.Properties.Tags) == 0 || len(r.Properties.Tags) > 10:
				t.Errorf("rule %s: level %q, tags %v", r.ID, r.DefaultConfiguration.Level, r.Properties.Tags)
			case r.Properties.Severity != "" && !scoreForm.MatchString(r.Properties.Severity):
				t.Errorf("rule %s: security-severity %q", r.ID, r.Properties.Severity)
			}
			ids[r.ID] = true
		}
		for i, r := range run.Results {
			if r.RuleIndex == nil || *r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
				t.Errorf("result %d: rule %s is not at its index", i, r.RuleID)
			}
			if r.Message.Text == "" || len(r.Locations) == 0 || len(r.Locations) > 1000 || r.PartialFingerprints["primaryLocationLineHash"] == "" {
				t.Errorf("result %d: message, locations or fingerprint", i)
			}
			for _, l := range r.Locations {
				uri, g := l.PhysicalLocation.ArtifactLocation.URI, l.PhysicalLocation.Region
				if uri == "" || strings.HasPrefix(uri, "/") || strings.Contains(uri, "://") || strings.Contains("/"+uri+"/", "/../") || scheme(uri) != "" {
					t.Errorf("result %d: uri %q", i, uri)
				}
				if g.StartLine < 1 || g.EndLine != 0 && g.EndLine < g.StartLine {
					t.Errorf("result %d: region %+v", i, g)
				}
			}
		}
	}
}

func TestWriteSARIFBaseline(t *testing.T) {
	c := Diff(report("a", "CVE-2024-0001 x:npm", "CVE-2024-0003 x:npm"), report("b", "CVE-2024-0002 x:npm", "CVE-2024-0003 x:npm"))
	log, err := ReadSARIF(bytes.NewReader(written(t, c.Findings())), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(log.Findings()); n != 2 || log.Runs[0].absent != 1 {
		t.Errorf("got %d findings, %d absent", n, log.Runs[0].absent)
	}
	for _, f := range log.Findings() {
		if want := map[string]Baseline{"CVE-2024-0002": BaselineNew, "CVE-2024-0003": BaselineUnchanged}[f.ID]; f.Baseline != want {
			t.Errorf("%s: got %v, want %v", f.ID, f.Baseline, want)
		}
	}
}

func TestWriteSARIFHostile(t *testing.T) {
	var findings []*Finding
	for i, text := range []string{"<img src=x onerror=alert(1)>", "../../../etc/passwd", "file:///c:/a b/\u202ex", "a:b:c", "\x01\x02", "%zz", "C:\\windows", strings.Repeat("é", 5000), "https://u:p@host/x?y#z", "://"} {
		findings = append(findings, finding(func(f *Finding) {
			f.ID, f.Title, f.Description, f.Message = fmt.Sprint(text, i), text, text, text
			f.Package.Name, f.Package.PURL, f.Package.Path = text, "", text
			f.Locations = []Location{{URI: text, Logical: text, StartLine: -5, EndLine: -1, EndColumn: -3, Message: text}}
			f.References = []string{text, "javascript:alert(1)"}
			f.Stacks = []Stack{{Message: text, Frames: []Frame{{Symbol: text, Module: text, URI: text, Line: -1}}}, {}}
			f.Suppressions = []Suppression{{Kind: text, Status: text, Justification: text}}
			f.CWEs = []string{text}
		}))
	}
	data := written(t, findings)
	problems, err := ValidateSchema(data, evidence.Limits{})
	if err != nil || len(problems) > 0 {
		t.Errorf("not schema-valid: %v %v", problems, err)
	}
	checkGitHub(t, data)
}

func TestWriteSARIFMany(t *testing.T) {
	findings := make([]*Finding, resultsPerRun+1)
	for i := range findings {
		findings[i] = finding(func(f *Finding) { f.Package = nil; f.Class = ClassCode; f.ID = fmt.Sprint("R", i%7) })
	}
	data := written(t, findings)
	checkGitHub(t, data)
	log, err := ReadSARIF(bytes.NewReader(data), nil)
	if err != nil || len(log.Runs) != 2 || len(log.Findings()) != len(findings) {
		t.Errorf("%d runs, %v", len(log.Runs), err)
	}
	if err := WriteSARIF(&bytes.Buffer{}, make([]*Finding, resultsPerRun*mostRuns+1), nil); !errors.Is(err, evidence.ErrLimit) {
		t.Errorf("too many: %v", err)
	}
}

func TestWriteCSV(t *testing.T) {
	hostile := []string{"=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\u00a0@x", "a,b\"c", "line\nbreak", "x\x00y"}
	var findings []*Finding
	for _, text := range hostile {
		findings = append(findings, finding(func(f *Finding) { f.Title = text; f.Package.Name = text; f.ID = text }))
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, append(findings, finding(nil))); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(hostile)+2 || len(rows[0]) != len(csvColumns) {
		t.Fatalf("got %d rows of %d columns", len(rows), len(rows[0]))
	}
	for _, row := range rows[1:] {
		for i, cell := range row {
			if strings.ContainsAny(cell, "\r\n\t\x00") || cell != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(strings.TrimLeft(cell, " \u00a0"))[0]) {
				t.Errorf("%s: %q", csvColumns[i], cell)
			}
		}
	}
	last := rows[len(rows)-1]
	want := []string{"high", "", "vulnerability", "CVE-2024-0001", "GHSA-aaaa-bbbb-cccc", "apt", "2.6.1", "", "pkg:deb/debian/apt@2.6.1?arch=amd64&distro=debian-12.15",
		"ghcr.io/acme/web:1.2", "", "unknown", "fail", "", "false", "", "Trivy", "web.sarif"}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Error(diff)
	}
}

func TestWriteMarkdown(t *testing.T) {
	f := finding(func(f *Finding) {
		f.Title = "<script>alert(1)</script> [x](https://evil.example) | @all `code` www.evil.example ![i](j)\n# head"
		f.Package.Name = "a`b|c\nd"
	})
	var b bytes.Buffer
	if err := WriteMarkdown(&b, []*Finding{f, finding(func(f *Finding) { f.Severity = SeverityLow })}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if lines[0] != "2 findings: 1 high, 1 low." || len(lines) != 6 {
		t.Errorf("got %q", lines)
	}
	for _, bad := range []string{"<script", "](https", "https://", "@all", "www.evil", "\n#"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q came through: %s", bad, text)
		}
	}
	for _, l := range lines[2:] {
		if n := strings.Count(strings.ReplaceAll(l, "\\|", ""), "|"); n != 9 {
			t.Errorf("%d bars in %q", n, l)
		}
	}
	b.Reset()
	if err := WriteMarkdown(&b, nil); err != nil || b.String() != "No findings.\n" {
		t.Errorf("got %q %v", b.String(), err)
	}
}

func TestWriteJSON(t *testing.T) {
	findings := writable(t)
	var b bytes.Buffer
	if err := WriteJSON(&b, findings); err != nil {
		t.Fatal(err)
	}
	var back []*Finding
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := sameFindings(findings, back); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := WriteJSON(&b, nil); err != nil || strings.TrimSpace(b.String()) != "[]" {
		t.Errorf("got %q %v", b.String(), err)
	}
}

func TestRelativeURI(t *testing.T) {
	for text, want := range map[string]string{
		"usr/local/bin/x": "usr/local/bin/x", "/lib/apk/db/installed": "lib/apk/db/installed", "file:///c:/a b": "c%3A/a%20b",
		"../../x": "x", "a/../../b": "b", "": "unknown", "a\\b": "a/b", "https://h/x": "h/x", "ghcr.io/acme/web": "ghcr.io/acme/web", "a%20b": "a%20b",
	} {
		if got := relativeURI(text); got != want || !wellFormedURI(got) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestInspect(t *testing.T) {
	root := corpus.Dir(t)
	tests := []struct {
		file   string
		strict [4]string // readable, schema, semantics, health
		warn   [4]string
	}{
		{"real/asm-1.482/scans/hailbytes-asm-web.trivy.sarif", [4]string{"pass", "pass", "pass", "pass"}, [4]string{"pass", "pass", "pass", "pass"}},
		{"real/asm-1.482/scans/hailbytes-asm-web.trivy.json", [4]string{"pass", "skip", "skip", "pass"}, [4]string{"pass", "skip", "skip", "pass"}},
		{"real/sat-1.205/scans/govulncheck.sarif", [4]string{"pass", "pass", "pass", "pass"}, [4]string{"pass", "pass", "pass", "pass"}},
		{"real/sat-1.205/scans/govulncheck-binary.sarif", [4]string{"pass", "fail", "fail", "pass"}, [4]string{"pass", "warn", "warn", "pass"}},
		{"sarif/derived/truncated.sarif", [4]string{"fail", "skip", "skip", "skip"}, [4]string{"fail", "skip", "skip", "skip"}},
		{"sarif/derived/results-null.sarif", [4]string{"pass", "fail", "pass", "fail"}, [4]string{"pass", "warn", "pass", "fail"}},
		{"sarif/derived/results-absent.sarif", [4]string{"pass", "pass", "pass", "fail"}, [4]string{"pass", "pass", "pass", "fail"}},
		{"sarif/edge/no_runs.sarif", [4]string{"pass", "pass", "pass", "fail"}, [4]string{"pass", "pass", "pass", "fail"}},
		{"trivy-json/defectdojo/legacy_no_vuln.json", [4]string{"pass", "skip", "skip", "fail"}, [4]string{"pass", "skip", "skip", "fail"}},
	}
	for _, tt := range tests {
		data, err := os.ReadFile(filepath.Join(root, tt.file))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range [][4]string{tt.strict, tt.warn} {
			r := Inspect(data, &InspectOptions{Name: tt.file, UnsafeWarnInvalid: i == 1})
			var got [4]string
			holds := true
			for j, c := range r.Checks {
				got[j] = c.Status.String()
				holds = holds && got[j] != "fail"
				if c.ID != []string{"sarif.readable", "sarif.schema", "sarif.semantics", "scan.health"}[j] || c.Subject != tt.file || c.Message == "" {
					t.Errorf("%s: check %d is %+v", tt.file, j, c)
				}
			}
			if got != want || r.OK() != holds {
				t.Errorf("%s: got %v, want %v; %v", tt.file, got, want, r.Checks)
			}
		}
	}
	r := Inspect([]byte("{}"), &InspectOptions{Health: HealthOptions{Image: "x"}})
	if r.OK() {
		t.Error("an empty object holds")
	}
}
