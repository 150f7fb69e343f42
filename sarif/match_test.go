// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
)

// subject is a finding and a claim about it, by dimension; an empty text is one
// that is absent.
type subject struct {
	id, kind, vendor, name, version, arch, distro, other, subpath string
	repository, tag, digest, imageArch                            string
}

var (
	digestA = "sha256:" + strings.Repeat("a", 64)
	digestB = "sha256:" + strings.Repeat("b", 64)

	whole = subject{id: "CVE-2024-0001", kind: "deb", vendor: "debian", name: "openssl", version: "3.0.11-1", arch: "amd64", distro: "debian-12",
		other: "1", subpath: "lib", repository: "ghcr.io/acme/web", tag: "1.2", digest: digestA, imageArch: "arm64"}
)

// purl is the package, "" where not even type and name are there.
func (s subject) purl(versions string) string {
	if s.kind == "" || s.name == "" {
		return ""
	}
	u := "pkg:" + s.kind + "/"
	if s.vendor != "" {
		u += s.vendor + "/"
	}
	u += s.name
	if s.version != "" && versions == "" {
		u += "@" + s.version
	}
	sep := "?"
	for _, q := range [][2]string{{"arch", s.arch}, {"distro", s.distro}, {"other", s.other}, {"vers", versions}} {
		if q[1] != "" {
			u += sep + q[0] + "=" + strings.ReplaceAll(q[1], "|", "%7C")
			sep = "&"
		}
	}
	if s.subpath != "" {
		u += "#" + s.subpath
	}
	return u
}

func (s subject) image() string {
	if s.repository == "" { // a tag alone names nothing
		return s.digest
	}
	text := s.repository
	if s.tag != "" {
		text += ":" + s.tag
	}
	if s.digest != "" {
		text += "@" + s.digest
	}
	return text
}

// product is the image as a package URL.
func (s subject) product() string {
	u := "pkg:oci/web"
	if s.digest != "" {
		u += "@" + strings.ReplaceAll(s.digest, ":", "%3A")
	}
	sep := "?"
	for _, q := range [][2]string{{"arch", s.imageArch}, {"repository_url", s.repository}, {"tag", s.tag}} {
		if q[1] != "" {
			u += sep + q[0] + "=" + q[1]
			sep = "&"
		}
	}
	return u
}

func (s subject) finding() *Finding {
	f := &Finding{Class: ClassVulnerability, ID: s.id, RuleID: s.id, Kind: KindFail, Severity: SeverityHigh,
		Package: &Package{Name: s.name, Ecosystem: s.kind, PURL: s.purl("")}}
	if s.version != "" {
		f.Package.Versions = []string{s.version}
	}
	f.Target = &Target{Kind: TargetImage, Repository: s.repository, Arch: s.imageArch}
	if s.tag != "" {
		f.Target.Tags = []string{s.tag}
	}
	if s.digest != "" {
		f.Target.Digests = []string{s.digest}
	}
	return f
}

func (s subject) exception() *Exception {
	e := &Exception{Vulnerability: s.id, PURL: s.purl(""), Image: s.image()}
	e.Decision = evidence.Decision{Owner: "security", Reason: "not reachable", Expires: now.AddDate(1, 0, 0)}
	return e
}

func (s subject) statement() *Statement {
	return &Statement{Vulnerability: s.id, Status: VEXNotAffected, Justification: "component_not_present",
		Products: []Product{{ID: s.product(), Subcomponents: []Product{{ID: s.purl("")}}}}}
}

func waived(t *testing.T, g Gate, findings ...*Finding) bool {
	t.Helper()
	g.Now = now
	d, err := g.Evaluate(findings)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range d.Outcomes {
		if o.Verdict == VerdictFail {
			return false
		}
	}
	return true
}

