// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"cmp"
	"slices"

	"github.com/HailBytes/evidence"
)

// writeSPDXJSON writes d as SPDX 2 JSON.
func (d *Document) writeSPDXJSON(w *writer) {
	if d.wrapper != "" {
		outer := w.begin(d.outer)
		outer.key(d.wrapper)
		defer outer.end()
	}
	o := w.begin(d.Extras)
	o.str("spdxVersion", d.SpecVersion)
	o.str("dataLicense", d.DataLicense)
	o.str("SPDXID", d.Ref)
	o.text("name", d.Name)
	o.str("documentNamespace", d.Namespace)
	o.str("comment", d.Comment)
	d.spdxCreationInfo(o)
	listOf(o, "externalDocumentRefs", d.ExternalDocuments, writeSPDXExternalDocument, nil)
	listOf(o, "hasExtractedLicensingInfos", d.ExtractedLicenses, writeSPDXExtracted, nil)
	writeAnnotations(o, d.Annotations)

	rels := d.relationshipsByOrigin()
	o.ends("documentDescribes", rels.describes)
	listOf(o, "packages", d.Components, func(w *writer, c *Component) { writeSPDXPackage(w, c, rels.hasFiles[c.ID]) }, nil)
	listOf(o, "files", d.Files, func(w *writer, f *File) { writeSPDXFile(w, f, rels.fileDependencies[f.ID]) }, nil)
	listOf(o, "snippets", d.Snippets, writeSPDXSnippet, nil)
	listOf(o, "relationships", rels.plain, d.writeSPDXRelationship, nil)
	o.end()
}

// spdxRelationships is the relationships of a document by where SPDX 2 writes them.
type spdxRelationships struct {
	plain            []*Relationship
	describes        []string
	hasFiles         map[string][]string
	fileDependencies map[string][]string
}

func (d *Document) relationshipsByOrigin() spdxRelationships {
	s := spdxRelationships{hasFiles: map[string][]string{}, fileDependencies: map[string][]string{}}
	for i := range d.Relationships {
		switch r := &d.Relationships[i]; r.Origin {
		case originDocumentDescribes:
			s.describes = append(s.describes, r.To)
		case originHasFiles:
			s.hasFiles[r.From] = append(s.hasFiles[r.From], r.To)
		case originFileDependencies:
			s.fileDependencies[r.From] = append(s.fileDependencies[r.From], r.To)
		default:
			s.plain = append(s.plain, r)
		}
	}
	return s
}

// ends writes an array of element IDs that are relationships in the model.
func (o *object) ends(name string, ids []string) { o.strings(name, ids) }

func (d *Document) spdxCreationInfo(parent *object) {
	raw := parent.kept("creationInfo")
	sub := &writer{}
	o := sub.begin(d.MetadataExtras)
	o.time("created", d.Created)
	o.str("comment", d.CreatorComment)
	o.str("licenseListVersion", d.LicenseListVersion)
	creators := d.creators()
	o.list("creators", len(creators), func(w *writer, i int) { w.string(creators[i]) },
		func(r *reader) (int, func(*writer, int)) {
			was := &Document{}
			var ex Extras
			r.array(&ex, "", func() { was.addCreator(r, r.d.String()) })
			list := was.creators()
			return len(list), func(w *writer, i int) { w.string(list[i]) }
		})
	o.end()
	switch {
	case len(sub.buf) > len("{}"):
		parent.raw("creationInfo", sub.buf)
	case raw != nil:
		parent.raw("creationInfo", raw)
	}
}

// creators returns people and organizations, then tools, in the form of SPDX 2.
func (d *Document) creators() []string {
	var list []string
	for i := range d.Authors {
		list = append(list, d.Authors[i].spdxText())
	}
	for i := range d.Tools {
		list = append(list, d.Tools[i].spdxText())
	}
	return list
}

func (t *Tool) spdxText() string {
	if t.Version == "" {
		return "Tool: " + t.Name
	}
	return "Tool: " + t.Name + "-" + t.Version
}

func writeSPDXExternalDocument(w *writer, e *ExternalDocument) {
	o := w.begin(e.Extras)
	o.str("externalDocumentId", e.ID)
	o.str("spdxDocument", e.URI)
	if raw := o.kept("checksum"); raw != nil && checksumIs(raw, e.Hash) {
		o.raw("checksum", raw)
	} else if e.Hash != (Hash{}) {
		o.key("checksum")
		writeSPDXChecksum(w, &e.Hash)
	}
	o.end()
}

func checksumIs(raw []byte, h Hash) bool {
	if string(raw) == "null" {
		return h == Hash{}
	}
	r := newReader(raw, evidence.Limits{}, FormatUnknown)
	was := r.spdxChecksum()
	return r.d.Err() == nil && was == h
}

func writeSPDXChecksum(w *writer, h *Hash) {
	o := w.begin(Extras{})
	o.str("algorithm", h.Algorithm.spdx())
	o.str("checksumValue", h.Value)
	o.end()
}

func (o *object) checksums(v []Hash) {
	listOf(o, "checksums", v, writeSPDXChecksum, (*reader).spdxChecksums)
}

