// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// pattern is a regular expression. Go's engine takes some 30 ns for each character, so
// that a list of hashes would take longer than all else; pattern has a table for text in ASCII.
type pattern struct {
	text      string
	want, not *regexp.Regexp // not is nil, or what must not match
	table     func() *table  // for want; nil where it has no table
}

// compilePattern compiles a pattern of a schema. JSON Schema means ECMA-262
// expressions, Go has no lookahead; the one that official schemas use, a refusal
// at the very start (SPDX 3.0.1: "^(?!_:).+:.+"), is two expressions here. Any
// other is an error of Compile.
func compilePattern(text string) (*pattern, error) {
	p := &pattern{text: text}
	want := text
	if rest, ok := strings.CutPrefix(text, "^(?!"); ok {
		if refused, rest, ok := strings.Cut(rest, ")"); ok && !strings.ContainsAny(refused, `([\`) {
			not, err := regexp.Compile("^(?:" + refused + ")")
			if err != nil {
				return nil, err
			}
			p.not, want = not, "^(?:"+rest+")"
		}
	}
	var err error
	if p.want, err = regexp.Compile(want); err != nil {
		return nil, err
	}
	p.table = sync.OnceValue(func() *table { return newTable(want) })
	return p, nil
}

// match reports whether p matches somewhere in s.
func (p *pattern) match(s string) bool {
	if p.not != nil && p.not.MatchString(s) {
		return false
	}
	if t := p.table(); t != nil {
		if matched, ok := t.match(s); ok {
			return matched
		}
	}
	return p.want.MatchString(s)
}

// table is a deterministic automaton over ASCII characters.
type table struct {
	next  [][utf8.RuneSelf]uint16 // by state and character
	found []bool                  // the text matches, whatever follows
	ends  []bool                  // the text matches if it ends here
}

// maxStates bounds a table to some 256 KiB; the longest that schemas have is of 130 states.
const maxStates = 1000

// newTable returns the table of an expression, nil if it would be too large or the
// expression looks at word boundaries or line ends.
func newTable(text string) *table {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil
	}
	b := tableBuilder{prog: prog, states: map[string]uint16{}}
	b.state([]uint32{uint32(prog.Start)}, true)
	for i := 0; i < len(b.sets) && !b.failed; i++ {
		for c := range rune(utf8.RuneSelf) {
			b.next[i][c] = b.state(b.step(b.sets[i], c), false)
		}
	}
	if b.failed {
		return nil
	}
	return &b.table
}

// match runs over s; ok is false if it holds a character that the table does not have.
func (t *table) match(s string) (matched, ok bool) {
	state := uint16(0)
	for i := 0; i < len(s) && !t.found[state]; i++ {
		if s[i] >= utf8.RuneSelf {
			return false, false
		}
		state = t.next[state][s[i]]
	}
	return t.found[state] || t.ends[state], true
}

// tableBuilder makes a state of each set of instructions that the program can be at.
type tableBuilder struct {
	table
	prog   *syntax.Prog
	states map[string]uint16
	sets   [][]uint32
	failed bool
}

// state returns the state in which the program is at one of the instructions from.
func (b *tableBuilder) state(from []uint32, first bool) uint16 {
	set, end := map[uint32]bool{}, map[uint32]bool{}
	b.close(set, from, first, false)
	b.close(end, from, first, true)
	var list []uint32
	found, ends := false, false
	for pc := range set {
		list = append(list, pc)
		found = found || b.prog.Inst[pc].Op == syntax.InstMatch
	}
	for pc := range end {
		ends = ends || b.prog.Inst[pc].Op == syntax.InstMatch
	}
	slices.Sort(list)
	var key strings.Builder
	for _, pc := range list {
		key.WriteRune(rune(pc))
	}
	if ends {
		key.WriteByte('$')
	}
	if i, ok := b.states[key.String()]; ok {
		return i
	}
	i := uint16(len(b.sets))
	if len(b.sets) == maxStates {
		b.failed = true
		return 0
	}
	b.states[key.String()] = i
	b.sets = append(b.sets, list)
	b.next = append(b.next, [utf8.RuneSelf]uint16{})
	b.found, b.ends = append(b.found, found), append(b.ends, ends)
	return i
}

// close adds to set what the program reaches from the instructions without a character.
func (b *tableBuilder) close(set map[uint32]bool, from []uint32, first, end bool) {
	for _, pc := range from {
		if set[pc] {
			continue
		}
		switch inst := b.prog.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			b.close(set, []uint32{inst.Out, inst.Arg}, first, end)
		case syntax.InstCapture, syntax.InstNop:
			b.close(set, []uint32{inst.Out}, first, end)
		case syntax.InstEmptyWidth:
			switch at := syntax.EmptyOp(inst.Arg); {
			case at&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0:
				b.failed = true
			case (first || at&syntax.EmptyBeginText == 0) && (end || at&syntax.EmptyEndText == 0):
				b.close(set, []uint32{inst.Out}, first, end)
			default:
				set[pc] = true // waits for the end
			}
		default:
			set[pc] = true
		}
	}
}

// step returns where the program goes from a set with a character; it may also begin anew behind it.
func (b *tableBuilder) step(set []uint32, c rune) []uint32 {
	next := []uint32{uint32(b.prog.Start)}
	for _, pc := range set {
		inst := b.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if inst.MatchRune(c) {
				next = append(next, inst.Out)
			}
		}
	}
	return next
}
