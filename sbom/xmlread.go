// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"cmp"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/internal/xmlstrict"
)

// cdxNamespace begins the namespace of every version of CycloneDX.
const cdxNamespace = "http://cyclonedx.org/schema/bom/"

// readCycloneDXXML reads CycloneDX XML by way of its JSON form.
func readCycloneDXXML(data []byte, lim evidence.Limits, encoding string) (*Document, error) {
	form, err := cycloneDXFromXML(data, lim, encoding)
	if err != nil {
		return nil, err
	}
	return form.read(lim, FormatCycloneDXXML)
}

// jsonForm is the JSON form of a document that was not written in JSON.
type jsonForm struct {
	data  []byte
	marks []jsonMark // by offset in data
	// problems are findings about the text itself.
	problems evidence.Problems
	budget   *budget // what the text left over
}

// jsonMark says where in the original text a value of the JSON form comes from.
type jsonMark struct {
	at           int
	offset       int64
	line, column int32
}

// mark says that the value which comes at offset at of the JSON form is made
// from the text at the place given.
func (f *jsonForm) mark(at int, offset int64, line, column int32) {
	if len(f.marks) == cap(f.marks) {
		f.marks = extend(f.budget, f.marks, 2*len(f.marks))
	}
	f.marks = append(f.marks, jsonMark{at, offset, line, column})
}

// original moves p from the JSON form to the text that it was made from.
func (f *jsonForm) original(p place) place {
	i, found := slices.BinarySearchFunc(f.marks, int(p.offset), func(m jsonMark, at int) int { return cmp.Compare(m.at, at) })
	if !found {
		i--
	}
	if i < 0 {
		return p
	}
	p.offset, p.line, p.column = f.marks[i].offset, f.marks[i].line, f.marks[i].column
	return p
}

// relocate moves a problem of the JSON form to the text that it was made from.
func (f *jsonForm) relocate(err error) error {
	p, ok := err.(*evidence.Problem)
	if !ok || p.Line == 0 {
		return err
	}
	q := *p
	at := f.original(place{offset: p.Offset})
	q.Offset, q.Line, q.Column = at.offset, int(at.line), int(at.column)
	return &q
}

// read reads the JSON form as a document of the format that it came from.
func (f *jsonForm) read(lim evidence.Limits, format Format) (*Document, error) {
	lim = f.limits(lim)
	r := newReader(f.data, lim, format)
	r.setBudget(f.budget)
	r.translate = f.original
	r.doc.Problems = f.problems
	doc, err := r.document()
	if err != nil {
		return nil, f.relocate(err)
	}
	return doc, nil
}

// limits are those for the JSON form of a text that kept lim itself.
func (f *jsonForm) limits(lim evidence.Limits) evidence.Limits {
	lim.DocumentBytes = max(lim.DocumentBytes, int64(len(f.data)))
	lim.StringBytes = max(lim.StringBytes, len(f.data))
	return lim
}

// document reads the document of r's format.
func (r *reader) document() (*Document, error) {
	if r.doc.Format.CycloneDX() {
		return r.cyclonedx()
	}
	return r.spdx()
}

// cycloneDXFromXML makes the JSON form of a CycloneDX XML document. What JSON
// has no place for stands in members whose names begin with "<", each an
// element by the name of the one that it is left of: attributes and elements of
// other namespaces, and text that the value does not tell.
// An element of CycloneDX itself that the format does not have where it stands
// is a problem "sbom.xml-element".
func cycloneDXFromXML(data []byte, lim evidence.Limits, encoding string) (*jsonForm, error) {
	budget := newBudget(len(data), lim)
	root, err := (&xmlSource{data: data, utf16: encoding == "UTF-16", lim: lim, budget: budget}).parse()
	if err != nil {
		return nil, err
	}
	version, ok := strings.CutPrefix(root.name.Space, cdxNamespace)
	if root.name.Local != "bom" || !ok {
		return nil, root.problem("sbom.format", evidence.ErrUnsupported, "outermost element is %s in namespace %s, want bom in %s1.x",
			textfmt.Quote(root.name.Local), textfmt.Quote(root.name.Space), cdxNamespace)
	}
	c := &xmlConverter{space: root.name.Space, arrays: !beforeMinor(version, 6), closed: version == "1.0"}
	c.out.budget = budget
	c.mark(root)
	c.w.open('{')
	c.w.key("bomFormat")
	c.w.string("CycloneDX")
	c.w.key("specVersion")
	c.w.string(version)
	if err := c.members(root, bomForm(), "<", false); err != nil {
		return nil, err
	}
	c.w.close('}')
	if budget.spent() {
		return nil, root.problem("sbom.memory", evidence.ErrLimit, "%s", budget.message())
	}
	c.out.data = c.w.buf
	return &c.out, nil
}

