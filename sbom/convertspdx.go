// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/sbomterm"
)

// spdxHashes are the algorithms of SPDX 2.3 §7.10.
var spdxHashes = []HashAlgorithm{
	SHA1, SHA224, SHA256, SHA384, SHA512, SHA3_256, SHA3_384, SHA3_512, "BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512",
	"BLAKE3", "MD2", "MD4", "MD5", "MD6", "ADLER32",
}

// toSPDX builds an SPDX 2.3 document from one of CycloneDX or SPDX 3.
func (c *converter) toSPDX() {
	d, out := c.doc, c.out
	out.Format, out.SpecVersion, out.ID, out.Ref, out.DataLicense = FormatSPDXJSON, "SPDX-2.3", "SPDXRef-DOCUMENT", "SPDXRef-DOCUMENT", "CC0-1.0"
	c.claim(d.ID, out.ID)
	out.Name, out.Namespace = d.Name, c.namespace()
	out.Comment, out.CreatorComment, out.Created = d.Comment, d.CreatorComment, d.Created
	at := d.Position()
	properties := c.readKeptTexts(fromProperties(documentProperty, documentMembers, out, d.Properties))
	out.Name = NewText(cmp.Or(said(out.Name), c.subject()))
	if d.Format == FormatSPDX3JSON {
		c.spdx3Licenses()
	}
	c.spdxCreators()
	c.goneAt("/metadata/lifecycles", "lifecycles", len(d.Lifecycles) > 0)
	c.goneAt("/metadata/licenses", "licence of the document but CC0-1.0", !slices.EqualFunc(d.Licenses, cc0(), sameLicense) && len(d.Licenses) > 0)
	c.goneAt("/metadata/properties", "properties", len(d.MetadataProperties) > 0)
	c.gone(at, "properties", len(properties) > 0)
	c.gone(at, "compositions", len(d.Compositions) > 0)
	c.gone(at, "vulnerabilities", len(d.Vulnerabilities) > 0)
	for i := range d.Services {
		c.goneAt(d.Services[i].Position().Pointer, "services", true)
	}
	for i := range d.Components {
		out.Components = append(out.Components, c.spdxPackage(&d.Components[i]))
	}
	c.subjectParties()
	for i := range d.Files {
		out.Files = append(out.Files, c.spdxFile(&d.Files[i]))
	}
	for i := range d.Snippets {
		c.spdxSnippet(&d.Snippets[i])
	}
	c.spdxExternalDocuments()
	c.edges(c.spdxEdge)
	c.spdxAnnotations()
	c.required()
}

// spdxCreators makes creators of everybody who made the document.
func (c *converter) spdxCreators() {
	d, out := c.doc, c.out
	for i := range d.Authors {
		if p := plainParty(&d.Authors[i]); p != nil {
			if p.Kind == PartyUnknown {
				p.Kind = PartyPerson
			}
			out.Authors = append(out.Authors, *p)
		}
	}
	if p := plainParty(d.Manufacturer); p != nil {
		p.Email = cmp.Or(p.Email, contactEmail(d.Manufacturer))
		out.Authors = append(out.Authors, *p)
	}
	for _, t := range d.Tools {
		out.Tools = append(out.Tools, Tool{Name: t.Name, Version: t.Version})
	}
}

// cc0 is the licence of every SPDX document, as a licence of CycloneDX.
func cc0() []License { return []License{{Expression: NewText("CC0-1.0"), form: formID}} }

func sameLicense(a, b License) bool { return a.Expression == b.Expression && a.Detail == nil }

// subjectParties gives the package that the document describes the parties that
// CycloneDX states of it in the metadata.
func (c *converter) subjectParties() {
	d := c.doc
	roots := d.Roots()
	root := slices.IndexFunc(d.Components, func(p Component) bool { return len(roots) > 0 && p.ID == roots[0] })
	give := func(member string, p *Party, dst func(*Component) **Party) {
		switch {
		case p == nil:
		case root >= 0 && *dst(&c.out.Components[root]) == nil:
			*dst(&c.out.Components[root]) = spdxParty(p)
		default:
			c.goneAt("/metadata/"+member, member, true)
		}
	}
	give("supplier", d.Supplier, func(p *Component) **Party { return &p.Supplier })
	give("manufacture", d.Manufacture, func(p *Component) **Party { return &p.Originator })
}

