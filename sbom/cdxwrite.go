// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"strconv"

	"github.com/HailBytes/evidence"
)

// writeCycloneDXJSON writes d as CycloneDX JSON.
func (d *Document) writeCycloneDXJSON(w *writer) {
	tree := d.nesting()
	o := w.begin(d.Extras)
	if raw := o.kept("$schema"); raw != nil {
		o.raw("$schema", raw)
	}
	o.key("bomFormat")
	o.string("CycloneDX")
	o.str("specVersion", d.SpecVersion)
	o.str("serialNumber", d.Namespace)
	o.integer("version", d.Revision)
	d.cdxMetadata(o, tree)
	o.components("components", tree, tree.top)
	o.services("services", tree, tree.topServices)
	o.references(d.ExternalReferences)
	o.dependencies(d)
	listOf(o, "compositions", d.Compositions, writeCDXComposition, nil)
	listOf(o, "vulnerabilities", d.Vulnerabilities, writeCDXVulnerability, nil)
	listOf(o, "annotations", d.Annotations, writeCDXAnnotation, nil)
	o.properties(d.Properties)
	o.end()
}

// nesting is which component and service stands in which, by index.
type nesting struct {
	doc         *Document
	root        int // index of the component of the metadata, -1 for none
	top         []int
	topServices []int
	inside      map[string][]int // by ID of the component
	services    map[string][]int // by ID of the service
}

// nesting arranges the flat lists. A component that two claim to hold, or that
// would hold itself, stands where it is named first.
func (d *Document) nesting() *nesting {
	t := &nesting{doc: d, root: -1, inside: map[string][]int{}, services: map[string][]int{}}
	components := make(map[string]int, len(d.Components))
	for i := range d.Components {
		components[d.Components[i].ID] = i
	}
	services := make(map[string]int, len(d.Services))
	for i := range d.Services {
		services[d.Services[i].ID] = i
	}
	placed := make([]bool, len(d.Components))
	placedService := make([]bool, len(d.Services))
	for i := range d.Relationships {
		switch r := &d.Relationships[i]; r.Origin {
		case originMetadata:
			if c, ok := components[r.To]; ok && t.root < 0 {
				t.root = c
				placed[c] = true
			}
		case originNested:
			_, inComponent := components[r.From]
			_, inService := services[r.From]
			if c, ok := components[r.To]; ok && inComponent && !placed[c] {
				placed[c] = true
				t.inside[r.From] = append(t.inside[r.From], c)
			} else if s, ok := services[r.To]; ok && inService && !placedService[s] {
				placedService[s] = true
				t.services[r.From] = append(t.services[r.From], s)
			}
		}
	}
	for i, ok := range placed {
		if !ok {
			t.top = append(t.top, i)
		}
	}
	for i, ok := range placedService {
		if !ok {
			t.topServices = append(t.topServices, i)
		}
	}
	return t
}

func (d *Document) cdxMetadata(parent *object, tree *nesting) {
	raw := parent.kept("metadata")
	sub := &writer{}
	o := sub.begin(d.MetadataExtras)
	o.time("timestamp", d.Created)
	listOf(o, "lifecycles", d.Lifecycles, writeCDXLifecycle, (*reader).cdxLifecycles)
	o.tools(d.Tools)
	o.parties("authors", d.Authors)
	if tree.root >= 0 {
		o.drop("component")
		o.key("component")
		tree.component(sub, &d.Components[tree.root])
	}
	o.cdxParty("manufacture", d.Manufacture)
	o.cdxParty("manufacturer", d.Manufacturer)
	o.cdxParty("supplier", d.Supplier)
	o.cdxLicenses(d.Licenses)
	o.properties(d.MetadataProperties)
	o.end()
	switch {
	case len(sub.buf) > len("{}"):
		parent.raw("metadata", sub.buf)
	case raw != nil:
		parent.raw("metadata", raw)
	}
}

func writeCDXLifecycle(w *writer, l *Lifecycle) {
	o := w.begin(Extras{})
	o.str("phase", l.Phase)
	o.str("name", l.Name)
	o.str("description", l.Description)
	o.end()
}

