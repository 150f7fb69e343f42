// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policyfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// File is a policy file that is being read. Its problems are collected: a person
// mends them all at once.
type File struct {
	path     string
	root     *Node
	problems evidence.Problems
}

// Node is a value of a file: a mapping, a list or a scalar, with its place.
type Node struct {
	f            *File
	parent       *Node
	token        string // of the JSON pointer, below parent
	kind         kind
	text         string  // of a scalar, as written
	tag          string  // of a scalar: "!!str", "!!bool", "!!int", "!!float", "!!timestamp", "!!null"
	children     []*Node // of a mapping, with its names as tokens; of a list
	line, column int
}

// jsonNumber is the tag of a number in JSON, which is no text. In YAML a text needs
// no quotes, and 1.10 is one.
const jsonNumber = "!!json-number"

type kind uint8

const (
	scalar kind = iota
	mapping
	list
)

// Parse reads a file, JSON if it begins as JSON does, else YAML. The error is a
// *Problem or Problems for a file that cannot be read at all: of class ErrLimit
// above MaxBytes, else ErrFormat. Path is its name in problems.
func Parse(data []byte, path string, l evidence.Limits) (*File, error) {
	if err := Check(data, path, l); err != nil {
		return nil, err
	}
	f := &File{path: path}
	if b := bytes.TrimLeft(data, " \t\r\n\xef\xbb\xbf"); len(b) > 0 && (b[0] == '{' || b[0] == '[') {
		f.parseJSON(data, l)
	} else {
		f.parseYAML(data)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// Root returns the value that the file is.
func (f *File) Root() *Node { return f.root }

// At returns the value at a JSON pointer, nil if there is none.
func (f *File) At(pointer string) *Node {
	n := f.root
	if pointer == "" {
		return n
	}
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		i := slices.IndexFunc(n.children, func(c *Node) bool { return c.token == token })
		if i < 0 {
			return nil
		}
		n = n.children[i]
	}
	return n
}

// Err returns what is wrong with the file, in the order of its lines; nil for
// nothing.
func (f *File) Err() error {
	slices.SortStableFunc(f.problems, func(a, b *evidence.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Pointer, b.Pointer))
	})
	return f.problems.Err()
}

// Add adds problems of the value at a pointer that have but a pointer of their own
// below it. It gives them their places, and leaves out those of values that are
// refused already.
func (f *File) Add(below string, problems evidence.Problems) {
	refused := map[string]bool{}
	for _, p := range f.problems {
		refused[p.Pointer] = true
	}
	for _, p := range problems {
		c := *p
		c.Path, c.Pointer = f.path, below+c.Pointer
		if refused[c.Pointer] {
			continue
		}
		for at := c.Pointer; ; at = at[:strings.LastIndexByte(at, '/')] {
			if n := f.At(at); n != nil {
				c.Line, c.Column = n.line, n.column
				break
			}
		}
		f.problems = append(f.problems, &c)
	}
}

// mostProblems bounds what one file is told: the pointers of a hostile one are long.
const mostProblems = 100

func (f *File) refuse(code string, line, column int, pointer, format string, args ...any) {
	if len(f.problems) >= mostProblems {
		return
	}
	f.problems = append(f.problems, &evidence.Problem{Code: code, Severity: evidence.SeverityError, Path: f.path, Line: line, Column: column,
		Pointer: pointer, Message: fmt.Sprintf(format, args...), Err: evidence.ErrFormat})
}

// Pointer returns the JSON pointer of a value.
func (n *Node) Pointer() string {
	if n.parent == nil {
		return ""
	}
	return n.parent.Pointer() + "/" + n.token
}

// Line returns the line of a value, from 1.
func (n *Node) Line() int { return n.line }

// Refuse says what is wrong with a value.
func (n *Node) Refuse(code, format string, args ...any) {
	n.f.refuse(code, n.line, n.column, n.Pointer(), format, args...)
}

// Unknown refuses a member by its name; known are those that may stand there.
func (n *Node) Unknown(known ...string) {
	n.Refuse("policy.unknown", "member %s is not known, want one of %s", textfmt.Quote(n.name()), strings.Join(known, ", "))
}

func (n *Node) name() string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(n.token)
}

// Require says that a member of a mapping is missing.
func (n *Node) Require(name string) {
	n.f.refuse("policy.required", n.line, n.column, n.Pointer()+"/"+jsonstrict.EscapePointer(name), "%s is required", name)
}

func (n *Node) want(what string) {
	n.Refuse("policy.type", "want %s, got %s", what, n.what())
}

func (n *Node) what() string {
	switch {
	case n.kind == mapping:
		return "a mapping"
	case n.kind == list:
		return "a list"
	case n.tag == "!!null":
		return "nothing"
	}
	return textfmt.Quote(n.text)
}

// Members yields the members of a mapping by name, in their order. Another value
// is refused, and has none.
func (n *Node) Members() iter.Seq2[string, *Node] {
	if n.kind != mapping {
		n.want("a mapping")
		return func(func(string, *Node) bool) {}
	}
	return func(yield func(string, *Node) bool) {
		for _, c := range n.children {
			if !yield(c.name(), c) {
				return
			}
		}
	}
}

// Items yields the elements of a list. Another value is refused, and has none; a
// YAML list that is left empty has none either.
func (n *Node) Items() iter.Seq[*Node] {
	if n.kind != list && n.tag != "!!null" {
		n.want("a list")
		return func(func(*Node) bool) {}
	}
	return slices.Values(n.children)
}

// Text returns a text, without space around it. Another value, and an empty text,
// is refused and gives "".
func (n *Node) Text() string {
	if n.kind != scalar || n.tag == "!!null" || n.tag == "!!bool" || n.tag == jsonNumber {
		n.want("a text")
		return ""
	}
	text := strings.TrimSpace(n.text)
	if text == "" {
		n.Refuse("policy.empty", "text is empty")
	}
	return text
}