// spdxParty returns a party as SPDX 2 writes it, nil for none.
func spdxParty(p *Party) *Party {
	q := plainParty(p)
	if q == nil {
		return nil
	}
	if q.Kind == PartyUnknown {
		q.Kind = PartyOrganization
	}
	q.Email = cmp.Or(q.Email, contactEmail(p))
	return q
}

// contactEmail returns the address of an organization whose only contact is no more than that.
func contactEmail(p *Party) string {
	if p != nil && len(p.Contacts) == 1 && !p.Contacts[0].Name.Stated() {
		return p.Contacts[0].Email
	}
	return ""
}

// spdxEdge returns what relationship SPDX 2 has for one, and whether there is any.
func (c *converter) spdxEdge(r *Relationship) bool {
	at := r.Position().Pointer
	switch r.Type {
	case hasDeclaredLicense, hasConcludedLicense:
		return false // a member of the package
	case "hasAssociatedVulnerability":
		c.lose(at, lossNoField, "a relationship of type %s has no place", r.Type)
		return false
	case DependsOn:
		if r.Scope == ScopeUnspecified && c.optional[r.To] {
			r.Scope = ScopeOptional
		}
	}
	r.Origin = originRelationships
	word, _ := r.spdx2()
	switch w := &relationWords[relationWordIndex[word]]; {
	case word == "OTHER" && r.Type != Other:
		r.Comment = strings.TrimSpace(string(r.Type) + " " + r.Comment)
		r.Type = Other
		c.lose(at, lossChanged, "a relationship of type %s becomes OTHER, with the type as its comment", strings.Fields(r.Comment)[0])
	case w.scope != r.Scope:
		c.lose(at, lossChanged, "%s does not state the scope %s", word, r.Scope)
	}
	return true
}

// namespace is one that belongs to the source alone.
func (c *converter) namespace() string {
	if s := c.doc.Namespace; strings.HasPrefix(s, "urn:uuid:") {
		return fmt.Sprintf("%s/%d", s, max(c.doc.Revision, 1))
	}
	return "https://spdx.org/spdxdocs/" + hex.EncodeToString(c.identity())
}

// identity is a digest of the source.
func (c *converter) identity() []byte {
	text := []byte(c.doc.Namespace)
	if len(text) == 0 {
		if own, err := c.doc.Marshal(); err == nil {
			text = own
		}
	}
	sum := sha256.Sum256(text)
	return sum[:16]
}

func (c *converter) spdxDigests(list []Hash, at Position) []Hash {
	var out []Hash
	for _, h := range list {
		if slices.Contains(spdxHashes, h.Algorithm) {
			out = append(out, h)
		} else {
			c.lose(at.Pointer+"/hashes", lossNotAllowed, "SPDX 2.3 has no algorithm %s", h.Algorithm)
		}
	}
	return out
}

