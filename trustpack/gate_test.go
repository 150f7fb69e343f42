// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack/license"
)

// parseGate reads a gate as package policy does, which cannot be imported from here.
func parseGate(t testing.TB, text string) *Gate {
	t.Helper()
	var file struct {
		Findings *struct {
			FailOn                                                 string
			TrustVEX, TrustSuppressions                            []string
			Exceptions                                             []any
			UnsafePassUnknown, UnsafeOnlyFixable, UnsafeAnyProduct bool
		}
		Licenses             map[string]any
		Tests, Accessibility bool
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&file)
	g := &Gate{Tests: file.Tests, Accessibility: file.Accessibility}
	if f := file.Findings; f != nil && err == nil {
		g.TrustVEX = f.TrustVEX
		g.Findings = &sarif.Gate{
			FailOn: sarif.ParseSeverity(f.FailOn), TrustSuppressions: f.TrustSuppressions,
			UnsafePassUnknown: f.UnsafePassUnknown, UnsafeOnlyFixable: f.UnsafeOnlyFixable, UnsafeAnyProduct: f.UnsafeAnyProduct,
		}
		g.Findings.Exceptions, err = sarif.ParseExceptions([]byte(text), "policy", "/findings/exceptions")
	}
	if file.Licenses != nil && err == nil {
		g.Licenses, err = license.ParsePolicy([]byte(text), "", "/licenses")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return g
}

// TestGate judges real evidence by gates that it passes and by their near
// neighbours that it does not.
func TestGate(t *testing.T) {
	manyReadings(t)
	const until, over = "2027-01-01", "2026-01-01"
	exception := func(expires string) string {
		return `{"findings":{"failOn":"critical","exceptions":[{"vulnerability":"CVE-2005-2541","owner":"o","reason":"r","expires":"` + expires + `"}]}}`
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	asm, _ := sample(t, "asm-1.482", "sbom", "scans", "uat")
	scans, _ := sample(t, "asm-1.482", "scans")
	sat, _ := sample(t, "sat-1.205", "sbom", "scans", "licenses", "source")
	critical := worstFinding(t, asm)
	for _, tt := range []struct {
		name, policy string
		zip          []byte
		id           string
		want         evidence.Status
		message      string
	}{
		{"a critical finding", `{"findings":{"failOn":"critical"}}`, asm, "policy.findings", evidence.StatusFail, "1 of 33 findings are not acceptable: " + critical},
		{"excepted", strings.Replace(exception(until), "CVE-2005-2541", critical, 1), asm, "policy.findings", evidence.StatusPass, "1 by an exception"},
		{"excepted until yesterday", strings.Replace(exception(over), "CVE-2005-2541", critical, 1), asm, "policy.findings", evidence.StatusFail, critical},
		{"an exception that is over", strings.Replace(exception(over), "CVE-2005-2541", critical, 1), asm, "policy.exceptions", evidence.StatusWarn, "expired"},
		{"an exception for nothing", strings.Replace(exception(until), "CVE-2005-2541", "CVE-1999-0001", 1), asm, "policy.exceptions", evidence.StatusWarn, "matches no finding"},
		{"every finding", `{"findings":{"failOn":"unknown"}}`, asm, "policy.findings", evidence.StatusFail, "33 of 33"},
		{"no scan", `{"findings":{"failOn":"critical"}}`, mustBuild(t), "policy.findings", evidence.StatusError, "no scan"},
		{"tests", `{"tests":true}`, asm, "policy.tests", evidence.StatusPass, "14 of 18"},
		{"no tests", `{"tests":true}`, scans, "policy.tests", evidence.StatusError, "no test report"},
		{"violations", `{"accessibility":true}`, asm, "policy.accessibility", evidence.StatusFail, "4 elements"},
		{"no accessibility", `{"accessibility":true}`, scans, "policy.accessibility", evidence.StatusError, "no axe-core result"},
		{"licences", `{"licenses":{"categories":{"permissive":"allow","weak-copyleft":"allow","strong-copyleft":"allow"}}}`, sat, "policy.licenses", evidence.StatusWarn, "licence reports and SBOMs, 99 allowed, 6 to be reviewed, 0 denied"},
		{"weak copyleft denied", `{"licenses":{"categories":{"permissive":"allow","weak-copyleft":"deny"}}}`, sat, "policy.licenses", evidence.StatusFail, "MPL-2.0"},
		{"weak copyleft to be reviewed", `{"licenses":{"categories":{"permissive":"allow"}}}`, sat, "policy.licenses", evidence.StatusWarn, "MPL-2.0"},
		{"licences of an SBOM", `{"licenses":{"categories":{"strong-copyleft":"deny"}}}`, asm, "policy.licenses", evidence.StatusFail, "SBOMs"},
		{"licences of an SBOM to be reviewed", `{"licenses":{"categories":{"network-copyleft":"deny"}}}`, asm, "policy.licenses", evidence.StatusWarn, "0 denied"},
		{"licences of nothing", `{"licenses":{"categories":{"network-copyleft":"deny"}}}`, scans, "policy.licenses", evidence.StatusError, "no licence report"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := verify(t, open(t, tt.zip), Policy{Gate: parseGate(t, tt.policy), Now: now, UnsafeNoProfile: true})
			got := worst(r, tt.id)
			if got.Status != tt.want || !strings.Contains(got.Message, tt.message) {
				t.Errorf("%s %s: %s", got.ID, got.Status, got.Message)
			}
			if fails := tt.want == evidence.StatusFail || tt.want == evidence.StatusError; fails == r.OK() && tt.id != "policy.exceptions" {
				t.Errorf("OK is %v: %v", r.OK(), r.Err())
			}
			if tt.want == evidence.StatusFail && !errors.Is(r.Err(), evidence.ErrPolicy) {
				t.Errorf("the error is %v", r.Err())
			}
		})
	}
	timeless := verify(t, open(t, asm), Policy{Gate: parseGate(t, strings.Replace(exception(until), "CVE-2005-2541", critical, 1)), UnsafeNoProfile: true})
	if c := worst(timeless, "policy.findings"); c.Status != evidence.StatusError {
		t.Errorf("exceptions without the time: %s: %s", c.Status, c.Message)
	}
}

func mustBuild(t testing.TB) []byte {
	files := smallEvidence()
	delete(files, "scans/web.trivy.sarif")
	zip, _ := build(t, smallRelease, files, nil)
	return zip
}

// worstFinding returns the identifier of the first critical finding of a pack.
func worstFinding(t testing.TB, zip []byte) string {
	t.Helper()
	docs, err := open(t, zip).Evidence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if d.File.Kind != manifest.KindScan {
			continue
		}
		for _, f := range d.Scan.Findings() {
			if f.Severity.String() == "critical" {
				return f.ID
			}
		}
	}
	t.Fatal("no critical finding")
	return ""
}

