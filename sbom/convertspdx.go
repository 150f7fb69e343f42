// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/sbomterm"
)

// spdxHashes are the algorithms of SPDX 2.3 §7.10.
var spdxHashes = []HashAlgorithm{
	SHA1, SHA224, SHA256, SHA384, SHA512, SHA3_256, SHA3_384, SHA3_512, BLAKE2b_256, BLAKE2b_384, BLAKE2b_512,
	BLAKE3, MD2, MD4, MD5, MD6, ADLER32,
}

// toSPDX builds an SPDX 2.3 document from one of CycloneDX or SPDX 3.
func (c *converter) toSPDX() {
	d, out := c.doc, c.out
	out.Format, out.SpecVersion, out.ID, out.Ref, out.DataLicense = FormatSPDXJSON, "SPDX-2.3", "SPDXRef-DOCUMENT", "SPDXRef-DOCUMENT", "CC0-1.0"
	c.claim(d.ID, out.ID)
	out.Name = NewText(cmp.Or(said(d.Name), c.subject()))
	out.Namespace = c.namespace()
	out.Comment, out.CreatorComment, out.Created = d.Comment, d.CreatorComment, d.Created
	for i := range d.Authors {
		if p := plainParty(&d.Authors[i]); p != nil {
			if p.Kind == PartyUnknown {
				p.Kind = PartyPerson
			}
			out.Authors = append(out.Authors, *p)
		}
	}
	if p := plainParty(d.Manufacturer); p != nil {
		out.Authors = append(out.Authors, *p)
	}
	for _, t := range d.Tools {
		out.Tools = append(out.Tools, Tool{Name: t.Name, Version: t.Version})
	}
	at := d.Position()
	c.gone(at, "metadata/supplier", d.Supplier != nil)
	c.gone(at, "metadata/manufacture", d.Manufacture != nil)
	c.gone(at, "metadata/lifecycles", len(d.Lifecycles) > 0)
	c.gone(at, "metadata/licenses", len(d.Licenses) > 0)
	c.gone(at, "metadata/properties", len(d.MetadataProperties) > 0)
	c.gone(at, "properties", len(d.Properties) > 0)
	c.gone(at, "services", len(d.Services) > 0)
	c.gone(at, "compositions", len(d.Compositions) > 0)
	c.gone(at, "vulnerabilities", len(d.Vulnerabilities) > 0)
	c.gone(at, "externalReferences", len(d.ExternalReferences) > 0)
	c.gone(at, "annotations", len(d.Annotations) > 0)
	c.gone(at, "externalDocumentRefs", len(d.ExternalDocuments) > 0)
	c.gone(at, "snippets", len(d.Snippets) > 0)
	c.extras(at, d.Extras, "$schema")
	c.extras(at, d.MetadataExtras, "tools", "timestamp", "authors")
	for i := range d.Components {
		out.Components = append(out.Components, c.spdxPackage(&d.Components[i]))
	}
	for i := range d.Files {
		f := &d.Files[i]
		id := c.spdxID(f.ID, f.Name)
		out.Files = append(out.Files, File{ID: id, Name: f.Name, Types: nil, Hashes: c.spdxDigests(f.Hashes, f.Position()), Concluded: f.Concluded, Copyright: f.Copyright, Comment: f.Comment})
		c.gone(f.Position(), "fileTypes", len(f.Types) > 0)
	}
	out.ExtractedLicenses = append(out.ExtractedLicenses, d.ExtractedLicenses...)
	for i := range out.ExtractedLicenses {
		out.ExtractedLicenses[i].Extras = Extras{}
	}
	c.edges(func(r *Relationship) bool {
		r.Origin = OriginRelationships
		return r.Type != HasDeclaredLicense && r.Type != HasConcludedLicense && r.Type != HasAssociatedVulnerability
	})
	c.required()
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
			c.lose(at.Pointer+"/hashes", LossNotAllowed, "SPDX 2.3 has no algorithm %s", h.Algorithm)
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
		Comment: p.Comment, SourceInfo: p.SourceInfo, FileName: p.FileName, Supplier: plainParty(p.Supplier), Originator: plainParty(p.Originator),
		FilesAnalyzed: new(bool),
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
	if q.Originator == nil && len(p.Authors) > 0 {
		if q.Originator = plainParty(&p.Authors[0]); q.Originator != nil && q.Originator.Kind == PartyUnknown {
			q.Originator.Kind = PartyPerson
		}
	}
	if s := said(p.Publisher); s != "" && q.Supplier == nil {
		q.Supplier = &Party{Kind: PartyOrganization, Name: NewText(s)}
		c.lose(at.Pointer+"/publisher", LossChanged, "the publisher becomes the supplier")
	}
	for _, party := range []*Party{q.Supplier, q.Originator} {
		if party != nil && party.Kind == PartyUnknown {
			party.Kind = PartyOrganization
		}
	}
	for i := range p.Identifiers {
		q.Identifiers = append(q.Identifiers, Identifier{Kind: p.Identifiers[i].Kind, Value: p.Identifiers[i].Value})
	}
	for _, ref := range p.ExternalReferences {
		if ref.Locator == "" {
			continue
		}
		q.ExternalReferences = append(q.ExternalReferences, ExternalReference{
			Category: "OTHER", Type: cmp.Or(strings.ReplaceAll(ref.Type, " ", "-"), "other"), Locator: ref.Locator, Comment: ref.Comment,
		})
		c.gone(at, "externalReferences", len(ref.Hashes) > 0)
		if ref.Type == "website" && q.Homepage.IsZero() {
			q.Homepage = NewText(ref.Locator)
		}
	}
	q.Licenses = c.spdxLicenses(p)
	c.gone(at, "group", p.Group.Stated() && p.PURL() == "")
	c.gone(at, "author", p.Author.Stated())
	c.gone(at, "scope", p.Scope != "")
	c.gone(at, "mime-type", p.MIMEType != "")
	c.gone(at, "swid", p.SWID != nil)
	c.gone(at, "properties", len(p.Properties) > 0)
	c.gone(at, "pedigree", p.Pedigree != nil)
	c.gone(at, "evidence", p.Evidence != nil)
	c.gone(at, "annotations", len(p.Annotations) > 0)
	c.extras(at, p.Extras)
	return q
}

