// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package depcheck keeps the walls between the module's packages: which package
// may reach which, and whose types stand in exported signatures.
package depcheck

import (
	"fmt"
	"slices"
	"strings"
)

// Graph is the imports of each package.
type Graph map[string][]string

// Wall is one rule about what packages import. Paths ending in "/..." mean the
// path and everything below it.
type Wall struct {
	Why    string   // the sentence that is printed with a breach
	From   []string // the packages that the wall is around
	Except []string // but not these of them
	Ban    []string // what they must not reach
	Allow  []string // if set, they must not reach anything else but the standard library
	Direct bool     // only their own imports count, not those of what they import
}

// Breach is one import that breaks a wall.
type Breach struct {
	Wall  Wall
	Chain []string // from the package inside the wall to what it must not reach
}

func (b Breach) String() string {
	return b.Wall.Why + "\n\t" + strings.Join(b.Chain, "\n\timports ")
}

// Check returns a breach for every package inside a wall and every package that
// it must not reach, by a shortest chain. standard tells the standard library.
func Check(g Graph, standard func(path string) bool, walls []Wall) []Breach {
	var breaches []Breach
	for _, wall := range walls {
		for _, from := range sortedKeys(g) {
			if !matches(wall.From, from) || matches(wall.Except, from) {
				continue
			}
			for _, chain := range reach(g, from, wall.Direct) {
				to := chain[len(chain)-1]
				if matches(wall.Ban, to) || wall.Allow != nil && !matches(wall.Allow, to) && !standard(to) {
					breaches = append(breaches, Breach{wall, chain})
				}
			}
		}
	}
	return breaches
}

// Unmatched returns the paths of From, Except and Ban below module that name no package of the graph:
// a wall around nothing holds whatever happens.
func Unmatched(g Graph, module string, walls []Wall) []string {
	var none []string
	for _, wall := range walls {
		for _, pattern := range slices.Concat(wall.From, wall.Except, wall.Ban) {
			if !strings.HasPrefix(pattern, module) || slices.Contains(none, pattern) {
				continue
			}
			if !slices.ContainsFunc(sortedKeys(g), func(path string) bool { return matches([]string{pattern}, path) }) {
				none = append(none, pattern)
			}
		}
	}
	slices.Sort(none)
	return none
}

// reach returns a shortest chain to every package that from imports, breadth first.
func reach(g Graph, from string, direct bool) [][]string {
	var chains [][]string
	seen := map[string]bool{from: true}
	for queue := [][]string{{from}}; len(queue) > 0; queue = queue[1:] {
		chain := queue[0]
		if direct && len(chain) > 1 {
			break
		}
		for _, next := range g[chain[len(chain)-1]] {
			if !seen[next] {
				seen[next] = true
				longer := append(slices.Clone(chain), next)
				chains, queue = append(chains, longer), append(queue, longer)
			}
		}
	}
	return chains
}

func matches(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if below, ok := strings.CutSuffix(pattern, "/..."); ok {
			return path == below || strings.HasPrefix(path, below+"/")
		}
		return path == pattern
	})
}

func sortedKeys(g Graph) []string {
	keys := make([]string, 0, len(g))
	for key := range g {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Foreign is one place in a package's exported interface that names a type of another module.
type Foreign struct {
	Place string // "attest.Verify, parameter 2"
	Type  string // "github.com/sigstore/sigstore-go/pkg/bundle.Bundle"
}

func (f Foreign) String() string { return fmt.Sprintf("%s names %s", f.Place, f.Type) }
