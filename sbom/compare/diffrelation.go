// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/sbom"
)

// classes gives every element a name that it has in both documents. Components
// that are equal but for their ID, such as the copies of a package at several
// places, have one class: which of them an edge meets is not distinguished.
func (d *differ) classes() {
	for _, p := range d.pairs {
		a, b := &d.before.views[p.before], &d.after.views[p.after]
		class := "component\x00" + a.print + "\x00\x00" + b.print
		d.before.know(a.c.ID, class, a.label(), true)
		d.after.know(b.c.ID, class, b.label(), true)
	}
	for _, s := range []*side{d.before, d.after} {
		s.know(s.doc.ID, "document", "the document", true)
		other := d.before
		if s == d.before {
			other = d.after
		}
		s.elements(other)
		for i := range s.views {
			s.know(s.views[i].c.ID, s.views[i].print, s.views[i].label(), false)
		}
	}
}

// know says what an ID means; the first to say it counts.
func (s *side) know(id, class, label string, persists bool) {
	if _, ok := s.class[id]; !ok {
		s.class[id], s.labels[id], s.persist[id] = class, label, persists
	}
}

// elements knows what is not a component. It persists if the other document has one of the same name.
func (s *side) elements(other *side) {
	there := map[string]bool{}
	for i := range other.doc.Files {
		there["file\x00"+other.doc.Files[i].Name] = true
	}
	for i := range other.doc.Services {
		there["service\x00"+serviceTitle(&other.doc.Services[i])] = true
	}
	for i := range other.doc.Snippets {
		there["snippet\x00"+other.doc.Snippets[i].Name] = true
	}
	for _, w := range other.files {
		there["file\x00"+w.facts[factName]] = true
	}
	add := func(id, kind, name string) {
		class := kind + "\x00" + name
		s.know(id, class, name, there[class])
	}
	for i := range s.doc.Files {
		add(s.doc.Files[i].ID, "file", s.doc.Files[i].Name)
	}
	for _, w := range s.files {
		add(w.c.ID, "file", w.facts[factName])
	}
	for i := range s.doc.Services {
		add(s.doc.Services[i].ID, "service", serviceTitle(&s.doc.Services[i]))
	}
	for i := range s.doc.Snippets {
		add(s.doc.Snippets[i].ID, "snippet", s.doc.Snippets[i].Name)
	}
}

func serviceTitle(s *sbom.Service) string {
	if g := said(s.Group); g != "" {
		return g + "/" + said(s.Name)
	}
	return said(s.Name)
}

func (w *view) label() string {
	return strings.TrimSpace(w.name() + " " + w.facts[factVersion])
}

// classEdge is a relationship between classes.
type classEdge struct {
	from, to string
	typ      sbom.RelationshipType
	scope    sbom.Scope
}

// edges returns the relationships between elements that persist. An element of
// another document, and one that is nowhere, is what its ID says.
func (s *side) edges(formats bool) map[classEdge]RelationshipChange {
	out := make(map[classEdge]RelationshipChange, len(s.doc.Relationships))
	for i := range s.doc.Relationships {
		r := &s.doc.Relationships[i]
		typ, scope := r.Type, r.Scope
		from, fromLabel, ok := s.end(r.From)
		if ok && formats {
			typ, ok = s.commonEdge(r)
			scope = sbom.ScopeUnspecified
		}
		if !ok {
			continue
		}
		to, toLabel, ok := r.ToState.String(), "", true
		switch {
		case r.To != "":
			to, toLabel, ok = s.end(r.To)
		case r.ToState == sbom.StateNone:
			toLabel = "NONE"
		case r.ToState == sbom.StateNoAssertion:
			toLabel = "NOASSERTION"
		}
		if ok {
			out[classEdge{from, to, typ, scope}] = RelationshipChange{From: fromLabel, Type: typ, Scope: scope, To: toLabel}
		}
	}
	return out
}

func (s *side) end(id string) (class, label string, persists bool) {
	if class, ok := s.class[id]; ok {
		return class, s.labels[id], s.persist[id]
	}
	return "id\x00" + id, id, true
}

func (d *differ) relationships() {
	before, after := d.before.edges(d.formats), d.after.edges(d.formats)
	if d.formats {
		d.commonEdges(before, after)
	}
	for e, change := range before {
		if _, ok := after[e]; !ok {
			d.changes.RelationshipsRemoved = append(d.changes.RelationshipsRemoved, change)
		}
	}
	for e, change := range after {
		if _, ok := before[e]; !ok {
			d.changes.RelationshipsAdded = append(d.changes.RelationshipsAdded, change)
		}
	}
}

