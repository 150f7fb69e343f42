// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	govex "github.com/openvex/go-vex/pkg/vex"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func finding(change func(*Finding)) *Finding {
	f := &Finding{Class: ClassVulnerability, ID: "CVE-2024-0001", Aliases: []string{"GHSA-aaaa-bbbb-cccc"}, RuleID: "CVE-2024-0001",
		Kind: KindFail, Level: LevelError, Severity: SeverityHigh,
		Package: &Package{Name: "apt", PURL: "pkg:deb/debian/apt@2.6.1?arch=amd64&distro=debian-12.15", Ecosystem: "deb", Versions: []string{"2.6.1"}},
		Target:  &Target{Kind: TargetImage, Name: "ghcr.io/acme/web:1.2", Repository: "ghcr.io/acme/web", Tags: []string{"1.2"}, Digests: []string{"sha256:" + strings.Repeat("a", 64)}},
		Source:  Source{File: "web.sarif", Tool: "Trivy"}}
	if change != nil {
		change(f)
	}
	return f
}

func exceptions(t *testing.T, text string) []*Exception {
	t.Helper()
	list, err := ParseExceptions([]byte(text), "policy.syntax", "")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

const who = "\n    owner: security@acme.example\n    reason: not reachable\n    expires: "

func TestGateCriteria(t *testing.T) {
	tests := []struct {
		name string
		gate Gate
		f    *Finding
		want Verdict
	}{
		{"the zero gate", Gate{}, finding(func(f *Finding) { f.Severity = SeverityNone }), VerdictFail},
		{"at the severity", Gate{FailOn: SeverityHigh}, finding(nil), VerdictFail},
		{"below it", Gate{FailOn: SeverityCritical}, finding(nil), VerdictPass},
		{"unknown severity", Gate{FailOn: SeverityCritical}, finding(func(f *Finding) { f.Severity = SeverityUnknown }), VerdictFail},
		{"unknown severity, let pass", Gate{FailOn: SeverityCritical, UnsafePassUnknown: true}, finding(func(f *Finding) { f.Severity = SeverityUnknown }), VerdictPass},
		{"unknown severity, everything fails", Gate{UnsafePassUnknown: true}, finding(func(f *Finding) { f.Severity = SeverityUnknown }), VerdictFail},
		{"not reached", Gate{UnsafeOnlyReached: ReachCalled}, finding(func(f *Finding) { f.Reachability = ReachImported }), VerdictPass},
		{"reached", Gate{UnsafeOnlyReached: ReachCalled}, finding(func(f *Finding) { f.Reachability = ReachCalled }), VerdictFail},
		{"reachability not known", Gate{UnsafeOnlyReached: ReachCalled}, finding(nil), VerdictFail},
		{"no fix", Gate{UnsafeOnlyFixable: true}, finding(nil), VerdictPass},
		{"fix", Gate{UnsafeOnlyFixable: true}, finding(func(f *Finding) { f.Package.Fixed = []string{"3"} }), VerdictFail},
		{"a secret has no fix", Gate{UnsafeOnlyFixable: true}, finding(func(f *Finding) { f.Class = ClassSecret }), VerdictFail},
		{"another class", Gate{UnsafeOnlyClasses: []Class{ClassSecret}}, finding(nil), VerdictPass},
		{"that class", Gate{UnsafeOnlyClasses: []Class{ClassVulnerability}}, finding(nil), VerdictFail},
		{"needs a person", Gate{}, finding(func(f *Finding) { f.Kind = KindReview }), VerdictFail},
		{"informational", Gate{}, finding(func(f *Finding) { f.Kind = KindInformational }), VerdictPass},
		{"the vendor's own suppression", Gate{}, finding(func(f *Finding) { f.Suppressed = true }), VerdictFail},
		{"a trusted file's suppression", Gate{TrustSuppressions: []string{"web.sarif"}},
			finding(func(f *Finding) { f.Suppressions, f.Suppressed = []Suppression{{Kind: "external"}}, true }), VerdictSuppressed},
		{"another file's suppression", Gate{TrustSuppressions: []string{"api.sarif"}},
			finding(func(f *Finding) { f.Suppressions, f.Suppressed = []Suppression{{Kind: "external"}}, true }), VerdictFail},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := tt.gate.Evaluate([]*Finding{tt.f})
			if err != nil {
				t.Fatal(err)
			}
			if o := d.Outcomes[0]; o.Verdict != tt.want || o.Reason == "" {
				t.Errorf("got %v (%s), want %v", o.Verdict, o.Reason, tt.want)
			}
			if d.OK() != (tt.want != VerdictFail) {
				t.Errorf("Holds is %t", d.OK())
			}
		})
	}
}

