// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
)

func parse(t testing.TB, s string) Expression {
	t.Helper()
	e, err := Parse(s, nil)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return e
}

func TestString(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"MIT", "MIT"},
		{" mit ", "MIT"},
		{"apache-2.0", "Apache-2.0"},
		{"GPL-2.0+", "GPL-2.0+"},
		{"CDDL-1.0+", "CDDL-1.0+"},
		{"((MIT))", "MIT"},
		{"MIT and isc", "MIT AND ISC"},
		{"MIT\tor\nISC", "MIT OR ISC"},
		{"A-x", ""},
		{"MIT OR ISC AND Zlib", "MIT OR ISC AND Zlib"},
		{"MIT OR (ISC AND Zlib)", "MIT OR ISC AND Zlib"},
		{"(MIT OR ISC) AND Zlib", "(MIT OR ISC) AND Zlib"},
		{"(MIT OR ISC)AND(Zlib OR 0BSD)", "(MIT OR ISC) AND (Zlib OR 0BSD)"},
		{"MIT OR (ISC OR (Zlib OR 0BSD))", "MIT OR ISC OR Zlib OR 0BSD"},
		{"((MIT AND ISC) AND (Zlib AND 0BSD)) AND AAL", "MIT AND ISC AND Zlib AND 0BSD AND AAL"},
		{"((MIT AND ISC)) OR ((Zlib OR 0BSD))", "MIT AND ISC OR Zlib OR 0BSD"},
		{"MIT AND ((ISC OR Zlib AND (0BSD OR AAL)))", "MIT AND (ISC OR Zlib AND (0BSD OR AAL))"},
		{"gpl-2.0-ONLY with classpath-EXCEPTION-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"},
		{"GPL-2.0+ WITH Bison-exception-2.2 OR MIT", "GPL-2.0+ WITH Bison-exception-2.2 OR MIT"},
		{"LicenseRef-23", "LicenseRef-23"},
		{"DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2", "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2"},
		{"MIT WITH AdditionRef-x", "MIT WITH AdditionRef-x"},
		{"LicenseRef-a WITH DocumentRef-d:AdditionRef-x AND ISC", "LicenseRef-a WITH DocumentRef-d:AdditionRef-x AND ISC"},
		{"NONE", "NONE"},
		{"NOASSERTION", "NOASSERTION"},
		{"MIT AND NOASSERTION", "MIT AND NOASSERTION"},
		{"(MIT AND NONE) OR ISC", "MIT AND NONE OR ISC"},
	} {
		if c.want == "" {
			if _, err := Parse(c.in, nil); err == nil {
				t.Errorf("Parse(%q) accepted", c.in)
			}
			continue
		}
		if got := parse(t, c.in).String(); got != c.want {
			t.Errorf("Parse(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		in     string
		code   string
		class  error
		offset int64
	}{
		{"", codeEmpty, evidence.ErrFormat, 0},
		{" \t", codeEmpty, evidence.ErrFormat, 0},
		{"MIT/ISC", codeCharacter, evidence.ErrFormat, 3},
		{"MIT OR GPL_2", codeCharacter, evidence.ErrFormat, 10},
		{"LicenseRef-é", codeCharacter, evidence.ErrFormat, 11},
		{"MIT\x00", codeCharacter, evidence.ErrFormat, 3},
		{"GPL-2.0++", codeCharacter, evidence.ErrFormat, 7},
		{"a:MIT", codeCharacter, evidence.ErrFormat, 1},
		{"MIT ISC", codeSyntax, evidence.ErrFormat, 4},
		{"MIT AND", codeSyntax, evidence.ErrFormat, 7},
		{"MIT AND ", codeSyntax, evidence.ErrFormat, 8},
		{"OR MIT", codeSyntax, evidence.ErrFormat, 0},
		{"MIT AND OR ISC", codeSyntax, evidence.ErrFormat, 8},
		{"()", codeSyntax, evidence.ErrFormat, 1},
		{"(MIT", codeSyntax, evidence.ErrFormat, 0},
		{"(MIT OR (ISC)", codeSyntax, evidence.ErrFormat, 0},
		{"MIT)", codeSyntax, evidence.ErrFormat, 3},
		{"(MIT) ISC", codeSyntax, evidence.ErrFormat, 6},
		{"MIT (ISC)", codeSyntax, evidence.ErrFormat, 4},
		{"GPL-2.0 +", codeSyntax, evidence.ErrFormat, 8},
		{"+", codeSyntax, evidence.ErrFormat, 0},
		{"MIT WITH", codeSyntax, evidence.ErrFormat, 8},
		{"MIT WITH (Classpath-exception-2.0)", codeSyntax, evidence.ErrFormat, 9},
		{"(MIT) WITH Classpath-exception-2.0", codeSyntax, evidence.ErrFormat, 6},
		{"MIT WITH GCC-exception-3.1 WITH GCC-exception-3.1", codeSyntax, evidence.ErrFormat, 27},
		{"MIT Or ISC", codeOperatorCase, evidence.ErrFormat, 4},
		{"MIT And ISC", codeOperatorCase, evidence.ErrFormat, 4},
		{"MIT wITH x", codeOperatorCase, evidence.ErrFormat, 4},
		{"LicenseRef-", codeReference, evidence.ErrFormat, 0},
		{"LicenseRef-a+", codeReference, evidence.ErrFormat, 0},
		{"LicenseRef-a:b", codeReference, evidence.ErrFormat, 0},
		{"DocumentRef-a", codeReference, evidence.ErrFormat, 0},
		{"DocumentRef-:LicenseRef-a", codeReference, evidence.ErrFormat, 0},
		{"DocumentRef-a:MIT", codeReference, evidence.ErrFormat, 0},
		{"DocumentRef-a+:LicenseRef-a", codeReference, evidence.ErrFormat, 0},
		{"MIT WITH LicenseRef-a", CodeUnknownException, evidence.ErrUnsupported, 9},
		{"MIT WITH AdditionRef-", codeReference, evidence.ErrFormat, 9},
		{"MIT OR NONE", codeSpecial, evidence.ErrFormat, 7},
		{"NOASSERTION OR MIT", codeSpecial, evidence.ErrFormat, 0},
		{"(NOASSERTION) OR MIT", codeSpecial, evidence.ErrFormat, 1},
		{"NONE WITH GCC-exception-3.1", codeSpecial, evidence.ErrFormat, 0},
		{"NONE+", codeSpecial, evidence.ErrFormat, 0},
		{"MIT OR BAR", CodeUnknownLicense, evidence.ErrUnsupported, 7},
		{"licenseref-x", CodeUnknownLicense, evidence.ErrUnsupported, 0},
		{"Classpath-exception-2.0", CodeUnknownLicense, evidence.ErrUnsupported, 0},
		{"MIT WITH ISC", CodeUnknownException, evidence.ErrUnsupported, 9},
		{"MIT WITH BAR", CodeUnknownException, evidence.ErrUnsupported, 9},
		{strings.Repeat(" ", MaxBytes) + "MIT", codeSize, evidence.ErrLimit, 0},
	} {
		name := c.in[:min(len(c.in), 60)]
		_, err := Parse(c.in, nil)
		var p *evidence.Problem
		if !errors.As(err, &p) {
			t.Errorf("Parse(%q) = %v, want a *Problem", name, err)
			continue
		}
		if p.Code != c.code || p.Offset != c.offset || !errors.Is(err, c.class) {
			t.Errorf("Parse(%q): %s at %d (%v), want %s at %d", name, p.Code, p.Offset, err, c.code, c.offset)
		}
	}
}

func TestUnsafeUnknown(t *testing.T) {
	o := &Options{UnsafeUnknown: true}
	e, err := Parse("FOO OR mit WITH bar AND GPLv2+", o)
	if err != nil {
		t.Fatal(err)
	}
	want := []License{
		{ID: "FOO"},
		{ID: "MIT", With: Addition{ID: "bar"}},
		{ID: "GPLv2", OrLater: true},
	}
	if diff := cmp.Diff(want, slices.Collect(e.Licenses())); diff != "" {
		t.Error(diff)
	}
	for l := range e.Licenses() {
		if l.Listed() {
			t.Errorf("%v is said to be on the list", l)
		}
	}
	// What is malformed stays refused, an exception out of place too.
	for _, s := range []string{"FOO BAR", "a_b", "LicenseRef-", "Classpath-exception-2.0", "FOO WITH MIT"} {
		if e, err := Parse(s, o); err == nil {
			t.Errorf("Parse(%q) = %v", s, e)
		}
	}
}

func TestLicense(t *testing.T) {
	if _, ok := parse(t, "MIT AND ISC").License(); ok {
		t.Error("a compound expression is one licence")
	}
	l, ok := parse(t, "(gpl-2.0+ WITH GCC-exception-2.0)").License()
	want := License{ID: "GPL-2.0", OrLater: true, With: Addition{ID: "GCC-exception-2.0"}}
	if !ok || l != want {
		t.Errorf("License = %+v, %v", l, ok)
	}
	if !l.Listed() || l.IsSpecial() || l.IsReference() {
		t.Error("misclassified")
	}
	if r, _ := parse(t, "DocumentRef-d:LicenseRef-x").License(); !r.IsReference() || r.Listed() {
		t.Errorf("%+v is no reference", r)
	}
	var zero Expression
	if !zero.IsZero() || zero.String() != "" || len(slices.Collect(zero.Licenses())) != 0 {
		t.Error("zero Expression")
	}
	if _, ok := zero.License(); ok {
		t.Error("zero Expression has a licence")
	}
}

func TestCurrent(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"GPL-2.0", "GPL-2.0-only"},
		{"GPL-2.0+", "GPL-2.0-or-later"},
		{"gpl-2.0-with-classpath-exception OR MIT", "GPL-2.0-only WITH Classpath-exception-2.0 OR MIT"},
		{"GPL-2.0-with-GCC-exception+", "GPL-2.0-or-later WITH GCC-exception-2.0"},
		{"GPL-2.0-with-GCC-exception WITH Bison-exception-2.2", "GPL-2.0-with-GCC-exception WITH Bison-exception-2.2"},
		{"Nunit", "Nunit"},
		{"MIT AND LicenseRef-x", "MIT AND LicenseRef-x"},
	} {
		if got := parse(t, c.in).Current().String(); got != c.want {
			t.Errorf("Current(%s) = %s, want %s", c.in, got, c.want)
		}
	}
}

// TestDeep holds cost to the length of the text: nesting, width and repetition
// of any kind take the same path.
func TestDeep(t *testing.T) {
	const n = 60_000
	for name, s := range map[string]string{
		"parentheses": strings.Repeat("(", n) + "MIT" + strings.Repeat(")", n),
		"alternating": strings.Repeat("MIT OR (ISC AND (", n/4) + "Zlib" + strings.Repeat("))", n/4),
		"left":        strings.Repeat("((", n/4) + "Zlib" + strings.Repeat(" OR ISC) AND MIT)", n/4),
		"wide":        strings.Repeat("(MIT OR ISC) AND ", n) + "Zlib",
		"unfinished":  strings.Repeat("(", MaxBytes),
	} {
		e, err := Parse(s, nil)
		if (err != nil) != (name == "unfinished") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if again := parse(t, e.String()).String(); again != e.String() {
			t.Errorf("%s: text is not stable", name)
		}
		normal := e.Normal()
		if again := normal.Normal().String(); again != normal.String() {
			t.Errorf("%s: normal form is not stable", name)
		}
		if d := e.Evaluate(func(l License) Decision { return Denied }); d != Denied {
			t.Errorf("%s: %v", name, d)
		}
	}
}
