// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"

	"github.com/HailBytes/evidence/sbom"
)

// peerReadCycloneDX reads a document with cyclonedx-go. It decodes any JSON
// object: one that has no version that it knows does not count as read.
func peerReadCycloneDX(data []byte, format sbom.Format) (*cyclonedx.BOM, error) {
	encoding := cyclonedx.BOMFileFormatJSON
	if format == sbom.FormatCycloneDXXML {
		encoding = cyclonedx.BOMFileFormatXML
	}
	bom := &cyclonedx.BOM{}
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(data), encoding).Decode(bom); err != nil {
		return nil, err
	}
	if bom.SpecVersion == 0 {
		return nil, errors.New("a BOM without a version")
	}
	return bom, nil
}

// cyclonedxFacts returns what a BOM of cyclonedx-go says.
func cyclonedxFacts(bom *cyclonedx.BOM) facts {
	p := &peerCDX{facts: facts{}, names: names{}}
	if m := bom.Metadata; m != nil {
		if m.Component != nil {
			p.add("document", "describes", p.nested(m.Component))
		}
		p.metadata(m)
	}
	for _, c := range list(bom.Components) {
		p.nested(&c)
	}
	for _, s := range list(bom.Services) {
		p.service(&s)
	}
	for _, d := range list(bom.Dependencies) {
		p.dependency(d)
	}
	p.document(bom)
	return p.facts
}

type peerCDX struct {
	facts
	names names
}

func list[T any](p *[]T) []T {
	if p == nil {
		return nil
	}
	return *p
}

// nested adds a component with those inside it, and returns its name.
func (p *peerCDX) nested(c *cyclonedx.Component) string {
	about := p.names.next("component", c.BOMRef)
	p.component(about, c)
	for _, child := range list(c.Components) {
		p.add("nesting", about, p.nested(&child))
	}
	return about
}

func (p *peerCDX) component(about string, c *cyclonedx.Component) {
	p.add(about, "is", "component")
	p.add(about, "name", c.Name)
	p.add(about, "version", c.Version)
	p.add(about, "type", string(c.Type))
	p.add(about, "group", c.Group)
	p.add(about, "scope", string(c.Scope))
	p.add(about, "supplier", peerEntity(c.Supplier))
	p.add(about, "originator", peerEntity(c.Manufacturer))
	p.add(about, "publisher", c.Publisher)
	p.add(about, "author", c.Author)
	p.add(about, "copyright", c.Copyright)
	p.add(about, "description", c.Description)
	p.add(about, "mime type", c.MIMEType)
	p.add(about, "purl", c.PackageURL)
	p.add(about, "cpe", c.CPE)
	p.addAll(about, "gitoid", list(c.OmniborID))
	p.addAll(about, "swhid", list(c.SWHID))
	if s := c.SWID; s != nil {
		p.add(about, "swid", words(s.TagID, s.Name, s.Version, s.URL))
	}
	p.references(about, list(c.ExternalReferences))
	p.hashes(about, "hash", list(c.Hashes))
	if c.Licenses != nil {
		p.licenses(about, "", *c.Licenses)
	}
	p.properties(about, list(c.Properties))
	p.addAll(about, "tag", list(c.Tags))
	p.add(about, "version range", c.VersionRange)
	if d := c.Pedigree; d != nil {
		p.relatives(about, "ancestor", list(d.Ancestors))
		p.relatives(about, "descendant", list(d.Descendants))
		p.relatives(about, "variant", list(d.Variants))
		for _, v := range list(d.Commits) {
			p.add(about, "commit", words(v.UID, v.URL, v.Message))
		}
		p.add(about, "pedigree notes", d.Notes)
	}
	if e := c.Evidence; e != nil {
		p.evidence(about, e)
	}
}

func (p *peerCDX) relatives(about, kind string, components []cyclonedx.Component) {
	for i := range components {
		p.component(fmt.Sprint(about, ", ", kind, " ", i), &components[i])
	}
}