func TestGateExceptions(t *testing.T) {
	tests := []struct {
		name, exception string
		f               *Finding
		want            Verdict
	}{
		{"by id", "  - vulnerability: CVE-2024-0001" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"by alias", "  - vulnerability: GHSA-aaaa-bbbb-cccc" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"another id", "  - vulnerability: CVE-2024-0002" + who + "2026-12-31", finding(nil), VerdictFail},
		{"another CVE of one advisory", "  - vulnerability: CVE-2024-0002" + who + "2026-12-31",
			finding(func(f *Finding) { f.Aliases = []string{"CVE-2024-0002"} }), VerdictFail},
		{"its last day", "  - vulnerability: CVE-2024-0001" + who + "2026-11-23", finding(nil), VerdictSuppressed},
		{"the day after", "  - vulnerability: CVE-2024-0001" + who + "2026-11-22", finding(nil), VerdictFail},
		{"its last second", "  - vulnerability: CVE-2024-0001" + who + "2026-11-23T12:00:01Z", finding(nil), VerdictSuppressed},
		{"the moment itself", "  - vulnerability: CVE-2024-0001" + who + "2026-11-23T13:00:00+01:00", finding(nil), VerdictFail},
		{"package", "  - vulnerability: CVE-2024-0001\n    purl: pkg:deb/debian/apt" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"package and version", "  - vulnerability: CVE-2024-0001\n    purl: pkg:deb/debian/apt@2.6.1" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"another version", "  - vulnerability: CVE-2024-0001\n    purl: pkg:deb/debian/apt@2.6.2" + who + "2026-12-31", finding(nil), VerdictFail},
		{"one of two versions", "  - vulnerability: CVE-2024-0001\n    purl: pkg:deb/debian/apt@2.6.1" + who + "2026-12-31",
			finding(func(f *Finding) { f.Package.Versions = append(f.Package.Versions, "2.6.2") }), VerdictFail},
		{"another package", "  - vulnerability: CVE-2024-0001\n    purl: pkg:deb/debian/bash" + who + "2026-12-31", finding(nil), VerdictFail},
		{"another kind", "  - vulnerability: CVE-2024-0001\n    purl: pkg:npm/apt" + who + "2026-12-31", finding(nil), VerdictFail},
		{"kind not told", "  - vulnerability: CVE-2024-0001\n    purl: pkg:deb/debian/apt" + who + "2026-12-31",
			finding(func(f *Finding) { f.Package = &Package{Name: "apt", Versions: []string{"2.6.1"}} }), VerdictFail},
		{"in the range", "  - vulnerability: CVE-2024-0001\n    purl: pkg:deb/debian/apt\n    versions: '>=2.6, <2.6.2'" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"out of the range", "  - vulnerability: CVE-2024-0001\n    purl: pkg:deb/debian/apt\n    versions: '<2.6.1'" + who + "2026-12-31", finding(nil), VerdictFail},
		{"in a VERS range", "  - vulnerability: CVE-2024-0001\n    versions: 'vers:deb/<1|>=2.6|<2.7'" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"version not told", "  - vulnerability: CVE-2024-0001\n    versions: '>=2.6'" + who + "2026-12-31",
			finding(func(f *Finding) { f.Package = &Package{Name: "apt", Ecosystem: "deb"} }), VerdictFail},
		{"no order", "  - vulnerability: CVE-2024-0001\n    versions: '>=2.6'" + who + "2026-12-31",
			finding(func(f *Finding) { f.Package = &Package{Name: "apt", Versions: []string{"2.6.1"}} }), VerdictFail},
		{"image", "  - vulnerability: CVE-2024-0001\n    image: ghcr.io/acme/web" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"image without registry", "  - vulnerability: CVE-2024-0001\n    image: acme/web" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"image and tag", "  - vulnerability: CVE-2024-0001\n    image: ghcr.io/acme/web:1.2" + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"another tag", "  - vulnerability: CVE-2024-0001\n    image: ghcr.io/acme/web:1.3" + who + "2026-12-31", finding(nil), VerdictFail},
		{"digest", "  - vulnerability: CVE-2024-0001\n    image: sha256:" + strings.Repeat("a", 64) + who + "2026-12-31", finding(nil), VerdictSuppressed},
		{"another digest", "  - vulnerability: CVE-2024-0001\n    image: ghcr.io/acme/web@sha256:" + strings.Repeat("b", 64) + who + "2026-12-31", finding(nil), VerdictFail},
		{"another image", "  - vulnerability: CVE-2024-0001\n    image: ghcr.io/acme/api" + who + "2026-12-31", finding(nil), VerdictFail},
		{"image not told", "  - vulnerability: CVE-2024-0001\n    image: ghcr.io/acme/web" + who + "2026-12-31", finding(func(f *Finding) { f.Target = nil }), VerdictFail},
		{"a rule of another class", "  - vulnerability: G404" + who + "2026-12-31",
			finding(func(f *Finding) { f.Class, f.ID, f.RuleID, f.Package = ClassCode, "G404", "G404", nil }), VerdictSuppressed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := Gate{Exceptions: exceptions(t, "exceptions:\n"+tt.exception+"\n"), Now: now}
			d, err := g.Evaluate([]*Finding{tt.f})
			if err != nil {
				t.Fatal(err)
			}
			o := d.Outcomes[0]
			if o.Verdict != tt.want {
				t.Errorf("got %v (%s), want %v", o.Verdict, o.Reason, tt.want)
			}
			if expired := o.Exception != nil && o.Exception.Expired(now); expired != strings.Contains(o.Reason, "expired") || expired && len(d.Expired) != 1 {
				t.Errorf("expired %t, but the reason is %q", expired, o.Reason)
			}
			if partly := strings.Contains(o.Reason, "not all of it"); (len(d.Unused) == 1) != (o.Exception == nil && !partly) {
				t.Errorf("got %d unused, exception %v", len(d.Unused), o.Exception)
			}
			if o.Verdict == VerdictSuppressed && !strings.Contains(o.Reason, "security@acme.example") {
				t.Errorf("the reason does not name the owner: %s", o.Reason)
			}
		})
	}
	if _, err := (&Gate{Exceptions: exceptions(t, "exceptions:\n  - vulnerability: CVE-2024-0001"+who+"2026-12-31")}).Evaluate(nil); err == nil {
		t.Error("a gate without a clock judged exceptions")
	}
}