// tools writes metadata.tools as it was read, or as the list of 1.2 to 1.4,
// which later versions deprecate and allow.
func (o *object) tools(v []Tool) {
	if raw := o.kept("tools"); raw != nil {
		r := newReader(raw, evidence.Limits{}, FormatUnknown)
		r.cdxTools()
		if r.d.Err() == nil && same(v, r.doc.Tools, writeTools) {
			o.raw("tools", raw)
			return
		}
	}
	if len(v) > 0 {
		o.key("tools")
		writeTools(o.writer, v)
	}
}

func writeTools(w *writer, v []Tool) {
	w.array(len(v), func(w *writer, i int) {
		t := &v[i]
		o := w.begin(Extras{})
		o.str("vendor", t.Vendor)
		name := t.Name
		if t.Group != "" {
			name = t.Group + "/" + name
		}
		o.str("name", name)
		o.str("version", t.Version)
		o.hashes(t.Hashes)
		o.end()
	})
}

func (o *object) parties(name string, v []Party) { listOf(o, name, v, writeCDXParty, nil) }

// cdxParty writes an organization; one that only says that it is unknown has no form.
func (o *object) cdxParty(name string, p *Party) {
	if p == nil || p.Name.Written() == "" && !p.Name.IsZero() && p.Name.State() != StateEmpty {
		return
	}
	o.drop(name)
	o.key(name)
	writeCDXParty(o.writer, p)
}

func writeCDXParty(w *writer, p *Party) {
	o := w.begin(p.Extras)
	o.str("bom-ref", p.Ref)
	o.text("name", p.Name)
	if raw := o.kept("url"); raw != nil && raw[0] == '"' && len(p.URLs) == 1 {
		o.str("url", p.URLs[0]) // a string, as it was read
	} else {
		o.strings("url", p.URLs)
	}
	o.parties("contact", p.Contacts)
	o.str("email", p.Email)
	o.str("phone", p.Phone)
	o.end()
}

func (o *object) components(name string, tree *nesting, indexes []int) {
	listOf(o, name, indexes, func(w *writer, i *int) { tree.component(w, &tree.doc.Components[*i]) }, nil)
}

func (t *nesting) component(w *writer, c *Component) {
	o := w.begin(c.Extras)
	o.str("bom-ref", c.Ref)
	o.str("type", string(c.Type))
	o.str("mime-type", c.MIMEType)
	o.cdxParty("supplier", c.Supplier)
	o.cdxParty("manufacturer", c.Originator)
	o.parties("authors", c.Authors)
	o.text("author", c.Author)
	o.text("publisher", c.Publisher)
	o.text("group", c.Group)
	o.text("name", c.Name)
	o.text("version", c.Version)
	o.str("description", c.Description)
	o.str("scope", c.Scope)
	o.hashes(c.Hashes)
	o.cdxLicenses(c.Licenses)
	o.text("copyright", c.Copyright)
	o.identifiers(c.Identifiers)
	if c.SWID != nil {
		o.drop("swid")
		o.key("swid")
		writeCDXSWID(w, c.SWID)
	}
	if more := c.Detail; more != nil {
		o.boolean("modified", more.Modified)
		o.boolean("isExternal", more.External)
		o.str("versionRange", more.VersionRange)
		o.strings("tags", more.Tags)
	}
	if c.Pedigree != nil {
		o.drop("pedigree")
		o.key("pedigree")
		t.pedigree(w, c.Pedigree)
	}
	o.references(c.ExternalReferences)
	o.properties(c.Properties)
	if c.Evidence != nil {
		o.drop("evidence")
		o.key("evidence")
		writeCDXEvidence(w, c.Evidence)
	}
	if inside := t.inside[c.ID]; len(inside) > 0 {
		o.components("components", t, inside)
	}
	o.end()
}

// identifiers writes the first purl and CPE, and all of the kinds that are lists.
func (o *object) identifiers(v []Identifier) {
	var cpe, purl string
	var omnibor, swh []string
	for i := range v {
		switch id := &v[i]; id.Kind {
		case IdentifierCPE22, IdentifierCPE23:
			if cpe == "" {
				cpe = id.Value
			}
		case IdentifierPURL:
			if purl == "" {
				purl = id.Value
			}
		case IdentifierGitoid:
			omnibor = append(omnibor, id.Value)
		case IdentifierSWHID:
			swh = append(swh, id.Value)
		}
	}
	o.str("cpe", cpe)
	o.str("purl", purl)
	o.strings("omniborId", omnibor)
	o.strings("swhid", swh)
}

