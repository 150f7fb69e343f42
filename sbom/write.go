// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// Write writes d in its own format. A Document that was read and not changed
// loses nothing: every value of the source is written again, at the same JSON
// Pointer, though the order of members and white space are the package's own.
// In XML and tag-value, comments and the order of unlike elements are not kept.
//
// It returns an error that matches ErrUnsupported for a format that is not
// written, and the first error of w.
func (d *Document) Write(w io.Writer) error {
	out := &writer{out: w}
	switch d.Format {
	case FormatSPDXJSON:
		d.writeSPDXJSON(out)
	case FormatSPDX3JSON:
		if err := d.writeSPDX3JSON(out); err != nil {
			return err
		}
	case FormatCycloneDXJSON:
		d.writeCycloneDXJSON(out)
	case FormatCycloneDXXML:
		if err := d.writeCycloneDXXML(out); err != nil {
			return err
		}
	case FormatSPDXTagValue:
		if err := d.writeSPDXTagValue(out); err != nil {
			return err
		}
	default:
		return &evidence.Problem{
			Code: "sbom.format", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
			Message: "documents in " + d.Format.String() + " are not written",
		}
	}
	out.buf = append(out.buf, '\n')
	return out.flush()
}

// Marshal is Write into memory.
func (d *Document) Marshal() ([]byte, error) {
	var b bytes.Buffer
	err := d.Write(&b)
	return b.Bytes(), err
}

// writer builds JSON text.
type writer struct {
	buf  []byte
	more bool // a member or element stands before in the open object or array
	out  io.Writer
	err  error
}

// flushBytes is how much text is held before it goes out.
const flushBytes = 64 << 10

func (w *writer) separate() {
	if w.more {
		w.buf = append(w.buf, ',')
	}
	w.more = true
	if w.out != nil && len(w.buf) >= flushBytes {
		w.flush()
	}
}

func (w *writer) flush() error {
	if w.err == nil {
		_, w.err = w.out.Write(w.buf)
	}
	w.buf = w.buf[:0]
	return w.err
}

func (w *writer) key(name string) {
	w.separate()
	w.buf = appendQuoted(w.buf, name)
	w.buf = append(w.buf, ':')
}

func (w *writer) open(c byte) {
	w.buf = append(w.buf, c)
	w.more = false
}

func (w *writer) close(c byte) {
	w.buf = append(w.buf, c)
	w.more = true
}

func (w *writer) string(s string) { w.buf = appendQuoted(w.buf, s) }

func quoteJSON(s string) []byte { return appendQuoted(nil, s) }

const hexDigits = "0123456789abcdef"

// appendQuoted appends s as a JSON string, which must be UTF-8.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
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
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[from:]...)
	if !utf8.ValidString(s) {
		b = bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return append(b, '"')
}

// object is a JSON object that is being written, with the members that its
// Extras keep. Each method writes one member: as the Extras have it, if that
// still means what the field holds, from the field otherwise.
type object struct {
	*writer
	ex   []extra
	used []bool // by index in ex
	few  [8]bool
}

// begin opens an object.
func (w *writer) begin(ex Extras) *object {
	o := &object{writer: w}
	if ex.list != nil {
		o.ex = *ex.list
		o.used = o.few[:]
		if len(o.ex) > len(o.few) {
			o.used = make([]bool, len(o.ex))
		}
	}
	w.open('{')
	return o
}

// end writes the members that no field was for, and closes the object.
func (o *object) end() {
	for i, x := range o.ex {
		if !o.used[i] {
			o.key(x.name)
			o.buf = append(o.buf, x.value...)
		}
	}
	o.close('}')
}

// kept returns the extra that belongs to a field.
func (o *object) kept(name string) []byte {
	for i := range o.ex {
		if o.ex[i].name == name {
			o.used[i] = true
			return o.ex[i].value
		}
	}
	return nil
}

// drop leaves out an extra that has been written otherwise.
func (o *object) drop(name string) { o.kept(name) }

func (o *object) raw(name string, value []byte) {
	o.key(name)
	o.buf = append(o.buf, value...)
}

// str writes a string of which the empty one means absent.
func (o *object) str(name, v string) {
	if raw := o.kept(name); raw != nil {
		if s, ok := stringOf(raw); ok && s == v {
			o.raw(name, raw)
			return
		}
	}
	if v != "" {
		o.key(name)
		o.string(v)
	}
}

// stringOf returns the string that raw is, null being the empty one.
func stringOf(raw []byte) (s string, ok bool) {
	if bytes.Equal(raw, rawNull) {
		return "", true
	}
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	d := jsonstrict.NewBytes(raw, jsonstrict.Options{AllowNUL: true})
	s = d.String()
	return s, d.End() == nil
}

