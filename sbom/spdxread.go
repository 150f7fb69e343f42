// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// readSPDXJSON reads SPDX 2.x JSON (SPDX 2.3 annex D and its JSON schema).
func readSPDXJSON(data []byte, lim evidence.Limits) (*Document, error) {
	return newReader(data, lim, FormatSPDXJSON).spdx()
}

func (r *reader) spdx() (*Document, error) {
	r.doc.at = r.place(sectionDocument, 0, nil)
	for r.d.Object(); r.d.Next(); {
		if r.root != nil {
			r.extra(&r.doc.outer)
			continue
		}
		r.spdxMember(string(r.d.Key()))
	}
	if err := r.d.End(); err != nil {
		return nil, err
	}
	if err := r.spdxVersion(); err != nil {
		return nil, err
	}
	r.spdxDocumentID()
	r.findDangling()
	return r.doc, nil
}

// spdxDocumentID gives the document its ID. Bitnami and Docker write documents
// with the SPDXID of their main package, and mean the package by it everywhere
// but on the left of DESCRIBES.
func (r *reader) spdxDocumentID() {
	doc := r.doc
	doc.ID = r.claim(doc.Ref, &doc.at)
	for i := range doc.Relationships {
		rel := &doc.Relationships[i]
		if rel.Origin == originDocumentDescribes || rel.Type == Describes && rel.From == doc.Ref {
			rel.From = doc.ID
		}
	}
}

