// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// MaxProblems is how many differences one validation reports. A person reads a
// handful; a producer's bug repeats in every element.
const MaxProblems = 1000

// Schema is a compiled schema. It is safe for concurrent use.
type Schema struct {
	root  *part
	index func() map[string]*jsonschema.Schema // every part of it by its location
}

// Compile compiles the schema whose identifier is id. The files, by identifier
// (an absolute URI), are all the schemas there are: each may refer to the others,
// to parts of itself and to the JSON Schema drafts. Compiling is slow (tens of
// milliseconds); do it once.
func Compile(id string, files map[string][]byte) (*Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, f := range formats {
		c.RegisterFormat(f)
	}
	c.UseLoader(noLoader{})
	c.UseRegexpEngine(compilePattern)
	for uri, text := range files {
		d := jsonstrict.NewBytes(text, jsonstrict.Options{AllowBOM: true})
		doc := newBuilder(d).value()
		if err := d.End(); err != nil {
			return nil, fmt.Errorf("schema %s: %w", uri, err)
		}
		if err := c.AddResource(uri, doc); err != nil {
			return nil, fmt.Errorf("schema %s: %w", uri, err)
		}
	}
	s, err := c.Compile(id)
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", id, err)
	}
	index := sync.OnceValue(func() map[string]*jsonschema.Schema {
		found := map[string]*jsonschema.Schema{}
		indexSchema(s, found)
		return found
	})
	return &Schema{root: divider{}.divide(s, maxDivisions), index: index}, nil
}

// noLoader keeps the compiler from the file system and the network.
type noLoader struct{}

func (noLoader) Load(uri string) (any, error) { return nil, errors.New("not among the given files") }

// Validate returns where data differs from the schema, in document order; none
// means valid. The error is for data that is not one strict JSON value within l:
// it was then not judged to its end, and the problems are what was found so far.
func (s *Schema) Validate(data []byte, l evidence.Limits) (evidence.Problems, error) {
	opts := jsonstrict.Options{Limits: l, AllowBOM: true, AllowNUL: true}
	v := &validation{opts: opts, index: s.index}
	d := jsonstrict.NewBytes(data, opts)
	s.root.judge(v, d, "")
	err := d.End()
	return v.located(data), err
}

// validation is the state of one call of Validate.
type validation struct {
	opts     jsonstrict.Options
	index    func() map[string]*jsonschema.Schema
	problems evidence.Problems
	seen     int // differences, listed or not
}

// located fills in positions and sorts by them.
func (v *validation) located(data []byte) evidence.Problems {
	if len(v.problems) == 0 {
		return nil
	}
	pointers := make([]string, len(v.problems))
	for i, p := range v.problems {
		pointers[i] = p.Pointer
	}
	at := jsonstrict.Locate(data, pointers, v.opts)
	for _, p := range v.problems {
		pos := at[p.Pointer]
		p.Offset, p.Line, p.Column = pos.Offset, pos.Line, pos.Column
	}
	slices.SortStableFunc(v.problems, func(a, b *evidence.Problem) int {
		if a.Offset != b.Offset {
			return int(min(max(a.Offset-b.Offset, -1), 1))
		}
		return 0
	})
	if v.seen > len(v.problems) {
		v.problems = append(v.problems, &evidence.Problem{
			Code: "schema.more", Severity: evidence.SeverityInfo, Err: evidence.ErrFormat,
			Message: fmt.Sprintf("%d more differences are not listed", v.seen-len(v.problems)),
		})
	}
	return v.problems
}
