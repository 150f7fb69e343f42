// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// readCycloneDXJSON reads CycloneDX JSON, 1.2 and later.
func readCycloneDXJSON(data []byte, lim evidence.Limits) (*Document, error) {
	return newReader(data, lim, FormatCycloneDXJSON).cyclonedx()
}

// newestCycloneDX is the newest minor version that the module knows.
const newestCycloneDX = 7

func (r *reader) cyclonedx() (*Document, error) {
	doc := r.doc
	doc.at = r.place(sectionDocument, 0, nil)
	doc.ID = "#"
	r.know(doc.ID)
	for r.d.Object(); r.d.Next(); {
		r.cdxMember(string(r.d.Key()))
	}
	if err := r.d.End(); err != nil {
		return nil, err
	}
	if err := r.cdxVersion(); err != nil {
		return nil, err
	}
	if r.rootAt > 0 {
		// The metadata came after the components.
		doc.Components = slices.Concat(doc.Components[r.rootAt:r.rootEnd], doc.Components[:r.rootAt], doc.Components[r.rootEnd:])
	}
	r.findDangling()
	return doc, nil
}

// cdxVersion refuses what is not CycloneDX 1.
func (r *reader) cdxVersion() error {
	v := r.doc.SpecVersion
	at := func(severity evidence.Severity, class error, message string) *evidence.Problem {
		return &evidence.Problem{Code: "sbom.version", Severity: severity, Pointer: "/specVersion", Err: class, Message: message}
	}
	if v == "" {
		return at(evidence.SeverityError, evidence.ErrFormat, "specVersion is missing")
	}
	minor, ok := strings.CutPrefix(v, "1.")
	n, err := strconv.Atoi(minor)
	if !ok || !allDigits(minor) || err != nil {
		return at(evidence.SeverityError, evidence.ErrUnsupported, "specVersion is "+textfmt.Quote(v)+", want 1.0 to 1."+strconv.Itoa(newestCycloneDX))
	}
	if n > newestCycloneDX {
		r.doc.Problems = append(r.doc.Problems, at(evidence.SeverityWarning, evidence.ErrUnsupported,
			"specVersion is "+textfmt.Quote(v)+", known are 1.0 to 1."+strconv.Itoa(newestCycloneDX)+"; read as the newest"))
	}
	return nil
}

// cdxMember reads the value of a member of the document.
func (r *reader) cdxMember(name string) {
	d, doc, ex := r.d, r.doc, &r.doc.Extras
	switch name {
	case "bomFormat":
		if s := d.String(); s != "CycloneDX" && d.Err() == nil {
			d.Fail(d.Problem("sbom.format", evidence.SeverityError, evidence.ErrUnsupported, "bomFormat is %s, want \"CycloneDX\"", textfmt.Quote(s)))
		}
	case "specVersion":
		r.str(&doc.SpecVersion, ex, "specVersion")
	case "serialNumber":
		r.str(&doc.Namespace, ex, "serialNumber")
	case "version":
		r.integer(&doc.Revision, ex, "version")
	case "metadata":
		r.cdxMetadata()
	case "components":
		start := d.Offset()
		n := 0
		r.array(ex, "components", func() {
			doc.Components = grow(r, doc.Components, start)
			r.cdxNested(sectionComponents, n, nil)
			n++
		})
	case "services":
		n := 0
		r.array(ex, "services", func() {
			r.cdxService(r.place(sectionServices, n, nil))
			n++
		})
	case "externalReferences":
		r.cdxReferences(&doc.ExternalReferences, ex)
	case "dependencies":
		start, n := d.Offset(), 0
		r.array(ex, "dependencies", func() {
			doc.Relationships = grow(r, doc.Relationships, start)
			r.cdxDependency(n)
			n++
		})
	case "compositions":
		r.array(ex, "compositions", func() {
			n := len(doc.Compositions)
			r.cdxComposition(add(r, &doc.Compositions), n)
		})
	case "vulnerabilities":
		start := d.Offset()
		r.array(ex, "vulnerabilities", func() {
			doc.Vulnerabilities = grow(r, doc.Vulnerabilities, start)
			n := len(doc.Vulnerabilities)
			r.cdxVulnerability(add(r, &doc.Vulnerabilities), n)
		})
	case "annotations":
		r.array(ex, "annotations", func() {
			n := len(doc.Annotations)
			r.cdxAnnotation(add(r, &doc.Annotations), n)
		})
	case "properties":
		r.cdxProperties(&doc.Properties, ex)
	default:
		ex.add(r.intern(name), d.Raw()) // $schema, formulation, declarations, definitions, citations, signature
	}
}

