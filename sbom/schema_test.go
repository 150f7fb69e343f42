// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestSPDX3Many: past the most that is reported, the document is still read to its end.
func TestSPDX3Many(t *testing.T) {
	text := `{"@graph": [` + strings.Repeat(`{"type": "Person"},`, 2000) + `{}], "x": 1, "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}`
	problems, err := validateSPDX3(t, []byte(text), evidence.Limits{})
	if err != nil || len(problems) != 1001 || problems[1000].Code != "schema.more" {
		t.Errorf("%d problems, %v", len(problems), err)
	}
	if _, err := validateSPDX3(t, []byte(text[:len(text)-1]), evidence.Limits{}); err == nil {
		t.Error("the end is missing")
	}
}

func TestSPDX3Problems(t *testing.T) {
	const good = `{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
 {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-02T03:04:05Z", "createdBy": ["https://example.com/me"]},
 {"type": "Person", "spdxId": "https://example.com/me", "creationInfo": "_:c", "name": "me"},
 {"type": "software_Package", "spdxId": "https://example.com/p", "creationInfo": "_:c", "name": "p", "software_packageVersion": "1",
  "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "ab"}]}
]}`
	if got, err := validateSPDX3(t, []byte(good), evidence.Limits{}); err != nil || len(got) > 0 {
		t.Fatal(got, err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"software_packageVersion": "1"`, `"software_packageVersion": 1`, "schema.type /@graph/2/software_packageVersion"},
		{`"software_packageVersion"`, `"packageVersion"`, "schema.additional-properties /@graph/2/packageVersion"},
		{`"spdxId": "https://example.com/p", `, ``, "schema.required /@graph/2"},
		{`"created": "2026-01-02T03:04:05Z"`, `"created": "2026-01-02"`, "schema.pattern /@graph/0/created"},
		{`"sha256"`, `"sha257"`, "schema.enum /@graph/2/verifiedUsing/0/algorithm"},
		{`"type": "software_Package"`, `"type": "software_Packag"`, "schema.any-of /@graph/2"},
		{`3.0.1/spdx-context`, `3.0.0/spdx-context`, "schema.const /@context"},
		{`"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", `, ``, "schema.required "},
		{`"@graph"`, `"extra": 1, "@graph"`, "schema.additional-properties /extra"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%s is not in the document", c.old)
		}
		problems, err := validateSPDX3(t, []byte(text), evidence.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, p := range problems {
			lines = append(lines, p.Code+" "+p.Pointer)
		}
		if lines = slices.Compact(lines); len(lines) != 1 || lines[0] != c.want {
			t.Errorf("%s -> %s: %q, want %q: %v", c.old, c.new, lines, c.want, problems)
		}
		checkPlaces(t, text, problems)
	}
}

func validateSPDX3(t *testing.T, data []byte, lim evidence.Limits) (evidence.Problems, error) {
	t.Helper()
	s, err := schemaFor(FormatSPDX3JSON, "", "", true).get()
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(data, lim)
}
