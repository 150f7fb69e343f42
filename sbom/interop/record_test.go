// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence/sbom"
)

// fact is one thing that a document says. What it is about is named in a way
// that both readers can tell: the kind of element, its identifier as written
// and, from the second of that identifier on, a number.
type fact struct{ about, field, value string }

// facts is what a document says: a multiset, as lists have no order here.
type facts map[fact]int

// add adds a fact. The peers do not tell an empty value from one that is left out.
func (f facts) add(about, field, value string) {
	if value != "" {
		f[fact{about, field, value}]++
	}
}

// addAll adds the facts of a list.
func (f facts) addAll(about, field string, values []string) {
	for _, v := range values {
		f.add(about, field, v)
	}
}

// names gives elements their names.
type names map[string]int

func (n names) next(kind, ref string) string {
	name := kind + " " + ref
	n[name]++
	if n[name] > 1 {
		return fmt.Sprint(name, " (", n[name], ")")
	}
	return name
}

// words joins the parts of a value.
func words(parts ...string) string {
	return strings.TrimRight(strings.Join(parts, " | "), " |")
}

// difference is what two readers say differently of one field.
type difference struct {
	about, field string
	ours, peer   []string // values that only the one has, sorted
}

func (d difference) String() string {
	return fmt.Sprintf("%s, %s: the model has %q, the peer %q", d.about, d.field, d.ours, d.peer)
}

// compare returns the differences, in order of element and field.
func compare(ours, peer facts) []difference {
	type place struct{ about, field string }
	found := map[place]*difference{}
	only := func(a, b facts, list func(*difference) *[]string) {
		for k, n := range a {
			for range n - b[k] {
				p := place{k.about, k.field}
				if found[p] == nil {
					found[p] = &difference{about: k.about, field: k.field}
				}
				l := list(found[p])
				*l = append(*l, k.value)
			}
		}
	}
	only(ours, peer, func(d *difference) *[]string { return &d.ours })
	only(peer, ours, func(d *difference) *[]string { return &d.peer })
	var out []difference
	for _, d := range found {
		slices.Sort(d.ours)
		slices.Sort(d.peer)
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b difference) int {
		if c := strings.Compare(a.about, b.about); c != 0 {
			return c
		}
		return strings.Compare(a.field, b.field)
	})
	return out
}

// factsOf returns what a document says by its public fields, in the words of
// its format, and the JSON Pointer of the element that says each.
func factsOf(doc *sbom.Document) (facts, map[fact]string) {
	m := &modelFacts{facts: facts{}, at: map[fact]string{}, names: names{}, byID: map[string]string{}, doc: doc}
	m.elements()
	m.relationships()
	m.document()
	return m.facts, m.at
}

type modelFacts struct {
	facts   facts
	at      map[fact]string
	pointer string // of the element that facts are added of
	names   names
	byID    map[string]string // names of elements
	doc     *sbom.Document
}

func (m *modelFacts) add(about, field, value string) {
	m.facts.add(about, field, value)
	m.at[fact{about, field, value}] = m.pointer
}

func (m *modelFacts) addAll(about, field string, values []string) {
	for _, v := range values {
		m.add(about, field, v)
	}
}

// ref is an identifier as the document writes it, of one that may be the model's own.
func (m *modelFacts) ref(id string) string {
	if id == m.doc.ID && m.doc.Ref != "" {
		return m.doc.Ref
	}
	return id
}

func (m *modelFacts) elements() {
	for i := range m.doc.Components {
		c := &m.doc.Components[i]
		about := m.names.next("component", c.Ref)
		m.pointer = c.Position().Pointer
		m.byID[c.ID] = about
		m.component(about, c)
	}
	for i := range m.doc.Files {
		f := &m.doc.Files[i]
		about := m.names.next("file", modelRef(f.ID, f.Extras))
		m.pointer = f.Position().Pointer
		m.byID[f.ID] = about
		m.file(about, f)
	}
	for i := range m.doc.Snippets {
		s := &m.doc.Snippets[i]
		about := m.names.next("snippet", modelRef(s.ID, s.Extras))
		m.pointer = s.Position().Pointer
		m.byID[s.ID] = about
		m.snippet(about, s)
	}
	for i := range m.doc.Services {
		s := &m.doc.Services[i]
		about := m.names.next("service", s.Ref)
		m.pointer = s.Position().Pointer
		m.byID[s.ID] = about
		m.service(about, s)
	}
}

