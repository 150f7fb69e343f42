// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/internal/xmlstrict"
)

// writeCycloneDXXML writes d as CycloneDX XML, by way of its JSON form.
func (d *Document) writeCycloneDXXML(w *writer) error {
	form := &writer{}
	d.writeCycloneDXJSON(form)
	tree, err := parseTree(form.buf)
	if err != nil {
		return err
	}
	x := &xmlWriter{space: cdxNamespace + d.SpecVersion}
	w.buf = append(w.buf, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	tree.take("bomFormat")
	tree.take("specVersion")
	root := &xmlNode{name: xmlstrict.Name{Space: x.space, Local: "bom"}}
	if err := x.members(root, bomForm(), tree, ""); err != nil {
		return err
	}
	w.buf = appendXML(w.buf, root, "")
	return nil
}

// tree is a JSON value with the order of its members.
type tree struct {
	raw      []byte // of a value that is neither object nor array
	kind     jsonstrict.Kind
	names    []string
	elements []*tree // members or elements; nil for a member that was taken
}

func parseTree(data []byte) (*tree, error) {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{AllowNUL: true, Limits: unlimited})
	t := readTree(d)
	return t, d.End()
}

// unlimited bounds nothing: it is for text that the package wrote itself.
var unlimited = evidence.Limits{DocumentBytes: 1 << 62, Depth: 1 << 20, StringBytes: 1 << 30, Elements: 1 << 30, Attributes: 1 << 20, MemoryRatio: 1 << 30}

func readTree(d *jsonstrict.Decoder) *tree {
	t := &tree{kind: d.Kind()}
	switch t.kind {
	case jsonstrict.Object:
		for d.Object(); d.Next(); {
			t.names = append(t.names, string(d.Key()))
			t.elements = append(t.elements, readTree(d))
		}
	case jsonstrict.Array:
		for d.Array(); d.Next(); {
			t.elements = append(t.elements, readTree(d))
		}
	default:
		t.raw = d.Raw()
	}
	return t
}

// take returns a member once, nil if there is none.
func (t *tree) take(name string) *tree {
	if t.kind != jsonstrict.Object {
		return nil
	}
	for i, n := range t.names {
		if n == name && t.elements[i] != nil {
			m := t.elements[i]
			t.elements[i] = nil
			return m
		}
	}
	return nil
}

// text returns what a scalar is written as in XML.
func (t *tree) text() string { return scalarText(t.raw) }

// xmlWriter builds the tree of an XML document from its JSON form.
type xmlWriter struct {
	space string
}

func (x *xmlWriter) element(name string) *xmlNode {
	return &xmlNode{name: xmlstrict.Name{Space: x.space, Local: name}}
}

// fragment takes what JSON has no place for from a member of t.
func (x *xmlWriter) fragment(t *tree, name string) (*xmlNode, error) {
	m := t.take(name)
	if m == nil {
		return nil, nil
	}
	n, err := (&xmlSource{data: []byte(m.text()), lim: unlimited}).parse()
	if err != nil {
		return nil, &evidence.Problem{
			Code: "sbom.xml-extra", Severity: evidence.SeverityError, Err: evidence.ErrFormat,
			Message: "extra " + textfmt.Quote(name) + " is no XML element: " + err.Error(),
		}
	}
	return n, nil
}

// rename moves n and what is in it to the namespace of the document, so that
// a document whose version was changed is of one version throughout.
func (x *xmlWriter) rename(n *xmlNode) {
	if strings.HasPrefix(n.name.Space, cdxNamespace) {
		n.name.Space = x.space
	}
	for _, c := range n.children {
		x.rename(c)
	}
}