func (r *reader) cdxMetadata() {
	d, doc, ex := r.d, r.doc, &r.doc.MetadataExtras
	if r.null(&doc.Extras, "metadata") {
		return
	}
	start, n := d.Offset(), 0
	for d.Object(); d.Next(); n++ {
		switch string(d.Key()) {
		case "timestamp":
			r.time(&doc.Created, ex, "timestamp")
		case "lifecycles":
			r.cdxLifecycles(&doc.Lifecycles, ex)
		case "tools":
			r.cdxTools()
		case "authors":
			r.cdxParties(&doc.Authors, ex, "authors")
		case "component":
			if r.null(ex, "component") {
				break
			}
			r.rootAt = len(doc.Components)
			id := r.cdxNested(sectionMetadataComponent, 0, nil)
			r.rootEnd = len(doc.Components)
			doc.Relationships = append(doc.Relationships, Relationship{
				From: doc.ID, Type: Describes, To: id, ToState: StateStated, Origin: originMetadata,
				at: doc.Components[r.rootAt].at,
			})
		case "manufacture":
			r.cdxParty(&doc.Manufacture, ex, "manufacture")
		case "manufacturer":
			r.cdxParty(&doc.Manufacturer, ex, "manufacturer")
		case "supplier":
			r.cdxParty(&doc.Supplier, ex, "supplier")
		case "licenses":
			r.cdxLicenses(&doc.Licenses, ex)
		case "properties":
			r.cdxProperties(&doc.MetadataProperties, ex)
		default:
			r.extra(ex)
		}
	}
	if n == 0 && d.Err() == nil {
		doc.Extras.add("metadata", r.from(start))
	}
}

func (r *reader) cdxLifecycles(dst *[]Lifecycle, ex *Extras) {
	d := r.d
	r.array(ex, "lifecycles", func() {
		var l Lifecycle
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "phase":
				r.oddStr(&l.Phase)
			case "name":
				r.oddStr(&l.Name)
			case "description":
				r.oddStr(&l.Description)
			default:
				r.oddMember()
			}
		}
		*add(r, dst) = l
	})
}

// cdxTools reads metadata.tools in both of its shapes: a list of tools, or from
// 1.5 on an object of components and services. Tool holds the common part; all
// of it is kept.
func (r *reader) cdxTools() {
	d, doc := r.d, r.doc
	start := d.Offset()
	switch d.Kind() {
	case jsonstrict.Null:
		d.Null()
	case jsonstrict.Array:
		for d.Array(); d.Next(); {
			r.cdxTool(false)
		}
	default:
		for d.Object(); d.Next(); {
			switch key := string(d.Key()); key {
			case "components", "services":
				if d.Kind() == jsonstrict.Null {
					d.Null()
					break
				}
				for d.Array(); d.Next(); {
					r.cdxTool(key == "services")
				}
			}
		}
	}
	if d.Err() == nil {
		doc.MetadataExtras.add("tools", r.from(start))
	}
}