// modelRef is the identifier as written of what has no Ref: its ID, unless that is the model's own.
func modelRef(id string, ex sbom.Extras) string {
	if raw := ex.Get("SPDXID"); raw != nil {
		return strings.Trim(string(raw), `"`)
	}
	if strings.HasPrefix(id, "#") {
		return ""
	}
	return id
}

func (m *modelFacts) component(about string, c *sbom.Component) {
	spdx := m.doc.Format.SPDX()
	m.add(about, "is", "component")
	m.add(about, "name", c.Name.Written())
	m.add(about, "version", c.Version.Written())
	if spdx {
		m.add(about, "type", spdxPurpose(c.Type))
	} else {
		m.add(about, "type", string(c.Type))
	}
	m.add(about, "group", c.Group.Written())
	m.add(about, "scope", c.Scope)
	m.add(about, "supplier", modelParty(c.Supplier, spdx))
	m.add(about, "originator", modelParty(c.Originator, spdx))
	m.add(about, "publisher", c.Publisher.Written())
	m.add(about, "author", c.Author.Written())
	m.add(about, "copyright", c.Copyright.Written())
	m.add(about, "download", c.DownloadLocation.Written())
	m.add(about, "homepage", c.Homepage.Written())
	m.add(about, "description", c.Description)
	m.add(about, "summary", c.Summary)
	m.add(about, "comment", c.Comment)
	m.add(about, "source", c.SourceInfo)
	m.add(about, "file name", c.FileName)
	m.add(about, "mime type", c.MIMEType)
	if spdx {
		// SPDX 2.3 §7.8: true where it is left out.
		m.add(about, "files analyzed", fmt.Sprint(c.FilesAnalyzed == nil || *c.FilesAnalyzed))
	}
	if v := c.VerificationCode; v != nil {
		m.add(about, "verification code", v.Value)
		m.addAll(about, "excluded file", v.Excluded)
	}
	if c.SWID != nil {
		m.add(about, "swid", words(c.SWID.TagID, c.SWID.Name, c.SWID.Version, c.SWID.URL))
	}
	for _, id := range c.Identifiers {
		if !spdx || !slices.ContainsFunc(c.ExternalReferences, func(r sbom.ExternalReference) bool {
			return r.Type == spdxReferenceOf[id.Kind][1] && r.Locator == id.Value
		}) {
			m.identifier(about, id, spdx)
		}
	}
	m.references(about, c.ExternalReferences)
	m.hashes(about, "hash", c.Hashes)
	m.licenses(about, "", c.Licenses, spdx)
	m.properties(about, c.Properties)
	m.annotations(about, c.Annotations)
	if d := c.Detail; d != nil {
		m.add(about, "licence comments", d.LicenseComments)
		m.addAll(about, "attribution", d.AttributionTexts)
		m.add(about, "released", modelTime(d.Released))
		m.add(about, "built", modelTime(d.Built))
		m.add(about, "valid until", modelTime(d.ValidUntil))
		m.addAll(about, "tag", d.Tags)
		m.add(about, "version range", d.VersionRange)
	}
	if p := c.Pedigree; p != nil {
		m.relatives(about, "ancestor", p.Ancestors)
		m.relatives(about, "descendant", p.Descendants)
		m.relatives(about, "variant", p.Variants)
		for _, v := range p.Commits {
			m.add(about, "commit", words(v.UID, v.URL, v.Message))
		}
		m.add(about, "pedigree notes", p.Notes)
	}
	if e := c.Evidence; e != nil {
		m.licenses(about, "evidence ", e.Licenses, spdx)
		m.addAll(about, "evidence copyright", e.Copyright)
		for _, o := range e.Occurrences {
			m.add(about, "occurrence", o.Location)
		}
		for _, i := range e.Identity {
			m.add(about, "identity", words(i.Field, i.Value))
		}
	}
}