// beforeMinor reports whether a version 1.x is before 1.minor.
func beforeMinor(version string, minor int) bool {
	s, ok := strings.CutPrefix(version, "1.")
	return ok && len(s) == 1 && s[0] < byte('0'+minor)
}

// xmlConverter writes the JSON form of a tree.
type xmlConverter struct {
	space  string // namespace of the document
	arrays bool   // evidence of identity is an array, see xmlMember.oneForm
	closed bool   // where any attribute is taken later, those of other namespaces are: 1.0
	w      writer
	out    jsonForm
}

// mark says that the value which comes next is made from n.
func (c *xmlConverter) mark(n *xmlNode) {
	c.out.mark(len(c.w.buf), n.offset, n.line, n.column)
}

// known reports whether n is an element of CycloneDX.
func (c *xmlConverter) known(n *xmlNode) bool { return n.name.Space == c.space }

// rest is what is left of an element that is no object in JSON.
type rest struct {
	name     string // of the member that keeps it
	fragment *xmlNode
}

// left returns an element by the name of n that holds nothing yet.
func left(n *xmlNode) *xmlNode { return &xmlNode{name: n.name} }

func (n *xmlNode) empty() bool { return len(n.attrs)+len(n.children) == 0 }

// writeRest writes the member for what is left.
func (c *xmlConverter) writeRest(name string, fragment *xmlNode) {
	c.w.key(name)
	if spendNamespaces(c.out.budget, fragment, ""); !c.out.budget.spent() {
		c.w.string(string(appendXML(nil, fragment, "")))
	} else {
		c.w.string("")
	}
}

// spendNamespaces takes what the namespace declarations cost that appendXML
// writes: one that the document declared once, it may need many times.
func spendNamespaces(b *budget, n *xmlNode, space string) {
	if n.name.Space != space {
		b.spend(4 * len(n.name.Space))
	}
	for _, a := range n.attrs {
		b.spend(4 * len(a.Name.Space))
	}
	for _, child := range n.children {
		if child.name.Local != "" {
			spendNamespaces(b, child, n.name.Space)
		}
	}
}

// members writes the members of type t for n. What is left of n goes to the
// member restName, which is written in any case if named is set: its element
// then tells the name of n.
func (c *xmlConverter) members(n *xmlNode, t *xmlType, restName string, named bool) error {
	own := left(n)
	done := uint64(0) // bits of the members that are written
	c.attributes(n, t, own, &done)
	if t.text != nil {
		c.w.key(t.text.json)
		c.mark(n)
		if text := n.content(); c.scalar(n, text, t.text.values[0].scalar) {
			own.children = append(own.children, &xmlNode{text: text})
		}
	} else if err := c.noText(n); err != nil {
		return err
	}
	var rests []rest
	var last *xmlMember // of the element before
	for i, child := range n.children {
		if child.name.Local == "" {
			continue
		}
		m := t.byElement[child.name.Local]
		if m != nil && c.known(child) && !t.anyOrder {
			if last != nil && m.place < last.place {
				c.problem(child, codeXMLOrder, "element %s stands behind %s", textfmt.Quote(m.element), textfmt.Quote(last.element))
			}
			last = m
		}
		switch {
		case !c.known(child) || m == nil || done&m.bit != 0 && !m.repeating():
			own.children = append(own.children, child)
			c.unexpected(child)
		case done&m.bit == 0:
			done |= m.bit
			more, err := c.member(n, i, m)
			if err != nil {
				return err
			}
			rests = append(rests, more...)
		}
	}
	for _, r := range rests {
		c.writeRest(r.name, r.fragment)
	}
	if named || !own.empty() {
		c.writeRest(restName, own)
	}
	return nil
}

