// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// semanticCodes are findings of the reader that are judged as semantics.
var semanticCodes = map[string]bool{"sbom.duplicate-id": true, "sbom.dangling": true, "sbom.time": true, codeTagMissing: true, codeTagWord: true}

// semantics holds a document against the rules that its schema cannot state.
// The package comment lists the codes.
type semantics struct {
	doc      *Document
	index    *jsonstrict.Index // of the document's JSON text, nil if there is none
	problems evidence.Problems
	count    map[string]int // by code

	licenses  map[string]licenseText // by text
	extracted map[string]bool        // LicenseRefs that the document defines
	external  map[string]bool        // DocumentRefs that it declares
}

// checkSemantics returns what is wrong with doc, in the order of the rules.
func checkSemantics(doc *Document, index *jsonstrict.Index) evidence.Problems {
	s := &semantics{
		doc: doc, index: index, count: map[string]int{},
		licenses: map[string]licenseText{}, extracted: map[string]bool{}, external: map[string]bool{},
	}
	for i := range doc.ExtractedLicenses {
		s.extracted[doc.ExtractedLicenses[i].ID] = true
	}
	for i := range doc.ExternalDocuments {
		s.external[doc.ExternalDocuments[i].ID] = true
	}
	s.reading()
	if s.spdx2() {
		s.spdxDocument()
	}
	s.created()
	s.root()
	s.references()
	for i := range doc.Components {
		s.component(&doc.Components[i])
	}
	for i := range doc.Services {
		for j := range doc.Services[i].Licenses {
			s.license(doc.Services[i].Licenses[j].Expression, doc.Services[i].Position(), s.licenseMember(doc.Services[i].Licenses, j))
		}
	}
	for i := range doc.Licenses {
		s.license(doc.Licenses[i].Expression, doc.at.position(), "/metadata"+s.licenseMember(doc.Licenses, i))
	}
	for i := range doc.Files {
		s.file(&doc.Files[i])
	}
	for i := range doc.Snippets {
		s.snippet(&doc.Snippets[i])
	}
	s.cycles()
	s.repeatedDependencies()
	return s.problems
}

func (s *semantics) spdx2() bool {
	return s.doc.Format == FormatSPDXJSON || s.doc.Format == FormatSPDXTagValue
}

// report adds a problem, the first mostAlike of each code.
func (s *semantics) report(at Position, code string, severity evidence.Severity, member, format string, args ...any) {
	s.count[code]++
	switch n := s.count[code]; {
	case n <= mostAlike:
		s.problems = append(s.problems, at.Problem(code, severity, evidence.ErrFormat, member, fmt.Sprintf(format, args...)))
	case n == mostAlike+1:
		s.problems = append(s.problems, at.Problem(code, severity, evidence.ErrFormat, member, "more problems of this kind are not listed"))
	}
}

// reading takes over what the reader saw on its way. There it is a warning,
// since it keeps no document from being read; here it breaks a rule.
func (s *semantics) reading() {
	var last evidence.Problem
	for _, p := range s.doc.Problems {
		// An entry with several dependencies names a missing ref once for each.
		if !semanticCodes[p.Code] || p.Pointer == last.Pointer && p.Message == last.Message {
			continue
		}
		last = *p
		last.Severity = evidence.SeverityError
		s.problems = append(s.problems, new(last))
	}
}

