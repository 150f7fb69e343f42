// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package xmlstrict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/HailBytes/evidence"
)

// Options bounds what a Decoder accepts.
type Options struct {
	Limits evidence.Limits // zero fields mean the defaults

	// Transcoded says that the text given to NewBytes was UTF-16 and was turned
	// into UTF-8 already, so that its XML declaration names UTF-16 if any encoding.
	Transcoded bool
}

// Kind is the kind of a token.
type Kind byte

// The kinds of token.
const (
	Invalid Kind = iota // no token: the end of the document, or an error
	Start               // a start tag; an empty-element tag gives Start, then End
	End                 // an end tag
	Text                // character data, never empty; white space too
)

// Name is a name with its namespace.
type Name struct {
	Space string // namespace URI; empty for none, and for attributes without a prefix
	Local string
}

// Attr is one attribute. Namespace declarations are not among the attributes.
type Attr struct {
	Name  Name
	Value string
}

// Decoder reads XML tokens in order. Make one with [New] or [NewBytes].
type Decoder struct {
	buf  []byte // the window; all of the text when r is nil
	pos  int    // next byte to read, in buf
	mark int    // bytes from here on must stay in the window; -1 for none
	r    io.Reader
	base int64 // offset of buf[0] in the text
	err  error
	lim  evidence.Limits

	kind    Kind
	name    Name
	attrs   []Attr
	text    []byte
	drop    bool  // text is counted and checked, not kept
	textLen int64 // length of the current text, kept or not
	closing bool  // the last tag was an empty-element tag, its End is due
	begun   bool  // the root element was seen
	token   Pos
	raw     bool // Raw holds the mark

	stack []frame
	ns    map[string]string // prefix to namespace
	undo  []binding
	names map[string]string // names seen, so that each is allocated once

	counted   int64 // line and lineStart are those of this offset
	line      int
	lineStart int64
}

// frame is one open element.
type frame struct {
	name     Name
	tag      string // as written
	undo     int    // namespaces to restore when it ends
	children int
}

// binding is a namespace declaration that another one covers.
type binding struct {
	prefix, uri string
	bound       bool
}

// Pos is a place in the text.
type Pos struct {
	Offset       int64 // bytes from the start, of the text as UTF-8
	Line, Column int   // from 1; the column counts bytes
}

const (
	windowBytes = 64 << 10
	xmlSpace    = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace  = "http://www.w3.org/2000/xmlns/"
)

// New returns a Decoder that reads from r as it goes. It reads ahead.
func New(r io.Reader, o Options) *Decoder {
	d := newDecoder(o)
	d.buf = make([]byte, 0, windowBytes)
	d.open(r)
	return d
}

// NewBytes returns a Decoder over data, which must not change while it is in use.
func NewBytes(data []byte, o Options) *Decoder {
	if !o.Transcoded && (utf16Mark(data) || utf32Mark(data)) {
		return New(bytes.NewReader(data), o)
	}
	d := newDecoder(o)
	d.buf = data
	if int64(len(data)) > d.lim.DocumentBytes {
		d.fail(d.here(), "xml.size", evidence.ErrLimit, "document is %d bytes, the limit is %d", len(data), d.lim.DocumentBytes)
		return d
	}
	if o.Transcoded {
		d.prolog("UTF-16")
	} else {
		d.prolog("UTF-8")
	}
	return d
}

func newDecoder(o Options) *Decoder {
	return &Decoder{
		mark: -1, lim: o.Limits.OrDefault(), line: 1,
		ns: map[string]string{"": "", "xml": xmlSpace}, names: map[string]string{},
	}
}

// fill brings more text into the window, dropping what is no longer needed.
// It returns false at the end of the text and after an error.
func (d *Decoder) fill() bool {
	if d.r == nil || d.err != nil {
		return false
	}
	keep := d.pos
	if d.mark >= 0 {
		keep = d.mark
	}
	if keep > 0 && keep >= len(d.buf)-keep {
		d.countLines(d.base + int64(keep)) // the newlines must be counted before they go
		n := copy(d.buf, d.buf[keep:])
		d.buf = d.buf[:n]
		d.base += int64(keep)
		d.pos -= keep
		if d.mark >= 0 {
			d.mark = 0
		}
	}
	if len(d.buf) == cap(d.buf) {
		grown := make([]byte, len(d.buf), 2*cap(d.buf))
		copy(grown, d.buf)
		d.buf = grown
	}
	for range 100 {
		n, err := d.r.Read(d.buf[len(d.buf):cap(d.buf)])
		d.buf = d.buf[:len(d.buf)+n]
		if total := d.base + int64(len(d.buf)); total > d.lim.DocumentBytes {
			d.fail(d.here(), "xml.size", evidence.ErrLimit, "document is longer than %d bytes", d.lim.DocumentBytes)
			return false
		}
		if err != nil {
			d.r = nil
			if err != io.EOF {
				d.err = err
				return false
			}
		}
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	d.err = io.ErrNoProgress
	return false
}

// has reports whether n more bytes are in the window, reading on for them.
func (d *Decoder) has(n int) bool {
	for len(d.buf)-d.pos < n {
		if !d.fill() {
			return false
		}
	}
	return d.err == nil
}

// Err returns the first error, nil so far.
func (d *Decoder) Err() error { return d.err }

// End checks that the root element has ended and that nothing but comments,
// processing instructions and white space follows, and returns the first error.
func (d *Decoder) End() error {
	if d.err == nil && (len(d.stack) > 0 || !d.begun) {
		d.err = errors.New("xmlstrict: End before the end of the root element")
	}
	d.Next()
	return d.err
}

// Fail makes p the Decoder's error, unless it has one. A reader that refuses an
// element for its meaning uses it to stop like the Decoder itself does.
func (d *Decoder) Fail(p *evidence.Problem) {
	if d.err == nil {
		d.err = p
	}
}

// Problem returns a problem about the current token, with its position.
func (d *Decoder) Problem(code string, severity evidence.Severity, class error, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{
		Code: code, Severity: severity, Line: d.token.Line, Column: d.token.Column, Offset: d.token.Offset,
		Message: fmt.Sprintf(format, args...), Err: class,
	}
}

func (d *Decoder) fail(at Pos, code string, class error, format string, args ...any) {
	if d.err != nil {
		return
	}
	d.err = &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Line: at.Line, Column: at.Column, Offset: at.Offset,
		Message: fmt.Sprintf(format, args...), Err: class,
	}
}

