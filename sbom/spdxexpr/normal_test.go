// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestNormal(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"MIT", "MIT"},
		{"MIT OR MIT", "MIT"},
		{"MIT AND Apache-2.0", "Apache-2.0 AND MIT"},
		{"MIT AND (ISC OR MIT) AND (MIT OR ISC) AND MIT", "MIT AND (ISC OR MIT)"},
		{"Zlib OR AAL AND MIT OR MIT", "MIT OR Zlib OR AAL AND MIT"},
		// X AND X collapses to the OR inside, which dissolves in the OR around it.
		{"(MIT OR ISC) AND (ISC OR MIT) OR AAL", "AAL OR ISC OR MIT"},
		{"bzip2-1.0.6 OR BSD-1-Clause", "BSD-1-Clause OR bzip2-1.0.6"},
		{"(MIT OR Zlib) AND (MIT OR ISC)", "(ISC OR MIT) AND (MIT OR Zlib)"},
		{"(MIT OR ISC OR Zlib) AND (MIT OR ISC)", "(ISC OR MIT) AND (ISC OR MIT OR Zlib)"},
		{"LicenseRef-b OR LicenseRef-B OR LicenseRef-a", "LicenseRef-a OR LicenseRef-B OR LicenseRef-b"},
		{"GPL-2.0 OR GPL-2.0+ OR GPL-2.0 WITH GCC-exception-2.0", "GPL-2.0 OR GPL-2.0 WITH GCC-exception-2.0 OR GPL-2.0+"},
	} {
		if got := parse(t, c.in).Normal().String(); got != c.want {
			t.Errorf("Normal(%s) = %s, want %s", c.in, got, c.want)
		}
	}
}

func TestEqual(t *testing.T) {
	a := parse(t, "MIT OR (ISC AND Zlib)")
	for s, want := range map[string]bool{
		"Zlib and isc or mit":   true,
		"(MIT OR ISC) AND Zlib": false,
		"MIT":                   false,
	} {
		if got := Equal(a, parse(t, s)); got != want {
			t.Errorf("Equal(%v, %s) = %v", a, s, got)
		}
	}
	if Equal(a, Expression{}) || !Equal(Expression{}, Expression{}) {
		t.Error("zero Expression")
	}
}

// formula is an expression as a tree of its own, with a text that has every
// parenthesis, and an evaluation by recursion: the oracle of the tests below.
type formula struct {
	op   string // "AND", "OR" or a licence
	kids []*formula
}

var someIDs = []string{"MIT", "ISC", "Zlib", "AAL", "0BSD", "LicenseRef-x"}

func randomFormula(r *rand.Rand, size int) *formula {
	if size <= 1 {
		return &formula{op: someIDs[r.IntN(len(someIDs))]}
	}
	f := &formula{op: []string{"AND", "OR"}[r.IntN(2)]}
	for n := 2 + r.IntN(3); n > 0; n-- {
		f.kids = append(f.kids, randomFormula(r, size/(2+r.IntN(2))))
	}
	return f
}

func (f *formula) String() string {
	if f.kids == nil {
		return f.op
	}
	var parts []string
	for _, k := range f.kids {
		parts = append(parts, k.String())
	}
	return "(" + strings.Join(parts, " "+f.op+" ") + ")"
}

func (f *formula) eval(of map[string]Decision) Decision {
	if f.kids == nil {
		return of[f.op]
	}
	result := f.kids[0].eval(of)
	for _, k := range f.kids[1:] {
		if d := k.eval(of); (f.op == "AND") == (d > result) {
			result = d
		}
	}
	return result
}

// shuffled returns an expression that must be equal: other order, repetitions.
func (f *formula) shuffled(r *rand.Rand) *formula {
	if f.kids == nil {
		return f
	}
	g := &formula{op: f.op}
	for _, i := range r.Perm(len(f.kids)) {
		g.kids = append(g.kids, f.kids[i].shuffled(r))
	}
	if r.IntN(4) == 0 {
		g.kids = append(g.kids, g.kids[r.IntN(len(g.kids))])
	}
	return g
}

func TestAgainstFormulas(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		f := randomFormula(r, 1+r.IntN(40))
		e := parse(t, f.String())
		other := parse(t, f.shuffled(r).String())
		if got, want := other.Normal().String(), e.Normal().String(); got != want {
			t.Fatalf("normal forms differ:\n%s\n%s\nof %s", want, got, f)
		}
		if !Equal(e, parse(t, e.String())) {
			t.Fatalf("%s reads as another expression than %s", e, f)
		}
		of := make(map[string]Decision)
		for _, id := range someIDs {
			of[id] = Allowed + Decision(r.IntN(3))
		}
		judge := func(l License) Decision { return of[l.ID] }
		want := f.eval(of)
		for _, x := range []Expression{e, e.Normal(), other, parse(t, e.String())} {
			if got := x.Evaluate(judge); got != want {
				t.Fatalf("%s is %v, want %v under %v", x, got, want, of)
			}
		}
	}
}

func tenThousand(shape string) string {
	var b strings.Builder
	for i := range 10_000 {
		switch {
		case i == 0:
		case shape == "flat":
			b.WriteString(" OR ")
		case shape == "clauses" && i%2 == 0: // 2^5000 terms in disjunctive form
			b.WriteString(") AND (")
		case shape == "clauses":
			b.WriteString(" OR ")
		default:
			b.WriteString([]string{" AND (", " OR ("}[i%2])
		}
		fmt.Fprintf(&b, "LicenseRef-%d", i*7919%10_000)
	}
	switch shape {
	case "clauses":
		return "(" + b.String() + ")"
	case "nested":
		b.WriteString(strings.Repeat(")", 9_999))
	}
	return b.String()
}

func BenchmarkTenThousandTerms(b *testing.B) {
	for _, shape := range []string{"flat", "clauses", "nested"} {
		text := tenThousand(shape)
		e := parse(b, text)
		p, err := NewPolicy([]string{"MIT"}, []string{"LicenseRef-1"})
		if err != nil {
			b.Fatal(err)
		}
		b.Run("parse/"+shape, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				parse(b, text)
			}
		})
		b.Run("string/"+shape, func(b *testing.B) {
			for b.Loop() {
				_ = e.String()
			}
		})
		b.Run("normal/"+shape, func(b *testing.B) {
			for b.Loop() {
				e.Normal()
			}
		})
		b.Run("decide/"+shape, func(b *testing.B) {
			for b.Loop() {
				p.Decide(e)
			}
		})
	}
}

func BenchmarkParseOne(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		parse(b, "Apache-2.0")
	}
}
