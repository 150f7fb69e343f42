// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

const policyText = `{
  "allow": ["GPL-2.0-only WITH Classpath-exception-2.0"],
  "review": ["BSD-4-Clause"],
  "deny": ["WTFPL"],
  "categories": {"permissive": "allow", "weak-copyleft": "review", "network-copyleft": "deny"},
  "exceptions": [
    {"module": "a.b/mpl", "license": "MPL-2.0", "owner": "o", "reason": "r", "expires": "2026-12-31"},
    {"module": "a.b/agpl/...", "version": "1.0.0", "license": "AGPL-3.0", "owner": "o", "reason": "r", "expires": "2026-12-31T12:00:00Z"}
  ]
}
`

func TestParsePolicy(t *testing.T) {
	p, err := ParsePolicy([]byte(policyText), "", "")
	if err != nil {
		t.Fatal(err)
	}
	inv := &Inventory{Modules: []Module{
		entry(t, "a.b/agpl/x", "v1.0.0", "AGPL-3.0-only"), entry(t, "a.b/c", "v1.0.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
		entry(t, "a.b/mit", "v1.0.0", "MIT"), entry(t, "a.b/mpl", "v1.0.0", "MPL-2.0"),
	}}
	for at, want := range map[string][]Verdict{
		"2026-12-31T11:59:59Z": {Allowed, Allowed, Allowed, Allowed},
		"2026-12-31T12:00:00Z": {Denied, Allowed, Allowed, Allowed},
		"2026-12-31T23:59:59Z": {Denied, Allowed, Allowed, Allowed}, // a day ends at its end
		"2027-01-01T00:00:00Z": {Denied, Allowed, Allowed, NeedsReview},
	} {
		now, _ := time.Parse(time.RFC3339, at)
		var got []Verdict
		for _, f := range decide(t, p, inv, now).Findings {
			got = append(got, f.Verdict)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", at, got, want)
		}
	}
	if _, err := ParsePolicy([]byte("\ufeff{}"), "", ""); err != nil {
		t.Errorf("the policy without a rule: %v", err)
	}
}

// TestDocumentedPolicy reads the policy that the package's documentation shows.
func TestDocumentedPolicy(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "//\t{\n")
	text, _, ok := strings.Cut(text, "//\t}\n")
	if !ok {
		t.Fatal("doc.go shows no policy")
	}
	p, err := ParsePolicy([]byte("{"+strings.ReplaceAll(text, "//", "")+"}"), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.exceptions) != 1 || len(p.categories) != 3 || p.judge(spdxexpr.License{ID: "BUSL-1.1"}) != spdxexpr.Denied {
		t.Errorf("got %+v", p)
	}
}

