// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
)

// TestScans plants one contradiction between the reports of one scan, or between a
// scan and what else is known of its image, or an honest variation.
func TestScans(t *testing.T) {
	manyReadings(t)
	const (
		cdx    = "sbom/hailbytes-asm-celery.cdx.json"
		spdx   = "sbom/hailbytes-asm-celery.spdx.json"
		trivy  = "scans/hailbytes-asm-celery.trivy.json"
		sarif  = "scans/hailbytes-asm-celery.trivy.sarif"
		govuln = "scans/govulncheck.sarif"
		vex    = "scans/govulncheck.openvex.json"
		layer  = "sha256:7df3f8bd97be55baae7171422f179a4032d808d33bd6f857031556a858ee9982"
	)
	pass, warn, fail := evidence.StatusPass, evidence.StatusWarn, evidence.StatusFail
	// cut takes the results of SARIF that a pattern matches.
	cut := func(f map[string][]byte, name, pattern string, most int) {
		re := regexp.MustCompile(pattern)
		log := decode(t, f[name])
		run := log["runs"].([]any)[0].(map[string]any)
		var kept []any
		for _, r := range run["results"].([]any) {
			if most > 0 && re.Match(encode(t, r)) {
				most--
				continue
			}
			kept = append(kept, r)
		}
		run["results"] = append([]any{}, kept...)
		f[name] = encode(t, log)
	}
	// suppress suppresses one result of SARIF.
	suppress := func(f map[string][]byte, pattern string, how map[string]any) {
		log := decode(t, f[sarif])
		for _, r := range log["runs"].([]any)[0].(map[string]any)["results"].([]any) {
			if regexp.MustCompile(pattern).Match(encode(t, r)) {
				r.(map[string]any)["suppressions"] = []any{how}
				break
			}
		}
		f[sarif] = encode(t, log)
	}
	// edited changes one vulnerability of Trivy's report.
	edited := func(f map[string][]byte, name string, n int, with map[string]any) {
		report := decode(t, f[name])
		maps.Copy(report["Results"].([]any)[0].(map[string]any)["Vulnerabilities"].([]any)[n].(map[string]any), with)
		f[name] = encode(t, report)
	}
	type plant struct {
		name, id string
		want     evidence.Status
		message  string
		edit     func(map[string][]byte)
	}
	for _, part := range []struct {
		pack    string
		folders []string
		plants  []plant
	}{
		{"asm-1.482", []string{"sbom", "scans", "signatures"}, []plant{
			{"a finding less in SARIF", "scan.pair", fail, "lacks 1 finding that the other report", func(f map[string][]byte) { cut(f, sarif, `Severity: LOW`, 1) }},
			{"no finding in SARIF", "scan.pair", fail, "lacks 33 findings", func(f map[string][]byte) { cut(f, sarif, ``, 100) }},
			{"SARIF of the critical ones", "scan.pair", warn, "all below critical", func(f map[string][]byte) { cut(f, sarif, `Severity: (LOW|MEDIUM)`, 100) }},
			{"SARIF without the critical ones", "scan.pair", fail, "(critical)", func(f map[string][]byte) { cut(f, sarif, `Severity: CRITICAL`, 100) }},
			{"another severity", "scan.pair", fail, "says critical of", func(f map[string][]byte) { swap(t, f, trivy, `"Severity": "CRITICAL"`, `"Severity": "MEDIUM"`) }},
			{"two scans by two versions", "scan.pair", evidence.StatusInvalid, "", func(f map[string][]byte) {
				cut(f, sarif, `Severity: LOW`, 1)
				swap(t, f, trivy, `"SchemaVersion"`, `"Trivy": {"Version": "0.70.0"}, "SchemaVersion"`)
			}},
			{"a fix that SARIF does not know", "scan.pair", fail, "is fixed in no version", func(f map[string][]byte) { edited(f, trivy, 0, map[string]any{"FixedVersion": "99.1"}) }},
			{"another level than the severity's", "scan.pair", warn, "the level note", func(f map[string][]byte) { swap(t, f, sarif, `"level": "error"`, `"level": "note"`) }},
			{"a label of another value", "sbom.labels", fail, "image.title", func(f map[string][]byte) {
				swap(t, f, cdx, `image.title","value":"hailbytes-asm-celery"`, `image.title","value":"hailbytes-asm-nginx"`)
			}},
			{"the source of the image written for SSH in one file", "sbom.labels", pass, "", func(f map[string][]byte) {
				swap(t, f, cdx, `image.source","value":"https://github.com/HailBytes/hailbytes-asm"`, `image.source","value":"git@github.com:HailBytes/hailbytes-asm.git"`)
			}},
			{"the time of the image in another zone", "sbom.labels", pass, "", func(f map[string][]byte) {
				swap(t, f, cdx, `image.created","value":"2026-11-22T00:00:00Z"`, `image.created","value":"2026-11-22T01:00:00+01:00"`)
			}},
			{"another title of the image, everywhere", "sbom.labels", pass, "", func(f map[string][]byte) {
				swap(t, f, cdx, `image.title","value":"hailbytes-asm-celery"`, `image.title","value":"ASM worker"`)
				swap(t, f, trivy, `image.title": "hailbytes-asm-celery"`, `image.title": "ASM worker"`)
			}},
			{"an image for another processor", "scan.target", fail, "of an image for arm64", func(f map[string][]byte) { swap(t, f, trivy, `"architecture": "amd64"`, `"architecture": "arm64"`) }},
			{"a processor of a name that says little", "scan.target", pass, "", func(f map[string][]byte) { swap(t, f, trivy, `"architecture": "amd64"`, `"architecture": "any"`) }},
			{"a layer that the image's manifest lacks", "scan.target", fail, "the image's manifest 2 layers", func(f map[string][]byte) {
				more := `"sha256:` + strings.Repeat("1", 64) + `",`
				f[trivy] = regexp.MustCompile(`("(?:DiffIDs|diff_ids)": \[)`).ReplaceAll(f[trivy], []byte("${1}"+more))
			}},
			{"a layer of other bytes", "scan.target", fail, "other layers than the image's manifest", func(f map[string][]byte) {
				swap(t, f, trivy, "sha256:7ec354bbe40fdefd3540d18cfc636fd7554725421b00efd0dcbc4e0953630fc4", "sha256:"+strings.Repeat("1", 64))
			}},
			{"a digest in the package URL that nothing has", "sbom.image", fail, "describes", func(f map[string][]byte) {
				swap(t, f, spdx, "sha256%3A"+celery(t, f), "sha256%3A"+strings.Repeat("1", 64))
			}},
			{"another tool than the file's", "manifest.tool", fail, "is declared as made by", func(f map[string][]byte) { swap(t, f, manifest.Name, `"name": "syft"`, `"name": "Trivy"`) }},
			{"a package that another tool does not list", "sbom.pair", warn, "", func(f map[string][]byte) {
				swap(t, f, cdx, `"name":"syft","version"`, `"name":"trivy","version"`)
				swap(t, f, cdx, `"name":"bash"`, `"name":"bish"`)
			}},
			{"another image ID", "scan.target", fail, "configuration in the image's manifest", func(f map[string][]byte) {
				swap(t, f, trivy, "8299d43295ae28cbbfee4368418990366d3e80ff99cb7417b5d6c73ba0f75c8b", strings.Repeat("1", 64))
			}},
			{"another operating system", "scan.target", fail, `"alpine 3.19"`, func(f map[string][]byte) {
				swap(t, f, trivy, `"Family": "debian"`, `"Family": "alpine"`)
				swap(t, f, trivy, `"Name": "12.15"`, `"Name": "3.19"`)
			}},
			{"another point release of the system", "scan.target", pass, "", func(f map[string][]byte) { swap(t, f, trivy, `"Name": "12.15"`, `"Name": "12.16"`) }},
			{"other layers than in the configuration", "scan.target", fail, "the configuration in the same report", func(f map[string][]byte) {
				f[trivy] = bytes.Replace(f[trivy], []byte(layer), []byte("sha256:"+strings.Repeat("1", 64)), 1)
			}},
			{"other layers than in the SBOM", "scan.target", fail, "does not list layer", func(f map[string][]byte) { swap(t, f, trivy, layer, "sha256:"+strings.Repeat("1", 64)) }},
			{"a file system with the layers of an image", "scan.target", fail, "of a filesystem", func(f map[string][]byte) { swap(t, f, trivy, "container_image", "filesystem") }},
			{"a critical finding suppressed", "scan.suppressed", warn, "no reason is given", func(f map[string][]byte) {
				suppress(f, `Severity: CRITICAL`, map[string]any{"kind": "external", "status": "accepted"})
			}},
			{"a low finding suppressed with a reason", "scan.suppressed", pass, "", func(f map[string][]byte) {
				suppress(f, `Severity: LOW`, map[string]any{"kind": "external", "status": "accepted", "justification": "not used"})
			}},
			{"another version of a package", "scan.packages", fail, "in other versions only", func(f map[string][]byte) {
				swap(t, f, trivy, `"InstalledVersion": "2.6.2"`, `"InstalledVersion": "2.6.1"`)
				swap(t, f, trivy, `apt@2.6.2`, `apt@2.6.1`)
			}},
		}},
		{"sat-1.205", []string{"sbom", "scans", "source"}, []plant{
			{"another toolchain", "scan.modules", warn, "go1.20.1", func(f map[string][]byte) { swap(t, f, govuln, "go1.26.8", "go1.20.1") }},
			{"another version of a module", "scan.modules", fail, `in version "4.0.0+incompatible"`, func(f map[string][]byte) { swap(t, f, govuln, "v3.2.0+incompatible", "v4.0.0+incompatible") }},
			{"VEX of the scan without a vulnerability", "scan.vex.claims", fail, "says nothing of", func(f map[string][]byte) {
				doc := decode(t, f[vex])
				doc["statements"] = doc["statements"].([]any)[1:]
				f[vex] = encode(t, doc)
			}},
			{"VEX of the scan with one more", "scan.vex.claims", warn, "which scans/govulncheck.", func(f map[string][]byte) {
				doc := decode(t, f[vex])
				doc["statements"] = append(doc["statements"].([]any), map[string]any{"vulnerability": map[string]any{"name": "GO-2099-0001"}, "products": []any{map[string]any{"@id": "Unknown Product"}}, "status": "affected"})
				f[vex] = encode(t, doc)
			}},
			{"VEX of somebody with one more", "scan.vex.claims", pass, "", func(f map[string][]byte) {
				doc := decode(t, f[vex])
				doc["@id"] = "https://acme.example/vex/1"
				doc["statements"] = append(doc["statements"].([]any), map[string]any{"vulnerability": map[string]any{"name": "GO-2099-0001"}, "products": []any{map[string]any{"@id": "Unknown Product"}}, "status": "affected"})
				f[vex] = encode(t, doc)
			}},
			{"VEX of another version of a module", "scan.vex.claims", fail, "is about", func(f map[string][]byte) { swap(t, f, vex, "jwt-go@v3.2.0", "jwt-go@v9.9.9") }},
			{"an old data base", "scan.time", warn, "days before the scan", func(f map[string][]byte) { swap(t, f, govuln, "2026-08-21T20:38:00Z", "2019-01-01T00:00:00Z") }},
			{"VEX about another image", "scan.vex.claims", warn, "is not of the release", func(f map[string][]byte) {
				swap(t, f, vex, "Unknown Product", "pkg:oci/other@sha256:"+strings.Repeat("ab", 32))
			}},
			{"VEX about the image of the release", "scan.vex.claims", pass, "", func(f map[string][]byte) { swap(t, f, vex, "Unknown Product", "pkg:oci/hailbytes-sat") }},
			{"VEX that denies calls", "scan.vex.claims", warn, "govulncheck shows calls", func(f map[string][]byte) {
				f[vex] = bytes.Replace(f[vex], []byte(`"status": "affected"`), []byte(`"status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"`), 1)
			}},
		}},
	} {
		good, _ := sample(t, part.pack, part.folders...)
		report := func(pack []byte) *Report {
			return verify(t, open(t, pack), Policy{Now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)})
		}
		before := report(good)
		for _, id := range []string{"scan.pair", "scan.target", "scan.modules", "scan.vex.claims", "scan.packages"} {
			if got := worst(before, id); got.Status != pass && got.Status != evidence.StatusInvalid {
				t.Errorf("%s before: %s %s: %s", part.pack, id, got.Status, got.Message)
			}
		}
		for _, test := range part.plants {
			t.Run(test.name, func(t *testing.T) {
				after := report(edit(t, good, func(files map[string][]byte) {
					test.edit(files)
					relist(t, files)
				}))
				text := ""
				for _, c := range after.Checks {
					if c.ID == test.id {
						text += c.Message + "\n" + c.Problems.Error() + "\n"
					}
				}
				if got := worst(after, test.id); got.Status != test.want || !strings.Contains(text, test.message) {
					t.Errorf("%s %s:\n%s", test.id, got.Status, text)
				}
			})
		}
	}
}

