// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// node is one schema, compiled. The schema true, which allows anything, is a nil node.
type node struct {
	never bool    // the schema false
	kinds kindSet // what the value may be
	whole bool    // a number must be an integer

	values  []jsonstrict.Value  // of "enum" or "const"; nil for anything
	strings map[string]struct{} // those of values that are strings
	isConst bool

	low, high            *bound
	minLength, maxLength *int
	pattern              *pattern
	format               *format

	prefix             []*node // of the first elements
	items              *node   // of the others
	minItems, maxItems *int
	unique             bool

	members      map[string]member
	required     []string // bit i of member.required is the i-th
	patterns     []patternMember
	open         bool // "additionalProperties" is true: no member is left over for an outer schema
	additional   *node
	names        *node
	dependencies []dependency
	tracks       bool  // "unevaluatedProperties" is there
	unevaluated  *node // its schema

	// Schemas of the value itself.
	all            []*node // "allOf", "$ref", and a list of one alternative
	choices        []*choice
	not            *node
	if_, then, alt *node
}

// member is what a schema says about the members of one name.
type member struct {
	defined  bool   // named in "properties"
	node     *node  // of the value
	required uint64 // its bit
}

type patternMember struct {
	pattern *pattern
	node    *node
}

// dependency is what an object must be, or have, that has the member called name.
type dependency struct {
	name     string
	required []string
	node     *node
}

// bound is the least or the greatest number, or the one that is just beyond.
type bound struct {
	number    float64
	text      string // as the schema has it
	exclusive bool
}

// kindSet is a set of kinds of JSON values.
type kindSet uint8

const (
	nullKind kindSet = 1 << iota
	booleanKind
	objectKind
	arrayKind
	numberKind
	stringKind

	allKinds = nullKind | booleanKind | objectKind | arrayKind | numberKind | stringKind
)

func kindOf(v jsonstrict.Value) kindSet {
	switch v.Kind() {
	case jsonstrict.Object:
		return objectKind
	case jsonstrict.Array:
		return arrayKind
	case jsonstrict.String:
		return stringKind
	case jsonstrict.Number:
		return numberKind
	case jsonstrict.Null:
		return nullKind
	}
	return booleanKind
}
