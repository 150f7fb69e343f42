// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"reflect"
	"slices"

	"github.com/HailBytes/evidence"
)

// writeSPDX3JSON writes d as SPDX 3 JSON-LD: the elements that were read, with
// what has changed in packages, files, snippets, relationships and the
// document's own members, and then what is new of these. What the
// model holds by way of other elements (agents, creation information,
// licences, roots) cannot be changed; a Document where it was is refused.
func (d *Document) writeSPDX3JSON(out *writer) error {
	if d.graph == nil {
		return &evidence.Problem{
			Code: "sbom.format", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
			Message: "only documents that were read as SPDX 3 are written as SPDX 3",
		}
	}
	w := &writer{}
	o := w.begin(d.outer)
	if raw := o.kept("@context"); raw != nil {
		o.raw("@context", raw)
	}
	o.drop("@graph")
	o.key("@graph")
	d.writeGraph3(w)
	o.end()
	if err := d.sameByReference(w.buf); err != nil {
		return err
	}
	out.buf = append(out.buf, w.buf...)
	return nil
}

func (d *Document) writeGraph3(w *writer) {
	components := make(map[string]*Component, len(d.Components))
	for i := range d.Components {
		components[d.Components[i].ID] = &d.Components[i]
	}
	files := make(map[string]*File, len(d.Files))
	for i := range d.Files {
		files[d.Files[i].ID] = &d.Files[i]
	}
	snippets := make(map[string]*Snippet, len(d.Snippets))
	for i := range d.Snippets {
		snippets[d.Snippets[i].ID] = &d.Snippets[i]
	}
	entries := map[int32][]*Relationship{}
	for i := range d.Relationships {
		if r := &d.Relationships[i]; r.Origin == originRelationships && r.entry != 0 {
			entries[r.entry] = append(entries[r.entry], r)
		}
	}
	w.open('[')
	for i := range d.graph.items {
		item := &d.graph.items[i]
		switch {
		case item.rel:
			if rels := entries[item.entry]; len(rels) > 0 {
				w.separate()
				writeRelationship3(w, rels)
			}
		case item.kind == ElementDocument:
			w.separate()
			d.writeDocument3(w, item)
		case item.kind == ElementComponent:
			if c := components[item.id]; c != nil {
				w.separate()
				writePackage3(w, c)
			}
		case item.kind == ElementFile:
			if f := files[item.id]; f != nil {
				w.separate()
				writeFile3(w, f)
			}
		case item.kind == ElementSnippet:
			if s := snippets[item.id]; s != nil {
				w.separate()
				writeSnippet3(w, s)
			}
		default:
			w.separate()
			w.buf = append(w.buf, item.raw...)
		}
	}
	w.close(']')
}

// sameByReference compares what the model holds by way of other elements with
// what the written text says, so that no change is lost without a word. New
// elements are such a change: they would need identifiers and creation information.
func (d *Document) sameByReference(data []byte) error {
	was, err := readSPDX3JSON(data, unlimited)
	if err != nil {
		return err
	}
	refuse := func(what string) error {
		return &evidence.Problem{
			Code: "sbom.spdx3-change", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
			Message: "a change of " + what + " cannot be written in SPDX 3",
		}
	}
	switch {
	case !reflect.DeepEqual(d.Authors, was.Authors), !reflect.DeepEqual(d.Tools, was.Tools),
		!d.Created.Equal(was.Created), d.SpecVersion != was.SpecVersion, d.CreatorComment != was.CreatorComment,
		!reflect.DeepEqual(d.Lifecycles, was.Lifecycles), d.DataLicense != was.DataLicense:
		return refuse("the document's creation information")
	case !slices.Equal(d.Roots(), was.Roots()):
		return refuse("what the document describes")
	case len(d.Components) != len(was.Components), len(d.Files) != len(was.Files), len(d.Snippets) != len(was.Snippets),
		len(d.Relationships) != len(was.Relationships), len(d.Annotations) != len(was.Annotations),
		len(d.ExtractedLicenses) != len(was.ExtractedLicenses), len(d.ExternalDocuments) != len(was.ExternalDocuments),
		len(d.Services) > 0, len(d.Vulnerabilities) > 0:
		return refuse("the number of elements")
	}
	now := make(map[string]*Component, len(d.Components))
	for i := range d.Components {
		now[d.Components[i].ID] = &d.Components[i]
	}
	for i := range was.Components {
		a, b := now[was.Components[i].ID], &was.Components[i]
		switch {
		case a == nil:
			return refuse("a component's identifier")
		case !reflect.DeepEqual(a.Licenses, b.Licenses):
			return refuse("a component's licences")
		case !reflect.DeepEqual(a.Supplier, b.Supplier), !reflect.DeepEqual(a.Originator, b.Originator):
			return refuse("a component's supplier or originator")
		}
	}
	return nil
}

