// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"iter"
	"math"
	"strconv"
	"strings"
	"unsafe"

	"github.com/HailBytes/evidence"
)

// Index is JSON text that was read once, by the rules of a [Decoder], and can then be
// walked in any order and as often as it takes. It is a list and no tree: eight bytes
// for each value and for each member name, in the order of the text. Strings with escapes
// are held a second time, without them.
//
// An Index is safe for concurrent use. The text must not change as long as it is used.
type Index struct {
	text    []byte
	cells   []cell
	escaped []escapedText
	plain   []byte // the contents of strings that hold escapes, one behind the other
}

// cell is where one value stands, or the name of a member. A name stands right before
// the value of its member; what an object or array holds stands right behind it.
type cell struct {
	at   uint32 // offset in the text
	size uint32 // of an object or array: the cell behind all that it holds; of others: bytes; with escapedBit: index in escaped
}

// escapedBit marks a string or name that holds escapes. No string is longer than half of what an offset can be.
const escapedBit = 1 << 31

// escapedText is a string that holds escapes.
type escapedText struct {
	size       uint32 // in the text
	start, end uint32 // of its content, in plain
}

// NewIndex reads data, which must be exactly one JSON value.
func NewIndex(data []byte, o Options) (*Index, error) {
	d := NewBytes(data, o)
	if len(data) > math.MaxInt32 {
		d.fail(0, "json.size", evidence.ErrLimit, "document is %d bytes, an index holds at most %d", len(data), math.MaxInt32)
	}
	x := &Index{text: data, cells: make([]cell, 0, len(data)/24+16)}
	var open []int // cells of the objects and arrays that are not read to their end
	for {
		kind := d.Kind()
		at := d.pos
		switch kind {
		case Object, Array:
			d.enter(kind)
			open = append(open, len(x.cells))
			x.cells = append(x.cells, cell{at: uint32(at)})
		case String:
			d.value, d.pending = int64(at), false
			text, _ := d.scanString(false)
			x.addText(at, d.pos, text)
		case Number:
			d.value, d.pending = int64(at), false
			d.scanNumber()
			x.cells = append(x.cells, cell{uint32(at), uint32(d.pos - at)})
		default:
			d.Skip() // a word, or an error
			x.cells = append(x.cells, cell{uint32(at), uint32(d.pos - at)})
		}
		for len(open) > 0 && !d.Next() {
			if d.err != nil {
				return nil, d.err
			}
			last := len(open) - 1
			x.cells[open[last]].size = uint32(len(x.cells))
			open = open[:last]
		}
		if len(open) == 0 {
			break
		}
		if f := &d.stack[len(d.stack)-1]; !f.array {
			m := d.members[len(d.members)-1]
			x.addText(d.nameStart, d.nameEnd, d.nameOf(m))
		}
	}
	return x, d.End()
}

// addText adds a string that stands from start to end with its quotes.
func (x *Index) addText(start, end int, content []byte) {
	size := uint32(end - start)
	if len(content)+2 != end-start {
		from := len(x.plain)
		x.plain = append(x.plain, content...)
		x.escaped = append(x.escaped, escapedText{size, uint32(from), uint32(len(x.plain))})
		size = uint32(len(x.escaped)-1) | escapedBit
	}
	x.cells = append(x.cells, cell{uint32(start), size})
}

// Bytes returns the text.
func (x *Index) Bytes() []byte { return x.text }

// Root returns the value that the text is.
func (x *Index) Root() Value { return Value{x, 0} }

// Value is one value of an Index, or one name of a member, which is a string.
type Value struct {
	x *Index
	i uint32
}

// Kind returns the kind of v.
func (v Value) Kind() Kind {
	c := v.x.text[v.x.cells[v.i].at]
	if c == '-' || '0' <= c && c <= '9' {
		return Number
	}
	return Kind(c)
}

// Offset returns where v begins in the text.
func (v Value) Offset() int64 { return int64(v.x.cells[v.i].at) }

// String returns the content of a string, and anything but an object or array as it is
// written. It shares the memory of the Index.
func (v Value) String() string {
	c := v.x.cells[v.i]
	if c.size&escapedBit != 0 {
		e := v.x.escaped[c.size&^escapedBit]
		return shared(v.x.plain[e.start:e.end])
	}
	text := v.x.text[c.at : c.at+c.size]
	if text[0] == '"' {
		text = text[1 : len(text)-1]
	}
	return shared(text)
}

func shared(text []byte) string { return unsafe.String(unsafe.SliceData(text), len(text)) }

// Text returns v as it is written.
func (v Value) Text() []byte {
	c := v.x.cells[v.i]
	switch k := v.Kind(); {
	case k == Object || k == Array:
		// It was accepted before, so no limit is asked for now.
		d := NewBytes(v.x.text[c.at:], Options{AllowNUL: true, Limits: evidence.Limits{Depth: math.MaxInt32, Elements: math.MaxInt32, StringBytes: math.MaxInt32}})
		return d.Raw()
	case c.size&escapedBit != 0:
		c.size = v.x.escaped[c.size&^escapedBit].size
	}
	return v.x.text[c.at : c.at+c.size]
}

// end returns the cell behind v and all that it holds.
func (v Value) end() uint32 {
	if k := v.x.text[v.x.cells[v.i].at]; k == '{' || k == '[' {
		return v.x.cells[v.i].size
	}
	return v.i + 1
}

// Members returns names and values of an object, in the order of the text; none of anything else.
func (v Value) Members() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		if v.Kind() != Object {
			return
		}
		for i, end := v.i+1, v.end(); i < end; {
			value := Value{v.x, i + 1}
			if !yield(Value{v.x, i}, value) {
				return
			}
			i = value.end()
		}
	}
}

// Elements returns index and value of each element of an array; none of anything else.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.Kind() != Array {
			return
		}
		n := 0
		for i, end := v.i+1, v.end(); i < end; n++ {
			value := Value{v.x, i}
			if !yield(n, value) {
				return
			}
			i = value.end()
		}
	}
}

// Member returns the value of a member of an object.
func (v Value) Member(name string) (Value, bool) {
	for n, value := range v.Members() {
		if n.String() == name {
			return value, true
		}
	}
	return Value{}, false
}

// Path is the way from the root of a document to a value.
type Path []Step

// Step leads from an object or an array to a value that it holds.
type Step struct {
	Name  Value // of a member
	Index int   // of an element; -1 for a member
}

// Pointer returns the JSON Pointer of the value that p leads to (RFC 6901).
func (p Path) Pointer() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteByte('/')
		if s.Index >= 0 {
			b.WriteString(strconv.Itoa(s.Index))
		} else {
			b.WriteString(EscapePointer(s.Name.String()))
		}
	}
	return b.String()
}
