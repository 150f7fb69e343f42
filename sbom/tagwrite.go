// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// writeSPDXTagValue writes d as SPDX tag-value, by way of its JSON form.
func (d *Document) writeSPDXTagValue(out *writer) error {
	form := &writer{}
	d.writeSPDXJSON(form)
	t, err := parseTree(form.buf)
	if err != nil {
		return err
	}
	w := &tagWriter{buf: out.buf, fileNames: map[string]string{}}
	w.document(t)
	out.buf = w.buf
	return w.err
}

type tagWriter struct {
	buf       []byte
	fileNames map[string]string // by ID
	err       error
}

// document writes the whole document.
func (w *tagWriter) document(t *tree) {
	docID := textMember(t, "SPDXID")
	files := elements(t.take("files"))
	packages := elements(t.take("packages"))
	snippets := elements(t.take("snippets"))
	licenses := elements(t.take("hasExtractedLicensingInfos"))
	relationships := elements(t.take("relationships"))
	reviews := elements(t.take("revieweds"))
	notes := elements(t.take("annotations"))
	describes := elements(t.take("documentDescribes"))
	creation := t.take("creationInfo")
	for _, f := range files {
		w.fileNames[textMember(f, "SPDXID")] = textMember(f, "fileName")
	}

	w.object(tagDocumentSection, t)
	if creation != nil {
		w.object(tagCreationSection, creation)
	}
	w.annotations(notes, docID)

	// A file stands behind the first package that holds it.
	holder := map[string]int{}
	for i, p := range packages {
		for _, id := range elements(p.member("hasFiles")) {
			if _, held := holder[id.text()]; !held {
				holder[id.text()] = i
			}
		}
	}
	byPackage := make([][]*tree, len(packages))
	for _, f := range files {
		if i, held := holder[textMember(f, "SPDXID")]; held {
			byPackage[i] = append(byPackage[i], f)
		} else {
			w.element(tagFileSection, f)
		}
	}
	for i, p := range packages {
		held := elements(p.take("hasFiles"))
		id := textMember(p, "SPDXID")
		w.element(tagPackageSection, p)
		for _, f := range held {
			if _, known := w.fileNames[f.text()]; !known || holder[f.text()] != i {
				w.pair("Relationship", id+" CONTAINS "+f.text())
			}
		}
		for _, f := range byPackage[i] {
			w.element(tagFileSection, f)
		}
	}
	for _, s := range snippets {
		w.element(tagSnippetSection, s)
	}
	for _, l := range licenses {
		w.element(tagLicenseSection, l)
	}
	w.blank()
	for _, d := range describes {
		w.pair("Relationship", docID+" DESCRIBES "+d.text())
	}
	for _, r := range relationships {
		w.object(tagRelationshipSection, r)
	}
	for _, r := range reviews {
		w.element(tagReviewSection, r)
	}
}

func elements(t *tree) []*tree {
	if t == nil {
		return nil
	}
	return t.elements
}

func textMember(t *tree, name string) string {
	if m := t.member(name); m != nil && m.raw != nil {
		return m.text()
	}
	return ""
}

func (w *tagWriter) blank() {
	if len(w.buf) > 0 {
		w.buf = append(w.buf, '\n')
	}
}

// element writes an object that begins a section, and the annotations about it.
func (w *tagWriter) element(s *tagSection, t *tree) {
	w.blank()
	notes := elements(t.take("annotations"))
	id := textMember(t, "SPDXID")
	w.object(s, t)
	w.annotations(notes, id)
}

func (w *tagWriter) annotations(notes []*tree, subject string) {
	for _, n := range notes {
		w.blank()
		if n.member("#SPDXREF") == nil && subject != "" {
			n.names = append(n.names, "#SPDXREF")
			n.elements = append(n.elements, &tree{kind: '"', raw: quoteJSON(subject)})
		}
		w.object(tagAnnotationSection, n)
	}
}

// object writes the tags of one object.
func (w *tagWriter) object(s *tagSection, t *tree) {
	kept := elements(t.take("#tags"))
	for i := range s.fields {
		f := &s.fields[i]
		if f.kind == tagRelationship {
			if v, ok := f.tagValue(t); ok {
				w.pair(f.tag, v)
			}
			for _, name := range []string{"spdxElementId", "relationshipType", "relatedSpdxElement", "#"} {
				t.take(name)
			}
			continue
		}
		if f.kind != tagComment {
			w.field(f, t)
		}
	}
	for _, k := range kept {
		tag, value, _ := strings.Cut(k.text(), ": ")
		w.pair(tag, value)
	}
	w.complete(s, t)
}

// complete refuses members that have no tag.
func (w *tagWriter) complete(s *tagSection, t *tree) {
	for i, name := range t.names {
		if m := t.elements[i]; m != nil && w.err == nil {
			if list := elements(m); m.kind == '[' && len(list) == 0 || string(m.raw) == "null" {
				continue // says nothing
			}
			w.err = &evidence.Problem{
				Code: "sbom.tag-member", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
				Message: "member " + textfmt.Quote(name) + " of " + textfmt.Quote(s.name) + " has no form in SPDX tag-value",
			}
		}
	}
}

func (w *tagWriter) field(f *tagField, t *tree) {
	if f.kind == tagRange {
		w.ranges(f, t)
		return
	}
	own := t.take("#" + f.json)
	m := t.take(f.json)
	if m == nil || string(m.raw) == "null" {
		return
	}
	if !f.list {
		v, ok := f.tagValue(m)
		if own != nil && string(f.tagJSON(own.text(), "")) == string(m.raw) {
			v = own.text()
		}
		if ok {
			w.pair(f.tag, v)
		}
		return
	}
	for _, e := range m.elements {
		v, ok := f.tagValue(e)
		if !ok {
			continue
		}
		if f.tag == "FileDependency" {
			v = w.fileNames[e.text()]
		}
		w.pair(f.tag, v)
		if c := e.member("comment"); c != nil && f.kind == tagReference {
			w.pair("ExternalRefComment", c.text())
		}
	}
}

// ranges writes the ranges of one unit; both units are in one list.
func (w *tagWriter) ranges(f *tagField, t *tree) {
	m := t.member(f.json)
	if m == nil {
		return
	}
	for i, e := range m.elements {
		if e == nil {
			continue
		}
		if v, ok := f.tagValue(e); ok {
			w.pair(f.tag, v)
			m.elements[i] = nil
		}
	}
	if !slices.ContainsFunc(m.elements, func(e *tree) bool { return e != nil }) {
		t.take(f.json)
	}
}

// pair writes one tag. Text that is more than a line, or that white space
// begins or ends, stands between <text> and </text>.
func (w *tagWriter) pair(tag, value string) {
	w.buf = append(w.buf, tag...)
	w.buf = append(w.buf, ':')
	switch {
	case value == "":
	case strings.TrimSpace(value) != value || strings.ContainsAny(value, "\n\r") || strings.HasPrefix(value, "<text>"):
		if strings.Contains(value, "</text>") && w.err == nil {
			w.err = &evidence.Problem{
				Code: "sbom.tag-member", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
				Message: "value of " + textfmt.Quote(tag) + " holds </text>, which SPDX tag-value cannot say",
			}
		}
		w.buf = append(w.buf, " <text>"...)
		w.buf = append(w.buf, value...)
		w.buf = append(w.buf, "</text>"...)
	default:
		w.buf = append(w.buf, ' ')
		w.buf = append(w.buf, value...)
	}
	w.buf = append(w.buf, '\n')
}