// TestClaimDimensions changes one dimension at a time: what the claim names must be
// what the finding states.
func TestClaimDimensions(t *testing.T) {
	dimensions := []struct {
		name      string
		field     func(*subject) *string
		different string
		absent    bool // whether a claim may leave it out
	}{
		{"package type", func(s *subject) *string { return &s.kind }, "npm", false},
		{"vendor", func(s *subject) *string { return &s.vendor }, "ubuntu", true},
		{"name", func(s *subject) *string { return &s.name }, "openssl1.0", false},
		{"version", func(s *subject) *string { return &s.version }, "3.0.12-1", true},
		{"architecture", func(s *subject) *string { return &s.arch }, "arm64", true},
		{"distribution", func(s *subject) *string { return &s.distro }, "debian-11", true},
		{"any other qualifier", func(s *subject) *string { return &s.other }, "2", true},
		{"subpath", func(s *subject) *string { return &s.subpath }, "src", true},
		{"repository", func(s *subject) *string { return &s.repository }, "ghcr.io/acme/api", true},
		{"tag", func(s *subject) *string { return &s.tag }, "1.3", true},
		{"digest", func(s *subject) *string { return &s.digest }, digestB, true},
	}
	for _, d := range dimensions {
		t.Run(d.name, func(t *testing.T) {
			check := func(what string, claim, fact subject, want bool) {
				t.Helper()
				if got := waived(t, Gate{Exceptions: []*Exception{claim.exception()}}, fact.finding()); got != want {
					t.Errorf("%s, exception: waived %t", what, got)
				}
				if claim.kind == "" || claim.name == "" {
					return // a part without package URL names nothing
				}
				if got := waived(t, Gate{VEX: []*VEX{{Statements: []*Statement{claim.statement()}}}}, fact.finding()); got != want {
					t.Errorf("%s, VEX: waived %t", what, got)
				}
			}
			check("equal", whole, whole, true)
			other, without := whole, whole
			*d.field(&other), *d.field(&without) = d.different, ""
			check("different", other, whole, false)
			check("different in the finding", whole, other, false)
			check("absent in the finding", whole, without, false)
			check("absent in the claim", without, whole, true)
			if d.absent {
				check("absent in both", without, without, true)
			}
		})
	}
}

// TestClaimNarrower narrows random claims: what the wider one left, the narrower
// one leaves.
func TestClaimNarrower(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	random := func() subject {
		return subject{id: pick("CVE-2024-0001", "CVE-2024-0002"), kind: pick("deb", "npm", "rpm"), vendor: pick("", "debian", "ubuntu"), name: pick("openssl", "curl"),
			version: pick("", "1.0", "2.0"), arch: pick("", "amd64", "arm64"), distro: pick("", "debian-12", "debian-12.1", "debian-11"), other: pick("", "1"),
			subpath: pick("", "lib"), repository: pick("", "ghcr.io/acme/web", "acme/web"), tag: pick("", "1.2", "1.3"), digest: pick("", digestA, digestB), imageArch: pick("", "amd64")}
	}
	fields := []func(*subject) *string{
		func(s *subject) *string { return &s.version }, func(s *subject) *string { return &s.arch }, func(s *subject) *string { return &s.distro },
		func(s *subject) *string { return &s.other }, func(s *subject) *string { return &s.subpath }, func(s *subject) *string { return &s.tag },
		func(s *subject) *string { return &s.digest }, func(s *subject) *string { return &s.imageArch },
	}
	counted := 0
	for range 5_000 {
		fact, narrow := random(), random()
		if r.IntN(2) == 0 {
			narrow = fact
		}
		if narrow.repository == "" { // a tag alone, and a bare name, name no image
			narrow.repository = "ghcr.io/acme/web"
		}
		wide := narrow
		for _, f := range fields {
			if r.IntN(2) == 0 {
				*f(&wide) = ""
			}
		}
		if vendor := &wide.vendor; wide.kind != "npm" && r.IntN(2) == 0 { // of npm it is part of the name
			*vendor = ""
		}
		inner, outer := narrow.exception(), wide.exception()
		if narrow.version == "" {
			inner.Versions = pick("", "<1.5", "<=1.0", ">=1.0, <3.0", ">=2.0")
			outer.Versions = pick("", inner.Versions)
		}
		for _, gates := range [][2]Gate{
			{{Exceptions: []*Exception{inner}}, {Exceptions: []*Exception{outer}}},
			{{VEX: []*VEX{{Statements: []*Statement{narrow.statement()}}}}, {VEX: []*VEX{{Statements: []*Statement{wide.statement()}}}}},
		} {
			inner, outer := waived(t, gates[0], fact.finding()), waived(t, gates[1], fact.finding())
			if inner {
				counted++
			}
			if inner && !outer {
				t.Fatalf("%+v is waived by %+v and not by %+v", fact, narrow, wide)
			}
		}
	}
	if counted < 100 {
		t.Errorf("only %d claims counted", counted)
	}
}

