// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package vercmp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// Range is a set of versions. The zero Range holds none.
type Range struct {
	ecosystem   string // that the notation names; empty for any
	all         bool
	constraints []constraint
	intervals   bool // of a VERS: any interval will do; otherwise every constraint must hold
}

type constraint struct{ op, version string }

// maxConstraints bounds a range; real ones have fewer than ten.
const maxConstraints = 256

// ParseRange reads a range. Two notations are known:
//
//	>=1.2, <2.0                   every comparison holds
//	vers:deb/>=1.2|<2.0|>=3.0     a version range specifier (VERS): intervals, any of which holds
//
// "*" and "vers:all/*" are every version, "vers:none/*" is none, and a version
// alone is that one. The notations of single ecosystems ("^1.2", "[1.0,2.0)",
// "1.x") are refused, as is a VERS that is not in canonical form.
func ParseRange(text string) (Range, error) {
	if rest, ok := strings.CutPrefix(text, "vers:"); ok {
		return parseVERS(rest)
	}
	if text = strings.TrimSpace(text); text == "*" {
		return Range{all: true}, nil
	}
	var r Range
	for part := range strings.SplitSeq(text, ",") {
		c := cutOperator(strings.TrimSpace(part))
		c.version = strings.TrimSpace(c.version)
		if len(r.constraints) >= maxConstraints {
			return Range{}, fmt.Errorf("range has more than %d comparisons", maxConstraints)
		}
		if !isPlain(c.version) {
			return Range{}, fmt.Errorf("%s is not a comparison with a version, as in \">=1.2, <2.0\"", textfmt.Quote(text))
		}
		if c.op == "" {
			c.op = "="
		}
		r.constraints = append(r.constraints, c)
	}
	return r, nil
}

func cutOperator(text string) constraint {
	for _, op := range []string{">=", "<=", "!=", ">", "<", "="} {
		if rest, ok := strings.CutPrefix(text, op); ok {
			return constraint{op, rest}
		}
	}
	return constraint{"", text}
}

// isPlain reports whether a text is one version, not a range in the notation of
// an ecosystem.
func isPlain(s string) bool {
	if s == "" || !isDigit(s[0]) && !isLetter(s[0]) || strings.ContainsAny(s, "<>=|*,[](){} \t\"'") {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "x" || part == "X" {
			return false
		}
	}
	return true
}

// parseVERS reads what follows "vers:".
func parseVERS(text string) (Range, error) {
	fail := func(format string, args ...any) (Range, error) {
		return Range{}, fmt.Errorf("range %s: %s", textfmt.Quote("vers:"+text), fmt.Sprintf(format, args...))
	}
	ecosystem, list, ok := strings.Cut(text, "/")
	if !ok || ecosystem == "" || list == "" || strings.Trim(ecosystem, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return fail("want vers:TYPE/CONSTRAINTS, the type in lower case")
	}
	r := Range{ecosystem: ecosystemOfVERS(ecosystem), intervals: true}
	switch {
	case ecosystem == "none" && list == "*":
		return Range{}, nil
	case ecosystem == "all" && list == "*":
		return Range{all: true}, nil
	case ecosystem == "none" || ecosystem == "all":
		return fail("the type %s has the one form vers:%s/*", ecosystem, ecosystem)
	case list == "*":
		r.all = true
		return r, nil
	}
	for part := range strings.SplitSeq(list, "|") {
		c := cutOperator(part)
		if c.op == "=" {
			return fail("a version that must be equal stands alone, without \"=\"")
		}
		version, err := unescape(c.version)
		if err != nil {
			return fail("%v", err)
		}
		if len(r.constraints) >= maxConstraints {
			return fail("more than %d constraints", maxConstraints)
		}
		r.constraints = append(r.constraints, constraint{cmp.Or(c.op, "="), version})
	}
	if err := r.checkOrder(); err != nil {
		return fail("%v", err)
	}
	return r, nil
}

// ecosystemOfVERS returns the package URL type that a type of VERS orders.
func ecosystemOfVERS(name string) string {
	switch name {
	case "alpine":
		return "apk"
	case "arch", "archlinux":
		return "alpm"
	case "debian":
		return "deb"
	}
	return name
}