// text writes what t says in place of a string.
func (o *object) text(name string, t Text) {
	raw := o.kept(name)
	switch {
	case t.IsZero() && bytes.Equal(raw, rawNull):
		o.raw(name, raw)
	case t.text != "" || t.state == StateEmpty:
		o.key(name)
		o.string(t.text)
	}
}

func (o *object) boolean(name string, v *bool) {
	raw := o.kept(name)
	switch {
	case v != nil:
		o.key(name)
		o.buf = strconv.AppendBool(o.buf, *v)
	case bytes.Equal(raw, rawNull):
		o.raw(name, raw)
	}
}

func (o *object) float(name string, v *float64) {
	raw := o.kept(name)
	if v == nil {
		if bytes.Equal(raw, rawNull) {
			o.raw(name, raw)
		}
		return
	}
	if f, err := strconv.ParseFloat(string(raw), 64); err == nil && f == *v {
		o.raw(name, raw)
		return
	}
	o.key(name)
	o.buf = strconv.AppendFloat(o.buf, *v, 'g', -1, 64)
}

// integer writes a number of which 0 means absent.
func (o *object) integer(name string, v int) {
	raw := o.kept(name)
	if v == 0 {
		if raw != nil {
			o.raw(name, raw) // null, 0, or not an integer of this size
		}
		return
	}
	o.key(name)
	o.buf = strconv.AppendInt(o.buf, int64(v), 10)
}

func (o *object) time(name string, t time.Time) {
	if raw := o.kept(name); raw != nil {
		s, _ := stringOf(raw)
		if was, err := parseTime(s); err == nil && was.Equal(t) || err != nil && t.IsZero() {
			o.raw(name, raw)
			return
		}
	}
	if !t.IsZero() {
		o.key(name)
		o.string(timeText(t.UTC()))
	}
}

// list writes an array of n elements. again reads what the Extras keep of it
// and writes it the same way, so that both can be compared.
func (o *object) list(name string, n int, write func(*writer, int), again func(*reader) (int, func(*writer, int))) {
	raw := o.kept(name)
	if raw == nil && n == 0 {
		return
	}
	sub := &writer{}
	if raw != nil {
		sub.array(n, write)
		if bytes.Equal(sub.buf, rewrite(raw, again)) {
			o.raw(name, raw)
			return
		}
		if n > 0 {
			o.raw(name, sub.buf)
		}
		return
	}
	o.key(name)
	o.array(n, write)
}

// array writes n elements.
func (w *writer) array(n int, write func(*writer, int)) {
	w.open('[')
	for i := range n {
		w.separate()
		write(w, i)
	}
	w.close(']')
}

// rewrite reads an array and writes it from what was read, without what the fields cannot hold.
func rewrite(raw []byte, again func(*reader) (int, func(*writer, int))) []byte {
	if bytes.Equal(raw, rawNull) {
		return rawEmptyArray
	}
	// The text was read before, within the limits of that time.
	r := newReader(raw, unlimited, FormatUnknown)
	n, write := again(r)
	if r.d.Err() != nil {
		return nil
	}
	w := &writer{}
	w.array(n, write)
	return w.buf
}

// listOf writes a slice, see object.list. read is nil where elements have Extras.
func listOf[T any](o *object, name string, v []T, write func(*writer, *T), read func(*reader, *[]T, *Extras)) {
	if len(v) == 0 && o.ex == nil {
		return
	}
	if read == nil {
		// The elements have Extras of their own: only a list without any is kept as a whole.
		if raw := o.kept(name); len(v) > 0 {
			o.key(name)
			o.array(len(v), func(w *writer, i int) { write(w, &v[i]) })
		} else if raw != nil {
			o.raw(name, raw)
		}
		return
	}
	o.list(name, len(v), func(w *writer, i int) { write(w, &v[i]) }, func(r *reader) (int, func(*writer, int)) {
		var was []T
		var ex Extras
		read(r, &was, &ex)
		return len(was), func(w *writer, i int) { write(w, &was[i]) }
	})
}

func (o *object) strings(name string, v []string) {
	listOf(o, name, v, func(w *writer, s *string) { w.string(*s) },
		func(r *reader, dst *[]string, ex *Extras) { r.strings(dst, ex, "") })
}

func (o *object) textList(name string, v []Text) {
	listOf(o, name, v, func(w *writer, t *Text) { w.string(t.text) },
		func(r *reader, dst *[]Text, ex *Extras) { r.textList(dst, ex, "") })
}

// same reports whether two values are written the same by write.
func same[T any](a, b T, write func(*writer, T)) bool {
	var x, y writer
	write(&x, a)
	write(&y, b)
	return bytes.Equal(x.buf, y.buf)
}
