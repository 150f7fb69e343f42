// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack"
)

// later is a day on which the sample is some months old.
var later = time.Date(2026, 12, 23, 0, 0, 0, 0, time.UTC)

func open(t testing.TB, zip []byte) *trustpack.Pack {
	t.Helper()
	p, err := trustpack.Open(bytes.NewReader(zip), int64(len(zip)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func verify(t testing.TB, pack *trustpack.Pack, dir, text string) *trustpack.Report {
	t.Helper()
	p, err := Parse([]byte(text), filepath.Join(dir, "policy.yaml"))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	pol, err := p.Verification(t.Context(), later)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	r, err := trustpack.Verify(t.Context(), pack, pol)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// worst returns the first check with an id and subject that is no pass, else the first.
func worst(r *trustpack.Report, id string) evidence.Check {
	var found evidence.Check
	for _, c := range r.Checks {
		if c.ID == id && (found.ID == "" || found.Status == evidence.StatusPass) {
			found = c
		}
	}
	return found
}

// TestVerify judges real evidence by policies that it meets and by their near neighbours
// that it does not.
func TestVerify(t *testing.T) {
	zip, err := sample()
	if err != nil {
		t.Fatal(err)
	}
	pack := open(t, zip)
	content := pack.ContentDigest().String()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "same.zip"), zip, 0o644); err != nil {
		t.Fatal(err)
	}
	const (
		pass = evidence.StatusPass
		fail = evidence.StatusFail
		warn = evidence.StatusWarn
		none = evidence.StatusError
	)
	rule := func(expression string) string {
		return "rules:\n  - id: r\n    message: said so\n    expression: |\n      " + expression + "\n"
	}
	newSince := "findings: {failOn: unknown, unsafeNewSince: {pack: same.zip, contentDigest: '" + content + "'}}"
	kept, err := trustpack.Verify(t.Context(), pack, trustpack.Policy{KeepRelease: true, Now: later})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, policy, id string
		want             evidence.Status
		message          string
	}{
		{"the same version", "release: {atLeast: 1.482}", "policy.release", pass, "not older"},
		{"an older version", "release: {atLeast: 1.481}", "policy.release", pass, "not older"},
		{"a newer version", "release: {atLeast: 1.483}", "policy.release", fail, "older than 1.483"},
		{"the product", "release: {product: asm, version: 1.482}", "release.expected", pass, ""},
		{"another product", "release: {product: sat}", "release.expected", fail, "expected sat"},
		{"young", "maxAge: {pack: 3650d, scan: 3650d}", "policy.age", pass, ""},
		{"an old pack", "maxAge: {pack: 1d}", "policy.age", fail, "the policy allows 1 day"},
		{"an old scan", "maxAge: {scan: 1d}", "policy.age", fail, "the newest scan"},
		{"data of which nothing is stated", "maxAge: {database: 3650d}", "policy.age", fail, "no scan states"},
		{"a check that passes", "checks: [manifest.digest]", "policy.checks", pass, ""},
		{"a check that warns", "checks: [uat.accessibility]", "policy.checks", fail, "required to be a pass"},
		{"a check that was not made", "checks: [release.repository]", "policy.checks", fail, "no such check"},
		{"a misspelt check", "checks: [manifest.digests]", "policy.checks", fail, "no such check"},
		{"an SBOM profile", "sbom: {profile: syft-release}", "policy.sbom", pass, ""},
		{"a stricter SBOM profile", "sbom: {profile: bsi-tr-03183-2-v2.1}", "policy.sbom", fail, ""},
		{"a rule", rule("release.product == 'asm' && release.images.size() == 1"), "policy.rule", pass, "holds"},
		{"a rule that is not met", rule("release.images.size() == 3"), "policy.rule", fail, "said so"},
		{"a rule about findings", rule("release.images.all(i, i.findings.filter(f, f.severity == 'critical' && f.fixed != '').size() == 0)"), "policy.rule", pass, ""},
		{"a rule about all findings", rule("release.findings.all(f, f.severity != 'critical')"), "policy.rule", fail, ""},
		{"a rule about packages", rule("release.packages.exists(p, p.name == 'bash' && p.license != '' && p.relation in ['direct', 'transitive', 'unknown'])"), "policy.rule", pass, ""},
		{"a rule about a package that is not there", rule("release.packages.exists(p, p.name == 'no-such')"), "policy.rule", fail, ""},
		{"a rule about checks", rule("release.checks.exists(c, c.id == 'manifest.digest' && c.status == 'pass')"), "policy.rule", pass, ""},
		{"a rule about tests and files", rule("release.tests.total > 0 && release.accessibility.pages > 0 && release.files.exists(f, f.path == 'index.html')"), "policy.rule", pass, ""},
		{"a rule about time", rule("now - release.created < duration('87600h')"), "policy.rule", pass, ""},
		{"a rule about verdicts", rule("release.authentic"), "policy.rule", fail, ""},
		{"a rule that cannot be evaluated", rule("release.images[7].name == ''"), "policy.rule", none, "index"},
		{"a rule that costs too much", rule("release.packages.all(a, release.packages.all(b, release.packages.all(c, a.name != b.name + c.name)))"), "policy.rule", none, "steps"},
		{"no profile", "unsafeNoProfile: true\ntests: false\nrequire: [consistent]", "policy.weakened", warn, "unsafeNoProfile"},
		{"every finding", "findings: {failOn: unknown}", "policy.findings", fail, "33 of 33"},
		{"every finding but those of an accepted release", newSince, "policy.findings", pass, "asm@1.482 has them too"},
		{"weakened by it", newSince, "policy.weakened", warn, "unsafeNewSince"},
		{"an exception that has expired", "findings: {failOn: critical, exceptions: [{vulnerability: CVE-1, owner: o, reason: r, expires: 2026-01-01}]}", "policy.exceptions", warn, "policy.yaml:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse([]byte(tt.policy), filepath.Join(dir, "policy.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			r := &trustpack.Report{}
			if rules := p.allRules(later); rules != nil { // one verification is enough for those
				for _, rule := range rules {
					r.Checks = append(r.Checks, rule.Judge(t.Context(), kept)...)
				}
			} else {
				r = verify(t, pack, dir, tt.policy)
			}
			c := worst(r, tt.id)
			if c.Status != tt.want || !strings.Contains(c.Message, tt.message) {
				t.Errorf("%s %s: %s", c.ID, c.Status, c.Message)
			}
			if bad := tt.want == fail || tt.want == none; bad && r.OK() {
				t.Error("the report holds")
			}
			if tt.want == fail && !errors.Is(r.Err(), evidence.ErrPolicy) {
				t.Errorf("the error is %v", r.Err())
			}
			if r.Release != nil {
				t.Error("the release was kept")
			}
		})
	}
}

