// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package xmlstrict

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Next advances to the next token and returns its kind; Invalid at the end of
// the document and after an error.
func (d *Decoder) Next() Kind {
	d.kind, d.attrs = Invalid, d.attrs[:0]
	if d.err != nil {
		return Invalid
	}
	if d.closing {
		d.closing = false
		d.endElement()
		return d.kind
	}
	if !d.raw {
		d.mark = -1
	}
	if len(d.stack) > 0 {
		d.inElement()
	} else {
		d.outside()
	}
	if d.err != nil {
		d.kind = Invalid
	}
	return d.kind
}

// outside reads what stands before and after the root element.
func (d *Decoder) outside() {
	for d.has(1) {
		switch c := d.buf[d.pos]; {
		case isSpace(c):
			d.pos++
			continue
		case c == '<' && d.misc():
			continue
		}
		switch {
		case d.err != nil:
		case d.begun:
			d.fail(d.here(), "xml.trailing", evidence.ErrFormat, "data after the end of the root element")
		case d.buf[d.pos] != '<':
			d.unexpected("an element")
		default:
			d.begun = true
			d.startTag()
		}
		return
	}
	if !d.begun {
		d.unexpected("an element")
	}
}

// inElement reads the next token inside an open element. One text goes on over
// comments, processing instructions and CDATA sections.
func (d *Decoder) inElement() {
	d.text, d.textLen = d.text[:0], 0
	for d.err == nil {
		switch {
		case !d.has(1):
			d.unexpected("the end tag of <" + textfmt.Clip(d.stack[len(d.stack)-1].tag, 64) + ">")
		case d.buf[d.pos] != '<':
			d.charData()
		case d.misc():
		case d.err != nil:
		case d.has(2) && d.buf[d.pos+1] == '!':
			d.cdata()
		case d.textLen > 0:
			d.kind = Text
			return
		case d.has(2) && d.buf[d.pos+1] == '/':
			d.endTag()
			return
		default:
			d.startTag()
			return
		}
	}
}

// begin makes the next byte the start of the current token.
func (d *Decoder) begin() {
	d.token = d.here()
}

// unexpected fails at the next byte, or at the end of the text.
func (d *Decoder) unexpected(want string) {
	if d.err != nil {
		return
	}
	if !d.has(1) {
		d.fail(d.here(), "xml.truncated", evidence.ErrFormat, "document ends where %s should be", want)
		return
	}
	r, ok := d.rune()
	if ok {
		d.fail(d.here(), "xml.syntax", evidence.ErrFormat, "got %s, want %s", strconv.QuoteToGraphic(string(r)), want)
	}
}

// rune returns the character at the position without reading it. It fails on
// what is not UTF-8 or not a character of XML.
func (d *Decoder) rune() (rune, bool) {
	for !utf8.FullRune(d.buf[d.pos:]) && d.fill() {
	}
	if d.err != nil {
		return 0, false
	}
	r, n := utf8.DecodeRune(d.buf[d.pos:])
	switch {
	case r == utf8.RuneError && n == 1:
		d.fail(d.here(), "xml.encoding", evidence.ErrFormat, "byte %#02x is not text of the document's encoding", d.buf[d.pos])
		return 0, false
	case !isChar(r):
		d.fail(d.here(), "xml.char", evidence.ErrFormat, "character %U is not allowed in XML", r)
		return 0, false
	}
	return r, true
}

// literal reads s if it is next.
func (d *Decoder) literal(s string) bool {
	if d.has(len(s)) && string(d.buf[d.pos:d.pos+len(s)]) == s {
		d.pos += len(s)
		return true
	}
	return false
}

// space reads white space and reports whether there was any.
func (d *Decoder) space() bool {
	any := false
	for d.has(1) && isSpace(d.buf[d.pos]) {
		d.pos++
		any = true
	}
	return any
}