func (o *object) hashes(v []Hash) {
	listOf(o, "hashes", v, func(w *writer, h *Hash) {
		o := w.begin(Extras{})
		o.str("alg", string(h.Algorithm))
		o.str("content", h.Value)
		o.end()
	}, (*reader).cdxHashes)
}

func (o *object) properties(v []Property) {
	listOf(o, "properties", v, func(w *writer, p *Property) {
		o := w.begin(Extras{})
		o.str("name", p.Name)
		o.str("value", p.Value)
		o.end()
	}, (*reader).cdxProperties)
}

func (o *object) references(v []ExternalReference) {
	listOf(o, "externalReferences", v, func(w *writer, ref *ExternalReference) {
		o := w.begin(Extras{})
		o.str("type", ref.Type)
		o.str("url", ref.Locator)
		o.str("comment", ref.Comment)
		o.hashes(ref.Hashes)
		o.end()
	}, (*reader).cdxReferences)
}

func writeCDXSWID(w *writer, s *SWID) {
	o := w.begin(s.Extras)
	o.str("tagId", s.TagID)
	o.str("name", s.Name)
	o.str("version", s.Version)
	o.integer("tagVersion", s.TagVersion)
	o.str("url", s.URL)
	o.end()
}

func (t *nesting) pedigree(w *writer, p *Pedigree) {
	o := w.begin(p.Extras)
	detached := func(name string, v []Component) {
		listOf(o, name, v, func(w *writer, c *Component) { (&nesting{}).component(w, c) }, nil)
	}
	detached("ancestors", p.Ancestors)
	detached("descendants", p.Descendants)
	detached("variants", p.Variants)
	listOf(o, "commits", p.Commits, func(w *writer, c *Commit) {
		o := w.begin(c.Extras)
		o.str("uid", c.UID)
		o.str("url", c.URL)
		o.str("message", c.Message)
		o.end()
	}, nil)
	o.str("notes", p.Notes)
	o.end()
}

func writeCDXEvidence(w *writer, e *Evidence) {
	o := w.begin(e.Extras)
	o.identity(e)
	listOf(o, "occurrences", e.Occurrences, func(w *writer, v *Occurrence) {
		o := w.begin(v.Extras)
		o.str("bom-ref", v.Ref)
		o.str("location", v.Location)
		o.integer("line", v.Line)
		o.str("symbol", v.Symbol)
		o.end()
	}, nil)
	o.cdxLicenses(e.Licenses)
	listOf(o, "copyright", e.Copyright, func(w *writer, s *string) {
		o := w.begin(Extras{})
		o.str("text", *s)
		o.end()
	}, (*reader).cdxCopyright)
	o.end()
}

// identity writes evidence of identity, as an object if it was read as one.
func (o *object) identity(e *Evidence) {
	raw := o.kept("identity")
	if len(e.Identity) == 1 && len(raw) > 0 && raw[0] == '{' {
		o.key("identity")
		writeCDXIdentity(o.writer, &e.Identity[0])
		return
	}
	switch {
	case len(e.Identity) > 0:
		o.key("identity")
		o.array(len(e.Identity), func(w *writer, i int) { writeCDXIdentity(w, &e.Identity[i]) })
	case bytes.Equal(raw, rawNull) || len(raw) > 0 && raw[0] == '[':
		o.raw("identity", raw)
	}
}

func writeCDXIdentity(w *writer, i *IdentityEvidence) {
	o := w.begin(i.Extras)
	o.str("field", i.Field)
	o.float("confidence", i.Confidence)
	o.str("concludedValue", i.Value)
	listOf(o, "methods", i.Methods, func(w *writer, m *EvidenceMethod) {
		o := w.begin(m.Extras)
		o.str("technique", m.Technique)
		o.float("confidence", m.Confidence)
		o.str("value", m.Value)
		o.end()
	}, nil)
	o.end()
}

