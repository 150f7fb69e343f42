// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/HailBytes/evidence/internal/test/samples"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/audit"
	"github.com/HailBytes/evidence/trustpack/controls"
)

// hostile are texts that must be no more than text in any document.
var hostile = []string{
	"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "<script>alert(1)</script>", "[x](javascript:alert(1))", "{{ insert: param, x }}",
	"two\nlines\r\nand more", "turned \u202e round", "bell \x07", "日本語パッケージ", "Привет мир", "שלום עולם", "مرحبا", "한국어", "emoji 🎉", "\u0301combining first", strings.Repeat("long ", 2000), "  spaces  ", "-", "\\", "`code`", "*/", "%s%n", "{\\rtf1}",
}

// releases are those that the tests write: the samples, one with hostile text in every
// place, and one with nothing.
var releases = sync.OnceValues(func() (map[string]*audit.Release, error) {
	out := map[string]*audit.Release{}
	for _, name := range []string{"asm-1.482", "sat-1.205"} {
		config, files, err := samples.Release(name)
		if err != nil {
			return nil, err
		}
		if out[name], err = release(*config, files, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var err error
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	config := manifest.Config{Product: "demo", Version: "1.7", Release: manifest.Release{Created: created}}
	config.Gaps = []manifest.Gap{{Kind: manifest.KindPenetrationTest, Reason: hostile[0]}, {Kind: manifest.KindSLSAProvenance, Reason: hostile[7]}}
	if out["hostile"], err = release(config, hostileFiles(), nil); err != nil {
		return nil, fmt.Errorf("hostile: %w", err)
	}
	empty := fstest.MapFS{"note.txt": {Data: []byte("nothing of a kind")}}
	if out["empty"], err = release(manifest.Config{Product: "demo", Version: "1.8", Release: manifest.Release{Created: created}}, empty, nil); err != nil {
		return nil, fmt.Errorf("empty: %w", err)
	}
	return out, nil
})

// release builds, opens and verifies a pack, and makes its export.
func release(config manifest.Config, files fs.FS, o *audit.Options) (*audit.Release, error) {
	var zip bytes.Buffer
	if _, err := trustpack.BuildFS(context.Background(), &zip, config, files, nil); err != nil {
		return nil, err
	}
	pack, err := trustpack.Open(bytes.NewReader(zip.Bytes()), int64(zip.Len()), nil)
	if err != nil {
		return nil, err
	}
	report, err := trustpack.Verify(context.Background(), pack, trustpack.Policy{KeepRelease: true})
	if err != nil {
		return nil, err
	}
	return audit.New(report, o), nil
}

// hostileFiles is evidence with a hostile text in each place that takes one.
func hostileFiles() fstest.MapFS {
	type object = map[string]any
	var components, vulnerabilities []object
	junit := "<testsuite name=\"s\">"
	for i, text := range hostile {
		components = append(components, object{"bom-ref": fmt.Sprint("c", i), "type": "library", "name": text, "version": text, "licenses": []object{{"license": object{"name": text}}}})
		vulnerabilities = append(vulnerabilities, object{
			"VulnerabilityID": fmt.Sprint("CVE-2026-", 1000+i), "PkgName": text, "InstalledVersion": text, "FixedVersion": text, "Severity": "HIGH", "Title": text,
		})
		name, _ := json.Marshal(strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, text))
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(strings.Trim(string(name), `"`))
		junit += fmt.Sprintf("<testcase classname=\"%s\" name=\"%s %d\"><failure message=\"%s\"/></testcase>", escaped, escaped, i, escaped)
	}
	sbom, _ := json.Marshal(object{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": object{
		"timestamp": "2026-01-02T03:04:05Z", "component": object{"bom-ref": "root", "type": "application", "name": "demo"}}, "components": components})
	scan, _ := json.Marshal(object{"SchemaVersion": 2, "CreatedAt": "2026-01-02T03:04:05Z", "ArtifactName": "demo", "ArtifactType": "filesystem", "Results": []object{
		{"Target": "demo", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": vulnerabilities}}})
	return fstest.MapFS{
		"sbom.cdx.json": {Data: sbom}, "scan.json": {Data: scan}, "junit.xml": {Data: []byte(junit + "</testsuite>")},
		"notes/-=x y (1)&#%.txt": {Data: []byte("a name")},
	}
}

func all(t *testing.T) map[string]*audit.Release {
	t.Helper()
	list, err := releases()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// write returns the one file of a format.
func write(t *testing.T, r *audit.Release, f audit.Format) []byte {
	t.Helper()
	files, err := r.Files(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 {
		t.Fatalf("%s: %d files", f, len(files))
	}
	return files[0].Data
}

// value reads JSON as any reader does.
func value(t *testing.T, data []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// walk calls visit for every object of a value.
func walk(v any, path string, visit func(path string, o map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(path, v)
		for name, member := range v {
			walk(member, path+"/"+name, visit)
		}
	case []any:
		for i, member := range v {
			walk(member, fmt.Sprint(path, "/", i), visit)
		}
	}
}

var controlOrTurn = regexp.MustCompile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")

// TestOSCAL: both documents are valid by the official schema with formats, every UUID that
// is defined is so once, and every reference leads to one.
func TestOSCAL(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	f, err := os.Open("testdata/oscal_complete_schema-1.2.2.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	schema, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("oscal.json", schema); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		format     audit.Format
		root, part string
	}{
		{audit.FormatOSCALResults, "assessment-results", "oscal-complete-oscal-ar:assessment-results"},
		{audit.FormatOSCALComponent, "component-definition", "oscal-complete-oscal-component-definition:component-definition"},
	} {
		compiled, err := c.Compile("oscal.json#/definitions/" + tt.part)
		if err != nil {
			t.Fatal(err)
		}
		for name, r := range all(t) {
			t.Run(tt.root+" of "+name, func(t *testing.T) {
				data := write(t, r, tt.format)
				root := value(t, data).(map[string]any)
				if len(root) != 1 {
					t.Fatalf("%d members beside %s", len(root)-1, tt.root)
				}
				if err := compiled.Validate(root[tt.root]); err != nil {
					t.Errorf("%v", err)
				}
				checkOSCAL(t, root)
			})
		}
	}
}

// checkOSCAL holds a document against what the schema does not say.
func checkOSCAL(t *testing.T, root any) {
	t.Helper()
	defined := map[string]string{}
	walk(root, "", func(path string, o map[string]any) {
		if id, ok := o["uuid"].(string); ok {
			if other := defined[id]; other != "" {
				t.Errorf("%s and %s have one UUID", other, path)
			}
			defined[id] = path
		}
	})
	walk(root, "", func(path string, o map[string]any) {
		for name, member := range o {
			text, ok := member.(string)
			if !ok {
				continue
			}
			switch {
			case strings.HasSuffix(name, "-uuid") && defined[text] == "":
				t.Errorf("%s/%s leads nowhere: %s", path, name, text)
			case (name == "href" || name == "source") && strings.HasPrefix(text, "#") && defined[text[1:]] == "":
				t.Errorf("%s/%s leads nowhere: %s", path, name, text)
			case name == "href" && strings.ContainsAny(text, " \n\\"):
				t.Errorf("%s/href is no reference: %q", path, text)
			case text == "" || controlOrTurn.MatchString(text):
				t.Errorf("%s/%s: %q", path, name, text)
			case (name == "title" || name == "description") && regexp.MustCompile(`(^|[^\\])(<script|\[x\]\(|\{\{)`).MatchString(text):
				t.Errorf("%s/%s holds markup: %q", path, name, text)
			}
		}
	})
}

// TestOSCALStates: a control of each status is where a reader of OSCAL looks for it.
func TestOSCALStates(t *testing.T) {
	r := all(t)["sat-1.205"]
	var doc struct {
		Results struct {
			Results []struct {
				Findings []struct {
					Props  []struct{ Name, Value string }
					Target struct {
						ID     string `json:"target-id"`
						Status struct{ State, Reason string }
					}
					Risks []any `json:"related-risks"`
				}
				Observations []struct {
					Title string
					Props []struct{ Name, Value string }
				}
			}
		} `json:"assessment-results"`
	}
	if err := json.Unmarshal(write(t, r, audit.FormatOSCALResults), &doc); err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, f := range doc.Results.Results[0].Findings {
		text := f.Target.Status.State + " " + f.Target.Status.Reason
		if len(f.Risks) > 0 {
			text += " risk"
		}
		states[f.Target.ID] = text
	}
	for id, want := range map[string]string{
		"OSPS-QA-02.02": "satisfied pass", "statement_RV.1.1": "satisfied pass", "OSPS-BR-06.01": "not-satisfied other risk", "OSPS-VM-05.02": "", "cm-8_smt": "",
	} {
		if states[id] != want {
			t.Errorf("%s: %q, want %q", id, states[id], want)
		}
	}
	if !slices.ContainsFunc(doc.Results.Results[0].Observations, func(o struct {
		Title string
		Props []struct{ Name, Value string }
	}) bool {
		return o.Title == "NIST SP 800-53 CM-8: not assessed"
	}) {
		t.Error("no observation of CM-8, which is not assessed")
	}
}

// TestCDXA: the document is valid CycloneDX 1.6, and its references lead to what it defines.
func TestCDXA(t *testing.T) {
	for name, r := range all(t) {
		t.Run(name, func(t *testing.T) {
			data := write(t, r, audit.FormatCDXA)
			v, err := sbom.Validate(bytes.NewReader(data), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range v.Checks {
				if c.Status == evidence.StatusFail || c.Status == evidence.StatusError || c.Status == evidence.StatusWarn {
					t.Errorf("%s: %s", c.ID, c.Message)
				}
			}
			root := value(t, data)
			refs := map[string]bool{}
			walk(root, "", func(path string, o map[string]any) {
				if ref, ok := o["bom-ref"].(string); ok {
					if refs[ref] {
						t.Errorf("%s: %q is there twice", path, ref)
					}
					refs[ref] = true
				}
			})
			walk(root, "", func(path string, o map[string]any) {
				for member, v := range o {
					switch member {
					case "requirement", "target", "assessor":
						if !refs[v.(string)] {
							t.Errorf("%s/%s leads nowhere: %v", path, member, v)
						}
					case "claims", "counterClaims", "evidence":
						for _, ref := range v.([]any) {
							if text, ok := ref.(string); ok && !refs[text] {
								t.Errorf("%s/%s leads nowhere: %s", path, member, text)
							}
						}
					}
				}
			})
		})
	}
}

// TestGemara: every reference is declared, ids of evidence name one thing, and what ran has a time.
func TestGemara(t *testing.T) {
	results := []string{"Passed", "Failed", "Needs Review", "Not Run", "Unknown"}
	for name, r := range all(t) {
		t.Run(name, func(t *testing.T) {
			var log struct {
				Metadata struct {
					Type string
					Date time.Time
					Refs []struct{ ID, Title, Version string } `json:"mapping-references"`
				}
				Result      string
				Evaluations []struct {
					Name, Result, Message string
					Control               struct {
						Ref   string `json:"reference-id"`
						Entry string `json:"entry-id"`
					}
					Assessments []struct {
						Requirement struct {
							Ref string `json:"reference-id"`
						}
						Result, Start, Message, Description string
						Applicability, Steps                []string
						Evidence                            []struct {
							ID, Type string
							Source   struct {
								Ref        string `json:"reference-id"`
								Coordinate string
								Digest     string
							}
						}
					} `json:"assessment-logs"`
				}
			}
			if err := json.Unmarshal(write(t, r, audit.FormatGemara), &log); err != nil {
				t.Fatal(err)
			}
			declared := map[string]bool{}
			for _, ref := range log.Metadata.Refs {
				if declared[ref.ID] || ref.ID == "" || ref.Title == "" || ref.Version == "" {
					t.Errorf("reference %+v", ref)
				}
				declared[ref.ID] = true
			}
			if len(log.Evaluations) != len(controls.Builtin().Controls)-1 || !slices.Contains(results, log.Result) {
				t.Errorf("%d evaluations, result %q", len(log.Evaluations), log.Result)
			}
			items := map[string]string{}
			for _, e := range log.Evaluations {
				if !declared[e.Control.Ref] || !slices.Contains(results, e.Result) || e.Name == "" || e.Message == "" || len(e.Assessments) == 0 {
					t.Errorf("evaluation %+v", e)
				}
				for _, a := range e.Assessments {
					if a.Requirement.Ref != e.Control.Ref || !slices.Contains(results, a.Result) || len(a.Applicability) == 0 || len(a.Steps) == 0 || (a.Start == "") != (a.Result == "Not Run") && a.Result != "Unknown" {
						t.Errorf("%s: assessment %+v", e.Control.Entry, a)
					}
					for _, item := range a.Evidence {
						text := fmt.Sprintf("%+v", item)
						if !declared[item.Source.Ref] || items[item.ID] != "" && items[item.ID] != text {
							t.Errorf("%s: evidence %s, %s before", e.Control.Entry, text, items[item.ID])
						}
						items[item.ID] = text
					}
				}
			}
		})
	}
}

// TestCAIQLite: the document obeys the rules of caiq-lite's own validator.
func TestCAIQLite(t *testing.T) {
	id := regexp.MustCompile(`^[A-Z]{2,3}-\d{2}$`)
	for name, r := range all(t) {
		t.Run(name, func(t *testing.T) {
			var doc struct {
				Version, Vendor, Product, CompletedAt string
				Controls                              []struct{ ID, Domain, Title, Answer, Comment, Evidence string }
			}
			if err := json.Unmarshal(write(t, r, audit.FormatCAIQLite), &doc); err != nil {
				t.Fatal(err)
			}
			if _, err := time.Parse(time.DateOnly, doc.CompletedAt); err != nil || doc.Version != "4.1" || doc.Vendor == "" || doc.Product == "" {
				t.Errorf("%+v, %v", doc, err)
			}
			seen := map[string]bool{}
			answers := map[string]string{}
			for _, c := range doc.Controls {
				if !id.MatchString(c.ID) || seen[c.ID] || c.Domain == "" || c.Title == "" || !slices.Contains([]string{"Yes", "No", "Planned"}, c.Answer) || c.Comment == "" {
					t.Errorf("%+v", c)
				}
				seen[c.ID], answers[c.ID] = true, c.Answer
				if c.Evidence != "" && !strings.Contains(c.Evidence, "#") {
					t.Errorf("%s: evidence %q", c.ID, c.Evidence)
				}
			}
			want := map[string]map[string]string{
				"sat-1.205": {"STA-09": "Yes", "TVM-03": "Yes", "AIS-05": ""}, "empty": {"STA-09": ""}, "hostile": {"TVM-07": "No"},
			}[name]
			for id, answer := range want {
				if answers[id] != answer {
					t.Errorf("%s: %q, want %q", id, answers[id], answer)
				}
			}
		})
	}
}

// TestStable: a second run gives the same bytes, in every format.
func TestStable(t *testing.T) {
	first, err := release(manifest.Config{Product: "demo", Version: "1.7", Release: manifest.Release{Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}, hostileFiles(), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := release(manifest.Config{Product: "demo", Version: "1.7", Release: manifest.Release{Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}, hostileFiles(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range audit.Formats() {
		a, err := first.Files(f)
		if err != nil {
			t.Fatal(err)
		}
		b, err := second.Files(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(a) != len(b) {
			t.Fatalf("%s: %d and %d files", f, len(a), len(b))
		}
		for i := range a {
			if a[i].Name != b[i].Name || !bytes.Equal(a[i].Data, b[i].Data) {
				t.Errorf("%s: %s differs", f, a[i].Name)
			}
		}
	}
}
