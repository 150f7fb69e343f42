// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

func parseGate(t testing.TB, text string) *Gate {
	t.Helper()
	g, err := ParseGate([]byte(text))
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

func TestParseGate(t *testing.T) {
	parseGate(t, `{"findings":{"failOn":"high","trustVEX":["scans/*.json"],"trustSuppressions":["Trivy"],"unsafePassUnknown":true,"unsafeOnlyFixable":true},"tests":true,"accessibility":false}`)
	for _, tt := range []struct {
		text, code   string
		line, column int
	}{
		{"", "policy.empty", 1, 1},
		{"{}", "policy.empty", 1, 1},
		{`{"tests":false}`, "policy.empty", 1, 1},
		{"{\n \"tests\": 1}", "policy.type", 2, 11},
		{"{\"tests\":true,\"tests\":true}", "policy.duplicate", 1, 15},
		{"{\"other\":true}", "policy.unknown", 1, 10},
		{"{\"findings\":{}}", "policy.required", 1, 13},
		{"{\"findings\":{\"failOn\":\"worse\"}}", "policy.severity", 1, 23},
		{"{\"findings\":{\"failOn\":\"high\",\"x\":1}}", "policy.unknown", 1, 34},
		{"{\"findings\":{\"failOn\":\"high\",\"trustVEX\":[\"[\"]}}", "policy.pattern", 1, 42},
		{"{\"findings\":{\"failOn\":\"high\",\n  \"exceptions\":[{\"vulnerability\":\"CVE-1\",\"owner\":\"\",\"reason\":\"r\",\"expires\":\"2027-01-01\"}]}}", "policy.empty", 2, 50},
		{"{\n \"licenses\":{\"allow\":[\"No-Such\"]}}", "policy.license", 2, 23},
		{"{\n \"licenses\":{\"nope\":[]}}", "policy.unknown", 2, 21},
	} {
		_, err := ParseGate([]byte(tt.text))
		var first *evidence.Problem
		if list, ok := errors.AsType[evidence.Problems](err); ok {
			first = list[0]
		} else if p, ok := errors.AsType[*evidence.Problem](err); ok {
			first = p
		}
		if first == nil || first.Code != tt.code || first.Line != tt.line || first.Column != tt.column || !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("%q: got %v (%+v), want %s at %d:%d", tt.text, err, *first, tt.code, tt.line, tt.column)
		}
	}
}

// TestParseGateSize: one byte more than people write is refused before it is read.
func TestParseGateSize(t *testing.T) {
	const most = 4 << 20
	text := `{"tests":true}`
	fits := text + strings.Repeat(" ", most-len(text))
	parseGate(t, fits)
	_, err := ParseGate([]byte(fits + " "))
	wantProblem(t, err, "policy.size", evidence.ErrLimit)
}

func FuzzParseGate(f *testing.F) {
	f.Add([]byte(`{"findings":{"failOn":"high","exceptions":[{"vulnerability":"CVE-1","owner":"o","reason":"r","expires":"2027-01-01"}],"trustVEX":["a/*"]},"licenses":{"allow":["MIT"]},"tests":true}`))
	f.Add([]byte("{\n\"licenses\":{\"categories\":{\"permissive\":\"allow\"}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := ParseGate(data)
		if (g == nil) == (err == nil) {
			t.Fatalf("%v, %v", g, err)
		}
		for _, p := range problemsOfAny(err) {
			if p.Line < 0 || p.Line > 1+strings.Count(string(data), "\n") {
				t.Errorf("line %d of %q", p.Line, data)
			}
		}
	})
}

func problemsOfAny(err error) evidence.Problems {
	if err == nil {
		return nil
	}
	return problemsOf(err)
}
