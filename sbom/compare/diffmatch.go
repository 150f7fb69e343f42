// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/sbom"
)

// Tier says by what a component was recognised in another document. In the order in
// which they are tried:
//
//	"purl"  package URL without version
//	"cpe"   CPE without version
//	"hash"  a digest of 256 bits or more
//	"name"  type, group and name
//	"root"  the one thing that each document describes
//
// Two components that have package URLs are the same by them, by a digest, or not at all.
type Tier string

const (
	tierPURL Tier = "purl"
	tierCPE  Tier = "cpe"
	tierHash Tier = "hash"
	tierName Tier = "name"
	tierRoot Tier = "root"
)

// pair is one component in two documents, by index.
type pair struct {
	before, after int
	tier          Tier
}

// matcher matches the components of two documents one to one. It takes
// time n log n, and nothing depends on the order of components or on which
// document comes first.
type matcher struct {
	before, after []view
	pairs         []pair
	taken         [2][]bool
}

func match(before, after []view, roots [2][]int) []pair {
	m := &matcher{before: before, after: after}
	m.taken = [2][]bool{make([]bool, len(before)), make([]bool, len(after))}
	m.by(tierPURL, func(w *view) []string {
		if w.purl == (purl.Key{}) {
			return nil
		}
		return []string{w.purl.Type + "\x00" + w.purl.Namespace + "\x00" + w.purl.Name}
	})
	m.by(tierCPE, func(w *view) []string { return w.cpes })
	m.by(tierHash, func(w *view) []string {
		if w.c.Type == sbom.TypeFile {
			return nil // files of equal content are many
		}
		return w.digests
	})
	m.by(tierName, func(w *view) []string {
		return []string{w.kind + "\x00" + w.facts[factGroup] + "\x00" + w.facts[factName]}
	})
	if len(roots[0]) == 1 && len(roots[1]) == 1 && !m.taken[0][roots[0][0]] && !m.taken[1][roots[1][0]] {
		m.add(roots[0][0], roots[1][0], tierRoot)
	}
	return m.pairs
}

func (m *matcher) add(before, after int, tier Tier) {
	m.taken[0][before], m.taken[1][after] = true, true
	m.pairs = append(m.pairs, pair{before, after, tier})
}