func (d *Document) writeDocument3(w *writer, item *graph3Item) {
	o := w.begin(d.Extras)
	o.str(item.key, d.Ref)
	o.text("name", d.Name)
	o.str("comment", d.Comment)
	o.end()
}

func writePackage3(w *writer, c *Component) {
	o := w.begin(c.Extras)
	if raw := o.kept("@id"); raw != nil {
		o.raw("@id", raw)
	} else {
		o.str("spdxId", c.Ref)
	}
	o.text("name", c.Name)
	o.text("software_packageVersion", c.Version)
	o.purpose3(c.Type)
	listOf(o, "software_additionalPurpose", c.Types, func(w *writer, t *ComponentType) { w.string(t.spdx3()) },
		(*reader).purposes3)
	o.identifiers3(c.Identifiers)
	o.text("software_copyrightText", c.Copyright)
	o.text("software_downloadLocation", c.DownloadLocation)
	o.text("software_homePage", c.Homepage)
	o.str("software_sourceInfo", c.SourceInfo)
	o.str("summary", c.Summary)
	o.str("description", c.Description)
	o.str("comment", c.Comment)
	o.verifiedUsing(c.Hashes, c.VerificationCode)
	listOf(o, "externalRef", c.ExternalReferences, writeReference3, (*reader).references3)
	if more := c.Detail; more != nil {
		o.time("releaseTime", more.Released)
		o.time("builtTime", more.Built)
		o.time("validUntilTime", more.ValidUntil)
		o.strings("software_attributionText", more.AttributionTexts)
	}
	o.end()
}

func (o *object) purpose3(t ComponentType) {
	const name = "software_primaryPurpose"
	if raw := o.kept(name); raw != nil {
		if s, ok := stringOf(raw); ok && purpose3(s) == t {
			o.raw(name, raw)
			return
		}
	}
	if t != "" {
		o.key(name)
		o.string(t.spdx3())
	}
}

func (o *object) identifiers3(v []Identifier) {
	purl := ""
	list := make([]Identifier, 0, len(v))
	for _, id := range v {
		if id.spelling == spellingField && purl == "" {
			purl = id.Value
		} else {
			list = append(list, id)
		}
	}
	o.str("software_packageUrl", purl)
	name := "externalIdentifier"
	for i := range o.ex {
		if o.ex[i].name == "externalIdentifiers" {
			name = o.ex[i].name
		}
	}
	listOf(o, name, list, writeIdentifier3, func(r *reader, dst *[]Identifier, ex *Extras) {
		mark := r.identifiers.mark()
		r.identifiers3(ex, "")
		*dst = r.identifiers.take(mark)
	})
}

func writeIdentifier3(w *writer, id *Identifier) {
	o := w.begin(Extras{})
	o.str("type", "ExternalIdentifier")
	typ := "other"
	for word, kind := range identifier3Kinds {
		if kind == id.Kind {
			typ = word
		}
	}
	o.str("externalIdentifierType", typ)
	o.str("identifier", id.Value)
	o.end()
}

