// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
)

// Decision is what a policy says of a licence or an expression. The zero value
// is invalid.
type Decision uint8

// The decisions, from best to worst.
const (
	DecisionInvalid Decision = iota
	Allowed                  // may be used
	Unlisted                 // neither allowed nor denied: a person decides
	Denied                   // may not be used
)

var decisionNames = [...]string{"invalid", "allowed", "unlisted", "denied"}

// String returns "allowed", "unlisted", "denied" or "invalid".
func (d Decision) String() string {
	if int(d) >= len(decisionNames) {
		d = DecisionInvalid
	}
	return decisionNames[d]
}

// MarshalText implements encoding.TextMarshaler; an invalid decision is an error.
func (d Decision) MarshalText() ([]byte, error) {
	if d == DecisionInvalid || int(d) >= len(decisionNames) {
		return nil, fmt.Errorf("invalid decision %d", uint8(d))
	}
	return []byte(decisionNames[d]), nil
}

// Evaluate decides e from decisions on its terms, in linear time: all operands
// of AND bind, so the worst decides; OR is the user's choice, so the best
// decides. The zero Expression is Unlisted: nothing was said. A decision of
// judge that is not one of the three counts as Denied.
func (e Expression) Evaluate(judge func(License) Decision) Decision {
	if e.t == nil {
		return Unlisted
	}
	var stack []Decision
	for _, n := range e.t.nodes {
		if n.op == opTerm {
			d := judge(e.t.terms[n.n])
			if d == DecisionInvalid || d > Denied {
				d = Denied
			}
			stack = append(stack, d)
			continue
		}
		rest := len(stack) - int(n.n)
		result := stack[rest]
		for _, d := range stack[rest+1:] {
			if n.op == opAnd {
				result = max(result, d)
			} else {
				result = min(result, d)
			}
		}
		stack = append(stack[:rest], result)
	}
	return stack[0]
}

// Policy is two lists of licences. It is made by [NewPolicy] and is safe for
// concurrent use. The zero Policy finds everything Unlisted.
type Policy struct {
	rules map[ruleKey]Decision
}

// ruleKey is a licence with the spelling of "or later" taken out. References are
// folded to lower case, so that a denied one is not missed for its case.
type ruleKey struct {
	document, id                  string
	orLater                       bool
	additionDocument, additionRef string
}

// NewPolicy makes a policy from licences to allow and to deny. An entry is one
// licence, with "+" or an exception where it is meant: "MIT", "GPL-2.0-only WITH
// Classpath-exception-2.0", "LicenseRef-acme". An entry that is not on the SPDX
// License List, is NONE or NOASSERTION, or has operators is an error, a
// [*Problem] that names it: a misspelled denial would deny nothing.
func NewPolicy(allow, deny []string) (*Policy, error) {
	p := &Policy{rules: make(map[ruleKey]Decision)}
	for _, set := range []struct {
		entries  []string
		decision Decision
	}{{allow, Allowed}, {deny, Denied}} {
		for _, entry := range set.entries {
			e, err := Parse(entry, nil)
			if err != nil {
				return nil, err
			}
			l, ok := e.License()
			if !ok || l.IsSpecial() {
				return nil, problem(0, codeSyntax, evidence.ErrFormat, "policy entry %q is not one licence", e)
			}
			p.rules[keyOf(l)] = set.decision // denials come last and win
		}
	}
	return p, nil
}

func keyOf(l License) ruleKey {
	l = l.Current()
	id := l.ID
	only, isOnly := strings.CutSuffix(id, "-only")
	later, isLater := strings.CutSuffix(id, "-or-later")
	switch {
	case isOnly:
		id = only
	case isLater:
		id = later
	}
	return ruleKey{
		document:         strings.ToLower(l.DocumentRef),
		id:               strings.ToLower(id),
		orLater:          l.OrLater || isLater,
		additionDocument: strings.ToLower(l.With.DocumentRef),
		additionRef:      strings.ToLower(l.With.ID),
	}
}

// Judge decides one licence.
//
// Spellings of one licence are one: GPL-2.0, GPL-2.0-only; GPL-2.0+,
// GPL-2.0-or-later. A licence "or later" is decided by its own entry if there
// is one, else by the entry of its version, which the licensee may choose. An
// entry without an exception says nothing of the licence with one, since what
// is added may take as well as give. A licence in both lists is Denied. NONE,
// NOASSERTION and what no entry names are Unlisted.
func (p *Policy) Judge(l License) Decision {
	key := keyOf(l)
	if d, ok := p.rules[key]; ok {
		return d
	}
	if key.orLater {
		key.orLater = false
		if d, ok := p.rules[key]; ok {
			return d
		}
	}
	return Unlisted
}

// Decide decides an expression by [Expression.Evaluate] and [Policy.Judge].
func (p *Policy) Decide(e Expression) Decision { return e.Evaluate(p.Judge) }