// spdxDocument checks the document itself (SPDX 2.3 §6).
func (s *semantics) spdxDocument() {
	doc := s.doc
	at := doc.at.position()
	if doc.Ref != "" && doc.Ref != "SPDXRef-DOCUMENT" {
		s.report(at, "sbom.spdx-id", evidence.SeverityError, "/SPDXID", "SPDXID of the document is %s, want SPDXRef-DOCUMENT (SPDX 2.3 §6.3)", textfmt.Quote(doc.Ref))
	}
	if doc.DataLicense != "" && doc.DataLicense != "CC0-1.0" {
		s.report(at, "sbom.data-license", evidence.SeverityError, "/dataLicense", "dataLicense is %s, want CC0-1.0 (SPDX 2.3 §6.2)", textfmt.Quote(doc.DataLicense))
	}
	switch u, err := url.Parse(doc.Namespace); {
	case doc.Namespace == "":
		s.report(at, "sbom.namespace", evidence.SeverityError, "", "documentNamespace is missing (SPDX 2.3 §6.5)")
	case err != nil || !u.IsAbs():
		s.report(at, "sbom.namespace", evidence.SeverityError, "/documentNamespace", "documentNamespace %s is not an absolute URI (SPDX 2.3 §6.5)", textfmt.Quote(doc.Namespace))
	case strings.Contains(doc.Namespace, "#"):
		s.report(at, "sbom.namespace", evidence.SeverityError, "/documentNamespace", "documentNamespace %s holds a # (SPDX 2.3 §6.5)", textfmt.Quote(doc.Namespace))
	}
	for i := range doc.Authors {
		if p := &doc.Authors[i]; p.Kind == PartyUnknown && p.Name.Stated() {
			s.report(at, "sbom.creator", evidence.SeverityError, "/creationInfo/creators",
				"creator %s is none of Person:, Organization: and Tool: (SPDX 2.3 §6.8)", textfmt.Quote(p.Name.String()))
		}
	}
	for i := range doc.ExternalDocuments {
		if d := &doc.ExternalDocuments[i]; !idString(d.ID, "DocumentRef-") {
			s.report(d.Position(), "sbom.spdx-id", evidence.SeverityError, "/externalDocumentId", "%s is not DocumentRef-[id] (SPDX 2.3 §6.6)", textfmt.Quote(d.ID))
		} else {
			s.hash(&d.Hash, d.Position(), func() string { return "/checksum/checksumValue" })
		}
	}
	for i := range doc.ExtractedLicenses {
		if l := &doc.ExtractedLicenses[i]; !idString(l.ID, "LicenseRef-") {
			s.report(l.Position(), "sbom.spdx-id", evidence.SeverityError, "/licenseId", "%s is not LicenseRef-[id] (SPDX 2.3 §10.1)", textfmt.Quote(l.ID))
		}
	}
}

// idString reports whether s is prefix and one or more letters, digits, "-", "." (and,
// in DocumentRef-, "+").
func idString(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	for i := range len(rest) {
		c := rest[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' ||
			c == '+' && prefix == "DocumentRef-") {
			return false
		}
	}
	return ok && rest != ""
}

// created checks the time of the document beyond its being one.
func (s *semantics) created() {
	doc, member := s.doc, "/metadata/timestamp"
	if s.spdx2() {
		member = "/creationInfo/created"
		// A time that is kept as written is one in another form than SPDX 2.3 §6.9 asks for.
		if raw := doc.MetadataExtras.Get("created"); raw != nil && !doc.Created.IsZero() {
			s.report(doc.at.position(), "sbom.time-form", evidence.SeverityWarning, member,
				"time %s is not in UTC with seconds, as 2010-01-29T18:30:22Z (SPDX 2.3 §6.9)", textfmt.Clip(string(raw), 64))
		}
	}
	// 1970 and 1980 are the zero times of Unix and ZIP; SPDX began in 2011.
	if !doc.Created.IsZero() && doc.Created.Year() < 2009 {
		s.report(doc.at.position(), "sbom.time-placeholder", evidence.SeverityInfo, member, "time %s is older than the format", doc.Created.Format("2006-01-02"))
	}
}

// root wants the document to say what it describes. A lone package of SPDX needs
// no word (SPDX 2.3 §11.1), and a document that lists nothing describes nothing.
func (s *semantics) root() {
	doc := s.doc
	n := len(doc.Components) + len(doc.Files)
	if n == 0 || len(doc.Roots()) > 0 {
		return
	}
	if doc.Format.CycloneDX() {
		s.report(doc.at.position(), "sbom.no-root", evidence.SeverityError, "", "metadata.component is missing: the document does not say what it describes")
	} else if doc.Format == FormatSPDX3JSON {
		s.report(doc.at.position(), "sbom.no-root", evidence.SeverityError, "", "the document does not say what it describes: it has no root element (SPDX 3.0.1 Core, ElementCollection)")
	} else if n > 1 {
		s.report(doc.at.position(), "sbom.no-root", evidence.SeverityError, "", "the document does not say what it describes: it has no DESCRIBES relationship (SPDX 2.3 §11.1)")
	}
}

