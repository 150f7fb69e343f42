// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/xmlstrict"
)

// xmlNode is an element, or a piece of text, whose name is empty.
type xmlNode struct {
	name     xmlstrict.Name
	attrs    []xmlstrict.Attr // without namespace declarations
	children []*xmlNode
	text     string
	offset   int64
	line     int32
	column   int32
}

// content returns the text directly in the element.
func (n *xmlNode) content() string {
	if len(n.children) == 1 && n.children[0].name.Local == "" {
		return n.children[0].text
	}
	var b strings.Builder
	for _, c := range n.children {
		b.WriteString(c.text)
	}
	return b.String()
}

// problem returns an error at the element.
func (n *xmlNode) problem(code string, class error, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Line: int(n.line), Column: int(n.column), Offset: n.offset,
		Message: fmt.Sprintf(format, args...), Err: class,
	}
}

// xmlSource is the text of an XML document.
type xmlSource struct {
	data    []byte
	utf16   bool // the text was UTF-16, as its XML declaration may say
	lim     evidence.Limits
	budget  *budget
	nodes   []xmlNode        // room for those to come
	attrs   []xmlstrict.Attr // likewise
	strings map[string]string
}

// parse reads the document into a tree, by the rules of [xmlstrict]. Comments
// and processing instructions are dropped.
func (x *xmlSource) parse() (*xmlNode, error) {
	d := xmlstrict.NewBytes(x.data, xmlstrict.Options{Limits: x.lim, Transcoded: x.utf16})
	x.strings = map[string]string{}
	var root *xmlNode
	var open []*xmlNode
	for kind := d.Next(); kind != xmlstrict.Invalid; kind = d.Next() {
		if kind == xmlstrict.End {
			open = open[:len(open)-1]
			continue
		}
		n := x.node(d, kind)
		if len(open) > 0 {
			parent := open[len(open)-1]
			if len(parent.children) == cap(parent.children) {
				parent.children = extend(x.budget, parent.children, 2*len(parent.children))
			}
			parent.children = append(parent.children, n)
		} else {
			root = n
		}
		if kind == xmlstrict.Start {
			open = append(open, n)
		}
		if x.budget.spent() {
			d.Fail(d.Problem("sbom.memory", evidence.SeverityError, evidence.ErrLimit, "%s", x.budget.message()))
		}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return root, nil
}

// node returns the node of the current token.
func (x *xmlSource) node(d *xmlstrict.Decoder, kind xmlstrict.Kind) *xmlNode {
	if len(x.nodes) == 0 {
		x.budget.spend(64 * sizeOf[xmlNode]())
		x.nodes = make([]xmlNode, 64)
	}
	n := &x.nodes[0]
	x.nodes = x.nodes[1:]
	pos := d.Pos()
	n.offset, n.line, n.column = pos.Offset, int32(pos.Line), int32(pos.Column)
	if kind == xmlstrict.Text {
		n.text = x.string(d.Text())
		return n
	}
	n.name = d.Name()
	if attrs := d.Attrs(); len(attrs) > 0 {
		if len(x.attrs)+len(attrs) > cap(x.attrs) {
			x.attrs = extend(x.budget, []xmlstrict.Attr(nil), max(64, len(attrs)))
		}
		from := len(x.attrs)
		x.attrs = append(x.attrs, attrs...)
		n.attrs = x.attrs[from:len(x.attrs):len(x.attrs)]
	}
	return n
}

// string returns text as a string. Short texts, of which the white space between
// elements is the most, have one copy each.
func (x *xmlSource) string(text []byte) string {
	const short, most = 24, 1024
	if len(text) > short {
		return string(text)
	}
	s, ok := x.strings[string(text)]
	if !ok {
		if s = string(text); len(x.strings) < most {
			x.strings[s] = s
		}
	}
	return s
}

// appendXML appends n. space is the default namespace where n will stand.
func appendXML(b []byte, n *xmlNode, space string) []byte {
	if n.name.Local == "" {
		return appendXMLText(b, n.text, false)
	}
	b = append(b, '<')
	b = append(b, n.name.Local...)
	if n.name.Space != space {
		b = append(b, ` xmlns="`...)
		b = appendXMLText(b, n.name.Space, true)
		b = append(b, '"')
	}
	b = appendXMLAttrs(b, n.attrs)
	if len(n.children) == 0 {
		return append(b, "/>"...)
	}
	b = append(b, '>')
	for _, c := range n.children {
		b = appendXML(b, c, n.name.Space)
	}
	b = append(b, "</"...)
	b = append(b, n.name.Local...)
	return append(b, '>')
}

func appendXMLAttrs(b []byte, attrs []xmlstrict.Attr) []byte {
	for i, a := range attrs {
		b = append(b, ' ')
		switch a.Name.Space {
		case "":
		case "http://www.w3.org/XML/1998/namespace":
			b = append(b, "xml:"...)
		default:
			prefix := fmt.Sprintf("a%d", i)
			b = append(b, "xmlns:"+prefix+`="`...)
			b = appendXMLText(b, a.Name.Space, true)
			b = append(b, `" `+prefix+":"...)
		}
		b = append(b, a.Name.Local...)
		b = append(b, `="`...)
		b = appendXMLText(b, a.Value, true)
		b = append(b, '"')
	}
	return b
}

// appendXMLText appends character data; characters that XML 1.0 cannot hold become U+FFFD.
func appendXMLText(b []byte, s string, attr bool) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"' && attr:
			b = append(b, "&quot;"...)
		case r == '\r', attr && (r == '\n' || r == '\t'):
			b = fmt.Appendf(b, "&#%d;", r)
		case r < ' ' && r != '\n' && r != '\t', r == 0xfffe, r == 0xffff:
			b = append(b, "\ufffd"...)
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}
