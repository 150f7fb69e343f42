// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// MaxProblems is how many differences one validation reports. A person reads a
// handful; a producer's bug repeats in every element.
const MaxProblems = 1000

// Schema is a compiled schema. It is safe for concurrent use.
type Schema struct{ root *node }

// Compile compiles the schema whose identifier is id. The files, by identifier
// (an absolute URI), are all the schemas there are: each may refer to the others and to
// parts of itself. Only those that are referred to are read. Compiling takes a
// few milliseconds; do it once.
//
// The files are trusted: Compile does not hold them against the meta-schema. It refuses
// a keyword, a format and a draft that it does not know.
func Compile(id string, files map[string][]byte) (*Schema, error) {
	c := &compiler{files: files, docs: map[string]*document{}, nodes: map[jsonstrict.Value]*node{}}
	doc, err := c.document(id)
	if err != nil {
		return nil, err
	}
	root := c.schema(doc, doc.root)
	state := map[*node]bool{}
	for _, n := range c.nodes {
		if err := n.resting(state); err != nil && c.err == nil {
			c.err = fmt.Errorf("schema %s: %w", id, err)
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	return &Schema{root}, nil
}

// Validate returns where data differs from the schema, in document order; none
// means valid. The error is for data that is not one strict JSON value within l:
// it was then not judged.
func (s *Schema) Validate(data []byte, l evidence.Limits) (evidence.Problems, error) {
	x, err := jsonstrict.NewIndex(data, jsonstrict.Options{Limits: l, AllowBOM: true, AllowNUL: true})
	if err != nil {
		return nil, err
	}
	return s.ValidateIndex(x), nil
}

// ValidateIndex is Validate for a document that was read into an index already.
func (s *Schema) ValidateIndex(x *jsonstrict.Index) evidence.Problems {
	r := &run{most: MaxProblems}
	r.apply(s.root, x.Root(), nil)
	locate(r.problems, x.Bytes())
	if more := r.faults - len(r.problems); more > 0 {
		r.problems = append(r.problems, &evidence.Problem{
			Code: "schema.more", Severity: evidence.SeverityInfo, Err: evidence.ErrFormat,
			Message: fmt.Sprintf("%d more differences are not listed", more),
		})
	}
	return r.problems
}

// locate sorts problems by offset and gives each its line and column.
func locate(problems evidence.Problems, data []byte) {
	slices.SortStableFunc(problems, func(a, b *evidence.Problem) int { return cmp.Compare(a.Offset, b.Offset) })
	line, start, from := 1, 0, 0 // start of the line; lines are counted up to from
	for _, p := range problems {
		at := int(p.Offset)
		if n := bytes.Count(data[from:at], []byte{'\n'}); n > 0 {
			line += n
			start = from + bytes.LastIndexByte(data[from:at], '\n') + 1
		}
		from = at
		p.Line, p.Column = line, at-start+1
	}
}
