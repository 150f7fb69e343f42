// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"strconv"
	"strings"
)

// Locate returns where the values at the given JSON Pointers stand in data, in
// one pass that ends with the last of them. A pointer that names nothing is reported at
// its deepest ancestor that exists. It returns what it found so far when data is not strict JSON.
func Locate(data []byte, pointers []string, o Options) map[string]Pos {
	if len(pointers) == 0 {
		return nil
	}
	l := &locator{d: NewBytes(data, o), found: make(map[string]Pos, len(pointers))}
	root := &place{}
	for _, p := range pointers {
		at := root
		if p != "" {
			for token := range strings.SplitSeq(strings.TrimPrefix(p, "/"), "/") {
				at = l.below(at, pointerUnescaper.Replace(token))
			}
		}
		at.asked = append(at.asked, p)
	}
	l.walk(root)
	return l.found
}

// locator looks for places in one pass.
type locator struct {
	d     *Decoder
	found map[string]Pos
	left  int // places that were not come across yet
}

// place is a node of the tree of pointers that Locate looks for.
type place struct {
	asked []string          // pointers that end here
	next  map[string]*place // by reference token, unescaped
}

func (l *locator) below(p *place, token string) *place {
	next := p.next[token]
	if next == nil {
		if p.next == nil {
			p.next = map[string]*place{}
		}
		next = &place{}
		p.next[token] = next
		l.left++
	}
	return next
}

func (l *locator) walk(p *place) {
	d := l.d
	kind, here := d.Kind(), d.Pos()
	p.claim(here, l.found)
	if len(p.next) == 0 || kind != Object && kind != Array {
		d.Skip()
		return
	}
	d.enter(kind)
	var number [20]byte
	for i := 0; l.left > 0 && d.Next(); i++ {
		token := d.Key()
		if kind == Array {
			token = strconv.AppendInt(number[:0], int64(i), 10)
		}
		if next := p.next[string(token)]; next != nil {
			l.left--
			l.walk(next)
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