// by matches what has a key in common and is still alone.
func (m *matcher) by(tier Tier, keys func(*view) []string) {
	type group struct{ before, after []int }
	groups := map[string]*group{}
	for i := range m.before {
		if m.taken[0][i] {
			continue
		}
		for _, k := range keys(&m.before[i]) {
			if groups[k] == nil {
				groups[k] = &group{}
			}
			groups[k].before = append(groups[k].before, i)
		}
	}
	for i := range m.after {
		if m.taken[1][i] {
			continue
		}
		for _, k := range keys(&m.after[i]) {
			if g := groups[k]; g != nil {
				g.after = append(g.after, i)
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		if g := groups[k]; len(g.after) > 0 {
			m.group(tier, g.before, g.after)
		}
	}
}

// group matches components that share a key: first those that are equal, then
// those nearest in version, the newest first.
func (m *matcher) group(tier Tier, before, after []int) {
	if len(before) > 1 || len(after) > 1 {
		for kind := range len(view{}.places) {
			m.places(tier, before, after, kind)
		}
	}
	levels := []func(*view) string{
		func(w *view) string { return w.print },
		func(w *view) string {
			return w.facts[factVersion] + "\x00" + w.facts[factPURL] + "\x00" + w.facts[factHashes]
		},
		func(w *view) string { return w.facts[factVersion] + "\x00" + w.facts[factPURL] },
		func(w *view) string { return w.facts[factVersion] },
		func(w *view) string { return w.facts[factPURL] + "\x00" + versionPrefix(w.facts[factVersion], 2) },
		func(w *view) string { return versionPrefix(w.facts[factVersion], 2) },
		func(w *view) string { return versionPrefix(w.facts[factVersion], 1) },
		func(*view) string { return "" },
	}
	before, after = m.free(0, before), m.free(1, after)
	if len(before) == 1 && len(after) == 1 {
		levels = levels[len(levels)-1:]
	}
	for _, level := range levels {
		before = m.free(0, before)
		after = m.free(1, after)
		if len(before) == 0 || len(after) == 0 {
			return
		}
		buckets := map[string][]int{}
		for _, i := range before {
			k := level(&m.before[i])
			buckets[k] = append(buckets[k], i)
		}
		others := map[string][]int{}
		for _, i := range after {
			if k := level(&m.after[i]); buckets[k] != nil {
				others[k] = append(others[k], i)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(others)) {
			m.zip(tier, buckets[k], others[k])
		}
	}
}

// places matches those of which each document has one at a place.
func (m *matcher) places(tier Tier, before, after []int, kind int) {
	type sides struct{ before, after []int }
	at := map[string]*sides{}
	group := func(list []view, indexes []int, add func(*sides, int)) {
		for _, i := range indexes {
			if place := list[i].places[kind]; place != "" {
				if at[place] == nil {
					at[place] = &sides{}
				}
				add(at[place], i)
			}
		}
	}
	group(m.before, m.free(0, slices.Clone(before)), func(s *sides, i int) { s.before = append(s.before, i) })
	group(m.after, m.free(1, slices.Clone(after)), func(s *sides, i int) { s.after = append(s.after, i) })
	for _, place := range slices.Sorted(maps.Keys(at)) {
		if s := at[place]; len(s.before) == 1 && len(s.after) == 1 {
			m.zip(tier, s.before, s.after)
		}
	}
}

func (m *matcher) free(side int, list []int) []int {
	return slices.DeleteFunc(list, func(i int) bool { return m.taken[side][i] })
}

// zip pairs two lists from the newest version down. Package URLs that name
// different packages are not outdone by a guessed CPE or an equal name, so in those
// tiers one of a pair has none.
func (m *matcher) zip(tier Tier, before, after []int) {
	if tier != tierCPE && tier != tierName {
		m.zipAll(tier, before, after)
		return
	}
	part := func(list []view, indexes []int) (without, with []int) {
		for _, i := range indexes {
			if list[i].purl == (purl.Key{}) {
				without = append(without, i)
			} else {
				with = append(with, i)
			}
		}
		return without, with
	}
	bare, named := part(m.before, before)
	otherBare, otherNamed := part(m.after, after)
	m.zipAll(tier, bare, otherBare)
	m.zipAll(tier, m.free(0, bare), otherNamed)
	m.zipAll(tier, named, m.free(1, otherBare))
}

func (m *matcher) zipAll(tier Tier, before, after []int) {
	newest := func(list []view) func(a, b int) int {
		return func(a, b int) int { return compareViews(&list[b], &list[a]) }
	}
	if len(before) > 1 {
		slices.SortStableFunc(before, newest(m.before))
	}
	if len(after) > 1 {
		slices.SortStableFunc(after, newest(m.after))
	}
	for i := range min(len(before), len(after)) {
		m.add(before[i], after[i], tier)
	}
}

// compareViews is a total order: versions by their rules, those without an
// order before them and as texts, then all other facts.
func compareViews(a, b *view) int {
	_, okA := compareVersions(a.ecosystem, a.facts[factVersion], a.facts[factVersion])
	_, okB := compareVersions(b.ecosystem, b.facts[factVersion], b.facts[factVersion])
	switch {
	case okA && okB && a.ecosystem == b.ecosystem:
		if order, ok := a.order(b); ok && order != 0 {
			return order
		}
	case okA != okB:
		if okA {
			return 1
		}
		return -1
	default:
		if c := cmp.Compare(a.ecosystem, b.ecosystem); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(a.facts[factVersion], b.facts[factVersion]), cmp.Compare(a.print, b.print))
}

// versionPrefix returns the first n parts of a version, without its epoch.
func versionPrefix(version string, n int) string {
	if _, rest, ok := strings.Cut(version, ":"); ok {
		version = rest
	}
	for i, c := range version {
		if c == '.' || c == '-' || c == '+' || c == '~' || c == '_' {
			if n--; n == 0 {
				return version[:i]
			}
		}
	}
	return version
}
