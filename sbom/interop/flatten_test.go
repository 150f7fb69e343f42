// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
	spdxtag "github.com/spdx/tools-golang/tagvalue"

	"github.com/HailBytes/evidence/sbom"
)

const tagValue = `SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: app
DocumentNamespace: https://example.com/app
Creator: Tool: hand-1.0
Created: 2026-01-02T03:04:05Z

PackageName: app
SPDXID: SPDXRef-app
PackageDownloadLocation: NOASSERTION

FileName: ./main
SPDXID: SPDXRef-main
FileChecksum: SHA1: d6a770ba38583ed4bb4525bd96e50461655d2758
FileCopyrightText: NONE

FileName: ./more
SPDXID: SPDXRef-more
FileChecksum: SHA1: d6a770ba38583ed4bb4525bd96e50461655d2759
FileCopyrightText: NONE

SnippetSPDXID: SPDXRef-part
SnippetFromFileSPDXID: SPDXRef-more
SnippetByteRange: 1:20
SnippetCopyrightText: NONE

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
Relationship: SPDXRef-more CONTAINED_BY SPDXRef-app
`

const tagAnnotations = `
Annotator: Person: Jane
AnnotationDate: 2026-01-02T03:04:05Z
AnnotationType: OTHER
SPDXREF: SPDXRef-main
AnnotationComment: about the file
`

// TestFromSPDXTagValue: what the library's tag-value reader leaves in packages and files is read.
func TestFromSPDXTagValue(t *testing.T) {
	// The library takes annotations in other sections only than snippets.
	text := strings.Replace(tagValue, "\nSnippetSPDXID", tagAnnotations+strings.ReplaceAll(tagAnnotations, "main", "DOCUMENT")+"\nSnippetSPDXID", 1)
	// It refuses relationships after snippets, too.
	at := strings.Index(text, "Relationship: ")
	text = strings.Replace(text[:at], "PackageName: app", text[at:]+"\nPackageName: app", 1)
	peer, err := spdxtag.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	before, err := json.Marshal(peer)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := FromSPDX(peer, nil)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := json.Marshal(peer); err != nil || string(after) != string(before) {
		t.Errorf("the library's document was changed: %v", err)
	}
	if len(doc.Files) != 2 || doc.Files[0].ID != "SPDXRef-main" || len(doc.Files[0].Hashes) != 1 {
		t.Fatalf("files: %+v", doc.Files)
	}
	if len(doc.Snippets) != 1 || doc.Snippets[0].File != "SPDXRef-more" {
		t.Errorf("snippets: %+v", doc.Snippets)
	}
	var edges []string
	for _, r := range doc.Relationships {
		edges = append(edges, strings.Join([]string{r.From, string(r.Type), r.To, r.Written()}, " "))
	}
	slices.Sort(edges)
	want := []string{
		"SPDXRef-DOCUMENT describes SPDXRef-app DESCRIBES",
		"SPDXRef-app contains SPDXRef-main CONTAINS",
		"SPDXRef-app contains SPDXRef-more CONTAINED_BY", // stated already
	}
	if !slices.Equal(edges, want) {
		t.Errorf("relationships %q, want %q", edges, want)
	}
	if d := doc.Files[0].Detail; d == nil || len(d.Annotations) != 1 || len(doc.Annotations) != 1 {
		t.Errorf("annotations of the file %+v, of the document %+v", d, doc.Annotations)
	}
}

// TestFlattenTwice: a file that two packages list, and the document, is one file in both packages.
func TestFlattenTwice(t *testing.T) {
	file := &v2_3.File{FileName: "./main", FileSPDXIdentifier: "main", FileCopyrightText: "NONE"}
	peer := &v2_3.Document{
		SPDXVersion: v2_3.Version, SPDXIdentifier: "DOCUMENT", CreationInfo: &v2_3.CreationInfo{Created: "2026-01-02T03:04:05Z"},
		Packages: []*v2_3.Package{
			{PackageName: "a", PackageSPDXIdentifier: "a", Files: []*v2_3.File{file, file}},
			{PackageName: "b", PackageSPDXIdentifier: "b", Files: []*v2_3.File{file}},
			{PackageName: "c", PackageSPDXIdentifier: "c"},
		},
		Files:       []*v2_3.File{file},
		Annotations: []*v2_3.Annotation{{AnnotationSPDXIdentifier: common.MakeDocElementID("", "nowhere"), AnnotationComment: "lost?", Annotator: common.Annotator{Annotator: "Jane", AnnotatorType: "Person"}}},
	}
	doc, err := FromSPDX(peer, nil)
	if err != nil {
		t.Fatal(err)
	}
	var from []string
	for _, r := range doc.Relationships {
		if r.Type != sbom.Contains || r.To != "SPDXRef-main" {
			t.Errorf("relationship %+v", r)
		}
		from = append(from, r.From)
	}
	if len(doc.Files) != 1 || !slices.Equal(from, []string{"SPDXRef-a", "SPDXRef-b"}) {
		t.Errorf("%d files, contained by %q", len(doc.Files), from)
	}
	if len(doc.Annotations) != 1 {
		t.Errorf("an annotation about nothing that is here: %+v", doc.Annotations)
	}
}
