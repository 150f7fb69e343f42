// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

const messageBytes = 300

// check holds a value against a schema.
func (v *validation) check(s *jsonschema.Schema, value any, pointer string) {
	err := s.Validate(value)
	if err == nil {
		return
	}
	found := leaves{index: v.index}
	found.addError(err.(*jsonschema.ValidationError), pointer)
	// The library walks maps in random order.
	slices.SortFunc(found.list, func(a, b leaf) int {
		return cmp.Or(cmp.Compare(a.pointer, b.pointer), cmp.Compare(a.keyword, b.keyword), cmp.Compare(a.message, b.message))
	})
	for _, l := range found.list {
		v.add(l.keyword, l.pointer, l.message)
	}
}

// add tells one difference, unless there were too many.
func (v *validation) add(keyword, pointer, message string) {
	v.seen++
	if len(v.problems) >= MaxProblems {
		return
	}
	v.problems = append(v.problems, &evidence.Problem{
		Code: "schema." + keyword, Severity: evidence.SeverityError, Pointer: pointer,
		Message: textfmt.Clip(message, messageBytes), Err: evidence.ErrFormat,
	})
}

// leaf is one difference that the library found.
type leaf struct{ keyword, pointer, message string }

type leaves struct {
	list  []leaf
	index func() map[string]*jsonschema.Schema
}

func (ls *leaves) add(keyword, pointer, message string) {
	ls.list = append(ls.list, leaf{keyword, pointer, message})
}

// addError tells the leaves of e. Where a value fits none of several
// alternatives, that is one difference: what each of them wants is not a fault.
func (ls *leaves) addError(e *jsonschema.ValidationError, base string) {
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		if len(e.Causes) > 0 {
			ls.add(keyword(k), location(e, base), "fits none of the alternatives: "+alternatives(e))
			return
		}
		if one, ok := k.(*kind.OneOf); ok {
			ls.add("one-of", location(e, base), ls.several(e, one))
			return
		}
	case *kind.Not:
		ls.add("not", location(e, base), ls.forbidden(e))
		return
	case *kind.UniqueItems:
		at := location(e, base) + "/" + strconv.Itoa(k.Duplicates[1])
		ls.add("unique-items", at, fmt.Sprintf("equal to element %d of the same array", k.Duplicates[0]))
		return
	case *kind.AdditionalProperties:
		slices.Sort(k.Properties)
		for _, name := range k.Properties {
			ls.add("additional-properties", location(e, base)+"/"+jsonstrict.EscapePointer(name),
				"property "+textfmt.Quote(name)+" is not defined here")
		}
		return
	case *kind.Enum:
		got := ""
		if text, ok := k.Got.(string); ok {
			got = "got " + textfmt.Quote(text) + ", "
		}
		ls.add("enum", location(e, base), got+describe(e))
		return
	}
	if len(e.Causes) == 0 {
		ls.add(keyword(e.ErrorKind), location(e, base), describe(e))
	}
	for _, cause := range e.Causes {
		ls.addError(cause, base)
	}
}

// several says what is right where a value fits two alternatives of which it may fit one.
func (ls *leaves) several(e *jsonschema.ValidationError, k *kind.OneOf) string {
	if s := ls.at(e); s != nil && len(k.Subschemas) == 2 && k.Subschemas[1] < len(s.OneOf) {
		first, second := s.OneOf[k.Subschemas[0]], s.OneOf[k.Subschemas[1]]
		if len(first.Required) > 0 && len(second.Required) > 0 {
			return fmt.Sprintf("has %s and %s, want only one of the two", properties(first.Required), properties(second.Required))
		}
	}
	return "fits several of the alternatives, want exactly one"
}

// forbidden says what is right where a value fits what it must not.
func (ls *leaves) forbidden(e *jsonschema.ValidationError) string {
	if s := ls.at(e); s != nil && s.Not != nil && len(s.Not.Required) > 0 {
		return "has " + properties(s.Not.Required) + ", want it left out"
	}
	return "is what the schema forbids here"
}

// at returns the schema that e is about, nil if it is not found.
func (ls *leaves) at(e *jsonschema.ValidationError) *jsonschema.Schema {
	return ls.index()[e.SchemaURL]
}

func properties(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = textfmt.Quote(name)
	}
	return strings.Join(quoted, " with ")
}

// indexSchema files s and everything below it by location.
func indexSchema(s *jsonschema.Schema, found map[string]*jsonschema.Schema) {
	if s == nil || found[s.Location] != nil {
		return
	}
	found[s.Location] = s
	lists := [][]*jsonschema.Schema{
		s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems,
		{s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else, s.PropertyNames, s.Items2020, s.Contains, s.UnevaluatedItems, s.UnevaluatedProperties},
		slices.Collect(maps.Values(s.Properties)), slices.Collect(maps.Values(s.PatternProperties)), slices.Collect(maps.Values(s.DependentSchemas)),
	}
	if items, ok := s.Items.([]*jsonschema.Schema); ok {
		lists = append(lists, items)
	}
	for _, either := range []any{s.Items, s.AdditionalItems, s.AdditionalProperties} {
		if one, ok := either.(*jsonschema.Schema); ok {
			lists = append(lists, []*jsonschema.Schema{one})
		}
	}
	for _, list := range lists {
		for _, sub := range list {
			indexSchema(sub, found)
		}
	}
}

// alternatives describes the first fault of each alternative of e.
func alternatives(e *jsonschema.ValidationError) string {
	const most = 4
	var said []string
	for _, cause := range e.Causes {
		for len(cause.Causes) > 0 {
			cause = cause.Causes[0]
		}
		said = append(said, describe(cause))
	}
	slices.Sort(said)
	said = slices.Compact(said)
	if len(said) > most {
		said = append(said[:most], "...")
	}
	return strings.Join(said, "; or ")
}

// describe returns the library's own words about one fault.
func describe(e *jsonschema.ValidationError) string {
	if e.ErrorKind == nil {
		return "not valid"
	}
	// A Printer is not documented as safe for concurrent use, and costs little.
	return textfmt.Clip(e.ErrorKind.LocalizedString(message.NewPrinter(language.English)), messageBytes)
}

func location(e *jsonschema.ValidationError, base string) string {
	var b strings.Builder
	b.WriteString(base)
	for _, token := range e.InstanceLocation {
		b.WriteByte('/')
		b.WriteString(jsonstrict.EscapePointer(token))
	}
	return b.String()
}

// keyword returns the schema's keyword in the form of a code: "anyOf" as "any-of".
func keyword(k jsonschema.ErrorKind) string {
	path := []string(nil)
	if k != nil {
		path = k.KeywordPath()
	}
	if len(path) == 0 {
		return "false" // a schema that allows nothing
	}
	var b strings.Builder
	for _, r := range strings.TrimPrefix(path[0], "$") {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
