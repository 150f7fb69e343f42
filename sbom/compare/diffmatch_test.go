// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/HailBytes/evidence/sbom"
)

// TestMatchNearest holds the pairs of several versions of one component against
// every possible assignment: no other pairs more equal versions, then more of
// the same first two parts, then more of the same first part, then more at all.
func TestMatchNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	versions := func() []string {
		list := make([]string, r.IntN(6))
		for i := range list {
			list[i] = fmt.Sprintf("%d.%d.%d", r.IntN(2), r.IntN(2), r.IntN(3))
		}
		return list
	}
	matched := 0
	for range 3000 {
		before, after := versions(), versions()
		changes := func(a, b []string) score {
			c := Diff(versionsOf(a), versionsOf(b))
			left := c.Summary.Before - c.Summary.Removed
			if left != c.Summary.After-c.Summary.Added {
				t.Fatalf("%q to %q: %d of the one are %d of the other", a, b, left, c.Summary.After-c.Summary.Added)
			}
			s := score{c.Summary.Unchanged, c.Summary.Unchanged, c.Summary.Unchanged, left}
			for _, x := range slices.Concat(c.Upgraded, c.Downgraded, c.VersionChanged) {
				s.add(x.From, x.To)
				s[3]-- // counted in left
			}
			return s
		}
		got, want := changes(before, after), bestScore(before, after, nil)
		if got != want {
			t.Fatalf("%q to %q: %v, an assignment has %v", before, after, got, want)
		}
		if back := changes(after, before); back != got {
			t.Fatalf("%q to %q: %v, backwards %v", before, after, got, back)
		}
		matched += got[3]
	}
	if matched < 3000 {
		t.Errorf("only %d pairs were made", matched)
	}
}

func versionsOf(versions []string) *sbom.Document {
	d := &sbom.Document{Format: sbom.FormatCycloneDXJSON, SpecVersion: "1.6", ID: "#"}
	for i, v := range versions {
		d.Components = append(d.Components, sbom.Component{
			ID: fmt.Sprint(i), Type: sbom.TypeLibrary, Name: sbom.NewText("a"), Version: sbom.NewText(v),
			Identifiers: []sbom.Identifier{{Kind: sbom.IdentifierPURL, Value: "pkg:npm/a@" + v}},
		})
	}
	return d
}

// score counts the pairs of equal version, of the same two parts, of the same first part, and all.
type score [4]int

func (s *score) add(from, to string) {
	s[3]++
	for i, same := range []bool{from == to, versionPrefix(from, 2) == versionPrefix(to, 2), versionPrefix(from, 1) == versionPrefix(to, 1)} {
		if same {
			s[i]++
		}
	}
}

// bestScore tries every assignment of before to after.
func bestScore(before, after []string, pairs [][2]string) score {
	var best score
	if len(before) == 0 {
		for _, p := range pairs {
			best.add(p[0], p[1])
		}
		return best
	}
	best = bestScore(before[1:], after, pairs)
	for i := range after {
		rest := slices.Delete(slices.Clone(after), i, i+1)
		if s := bestScore(before[1:], rest, append(slices.Clone(pairs), [2]string{before[0], after[i]})); slices.Compare(s[:], best[:]) > 0 {
			best = s
		}
	}
	return best
}

// BenchmarkDiffVersions matches versions of one component that have no version in
// common: the same key everywhere, which a quadratic matching would not survive.
func BenchmarkDiffVersions(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("components=%d", n), func(b *testing.B) {
			var before, after []string
			for i := range n {
				before, after = append(before, fmt.Sprintf("%d.%d.0", i/100, i%100)), append(after, fmt.Sprintf("%d.%d.1", i/100, i%100))
			}
			from, to := versionsOf(before), versionsOf(after)
			b.ReportAllocs()
			for b.Loop() {
				if c := Diff(from, to); c.Summary.Upgraded != n {
					b.Fatalf("%+v", c.Summary)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/component")
		})
	}
}