// references checks identifiers, and what refers to them, beside components and relationships.
func (s *semantics) references() {
	doc := s.doc
	switch {
	case doc.Format.CycloneDX():
		s.textReferences(cdxRefs)
		return
	case doc.Format == FormatSPDX3JSON:
		s.textReferences(spdx3Refs)
		return
	}
	ids := map[string]bool{}
	for id := range doc.IDs() {
		ids[id] = true
	}
	resolve := func(ref string, at Position, member string) {
		if ref != "" && !ids[ref] && !isExternal(ref) {
			s.report(at, "sbom.dangling", evidence.SeverityError, member, "%s names nothing in the document", textfmt.Quote(ref))
		}
	}
	for i := range doc.Snippets {
		n := &doc.Snippets[i]
		resolve(n.File, n.Position(), "/snippetFromFile")
		for j, r := range n.Ranges {
			member := "/ranges/" + strconv.Itoa(j)
			resolve(r.StartFile, n.Position(), member+"/startPointer/reference")
			resolve(r.EndFile, n.Position(), member+"/endPointer/reference")
		}
	}
	unique := func(id string, at Position, member string) {
		if id != "" && ids[id] {
			s.report(at, "sbom.duplicate-id", evidence.SeverityError, member, "identifier %s is used more than once", textfmt.Quote(id))
		}
		ids[id] = true
	}
	for i := range doc.ExtractedLicenses {
		unique(doc.ExtractedLicenses[i].ID, doc.ExtractedLicenses[i].Position(), "/licenseId")
	}
	for i := range doc.ExternalDocuments {
		unique(doc.ExternalDocuments[i].ID, doc.ExternalDocuments[i].Position(), "/externalDocumentId")
	}
}

// file checks a file of SPDX 2.
func (s *semantics) file(f *File) {
	at := f.Position()
	if s.spdx2() && !idString(f.ID, "SPDXRef-") && !strings.HasPrefix(f.ID, "#") {
		s.report(at, "sbom.spdx-id", evidence.SeverityError, "/SPDXID", "%s is not SPDXRef-[id] (SPDX 2.3 §8.2)", textfmt.Quote(f.ID))
	}
	for i := range f.Hashes {
		s.hash(&f.Hashes[i], at, func() string { return s.hashMember(i) })
	}
	if s.spdx2() {
		s.license(f.Concluded, at, "/licenseConcluded")
		for i, l := range f.LicenseInfo {
			s.license(l, at, "/licenseInfoInFiles/"+strconv.Itoa(i))
		}
	}
}

func (s *semantics) snippet(n *Snippet) {
	at := n.Position()
	if s.spdx2() {
		if !idString(n.ID, "SPDXRef-") && !strings.HasPrefix(n.ID, "#") {
			s.report(at, "sbom.spdx-id", evidence.SeverityError, "/SPDXID", "%s is not SPDXRef-[id] (SPDX 2.3 §9.1)", textfmt.Quote(n.ID))
		}
		s.license(n.Concluded, at, "/licenseConcluded")
		for i, l := range n.LicenseInfo {
			s.license(l, at, "/licenseInfoInSnippets/"+strconv.Itoa(i))
		}
	}
	for i := range n.Ranges {
		if r := &n.Ranges[i]; r.Start > r.End {
			s.report(at, "sbom.range", evidence.SeverityError, "/ranges/"+strconv.Itoa(i), "range from %d to %d is backwards (SPDX 2.3 §9.3)", r.Start, r.End)
		}
	}
}

// cycles looks for what cannot be: something inside itself. A circle of
// dependencies is common in some ecosystems, and worth knowing.
func (s *semantics) cycles() {
	self := false
	for i := range s.doc.Relationships {
		r := &s.doc.Relationships[i]
		if r.From != r.To || r.ToState != StateStated {
			continue
		}
		switch {
		case FollowContained(r):
			self = true
			s.report(r.Position(), "sbom.cycle", evidence.SeverityError, "", "%s contains itself", textfmt.Quote(r.From))
		case FollowDependencies(r):
			s.report(r.Position(), "sbom.self-dependency", evidence.SeverityWarning, "", "%s depends on itself", textfmt.Quote(r.From))
		}
	}
	g := s.doc.Graph()
	if cycle := g.Cycle(FollowContained); len(cycle) > 0 && !self {
		s.report(cycle[0].Position(), "sbom.cycle", evidence.SeverityError, "", "%s contains itself: %s", textfmt.Quote(cycle[0].From), circle(cycle))
	}
	if cycle := g.Cycle(FollowDependencies); len(cycle) > 1 {
		s.report(cycle[0].Position(), "sbom.dependency-cycle", evidence.SeverityInfo, "", "dependencies run in a circle: %s", circle(cycle))
	}
}