// spdxVersion refuses what is not SPDX 2.
func (r *reader) spdxVersion() error {
	v := r.doc.SpecVersion
	switch v {
	case "SPDX-2.1", "SPDX-2.2", "SPDX-2.3":
		return nil
	case "":
		r.doc.Problems = append(r.doc.Problems, &evidence.Problem{
			Code: "sbom.version", Severity: evidence.SeverityError, Pointer: "/spdxVersion", Err: evidence.ErrFormat,
			Message: "spdxVersion is missing; read as SPDX-2.3",
		})
		return nil
	}
	if minor, ok := strings.CutPrefix(v, "SPDX-2."); ok && allDigits(minor) {
		r.doc.Problems = append(r.doc.Problems, &evidence.Problem{
			Code: "sbom.version", Severity: evidence.SeverityWarning, Pointer: "/spdxVersion", Err: evidence.ErrUnsupported,
			Message: "spdxVersion is " + textfmt.Quote(v) + ", known are 2.1 to 2.3; read as SPDX-2.3",
		})
		return nil
	}
	return &evidence.Problem{
		Code: "sbom.version", Severity: evidence.SeverityError, Pointer: "/spdxVersion", Err: evidence.ErrUnsupported,
		Message: "spdxVersion is " + textfmt.Quote(v) + ", want SPDX-2.1 to SPDX-2.3",
	}
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// spdxMember reads the value of a member of the document.
func (r *reader) spdxMember(name string) {
	d, doc, ex := r.d, r.doc, &r.doc.Extras
	switch name {
	case "spdxVersion":
		r.str(&doc.SpecVersion, ex, "spdxVersion")
	case "SPDXID":
		r.str(&doc.Ref, ex, "SPDXID")
	case "name":
		r.text(&doc.Name, ex, "name")
	case "dataLicense":
		r.str(&doc.DataLicense, ex, "dataLicense")
	case "documentNamespace":
		r.str(&doc.Namespace, ex, "documentNamespace")
	case "comment":
		r.str(&doc.Comment, ex, "comment")
	case "creationInfo":
		r.spdxCreationInfo()
	case "documentDescribes":
		n := 0
		r.array(ex, "documentDescribes", func() {
			at := r.place(sectionDocumentDescribes, n, nil)
			to := d.String()
			*add(r, &r.doc.Relationships) = Relationship{
				Type: Describes, To: to, ToState: StateStated, Origin: originDocumentDescribes, at: at,
			}
			n++
		})
	case "packages":
		start := d.Offset()
		r.array(ex, "packages", func() {
			doc.Components = grow(r, doc.Components, start)
			n := len(doc.Components)
			r.spdxPackage(add(r, &doc.Components), n)
		})
	case "files":
		start := d.Offset()
		r.array(ex, "files", func() {
			doc.Files = grow(r, doc.Files, start)
			n := len(doc.Files)
			r.spdxFile(add(r, &doc.Files), n)
		})
	case "snippets":
		r.array(ex, "snippets", func() {
			n := len(doc.Snippets)
			r.spdxSnippet(add(r, &doc.Snippets), n)
		})
	case "relationships":
		start, n := d.Offset(), 0
		r.array(ex, "relationships", func() {
			doc.Relationships = grow(r, doc.Relationships, start)
			r.spdxRelationship(add(r, &doc.Relationships), n)
			n++
		})
	case "externalDocumentRefs":
		r.array(ex, "externalDocumentRefs", func() {
			n := len(doc.ExternalDocuments)
			r.spdxExternalDocument(add(r, &doc.ExternalDocuments), n)
		})
	case "hasExtractedLicensingInfos":
		r.array(ex, "hasExtractedLicensingInfos", func() {
			n := len(doc.ExtractedLicenses)
			r.spdxExtracted(add(r, &doc.ExtractedLicenses), n)
		})
	case "annotations":
		r.annotationList(&doc.Annotations, ex, nil)
	default:
		if !r.isWrapper(name) {
			ex.add(r.intern(name), d.Raw()) // revieweds among them
			return
		}
		r.unwrap(name)
		for d.Object(); d.Next(); {
			r.spdxMember(string(d.Key()))
		}
	}
}

// wrappers are the members in which a document may stand: that of the first JSON
// schema of SPDX 2.2, and that of the answers of GitHub's dependency graph.
var wrappers = map[string]section{"Document": sectionWrapper, "sbom": sectionAnswer}

// isWrapper reports whether the member of that name holds the document.
func (r *reader) isWrapper(name string) bool {
	return wrappers[name] != sectionNone && r.root == nil && r.doc.SpecVersion == "" && r.d.Kind() == jsonstrict.Object
}

// unwrap makes ready for reading the document that the member of that name holds.
func (r *reader) unwrap(name string) {
	r.root = &place{section: wrappers[name]}
	r.doc.outer, r.doc.Extras = r.doc.Extras, Extras{}
	r.doc.wrapper = name
}

func (r *reader) spdxCreationInfo() {
	d, doc, ex := r.d, r.doc, &r.doc.MetadataExtras
	if r.null(&doc.Extras, "creationInfo") {
		return
	}
	start, n := d.Offset(), 0
	for d.Object(); d.Next(); n++ {
		switch string(d.Key()) {
		case "created":
			r.time(&doc.Created, ex, "created")
		case "comment":
			r.str(&doc.CreatorComment, ex, "comment")
		case "licenseListVersion":
			r.str(&doc.LicenseListVersion, ex, "licenseListVersion")
		case "creators":
			// The order of people and tools among each other is in the extra.
			start := d.Offset()
			doc.Authors, doc.Tools = nil, nil
			r.array(ex, "creators", func() {
				doc.addCreator(r, d.String())
			})
			if d.Err() == nil && len(doc.Authors)+len(doc.Tools) > 0 {
				ex.set("creators", r.from(start))
			}
		default:
			r.extra(ex)
		}
	}
	if n == 0 && d.Err() == nil {
		doc.Extras.add("creationInfo", r.from(start))
	}
}

// addCreator adds what one creator of SPDX 2 says (SPDX 2.3 §6.8).
func (d *Document) addCreator(r *reader, s string) {
	p := parseParty(s)
	if p.Kind == PartyTool {
		*add(r, &d.Tools) = spdxTool(p.Name.Written())
		return
	}
	*add(r, &d.Authors) = p
}

// spdxTool splits "name-version": the version begins after the last hyphen
// that a digit, or a "v" and a digit, follows.
func spdxTool(s string) Tool {
	for i := len(s) - 2; i > 0; i-- {
		if s[i] != '-' {
			continue
		}
		rest := s[i+1:]
		if c := rest[0]; c >= '0' && c <= '9' || c == 'v' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9' {
			return Tool{Name: s[:i], Version: rest}
		}
	}
	return Tool{Name: s}
}

