// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// writer writes the canonical form: RFC 8785 in the order of members, in strings
// and in numbers; two spaces of indent, one member or element a line, "{}" and
// "[]" for what is empty.
type writer struct {
	buf   []byte
	depth int
	empty bool // nothing was written yet in the innermost object or array

	// A strict parse compares as it writes, so that a large manifest is not held
	// twice: flush gives away what was written. It returns false to stop.
	flush   func(written []byte) bool
	stopped bool
}

// flushBytes is how much is written before it is given to flush.
const flushBytes = 32 << 10

func (w *writer) open(c byte) {
	w.buf = append(w.buf, c)
	w.depth++
	w.empty = true
}

func (w *writer) close(c byte) {
	w.depth--
	if !w.empty {
		w.newline()
	}
	w.empty = false
	w.buf = append(w.buf, c)
}

// next begins the next element.
func (w *writer) next() {
	if !w.empty {
		w.buf = append(w.buf, ',')
	}
	w.empty = false
	w.newline()
}

func (w *writer) newline() {
	if w.flush != nil && len(w.buf) >= flushBytes {
		w.send()
	}
	w.buf = append(w.buf, '\n')
	for range w.depth {
		w.buf = append(w.buf, "  "...)
	}
}

func (w *writer) send() {
	w.stopped = w.stopped || !w.flush(w.buf)
	w.buf = w.buf[:0]
}

// name begins the next member.
func (w *writer) name(name string) {
	w.next()
	w.string(name)
	w.buf = append(w.buf, ": "...)
}

// string writes a string as RFC 8785 section 3.2.2.2 says: only what JSON makes
// one escape is escaped.
func (w *writer) string(s string) {
	b := append(w.buf, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			const digits = "0123456789abcdef"
			b = append(b, `\u00`...)
			b = append(b, digits[c>>4], digits[c&15])
		}
	}
	b = append(b, s[from:]...)
	w.buf = append(b, '"')
}

// number writes a number as RFC 8785 section 3.2.2.3 says, which is how
// ECMAScript prints it. f must be finite.
func (w *writer) number(f float64) {
	if f == 0 {
		w.buf = append(w.buf, '0') // also for -0
		return
	}
	abs := math.Abs(f)
	if abs >= 1e-6 && abs < 1e21 {
		w.buf = strconv.AppendFloat(w.buf, f, 'f', -1, 64)
		return
	}
	w.buf = strconv.AppendFloat(w.buf, f, 'e', -1, 64)
	if n := len(w.buf); w.buf[n-2] == '0' && (w.buf[n-3] == '-' || w.buf[n-3] == '+') {
		w.buf = append(w.buf[:n-2], w.buf[n-1]) // e-07 is e-7 in ECMAScript
	}
}

// value writes the value that d stands at. It reports whether every number kept
// its value.
func (w *writer) value(d *jsonstrict.Decoder) (exact bool) {
	switch d.Kind() {
	case jsonstrict.Object:
		return w.objectValue(d)
	case jsonstrict.Array:
		w.open('[')
		exact = true
		for d.Array(); d.Next(); {
			w.next()
			exact = w.value(d) && exact
		}
		w.close(']')
		return exact
	case jsonstrict.String:
		w.string(d.String())
	case jsonstrict.Number:
		text := string(d.Number())
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			w.buf = append(w.buf, text...)
			return false
		}
		from := len(w.buf)
		w.number(f)
		return sameDecimal(text, string(w.buf[from:]))
	case jsonstrict.True, jsonstrict.False:
		w.buf = strconv.AppendBool(w.buf, d.Bool())
	default:
		d.Null()
		w.buf = append(w.buf, "null"...)
	}
	return true
}

// objectValue writes an object's members as they come, then puts them in order
// if they were not.
func (w *writer) objectValue(d *jsonstrict.Decoder) (exact bool) {
	type member struct {
		name       string
		start, end int // in w.buf, without the comma
	}
	var members []member
	flush := w.flush
	w.flush = nil // the members must stay where they are
	exact = true
	w.open('{')
	first := len(w.buf)
	for d.Object(); d.Next(); {
		name, start := string(d.Key()), len(w.buf)
		if !w.empty {
			start++
		}
		w.name(name)
		exact = w.value(d) && exact
		members = append(members, member{name, start, len(w.buf)})
	}
	byName := func(a, b member) int { return compareNames(a.name, b.name) }
	if !slices.IsSortedFunc(members, byName) {
		slices.SortFunc(members, byName)
		sorted := make([]byte, 0, len(w.buf)-first)
		for i, m := range members {
			if i > 0 {
				sorted = append(sorted, ',')
			}
			sorted = append(sorted, w.buf[m.start:m.end]...)
		}
		copy(w.buf[first:], sorted)
	}
	w.close('}')
	w.flush = flush
	return exact
}

// compareNames orders names by UTF-16 code units (RFC 8785 section 3.2.3). That
// differs from the order of bytes where characters beyond U+FFFF, which are
// surrogates in UTF-16, meet those from U+E000 on.
func compareNames(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	for i > 0 && !utf8.RuneStart(a[i]) {
		i--
	}
	ra, _ := utf8.DecodeRuneInString(a[i:])
	rb, _ := utf8.DecodeRuneInString(b[i:])
	if (ra > 0xffff) != (rb > 0xffff) {
		return int(unit(ra)) - int(unit(rb))
	}
	return int(ra) - int(rb)
}

// unit returns the first UTF-16 code unit of r.
func unit(r rune) rune {
	if r > 0xffff {
		return 0xd800 + (r-0x10000)>>10
	}
	return r
}

// sameDecimal reports whether two JSON numbers denote the same decimal value.
func sameDecimal(a, b string) bool {
	if a == b {
		return true
	}
	digitsA, expA, okA := decimal(a)
	digitsB, expB, okB := decimal(b)
	return okA && okB && bytes.Equal(digitsA, digitsB) && (expA == expB || len(digitsA) == 0)
}

// decimal splits a JSON number into its significant digits, with a leading "-"
// if it is negative, and the power of ten that belongs to the first of them.
// Zero has no digits. An exponent beyond int is not ok.
func decimal(s string) (digits []byte, exp int, ok bool) {
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}
	mantissa := s
	if i := bytes.IndexAny([]byte(s), "eE"); i >= 0 {
		var err error
		if exp, err = strconv.Atoi(s[i+1:]); err != nil {
			return nil, 0, false
		}
		mantissa = s[:i]
	}
	point := len(mantissa)
	for i := range len(mantissa) {
		if mantissa[i] == '.' {
			point = i
			continue
		}
		digits = append(digits, mantissa[i])
	}
	exp += point
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
		exp--
	}
	digits = bytes.TrimRight(digits, "0")
	if negative && len(digits) > 0 {
		digits = append([]byte{'-'}, digits...)
	}
	return digits, exp, true
}
