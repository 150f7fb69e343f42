// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// pinNode is one value of a deployment file, the same for YAML, HCL and JSON: a
// text, a list or a map.
type pinNode struct {
	text string     // of a scalar; "true", "7" as the file has it
	open bool       // text depends on what only the deployment knows
	list bool       // fields have no names
	kids []pinField // of a list or map
	at   evidence.Source
}

type pinField struct {
	name string
	at   evidence.Source // of the name
	*pinNode
}

func (n *pinNode) scalar() bool { return n != nil && !n.list && n.kids == nil }

// get returns the value of a name, nil if there is none.
func (n *pinNode) get(names ...string) *pinNode {
next:
	for _, name := range names {
		if n == nil {
			return nil
		}
		for i := range n.kids {
			if n.kids[i].name == name && !n.list {
				n = n.kids[i].pinNode
				continue next
			}
		}
		return nil
	}
	return n
}

// pinTree makes the tree of one file. Aliases, merges and variables are resolved
// into copies, which the bounds keep from growing without end.
type pinTree struct {
	src   evidence.Source
	nodes int // made so far
	bytes int // of their texts
}

const (
	pinNodes = 200_000 // values of one file after aliases and variables are resolved: real files have some 500
	pinText  = 8 << 20 // bytes of their texts together
	pinDepth = 100     // nesting of values, aliases and variables
)

// node makes a node, or says that the file is too large.
func (t *pinTree) node(at evidence.Source, text string, depth int) (*pinNode, error) {
	t.nodes++
	t.bytes += len(text)
	switch {
	case t.nodes > pinNodes:
		return nil, pinProblem("pins.size", evidence.ErrLimit, at, "more than %s values after aliases and variables are resolved", textfmt.Number(pinNodes))
	case t.bytes > pinText:
		return nil, pinProblem("pins.size", evidence.ErrLimit, at, "more than %s of text after aliases and variables are resolved", textfmt.Size(pinText))
	case depth > pinDepth:
		return nil, pinProblem("pins.depth", evidence.ErrLimit, at, "values are nested, or refer to one another, more than %d deep", pinDepth)
	}
	return &pinNode{text: text, at: at}, nil
}

// parseYAML reads the documents of a YAML file.
func (t *pinTree) parseYAML(data []byte) (documents []*pinNode, err error) {
	lines := bytes.Split(data, []byte("\n"))
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if err := d.Decode(&doc); errors.Is(err, io.EOF) {
			return documents, nil
		} else if err != nil {
			return nil, pinProblem("pins.syntax", evidence.ErrFormat, t.src, "not YAML: %s", textfmt.Clip(strings.TrimPrefix(err.Error(), "yaml: "), 200))
		}
		y := yamlTree{pinTree: t, lines: lines}
		root, err := y.convert(&doc, 0)
		if err != nil {
			return nil, err
		}
		documents = append(documents, root)
	}
}

type yamlTree struct {
	*pinTree
	lines [][]byte
}

// at returns the place of a node; its own column counts characters.
func (y *yamlTree) at(n *yaml.Node) evidence.Source {
	src := y.src
	src.Line, src.Column = n.Line, n.Column
	if n.Line < 1 || n.Line > len(y.lines) {
		return src
	}
	line, column := y.lines[n.Line-1], 1
	for i := 1; i < n.Column && len(line) > 0 && i < 1<<10; i++ {
		_, size := utf8.DecodeRune(line)
		line, column = line[size:], column+size
	}
	src.Column = column
	return src
}

func (y *yamlTree) convert(n *yaml.Node, depth int) (*pinNode, error) {
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		return y.convert(n.Content[0], depth)
	}
	at := y.at(n)
	if n.Kind == yaml.AliasNode {
		out, err := y.convert(n.Alias, depth+1)
		if err == nil {
			out.at = at // where it is used
		}
		return out, err
	}
	text := n.Value
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		text = ""
	}
	out, err := y.node(at, text, depth)
	if err != nil {
		return nil, err
	}
	switch n.Kind {
	case yaml.SequenceNode:
		out.list = true
		for _, c := range n.Content {
			kid, err := y.convert(c, depth+1)
			if err != nil {
				return nil, err
			}
			out.kids = append(out.kids, pinField{pinNode: kid})
		}
	case yaml.MappingNode:
		return out, y.mapping(out, n, depth)
	}
	return out, nil
}

// mapping adds the members of a map, then those of the maps that it merges ("<<")
// whose names it does not have.
func (y *yamlTree) mapping(out *pinNode, n *yaml.Node, depth int) error {
	have := make(map[string]bool, len(n.Content)/2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			merged = append(merged, value)
			continue
		}
		for key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return pinProblem("pins.syntax", evidence.ErrFormat, y.at(key), "the name of a member is not a text")
		}
		if have[key.Value] {
			return pinProblem("pins.duplicate-name", evidence.ErrFormat, y.at(key), "%s stands twice in one map", textfmt.Quote(key.Value))
		}
		have[key.Value] = true
		kid, err := y.convert(value, depth+1)
		if err != nil {
			return err
		}
		out.kids = append(out.kids, pinField{name: key.Value, at: y.at(key), pinNode: kid})
	}
	for _, value := range merged {
		kid, err := y.convert(value, depth+1)
		if err != nil {
			return err
		}
		maps := []pinField{{pinNode: kid}}
		if kid.list {
			maps = kid.kids // earlier ones override later ones
		}
		for _, m := range maps {
			if m.list || m.scalar() && m.text != "" {
				return pinProblem("pins.syntax", evidence.ErrFormat, m.pinNode.at, "what is merged is not a map")
			}
			for _, f := range m.kids {
				if !have[f.name] {
					have[f.name] = true
					out.kids = append(out.kids, f)
				}
			}
		}
	}
	if out.kids == nil {
		out.kids = []pinField{} // an empty map is no scalar
	}
	return nil
}

// parseJSON reads a JSON template; expressions in its strings stay as they are.
func (t *pinTree) parseJSON(data []byte) (*pinNode, error) {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{AllowBOM: true})
	root, err := t.jsonValue(d, 0)
	if err := d.End(); err != nil {
		return nil, err
	}
	return root, err
}

func (t *pinTree) jsonValue(d *jsonstrict.Decoder, depth int) (*pinNode, error) {
	place := func() evidence.Source {
		src, pos := t.src, d.Pos()
		src.Line, src.Column = pos.Line, pos.Column
		return src
	}
	kind := d.Kind()
	at, text := place(), ""
	switch kind {
	case jsonstrict.String:
		text = d.String()
	case jsonstrict.Number:
		text = string(d.Number())
	case jsonstrict.True, jsonstrict.False:
		text = "false"
		if d.Bool() {
			text = "true"
		}
	case jsonstrict.Null:
		d.Null()
	}
	out, err := t.node(at, text, depth)
	if err != nil {
		return nil, err
	}
	switch kind {
	case jsonstrict.Object:
		out.kids = []pinField{}
		for d.Object(); d.Next(); {
			name, at := string(d.Key()), place()
			kid, err := t.jsonValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			out.kids = append(out.kids, pinField{name: name, at: at, pinNode: kid})
		}
	case jsonstrict.Array:
		out.list = true
		for d.Array(); d.Next(); {
			kid, err := t.jsonValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			out.kids = append(out.kids, pinField{pinNode: kid})
		}
	}
	return out, nil
}
