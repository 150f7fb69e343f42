// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/HailBytes/evidence"
)

func TestReadGoMod(t *testing.T) {
	mod := goMod(t)
	if mod.Module != "github.com/HailBytes/hailbytes-sat" || len(mod.Requirements) != 20 || mod.Requirements[0] != (Component{Name: "github.com/dgrijalva/jwt-go", Version: "v3.2.0+incompatible"}) {
		t.Errorf("got %+v", mod)
	}
	for name, test := range map[string]struct {
		in   string
		want []Component
	}{
		"nothing":           {"module m\n", nil},
		"a comment before":  {"// the product\nmodule m // its path\n", nil},
		"quoted":            {"module \"m\"\nrequire \"a.b/c\" \"v1.0.0\"\nrequire (\n\t\"a.b/d\" v1.0.0\n)\n", []Component{{Name: "a.b/c", Version: "v1.0.0"}, {Name: "a.b/d", Version: "v1.0.0"}}},
		"CRLF":              {"module m\r\nrequire (\r\n\ta.b/c v1.0.0 // indirect\r\n)\r\n", []Component{{Name: "a.b/c", Version: "v1.0.0"}}},
		"every directive":   {everyDirective, []Component{{Name: "a.b/c", Version: "v1.0.0"}, {Name: "a.b/t/v2", Version: "v2.0.0"}}},
		"replaced":          {"module m\nrequire a.b/c v1.0.0\nreplace a.b/c => x.y/c v1.5.0\n", []Component{{Name: "a.b/c", Version: "v1.5.0"}}},
		"replaced before":   {"module m\nreplace a.b/c => x.y/c v1.5.0\nrequire a.b/c v1.0.0\n", []Component{{Name: "a.b/c", Version: "v1.5.0"}}},
		"by a folder":       {"module m\nrequire a.b/c v1.0.0\nreplace a.b/c v1.0.0 => ../c\n", []Component{{Name: "a.b/c"}}},
		"another version":   {"module m\nrequire a.b/c v1.0.0\nreplace a.b/c v0.9.0 => x.y/c v2.0.0\n", []Component{{Name: "a.b/c", Version: "v1.0.0"}}},
		"one version first": {"module m\nrequire a.b/c v1.0.0\nreplace (\n a.b/c => x.y/c v1.5.0\n a.b/c v1.0.0 => x.y/c v1.6.0\n)\n", []Component{{Name: "a.b/c", Version: "v1.6.0"}}},
	} {
		mod, err := ReadGoMod(strings.NewReader(test.in), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, mod.Requirements); diff != "" || mod.Module != "m" {
			t.Errorf("%s: module %s%s", name, mod.Module, diff)
		}
	}
	for _, test := range []struct {
		code  string
		class error
		place string
		in    string
		o     *ReadOptions
	}{
		{"gomod.syntax", evidence.ErrFormat, "1:1", "", nil},
		{"gomod.syntax", evidence.ErrFormat, "1:1", "go 1.20\n", nil},
		{"gomod.syntax", evidence.ErrFormat, "2:1", "module m\nrequire a b c\n", nil},
		{"gomod.syntax", evidence.ErrFormat, "2:1", "module m\n\x00\n", nil},
		{"gomod.syntax", evidence.ErrFormat, "2:1", "module m\nmodule n\n", nil},
		{"gomod.syntax", evidence.ErrFormat, "2:1", "module m\nbuy a.b/c v1.0.0\n", nil},
		{"gomod.syntax", evidence.ErrFormat, "3:2", "module m // \u00e9\nrequire (\n\ta.b/c 1.0\n)\n", nil},
		{"gomod.syntax", evidence.ErrFormat, "2:1", "module m\nreplace a.b/c => x.y/c\n", nil},
		{"gomod.size", evidence.ErrLimit, "0:0", strings.Repeat("//\n", 2<<20), nil},
		{"gomod.size", evidence.ErrLimit, "0:0", "module m\n", &ReadOptions{Limits: evidence.Limits{DocumentBytes: 8}}},
		{"gomod.requirements", evidence.ErrLimit, "0:0", "module m\nrequire (\n a.b/c v1.0.0\n a.b/d v1.0.0\n)\n", &ReadOptions{Limits: evidence.Limits{Elements: 1}}},
	} {
		_, err := ReadGoMod(strings.NewReader(test.in), test.o)
		if p, _ := errors.AsType[*evidence.Problem](err); p == nil || p.Code != test.code || !errors.Is(err, test.class) || place(p) != test.place {
			t.Errorf("%.60q: got %v, want %s at %s", test.in, err, test.code, test.place)
		}
	}
	if _, err := ReadGoMod(iotest.ErrReader(io.ErrClosedPipe), nil); err != io.ErrClosedPipe {
		t.Errorf("error of the reader: got %v", err)
	}
}

const everyDirective = `module m

go 1.26.0

toolchain go1.26.1

godebug default=go1.21

tool a.b/t/v2/cmd/t

require (
	a.b/c v1.0.0
	a.b/t/v2 v2.0.0 // indirect
)

exclude a.b/c v0.9.0

retract [v0.1.0, v0.2.0] // broken

ignore ./node_modules
`

// FuzzReadGoMod holds what is read against golang.org/x/mod/modfile's lax reader,
// which reads other people's go.mod, and against the rules of module versions.
func FuzzReadGoMod(f *testing.F) {
	f.Add([]byte(everyDirective))
	f.Add([]byte("module m\nrequire a.b/c v1.0.0\nreplace a.b/c => ../c\n"))
	f.Add([]byte("module \"m\"\nrequire (\n\ta.b/c v1.0.0+incompatible // indirect\n)\nreplace a.b/c v1.0.0 => x.y/c v1.5.0\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		mod, err := ReadGoMod(strings.NewReader(string(data)), nil)
		if err != nil {
			p, ok := errors.AsType[*evidence.Problem](err)
			if !ok || p.Code == "" || p.Line < 0 || p.Column < 0 || p.Line > 1+strings.Count(string(data), "\n") || p.Column > len(data)+1 {
				t.Fatalf("error %#v", err)
			}
			return
		}
		lax, err := modfile.ParseLax("go.mod", data, nil)
		if err != nil || lax.Module.Mod.Path != mod.Module || len(lax.Require) != len(mod.Requirements) {
			t.Fatalf("ParseLax: %v, %+v", err, mod)
		}
		strict, err := modfile.Parse("go.mod", data, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range mod.Requirements {
			if c.Name != lax.Require[i].Mod.Path || c.Name == "" {
				t.Fatalf("requirement %+v, not %v", c, lax.Require[i].Mod)
			}
			if c.Version == lax.Require[i].Mod.Version && len(strict.Replace) == 0 {
				if _, _, ok := module.SplitPathVersion(c.Name); !ok {
					t.Fatalf("requirement %+v", c)
				}
				continue
			}
			replaced := false
			for _, r := range strict.Replace {
				replaced = replaced || r.Old.Path == c.Name && r.New.Version == c.Version
			}
			if !replaced && c.Version != lax.Require[i].Mod.Version {
				t.Fatalf("requirement %+v is no replacement of %v", c, lax.Require[i].Mod)
			}
		}
	})
}
