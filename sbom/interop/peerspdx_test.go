// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
	spdxtag "github.com/spdx/tools-golang/tagvalue"

	"github.com/HailBytes/evidence/sbom"
)

// peerReadSPDX reads a document with tools-golang.
func peerReadSPDX(data []byte, format sbom.Format) (doc *v2_3.Document, err error) {
	doc = &v2_3.Document{}
	if format == sbom.FormatSPDXTagValue {
		return doc, spdxtag.ReadInto(bytes.NewReader(data), doc)
	}
	return doc, spdxjson.ReadInto(bytes.NewReader(data), doc)
}

// spdxPurposes are the words of SPDX 2.3 §7.24 for a component type.
func spdxPurpose(t sbom.ComponentType) string {
	return strings.ReplaceAll(strings.ToUpper(string(t)), "_", "-")
}

// spdxReferenceOf gives the category and type of SPDX 2.3 annex F for an identifier.
var spdxReferenceOf = map[sbom.IdentifierKind][2]string{
	sbom.IdentifierPURL:   {"PACKAGE-MANAGER", "purl"},
	sbom.IdentifierCPE22:  {"SECURITY", "cpe22Type"},
	sbom.IdentifierCPE23:  {"SECURITY", "cpe23Type"},
	sbom.IdentifierSWID:   {"SECURITY", "swid"},
	sbom.IdentifierSWHID:  {"PERSISTENT-ID", "swh"},
	sbom.IdentifierGitoid: {"PERSISTENT-ID", "gitoid"},
}

func spdxReferenceField(typ string) string {
	switch typ {
	case "purl":
		return "purl"
	case "cpe22Type", "cpe23Type":
		return "cpe"
	}
	return "reference"
}

// spdxHashNames gives the algorithms of SPDX 2.3 §7.10 the names that the model
// has for them: those of CycloneDX 1.6.
var spdxHashNames = map[common.ChecksumAlgorithm]sbom.HashAlgorithm{
	common.SHA1: "SHA-1", common.SHA224: "SHA-224", common.SHA256: "SHA-256", common.SHA384: "SHA-384", common.SHA512: "SHA-512",
}

// spdxEdge says what "A WORD B" means in the vocabulary of SPDX 3.0: the type,
// the scope, and whether it is B that has A.
type spdxEdge struct {
	typ, scope string
	turned     bool
}

// spdxEdges is written from SPDX 2.3 §11.1, the definition of each word, apart
// from the reader's own table.
var spdxEdges = map[string]spdxEdge{
	"DESCRIBES":                   {"describes", "", false},
	"DESCRIBED_BY":                {"describes", "", true},
	"CONTAINS":                    {"contains", "", false},
	"CONTAINED_BY":                {"contains", "", true},
	"PACKAGE_OF":                  {"contains", "", true},
	"OPTIONAL_COMPONENT_OF":       {"contains", "optional", true},
	"DEPENDS_ON":                  {"dependsOn", "", false},
	"DEPENDENCY_OF":               {"dependsOn", "", true},
	"BUILD_DEPENDENCY_OF":         {"dependsOn", "build", true},
	"DEV_DEPENDENCY_OF":           {"dependsOn", "development", true},
	"OPTIONAL_DEPENDENCY_OF":      {"dependsOn", "optional", true},
	"PROVIDED_DEPENDENCY_OF":      {"dependsOn", "provided", true},
	"RUNTIME_DEPENDENCY_OF":       {"dependsOn", "runtime", true},
	"TEST_DEPENDENCY_OF":          {"dependsOn", "test", true},
	"BUILD_TOOL_OF":               {"usesTool", "build", true},
	"DEV_TOOL_OF":                 {"usesTool", "development", true},
	"TEST_TOOL_OF":                {"usesTool", "test", true},
	"GENERATES":                   {"generates", "", false},
	"GENERATED_FROM":              {"generates", "", true},
	"ANCESTOR_OF":                 {"ancestorOf", "", false},
	"DESCENDANT_OF":               {"ancestorOf", "", true},
	"STATIC_LINK":                 {"hasStaticLink", "", false},
	"DYNAMIC_LINK":                {"hasDynamicLink", "", false},
	"HAS_PREREQUISITE":            {"hasPrerequisite", "", false},
	"PREREQUISITE_FOR":            {"hasPrerequisite", "", true},
	"DISTRIBUTION_ARTIFACT":       {"hasDistributionArtifact", "", false},
	"DEPENDENCY_MANIFEST_OF":      {"hasDependencyManifest", "", true},
	"EXAMPLE_OF":                  {"hasExample", "", true},
	"VARIANT_OF":                  {"hasVariant", "", true},
	"PATCH_FOR":                   {"patchedBy", "", true},
	"PATCH_APPLIED":               {"patchedBy", "", true},
	"COPY_OF":                     {"copiedTo", "", true},
	"FILE_ADDED":                  {"hasAddedFile", "", true},
	"FILE_DELETED":                {"hasDeletedFile", "", true},
	"FILE_MODIFIED":               {"modifiedBy", "", true},
	"EXPANDED_FROM_ARCHIVE":       {"expandsTo", "", true},
	"DATA_FILE_OF":                {"hasDataFile", "", true},
	"TEST_CASE_OF":                {"hasTestCase", "", true},
	"TEST_OF":                     {"hasTest", "", true},
	"DOCUMENTATION_OF":            {"hasDocumentation", "", true},
	"METAFILE_OF":                 {"hasMetadata", "", true},
	"AMENDS":                      {"amendedBy", "", true},
	"REQUIREMENT_DESCRIPTION_FOR": {"hasRequirement", "", true},
	"SPECIFICATION_FOR":           {"hasSpecification", "", true},
	"OTHER":                       {"other", "", false},
}

