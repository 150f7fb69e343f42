// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Options says what a Decoder accepts beyond the strictest reading. The zero
// value is the strictest.
type Options struct {
	Limits   evidence.Limits // zero fields mean the defaults
	AllowBOM bool            // drop a leading UTF-8 byte order mark; positions count its three bytes
	AllowNUL bool            // accept \u0000 in string values; never in names

	// Share makes String return strings that share the memory of the text, where
	// they hold no escapes, and lets what Raw and Since return be kept. The slice
	// given to NewBytes must then never change; a Decoder of New never writes twice
	// to the memory of a window, so a string keeps some 64 KiB of the text alive.
	Share bool
}

// Kind is the first byte of a value, with every number told as '0'.
type Kind byte

// The kinds of value.
const (
	Invalid Kind = 0 // no value: the end, or an error
	Null    Kind = 'n'
	False   Kind = 'f'
	True    Kind = 't'
	String  Kind = '"'
	Number  Kind = '0'
	Object  Kind = '{'
	Array   Kind = '['
)

// String returns the kind's name as it stands in messages.
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case False, True:
		return "a boolean"
	case String:
		return "a string"
	case Number:
		return "a number"
	case Object:
		return "an object"
	case Array:
		return "an array"
	}
	return "no value"
}

// Decoder reads JSON values in order. Make one with [New] or [NewBytes].
type Decoder struct {
	buf  []byte    // the window; all of the text when r is nil
	pos  int       // next byte to read, in buf
	mark int       // bytes from here on must stay in the window; -1 for none
	hold int       // likewise, from Hold to Release
	r    io.Reader // nil when buf holds all that will come
	base int64     // offset of buf[0] in the text
	err  error
	lim  evidence.Limits
	nul  bool
	text []byte // what String may share: buf, or nil for nothing

	value   int64 // offset of the last value begun
	pending bool  // Next gave a value that was not read yet
	stack   []frame
	names   []byte // unescaped names of the open objects, one after the other
	members []member
	scratch []byte

	nameStart, nameEnd int // the last name, quotes included, in buf; for NewIndex

	// A place whose line is known; lineAt counts from it in either direction.
	knownAt   int64
	knownLine int
	lineStart int64 // offset of the first byte of knownLine
	baseStart int64 // offset of the first byte of the line that buf[0] is on
}

// frame is one open object or array.
type frame struct {
	array bool
	count int      // members or elements begun
	first int      // index in members of this object's first name
	slots []uint32 // of the names, once they are too many to compare in a row; see isDuplicate
}

// member is one name of an open object.
type member struct {
	hash       uint64
	start, end int // in names
}

const (
	windowBytes = 64 << 10
	fewNames    = 24 // up to here, comparing hashes in a row beats a map
	maxNumber   = 4096
)

// New returns a Decoder that reads from r as it goes. It reads ahead.
func New(r io.Reader, o Options) *Decoder {
	d := newDecoder(o)
	d.r = r
	d.buf = make([]byte, 0, windowBytes)
	if o.Share {
		d.text = d.buf
	}
	d.start(o)
	return d
}

// NewBytes returns a Decoder over data, which must not change while it is in use.
func NewBytes(data []byte, o Options) *Decoder {
	d := newDecoder(o)
	d.buf = data
	if o.Share {
		d.text = data
	}
	if int64(len(data)) > d.lim.DocumentBytes {
		d.fail(0, "json.size", evidence.ErrLimit, "document is %d bytes, the limit is %d", len(data), d.lim.DocumentBytes)
		return d
	}
	d.start(o)
	return d
}

// Reset makes d, which [NewBytes] returned, a Decoder over other data, with the
// options that it had but for a byte order mark, which is not accepted.
func (d *Decoder) Reset(data []byte) {
	share := d.text != nil
	*d = Decoder{
		mark: -1, hold: -1, lim: d.lim, nul: d.nul, knownLine: 1, buf: data,
		stack: d.stack[:0], names: d.names[:0], members: d.members[:0], scratch: d.scratch[:0],
	}
	if share {
		d.text = data
	}
	if int64(len(data)) > d.lim.DocumentBytes {
		d.fail(0, "json.size", evidence.ErrLimit, "document is %d bytes, the limit is %d", len(data), d.lim.DocumentBytes)
		return
	}
	d.start(Options{})
}

func newDecoder(o Options) *Decoder {
	return &Decoder{mark: -1, hold: -1, lim: o.Limits.OrDefault(), nul: o.AllowNUL, knownLine: 1}
}

