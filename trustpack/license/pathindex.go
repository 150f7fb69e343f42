// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// pathIndex finds values by paths that are a prefix of another at a slash. Making
// it takes time linear in the paths but for the factor of a sort; a question
// takes a binary search and one step for each path that is a prefix of the one
// before it. ASCII letters match without regard to case.
type pathIndex[T any] struct {
	groups []pathGroup[T] // in the order of comparePaths
}

type pathGroup[T any] struct {
	path   string // in lower case
	values []T    // in the order given
	parent int    // the longest other path that is a prefix of this; -1 if there is none
}

// newPathIndex makes an index of values by their paths, which stand at equal
// places of the two lists.
func newPathIndex[T any](paths []string, values []T) pathIndex[T] {
	groups := make([]pathGroup[T], len(paths))
	for i, path := range paths {
		groups[i] = pathGroup[T]{path: lower(path), values: values[i : i+1 : i+1]}
	}
	slices.SortStableFunc(groups, func(a, b pathGroup[T]) int { return comparePaths(a.path, b.path) })
	merged := groups[:0]
	for _, g := range groups {
		if n := len(merged); n > 0 && merged[n-1].path == g.path {
			merged[n-1].values = append(merged[n-1].values, g.values...)
			continue
		}
		parent := len(merged) - 1
		for parent >= 0 && !within(g.path, merged[parent].path) {
			parent = merged[parent].parent
		}
		g.parent = parent
		merged = append(merged, g)
	}
	return pathIndex[T]{merged}
}

// prefixes returns the groups whose path is the given one or a prefix of it at a
// slash, the longest first.
func (x pathIndex[T]) prefixes(path string) iter.Seq[*pathGroup[T]] {
	return func(yield func(*pathGroup[T]) bool) {
		path := lower(path)
		i, found := slices.BinarySearchFunc(x.groups, path, func(g pathGroup[T], path string) int { return comparePaths(g.path, path) })
		if !found {
			i--
		}
		if i < 0 {
			return
		}
		// What stands before path in the order is a prefix of it, or in one, or
		// shares with it as much as any other.
		shared := sharedPrefix(x.groups[i].path, path)
		for ; i >= 0; i = x.groups[i].parent {
			g := &x.groups[i]
			if n := len(g.path); n <= shared && (n == len(path) || path[n] == '/') && !yield(g) {
				return
			}
		}
	}
}

// longest returns the group with the longest path that is the given one or a
// prefix of it.
func (x pathIndex[T]) longest(path string) (*pathGroup[T], bool) {
	for g := range x.prefixes(path) {
		return g, true
	}
	return nil, false
}

// comparePaths orders paths bytewise, with a slash before any other byte, so that
// a path is followed by those in it.
func comparePaths(a, b string) int {
	n := sharedPrefix(a, b)
	if n == len(a) || n == len(b) {
		return cmp.Compare(len(a), len(b))
	}
	rank := func(c byte) int {
		if c == '/' {
			return -1
		}
		return int(c)
	}
	return rank(a[n]) - rank(b[n])
}

func sharedPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// lower returns s with its ASCII letters in lower case; import paths have no
// others, and the length stays.
func lower(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) < 0 {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// within reports whether path is module or a package in it.
func within(path, module string) bool {
	rest, ok := strings.CutPrefix(path, module)
	return ok && (rest == "" || rest[0] == '/')
}