// verifiedUsing writes hashes, and behind them the verification code.
func (o *object) verifiedUsing(hashes []Hash, code *VerificationCode) {
	const name = "verifiedUsing"
	type both struct {
		hashes []Hash
		code   *VerificationCode
	}
	write := func(w *writer, v both) {
		w.array(len(v.hashes), func(w *writer, i int) {
			o := w.begin(Extras{})
			o.str("type", "Hash")
			o.str("algorithm", v.hashes[i].Algorithm.spdx3())
			o.str("hashValue", v.hashes[i].Value)
			o.end()
		})
		if v.code == nil {
			return
		}
		w.buf = w.buf[:len(w.buf)-1]
		w.more = len(v.hashes) > 0
		w.separate()
		o := w.begin(Extras{})
		o.str("type", "PackageVerificationCode")
		o.str("algorithm", "sha1")
		o.str("hashValue", v.code.Value)
		o.strings("packageVerificationCodeExcludedFile", v.code.Excluded)
		o.end()
		w.close(']')
	}
	now := both{hashes, code}
	if raw := o.kept(name); raw != nil {
		var was both
		var ex Extras
		newReader(raw, unlimited, FormatUnknown).verifiedUsing(&was.hashes, &was.code, &ex)
		if same(now, was, write) {
			o.raw(name, raw)
			return
		}
	}
	if len(hashes) > 0 || code != nil {
		o.key(name)
		write(o.writer, now)
	}
}

func writeReference3(w *writer, ref *ExternalReference) {
	o := w.begin(Extras{})
	o.str("type", "ExternalRef")
	o.str("externalRefType", ref.Type)
	o.strings("locator", []string{ref.Locator})
	o.str("comment", ref.Comment)
	o.end()
}

func writeFile3(w *writer, f *File) {
	o := w.begin(f.Extras)
	o.str("name", f.Name)
	o.verifiedUsing(f.Hashes, nil)
	o.text("software_copyrightText", f.Copyright)
	o.str("comment", f.Comment)
	o.end()
}

func writeSnippet3(w *writer, s *Snippet) {
	o := w.begin(s.Extras)
	o.str("name", s.Name)
	o.str("software_snippetFromFile", s.File)
	o.text("software_copyrightText", s.Copyright)
	o.str("comment", s.Comment)
	o.end()
}

// writeRelationship3 writes the relationships that were one element.
func writeRelationship3(w *writer, rels []*Relationship) {
	first := rels[0]
	o := w.begin(first.Extras)
	rawFrom, rawTo := o.kept("from"), o.kept("to")
	var was []string
	g := &graph3{reader: newReader(rawTo, unlimited, FormatUnknown)}
	if rawTo != nil {
		was = g.references()
	}
	from, to := ends3(rels, was)
	if s, _ := stringOf(rawFrom); rawFrom != nil && (s == from || s == "") {
		o.raw("from", rawFrom)
	} else {
		o.str("from", from)
	}
	if rawTo != nil && slices.Equal(to, was) {
		o.raw("to", rawTo)
	} else {
		o.key("to")
		o.array(len(to), func(w *writer, i int) { w.string(to[i]) })
	}
	o.str("relationshipType", first.Written())
	o.str("comment", first.Comment)
	o.end()
}

// ends3 returns both ends in the direction of the document. NONE and
// NOASSERTION are spelled as they were read.
func ends3(rels []*Relationship, was []string) (from string, to []string) {
	for i, r := range rels {
		a, b := r.From, r.To
		if r.Inverse() {
			a, b = b, a
		}
		switch {
		case b != "":
		case i < len(was) && (r.ToState == StateNone || r.ToState == StateNoAssertion):
			b = was[i]
		case r.ToState == StateNone:
			b = "NoneElement"
		case r.ToState == StateNoAssertion:
			b = "NoAssertionElement"
		default:
			from = a
			continue
		}
		from = a
		to = append(to, b)
	}
	return from, to
}