func circle(cycle []*Relationship) string {
	const most = 5
	var b strings.Builder
	for i, r := range cycle {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(cycle)-most)
			return b.String()
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(textfmt.Quote(r.From))
	}
	return b.String()
}

// repeatedDependencies wants one entry for one component in CycloneDX
// dependencies: two that differ leave open which of them holds.
func (s *semantics) repeatedDependencies() {
	entry := map[string]int32{}
	told := map[int32]bool{}
	for i := range s.doc.Relationships {
		r := &s.doc.Relationships[i]
		if r.Origin != originDependencies {
			continue
		}
		if first, ok := entry[r.From]; !ok {
			entry[r.From] = r.entry
		} else if first != r.entry && !told[r.entry] {
			told[r.entry] = true
			s.report(r.Position(), "sbom.repeated-dependency", evidence.SeverityError, "", "%s has more than one entry in dependencies", textfmt.Quote(r.From))
		}
	}
}

// licenseText is what is known of one licence expression.
type licenseText struct {
	err  *evidence.Problem
	refs []string // LicenseRefs without DocumentRef
	docs []string // DocumentRefs
}

// license checks one licence statement. at and member say where it stands.
func (s *semantics) license(t Text, at Position, member string) {
	if t.State() == StateEmpty {
		s.report(at, "sbom.license", evidence.SeverityError, member, "licence expression is empty, want an expression, NONE or NOASSERTION, or to leave it out")
	}
	if !t.Stated() {
		return
	}
	text := t.String()
	l, ok := s.licenses[text]
	if !ok {
		l = parseLicense(text)
		s.licenses[text] = l
	}
	if l.err != nil {
		code, severity := "sbom.license", evidence.SeverityError
		if l.err.Code == spdxexpr.CodeUnknownLicense || l.err.Code == spdxexpr.CodeUnknownException {
			code = "sbom.license-unknown"
			if newerList(s.doc.LicenseListVersion) {
				severity = evidence.SeverityWarning
			}
		}
		s.report(at, code, severity, member, "licence expression %s: %s", textfmt.Quote(text), l.err.Message)
		return
	}
	if !s.spdx2() {
		return // CycloneDX has no place to define a LicenseRef; in SPDX 3 it is an element
	}
	for _, ref := range l.refs {
		if !s.extracted[ref] {
			s.report(at, "sbom.license-ref", evidence.SeverityError, member, "%s is not among the extracted licences (SPDX 2.3 §10)", textfmt.Quote(ref))
		}
	}
	for _, ref := range l.docs {
		if !s.external[ref] {
			s.report(at, "sbom.license-ref", evidence.SeverityError, member, "%s is not a declared external document (SPDX 2.3 §6.6)", textfmt.Quote(ref))
		}
	}
}

func parseLicense(text string) (l licenseText) {
	e, err := spdxexpr.Parse(text, nil)
	if err != nil {
		l.err, _ = err.(*evidence.Problem)
		return l
	}
	for t := range e.Licenses() {
		switch {
		case t.DocumentRef != "":
			l.docs = append(l.docs, t.DocumentRef)
		case t.IsReference():
			l.refs = append(l.refs, t.ID)
		}
	}
	return l
}

// newerList reports whether a document was made with a later licence list than
// this module knows, "3.40" against "3.29.0".
func newerList(version string) bool {
	parts := func(v string) (major, minor int) {
		m, rest, _ := strings.Cut(v, ".")
		n, _, _ := strings.Cut(rest, ".")
		major, _ = strconv.Atoi(m)
		minor, _ = strconv.Atoi(n)
		return major, minor
	}
	major, minor := parts(version)
	known, knownMinor := parts(spdxexpr.ListVersion)
	return major > known || major == known && minor > knownMinor
}