// misc reads a comment or a processing instruction (XML 1.0 §2.5, §2.6) if one
// begins at the "<" that is next, and fails on a document type declaration (§2.8).
func (d *Decoder) misc() bool {
	at := d.here()
	switch {
	case d.literal("<!--"):
		if d.until("--") && !d.literal(">") {
			d.fail(at, "xml.syntax", evidence.ErrFormat, `comment holds "--" before its end`)
		}
	case d.literal("<!DOCTYPE"), d.literal("<!doctype"):
		d.fail(at, "xml.dtd", evidence.ErrUnsafe, "document type declarations are not read")
	case d.literal("<?"):
		target := d.readName()
		switch {
		case d.err != nil:
		case strings.EqualFold(target, "xml"):
			d.fail(at, "xml.syntax", evidence.ErrFormat, "XML declaration that is not at the start")
		case d.literal("?>"):
		case !d.space():
			d.unexpected("white space")
		default:
			d.until("?>")
		}
	default:
		return false
	}
	return d.err == nil
}

// until reads characters up to and including end, which is ASCII, and drops them.
func (d *Decoder) until(end string) bool {
	for {
		if d.literal(end) {
			return true
		}
		if !d.has(1) {
			d.unexpected(strconv.Quote(end))
			return false
		}
		// Bytes that can neither begin the end nor need a look are passed at once.
		rest := d.buf[d.pos:]
		n := 0
		for n < len(rest) && classes[rest[n]] != classOther && rest[n] != end[0] {
			n++
		}
		if n == 0 {
			r, ok := d.rune()
			if !ok {
				return false
			}
			n = utf8.RuneLen(r)
		}
		d.pos += n
	}
}

// add appends to the current text.
func (d *Decoder) add(b []byte) {
	d.textLen += int64(len(b))
	if d.textLen > int64(d.lim.StringBytes) {
		d.fail(d.here(), "xml.text", evidence.ErrLimit, "text is longer than %d bytes", d.lim.StringBytes)
		return
	}
	if !d.drop {
		d.text = append(d.text, b...)
	}
}

// charData reads character data up to the next "<" (XML 1.0 §2.4).
func (d *Decoder) charData() {
	if d.textLen == 0 {
		d.begin()
	}
	for d.err == nil && d.has(1) {
		rest := d.buf[d.pos:]
		n := plain(rest)
		if n > 0 {
			d.add(rest[:n])
			d.pos += n
			continue
		}
		switch c := rest[0]; c {
		case '<':
			return
		case '&':
			d.reference()
		case ']':
			if d.literal("]]>") {
				d.pos -= len("]]>")
				d.fail(d.here(), "xml.syntax", evidence.ErrFormat, `"]]>" in text`)
				return
			}
			d.add([]byte{']'}) // rest may have moved
			d.pos++
		default:
			d.other()
		}
	}
}

// cdata reads a CDATA section (XML 1.0 §2.7).
func (d *Decoder) cdata() {
	at := d.here()
	if d.textLen == 0 {
		d.begin()
	}
	if !d.literal("<![CDATA[") {
		d.fail(at, "xml.syntax", evidence.ErrFormat, `"<!" begins neither a comment nor a CDATA section`)
		return
	}
	for d.err == nil {
		if !d.has(1) {
			d.unexpected(`"]]>"`)
			return
		}
		rest := d.buf[d.pos:]
		n := 0
		for n < len(rest) && classes[rest[n]] != classOther && rest[n] != ']' {
			n++
		}
		switch {
		case n > 0:
			d.add(rest[:n])
			d.pos += n
		case rest[0] != ']':
			d.other()
		case d.literal("]]>"):
			return
		default:
			d.add([]byte{']'}) // rest may have moved
			d.pos++
		}
	}
}

// other reads one character that is no plain ASCII: beyond ASCII, a carriage
// return (turned into a newline, XML 1.0 §2.11), or one that is not allowed.
func (d *Decoder) other() {
	if d.buf[d.pos] == '\r' {
		d.pos++
		if !d.has(1) || d.buf[d.pos] != '\n' {
			d.add([]byte{'\n'})
		}
		return
	}
	if r, ok := d.rune(); ok {
		n := utf8.RuneLen(r)
		d.add(d.buf[d.pos : d.pos+n])
		d.pos += n
	}
}