func (c *xmlConverter) attributes(n *xmlNode, t *xmlType, own *xmlNode, done *uint64) {
	for _, a := range n.attrs {
		m := t.byAttr[a.Name.Local]
		if a.Name.Space != "" || m == nil {
			own.attrs = append(own.attrs, a)
			c.attribute(n, a, t.attrs)
			continue
		}
		*done |= m.bit
		c.w.key(m.json)
		c.mark(n)
		if c.scalar(n, a.Value, m.values[0].scalar) {
			own.attrs = append(own.attrs, a)
		}
	}
}

// schemaInstance is the namespace of attributes that every element takes (XML Schema 1.0 part 1 §2.6).
const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

// attribute records an attribute that is not one of the element's own, unless
// the XSD lets it stand there. What it says is not read.
func (c *xmlConverter) attribute(n *xmlNode, a xmlstrict.Attr, taken xmlAttrs) {
	if taken == attrsAny && c.closed {
		taken = attrsOther
	}
	foreign := a.Name.Space != "" && a.Name.Space != c.space
	if a.Name.Space == schemaInstance || taken == attrsAny || taken == attrsOther && foreign {
		return
	}
	c.problem(n, codeXMLAttribute, "element %s has no attribute %s in the schema", textfmt.Quote(n.name.Local), textfmt.Quote(a.Name.Local))
}

// others records the attributes of an element that has none of its own.
func (c *xmlConverter) others(n *xmlNode, taken xmlAttrs) {
	for _, a := range n.attrs {
		c.attribute(n, a, taken)
	}
}

// The codes of what is found wrong with the XML itself: warnings of reading, and errors by the schema.
const (
	codeXMLElement   = "sbom.xml-element"   // an element out of place
	codeXMLAttribute = "sbom.xml-attribute" // an attribute that is missing, or that the element does not take
	codeXMLOrder     = "sbom.xml-order"     // an element behind one that the XSD has after it
	codeXMLValue     = "sbom.xml-value"     // a number that XML Schema writes in another way
)

func (c *xmlConverter) problem(n *xmlNode, code, format string, args ...any) {
	if len(c.out.problems) < mostAlike {
		p := n.problem(code, evidence.ErrFormat, format, args...)
		p.Severity = evidence.SeverityWarning
		c.out.problems = append(c.out.problems, p)
	}
}

// unexpected records an element that CycloneDX does not have in this place.
func (c *xmlConverter) unexpected(n *xmlNode) {
	if c.known(n) {
		c.problem(n, codeXMLElement, "element %s has no place here, or is there already", textfmt.Quote(n.name.Local))
	}
}

// noText refuses text in an element that only holds others.
func (c *xmlConverter) noText(n *xmlNode) error {
	for _, child := range n.children {
		if text := strings.TrimSpace(child.text); child.name.Local == "" && text != "" {
			return child.problem("xml.text", evidence.ErrFormat, "text %s in element %s, which only holds elements",
				textfmt.Quote(text), textfmt.Quote(n.name.Local))
		}
	}
	return nil
}

