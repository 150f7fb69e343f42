// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// run holds the values of one document against schemas.
type run struct {
	path     jsonstrict.Path // from the root to the value at hand
	problems evidence.Problems
	most     int  // problems that are kept; 0 in a trial
	faults   int  // all of them, kept or not
	trial    bool // whether it fits is all that matters: the first fault ends it
	nested   bool // for one of several reasons of a fault
	decided  map[decision]int
	hasher   *jsonstrict.Hasher
}

// fault notes that v, the value at hand, is wrong.
func (r *run) fault(keyword string, v jsonstrict.Value, say func() string) {
	r.faultAt(keyword, v, nil, say)
}

// faultAt notes that a part of the value at hand is wrong; part leads to it.
func (r *run) faultAt(keyword string, v jsonstrict.Value, part jsonstrict.Path, say func() string) {
	if r.trial && len(r.problems) >= r.most {
		return
	}
	if r.faults++; len(r.problems) >= r.most {
		return
	}
	r.problems = append(r.problems, &evidence.Problem{
		Code: "schema." + keyword, Severity: evidence.SeverityError, Offset: v.Offset(),
		Pointer: r.path.Pointer() + part.Pointer(), Message: textfmt.Clip(say(), messageBytes), Err: evidence.ErrFormat,
	})
}

const messageBytes = 300

// try reports whether v fits n.
func (r *run) try(n *node, v jsonstrict.Value, seen *memberSet) bool {
	trial, most := r.trial, r.most
	r.trial, r.most = true, 0
	ok := r.apply(n, v, seen)
	r.trial, r.most = trial, most
	return ok
}

// reason returns what is the first thing wrong with v by n.
func (r *run) reason(n *node, v jsonstrict.Value) string {
	one := &run{trial: true, most: 1, nested: true, decided: r.decided, hasher: r.hasher}
	one.apply(n, v, nil)
	if len(one.problems) == 0 {
		return "not valid"
	}
	p := one.problems[0]
	if p.Pointer == "" {
		return p.Message
	}
	return textfmt.Clip(p.Pointer[1:], 100) + ": " + p.Message
}

// child holds the value of a member or an element against n.
func (r *run) child(n *node, s jsonstrict.Step, v jsonstrict.Value) bool {
	if n == nil {
		return true
	}
	r.path = append(r.path, s)
	ok := r.remembered(n, v)
	r.path = r.path[:len(r.path)-1]
	return ok
}

// remembered is apply. What a trial found about members that are left over is not found
// out again: the alternatives that they are left over from are not remembered by themselves.
func (r *run) remembered(n *node, v jsonstrict.Value) bool {
	if !n.tracks {
		return r.apply(n, v, nil)
	}
	key := decision{node: n, value: v}
	if fits, ok := r.decided[key]; ok && (fits > 0 || r.most == 0) {
		return fits > 0
	}
	ok := r.apply(n, v, nil)
	if r.most == 0 {
		r.remember(key, map[bool]int{true: 1}[ok])
	}
	return ok
}

func (r *run) remember(key decision, fits int) {
	if r.decided == nil {
		r.decided = map[decision]int{}
	}
	r.decided[key] = fits
}

