// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strconv"
	"strings"
	"sync"

	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// objectType is a type of object of SARIF: a definition of its JSON Schema.
type objectType struct {
	name    string
	members map[string]memberType
}

// memberType says what stands in a member: an object, several in an array or
// under names, or texts of a format ("uri", "uri-reference", "date-time").
type memberType struct {
	object *objectType
	many   bool
	format string
}

// grammar is the schema read as types. The schema is the one place that says what
// stands where.
var grammar = sync.OnceValue(func() *objectType {
	var root schemaNode
	d := jsonstrict.NewBytes(schemaText, jsonstrict.Options{})
	root.read(d)
	if d.End() != nil {
		panic("sarif: embedded schema is not JSON")
	}
	types := map[string]*objectType{"": {name: "sarifLog"}}
	for name := range root.definitions {
		types[name] = &objectType{name: name}
	}
	root.fill(types[""], types)
	for name, n := range root.definitions {
		n.fill(types[name], types)
	}
	return types[""]
})

// schemaNode is what the grammar takes from a schema.
type schemaNode struct {
	ref, format       string
	items, additional *schemaNode
	properties        map[string]*schemaNode
	definitions       map[string]*schemaNode
}

func (n *schemaNode) read(d *jsonstrict.Decoder) {
	child := func() *schemaNode {
		c := &schemaNode{}
		c.read(d)
		return c
	}
	named := func() map[string]*schemaNode {
		m := map[string]*schemaNode{}
		for d.Object(); d.Next(); {
			name := string(d.Key())
			m[name] = child()
		}
		return m
	}
	if d.Kind() != jsonstrict.Object {
		d.Skip()
		return
	}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "$ref":
			n.ref = strings.TrimPrefix(d.String(), "#/definitions/")
		case "format":
			n.format = d.String()
		case "items":
			n.items = child()
		case "additionalProperties":
			n.additional = child()
		case "properties":
			n.properties = named()
		case "definitions":
			n.definitions = named()
		}
	}
}

func (n *schemaNode) fill(t *objectType, types map[string]*objectType) {
	t.members = map[string]memberType{}
	for name, p := range n.properties {
		m := memberType{object: types[p.ref], format: p.format}
		if p.ref == "" {
			m.object = nil
		}
		for _, inner := range []*schemaNode{p.items, p.additional} {
			if inner != nil && (inner.ref != "" || inner.format != "") {
				m = memberType{many: true, format: inner.format}
				if inner.ref != "" {
					m.object = types[inner.ref]
				}
			}
		}
		if m.object != nil || m.format != "" {
			t.members[name] = m
		}
	}
}

// node is one object of a document: its type, its own values, the objects that
// stand in its members alone, and how many stand in those that hold several.
type node struct {
	typ     *objectType
	texts   map[string]string
	numbers map[string]int
	objects map[string]*node
	counts  map[string]int
	names   []string // of all members
}

func (n *node) text(name string) string { return n.texts[name] }

func (n *node) has(name string) bool {
	if _, ok := n.texts[name]; ok {
		return true
	}
	for _, have := range n.names {
		if have == name {
			return true
		}
	}
	return false
}

// only reports whether n has no members but these.
func (n *node) only(names ...string) bool {
	for _, have := range n.names {
		found := false
		for _, name := range names {
			found = found || have == name
		}
		if !found {
			return false
		}
	}
	return true
}

// index returns a number that is an index, -1 if there is none.
func (n *node) index(name string) int {
	if i, ok := n.numbers[name]; ok && i >= 0 {
		return i
	}
	return -1
}

// object returns the object in a member, an empty one if there is none.
func (n *node) object(name string) *node {
	if o := n.objects[name]; o != nil {
		return o
	}
	return &noNode
}

var noNode node

// typedWalk goes through a document along the grammar and shows every object to
// visit, inner ones first, and every text that has a format to text.
type typedWalk struct {
	*reader
	path  []string // reference tokens, not escaped
	visit func(n *node)
	text  func(format, value string)
}

// pointer returns the place of the object that is visited, or of a member of it.
func (w *typedWalk) pointer(members ...string) string {
	var b strings.Builder
	for _, token := range w.path {
		b.WriteByte('/')
		b.WriteString(jsonstrict.EscapePointer(token))
	}
	for _, token := range members {
		b.WriteByte('/')
		b.WriteString(jsonstrict.EscapePointer(token))
	}
	return b.String()
}

// in reports whether the path's last tokens are these; "*" is any.
func (w *typedWalk) in(tokens ...string) bool {
	if len(w.path) < len(tokens) {
		return false
	}
	for i, t := range w.path[len(w.path)-len(tokens):] {
		if tokens[i] != "*" && tokens[i] != t {
			return false
		}
	}
	return true
}

// run returns the index of the run that the path is in, -1 outside.
func (w *typedWalk) run() int {
	if len(w.path) < 2 || w.path[0] != "runs" {
		return -1
	}
	i, err := strconv.Atoi(w.path[1])
	if err != nil {
		return -1
	}
	return i
}

// object reads an object of type t.
func (w *typedWalk) typed(t *objectType) *node {
	n := &node{typ: t}
	for m := w.object(); m.next(); {
		name := w.intern(w.d.Key())
		n.names = append(n.names, name)
		w.path = append(w.path, name)
		w.member(n, name, t.members[name])
		w.path = w.path[:len(w.path)-1]
	}
	if w.d.Err() == nil {
		w.visit(n)
	}
	return n
}

func (w *typedWalk) member(n *node, name string, m memberType) {
	d := w.d
	switch kind := d.Kind(); {
	case kind == jsonstrict.Object && m.object != nil && !m.many:
		if n.objects == nil {
			n.objects = map[string]*node{}
		}
		n.objects[name] = w.typed(m.object)
	case kind == jsonstrict.Object && m.many:
		for d.Object(); d.Next(); {
			n.count(name)
			w.element(string(d.Key()), m)
		}
	case kind == jsonstrict.Array:
		if n.counts == nil {
			n.counts = map[string]int{}
		}
		n.counts[name] = 0
		for d.Array(); d.Next(); n.counts[name]++ {
			w.element(strconv.Itoa(n.counts[name]), m)
		}
	case kind == jsonstrict.String:
		if n.texts == nil {
			n.texts = map[string]string{}
		}
		n.texts[name] = d.String()
		if m.format != "" {
			w.text(m.format, n.texts[name])
		}
	case kind == jsonstrict.Number:
		if n.numbers == nil {
			n.numbers = map[string]int{}
		}
		n.numbers[name] = w.integer(-1)
	default:
		d.Skip()
	}
}

func (n *node) count(name string) {
	if n.counts == nil {
		n.counts = map[string]int{}
	}
	n.counts[name]++
}

// element reads one of several.
func (w *typedWalk) element(token string, m memberType) {
	w.path = append(w.path, token)
	switch {
	case m.object != nil && w.d.Kind() == jsonstrict.Object:
		w.typed(m.object)
	case m.format != "" && w.d.Kind() == jsonstrict.String:
		w.text(m.format, w.d.String())
	default:
		w.d.Skip()
	}
	w.path = w.path[:len(w.path)-1]
}
