// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// describe gives the document its ID and what the creation information says of it.
func (g *graph3) describe() {
	doc := g.doc
	doc.ID = g.claim(doc.Ref, &doc.at)
	if len(g.documents) == 0 {
		g.problem("sbom.document", evidence.SeverityWarning, evidence.ErrFormat, "document has no SpdxDocument")
		return
	}
	c := g.documents[0].creation
	if c == nil {
		c = g.creations[g.documents[0].ref]
	}
	if c == nil {
		g.report(&doc.at, "sbom.dangling", "creationInfo of the SpdxDocument names no CreationInfo")
		return
	}
	doc.SpecVersion, doc.CreatorComment = c.version, c.comment
	if t, err := parseTime(c.created); err == nil {
		doc.Created = t
	} else if c.created != "" {
		g.report(&doc.at, "sbom.time", textfmt.Quote(c.created)+" is not a time of RFC 3339")
	}
	for _, id := range c.by {
		if p := g.agents[id]; p != nil {
			doc.Authors = append(doc.Authors, *p)
		} else if t := g.tools[id]; t != nil {
			doc.Tools = append(doc.Tools, *t)
		}
	}
	for _, id := range c.using {
		if t := g.tools[id]; t != nil {
			doc.Tools = append(doc.Tools, *t)
		} else if p := g.agents[id]; p != nil {
			t := spdxTool(p.Name.Written())
			t.Ref = id
			doc.Tools = append(doc.Tools, t)
		}
	}
}

// version refuses what is not SPDX 3.
func (g *graph3) version() error {
	doc := g.doc
	problem := func(severity evidence.Severity, class error, message string) *evidence.Problem {
		return &evidence.Problem{Code: "sbom.version", Severity: severity, Pointer: "/@graph", Err: class, Message: message}
	}
	if doc.SpecVersion == "" {
		// The address of the context names the version too.
		_, rest, _ := strings.Cut(g.context, "spdx.org/rdf/")
		rest, _, _ = strings.Cut(rest, "/")
		doc.SpecVersion = strings.TrimPrefix(rest, "v")
		doc.Problems = append(doc.Problems, problem(evidence.SeverityError, evidence.ErrFormat, "specVersion is missing; the context is that of "+textfmt.Quote(rest)))
	}
	major, rest, _ := strings.Cut(doc.SpecVersion, ".")
	minor, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(minor)
	if major != "3" || err != nil {
		return problem(evidence.SeverityError, evidence.ErrUnsupported, "specVersion is "+textfmt.Quote(doc.SpecVersion)+", want 3.0 or 3.0.1")
	}
	if n > 0 {
		doc.Problems = append(doc.Problems, problem(evidence.SeverityWarning, evidence.ErrUnsupported,
			"specVersion is "+textfmt.Quote(doc.SpecVersion)+", known is 3.0.1; read as such"))
	}
	return nil
}

// resolve replaces references by what they refer to.
func (g *graph3) resolve() {
	doc := g.doc
	for i := range doc.Components {
		c := &doc.Components[i]
		g.party(&c.Supplier, &c.at)
		g.party(&c.Originator, &c.at)
	}
	for _, w := range g.wants {
		if c := g.creations[w.creation]; c != nil {
			a := &doc.Annotations[w.annotation]
			if t, err := parseTime(c.created); err == nil {
				a.Date = t
			}
			if len(c.by) > 0 {
				a.Annotator = g.agents[c.by[0]]
			}
		}
	}
	if doc.DataLicense != "" {
		doc.DataLicense, _ = g.expression(doc.DataLicense, 0)
	}
	g.roots()
	g.assignLicenses()
	for _, item := range doc.graph.items {
		if l := g.licenses[item.id]; l != nil && l.text != "" {
			doc.ExtractedLicenses = append(doc.ExtractedLicenses, ExtractedLicense{
				ID: item.id, Name: textOrAbsent(l.name), Text: l.text, SeeAlso: l.seeAlso, at: l.at,
			})
		}
	}
}

func textOrAbsent(s string) Text {
	if s == "" {
		return Text{}
	}
	return NewText(s)
}

// party replaces a reference to an agent.
func (g *graph3) party(dst **Party, at *place) {
	if *dst == nil {
		return
	}
	id := (*dst).Ref
	switch p := g.agents[id]; {
	case p != nil:
		*dst = p
	case strings.HasSuffix(id, "NoAssertionElement"):
		*dst = &Party{Name: unstated(StateNoAssertion), Ref: id}
	case strings.HasSuffix(id, "NoneElement"):
		*dst = &Party{Name: unstated(StateNone), Ref: id}
	default:
		if _, known := g.ids[id]; !known {
			g.report(at, "sbom.dangling", "agent "+textfmt.Quote(id)+" is no element of the document")
		}
	}
}