// apply holds v against n and reports whether it fits. In seen it notes the members
// that n says something about, where an outer schema asks for those that are left over.
func (r *run) apply(n *node, v jsonstrict.Value, seen *memberSet) bool {
	switch {
	case n == nil:
		return true
	case n.never:
		r.fault("false", v, func() string { return "nothing may stand here" })
		return false
	}
	kind := kindOf(v)
	if n.kinds&kind == 0 || n.whole && kind == numberKind && !isWhole(v) {
		r.fault("type", v, func() string { return n.wrongKind(v) })
		return false
	}
	outer := seen
	if n.tracks && kind == objectKind {
		seen = &memberSet{}
	}
	ok := n.values == nil || r.value(n, v)
	if ok || !r.trial {
		switch kind {
		case stringKind:
			ok = r.text(n, v) && ok
		case numberKind:
			ok = r.number(n, v) && ok
		case arrayKind:
			ok = r.array(n, v) && ok
		case objectKind:
			ok = r.object(n, v, seen) && ok
		}
	}
	for _, other := range n.all {
		if !ok && r.trial {
			return false
		}
		ok = r.apply(other, v, seen) && ok
	}
	for _, c := range n.choices {
		if !ok && r.trial {
			return false
		}
		ok = r.choose(c, v, seen) && ok
	}
	if (ok || !r.trial) && (n.not != nil || n.if_ != nil) {
		ok = r.conditions(n, v, seen) && ok
	}
	if ok && n.tracks && kind == objectKind {
		ok = r.leftOver(n, v, seen)
		outer.addSet(seen)
	}
	return ok
}

// conditions holds v against "not" and "if".
func (r *run) conditions(n *node, v jsonstrict.Value, seen *memberSet) bool {
	ok := true
	if n.not != nil && r.try(n.not, v, nil) {
		ok = false
		r.fault("not", v, func() string {
			if len(n.not.required) > 0 {
				return "has " + quoted(n.not.required, " with ") + ", want it left out"
			}
			return "is what the schema forbids here"
		})
	}
	if n.if_ != nil {
		branch := seen.fresh()
		if r.try(n.if_, v, branch) {
			seen.addSet(branch)
			ok = r.apply(n.then, v, seen) && ok
		} else {
			ok = r.apply(n.alt, v, seen) && ok
		}
	}
	return ok
}

// value holds v against "enum" or "const".
func (r *run) value(n *node, v jsonstrict.Value) bool {
	if v.Kind() == jsonstrict.String {
		if _, ok := n.strings[v.String()]; ok {
			return true
		}
	} else if slices.ContainsFunc(n.values, func(want jsonstrict.Value) bool { return jsonstrict.Equal(v, want) }) {
		return true
	}
	keyword := "enum"
	if n.isConst {
		keyword = "const"
	}
	r.fault(keyword, v, func() string {
		var right []string
		for _, want := range n.values {
			right = append(right, want.String())
		}
		return "got " + shown(v) + ", " + wouldBeRight(right)
	})
	return false
}

func (r *run) text(n *node, v jsonstrict.Value) bool {
	ok := true
	s := v.String()
	if n.minLength != nil || n.maxLength != nil {
		length := utf8.RuneCountInString(s)
		if n.minLength != nil && length < *n.minLength {
			ok = false
			r.fault("min-length", v, func() string {
				return fmt.Sprintf("%s, want at least %d", textfmt.Count(length, "character"), *n.minLength)
			})
		}
		if n.maxLength != nil && length > *n.maxLength {
			ok = false
			r.fault("max-length", v, func() string {
				return fmt.Sprintf("%s, want at most %d", textfmt.Count(length, "character"), *n.maxLength)
			})
		}
	}
	if n.pattern != nil && !n.pattern.match(s) {
		ok = false
		r.fault("pattern", v, func() string { return "got " + shown(v) + ", want a match of " + n.pattern.text })
	}
	if n.format != nil {
		if err := n.format.check(s); err != nil {
			ok = false
			r.fault("format", v, func() string { return shown(v) + " is not a valid " + n.format.name + ": " + err.Error() })
		}
	}
	return ok
}

func (r *run) number(n *node, v jsonstrict.Value) bool {
	if n.low == nil && n.high == nil {
		return true
	}
	ok := true
	f, _ := v.Number()
	if b := n.low; b != nil && (f < b.number || b.exclusive && f == b.number) {
		ok = false
		r.fault(b.keyword("minimum"), v, func() string { return "got " + shown(v) + ", want " + b.words("at least", "more than") })
	}
	if b := n.high; b != nil && (f > b.number || b.exclusive && f == b.number) {
		ok = false
		r.fault(b.keyword("maximum"), v, func() string { return "got " + shown(v) + ", want " + b.words("at most", "less than") })
	}
	return ok
}

