// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/vercmp"
)

// versionRange is a set of versions of one ecosystem.
type versionRange struct {
	all         bool // "*"
	constraints []constraint
	either      bool // a VERS range: intervals, any of which will do
}

type constraint struct{ op, version string }

// parseRange reads a range. Two notations are known:
//
//	>=1.2, <2.0                   every comparison holds
//	vers:deb/>=1.2|<2.0|>=3.0     a version range specifier (VERS): intervals, any of which holds
//
// "*" is every version, and a version alone is that one.
func parseRange(text string) (r versionRange, ecosystem string, err error) {
	text = strings.TrimSpace(text)
	separator := ","
	if rest, ok := strings.CutPrefix(text, "vers:"); ok {
		ecosystem, text, ok = strings.Cut(rest, "/")
		if !ok || ecosystem == "" {
			return r, "", fmt.Errorf("range %q names no ecosystem", rest)
		}
		separator, r.either = "|", true
	}
	if text == "*" {
		r.all = true
		return r, ecosystem, nil
	}
	for part := range strings.SplitSeq(text, separator) {
		part = strings.TrimSpace(part)
		c := constraint{op: "="}
		for _, op := range []string{">=", "<=", "!=", ">", "<", "="} {
			if rest, ok := strings.CutPrefix(part, op); ok {
				c.op, part = op, rest
				break
			}
		}
		if c.version = strings.TrimSpace(part); c.version == "" || strings.ContainsAny(c.version, "<>=| \t") {
			return r, "", fmt.Errorf("%q is not a comparison with a version", text)
		}
		r.constraints = append(r.constraints, c)
	}
	return r, ecosystem, nil
}

// contains reports whether a version is in the range; ok is false if the
// ecosystem has no order for it.
func (r versionRange) contains(ecosystem, version string) (in, ok bool) {
	if r.all {
		return true, true
	}
	orders := make([]int, len(r.constraints))
	for i, c := range r.constraints {
		order, ok := vercmp.Compare(ecosystem, version, c.version)
		if !ok {
			if version != c.version || c.op != "=" {
				return false, false
			}
			order = 0 // equal texts are equal versions in any ecosystem
		}
		orders[i] = order
	}
	if !r.either {
		for i, c := range r.constraints {
			if !holds(c.op, orders[i]) {
				return false, true
			}
		}
		return true, true
	}
	return r.intervals(ecosystem, orders)
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

// intervals applies the algorithm of the VERS specification: equality first, then
// the open ends, then every pair of a lower and an upper bound.
func (r versionRange) intervals(ecosystem string, orders []int) (in, ok bool) {
	type bound struct {
		constraint
		order int
	}
	var bounds []bound
	for i, c := range r.constraints {
		switch c.op {
		case "!=":
			if orders[i] == 0 {
				return false, true
			}
			continue
		case "=":
			if orders[i] == 0 {
				return true, true
			}
			continue
		}
		if orders[i] == 0 && len(c.op) == 2 {
			return true, true
		}
		bounds = append(bounds, bound{c, orders[i]})
	}
	if len(bounds) == 0 { // "!=" alone means all others
		return slices.ContainsFunc(r.constraints, func(c constraint) bool { return c.op == "!=" }) &&
			!slices.ContainsFunc(r.constraints, func(c constraint) bool { return c.op == "=" }), true
	}
	comparable := true
	slices.SortStableFunc(bounds, func(a, b bound) int {
		order, ok := vercmp.Compare(ecosystem, a.version, b.version)
		comparable = comparable && ok
		return order
	})
	if !comparable {
		return false, false
	}
	first, last := bounds[0], bounds[len(bounds)-1]
	if first.op[0] == '<' && first.order < 0 || last.op[0] == '>' && last.order > 0 {
		return true, true
	}
	for i := range len(bounds) - 1 {
		if low, high := bounds[i], bounds[i+1]; low.op[0] == '>' && high.op[0] == '<' && low.order > 0 && high.order < 0 {
			return true, true
		}
	}
	return false, true
}
