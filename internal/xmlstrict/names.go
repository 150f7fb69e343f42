// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package xmlstrict

import (
	"strings"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// split cuts a qualified name (Namespaces in XML 1.0 §4); Space is the prefix.
// The name "xmlns" becomes the prefix without a local part.
func (d *Decoder) split(name string) Name {
	prefix, local, found := strings.Cut(name, ":")
	switch {
	case name == "xmlns":
		return Name{name, ""}
	case !found:
		return Name{"", name}
	case prefix == "" || local == "" || strings.Contains(local, ":"):
		d.fail(d.token, "xml.namespace", evidence.ErrFormat, "%s is not a qualified name", textfmt.Quote(name))
	}
	return Name{prefix, local}
}

// declareAll lets the namespace declarations among attrs take effect and drops them.
func (d *Decoder) declareAll() {
	d.unique()
	keep := d.attrs[:0]
	for _, a := range d.attrs {
		if a.Name.Space == "xmlns" {
			d.declare(a.Name.Local, a.Value)
		} else {
			keep = append(keep, a)
		}
	}
	d.attrs = keep
}

// mostNamespace bounds a namespace name, in bytes. Every name in the namespace is
// compared by it, so a long one makes short tags expensive; real ones stay under 100.
const mostNamespace = 1024

// declare binds a prefix (Namespaces in XML 1.0 §3).
func (d *Decoder) declare(prefix, uri string) {
	switch {
	case prefix == "xmlns", uri == xmlnsSpace, (prefix == "xml") != (uri == xmlSpace):
		d.fail(d.token, "xml.namespace", evidence.ErrFormat, "prefix %s cannot be bound to %s", textfmt.Quote(prefix), textfmt.Quote(uri))
		return
	case len(uri) > mostNamespace:
		d.fail(d.token, "xml.namespace-size", evidence.ErrLimit, "namespace is %d bytes long, the limit is %d", len(uri), mostNamespace)
		return
	case prefix != "" && uri == "":
		d.fail(d.token, "xml.namespace", evidence.ErrFormat, "prefix %s is bound to nothing", textfmt.Quote(prefix))
		return
	}
	old, bound := d.ns[prefix]
	d.undo = append(d.undo, binding{prefix, old, bound})
	d.ns[prefix] = uri
}

// resolve replaces the prefix in n by its namespace. The default namespace is
// for elements only (Namespaces in XML 1.0 §6.2).
func (d *Decoder) resolve(n Name, element bool) Name {
	if n.Space == "" && !element {
		return n
	}
	uri, bound := d.ns[n.Space]
	if !bound {
		d.fail(d.token, "xml.namespace", evidence.ErrFormat, "prefix %s is not declared", textfmt.Quote(n.Space))
	}
	return Name{uri, n.Local}
}

func (d *Decoder) resolveAttrs() {
	prefixed := false
	for i := range d.attrs {
		n := &d.attrs[i].Name
		prefixed = prefixed || n.Space != ""
		*n = d.resolve(*n, false)
	}
	if prefixed {
		d.unique()
	}
}

// unique fails if two attributes have the same name.
func (d *Decoder) unique() {
	const few = 16 // up to here, comparing in a row beats a map
	if len(d.attrs) <= few {
		for i := range d.attrs {
			for j := range i {
				if d.attrs[i].Name == d.attrs[j].Name {
					d.duplicate(d.attrs[i].Name)
				}
			}
		}
		return
	}
	seen := make(map[Name]bool, len(d.attrs))
	for _, a := range d.attrs {
		if seen[a.Name] {
			d.duplicate(a.Name)
		}
		seen[a.Name] = true
	}
}

func (d *Decoder) duplicate(n Name) {
	d.fail(d.token, "xml.duplicate-attribute", evidence.ErrFormat, "attribute %s is given twice", textfmt.Quote(n.Local))
}

// class says what a byte of text asks for.
type class byte

const (
	classOther class = iota // a character reference's result aside, needs a look: beyond ASCII, \r, or not allowed
	classPlain              // stands for itself everywhere
	classMark               // means something in text or values: < & ] and the white space but the blank
)

var classes = func() (t [256]class) {
	for c := ' '; c <= 0x7F; c++ {
		t[c] = classPlain
	}
	for _, c := range "<&]\t\n" {
		t[c] = classMark
	}
	return t
}()

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// isChar is Char of XML 1.0 §2.2.
func isChar(r rune) bool {
	return r >= ' ' && r <= 0xD7FF || r == '\n' || r == '\t' || r == '\r' ||
		r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}

// isNameByte reports whether an ASCII character is NameChar of XML 1.0 §2.3.
func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '_' || c == '-' || c == '.' || c == ':'
}

// isNameStart is NameStartChar of XML 1.0 §2.3.
func isNameStart(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == ':'
	case r < 0x2000:
		return r >= 0xC0 && r != 0xD7 && r != 0xF7 && (r < 0x300 || r >= 0x370) && r != 0x37E
	}
	return r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF ||
		r >= 0x3001 && r <= 0xD7FF || r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD ||
		r >= 0x10000 && r <= 0xEFFFF
}

// isNameRune reports whether a character beyond ASCII is NameChar, NameStartChar aside.
func isNameRune(r rune) bool {
	return r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}