func (b *bound) keyword(name string) string {
	if b.exclusive {
		return "exclusive-" + name
	}
	return name
}

func (b *bound) words(inclusive, exclusive string) string {
	if b.exclusive {
		return exclusive + " " + b.text
	}
	return inclusive + " " + b.text
}

// element returns the schema of the element of an index.
func (n *node) element(i int) *node {
	if i < len(n.prefix) {
		return n.prefix[i]
	}
	return n.items
}

func (r *run) array(n *node, v jsonstrict.Value) bool {
	ok, count := true, 0
	for i, e := range v.Elements() {
		count++
		if ok = r.child(n.element(i), jsonstrict.Step{Index: i}, e) && ok; !ok && r.trial {
			return false
		}
	}
	if n.minItems != nil && count < *n.minItems {
		ok = false
		r.fault("min-items", v, func() string {
			return fmt.Sprintf("%s, want at least %d", textfmt.Count(count, "element"), *n.minItems)
		})
	}
	if n.maxItems != nil && count > *n.maxItems {
		ok = false
		r.fault("max-items", v, func() string { return fmt.Sprintf("%s, want at most %d", textfmt.Count(count, "element"), *n.maxItems) })
	}
	if n.unique && count > 1 {
		ok = r.unique(v, count) && ok
	}
	return ok
}

// unique finds equal elements by hash, from the inside outward, and compares those alone.
func (r *run) unique(v jsonstrict.Value, count int) bool {
	type element struct {
		index int
		value jsonstrict.Value
	}
	if r.hasher == nil {
		r.hasher = jsonstrict.NewHasher()
	}
	ok := true
	first := make(map[uint64]element, count)
	for i, e := range v.Elements() {
		hash := r.hasher.Hash(e)
		earlier, again := first[hash]
		if !again {
			first[hash] = element{i, e}
			continue
		}
		if jsonstrict.Equal(earlier.value, e) {
			ok = false
			r.faultAt("unique-items", e, jsonstrict.Path{{Index: i}}, func() string {
				return fmt.Sprintf("equal to element %d of the same array", earlier.index)
			})
		}
	}
	return ok
}

func (r *run) object(n *node, v jsonstrict.Value, seen *memberSet) bool {
	ok, i := true, 0
	var have uint64
	for name, value := range v.Members() {
		key := name.String()
		m := n.members[key]
		have |= m.required
		defined := m.defined
		at := jsonstrict.Step{Name: name, Index: -1}
		if defined {
			ok = r.child(m.node, at, value) && ok
		}
		for _, p := range n.patterns {
			if p.pattern.match(key) {
				defined = true
				ok = r.child(p.node, at, value) && ok
			}
		}
		if !defined && n.additional != nil {
			defined = true
			ok = r.additional(n.additional, at, value) && ok
		}
		if n.names != nil && !r.try(n.names, name, nil) {
			ok = false
			r.faultAt("property-names", value, jsonstrict.Path{at}, func() string { return "the name " + textfmt.Quote(key) + ": " + r.reason(n.names, name) })
		}
		if !ok && r.trial {
			return false
		}
		if defined || n.open {
			seen.add(i)
		}
		i++
	}
	if len(n.required) > 0 && have != 1<<len(n.required)-1 {
		ok = false
		r.fault("required", v, func() string {
			missing := n.missing(v)
			if len(missing) == 1 {
				return "missing property " + textfmt.Quote(missing[0])
			}
			return "missing properties " + quoted(missing, ", ")
		})
	}
	for _, d := range n.dependencies {
		if !ok && r.trial {
			return false
		}
		ok = r.dependency(d, v, seen) && ok
	}
	return ok
}