// member writes the member m, which begins with child i of n.
func (c *xmlConverter) member(n *xmlNode, i int, m *xmlMember) ([]rest, error) {
	child := n.children[i]
	switch {
	case m.shape == xmlInline:
		return nil, c.members(child, m.values[0].typ, "<"+m.json, false)
	case m.shape == xmlList && c.isObject(child, m.object):
		c.w.key(m.json)
		return nil, c.object(child, m.object, false)
	case m.shape == xmlList:
		return c.list(child, m)
	}
	same := []*xmlNode{child}
	if m.repeating() {
		for _, x := range n.children[i+1:] {
			if c.known(x) && x.name.Local == child.name.Local {
				same = append(same, x)
			}
		}
	}
	c.w.key(m.json)
	if !m.repeating() || m.oneForm && !c.arrays && len(same) == 1 {
		fragment, err := c.one(child, m)
		if err != nil || fragment == nil {
			return nil, err
		}
		return []rest{{m.restName(0, false), fragment}}, nil
	}
	c.mark(child)
	c.w.open('[')
	var rests []rest
	for k, x := range same {
		c.w.separate()
		fragment, err := c.one(x, m)
		if err != nil {
			return nil, err
		}
		if fragment != nil {
			rests = append(rests, rest{m.restName(k, true), fragment})
		}
	}
	c.w.close(']')
	return rests, nil
}

// isObject reports whether a list is the object that may stand in its place.
func (c *xmlConverter) isObject(n *xmlNode, t *xmlType) bool {
	return t != nil && slices.ContainsFunc(n.children, func(x *xmlNode) bool {
		return c.known(x) && t.byElement[x.name.Local] != nil
	})
}

// one writes the value of one element of m.
func (c *xmlConverter) one(n *xmlNode, m *xmlMember) (*xmlNode, error) {
	if m.shape == xmlUnwrap {
		return c.unwrap(n, m)
	}
	return c.value(n, &m.values[0], m.second)
}

// list writes the elements inside n as an array.
func (c *xmlConverter) list(n *xmlNode, m *xmlMember) ([]rest, error) {
	if err := c.noText(n); err != nil {
		return nil, err
	}
	own := left(n)
	own.attrs = n.attrs
	c.others(n, m.attrs)
	var rests []rest
	c.w.key(m.json)
	c.mark(n)
	c.w.open('[')
	k := 0
	children := n.children
	if m.values[0].typ != nil && m.values[0].typ.name == "dependency" {
		children = c.flatten(children)
	}
	for _, child := range children {
		if child.name.Local == "" {
			continue
		}
		v := m.valueFor(child.name.Local)
		if !c.known(child) || v == nil {
			own.children = append(own.children, child)
			c.unexpected(child)
			continue
		}
		c.w.separate()
		fragment, err := c.listValue(child, m, v)
		if err != nil {
			return nil, err
		}
		if fragment != nil {
			rests = append(rests, rest{m.restName(k, true), fragment})
		}
		k++
	}
	c.w.close(']')
	if !own.empty() {
		rests = append(rests, rest{m.restName(0, false), own})
	}
	return rests, nil
}

// flatten returns the dependencies of a list with one entry for each ref, as JSON
// has them: in XML a dependency holds what its ref depends on, to any depth. A
// dependency inside another joins the entry of its ref, or else becomes one
// behind the others.
func (c *xmlConverter) flatten(children []*xmlNode) []*xmlNode {
	f := flattener{c: c, entries: map[string]*xmlNode{}, held: map[*xmlNode]map[string]bool{}, list: slices.Clip(children)}
	for _, entry := range children {
		if c.isDependency(entry) && f.entries[refOf(entry)] == nil {
			f.entries[refOf(entry)] = entry
		}
	}
	for _, entry := range children {
		if c.isDependency(entry) {
			f.within(entry.children)
		}
	}
	for len(f.deep) > 0 {
		n := f.deep[len(f.deep)-1]
		f.deep = f.deep[:len(f.deep)-1]
		f.move(n)
	}
	return f.list
}

func (c *xmlConverter) isDependency(n *xmlNode) bool {
	return c.known(n) && n.name.Local == "dependency"
}

// isEnd reports whether n says what the dependency around it depends on or provides.
func (c *xmlConverter) isEnd(n *xmlNode) bool {
	return c.isDependency(n) || c.known(n) && n.name.Local == "provides"
}

// refOf returns the attribute ref, which names what a dependency is about.
func refOf(n *xmlNode) string {
	for _, a := range n.attrs {
		if a.Name.Space == "" && a.Name.Local == "ref" {
			return a.Value
		}
	}
	return ""
}