// TestClaimOfMember: a merged finding is left out only if each member is.
func TestClaimOfMember(t *testing.T) {
	second := whole
	second.tag, second.digest = "1.3", digestB
	logs := func(subjects ...subject) []*Finding {
		l := &Log{Runs: []Run{{}}}
		for _, s := range subjects {
			l.Runs[0].Findings = append(l.Runs[0].Findings, s.finding())
		}
		return Merge(l)
	}
	merged := logs(whole, second)
	if len(merged) != 1 {
		t.Fatalf("%d findings", len(merged))
	}
	newer := whole
	newer.version = "3.0.12-1"
	plain := subject{id: whole.id, name: whole.name, version: whole.version, repository: whole.repository, tag: whole.tag} // as Trivy's SARIF
	wide := whole
	wide.tag, wide.digest = "", ""
	tests := []struct {
		name     string
		findings []*Finding
		claims   []subject
		want     bool
	}{
		{"one image of two", merged, []subject{whole}, false},
		{"each image", merged, []subject{whole, second}, true},
		{"the repository", merged, []subject{wide}, true},
		{"one version of two", logs(whole, newer), []subject{whole}, false},
		{"each version", logs(whole, newer), []subject{whole, newer}, true},
		{"a result that does not tell its package URL, and may be the one that does", logs(whole, plain), []subject{whole}, true},
		{"one that may be either of two", logs(whole, subject{id: whole.id, kind: "deb", vendor: "debian", name: "openssl", version: whole.version, arch: "arm64", repository: whole.repository, tag: whole.tag}, plain), []subject{whole}, false},
		{"one in another version", logs(whole, subject{id: whole.id, name: whole.name, version: "1", repository: whole.repository}), []subject{whole}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var exceptions []*Exception
			vex := &VEX{}
			for _, c := range tt.claims {
				exceptions = append(exceptions, c.exception())
				vex.Statements = append(vex.Statements, c.statement())
			}
			if got := waived(t, Gate{Exceptions: exceptions}, tt.findings...); got != tt.want {
				t.Errorf("exceptions: waived %t", got)
			}
			for _, c := range vex.Statements {
				c.Products[0].ID = strings.ReplaceAll(strings.ReplaceAll(c.Products[0].ID, "arch=arm64&", ""), "?arch=arm64", "")
			}
			if got := waived(t, Gate{VEX: []*VEX{vex}}, tt.findings...); got != tt.want {
				t.Errorf("VEX: waived %t", got)
			}
		})
	}
}

// TestClaimTimes: of statements about one thing the last counts; one whose time is
// not known cannot be the last in favour of the product.
func TestClaimTimes(t *testing.T) {
	at := func(day int) time.Time {
		if day == 0 {
			return time.Time{}
		}
		return time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)
	}
	tests := []struct {
		name           string
		good, bad      int // days, 0 for not known
		badFirst, same bool
		want           bool
	}{
		{"taken back", 1, 2, false, true, false},
		{"cleared later", 2, 1, false, true, true},
		{"at once, bad last", 1, 1, false, true, false},
		{"at once, good last", 1, 1, true, true, true},
		{"at once in two documents", 1, 1, true, false, false},
		{"good of unknown time", 0, 1, true, true, false},
		{"bad of unknown time", 2, 0, true, true, false},
		{"both of unknown time in one document", 0, 0, true, true, true},
		{"both of unknown time in two documents", 0, 0, true, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			good, bad := whole.statement(), whole.statement()
			good.Time, bad.Time, bad.Status = at(tt.good), at(tt.bad), VEXAffected
			list := []*Statement{good, bad}
			if tt.badFirst {
				slices.Reverse(list)
			}
			docs := []*VEX{{Statements: list}}
			if !tt.same {
				docs = []*VEX{{Statements: list[:1]}, {Statements: list[1:]}}
			}
			if got := waived(t, Gate{VEX: docs}, whole.finding()); got != tt.want {
				t.Errorf("waived %t", got)
			}
		})
	}
	// A statement against the product counts although the finding does not state
	// all that it names.
	good, bad := subject{id: whole.id, kind: "deb", name: "openssl", repository: whole.repository}.statement(), whole.statement()
	good.Time, bad.Time, bad.Status = at(1), at(2), VEXUnderInvestigation
	fact := whole
	fact.arch = ""
	if waived(t, Gate{VEX: []*VEX{{Statements: []*Statement{good, bad}}}}, fact.finding()) {
		t.Error("a statement that may be about the finding did not count against it")
	}
}

