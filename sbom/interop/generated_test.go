// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"testing"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
	spdxtag "github.com/spdx/tools-golang/tagvalue"

	"github.com/HailBytes/evidence/sbom"
)

// TestGenerated makes documents of the libraries' types at random, and reads
// them as the libraries write them in each encoding, and from the types
// themselves: what the model says is what was made. No two texts in a document are the same.
func TestGenerated(t *testing.T) {
	var count tally
	for seed := range int64(60) {
		g := &generator{Rand: rand.New(rand.NewSource(seed))}
		spdx := g.spdx()
		made := spdxFacts(spdx)
		count.facts(made)
		count.generated(t, "SPDX JSON", seed, made, written(func(b *bytes.Buffer) error { return spdxjson.Write(spdx, b) }))
		count.generated(t, "FromSPDX", seed, made, func() ([]byte, *sbom.Document, error) {
			doc, err := FromSPDX(spdx, nil)
			return nil, doc, err
		})

		count.generatedTo(t, fmt.Sprint("ToSPDX, seed ", seed), spdxjsonText(t, spdx))

		tag := g.tagValue(spdx)
		made = spdxFacts(tag)
		count.generated(t, "FromSPDX of tag-value", seed, made, func() ([]byte, *sbom.Document, error) {
			doc, err := FromSPDX(tag, nil)
			return nil, doc, err
		})
		count.generated(t, "SPDX tag-value", seed, made, written(func(b *bytes.Buffer) error { return spdxtag.Write(tag, b) }))

		bom := g.bom(cyclonedx.SpecVersion1_6 + cyclonedx.SpecVersion(seed%2))
		made = cyclonedxFacts(bom)
		count.facts(made)
		for encoding, name := range map[cyclonedx.BOMFileFormat]string{cyclonedx.BOMFileFormatJSON: "CycloneDX JSON", cyclonedx.BOMFileFormatXML: "CycloneDX XML"} {
			count.generated(t, name, seed, made, written(func(b *bytes.Buffer) error {
				return cyclonedx.NewBOMEncoder(b, encoding).SetPretty(seed%3 == 0).Encode(bom)
			}))
		}
		count.generated(t, "FromCycloneDX", seed, made, func() ([]byte, *sbom.Document, error) {
			doc, err := FromCycloneDX(bom, nil)
			return nil, doc, err
		})
		count.generatedTo(t, fmt.Sprint("ToCycloneDX, seed ", seed), cyclonedxText(t, bom))
	}
	count.log(t, "")
	count.unused(t, generatedReasons)
}

// written returns a function that reads what write writes.
func written(write func(*bytes.Buffer) error) func() ([]byte, *sbom.Document, error) {
	return func() ([]byte, *sbom.Document, error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return nil, nil, err
		}
		doc, err := sbom.Read(bytes.NewReader(b.Bytes()), nil)
		return b.Bytes(), doc, err
	}
}

// generated compares what was made with what is read of it.
func (t *tally) generated(tb testing.TB, name string, seed int64, made facts, read func() ([]byte, *sbom.Document, error)) {
	data, doc, err := read()
	if err != nil {
		tb.Fatalf("%s, seed %d: %v\n%s", name, seed, err, data)
	}
	t.add("documents: "+name, 1)
	ours, at := factsOf(doc)
	c := &comparison{data: data, doc: doc, ours: ours, peer: made, at: at}
	t.judge(tb, fmt.Sprint(name, ", seed ", seed), c, generatedReasons)
}

// generatedTo takes the document that text is, and that is valid, to the
// library of its standard: it says there what the model says of it, without a loss.
func (t *tally) generatedTo(tb testing.TB, name string, text []byte) {
	doc, err := sbom.Read(bytes.NewReader(text), nil)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	c := &comparison{data: text, doc: doc}
	c.ours, c.at = factsOf(doc)
	if c.peer, _, c.losses, err = toPeerAndBack(doc); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	if len(c.losses) > 0 {
		tb.Errorf("%s: %d losses, the first %+v", name, len(c.losses), c.losses[0])
	}
	t.add("documents: to "+doc.Format.String(), 1)
	t.judge(tb, name, c, nil)
}

