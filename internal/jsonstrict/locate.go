// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"strconv"
	"strings"
)

// Locate returns where the values at the given JSON Pointers stand in data, in
// one pass. A pointer that names nothing is told at its deepest ancestor that
// exists. It returns what it found so far when data is not strict JSON.
func Locate(data []byte, pointers []string, o Options) map[string]Pos {
	root := &place{}
	for _, p := range pointers {
		at := root
		if p != "" {
			for token := range strings.SplitSeq(strings.TrimPrefix(p, "/"), "/") {
				if at.next == nil {
					at.next = map[string]*place{}
				}
				next := at.next[token]
				if next == nil {
					next = &place{}
					at.next[token] = next
				}
				at = next
			}
		}
		at.asked = append(at.asked, p)
	}
	found := make(map[string]Pos, len(pointers))
	d := NewBytes(data, o)
	root.walk(d, found)
	return found
}

// place is a node of the tree of pointers that Locate looks for.
type place struct {
	asked []string          // pointers that end here
	next  map[string]*place // by escaped reference token
}

func (p *place) walk(d *Decoder, found map[string]Pos) {
	kind, here := d.Kind(), d.Pos()
	p.claim(here, found)
	if len(p.next) == 0 || kind != Object && kind != Array {
		d.Skip()
		return
	}
	d.enter(kind)
	for i := 0; d.Next(); i++ {
		token := strconv.Itoa(i)
		if kind == Object {
			token = EscapePointer(string(d.Key()))
		}
		if next := p.next[token]; next != nil {
			next.walk(d, found)
		}
	}
}

// claim gives every pointer below p the position pos; deeper places overwrite it.
func (p *place) claim(pos Pos, found map[string]Pos) {
	for _, asked := range p.asked {
		found[asked] = pos
	}
	for _, next := range p.next {
		next.claim(pos, found)
	}
}
