// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"slices"
)

// aliasSets joins identifiers that name the same vulnerability (union-find). No
// set has two CVEs.
type aliasSets struct {
	parent map[string]string
	best   map[string]string // of a set's root: its preferred identifier
}

// aliasPair is one statement that two identifiers name the same vulnerability.
type aliasPair struct {
	a, b  string
	vague bool // from a list with several CVEs: which of them b belongs to is open
}

// newAliasSets joins what findings say of their identifiers. Statements are taken
// in one order, clear ones first, so that the outcome is the same for any order
// of findings.
func newAliasSets(findings []*Finding) *aliasSets {
	seen := map[aliasPair]bool{}
	var pairs []aliasPair
	for _, f := range findings {
		if f.Class != ClassVulnerability {
			continue
		}
		cves := 0
		if isCVE(f.ID) {
			cves++
		}
		for _, a := range f.Aliases {
			if isCVE(a) {
				cves++
			}
		}
		for _, a := range f.Aliases {
			p := aliasPair{f.ID, a, cves > 1}
			if isCVE(p.a) && isCVE(p.b) || seen[p] {
				continue
			}
			seen[p] = true
			pairs = append(pairs, p)
		}
	}
	slices.SortFunc(pairs, func(p, q aliasPair) int {
		if p.vague != q.vague {
			if p.vague {
				return 1
			}
			return -1
		}
		return cmp.Or(compareIDs(p.a, q.a), compareIDs(p.b, q.b))
	})
	s := &aliasSets{parent: map[string]string{}, best: map[string]string{}}
	for _, p := range pairs {
		s.join(p.a, p.b)
	}
	return s
}

// root returns the representative of a set, halving the path to it.
func (s *aliasSets) root(id string) string {
	for {
		up, ok := s.parent[id]
		if !ok || up == id {
			return id
		}
		if next, ok := s.parent[up]; ok {
			s.parent[id] = next
		}
		id = up
	}
}

// join unites the sets of two identifiers unless each has a CVE of its own.
func (s *aliasSets) join(a, b string) {
	a, b = s.root(a), s.root(b)
	if a == b {
		return
	}
	bestA, bestB := s.bestOf(a), s.bestOf(b)
	if isCVE(bestA) && isCVE(bestB) {
		return
	}
	if compareIDs(bestB, bestA) < 0 {
		bestA = bestB
	}
	s.parent[b] = a
	s.best[a] = bestA
}

func (s *aliasSets) bestOf(root string) string {
	if b, ok := s.best[root]; ok {
		return b
	}
	return root
}

// canonical returns the preferred identifier of what id names.
func (s *aliasSets) canonical(id string) string { return s.bestOf(s.root(id)) }

// aliases returns the identifiers that members use, other than id, sorted.
func (x *index) aliases(id string, members []*Finding) []string {
	var list []string
	for _, m := range members {
		list = append(append(list, m.ID), m.Aliases...)
	}
	slices.SortFunc(list, compareIDs)
	list = slices.Compact(list)
	return slices.Clip(slices.DeleteFunc(list, func(s string) bool { return s == id }))
}
