// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// compiler makes nodes of the schemas in files.
type compiler struct {
	files map[string][]byte
	docs  map[string]*document       // of files, once something refers to them
	nodes map[jsonstrict.Value]*node // by the value that is the schema
	err   error                      // the first
}

// document is one file.
type document struct {
	uri, base string
	root      jsonstrict.Value
	anchors   map[string]jsonstrict.Value
	old       bool // up to draft-07: a "$ref" replaces what stands beside it
}

// fail keeps the first error.
func (c *compiler) fail(doc *document, v jsonstrict.Value, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("schema %s, byte %d: %s", doc.uri, v.Offset(), fmt.Sprintf(format, args...))
	}
}

// document returns the file that is filed under uri.
func (c *compiler) document(uri string) (*document, error) {
	if doc := c.docs[uri]; doc != nil {
		return doc, nil
	}
	text, ok := c.files[uri]
	if !ok {
		return nil, fmt.Errorf("schema %s is not among the given files", textfmt.Quote(uri))
	}
	x, err := jsonstrict.NewIndex(text, jsonstrict.Options{AllowBOM: true})
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", uri, err)
	}
	doc := &document{uri: uri, base: uri, root: x.Root(), anchors: map[string]jsonstrict.Value{}}
	c.docs[uri] = doc
	if doc.root.Kind() != jsonstrict.Object {
		return doc, nil
	}
	if id, ok := doc.root.Member("$id"); ok {
		doc.base = id.String()
	}
	if draft, ok := doc.root.Member("$schema"); ok {
		switch strings.TrimSuffix(draft.String(), "#") {
		case "http://json-schema.org/draft-04/schema", "http://json-schema.org/draft-07/schema":
			doc.old = true
		case "https://json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2020-12/schema":
		default:
			return nil, fmt.Errorf("schema %s: $schema is %s, want draft-04, draft-07, 2019-09 or 2020-12", uri, textfmt.Quote(draft.String()))
		}
	}
	return doc, nil
}

// schema returns the node of the schema v.
func (c *compiler) schema(doc *document, v jsonstrict.Value) *node {
	switch v.Kind() {
	case jsonstrict.True:
		return nil
	case jsonstrict.False:
		return &node{never: true}
	case jsonstrict.Object:
	default:
		c.fail(doc, v, "got %s, want a schema", v.Kind())
		return nil
	}
	if n := c.nodes[v]; n != nil || c.err != nil {
		return n
	}
	if ref, ok := v.Member("$ref"); ok && (doc.old || refersOnly(v)) {
		return c.reference(doc, ref)
	}
	n := &node{kinds: allKinds}
	c.nodes[v] = n
	for name, value := range v.Members() {
		if !c.general(n, doc, name.String(), value, v) && !c.ofObjects(n, doc, name.String(), value) && !c.ofScalars(n, doc, name.String(), value) {
			c.fail(doc, name, "keyword %s is not one that this package knows", textfmt.Quote(name.String()))
		}
	}
	if more, ok := v.Member("additionalItems"); ok && n.prefix != nil { // it means something beside a list of items only
		n.items = c.schema(doc, more)
	}
	return n
}

// refersOnly reports whether a schema says nothing of its own beside "$ref".
func refersOnly(v jsonstrict.Value) bool {
	for name := range v.Members() {
		switch name.String() {
		case "$ref", "description", "title", "$comment":
		default:
			return false
		}
	}
	return true
}

