// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// toCycloneDX builds a CycloneDX document from one of SPDX.
func (c *converter) toCycloneDX() {
	d, out := c.doc, c.out
	out.Format, out.SpecVersion, out.ID, out.Revision, out.Created = FormatCycloneDXJSON, c.target.Version, "#", 1, d.Created
	c.claim(d.ID, out.ID)
	id := c.identity()
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // a UUID of version 8 (RFC 9562 §5.8)
	out.Namespace = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	at := d.Position()
	toProperties(c, &out.Properties, documentProperty, documentMembers, d, "")
	if d.DataLicense == "CC0-1.0" {
		out.Licenses = cc0()
	} else {
		c.gone(at, "dataLicense", d.DataLicense != "")
	}
	c.cdxCreators()
	c.cdxExternalDocuments()
	for i := range d.Snippets {
		c.goneAt(d.Snippets[i].Position().Pointer, "snippets", true)
	}

	c.root = c.cdxRoot()
	for i := range d.Components {
		out.Components = append(out.Components, c.cdxComponent(&d.Components[i]))
	}
	for i := range d.Files {
		out.Components = append(out.Components, c.cdxFile(&d.Files[i]))
	}
	c.keepOtherTexts()
	c.cdxAnnotations(d.Annotations, d.ID)
	c.contain()
	c.edges(c.cdxEdge)
	c.inventory()
	c.cdxScopes()
}

// cdxRoot chooses what the result describes: the first package that the document
// describes, else the first file.
func (c *converter) cdxRoot() string {
	first := ""
	elements := map[string]ElementKind{}
	for id, e := range c.doc.IDs() {
		elements[id] = e.Kind()
	}
	for _, id := range c.doc.Roots() {
		switch elements[id] {
		case ElementComponent:
			return id
		case ElementFile:
			first = cmp.Or(first, id)
		}
	}
	return first
}

// cdxCreators makes authors, a manufacturer and tools of the creators.
func (c *converter) cdxCreators() {
	d, out := c.doc, c.out
	for i := range d.Authors {
		p := plainParty(&d.Authors[i])
		switch {
		case p == nil:
		case p.Kind == PartyOrganization && c.target.Version == "1.6" && out.Manufacturer == nil:
			out.Manufacturer = organization(p)
		default:
			out.Authors = append(out.Authors, *p)
			if p.Kind == PartyOrganization {
				c.lose("/creationInfo/creators", lossChanged, "the organization %q becomes an author, which are people in CycloneDX", p.Name.String())
			}
		}
	}
	for _, t := range d.Tools {
		out.Tools = append(out.Tools, Tool{Name: t.Name, Version: t.Version})
	}
}

// organization returns a party as CycloneDX writes one, whose address is that of a contact.
func organization(p *Party) *Party {
	if p == nil || p.Email == "" {
		return p
	}
	return &Party{Kind: p.Kind, Name: p.Name, Contacts: []Party{{Kind: PartyPerson, Email: p.Email}}}
}

// cdxExternalDocuments makes external references of type bom of the other documents.
func (c *converter) cdxExternalDocuments() {
	for i := range c.doc.ExternalDocuments {
		e := &c.doc.ExternalDocuments[i]
		ref := ExternalReference{Type: "bom", Locator: e.URI, Comment: e.ID}
		if e.Hash != (Hash{}) {
			ref.Hashes = c.cdxDigests([]Hash{e.Hash}, e.Position(), "checksum", nil)
		}
		c.out.ExternalReferences = append(c.out.ExternalReferences, ref)
	}
}

// cdxAnnotations carries annotations over; those without subjects are about the element that holds them.
func (c *converter) cdxAnnotations(list []Annotation, holder string) {
	for i := range list {
		a := &list[i]
		at := a.Position()
		q := Annotation{Annotator: plainParty(a.Annotator), Date: a.Date, Text: a.Text}
		if q.Annotator != nil && q.Annotator.Kind == PartyTool {
			q.Annotator.Extras.set("type", []byte(`"application"`))
		}
		subjects := a.Subjects
		if len(subjects) == 0 {
			subjects = []string{holder}
		}
		for j, subject := range subjects {
			switch ref, ok := c.ids[subject]; {
			case subject == c.doc.ID:
				q.Subjects = append(q.Subjects, fmt.Sprintf("urn:cdx:%s/%d", strings.TrimPrefix(c.out.Namespace, "urn:uuid:"), c.out.Revision))
			case ok:
				q.Subjects = append(q.Subjects, ref)
			default:
				c.goneAt(at.Pointer+"/subject/"+strconv.Itoa(j), "annotation of such an element", true)
			}
		}
		if len(q.Subjects) == 0 {
			c.goneAt(at.Pointer, "annotation of such an element", true)
			continue
		}
		c.gone(at, "annotationType", a.Type != "" && a.Type != "OTHER")
		c.out.Annotations = append(c.out.Annotations, q)
	}
}

