// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"iter"
	"strings"
)

// The two values that stand where a licence would and are none (SPDX 2.3 §7.13).
const (
	None        = "NONE"        // there is no licence information
	NoAssertion = "NOASSERTION" // nothing is said about the licence
)

// License is one term of an expression: a licence with what is added to it.
// It is comparable; equal values are the same term, spelled as the list has it.
type License struct {
	DocumentRef string   // "DocumentRef-x" of a licence defined in another document; otherwise empty
	ID          string   // "MIT", "LicenseRef-x", "NONE" or "NOASSERTION"; an identifier that is not on the list as it was written
	OrLater     bool     // "+" was written; false for "GPL-2.0-or-later", whose ID says it
	With        Addition // zero when nothing follows WITH
}

// Addition is what follows WITH.
type Addition struct {
	DocumentRef string // "DocumentRef-x"; otherwise empty
	ID          string // "Classpath-exception-2.0" or "AdditionRef-x"
}

// IsSpecial reports whether l is NONE or NOASSERTION, and so no licence.
func (l License) IsSpecial() bool { return l.ID == None || l.ID == NoAssertion }

// IsReference reports whether l is a LicenseRef-, whose text stands in the document.
func (l License) IsReference() bool { return strings.HasPrefix(l.ID, licensePrefix) }

// Listed reports whether the licence, and the exception if there is one, are on
// the SPDX License List. It is false for references and for NONE and NOASSERTION.
func (l License) Listed() bool {
	info, ok := Lookup(l.ID)
	if !ok || info.Exception {
		return false
	}
	if l.With == (Addition{}) {
		return true
	}
	info, ok = Lookup(l.With.ID)
	return ok && info.Exception
}

// String returns the term as it is written in an expression.
func (l License) String() string {
	if l.DocumentRef == "" && !l.OrLater && l.With == (Addition{}) {
		return l.ID
	}
	var b strings.Builder
	l.write(&b)
	return b.String()
}

func (l License) write(b *strings.Builder) {
	writeRef(b, l.DocumentRef, l.ID)
	if l.OrLater {
		b.WriteByte('+')
	}
	if l.With != (Addition{}) {
		b.WriteString(" WITH ")
		writeRef(b, l.With.DocumentRef, l.With.ID)
	}
}

func writeRef(b *strings.Builder, document, id string) {
	if document != "" {
		b.WriteString(document)
		b.WriteByte(':')
	}
	b.WriteString(id)
}

// Current returns l with deprecated identifiers replaced by what the list names
// as their successors: GPL-2.0+ becomes GPL-2.0-or-later, and
// GPL-2.0-with-classpath-exception becomes GPL-2.0-only WITH
// Classpath-exception-2.0. A licence that has no successor is returned as it is,
// as is one whose successor brings an exception where l already has one.
func (l License) Current() License {
	info, _ := Lookup(l.ID)
	if info.Replacement == "" {
		return l
	}
	id, exception, _ := strings.Cut(info.Replacement, " WITH ")
	if exception != "" && l.With != (Addition{}) {
		return l
	}
	if only, ok := strings.CutSuffix(id, "-only"); ok && l.OrLater {
		id, l.OrLater = only+"-or-later", false
	}
	l.ID = id
	if exception != "" {
		l.With = Addition{ID: exception}
	}
	return l
}

// Expression is a licence expression. The zero Expression is none: it has no
// licences, and its text is empty.
type Expression struct {
	t *tree
}

// tree is an expression in postfix order: every operator follows its operands,
// takes two or more, and has no operand of its own kind.
type tree struct {
	nodes []node
	terms []License // in the order written
}

type node struct {
	op op
	n  int32 // opTerm: index in terms; otherwise the number of operands
}

type op uint8

const (
	opTerm op = iota
	opAnd
	opOr
)

var opText = [...]string{opAnd: " AND ", opOr: " OR "}

// IsZero reports whether e is no expression.
func (e Expression) IsZero() bool { return e.t == nil }

// Licenses returns the terms of e in the order written, repeated ones repeated.
func (e Expression) Licenses() iter.Seq[License] {
	return func(yield func(License) bool) {
		if e.t == nil {
			return
		}
		for _, l := range e.t.terms {
			if !yield(l) {
				return
			}
		}
	}
}

// License returns the term that e consists of, and false for the zero
// Expression and one with operators.
func (e Expression) License() (License, bool) {
	if e.t == nil || len(e.t.nodes) != 1 {
		return License{}, false
	}
	return e.t.terms[0], true
}

// Current returns e with every term replaced by its [License.Current].
func (e Expression) Current() Expression {
	if e.t == nil {
		return e
	}
	terms := make([]License, len(e.t.terms))
	changed := false
	for i, l := range e.t.terms {
		terms[i] = l.Current()
		changed = changed || terms[i] != l
	}
	if !changed {
		return e
	}
	return Expression{&tree{nodes: e.t.nodes, terms: terms}}
}

// String returns the expression in canonical spelling: identifiers as the list
// has them, operators in upper case, terms in the order written, one space
// around operators, and no parentheses but those that are needed. Parse of it
// gives an equal expression.
func (e Expression) String() string {
	if e.t == nil {
		return ""
	}
	if len(e.t.nodes) == 1 {
		return e.t.terms[0].String()
	}
	marks := e.t.marks()
	var b strings.Builder
	for i, l := range e.t.terms {
		for range marks[i].open {
			b.WriteByte('(')
		}
		l.write(&b)
		for range marks[i].close {
			b.WriteByte(')')
		}
		b.WriteString(opText[marks[i].next])
	}
	return b.String()
}

// mark is what stands around one term in the text.
type mark struct {
	open, close int32
	next        op // the operator that follows; opTerm after the last term
}

// marks places operators and parentheses. The operator between two neighbouring
// terms is that of the smallest subtree holding both, so each operator marks the
// gaps between its own operands. Only OR below AND needs parentheses.
func (t *tree) marks() []mark {
	marks := make([]mark, len(t.terms))
	type span struct {
		first, last int32
		op          op
	}
	var stack []span
	for _, n := range t.nodes {
		if n.op == opTerm {
			stack = append(stack, span{n.n, n.n, opTerm})
			continue
		}
		operands := stack[len(stack)-int(n.n):]
		for i, s := range operands {
			if i > 0 {
				marks[operands[i-1].last].next = n.op
			}
			if n.op == opAnd && s.op == opOr {
				marks[s.first].open++
				marks[s.last].close++
			}
		}
		whole := span{operands[0].first, operands[len(operands)-1].last, n.op}
		stack = append(stack[:len(stack)-int(n.n)], whole)
	}
	return marks
}

// MarshalText returns the text of [Expression.String].
func (e Expression) MarshalText() ([]byte, error) { return []byte(e.String()), nil }
