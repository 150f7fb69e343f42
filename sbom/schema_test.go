// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// TestSPDX3Schema holds the judgement by class to that of the official schema as
// a whole: the same verdict on every document, and a problem of its own where
// the whole can only say that none of eighty classes fits.
func TestSPDX3Schema(t *testing.T) {
	whole, err := official3()
	if err != nil {
		t.Fatal(err)
	}
	dir, rows := corpus.SBOMs(t)
	valid, invalid := 0, 0
	for _, e := range rows {
		if e.Format != "spdx3-json" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 40_000 {
			continue // eighty classes for each of a thousand elements take seconds
		}
		want, err := whole.Validate(data, evidence.Limits{})
		if err != nil {
			t.Fatal(e.Path, err)
		}
		got, err := validateSPDX3(data, evidence.Limits{})
		if err != nil {
			t.Fatal(e.Path, err)
		}
		if (len(got) == 0) != (len(want) == 0) {
			t.Errorf("%s: %v, by the whole schema %v", e.Path, got, want)
		}
		if len(got) == 0 {
			valid++
			continue
		}
		invalid++
		checkPlaces(t, string(data), got)
	}
	t.Logf("%d valid, %d invalid", valid, invalid)
	if valid < 15 || invalid < 15 {
		t.Error("too few")
	}
}

// TestSPDX3Many: past the most that is told, the document is still read to its end.
func TestSPDX3Many(t *testing.T) {
	text := `{"@graph": [` + strings.Repeat(`{"type": "Person"},`, 2000) + `{}], "x": 1, "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}`
	problems, err := validateSPDX3([]byte(text), evidence.Limits{})
	if err != nil || len(problems) < 1000 || len(problems) > 1100 || problems[len(problems)-1].Pointer != "/x" {
		t.Errorf("%d problems, %v", len(problems), err)
	}
	if _, err := validateSPDX3([]byte(text[:len(text)-1]), evidence.Limits{}); err == nil {
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
	if got, err := validateSPDX3([]byte(good), evidence.Limits{}); err != nil || len(got) > 0 {
		t.Fatal(got, err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"software_packageVersion": "1"`, `"software_packageVersion": 1`, "schema.type /@graph/2/software_packageVersion"},
		{`"software_packageVersion"`, `"packageVersion"`, "schema.additional-properties /@graph/2/packageVersion"},
		{`"spdxId": "https://example.com/p", `, ``, "schema.required /@graph/2"},
		{`"created": "2026-01-02T03:04:05Z"`, `"created": "2026-01-02"`, "schema.pattern /@graph/0/created"},
		{`"sha256"`, `"sha257"`, "schema.one-of /@graph/2/verifiedUsing"},
		{`"type": "software_Package"`, `"type": "software_Packag"`, "schema.any-of /@graph/2"},
		{`3.0.1/spdx-context`, `3.0.0/spdx-context`, "schema.const /@context"},
		{`"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", `, ``, "schema.required "},
		{`"@graph"`, `"extra": 1, "@graph"`, "schema.additional-properties /extra"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%s is not in the document", c.old)
		}
		problems, err := validateSPDX3([]byte(text), evidence.Limits{})
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