func (m *modelFacts) relatives(about, kind string, list []sbom.Component) {
	for i := range list {
		m.component(fmt.Sprint(about, ", ", kind, " ", i), &list[i])
	}
}

func (m *modelFacts) identifier(about string, id sbom.Identifier, spdx bool) {
	if spdx {
		ref := spdxReferenceOf[id.Kind]
		m.add(about, spdxReferenceField(ref[1]), words(ref[0], ref[1], id.Value))
		return
	}
	field := id.Kind.String()
	if field == "cpe22" || field == "cpe23" {
		field = "cpe"
	}
	m.add(about, field, id.Value)
}

func (m *modelFacts) references(about string, list []sbom.ExternalReference) {
	for _, r := range list {
		if m.doc.Format.SPDX() {
			m.add(about, spdxReferenceField(r.Type), words(strings.ReplaceAll(r.Category, "_", "-"), r.Type, r.Locator, r.Comment))
			continue
		}
		m.add(about, "reference", words(r.Type, r.Locator, r.Comment))
		m.hashes(about, "hash of "+r.Locator, r.Hashes)
	}
}

func (m *modelFacts) hashes(about, field string, list []sbom.Hash) {
	for _, h := range list {
		m.add(about, field, words(string(h.Algorithm), h.Value))
	}
}

func (m *modelFacts) licenses(about, prefix string, list []sbom.License, spdx bool) {
	for _, l := range list {
		if spdx {
			m.add(about, prefix+"licence "+l.Kind.String(), l.Expression.Written())
			continue
		}
		var d sbom.LicenseDetail
		if l.Detail != nil {
			d = *l.Detail
		}
		text := ""
		if d.Text != nil {
			text = words(d.Text.ContentType, d.Text.Encoding, d.Text.Content)
		}
		m.add(about, prefix+"licence", words(l.Expression.Written(), l.Name, l.Kind.String(), d.Ref, d.URL, text))
		m.properties(about, d.Properties)
	}
}

func (m *modelFacts) properties(about string, list []sbom.Property) {
	for _, p := range list {
		m.add(about, "property", words(p.Name, p.Value))
	}
}

func (m *modelFacts) annotations(about string, list []sbom.Annotation) {
	for _, a := range list {
		if m.doc.Format.SPDX() {
			m.add(about, "annotation", words(modelParty(a.Annotator, true), modelTime(a.Date), a.Type, a.Text))
			continue
		}
		m.add("annotation", "text", words(a.Ref, a.Text))
		m.addAll("annotation", "subject", a.Subjects)
	}
}

func (m *modelFacts) file(about string, f *sbom.File) {
	m.add(about, "is", "file")
	m.add(about, "name", f.Name)
	m.addAll(about, "type", f.Types)
	m.hashes(about, "hash", f.Hashes)
	m.add(about, "licence concluded", f.Concluded.Written())
	for _, l := range f.LicenseInfo {
		m.add(about, "licence found", l.Written())
	}
	m.add(about, "copyright", f.Copyright.Written())
	m.add(about, "comment", f.Comment)
	if d := f.Detail; d != nil {
		m.add(about, "licence comments", d.LicenseComments)
		m.add(about, "notice", d.Notice)
		m.addAll(about, "contributor", d.Contributors)
		m.addAll(about, "attribution", d.AttributionTexts)
		m.annotations(about, d.Annotations)
	}
}

