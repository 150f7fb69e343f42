// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package quality

import (
	"strings"
	"testing"
)

// TestNTIA has for each element of NTIA 2021 that can be assessed the nearest document that
// does not have it. The document they come from has all but a descent, which few components have.
func TestNTIA(t *testing.T) {
	p := profile(t, "ntia-2021")
	full := p.Assess(read(t, cisaCDX), nil)
	if !full.OK() || full.Components != 2 {
		t.Fatalf("%+v", full)
	}
	untried := map[string]bool{}
	for id, got := range outcomes(full) {
		switch {
		case got == "pass stated":
			untried[id] = true
		case strings.HasPrefix(id, "practice-") && got == "not-applicable not-assessed":
		case id != "rec-other-relationships":
			t.Errorf("%s is %s", id, got)
		}
	}
	for _, c := range []struct {
		old, new, element, want string
		holds                   bool
	}{
		{`"manufacturer": {"name": "Zlib people"},`, ``, "supplier-name", "fail absent", false},
		{`"manufacturer": {"name": "Zlib people"},`, `"supplier": {"name": "Debian"},`, "supplier-name", "pass stated", true},
		{`"name": "zlib"`, `"name": ""`, "component-name", "fail placeholder", false},
		{`"version": "1.3", `, ``, "component-version", "fail absent", false},
		{`"version": "1.3", `, `"version": "UNKNOWN", `, "component-version", "declared-unknown unknown", true},
		{`"purl": "pkg:generic/zlib@1.3",`, ``, "other-unique-identifiers", "fail absent", true},
		{`"purl": "pkg:generic/zlib@1.3",`, `"purl": "zlib@1.3",`, "other-unique-identifiers", "fail malformed", true},
		{`["zlib"]}, {"ref": "zlib", "dependsOn": []}]`, `[]}]`, "dependency-relationship", "fail absent", false},
		{`["zlib"]}, {"ref": "zlib", "dependsOn": []}]`, `[]}], "compositions": [{"aggregate": "unknown", "dependencies": ["zlib"]}]`, "dependency-relationship", "declared-unknown unknown", true},
		{`"authors": [{"name": "Release team", "email": "release@example.com"}],
  "tools": {"components": [{"type": "application", "name": "maker", "version": "1.0"}]},`, ``, "author-of-sbom-data", "fail absent", false},
		{`"authors": [{"name": "Release team", "email": "release@example.com"}],`, ``, "author-of-sbom-data", "pass stated", true}, // a tool may be the author
		{`"timestamp": "2026-01-02T03:04:05Z",`, ``, "timestamp", "fail absent", false},
		{`2026-01-02T03`, `2026-01-02 03`, "timestamp", "fail malformed", false},
		{strings.Repeat("3", 128), strings.Repeat("0", 128), "rec-hash", "fail placeholder", true},
		{`"lifecycles": [{"phase": "build"}],`, ``, "rec-lifecycle-phase", "fail absent", true},
		{`"licenses": [{"license": {"id": "Zlib"}}],`, ``, "rec-license", "fail absent", true},
		{`{"license": {"id": "Zlib"}}`, `{"expression": "NOASSERTION"}`, "rec-license", "declared-unknown unknown", true},
	} {
		text := strings.Replace(cisaCDX, c.old, c.new, 1)
		if text == cisaCDX {
			t.Fatalf("%s is not in the document", c.old)
		}
		a := p.Assess(read(t, text), nil)
		if got := outcomes(a)[c.element]; got != c.want || a.OK() != c.holds {
			t.Errorf("%s -> %s: %s is %s, want %s; holds %t", c.old, c.new, c.element, got, c.want, a.OK())
		}
		if strings.HasPrefix(c.want, "fail") {
			delete(untried, c.element)
		}
	}
	for id := range untried {
		t.Errorf("no document fails %s", id)
	}
}