func spdxjsonText(tb testing.TB, doc *v2_3.Document) []byte {
	var b bytes.Buffer
	if err := spdxjson.Write(doc, &b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func cyclonedxText(tb testing.TB, bom *cyclonedx.BOM) []byte {
	var b bytes.Buffer
	if err := cyclonedx.NewBOMEncoder(&b, cyclonedx.BOMFileFormatJSON).Encode(bom); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// generator makes values of the libraries' types.
type generator struct {
	*rand.Rand
	n int
}

// word returns a text without anything special.
func (g *generator) word(prefix string) string {
	g.n++
	return fmt.Sprint(prefix, g.n)
}

// text returns a text with something special in it.
func (g *generator) text() string {
	special := []string{"", "", ` "quoted" and \back`, " <b>&amp;</b>", " üñï \U0001F4E6", " a:b # c", " 'x'=y; {z}", "\u2028", " ]]>"}
	return g.word("text-") + special[g.Intn(len(special))] + "."
}

// lines returns a text of several lines, sometimes.
func (g *generator) lines() string {
	if g.Intn(2) == 0 {
		return g.text()
	}
	return g.text() + "\n\n  " + g.text() + "\n" + g.text()
}

func (g *generator) digest(bytes int) string {
	const hex = "0123456789abcdef"
	b := make([]byte, 2*bytes)
	for i := range b {
		b[i] = hex[g.Intn(16)]
	}
	return string(b)
}

// maybe returns v half of the time, and the zero value otherwise.
func maybe[T any](g *generator, v T) T {
	if g.Intn(2) == 0 {
		var zero T
		return zero
	}
	return v
}

// some returns up to n values.
func some[T any](g *generator, n int, f func() T) []T {
	var out []T
	for range g.Intn(n + 1) {
		out = append(out, f())
	}
	return out
}

// distinct returns the values of a list that is a set, sorted.
func distinct[T ~string](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

// oneOf returns one of the values.
func oneOf[T any](g *generator, values ...T) T { return values[g.Intn(len(values))] }

// pointer returns nil for an empty list.
func pointer[T any](list []T) *[]T {
	if len(list) == 0 {
		return nil
	}
	return &list
}

func (g *generator) license() string {
	return oneOf(g, "MIT", "NONE", "NOASSERTION", "Apache-2.0 OR (MIT AND BSD-3-Clause)", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-"+g.word(""))
}

func (g *generator) time() string {
	return fmt.Sprintf("20%02d-%02d-%02dT%02d:%02d:%02dZ", g.Intn(30), 1+g.Intn(12), 1+g.Intn(28), g.Intn(24), g.Intn(60), g.Intn(60))
}

// spdx returns a document in the form of the JSON reader: all in lists of its own.
func (g *generator) spdx() *v2_3.Document {
	doc := &v2_3.Document{
		SPDXVersion: v2_3.Version, DataLicense: v2_3.DataLicense, SPDXIdentifier: "DOCUMENT", DocumentName: g.text(),
		DocumentNamespace: "https://example.com/" + g.word(""), DocumentComment: maybe(g, g.lines()),
		CreationInfo: &v2_3.CreationInfo{
			Created: g.time(), LicenseListVersion: maybe(g, "3.25"), CreatorComment: maybe(g, g.lines()),
			Creators: []common.Creator{
				{CreatorType: "Tool", Creator: g.word("tool-") + "-1.2"}, {CreatorType: "Person", Creator: g.text()},
				{CreatorType: "Organization", Creator: g.text() + " (" + g.word("") + "@example.com)"},
			},
		},
	}
	var ids []common.ElementID
	id := func() common.ElementID {
		ids = append(ids, common.ElementID(g.word("e-")))
		return ids[len(ids)-1]
	}
	doc.Packages = some(g, 4, func() *v2_3.Package { return g.spdxPackage(id()) })
	doc.Files = some(g, 3, func() *v2_3.File { return g.spdxFile(id()) })
	for _, f := range doc.Files {
		if g.Intn(2) == 0 {
			doc.Snippets = append(doc.Snippets, g.spdxSnippet(id(), f.FileSPDXIdentifier))
		}
	}
	ids = append(ids, doc.SPDXIdentifier)
	end := func() common.DocElementID {
		return common.DocElementID{
			ElementRefID: oneOf(g, ids...), DocumentRefID: oneOf(g, "", "", "", common.DocumentID("other")),
		}
	}
	words := slices.Sorted(maps.Keys(spdxEdges))
	doc.Relationships = some(g, 20, func() *v2_3.Relationship {
		r := &v2_3.Relationship{RefA: end(), Relationship: oneOf(g, words...), RefB: end(), RelationshipComment: maybe(g, g.lines())}
		if g.Intn(5) == 0 {
			r.RefB = common.DocElementID{SpecialID: oneOf(g, "NONE", "NOASSERTION")}
		}
		return r
	})
	doc.ExternalDocumentReferences = some(g, 2, func() v2_3.ExternalDocumentRef {
		return v2_3.ExternalDocumentRef{
			DocumentRefID: common.DocumentID(g.word("d-")), URI: "https://example.com/" + g.word(""), Checksum: g.checksum(),
		}
	})
	doc.OtherLicenses = some(g, 2, func() *v2_3.OtherLicense {
		return &v2_3.OtherLicense{
			LicenseIdentifier: g.word("LicenseRef-"), ExtractedText: g.lines(), LicenseName: g.text(),
			LicenseCrossReferences: some(g, 2, func() string { return "https://example.com/" + g.word("") }), LicenseComment: maybe(g, g.lines()),
		}
	})
	doc.Annotations = some(g, 2, func() *v2_3.Annotation { a := g.annotation(); return &a })
	return doc
}

func (g *generator) annotation() v2_3.Annotation {
	return v2_3.Annotation{
		Annotator:      common.Annotator{AnnotatorType: oneOf(g, "Person", "Tool", "Organization"), Annotator: g.text()},
		AnnotationDate: g.time(), AnnotationType: oneOf(g, "OTHER", "REVIEW"), AnnotationComment: g.lines(),
	}
}

func (g *generator) checksum() common.Checksum {
	algorithms := []common.ChecksumAlgorithm{
		common.SHA1, common.SHA224, common.SHA256, common.SHA384, common.SHA512, common.MD2, common.MD4, common.MD5, common.MD6,
		common.SHA3_256, common.SHA3_384, common.SHA3_512, common.BLAKE2b_256, common.BLAKE2b_384, common.BLAKE2b_512, common.BLAKE3, common.ADLER32,
	}
	return common.Checksum{Algorithm: oneOf(g, algorithms...), Value: g.digest(4 + g.Intn(60))}
}

func (g *generator) spdxPackage(id common.ElementID) *v2_3.Package {
	p := &v2_3.Package{
		PackageSPDXIdentifier: id, PackageName: g.text(), PackageVersion: maybe(g, g.text()), PackageFileName: maybe(g, "./"+g.word("file-")),
		PackageDownloadLocation: oneOf(g, "NONE", "NOASSERTION", "git+https://example.com/"+g.word("")),
		FilesAnalyzed:           g.Intn(2) == 0, IsFilesAnalyzedTagPresent: true,
		PackageChecksums: some(g, 3, g.checksum), PackageHomePage: maybe(g, "https://example.com/"+g.word("")), PackageSourceInfo: maybe(g, g.lines()),
		PackageLicenseConcluded: g.license(), PackageLicenseDeclared: g.license(), PackageLicenseComments: maybe(g, g.lines()),
		PackageCopyrightText: oneOf(g, "NONE", "NOASSERTION", g.lines()), PackageSummary: maybe(g, g.lines()), PackageDescription: maybe(g, g.lines()),
		PackageComment: maybe(g, g.lines()), PackageAttributionTexts: some(g, 2, g.lines),
		PrimaryPackagePurpose: oneOf(g, "", "APPLICATION", "FRAMEWORK", "LIBRARY", "CONTAINER", "OPERATING_SYSTEM", "DEVICE", "FIRMWARE", "SOURCE", "ARCHIVE", "FILE", "INSTALL", "OTHER"),
		ReleaseDate:           maybe(g, g.time()), BuiltDate: maybe(g, g.time()), ValidUntilDate: maybe(g, g.time()),
		PackageExternalReferences: some(g, 4, func() *v2_3.PackageExternalReference {
			of := oneOf(g, [][2]string{
				{"SECURITY", "cpe23Type"}, {"SECURITY", "cpe22Type"}, {"SECURITY", "advisory"}, {"SECURITY", "fix"}, {"SECURITY", "swid"},
				{"PACKAGE-MANAGER", "purl"}, {"PACKAGE-MANAGER", "npm"}, {"PERSISTENT-ID", "swh"}, {"PERSISTENT-ID", "gitoid"}, {"OTHER", "purl"}, {"OTHER", "mine"},
			}...)
			return &v2_3.PackageExternalReference{Category: of[0], RefType: of[1], Locator: g.word("locator:"), ExternalRefComment: maybe(g, g.lines())}
		}),
	}
	if g.Intn(2) == 0 {
		p.PackageSupplier = &common.Supplier{SupplierType: "Organization", Supplier: g.text()}
		p.PackageOriginator = &common.Originator{Originator: "NOASSERTION"}
	} else {
		p.PackageSupplier = &common.Supplier{Supplier: "NOASSERTION"}
		p.PackageOriginator = &common.Originator{OriginatorType: "Person", Originator: g.text() + " (a@example.com)"}
	}
	if p.FilesAnalyzed {
		p.PackageVerificationCode = &common.PackageVerificationCode{Value: g.digest(20), ExcludedFiles: some(g, 1, func() string { return "./" + g.word("file-") })}
		p.PackageLicenseInfoFromFiles = some(g, 3, g.license)
	}
	return p
}

func (g *generator) spdxFile(id common.ElementID) *v2_3.File {
	return &v2_3.File{
		FileSPDXIdentifier: id, FileName: "./" + g.word("file-"), FileTypes: some(g, 2, func() string { return oneOf(g, "SOURCE", "BINARY", "TEXT", "SPDX") }),
		Checksums: append(some(g, 2, g.checksum), g.checksum()), LicenseConcluded: g.license(), LicenseInfoInFiles: append(some(g, 2, g.license), g.license()),
		LicenseComments: maybe(g, g.lines()), FileCopyrightText: oneOf(g, "NONE", "NOASSERTION", g.lines()), FileComment: maybe(g, g.lines()),
		FileNotice: maybe(g, g.lines()), FileContributors: some(g, 2, g.text), FileAttributionTexts: some(g, 2, g.lines),
	}
}

func (g *generator) spdxSnippet(id, file common.ElementID) v2_3.Snippet {
	at := func(line bool) common.SnippetRange {
		a := common.SnippetRangePointer{FileSPDXIdentifier: file}
		b := a
		if line {
			a.LineNumber = 1 + g.Intn(9)
			b.LineNumber = a.LineNumber + g.Intn(9)
		} else {
			a.Offset = 1 + g.Intn(9)
			b.Offset = a.Offset + g.Intn(9)
		}
		return common.SnippetRange{StartPointer: a, EndPointer: b}
	}
	s := v2_3.Snippet{
		SnippetSPDXIdentifier: id, SnippetFromFileSPDXIdentifier: file, Ranges: []common.SnippetRange{at(false)}, SnippetLicenseConcluded: g.license(),
		LicenseInfoInSnippet: some(g, 2, g.license), SnippetCopyrightText: oneOf(g, "NONE", g.lines()), SnippetComment: maybe(g, g.lines()), SnippetName: g.text(),
	}
	if g.Intn(2) == 0 {
		s.Ranges = append(s.Ranges, at(true))
	}
	return s
}

// tagValue returns doc in the form of the tag-value reader: files in packages, snippets in files.
func (g *generator) tagValue(doc *v2_3.Document) *v2_3.Document {
	out := *doc
	out.Files, out.Snippets, out.Packages = nil, nil, nil
	for _, p := range doc.Packages {
		copied := *p
		out.Packages = append(out.Packages, &copied)
	}
	for _, f := range doc.Files {
		copied := *f
		for i := range doc.Snippets {
			if s := doc.Snippets[i]; s.SnippetFromFileSPDXIdentifier == f.FileSPDXIdentifier {
				copied.Snippets = map[common.ElementID]*v2_3.Snippet{s.SnippetSPDXIdentifier: &s}
			}
		}
		if len(out.Packages) == 0 || g.Intn(3) == 0 {
			out.Files = append(out.Files, &copied)
			continue
		}
		p := oneOf(g, out.Packages...)
		p.Files = append(p.Files, &copied)
	}
	out.Annotations = nil
	for _, a := range doc.Annotations {
		copied := *a
		copied.AnnotationSPDXIdentifier = common.DocElementID{ElementRefID: doc.SPDXIdentifier}
		if len(out.Packages) > 0 {
			copied.AnnotationSPDXIdentifier.ElementRefID = oneOf(g, doc.SPDXIdentifier, out.Packages[0].PackageSPDXIdentifier)
		}
		out.Annotations = append(out.Annotations, &copied)
	}
	return &out
}

// bom returns a BOM of a version from 1.6 on.
func (g *generator) bom(version cyclonedx.SpecVersion) *cyclonedx.BOM {
	bom := cyclonedx.NewBOM()
	bom.SpecVersion, bom.XMLNS, bom.JSONSchema = version, "http://cyclonedx.org/schema/bom/"+version.String(), ""
	bom.SerialNumber = "urn:uuid:" + g.digest(4) + "-" + g.digest(2) + "-" + g.digest(2) + "-" + g.digest(2) + "-" + g.digest(6)
	bom.Version = 1 + g.Intn(9)
	var refs []string
	ref := func() string {
		refs = append(refs, g.word("ref-"))
		return refs[len(refs)-1]
	}
	root := g.component(ref, 1)
	bom.Metadata = &cyclonedx.Metadata{
		Timestamp: g.time(), Component: &root, Supplier: g.entity(), Manufacturer: g.entity(), Properties: pointer(some(g, 2, g.property)),
		Lifecycles: pointer(some(g, 2, func() cyclonedx.Lifecycle {
			if g.Intn(2) == 0 {
				return cyclonedx.Lifecycle{Phase: cyclonedx.LifecyclePhaseBuild}
			}
			return cyclonedx.Lifecycle{Name: g.text(), Description: g.lines()}
		})),
		Authors:  pointer(some(g, 2, g.contact)),
		Licenses: g.licenses(),
		Tools: &cyclonedx.ToolsChoice{
			Components: &[]cyclonedx.Component{{Type: "application", Group: g.text(), Name: g.text(), Version: g.text(), Hashes: pointer(some(g, 2, g.hash))}},
			Services:   &[]cyclonedx.Service{{Name: g.text(), Version: g.text()}},
		},
	}
	bom.Components = pointer(some(g, 4, func() cyclonedx.Component { return g.component(ref, 2) }))
	bom.Services = pointer(some(g, 2, func() cyclonedx.Service { return g.service(ref, 1) }))
	bom.ExternalReferences = pointer(some(g, 2, g.reference))
	bom.Properties = pointer(some(g, 2, g.property))
	var dependencies []cyclonedx.Dependency
	for _, r := range refs {
		if g.Intn(3) > 0 {
			d := cyclonedx.Dependency{Ref: r, Dependencies: pointer(distinct(some(g, 3, func() string { return oneOf(g, refs...) })))}
			if g.Intn(4) == 0 {
				d.Provides = &[]string{oneOf(g, refs...)}
			}
			dependencies = append(dependencies, d)
		}
	}
	bom.Dependencies = pointer(dependencies)
	bomRef := func() cyclonedx.BOMReference { return cyclonedx.BOMReference(oneOf(g, refs...)) }
	bom.Compositions = pointer(some(g, 2, func() cyclonedx.Composition {
		return cyclonedx.Composition{
			BOMRef: g.word("composition-"), Aggregate: oneOf(g, cyclonedx.CompositionAggregateComplete, cyclonedx.CompositionAggregateUnknown, cyclonedx.CompositionAggregateIncompleteFirstPartyOnly),
			Assemblies: pointer(distinct(some(g, 2, bomRef))), Dependencies: pointer(distinct(some(g, 2, bomRef))),
		}
	}))
	bom.Vulnerabilities = pointer(some(g, 2, func() cyclonedx.Vulnerability { return g.vulnerability(refs) }))
	bom.Annotations = pointer(some(g, 2, func() cyclonedx.Annotation {
		return cyclonedx.Annotation{
			BOMRef: g.word("annotation-"), Subjects: &[]cyclonedx.BOMReference{bomRef()}, Timestamp: g.time(), Text: g.lines(),
			Annotator: &cyclonedx.Annotator{Individual: &cyclonedx.OrganizationalContact{Name: g.text()}},
		}
	}))
	return bom
}

func (g *generator) component(ref func() string, depth int) cyclonedx.Component {
	c := cyclonedx.Component{
		BOMRef: ref(), MIMEType: maybe(g, "text/plain"), Supplier: g.entity(), Manufacturer: g.entity(), Publisher: maybe(g, g.text()),
		Type:  oneOf(g, cyclonedx.ComponentTypeLibrary, cyclonedx.ComponentTypeContainer, cyclonedx.ComponentTypeOS, cyclonedx.ComponentTypeFile, cyclonedx.ComponentTypeMachineLearningModel),
		Group: maybe(g, g.text()), Name: g.text(), Version: maybe(g, g.text()), Description: maybe(g, g.lines()),
		Scope:  oneOf(g, "", cyclonedx.ScopeRequired, cyclonedx.ScopeOptional, cyclonedx.ScopeExcluded),
		Hashes: pointer(some(g, 3, g.hash)), Licenses: g.licenses(), Copyright: maybe(g, g.lines()),
		CPE: maybe(g, oneOf(g, "cpe:2.3:a:b:", "cpe:/a:b:")+g.word("")), PackageURL: maybe(g, "pkg:npm/%40scope/"+g.word("")+"@1.0?a=b#c"),
		OmniborID:          pointer(some(g, 2, func() string { return "gitoid:blob:sha1:" + g.digest(20) })),
		SWHID:              pointer(some(g, 2, func() string { return "swh:1:cnt:" + g.digest(20) })),
		ExternalReferences: pointer(some(g, 2, g.reference)), Properties: pointer(some(g, 3, g.property)), Tags: pointer(some(g, 2, func() string { return g.word("tag-") })),
	}
	if g.Intn(3) == 0 {
		c.SWID = &cyclonedx.SWID{TagID: g.word("swid-"), Name: g.text(), Version: g.word("v"), URL: maybe(g, "https://example.com/"+g.word(""))}
	}
	if g.Intn(3) == 0 {
		bare := func() cyclonedx.Component {
			return cyclonedx.Component{Type: cyclonedx.ComponentTypeLibrary, Name: g.text(), Version: g.text(), Hashes: pointer(some(g, 1, g.hash)), Licenses: g.licenses()}
		}
		c.Pedigree = &cyclonedx.Pedigree{
			Ancestors: pointer(some(g, 2, bare)), Descendants: pointer(some(g, 1, bare)), Variants: pointer(some(g, 1, bare)), Notes: maybe(g, g.lines()),
			Commits: &[]cyclonedx.Commit{{UID: g.digest(20), URL: "https://example.com/" + g.word(""), Message: maybe(g, g.lines())}},
		}
	}
	if g.Intn(3) == 0 {
		c.Evidence = &cyclonedx.Evidence{
			Licenses: g.licenses(), Copyright: pointer(some(g, 2, func() cyclonedx.Copyright { return cyclonedx.Copyright{Text: g.lines()} })),
			Occurrences: pointer(some(g, 2, func() cyclonedx.EvidenceOccurrence { return cyclonedx.EvidenceOccurrence{Location: g.text()} })),
			Identity:    &cyclonedx.EvidenceIdentityChoice{Identities: &[]cyclonedx.EvidenceIdentity{{Field: cyclonedx.EvidenceIdentityFieldTypeName, ConcludedValue: g.text()}}},
		}
	}
	if depth > 0 {
		c.Components = pointer(some(g, 2, func() cyclonedx.Component { return g.component(ref, depth-1) }))
	}
	return c
}

func (g *generator) service(ref func() string, depth int) cyclonedx.Service {
	s := cyclonedx.Service{
		BOMRef: ref(), Provider: g.entity(), Group: maybe(g, g.text()), Name: g.text(), Version: maybe(g, g.text()), Description: maybe(g, g.lines()),
		Endpoints: pointer(some(g, 2, func() string { return "https://example.com/?a=b&c=" + g.word("") })), Authenticated: maybe(g, cyclonedx.Bool(g.Intn(2) == 0)),
		CrossesTrustBoundary: maybe(g, cyclonedx.Bool(g.Intn(2) == 0)), TrustZone: maybe(g, g.text()), Licenses: g.licenses(),
		ExternalReferences: pointer(some(g, 2, g.reference)), Properties: pointer(some(g, 2, g.property)), Tags: pointer(some(g, 2, func() string { return g.word("tag-") })),
	}
	if depth > 0 {
		s.Services = pointer(some(g, 2, func() cyclonedx.Service { return g.service(ref, depth-1) }))
	}
	return s
}

// licenses are one expression or several licences, as CycloneDX before 1.7 wants them.
func (g *generator) licenses() *cyclonedx.Licenses {
	kind := func() *cyclonedx.LicenseAcknowledgement {
		return oneOf(g, nil, new(cyclonedx.LicenseAcknowledgementDeclared), new(cyclonedx.LicenseAcknowledgementConcluded))
	}
	if g.Intn(3) == 0 {
		return &cyclonedx.Licenses{{Expression: "Apache-2.0 AND (MIT OR GPL-2.0-or-later)", Acknowledgement: kind(), BOMRef: maybe(g, g.word("licence-"))}}
	}
	list := some(g, 3, func() cyclonedx.LicenseChoice {
		l := &cyclonedx.License{BOMRef: maybe(g, g.word("licence-")), URL: maybe(g, "https://example.com/"+g.word("")), Properties: pointer(some(g, 1, g.property))}
		if k := kind(); k != nil {
			l.Acknowledgement = *k
		}
		if g.Intn(2) == 0 {
			l.ID = "MIT"
		} else {
			l.Name = g.text()
		}
		if g.Intn(3) == 0 {
			l.Text = &cyclonedx.AttachedText{ContentType: "text/plain", Content: g.lines()}
		}
		return cyclonedx.LicenseChoice{License: l}
	})
	if len(list) == 0 {
		return nil
	}
	licenses := cyclonedx.Licenses(list)
	return &licenses
}

func (g *generator) hash() cyclonedx.Hash {
	algorithms := []cyclonedx.HashAlgorithm{
		cyclonedx.HashAlgoMD5, cyclonedx.HashAlgoSHA1, cyclonedx.HashAlgoSHA256, cyclonedx.HashAlgoSHA384, cyclonedx.HashAlgoSHA512, cyclonedx.HashAlgoSHA3_256,
		cyclonedx.HashAlgoSHA3_384, cyclonedx.HashAlgoSHA3_512, cyclonedx.HashAlgoBlake2b_256, cyclonedx.HashAlgoBlake2b_384, cyclonedx.HashAlgoBlake2b_512, cyclonedx.HashAlgoBlake3,
	}
	return cyclonedx.Hash{Algorithm: oneOf(g, algorithms...), Value: g.digest(oneOf(g, 16, 20, 32, 48, 64))}
}

func (g *generator) reference() cyclonedx.ExternalReference {
	return cyclonedx.ExternalReference{
		Type: oneOf(g, cyclonedx.ERTypeVCS, cyclonedx.ERTypeWebsite, cyclonedx.ERTypeDistribution, cyclonedx.ERTypeOther), URL: "https://example.com/?a=b&c=" + g.word(""),
		Comment: maybe(g, g.lines()), Hashes: pointer(some(g, 2, g.hash)),
	}
}

func (g *generator) property() cyclonedx.Property {
	return cyclonedx.Property{Name: g.word("name:"), Value: g.text()}
}

func (g *generator) contact() cyclonedx.OrganizationalContact {
	return cyclonedx.OrganizationalContact{Name: g.text(), Email: maybe(g, g.word("")+"@example.com"), Phone: maybe(g, g.word("+1-"))}
}

func (g *generator) entity() *cyclonedx.OrganizationalEntity {
	if g.Intn(2) == 0 {
		return nil
	}
	return &cyclonedx.OrganizationalEntity{
		Name: g.text(), URL: pointer(some(g, 2, func() string { return "https://example.com/" + g.word("") })), Contact: pointer(some(g, 2, g.contact)),
	}
}

func (g *generator) vulnerability(refs []string) cyclonedx.Vulnerability {
	score := float64(g.Intn(100)) / 10
	return cyclonedx.Vulnerability{
		BOMRef: g.word("vulnerability-"), ID: g.word("CVE-2026-"), Source: &cyclonedx.Source{Name: g.text(), URL: "https://example.com/" + g.word("")},
		References: pointer(some(g, 2, func() cyclonedx.VulnerabilityReference {
			return cyclonedx.VulnerabilityReference{ID: g.word("GHSA-"), Source: &cyclonedx.Source{Name: g.text()}}
		})),
		Ratings:     &[]cyclonedx.VulnerabilityRating{{Score: &score, Severity: cyclonedx.SeverityHigh, Method: cyclonedx.ScoringMethodCVSSv31, Vector: g.word("AV:")}},
		CWEs:        pointer(some(g, 2, func() int { return 1 + g.Intn(1000) })),
		Description: maybe(g, g.lines()), Detail: maybe(g, g.lines()), Recommendation: maybe(g, g.lines()),
		Advisories: pointer(some(g, 2, func() cyclonedx.Advisory {
			return cyclonedx.Advisory{Title: g.text(), URL: "https://example.com/" + g.word("")}
		})),
		Analysis: &cyclonedx.VulnerabilityAnalysis{
			State: cyclonedx.IASNotAffected, Justification: cyclonedx.IAJCodeNotReachable, Detail: maybe(g, g.lines()),
			Response: &[]cyclonedx.ImpactAnalysisResponse{cyclonedx.IARWillNotFix, cyclonedx.IARUpdate},
		},
		Affects: &[]cyclonedx.Affects{{Ref: oneOf(g, refs...), Range: &[]cyclonedx.AffectedVersions{
			{Version: g.word("1."), Status: cyclonedx.VulnerabilityStatusAffected}, {Range: "vers:npm/<" + g.word("2."), Status: cyclonedx.VulnerabilityStatusNotAffected},
		}}},
		Properties: pointer(some(g, 2, g.property)),
	}
}