// flattener is the state of xmlConverter.flatten.
type flattener struct {
	c       *xmlConverter
	entries map[string]*xmlNode          // by ref
	held    map[*xmlNode]map[string]bool // what an entry that others join holds already
	list    []*xmlNode
	deep    []*xmlNode // dependencies inside others that hold some themselves
}

// within notes those of nodes that hold dependencies themselves.
func (f *flattener) within(nodes []*xmlNode) {
	for _, n := range nodes {
		if f.c.isDependency(n) && slices.ContainsFunc(n.children, f.c.isEnd) {
			f.deep = append(f.deep, n)
		}
	}
}

// move takes what n holds to the entry of its ref.
func (f *flattener) move(n *xmlNode) {
	var ends, rest []*xmlNode
	for _, child := range n.children {
		if f.c.isEnd(child) {
			ends = append(ends, child)
		} else {
			rest = append(rest, child)
		}
	}
	n.children = rest
	f.within(ends)
	ref := refOf(n)
	entry := f.entries[ref]
	if entry == nil {
		f.c.out.budget.spend(sizeOf[xmlNode]())
		entry = &xmlNode{name: n.name, offset: n.offset, line: n.line, column: n.column}
		entry.attrs = []xmlstrict.Attr{{Name: xmlstrict.Name{Local: "ref"}, Value: ref}}
		f.entries[ref] = entry
		f.list = append(f.list, entry)
	}
	held := f.held[entry]
	if held == nil {
		held = map[string]bool{}
		for _, x := range entry.children {
			held[x.name.Local+" "+refOf(x)] = true
		}
		f.held[entry] = held
	}
	for _, x := range ends {
		if key := x.name.Local + " " + refOf(x); !held[key] {
			held[key] = true
			entry.children = append(entry.children, x)
		}
	}
}

func (c *xmlConverter) listValue(n *xmlNode, m *xmlMember, v *xmlValue) (*xmlNode, error) {
	if !v.named {
		return c.value(n, v, v.typ != nil && v != m.usual())
	}
	c.mark(n)
	c.w.open('{')
	c.w.key(v.element)
	fragment, err := c.value(n, v, false)
	if err == nil && fragment != nil {
		c.writeRest("<"+v.element, fragment)
	}
	c.w.close('}')
	return nil, err
}

// unwrap writes the one element inside n in its place.
func (c *xmlConverter) unwrap(n *xmlNode, m *xmlMember) (*xmlNode, error) {
	if err := c.noText(n); err != nil {
		return nil, err
	}
	own := left(n)
	own.attrs = n.attrs
	c.others(n, m.attrs)
	written := false
	for _, child := range n.children {
		if child.name.Local == "" {
			continue
		}
		v := m.valueFor(child.name.Local)
		if v == nil || !c.known(child) || written || v.typ == nil && !child.plain() {
			own.children = append(own.children, child)
			c.unexpected(child)
			continue
		}
		written = true
		if _, err := c.value(child, v, v.typ != nil && v != m.usual()); err != nil {
			return nil, err
		}
	}
	if !written {
		c.mark(n)
		c.w.string("")
	}
	if own.empty() {
		return nil, nil
	}
	return own, nil
}

// plain reports whether n is nothing but a token.
func (n *xmlNode) plain() bool {
	text := n.content()
	return len(n.attrs) == 0 && !hasElements(n) && strings.TrimSpace(text) == text
}

// value writes one value. An object holds what is left of it itself, and its
// element's name if named is set; what is left of any other value is returned.
func (c *xmlConverter) value(n *xmlNode, v *xmlValue, named bool) (*xmlNode, error) {
	text := n.content()
	if v.typ != nil && (v.typ.text != nil || hasElements(n) || len(n.attrs) > 0 || strings.TrimSpace(text) == "") {
		return nil, c.object(n, v.typ, named)
	}
	c.mark(n)
	own := xmlNode{name: n.name}
	for _, a := range n.attrs {
		if v.attr != "" && a.Name.Space == "" && a.Name.Local == v.attr {
			text = a.Value
		} else {
			own.attrs = append(own.attrs, a)
			c.attribute(n, a, v.attrs)
		}
	}
	if v.attr != "" {
		if !slices.ContainsFunc(n.attrs, func(a xmlstrict.Attr) bool { return a.Name.Space == "" && a.Name.Local == v.attr }) {
			c.problem(n, codeXMLAttribute, "element %s lacks the attribute %s", textfmt.Quote(n.name.Local), v.attr)
		}
		if err := c.noText(n); err != nil {
			return nil, err
		}
	}
	for _, child := range n.children {
		if child.name.Local != "" {
			own.children = append(own.children, child)
			c.unexpected(child)
		}
	}
	if c.scalar(n, text, v.scalar) {
		own.children = append(own.children, &xmlNode{text: text})
	}
	if own.empty() {
		return nil, nil
	}
	return new(own), nil
}

