// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package outschema makes the JSON Schema of what a binary prints under -json from
// the Go types that it prints.
//
// It follows encoding/json: the tags, embedded structs, and the text that a
// TextMarshaler writes, with all its values where the type is a small enum. A
// struct is an object without other members; a field of an interface type is
// whatever it holds. A nil slice, map or pointer without omitempty is null.
package outschema

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Written says, for a type with a MarshalJSON of its own, which type is written in its place.
type Written map[reflect.Type]reflect.Type

// schema is one JSON Schema, with the keywords in the order of the file. The zero
// schema allows anything.
type schema struct {
	Version  string             `json:"$schema,omitempty"`
	ID       string             `json:"$id,omitempty"`
	Title    string             `json:"title,omitempty"`
	Ref      string             `json:"$ref,omitempty"`
	Type     any                `json:"type,omitempty"` // a name, or a list of names
	Format   string             `json:"format,omitempty"`
	Encoding string             `json:"contentEncoding,omitempty"`
	Const    string             `json:"const,omitempty"`
	Enum     []string           `json:"enum,omitempty"`
	Minimum  *int               `json:"minimum,omitempty"`
	AnyOf    []*schema          `json:"anyOf,omitempty"`
	Items    *schema            `json:"items,omitempty"`
	Required []string           `json:"required,omitempty"`
	Members  map[string]*schema `json:"properties,omitempty"`
	Names    *schema            `json:"propertyNames,omitempty"`
	Others   any                `json:"additionalProperties,omitempty"` // false, or a schema
	Defs     map[string]*schema `json:"$defs,omitempty"`
}