func (c *converter) spdxPackage(p *Component) Component {
	at := p.Position()
	id := c.spdxID(p.ID, p.Name.String())
	q := Component{
		ID: id, Ref: id, Name: p.Name, Version: p.Version, Copyright: p.Copyright, Hashes: c.spdxDigests(p.Hashes, at),
		DownloadLocation: p.DownloadLocation, Homepage: p.Homepage, Description: p.Description, Summary: p.Summary,
		Comment: p.Comment, SourceInfo: p.SourceInfo, FileName: p.FileName, Supplier: spdxParty(p.Supplier), Originator: spdxParty(p.Originator),
		VerificationCode: p.VerificationCode,
	}
	if p.Name.State() != StateStated {
		q.Name = NewText("")
	}
	if p.Version.State() != StateStated {
		q.Version = Text{}
	}
	if p.Copyright.State() == StateEmpty || p.Copyright.State() == StateRedacted {
		q.Copyright = Text{}
	}
	if p.Type.spdxPurpose() != string(p.Type) {
		q.Type = p.Type
	} else {
		c.gone(at, "type", p.Type != "")
	}
	c.gone(at, "software_additionalPurpose", len(p.Types) > 0)
	c.spdxMakers(p, &q)
	for i := range p.Identifiers {
		q.Identifiers = append(q.Identifiers, Identifier{Kind: p.Identifiers[i].Kind, Value: p.Identifiers[i].Value})
	}
	c.spdxReferences(p, &q)
	q.Licenses = c.spdxLicenses(p.Licenses, at.Pointer+"/licenses")
	if m := p.Detail; m != nil {
		q.Detail = &Detail{LicenseComments: m.LicenseComments, AttributionTexts: m.AttributionTexts, Released: m.Released, Built: m.Built, ValidUntil: m.ValidUntil}
		c.gone(at, "modified", m.Modified != nil)
		c.gone(at, "isExternal", m.External != nil)
		c.gone(at, "versionRange", m.VersionRange != "")
		c.gone(at, "tags", len(m.Tags) > 0)
	}
	c.spdxProperties(p, &q)
	if q.FilesAnalyzed == nil && q.VerificationCode == nil {
		q.FilesAnalyzed = new(bool)
	}
	c.spdxEvidence(p, &q)
	c.gone(at, "group", p.Group.Stated() && p.PURL() == "")
	c.spdxScope(p)
	c.gone(at, "mime-type", p.MIMEType != "")
	c.gone(at, "swid", p.SWID != nil)
	c.gone(at, "pedigree", p.Pedigree != nil)
	return q
}

// spdxMakers sets supplier and originator from those whom CycloneDX tells apart further.
func (c *converter) spdxMakers(p, q *Component) {
	at := p.Position()
	for i := range p.Authors {
		author := spdxParty(&p.Authors[i])
		if author != nil && p.Authors[i].Kind == PartyUnknown {
			author.Kind = PartyPerson
		}
		if q.Originator == nil {
			q.Originator = author
		} else {
			c.gone(at, "authors/"+strconv.Itoa(i), author != nil)
		}
	}
	if p.Author.Stated() {
		if q.Originator == nil {
			q.Originator = &Party{Kind: PartyPerson, Name: p.Author}
			c.lose(at.Pointer+"/author", lossChanged, "the author becomes the originator")
		} else {
			c.gone(at, "author", q.Originator.Name != p.Author)
		}
	}
	if s := said(p.Publisher); s != "" {
		if q.Supplier == nil {
			q.Supplier = &Party{Kind: PartyOrganization, Name: NewText(s)}
			c.lose(at.Pointer+"/publisher", lossChanged, "the publisher becomes the supplier")
		} else {
			c.gone(at, "publisher", q.Supplier.Name.String() != s)
		}
	}
}

// spdxReferences sets the external references. The first address of a
// distribution is the download location of SPDX, the first web site the homepage.
func (c *converter) spdxReferences(p, q *Component) {
	for i, ref := range p.ExternalReferences {
		if ref.Locator == "" {
			continue
		}
		c.gone(p.Position(), "externalReferences/"+strconv.Itoa(i)+"/hashes", len(ref.Hashes) > 0)
		field := (*Text)(nil)
		switch ref.Type {
		case "distribution":
			field = &q.DownloadLocation
		case "website":
			field = &q.Homepage
		}
		if field != nil && !field.Stated() {
			*field = NewText(ref.Locator)
			if ref.Comment == "" {
				continue
			}
		}
		other := ExternalReference{Category: "OTHER", Type: cmp.Or(strings.ReplaceAll(ref.Type, " ", "-"), "other"), Locator: ref.Locator, Comment: ref.Comment}
		switch words := strings.SplitN(ref.Comment, " ", 3); {
		case ref.Type == "advisories" || ref.Type == "advisory" || ref.Type == "securityAdvisory":
			other.Category, other.Type = "SECURITY", "advisory"
		case ref.Type == "other" && len(words) > 1 && slices.Contains(spdxCategories, words[0]): // see cdxReferenceList
			other.Category, other.Type, other.Comment = words[0], words[1], strings.Join(words[2:], "")
		}
		q.ExternalReferences = append(q.ExternalReferences, other)
	}
}

// spdxCategories are the categories of external references (SPDX 2.3 §7.21).
var spdxCategories = []string{"SECURITY", "PACKAGE-MANAGER", "PERSISTENT-ID", "OTHER"}