// reference returns the node that a "$ref" means.
func (c *compiler) reference(doc *document, ref jsonstrict.Value) *node {
	uri, fragment, _ := strings.Cut(ref.String(), "#")
	if uri != "" {
		base, err := url.Parse(doc.base)
		if err == nil {
			base, err = base.Parse(uri)
		}
		if err == nil {
			doc, err = c.document(base.String())
		}
		if err != nil {
			c.fail(&document{uri: ref.String()}, ref, "%v", err)
			return nil
		}
	}
	fragment, err := url.PathUnescape(fragment)
	target, ok := doc.root, err == nil
	if path, isPointer := strings.CutPrefix(fragment, "/"); isPointer {
		for token := range strings.SplitSeq(path, "/") {
			if ok = ok && target.Kind() == jsonstrict.Object; ok {
				target, ok = target.Member(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
			}
		}
	} else if fragment != "" {
		target, ok = doc.anchor(fragment)
	}
	if !ok {
		c.fail(doc, ref, "%s refers to nothing", textfmt.Quote(ref.String()))
		return nil
	}
	return c.schema(doc, target)
}

// anchor finds the schema that is called name by "$anchor", or in draft-07 by "$id".
func (doc *document) anchor(name string) (jsonstrict.Value, bool) {
	if len(doc.anchors) == 0 {
		doc.collect(doc.root)
	}
	v, ok := doc.anchors[name]
	return v, ok
}

func (doc *document) collect(v jsonstrict.Value) {
	switch v.Kind() {
	case jsonstrict.Object:
		for name, value := range v.Members() {
			if key := name.String(); value.Kind() == jsonstrict.String && (key == "$anchor" || key == "$id") {
				doc.anchors[strings.TrimPrefix(value.String(), "#")] = v
			}
			doc.collect(value)
		}
	case jsonstrict.Array:
		for _, e := range v.Elements() {
			doc.collect(e)
		}
	}
}

// general takes a keyword that is about values of any kind, and reports whether it is one.
func (c *compiler) general(n *node, doc *document, keyword string, v, schema jsonstrict.Value) bool {
	switch keyword {
	case "$schema", "$comment", "$anchor", "$defs", "definitions", "title", "description", "default", "examples", "deprecated",
		"id", "meta:enum": // the last two stand in SARIF's schema, where they mean nothing, and in CycloneDX's, which say what values mean
	case "$id":
		if schema != doc.root && !strings.HasPrefix(v.String(), "#") {
			c.fail(doc, v, "$id inside of a schema")
		}
	case "type":
		n.kinds = 0
		for _, name := range c.list(doc, v) {
			n.addKind(c, doc, name)
		}
	case "enum":
		n.values = c.list(doc, v)
		n.indexValues()
	case "const":
		n.values, n.isConst = []jsonstrict.Value{v}, true
		n.indexValues()
	case "$ref":
		n.add(c.reference(doc, v))
	case "allOf":
		for _, e := range c.list(doc, v) {
			n.add(c.schema(doc, e))
		}
	case "anyOf", "oneOf":
		var nodes []*node
		for _, e := range c.list(doc, v) {
			nodes = append(nodes, c.schema(doc, e))
		}
		if len(nodes) == 1 {
			n.add(nodes[0])
			break
		}
		n.choices = append(n.choices, &choice{one: keyword == "oneOf", nodes: nodes})
	case "not":
		if n.not = c.schema(doc, v); n.not == nil {
			c.fail(doc, v, "not true: nothing would be right")
		}
	case "if":
		n.if_ = c.schema(doc, v)
		if n.if_ == nil {
			c.fail(doc, v, "if true: always so")
		}
	case "then":
		n.then = c.schema(doc, v)
	case "else":
		n.alt = c.schema(doc, v)
	default:
		return false
	}
	return true
}

// ofObjects takes a keyword that is about objects or arrays.
func (c *compiler) ofObjects(n *node, doc *document, keyword string, v jsonstrict.Value) bool {
	switch keyword {
	case "properties":
		for name, value := range v.Members() {
			m := n.member(name.String())
			m.defined, m.node = true, c.schema(doc, value)
			n.members[name.String()] = m
		}
	case "required":
		for _, e := range c.list(doc, v) {
			m := n.member(e.String())
			m.required = 1 << len(n.required)
			n.required = append(n.required, e.String())
			n.members[e.String()] = m
		}
		if len(n.required) > 64 {
			c.fail(doc, v, "%d required members, want at most 64", len(n.required))
		}
	case "patternProperties":
		for name, value := range v.Members() {
			n.patterns = append(n.patterns, patternMember{c.pattern(doc, name), c.schema(doc, value)})
		}
	case "additionalProperties":
		n.additional = c.schema(doc, v)
		n.open = n.additional == nil
	case "unevaluatedProperties":
		n.unevaluated = c.schema(doc, v)
		n.tracks = true
	case "propertyNames":
		n.names = c.schema(doc, v)
	case "dependentRequired", "dependentSchemas", "dependencies":
		for name, value := range v.Members() {
			d := dependency{name: name.String()}
			if value.Kind() == jsonstrict.Array {
				for _, e := range c.list(doc, value) {
					d.required = append(d.required, e.String())
				}
			} else {
				d.node = c.schema(doc, value)
			}
			n.dependencies = append(n.dependencies, d)
		}
	case "items":
		if v.Kind() == jsonstrict.Array {
			c.prefix(n, doc, v)
		} else {
			n.items = c.schema(doc, v)
		}
	case "additionalItems": // see schema
	case "prefixItems":
		c.prefix(n, doc, v)
	case "minItems":
		n.minItems = c.count(doc, v)
	case "maxItems":
		n.maxItems = c.count(doc, v)
	case "uniqueItems":
		n.unique = v.Kind() == jsonstrict.True
	default:
		return false
	}
	return true
}

// ofScalars takes a keyword that is about strings or numbers.
func (c *compiler) ofScalars(n *node, doc *document, keyword string, v jsonstrict.Value) bool {
	switch keyword {
	case "minLength":
		n.minLength = c.count(doc, v)
	case "maxLength":
		n.maxLength = c.count(doc, v)
	case "pattern":
		n.pattern = c.pattern(doc, v)
	case "format":
		if name := v.String(); name != "string" { // CycloneDX 1.2 has that, which is no format
			if n.format = formats[name]; n.format == nil {
				c.fail(doc, v, "format %s is not one that this package knows", textfmt.Quote(name))
			}
		}
	case "minimum", "exclusiveMinimum":
		c.bound(&n.low, doc, v, keyword != "minimum")
	case "maximum", "exclusiveMaximum":
		c.bound(&n.high, doc, v, keyword != "maximum")
	default:
		return false
	}
	return true
}

// list returns the elements of an array, or the one value that is none.
func (c *compiler) list(doc *document, v jsonstrict.Value) []jsonstrict.Value {
	if v.Kind() != jsonstrict.Array {
		return []jsonstrict.Value{v}
	}
	list := []jsonstrict.Value{}
	for _, e := range v.Elements() {
		list = append(list, e)
	}
	return list
}

func (c *compiler) prefix(n *node, doc *document, v jsonstrict.Value) {
	for _, e := range c.list(doc, v) {
		n.prefix = append(n.prefix, c.schema(doc, e))
	}
}

func (c *compiler) count(doc *document, v jsonstrict.Value) *int {
	n, err := strconv.Atoi(v.String())
	if err != nil || n < 0 {
		c.fail(doc, v, "want a number from 0 on")
	}
	return &n
}

func (c *compiler) bound(to **bound, doc *document, v jsonstrict.Value, exclusive bool) {
	if *to != nil || v.Kind() != jsonstrict.Number {
		c.fail(doc, v, "want a number, and one bound on each side")
		return
	}
	f, _ := v.Number()
	*to = &bound{f, v.String(), exclusive}
}

func (c *compiler) pattern(doc *document, v jsonstrict.Value) *pattern {
	p, err := compilePattern(v.String())
	if err != nil {
		c.fail(doc, v, "%v", err)
	}
	return p
}

// add adds a schema that the value must obey too.
func (n *node) add(other *node) {
	if other != nil {
		n.all = append(n.all, other)
	}
}

// member returns what n says about the members called name, so far.
func (n *node) member(name string) member {
	if n.members == nil {
		n.members = map[string]member{}
	}
	return n.members[name]
}

var kindNames = map[string]kindSet{
	"null": nullKind, "boolean": booleanKind, "object": objectKind, "array": arrayKind, "number": numberKind, "integer": numberKind, "string": stringKind,
}

func (n *node) addKind(c *compiler, doc *document, name jsonstrict.Value) {
	kind, ok := kindNames[name.String()]
	if !ok {
		c.fail(doc, name, "there is no type %s", textfmt.Quote(name.String()))
	}
	if kind == numberKind {
		n.whole = name.String() == "integer" && n.kinds&numberKind == 0
	}
	n.kinds |= kind
}

func (n *node) indexValues() {
	n.strings = map[string]struct{}{}
	for _, v := range n.values {
		if v.Kind() == jsonstrict.String {
			n.strings[v.String()] = struct{}{}
		}
	}
}

var errInPlace = errors.New("a schema refers to itself for the same value")

// resting checks that no schema leads to itself without going on to a member or an element.
func (n *node) resting(state map[*node]bool) error {
	if n == nil {
		return nil
	}
	if done, seen := state[n]; seen {
		if !done {
			return errInPlace
		}
		return nil
	}
	state[n] = false
	for _, m := range n.inPlace() {
		if err := m.resting(state); err != nil {
			return err
		}
	}
	state[n] = true
	return nil
}

// inPlace returns the schemas of the value itself that n consists of.
func (n *node) inPlace() []*node {
	list := append([]*node{n.not, n.if_, n.then, n.alt}, n.all...)
	for _, c := range n.choices {
		list = append(list, c.nodes...)
	}
	for _, d := range n.dependencies {
		list = append(list, d.node)
	}
	return list
}