func (p *peerCDX) evidence(about string, e *cyclonedx.Evidence) {
	if e.Licenses != nil {
		p.licenses(about, "evidence ", *e.Licenses)
	}
	for _, c := range list(e.Copyright) {
		p.add(about, "evidence copyright", c.Text)
	}
	for _, o := range list(e.Occurrences) {
		p.add(about, "occurrence", o.Location)
	}
	if e.Identity == nil {
		return
	}
	identities := list(e.Identity.Identities)
	if e.Identity.Identity != nil {
		identities = append(identities, *e.Identity.Identity)
	}
	for _, i := range identities {
		p.add(about, "identity", words(string(i.Field), i.ConcludedValue))
	}
}

func (p *peerCDX) references(about string, refs []cyclonedx.ExternalReference) {
	for _, r := range refs {
		p.add(about, "reference", words(string(r.Type), r.URL, r.Comment))
		p.hashes(about, "hash of "+r.URL, list(r.Hashes))
	}
}

func (p *peerCDX) hashes(about, field string, hashes []cyclonedx.Hash) {
	for _, h := range hashes {
		p.add(about, field, words(string(h.Algorithm), h.Value))
	}
}

func (p *peerCDX) licenses(about, prefix string, choices cyclonedx.Licenses) {
	for _, c := range choices {
		l := cyclonedx.License{BOMRef: c.BOMRef}
		if c.Acknowledgement != nil {
			l.Acknowledgement = *c.Acknowledgement
		}
		if c.License != nil {
			l = *c.License
		}
		if c.Expression != "" {
			l.ID = c.Expression // an invalid choice has both
		}
		text := ""
		if l.Text != nil {
			text = words(l.Text.ContentType, l.Text.Encoding, l.Text.Content)
		}
		kind := string(l.Acknowledgement)
		if kind == "" {
			kind = "unspecified"
		}
		p.add(about, prefix+"licence", words(l.ID, l.Name, kind, l.BOMRef, l.URL, text))
		p.properties(about, list(l.Properties))
	}
}

func (p *peerCDX) properties(about string, properties []cyclonedx.Property) {
	for _, v := range properties {
		p.add(about, "property", words(v.Name, v.Value))
	}
}

// service adds a service with those inside it, and returns its name.
func (p *peerCDX) service(s *cyclonedx.Service) string {
	about := p.names.next("service", s.BOMRef)
	p.add(about, "is", "service")
	p.add(about, "group", s.Group)
	p.add(about, "name", s.Name)
	p.add(about, "version", s.Version)
	p.add(about, "provider", peerEntity(s.Provider))
	p.add(about, "description", s.Description)
	p.addAll(about, "endpoint", list(s.Endpoints))
	p.add(about, "authenticated", modelBool(s.Authenticated))
	p.add(about, "crosses boundary", modelBool(s.CrossesTrustBoundary))
	p.add(about, "trust zone", s.TrustZone)
	p.addAll(about, "tag", list(s.Tags))
	if s.Licenses != nil {
		p.licenses(about, "", *s.Licenses)
	}
	p.references(about, list(s.ExternalReferences))
	p.properties(about, list(s.Properties))
	for _, child := range list(s.Services) {
		p.add("nesting", about, p.service(&child))
	}
	return about
}

func (p *peerCDX) dependency(d cyclonedx.Dependency) {
	about := "dependencies of " + d.Ref
	p.addAll(about, "dependsOn", list(d.Dependencies))
	p.addAll(about, "provides", list(d.Provides))
	if len(list(d.Dependencies)) == 0 {
		// CycloneDX 1.5 dependencies: an empty entry says that there is none.
		p.add(about, "entry", "without dependencies")
	}
}

