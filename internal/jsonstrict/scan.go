// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
)

// special marks the bytes of an 8-byte word that a string cannot simply take:
// quote, backslash, controls and everything outside ASCII. The lowest mark is exact.
func special(x uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	quote := x ^ ones*'"'
	slash := x ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*0x20)&^x | x) & high
}

// scanString reads a string at its opening quote. The result is a part of the
// window, or of d.scratch when the string holds escapes.
func (d *Decoder) scanString(isName bool) (text []byte, ok bool) {
	if d.mark < 0 {
		d.mark = d.pos
		text, ok = d.scanMarked(isName)
		d.mark = -1
		return text, ok
	}
	return d.scanMarked(isName)
}

// scanMarked is scanString with d.mark set. Filling moves mark and pos together,
// so places in the string are kept as distances from mark.
func (d *Decoder) scanMarked(isName bool) ([]byte, bool) {
	open := d.pos - d.mark
	d.pos++
	from := open + 1 // where the part begins that is not in scratch yet
	escaped := false
	for {
		buf, i := d.buf, d.pos
		for i+8 <= len(buf) {
			if m := special(binary.LittleEndian.Uint64(buf[i:])); m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(buf) {
			if c := buf[i]; c == '"' || c == '\\' || c < ' ' || c >= utf8.RuneSelf {
				break
			}
			i++
		}
		d.pos = i
		if i-d.mark-open > d.lim.StringBytes {
			d.fail(d.base+int64(d.mark+open), "json.string", evidence.ErrLimit, "string is longer than %d bytes", d.lim.StringBytes)
			return nil, false
		}
		if i == len(buf) {
			if !d.fill() {
				d.unexpected("the end of a string")
				return nil, false
			}
			continue
		}
		switch c := buf[i]; {
		case c == '"':
			text := buf[d.mark+from : i : i]
			d.pos++
			if escaped {
				d.scratch = append(d.scratch, text...)
				text = d.scratch
			}
			return text, true
		case c == '\\':
			if !escaped {
				escaped = true
				d.scratch = d.scratch[:0]
			}
			d.scratch = append(d.scratch, buf[d.mark+from:i]...)
			if !d.unescape(isName) {
				return nil, false
			}
			from = d.pos - d.mark
		case c < ' ':
			d.fail(d.offset(), "json.syntax", evidence.ErrFormat, "unescaped control character %#02x in a string", c)
			return nil, false
		default:
			if !d.skipRunes() {
				return nil, false
			}
		}
	}
}

// need makes n bytes available from pos on, or returns false.
func (d *Decoder) need(n int) bool {
	for len(d.buf)-d.pos < n {
		if !d.fill() {
			return false
		}
	}
	return true
}

// skipRunes passes over characters outside ASCII.
func (d *Decoder) skipRunes() bool {
	for {
		if !utf8.FullRune(d.buf[d.pos:]) {
			d.need(utf8.UTFMax)
		}
		if d.err != nil {
			return false
		}
		r, n := utf8.DecodeRune(d.buf[d.pos:])
		if r == utf8.RuneError && n <= 1 {
			d.fail(d.offset(), "json.utf8", evidence.ErrFormat, "byte %#02x is not UTF-8", d.buf[d.pos])
			return false
		}
		d.pos += n
		if d.pos >= len(d.buf) || d.buf[d.pos] < utf8.RuneSelf {
			return true
		}
	}
}

// unescape reads one escape sequence at its backslash into scratch.
func (d *Decoder) unescape(isName bool) bool {
	if !d.need(2) {
		d.pos = len(d.buf)
		d.unexpected("an escape sequence")
		return false
	}
	c := d.buf[d.pos+1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return d.unescapeUnicode(isName)
	default:
		d.pos++
		d.unexpected("an escape character")
		return false
	}
	d.scratch = append(d.scratch, c)
	d.pos += 2
	return true
}

func (d *Decoder) unescapeUnicode(isName bool) bool {
	at := d.offset()
	r, ok := d.hex4()
	if !ok {
		return false
	}
	if utf16.IsSurrogate(r) {
		low := utf8.RuneError
		if r < 0xdc00 && d.need(2) && d.buf[d.pos] == '\\' && d.buf[d.pos+1] == 'u' {
			second, ok := d.hex4()
			if !ok {
				return false
			}
			low = utf16.DecodeRune(r, second)
		}
		if low == utf8.RuneError {
			d.fail(at, "json.utf8", evidence.ErrFormat, "unpaired surrogate \\u%04x", r)
			return false
		}
		r = low
	}
	if r == 0 && (isName || !d.nul) {
		d.fail(at, "json.nul", evidence.ErrFormat, "character U+0000 in a string")
		return false
	}
	d.scratch = utf8.AppendRune(d.scratch, r)
	return true
}

// hex4 reads \uXXXX.
func (d *Decoder) hex4() (rune, bool) {
	if !d.need(6) {
		d.pos = len(d.buf)
		d.unexpected("four hexadecimal digits")
		return 0, false
	}
	var r rune
	for i, c := range d.buf[d.pos+2 : d.pos+6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			d.pos += 2 + i
			d.unexpected("a hexadecimal digit")
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	d.pos += 6
	return r, true
}

// scanNumber reads a number (RFC 8259 section 6) at its first byte.
func (d *Decoder) scanNumber() []byte {
	n := 0
	for {
		if n == len(d.buf)-d.pos && !d.need(n+1) {
			break
		}
		if c := d.buf[d.pos+n]; (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			break
		}
		if n++; n > maxNumber {
			d.fail(d.value, "json.number", evidence.ErrLimit, "number is longer than %d bytes", maxNumber)
			return nil
		}
	}
	if d.err != nil {
		return nil
	}
	text := d.buf[d.pos : d.pos+n : d.pos+n]
	if bad := numberError(text); bad >= 0 {
		d.pos += bad
		d.unexpected("a digit of a number")
		return nil
	}
	d.pos += n
	return text
}

// numberError returns where text leaves the grammar of a number, -1 if it does not.
func numberError(text []byte) int {
	i := 0
	digits := func() bool {
		from := i
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		return i > from
	}
	if text[0] == '-' {
		i++
	}
	if i < len(text) && text[i] == '0' {
		i++
	} else if !digits() {
		return i
	}
	if i < len(text) && text[i] == '.' {
		i++
		if !digits() {
			return i
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if !digits() {
			return i
		}
	}
	if i < len(text) {
		return i
	}
	return -1
}

// literal reads a word at its first byte.
func (d *Decoder) literal(word string) bool {
	d.value, d.pending = d.offset(), false
	d.need(len(word))
	for i := range len(word) {
		if d.pos >= len(d.buf) || d.buf[d.pos] != word[i] {
			d.unexpected(word)
			return false
		}
		d.pos++
	}
	return true
}