// detail returns c.Detail, made if need be.
func (c *Component) detail() *Detail {
	if c.Detail == nil {
		c.Detail = new(Detail)
	}
	return c.Detail
}

func (r *reader) spdxPackage(c *Component, index int) {
	d, ex := r.d, &c.Extras
	c.at = r.place(sectionPackages, index, nil)
	rels := len(r.doc.Relationships)
	licenses := r.licenses.mark()
	var concluded, declared Text
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "SPDXID":
			r.str(&c.Ref, ex, "SPDXID")
		case "name":
			r.text(&c.Name, ex, "name")
		case "versionInfo":
			r.text(&c.Version, ex, "versionInfo")
		case "supplier":
			r.party(&c.Supplier, ex, "supplier")
		case "originator":
			r.party(&c.Originator, ex, "originator")
		case "downloadLocation":
			r.assertable(&c.DownloadLocation, ex, "downloadLocation")
		case "filesAnalyzed":
			r.boolean(&c.FilesAnalyzed, ex, "filesAnalyzed")
		case "licenseConcluded":
			r.assertable(&concluded, ex, "licenseConcluded")
		case "licenseDeclared":
			r.assertable(&declared, ex, "licenseDeclared")
		case "copyrightText":
			r.assertable(&c.Copyright, ex, "copyrightText")
		case "externalRefs":
			r.spdxExternalRefs(c)
		case "checksums":
			r.spdxChecksums(&c.Hashes, ex)
		case "sourceInfo":
			r.str(&c.SourceInfo, ex, "sourceInfo")
		case "description":
			r.str(&c.Description, ex, "description")
		case "summary":
			r.str(&c.Summary, ex, "summary")
		case "comment":
			r.str(&c.Comment, ex, "comment")
		case "homepage":
			r.assertable(&c.Homepage, ex, "homepage")
		case "packageFileName":
			r.str(&c.FileName, ex, "packageFileName")
		case "packageVerificationCode":
			r.spdxVerificationCode(c)
		case "primaryPackagePurpose":
			r.spdxPurpose(c)
		case "licenseInfoFromFiles":
			r.array(ex, "licenseInfoFromFiles", func() {
				r.licenses.push(License{Kind: LicenseFound, Expression: assertable(d.String())})
			})
		case "annotations":
			r.annotationList(&c.Annotations, ex, &c.at)
		case "hasFiles":
			n, self := 0, new(c.at)
			r.array(ex, "hasFiles", func() {
				at := r.place(sectionHasFiles, n, self)
				to := d.String()
				*add(r, &r.doc.Relationships) = Relationship{
					Type: Contains, To: to, ToState: StateStated, Origin: originHasFiles, at: at,
				}
				n++
			})
		default:
			r.spdxPackageDetail(c)
		}
	}
	c.ID = r.claim(c.Ref, &c.at)
	for i := rels; i < len(r.doc.Relationships); i++ {
		r.doc.Relationships[i].From = c.ID
	}
	if !declared.IsZero() {
		r.licenses.push(License{Kind: LicenseDeclared, Expression: declared})
	}
	if !concluded.IsZero() {
		r.licenses.push(License{Kind: LicenseConcluded, Expression: concluded})
	}
	c.Licenses = r.licenses.take(licenses)
}

// spdxPackageDetail reads the members that few packages have.
func (r *reader) spdxPackageDetail(c *Component) {
	ex := &c.Extras
	switch string(r.d.Key()) {
	case "licenseComments":
		r.str(&c.detail().LicenseComments, ex, "licenseComments")
	case "attributionTexts":
		r.strings(&c.detail().AttributionTexts, ex, "attributionTexts")
	case "releaseDate":
		r.time(&c.detail().Released, ex, "releaseDate")
	case "builtDate":
		r.time(&c.detail().Built, ex, "builtDate")
	case "validUntilDate":
		r.time(&c.detail().ValidUntil, ex, "validUntilDate")
	default:
		r.extra(ex)
	}
}