// cdxTool reads a tool, or the component or service that is one.
func (r *reader) cdxTool(service bool) {
	d := r.d
	t := Tool{Service: service}
	var odd Extras
	var manufacturer, provider *Party
	var author, publisher string
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "vendor":
			r.str(&t.Vendor, &odd, "")
		case "group":
			r.str(&t.Group, &odd, "")
		case "name":
			r.str(&t.Name, &odd, "")
		case "version":
			r.str(&t.Version, &odd, "")
		case "bom-ref":
			r.str(&t.Ref, &odd, "")
		case "author":
			r.str(&author, &odd, "")
		case "publisher":
			r.str(&publisher, &odd, "")
		case "manufacturer", "supplier":
			r.cdxParty(&manufacturer, &odd, "")
		case "provider":
			r.cdxParty(&provider, &odd, "")
		case "hashes":
			r.cdxHashes(&t.Hashes, &odd)
		}
	}
	for _, p := range []*Party{manufacturer, provider} {
		if p.Stated() && t.Vendor == "" {
			t.Vendor = p.Name.String()
		}
	}
	for _, s := range []string{publisher, author} {
		if t.Vendor == "" {
			t.Vendor = s
		}
	}
	r.know(t.Ref)
	*add(r, &r.doc.Tools) = t
}

func (r *reader) cdxParties(dst *[]Party, ex *Extras, name string) {
	r.array(ex, name, func() {
		r.cdxPartyMembers(add(r, dst), PartyPerson)
	})
}

func (r *reader) cdxParty(dst **Party, ex *Extras, name string) {
	if r.null(ex, name) {
		return
	}
	p := new(Party)
	r.cdxPartyMembers(p, PartyOrganization)
	*dst = p
}

// cdxPartyMembers reads an organizationalEntity or an organizationalContact.
func (r *reader) cdxPartyMembers(p *Party, kind PartyKind) {
	d, ex := r.d, &p.Extras
	p.Kind = kind
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "name":
			r.text(&p.Name, ex, "name")
		case "bom-ref":
			r.str(&p.Ref, ex, "bom-ref")
		case "email":
			r.str(&p.Email, ex, "email")
		case "phone":
			r.str(&p.Phone, ex, "phone")
		case "url":
			if d.Kind() == jsonstrict.String {
				// Not an array, as some tools write it.
				start := d.Offset()
				p.URLs = []string{d.String()}
				ex.add("url", r.from(start))
				break
			}
			r.strings(&p.URLs, ex, "url")
		case "contact":
			r.cdxParties(&p.Contacts, ex, "contact")
		default:
			r.extra(ex) // address
		}
	}
}

// cdxNested reads a component into doc.Components, directly before those that
// are nested in it, and returns its ID.
func (r *reader) cdxNested(s section, index int, parent *place) string {
	doc := r.doc
	i := len(doc.Components)
	add(r, &doc.Components)
	var c Component
	c.at = r.place(s, index, parent)
	nested := len(r.nested)
	r.cdxComponent(&c, true)
	c.ID = r.claim(c.Ref, &c.at)
	r.hold(nested, c.ID)
	doc.Components[i] = c
	return c.ID
}

// nest adds the relationship to a nested element, whose From is set by hold.
func (r *reader) nest(rel Relationship) {
	*add(r, &r.nested) = int32(len(r.doc.Relationships))
	*add(r, &r.doc.Relationships) = rel
}

// hold makes id the From of the relationships that were nested since mark.
func (r *reader) hold(mark int, id string) {
	for _, i := range r.nested[mark:] {
		r.doc.Relationships[i].From = id
	}
	r.nested = r.nested[:mark]
}

// cdxDetached reads a component that is not part of what the document lists.
func (r *reader) cdxDetached(dst *[]Component, ex *Extras, name string, s section, parent *place) {
	n := 0
	r.array(ex, name, func() {
		c := Component{at: r.place(s, n, parent)}
		r.cdxComponent(&c, false)
		c.ID = r.claim(c.Ref, &c.at)
		*add(r, dst) = c
		n++
	})
}