// merge gives n what a fragment holds. Text in it stands for value if it means the same.
func (x *xmlWriter) merge(n, fragment *xmlNode, value []byte, kind xmlScalar) {
	text := scalarText(value)
	if fragment != nil {
		x.rename(fragment)
		n.attrs = append(n.attrs, fragment.attrs...)
		if own := fragment.content(); own != "" && string(scalarJSON(own, kind)) == string(scalarJSON(text, kind)) {
			text = own
		}
	}
	if text != "" {
		n.children = append(n.children, &xmlNode{text: text})
	}
	if fragment != nil {
		n.children = append(n.children, elementsOf(fragment)...)
	}
}

func elementsOf(n *xmlNode) []*xmlNode {
	return slices.DeleteFunc(slices.Clone(n.children), func(c *xmlNode) bool { return c.name.Local == "" })
}

// members adds the members of t, an object of type form, to n. restName is the
// member that holds what is left; it is "" for "<".
func (x *xmlWriter) members(n *xmlNode, form *xmlType, t *tree, restName string) error {
	if restName == "" {
		restName = "<"
	}
	own, err := x.fragment(t, restName)
	if err != nil {
		return err
	}
	if own != nil {
		x.rename(own)
	}
	for _, m := range form.members {
		if m.shape == xmlText {
			if v := t.take(m.json); v != nil {
				x.merge(n, textOf(own), v.raw, m.values[0].scalar)
			}
			continue
		}
		if m.shape == xmlInline {
			if err := x.inline(n, m, t); err != nil {
				return err
			}
			continue
		}
		if v := t.take(m.json); v != nil {
			if err := x.member(n, m, v, t, own); err != nil {
				return err
			}
		}
	}
	if own != nil {
		n.attrs = append(n.attrs, own.attrs...)
		n.children = append(n.children, elementsOf(own)...)
	}
	for i, name := range t.names {
		if t.elements[i] != nil && restName == "<" {
			return &evidence.Problem{
				Code: "sbom.xml-member", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
				Message: "member " + textfmt.Quote(name) + " of " + textfmt.Quote(form.name) + " has no form in CycloneDX XML",
			}
		}
	}
	return nil
}

// textOf returns a fragment with nothing but the text of own.
func textOf(own *xmlNode) *xmlNode {
	if own == nil {
		return nil
	}
	return &xmlNode{children: []*xmlNode{{text: own.content()}}}
}

// inline writes the element whose members stand in its parent.
func (x *xmlWriter) inline(n *xmlNode, m *xmlMember, t *tree) error {
	sub := x.element(m.element)
	if err := x.members(sub, m.values[0].typ, t, "<"+m.json); err != nil {
		return err
	}
	if !sub.empty() {
		n.children = append(n.children, sub)
	}
	return nil
}

// member adds one member to n. The rest of a scalar or list is in a member of t.
func (x *xmlWriter) member(n *xmlNode, m *xmlMember, v, t *tree, own *xmlNode) error {
	switch {
	case m.shape == xmlAttribute:
		text := v.text()
		if own != nil {
			// The attribute as it is written, if it still means the same.
			if i := slices.IndexFunc(own.attrs, func(a xmlstrict.Attr) bool { return a.Name.Space == "" && a.Name.Local == m.element }); i >= 0 {
				if kind := m.values[0].scalar; string(scalarJSON(own.attrs[i].Value, kind)) == string(v.raw) {
					text = own.attrs[i].Value
				}
				own.attrs = slices.Delete(own.attrs, i, i+1)
			}
		}
		n.attrs = append(n.attrs, xmlstrict.Attr{Name: xmlstrict.Name{Local: m.element}, Value: text})
		return nil
	case m.shape == xmlList && v.kind == jsonstrict.Object && m.object != nil:
		sub := x.element(m.element)
		n.children = append(n.children, sub)
		return x.members(sub, m.object, v, "")
	case m.shape == xmlList:
		return x.list(n, m, v, t)
	}
	if v.kind != jsonstrict.Array {
		return x.one(n, m, v, t, m.restName(0, false))
	}
	for k, e := range v.elements {
		if err := x.one(n, m, e, t, m.restName(k, true)); err != nil {
			return err
		}
	}
	return nil
}

