// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"maps"
	"slices"

	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
)

// flatten returns doc with its files, snippets and annotations where SPDX 2.3
// JSON has them; doc itself if they are. It changes nothing of doc.
func flatten(doc *v2_3.Document) *v2_3.Document {
	f := flattener{out: *doc}
	f.files()
	f.snippets()
	f.annotations()
	return &f.out
}

type flattener struct{ out v2_3.Document }

// files moves the files of packages to the document, each once. That they are
// in the package becomes a relationship.
func (f *flattener) files() {
	doc := &f.out
	if !slices.ContainsFunc(doc.Packages, func(p *v2_3.Package) bool { return p != nil && len(p.Files) > 0 }) {
		return
	}
	type edge struct{ from, to common.ElementID }
	contained := map[edge]bool{}
	for _, r := range doc.Relationships {
		switch {
		case r == nil || r.RefA.DocumentRefID != "" || r.RefB.DocumentRefID != "":
		case r.Relationship == common.TypeRelationshipContains:
			contained[edge{r.RefA.ElementRefID, r.RefB.ElementRefID}] = true
		case r.Relationship == common.TypeRelationshipContainedBy:
			contained[edge{r.RefB.ElementRefID, r.RefA.ElementRefID}] = true
		}
	}
	listed := map[common.ElementID]bool{}
	for _, file := range doc.Files {
		if file != nil {
			listed[file.FileSPDXIdentifier] = true
		}
	}
	doc.Packages, doc.Files, doc.Relationships = slices.Clone(doc.Packages), slices.Clone(doc.Files), slices.Clone(doc.Relationships)
	for i, p := range doc.Packages {
		if p == nil || len(p.Files) == 0 {
			continue
		}
		copied := *p
		copied.Files = nil
		doc.Packages[i] = &copied
		for _, file := range p.Files {
			if file == nil {
				continue
			}
			id := file.FileSPDXIdentifier
			if !listed[id] {
				listed[id] = true
				doc.Files = append(doc.Files, file)
			}
			if e := (edge{p.PackageSPDXIdentifier, id}); !contained[e] {
				contained[e] = true
				doc.Relationships = append(doc.Relationships, &v2_3.Relationship{
					RefA: common.DocElementID{ElementRefID: e.from}, Relationship: common.TypeRelationshipContains,
					RefB: common.DocElementID{ElementRefID: e.to},
				})
			}
		}
	}
}

// snippets copies the snippets of files to the document, each once.
func (f *flattener) snippets() {
	doc := &f.out
	listed := map[common.ElementID]bool{}
	for i := range doc.Snippets {
		listed[doc.Snippets[i].SnippetSPDXIdentifier] = true
	}
	doc.Snippets = slices.Clone(doc.Snippets)
	for _, file := range doc.Files {
		if file == nil {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(file.Snippets)) {
			if s := file.Snippets[id]; s != nil && !listed[s.SnippetSPDXIdentifier] {
				listed[s.SnippetSPDXIdentifier] = true
				doc.Snippets = append(doc.Snippets, *s)
			}
		}
	}
}

// annotations moves the annotations of the document that name a package or a
// file to that.
func (f *flattener) annotations() {
	doc := &f.out
	elsewhere := func(a *v2_3.Annotation) bool {
		id := a.AnnotationSPDXIdentifier
		return id.DocumentRefID == "" && id.ElementRefID != "" && id.ElementRefID != doc.SPDXIdentifier
	}
	if !slices.ContainsFunc(doc.Annotations, func(a *v2_3.Annotation) bool { return a != nil && elsewhere(a) }) {
		return
	}
	about := map[common.ElementID][]v2_3.Annotation{}
	for _, a := range doc.Annotations {
		if a != nil && elsewhere(a) {
			about[a.AnnotationSPDXIdentifier.ElementRefID] = append(about[a.AnnotationSPDXIdentifier.ElementRefID], *a)
		}
	}
	doc.Packages, doc.Files = slices.Clone(doc.Packages), slices.Clone(doc.Files)
	for i, p := range doc.Packages {
		if p != nil && len(about[p.PackageSPDXIdentifier]) > 0 {
			copied := *p
			copied.Annotations = slices.Concat(p.Annotations, about[p.PackageSPDXIdentifier])
			doc.Packages[i] = &copied
			delete(about, p.PackageSPDXIdentifier)
		}
	}
	for i, file := range doc.Files {
		if file != nil && len(about[file.FileSPDXIdentifier]) > 0 {
			copied := *file
			copied.Annotations = slices.Concat(file.Annotations, about[file.FileSPDXIdentifier])
			doc.Files[i] = &copied
			delete(about, file.FileSPDXIdentifier)
		}
	}
	// What names anything else stays with the document.
	doc.Annotations = slices.DeleteFunc(slices.Clone(doc.Annotations), func(a *v2_3.Annotation) bool {
		return a != nil && elsewhere(a) && len(about[a.AnnotationSPDXIdentifier.ElementRefID]) == 0
	})
}