// cdxComponent reads the members of a component. Its nested components go to
// the document if flat is set, and to its Extras otherwise.
func (r *reader) cdxComponent(c *Component, flat bool) {
	d, ex := r.d, &c.Extras
	ids := r.identifiers.mark()
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "type":
			var s string
			r.str(&s, ex, "type")
			c.Type = ComponentType(s)
		case "bom-ref":
			r.str(&c.Ref, ex, "bom-ref")
		case "name":
			r.text(&c.Name, ex, "name")
		case "version":
			r.text(&c.Version, ex, "version")
		case "group":
			r.text(&c.Group, ex, "group")
		case "purl":
			r.cdxIdentifier(IdentifierPURL, ex, "purl")
		case "cpe":
			r.cdxIdentifier(IdentifierCPE22, ex, "cpe")
		case "omniborId":
			r.array(ex, "omniborId", func() { r.identifiers.push(Identifier{Kind: IdentifierGitoid, Value: d.String()}) })
		case "swhid":
			r.array(ex, "swhid", func() { r.identifiers.push(Identifier{Kind: IdentifierSWHID, Value: d.String()}) })
		case "description":
			r.str(&c.Description, ex, "description")
		case "scope":
			r.str(&c.Scope, ex, "scope")
		case "publisher":
			r.text(&c.Publisher, ex, "publisher")
		case "author":
			r.text(&c.Author, ex, "author")
		case "authors":
			r.cdxParties(&c.Authors, ex, "authors")
		case "supplier":
			r.cdxParty(&c.Supplier, ex, "supplier")
		case "manufacturer":
			r.cdxParty(&c.Originator, ex, "manufacturer")
		case "copyright":
			r.text(&c.Copyright, ex, "copyright")
		case "mime-type":
			r.str(&c.MIMEType, ex, "mime-type")
		case "hashes":
			r.cdxHashes(&c.Hashes, ex)
		case "licenses":
			r.cdxLicenses(&c.Licenses, ex)
		case "externalReferences":
			r.cdxReferences(&c.ExternalReferences, ex)
		case "properties":
			r.cdxProperties(&c.Properties, ex)
		case "components":
			if flat {
				r.cdxChildren(c)
			} else {
				r.extra(ex)
			}
		default:
			r.cdxComponentDetail(c)
		}
	}
	c.Identifiers = r.identifiers.take(ids)
	if r.cisa {
		r.cisa = false
		c.applyCISA()
	}
}

func (r *reader) cdxChildren(c *Component) {
	n, self := 0, new(c.at)
	r.array(&c.Extras, "components", func() {
		at := r.place(sectionComponents, n, self)
		id := r.cdxNested(sectionComponents, n, self)
		r.nest(Relationship{Type: Contains, To: id, ToState: StateStated, Origin: originNested, at: at})
		n++
	})
}

// cdxComponentDetail reads the members that few components have.
func (r *reader) cdxComponentDetail(c *Component) {
	ex := &c.Extras
	switch string(r.d.Key()) {
	case "pedigree":
		r.cdxPedigree(c)
	case "evidence":
		r.cdxEvidence(&c.Evidence, ex)
	case "swid":
		r.cdxSWID(&c.SWID, ex)
	case "tags":
		r.strings(&c.detail().Tags, ex, "tags")
	case "modified":
		r.boolean(&c.detail().Modified, ex, "modified")
	case "isExternal":
		r.boolean(&c.detail().External, ex, "isExternal")
	case "versionRange":
		r.str(&c.detail().VersionRange, ex, "versionRange")
	default:
		r.extra(ex) // releaseNotes, modelCard, data, cryptoProperties, patentAssertions, signature
	}
}

func (r *reader) cdxIdentifier(kind IdentifierKind, ex *Extras, name string) {
	var s string
	r.str(&s, ex, name)
	if kind == IdentifierCPE22 && strings.HasPrefix(s, "cpe:2.3:") {
		kind = IdentifierCPE23
	}
	if s != "" {
		r.identifiers.push(Identifier{Kind: kind, Value: s})
	}
}

