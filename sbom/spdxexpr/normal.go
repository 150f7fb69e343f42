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
	var stack []*branch
	for _, nd := range e.t.nodes {
		if nd.op == opTerm {
			stack = append(stack, &branch{rank: n.rank[nd.n], term: nd.n})
			continue
		}
		operands := stack[len(stack)-int(nd.n):]
		b := n.combine(nd.op, operands)
		stack = append(stack[:len(stack)-int(nd.n)], b)
	}
	return Expression{flatten(stack[0], e.t.terms)}
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
	order := make([]int32, len(terms))
	texts := make([]string, len(terms))
	folded := make([]string, len(terms))
	for i, l := range terms {
		order[i] = int32(i)
		texts[i] = l.String()
		folded[i] = strings.ToLower(texts[i])
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := strings.Compare(folded[a], folded[b]); c != 0 {
			return c
		}
		return strings.Compare(texts[a], texts[b])
	})
	rank := make([]int32, len(terms))
	r := int32(0)
	for i, at := range order {
		if i > 0 && texts[at] != texts[order[i-1]] {
			r++
		}
		rank[at] = r
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

// combine makes the normal form of an operator over operands in normal form.
// An operand that collapsed to the operator's own kind is dissolved; that takes
// a repetition below, so all copying together stays linear.
func (n *normalizer) combine(o op, operands []*branch) *branch {
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
	return &branch{op: o, kids: kids}
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

// flatten writes a subtree in postfix order.
func flatten(root *branch, terms []License) *tree {
	t := new(tree)
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
			t.terms = append(t.terms, terms[s.b.term])
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
