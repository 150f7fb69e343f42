// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"errors"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestGoSumLacks: a go.sum holds a hash of each module that go.mod requires, or of
// what replaces it; a folder has no hash.
func TestGoSumLacks(t *testing.T) {
	const head = "module example.com/m\n\ngo 1.26\n\n"
	const a, b = "require example.com/a v1.0.0\n", "require example.com/b v2.0.0+incompatible\n"
	for _, test := range []struct{ name, mod, sum, want string }{
		{"both", a + b, "example.com/a v1.0.0 h1:x=\nexample.com/b v2.0.0+incompatible/go.mod h1:x=\n", ""},
		{"carriage returns", a, "example.com/a v1.0.0 h1:x=\r\n\r\n", ""},
		{"empty", a + b, "", "example.com/a@v1.0.0 example.com/b@v2.0.0+incompatible"},
		{"one", a + b, "example.com/a v1.0.0 h1:x=\n", "example.com/b@v2.0.0+incompatible"},
		{"another version", a, "example.com/a v1.0.1 h1:x=\n", "example.com/a@v1.0.0"},
		{"replaced", a + "replace example.com/a => example.com/fork v1.1.0\n", "example.com/fork v1.1.0 h1:x=\n", ""},
		{"only what was replaced", a + "replace example.com/a => example.com/fork v1.1.0\n", "example.com/a v1.0.0 h1:x=\n", "example.com/fork@v1.1.0"},
		{"replaced by a folder", a + "replace example.com/a v1.0.0 => ../a\n", "", ""},
		{"nothing required", "", "", ""},
	} {
		mod, err := ReadGoMod(strings.NewReader(head+test.mod), nil)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		sum, err := ReadGoSum(strings.NewReader(test.sum), nil)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		var got []string
		for _, c := range sum.Lacks(mod) {
			got = append(got, c.Name+"@"+c.Version)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: lacks %q, want %q", test.name, got, test.want)
		}
	}
}

func TestGoSumRefused(t *testing.T) {
	good := "example.com/a v1.0.0 h1:x=\n"
	for _, test := range []struct {
		name, sum, code string
		class           error
		line            int
	}{
		{"two fields", good + "example.com/b v1.0.0\n", "gosum.syntax", evidence.ErrFormat, 2},
		{"a merge that was left", good + "<<<<<<< HEAD\n", "gosum.syntax", evidence.ErrFormat, 2},
		{"a long line", good + strings.Repeat("a", longestGoSumLine), "gosum.line", evidence.ErrLimit, 2},
		{"many lines", strings.Repeat(good, 4), "gosum.lines", evidence.ErrLimit, 4},
	} {
		_, err := ReadGoSum(strings.NewReader(test.sum), &ReadOptions{Limits: evidence.Limits{Elements: 3}})
		p, ok := errors.AsType[*evidence.Problem](err)
		if !ok || p.Code != test.code || !errors.Is(err, test.class) || p.Line != test.line {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