// spdxProperties makes members of the properties that hold them; the others are lost.
func (c *converter) spdxProperties(p, q *Component) {
	rest := fromProperties(packageProperty, packageMembers, q, p.Properties)
	lost := 0
	for _, property := range rest {
		kind, ok := strings.CutPrefix(property.Name, "spdx:identifier:")
		if i := slices.Index(identifierNames[:], kind); ok && i > 0 {
			q.Identifiers = append(q.Identifiers, Identifier{Kind: IdentifierKind(i), Value: property.Value})
		} else {
			lost++
		}
	}
	c.gone(p.Position(), "properties", lost > 0)
	for i := range q.Licenses {
		if l := &q.Licenses[i]; l.Kind == LicenseConcluded {
			l.Expression = assertable(c.spdxLicense(&License{Expression: l.Expression}, p.Position().Pointer+"/licenses"))
		}
	}
}

// spdxEvidence sets what was found in the files of a package. Only a package whose
// files were analyzed has licences from them (SPDX 2.3 §7.14).
func (c *converter) spdxEvidence(p, q *Component) {
	e := p.Evidence
	if e == nil {
		return
	}
	at := Position{Pointer: p.Position().Pointer + "/evidence"}
	if q.FilesAnalyzed != nil && !*q.FilesAnalyzed {
		c.gone(at, "licenses", len(e.Licenses) > 0)
	} else {
		for i := range e.Licenses {
			text := c.spdxLicense(&e.Licenses[i], at.Pointer+"/licenses/"+strconv.Itoa(i))
			parts := []string{text}
			if !strings.Contains(text, "(") && !strings.Contains(text, " OR ") {
				parts = strings.Split(text, " AND ")
			}
			for _, one := range parts {
				q.Licenses = append(q.Licenses, License{Kind: LicenseFound, Expression: assertable(one)})
			}
		}
	}
	if !q.Copyright.Stated() && len(e.Copyright) > 0 {
		q.Copyright = NewText(strings.Join(e.Copyright, "\n"))
		c.lose(at.Pointer+"/copyright", lossChanged, "the copyright that was found becomes that of the package")
	} else {
		c.gone(at, "copyright", len(e.Copyright) > 0)
	}
	c.gone(at, "identity", len(e.Identity) > 0)
	c.gone(at, "occurrences", len(e.Occurrences) > 0)
}

// spdxScope says what becomes of a scope: SPDX has it of dependencies, see spdxEdge.
func (c *converter) spdxScope(p *Component) {
	switch at := p.Position(); {
	case p.Scope == "optional" && c.dependedOn()[p.ID]:
		if c.optional == nil {
			c.optional = map[string]bool{}
		}
		c.optional[p.ID] = true
		c.lose(at.Pointer+"/scope", lossChanged, "dependencies on it become OPTIONAL_DEPENDENCY_OF")
	default:
		c.gone(at, "scope", p.Scope != "")
	}
}

// dependedOn returns the IDs of what anything depends on.
func (c *converter) dependedOn() map[string]bool {
	if c.depended == nil {
		c.depended = map[string]bool{}
		for i := range c.doc.Relationships {
			if r := &c.doc.Relationships[i]; r.Type == DependsOn {
				c.depended[r.To] = true
			}
		}
	}
	return c.depended
}

// spdxFile carries a file of SPDX 3 over.
func (c *converter) spdxFile(f *File) File {
	at := f.Position()
	q := File{ID: c.spdxID(f.ID, f.Name), Name: f.Name, Hashes: c.spdxDigests(f.Hashes, at), Copyright: f.Copyright, Comment: f.Comment}
	q.Concluded = c.spdxText(f.Concluded, at)
	for _, t := range f.LicenseInfo {
		q.LicenseInfo = append(q.LicenseInfo, c.spdxText(t, at))
	}
	c.gone(at, "software_primaryPurpose", len(f.Types) > 0)
	return q
}

// spdxText returns an expression of which every LicenseRef is defined.
func (c *converter) spdxText(t Text, at Position) Text {
	if !t.Stated() {
		return t
	}
	return assertable(c.spdxLicense(&License{Expression: t}, at.Pointer))
}

