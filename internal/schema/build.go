// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"math"
	"strconv"

	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// builder makes the tree that jsonschema judges: map[string]any, []any, string,
// bool, nil, int64 for every number that is an integer and fits, else float64.
// Numbers never stay text: jsonschema computes with exact fractions, and 1e999999999
// as a fraction has a billion digits.
type builder struct {
	d     *jsonstrict.Decoder
	names map[string]string // member names, each held once
}

func newBuilder(d *jsonstrict.Decoder) *builder { return &builder{d: d} }

// key returns the name of the current member.
func (b *builder) key() string {
	if name, ok := b.names[string(b.d.Key())]; ok {
		return name
	}
	name := string(b.d.Key())
	if b.names == nil {
		b.names = map[string]string{}
	}
	if len(b.names) < 1024 {
		b.names[name] = name
	}
	return name
}

// value reads the next value. Nesting is bounded by the Decoder.
func (b *builder) value() any {
	d := b.d
	switch d.Kind() {
	case jsonstrict.Object:
		m := map[string]any{}
		for d.Object(); d.Next(); {
			name := b.key()
			m[name] = b.value()
		}
		return m
	case jsonstrict.Array:
		a := []any{}
		for d.Array(); d.Next(); {
			a = append(a, b.value())
		}
		return a
	case jsonstrict.String:
		return d.String()
	case jsonstrict.Number:
		return number(d.Number())
	case jsonstrict.True, jsonstrict.False:
		return d.Bool()
	}
	d.Null()
	return nil
}

func number(text []byte) any {
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil { // too large: the largest judges alike against every bound of a real schema
		f = math.Copysign(math.MaxFloat64, f)
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int64(f) // 1.0 and 1e0 are the integer 1 (JSON Schema core, 4.2.3)
	}
	return f
}