func (r *reader) spdxPurpose(c *Component) {
	if r.null(&c.Extras, "primaryPackagePurpose") {
		return
	}
	start := r.d.Offset()
	s := r.d.String()
	c.Type = spdxPurposeType(s)
	if c.Type.spdxPurpose() != s {
		c.Extras.add("primaryPackagePurpose", r.from(start))
	}
}

// spdxPurposeType returns the type that SPDX 2 calls s (SPDX 2.3 §7.24).
func spdxPurposeType(s string) ComponentType {
	switch s {
	case "APPLICATION":
		return "application"
	case "FRAMEWORK":
		return "framework"
	case "LIBRARY":
		return TypeLibrary
	case "CONTAINER":
		return TypeContainer
	case "OPERATING_SYSTEM", "OPERATING-SYSTEM":
		return TypeOperatingSystem
	case "DEVICE":
		return "device"
	case "FIRMWARE":
		return "firmware"
	case "SOURCE":
		return "source"
	case "ARCHIVE":
		return "archive"
	case "FILE":
		return TypeFile
	case "INSTALL":
		return "install"
	case "OTHER":
		return "other"
	}
	return ComponentType(s)
}

// spdxPurpose returns the word of SPDX 2 for t, t itself where it has none.
func (t ComponentType) spdxPurpose() string {
	switch t {
	case "application", "framework", TypeLibrary, TypeContainer, "device", "firmware",
		"source", "archive", TypeFile, "install", "other":
		return strings.ToUpper(string(t))
	case TypeOperatingSystem:
		return "OPERATING_SYSTEM" // the JSON schema's word; the text of §7.24 has a hyphen
	}
	return string(t)
}

func (r *reader) spdxVerificationCode(c *Component) {
	d := r.d
	if r.null(&c.Extras, "packageVerificationCode") {
		return
	}
	v, start := new(VerificationCode), d.Offset()
	outer := r.odd
	r.odd = false
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "packageVerificationCodeValue":
			r.oddStr(&v.Value)
		case "packageVerificationCodeExcludedFiles":
			var none Extras
			r.strings(&v.Excluded, &none, "")
			r.odd = r.odd || none.len() > 0
		default:
			r.oddMember()
		}
	}
	c.VerificationCode = v
	if r.odd && d.Err() == nil {
		c.Extras.add("packageVerificationCode", r.from(start))
	}
	r.odd = outer
}

func (r *reader) spdxChecksums(dst *[]Hash, ex *Extras) {
	mark := r.hashes.mark()
	r.array(ex, "checksums", func() { r.hashes.push(r.spdxChecksum()) })
	*dst = r.hashes.take(mark)
}

func (r *reader) spdxChecksum() (h Hash) {
	d := r.d
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "algorithm":
			s := d.String()
			h.Algorithm = spdxAlgorithm(s)
			r.odd = r.odd || s == "" || h.Algorithm.spdx() != s
		case "checksumValue":
			r.oddStr(&h.Value)
		default:
			r.oddMember()
		}
	}
	return h
}

// spdxExternalRefs parts the identifiers from the references. Their common
// order is kept in seq.
func (r *reader) spdxExternalRefs(c *Component) {
	ids, refs := r.identifiers.mark(), r.references.mark()
	seq := int32(0)
	r.array(&c.Extras, "externalRefs", func() {
		seq++
		ref := r.spdxExternalRef()
		ref.seq = seq
		id, ok := identifierOf(&ref)
		if ok {
			r.identifiers.push(id)
		}
		if !ok || id.spelling == spellingReference {
			r.references.push(ref)
		}
	})
	c.Identifiers = r.identifiers.take(ids)
	c.ExternalReferences = r.references.take(refs)
}