// additional holds a member against the schema of those that are not defined.
func (r *run) additional(n *node, at jsonstrict.Step, v jsonstrict.Value) bool {
	if !n.never {
		return r.child(n, at, v)
	}
	r.faultAt("additional-properties", v, jsonstrict.Path{at}, func() string {
		return "property " + textfmt.Quote(at.Name.String()) + " is not defined here"
	})
	return false
}

// leftOver holds the members that no schema said anything about against "unevaluatedProperties".
func (r *run) leftOver(n *node, v jsonstrict.Value, seen *memberSet) bool {
	ok, i := true, 0
	for name, value := range v.Members() {
		if !seen.has(i) {
			seen.add(i)
			if n.unevaluated != nil {
				ok = r.additional(n.unevaluated, jsonstrict.Step{Name: name, Index: -1}, value) && ok
			}
		}
		i++
	}
	return ok
}

func (r *run) dependency(d dependency, v jsonstrict.Value, seen *memberSet) bool {
	if _, ok := v.Member(d.name); !ok {
		return true
	}
	ok := r.apply(d.node, v, seen)
	for _, name := range d.required {
		if _, has := v.Member(name); !has {
			ok = false
			r.fault("dependent-required", v, func() string {
				return "has " + textfmt.Quote(d.name) + " and not " + textfmt.Quote(name) + ", want both"
			})
		}
	}
	return ok
}

// missing returns the names of required members that an object does not have.
func (n *node) missing(v jsonstrict.Value) []string {
	return slices.DeleteFunc(slices.Clone(n.required), func(name string) bool { _, ok := v.Member(name); return ok })
}

func isWhole(v jsonstrict.Value) bool {
	_, whole := v.Number()
	return whole
}

// wrongKind says of which kind v is and which would be right.
func (n *node) wrongKind(v jsonstrict.Value) string {
	names := []string{}
	for _, k := range []struct {
		kind kindSet
		name string
	}{{nullKind, "null"}, {booleanKind, "a boolean"}, {objectKind, "an object"}, {arrayKind, "an array"}, {numberKind, "a number"}, {stringKind, "a string"}} {
		if n.kinds&k.kind == 0 {
			continue
		}
		if k.kind == numberKind && n.whole {
			k.name = "an integer"
		}
		names = append(names, k.name)
	}
	got := v.Kind().String()
	if n.whole && v.Kind() == jsonstrict.Number {
		got = shown(v)
	}
	return "got " + got + ", want " + strings.Join(names, " or ")
}

// shown returns v for a message.
func shown(v jsonstrict.Value) string {
	switch v.Kind() {
	case jsonstrict.Object, jsonstrict.Array:
		return v.Kind().String()
	case jsonstrict.String:
		return textfmt.Quote(v.String())
	}
	return textfmt.Clip(v.String(), 40)
}

// wouldBeRight lists what may stand in a place.
func wouldBeRight(values []string) string {
	if len(values) == 1 {
		return "would be right: " + textfmt.Quote(values[0])
	}
	return "would be right, one of: " + quoted(values, ", ")
}

// memberSet is a set of members of an object, by index. A nil set keeps nothing.
type memberSet struct{ bits []uint64 }

func (s *memberSet) add(i int) {
	if s == nil {
		return
	}
	for len(s.bits) <= i/64 {
		s.bits = append(s.bits, 0)
	}
	s.bits[i/64] |= 1 << (i % 64)
}

func (s *memberSet) has(i int) bool { return i/64 < len(s.bits) && s.bits[i/64]&(1<<(i%64)) != 0 }

// fresh returns an empty set where s keeps something.
func (s *memberSet) fresh() *memberSet {
	if s == nil {
		return nil
	}
	return &memberSet{}
}

// addSet adds the members of another set.
func (s *memberSet) addSet(other *memberSet) {
	if s == nil || other == nil {
		return
	}
	for len(s.bits) < len(other.bits) {
		s.bits = append(s.bits, 0)
	}
	for i, b := range other.bits {
		s.bits[i] |= b
	}
}
