// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package jsondiff compares two JSON texts by value and names the first place
// where they differ.
//
// Objects are equal with the same members in any order; arrays with equal elements
// in order; strings with the same characters, however they are escaped; numbers
// that are the same float64, which is what most JSON tools keep of one.
package jsondiff

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Difference is one place where two documents differ.
type Difference struct {
	Pointer     string // RFC 6901, in the right document where it is there
	Within      string // "name" of the innermost object around it that has one
	Left, Right string // the values as JSON, cut short; empty where the document has none
}

// First returns the first difference in the order of the right document, nil if
// there is none. The error is for a text that is not strict JSON.
//
// Time is linear in the texts but for the sorting of members; memory is about
// three times the texts.
func First(left, right []byte) (*Difference, error) {
	l, err := parse(left)
	if err != nil {
		return nil, fmt.Errorf("signed predicate: %w", err)
	}
	r, err := parse(right)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	c := comparison{l: l, r: r}
	return c.compare(0, 0), nil
}

// tree holds the values of a document in document order: a container comes before
// what it contains.
type tree struct {
	text  []byte
	nodes []node
	keys  map[string][]byte // names seen, as documents repeat them
}

// node is one value.
type node struct {
	kind jsonstrict.Kind
	end  int32 // index of the first node after it and all that it contains
	key  []byte
	// str is the content of a string; otherwise the text as it is written.
	str        []byte
	start, fin int // place in the text
}

// maxNodes keeps indices in 32 bits.
const maxNodes = 1 << 30

func parse(text []byte) (*tree, error) {
	t := &tree{text: text, nodes: make([]node, 0, len(text)/40+16), keys: map[string][]byte{}}
	d := jsonstrict.NewBytes(text, jsonstrict.Options{AllowNUL: true})
	t.value(d, nil)
	return t, d.End()
}

func (t *tree) value(d *jsonstrict.Decoder, key []byte) {
	if len(t.nodes) >= maxNodes {
		d.Fail(d.Problem("json.size", evidence.SeverityError, evidence.ErrLimit, "more than %d values", maxNodes))
		return
	}
	at := len(t.nodes)
	n := node{kind: d.Kind(), key: key}
	t.nodes = append(t.nodes, n)
	start := int(d.Offset())
	switch n.kind {
	case jsonstrict.Object:
		for d.Object(); d.Next(); {
			t.value(d, t.name(d.Key()))
		}
	case jsonstrict.Array:
		for d.Array(); d.Next(); {
			t.value(d, nil)
		}
	case jsonstrict.String:
		n.str = t.keep(d.Bytes(), start)
	default:
		n.str = d.Raw()
	}
	n.end, n.start, n.fin = int32(len(t.nodes)), start, int(d.Offset())
	t.nodes[at] = n
}

// name returns a lasting copy of a member's name.
func (t *tree) name(key []byte) []byte {
	name, ok := t.keys[string(key)]
	if !ok {
		name = bytes.Clone(key)
		t.keys[string(key)] = name
	}
	return name
}

// keep returns b where it lasts: a part of the text as it is, else a copy.
func (t *tree) keep(b []byte, start int) []byte {
	if raw := t.text[start+1:]; len(b) > 0 && len(raw) >= len(b) && &raw[0] == &b[0] {
		return b
	}
	return bytes.Clone(b)
}

// show returns a value for a message.
func (t *tree) show(i int32) string {
	n := t.nodes[i]
	return textfmt.Clip(string(t.text[n.start:min(n.fin, n.start+200)]), 120)
}

// children returns the indices of a container's members or elements.
func (t *tree) children(i int32) []int32 {
	var list []int32
	for j := i + 1; j < t.nodes[i].end; j = t.nodes[j].end {
		list = append(list, j)
	}
	return list
}

// comparison walks two trees side by side.
type comparison struct{ l, r *tree }

func (c *comparison) compare(l, r int32) *Difference {
	a, b := &c.l.nodes[l], &c.r.nodes[r]
	if a.kind == jsonstrict.Object && b.kind == jsonstrict.Object {
		return c.objects(l, r)
	}
	if a.kind == jsonstrict.Array && b.kind == jsonstrict.Array {
		return c.arrays(l, r)
	}
	if a.kind == b.kind && (bytes.Equal(a.str, b.str) || a.kind == jsonstrict.Number && sameNumber(a.str, b.str)) {
		return nil
	}
	return &Difference{Left: c.l.show(l), Right: c.r.show(r)}
}

func sameNumber(a, b []byte) bool {
	x, errX := strconv.ParseFloat(string(a), 64)
	y, errY := strconv.ParseFloat(string(b), 64)
	// A number beyond float64 is what it is written as.
	return !errors.Is(errX, strconv.ErrRange) && !errors.Is(errY, strconv.ErrRange) && x == y
}

func (c *comparison) objects(l, r int32) *Difference {
	left, right := c.l.children(l), c.r.children(r)
	sorted := c.l.byKey(left)
	found := 0
	for _, j := range right {
		key := c.r.nodes[j].key
		d := &Difference{Right: c.r.show(j)}
		if i, ok := c.l.find(sorted, key); ok {
			found++
			d = c.compare(i, j)
		}
		if d != nil {
			return c.inside(d, key, right)
		}
	}
	if found == len(left) {
		return nil
	}
	sorted = c.r.byKey(right)
	for _, i := range left {
		key := c.l.nodes[i].key
		if _, ok := c.r.find(sorted, key); !ok {
			return c.inside(&Difference{Left: c.l.show(i)}, key, right)
		}
	}
	return nil
}

// byKey returns the members of an object sorted by name.
func (t *tree) byKey(members []int32) []int32 {
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, func(i, j int32) int { return bytes.Compare(t.nodes[i].key, t.nodes[j].key) })
	return sorted
}

// find returns the member called key.
func (t *tree) find(sorted []int32, key []byte) (int32, bool) {
	at, ok := slices.BinarySearchFunc(sorted, key, func(i int32, key []byte) int { return bytes.Compare(t.nodes[i].key, key) })
	if !ok {
		return 0, false
	}
	return sorted[at], true
}

// inside adds the member that a difference was found in, and the object's name.
func (c *comparison) inside(d *Difference, key []byte, members []int32) *Difference {
	d.Pointer = "/" + jsonstrict.EscapePointer(string(key)) + d.Pointer
	if d.Within == "" {
		for _, j := range members {
			if n := &c.r.nodes[j]; n.kind == jsonstrict.String && string(n.key) == "name" {
				d.Within = textfmt.Clip(string(n.str), 120)
			}
		}
	}
	return d
}

func (c *comparison) arrays(l, r int32) *Difference {
	left, right := c.l.children(l), c.r.children(r)
	for i := range max(len(left), len(right)) {
		var d *Difference
		switch {
		case i >= len(left):
			d = &Difference{Right: c.r.show(right[i])}
		case i >= len(right):
			d = &Difference{Left: c.l.show(left[i])}
		default:
			d = c.compare(left[i], right[i])
		}
		if d != nil {
			d.Pointer = "/" + strconv.Itoa(i) + d.Pointer
			return d
		}
	}
	return nil
}