// Texts returns a list of texts, each as of Text; never nil.
func (n *Node) Texts() []string {
	texts := []string{}
	for item := range n.Items() {
		texts = append(texts, item.Text())
	}
	return texts
}

// Bool returns a truth value. Another value is refused and gives false.
func (n *Node) Bool() bool {
	if n.kind != scalar || n.tag != "!!bool" {
		n.want("true or false")
		return false
	}
	return strings.EqualFold(n.text, "true")
}

// Decision reads a member of a decision: owner, reason or expires. It reports
// whether the member is one.
func (n *Node) Decision(d *evidence.Decision) bool {
	switch n.name() {
	case "owner":
		d.Owner = n.Text()
	case "reason":
		d.Reason = n.Text()
	case "expires":
		if text := n.Text(); text != "" {
			var err error
			if d.Expires, err = Expiry(text); err != nil {
				n.Refuse("policy.time", "%v", err)
			}
		}
	default:
		return false
	}
	return true
}

// Complete refuses a mapping that lacks one of the members named.
func (n *Node) Complete(names ...string) {
	for _, name := range names {
		if n.kind == mapping && !slices.ContainsFunc(n.children, func(c *Node) bool { return c.token == name }) {
			n.Require(name)
		}
	}
}

// parseJSON makes nodes of JSON.
func (f *File) parseJSON(data []byte, l evidence.Limits) {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{Limits: l, AllowBOM: true})
	f.root = f.jsonNode(d, nil, "")
	err := d.End()
	if err == nil {
		return
	}
	p, ok := errors.AsType[*evidence.Problem](err)
	if !ok {
		p = &evidence.Problem{Severity: evidence.SeverityError, Message: err.Error(), Err: evidence.ErrFormat}
	}
	c := *p.At(f.path)
	switch {
	case errors.Is(c.Err, evidence.ErrLimit):
		c.Code = "policy.size"
	case c.Code == "json.duplicate-name":
		c.Code = "policy.duplicate"
	default:
		c.Code = "policy.syntax"
	}
	f.problems = append(f.problems, &c)
}

func (f *File) jsonNode(d *jsonstrict.Decoder, parent *Node, token string) *Node {
	pos := d.Pos()
	n := &Node{f: f, parent: parent, token: token, line: pos.Line, column: pos.Column}
	switch d.Kind() {
	case jsonstrict.Object:
		n.kind = mapping
		for d.Object(); d.Next(); {
			name := jsonstrict.EscapePointer(string(d.Key()))
			n.children = append(n.children, f.jsonNode(d, n, name))
		}
	case jsonstrict.Array:
		n.kind = list
		for d.Array(); d.Next(); {
			n.children = append(n.children, f.jsonNode(d, n, strconv.Itoa(len(n.children))))
		}
	case jsonstrict.String:
		n.text, n.tag = d.String(), "!!str"
	case jsonstrict.Number:
		n.text, n.tag = string(d.Number()), jsonNumber
	case jsonstrict.True, jsonstrict.False:
		n.text, n.tag = strconv.FormatBool(d.Bool()), "!!bool"
	default:
		d.Null()
		n.tag = "!!null"
	}
	return n
}

// parseYAML makes nodes of YAML.
func (f *File) parseYAML(data []byte) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		f.refuse("policy.empty", 1, 1, "", "file holds no document")
		return
	case err != nil:
		f.refuse("policy.syntax", yamlLine(err), 0, "", "%s", textfmt.Clip(err.Error(), 200))
		return
	}
	if err := d.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		f.refuse("policy.documents", 1, 1, "", "file holds several documents")
		return
	}
	f.root = f.yamlNode(doc.Content[0], nil, "")
}

// yamlLine finds "line N" in an error of the library, which has it only as text.
func yamlLine(err error) int {
	_, rest, ok := strings.Cut(err.Error(), "line ")
	if !ok {
		return 0
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	n, _ := strconv.Atoi(rest[:max(end, 0)])
	return n
}

// yamlNode refuses what JSON cannot say: anchors and aliases, names given twice,
// names that are no texts, tags of one's own.
func (f *File) yamlNode(y *yaml.Node, parent *Node, token string) *Node {
	n := &Node{f: f, parent: parent, token: token, line: y.Line, column: y.Column}
	if y.Kind == yaml.AliasNode || y.Anchor != "" {
		n.Refuse("policy.alias", "YAML anchors and aliases are not allowed")
		return n
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.kind = mapping
		seen := map[string]bool{}
		for i := 0; i+1 < len(y.Content); i += 2 {
			k := y.Content[i]
			name := jsonstrict.EscapePointer(k.Value)
			c := f.yamlNode(y.Content[i+1], n, name)
			switch {
			case k.Kind != yaml.ScalarNode || k.Anchor != "":
				f.refuse("policy.type", k.Line, k.Column, n.Pointer(), "the name of a member is a text")
			case seen[name]:
				f.refuse("policy.duplicate", k.Line, k.Column, c.Pointer(), "member %s is given twice", textfmt.Quote(k.Value))
			}
			seen[name] = true
			n.children = append(n.children, c)
		}
	case yaml.SequenceNode:
		n.kind = list
		for i, item := range y.Content {
			n.children = append(n.children, f.yamlNode(item, n, strconv.Itoa(i)))
		}
	default:
		n.text, n.tag = y.Value, y.ShortTag()
		switch n.tag {
		case "!!str", "!!bool", "!!int", "!!float", "!!timestamp", "!!null":
		default:
			n.Refuse("policy.type", "YAML tag %s is not allowed", textfmt.Quote(n.tag))
		}
	}
	return n
}
