// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package glob

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		pattern string
		yes, no []string
	}{
		{"sbom/*.json", []string{"sbom/web.json"}, []string{"sbom/a/web.json", "web.json", "sbom/web.xml", "x/sbom/web.json"}},
		{"*", []string{"index.html"}, []string{"a/b", ""}},
		{"**", []string{"index.html", "a/b", "a/b/c"}, []string{""}},
		{"**/*.json", []string{"web.json", "a/web.json", "a/b/web.json"}, []string{"a/web.xml", "web.json/a"}},
		{"uat/**", []string{"uat/a", "uat/a/b", "uat"}, []string{"uata", "a/uat"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b", "a/b/b"}, []string{"a", "b", "a/x", "a/b/x", "ab"}},
		{"a/**/b/**/c", []string{"a/b/c", "a/1/b/2/c", "a/b/b/c/c"}, []string{"a/c/b", "a/b"}},
		{"scans/?.[a-c]", []string{"scans/x.a"}, []string{"scans/xx.a", "scans/x.d"}},
		{`a\*b`, []string{"a*b"}, []string{"axb"}},
		{"[^a]*", []string{"b", "ba"}, []string{"a", "ab", "b/a"}},
		{"é/*", []string{"é/x"}, []string{"e/x"}},
	} {
		p, err := Compile(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		for _, name := range test.yes {
			if !p.Match(name) {
				t.Errorf("%s does not match %q", test.pattern, name)
			}
		}
		for _, name := range test.no {
			if p.Match(name) {
				t.Errorf("%s matches %q", test.pattern, name)
			}
		}
	}
	if (Pattern{}).Match("a") {
		t.Error("the zero Pattern matches")
	}
}

func TestCompileRefuses(t *testing.T) {
	for pattern, want := range map[string]error{
		"": ErrEmpty, "a//b": ErrEmpty, "a/": ErrEmpty, "/a": ErrUnclean, "./a": ErrUnclean, "a/../b": ErrUnclean,
		"a[": ErrSyntax, "[]a]": ErrSyntax, `a\`: ErrSyntax, "a/[b": ErrSyntax, "a**": ErrStars, "a/**b": ErrStars, "***": ErrStars,
	} {
		if _, err := Compile(pattern); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", pattern, err, want)
		}
	}
}

// TestMatchEnds: patterns on which a matcher that tries every split does not end before the test's deadline.
func TestMatchEnds(t *testing.T) {
	for _, pattern := range []string{strings.Repeat("**/a/", 500) + "b", strings.Repeat("a*", 500) + "b"} {
		p, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		p.Match(strings.Repeat("a/", 2000) + "c")
		p.Match(strings.Repeat("a", 4000))
	}
}

// FuzzMatch holds Match against the regular expression that means the same, for
// patterns of letters and stars.
func FuzzMatch(f *testing.F) {
	f.Add("a/**/b*", "a/x/bc")
	f.Add("**/a/**", "a/a")
	f.Add("*/**/*", "a/b")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if strings.Trim(pattern, "ab*/") != "" || strings.Trim(name, "ab/") != "" || name == "" {
			t.Skip()
		}
		if strings.Contains(name, "//") || name[0] == '/' || name[len(name)-1] == '/' {
			t.Skip()
		}
		p, err := Compile(pattern)
		if err != nil {
			t.Skip()
		}
		re := "^/" + strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(pattern+"/", "**/", "#"), "*", "[^/]*"), "#", "([^/]+/)*") + "$"
		if got, want := p.Match(name), regexp.MustCompile(re).MatchString("/"+name+"/"); got != want {
			t.Errorf("%q matches %q: %v, the expression %s says %v", pattern, name, got, re, want)
		}
	})
}