// one adds one value of a member that is no list.
func (x *xmlWriter) one(n *xmlNode, m *xmlMember, v, t *tree, restName string) error {
	if m.shape != xmlUnwrap {
		kind := m.values[0]
		if m.synonym != "" && v.elementName() == m.synonym {
			kind.element = m.synonym
		}
		return x.value(n, &kind, v, t, restName)
	}
	sub := x.element(m.element)
	n.children = append(n.children, sub)
	fragment, err := x.fragment(t, restName)
	if err != nil {
		return err
	}
	if kind := x.choose(m, v); kind != nil && (kind.typ != nil || v.text() != "") {
		if err := x.value(sub, kind, v, &tree{}, ""); err != nil {
			return err
		}
	}
	if fragment != nil {
		x.merge(sub, fragment, rawEmpty, xmlToken)
	}
	return nil
}

func (x *xmlWriter) list(n *xmlNode, m *xmlMember, v, t *tree) error {
	sub := x.element(m.element)
	n.children = append(n.children, sub)
	for k, e := range v.elements {
		kind := x.choose(m, e)
		if kind == nil {
			return &evidence.Problem{
				Code: "sbom.xml-member", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
				Message: "element " + itoa(k) + " of " + textfmt.Quote(m.json) + " has no form in CycloneDX XML",
			}
		}
		inside, value := t, e
		restName := m.restName(k, true)
		if kind.named {
			inside, value, restName = e, e.take(kind.element), "<"+kind.element
		}
		if err := x.value(sub, kind, value, inside, restName); err != nil {
			return err
		}
	}
	fragment, err := x.fragment(t, m.restName(0, false))
	if err != nil || fragment == nil {
		return err
	}
	x.merge(sub, fragment, rawEmpty, xmlToken)
	return nil
}

// choose returns what kind of value v is in m's place: the one that it names
// itself, or the usual one.
func (x *xmlWriter) choose(m *xmlMember, v *tree) *xmlValue {
	for i := range m.values {
		if kind := &m.values[i]; kind.named && v.has(kind.element) {
			return kind
		}
	}
	if v.kind != jsonstrict.Object {
		for i := range m.values {
			if kind := &m.values[i]; kind.typ == nil && !kind.named {
				return kind
			}
		}
		return m.usual()
	}
	if name := v.elementName(); name != "" {
		if kind := m.valueFor(name); kind != nil && !kind.named {
			return kind
		}
	}
	return m.usual()
}

func (t *tree) has(name string) bool {
	i := slices.Index(t.names, name)
	return i >= 0 && t.elements[i] != nil
}

// elementName returns the name of the element that an object says it was read from.
func (t *tree) elementName() string {
	i := slices.Index(t.names, "<")
	if i < 0 || t.elements[i] == nil {
		return ""
	}
	name, _ := outermost([]byte(t.elements[i].text()))
	return string(name)
}

// value adds one element.
func (x *xmlWriter) value(n *xmlNode, kind *xmlValue, v, t *tree, restName string) error {
	sub := x.element(kind.element)
	n.children = append(n.children, sub)
	if v.kind == jsonstrict.Object && kind.typ != nil {
		return x.members(sub, kind.typ, v, "")
	}
	if v.kind == jsonstrict.Object || v.kind == jsonstrict.Array {
		return &evidence.Problem{
			Code: "sbom.xml-member", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
			Message: v.kind.String() + " in place of element " + textfmt.Quote(kind.element) + " has no form in CycloneDX XML",
		}
	}
	fragment, err := x.fragment(t, restName)
	if err != nil {
		return err
	}
	value := v.raw
	if kind.attr != "" {
		sub.attrs = append(sub.attrs, xmlstrict.Attr{Name: xmlstrict.Name{Local: kind.attr}, Value: v.text()})
		value = rawEmpty
	}
	x.merge(sub, fragment, value, kind.scalar)
	return nil
}