// spdxLicenses joins the statements of each kind into one expression.
func (c *converter) spdxLicenses(p *Component) []License {
	texts := map[LicenseKind][]string{}
	for i := range p.Licenses {
		l := &p.Licenses[i]
		kind := l.Kind
		if kind == LicenseUnspecified {
			kind = LicenseDeclared
		}
		if kind == LicenseFound {
			c.gone(p.Position(), "licenses", true)
			continue
		}
		text := l.Expression.Written()
		if text == "" && l.Name != "" {
			text = sbomterm.LicenseRef(l.Name)
			c.extract(text, l)
		}
		if text != "" && !slices.Contains(texts[kind], text) {
			texts[kind] = append(texts[kind], text)
		}
	}
	var out []License
	for _, kind := range []LicenseKind{LicenseDeclared, LicenseConcluded} {
		if list := texts[kind]; len(list) > 0 {
			out = append(out, License{Kind: kind, Expression: assertable(conjunction(list))})
		}
	}
	return out
}

// conjunction joins expressions that all hold.
func conjunction(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	parts := make([]string, len(list))
	for i, s := range list {
		if strings.Contains(s, " ") {
			s = "(" + s + ")"
		}
		parts[i] = s
	}
	return strings.Join(parts, " AND ")
}

// extract keeps the name and text of a licence that has no identifier.
func (c *converter) extract(id string, l *License) {
	for i := range c.out.ExtractedLicenses {
		if c.out.ExtractedLicenses[i].ID == id {
			return
		}
	}
	e := ExtractedLicense{ID: id, Name: NewText(l.Name), Text: l.Name}
	if l.Detail != nil {
		if t := l.Detail.Text; t != nil && t.Encoding == "" && t.Content != "" {
			e.Text = t.Content
		}
		if l.Detail.URL != "" {
			e.SeeAlso = []string{l.Detail.URL}
		}
	}
	c.out.ExtractedLicenses = append(c.out.ExtractedLicenses, e)
}
