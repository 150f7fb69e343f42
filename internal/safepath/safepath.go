// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package safepath is the one rule for the names of pack members: archive
// entries, paths in MANIFEST.json, files that an extraction writes.
//
// A safe name means the same file on every system that may receive it, and a
// person who reads it sees what it is. [Check] applies the rules that a name
// can break on its own; package nameset finds names that fall together. Each
// rule has an identifier, which a caller prefixes ("archive.name-" + rule):
//
//	empty      no name, or a component of no bytes ("a//b", "a/")
//	utf8       not valid UTF-8, U+FFFE or U+FFFF
//	length     longer than limit.Limits.NameBytes
//	component  a component longer than 255 bytes, the bound of common file systems
//	depth      more components than limit.Limits.PathDepth
//	absolute   a leading slash
//	dot        a component "." or "..", or made only of look-alikes of the full stop
//	character  \ : * ? < > | " anywhere: separators, streams, wildcards and redirections on Windows
//	control    C0, DEL, C1
//	bidi       characters that reorder the text around them
//	invisible  zero-width, filler and other format characters
//	separator  U+2028, U+2029, or a character that looks like a slash or backslash
//	device     a device of Windows, with any extension: CON, NUL.txt, COM¹
//	trailing   a component that ends with a full stop or a space, which Windows drops
//
// The package needs the standard library only, so that package manifest can use it.
package safepath

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ComponentBytes is the longest component: the limit of ext4, XFS, APFS and
// others in bytes; NTFS counts UTF-16 units, of which 255 bytes are never more.
const ComponentBytes = 255

// Error is one rule that one name breaks.
type Error struct {
	Rule    string // identifier from the package documentation or from package nameset
	Offset  int    // byte offset in the name
	Message string // what is wrong, without the name
	Class   error  // diag.ErrUnsafe or diag.ErrLimit
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the class.
func (e *Error) Unwrap() error { return e.Class }

// Check returns the first rule that name breaks, nil if it is safe. A name is a
// file's, or a directory's without its trailing slash. Limits that are zero
// have their defaults.
func Check(name string, l evidence.Limits) *Error {
	if l.NameBytes <= 0 || l.PathDepth <= 0 {
		l = l.OrDefault()
	}
	switch {
	case name == "":
		return unsafe("empty", 0, "the name is empty")
	case len(name) > l.NameBytes:
		return over("length", "the name has %d bytes, at most %d are allowed", len(name), l.NameBytes)
	case name[0] == '/':
		return unsafe("absolute", 0, "the name is absolute")
	}
	if e := checkRunes(name); e != nil {
		return e
	}
	depth, start := 0, 0
	for start <= len(name) {
		end := strings.IndexByte(name[start:], '/')
		if end < 0 {
			end = len(name)
		} else {
			end += start
		}
		if depth++; depth > l.PathDepth {
			return over("depth", "the name has more than %d components", l.PathDepth)
		}
		if e := checkComponent(name[start:end], start); e != nil {
			return e
		}
		start = end + 1
	}
	return nil
}

// checkRunes finds characters that no name may hold.
func checkRunes(name string) *Error {
	for i := 0; i < len(name); {
		c := name[i]
		switch byteKinds[c] {
		case byteFine:
			i++
			continue
		case byteControl:
			return unsafe("control", i, "the name holds the control character U+%04X", c)
		case byteReserved:
			return unsafe("character", i, "the name holds the character %q", c)
		}
		r, n := utf8.DecodeRuneInString(name[i:])
		if r == utf8.RuneError && n == 1 {
			return unsafe("utf8", i, "the name is not valid UTF-8: byte 0x%02x at offset %d", c, i)
		}
		if rule := runeRule(r); rule != "" {
			return unsafe(rule, i, "the name holds the character U+%04X", r)
		}
		i += n
	}
	return nil
}

// Kinds of bytes in a name.
const (
	byteFine = iota
	byteControl
	byteReserved
	byteRune // part of a character outside ASCII
)

var byteKinds = func() (kinds [256]uint8) {
	for c := range kinds {
		switch {
		case c < 0x20 || c == 0x7f:
			kinds[c] = byteControl
		case strings.IndexByte(`\:*?<>|"`, byte(c)) >= 0:
			kinds[c] = byteReserved
		case c >= utf8.RuneSelf:
			kinds[c] = byteRune
		}
	}
	return kinds
}()

// checkComponent checks what lies between two slashes; at is its offset in the name.
func checkComponent(c string, at int) *Error {
	switch {
	case c == "":
		return unsafe("empty", at, "the name has an empty component")
	case len(c) > ComponentBytes:
		return over("component", "a component has %d bytes, at most %d are allowed", len(c), ComponentBytes)
	case onlyDots(c):
		return unsafe("dot", at, "the component %s stands for a directory", textfmt.Quote(c))
	case c[len(c)-1] == '.' || c[len(c)-1] == ' ':
		return unsafe("trailing", at+len(c)-1, "the component %s ends with a full stop or a space", textfmt.Quote(c))
	case isDevice(c):
		return unsafe("device", at, "the component %s is a device on Windows", textfmt.Quote(c))
	}
	return nil
}

func unsafe(rule string, offset int, format string, args ...any) *Error {
	return &Error{Rule: rule, Offset: offset, Message: fmt.Sprintf(format, args...), Class: evidence.ErrUnsafe}
}

func over(rule, format string, args ...any) *Error {
	return &Error{Rule: rule, Message: fmt.Sprintf(format, args...), Class: evidence.ErrLimit}
}