// spdxFacts returns what a document of tools-golang says.
func spdxFacts(doc *v2_3.Document) facts {
	s := &peerSPDX{facts: facts{}, names: names{}}
	for _, p := range doc.Packages {
		s.pack(p)
	}
	for _, f := range doc.Files {
		s.file(f)
	}
	for i := range doc.Snippets {
		s.snippet(&doc.Snippets[i])
	}
	for _, r := range doc.Relationships {
		s.relationship(r)
	}
	s.document(doc)
	return s.facts
}

type peerSPDX struct {
	facts
	names names
}

func (s *peerSPDX) pack(p *v2_3.Package) {
	about := s.names.next("component", spdxRef(p.PackageSPDXIdentifier))
	s.add(about, "is", "component")
	s.add(about, "name", p.PackageName)
	s.add(about, "version", p.PackageVersion)
	s.add(about, "type", strings.ReplaceAll(p.PrimaryPackagePurpose, "_", "-"))
	if p.PackageSupplier != nil {
		s.add(about, "supplier", words(p.PackageSupplier.Supplier, strings.ToLower(p.PackageSupplier.SupplierType)))
	}
	if p.PackageOriginator != nil {
		s.add(about, "originator", words(p.PackageOriginator.Originator, strings.ToLower(p.PackageOriginator.OriginatorType)))
	}
	s.add(about, "copyright", p.PackageCopyrightText)
	s.add(about, "download", p.PackageDownloadLocation)
	s.add(about, "homepage", p.PackageHomePage)
	s.add(about, "description", p.PackageDescription)
	s.add(about, "summary", p.PackageSummary)
	s.add(about, "comment", p.PackageComment)
	s.add(about, "source", p.PackageSourceInfo)
	s.add(about, "file name", p.PackageFileName)
	s.add(about, "files analyzed", fmt.Sprint(p.FilesAnalyzed))
	if v := p.PackageVerificationCode; v != nil {
		s.add(about, "verification code", v.Value)
		s.addAll(about, "excluded file", v.ExcludedFiles)
	}
	for _, r := range p.PackageExternalReferences {
		s.add(about, spdxReferenceField(r.RefType), words(strings.ReplaceAll(r.Category, "_", "-"), r.RefType, r.Locator, r.ExternalRefComment))
	}
	s.checksums(about, p.PackageChecksums)
	s.add(about, "licence declared", p.PackageLicenseDeclared)
	s.add(about, "licence concluded", p.PackageLicenseConcluded)
	s.addAll(about, "licence found", p.PackageLicenseInfoFromFiles)
	s.add(about, "licence comments", p.PackageLicenseComments)
	s.addAll(about, "attribution", p.PackageAttributionTexts)
	s.add(about, "released", peerTime(p.ReleaseDate))
	s.add(about, "built", peerTime(p.BuiltDate))
	s.add(about, "valid until", peerTime(p.ValidUntilDate))
	for i := range p.Annotations {
		s.annotation(about, &p.Annotations[i])
	}
	for _, f := range p.Files {
		s.add("relationships of "+about, "has file", spdxRef(f.FileSPDXIdentifier))
		s.file(f)
	}
}

func (s *peerSPDX) file(f *v2_3.File) {
	about := s.names.next("file", spdxRef(f.FileSPDXIdentifier))
	s.add(about, "is", "file")
	s.add(about, "name", f.FileName)
	s.addAll(about, "type", f.FileTypes)
	s.checksums(about, f.Checksums)
	s.add(about, "licence concluded", f.LicenseConcluded)
	s.addAll(about, "licence found", f.LicenseInfoInFiles)
	s.add(about, "licence comments", f.LicenseComments)
	s.add(about, "copyright", f.FileCopyrightText)
	s.add(about, "comment", f.FileComment)
	s.add(about, "notice", f.FileNotice)
	s.addAll(about, "contributor", f.FileContributors)
	s.addAll(about, "attribution", f.FileAttributionTexts)
	s.addAll("relationships of "+about, "file dependency", f.FileDependencies)
	for i := range f.Annotations {
		s.annotation(about, &f.Annotations[i])
	}
	for _, snippet := range f.Snippets {
		s.snippet(snippet)
	}
}

