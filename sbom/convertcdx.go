// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"slices"
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
	keep := func(name, value string) {
		if value != "" {
			out.Properties = append(out.Properties, Property{"spdx:document:" + name, value})
		}
	}
	keep("namespace", d.Namespace)
	keep("name", said(d.Name))
	keep("comment", d.Comment)
	keep("creatorComment", d.CreatorComment)
	keep("licenseListVersion", d.LicenseListVersion)
	for i := range d.Authors {
		p := plainParty(&d.Authors[i])
		switch {
		case p == nil:
		case p.Kind == PartyOrganization && c.target.Version == "1.6" && out.Manufacturer == nil:
			out.Manufacturer = p
			if p.Email != "" {
				out.Manufacturer = &Party{Kind: p.Kind, Name: p.Name, Contacts: []Party{{Kind: PartyPerson, Email: p.Email}}}
			}
		default:
			out.Authors = append(out.Authors, *p)
		}
	}
	for _, t := range d.Tools {
		out.Tools = append(out.Tools, Tool{Name: t.Name, Version: t.Version})
	}
	c.gone(at, "snippets", len(d.Snippets) > 0)
	c.gone(at, "annotations", len(d.Annotations) > 0)
	c.gone(at, "externalDocumentRefs", len(d.ExternalDocuments) > 0)
	c.extras(at, d.Extras, "creationInfo")
	c.extras(at, d.MetadataExtras, "creators", "created")

	roots := d.Roots()
	root := slices.IndexFunc(d.Components, func(p Component) bool { return len(roots) > 0 && p.ID == roots[0] })
	if root >= 0 {
		out.Components = append(out.Components, c.cdxComponent(&d.Components[root]))
	}
	if len(roots) > 1 {
		c.lose("/relationships", LossNoField, "a CycloneDX document describes one thing, not %d", len(roots))
	}
	for i := range d.Components {
		if i != root {
			out.Components = append(out.Components, c.cdxComponent(&d.Components[i]))
		}
	}
	for i := range d.Files {
		out.Components = append(out.Components, c.cdxFile(&d.Files[i]))
	}
	c.edges(func(r *Relationship) bool {
		switch {
		case r.Type == Describes && r.From == d.ID && root >= 0 && r.To == d.Components[root].ID:
			r.Origin = OriginMetadata
			return true
		case Dependencies(r) && r.From != d.ID && r.To != d.ID && r.ToState != StateNoAssertion:
			r.Type, r.Scope, r.Origin, r.Comment = DependsOn, ScopeUnspecified, OriginDependencies, ""
			return true
		}
		return false
	})
}

// cdxTypes are the types of CycloneDX 1.5; 1.6 adds one, which SPDX does not have.
var cdxTypes = []ComponentType{
	TypeApplication, TypeFramework, TypeLibrary, TypeContainer, TypePlatform, TypeOperatingSystem, TypeDevice,
	TypeDeviceDriver, TypeFirmware, TypeFile, TypeModel, TypeData,
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
		ID: id, Ref: id, Type: p.Type, Name: NewText(said(p.Name)), Hashes: c.cdxDigests(p.Hashes, at),
		Description: p.Description, Supplier: plainParty(p.Supplier), Licenses: c.cdxLicenseList(p, at),
	}
	if !slices.Contains(cdxTypes, p.Type) {
		q.Type = TypeLibrary
		if p.Type == "" {
			c.lose(at.Pointer+"/type", LossAssumed, "the type is not stated; assumed to be library")
		} else {
			c.lose(at.Pointer+"/type", LossNotAllowed, "CycloneDX has no type %q; it becomes a library", string(p.Type))
		}
	}
	if p.Version.Stated() {
		q.Version = p.Version
	}
	if p.Copyright.Stated() {
		q.Copyright = p.Copyright
	}
	for _, party := range []*Party{q.Supplier} {
		if party != nil && party.Email != "" {
			q.Supplier = &Party{Kind: party.Kind, Name: party.Name, Contacts: []Party{{Kind: PartyPerson, Email: party.Email}}}
		}
	}
	if o := plainParty(p.Originator); o != nil {
		if o.Kind == PartyOrganization && c.target.Version == "1.6" {
			q.Originator = &Party{Kind: o.Kind, Name: o.Name}
			c.gone(at, "originator", o.Email != "")
		} else {
			q.Author = NewText(o.String())
			c.lose(at.Pointer+"/originator", LossChanged, "the originator becomes the author")
		}
	}
	c.cdxIdentifiers(p, &q)
	c.cdxReferenceList(p, &q)
	for _, text := range []struct{ name, value string }{
		{"summary", p.Summary}, {"comment", p.Comment}, {"sourceInfo", p.SourceInfo}, {"packageFileName", p.FileName},
	} {
		if text.value != "" {
			q.Properties = append(q.Properties, Property{"spdx:package:" + text.name, text.value})
			c.lose(at.Pointer+"/"+text.name, LossChanged, "kept as the property %q", "spdx:package:"+text.name)
		}
	}
	c.gone(at, "packageVerificationCode", p.VerificationCode != nil)
	c.gone(at, "annotations", len(p.Annotations) > 0)
	if m := p.Detail; m != nil {
		c.gone(at, "licenseComments", m.LicenseComments != "")
		c.gone(at, "attributionTexts", len(m.AttributionTexts) > 0)
		c.gone(at, "releaseDate", !m.Released.IsZero())
		c.gone(at, "builtDate", !m.Built.IsZero())
		c.gone(at, "validUntilDate", !m.ValidUntil.IsZero())
	}
	c.extras(at, p.Extras)
	return q
}