func (r *reader) cdxHashes(dst *[]Hash, ex *Extras) {
	d := r.d
	mark := r.hashes.mark()
	r.array(ex, "hashes", func() {
		var h Hash
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "alg":
				s := d.String()
				h.Algorithm = hashAlgorithm(s)
				r.odd = r.odd || s == "" || string(h.Algorithm) != s
			case "content":
				r.oddStr(&h.Value)
			default:
				r.oddMember()
			}
		}
		r.hashes.push(h)
	})
	*dst = r.hashes.take(mark)
}

func (r *reader) cdxProperties(dst *[]Property, ex *Extras) {
	d := r.d
	mark := r.properties.mark()
	r.array(ex, "properties", func() {
		var p Property
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "name":
				r.oddStr(&p.Name)
			case "value":
				r.oddStr(&p.Value)
			default:
				r.oddMember()
			}
		}
		r.cisa = r.cisa || strings.HasPrefix(p.Name, sbomterm.CISAPrefix)
		r.properties.push(p)
	})
	*dst = r.properties.take(mark)
}

func (r *reader) cdxReferences(dst *[]ExternalReference, ex *Extras) {
	d := r.d
	mark := r.references.mark()
	r.array(ex, "externalReferences", func() {
		var ref ExternalReference
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "type":
				r.oddStr(&ref.Type)
			case "url":
				r.oddStr(&ref.Locator)
			case "comment":
				r.oddStr(&ref.Comment)
			case "hashes":
				var odd Extras
				r.cdxHashes(&ref.Hashes, &odd)
				r.odd = r.odd || odd.len() > 0
			default:
				r.oddMember()
			}
		}
		r.references.push(ref)
	})
	*dst = r.references.take(mark)
}

func (r *reader) cdxSWID(dst **SWID, ex *Extras) {
	if r.null(ex, "swid") {
		return
	}
	d, s := r.d, new(SWID)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "tagId":
			r.str(&s.TagID, &s.Extras, "tagId")
		case "name":
			r.str(&s.Name, &s.Extras, "name")
		case "version":
			r.str(&s.Version, &s.Extras, "version")
		case "tagVersion":
			r.integer(&s.TagVersion, &s.Extras, "tagVersion")
		case "url":
			r.str(&s.URL, &s.Extras, "url")
		default:
			r.extra(&s.Extras)
		}
	}
	*dst = s
}

func (r *reader) cdxPedigree(c *Component) {
	if r.null(&c.Extras, "pedigree") {
		return
	}
	d, p, self := r.d, new(Pedigree), new(c.at)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "ancestors":
			r.cdxDetached(&p.Ancestors, &p.Extras, "ancestors", sectionAncestors, self)
		case "descendants":
			r.cdxDetached(&p.Descendants, &p.Extras, "descendants", sectionDescendants, self)
		case "variants":
			r.cdxDetached(&p.Variants, &p.Extras, "variants", sectionVariants, self)
		case "commits":
			r.array(&p.Extras, "commits", func() {
				r.cdxCommit(add(r, &p.Commits))
			})
		case "notes":
			r.str(&p.Notes, &p.Extras, "notes")
		default:
			r.extra(&p.Extras)
		}
	}
	c.Pedigree = p
}

func (r *reader) cdxCommit(c *Commit) {
	d := r.d
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "uid":
			r.str(&c.UID, &c.Extras, "uid")
		case "url":
			r.str(&c.URL, &c.Extras, "url")
		case "message":
			r.str(&c.Message, &c.Extras, "message")
		default:
			r.extra(&c.Extras)
		}
	}
}