// deepestNesting bounds components inside components: each is two levels of
// JSON, of which readers allow 200 by default.
const deepestNesting = 64

// contain chooses for each element in which other one it stands. A component
// stands at one place: in the first that contains it. What the subject of the
// document contains stands in the list of all its components.
func (c *converter) contain() {
	d := c.doc
	c.parents = map[string]int{} // index of the relationship by the ID of what is contained
	top := map[string]string{}   // of the tree that an ID stands in, as far as known
	find := func(id string) string {
		for top[id] != "" {
			if next := top[top[id]]; next != "" {
				top[id] = next
			}
			id = top[id]
		}
		return id
	}
	for i := range d.Relationships {
		r := &d.Relationships[i]
		_, from := c.ids[r.From]
		_, to := c.ids[r.To]
		_, placed := c.parents[r.To]
		if r.Type != Contains || !from || !to || placed || r.From == c.root || r.To == c.root || r.From == d.ID || r.To == d.ID || find(r.From) == r.To {
			continue
		}
		c.parents[r.To] = i
		top[r.To] = find(r.From)
	}
	depths := map[string]int{}
	for id := range d.IDs() {
		var chain []string
		for at := id; depths[at] == 0; {
			chain = append(chain, at)
			i, ok := c.parents[at]
			if !ok {
				break
			}
			at = d.Relationships[i].From
		}
		for _, at := range slices.Backward(chain) {
			depths[at] = 1
			if i, ok := c.parents[at]; ok {
				depths[at] = depths[d.Relationships[i].From] + 1
			}
			if depths[at] > deepestNesting {
				delete(c.parents, at)
				depths[at] = 1
			}
		}
	}
}

// cdxEdge returns what CycloneDX has for a relationship, and whether there is anything.
func (c *converter) cdxEdge(r *Relationship) bool {
	d := c.doc
	at := r.Position().Pointer
	c.goneAt(at+"/comment", "comment of a relationship", r.Comment != "" && r.Type != hasDeclaredLicense && r.Type != hasConcludedLicense)
	r.Comment = ""
	plain := r.From != d.ID && r.To != d.ID
	switch {
	case r.Type == Describes && r.From == d.ID && r.To == c.root && r.To != "":
		r.Origin = originMetadata
		return true
	case r.Type == Describes && r.From == d.ID && c.root != "":
		c.lose(at, lossNoField, "a CycloneDX document describes one component, and this is another")
		return false
	case r.Type == hasDeclaredLicense, r.Type == hasConcludedLicense:
		return false // a member of the component
	case FollowDependencies(r) && plain && r.ToState != StateNoAssertion:
		switch {
		case r.Type != DependsOn:
			c.lose(at, lossChanged, "the relationship %s becomes a dependency", r.Type)
		case r.Scope != ScopeUnspecified:
			c.lose(at, lossChanged, "the scope %s of the dependency is not stated for the relationship", r.Scope)
		}
		c.depends(r)
		r.Type, r.Scope, r.Origin = DependsOn, ScopeUnspecified, originDependencies
		return true
	case r.Type == "provides" && plain && c.target.Version == "1.6" && r.To != "":
		r.Origin = originDependencies
		return true
	case r.Type == Contains && c.isParent(r):
		if r.Scope != ScopeUnspecified {
			c.lose(at, lossChanged, "the scope %s of the relationship becomes that of the component", r.Scope)
			c.depends(r)
		}
		r.Scope, r.Origin = ScopeUnspecified, originNested
		return true
	case r.Type == Contains && r.From == c.root && plain && r.To != "" && r.Scope == ScopeUnspecified:
		c.listed[parentPointer(at)]++
		return false
	case r.ToState == StateNoAssertion:
		return false
	}
	c.lose(at, lossNoField, "a relationship of type %s between these elements has no place", relationLabel(r))
	return false
}

func relationLabel(r *Relationship) string {
	return strings.TrimSpace(string(r.Type) + " " + r.Scope.String())
}

// isParent reports whether r says in which component another one stands.
func (c *converter) isParent(r *Relationship) bool {
	i, ok := c.parents[r.To]
	return ok && c.doc.Relationships[i].From == r.From
}

