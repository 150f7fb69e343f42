// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"cmp"
	"slices"
	"strings"
)

// Normal returns e with the operands of every operator sorted and those that
// repeat dropped: expressions that differ only in order, repetition or
// parentheses have equal normal forms. Licences come before nested expressions,
// in the order of their text without regard to case. Deprecated identifiers
// stay; see [Expression.Current].
func (e Expression) Normal() Expression {
	if e.t == nil || len(e.t.nodes) == 1 {
		return e
	}
	n := normalizer{rank: ranks(e.t.terms)}
	branches := make([]branch, len(e.t.nodes)) // one for each node, at its index
	stack := make([]*branch, 0, len(e.t.terms))
	for i, nd := range e.t.nodes {
		b := &branches[i]
		if nd.op == opTerm {
			b.rank, b.term = n.rank[nd.n], nd.n
			stack = append(stack, b)
			continue
		}
		operands := stack[len(stack)-int(nd.n):]
		b = n.combine(b, nd.op, operands)
		stack = append(stack[:len(stack)-int(nd.n)], b)
	}
	return Expression{flatten(stack[0], e.t)}
}

// Equal reports whether a and b have the same normal form.
func Equal(a, b Expression) bool {
	if a.t == nil || b.t == nil {
		return a.t == b.t
	}
	return a.t == b.t || a.Normal().String() == b.Normal().String()
}

// branch is a subtree in normal form.
type branch struct {
	op   op
	rank int32 // of a term; equal terms have equal ranks
	term int32 // index of a term
	kids []*branch
}

// ranks orders the distinct terms.
func ranks(terms []License) []int32 {
	type entry struct {
		folded, text string
		at           int32
	}
	order := make([]entry, len(terms))
	for i, l := range terms {
		text := l.String()
		order[i] = entry{strings.ToLower(text), text, int32(i)}
	}
	slices.SortFunc(order, func(a, b entry) int {
		if c := strings.Compare(a.folded, b.folded); c != 0 {
			return c
		}
		return strings.Compare(a.text, b.text)
	})
	rank := make([]int32, len(terms))
	r := int32(0)
	for i := range order {
		if i > 0 && order[i].text != order[i-1].text {
			r++
		}
		rank[order[i].at] = r
	}
	return rank
}

type normalizer struct {
	rank  []int32
	stack []pair // scratch of compare
}

// pair is two subtrees to compare, or, with a nil, an outcome decided before.
type pair struct {
	a, b    *branch
	decided int
}

// combine makes b the normal form of an operator over operands in normal form,
// or returns the operand that is all that is left.
// An operand that collapsed to the operator's own kind is dissolved; that takes
// a repetition below, so all copying together stays linear.
func (n *normalizer) combine(b *branch, o op, operands []*branch) *branch {
	kids := make([]*branch, 0, len(operands))
	for _, k := range operands {
		if k.op == o {
			kids = append(kids, k.kids...)
		} else {
			kids = append(kids, k)
		}
	}
	slices.SortFunc(kids, n.compare)
	kids = slices.CompactFunc(kids, func(a, b *branch) bool { return n.compare(a, b) == 0 })
	if len(kids) == 1 {
		return kids[0]
	}
	b.op, b.kids = o, kids
	return b
}

// compare walks two subtrees in step and stops at the first difference, so it
// costs no more than the smaller of them. Each term is on the smaller side at
// most log n times on its way up, which bounds all sorting by O(n log² n).
func (n *normalizer) compare(x, y *branch) int {
	if x.op == opTerm && y.op == opTerm {
		return cmp.Compare(x.rank, y.rank)
	}
	n.stack = append(n.stack[:0], pair{a: x, b: y})
	for len(n.stack) > 0 {
		p := n.stack[len(n.stack)-1]
		n.stack = n.stack[:len(n.stack)-1]
		if p.a == nil {
			if p.decided != 0 {
				return p.decided
			}
			continue
		}
		if c := cmp.Compare(p.a.op, p.b.op); c != 0 {
			return c
		}
		if p.a.op == opTerm {
			if c := cmp.Compare(p.a.rank, p.b.rank); c != 0 {
				return c
			}
			continue
		}
		a, b := p.a.kids, p.b.kids
		n.stack = append(n.stack, pair{decided: cmp.Compare(len(a), len(b))})
		for i := min(len(a), len(b)) - 1; i >= 0; i-- {
			n.stack = append(n.stack, pair{a: a[i], b: b[i]})
		}
	}
	return 0
}

// flatten writes a subtree in postfix order; from is the tree that it was made of.
func flatten(root *branch, from *tree) *tree {
	t := &tree{nodes: make([]node, 0, len(from.nodes)), terms: make([]License, 0, len(from.terms))}
	type step struct {
		b    *branch
		done bool // its operands are written
	}
	stack := []step{{b: root}}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		switch {
		case s.b.op == opTerm:
			t.nodes = append(t.nodes, node{opTerm, int32(len(t.terms))})
			t.terms = append(t.terms, from.terms[s.b.term])
		case s.done:
			t.nodes = append(t.nodes, node{s.b.op, int32(len(s.b.kids))})
		default:
			stack = append(stack, step{s.b, true})
			for i := len(s.b.kids) - 1; i >= 0; i-- {
				stack = append(stack, step{b: s.b.kids[i]})
			}
		}
	}
	return t
}
