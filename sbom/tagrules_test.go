// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const goodTag = `SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: shop
DocumentNamespace: https://example.com/shop-1
ExternalDocumentRef: DocumentRef-d https://example.com/d SHA1: 1111111111111111111111111111111111111111
Creator: Tool: maker-1.0
Created: 2026-01-02T03:04:05Z
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-shop
Annotator: Person: A
AnnotationDate: 2026-01-02T03:04:05Z
AnnotationType: REVIEW
SPDXREF: SPDXRef-shop
AnnotationComment: <text>fine</text>

PackageName: shop
SPDXID: SPDXRef-shop
PackageDownloadLocation: NOASSERTION
FilesAnalyzed: false
PrimaryPackagePurpose: OPERATING-SYSTEM
PackageChecksum: SHA256: 2222222222222222222222222222222222222222222222222222222222222222
ExternalRef: PACKAGE-MANAGER purl pkg:generic/shop@1

FileName: ./a
SPDXID: SPDXRef-a
FileType: TEXT
FileChecksum: SHA1: 3333333333333333333333333333333333333333

SnippetSPDXID: SPDXRef-s
SnippetFromFileSPDXID: SPDXRef-a
SnippetByteRange: 1:9

LicenseID: LicenseRef-x
ExtractedText: <text>do as you like</text>
`

// TestTagRules: mandatory tags, the words of lists, and references.
func TestTagRules(t *testing.T) {
	if v := validate(t, goodTag, nil); !v.OK() || len(v.Checks[2].Problems) > 0 {
		t.Fatal(v.Checks)
	}
	for _, c := range []struct {
		old, new string
		want     string // code and line; empty: still good
	}{
		{"DataLicense: CC0-1.0\n", "", "sbom.tag-missing 1"},
		{"DocumentName: shop\n", "", "sbom.tag-missing 1"},
		{"DocumentName: shop\n", "DocumentName:\n", "sbom.tag-missing 1"},
		{"Creator: Tool: maker-1.0\n", "", "sbom.tag-missing 1"},
		{"Created: 2026-01-02T03:04:05Z\n", "", "sbom.tag-missing 1"},
		{"PackageDownloadLocation: NOASSERTION\n", "", "sbom.tag-missing 16"},
		{"FileChecksum: SHA1: 3333333333333333333333333333333333333333\n", "", "sbom.tag-missing 24"},
		{"SnippetByteRange: 1:9\n", "SnippetLineRange: 1:9\n", "sbom.tag-missing 29"},
		{"ExtractedText: <text>do as you like</text>\n", "", "sbom.tag-missing 33"},
		{"AnnotationType: REVIEW\n", "", "sbom.tag-missing 10"},
		{"AnnotationDate: 2026-01-02T03:04:05Z\n", "", "sbom.tag-missing 10"},
		{"AnnotationComment: <text>fine</text>\n", "", "sbom.tag-missing 10"},
		{"SPDXREF: SPDXRef-shop\n", "", "sbom.tag-missing 10"},
		{"SPDXREF: SPDXRef-shop\n", "SPDXREF: SPDXRef-gone\n", "sbom.dangling 13"},
		{"SPDXREF: SPDXRef-shop\n", "SPDXREF: DocumentRef-d:SPDXRef-x\n", ""},
		{"OPERATING-SYSTEM", "OPERATING_SYSTEM", "sbom.tag-word 20"},
		{"OPERATING-SYSTEM", "application", "sbom.tag-word 20"},
		{"SHA256: 2", "SHA-256: 2", "sbom.tag-word 21"},
		{"d SHA1: 1", "d SHA0: 1", "sbom.tag-word 6"},
		{"PACKAGE-MANAGER", "PACKAGE_MANAGER", "sbom.tag-word 22"},
		{"PACKAGE-MANAGER", "PERSISTENT-ID", ""},
		{"FileType: TEXT", "FileType: PROSE", "sbom.tag-word 26"},
		{"AnnotationType: REVIEW", "AnnotationType: REVIEWED", "sbom.tag-word 12"},
		{"AnnotationType: REVIEW", "AnnotationType: OTHER", ""},
		{"DESCRIBES SPDXRef-shop\n", "DESCRIBES SPDXRef-shop\nRelationship: SPDXRef-shop NEEDS SPDXRef-a\n", "sbom.tag-word 10"},
		{"FileType: TEXT\n", "FileType: TEXT\nFileDependency: ./b\n", "sbom.dangling 27"},
		{"FilesAnalyzed: false\n", "FilesAnalyzed: false\nPackageLicenseDeclared:\n", "sbom.license 20"},
	} {
		text := strings.Replace(goodTag, c.old, c.new, 1)
		if text == goodTag {
			t.Fatalf("%q is not in the document", c.old)
		}
		v := validate(t, text, nil)
		var got []string
		for _, p := range v.Checks[2].Problems {
			got = append(got, p.Code+" "+itoa(p.Line))
		}
		if want := slices.DeleteFunc([]string{c.want}, func(s string) bool { return s == "" }); !slices.Equal(got, want) || v.OK() != (c.want == "") {
			t.Errorf("%q -> %q: %q, want %q: %v", c.old, c.new, got, want, v.Checks[2].Problems)
		}
	}
}

// TestTagRulesEarly: what SPDX 2.3 made optional is mandatory before.
func TestTagRulesEarly(t *testing.T) {
	text := strings.NewReplacer("SPDX-2.3", "SPDX-2.2", "PrimaryPackagePurpose: OPERATING-SYSTEM\n", "").Replace(goodTag)
	missing := map[string]bool{}
	for _, p := range validate(t, text, nil).Checks[2].Problems {
		_, name, _ := strings.Cut(p.Message, " has no ")
		name, _, _ = strings.Cut(name, ",")
		missing[name] = p.Code == codeTagMissing
	}
	want := []string{"FileCopyrightText", "LicenseConcluded", "LicenseInfoInFile", "PackageCopyrightText", "PackageLicenseConcluded", "PackageLicenseDeclared", "SnippetCopyrightText", "SnippetLicenseConcluded"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(missing))); diff != "" {
		t.Error(diff)
	}
}

// TestTagWords holds the words to those of the JSON Schema of SPDX 2.3, which
// writes some with an underscore.
func TestTagWords(t *testing.T) {
	sources, err := schemaSources()
	if err != nil {
		t.Fatal(err)
	}
	enums := map[string][]string{}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if list, ok := v["enum"].([]any); ok {
				for _, w := range list {
					enums[name] = append(enums[name], strings.ReplaceAll(w.(string), "_", "-"))
				}
			}
			for key, x := range v {
				if key == "items" || key == "properties" {
					walk(name, x)
				} else {
					walk(key, x)
				}
			}
		}
	}
	var schema any
	if err := json.Unmarshal(sources[schemaBase+"spdx-2.3.schema.json"], &schema); err != nil {
		t.Fatal(err)
	}
	walk("", schema)
	for name, words := range map[string][]string{
		"algorithm": tagAlgorithms, "primaryPackagePurpose": tagPurposes, "fileTypes": tagFileTypes, "referenceCategory": tagCategories, "relationshipType": relationshipWords(),
	} {
		var ours []string
		for _, w := range words {
			ours = append(ours, strings.ReplaceAll(w, "_", "-"))
		}
		want := sorted(enums[name])
		if diff := cmp.Diff(slices.Compact(want), sorted(ours)); diff != "" || len(want) == 0 {
			t.Errorf("%s: (-schema +ours)\n%s", name, diff)
		}
	}
}