// TestNewSince: what came after an accepted release is judged, and so is what has become
// worse since.
func TestNewSince(t *testing.T) {
	scan := func(results string) []byte {
		return []byte(`{"SchemaVersion":2,"CreatedAt":"2026-01-02T03:04:05Z","ArtifactName":"app","ArtifactType":"filesystem","Results":[{"Target":"go.mod","Class":"lang-pkgs","Type":"gomod","Vulnerabilities":[` + results + `]}]}`)
	}
	finding := func(id, severity string) string {
		return fmt.Sprintf(`{"VulnerabilityID":"CVE-2026-000%s","PkgName":"curl","InstalledVersion":"1","Severity":"%s"}`, id, severity)
	}
	dir := t.TempDir()
	old := pack(t, map[string][]byte{"trivy.json": scan(finding("1", "HIGH") + "," + finding("2", "LOW"))})
	if err := os.WriteFile(filepath.Join(dir, "old.zip"), old, 0o644); err != nil {
		t.Fatal(err)
	}
	policy := "findings: {failOn: high, unsafeNewSince: {pack: old.zip, contentDigest: '" + open(t, old).ContentDigest().String() + "'}}\nunsafeNoProfile: true"
	for _, tt := range []struct {
		name, findings string
		ok             bool
	}{
		{"the same", finding("1", "HIGH") + "," + finding("2", "LOW"), true},
		{"a new one", finding("1", "HIGH") + "," + finding("3", "HIGH"), false},
		{"a new one of no weight", finding("1", "HIGH") + "," + finding("3", "LOW"), true},
		{"one that has become worse", finding("1", "HIGH") + "," + finding("2", "HIGH"), false},
		{"one that has become better", finding("1", "MEDIUM"), true},
	} {
		r := verify(t, open(t, pack(t, map[string][]byte{"trivy.json": scan(tt.findings)})), dir, policy)
		if c := worst(r, "policy.findings"); (c.Status == evidence.StatusPass) != tt.ok {
			t.Errorf("%s: %s %s", tt.name, c.Status, c.Message)
		}
	}
}

