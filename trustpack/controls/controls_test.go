// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package controls_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/controls"
)

const head = "evidence,kinds,framework,edition,id,oscal_id,about,strength,source,checked\n"

// row makes a line of a table about control X-1 of framework F.
func row(kinds, text, strength string) string {
	return fmt.Sprintf("%q,%q,F,1,X-1,X-1,about it,%s,here,yes\n", text, kinds, strength)
}

func TestBuiltin(t *testing.T) {
	data, err := os.ReadFile("controls.csv")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := controls.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	keys := map[[3]string]bool{}
	for _, c := range parsed.Controls {
		rows += len(c.Rows)
		keys[[3]string{c.Framework, c.Edition, c.ID}] = true
	}
	if rows != 138 || len(keys) != len(parsed.Controls) || len(controls.Builtin().Controls) != len(parsed.Controls) {
		t.Errorf("%d rows of %d controls with %d names", rows, len(parsed.Controls), len(keys))
	}
	// What stands in brackets after an edition is a remark: PS.3.2 has rows under both.
	for _, c := range parsed.Controls {
		if c.Framework == "NIST SSDF" && (c.Edition != "1.1" || c.ID == "PS.3.2" && len(c.Rows) != 2) {
			t.Errorf("%s %s: edition %q, %d rows", c.Framework, c.ID, c.Edition, len(c.Rows))
		}
	}
}

func TestParse(t *testing.T) {
	good := row("sbom", "SBOM", "shows")
	for _, tt := range []struct {
		name, text, code string
		line, column     int
	}{
		{"a row", head + good, "", 0, 0},
		{"a byte order mark and CRLF", "\ufeff" + strings.ReplaceAll(head+good, "\n", "\r\n"), "", 0, 0},
		{"a second kind of evidence", head + good + row("vex", "VEX", "supports"), "", 0, 0},
		{"nothing to say", head + good + `SBOM,sbom,F,1,none,,"no control",-,here,yes` + "\n", "", 0, 0},
		{"empty", "", "controls.columns", 1, 1},
		{"no row", head, "controls.columns", 1, 1},
		{"another first line", "a,b\n" + good, "controls.columns", 1, 1},
		{"columns in another order", strings.Replace(head, "evidence,kinds", "kinds,evidence", 1) + good, "controls.columns", 1, 1},
		{"a column too few", head + "a,b\n", "controls.columns", 2, 1},
		{"an open quote", head + "\"a,sbom\n", "controls.syntax", 2, 9},
		{"unknown kind", head + row("sbomm", "SBOM", "shows"), "controls.kinds", 2, 8},
		{"unknown sort of scan", head + row("scan", "another scan", "shows"), "controls.kinds", 2, 16},
		{"unknown gap", head + row("gap", "declared gap: pentest", "gap"), "controls.kinds", 2, 25},
		{"gap that shows", head + row("gap", "declared gap: penetration-test", "shows"), "controls.strength", 2, 61},
		{"evidence that is a gap", head + row("sbom", "SBOM", "gap"), "controls.strength", 2, 36},
		{"unknown strength", head + row("sbom", "SBOM", "proves"), "controls.strength", 2, 36},
		{"no edition", head + "SBOM,sbom,F,,X-1,X-1,about,shows,here,yes\n", "controls.edition", 2, 13},
		{"id that is no token", head + "SBOM,sbom,F,1,A&A-02,A&A-02,about,shows,here,yes\n", "controls.oscal-id", 2, 22},
		{"no token", head + "SBOM,sbom,F,1,X,,about,shows,here,yes\n", "controls.oscal-id", 2, 17},
		{"a row twice", head + good + good, "controls.evidence", 3, 1},
		{"two tokens of one control", head + good + "VEX,vex,F,1,X-1,X-2,about,shows,here,yes\n", "controls.oscal-id", 3, 17},
		{"one token of two controls", head + good + "VEX,vex,F,1,X-2,X-1,about,shows,here,yes\n", "controls.oscal-id", 3, 17},
		{"one token in two editions", head + good + "VEX,vex,F,2,X-1,X-1,about,shows,here,yes\n", "", 0, 0},
		{"unknown word for checked", head + "SBOM,sbom,F,1,X-1,X-1,about,shows,here,maybe\n", "controls.checked", 2, 40},
		{"control character", head + "SBOM\x1b[2J,sbom,F,1,X-1,X-1,about,shows,here,yes\n", "controls.evidence", 2, 1},
		{"text that reads backwards", head + "SBOM\u202e,sbom,F,1,X-1,X-1,about,shows,here,yes\n", "controls.evidence", 2, 1},
		{"invalid UTF-8", head + "SBOM\xff,sbom,F,1,X-1,X-1,about,shows,here,yes\n", "controls.evidence", 2, 1},
		{"space in front", head + "SBOM, sbom,F,1,X-1,X-1,about,shows,here,yes\n", "controls.kinds", 2, 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			table, err := controls.Parse([]byte(tt.text))
			if tt.code == "" {
				if err != nil || len(table.Controls) == 0 {
					t.Fatalf("%v", err)
				}
				return
			}
			problems, ok := errors.AsType[evidence.Problems](err)
			if !ok || !errors.Is(err, evidence.ErrFormat) {
				t.Fatalf("got %v, want problems of class ErrFormat", err)
			}
			if p := problems[0]; p.Code != tt.code || p.Line != tt.line || tt.column != 0 && p.Column != tt.column {
				t.Errorf("got %s at %d:%d (%v), want %s at %d:%d", p.Code, p.Line, p.Column, p, tt.code, tt.line, tt.column)
			}
		})
	}
}

