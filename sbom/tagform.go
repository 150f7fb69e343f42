// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import "strings"

// tagKind is the syntax of a tag's value.
type tagKind uint8

const (
	tagText tagKind = iota
	tagBoolean
	tagChecksum     // SHA1: 0123...
	tagReference    // SECURITY cpe23Type cpe:2.3:...
	tagVerification // 0123... (excludes: ./a, ./b)
	tagDocument     // DocumentRef-x https://... SHA1: 0123...
	tagRelationship // SPDXRef-A CONTAINS SPDXRef-B
	tagRange        // 10:20
	tagComment      // member "comment" of the object before
)

// tagField is what one tag is in SPDX JSON (SPDX 2.3 annexes A and C).
type tagField struct {
	tag  string
	json string
	kind tagKind
	list bool
}

// tagSection is a group of tags that are one object in JSON.
type tagSection struct {
	name   string // member of the document that lists such objects; empty for the document itself
	fields []tagField
}

// The sections. The first tag of each, but for the document, begins a new object.
var (
	tagDocumentSection = &tagSection{"", []tagField{
		{"SPDXVersion", "spdxVersion", tagText, false},
		{"DataLicense", "dataLicense", tagText, false},
		{"SPDXID", "SPDXID", tagText, false},
		{"DocumentName", "name", tagText, false},
		{"DocumentNamespace", "documentNamespace", tagText, false},
		{"ExternalDocumentRef", "externalDocumentRefs", tagDocument, true},
		{"DocumentComment", "comment", tagText, false},
	}}
	tagCreationSection = &tagSection{"creationInfo", []tagField{
		{"LicenseListVersion", "licenseListVersion", tagText, false},
		{"Creator", "creators", tagText, true},
		{"Created", "created", tagText, false},
		{"CreatorComment", "comment", tagText, false},
	}}
	tagPackageSection = &tagSection{"packages", []tagField{
		{"PackageName", "name", tagText, false},
		{"SPDXID", "SPDXID", tagText, false},
		{"PackageVersion", "versionInfo", tagText, false},
		{"PackageFileName", "packageFileName", tagText, false},
		{"PackageSupplier", "supplier", tagText, false},
		{"PackageOriginator", "originator", tagText, false},
		{"PackageDownloadLocation", "downloadLocation", tagText, false},
		{"FilesAnalyzed", "filesAnalyzed", tagBoolean, false},
		{"PackageVerificationCode", "packageVerificationCode", tagVerification, false},
		{"PackageChecksum", "checksums", tagChecksum, true},
		{"PackageHomePage", "homepage", tagText, false},
		{"PackageSourceInfo", "sourceInfo", tagText, false},
		{"PackageLicenseConcluded", "licenseConcluded", tagText, false},
		{"PackageLicenseInfoFromFiles", "licenseInfoFromFiles", tagText, true},
		{"PackageLicenseDeclared", "licenseDeclared", tagText, false},
		{"PackageLicenseComments", "licenseComments", tagText, false},
		{"PackageCopyrightText", "copyrightText", tagText, false},
		{"PackageSummary", "summary", tagText, false},
		{"PackageDescription", "description", tagText, false},
		{"PackageComment", "comment", tagText, false},
		{"ExternalRef", "externalRefs", tagReference, true},
		{"ExternalRefComment", "externalRefs", tagComment, true},
		{"PackageAttributionText", "attributionTexts", tagText, true},
		{"PrimaryPackagePurpose", "primaryPackagePurpose", tagText, false},
		{"ReleaseDate", "releaseDate", tagText, false},
		{"BuiltDate", "builtDate", tagText, false},
		{"ValidUntilDate", "validUntilDate", tagText, false},
	}}
	tagFileSection = &tagSection{"files", []tagField{
		{"FileName", "fileName", tagText, false},
		{"SPDXID", "SPDXID", tagText, false},
		{"FileType", "fileTypes", tagText, true},
		{"FileChecksum", "checksums", tagChecksum, true},
		{"LicenseConcluded", "licenseConcluded", tagText, false},
		{"LicenseInfoInFile", "licenseInfoInFiles", tagText, true},
		{"LicenseComments", "licenseComments", tagText, false},
		{"FileCopyrightText", "copyrightText", tagText, false},
		{"FileComment", "comment", tagText, false},
		{"FileNotice", "noticeText", tagText, false},
		{"FileContributor", "fileContributors", tagText, true},
		{"FileAttributionText", "attributionTexts", tagText, true},
		{"FileDependency", "fileDependencies", tagText, true},
	}}
	tagSnippetSection = &tagSection{"snippets", []tagField{
		{"SnippetSPDXID", "SPDXID", tagText, false},
		{"SnippetFromFileSPDXID", "snippetFromFile", tagText, false},
		{"SnippetByteRange", "ranges", tagRange, true},
		{"SnippetLineRange", "ranges", tagRange, true},
		{"SnippetLicenseConcluded", "licenseConcluded", tagText, false},
		{"LicenseInfoInSnippet", "licenseInfoInSnippets", tagText, true},
		{"SnippetLicenseComments", "licenseComments", tagText, false},
		{"SnippetCopyrightText", "copyrightText", tagText, false},
		{"SnippetComment", "comment", tagText, false},
		{"SnippetName", "name", tagText, false},
		{"SnippetAttributionText", "attributionTexts", tagText, true},
	}}
	tagLicenseSection = &tagSection{"hasExtractedLicensingInfos", []tagField{
		{"LicenseID", "licenseId", tagText, false},
		{"ExtractedText", "extractedText", tagText, false},
		{"LicenseName", "name", tagText, false},
		{"LicenseCrossReference", "seeAlsos", tagText, true},
		{"LicenseComment", "comment", tagText, false},
	}}
	tagRelationshipSection = &tagSection{"relationships", []tagField{
		{"Relationship", "", tagRelationship, false},
		{"RelationshipComment", "comment", tagText, false},
	}}
	tagAnnotationSection = &tagSection{"annotations", []tagField{
		{"Annotator", "annotator", tagText, false},
		{"AnnotationDate", "annotationDate", tagText, false},
		{"AnnotationType", "annotationType", tagText, false},
		{"SPDXREF", "#SPDXREF", tagText, false},
		{"AnnotationComment", "comment", tagText, false},
	}}
	tagReviewSection = &tagSection{"revieweds", []tagField{
		{"Reviewer", "reviewer", tagText, false},
		{"ReviewDate", "reviewDate", tagText, false},
		{"ReviewComment", "comment", tagText, false},
	}}
)