func (m *modelFacts) snippet(about string, s *sbom.Snippet) {
	m.add(about, "is", "snippet")
	m.add(about, "name", s.Name)
	m.add(about, "file", s.File)
	for _, r := range s.Ranges {
		m.add(about, "range", fmt.Sprint(map[bool]string{false: "bytes", true: "lines"}[r.Lines], " ", r.Start, "-", r.End))
	}
	m.add(about, "licence concluded", s.Concluded.Written())
	for _, l := range s.LicenseInfo {
		m.add(about, "licence found", l.Written())
	}
	m.add(about, "copyright", s.Copyright.Written())
	m.add(about, "comment", s.Comment)
	m.annotations(about, s.Annotations)
}

func (m *modelFacts) service(about string, s *sbom.Service) {
	m.add(about, "is", "service")
	m.add(about, "group", s.Group.Written())
	m.add(about, "name", s.Name.Written())
	m.add(about, "version", s.Version.Written())
	m.add(about, "provider", modelParty(s.Provider, false))
	m.add(about, "description", s.Description)
	m.addAll(about, "endpoint", s.Endpoints)
	m.add(about, "authenticated", modelBool(s.Authenticated))
	m.add(about, "crosses boundary", modelBool(s.CrossesBoundary))
	m.add(about, "trust zone", s.TrustZone)
	m.addAll(about, "tag", s.Tags)
	m.licenses(about, "", s.Licenses, false)
	m.references(about, s.ExternalReferences)
	m.properties(about, s.Properties)
}

// relationships adds every edge twice: in the one direction of the model, and
// in the words of the document.
func (m *modelFacts) relationships() {
	for i := range m.doc.Relationships {
		r := &m.doc.Relationships[i]
		m.pointer = r.Position().Pointer
		from, to := m.ref(r.From), m.ref(r.To)
		switch r.Origin.String() {
		case "nested":
			m.add("nesting", m.byID[r.From], m.byID[r.To])
			continue
		case "metadata":
			m.add("document", "describes", m.byID[r.To])
			continue
		case "dependencies":
			if r.ToState == sbom.StateStated {
				m.add("dependencies of "+from, string(r.Type), to)
			} else {
				m.add("dependencies of "+from, "entry", "without dependencies")
			}
			continue
		case "hasFiles":
			m.add("relationships of "+m.byID[r.From], "has file", to)
			continue
		case "fileDependencies":
			m.add("relationships of "+m.byID[r.From], "file dependency", to)
			continue
		case "documentDescribes":
			m.add("relationships of the document", "documentDescribes", to)
			continue
		}
		switch r.ToState {
		case sbom.StateNone:
			to = "NONE"
		case sbom.StateNoAssertion:
			to = "NOASSERTION"
		}
		m.add("relationships of "+from, string(r.Type), words(to, r.Scope.String()))
		if r.Inverse() {
			from, to = to, from
		}
		m.add("relationships as written of "+from, r.Written(), words(to, r.Comment))
	}
}