func (r *reader) spdxExternalRef() (ref ExternalReference) {
	d := r.d
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "referenceCategory":
			r.oddStr(&ref.Category)
		case "referenceType":
			r.oddStr(&ref.Type)
		case "referenceLocator":
			r.oddStr(&ref.Locator)
		case "comment":
			r.oddStr(&ref.Comment)
		default:
			r.oddMember()
		}
	}
	return ref
}

// spdxIdentifierTypes are the reference types of SPDX 2.3 annex F that name a component.
var spdxIdentifierTypes = [...]struct{ typ, category, underscore string }{
	IdentifierPURL:   {"purl", "PACKAGE-MANAGER", "PACKAGE_MANAGER"},
	IdentifierCPE22:  {"cpe22Type", "SECURITY", ""},
	IdentifierCPE23:  {"cpe23Type", "SECURITY", ""},
	IdentifierSWID:   {"swid", "SECURITY", ""},
	IdentifierSWHID:  {"swh", "PERSISTENT-ID", "PERSISTENT_ID"},
	IdentifierGitoid: {"gitoid", "PERSISTENT-ID", "PERSISTENT_ID"},
}

// identifierOf returns the Identifier that ref states. Its spelling is spellingReference if ref
// says more: a comment, or a category that the type does not belong to (which
// tools write, and which says nothing against the identifier).
func identifierOf(ref *ExternalReference) (id Identifier, ok bool) {
	switch ref.Type {
	case "cpe23Type":
		id.Kind = IdentifierCPE23
	case "purl":
		id.Kind = IdentifierPURL
	case "cpe22Type":
		id.Kind = IdentifierCPE22
	case "swid":
		id.Kind = IdentifierSWID
	case "swh":
		id.Kind = IdentifierSWHID
	case "gitoid":
		id.Kind = IdentifierGitoid
	default:
		return id, false
	}
	if ref.Locator == "" {
		return id, false
	}
	id.Value, id.seq = ref.Locator, ref.seq
	switch t := &spdxIdentifierTypes[id.Kind]; {
	case ref.Comment != "":
		id.spelling = spellingReference
	case ref.Category == t.category:
	case ref.Category == t.underscore && ref.Category != "":
		id.spelling = spellingUnderscore
	default:
		id.spelling = spellingReference
	}
	return id, true
}

func (r *reader) annotationList(dst *[]Annotation, ex *Extras, parent *place) {
	mark, n := r.annotations.mark(), 0
	if parent != nil {
		parent = new(*parent) // its element may move
	}
	r.array(ex, "annotations", func() {
		a := Annotation{at: r.place(sectionAnnotations, n, parent)}
		n++
		r.spdxAnnotation(&a)
		r.annotations.push(a)
	})
	*dst = r.annotations.take(mark)
}

func (r *reader) spdxAnnotation(a *Annotation) {
	d, ex := r.d, &a.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "annotationDate":
			r.time(&a.Date, ex, "annotationDate")
		case "annotationType":
			r.str(&a.Type, ex, "annotationType")
		case "annotator":
			r.party(&a.Annotator, ex, "annotator")
		case "comment":
			r.str(&a.Text, ex, "comment")
		default:
			r.extra(ex)
		}
	}
}

// detail returns f.Detail, made if need be.
func (f *File) detail() *FileDetail {
	if f.Detail == nil {
		f.Detail = new(FileDetail)
	}
	return f.Detail
}