// tagKept are deprecated tags that are kept as they are written.
var tagKept = map[string]bool{
	"ArtifactOfProjectName": true, "ArtifactOfProjectHomePage": true, "ArtifactOfProjectURI": true,
}

// tagBegins tells which section a tag begins.
var tagBegins = map[string]*tagSection{
	"PackageName": tagPackageSection, "FileName": tagFileSection, "SnippetSPDXID": tagSnippetSection,
	"LicenseID": tagLicenseSection, "Relationship": tagRelationshipSection, "Annotator": tagAnnotationSection,
	"Reviewer": tagReviewSection,
}

// field returns the field of a tag, nil if the section does not have it.
func (s *tagSection) field(tag string) *tagField {
	for i := range s.fields {
		if s.fields[i].tag == tag {
			return &s.fields[i]
		}
	}
	return nil
}

// The functions below turn a value into JSON text and back. What the first
// makes of a value is nil if the value is not of its syntax; if it is, and the
// second writes it otherwise, the value as written is kept in the member "#".

// tagJSON returns the JSON form of a value, nil if it has none.
func (f *tagField) tagJSON(value, file string) []byte {
	w := &writer{}
	switch f.kind {
	case tagBoolean:
		switch strings.ToLower(value) {
		case "true", "false":
			return []byte(strings.ToLower(value))
		}
		return nil
	case tagChecksum:
		alg, hex, ok := strings.Cut(value, ":")
		alg, hex = strings.TrimSpace(alg), strings.TrimSpace(hex)
		if !ok || alg == "" || hex == "" {
			return nil
		}
		tagMembers(w, "algorithm", alg, "checksumValue", hex)
	case tagReference:
		parts := fieldsN(value, 3)
		if parts == nil {
			return nil
		}
		tagMembers(w, "referenceCategory", parts[0], "referenceType", parts[1], "referenceLocator", parts[2])
	case tagRelationship:
		parts := fieldsN(value, 3)
		if parts == nil || strings.ContainsAny(parts[2], " \t") {
			return nil
		}
		tagMembers(w, "spdxElementId", parts[0], "relatedSpdxElement", parts[2], "relationshipType", parts[1])
	case tagDocument:
		return tagDocumentJSON(value)
	case tagVerification:
		return tagVerificationJSON(value)
	case tagRange:
		return f.tagRangeJSON(value, file)
	default:
		return quoteJSON(value)
	}
	w.buf = append(w.buf, '}')
	return w.buf
}

// tagMembers opens an object of strings.
func tagMembers(w *writer, pairs ...string) {
	w.open('{')
	for i := 0; i < len(pairs); i += 2 {
		w.key(pairs[i])
		w.string(pairs[i+1])
	}
}

// fieldsN splits s at white space into n parts, the last being the rest; nil if there are fewer.
func fieldsN(s string, n int) []string {
	parts := make([]string, 0, n)
	for len(parts) < n-1 {
		s = strings.TrimLeft(s, " \t")
		i := strings.IndexAny(s, " \t")
		if i <= 0 {
			return nil
		}
		parts = append(parts, s[:i])
		s = s[i:]
	}
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return append(parts, s)
}