func parentPointer(pointer string) string {
	return pointer[:max(strings.LastIndexByte(pointer, '/'), 0)]
}

// inventory says what became of the relationships of which the subject contains others.
func (c *converter) inventory() {
	for _, pointer := range slices.Sorted(maps.Keys(c.listed)) {
		c.lose(pointer, lossChanged, "%d relationships by which the subject contains a component: the list of components says so", c.listed[pointer])
	}
}

// depends notes how much a relationship needs what it is to.
func (c *converter) depends(r *Relationship) {
	need := needRequired
	switch r.Scope {
	case ScopeOptional:
		need = needOptional
	case ScopeDevelopment, ScopeBuild, ScopeTest:
		need = needExcluded
	}
	c.needs[r.To] = max(c.needs[r.To], need)
}

// need is how much a component is needed by anything, in the words of CycloneDX scope.
type need uint8

const (
	needUnknown need = iota
	needExcluded
	needOptional
	needRequired
)

// cdxScopes sets the scope of what every relationship needs for development alone, or optionally.
func (c *converter) cdxScopes() {
	scopes := map[string]string{}
	for id, need := range c.needs {
		switch need {
		case needExcluded:
			scopes[c.ids[id]] = "excluded"
		case needOptional:
			scopes[c.ids[id]] = "optional"
		}
	}
	for i := range c.out.Components {
		c.out.Components[i].Scope = scopes[c.out.Components[i].ID]
	}
}

// cdxTypes are the types of CycloneDX 1.5; 1.6 adds one, which SPDX does not have.
var cdxTypes = []ComponentType{
	"application", "framework", TypeLibrary, TypeContainer, "platform", TypeOperatingSystem, "device",
	"device-driver", "firmware", TypeFile, "machine-learning-model", "data",
}

// cdxRef returns a bom-ref for an ID.
func (c *converter) cdxRef(id string) string {
	want := id
	if strings.HasPrefix(id, "#") {
		want = "ref" + strings.ReplaceAll(id[1:], "/", "-")
	}
	return c.claim(id, want)
}

func (c *converter) cdxComponent(p *Component) Component {
	at := p.Position()
	id := c.cdxRef(p.ID)
	q := Component{
		ID: id, Ref: id, Type: p.Type, Name: NewText(said(p.Name)), Description: p.Description, Supplier: organization(plainParty(p.Supplier)),
	}
	if p.Supplier.Stated() && p.Supplier.Kind == PartyPerson {
		c.lose(at.Pointer+"/supplier", lossChanged, "the person becomes an organization, as suppliers are in CycloneDX")
	}
	c.cdxType(p, &q)
	q.Hashes = c.cdxDigests(p.Hashes, at, "checksums", &q.Properties)
	var found []License
	var properties []Property
	q.Licenses, found, properties = c.cdxStatements(p.Licenses, at.Pointer)
	if len(found) > 0 {
		q.Evidence = &Evidence{Licenses: found}
	}
	q.Properties = append(q.Properties, properties...)
	if p.Version.Stated() {
		q.Version = p.Version
	}
	if p.Copyright.Stated() {
		q.Copyright = p.Copyright
	}
	c.cdxOriginator(p, &q)
	c.cdxIdentifiers(p, &q)
	c.cdxReferenceList(p, &q)
	toProperties(c, &q.Properties, packageProperty, packageMembers, p, at.Pointer)
	c.cdxAnnotations(p.Annotations, p.ID)
	c.gone(at, "software_additionalPurpose", len(p.Types) > 0)
	return q
}

// cdxType sets the type, which CycloneDX requires.
func (c *converter) cdxType(p, q *Component) {
	if slices.Contains(cdxTypes, p.Type) {
		return
	}
	at := p.Position()
	q.Type = TypeLibrary
	if p.Type == "" {
		c.lose(at.Pointer, lossAssumed, "the type is not stated; assumed to be library")
		return
	}
	q.Properties = append(q.Properties, Property{packageProperty + "primaryPackagePurpose", p.Type.spdxPurpose()})
	c.lose(at.Pointer+"/primaryPackagePurpose", lossChanged, "CycloneDX has no type %q; it becomes a library with the property %q", string(p.Type), packageProperty+"primaryPackagePurpose")
}

func (c *converter) cdxOriginator(p, q *Component) {
	o := plainParty(p.Originator)
	at := p.Position()
	switch {
	case o == nil:
	case c.target.Version != "1.6":
		q.Author = NewText(o.String())
		c.lose(at.Pointer+"/originator", lossChanged, "the originator becomes the author")
	case o.Kind == PartyOrganization:
		q.Originator = organization(o)
	default:
		q.Authors = []Party{*o}
	}
}