// spdxSnippet carries a snippet of SPDX 3 over. One that names no range of a file
// that the result holds has no place in SPDX 2.
func (c *converter) spdxSnippet(s *Snippet) {
	at := s.Position()
	file, ok := c.ids[s.File]
	if !ok || len(s.Ranges) == 0 {
		c.goneAt(at.Pointer, "snippets without a file and a range in it", true)
		return
	}
	q := Snippet{
		ID: c.spdxID(s.ID, s.Name), Name: s.Name, File: file, Ranges: slices.Clone(s.Ranges), Copyright: s.Copyright, Comment: s.Comment,
		Concluded: c.spdxText(s.Concluded, at),
	}
	for i := range q.Ranges {
		q.Ranges[i].StartFile, q.Ranges[i].EndFile = file, file
	}
	c.out.Snippets = append(c.out.Snippets, q)
}

// spdxExternalDocuments makes references to other documents of those that name one by its digest.
func (c *converter) spdxExternalDocuments() {
	taken := map[string]bool{}
	for i, ref := range c.doc.ExternalReferences {
		at := "/externalReferences/" + strconv.Itoa(i)
		sum := slices.IndexFunc(ref.Hashes, func(h Hash) bool { return h.Algorithm == SHA1 })
		if ref.Type != "bom" || sum < 0 {
			c.goneAt(at, "externalReferences", true)
			continue
		}
		id := ref.Comment
		if rest, ok := strings.CutPrefix(id, "DocumentRef-"); !ok || sbomterm.LicenseRef(rest) != "LicenseRef-"+rest || taken[id] {
			id = "DocumentRef-" + strconv.Itoa(i)
			c.goneAt(at+"/comment", "comment of an external document", ref.Comment != "")
		}
		taken[id] = true
		c.goneAt(at+"/hashes", "further digest of an external document", len(ref.Hashes) > 1)
		c.out.ExternalDocuments = append(c.out.ExternalDocuments, ExternalDocument{ID: id, URI: ref.Locator, Hash: ref.Hashes[sum]})
	}
	for i := range c.doc.ExternalDocuments {
		c.goneAt(c.doc.ExternalDocuments[i].Position().Pointer, "external documents of SPDX 3", true)
	}
}

// spdxAnnotations puts each annotation inside the elements that it is about.
func (c *converter) spdxAnnotations() {
	packages, files := map[string]int{}, map[string]int{}
	for i := range c.out.Components {
		packages[c.out.Components[i].ID] = i
	}
	for i := range c.out.Files {
		files[c.out.Files[i].ID] = i
	}
	for i := range c.doc.Annotations {
		a := &c.doc.Annotations[i]
		at := a.Position()
		q := Annotation{Type: strings.ToUpper(cmp.Or(a.Type, "other")), Annotator: spdxAnnotator(a.Annotator), Date: a.Date, Text: a.Text}
		subjects := a.Subjects
		if len(subjects) == 0 {
			subjects = []string{c.doc.ID}
		}
		for j, subject := range subjects {
			id := c.ids[subject]
			if n, ok := packages[id]; ok {
				c.out.Components[n].Annotations = append(c.out.Components[n].Annotations, q)
			} else if n, ok := files[id]; ok {
				if c.out.Files[n].Detail == nil {
					c.out.Files[n].Detail = &FileDetail{}
				}
				c.out.Files[n].Detail.Annotations = append(c.out.Files[n].Detail.Annotations, q)
			} else if id == c.out.ID || subject == c.bomLink() {
				c.out.Annotations = append(c.out.Annotations, q)
			} else {
				c.goneAt(at.Pointer+"/subjects/"+strconv.Itoa(j), "annotation of such an element", true)
			}
		}
	}
}

func spdxAnnotator(p *Party) *Party {
	q := plainParty(p)
	if q != nil && q.Kind == PartyUnknown {
		q.Kind = PartyPerson
	}
	return q
}

// bomLink is the name of the CycloneDX document in other documents.
func (c *converter) bomLink() string {
	return fmt.Sprintf("urn:cdx:%s/%d", strings.TrimPrefix(c.doc.Namespace, "urn:uuid:"), max(c.doc.Revision, 1))
}