// TestParsePolicyRefuses has, for each text, the codes and places of its problems.
func TestParsePolicyRefuses(t *testing.T) {
	exception := func(members string) string { return "{\"exceptions\": [{\n" + members + "}]}" }
	const whole = `"module": "m", "license": "MIT", "owner": "o", "reason": "r", "expires": "2026-12-31"`
	if _, err := ParsePolicy([]byte(exception(whole)), "", ""); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		in   string
		want []string // "code line:column pointer"
		err  error
	}{
		{``, []string{"policy.empty 1:1 "}, evidence.ErrFormat},
		{`[]`, []string{"policy.type 1:1 "}, evidence.ErrFormat},
		{`{} {}`, []string{"policy.syntax 1:4 "}, evidence.ErrFormat},
		{`{"allow": "MIT"}`, []string{"policy.type 1:11 /allow"}, evidence.ErrFormat},
		{`{"allow": [], "allow": []}`, []string{"policy.duplicate 1:15 /allow"}, evidence.ErrFormat},
		{`{"Allow": []}`, []string{"policy.unknown 1:11 /Allow"}, evidence.ErrFormat},
		{`{"allow": ["MIT", "GLP-2.0"], "deny": ["MIT OR ISC"], "review": ["NOASSERTION"]}`,
			[]string{"policy.license 1:19 /allow/1", "policy.license 1:40 /deny/0", "policy.license 1:66 /review/0"}, evidence.ErrFormat},
		{`{"categories": {"permissive": "allowed"}}`, []string{"policy.category 1:31 /categories/permissive"}, evidence.ErrFormat},
		{`{"categories": {"Permissive": "allow"}}`, []string{"policy.category 1:31 /categories/Permissive"}, evidence.ErrFormat},
		{`{"categories": {"invalid": "allow"}}`, []string{"policy.category 1:28 /categories/invalid"}, evidence.ErrFormat},
		{`{"categories": {"unknown": 1}}`, []string{"policy.type 1:28 /categories/unknown"}, evidence.ErrFormat},
		{exception(``), []string{"policy.required 1:17 /exceptions/0/expires", "policy.required 1:17 /exceptions/0/license", "policy.required 1:17 /exceptions/0/module",
			"policy.required 1:17 /exceptions/0/owner", "policy.required 1:17 /exceptions/0/reason"}, evidence.ErrFormat},
		{exception(whole + `, "image": "x"`), []string{"policy.unknown 2:97 /exceptions/0/image"}, evidence.ErrFormat},
		{exception(strings.Replace(whole, `"r"`, `" "`, 1)), []string{"policy.empty 2:58 /exceptions/0/reason"}, evidence.ErrFormat},
		{exception(strings.Replace(whole, "2026-12-31", "31.12.2026", 1)), []string{"policy.time 2:74 /exceptions/0/expires"}, evidence.ErrFormat},
		{exception(strings.Replace(whole, "2026-12-31", "0001-01-01T00:00:00Z", 1)), []string{"policy.time 2:74 /exceptions/0/expires"}, evidence.ErrFormat},
		{exception(strings.Replace(whole, "MIT", "MIT AND", 1)), []string{"policy.license 2:27 /exceptions/0/license"}, evidence.ErrFormat},
		{exception(strings.Replace(whole, `"m"`, `"/..."`, 1)), []string{"policy.module 2:11 /exceptions/0/module"}, evidence.ErrFormat},
		{exception(strings.Replace(whole, `"m"`, `"m/.../x"`, 1)), []string{"policy.module 2:11 /exceptions/0/module"}, evidence.ErrFormat},
		{exception(whole + `, "version": ""`), []string{"policy.empty 2:99 /exceptions/0/version"}, evidence.ErrFormat},
		{`{"allow": ["` + strings.Repeat("x", policyfile.MaxBytes) + `"]}`, []string{"policy.size 1:1 "}, evidence.ErrLimit},
	} {
		_, err := ParsePolicy([]byte(test.in), "", "")
		list, _ := errors.AsType[evidence.Problems](err)
		if p, ok := errors.AsType[*evidence.Problem](err); ok && list == nil {
			list = evidence.Problems{p}
		}
		var got []string
		for _, p := range list {
			got = append(got, p.Code+" "+place(p)+" "+p.Pointer)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || !errors.Is(err, test.err) {
			t.Errorf("%.80q: %v%s", test.in, err, diff)
		}
	}
}

