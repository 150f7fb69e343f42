// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"hash/maphash"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// part is a schema, divided where values that match it may be judged piecemeal.
// At most one of array and members is set.
type part struct {
	schema  *jsonschema.Schema
	array   *arrayPart
	members map[string]*part   // of an object; judged by themselves
	rest    *jsonschema.Schema // the schema with anything allowed under the names in members
}

// arrayPart is a schema of arrays that asks nothing but this.
type arrayPart struct {
	element  *part
	min, max *int
	unique   bool
}

// wholeBytes is the size from which on a value is worth dividing.
const wholeBytes = 64 << 10

// maxDivisions bounds how many levels of a document are divided, each costs a
// pass over its text: document, run, result; or document, component list.
const maxDivisions = 6

var anything = &jsonschema.Schema{Bool: new(true)}

// divider divides schemas, each once for every number of levels left.
type divider map[division]*part

type division struct {
	schema *jsonschema.Schema
	levels int
}

// divide returns the parts of s, divided on so many levels.
func (done divider) divide(s *jsonschema.Schema, levels int) *part {
	key := division{s, levels}
	if p := done[key]; p != nil {
		return p
	}
	p := &part{schema: s}
	done[key] = p
	s = target(s)
	if levels == 0 || s == nil || opaque(s) {
		return p
	}
	if items := elements(s); items != nil {
		below := levels - 1
		if s.UniqueItems {
			below = 0 // elements are compared, so each is built whole
		}
		p.array = &arrayPart{done.divide(items, below), s.MinItems, s.MaxItems, s.UniqueItems}
		return p
	}
	if s.UnevaluatedProperties != nil || len(s.PatternProperties) > 0 {
		return p
	}
	for name, member := range s.Properties {
		if m := done.divide(member, levels-1); m.array != nil || m.members != nil {
			if p.members == nil {
				p.members = map[string]*part{}
			}
			p.members[name] = m
		}
	}
	if p.members != nil {
		rest := *s
		rest.Properties = maps.Clone(s.Properties)
		for name := range p.members {
			rest.Properties[name] = anything
		}
		p.rest = &rest
	}
	return p
}

// target follows references as long as nothing stands beside them; nil if something does.
func target(s *jsonschema.Schema) *jsonschema.Schema {
	for hops := 0; s.Ref != nil; hops++ {
		// Before draft 2019-09 a reference replaces its neighbours. After, a schema
		// that has some is left whole.
		if hops > 16 || s.DraftVersion >= 2019 && (s.Types != nil || len(s.Properties) > 0 || opaque(s)) {
			return nil
		}
		s = s.Ref
	}
	return s
}

// opaque reports whether s judges a value by more than its members or elements one by one.
func opaque(s *jsonschema.Schema) bool {
	return s.Bool != nil || s.RecursiveRef != nil || s.DynamicRef != nil || s.RecursiveAnchor || s.DynamicAnchor != "" ||
		s.Enum != nil || s.Const != nil || s.Format != nil || s.Not != nil ||
		len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.If != nil ||
		len(s.Dependencies)+len(s.DependentSchemas) > 0 || len(s.Extensions) > 0
}

// elements returns the schema of the elements if s is one of arrays whose
// elements all obey the same one and that asks nothing else that divide cannot check.
func elements(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Types == nil || !slices.Equal(s.Types.ToStrings(), []string{"array"}) {
		return nil
	}
	if s.Contains != nil || s.UnevaluatedItems != nil || len(s.PrefixItems) > 0 || s.AdditionalItems != nil {
		return nil
	}
	if s.Items2020 != nil {
		return s.Items2020
	}
	items, _ := s.Items.(*jsonschema.Schema)
	return items
}

// judge reads the next value of d, which stands at pointer, and holds it against p.
func (p *part) judge(v *validation, d *jsonstrict.Decoder, pointer string) {
	switch kind := d.Kind(); {
	case p.array != nil && kind == jsonstrict.Array:
		p.array.judge(v, d, pointer)
	case p.members != nil && kind == jsonstrict.Object:
		rest := p.readRest(v, d, pointer)
		if d.Err() == nil {
			v.check(p.rest, rest, pointer)
		}
	default:
		if value := newBuilder(d).value(); d.Err() == nil {
			v.check(p.schema, value, pointer)
		}
	}
}

// readRest reads an object, judges the members that are parts by themselves, and
// returns the object with null in their place.
func (p *part) readRest(v *validation, d *jsonstrict.Decoder, pointer string) map[string]any {
	b := newBuilder(d)
	rest := map[string]any{}
	for d.Object(); d.Next(); {
		name := b.key()
		if member := p.members[name]; member != nil {
			rest[name] = nil
			member.judge(v, d, pointer+"/"+jsonstrict.EscapePointer(name))
			continue
		}
		rest[name] = b.value()
	}
	return rest
}

func (a *arrayPart) judge(v *validation, d *jsonstrict.Decoder, pointer string) {
	n, opts := 0, v.opts
	opts.AllowBOM = false
	var unique *uniqueness
	if a.unique {
		unique = &uniqueness{}
	}
	for d.Array(); d.Next(); n++ {
		at := pointer + "/" + strconv.Itoa(n)
		raw := d.Raw()
		if d.Err() != nil {
			return
		}
		sub := jsonstrict.NewBytes(raw, opts)
		if unique == nil && len(raw) >= wholeBytes {
			a.element.judge(v, sub, at)
			continue
		}
		value := newBuilder(sub).value()
		if unique != nil {
			if first, ok := unique.add(n, raw, value, opts); ok {
				v.add("unique-items", at, fmt.Sprintf("equal to element %d of the same array", first))
			}
		}
		v.check(a.element.schema, value, at)
	}
	if d.Err() != nil {
		return
	}
	if a.min != nil && n < *a.min {
		v.add("min-items", pointer, fmt.Sprintf("%d elements, want at least %d", n, *a.min))
	}
	if a.max != nil && n > *a.max {
		v.add("max-items", pointer, fmt.Sprintf("%d elements, want at most %d", n, *a.max))
	}
}

// uniqueness finds equal values in one array: by hash, then by comparing.
type uniqueness struct {
	hash  maphash.Hash
	first map[uint64]element
}

type element struct {
	index int
	raw   []byte
}

// add returns the index of an earlier element that is equal.
func (u *uniqueness) add(index int, raw []byte, value any, opts jsonstrict.Options) (int, bool) {
	u.hash.Reset()
	hashValue(&u.hash, value)
	sum := u.hash.Sum64()
	e, ok := u.first[sum]
	if !ok {
		if u.first == nil {
			u.first = map[uint64]element{}
		}
		u.first[sum] = element{index, raw}
		return 0, false
	}
	earlier := newBuilder(jsonstrict.NewBytes(e.raw, opts)).value()
	return e.index, reflect.DeepEqual(earlier, value)
}

// hashValue hashes what builder makes; equal values hash alike.
func hashValue(h *maphash.Hash, value any) {
	switch v := value.(type) {
	case map[string]any:
		h.WriteByte('{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			h.WriteString(name)
			hashValue(h, v[name])
		}
		h.WriteByte('}')
	case []any:
		h.WriteByte('[')
		for _, e := range v {
			hashValue(h, e)
		}
		h.WriteByte(']')
	default:
		maphash.WriteComparable(h, v)
	}
}