func (r *reader) cdxEvidence(dst **Evidence, ex *Extras) {
	if r.null(ex, "evidence") {
		return
	}
	d, e := r.d, new(Evidence)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "identity":
			r.cdxIdentity(e)
		case "occurrences":
			r.array(&e.Extras, "occurrences", func() {
				r.cdxOccurrence(add(r, &e.Occurrences))
			})
		case "licenses":
			r.cdxLicenses(&e.Licenses, &e.Extras)
		case "copyright":
			r.cdxCopyright(&e.Copyright, &e.Extras)
		default:
			r.extra(&e.Extras)
		}
	}
	*dst = e
}

func (r *reader) cdxCopyright(dst *[]string, ex *Extras) {
	d := r.d
	mark := r.strs.mark()
	r.array(ex, "copyright", func() {
		var s string
		for d.Object(); d.Next(); {
			if string(d.Key()) == "text" {
				r.oddStr(&s)
			} else {
				r.oddMember()
			}
		}
		r.strs.push(s)
	})
	*dst = r.strs.take(mark)
}

// cdxIdentity reads evidence of identity: an object in 1.5, from 1.6 on an array.
func (r *reader) cdxIdentity(e *Evidence) {
	if r.d.Kind() == jsonstrict.Object {
		start := r.d.Offset()
		e.Identity = make([]IdentityEvidence, 1)
		r.cdxIdentityMembers(&e.Identity[0])
		if r.d.Err() == nil {
			e.Extras.add("identity", r.from(start))
		}
		return
	}
	r.array(&e.Extras, "identity", func() {
		r.cdxIdentityMembers(add(r, &e.Identity))
	})
}

func (r *reader) cdxIdentityMembers(i *IdentityEvidence) {
	d, ex := r.d, &i.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "field":
			r.str(&i.Field, ex, "field")
		case "confidence":
			r.float(&i.Confidence, ex, "confidence")
		case "concludedValue":
			r.str(&i.Value, ex, "concludedValue")
		case "methods":
			r.array(ex, "methods", func() {
				r.cdxMethod(add(r, &i.Methods))
			})
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxMethod(m *EvidenceMethod) {
	d, ex := r.d, &m.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "technique":
			r.str(&m.Technique, ex, "technique")
		case "confidence":
			r.float(&m.Confidence, ex, "confidence")
		case "value":
			r.str(&m.Value, ex, "value")
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxOccurrence(o *Occurrence) {
	d, ex := r.d, &o.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "bom-ref":
			r.str(&o.Ref, ex, "bom-ref")
		case "location":
			r.str(&o.Location, ex, "location")
		case "line":
			r.integer(&o.Line, ex, "line")
		case "symbol":
			r.str(&o.Symbol, ex, "symbol")
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxService(at place) string {
	d, doc := r.d, r.doc
	i := len(doc.Services)
	add(r, &doc.Services)
	s := Service{at: at}
	ex := &s.Extras
	nested := len(r.nested)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "bom-ref":
			r.str(&s.Ref, ex, "bom-ref")
		case "provider":
			r.cdxParty(&s.Provider, ex, "provider")
		case "group":
			r.text(&s.Group, ex, "group")
		case "name":
			r.text(&s.Name, ex, "name")
		case "version":
			r.text(&s.Version, ex, "version")
		case "description":
			r.str(&s.Description, ex, "description")
		case "endpoints":
			r.strings(&s.Endpoints, ex, "endpoints")
		case "authenticated":
			r.boolean(&s.Authenticated, ex, "authenticated")
		case "x-trust-boundary":
			r.boolean(&s.CrossesBoundary, ex, "x-trust-boundary")
		case "trustZone":
			r.str(&s.TrustZone, ex, "trustZone")
		case "licenses":
			r.cdxLicenses(&s.Licenses, ex)
		case "externalReferences":
			r.cdxReferences(&s.ExternalReferences, ex)
		case "properties":
			r.cdxProperties(&s.Properties, ex)
		case "tags":
			r.strings(&s.Tags, ex, "tags")
		case "services":
			n, self := 0, new(s.at)
			r.array(ex, "services", func() {
				child := r.place(sectionServices, n, self)
				id := r.cdxService(child)
				r.nest(Relationship{Type: Contains, To: id, ToState: StateStated, Origin: originNested, at: child})
				n++
			})
		default:
			r.extra(ex)
		}
	}
	s.ID = r.claim(s.Ref, &s.at)
	r.hold(nested, s.ID)
	doc.Services[i] = s
	return s.ID
}

// cdxDependency reads one entry of the dependency graph. An entry without any
// dependency says that there is none.
func (r *reader) cdxDependency(index int) {
	d, doc := r.d, r.doc
	at := r.place(sectionDependencies, index, nil)
	entry := int32(index) + 1
	from := len(doc.Relationships)
	var ref string
	var ex Extras
	edges := func(name string, typ RelationshipType) {
		r.array(&ex, name, func() {
			to := d.String()
			*add(r, &doc.Relationships) = Relationship{
				Type: typ, To: to, ToState: StateStated, Origin: originDependencies, entry: entry, at: at,
			}
		})
	}
	depends := false
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "ref":
			r.str(&ref, &ex, "ref")
		case "dependsOn":
			before := len(doc.Relationships)
			edges("dependsOn", DependsOn)
			depends = len(doc.Relationships) > before
		case "provides":
			edges("provides", "provides")
		default:
			r.extra(&ex)
		}
	}
	if !depends {
		*add(r, &doc.Relationships) = Relationship{
			Type: DependsOn, ToState: StateNone, Origin: originDependencies, entry: entry, at: at,
		}
	}
	for i := from; i < len(doc.Relationships); i++ {
		doc.Relationships[i].From = ref
	}
	doc.Relationships[from].Extras = ex
}