// facts of things that are told by name, as field and value.
type namedFacts map[string]map[string][]string

func (n namedFacts) add(name string, fields ...string) {
	m := n[name]
	if m == nil {
		m = map[string][]string{}
		n[name] = m
	}
	for i := 0; i < len(fields); i += 2 {
		m[fields[i]] = append(m[fields[i]], plain(fields[i+1]))
	}
}

// diffNamed compares two sets of named things.
func diffNamed(before, after namedFacts, report func(kind ChangeKind, name, field, from, to string)) {
	for name, a := range before {
		b, ok := after[name]
		if !ok {
			report(changeRemoved, name, "", join(a[""]), "")
			continue
		}
		for field := range a {
			if from, to := join(a[field]), join(b[field]); from != to {
				report(changeChanged, name, field, from, to)
			}
		}
		for field := range b {
			if to := join(b[field]); a[field] == nil && to != "" {
				report(changeChanged, name, field, "", to)
			}
		}
	}
	for name, b := range after {
		if _, ok := before[name]; !ok {
			report(changeAdded, name, "", "", join(b[""]))
		}
	}
}

func (d *differ) files() {
	facts := func(s *side) namedFacts {
		n, v := namedFacts{}, newViewer(s.doc, d.formats)
		for i := range s.doc.Files {
			f := &s.doc.Files[i]
			n.add(f.Name, "license", v.normal(nonEmpty(said(f.Concluded))), "copyright", said(f.Copyright))
			for _, h := range f.Hashes {
				n.add(f.Name, "hashes", string(h.Algorithm)+":"+strings.ToLower(h.Value))
			}
		}
		for _, w := range s.files {
			license := cmp.Or(w.facts[factConcluded], w.facts[factDeclared])
			n.add(w.facts[factName], "license", license, "copyright", w.facts[factCopyright])
			for _, h := range w.c.Hashes {
				n.add(w.facts[factName], "hashes", string(h.Algorithm)+":"+strings.ToLower(h.Value))
			}
		}
		return n
	}
	diffNamed(facts(d.before), facts(d.after), func(kind ChangeKind, name, field, from, to string) {
		if kind == changeChanged && d.oneSided(from, to) {
			return
		}
		d.changes.Files = append(d.changes.Files, ElementChange{kind, name, field, from, to})
	})
}

// oneSided reports whether only one of two documents in different formats states a fact.
func (d *differ) oneSided(from, to string) bool { return d.formats && (from == "" || to == "") }

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (d *differ) services() {
	facts := func(doc *sbom.Document) namedFacts {
		n := namedFacts{}
		for i := range doc.Services {
			s := &doc.Services[i]
			n.add(serviceTitle(s), "version", said(s.Version), "description", s.Description, "provider", partyFact(s.Provider), "endpoints", join(slices.Clone(s.Endpoints)),
				"authenticated", boolText(s.Authenticated), "x-trust-boundary", boolText(s.CrossesBoundary), "trustZone", s.TrustZone)
		}
		return n
	}
	diffNamed(facts(d.before.doc), facts(d.after.doc), func(kind ChangeKind, name, field, from, to string) {
		d.changes.Services = append(d.changes.Services, ElementChange{kind, name, field, from, to})
	})
}

func boolText(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "true"
	}
	return "false"
}

func (d *differ) vulnerabilities() {
	type at struct{ id, affects string }
	names := map[string]at{}
	facts := func(s *side) namedFacts {
		n := namedFacts{}
		for i := range s.doc.Vulnerabilities {
			v := &s.doc.Vulnerabilities[i]
			id := v.ID
			if id == "" {
				id = plain(v.Description)
			}
			fields := vulnerabilityFacts(v)
			affects := v.Affects
			if len(affects) == 0 {
				affects = []sbom.Affected{{}}
			}
			for _, a := range affects {
				class, label := "", ""
				if a.Ref != "" {
					class, label, _ = s.end(a.Ref)
				}
				key := id + "\x00" + class
				names[key] = at{id, label}
				n.add(key, fields...)
				n.add(key, "status", affectedFact(a.Versions, label))
			}
		}
		return n
	}
	diffNamed(facts(d.before), facts(d.after), func(kind ChangeKind, name, field, from, to string) {
		d.changes.Vulnerabilities = append(d.changes.Vulnerabilities, VulnerabilityChange{kind, names[name].id, names[name].affects, field, from, to})
	})
}