func (r *reader) spdxFile(f *File, index int) {
	d, ex := r.d, &f.Extras
	f.at = r.place(sectionFiles, index, nil)
	rels := len(r.doc.Relationships)
	var ref string
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "SPDXID":
			r.str(&ref, ex, "SPDXID")
		case "fileName":
			r.str(&f.Name, ex, "fileName")
		case "fileTypes":
			r.strings(&f.Types, ex, "fileTypes")
		case "checksums":
			r.spdxChecksums(&f.Hashes, ex)
		case "licenseConcluded":
			r.assertable(&f.Concluded, ex, "licenseConcluded")
		case "licenseInfoInFiles":
			r.textList(&f.LicenseInfo, ex, "licenseInfoInFiles")
		case "copyrightText":
			r.assertable(&f.Copyright, ex, "copyrightText")
		case "comment":
			r.str(&f.Comment, ex, "comment")
		case "licenseComments":
			r.str(&f.detail().LicenseComments, ex, "licenseComments")
		case "noticeText":
			r.str(&f.detail().Notice, ex, "noticeText")
		case "fileContributors":
			r.strings(&f.detail().Contributors, ex, "fileContributors")
		case "attributionTexts":
			r.strings(&f.detail().AttributionTexts, ex, "attributionTexts")
		case "annotations":
			r.annotationList(&f.detail().Annotations, ex, &f.at)
		case "fileDependencies":
			n, self := 0, new(f.at)
			r.array(ex, "fileDependencies", func() {
				at := r.place(sectionFileDependencies, n, self)
				to := d.String()
				*add(r, &r.doc.Relationships) = Relationship{
					Type: DependsOn, To: to, ToState: StateStated, Origin: originFileDependencies, at: at,
				}
				n++
			})
		default:
			r.extra(ex)
		}
	}
	f.ID = r.claim(ref, &f.at)
	if ref != "" && f.ID != ref {
		ex.set("SPDXID", quoteJSON(ref))
	}
	for i := rels; i < len(r.doc.Relationships); i++ {
		r.doc.Relationships[i].From = f.ID
	}
}

func (r *reader) spdxSnippet(s *Snippet, index int) {
	d, ex := r.d, &s.Extras
	s.at = r.place(sectionSnippets, index, nil)
	var ref string
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "SPDXID":
			r.str(&ref, ex, "SPDXID")
		case "name":
			r.str(&s.Name, ex, "name")
		case "snippetFromFile":
			r.str(&s.File, ex, "snippetFromFile")
		case "ranges":
			r.array(ex, "ranges", func() {
				one := r.spdxRange()
				*add(r, &s.Ranges) = one
			})
		case "licenseConcluded":
			r.assertable(&s.Concluded, ex, "licenseConcluded")
		case "licenseInfoInSnippets":
			r.textList(&s.LicenseInfo, ex, "licenseInfoInSnippets")
		case "copyrightText":
			r.assertable(&s.Copyright, ex, "copyrightText")
		case "comment":
			r.str(&s.Comment, ex, "comment")
		case "annotations":
			r.annotationList(&s.Annotations, ex, &s.at)
		default:
			r.extra(ex)
		}
	}
	s.ID = r.claim(ref, &s.at)
	if ref != "" && s.ID != ref {
		ex.set("SPDXID", quoteJSON(ref))
	}
}

// spdxRange reads one range (SPDX 2.3 §9.3, §9.4). A range whose ends are not
// of one kind is kept as it is written.
func (r *reader) spdxRange() (s SnippetRange) {
	d := r.d
	var kinds [2]string
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "startPointer":
			kinds[0] = r.spdxPointer(&s.Start, &s.StartFile)
		case "endPointer":
			kinds[1] = r.spdxPointer(&s.End, &s.EndFile)
		default:
			r.oddMember()
		}
	}
	s.Lines = kinds[0] == "lineNumber"
	r.odd = r.odd || kinds[0] != kinds[1] || kinds[0] == ""
	return s
}

func (r *reader) spdxPointer(n *int, file *string) (kind string) {
	d := r.d
	for d.Object(); d.Next(); {
		switch key := string(d.Key()); key {
		case "offset", "lineNumber":
			r.odd = r.odd || kind != ""
			kind = key
			var ex Extras
			r.integer(n, &ex, "")
			r.odd = r.odd || ex.len() > 0
		case "reference":
			r.oddStr(file)
		default:
			r.oddMember()
		}
	}
	return kind
}