func (r *reader) cdxComposition(c *Composition, index int) {
	d, ex := r.d, &c.Extras
	c.at = r.place(sectionCompositions, index, nil)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "bom-ref":
			r.str(&c.Ref, ex, "bom-ref")
		case "aggregate":
			var s string
			r.str(&s, ex, "aggregate")
			c.Aggregate = Completeness(s)
		case "assemblies":
			r.strings(&c.Assemblies, ex, "assemblies")
		case "dependencies":
			r.strings(&c.Dependencies, ex, "dependencies")
		case "vulnerabilities":
			r.strings(&c.Vulnerabilities, ex, "vulnerabilities")
		default:
			r.extra(ex)
		}
	}
}

// cdxAnnotation reads an annotation. Its annotator is kept as a whole, as it
// may be a component or service.
func (r *reader) cdxAnnotation(a *Annotation, index int) {
	d, ex := r.d, &a.Extras
	a.at = r.place(sectionAnnotations, index, nil)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "bom-ref":
			r.str(&a.Ref, ex, "bom-ref")
		case "subjects":
			r.strings(&a.Subjects, ex, "subjects")
		case "annotator":
			if r.null(ex, "annotator") {
				break
			}
			start := d.Offset()
			a.Annotator = r.cdxAnnotator()
			if d.Err() == nil {
				ex.add("annotator", r.from(start))
			}
		case "timestamp":
			r.time(&a.Date, ex, "timestamp")
		case "text":
			r.str(&a.Text, ex, "text")
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxAnnotator() *Party {
	d, p := r.d, new(Party)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "organization":
			r.cdxPartyMembers(p, PartyOrganization)
		case "individual":
			r.cdxPartyMembers(p, PartyPerson)
		case "component", "service":
			p.Kind = PartyTool
			for d.Object(); d.Next(); {
				switch string(d.Key()) {
				case "name":
					r.text(&p.Name, &p.Extras, "name")
				case "bom-ref":
					r.str(&p.Ref, &p.Extras, "bom-ref")
				default:
					r.extra(&p.Extras)
				}
			}
		}
	}
	return p
}
