// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package nameset

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/HailBytes/evidence"
)

func TestSet(t *testing.T) {
	tests := []struct {
		names []string // directories end with a slash
		rule  string   // that the last one breaks; empty: none
	}{
		{[]string{"a", "b", "a.b", "c/a", "c/b/a", "c/", "c/b/", "d/"}, ""},
		{[]string{"ſ", "t"}, ""},
		{[]string{"ı", "i"}, ""}, // dotless i folds to itself
		{[]string{"a", "a"}, "duplicate"},
		{[]string{"a/", "a/"}, "duplicate"},
		{[]string{"a/b", "a/", "a/"}, "duplicate"},
		{[]string{"a", "A"}, "collision"},
		{[]string{"a/b", "A/c"}, "collision"},
		{[]string{"x/a/b", "x/b", "x/A/c"}, "collision"},
		{[]string{"é", "e\u0301"}, "collision"},
		{[]string{"É", "e\u0301"}, "collision"},
		{[]string{"ﬁ", "FI"}, "collision"},
		{[]string{"straße", "STRASSE"}, "collision"},
		{[]string{"ΐ", "\u03b9\u0308\u0301"}, "collision"},
		{[]string{"a", "a/b"}, "tree"},
		{[]string{"a", "a/"}, "tree"},
		{[]string{"a/", "a"}, "tree"},
		{[]string{"a/b", "a"}, "tree"},
		{[]string{"A", "a/b/c"}, "tree"},
	}
	for _, tt := range tests {
		var s Set
		for i, name := range tt.names {
			file, dir := strings.CutSuffix(name, "/")
			e := s.Add(file, dir)
			last := i == len(tt.names)-1
			switch {
			case e == nil && last && tt.rule != "":
				t.Errorf("%q: accepted, want %s", tt.names, tt.rule)
			case e != nil && (!last || e.Rule != tt.rule || !errors.Is(e, evidence.ErrUnsafe)):
				t.Errorf("%q: %s is refused: %s: %v", tt.names, name, e.Rule, e)
			}
		}
	}
}

func TestSetBounds(t *testing.T) {
	var s Set
	if e := s.Add("a/b/c/d", false); e != nil || s.Len() != 4 {
		t.Errorf("%v, %d names, want 4", e, s.Len())
	}
	if e := s.Add("a/b/c/e", false); e != nil || s.Len() != 5 {
		t.Errorf("%v, %d names, want 5", e, s.Len())
	}
	if e := s.Add("صلى/ﷺ.txt", false); e != nil {
		t.Errorf("one long ligature: %v", e)
	}
	if e := s.Add(strings.Repeat("ﷺ", 20), false); e == nil || e.Rule != "length" || !errors.Is(e, evidence.ErrLimit) {
		t.Errorf("twenty long ligatures: %v", e)
	}
}

// FuzzKey checks that names which any one of the foldings makes equal have one key.
func FuzzKey(f *testing.F) {
	for _, s := range []string{"a", "É", "e\u0301", "ﬁ", "ß", "ſt", "ǰ", "ΐ", "Ａ", "각", "\u0345\u0301", "ẞ", "İ", "\uabae"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			return // package safepath refuses it
		}
		key := Key(name)
		for what, other := range map[string]string{
			"NFC": norm.NFC.String(name), "NFD": norm.NFD.String(name), "NFKC": norm.NFKC.String(name),
			"folding": cases.Fold().String(name), "lower case": strings.ToLower(name), "upper case": strings.ToUpper(name), "its key": key,
		} {
			switch {
			case strings.ContainsRune(name, 'ı') && what == "upper case",
				strings.ContainsRune(name, 'İ') && what == "lower case":
				continue // I and i, which Unicode's folding keeps apart from these
			case strings.ContainsRune(norm.NFD.String(name), '\u0345'):
				continue // folds to a letter, or not, depending on what was done first
			}
			if got := Key(other); got != key {
				t.Errorf("%s of %+q is %+q with key %+q, not %+q", what, name, other, got, key)
			}
		}
	})
}