// start looks for a byte order mark.
func (d *Decoder) start(o Options) {
	for len(d.buf) < 3 && d.fill() {
	}
	switch {
	case bytes.HasPrefix(d.buf, []byte("\xef\xbb\xbf")):
		if !o.AllowBOM {
			d.fail(0, "json.bom", evidence.ErrFormat, "document begins with a UTF-8 byte order mark")
			return
		}
		d.pos = 3
	case bytes.HasPrefix(d.buf, []byte("\xfe\xff")), bytes.HasPrefix(d.buf, []byte("\xff\xfe")):
		d.fail(0, "json.bom", evidence.ErrFormat, "document is UTF-16, want UTF-8")
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
	if d.hold >= 0 {
		keep = min(keep, d.hold)
	}
	if keep > 0 && keep >= len(d.buf)-keep && (d.text == nil || len(d.buf) == cap(d.buf)) {
		d.drop(keep)
	}
	if len(d.buf) == cap(d.buf) {
		grown := make([]byte, len(d.buf), 2*cap(d.buf))
		copy(grown, d.buf)
		d.buf = grown
	}
	for range 100 {
		n, err := d.r.Read(d.buf[len(d.buf):cap(d.buf)])
		d.buf = d.buf[:len(d.buf)+n]
		if d.text != nil {
			d.text = d.buf
		}
		if total := d.base + int64(len(d.buf)); total > d.lim.DocumentBytes {
			d.fail(total, "json.size", evidence.ErrLimit, "document is longer than %d bytes", d.lim.DocumentBytes)
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

// drop lets the first keep bytes of the window go.
func (d *Decoder) drop(keep int) {
	d.lineAt(d.base + int64(keep)) // the newlines must be counted before they go
	d.baseStart = d.lineStart
	to := d.buf[:0]
	if d.text != nil {
		size := cap(d.buf)
		if len(d.buf)-keep < windowBytes/2 {
			size = windowBytes
		}
		to = make([]byte, 0, size) // strings share the old one
	}
	d.buf = append(to, d.buf[keep:]...)
	d.base += int64(keep)
	d.pos -= keep
	if d.mark >= 0 {
		d.mark -= keep
	}
	if d.hold >= 0 {
		d.hold -= keep
	}
}

// Hold keeps the text from here on in the window until Release, for Since.
func (d *Decoder) Hold() { d.hold = d.pos }

// Release undoes Hold.
func (d *Decoder) Release() { d.hold = -1 }

// Since returns the text from an offset, at or after that of Hold, to the current
// one. It is valid as long as what Raw returns. Over a byte slice, Hold is not needed.
func (d *Decoder) Since(offset int64) []byte {
	return d.buf[offset-d.base : d.pos : d.pos]
}

// Err returns the first error, nil so far.
func (d *Decoder) Err() error { return d.err }

// End checks that nothing but white space follows, and returns the first error.
// A text without any value is an error of the value that was asked for, not of End.
func (d *Decoder) End() error {
	if d.err == nil && len(d.stack) > 0 {
		d.err = errors.New("jsonstrict: End inside an open object or array")
	}
	if d.More() {
		d.fail(d.offset(), "json.trailing", evidence.ErrFormat, "data after the end of the document")
	}
	return d.err
}

// More reports whether another value follows at the top level. A stream of
// concatenated values is read by a loop over it.
func (d *Decoder) More() bool {
	_, ok := d.peek()
	return ok
}

// Fail makes p the Decoder's error, unless it has one. A reader that refuses a
// value for its meaning uses it to stop like the Decoder itself does.
func (d *Decoder) Fail(p *evidence.Problem) {
	if d.err == nil {
		d.err = p
	}
}

// Problem returns a problem about the last value begun, with its position.
func (d *Decoder) Problem(code string, severity evidence.Severity, class error, format string, args ...any) *evidence.Problem {
	pos := d.Pos()
	return &evidence.Problem{
		Code: code, Severity: severity, Pointer: d.Pointer(), Line: pos.Line, Column: pos.Column,
		Offset: pos.Offset, Message: fmt.Sprintf(format, args...), Err: class,
	}
}

func (d *Decoder) fail(at int64, code string, class error, format string, args ...any) {
	if d.err != nil {
		return
	}
	line, column := d.lineAt(at)
	d.err = &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Pointer: d.Pointer(), Line: line, Column: column,
		Offset: at, Message: fmt.Sprintf(format, args...), Err: class,
	}
}

// unexpected fails at the next byte, or at the end of the text.
func (d *Decoder) unexpected(want string) {
	if d.err != nil {
		return
	}
	if d.pos >= len(d.buf) {
		d.fail(d.offset(), "json.truncated", evidence.ErrFormat, "document ends where %s should be", want)
		return
	}
	got := string(d.buf[d.pos : d.pos+1])
	if got[0] >= utf8.RuneSelf {
		r, n := utf8.DecodeRune(d.buf[d.pos:])
		if r == utf8.RuneError && n == 1 {
			d.fail(d.offset(), "json.utf8", evidence.ErrFormat, "byte %#02x where %s should be", d.buf[d.pos], want)
			return
		}
		got = string(r)
	}
	d.fail(d.offset(), "json.syntax", evidence.ErrFormat, "got %s, want %s", strconv.QuoteToGraphic(got), want)
}

// Pos is a place in the text.
type Pos struct {
	Offset       int64 // bytes from the start
	Line, Column int   // from 1; the column counts bytes
}

// Pos returns where the last value begun starts: after Next, the value that it
// gave; after reading a scalar, that scalar; after Object or Array, the object
// or array until something in it is read. A place that has left the window is
// told as the current one.
func (d *Decoder) Pos() Pos {
	at := d.value
	if d.pending || at < d.base {
		at = d.offset()
	}
	line, column := d.lineAt(at)
	return Pos{at, line, column}
}

// Offset returns how many bytes of the text have been read.
func (d *Decoder) Offset() int64 { return d.offset() }

func (d *Decoder) offset() int64 { return d.base + int64(d.pos) }

// lineAt returns line and column of an offset in the window. It counts from the
// place that was asked for last, so a pass over a document counts each newline once.
func (d *Decoder) lineAt(at int64) (line, column int) {
	from, to := d.knownAt-d.base, at-d.base
	to = min(max(to, 0), int64(len(d.buf)))
	from = min(max(from, 0), int64(len(d.buf)))
	at = d.base + to
	if to >= from {
		span := d.buf[from:to]
		if n := bytes.Count(span, newline); n > 0 {
			d.knownLine += n
			d.lineStart = d.base + from + int64(bytes.LastIndexByte(span, '\n')) + 1
		}
	} else if n := bytes.Count(d.buf[to:from], newline); n > 0 {
		d.knownLine -= n
		d.lineStart = d.baseStart
		if i := bytes.LastIndexByte(d.buf[:to], '\n'); i >= 0 {
			d.lineStart = d.base + int64(i) + 1
		}
	}
	d.knownAt = at
	return d.knownLine, int(at-d.lineStart) + 1
}

var newline = []byte{'\n'}

// Pointer returns the JSON Pointer (RFC 6901) of the last value begun.
func (d *Decoder) Pointer() string {
	var b strings.Builder
	for i := range d.stack {
		f := &d.stack[i]
		if f.count == 0 {
			break
		}
		b.WriteByte('/')
		if f.array {
			b.WriteString(strconv.Itoa(f.count - 1))
			continue
		}
		last := len(d.members)
		if i+1 < len(d.stack) {
			last = d.stack[i+1].first
		}
		if last > f.first {
			m := d.members[last-1]
			b.WriteString(EscapePointer(string(d.names[m.start:m.end])))
		}
	}
	return b.String()
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~0", "~", "~1", "/")
)

// EscapePointer returns name as one reference token of a JSON Pointer (RFC 6901 section 3).
func EscapePointer(name string) string { return pointerEscaper.Replace(name) }

// Depth returns how many objects and arrays are open.
func (d *Decoder) Depth() int { return len(d.stack) }

// peek skips white space and returns the next byte without reading it.
func (d *Decoder) peek() (byte, bool) {
	if d.err != nil {
		return 0, false
	}
	for {
		buf, i := d.buf, d.pos
		for i < len(buf) {
			c := buf[i]
			if c > ' ' {
				d.pos = i
				return c, true
			}
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				d.pos = i
				return c, true
			}
			i++
			// Indentation comes in runs.
			for i+8 <= len(buf) && binary.LittleEndian.Uint64(buf[i:]) == 0x2020202020202020 {
				i += 8
			}
		}
		d.pos = i
		if !d.fill() {
			return 0, false
		}
	}
}

// Kind returns the kind of the next value without reading it; Invalid at the
// end of the text, of the open object or array, and after an error.
func (d *Decoder) Kind() Kind {
	c, _ := d.peek()
	switch c {
	case '{', '[', '"', 't', 'f', 'n':
		return Kind(c)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return Number
	}
	return Invalid
}

// begin positions the Decoder on a value of one of the wanted kinds.
func (d *Decoder) begin(want Kind) bool {
	c, ok := d.peek()
	d.value = d.offset()
	d.pending = false
	if ok && Kind(c) == want {
		return true
	}
	d.mistyped(want.String())
	return false
}

// mistyped fails because the next value is of another type, or is none at all.
func (d *Decoder) mistyped(want string) {
	if got := d.Kind(); got != Invalid {
		d.fail(d.offset(), "json.type", evidence.ErrFormat, "got %s, want %s", got, want)
		return
	}
	d.unexpected(want)
}

// Object enters the object that is the next value. Read its members with Next and Key.
func (d *Decoder) Object() { d.enter(Object) }

// Array enters the array that is the next value. Read its elements with Next.
func (d *Decoder) Array() { d.enter(Array) }

func (d *Decoder) enter(k Kind) {
	if !d.begin(k) {
		return
	}
	if len(d.stack) >= d.lim.Depth {
		d.fail(d.value, "json.depth", evidence.ErrLimit, "nested deeper than %d", d.lim.Depth)
		return
	}
	d.pos++
	d.stack = append(d.stack, frame{array: k == Array, first: len(d.members)})
}

// Next advances to the next member or element of the innermost open object or
// array. At its end, Next leaves it and returns false; after an error too.
func (d *Decoder) Next() bool {
	if d.pending {
		d.Skip()
	}
	c, ok := d.peek()
	if !ok || len(d.stack) == 0 {
		if d.err == nil && len(d.stack) > 0 {
			d.unexpected("the rest of an object or array")
		}
		return false
	}
	f := &d.stack[len(d.stack)-1]
	end := byte('}')
	if f.array {
		end = ']'
	}
	if c == end {
		d.pos++
		d.leave()
		return false
	}
	if f.count > 0 {
		if c != ',' {
			d.unexpected("a comma or " + strconv.Quote(string(end)))
			return false
		}
		d.pos++
		c, ok = d.peek()
	}
	if f.count >= d.lim.Elements {
		d.fail(d.offset(), "json.elements", evidence.ErrLimit, "more than %d members or elements", d.lim.Elements)
		return false
	}
	if !f.array && !d.name(f, c, ok) {
		return false
	}
	f.count++
	d.pending = true
	return true
}

// leave closes the innermost frame. The position stays that of its last value.
func (d *Decoder) leave() {
	f := d.stack[len(d.stack)-1]
	d.stack = d.stack[:len(d.stack)-1]
	if f.first < len(d.members) {
		d.names = d.names[:d.members[f.first].start]
		d.members = d.members[:f.first]
	}
}

// name reads a member's name and the colon after it.
func (d *Decoder) name(f *frame, c byte, ok bool) bool {
	if !ok || c != '"' {
		d.unexpected("a member name")
		return false
	}
	at := d.offset()
	d.nameStart = d.pos
	text, ok := d.scanString(true)
	if !ok {
		return false
	}
	d.nameEnd = d.pos
	m := member{hash: hashName(text), start: len(d.names)}
	d.names = append(d.names, text...)
	m.end = len(d.names)
	text = d.names[m.start:]
	d.members = append(d.members, m)
	duplicate := d.isDuplicate(f)
	if duplicate {
		f.count++
		d.fail(at, "json.duplicate-name", evidence.ErrFormat, "duplicate member name %s", textfmt.Quote(string(text)))
		return false
	}
	if c, ok = d.peek(); !ok || c != ':' {
		f.count++
		d.unexpected("a colon")
		return false
	}
	d.pos++
	d.peek()
	return true
}

// isDuplicate reports whether the last name of an object is that of an earlier member.
// Few names are compared one by one. Many are found in a table of slots with indices of
// members, plus one; a name is in the first free slot from its hash on. The hash is
// seeded, so that nobody can make names that collide.
func (d *Decoder) isDuplicate(f *frame) bool {
	list := d.members[f.first:]
	last := len(list) - 1
	switch {
	case f.slots != nil:
		list[last].hash = maphash.Bytes(nameSeed, d.nameOf(list[last]))
	case last < fewNames:
		return slices.ContainsFunc(list[:last], func(o member) bool { return d.sameName(o, list[last]) })
	default:
		for i := range list {
			list[i].hash = maphash.Bytes(nameSeed, d.nameOf(list[i]))
		}
	}
	if 2*len(list) > len(f.slots) {
		f.slots = make([]uint32, max(256, 4*len(f.slots)))
		for i := range list[:last] {
			d.insert(f, list, i)
		}
	}
	return !d.insert(f, list, last)
}

// insert puts member i into the slots, unless its name is there.
func (d *Decoder) insert(f *frame, list []member, i int) bool {
	mask := uint64(len(f.slots) - 1)
	for at := list[i].hash & mask; ; at = (at + 1) & mask {
		switch j := f.slots[at]; {
		case j == 0:
			f.slots[at] = uint32(i + 1)
			return true
		case d.sameName(list[j-1], list[i]):
			return false
		}
	}
}

var nameSeed = maphash.MakeSeed()

func (d *Decoder) nameOf(m member) []byte { return d.names[m.start:m.end] }

func (d *Decoder) sameName(a, b member) bool {
	return a.hash == b.hash && bytes.Equal(d.nameOf(a), d.nameOf(b))
}

// Key returns the name of the member that Next gave, unescaped. It is valid
// until the next call of Next on the same object.
func (d *Decoder) Key() []byte {
	if len(d.members) == 0 {
		return nil
	}
	m := d.members[len(d.members)-1]
	return d.names[m.start:m.end:m.end]
}

// hashName tells most names apart by length and ends; equal names are equal.
func hashName(b []byte) uint64 {
	n := len(b)
	switch {
	case n >= 8:
		return binary.LittleEndian.Uint64(b) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(b[n-8:]), 29) ^ uint64(n)<<48
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32 ^ uint64(n)<<24
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16 | uint64(n)<<24
	}
	return 0
}

// String reads a string. See Options.Share for what it may share memory with.
func (d *Decoder) String() string {
	b := d.Bytes()
	if d.text != nil && len(b) > 0 && &b[0] == &d.text[d.pos-1-len(b)] {
		// The closing quote is at pos-1, so these are the bytes of the text
		// itself and not an unescaped copy.
		return unsafe.String(&b[0], len(b))
	}
	return string(b)
}

// Bytes reads a string and returns its unescaped content, valid until the next call.
func (d *Decoder) Bytes() []byte {
	if !d.begin(String) {
		return nil
	}
	text, _ := d.scanString(false)
	return text
}

// Number reads a number and returns it as it is written, valid until the next call.
func (d *Decoder) Number() []byte {
	if c, _ := d.peek(); c != '-' && (c < '0' || c > '9') {
		d.begin(Number)
		return nil
	}
	d.value, d.pending = d.offset(), false
	return d.scanNumber()
}

// Int64 reads a number that is written as an integer and fits.
func (d *Decoder) Int64() int64 {
	text := d.Number()
	if d.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		d.fail(d.value, "json.number", evidence.ErrFormat, "%s is not an integer of 64 bits", textfmt.Quote(string(text)))
		return 0
	}
	return n
}

