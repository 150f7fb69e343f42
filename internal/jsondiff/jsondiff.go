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
	"errors"
	"fmt"
	"slices"
	"strconv"

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
// Time is linear in the texts; memory is that of an index of each.
func First(left, right []byte) (*Difference, error) {
	o := jsonstrict.Options{AllowNUL: true}
	l, err := jsonstrict.NewIndex(left, o)
	if err != nil {
		return nil, fmt.Errorf("signed predicate: %w", err)
	}
	r, err := jsonstrict.NewIndex(right, o)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return compare(l.Root(), r.Root()), nil
}

func compare(l, r jsonstrict.Value) *Difference {
	kind := l.Kind()
	switch {
	case kind != r.Kind():
	case kind == jsonstrict.Object:
		return objects(l, r)
	case kind == jsonstrict.Array:
		return arrays(l, r)
	case l.String() == r.String() || kind == jsonstrict.Number && sameNumber(l.String(), r.String()):
		return nil
	}
	return &Difference{Left: show(l), Right: show(r)}
}

func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	// A number beyond float64 is what it is written as.
	return !errors.Is(errX, strconv.ErrRange) && !errors.Is(errY, strconv.ErrRange) && x == y
}

// show returns a value for a message.
func show(v jsonstrict.Value) string {
	text := v.Text()
	return textfmt.Clip(string(text[:min(len(text), 200)]), 120)
}

// member is one member of an object.
type member struct {
	name  string
	value jsonstrict.Value
}

func members(v jsonstrict.Value) []member {
	var list []member
	for name, value := range v.Members() {
		list = append(list, member{name.String(), value})
	}
	return list
}

// finder finds the members of an object by name.
type finder struct {
	list   []member
	at     int            // the member behind the last that was found: most objects have the same order
	byName map[string]int // once there are too many to look at each
}

// manyMembers is how many members are looked at one by one.
const manyMembers = 16

func (f *finder) find(name string) (jsonstrict.Value, bool) {
	if f.at < len(f.list) && f.list[f.at].name == name {
		f.at++
		return f.list[f.at-1].value, true
	}
	i, ok := f.index(name)
	if !ok {
		return jsonstrict.Value{}, false
	}
	f.at = i + 1
	return f.list[i].value, true
}

func (f *finder) index(name string) (int, bool) {
	if len(f.list) <= manyMembers {
		i := slices.IndexFunc(f.list, func(m member) bool { return m.name == name })
		return i, i >= 0
	}
	if f.byName == nil {
		f.byName = make(map[string]int, len(f.list))
		for i, m := range f.list {
			f.byName[m.name] = i
		}
	}
	i, ok := f.byName[name]
	return i, ok
}

func objects(l, r jsonstrict.Value) *Difference {
	left, right := finder{list: members(l)}, finder{list: members(r)}
	found := 0
	for _, m := range right.list {
		other, ok := left.find(m.name)
		if !ok {
			return inside(&Difference{Right: show(m.value)}, m.name, right.list)
		}
		found++
		if d := compare(other, m.value); d != nil {
			return inside(d, m.name, right.list)
		}
	}
	if found == len(left.list) {
		return nil
	}
	for _, m := range left.list {
		if _, ok := right.find(m.name); !ok {
			return inside(&Difference{Left: show(m.value)}, m.name, right.list)
		}
	}
	return nil
}

// inside adds the member that a difference was found in, and the object's name.
func inside(d *Difference, name string, list []member) *Difference {
	d.Pointer = "/" + jsonstrict.EscapePointer(name) + d.Pointer
	if d.Within == "" {
		for _, m := range list {
			if m.name == "name" && m.value.Kind() == jsonstrict.String {
				d.Within = textfmt.Clip(m.value.String(), 120)
			}
		}
	}
	return d
}

func arrays(l, r jsonstrict.Value) *Difference {
	var left []jsonstrict.Value
	for _, e := range l.Elements() {
		left = append(left, e)
	}
	at := func(d *Difference, i int) *Difference {
		d.Pointer = "/" + strconv.Itoa(i) + d.Pointer
		return d
	}
	n := 0
	for i, e := range r.Elements() {
		if n++; i >= len(left) {
			return at(&Difference{Right: show(e)}, i)
		}
		if d := compare(left[i], e); d != nil {
			return at(d, i)
		}
	}
	if n < len(left) {
		return at(&Difference{Left: show(left[n])}, n)
	}
	return nil
}