func writeSPDXExtracted(w *writer, l *ExtractedLicense) {
	o := w.begin(l.Extras)
	o.str("licenseId", l.ID)
	o.str("extractedText", l.Text)
	o.text("name", l.Name)
	o.str("comment", l.Comment)
	o.strings("seeAlsos", l.SeeAlso)
	o.end()
}

func writeAnnotations(o *object, v []Annotation) {
	listOf(o, "annotations", v, writeSPDXAnnotation, nil)
}

func writeSPDXAnnotation(w *writer, a *Annotation) {
	o := w.begin(a.Extras)
	o.party("annotator", a.Annotator)
	o.time("annotationDate", a.Date)
	o.str("annotationType", a.Type)
	o.str("comment", a.Text)
	o.end()
}

// party writes the SPDX 2 form of a party.
func (o *object) party(name string, p *Party) {
	raw := o.kept(name)
	if p == nil {
		if string(raw) == "null" {
			o.raw(name, raw)
		}
		return
	}
	o.key(name)
	o.string(p.spdxText())
}

func writeSPDXPackage(w *writer, c *Component, hasFiles []string) {
	o := w.begin(c.Extras)
	o.text("name", c.Name)
	o.str("SPDXID", c.Ref)
	o.text("versionInfo", c.Version)
	o.str("packageFileName", c.FileName)
	o.party("supplier", c.Supplier)
	o.party("originator", c.Originator)
	o.text("downloadLocation", c.DownloadLocation)
	o.boolean("filesAnalyzed", c.FilesAnalyzed)
	o.verificationCode(c.VerificationCode)
	o.checksums(c.Hashes)
	o.text("homepage", c.Homepage)
	o.str("sourceInfo", c.SourceInfo)
	o.licenses(c)
	o.text("copyrightText", c.Copyright)
	o.str("summary", c.Summary)
	o.str("description", c.Description)
	o.str("comment", c.Comment)
	o.externalRefs(c)
	o.purpose(c.Type)
	writeAnnotations(o, c.Annotations)
	o.ends("hasFiles", hasFiles)
	if more := c.Detail; more != nil {
		o.str("licenseComments", more.LicenseComments)
		o.strings("attributionTexts", more.AttributionTexts)
		o.time("releaseDate", more.Released)
		o.time("builtDate", more.Built)
		o.time("validUntilDate", more.ValidUntil)
	}
	o.end()
}

func (o *object) purpose(t ComponentType) {
	if raw := o.kept("primaryPackagePurpose"); raw != nil {
		if s, ok := stringOf(raw); ok && spdxPurposeType(s) == t {
			o.raw("primaryPackagePurpose", raw)
			return
		}
	}
	if t != "" {
		o.key("primaryPackagePurpose")
		o.string(t.spdxPurpose())
	}
}

func (o *object) verificationCode(v *VerificationCode) {
	const name = "packageVerificationCode"
	write := func(w *writer, v *VerificationCode) {
		if v == nil {
			w.buf = append(w.buf, rawNull...)
			return
		}
		o := w.begin(Extras{})
		o.str("packageVerificationCodeValue", v.Value)
		o.strings("packageVerificationCodeExcludedFiles", v.Excluded)
		o.end()
	}
	if raw := o.kept(name); raw != nil {
		var was Component
		if string(raw) != "null" {
			newReader(raw, evidence.Limits{}, FormatUnknown).spdxVerificationCode(&was)
		}
		if same(v, was.VerificationCode, write) {
			o.raw(name, raw)
			return
		}
	}
	if v != nil {
		o.key(name)
		write(o.writer, v)
	}
}

// licenses writes the licence statements of a package: SPDX 2 has a member for each kind.
func (o *object) licenses(c *Component) {
	var concluded, declared Text
	var found []Text
	for i := range c.Licenses {
		switch l := &c.Licenses[i]; l.Kind {
		case LicenseConcluded:
			concluded = l.Expression
		case LicenseDeclared:
			declared = l.Expression
		case LicenseFound:
			found = append(found, l.Expression)
		}
	}
	o.text("licenseConcluded", concluded)
	o.textList("licenseInfoFromFiles", found)
	o.text("licenseDeclared", declared)
}

// externalRefs writes identifiers and references in the order in which they were read.
func (o *object) externalRefs(c *Component) {
	const name = "externalRefs"
	if raw := o.kept(name); raw != nil {
		var was Component
		if string(raw) != "null" {
			newReader(raw, evidence.Limits{}, FormatUnknown).spdxExternalRefs(&was)
		}
		if same(c, &was, writeExternalRefs) {
			o.raw(name, raw)
			return
		}
	}
	if len(c.Identifiers)+len(c.ExternalReferences) > 0 {
		o.key(name)
		writeExternalRefs(o.writer, c)
	}
}