// unescape decodes the version of one constraint.
func unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%':
			if i+2 >= len(s) {
				return "", fmt.Errorf("%s ends in the middle of a percent-encoded octet", textfmt.Quote(s))
			}
			hi, lo := strings.IndexByte(hexDigits, s[i+1]|0x20), strings.IndexByte(hexDigits, s[i+2]|0x20)
			if hi < 0 || lo < 0 {
				return "", fmt.Errorf("%s is no percent-encoded octet", textfmt.Quote(s[i:i+3]))
			}
			b.WriteByte(byte(hi<<4 | lo))
			i += 2
		case isDigit(c) || isLetter(c) || strings.IndexByte(".-_~:+^", c) >= 0:
			b.WriteByte(c)
		default:
			return "", fmt.Errorf("character %q of a version must be percent-encoded", c)
		}
	}
	version := b.String()
	if version == "" {
		return "", fmt.Errorf("a constraint has no version")
	}
	if !utf8.ValidString(version) || strings.ContainsFunc(version, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("a version decodes to a control character or not to UTF-8")
	}
	return version, nil
}

const hexDigits = "0123456789abcdef"

// checkOrder refuses versions that are not in their order or given twice, and
// comparisons that say nothing beside their neighbour. Versions that have no
// order are left to Contains.
func (r Range) checkOrder() error {
	last := ""
	for i, c := range r.constraints {
		if i > 0 {
			before := r.constraints[i-1].version
			if order, ok := Compare(r.ecosystem, before, c.version); ok && order >= 0 || !ok && before == c.version {
				return fmt.Errorf("%s and %s are not in order", textfmt.Quote(before), textfmt.Quote(c.version))
			}
		}
		if c.op == "!=" {
			continue
		}
		switch {
		case last == "":
		case last[0] == '>' && c.op[0] != '<', last[0] != '>' && c.op[0] == '<':
			return fmt.Errorf("one of %q and %q is redundant", last, c.op)
		}
		last = c.op
	}
	return nil
}

// All reports whether the range holds every version of any ecosystem.
func (r Range) All() bool { return r.all && r.ecosystem == "" }

// Contains reports whether a version of an ecosystem is in the range. ok is false
// if that cannot be said: the range is of another ecosystem, or the ecosystem has
// no order for the versions.
func (r Range) Contains(ecosystem, version string) (in, ok bool) {
	if r.ecosystem != "" && r.ecosystem != ecosystem {
		return false, false
	}
	if r.all {
		return true, true
	}
	orders, known := make([]int, len(r.constraints)), true
	for i, c := range r.constraints {
		order, ok := Compare(ecosystem, version, c.version)
		if !ok && c.op == "=" && version == c.version { // equal texts are equal versions in any ecosystem
			if r.intervals {
				return true, true
			}
			order, ok = 0, true
		}
		orders[i], known = order, known && ok
	}
	if !known {
		return false, false
	}
	if r.intervals {
		return r.inInterval(orders), true
	}
	for i, c := range r.constraints {
		if !holds(c.op, orders[i]) {
			return false, true
		}
	}
	return len(r.constraints) > 0, true
}

func holds(op string, order int) bool {
	switch op {
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case "<":
		return order < 0
	case "!=":
		return order != 0
	}
	return order == 0
}

// inInterval applies the algorithm of the VERS specification: equality first, then
// the open ends, then every pair of a lower and an upper bound.
func (r Range) inInterval(orders []int) bool {
	type bound struct {
		op    string
		order int
	}
	var bounds []bound
	for i, c := range r.constraints {
		if orders[i] == 0 {
			return c.op != "!=" && c.op != "<" && c.op != ">"
		}
		if c.op == "<" || c.op == "<=" || c.op == ">" || c.op == ">=" {
			bounds = append(bounds, bound{c.op, orders[i]})
		}
	}
	if len(bounds) == 0 { // "!=" alone means all others
		return len(r.constraints) > 0 && !slices.ContainsFunc(r.constraints, func(c constraint) bool { return c.op == "=" })
	}
	first, last := bounds[0], bounds[len(bounds)-1]
	if first.op[0] == '<' && first.order < 0 || last.op[0] == '>' && last.order > 0 {
		return true
	}
	for i := range len(bounds) - 1 {
		if low, high := bounds[i], bounds[i+1]; low.op[0] == '>' && high.op[0] == '<' && low.order > 0 && high.order < 0 {
			return true
		}
	}
	return false
}