// Of returns the schema of the binary called name, with the identifier id, that
// prints one of the objects. Each object is a struct; the members schema and tool
// are added to it.
func Of(name, id string, objects []reflect.Type, written Written) ([]byte, error) {
	g := &generator{written: written, defs: map[string]*schema{}, types: map[string]reflect.Type{}}
	s := &schema{
		Version: "https://json-schema.org/draft/2020-12/schema", ID: id,
		Title: "What " + name + " prints under -json", Defs: g.defs,
	}
	for _, t := range objects {
		ref := g.of(t)
		s.AnyOf = append(s.AnyOf, ref)
		object := g.defs[strings.TrimPrefix(ref.Ref, "#/$defs/")]
		object.Members["schema"] = &schema{Const: id}
		object.Members["tool"] = &schema{Ref: "#/$defs/tool"}
		object.Required = append(object.Required, "schema", "tool")
	}
	g.defs["tool"] = &schema{
		Type: "object", Required: []string{"name", "version"}, Others: false,
		Members: map[string]*schema{"name": {Const: name}, "version": {Type: "string"}},
	}
	if g.err != nil {
		return nil, g.err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(s)
	return b.Bytes(), err
}

type generator struct {
	written Written
	defs    map[string]*schema
	types   map[string]reflect.Type // behind the names of defs
	err     error                   // the first
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	rawType      = reflect.TypeFor[json.RawMessage]()
	marshaler    = reflect.TypeFor[json.Marshaler]()
	textMarshal  = reflect.TypeFor[encoding.TextMarshaler]()
	bytesType    = reflect.TypeFor[[]byte]()
	zero         = 0
	numberFormat = map[bool]*schema{false: {Type: "integer"}, true: {Type: "integer", Minimum: &zero}}
)

func (g *generator) of(t reflect.Type) *schema {
	name := t
	if w, ok := g.written[t]; ok {
		t = w
	}
	switch {
	case t == timeType:
		return &schema{Type: "string", Format: "date-time"}
	case t == rawType || t.Kind() == reflect.Interface:
		return &schema{}
	case t.Kind() == reflect.Pointer:
		return g.of(t.Elem())
	case name == t && reflect.PointerTo(t).Implements(marshaler):
		return g.fail(t, "has a MarshalJSON of its own: what it writes must be stated")
	case reflect.PointerTo(t).Implements(textMarshal):
		return &schema{Type: "string", Enum: values(t)}
	case t == bytesType:
		return &schema{Type: "string", Encoding: "base64"}
	}
	switch t.Kind() {
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return numberFormat[false]
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return numberFormat[true]
	case reflect.Float32, reflect.Float64:
		return &schema{Type: "number"}
	case reflect.Slice, reflect.Array:
		return &schema{Type: "array", Items: g.of(t.Elem())}
	case reflect.Map:
		m := &schema{Type: "object", Others: g.of(t.Elem())}
		if names := g.of(t.Key()).Enum; names != nil {
			m.Names = &schema{Enum: names}
		}
		return m
	case reflect.Struct:
		return g.reference(name, t)
	}
	return g.fail(t, "cannot be written as JSON")
}

func (g *generator) fail(t reflect.Type, what string) *schema {
	if g.err == nil {
		g.err = fmt.Errorf("%s %s", t, what)
	}
	return &schema{}
}

// reference returns a reference to the schema of the struct t, which stands under
// the name of another type where it is written in its place.
func (g *generator) reference(name, t reflect.Type) *schema {
	text := strings.TrimPrefix(strings.TrimPrefix(name.String(), "main."), "cli.")
	if name.Name() == "" {
		return g.object(t)
	}
	if name.PkgPath() == "" || strings.ContainsAny(text, "[/~") {
		return g.fail(name, "has no name for a schema")
	}
	switch known, ok := g.types[text]; {
	case ok && known != name:
		return g.fail(name, "has the name of another type")
	case !ok:
		g.types[text] = name
		g.defs[text] = &schema{} // what it contains may refer to it
		*g.defs[text] = *g.object(t)
	}
	return &schema{Ref: "#/$defs/" + text}
}

// object is the schema of a struct.
func (g *generator) object(t reflect.Type) *schema {
	o := &schema{Type: "object", Members: map[string]*schema{}, Others: false}
	for _, m := range members(t) {
		value := g.of(m.field.Type)
		if m.quoted {
			value = &schema{Type: "string"}
		}
		if !m.optional {
			o.Required = append(o.Required, m.name)
		}
		if kind := m.field.Type.Kind(); !m.omit && (kind == reflect.Pointer || kind == reflect.Map || kind == reflect.Slice) {
			value = orNull(value)
		}
		o.Members[m.name] = value
	}
	return o
}

func orNull(s *schema) *schema {
	if name, ok := s.Type.(string); ok && s.Enum == nil {
		with := *s
		with.Type = []string{name, "null"}
		return &with
	}
	if s.Ref == "" && s.Enum == nil {
		return s // anything
	}
	return &schema{AnyOf: []*schema{s, {Type: "null"}}}
}

// member is one member of the object that encoding/json writes for a struct.
type member struct {
	name     string
	field    reflect.StructField
	depth    int
	tagged   bool
	quoted   bool // a number or boolean in a string
	omit     bool // left out when empty
	optional bool // left out when empty, or with an embedded pointer that is nil
}

// members returns the members of a struct with those of the structs that it embeds.
// Of several with one name the least deep is written, then the one with a tag, else none.
func members(t reflect.Type) []member {
	all := collect(t, 0, false)
	var list []member
	for _, m := range all {
		rivals := slices.DeleteFunc(slices.Clone(all), func(r member) bool {
			return r.name != m.name || r.depth > m.depth || r.depth == m.depth && m.tagged && !r.tagged
		})
		if len(rivals) == 1 {
			list = append(list, m)
		}
	}
	return list
}

func collect(t reflect.Type, depth int, optional bool) []member {
	var list []member
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tag == "-":
			continue
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			list = append(list, collect(inner, depth+1, optional || inner != f.Type)...)
			continue
		case !f.IsExported():
			continue
		}
		m := member{name: name, field: f, depth: depth, tagged: name != ""}
		if name == "" {
			m.name = f.Name
		}
		for option := range strings.SplitSeq(options, ",") {
			m.omit = m.omit || option == "omitempty" && f.Type.Kind() != reflect.Struct || option == "omitzero"
			m.quoted = m.quoted || option == "string"
		}
		m.optional = m.omit || optional
		list = append(list, m)
	}
	return list
}

// values are the texts that a type of one byte has, nil for another type.
func values(t reflect.Type) []string {
	if t.Kind() != reflect.Uint8 {
		return nil
	}
	var list []string
	for i := range 256 {
		v := reflect.New(t)
		v.Elem().SetUint(uint64(i))
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil || slices.Contains(list, string(text)) {
			continue
		}
		if u, ok := v.Interface().(encoding.TextUnmarshaler); ok && u.UnmarshalText(text) != nil {
			continue // the number of a value without a name
		}
		list = append(list, string(text))
	}
	return list
}