// countLines moves line and lineStart forward to the offset at, which must be in the window.
func (d *Decoder) countLines(at int64) {
	if at <= d.counted {
		return
	}
	span := d.buf[d.counted-d.base : at-d.base]
	if n := bytes.Count(span, []byte{'\n'}); n > 0 {
		d.line += n
		d.lineStart = d.counted + int64(bytes.LastIndexByte(span, '\n')) + 1
	}
	d.counted = at
}

// here returns the place of the next byte.
func (d *Decoder) here() Pos {
	at := d.base + int64(d.pos)
	d.countLines(at)
	return Pos{at, d.line, int(at-d.lineStart) + 1}
}

// Kind returns the kind of the current token, the one that Next gave last.
func (d *Decoder) Kind() Kind { return d.kind }

// Name returns the name of the current Start or End.
func (d *Decoder) Name() Name { return d.name }

// Attrs returns the attributes of the current Start in document order, valid until the next token.
func (d *Decoder) Attrs() []Attr { return d.attrs }

// Attr returns the value of the attribute local, of no namespace, of the current Start.
func (d *Decoder) Attr(local string) (value string, ok bool) {
	for i := range d.attrs {
		if d.attrs[i].Name.Local == local && d.attrs[i].Name.Space == "" {
			return d.attrs[i].Value, true
		}
	}
	return "", false
}

// Text returns the current Text, valid until the next token.
func (d *Decoder) Text() []byte { return d.text }

// Pos returns where the current token begins.
func (d *Decoder) Pos() Pos { return d.token }

// Depth returns how many elements are open, the one whose Start is current included.
func (d *Decoder) Depth() int { return len(d.stack) }

// Root advances to the Start of the root element and returns its name, the zero
// Name after an error.
func (d *Decoder) Root() Name {
	if d.Next() != Start {
		return Name{}
	}
	return d.name
}

// Child advances to the Start of the next child element of the open element at
// the given depth, passing over text and over what is left of earlier children.
// At the end of that element it returns false; after an error too.
func (d *Decoder) Child(depth int) bool {
	d.drop = true
	defer func() { d.drop = false }()
	for len(d.stack) >= depth {
		switch d.Next() {
		case Invalid:
			return false
		case Start:
			if len(d.stack) == depth+1 {
				return true
			}
		}
	}
	return false
}

// Skip reads to the End of the innermost open element and drops what it passes.
func (d *Decoder) Skip() {
	for depth := len(d.stack); d.Child(depth); {
	}
}

// Content reads to the End of the innermost open element and returns the
// character data of it and all that is in it, at most Limits.StringBytes.
func (d *Decoder) Content() string {
	var first string
	var rest *strings.Builder
	for depth := len(d.stack); len(d.stack) >= depth; {
		kind := d.Next()
		if kind == Invalid {
			return ""
		}
		if kind != Text {
			continue
		}
		switch {
		case first == "":
			first = string(d.text)
			continue
		case rest == nil:
			rest = new(strings.Builder)
			rest.WriteString(first)
		}
		if rest.Len()+len(d.text) > d.lim.StringBytes {
			d.fail(d.token, "xml.text", evidence.ErrLimit, "text of an element is longer than %d bytes", d.lim.StringBytes)
			return ""
		}
		rest.Write(d.text)
	}
	if rest != nil {
		return rest.String()
	}
	return first
}

// Raw reads to the End of the element whose Start is current and returns it as
// it is written, in UTF-8, valid until the next token. It is nil after an error
// and when the current token is no Start. Raw is at most Limits.StringBytes.
func (d *Decoder) Raw() []byte {
	if d.kind != Start || d.err != nil {
		return nil
	}
	d.raw = true
	for depth := len(d.stack); len(d.stack) >= depth && d.err == nil; {
		d.Next()
		if d.pos-d.mark > d.lim.StringBytes {
			d.fail(d.here(), "xml.text", evidence.ErrLimit, "element is longer than %d bytes", d.lim.StringBytes)
		}
	}
	d.raw = false
	if d.err != nil {
		return nil
	}
	return d.buf[d.mark:d.pos:d.pos]
}
