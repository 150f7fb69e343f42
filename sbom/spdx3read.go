// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// readSPDX3JSON reads SPDX 3.0 JSON-LD in the form of its JSON schema: an object
// with @context and @graph. Packages, files, snippets and relationships become
// those of the model; agents, tools, creation information and licences are
// looked up where an element refers to them, and kept as they are.
func readSPDX3JSON(data []byte, lim evidence.Limits) (*Document, error) {
	r := newReader(data, lim, FormatSPDX3JSON)
	g := &graph3{reader: r, agents: map[string]*Party{}, tools: map[string]*Tool{}, creations: map[string]*creation3{}, licenses: map[string]*license3{}, written: map[string]expression3{}}
	r.doc.graph = &spdx3Graph{}
	return g.read()
}

// spdx3Graph remembers the order of the elements of a document that was read.
type spdx3Graph struct {
	items []graph3Item
}

// graph3Item is one element of @graph.
type graph3Item struct {
	kind  ElementKind // ElementUnknown for what is kept as it is
	rel   bool        // a relationship; then entry says which
	id    string
	raw   []byte
	word  string // type, as written
	key   string // "spdxId" or "@id"
	entry int32
}

// graph3 reads the elements of @graph and gathers what they refer to.
type graph3 struct {
	*reader
	documents []document3
	boms      []bom3
	agents    map[string]*Party
	tools     map[string]*Tool
	creations map[string]*creation3
	licenses  map[string]*license3
	written   map[string]expression3 // licences as expressions, by ID
	wants     []want3
	context   string // @context
	relations int32  // relationship elements so far
}

// want3 is an element whose creation information is looked up at the end.
type want3 struct {
	annotation int
	creation   string
}

type document3 struct {
	creation *creation3
	ref      string // of its creation information
	roots    []string
}

type bom3 struct {
	id    string
	roots []string
}

// creation3 is a CreationInfo.
type creation3 struct {
	version, created, comment string
	by, using                 []string
}

// license3 is an element of one of the licensing profiles.
type license3 struct {
	typ        string
	expression string
	name, text string
	members    []string
	subject    string // of a WITH or an "or later"
	addition   string
	seeAlso    []string
	at         place
}

func (g *graph3) read() (*Document, error) {
	r, doc, d := g.reader, g.doc, g.d
	doc.at = r.place(sectionDocument, 0, nil)
	seen := false
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "@context":
			raw := d.Raw()
			doc.outer.add("@context", raw)
			g.context = string(raw)
		case "@graph":
			seen = true
			i := 0
			r.array(&doc.outer, "@graph", func() {
				g.element(i)
				i++
			})
		default:
			r.extra(&doc.outer)
		}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	if !seen {
		return nil, &evidence.Problem{
			Code: "sbom.graph", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
			Message: "document has no @graph; a single element of SPDX 3 is not read as a document",
		}
	}
	g.describe()
	if err := g.version(); err != nil {
		return nil, err
	}
	g.resolve()
	r.findDangling()
	if err := d.Err(); err != nil { // of what resolving cost
		return nil, err
	}
	return doc, nil
}

// element reads one element of @graph.
func (g *graph3) element(i int) {
	at := g.place(sectionGraph, i, nil)
	raw := g.d.Raw()
	if g.d.Err() != nil {
		return
	}
	item := graph3Item{raw: raw}
	g.within(raw, at, at.pointer, func() { g.identify(&item) })
	if g.d.Err() != nil {
		return
	}
	g.within(raw, at, at.pointer, func() { g.typed(&item, at) })
	*add(g.reader, &g.doc.graph.items) = item
}

// identify finds type and ID.
func (g *graph3) identify(item *graph3Item) {
	d := g.d
	for d.Object(); d.Next(); {
		switch key := string(d.Key()); key {
		case "type", "@type":
			if d.Kind() == jsonstrict.String {
				item.word = d.String()
			}
		case "spdxId", "@id":
			item.id, item.key = d.String(), key
		}
	}
}