func hasElements(n *xmlNode) bool {
	return slices.ContainsFunc(n.children, func(x *xmlNode) bool { return x.name.Local != "" })
}

// object writes an object of type t.
func (c *xmlConverter) object(n *xmlNode, t *xmlType, named bool) error {
	c.mark(n)
	c.w.open('{')
	if err := c.members(n, t, "<", named); err != nil {
		return err
	}
	c.w.close('}')
	return nil
}

// scalar writes text, which n holds, as a JSON value, and reports whether the
// text cannot be told from the value.
func (c *xmlConverter) scalar(n *xmlNode, text string, kind xmlScalar) (differs bool) {
	value := text
	switch kind {
	case xmlNumber, xmlInteger, xmlBoolean:
		raw := scalarJSON(text, kind)
		if number := strings.TrimSpace(text); raw[0] != '"' && kind != xmlBoolean && !isDecimal(number, kind == xmlInteger) {
			c.problem(n, codeXMLValue, "%s is not written as XML Schema writes numbers", textfmt.Quote(number))
		}
		c.w.buf = append(c.w.buf, raw...)
		return scalarText(raw) != text
	case xmlToken:
		value = strings.TrimSpace(text)
	}
	c.w.buf = appendQuoted(c.w.buf, value)
	return value != text
}

// scalarJSON returns the JSON value that text means.
func scalarJSON(text string, kind xmlScalar) []byte {
	value := text
	if kind != xmlVerbatim {
		value = strings.TrimSpace(text)
	}
	switch {
	case kind != xmlNumber && kind != xmlInteger:
	case isNumber(value):
		return []byte(value)
	case isDecimal(value, false):
		return decimalJSON(value)
	}
	switch {
	case kind == xmlBoolean && (value == "true" || value == "1"):
		return []byte("true")
	case kind == xmlBoolean && (value == "false" || value == "0"):
		return []byte("false")
	}
	return quoteJSON(value)
}

// scalarText returns the text that a JSON value is written as in XML.
func scalarText(value []byte) string {
	if s, ok := stringOf(value); ok {
		return s
	}
	return string(value)
}

func isNumber(s string) bool {
	if s == "" {
		return false
	}
	d := jsonstrict.NewBytes([]byte(s), jsonstrict.Options{})
	return d.Number() != nil && d.End() == nil
}

// isDecimal reports whether s is an xs:decimal or, if whole is set, an xs:integer
// (XML Schema 1.0 part 2 §3.2.3.1, §3.3.13.1).
func isDecimal(s string, whole bool) bool {
	s, _ = cutSign(s)
	before, after, dot := strings.Cut(s, ".")
	if whole && dot || before+after == "" {
		return false
	}
	return allDigits(before + after)
}

func cutSign(s string) (rest, minus string) {
	switch {
	case strings.HasPrefix(s, "-"):
		return s[1:], "-"
	case strings.HasPrefix(s, "+"):
		return s[1:], ""
	}
	return s, ""
}

// decimalJSON returns an xs:decimal as JSON writes it.
func decimalJSON(s string) []byte {
	s, minus := cutSign(s)
	before, after, _ := strings.Cut(s, ".")
	before = cmp.Or(strings.TrimLeft(before, "0"), "0")
	if after != "" {
		after = "." + after
	}
	return []byte(minus + before + after)
}