func (p *peerCDX) metadata(m *cyclonedx.Metadata) {
	const about = "document"
	p.add(about, "created", peerTime(m.Timestamp))
	for _, l := range list(m.Lifecycles) {
		p.add(about, "lifecycle", words(string(l.Phase), l.Name, l.Description))
	}
	if t := m.Tools; t != nil {
		for _, v := range list(t.Tools) {
			p.tool("", v.Name, v.Version, list(v.Hashes))
		}
		for _, v := range list(t.Components) {
			p.tool(v.Group, v.Name, v.Version, list(v.Hashes))
		}
		for _, v := range list(t.Services) {
			p.tool(v.Group, v.Name, v.Version, nil)
		}
	}
	for _, a := range list(m.Authors) {
		p.add(about, "author", words(a.Name, a.Email, a.Phone))
	}
	p.add(about, "supplier", peerEntity(m.Supplier))
	p.add(about, "manufacturer", peerEntity(m.Manufacturer))
	p.add(about, "manufacture", peerEntity(m.Manufacture))
	if m.Licenses != nil {
		p.licenses(about, "", *m.Licenses)
	}
	p.properties("metadata", list(m.Properties))
}

func (p *peerCDX) tool(group, name, version string, hashes []cyclonedx.Hash) {
	p.add("document", "tool", words(group, name, version))
	p.hashes("document", "hash of the tool "+name, hashes)
}

func (p *peerCDX) document(bom *cyclonedx.BOM) {
	const about = "document"
	p.add(about, "namespace", bom.SerialNumber)
	if bom.Version != 0 {
		p.add(about, "revision", fmt.Sprint(bom.Version))
	}
	p.references(about, list(bom.ExternalReferences))
	p.properties(about, list(bom.Properties))
	for _, a := range list(bom.Annotations) {
		p.add("annotation", "text", words(a.BOMRef, a.Text))
		for _, r := range list(a.Subjects) {
			p.add("annotation", "subject", string(r))
		}
	}
	for _, c := range list(bom.Compositions) {
		about := "composition " + words(c.BOMRef, string(c.Aggregate))
		p.add(about, "is", "composition")
		for field, refs := range map[string][]cyclonedx.BOMReference{
			"assembly": list(c.Assemblies), "dependency": list(c.Dependencies), "vulnerability": list(c.Vulnerabilities),
		} {
			for _, r := range refs {
				p.add(about, field, string(r))
			}
		}
	}
	for _, v := range list(bom.Vulnerabilities) {
		p.vulnerability(&v)
	}
}

func (p *peerCDX) vulnerability(v *cyclonedx.Vulnerability) {
	about := p.names.next("vulnerability", words(v.BOMRef, v.ID))
	p.add(about, "is", "vulnerability")
	if v.Source != nil {
		p.add(about, "source", words(v.Source.Name, v.Source.URL))
	}
	for _, r := range list(v.References) {
		p.add(about, "alias", r.ID)
	}
	for _, r := range list(v.Ratings) {
		score := ""
		if r.Score != nil {
			score = fmt.Sprint(*r.Score)
		}
		p.add(about, "rating", words(score, string(r.Severity), string(r.Method), r.Vector))
	}
	for _, n := range list(v.CWEs) {
		p.add(about, "cwe", fmt.Sprint(n))
	}
	for _, a := range list(v.Advisories) {
		p.add(about, "advisory", words(a.Title, a.URL))
	}
	p.add(about, "description", v.Description)
	p.add(about, "details", v.Detail)
	p.add(about, "recommendation", v.Recommendation)
	if a := v.Analysis; a != nil {
		var responses []string
		for _, r := range list(a.Response) {
			responses = append(responses, string(r))
		}
		p.add(about, "analysis", words(string(a.State), string(a.Justification), strings.Join(responses, ","), a.Detail))
	}
	for _, a := range list(v.Affects) {
		p.add(about, "affects", a.Ref)
		for _, r := range list(a.Range) {
			p.add(about, "affected version", words(a.Ref, r.Version, r.Range, string(r.Status)))
		}
	}
	p.properties(about, list(v.Properties))
}

func peerEntity(e *cyclonedx.OrganizationalEntity) string {
	if e == nil {
		return ""
	}
	var contacts []string
	for _, c := range list(e.Contact) {
		contacts = append(contacts, words(c.Name, c.Email, c.Phone))
	}
	return words(e.Name, "", "", strings.Join(list(e.URL), ","), strings.Join(contacts, ";"))
}
