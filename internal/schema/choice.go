// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// choice is an "anyOf", or a "oneOf", of two alternatives or more.
type choice struct {
	one   bool
	nodes []*node

	prepare sync.Once
	deep    bool             // an alternative looks at members or elements
	tag     string           // the member that tells alternatives apart, if there is one
	tagged  map[string][]int // alternatives by the value of tag
	others  []int            // alternatives that do not ask for the tag
}

func (c *choice) keyword() string {
	if c.one {
		return "one-of"
	}
	return "any-of"
}

// ready finds out once what helps to choose.
func (c *choice) ready() {
	for _, n := range c.nodes {
		c.deep = c.deep || n.deep()
	}
	for _, name := range c.constants() {
		tagged, others := map[string][]int{}, []int(nil)
		for i, n := range c.nodes {
			texts := n.texts(name)
			for text := range texts {
				tagged[text] = append(tagged[text], i)
			}
			if texts == nil {
				others = append(others, i)
			}
		}
		if c.tag == "" || len(others) < len(c.others) {
			c.tag, c.tagged, c.others = name, tagged, others
		}
	}
}

// constants returns the members for which some alternative allows one value alone.
func (c *choice) constants() []string {
	found := map[string]bool{}
	var look func(n *node)
	look = func(n *node) {
		for name, m := range n.members {
			if texts := m.node.allowed(); len(texts) == 1 {
				found[name] = true
			}
		}
		for _, other := range n.all {
			look(other)
		}
	}
	for _, n := range c.nodes {
		if n != nil {
			look(n)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// deep reports whether n looks at members or elements of a value.
func (n *node) deep() bool {
	if n == nil {
		return false
	}
	looks := func(other *node) bool { return other != nil && !other.never }
	for _, m := range n.members {
		if looks(m.node) {
			return true
		}
	}
	return len(n.patterns)+len(n.prefix) > 0 || looks(n.additional) || looks(n.items) || looks(n.unevaluated) ||
		slices.ContainsFunc(n.inPlace(), (*node).deep)
}

// texts returns the values that n allows for the member called name of an object; nil for any.
func (n *node) texts(name string) map[string]struct{} {
	if n == nil {
		return nil
	}
	list := []map[string]struct{}{n.members[name].node.allowed()}
	for _, other := range n.all {
		list = append(list, other.texts(name))
	}
	for _, c := range n.choices {
		list = append(list, c.union(func(n *node) map[string]struct{} { return n.texts(name) }))
	}
	return intersection(list)
}

// allowed returns the strings that n allows, where it allows nothing but some strings; nil otherwise.
func (n *node) allowed() map[string]struct{} {
	if n == nil {
		return nil
	}
	var list []map[string]struct{}
	if n.values != nil && len(n.strings) == len(n.values) {
		list = append(list, n.strings)
	}
	for _, other := range n.all {
		list = append(list, other.allowed())
	}
	for _, c := range n.choices {
		list = append(list, c.union((*node).allowed))
	}
	return intersection(list)
}

// union returns what one alternative or another allows; nil if one of them allows anything.
func (c *choice) union(of func(*node) map[string]struct{}) map[string]struct{} {
	all := map[string]struct{}{}
	for _, n := range c.nodes {
		texts := of(n)
		if texts == nil {
			return nil
		}
		maps.Copy(all, texts)
	}
	return all
}

// intersection returns what each of the sets allows that allow less than anything.
func intersection(sets []map[string]struct{}) map[string]struct{} {
	var both map[string]struct{}
	for _, set := range sets {
		switch {
		case set == nil:
		case both == nil:
			both = set
		default:
			both = maps.Clone(both)
			maps.DeleteFunc(both, func(text string, _ struct{}) bool { _, ok := set[text]; return !ok })
		}
	}
	return both
}

// candidates returns the alternatives that v may fit, by the member that tells them apart.
func (c *choice) candidates(v jsonstrict.Value) ([]int, bool) {
	if c.tag == "" || v.Kind() != jsonstrict.Object {
		return nil, false
	}
	tag, ok := v.Member(c.tag)
	if !ok || tag.Kind() != jsonstrict.String {
		return nil, false
	}
	list := c.tagged[tag.String()]
	if len(c.others) > 0 {
		list = append(slices.Clip(list), c.others...)
	}
	return list, true
}

// choose holds v against the alternatives of c.
func (r *run) choose(c *choice, v jsonstrict.Value, seen *memberSet) bool {
	c.prepare.Do(c.ready)
	container := v.Kind() == jsonstrict.Object || v.Kind() == jsonstrict.Array
	remembers := c.deep && container && seen == nil
	key := decision{choice: c, value: v}
	if remembers {
		if fits, ok := r.decided[key]; ok {
			return r.chosen(c, v, fits)
		}
	}
	fits := r.count(c, v, seen)
	if remembers && r.most == 0 { // outside of a trial nothing is asked twice
		r.remember(key, fits)
	}
	return r.chosen(c, v, fits)
}

// chosen reports whether the number of alternatives that v fits is right.
func (r *run) chosen(c *choice, v jsonstrict.Value, fits int) bool {
	right := fits == 1 || fits > 1 && !c.one
	switch {
	case right || r.most == 0:
	case len(r.problems) == r.most:
		r.faults++ // counted, and not listed
	default:
		r.explain(c, v, fits)
	}
	return right
}

// decision is a question that was answered before, with how many alternatives fit:
// alternatives of alternatives would ask it again and again.
type decision struct {
	choice *choice // or
	node   *node
	value  jsonstrict.Value
}

// count returns how many alternatives v fits, and stops where more make no difference.
func (r *run) count(c *choice, v jsonstrict.Value, seen *memberSet) int {
	fits := 0
	list, few := c.candidates(v)
	for i := range c.nodes {
		if few {
			if i == len(list) {
				break
			}
			i = list[i]
		}
		branch := seen.fresh()
		if !r.try(c.nodes[i], v, branch) {
			continue
		}
		seen.addSet(branch)
		if fits++; c.one && fits > 1 || !c.one && seen == nil {
			break
		}
	}
	return fits
}

// explain reports why v does not fit. Where one alternative alone can be meant, what is
// wrong is wrong by that one.
func (r *run) explain(c *choice, v jsonstrict.Value, fits int) {
	if fits > 1 {
		r.fault(c.keyword(), v, func() string { return c.several(v) })
		return
	}
	list, few := c.candidates(v)
	meant := slices.Clone(c.nodes)
	if few {
		meant = nil
		for _, i := range list {
			meant = append(meant, c.nodes[i])
		}
	}
	for _, levels := range []int{0, 2} { // the kind alone, then the required members too
		if len(meant) != 1 {
			meant = slices.DeleteFunc(slices.Clone(meant), func(n *node) bool { return !n.plausible(v, levels) })
		}
		if len(meant) == 1 {
			r.apply(meant[0], v, nil)
			return
		}
	}
	r.fault(c.keyword(), v, func() string {
		if few && len(list) == 0 {
			tag, _ := v.Member(c.tag)
			return textfmt.Quote(c.tag) + " is " + textfmt.Quote(tag.String()) + ", " + wouldBeRight(slices.Sorted(maps.Keys(c.tagged)))
		}
		if r.nested {
			return "fits none of the alternatives"
		}
		return "fits none of the alternatives: " + r.reasons(c, v)
	})
}

// plausible reports whether n is what the author of v can have meant: the kind is right
// and, down to so many levels, no required member is missing, and so for the first element of an array.
func (n *node) plausible(v jsonstrict.Value, levels int) bool {
	if n == nil {
		return true
	}
	kind := kindOf(v)
	if n.never || n.kinds&kind == 0 || levels > 0 && kind == objectKind && len(n.missing(v)) > 0 {
		return false
	}
	if kind == arrayKind && levels > 1 {
		for i, e := range v.Elements() {
			if !n.element(i).plausible(e, levels-1) {
				return false
			}
			break
		}
	}
	for _, other := range n.all {
		if !other.plausible(v, levels) {
			return false
		}
	}
	for _, c := range n.choices {
		if !slices.ContainsFunc(c.nodes, func(n *node) bool { return n.plausible(v, levels) }) {
			return false
		}
	}
	return true
}

// reasons describes the first fault of each alternative.
func (r *run) reasons(c *choice, v jsonstrict.Value) string {
	const most = 4
	var said []string
	for _, n := range c.nodes {
		said = append(said, r.reason(n, v))
	}
	slices.Sort(said)
	said = slices.Compact(said)
	if len(said) > most {
		said = append(said[:most], "...")
	}
	return strings.Join(said, "; or ")
}

// several says what is right where a value fits two alternatives of which it may fit one.
func (c *choice) several(v jsonstrict.Value) string {
	var names []string
	for _, n := range c.nodes {
		if n == nil || len(n.required) == 0 {
			return "fits several of the alternatives, want exactly one"
		}
		if len(n.missing(v)) == 0 {
			names = append(names, quoted(n.required, " with "))
		}
	}
	return "has " + strings.Join(names, " and ") + ", want only one of " + map[bool]string{true: "the two", false: "these"}[len(names) == 2]
}

// quoted joins names for a message.
func quoted(names []string, between string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = textfmt.Quote(name)
	}
	return strings.Join(list, between)
}
