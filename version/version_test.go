// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/version"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ in, text, tag, semver string }{
		{"1.482", "1.482", "v1.482", "1.482.0"},
		{"v1.482", "1.482", "v1.482", "1.482.0"},
		{"1.482.3", "1.482.3", "v1.482.3", "1.482.3"},
		{"v1.482.0", "1.482", "v1.482", "1.482.0"},
		{"1.0", "1.0", "v1.0", "1.0.0"},
		{"20.1", "20.1", "v20.1", "20.1.0"},
		{"1.9007199254740991", "1.9007199254740991", "v1.9007199254740991", "1.9007199254740991.0"},
	} {
		v, err := version.Parse(tt.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
			continue
		}
		if v.String() != tt.text || v.Tag() != tt.tag || v.SemVer() != tt.semver {
			t.Errorf("Parse(%q) is %s, tag %s, SemVer %s", tt.in, v, v.Tag(), v.SemVer())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]struct {
		code  string
		class error
	}{
		"":                                {"version.syntax", evidence.ErrFormat},
		"1":                               {"version.syntax", evidence.ErrFormat},
		"v":                               {"version.syntax", evidence.ErrFormat},
		"1.":                              {"version.syntax", evidence.ErrFormat},
		".482":                            {"version.syntax", evidence.ErrFormat},
		"1.482.":                          {"version.syntax", evidence.ErrFormat},
		"1.4.8.2":                         {"version.syntax", evidence.ErrFormat},
		"vv1.482":                         {"version.syntax", evidence.ErrFormat},
		"V1.482":                          {"version.syntax", evidence.ErrFormat},
		"0.482":                           {"version.syntax", evidence.ErrFormat},
		"1.0482":                          {"version.syntax", evidence.ErrFormat},
		"01.482":                          {"version.syntax", evidence.ErrFormat},
		"1.+482":                          {"version.syntax", evidence.ErrFormat},
		"1.-482":                          {"version.syntax", evidence.ErrFormat},
		"1.4e2":                           {"version.syntax", evidence.ErrFormat},
		"1.0x1":                           {"version.syntax", evidence.ErrFormat},
		"1.4_8":                           {"version.syntax", evidence.ErrFormat},
		" 1.482":                          {"version.syntax", evidence.ErrFormat},
		"1.482\n":                         {"version.syntax", evidence.ErrFormat},
		"1.٤٨٢":                           {"version.syntax", evidence.ErrFormat},
		"1.482.0-rc.1":                    {"version.syntax", evidence.ErrFormat},
		"1.482.0+abc":                     {"version.syntax", evidence.ErrFormat},
		"refs/tags/v1.482":                {"version.syntax", evidence.ErrFormat},
		"1.9007199254740992":              {"version.range", evidence.ErrLimit},
		"1.482.99999999999999":            {"", nil},
		"1." + strings.Repeat("9", 1<<16): {"version.range", evidence.ErrLimit},
	} {
		v, err := version.Parse(in)
		if want.class == nil {
			if err != nil {
				t.Errorf("Parse(%q): %v", in, err)
			}
			continue
		}
		p, ok := errors.AsType[*evidence.Problem](err)
		if !ok || p.Code != want.code || !errors.Is(err, want.class) || !v.IsZero() || len(err.Error()) > 300 {
			t.Errorf("Parse(%.40q) = %v, %v; want %s (%v)", in, v, err, want.code, want.class)
		}
	}
}

func TestCompare(t *testing.T) {
	ordered := []string{"1.9", "1.10", "1.10.1", "1.10.2", "1.10.10", "1.11", "1.99", "1.100", "2.1", "10.1"}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := parse(t, a).Compare(parse(t, b)); got != want {
				t.Errorf("%s compared with %s is %d, want %d", a, b, got, want)
			}
		}
		if parse(t, a).Compare(version.Version{}) != 1 {
			t.Errorf("%s is not above the zero Version", a)
		}
	}
	if parse(t, "1.482.0") != parse(t, "v1.482") {
		t.Error("1.482.0 and v1.482 are different values")
	}
}

func TestText(t *testing.T) {
	type doc struct{ Version version.Version }
	var d doc
	if err := json.Unmarshal([]byte(`{"Version":"v1.482"}`), &d); err != nil {
		t.Fatal(err)
	}
	if out, err := json.Marshal(d); err != nil || string(out) != `{"Version":"1.482"}` {
		t.Errorf("got %s, %v", out, err)
	}
	for _, in := range []string{`{"Version":1.482}`, `{"Version":"1.4.8.2"}`} {
		if err := json.Unmarshal([]byte(in), &d); err == nil || d.Version.String() != "1.482" {
			t.Errorf("%s: %v, value now %s; want an error and no change", in, err, d.Version)
		}
	}
	if out, err := json.Marshal(doc{}); err != nil || string(out) != `{"Version":""}` {
		t.Errorf("zero Version: %s, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"Version":""}`), &d); err != nil || !d.Version.IsZero() || d.Version.String() != "unknown" {
		t.Errorf("empty text: %v, %v", d.Version, err)
	}
}

// A version that is read prints to a stable form, and versions order as the triples
// of their numbers do in arithmetic without bounds.
func FuzzParseVersion(f *testing.F) {
	for _, s := range []string{"1.482", "v1.482.3", "1.10", "1.9", "1.482.0", "2.0", "1.9007199254740991", "1.9007199254740992", "01.1", "v", "1..2"} {
		f.Add(s, "1.482", "v1.9.1")
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var vs []version.Version
		var ns [][]*big.Int
		for _, s := range []string{a, b, c} {
			v, err := version.Parse(s)
			if err != nil {
				if !errors.Is(err, evidence.ErrFormat) && !errors.Is(err, evidence.ErrLimit) || !v.IsZero() {
					t.Fatalf("Parse(%q) = %v, %v", s, v, err)
				}
				continue
			}
			for _, form := range []string{v.String(), v.Tag(), v.SemVer()} {
				if again, err := version.Parse(form); err != nil || again != v {
					t.Fatalf("%q prints as %q, which reads as %v, %v", s, form, again, err)
				}
			}
			vs, ns = append(vs, v), append(ns, numbers(s))
		}
		for i, v := range vs {
			for j, w := range vs {
				want := 0
				for k := range 3 {
					if want == 0 {
						want = ns[i][k].Cmp(ns[j][k])
					}
				}
				if got := v.Compare(w); got != want || (got == 0) != (v == w) {
					t.Fatalf("%v compared with %v is %d (equal: %t), want %d", v, w, got, v == w, want)
				}
			}
		}
	})
}

// numbers reads an accepted version with big integers.
func numbers(s string) []*big.Int {
	n := []*big.Int{new(big.Int), new(big.Int), new(big.Int)}
	for i, part := range strings.Split(strings.TrimPrefix(s, "v"), ".") {
		n[i].SetString(part, 10)
	}
	return n
}

func parse(t *testing.T, s string) version.Version {
	t.Helper()
	v, err := version.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
