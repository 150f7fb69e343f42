// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"cmp"
	"fmt"
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
	var found leaves
	found.addError(err.(*jsonschema.ValidationError), pointer)
	// The library walks maps in random order.
	slices.SortFunc(found, func(a, b leaf) int {
		return cmp.Or(cmp.Compare(a.pointer, b.pointer), cmp.Compare(a.keyword, b.keyword), cmp.Compare(a.message, b.message))
	})
	for _, l := range found {
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

type leaves []leaf

func (ls *leaves) add(keyword, pointer, message string) {
	*ls = append(*ls, leaf{keyword, pointer, message})
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
