// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safepath

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/HailBytes/evidence"
)

func TestCheck(t *testing.T) {
	long := strings.Repeat("n", 255)
	tests := []struct {
		name   string
		rule   string // empty: safe
		offset int
	}{
		{"a", "", 0},
		{"sbom/hailbytes-asm-web.spdx.json", "", 0},
		{".hidden/..a/a..b/...c", "", 0},
		{"日本語/naïve café/Ελληνικά/🎉.png", "", 0},
		{"❤\ufe0f", "", 0},
		{"½ ﬁ Å", "", 0},
		{"!#$%&'()+,-.;=@[]^_`{}~ a", "", 0},
		{"CONSOLE/com/com0/com10/lpt/NULL/COMÄ/conin/a.con", "", 0},
		{long, "", 0},
		{strings.Repeat("a/", 63) + "a", "", 0},
		{long + "/" + long + "/" + long + "/" + long, "", 0}, // 1,023 bytes

		{"", "empty", 0},
		{"a//b", "empty", 2},
		{"a/", "empty", 2},
		{"/a", "absolute", 0},
		{"/", "absolute", 0},
		{".", "dot", 0},
		{"a/../b", "dot", 2},
		{"a/..", "dot", 2},
		{"a/.../b", "dot", 2},
		{"a/․․/b", "dot", 2},
		{"a\\b", "character", 1},
		{"C:", "character", 1},
		{"a\"", "character", 1},
		{"a\x00b", "control", 1},
		{"a\x7f", "control", 1},
		{"a\u0085", "control", 1},
		{"ab\u202ecd", "bidi", 2},
		{"a\u200b", "invisible", 1},
		{"a\u00ad", "invisible", 1},
		{"a\u2028", "separator", 1},
		{"a\u2215b", "separator", 1},
		{"a\xff", "utf8", 1},
		{"é\xc3", "utf8", 2},
		{"\ufffe", "utf8", 0},
		{"x/con", "device", 2},
		{"x/Com¹.tar.gz", "device", 2},
		{"nul . .x", "device", 0},
		{"ＣＯＮＯＵＴ＄", "device", 0},
		{"a.", "trailing", 1},
		{"a /b", "trailing", 1},
		{long + "n", "component", 0},
		{strings.Repeat("a/", 64) + "a", "depth", 0},
		{long + "/" + long + "/" + long + "/" + long + "/a", "length", 0},
	}
	for _, tt := range tests {
		e := Check(tt.name, evidence.Limits{})
		switch {
		case e == nil && tt.rule == "":
		case e == nil:
			t.Errorf("%+q: safe, want rule %s", tt.name, tt.rule)
		case e.Rule != tt.rule || e.Offset != tt.offset:
			t.Errorf("%+q: rule %q at %d (%v), want %q at %d", tt.name, e.Rule, e.Offset, e, tt.rule, tt.offset)
		default:
			want := evidence.ErrUnsafe
			if tt.rule == "length" || tt.rule == "component" || tt.rule == "depth" {
				want = evidence.ErrLimit
			}
			if !errors.Is(e, want) || e.Error() == "" {
				t.Errorf("%+q: class %v, want %v", tt.name, e.Class, want)
			}
		}
	}
}

// TestRunes holds the rules for characters to the tables of Unicode.
func TestRunes(t *testing.T) {
	refused := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		name := "a" + string(r) + "b"
		e := Check(name, evidence.Limits{})
		if e != nil {
			refused++
		}
		must := unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Noncharacter_Code_Point)
		if must && e == nil {
			t.Errorf("%U is accepted", r)
		}
		// What NFKC turns into a path that the name is not.
		if r > 0x7f && strings.ContainsAny(norm.NFKC.String(string(r)), "/\\\x00") && e == nil {
			t.Errorf("%U is accepted and becomes %q", r, norm.NFKC.String(string(r)))
		}
		if r > 0x7f && unicode.IsLetter(r) && e != nil && e.Rule != "invisible" && e.Rule != "separator" {
			t.Errorf("the letter %U is refused: %v", r, e)
		}
		dots := norm.NFKC.String(string(r))
		if r > 0x7f && (dots == "." || dots == "..") {
			if e := Check("x/"+string(r)+"/y", evidence.Limits{}); e == nil {
				t.Errorf("%U is accepted as a component and becomes %q", r, dots)
			}
		}
	}
	if refused < 200 || refused > 500 {
		t.Errorf("%d characters are refused", refused)
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"a/b", "a/../b", "CON.txt", "é\u0301", "\xff", "a/", "日本語"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if Check(name, evidence.Limits{}) != nil {
			return
		}
		if !utf8.ValidString(name) || strings.ContainsAny(name, "\\:\x00") || name[0] == '/' || len(name) > 1024 {
			t.Fatalf("%q is safe", name)
		}
		for c := range strings.SplitSeq(name, "/") {
			if c == "" || c == "." || c == ".." || strings.HasSuffix(c, ".") || strings.HasSuffix(c, " ") || len(c) > 255 {
				t.Fatalf("%q is safe with the component %q", name, c)
			}
			if Check(c, evidence.Limits{}) != nil {
				t.Fatalf("%q is safe, its component %q is not", name, c)
			}
		}
	})
}