func (r *reader) spdxRelationship(rel *Relationship, index int) {
	d, ex := r.d, &rel.Extras
	rel.at = r.place(sectionRelationships, index, nil)
	var word string
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "spdxElementId":
			r.str(&rel.From, ex, "spdxElementId")
		case "relatedSpdxElement":
			r.str(&rel.To, ex, "relatedSpdxElement")
		case "relationshipType":
			r.str(&word, ex, "relationshipType")
		case "comment":
			r.str(&rel.Comment, ex, "comment")
		default:
			r.extra(ex)
		}
	}
	switch rel.To {
	case "NONE":
		rel.To, rel.ToState = "", StateNone
	case "NOASSERTION":
		rel.To, rel.ToState = "", StateNoAssertion
	case "":
		rel.ToState = StateEmpty
	default:
		rel.ToState = StateStated
	}
	rel.setWritten(word)
}

func (r *reader) spdxExternalDocument(e *ExternalDocument, index int) {
	d, ex := r.d, &e.Extras
	e.at = r.place(sectionExternalRefs, index, nil)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "externalDocumentId":
			r.str(&e.ID, ex, "externalDocumentId")
		case "spdxDocument":
			r.str(&e.URI, ex, "spdxDocument")
		case "checksum":
			if r.null(ex, "checksum") {
				break
			}
			start, outer := d.Offset(), r.odd
			r.odd = false
			e.Hash = r.spdxChecksum()
			if d.Err() == nil && (r.odd || e.Hash == Hash{}) {
				ex.add("checksum", r.from(start))
			}
			r.odd = outer
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) spdxExtracted(l *ExtractedLicense, index int) {
	d, ex := r.d, &l.Extras
	l.at = r.place(sectionExtracted, index, nil)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "licenseId":
			r.str(&l.ID, ex, "licenseId")
		case "name":
			r.assertable(&l.Name, ex, "name")
		case "extractedText":
			r.str(&l.Text, ex, "extractedText")
		case "seeAlsos":
			r.strings(&l.SeeAlso, ex, "seeAlsos")
		case "comment":
			r.str(&l.Comment, ex, "comment")
		default:
			r.extra(ex)
		}
	}
}

// spdxAlgorithm returns the algorithm that SPDX 2 calls s (SPDX 2.3 §8.4).
func spdxAlgorithm(s string) HashAlgorithm {
	switch s {
	case "SHA1":
		return SHA1
	case "SHA224":
		return SHA224
	case "SHA256":
		return SHA256
	case "SHA384":
		return SHA384
	case "SHA512":
		return SHA512
	}
	return hashAlgorithm(s)
}

// spdx returns the name of a in SPDX 2.
func (a HashAlgorithm) spdx() string {
	switch a {
	case SHA1, SHA224, SHA256, SHA384, SHA512:
		return "SHA" + string(a[4:])
	}
	return string(a)
}

// findDangling reports the ends of relationships that the document does not hold.
func (r *reader) findDangling() {
	doc := r.doc
	external := make(map[string]bool, len(doc.ExternalDocuments))
	for i := range doc.ExternalDocuments {
		external[doc.ExternalDocuments[i].ID] = true
	}
	check := func(rel *Relationship, id string) {
		if _, ok := r.ids[id]; ok {
			return
		}
		if doc.Format == FormatSPDX3JSON && (external[id] || strings.Contains(id, listedLicense) || strings.Contains(id, "spdx.org/rdf/")) {
			return // a licence of the SPDX list, or an individual that SPDX itself defines
		}
		what := "names no element of the document"
		if isExternal(id) {
			ref, _, ok := strings.Cut(id, ":")
			if !ok || ref == "urn" || external[ref] {
				return
			}
			what = "names an external document that is not declared"
		}
		r.report(&rel.at, "sbom.dangling", rel.Written()+" "+textfmt.Quote(id)+" "+what)
	}
	for i := range doc.Relationships {
		rel := &doc.Relationships[i]
		if rel.From != "" {
			check(rel, rel.From)
		}
		if rel.To != "" {
			check(rel, rel.To)
		}
	}
}