// TestClaimReason: the reason of a finding that is left says why a claim about it
// does not count.
func TestClaimReason(t *testing.T) {
	claim := whole
	claim.arch = "arm64"
	e := claim.exception()
	e.File, e.Line = "exceptions.yaml", 5
	d, err := (&Gate{Exceptions: []*Exception{e}, Now: now}).Evaluate([]*Finding{whole.finding()})
	if err != nil {
		t.Fatal(err)
	}
	const want = `exception exceptions.yaml:5 does not count: it names arch "arm64", and the finding has "amd64"`
	if o := d.Outcomes[0]; !strings.Contains(o.Reason, want) || len(d.Unused) != 1 {
		t.Errorf("got %q, want %q", o.Reason, want)
	}
}

// TestExceptionIncomplete: exceptions that are made in a program are checked like
// those that are read.
func TestExceptionIncomplete(t *testing.T) {
	for name, change := range map[string]func(*Exception){
		"vulnerability": func(e *Exception) { e.Vulnerability = "" }, "owner": func(e *Exception) { e.Owner = "" }, "reason": func(e *Exception) { e.Reason = "" },
		"expiry": func(e *Exception) { e.Expires = time.Time{} }, "package URL": func(e *Exception) { e.PURL = "openssl" },
		"versions": func(e *Exception) { e.PURL, e.Versions = "", "^1" },
	} {
		e := whole.exception()
		change(e)
		if _, err := (&Gate{Exceptions: []*Exception{e}, Now: now}).Evaluate(nil); err == nil {
			t.Errorf("an exception with a bad %s was accepted", name)
		}
	}
}

// claimsAndFindings are n exceptions and n findings of one vulnerability, half of
// them about each other.
func claimsAndFindings(n int) (exceptions []*Exception, findings []*Finding) {
	for i := range n {
		s := whole
		s.name = fmt.Sprintf("p%d", i)
		findings = append(findings, s.finding())
		s.name = fmt.Sprintf("p%d", i+n/2)
		exceptions = append(exceptions, s.exception())
	}
	return exceptions, findings
}

// TestGateLinear counts what judging allocates at two sizes.
func TestGateLinear(t *testing.T) {
	cost := func(n int) float64 {
		exceptions, findings := claimsAndFindings(n)
		g := Gate{Exceptions: exceptions, Now: now}
		return testing.AllocsPerRun(1, func() {
			if _, err := g.Evaluate(findings); err != nil {
				t.Fatal(err)
			}
		})
	}
	if small, large := cost(250), cost(1000); large > 6*small {
		t.Errorf("%v allocations for 250, %v for 1000", small, large)
	}
}