func TestParseLimits(t *testing.T) {
	for name, text := range map[string]string{
		"bytes": head + strings.Repeat(" ", 4<<20),
		"rows":  head + strings.Repeat("SBOM,sbom,F,1,X-1,X-1,about,shows,here,yes\n", 20_001),
	} {
		_, err := controls.Parse([]byte(text))
		if name == "rows" { // the first faults end it before the bound
			if !errors.Is(err, evidence.ErrFormat) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, evidence.ErrLimit) {
			t.Errorf("%s: %v, want ErrLimit", name, err)
		}
	}
}

// release makes a release of two images, a and b, with one file of a kind about each.
func release(kind manifest.Kind, checks ...evidence.Check) *controls.Release {
	r := &controls.Release{Manifest: evidence.Source{Path: manifest.Name}, Images: []string{"a", "b"}, Checks: checks}
	for _, image := range r.Images {
		r.Files = append(r.Files, controls.File{Source: evidence.Source{Path: image, SHA256: evidence.Sum256([]byte(image))}, Kind: kind, Image: image})
	}
	return r
}

func check(id, subject string, s evidence.Status) evidence.Check {
	return evidence.Check{ID: id, Subject: subject, Status: s, Message: "as it is"}
}

func TestEvaluate(t *testing.T) {
	const pass, fail, warn, skip, broken = evidence.StatusPass, evidence.StatusFail, evidence.StatusWarn, evidence.StatusSkip, evidence.StatusError
	sboms := func(a, b evidence.Status, more ...evidence.Check) *controls.Release {
		return release(manifest.KindSBOM, append([]evidence.Check{check("sbom.readable", "a", a), check("sbom.readable", "b", b)}, more...)...)
	}
	edit := func(r *controls.Release, change func(*controls.Release)) *controls.Release { change(r); return r }
	signed := func(image string) []evidence.Check {
		return []evidence.Check{check("attest.signature", image, pass), check("attest.identity", image, pass), check("attest.subject", image, pass)}
	}
	gap := func(kind manifest.Kind, image string) func(*controls.Release) {
		return func(r *controls.Release) {
			r.Gaps = append(r.Gaps, manifest.Gap{Kind: kind, Image: image, Reason: "to come"})
		}
	}
	sbom, signature := row("sbom", "SBOM", "shows"), row("signature, certificate", "image signature", "shows")
	for _, tt := range []struct {
		name, table string
		release     *controls.Release
		want        controls.Status
		reason      string // part of it
	}{
		{"all passed", sbom, sboms(pass, pass), controls.StatusSatisfied, "2 files, 2 checks passed, among them sbom.readable"},
		{"a warning beside what is needed", sbom, sboms(pass, pass, check("sbom.quality", "a", warn)), controls.StatusSatisfied, ""},
		{"what supports never satisfies", row("sbom", "SBOM", "supports"), sboms(pass, pass), controls.StatusNotAssessed, "supports an assessment"},
		{"one failed", sbom, sboms(pass, fail), controls.StatusNotSatisfied, "sbom.readable: as it is"},
		{"a warning of what is needed", sbom, sboms(pass, warn), controls.StatusNotSatisfied, "sbom.readable"},
		{"a check of the family failed", sbom, sboms(pass, pass, check("sbom.pair", "a, b", fail)), controls.StatusNotSatisfied, "sbom.pair"},
		{"a check of another family failed", sbom, sboms(pass, pass, check("scan.pair", "a, b", fail)), controls.StatusSatisfied, ""},
		{"one could not be checked", sbom, sboms(pass, broken), controls.StatusNotAssessed, "could not be checked"},
		{"a failure beside one that could not be checked", sbom, sboms(fail, broken), controls.StatusNotSatisfied, ""},
		{"no check of a file", sbom, release(manifest.KindSBOM, check("sbom.readable", "a", pass)), controls.StatusNotAssessed, "sbom.readable was not checked"},
		{"no evidence", sbom, release(manifest.KindVEX), controls.StatusNotAssessed, "holds no such evidence (sbom)"},
		{"no file of one image", sbom, edit(sboms(pass, pass), func(r *controls.Release) { r.Files = r.Files[:1] }), controls.StatusNotSatisfied, "image b has no such evidence"},
		{"a release without images", sbom, edit(sboms(pass, pass), func(r *controls.Release) { r.Images, r.Files[0].Image, r.Files[1].Image = nil, "", "" }), controls.StatusSatisfied, ""},
		{"refused", sbom, edit(sboms(pass, pass), func(r *controls.Release) { r.Files[1].Refused = "lists no package" }), controls.StatusNotSatisfied, "b lists no package"},
		{"declared absent for one image", sbom, edit(sboms(pass, pass), func(r *controls.Release) { r.Files = r.Files[:1]; gap(manifest.KindSBOM, "b")(r) }), controls.StatusGap, "to come"},
		{"declared absent, and a failure", sbom, edit(sboms(fail, pass), gap(manifest.KindSBOM, "b")), controls.StatusNotSatisfied, ""},
		{"another gap", sbom, edit(sboms(pass, pass), gap(manifest.KindVEX, "")), controls.StatusSatisfied, ""},
		{"a pack that does not hold", sbom, sboms(pass, pass, check("manifest.digest", "", fail)), controls.StatusNotSatisfied, "the pack does not hold: manifest.digest"},
		{"evidence of another release", sbom, sboms(pass, pass, check("release.identity", "", fail)), controls.StatusNotSatisfied, "release.identity"},
		{"a pack named otherwise", sbom, sboms(pass, pass, check("manifest.filename", "", warn)), controls.StatusSatisfied, ""},
		{"one kind passed, the other has no evidence", sbom + row("vex", "VEX", "shows"), sboms(pass, pass), controls.StatusSatisfied, ""},
		{"one kind passed, the other failed", sbom + row("vex", "VEX", "shows"), edit(sboms(pass, pass, check("scan.vex", "c", fail)), func(r *controls.Release) {
			r.Files = append(r.Files, controls.File{Source: evidence.Source{Path: "c"}, Kind: manifest.KindVEX})
		}), controls.StatusNotSatisfied, "scan.vex"},

		{"signed", signature, release(manifest.KindSignature, append(signed("a"), signed("b")...)...), controls.StatusSatisfied, ""},
		{"one image signed", signature, release(manifest.KindSignature, signed("a")...), controls.StatusNotAssessed, "attest.signature was not checked for image"},
		{"no signer expected", signature, release(manifest.KindSignature, check("attest.about", "a", pass), check("attest.images", "", skip)), controls.StatusNotAssessed, "not checked (as it is)"},
		{"by a stranger", signature, release(manifest.KindSignature, append(signed("a"), check("attest.identity", "b", fail))...), controls.StatusNotSatisfied, "attest.identity"},
		{"signing to come", signature, edit(release(manifest.KindVEX), gap(manifest.KindImageSigning, "")), controls.StatusGap, "to come"},
		{"a failure of the pack's own statement", signature, release(manifest.KindSignature, append(append(signed("a"), signed("b")...), check("attest.statement", "", fail))...), controls.StatusSatisfied, ""},

		{"container scan without health", row("scan", "container scan (any)", "shows"), release(manifest.KindScan, check("scan.readable", "a", pass), check("scan.readable", "b", pass)), controls.StatusNotAssessed, "scan.health"},
		{"Go scan of another tool", row("scan", "Go scan", "shows"), release(manifest.KindScan, check("scan.readable", "a", pass)), controls.StatusNotAssessed, "holds no such"},
		{"a licence that is not known", row("license-report", "licences", "shows"), release(manifest.KindLicenseReport, check("license.readable", "a", pass), check("license.readable", "b", pass), check("license.complete", "a, b", warn)), controls.StatusNotSatisfied, "license.complete"},
		{"a licence file of another format", row("license-report", "licences", "shows"), release(manifest.KindLicenseReport, check("license.readable", "a", pass), check("license.readable", "b", skip), check("license.complete", "a", pass)), controls.StatusSatisfied, "1 file"},

		{"the pack, not signed", row("(pack)", "manifest", "shows"), release(manifest.KindVEX, check("manifest.inventory", "", pass), check("manifest.digest", "", pass), check("attest.statement", "", skip)), controls.StatusNotAssessed, "attest.statement"},
		{"the pack, signed", row("(pack)", "manifest", "shows"), release(manifest.KindVEX, check("manifest.inventory", "", pass), check("manifest.digest", "", pass), check("attest.statement", "", pass)), controls.StatusSatisfied, ""},
		{"the version", row("(release fields)", "version", "shows"), release(manifest.KindVEX, check("release.version", "", pass), check("release.tag", "", pass)), controls.StatusSatisfied, ""},
		{"no tag", row("(release fields)", "version", "shows"), release(manifest.KindVEX, check("release.version", "", pass), check("release.tag", "", skip)), controls.StatusNotAssessed, "release.tag"},
		{"an installation", row("(computed, VSA)", "install gate", "shows"), sboms(pass, pass), controls.StatusNotAssessed, "trustpack-gate"},
		{"a gap that is declared", row("gap", "declared gap: penetration-test", "gap"), edit(sboms(pass, pass), gap(manifest.KindPenetrationTest, "")), controls.StatusGap, "to come"},
		{"a gap that is not", row("gap", "declared gap: penetration-test", "gap"), sboms(pass, pass), controls.StatusNotAssessed, "declares no gap"},
		{"a profile of SBOMs", row("sbom", "SBOM profile cisa-2026", "shows"), sboms(pass, pass), controls.StatusNotAssessed, "sbom.profile.cisa-2026 was not checked"},
		{"no check at all", sbom, release(manifest.KindSBOM), controls.StatusNotAssessed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			table, err := controls.Parse([]byte(head + tt.table))
			if err != nil {
				t.Fatal(err)
			}
			got := table.Evaluate(tt.release)
			if len(got) != 1 || got[0].Status != tt.want || !strings.Contains(got[0].Reason, tt.reason) || got[0].Reason == "" {
				t.Errorf("got %s: %q, want %s: %q", got[0].Status, got[0].Reason, tt.want, tt.reason)
			}
			for _, s := range got[0].Sources() {
				if s.Path == "" || s.Path != manifest.Name && s.SHA256.IsZero() && s.Path != "c" {
					t.Errorf("source %+v leads nowhere", s)
				}
			}
		})
	}
}

// TestBuiltinEmpty: a release without evidence satisfies nothing, whatever the table says.
func TestBuiltinEmpty(t *testing.T) {
	for _, r := range controls.Builtin().Evaluate(&controls.Release{}) {
		if r.Status != controls.StatusNotAssessed || r.Reason == "" {
			t.Errorf("%s %s: %s (%s)", r.Framework, r.ID, r.Status, r.Reason)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(head + row("sbom", "SBOM", "shows"))
	f.Add(head + row("gap", "declared gap: penetration-test", "gap") + row("scan", "Go scan", "supports"))
	f.Fuzz(func(t *testing.T, text string) {
		table, err := controls.Parse([]byte(text))
		if err != nil {
			if !evidence.IsVerdict(err) {
				t.Errorf("%v is no statement about the table", err)
			}
			return
		}
		for _, r := range table.Evaluate(&controls.Release{}) {
			if r.Status == controls.StatusSatisfied {
				t.Errorf("%s is satisfied by nothing", r.ID)
			}
		}
	})
}