func (c *converter) cdxFile(f *File) Component {
	at := f.Position()
	id := c.cdxRef(f.ID)
	q := Component{ID: id, Ref: id, Type: TypeFile, Name: NewText(f.Name)}
	q.Hashes = c.cdxDigests(f.Hashes, at, "checksums", &q.Properties)
	if f.Copyright.Stated() {
		q.Copyright = f.Copyright
	}
	licenses := []License{{Kind: LicenseConcluded, Expression: f.Concluded}}
	for _, t := range f.LicenseInfo {
		licenses = append(licenses, License{Kind: LicenseFound, Expression: t})
	}
	var found []License
	q.Licenses, found, _ = c.cdxStatements(licenses, at.Pointer)
	if len(found) > 0 {
		q.Evidence = &Evidence{Licenses: found}
	}
	toProperties(c, &q.Properties, fileProperty, fileMembers, f, at.Pointer)
	if f.Detail != nil {
		c.cdxAnnotations(f.Detail.Annotations, f.ID)
	}
	return q
}

// cdxHashes are the algorithms of CycloneDX 1.5 and 1.6.
var cdxHashes = []HashAlgorithm{
	"MD5", SHA1, SHA256, SHA384, SHA512, SHA3_256, SHA3_384, SHA3_512, "BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512", "BLAKE3",
}

// cdxDigests returns the digests that CycloneDX has an algorithm for; the others become properties, if there is a place for these.
func (c *converter) cdxDigests(list []Hash, at Position, member string, properties *[]Property) []Hash {
	var out []Hash
	for _, h := range list {
		switch {
		case slices.Contains(cdxHashes, h.Algorithm):
			out = append(out, h)
		case properties != nil:
			*properties = append(*properties, Property{packageProperty + "checksums", string(h.Algorithm) + ":" + h.Value})
			c.lose(at.Pointer+"/"+member, lossChanged, "CycloneDX %s has no algorithm %s; kept as the property %q", c.target.Version, h.Algorithm, packageProperty+"checksums")
		default:
			c.lose(at.Pointer+"/"+member, lossNotAllowed, "CycloneDX %s has no algorithm %s", c.target.Version, h.Algorithm)
		}
	}
	return out
}

// cdxIdentifiers sets the identifiers. CycloneDX has one package URL and one CPE,
// and from 1.6 on lists of gitoids and SWHIDs; the others become properties.
func (c *converter) cdxIdentifiers(p, q *Component) {
	var purl, cpe bool
	for i := range p.Identifiers {
		id := Identifier{Kind: p.Identifiers[i].Kind, Value: p.Identifiers[i].Value}
		switch {
		case id.Kind == IdentifierPURL && !purl:
			purl = true
		case (id.Kind == IdentifierCPE22 || id.Kind == IdentifierCPE23) && !cpe:
			cpe = true
		case (id.Kind == IdentifierGitoid || id.Kind == IdentifierSWHID) && c.target.Version == "1.6":
		default:
			q.Properties = append(q.Properties, Property{"spdx:identifier:" + id.Kind.String(), id.Value})
			c.lose(p.Position().Pointer+"/externalRefs", lossChanged, "a further %s is kept as a property", id.Kind)
			continue
		}
		q.Identifiers = append(q.Identifiers, id)
	}
}

// cdxReferenceList sets the external references. One of a type that CycloneDX does not have is of
// type other, with category and type of SPDX before its comment.
func (c *converter) cdxReferenceList(p, q *Component) {
	add := func(typ, url, comment string) {
		q.ExternalReferences = append(q.ExternalReferences, ExternalReference{Type: typ, Locator: url, Comment: comment})
	}
	if p.DownloadLocation.Stated() {
		add("distribution", p.DownloadLocation.String(), "")
	}
	if p.Homepage.Stated() {
		add("website", p.Homepage.String(), "")
	}
	for _, ref := range p.ExternalReferences {
		switch ref.Type {
		case "advisory", "securityAdvisory":
			add("advisories", ref.Locator, ref.Comment)
		case "website", "vcs", "issue-tracker", "mailing-list", "documentation", "support", "distribution", "license":
			add(ref.Type, ref.Locator, ref.Comment)
		default:
			add("other", ref.Locator, strings.TrimSpace(ref.Category+" "+ref.Type+" "+ref.Comment))
		}
	}
}
