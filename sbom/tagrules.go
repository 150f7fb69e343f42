// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Tag-value has no schema. These are the rules of SPDX 2.3 §6 to §12 that the
// JSON Schema states for JSON: which fields are mandatory, and which words a
// field may have.
const (
	codeTagMissing = "sbom.tag-missing"
	codeTagWord    = "sbom.tag-word"
)

// mandatoryTags are the tags that an object must have, by what it is. The
// namespace of the document is not among them: it has a code of its own.
var mandatoryTags = map[*tagSection][]string{
	tagDocumentSection:   {"DataLicense", "SPDXID", "DocumentName"},
	tagCreationSection:   {"Creator", "Created"},
	tagPackageSection:    {"SPDXID", "PackageDownloadLocation"},
	tagFileSection:       {"SPDXID", "FileChecksum"},
	tagSnippetSection:    {"SnippetFromFileSPDXID", "SnippetByteRange"},
	tagLicenseSection:    {"ExtractedText"},
	tagAnnotationSection: {"AnnotationDate", "AnnotationType", "SPDXREF", "AnnotationComment"},
}

// mandatoryBefore23 are those that SPDX 2.3 made optional.
var mandatoryBefore23 = map[*tagSection][]string{
	tagPackageSection: {"PackageLicenseConcluded", "PackageLicenseDeclared", "PackageCopyrightText"},
	tagFileSection:    {"LicenseConcluded", "LicenseInfoInFile", "FileCopyrightText"},
	tagSnippetSection: {"SnippetLicenseConcluded", "SnippetCopyrightText"},
}

var (
	tagAlgorithms = strings.Fields("SHA1 SHA224 SHA256 SHA384 SHA512 SHA3-256 SHA3-384 SHA3-512 BLAKE2b-256 BLAKE2b-384 BLAKE2b-512 BLAKE3 MD2 MD4 MD5 MD6 ADLER32")
	tagPurposes   = strings.Fields("APPLICATION FRAMEWORK LIBRARY CONTAINER OPERATING-SYSTEM DEVICE FIRMWARE SOURCE ARCHIVE FILE INSTALL OTHER")
	tagFileTypes  = strings.Fields("SOURCE BINARY ARCHIVE APPLICATION AUDIO IMAGE TEXT VIDEO DOCUMENTATION SPDX OTHER")
	tagCategories = strings.Fields("SECURITY PACKAGE-MANAGER PERSISTENT-ID OTHER")
)

// words returns the word that the value of a tag has, and those that it may be; nil for any.
func (f *tagField) words(value string) (word string, among []string) {
	switch f.kind {
	case tagChecksum, tagDocument:
		if f.kind == tagDocument {
			parts := fieldsN(value, 3)
			value = parts[2]
		}
		word, _, _ = strings.Cut(value, ":")
		return strings.TrimSpace(word), tagAlgorithms
	case tagReference:
		return fieldsN(value, 2)[0], tagCategories
	case tagRelationship:
		return fieldsN(value, 3)[1], relationshipWords()
	}
	switch f.tag {
	case "PrimaryPackagePurpose":
		return value, tagPurposes
	case "FileType":
		return value, tagFileTypes
	case "AnnotationType":
		return value, []string{"REVIEW", "OTHER"}
	}
	return "", nil
}

// rules holds every object to the rules above.
func (c *tagConverter) rules() {
	before23 := false
	switch c.document.text("spdxVersion") {
	case "SPDX-2.0", "SPDX-2.1", "SPDX-2.2":
		before23 = true
	}
	for _, o := range slices.Concat([]*tagObject{c.document, c.creation}, c.objects) {
		missing := o.missing(mandatoryTags[o.section])
		if before23 {
			missing = append(missing, o.missing(mandatoryBefore23[o.section])...)
		}
		for _, tag := range missing {
			at := o.at
			if at.line == 0 {
				at.line = 1
			}
			where := "document"
			if o.at.tag != "" {
				where = o.at.tag + " " + textfmt.Quote(o.at.value)
			}
			c.problem(at, evidence.SeverityWarning, codeTagMissing, "%s has no %s, which is mandatory", where, tag)
		}
		for i := range o.members {
			m := &o.members[i]
			for _, at := range m.at {
				if word, among := m.field.words(at.value); among != nil && !slices.Contains(among, word) {
					c.problem(at, evidence.SeverityWarning, codeTagWord, "%s of %s is none of %s", textfmt.Quote(word), at.tag, listed(among))
				}
			}
		}
	}
}

// listed writes words as a list, the first few of many.
func listed(words []string) string {
	const most = 20
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", ..."
	}
	return strings.Join(words, ", ")
}

// missing returns those of tags that o does not have, or only with no value.
// A tag whose value is malformed was reported as that.
func (o *tagObject) missing(tags []string) (missing []string) {
	for _, tag := range tags {
		there := slices.ContainsFunc(o.members, func(m tagMember) bool {
			// A range of lines does not make one of bytes unnecessary (SPDX 2.3 §9.3).
			return slices.ContainsFunc(m.at, func(p tagPair) bool {
				return p.tag == tag && (p.value != "" || strings.HasSuffix(tag, "Text") || strings.HasSuffix(tag, "Comment"))
			})
		})
		if !there && !slices.ContainsFunc(o.kept, func(s string) bool { return strings.HasPrefix(s, tag+": ") }) {
			missing = append(missing, tag)
		}
	}
	return missing
}