func TestParseExceptionsRefused(t *testing.T) {
	full := "  - vulnerability: CVE-2024-0001" + who + "2026-12-31"
	tests := []struct{ name, text, code, at string }{
		{"no owner", "exceptions:\n  - vulnerability: CVE-2024-0001\n    reason: x\n    expires: 2026-12-31", "policy.required", "/exceptions/0/owner"},
		{"no expiry", "exceptions:\n  - vulnerability: CVE-2024-0001\n    reason: x\n    owner: y", "policy.required", "/exceptions/0/expires"},
		{"no vulnerability", "exceptions:\n  - owner: y\n    reason: x\n    expires: 2026-12-31", "policy.required", "/exceptions/0/vulnerability"},
		{"empty reason", strings.Replace("exceptions:\n"+full, "not reachable", "''", 1), "policy.empty", "/exceptions/0/reason"},
		{"null reason", strings.Replace("exceptions:\n"+full, "not reachable", "", 1), "policy.type", "/exceptions/0/reason"},
		{"bad day", strings.Replace("exceptions:\n"+full, "2026-12-31", "next year", 1), "policy.time", "/exceptions/0/expires"},
		{"no such day", strings.Replace("exceptions:\n"+full, "2026-12-31", "2026-02-30", 1), "policy.time", "/exceptions/0/expires"},
		{"unknown member", "exceptions:\n" + full + "\n    severity: low", "policy.unknown", "/exceptions/0/severity"},
		{"unknown top", "exception:\n" + full, "policy.unknown", "/exception"},
		{"twice", "exceptions:\n" + full + "\n    owner: other", "policy.duplicate", "/exceptions/0/owner"},
		{"bad purl", "exceptions:\n" + full + "\n    purl: apt", "policy.purl", "/exceptions/0/purl"},
		{"bad range", "exceptions:\n" + full + "\n    versions: '> = 1'", "policy.versions", "/exceptions/0/versions"},
		{"range and version", "exceptions:\n" + full + "\n    purl: pkg:npm/x@1\n    versions: '>1'", "policy.versions", "/exceptions/0/versions"},
		{"alias", "exceptions:\n  - &a\n    vulnerability: x\n  - *a", "policy.alias", "/exceptions/0"},
		{"bomb", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]", "policy.alias", "/a"},
		{"two documents", "exceptions: []\n---\nexceptions: []", "policy.documents", ""},
		{"not YAML", "exceptions: [", "policy.syntax", ""},
		{"empty", "", "policy.empty", ""},
		{"a list", "- vulnerability: x", "policy.type", ""},
		{"a mapping", "exceptions: {}", "policy.type", "/exceptions"},
		{"JSON, twice", `{"exceptions": [], "exceptions": []}`, "policy.duplicate", "/exceptions"},
		{"JSON, not a text", `{"exceptions": [{"vulnerability": 1}]}`, "policy.type", "/exceptions/0/vulnerability"},
		{"JSON, no owner", `{"exceptions": [{"vulnerability": "x", "reason": "y", "expires": "2026-12-31"}]}`, "policy.required", "/exceptions/0/owner"},
		{"too large", "exceptions:\n" + strings.Repeat("# "+strings.Repeat("x", 1000)+"\n", 5000), "policy.size", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseExceptions([]byte(tt.text), "e.yaml", "")
			list, _ := errors.AsType[evidence.Problems](err)
			if p, ok := errors.AsType[*evidence.Problem](err); ok && list == nil {
				list = evidence.Problems{p}
			}
			if !slices.ContainsFunc(list, func(p *evidence.Problem) bool { return p.Code == tt.code && p.Pointer == tt.at && p.Path == "e.yaml" }) {
				t.Errorf("got %v, want %s at %s", err, tt.code, tt.at)
			}
			if !errors.Is(err, evidence.ErrFormat) && !errors.Is(err, evidence.ErrLimit) {
				t.Errorf("%v has no class", err)
			}
		})
	}
	if list := exceptions(t, `{"exceptions": [{"vulnerability": "x", "owner": "o", "reason": "y", "expires": "2026-12-31"}]}`); len(list) != 1 || list[0].Line != 1 {
		t.Errorf("got %v", list)
	}
}