// roots adds what the document is about: its root elements, where a bill of
// materials stands for its own root elements and for what it describes.
func (g *graph3) roots() {
	doc := g.doc
	boms := map[string][]string{}
	for _, b := range g.boms {
		boms[b.id] = b.roots
	}
	seen := map[string]bool{}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			doc.Relationships = append(doc.Relationships, Relationship{
				From: doc.ID, Type: Describes, To: id, ToState: StateStated, Origin: originMetadata, at: doc.at,
			})
		}
	}
	var roots []string
	if len(g.documents) > 0 {
		roots = g.documents[0].roots
	}
	for _, b := range g.boms {
		if len(roots) == 0 {
			roots = append(roots, b.id)
		}
	}
	described := map[string][]string{} // by a bill of materials
	for i := range doc.Relationships {
		r := &doc.Relationships[i]
		if _, isBOM := boms[r.From]; isBOM && r.Type == Describes && r.To != "" {
			described[r.From] = append(described[r.From], r.To)
		}
	}
	for _, id := range roots {
		inside, isBOM := boms[id]
		if !isBOM {
			add(id)
			continue
		}
		for _, id := range slices.Concat(inside, described[id]) {
			add(id)
		}
		boms[id], described[id] = nil, nil // once is enough
	}
}

// assignLicenses gives components and files the licences that relationships name.
func (g *graph3) assignLicenses() {
	doc := g.doc
	components := make(map[string]*Component, len(doc.Components))
	for i := range doc.Components {
		components[doc.Components[i].ID] = &doc.Components[i]
	}
	files := make(map[string]*File, len(doc.Files))
	for i := range doc.Files {
		files[doc.Files[i].ID] = &doc.Files[i]
	}
	for i := range doc.Relationships {
		r := &doc.Relationships[i]
		kind := LicenseDeclared
		switch r.Type {
		case hasDeclaredLicense:
		case hasConcludedLicense:
			kind = LicenseConcluded
		default:
			continue
		}
		t := g.licenseText(r)
		if c := components[r.From]; c != nil {
			c.Licenses = append(c.Licenses, License{Kind: kind, Expression: t})
		} else if f := files[r.From]; f != nil && kind == LicenseConcluded {
			f.Concluded = t
		} else if f != nil {
			f.LicenseInfo = append(f.LicenseInfo, t)
		}
	}
}

// licenseText returns the expression at the end of a licence relationship.
func (g *graph3) licenseText(r *Relationship) Text {
	switch r.ToState {
	case StateNone, StateNoAssertion:
		return unstated(r.ToState)
	case StateStated:
		s, _ := g.expression(r.To, 0)
		return assertable(s)
	}
	return NewText("")
}

const (
	listedLicense = "spdx.org/licenses/"
	deepestSet    = 16 // nesting of licence sets; real ones have two or three
)

// expression3 is a licence as an SPDX expression.
type expression3 struct {
	text     string
	compound bool // of more than one part
}

// expression writes the licence with that ID as an SPDX expression, once: sets
// may hold the same sets again and again. The second result says that it is of
// more than one part.
func (g *graph3) expression(id string, depth int) (s string, compound bool) {
	if e, ok := g.written[id]; ok {
		return e.text, e.compound
	}
	s, compound = g.writeExpression(id, depth)
	g.budget.spend(len(s) + mapEntryBytes)
	g.written[id] = expression3{s, compound}
	return s, compound
}

func (g *graph3) writeExpression(id string, depth int) (s string, compound bool) {
	l := g.licenses[id]
	if l == nil || depth > deepestSet {
		if _, listed, ok := strings.Cut(id, listedLicense); ok {
			return listed, false
		}
		switch {
		case strings.HasSuffix(id, "NoAssertionLicense"), strings.HasSuffix(id, "Licensing/NoAssertion"):
			return "NOASSERTION", false
		case strings.HasSuffix(id, "NoneLicense"), strings.HasSuffix(id, "Licensing/None"):
			return "NONE", false
		}
		return id, false
	}
	if l.expression != "" {
		return l.expression, strings.ContainsRune(l.expression, ' ')
	}
	switch kind := l.typ[strings.IndexByte(l.typ, '_')+1:]; kind {
	case "ConjunctiveLicenseSet", "DisjunctiveLicenseSet":
		joint := " AND "
		if kind == "DisjunctiveLicenseSet" {
			joint = " OR "
		}
		var parts []string
		size := 0
		for _, m := range l.members {
			part, compound := g.expression(m, depth+1)
			if compound {
				part = "(" + part + ")"
			}
			if size += len(part); size > 1<<16 {
				break // sets that hold each other grow without end
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, joint), len(parts) > 1
	case "WithAdditionOperator":
		subject, _ := g.expression(l.subject, depth+1)
		addition := l.addition
		if _, listed, ok := strings.Cut(addition, listedLicense); ok {
			addition = listed
		}
		return subject + " WITH " + addition, true
	case "OrLaterOperator":
		subject, _ := g.expression(l.subject, depth+1)
		return subject + "+", false
	}
	if _, listed, ok := strings.Cut(id, listedLicense); ok {
		return listed, false
	}
	if l.name != "" && strings.HasPrefix(l.name, "LicenseRef-") {
		return l.name, false
	}
	if i := strings.LastIndex(id, "LicenseRef-"); i >= 0 {
		return id[i:], false
	}
	return id, false
}