func (g *graph3) typed(item *graph3Item, at place) {
	doc := g.doc
	switch item.word {
	case "SpdxDocument":
		if len(g.documents) == 0 {
			item.kind = ElementDocument
			g.document(item)
			return
		}
		g.d.Skip()
	case "software_Package", "software_SoftwareArtifact", "ai_AIPackage", "dataset_DatasetPackage":
		item.kind = ElementComponent
		c := Component{at: at}
		g.pack(&c)
		c.ID = g.claim(c.Ref, &c.at)
		item.id = c.ID
		*add(g.reader, &doc.Components) = c
		return
	case "software_File":
		item.kind = ElementFile
		f := File{at: at}
		item.id = g.file(&f)
		*add(g.reader, &doc.Files) = f
		return
	case "software_Snippet":
		item.kind = ElementSnippet
		s := Snippet{at: at}
		item.id = g.snippet(&s)
		*add(g.reader, &doc.Snippets) = s
		return
	case "Relationship", "LifecycleScopedRelationship":
		item.rel = true
		g.relationship(item, at)
	case "Annotation":
		g.annotation(at)
	case "CreationInfo":
		g.creations[item.id] = g.creation()
	case "Person", "Organization", "SoftwareAgent", "Agent":
		g.agents[item.id] = g.agent()
	case "Tool":
		p := g.agent()
		g.tools[item.id] = new(spdxTool(p.Name.Written()))
		g.tools[item.id].Ref = item.id
	case "software_Sbom", "Bom":
		g.bom(item)
	default:
		if strings.HasPrefix(item.word, "simplelicensing_") || strings.HasPrefix(item.word, "expandedlicensing_") || item.word == "License" {
			g.license(item, at)
		} else {
			g.d.Skip()
		}
	}
	g.know(item.id)
}

// document reads the SpdxDocument. Its members other than those of the model are the document's Extras.
func (g *graph3) document(item *graph3Item) {
	d, doc, ex := g.d, g.doc, &g.doc.Extras
	doc3 := document3{}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case item.key:
			g.str(&doc.Ref, ex, item.key)
		case "name":
			g.text(&doc.Name, ex, "name")
		case "comment":
			g.str(&doc.Comment, ex, "comment")
		case "dataLicense":
			start := d.Offset()
			doc.DataLicense = g.reference()
			ex.add("dataLicense", g.from(start))
		case "rootElement":
			start := d.Offset()
			doc3.roots = g.references()
			ex.add("rootElement", g.from(start))
		case "creationInfo":
			start := d.Offset()
			if d.Kind() == jsonstrict.Object {
				doc3.creation = g.creation()
			} else {
				doc3.ref = d.String()
			}
			ex.add("creationInfo", g.from(start))
		case "import":
			start := d.Offset()
			g.imports()
			ex.add("import", g.from(start))
		default:
			g.extra(ex) // type, element, profileConformance, namespaceMap
		}
	}
	*add(g.reader, &g.documents) = doc3
}

// reference reads a string, or the ID of an object in its place.
func (g *graph3) reference() (id string) {
	d := g.d
	if d.Kind() != jsonstrict.Object {
		return d.String()
	}
	for d.Object(); d.Next(); {
		if key := string(d.Key()); (key == "spdxId" || key == "@id") && d.Kind() == jsonstrict.String {
			id = d.String()
		}
	}
	return id
}

// references reads one reference or an array of them.
func (g *graph3) references() (ids []string) {
	if g.d.Kind() != jsonstrict.Array {
		return []string{g.reference()}
	}
	for g.d.Array(); g.d.Next(); {
		id := g.reference()
		*add(g.reader, &ids) = id
	}
	return ids
}

func (g *graph3) imports() {
	d := g.d
	for d.Array(); d.Next(); {
		e := ExternalDocument{at: g.place(sectionDocument, 0, nil)}
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "externalSpdxId":
				e.ID = d.String()
			case "locationHint":
				e.URI = d.String()
			case "verifiedUsing":
				var hashes []Hash
				g.verifiedUsing(&hashes, nil, &e.Extras)
				if len(hashes) > 0 {
					e.Hash = hashes[0]
				}
			}
		}
		g.know(e.ID)
		*add(g.reader, &g.doc.ExternalDocuments) = e
	}
}