func vex(t *testing.T, text string) *VEX {
	t.Helper()
	v, err := ReadVEX(strings.NewReader(text), &ReadOptions{Name: "vex.json"})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func openVEX(statements string) string {
	return `{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.example/vex/1", "author": "Acme", "timestamp": "2026-11-01T00:00:00Z", "version": 1, "statements": [` + statements + `]}`
}

func TestGateVEX(t *testing.T) {
	const (
		why     = `"status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"`
		vuln    = `"vulnerability": {"name": "CVE-2024-0001"}`
		image   = `pkg:oci/web?repository_url=ghcr.io/acme/web`
		apt     = `"subcomponents": [{"@id": "pkg:deb/debian/apt@2.6.1"}]`
		product = `"products": [{"@id": "` + image + `"}]`
	)
	tests := []struct {
		name, vex string
		any       bool
		want      Verdict
	}{
		{"whole product", openVEX(`{` + vuln + `, ` + product + `, ` + why + `}`), false, VerdictSuppressed},
		{"product and part", openVEX(`{` + vuln + `, "products": [{"@id": "` + image + `", ` + apt + `}], ` + why + `}`), false, VerdictSuppressed},
		{"another part", openVEX(`{` + vuln + `, "products": [{"@id": "` + image + `", "subcomponents": [{"@id": "pkg:deb/debian/bash"}]}], ` + why + `}`), false, VerdictFail},
		{"another version of the part", openVEX(`{` + vuln + `, "products": [{"@id": "` + image + `", "subcomponents": [{"@id": "pkg:deb/debian/apt@2.6.0"}]}], ` + why + `}`), false, VerdictFail},
		{"another product", openVEX(`{` + vuln + `, "products": [{"@id": "pkg:oci/api?repository_url=ghcr.io/acme/api", ` + apt + `}], ` + why + `}`), false, VerdictFail},
		{"unknown product", openVEX(`{` + vuln + `, "products": [{"@id": "Unknown Product", ` + apt + `}], ` + why + `}`), false, VerdictFail},
		{"unknown product, any will do", openVEX(`{` + vuln + `, "products": [{"@id": "Unknown Product", ` + apt + `}], ` + why + `}`), true, VerdictSuppressed},
		{"digest", openVEX(`{` + vuln + `, "products": [{"@id": "pkg:oci/web@sha256%3A` + strings.Repeat("a", 64) + `"}], ` + why + `}`), false, VerdictSuppressed},
		{"another digest", openVEX(`{` + vuln + `, "products": [{"@id": "pkg:oci/web@sha256%3A` + strings.Repeat("b", 64) + `?repository_url=ghcr.io/acme/web"}], ` + why + `}`), false, VerdictFail},
		{"a bare name", openVEX(`{` + vuln + `, "products": [{"@id": "pkg:oci/web"}], ` + why + `}`), false, VerdictFail},
		{"hash", openVEX(`{` + vuln + `, "products": [{"@id": "x", "hashes": {"sha-256": "` + strings.Repeat("a", 64) + `"}}], ` + why + `}`), false, VerdictSuppressed},
		{"image reference", openVEX(`{` + vuln + `, "products": [{"@id": "ghcr.io/acme/web:1.2"}], ` + why + `}`), false, VerdictSuppressed},
		{"the package itself", openVEX(`{` + vuln + `, "products": [{"@id": "pkg:deb/debian/apt@2.6.1"}], ` + why + `}`), false, VerdictSuppressed},
		{"by alias", openVEX(`{"vulnerability": {"name": "GHSA-aaaa-bbbb-cccc"}, ` + product + `, ` + why + `}`), false, VerdictSuppressed},
		{"by its own alias", openVEX(`{"vulnerability": {"name": "X-1", "aliases": ["CVE-2024-0001"]}, ` + product + `, ` + why + `}`), false, VerdictSuppressed},
		{"another vulnerability", openVEX(`{"vulnerability": {"name": "CVE-2024-0002"}, ` + product + `, ` + why + `}`), false, VerdictFail},
		{"version 0.0", openVEX(`{"vulnerability": "CVE-2024-0001", "products": ["` + image + `"], "subcomponents": ["pkg:deb/debian/apt@2.6.1"], ` + why + `}`), false, VerdictSuppressed},
		{"no justification", openVEX(`{` + vuln + `, ` + product + `, "status": "not_affected", "impact_statement": "trust us"}`), false, VerdictFail},
		{"own justification", openVEX(`{` + vuln + `, ` + product + `, "status": "not_affected", "justification": "trust_us"}`), false, VerdictFail},
		{"fixed", openVEX(`{` + vuln + `, ` + product + `, "status": "fixed"}`), false, VerdictSuppressed},
		{"affected", openVEX(`{` + vuln + `, ` + product + `, "status": "affected"}`), false, VerdictFail},
		{"under investigation", openVEX(`{` + vuln + `, ` + product + `, "status": "under_investigation"}`), false, VerdictFail},
		{"taken back", openVEX(`{` + vuln + `, ` + product + `, ` + why + `}, {` + vuln + `, ` + product + `, "status": "affected", "timestamp": "2026-11-02T00:00:00Z"}`), false, VerdictFail},
		{"taken back before", openVEX(`{` + vuln + `, ` + product + `, ` + why + `}, {` + vuln + `, ` + product + `, "status": "affected", "timestamp": "2026-10-02T00:00:00Z"}`), false, VerdictSuppressed},
		{"CycloneDX", `{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": {"bom-ref": "web", "name": "web", "purl": "` + image + `"}},
			"components": [{"bom-ref": "c", "name": "apt", "purl": "pkg:deb/debian/apt@2.6.1"}],
			"vulnerabilities": [{"id": "CVE-2024-0001", "analysis": {"state": "not_affected", "justification": "code_not_reachable"}, "affects": [{"ref": "c"}]}]}`, false, VerdictSuppressed},
		{"CycloneDX, another product", `{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": {"bom-ref": "api", "name": "api"}},
			"components": [{"bom-ref": "c", "name": "apt", "purl": "pkg:deb/debian/apt@2.6.1"}],
			"vulnerabilities": [{"id": "CVE-2024-0001", "analysis": {"state": "not_affected", "justification": "code_not_reachable"}, "affects": [{"ref": "c"}]}]}`, false, VerdictFail},
		{"CycloneDX, by URN", `{"bomFormat": "CycloneDX", "specVersion": "1.5",
			"vulnerabilities": [{"id": "CVE-2024-0001", "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
			"affects": [{"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg:deb/debian/apt@2.6.1"}]}]}`, false, VerdictSuppressed},
		{"CycloneDX, versions", `{"bomFormat": "CycloneDX", "specVersion": "1.5",
			"vulnerabilities": [{"id": "CVE-2024-0001", "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
			"affects": [{"ref": "pkg:deb/debian/apt", "versions": [{"version": "2.6.0"}, {"version": "2.6.2"}]}]}]}`, false, VerdictFail},
		{"CycloneDX, no justification", `{"bomFormat": "CycloneDX", "specVersion": "1.5",
			"vulnerabilities": [{"id": "CVE-2024-0001", "analysis": {"state": "not_affected"}, "affects": [{"ref": "pkg:deb/debian/apt"}]}]}`, false, VerdictFail},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := Gate{VEX: []*VEX{vex(t, tt.vex)}, UnsafeAnyProduct: tt.any}
			d, err := g.Evaluate([]*Finding{finding(nil)})
			if err != nil {
				t.Fatal(err)
			}
			if o := d.Outcomes[0]; o.Verdict != tt.want || o.Verdict == VerdictSuppressed && !strings.Contains(o.Reason, "vex.json") {
				t.Errorf("got %v (%s), want %v; problems %v", o.Verdict, o.Reason, tt.want, g.VEX[0].Problems)
			}
		})
	}
}

