package sbom

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/HailBytes/evidence/internal/diag"
)

// xmlNode is an element, or a piece of text, whose name is empty.
type xmlNode struct {
	name     xml.Name
	attrs    []xml.Attr // without namespace declarations
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
func (n *xmlNode) problem(code string, class error, format string, args ...any) *Problem {
	return &diag.Problem{
		Code: code, Severity: SeverityError, Line: int(n.line), Column: int(n.column), Offset: n.offset,
		Message: fmt.Sprintf(format, args...), Err: class,
	}
}

// parseXML reads one XML document into a tree. Beyond what encoding/xml
// refuses, it refuses every declaration of a document type (and so every
// entity that is not predefined), encodings other than UTF-8, repeated
// attributes, and whatever exceeds the limits. Comments and processing
// instructions are dropped.
func parseXML(data []byte, lim Limits) (*xmlNode, error) {
	p := &xmlParser{d: xml.NewDecoder(bytes.NewReader(data)), lim: lim}
	p.d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if strings.EqualFold(label, "utf-16") || strings.EqualFold(label, "us-ascii") {
			return r, nil // UTF-16 was transcoded before
		}
		return nil, p.problem("xml.encoding", ErrUnsupported, "encoding is %s, want UTF-8", diag.Quote(label))
	}
	for {
		p.offset = p.d.InputOffset()
		p.line, p.column = p.d.InputPos()
		token, err := p.d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, p.wrap(err)
		}
		if err := p.take(token); err != nil {
			return nil, err
		}
	}
	if p.root == nil {
		return nil, p.problem("xml.syntax", ErrFormat, "document has no element")
	}
	return p.root, nil
}

type xmlParser struct {
	d            *xml.Decoder
	lim          Limits
	root         *xmlNode
	open         []*xmlNode
	offset       int64 // of the token
	line, column int
}

func (p *xmlParser) problem(code string, class error, format string, args ...any) *Problem {
	return &diag.Problem{
		Code: code, Severity: SeverityError, Line: p.line, Column: p.column, Offset: p.offset,
		Message: fmt.Sprintf(format, args...), Err: class,
	}
}

// wrap gives an error of the tokenizer its place.
func (p *xmlParser) wrap(err error) error {
	if _, ok := errors.AsType[*Problem](err); ok {
		return err
	}
	message := err.Error()
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		message = syntax.Msg
	}
	p.line, p.column = p.d.InputPos()
	p.offset = p.d.InputOffset()
	return p.problem("xml.syntax", ErrFormat, "%s", diag.Clip(message, 200))
}

func (p *xmlParser) take(token xml.Token) error {
	switch token := token.(type) {
	case xml.StartElement:
		return p.start(token)
	case xml.EndElement:
		p.open = p.open[:len(p.open)-1]
	case xml.CharData:
		return p.chars(token)
	case xml.Directive:
		return p.problem("xml.doctype", ErrUnsafe, "document type declarations are not read")
	}
	return nil
}

func (p *xmlParser) start(token xml.StartElement) error {
	if p.root != nil && len(p.open) == 0 {
		return p.problem("xml.syntax", ErrFormat, "a second outermost element")
	}
	if len(p.open) >= p.lim.Depth {
		return p.problem("xml.depth", ErrLimit, "nested deeper than %d", p.lim.Depth)
	}
	n := &xmlNode{name: token.Name, offset: p.offset, line: int32(p.line), column: int32(p.column)}
	if len(token.Attr) > p.lim.Elements {
		return p.problem("xml.elements", ErrLimit, "more than %d attributes", p.lim.Elements)
	}
	seen := make(map[xml.Name]bool, len(token.Attr))
	for _, a := range token.Attr {
		if seen[a.Name] {
			return p.problem("xml.duplicate-attribute", ErrFormat, "attribute %s is repeated", diag.Quote(a.Name.Local))
		}
		seen[a.Name] = true
		if len(a.Value) > p.lim.StringBytes {
			return p.problem("xml.string", ErrLimit, "attribute is longer than %d bytes", p.lim.StringBytes)
		}
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		n.attrs = append(n.attrs, a)
	}
	if p.root == nil {
		p.root = n
	} else if err := p.add(n); err != nil {
		return err
	}
	p.open = append(p.open, n)
	return nil
}

func (p *xmlParser) add(n *xmlNode) error {
	parent := p.open[len(p.open)-1]
	if len(parent.children) >= p.lim.Elements {
		return p.problem("xml.elements", ErrLimit, "more than %d elements in one", p.lim.Elements)
	}
	parent.children = append(parent.children, n)
	return nil
}

func (p *xmlParser) chars(text []byte) error {
	if len(p.open) == 0 {
		if len(bytes.TrimSpace(text)) > 0 {
			return p.problem("xml.syntax", ErrFormat, "text outside the outermost element")
		}
		return nil
	}
	parent := p.open[len(p.open)-1]
	if n := len(parent.children); n > 0 && parent.children[n-1].name.Local == "" {
		// Text that a comment or CDATA section parts.
		last := parent.children[n-1]
		if len(last.text)+len(text) > p.lim.StringBytes {
			return p.problem("xml.string", ErrLimit, "text is longer than %d bytes", p.lim.StringBytes)
		}
		last.text += string(text)
		return nil
	}
	if len(text) > p.lim.StringBytes {
		return p.problem("xml.string", ErrLimit, "text is longer than %d bytes", p.lim.StringBytes)
	}
	return p.add(&xmlNode{text: string(text), offset: p.offset, line: int32(p.line), column: int32(p.column)})
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

func appendXMLAttrs(b []byte, attrs []xml.Attr) []byte {
	for i, a := range attrs {
		b = append(b, ' ')
		switch a.Name.Space {
		case "":
		case "xml", "http://www.w3.org/XML/1998/namespace":
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