// TestVerification: files that a policy names and that cannot be used.
func TestVerification(t *testing.T) {
	dir := t.TempDir()
	old := pack(t, map[string][]byte{"trivy.json": []byte(`{"SchemaVersion":2,"CreatedAt":"2026-01-02T03:04:05Z"}`)})
	if err := os.WriteFile(filepath.Join(dir, "old.zip"), old, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	zero := strings.Repeat("0", 63) + "1"
	for text, want := range map[string]string{
		"profile: nowhere.json":                        "nowhere.json",
		"profile: bad.json":                            "bad.json",
		"findings: {failOn: low, vex: [nowhere.json]}": "nowhere.json",
		"findings: {failOn: low, vex: [bad.json]}":     "bad.json",
		"findings: {failOn: low, unsafeNewSince: {pack: nowhere.zip, contentDigest: " + "'sha256:" + zero + "'}}": "nowhere.zip",
		"findings: {failOn: low, unsafeNewSince: {pack: old.zip, contentDigest: " + "'sha256:" + zero + "'}}":     "want sha256:" + zero,
	} {
		p, err := Parse([]byte(text), filepath.Join(dir, "p.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verification(t.Context(), later); err == nil || !strings.Contains(err.Error(), want) || evidence.IsVerdict(err) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestShipped: each shipped policy can be read, and says what weakens it.
func TestShipped(t *testing.T) {
	zip, err := sample()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"enterprise-strict": "", "procurement-review": "unsafeOnlyFixable", "install-gate": "unsafeOnlyFixable"}
	if len(Names()) != len(want) {
		t.Errorf("names %q", Names())
	}
	for _, name := range Names() {
		p, data, err := Load(name)
		if err != nil || len(data) == 0 {
			t.Fatal(err)
		}
		pol, err := p.Verification(t.Context(), later)
		if err != nil {
			t.Fatal(err)
		}
		r, err := trustpack.Verify(t.Context(), open(t, zip), pol)
		if err != nil {
			t.Fatal(err)
		}
		if c := worst(r, "policy.weakened"); !strings.HasSuffix(c.Message, want[name]) || (c.ID == "") != (want[name] == "") {
			t.Errorf("%s: weakened: %s", name, c.Message)
		}
		if r.OK() && name != "procurement-review" { // nobody is trusted here
			t.Errorf("%s accepts a pack that nobody signed", name)
		}
	}
	if _, _, err := Load("no-such-policy"); err == nil || !strings.Contains(err.Error(), "enterprise-strict") {
		t.Error(err)
	}
}

// TestInstallWeakened: what lets more be started is named.
func TestInstallWeakened(t *testing.T) {
	if c := (&Install{ThirdParty: []string{"a"}}).Weakened(); c != nil {
		t.Errorf("got %v", c)
	}
	c := (&Install{UnsafeBuild: []string{"web"}, UnsafeThirdPartyTags: []string{"redis:7"}}).Weakened()
	if len(c) != 1 || c[0].Status != evidence.StatusWarn || len(c[0].Problems) != 2 || !strings.HasPrefix(c[0].Problems[1].Message, "unsafeBuild: ") {
		t.Errorf("got %v", c)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"findings":{"failOn":"high","exceptions":[{"vulnerability":"CVE-1","owner":"o","reason":"r","expires":"2027-01-01"}],"trustVEX":["a/*"]},"licenses":{"allow":["MIT"]},"tests":true}`))
	f.Add([]byte("publisher:\r- {key: a}\n- {identity:"))
	f.Add([]byte("{\n\"licenses\":{\"categories\":{\"permissive\":\"allow\"}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data, "f")
		if (p == nil) == (err == nil) {
			t.Fatalf("%v, %v", p, err)
		}
		var list evidence.Problems
		if one, ok := errors.AsType[*evidence.Problem](err); ok {
			list = evidence.Problems{one}
		} else if list, ok = errors.AsType[evidence.Problems](err); !ok && err != nil {
			t.Fatalf("an error without problems: %v", err)
		}
		lines := 2                                                               // the place may be behind the last line
		for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} { // YAML 1.1, section 4.2
			lines += bytes.Count(data, []byte(end))
		}
		for _, q := range list {
			if q.Line < 0 || q.Line > lines || !strings.HasPrefix(q.Code, "policy.") {
				t.Errorf("%+v of %q", q, data)
			}
		}
	})
}

// BenchmarkRules is a verification of real evidence without a policy, and with 20 rules.
func BenchmarkRules(b *testing.B) {
	zip, err := sample()
	if err != nil {
		b.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("rules:\n")
	for i := range 20 {
		expression := []string{
			"release.images.all(i, i.findings.filter(f, f.severity == 'critical' && f.fixed != '').size() == 0)",
			"release.packages.all(p, p.name != 'log4j-core' || p.version != '2.14.1')",
			"release.checks.exists(c, c.id == 'manifest.digest' && c.status == 'pass')",
			"release.packages.all(p, p.relation != 'direct' || p.license != 'none')",
		}[i%4]
		fmt.Fprintf(&text, "- {id: r%d, message: m, expression: \"%s\"}\n", i, expression)
	}
	p, err := Parse([]byte(text.String()), "")
	if err != nil {
		b.Fatal(err)
	}
	with, err := p.Verification(b.Context(), later)
	if err != nil {
		b.Fatal(err)
	}
	for name, pol := range map[string]trustpack.Policy{"rules=0": {Now: later}, "rules=20": with} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := trustpack.Verify(b.Context(), open(b, zip), pol); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