// TestVEXAgainstGoVEX reads real documents with go-vex, too.
func TestVEXAgainstGoVEX(t *testing.T) {
	root := corpus.Dir(t)
	n := 0
	for _, name := range corpus.Files(t, root, func(p string) bool { return strings.HasSuffix(p, ".openvex.json") }) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := govex.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadVEX(strings.NewReader(string(data)), nil)
		if err != nil {
			t.Fatal(err)
		}
		brief := func(id string, aliases []string, status, justification string, parts []string) string {
			return fmt.Sprint(id, aliases, status, justification, parts)
		}
		var a, b []string
		for _, s := range want.Statements {
			var parts, aliases []string
			for _, alias := range s.Vulnerability.Aliases {
				aliases = append(aliases, string(alias))
			}
			for _, p := range s.Products {
				for _, sub := range p.Subcomponents {
					parts = append(parts, sub.ID)
				}
			}
			a = append(a, brief(string(s.Vulnerability.Name), aliases, string(s.Status), string(s.Justification), parts))
		}
		for _, s := range got.Statements {
			var parts []string
			for _, p := range s.Products {
				for _, part := range p.Subcomponents {
					parts = append(parts, part.ID)
				}
			}
			b = append(b, brief(s.Vulnerability, s.Aliases, s.Status.String(), s.Justification, parts))
		}
		slices.Sort(a)
		slices.Sort(b)
		if diff := cmp.Diff(a, b); diff != "" || len(a) == 0 || len(got.Problems) > 0 {
			t.Errorf("%s: %s %v", name, diff, got.Problems)
		}
		n++
	}
	t.Logf("%d documents", n)
	if n == 0 {
		t.Error("no document")
	}
}