func (g *graph3) bom(item *graph3Item) {
	d, b := g.d, bom3{id: item.id}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "rootElement":
			b.roots = g.references()
		case "software_sbomType", "sbomType":
			for _, phase := range g.references() {
				*add(g.reader, &g.doc.Lifecycles) = Lifecycle{Phase: phase}
			}
		}
	}
	*add(g.reader, &g.boms) = b
}

func (g *graph3) creation() *creation3 {
	d, c := g.d, new(creation3)
	g.budget.spend(sizeOf[creation3]() + mapEntryBytes)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "specVersion":
			c.version = d.String()
		case "created":
			c.created = d.String()
		case "comment":
			c.comment = d.String()
		case "createdBy":
			c.by = g.agentReferences()
		case "createdUsing":
			c.using = g.references()
		}
	}
	return c
}

// agentReferences reads references to agents, and remembers agents in their place.
func (g *graph3) agentReferences() (ids []string) {
	d := g.d
	one := func() {
		if d.Kind() != jsonstrict.Object {
			id := d.String()
			*add(g.reader, &ids) = id
			return
		}
		p := g.agent()
		if p.Ref == "" {
			p.Ref = "#agent/" + itoa(len(g.agents))
		}
		g.agents[p.Ref] = p
		*add(g.reader, &ids) = p.Ref
	}
	if d.Kind() != jsonstrict.Array {
		one()
		return ids
	}
	for d.Array(); d.Next(); {
		one()
	}
	return ids
}

// agent reads a person, organization, tool or other agent.
func (g *graph3) agent() *Party {
	d, p := g.d, new(Party)
	g.budget.spend(sizeOf[Party]() + mapEntryBytes)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "type", "@type":
			switch d.String() {
			case "Person":
				p.Kind = PartyPerson
			case "Organization":
				p.Kind = PartyOrganization
			case "SoftwareAgent", "Tool":
				p.Kind = PartyTool
			}
		case "spdxId", "@id":
			p.Ref = d.String()
		case "name":
			p.Name = NewText(d.String())
		case "externalIdentifier", "externalIdentifiers":
			for d.Array(); d.Next(); {
				switch typ, value := g.identifierView(); typ {
				case "email":
					p.Email = value
				case "urlScheme":
					p.URLs = append(p.URLs, value)
				}
			}
		}
	}
	return p
}

func (g *graph3) identifierView() (typ, value string) {
	d := g.d
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "externalIdentifierType":
			typ = d.String()
		case "identifier":
			value = d.String()
		}
	}
	return typ, value
}

// license reads what an element of the licensing profiles says.
func (g *graph3) license(item *graph3Item, at place) {
	d, l := g.d, &license3{typ: item.word, at: at}
	g.budget.spend(sizeOf[license3]() + mapEntryBytes)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "simplelicensing_licenseExpression", "licenseExpression":
			l.expression = d.String()
		case "simplelicensing_licenseText", "licenseText":
			l.text = d.String()
		case "name":
			l.name = d.String()
		case "expandedlicensing_member":
			l.members = g.references()
		case "expandedlicensing_subjectLicense", "expandedlicensing_subjectExtendableLicense":
			l.subject = g.reference()
		case "expandedlicensing_subjectAddition":
			l.addition = g.reference()
		case "expandedlicensing_seeAlso":
			l.seeAlso = g.references()
		}
	}
	g.licenses[item.id] = l
}

func (g *graph3) annotation(at place) {
	d := g.d
	a := Annotation{at: at}
	creation := ""
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "spdxId", "@id":
			a.Ref = d.String()
		case "annotationType":
			a.Type = strings.ToUpper(d.String())
		case "statement":
			a.Text = d.String()
		case "subject":
			a.Subjects = g.references()
		case "creationInfo":
			if d.Kind() == jsonstrict.Object {
				creation = "#creation/" + itoa(len(g.creations))
				g.creations[creation] = g.creation()
			} else {
				creation = d.String()
			}
		}
	}
	*add(g.reader, &g.wants) = want3{len(g.doc.Annotations), creation}
	*add(g.reader, &g.doc.Annotations) = a
}
