// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package apicheck_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/internal/test/apicheck"
	"github.com/HailBytes/evidence/internal/test/golist"
)

var update = flag.Bool("update", false, "write the interface of each package to testdata")

func TestInterface(t *testing.T) {
	packages := golist.Types(t, golist.List(t, true, "./..."))
	known := map[string]bool{}
	for _, pkg := range packages {
		rel := strings.TrimPrefix(strings.TrimPrefix(pkg.Path(), golist.Module), "/")
		lines := apicheck.Surface(pkg, golist.Module)
		if len(lines) == 0 {
			continue // documentation only
		}
		name := "evidence"
		if rel != "" && pkg.Path() != golist.Module {
			name = strings.ReplaceAll(rel, "/", "-")
		}
		file := filepath.Join("testdata", name+".txt")
		known[file] = true
		if *update {
			if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("package %s is new: run go test ./internal/test/apicheck -update (%v)", rel, err)
			continue
		}
		before := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(want), "\r\n", "\n"), "\n"), "\n")
		if diff := diff(before, lines); diff != "" {
			t.Errorf("the exported interface of %s changed; if that is meant: go test ./internal/test/apicheck -update\n%s", rel, diff)
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if known[file] {
			continue
		}
		if !*update {
			t.Errorf("%s: the package is gone", file)
		} else if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if len(known) == 0 {
		t.Error("no package seen")
	}
}

// diff lists the lines that are in one of two sorted lists only.
func diff(before, after []string) string {
	var b strings.Builder
	for _, side := range []struct {
		sign       string
		some, none []string
	}{{"-", before, after}, {"+", after, before}} {
		for _, line := range side.some {
			if _, found := slices.BinarySearch(side.none, line); !found {
				b.WriteString(side.sign + " " + line + "\n")
			}
		}
	}
	return b.String()
}

func TestSurface(t *testing.T) {
	const source = `package p
const A, b = 1<<3, 2
const S string = "x"
type Status uint8
const Pass Status = 1
var Err error
func F(x int, ys ...*T) (n int, err error) { return }
func f() {}
type T struct { X int ` + "`json:\"x\"`" + `; y []int; Base; hidden }
type Base struct{ Z int }
func (Base) Promoted() {}
type hidden struct{}
func (hidden) AlsoPromoted() {}
func (*T) M() {}
func (T) V(Status) {}
func (T) v() {}
type I interface { M(T) error; E }
type E interface { N() }
type closed interface { m() }
type C interface { closed; N() }
type G[P comparable] struct{ P P }
type Names = []string
type Fn func(T) bool
`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := (&types.Config{}).Check("example.com/m/p", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"const A untyped int = 8",
		"const Pass Status = 1",
		`const S string = "x"`,
		"func F(x int, ys ...*T) (n int, err error)",
		"method (*T) M()",
		"method (Base) Promoted()",
		"method (T) AlsoPromoted()",
		"method (T) Promoted()",
		"method (T) V(Status)",
		"type Base struct",
		"type Base struct, Z int",
		"type C interface // nobody else can implement it",
		"type C interface, N()",
		"type E interface",
		"type E interface, N()",
		"type Fn func(T) bool",
		"type G struct, P P",
		"type G[P comparable] struct",
		"type I interface",
		"type I interface, M(T) error",
		"type I interface, N()",
		"type Names = []string",
		"type Status uint8",
		"type T struct // not comparable",
		"type T struct, X int `json:\"x\"`",
		"type T struct, embeds Base",
		"var Err error",
	}
	if diff := cmp.Diff(want, apicheck.Surface(pkg, "example.com/m")); diff != "" {
		t.Error(diff)
	}
}