// TestGateRealVEX honours govulncheck's own VEX of the scan that it is of: what it
// calls "not affected" is what is not called.
func TestGateRealVEX(t *testing.T) {
	dir := corpus.Dir(t, "real", "sat-1.205", "scans")
	f, err := os.Open(filepath.Join(dir, "govulncheck.openvex.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := ReadVEX(f, &ReadOptions{Name: "govulncheck.openvex.json"})
	if err != nil {
		t.Fatal(err)
	}
	findings := Merge(load(t, dir, "govulncheck.json")) // its SARIF leaves out the versions of what is not called
	for _, any := range []bool{false, true} {
		d, err := (&Gate{VEX: []*VEX{doc}, UnsafeAnyProduct: any}).Evaluate(findings)
		if err != nil {
			t.Fatal(err)
		}
		count := map[Verdict]int{}
		for _, o := range d.Outcomes {
			count[o.Verdict]++
			if any && (o.Verdict == VerdictFail) != (o.Finding.Reachability == ReachCalled) {
				t.Errorf("%s, %v: %v", o.Finding.ID, o.Finding.Reachability, o.Verdict)
			}
		}
		if !any && count[VerdictSuppressed] != 0 {
			t.Errorf("statements about an unknown product were honoured: %v", count)
		}
		t.Log(any, count)
	}
}

func TestJoin(t *testing.T) {
	inventory := func(yield func(Component) bool) {
		for _, c := range []Component{
			{PURL: "pkg:deb/debian/apt@2.6.1?arch=amd64&distro=debian-12", Name: "apt", Version: "2.6.1"},
			{PURL: "pkg:deb/debian/zlib1g@1%3A1.2.13?distro=debian-12"},
			{PURL: "pkg:npm/lodash@4.17.20"}, {PURL: "pkg:npm/lodash@4.17.21"},
			{PURL: "pkg:pypi/pyyaml@6.0"}, {Name: "busybox", Version: "1.36"},
			{PURL: "pkg:golang/stdlib@1.22.5"}, {PURL: "pkg:npm/semver@7.0.0"}, {PURL: "pkg:gem/semver@1.0"},
		} {
			if !yield(c) {
				return
			}
		}
	}
	tests := []struct {
		name string
		p    Package
		list string // held, other, missing
		want Package
	}{
		{"name and version", Package{Name: "apt", Versions: []string{"2.6.1"}}, "held",
			Package{Name: "apt", Versions: []string{"2.6.1"}, PURL: "pkg:deb/debian/apt@2.6.1?arch=amd64&distro=debian-12", Ecosystem: "deb"}},
		{"epoch", Package{Name: "zlib1g", PURL: "pkg:deb/debian/zlib1g@1.2.13?epoch=1&distro=debian-12.15", Ecosystem: "deb", Versions: []string{"1:1.2.13"}}, "held",
			Package{Name: "zlib1g", PURL: "pkg:deb/debian/zlib1g@1.2.13?epoch=1&distro=debian-12.15", Ecosystem: "deb", Versions: []string{"1:1.2.13"}}},
		{"version told by the inventory", Package{Name: "apt", Ecosystem: "deb"}, "held",
			Package{Name: "apt", Ecosystem: "deb", Versions: []string{"2.6.1"}, PURL: "pkg:deb/debian/apt@2.6.1?arch=amd64&distro=debian-12"}},
		{"two versions tell none", Package{Name: "lodash", Ecosystem: "npm"}, "held", Package{Name: "lodash", Ecosystem: "npm"}},
		{"one of two versions", Package{Name: "lodash", Ecosystem: "npm", Versions: []string{"4.17.21"}}, "held",
			Package{Name: "lodash", Ecosystem: "npm", Versions: []string{"4.17.21"}, PURL: "pkg:npm/lodash@4.17.21"}},
		{"another version", Package{Name: "lodash", Ecosystem: "npm", Versions: []string{"3.0.0"}}, "other", Package{Name: "lodash", Ecosystem: "npm", Versions: []string{"3.0.0"}}},
		{"another kind", Package{Name: "apt", Ecosystem: "npm", Versions: []string{"2.6.1"}}, "missing", Package{Name: "apt", Ecosystem: "npm", Versions: []string{"2.6.1"}}},
		{"not there", Package{Name: "curl"}, "missing", Package{Name: "curl"}},
		{"Python's names", Package{Name: "PyYAML", Versions: []string{"6.0"}}, "held", Package{Name: "PyYAML", Versions: []string{"6.0"}, PURL: "pkg:pypi/pyyaml@6.0", Ecosystem: "pypi"}},
		{"Go's versions", Package{Name: "stdlib", Ecosystem: "golang", Versions: []string{"go1.22.5"}}, "held",
			Package{Name: "stdlib", Ecosystem: "golang", Versions: []string{"go1.22.5"}, PURL: "pkg:golang/stdlib@1.22.5"}},
		{"no package URL there", Package{Name: "busybox", Ecosystem: "apk"}, "held", Package{Name: "busybox", Ecosystem: "apk", Versions: []string{"1.36"}}},
		{"two kinds tell none", Package{Name: "semver"}, "held", Package{Name: "semver"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := finding(func(f *Finding) { f.Package = &tt.p })
			j := Join([]*Finding{f}, inventory)
			got := map[string]int{"held": len(j.Held), "other": len(j.Other), "missing": len(j.Missing)}
			if got[tt.list] != 1 || got["held"]+got["other"]+got["missing"] != 1 {
				t.Errorf("got %v, want %s", got, tt.list)
			}
			if diff := cmp.Diff(&tt.want, j.Findings[0].Package); diff != "" {
				t.Error(diff)
			}
		})
	}
}