func (c *converter) cdxFile(f *File) Component {
	id := c.cdxRef(f.ID)
	q := Component{ID: id, Ref: id, Type: TypeFile, Name: NewText(f.Name), Hashes: c.cdxDigests(f.Hashes, f.Position())}
	if f.Copyright.Stated() {
		q.Copyright = f.Copyright
	}
	p := &Component{}
	if f.Concluded.Stated() {
		p.Licenses = []License{{Kind: LicenseConcluded, Expression: f.Concluded}}
	}
	q.Licenses = c.cdxLicenseList(p, f.Position())
	c.gone(f.Position(), "fileTypes", len(f.Types) > 0)
	c.gone(f.Position(), "licenseInfoInFiles", slices.ContainsFunc(f.LicenseInfo, Text.Stated))
	c.gone(f.Position(), "comment", f.Comment != "")
	c.gone(f.Position(), "detail", f.Detail != nil)
	c.extras(f.Position(), f.Extras)
	return q
}

// cdxHashes are the algorithms of CycloneDX 1.5 and 1.6.
var cdxHashes = []HashAlgorithm{
	MD5, SHA1, SHA256, SHA384, SHA512, SHA3_256, SHA3_384, SHA3_512, BLAKE2b_256, BLAKE2b_384, BLAKE2b_512, BLAKE3,
}

func (c *converter) cdxDigests(list []Hash, at Position) []Hash {
	var out []Hash
	for _, h := range list {
		if slices.Contains(cdxHashes, h.Algorithm) {
			out = append(out, h)
		} else {
			c.lose(at.Pointer+"/checksums", LossNotAllowed, "CycloneDX %s has no algorithm %s", c.target.Version, h.Algorithm)
		}
	}
	return out
}

// cdxLicenseList chooses one statement, for a list with an expression holds nothing
// else: what is declared, or what is concluded where that says nothing.
func (c *converter) cdxLicenseList(p *Component, at Position) []License {
	var declared, concluded string
	for i := range p.Licenses {
		l := &p.Licenses[i]
		switch text := l.Expression.String(); {
		case text == "":
		case l.Kind == LicenseConcluded:
			concluded = text
		case l.Kind == LicenseFound:
			c.gone(at, "licenseInfoFromFiles", true)
		default:
			declared = text
		}
	}
	kind, text := LicenseDeclared, declared
	if declared == "" {
		kind, text = LicenseConcluded, concluded
	} else if concluded != "" && concluded != declared {
		c.lose(at.Pointer+"/licenseConcluded", LossNoField, "beside the declared licence there is no place for another expression")
	}
	if text == "" {
		return nil
	}
	if c.target.Version != "1.6" {
		kind = LicenseUnspecified
	}
	for i := range c.doc.ExtractedLicenses {
		if e := &c.doc.ExtractedLicenses[i]; e.ID == text {
			l := License{Kind: kind, Name: e.ID, form: formName}
			if e.Name.Stated() {
				l.Name = e.Name.String()
			}
			if e.Text != "" {
				l.Detail = &LicenseDetail{Text: &Attachment{Content: e.Text}}
			}
			return []License{l}
		}
	}
	return []License{{Kind: kind, Expression: NewText(text), form: formExpression}}
}

func (c *converter) cdxIdentifiers(p, q *Component) {
	var purl, cpe bool
	for i := range p.Identifiers {
		id := Identifier{Kind: p.Identifiers[i].Kind, Value: p.Identifiers[i].Value}
		switch {
		case id.Kind == IdentifierPURL && !purl:
			purl = true
		case (id.Kind == IdentifierCPE22 || id.Kind == IdentifierCPE23) && !cpe:
			cpe = true
		default:
			q.Properties = append(q.Properties, Property{"spdx:identifier:" + id.Kind.String(), id.Value})
			c.lose(p.Position().Pointer+"/externalRefs", LossChanged, "a further %s is kept as a property", id.Kind)
			continue
		}
		q.Identifiers = append(q.Identifiers, id)
	}
}

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
		case "advisory":
			add("advisories", ref.Locator, ref.Comment)
		case "website", "vcs", "issue-tracker", "mailing-list", "documentation", "support", "distribution", "license":
			add(ref.Type, ref.Locator, ref.Comment)
		default:
			add("other", ref.Locator, strings.TrimSpace(ref.Category+" "+ref.Type+" "+ref.Comment))
		}
	}
}