func (o *object) services(name string, tree *nesting, indexes []int) {
	listOf(o, name, indexes, func(w *writer, i *int) { tree.service(w, &tree.doc.Services[*i]) }, nil)
}

func (t *nesting) service(w *writer, s *Service) {
	o := w.begin(s.Extras)
	o.str("bom-ref", s.Ref)
	o.cdxParty("provider", s.Provider)
	o.text("group", s.Group)
	o.text("name", s.Name)
	o.text("version", s.Version)
	o.str("description", s.Description)
	o.strings("endpoints", s.Endpoints)
	o.boolean("authenticated", s.Authenticated)
	o.boolean("x-trust-boundary", s.CrossesBoundary)
	o.str("trustZone", s.TrustZone)
	o.cdxLicenses(s.Licenses)
	o.references(s.ExternalReferences)
	o.properties(s.Properties)
	o.strings("tags", s.Tags)
	if inside := t.services[s.ID]; len(inside) > 0 {
		o.services("services", t, inside)
	}
	o.end()
}

// dependencyEntry is one entry of the dependency graph.
type dependencyEntry struct {
	ref       string
	dependsOn []string
	provides  []string
	extras    Extras
}

// dependencies writes the dependency graph. A relationship that was not read
// joins the entry of its From, if there is one.
func (o *object) dependencies(d *Document) {
	var entries []dependencyEntry
	byRef := map[string]int{}
	last := int32(0)
	for i := range d.Relationships {
		r := &d.Relationships[i]
		if r.Origin != originDependencies {
			continue
		}
		at, known := byRef[r.From]
		if r.entry != 0 && r.entry == last && entries[len(entries)-1].ref == r.From {
			at, known = len(entries)-1, true
		} else if r.entry != 0 || !known {
			at = len(entries)
			entries = append(entries, dependencyEntry{ref: r.From, extras: r.Extras})
			if !known {
				byRef[r.From] = at
			}
			last = r.entry
		}
		switch {
		case r.To == "" && r.ToState != StateStated:
		case r.Type == "provides":
			entries[at].provides = append(entries[at].provides, r.To)
		default:
			entries[at].dependsOn = append(entries[at].dependsOn, r.To)
		}
	}
	listOf(o, "dependencies", entries, func(w *writer, e *dependencyEntry) {
		o := w.begin(e.extras)
		o.str("ref", e.ref)
		o.strings("dependsOn", e.dependsOn)
		o.strings("provides", e.provides)
		o.end()
	}, nil)
}

func writeCDXComposition(w *writer, c *Composition) {
	o := w.begin(c.Extras)
	o.str("bom-ref", c.Ref)
	o.str("aggregate", string(c.Aggregate))
	o.strings("assemblies", c.Assemblies)
	o.strings("dependencies", c.Dependencies)
	o.strings("vulnerabilities", c.Vulnerabilities)
	o.end()
}

func writeCDXAnnotation(w *writer, a *Annotation) {
	o := w.begin(a.Extras)
	o.str("bom-ref", a.Ref)
	o.strings("subjects", a.Subjects)
	o.annotator(a.Annotator)
	o.time("timestamp", a.Date)
	o.str("text", a.Text)
	o.end()
}

func (o *object) annotator(p *Party) {
	if raw := o.kept("annotator"); raw != nil {
		if string(raw) == "null" {
			if p == nil {
				o.raw("annotator", raw)
				return
			}
		} else if r := newReader(raw, evidence.Limits{}, FormatUnknown); p != nil && same(p, r.cdxAnnotator(), writeCDXAnnotator) {
			o.raw("annotator", raw)
			return
		}
	}
	if p != nil {
		o.key("annotator")
		writeCDXAnnotator(o.writer, p)
	}
}

func writeCDXAnnotator(w *writer, p *Party) {
	kind := "individual"
	switch p.Kind {
	case PartyOrganization:
		kind = "organization"
	case PartyTool:
		kind = "component"
	}
	w.open('{')
	w.key(kind)
	writeCDXParty(w, p)
	w.close('}')
}

func writeInteger(w *writer, n *int) { w.buf = strconv.AppendInt(w.buf, int64(*n), 10) }