func BenchmarkGate(b *testing.B) {
	for _, n := range []int{1000, 4000} {
		b.Run(fmt.Sprintf("findings=%d,exceptions=%d", n, n), func(b *testing.B) {
			exceptions, findings := claimsAndFindings(n)
			g := Gate{Exceptions: exceptions, Now: now}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := g.Evaluate(findings); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestClaimParts is TestClaimDimensions for what is not one text: the part of the claim
// is equal or wide enough, different, absent, and absent in the finding.
func TestClaimParts(t *testing.T) {
	statement := func(change func(*Statement)) Gate {
		s := whole.statement()
		change(s)
		return Gate{VEX: []*VEX{{Statements: []*Statement{s}}}}
	}
	exception := func(change func(*Exception)) Gate {
		e := whole.exception()
		change(e)
		return Gate{Exceptions: []*Exception{e}}
	}
	ranged := func(vers string) Gate {
		return statement(func(s *Statement) { s.Products[0].Subcomponents[0].ID = whole.purl(vers) })
	}
	versions := func(text string) Gate {
		return exception(func(e *Exception) {
			e.PURL, e.Versions = strings.Replace(e.PURL, "@"+whole.version, "", 1), text
		})
	}
	image := func(change func(*subject)) Gate {
		product := whole
		change(&product)
		return statement(func(s *Statement) { s.Products[0].ID = product.product() })
	}
	status := func(v VEXStatus, justification string) Gate {
		return statement(func(s *Statement) { s.Status, s.Justification = v, justification })
	}
	without := func(change func(*Finding)) func() *Finding {
		return func() *Finding {
			f := whole.finding()
			change(f)
			return f
		}
	}
	noVersion := func() *Finding {
		s := whole
		s.version = ""
		return s.finding()
	}
	for _, tt := range []struct {
		name string
		gate Gate
		fact func() *Finding // nil: the whole finding
		want bool
	}{
		{"range that holds the version", ranged("vers:deb/<3.0.12"), nil, true},
		{"range that does not hold it", ranged("vers:deb/<3.0.11-1"), nil, false},
		{"range of another ecosystem", ranged("vers:rpm/<3.0.12"), nil, false},
		{"range that holds none", ranged("vers:none/*"), nil, false},
		{"range, the finding has no version", ranged("vers:deb/<3.0.12"), noVersion, false},
		{"no range and no version", statement(func(s *Statement) {
			s.Products[0].Subcomponents[0].ID = strings.Replace(whole.purl(""), "@"+whole.version, "", 1)
		}), nil, true},

		{"exception's range that holds the version", versions("<3.0.12"), nil, true},
		{"exception's range that does not hold it", versions("<3.0.11-1"), nil, false},
		{"exception's range, the finding has no version", versions("<3.0.12"), noVersion, false},
		{"exception without a range", versions(""), nil, true},

		{"not affected", status(VEXNotAffected, "component_not_present"), nil, true},
		{"fixed", status(VEXFixed, ""), nil, true},
		{"affected", status(VEXAffected, ""), nil, false},
		{"under investigation", status(VEXUnderInvestigation, ""), nil, false},
		{"no status", status(0, ""), nil, false},

		{"image of another architecture", image(func(s *subject) { s.imageArch = "amd64" }), nil, false},
		{"image of any architecture", image(func(s *subject) { s.imageArch = "" }), nil, true},
		{"image of an architecture, the finding states none", image(func(*subject) {}), without(func(f *Finding) { f.Target.Arch = "" }), false},
		{"image of another digest", image(func(s *subject) { s.digest = digestB }), nil, false},
		{"image of a digest, the finding states none", image(func(*subject) {}), without(func(f *Finding) { f.Target.Digests = nil }), false},
		{"image of any digest", image(func(s *subject) { s.digest = "" }), nil, true},

		{"another product", statement(func(s *Statement) { s.Products[0].ID = "pkg:oci/api?repository_url=ghcr.io/acme/api" }), nil, false},
		{"second product fits", statement(func(s *Statement) {
			s.Products = append([]Product{{ID: "pkg:oci/api?repository_url=ghcr.io/acme/api"}}, s.Products...)
		}), nil, true},
		{"no product", statement(func(s *Statement) { s.Products = nil }), nil, false},
		{"product, the finding has no target", statement(func(*Statement) {}), without(func(f *Finding) { f.Target = nil }), false},
		{"another subcomponent", statement(func(s *Statement) { s.Products[0].Subcomponents[0].ID = "pkg:deb/debian/curl" }), nil, false},
		{"subcomponent, the finding has no package", statement(func(*Statement) {}), without(func(f *Finding) { f.Package = nil }), false},
		{"all of the product", statement(func(s *Statement) { s.Products[0].Subcomponents = nil }), nil, true},

		{"another vulnerability", statement(func(s *Statement) { s.Vulnerability = "CVE-2024-0002" }), nil, false},
		{"no vulnerability", statement(func(s *Statement) { s.Vulnerability = "" }), nil, false},
		{"vulnerability by an alias of the claim", statement(func(s *Statement) { s.Vulnerability, s.Aliases = "GHSA-aaaa-bbbb-cccc", []string{whole.id} }), nil, true},
		{"exception for another vulnerability", exception(func(e *Exception) { e.Vulnerability = "CVE-2024-0002" }), nil, false},
	} {
		fact := tt.fact
		if fact == nil {
			fact = whole.finding
		}
		if got := waived(t, tt.gate, fact()); got != tt.want {
			t.Errorf("%s: waived %t", tt.name, got)
		}
	}
}