func writeExternalRefs(w *writer, c *Component) {
	ids, refs := c.lonelyIdentifiers(), c.ExternalReferences
	w.open('[')
	for len(ids)+len(refs) > 0 {
		w.separate()
		if len(refs) == 0 || len(ids) > 0 && cmp.Less(ids[0].seq, refs[0].seq) || len(ids) > 0 && refs[0].seq == 0 {
			writeSPDXReference(w, ids[0].spdx())
			ids = ids[1:]
		} else {
			writeSPDXReference(w, refs[0])
			refs = refs[1:]
		}
	}
	w.close(']')
}

// lonelyIdentifiers returns the identifiers that no reference of c states too.
func (c *Component) lonelyIdentifiers() []Identifier {
	if !slices.ContainsFunc(c.Identifiers, func(id Identifier) bool { return id.spelling == spellingReference }) {
		return c.Identifiers
	}
	type key struct{ typ, locator string }
	stated := make(map[key]bool, len(c.ExternalReferences))
	for i := range c.ExternalReferences {
		stated[key{c.ExternalReferences[i].Type, c.ExternalReferences[i].Locator}] = true
	}
	return slices.DeleteFunc(slices.Clone(c.Identifiers), func(id Identifier) bool {
		return id.spelling == spellingReference && stated[key{spdxIdentifierTypes[id.Kind].typ, id.Value}]
	})
}

// spdx returns id as the reference that SPDX 2 writes for it.
func (id *Identifier) spdx() ExternalReference {
	t := &spdxIdentifierTypes[0]
	if int(id.Kind) < len(spdxIdentifierTypes) {
		t = &spdxIdentifierTypes[id.Kind]
	}
	ref := ExternalReference{Category: t.category, Type: t.typ, Locator: id.Value}
	if id.spelling == spellingUnderscore {
		ref.Category = t.underscore
	}
	if id.Kind == IdentifierOther {
		ref.Category, ref.Type = "OTHER", "other"
	}
	return ref
}

func writeSPDXReference(w *writer, ref ExternalReference) {
	o := w.begin(Extras{})
	o.str("referenceCategory", ref.Category)
	o.str("referenceType", ref.Type)
	o.str("referenceLocator", ref.Locator)
	o.str("comment", ref.Comment)
	o.end()
}

func writeSPDXFile(w *writer, f *File, dependencies []string) {
	o := w.begin(f.Extras)
	o.str("fileName", f.Name)
	o.elementID(f.ID)
	o.strings("fileTypes", f.Types)
	o.checksums(f.Hashes)
	o.text("licenseConcluded", f.Concluded)
	o.textList("licenseInfoInFiles", f.LicenseInfo)
	o.text("copyrightText", f.Copyright)
	o.str("comment", f.Comment)
	o.ends("fileDependencies", dependencies)
	if more := f.Detail; more != nil {
		o.str("licenseComments", more.LicenseComments)
		o.str("noticeText", more.Notice)
		o.strings("fileContributors", more.Contributors)
		o.strings("attributionTexts", more.AttributionTexts)
		writeAnnotations(o, more.Annotations)
	}
	o.end()
}

// elementID writes the SPDXID of an element that has no Ref; one that the
// package made up is not written.
func (o *object) elementID(id string) {
	if raw := o.kept("SPDXID"); raw != nil {
		o.raw("SPDXID", raw)
	} else if id != "" && id[0] != '#' {
		o.key("SPDXID")
		o.string(id)
	}
}

func writeSPDXSnippet(w *writer, s *Snippet) {
	o := w.begin(s.Extras)
	o.elementID(s.ID)
	o.str("snippetFromFile", s.File)
	listOf(o, "ranges", s.Ranges, writeSPDXRange, func(r *reader, dst *[]SnippetRange, ex *Extras) {
		r.array(ex, "", func() { *dst = append(*dst, r.spdxRange()) })
	})
	o.str("name", s.Name)
	o.text("licenseConcluded", s.Concluded)
	o.textList("licenseInfoInSnippets", s.LicenseInfo)
	o.text("copyrightText", s.Copyright)
	o.str("comment", s.Comment)
	writeAnnotations(o, s.Annotations)
	o.end()
}

func writeSPDXRange(w *writer, s *SnippetRange) {
	unit := "offset"
	if s.Lines {
		unit = "lineNumber"
	}
	end := func(name string, n int, file string) {
		w.key(name)
		o := w.begin(Extras{})
		o.integer(unit, n)
		o.str("reference", file)
		o.end()
	}
	w.open('{')
	end("startPointer", s.Start, s.StartFile)
	end("endPointer", s.End, s.EndFile)
	w.close('}')
}

func (d *Document) writeSPDXRelationship(w *writer, p **Relationship) {
	r := *p
	word, inverse := r.spdx2()
	from, to := r.From, r.To
	if from == d.ID && r.Type == Describes {
		from = d.Ref
	}
	switch {
	case to != "":
	case r.ToState == StateNone:
		to = "NONE"
	case r.ToState == StateNoAssertion:
		to = "NOASSERTION"
	}
	if inverse {
		from, to = to, from
	}
	o := w.begin(r.Extras)
	o.str("spdxElementId", from)
	o.str("relatedSpdxElement", to)
	o.str("relationshipType", word)
	o.str("comment", r.Comment)
	o.end()
}