// decide judges an inventory by a policy that can be applied.
func decide(t *testing.T, p *Policy, inv *Inventory, now time.Time) *Judgment {
	t.Helper()
	j, err := p.Decide(inv, now)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func place(p *evidence.Problem) string {
	text, _ := json.Marshal([2]int{p.Line, p.Column})
	return strings.Replace(strings.Trim(string(text), "[]"), ",", ":", 1)
}

// TestJudgment sorts the exceptions of a policy by what became of them.
func TestJudgment(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	except := func(module, license string, days int) Exception {
		return Exception{Module: module, License: license, Decision: evidence.Decision{Owner: "o", Reason: "r", Expires: now.AddDate(0, 0, days)}}
	}
	list := []Exception{
		except("a.b/used", "MPL-2.0", 1),
		except("a.b/used", "MPL-2.0", 2),    // the first is enough
		except("a.b/gone", "MPL-2.0", -1),   // no module, expired or not
		except("a.b/used", "EPL-2.0", 1),    // it was relicensed
		except("a.b/fine", "MIT", -1),       // allowed without
		except("a.b/old", "GPL-3.0", -1),    // needed, and over
		except("a.b/new/...", "MPL-2.0", 0), // over and renewed
		except("a.b/new/v2", "MPL-2.0", 1),
	}
	p, err := NewPolicy(PolicyRules{Categories: map[Category]Verdict{Permissive: Allowed, StrongCopyleft: Denied}, Exceptions: list})
	if err != nil {
		t.Fatal(err)
	}
	inv := &Inventory{Modules: []Module{
		entry(t, "a.b/fine", "v1", "MIT"), entry(t, "a.b/new/v2", "v2", "MPL-2.0"), entry(t, "a.b/old", "v1", "GPL-3.0-only"),
		entry(t, "a.b/other", "v1", "MPL-2.0"), entry(t, "a.b/used", "v1", "MPL-2.0"),
	}}
	j := decide(t, p, inv, now)
	if diff := cmp.Diff([3][]Exception{{list[2], list[3]}, {list[1], list[4]}, {list[5], list[6]}}, [3][]Exception{j.Unused, j.Unneeded, j.Expired}); diff != "" {
		t.Error(diff)
	}
	want := &PolicySummary{Worst: Denied, Allowed: 3, Excepted: 2, NeedsReview: 1, Denied: 1, Unused: 2, Unneeded: 2, Expired: 2}
	if diff := cmp.Diff(want, j.Summary()); diff != "" || j.OK() {
		t.Error(diff)
	}
	sum := Summarize(inv)
	if !sum.OK() {
		t.Errorf("no policy: %+v", sum)
	}
	if sum.Policy = j.Summary(); sum.OK() {
		t.Error("a denied module is fine")
	}
	inv.Modules = slices.Concat(inv.Modules[:2], inv.Modules[4:])
	if j = decide(t, p, inv, now); !j.OK() || !j.Summary().OK() {
		t.Errorf("what is denied is gone: %+v", j)
	}
	if j = decide(t, p, &Inventory{}, now); j.OK() || j.Summary().OK() || len(j.Unused) != len(list) {
		t.Errorf("nothing judged: %+v", j)
	}
	text, err := json.Marshal(decide(t, p, &Inventory{}, now).Summary())
	if got := string(text); err != nil || got != `{"allowed":0,"excepted":0,"needsReview":0,"denied":0,"unused":8,"unneeded":0,"expired":0}` {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestJudgmentJSON fixes the shape.
func TestJudgmentJSON(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	p, err := ParsePolicy([]byte(policyText), "", "")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(decide(t, p, &Inventory{Modules: []Module{entry(t, "a.b/mpl", "v1.0.0", "MPL-2.0")}}, now), "", " ")
	const want = `{
 "findings": [
  {
   "module": {
    "name": "a.b/mpl",
    "version": "v1.0.0",
    "license": "MPL-2.0",
    "category": "weak-copyleft"
   },
   "decision": "allowed",
   "why": "MPL-2.0: excepted by o: r",
   "exception": {
    "module": "a.b/mpl",
    "license": "MPL-2.0",
    "owner": "o",
    "reason": "r",
    "expires": "2027-01-01T00:00:00Z"
   }
  }
 ],
 "unused": [
  {
   "module": "a.b/agpl/...",
   "version": "1.0.0",
   "license": "AGPL-3.0",
   "owner": "o",
   "reason": "r",
   "expires": "2026-12-31T12:00:00Z"
  }
 ],
 "unneeded": [],
 "expired": []
}`
	if diff := cmp.Diff(want, string(text)); err != nil || diff != "" {
		t.Errorf("%v%s", err, diff)
	}
}

// FuzzParsePolicy holds what is read against its promises: no exception without
// its members, and nothing allowed that no rule names.
func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(policyText))
	f.Add([]byte(`{"categories":{"unknown":"allow"},"exceptions":[]}`))
	f.Add([]byte(`{"deny":["MIT","MIT"],"allow":["MIT"]}`))
	f.Add([]byte("allow:\n- MIT\n")) // YAML
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePolicy([]byte(string(data)), "", "")
		if err != nil {
			list, ok := errors.AsType[evidence.Problems](err)
			if !ok || len(list) == 0 || !errors.Is(err, evidence.ErrFormat) && !errors.Is(err, evidence.ErrLimit) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		for _, e := range p.exceptions {
			if e.Module == "" || e.License == "" || e.Owner == "" || e.Reason == "" || e.Expires.IsZero() {
				t.Fatalf("exception %+v", e)
			}
		}
		for _, text := range []string{"MIT", "MPL-2.0", "AGPL-3.0-only", "NOASSERTION", "LicenseRef-x"} {
			m := entry(t, "a.b/mpl", "v1.0.0", text)
			j := decide(t, p, &Inventory{Modules: []Module{m}}, now)
			f := j.Findings[0]
			named := f.Exception != nil || p.categories[m.Category] == Allowed || strings.Contains(strings.ToLower(string(data)), strings.ToLower(text))
			if f.Verdict == Allowed && !named && !strings.Contains(string(data), `\`) && spdxexpr.NoAssertion != text && !strings.Contains(strings.ToUpper(string(data)), "GPL-3.0") {
				t.Fatalf("%s is allowed: %s", text, f.Why)
			}
			if len(j.Unused)+len(j.Unneeded)+len(j.Expired) > len(p.exceptions) {
				t.Fatal("an exception is told twice")
			}
		}
	})
}

// TestExceptionNeedsTheTime: who does not tell the time does not get every exception for ever.
func TestExceptionNeedsTheTime(t *testing.T) {
	p, err := NewPolicy(PolicyRules{Exceptions: []Exception{{Module: "a.b/c", License: "MIT", Decision: evidence.Decision{Owner: "o", Reason: "r", Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}}}})
	if err != nil {
		t.Fatal(err)
	}
	inv := &Inventory{Modules: []Module{entry(t, "a.b/c", "v1.0.0", "MIT")}}
	if _, err := p.Decide(inv, time.Time{}); err == nil {
		t.Error("exceptions were judged without a time")
	}
	for now, want := range map[time.Time]Verdict{
		time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC): Allowed, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC): NeedsReview,
	} {
		if j := decide(t, p, inv, now); j.Worst() != want || (want == NeedsReview) != (len(j.Expired) == 1) {
			t.Errorf("at %v: got %v, %+v", now, j.Worst(), j)
		}
	}
}

// TestExceptionScope holds what an exception names against what is known of a
// module.
func TestExceptionScope(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	web := Module{Name: "web", Version: "2.5.0", PURL: "pkg:npm/%40acme/web@2.5.0", License: expr(t, "MPL-2.0")}
	mod := entry(t, "github.com/Acme/Lib", "v1.5.0", "MPL-2.0")
	withURL := mod
	withURL.PURL = "pkg:golang/github.com/acme/lib@v1.5.0"
	for _, test := range []struct {
		name            string
		module, version string
		license         string
		m               Module
		why             string // what the finding says; empty where the exception counts
	}{
		{"the package", "pkg:npm/%40acme/web", "", "MPL-2.0", web, ""},
		{"its version", "pkg:npm/%40acme/web@2.5.0", "", "MPL-2.0", web, ""},
		{"another version", "pkg:npm/%40acme/web@2.5.1", "", "MPL-2.0", web, `it names version "2.5.1", and the module has "2.5.0"`},
		{"a range", "pkg:npm/%40acme/web", ">=2.4, <2.6", "MPL-2.0", web, ""},
		{"the end of a range", "pkg:npm/%40acme/web", "<2.5.0", "MPL-2.0", web, `it names versions "<2.5.0", and the module has "2.5.0"`},
		{"a range of another ecosystem", "pkg:npm/%40acme/web", "vers:deb/<3", "MPL-2.0", web, `it names versions "vers:deb/<3", which cannot be compared`},
		{"another package", "pkg:npm/web", "", "MPL-2.0", web, "-"},
		{"another ecosystem", "pkg:golang/%40acme/web", "", "MPL-2.0", web, "-"},
		{"a qualifier that is not known", "pkg:npm/%40acme/web?arch=arm64", "", "MPL-2.0", web, `it names arch "arm64", which is not known of the module`},
		{"another licence", "pkg:npm/%40acme/web", "", "EPL-2.0", web, `it names licence "EPL-2.0", and the module has "MPL-2.0"`},
		{"a module by its package URL", "pkg:golang/github.com/Acme/Lib", "v1.5.0", "MPL-2.0", mod, ""},
		{"both by package URL", "pkg:golang/github.com/Acme/Lib", "v1.5.0", "MPL-2.0", withURL, ""},
		{"a path", "github.com/acme/...", ">=1.5, <2", "MPL-2.0", mod, ""},
		{"a path, without v", "github.com/acme/lib", "1.5.0", "MPL-2.0", withURL, ""},
		{"a path, another version", "github.com/acme/lib", "v1.5.1", "MPL-2.0", mod, `it names versions "1.5.1", and the module has "1.5.0"`},
		{"a path, no version known", "github.com/acme/lib", "v1.5.1", "MPL-2.0", entry(t, "github.com/acme/lib", "", "MPL-2.0"), `it names versions "1.5.1", which is not known of the module`},
	} {
		p, err := NewPolicy(PolicyRules{Exceptions: []Exception{{Module: test.module, Version: test.version, License: test.license, Decision: evidence.Decision{Owner: "o", Reason: "r", Expires: now.AddDate(0, 0, 1)}}}})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		j := decide(t, p, &Inventory{Modules: []Module{test.m}}, now)
		f := j.Findings[0]
		switch {
		case (f.Verdict == Allowed) != (test.why == "") || len(j.Unused) == 1 != (test.why != ""):
			t.Errorf("%s: got %s: %s, %d unused", test.name, f.Verdict, f.Why, len(j.Unused))
		case test.why == "-" && strings.Contains(f.Why, "does not count"), test.why != "-" && !strings.Contains(f.Why, test.why):
			t.Errorf("%s: got %s, want %s", test.name, f.Why, test.why)
		}
	}
	for _, test := range []struct{ module, version, code string }{
		{"pkg:npm", "", "policy.module"},
		{"pkg:npm/web/...", "", "policy.module"},
		{"pkg:npm/web@1", "2", "policy.version"},
		{"web", "^1.2", "policy.version"},
		{"web", "1.x", "policy.version"},
	} {
		_, err := NewPolicy(PolicyRules{Exceptions: []Exception{{Module: test.module, Version: test.version, License: "MIT", Decision: evidence.Decision{Owner: "o", Reason: "r", Expires: now}}}})
		list, _ := errors.AsType[evidence.Problems](err)
		if len(list) != 1 || list[0].Code != test.code || !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("%s %s: got %v, want %s", test.module, test.version, err, test.code)
		}
	}
}