// TestPairRules: what two reports of one scan may leave out, and which are of one scan.
func TestPairRules(t *testing.T) {
	vulnerability := func(id, severity, fixed string) string {
		return fmt.Sprintf(`{"VulnerabilityID": %q, "PkgName": "apt", "InstalledVersion": "1", "Severity": %q, "FixedVersion": %q}`, id, severity, fixed)
	}
	high, low, unfixed := vulnerability("CVE-2026-1", "HIGH", "2"), vulnerability("CVE-2026-2", "LOW", "2"), vulnerability("CVE-2026-3", "CRITICAL", "")
	report := func(path, made string, list ...string) *Document {
		text := fmt.Sprintf(`{"SchemaVersion": 2, "CreatedAt": %q, "ArtifactName": "web", "Results": [{"Target": "web", "Vulnerabilities": [%s]}]}`, made, strings.Join(list, ","))
		log, err := sarif.Read(strings.NewReader(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return &Document{File: manifest.File{Path: path}, Scan: log}
	}
	const first, later = "2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"
	const pass, warn, fail = evidence.StatusPass, evidence.StatusWarn, evidence.StatusFail
	whole := report("a", first, high, low, unfixed)
	for _, tt := range []struct {
		name   string
		other  *Document
		status evidence.Status
		says   string
	}{
		{"the same", report("b", first, unfixed, low, high), pass, ""},
		{"a finding less", report("b", first, high, unfixed), warn, "all below high"},
		{"the worst one less", report("b", first, low), fail, "lacks 2 findings"},
		{"only those with a fix", report("b", first, high, low), warn, "all without a fix"},
		{"one of those with a fix", report("b", first, low, unfixed), fail, "lacks 1 finding"},
		{"another fix", report("b", first, vulnerability("CVE-2026-1", "HIGH", "3"), low, unfixed), fail, `is fixed in "3"`},
		{"another severity", report("b", first, vulnerability("CVE-2026-1", "LOW", "2"), low, unfixed), fail, "says low of"},
		{"of a later day", report("b", later, low), 0, ""},
		{"of no day", report("b", "", low), 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Subject{Documents: []*Document{whole, tt.other}}
			wantCheck(t, sameMoment(s), pairID, "b, a", tt.status, tt.says)
		})
	}
	for _, tt := range []struct {
		name   string
		other  *Document
		status evidence.Status
	}{
		{"one that found nothing", report("b", later), warn},
		{"one that found less", report("b", later, low), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Subject{Image: &manifest.Image{Name: "web"}, Documents: []*Document{whole, tt.other}}
			wantCheck(t, foundNothing(s), pairID, "b", tt.status, "a of the same tool found 3 vulnerabilities")
		})
	}
}

func decode(t testing.TB, data []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}