func tagDocumentJSON(value string) []byte {
	parts := fieldsN(value, 3)
	if parts == nil {
		return nil
	}
	alg, hex, ok := strings.Cut(parts[2], ":")
	alg, hex = strings.TrimSpace(alg), strings.TrimSpace(hex)
	if !ok || alg == "" || hex == "" {
		return nil
	}
	w := &writer{}
	tagMembers(w, "externalDocumentId", parts[0], "spdxDocument", parts[1])
	w.key("checksum")
	tagMembers(w, "algorithm", alg, "checksumValue", hex)
	w.buf = append(w.buf, "}}"...)
	return w.buf
}

func tagVerificationJSON(value string) []byte {
	code, rest, excludes := strings.Cut(value, "(")
	code = strings.TrimSpace(code)
	if code == "" || strings.ContainsAny(code, " \t") {
		return nil
	}
	w := &writer{}
	tagMembers(w, "packageVerificationCodeValue", code)
	if excludes {
		rest, ok := strings.CutSuffix(strings.TrimSpace(rest), ")")
		if !ok {
			return nil
		}
		rest = strings.TrimPrefix(strings.TrimSpace(rest), "excludes:")
		w.key("packageVerificationCodeExcludedFiles")
		w.open('[')
		for name := range strings.SplitSeq(rest, ",") {
			w.separate()
			w.string(strings.TrimSpace(name))
		}
		w.close(']')
	}
	w.buf = append(w.buf, '}')
	return w.buf
}

func (f *tagField) tagRangeJSON(value, file string) []byte {
	start, end, ok := strings.Cut(value, ":")
	if !ok || !isNumber(start) || !isNumber(end) {
		return nil
	}
	w := &writer{}
	pointer := func(name, n string) {
		w.key(name)
		w.open('{')
		w.key(f.rangeUnit())
		w.buf = append(w.buf, n...)
		w.key("reference")
		w.string(file)
		w.close('}')
	}
	w.open('{')
	pointer("startPointer", start)
	pointer("endPointer", end)
	w.close('}')
	return w.buf
}

func (f *tagField) rangeUnit() string {
	if f.tag == "SnippetLineRange" {
		return "lineNumber"
	}
	return "offset"
}

// tagValue writes the JSON form of a value as the value of the tag. The second
// result is false for what the tag cannot say.
func (f *tagField) tagValue(t *tree) (string, bool) {
	member := func(t *tree, name string) string {
		if m := t.member(name); m != nil {
			return m.text()
		}
		return ""
	}
	checksum := func(t *tree) string {
		return member(t, "algorithm") + ": " + member(t, "checksumValue")
	}
	var s string
	switch f.kind {
	case tagChecksum:
		s = checksum(t)
	case tagReference:
		s = member(t, "referenceCategory") + " " + member(t, "referenceType") + " " + member(t, "referenceLocator")
	case tagRelationship:
		s = member(t, "spdxElementId") + " " + member(t, "relationshipType") + " " + member(t, "relatedSpdxElement")
	case tagDocument:
		s = member(t, "externalDocumentId") + " " + member(t, "spdxDocument")
		if sum := t.member("checksum"); sum != nil {
			s += " " + checksum(sum)
		}
	case tagVerification:
		s = member(t, "packageVerificationCodeValue")
		if files := t.member("packageVerificationCodeExcludedFiles"); files != nil {
			var names []string
			for _, name := range files.elements {
				names = append(names, name.text())
			}
			s += " (excludes: " + strings.Join(names, ", ") + ")"
		}
	case tagRange:
		start, end := t.member("startPointer"), t.member("endPointer")
		if start == nil || end == nil || start.member(f.rangeUnit()) == nil || end.member(f.rangeUnit()) == nil {
			return "", false
		}
		s = member(start, f.rangeUnit()) + ":" + member(end, f.rangeUnit())
	default:
		return t.text(), t.raw != nil
	}
	if own := t.member("#"); own != nil {
		// The value as it is written, if it still means the same.
		if again, err := parseTree(f.tagJSON(own.text(), rangeFile(t))); err == nil {
			if v, ok := f.tagValue(again); ok && v == s {
				return own.text(), true
			}
		}
	}
	return s, true
}

// rangeFile returns the file that a range names.
func rangeFile(t *tree) string {
	if start := t.member("startPointer"); start != nil {
		if ref := start.member("reference"); ref != nil {
			return ref.text()
		}
	}
	return ""
}

// member returns a member that was not taken, nil if there is none.
func (t *tree) member(name string) *tree {
	for i, n := range t.names {
		if n == name {
			return t.elements[i]
		}
	}
	return nil
}