// Float64 reads a number as the nearest float64; one too large for it is an error.
func (d *Decoder) Float64() float64 {
	text := d.Number()
	if d.err != nil {
		return 0
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		d.fail(d.value, "json.number", evidence.ErrFormat, "%s is out of range", textfmt.Quote(string(text)))
		return 0
	}
	return f
}

// Bool reads true or false.
func (d *Decoder) Bool() bool {
	switch d.Kind() {
	case True:
		return d.literal("true")
	case False:
		d.literal("false")
		return false
	}
	d.begin(True)
	return false
}

// Null reads null.
func (d *Decoder) Null() {
	if d.begin(Null) {
		d.literal("null")
	}
}

// Skip reads the next value, checks it, and drops it.
func (d *Decoder) Skip() {
	depth := len(d.stack)
	for {
		switch k := d.Kind(); k {
		case Object, Array:
			d.enter(k)
		case String:
			d.value, d.pending = d.offset(), false
			d.scanString(false)
		case Number:
			d.value, d.pending = d.offset(), false
			d.scanNumber()
		case True, False:
			d.Bool()
		case Null:
			d.Null()
		default:
			d.value = d.offset()
			d.unexpected("a value")
		}
		for len(d.stack) > depth && !d.Next() {
			if d.err != nil {
				return
			}
		}
		if len(d.stack) == depth || d.err != nil {
			return
		}
	}
}

// Raw reads the next value, checks it, and returns its text as it is written.
// The text is valid until the next call; over a byte slice, as long as the slice.
func (d *Decoder) Raw() []byte {
	d.peek()
	if d.mark >= 0 {
		panic("jsonstrict: Raw inside Raw")
	}
	d.mark = d.pos
	d.Skip()
	text := d.buf[d.mark:d.pos:d.pos]
	d.mark = -1
	if d.err != nil {
		return nil
	}
	return text
}

// Check reads data as exactly one JSON value and returns what is wrong with it.
func Check(data []byte, o Options) error {
	d := NewBytes(data, o)
	d.Skip()
	return d.End()
}