func (s *peerSPDX) snippet(n *v2_3.Snippet) {
	about := s.names.next("snippet", spdxRef(n.SnippetSPDXIdentifier))
	s.add(about, "is", "snippet")
	s.add(about, "name", n.SnippetName)
	s.add(about, "file", spdxRef(n.SnippetFromFileSPDXIdentifier))
	for _, r := range n.Ranges {
		a, b := r.StartPointer, r.EndPointer
		if a.LineNumber != 0 || b.LineNumber != 0 {
			s.add(about, "range", fmt.Sprint("lines ", a.LineNumber, "-", b.LineNumber))
		} else {
			s.add(about, "range", fmt.Sprint("bytes ", a.Offset, "-", b.Offset))
		}
	}
	s.add(about, "licence concluded", n.SnippetLicenseConcluded)
	s.addAll(about, "licence found", n.LicenseInfoInSnippet)
	s.add(about, "copyright", n.SnippetCopyrightText)
	s.add(about, "comment", n.SnippetComment)
}

func (s *peerSPDX) relationship(r *v2_3.Relationship) {
	from, to := spdxDocRef(r.RefA), spdxDocRef(r.RefB)
	s.add("relationships as written of "+from, r.Relationship, words(to, r.RelationshipComment))
	edge, known := spdxEdges[r.Relationship]
	if !known || edge.turned && r.RefB.SpecialID != "" {
		// NONE and NOASSERTION stand on the right only: not to be turned round.
		edge = spdxEdge{typ: r.Relationship}
	}
	if edge.turned {
		from, to = to, from
	}
	s.add("relationships of "+from, edge.typ, words(to, edge.scope))
}

func (s *peerSPDX) document(doc *v2_3.Document) {
	const about = "document"
	s.add(about, "name", doc.DocumentName)
	s.add(about, "namespace", doc.DocumentNamespace)
	s.add(about, "data license", doc.DataLicense)
	s.add(about, "comment", doc.DocumentComment)
	if c := doc.CreationInfo; c != nil {
		s.add(about, "created", peerTime(c.Created))
		s.add(about, "creator comment", c.CreatorComment)
		s.add(about, "licence list", c.LicenseListVersion)
		for _, p := range c.Creators {
			if p.CreatorType == "Tool" {
				s.add(about, "tool", p.Creator)
			} else {
				s.add(about, "author", words(p.Creator, strings.ToLower(p.CreatorType)))
			}
		}
	}
	for _, e := range doc.ExternalDocumentReferences {
		s.add(about, "external document", words("DocumentRef-"+string(e.DocumentRefID), e.URI, spdxHashName(e.Checksum.Algorithm), e.Checksum.Value))
	}
	for _, l := range doc.OtherLicenses {
		about := s.names.next("licence", l.LicenseIdentifier)
		s.add(about, "is", "extracted licence")
		s.add(about, "name", l.LicenseName)
		s.add(about, "text", l.ExtractedText)
		s.addAll(about, "see also", l.LicenseCrossReferences)
		s.add(about, "comment", l.LicenseComment)
	}
	for _, a := range doc.Annotations {
		s.annotation(s.subject(about, a), a)
	}
}

// subject names what an annotation of the tag-value form is about.
func (s *peerSPDX) subject(document string, a *v2_3.Annotation) string {
	ref := spdxDocRef(a.AnnotationSPDXIdentifier)
	for _, kind := range []string{"component ", "file ", "snippet "} {
		if s.names[kind+ref] > 0 {
			return kind + ref
		}
	}
	return document
}

func (s *peerSPDX) annotation(about string, a *v2_3.Annotation) {
	s.add(about, "annotation", words(words(a.Annotator.Annotator, strings.ToLower(a.Annotator.AnnotatorType)), peerTime(a.AnnotationDate), a.AnnotationType, a.AnnotationComment))
}

func (s *peerSPDX) checksums(about string, list []common.Checksum) {
	for _, c := range list {
		s.add(about, "hash", words(spdxHashName(c.Algorithm), c.Value))
	}
}

func spdxHashName(a common.ChecksumAlgorithm) string {
	if name, ok := spdxHashNames[a]; ok {
		return string(name)
	}
	return string(a)
}

func spdxRef(id common.ElementID) string {
	if id == "" {
		return ""
	}
	return common.RenderElementID(id)
}

func spdxDocRef(id common.DocElementID) string {
	if id == (common.DocElementID{}) {
		return ""
	}
	return common.RenderDocElementID(id)
}

// peerTime is s in UTC, empty if it is not a time of RFC 3339.
func peerTime(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return ""
	}
	return modelTime(t)
}