func (m *modelFacts) document() {
	const about = "document"
	d := m.doc
	m.pointer = ""
	m.add(about, "name", d.Name.Written())
	m.add(about, "namespace", d.Namespace)
	if d.Revision != 0 {
		m.add(about, "revision", fmt.Sprint(d.Revision))
	}
	m.add(about, "data license", d.DataLicense)
	m.add(about, "comment", d.Comment)
	m.add(about, "created", modelTime(d.Created))
	m.add(about, "creator comment", d.CreatorComment)
	m.add(about, "licence list", d.LicenseListVersion)
	for i := range d.Authors {
		m.add(about, "author", modelParty(&d.Authors[i], d.Format.SPDX()))
	}
	for _, t := range d.Tools {
		if d.Format.SPDX() {
			m.add(about, "tool", strings.TrimSuffix(t.Name+"-"+t.Version, "-"))
		} else {
			m.add(about, "tool", words(t.Group, t.Name, t.Version))
			m.hashes(about, "hash of the tool "+t.Name, t.Hashes)
		}
	}
	for _, l := range d.Lifecycles {
		m.add(about, "lifecycle", words(l.Phase, l.Name, l.Description))
	}
	m.add(about, "supplier", modelParty(d.Supplier, false))
	m.add(about, "manufacturer", modelParty(d.Manufacturer, false))
	m.add(about, "manufacture", modelParty(d.Manufacture, false))
	m.licenses(about, "", d.Licenses, false)
	m.references(about, d.ExternalReferences)
	m.properties(about, d.Properties)
	m.properties("metadata", d.MetadataProperties)
	m.annotations(about, d.Annotations)
	for _, c := range d.Compositions {
		about := "composition " + words(c.Ref, string(c.Aggregate))
		m.pointer = c.Position().Pointer
		m.add(about, "is", "composition")
		m.addAll(about, "assembly", c.Assemblies)
		m.addAll(about, "dependency", c.Dependencies)
		m.addAll(about, "vulnerability", c.Vulnerabilities)
	}
	for i := range d.Vulnerabilities {
		m.vulnerability(&d.Vulnerabilities[i])
	}
	for _, e := range d.ExternalDocuments {
		m.pointer = e.Position().Pointer
		m.add(about, "external document", words(e.ID, e.URI, string(e.Hash.Algorithm), e.Hash.Value))
	}
	for _, l := range d.ExtractedLicenses {
		about := m.names.next("licence", l.ID)
		m.pointer = l.Position().Pointer
		m.add(about, "is", "extracted licence")
		m.add(about, "name", l.Name.Written())
		m.add(about, "text", l.Text)
		m.addAll(about, "see also", l.SeeAlso)
		m.add(about, "comment", l.Comment)
	}
}

func (m *modelFacts) vulnerability(v *sbom.Vulnerability) {
	about := m.names.next("vulnerability", words(v.Ref, v.ID))
	m.pointer = v.Position().Pointer
	m.add(about, "is", "vulnerability")
	if v.Source != nil {
		m.add(about, "source", words(v.Source.Name, v.Source.URL))
	}
	for _, a := range v.Aliases {
		m.add(about, "alias", a.ID)
	}
	for _, r := range v.Ratings {
		score := ""
		if r.Score != nil {
			score = fmt.Sprint(*r.Score)
		}
		m.add(about, "rating", words(score, r.Severity, r.Method, r.Vector))
	}
	for _, n := range v.CWEs {
		m.add(about, "cwe", fmt.Sprint(n))
	}
	for _, a := range v.Advisories {
		m.add(about, "advisory", words(a.Title, a.URL))
	}
	m.add(about, "description", v.Description)
	m.add(about, "details", v.Details)
	m.add(about, "recommendation", v.Recommendation)
	if a := v.Analysis; a != nil {
		m.add(about, "analysis", words(a.State, a.Justification, strings.Join(a.Responses, ","), a.Details))
	}
	for _, a := range v.Affects {
		m.add(about, "affects", a.Ref)
		for _, r := range a.Versions {
			m.add(about, "affected version", words(a.Ref, r.Version, r.Range, r.Status))
		}
	}
	m.properties(about, v.Properties)
}

func modelBool(b *bool) string {
	if b == nil {
		return ""
	}
	return fmt.Sprint(*b)
}

// modelTime is empty for the zero time: not told, or not a time.
func modelTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func modelParty(p *sbom.Party, spdx bool) string {
	if p == nil {
		return ""
	}
	if spdx {
		kind := ""
		if p.Kind != sbom.PartyUnknown {
			kind = p.Kind.String()
		}
		name := p.Name.Written()
		if p.Email != "" {
			name += " (" + p.Email + ")"
		}
		return words(name, kind)
	}
	contacts := make([]string, len(p.Contacts))
	for i := range p.Contacts {
		contacts[i] = words(p.Contacts[i].Name.Written(), p.Contacts[i].Email, p.Contacts[i].Phone)
	}
	return words(p.Name.Written(), p.Email, p.Phone, strings.Join(p.URLs, ","), strings.Join(contacts, ";"))
}