// reference reads a character reference or one of the predefined entities
// (XML 1.0 §4.1, §4.6) into the current text.
func (d *Decoder) reference() {
	at := d.here()
	d.pos++
	if d.literal("#") {
		d.charReference(at)
		return
	}
	name := d.readName()
	if d.err != nil {
		return
	}
	if !d.literal(";") {
		d.unexpected(`";" after an entity's name`)
		return
	}
	switch name {
	case "lt":
		d.add([]byte{'<'})
	case "gt":
		d.add([]byte{'>'})
	case "amp":
		d.add([]byte{'&'})
	case "apos":
		d.add([]byte{'\''})
	case "quot":
		d.add([]byte{'"'})
	default:
		d.fail(at, "xml.entity", evidence.ErrFormat, "entity %s is not declared", textfmt.Quote(name))
	}
}

func (d *Decoder) charReference(at Pos) {
	base, digits := rune(10), "0123456789"
	if d.literal("x") {
		base, digits = 16, "0123456789abcdefABCDEF"
	}
	var r rune
	some := false
	for d.has(1) {
		i := strings.IndexByte(digits, d.buf[d.pos])
		if i < 0 {
			break
		}
		if i > 15 {
			i -= 6
		}
		if r <= utf8.MaxRune { // stays above it once it got there
			r = r*base + rune(i)
		}
		some = true
		d.pos++
	}
	switch {
	case !some:
		d.unexpected("a digit")
	case !d.literal(";"):
		d.unexpected(`";"`)
	case !isChar(r):
		d.fail(at, "xml.char", evidence.ErrFormat, "reference to character %U, which is not allowed in XML", r)
	default:
		var b [utf8.UTFMax]byte
		d.add(b[:utf8.EncodeRune(b[:], r)])
	}
}

// readName reads a Name (XML 1.0 §2.3) and returns it as written.
func (d *Decoder) readName() string {
	start := len(d.text) // a name in a tag follows attribute text, one in a reference follows data
	for first := true; d.has(1); first = false {
		c := d.buf[d.pos]
		if c < utf8.RuneSelf {
			if !isNameByte(c) || first && !isNameStart(rune(c)) {
				break
			}
			d.text = append(d.text, c)
			d.pos++
		} else {
			r, ok := d.rune()
			if !ok {
				return ""
			}
			if !isNameStart(r) && (first || !isNameRune(r)) {
				break
			}
			n := utf8.RuneLen(r)
			d.text = append(d.text, d.buf[d.pos:d.pos+n]...)
			d.pos += n
		}
		if len(d.text)-start > d.lim.StringBytes {
			d.fail(d.here(), "xml.text", evidence.ErrLimit, "name is longer than %d bytes", d.lim.StringBytes)
			return ""
		}
	}
	text := d.text[start:]
	d.text = d.text[:start]
	if len(text) == 0 {
		d.unexpected("a name")
		return ""
	}
	return d.intern(text)
}

// intern returns b as a string, the same one each time for the names that recur.
func (d *Decoder) intern(b []byte) string {
	if s, ok := d.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) <= 64 && len(d.names) < 1024 {
		d.names[s] = s
	}
	return s
}

// startTag reads a start tag or an empty-element tag (XML 1.0 §3.1).
func (d *Decoder) startTag() {
	d.begin()
	if !d.raw {
		d.mark = d.pos
	}
	if len(d.stack) >= d.lim.Depth {
		d.fail(d.here(), "xml.depth", evidence.ErrLimit, "elements are nested deeper than %d", d.lim.Depth)
		return
	}
	if n := len(d.stack); n > 0 {
		if d.stack[n-1].children++; d.stack[n-1].children > d.lim.Elements {
			d.fail(d.here(), "xml.elements", evidence.ErrLimit, "element has more than %d children", d.lim.Elements)
			return
		}
	}
	d.pos++
	tag := d.readName()
	f := frame{tag: tag, undo: len(d.undo)}
	d.text, d.textLen = d.text[:0], 0
	drop := d.drop
	d.drop = false
	d.readAttrs()
	d.drop = drop
	if d.err == nil {
		d.declareAll()
		f.name = d.resolve(d.split(tag), true)
		d.resolveAttrs()
	}
	d.stack = append(d.stack, f)
	d.name, d.kind = f.name, Start
}

