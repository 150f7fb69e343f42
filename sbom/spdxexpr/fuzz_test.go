// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"errors"
	"testing"

	"github.com/HailBytes/evidence"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"MIT", "MIT OR (ISC AND Zlib)", "((GPL-2.0+ WITH GCC-exception-2.0))", "NONE AND MIT", "A OR B AND (C OR D)",
		"DocumentRef-a:LicenseRef-b WITH AdditionRef-c", "(MIT", "MIT)", "x+ or Y", "mit AND (mit OR mit) OR mit",
	} {
		f.Add(s, uint64(12345))
	}
	f.Fuzz(func(t *testing.T, s string, seed uint64) {
		e, err := Parse(s, &Options{UnsafeUnknown: true})
		if err != nil {
			var p *evidence.Problem
			if !errors.As(err, &p) || p.Offset < 0 || p.Offset > int64(len(s)) || p.Message == "" || p.Err == nil {
				t.Fatalf("error %#v", err)
			}
			if _, err := Parse(s, nil); err == nil {
				t.Fatal("the strict reading accepts more")
			}
			return
		}
		text := e.String()
		again, err := Parse(text, &Options{UnsafeUnknown: true})
		if err != nil || again.String() != text {
			t.Fatalf("%q prints as %q, which reads as %q, %v", s, text, again, err)
		}
		normal := e.Normal()
		if n := normal.Normal().String(); n != normal.String() {
			t.Fatalf("normal form %q has the normal form %q", normal, n)
		}
		if !Equal(e, again) || !Equal(e, normal) {
			t.Fatalf("%q is not equal to itself", s)
		}
		judge := func(l License) Decision {
			h := seed
			for _, c := range []byte(l.String()) {
				h = h*1099511628211 ^ uint64(c)
			}
			return Allowed + Decision(h>>20%3)
		}
		if a, b := e.Evaluate(judge), normal.Evaluate(judge); a != b {
			t.Fatalf("%q is %v, its normal form %v", s, a, b)
		}
	})
}
