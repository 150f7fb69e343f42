// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"bytes"
	"strconv"
	"strings"
)

// Locate returns where the values at the given JSON Pointers stand in data. A pointer
// that names nothing is reported at its deepest ancestor that exists. Where data is not
// strict JSON, nothing is found.
func Locate(data []byte, pointers []string, o Options) map[string]Pos {
	if len(pointers) == 0 {
		return nil
	}
	x, err := NewIndex(data, o)
	if err != nil {
		return nil
	}
	return x.Locate(pointers)
}

// Locate is the function Locate for a text that was read already.
func (x *Index) Locate(pointers []string) map[string]Pos {
	root := &place{}
	for _, p := range pointers {
		at := root
		if p != "" {
			for token := range strings.SplitSeq(strings.TrimPrefix(p, "/"), "/") {
				at = at.below(pointerUnescaper.Replace(token))
			}
		}
		at.asked = append(at.asked, p)
	}
	l := &locator{text: x.text, line: 1, found: make(map[string]Pos, len(pointers))}
	l.walk(root, x.Root())
	return l.found
}

// locator counts lines as it comes across places, which it does in the order of the text.
type locator struct {
	text  []byte
	at    int // lines are counted up to here
	line  int
	start int // of the line
	found map[string]Pos
}

func (l *locator) pos(v Value) Pos {
	at := int(v.Offset())
	if n := bytes.Count(l.text[l.at:at], newline); n > 0 {
		l.line += n
		l.start = l.at + bytes.LastIndexByte(l.text[l.at:at], '\n') + 1
	}
	l.at = at
	return Pos{int64(at), l.line, at - l.start + 1}
}

func (l *locator) walk(p *place, v Value) {
	p.claim(l.pos(v), l.found)
	if len(p.next) == 0 {
		return
	}
	for name, member := range v.Members() {
		if next := p.next[name.String()]; next != nil {
			l.walk(next, member)
		}
	}
	var number [20]byte
	for i, e := range v.Elements() {
		if next := p.next[string(strconv.AppendInt(number[:0], int64(i), 10))]; next != nil {
			l.walk(next, e)
		}
	}
}

// place is a node of the tree of pointers that Locate looks for.
type place struct {
	asked []string          // pointers that end here
	next  map[string]*place // by reference token, unescaped
}

func (p *place) below(token string) *place {
	next := p.next[token]
	if next == nil {
		if p.next == nil {
			p.next = map[string]*place{}
		}
		next = &place{}
		p.next[token] = next
	}
	return next
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