// readAttrs reads attributes up to the end of the tag. They keep their prefix as Space.
func (d *Decoder) readAttrs() {
	for d.err == nil {
		space := d.space()
		switch {
		case d.literal(">"):
			return
		case d.literal("/>"):
			d.closing = true
			return
		case !space:
			d.unexpected(`white space, ">" or "/>"`)
			return
		case len(d.attrs) >= d.lim.Attributes:
			d.fail(d.here(), "xml.attributes", evidence.ErrLimit, "element has more than %d attributes", d.lim.Attributes)
			return
		}
		name := d.readName()
		d.space()
		if d.err == nil && !d.literal("=") {
			d.unexpected(`"="`)
		}
		d.space()
		value := d.attrValue()
		d.attrs = append(d.attrs, Attr{d.split(name), value})
	}
}

// attrValue reads a quoted value (XML 1.0 §3.3.3: white space becomes a space).
// All values of a tag stand in d.text, so that its bound holds for them together.
func (d *Decoder) attrValue() string {
	start := len(d.text)
	if d.err != nil {
		return ""
	}
	if !d.has(1) || d.buf[d.pos] != '"' && d.buf[d.pos] != '\'' {
		d.unexpected("a quoted value")
		return ""
	}
	quote := d.buf[d.pos]
	d.pos++
	for d.err == nil {
		if !d.has(1) {
			d.unexpected("the end of a value")
			return ""
		}
		rest := d.buf[d.pos:]
		n := 0
		for n < len(rest) && classes[rest[n]] == classPlain && rest[n] != quote {
			n++
		}
		if n > 0 {
			d.add(rest[:n])
			d.pos += n
			continue
		}
		switch c := rest[0]; c {
		case quote:
			d.pos++
			return string(d.text[start:])
		case '<':
			d.fail(d.here(), "xml.syntax", evidence.ErrFormat, `"<" in an attribute value`)
		case '&':
			d.reference()
		case '\t', '\n':
			d.add([]byte{' '})
			d.pos++
		case '\r':
			d.add([]byte{' '})
			d.pos++
			d.literal("\n")
		case ']':
			d.add(rest[:1])
			d.pos++
		default:
			d.other()
		}
	}
	return ""
}

// endTag reads an end tag.
func (d *Decoder) endTag() {
	d.begin()
	at := d.here()
	d.pos += len("</")
	tag := d.readName()
	if d.err != nil {
		return
	}
	d.space()
	if !d.literal(">") {
		d.unexpected(`">"`)
		return
	}
	if open := d.stack[len(d.stack)-1].tag; tag != open {
		d.fail(at, "xml.tag", evidence.ErrFormat, "element %s is closed by %s", textfmt.Quote(open), textfmt.Quote(tag))
		return
	}
	d.endElement()
}

// endElement closes the innermost element and takes back its namespaces.
func (d *Decoder) endElement() {
	f := d.stack[len(d.stack)-1]
	d.stack = d.stack[:len(d.stack)-1]
	for _, b := range slices.Backward(d.undo[f.undo:]) {
		if b.bound {
			d.ns[b.prefix] = b.uri
		} else {
			delete(d.ns, b.prefix)
		}
	}
	d.undo = d.undo[:f.undo]
	d.name, d.kind = f.name, End
}

// plain returns how many bytes at the start of b are character data that needs no look.
func plain(b []byte) int {
	n := bytes.IndexByte(b, '<')
	if n < 0 {
		n = len(b)
	}
	for i, c := range b[:n] {
		if classes[c] != classPlain && c != '\n' && c != '\t' {
			return i
		}
	}
	return n
}