// TestGateTrustsNamedVEX: what a document in the pack says counts only where the
// gate names the document.
func TestGateTrustsNamedVEX(t *testing.T) {
	const vex = `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://x.example/vex","author":"a","timestamp":"2026-01-01T00:00:00Z","version":1,"statements":[
{"vulnerability":{"name":"%s"},"products":[{"@id":"pkg:oci/web"}],"status":"not_affected","justification":"vulnerable_code_not_present"}]}`
	files := smallEvidence()
	sarif := string(files["scans/web.trivy.sarif"].Data)
	sarif = strings.Replace(sarif, `"results":[]`, `"results":[{"ruleId":"CVE-2026-0001","level":"error","message":{"text":"Package: curl\nInstalled Version: 1\nVulnerability CVE-2026-0001\nSeverity: CRITICAL\nFixed Version: \nLink: x"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"x"}}}]}]`, 1)
	files["scans/web.trivy.sarif"].Data = []byte(sarif)
	for _, tt := range []struct {
		name, vulnerability, gate string
		want                      evidence.Status
	}{
		{"named", "CVE-2026-0001", `{"findings":{"failOn":"critical","trustVEX":["vex/*.json"]}}`, evidence.StatusPass},
		{"not named", "CVE-2026-0001", `{"findings":{"failOn":"critical"}}`, evidence.StatusFail},
		{"another document named", "CVE-2026-0001", `{"findings":{"failOn":"critical","trustVEX":["other/*.json"]}}`, evidence.StatusFail},
		{"of another vulnerability", "CVE-2026-0002", `{"findings":{"failOn":"critical","trustVEX":["vex/*.json"]}}`, evidence.StatusFail},
	} {
		files["vex/web.openvex.json"] = smallEvidence()["signatures/web.pem.txt"]
		files["vex/web.openvex.json"].Data = []byte(strings.Replace(vex, "%s", tt.vulnerability, 1))
		zip, _ := build(t, smallRelease, files, nil)
		g := parseGate(t, tt.gate)
		g.Findings.UnsafeAnyProduct = true
		if got := worst(verify(t, open(t, zip), Policy{Gate: g}), "policy.findings"); got.Status != tt.want {
			t.Errorf("%s: %s: %s", tt.name, got.Status, got.Message)
		}
	}
}