// vulnerabilityFacts returns fields and values of what a statement says of every element that it names.
func vulnerabilityFacts(v *sbom.Vulnerability) []string {
	fields := []string{"recommendation", v.Recommendation, "workaround", v.Workaround}
	for _, r := range v.Ratings {
		fields = append(fields, "severity", r.Severity, "rating", ratingFact(&r))
	}
	if a := v.Analysis; a != nil {
		fields = append(fields, "state", a.State, "justification", a.Justification, "detail", a.Details)
		for _, response := range a.Responses {
			fields = append(fields, "response", response)
		}
	}
	return fields
}

// ratingFact returns method, score and vector.
func ratingFact(r *sbom.Rating) string {
	score := ""
	if r.Score != nil {
		score = strconv.FormatFloat(*r.Score, 'g', -1, 64)
	}
	if score == "" && r.Vector == "" {
		return "" // the method alone rates nothing
	}
	return strings.Join(strings.Fields(r.Method+" "+score+" "+r.Vector), " ")
}

// affectedFact says which versions are affected. The version of the element itself is
// not named: it moves with the element.
func affectedFact(versions []sbom.AffectedVersion, label string) string {
	var list []string
	for i := range versions {
		v := &versions[i]
		which := v.Version + v.Range
		if strings.HasSuffix(label, " "+which) {
			which = ""
		}
		list = append(list, strings.TrimSpace(which+" "+cmp.Or(v.Status, "affected")))
	}
	if status := join(list); status != "affected" { // which is what naming the element says
		return status
	}
	return ""
}

// metadata compares what the documents say of themselves.
func (d *differ) metadata() {
	diffNamed(metadataFacts(d.before.doc, d.formats), metadataFacts(d.after.doc, d.formats), func(_ ChangeKind, field, _, from, to string) {
		if !d.oneSided(from, to) {
			d.changes.Metadata = append(d.changes.Metadata, FieldChange{field, from, to})
		}
	})
	slices.SortFunc(d.changes.Metadata, func(a, b FieldChange) int { return cmp.Compare(a.Field, b.Field) })
}

// metadataFacts returns the facts, one value or list under each name. Every
// name but those of properties and licence texts is always there.
func metadataFacts(d *sbom.Document, formats bool) namedFacts {
	n := namedFacts{}
	add := func(field string, values ...string) {
		n.add(field)
		for _, v := range values {
			n.add(field, "", v)
		}
	}
	add("format", d.Format.String()+" "+strings.TrimPrefix(d.SpecVersion, "SPDX-"))
	add("name", said(d.Name))
	add("comment", d.Comment)
	add("creatorComment", d.CreatorComment)
	add("dataLicense", d.DataLicense)
	add("licenseListVersion", d.LicenseListVersion)
	add("supplier", partyFact(d.Supplier))
	if formats { // a creator in SPDX
		add("authors", partyFact(d.Manufacturer))
	} else {
		add("manufacturer", partyFact(d.Manufacturer))
	}
	add("manufacture", partyFact(d.Manufacture))
	add("authors")
	for i := range d.Authors {
		add("authors", partyFact(&d.Authors[i]))
	}
	add("tools")
	for _, t := range d.Tools {
		add("tools", strings.TrimSpace(strings.TrimPrefix(t.Group+"/"+t.Name+" "+t.Version, "/")))
	}
	add("lifecycles")
	for _, l := range d.Lifecycles {
		add("lifecycles", l.Phase+l.Name)
	}
	add("licenses")
	for _, l := range d.Licenses {
		add("licenses", said(l.Expression)+l.Name)
	}
	references := newViewer(d, false).references
	seen := map[string]bool{}
	for i := range d.Components {
		for _, l := range d.Components[i].Licenses {
			if l.Name == "" || l.Detail == nil || l.Detail.Text == nil {
				continue
			}
			field, digest := "licenseText/"+sbomterm.LicenseRef(l.Name), textDigest(l.Detail.Text.Content)
			if !seen[field+digest] {
				seen[field+digest] = true
				add(field, digest)
			}
		}
	}
	for _, l := range d.ExtractedLicenses {
		add("licenseText/"+cmp.Or(references[l.ID], l.ID), textDigest(l.Text))
	}
	for _, p := range slices.Concat(d.Properties, d.MetadataProperties) {
		add("properties/"+p.Name, p.Value)
	}
	for _, r := range referenceEntries(d.ExternalReferences) {
		add("externalReferences/"+r.name, r.value)
	}
	return n
}

// textDigest stands for a text that is too long to show.
func textDigest(s string) string {
	sum := sha256.Sum256([]byte(plain(s)))
	return "SHA-256:" + hex.EncodeToString(sum[:])
}
