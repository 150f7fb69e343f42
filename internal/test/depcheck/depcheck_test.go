// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package depcheck_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/depcheck"
)

// Each wall that the module has falls, and says by which chain, when the import
// that it forbids is made; the neighbour that it allows does not.
func TestEachWallFalls(t *testing.T) {
	standard := func(path string) bool { return !strings.Contains(path, ".") }
	for _, tt := range []struct{ why, chain, allowed string }{
		{"manifest and version", "manifest internal/x golang.org/x/text", "manifest internal/x "},
		{"manifest and version", "version sbom", "version os/exec"},
		{"only trustpack/audit links", "trustpack github.com/xuri/excelize/v2", "trustpack/audit github.com/xuri/excelize/v2"},
		{"only trustpack/audit links", "trustpack/table trustpack/audit", "examples/trustpack-export trustpack/audit"},
		{"controls is a table", "trustpack/controls trustpack", "trustpack trustpack/controls"},
		{"spdxexpr is a leaf", "sbom/spdxexpr sbom", "sbom sbom/spdxexpr"},
		{"package evidence is", " manifest", " internal/enum"},
		{"do not import each other", "sbom internal/x sarif", "sbom internal/x"},
		{"do not import each other", "sarif sbom", "sarif sbom/spdxexpr"},
		{"do not import each other", "attest/sigstore sarif", "attest/sigstore attest"},
		{"only attest/sigstore", "attest github.com/sigstore/sigstore-go/pkg/verify", "attest/sigstore github.com/sigstore/sigstore-go/pkg/verify"},
		{"only attest/sigstore", "trustpack attest/sigstore", "examples/attest-verify attest/sigstore"},
		{"by the interop packages only", "sbom github.com/spdx/tools-golang/json", "sbom/interop github.com/spdx/tools-golang/json"},
		{"by the interop packages only", "trustpack sarif/interop", "trustpack sarif"},
		{"importing sbom does not link", "sbom/interop github.com/owenrumney/go-sarif/v2/sarif", "sbom/interop github.com/CycloneDX/cyclonedx-go"},
		{"importing sarif does not link", "sarif/interop github.com/CycloneDX/cyclonedx-go", "sarif/interop github.com/owenrumney/go-sarif/v2/sarif"},
		{"importing trustpack/uat does not", "trustpack/uat/interop github.com/spdx/tools-golang", "trustpack/uat/interop github.com/joshdk/go-junit"},
		{"rules in CEL", "trustpack cel.dev/cel-go/cel", "trustpack/policy cel.dev/cel-go/cel"},
		{"the model of compose", "trustpack/policy github.com/compose-spec/compose-go/v2/types", "trustpack/install github.com/compose-spec/compose-go/v2/types"},
		{"does not link an HTTP client", "trustpack example.com/x net/http", "attest/sigstore net/http"},
		{"what is for tests is linked by tests only", "trustpack/uat internal/test/corpus", "internal/test/corpus internal/enum"},
		{"package testing is linked", "trustpack/uat example.com/x testing", "attest/sigstore example.com/x testing"},
		{"not in examples/", "internal/x examples/trustpack-build", "examples/trustpack-build trustpack"},
	} {
		breaches := func(chain string) (found []string) {
			for _, b := range depcheck.Check(graph(chain), standard, walls) {
				if strings.Contains(b.Wall.Why, tt.why) {
					found = append(found, strings.Join(b.Chain, " "))
					if !strings.Contains(b.String(), b.Chain[len(b.Chain)-1]) {
						t.Errorf("%q does not say what was reached", b)
					}
				}
			}
			return found
		}
		if got := breaches(tt.allowed); len(got) > 0 {
			t.Errorf("%s: refuses %q", tt.why, got)
		}
		if got := breaches(tt.chain); !slices.Contains(got, strings.Join(chainOf(tt.chain), " ")) {
			t.Errorf("%s: %q not found, but %q", tt.why, tt.chain, got)
		}
	}
}

// chainOf completes the paths of the module's own packages.
func chainOf(chain string) []string {
	var paths []string
	for _, path := range strings.Split(chain, " ") {
		if path == "" {
			path = m
		} else if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") && first != "net" && first != "os" && first != "testing" {
			path = m + "/" + path
		}
		paths = append(paths, path)
	}
	return paths
}

func graph(chain string) depcheck.Graph {
	g, paths := depcheck.Graph{}, chainOf(chain)
	for i, path := range paths {
		g[path] = paths[i+1 : min(i+2, len(paths))]
	}
	return g
}

func TestUnmatched(t *testing.T) {
	g := depcheck.Graph{"a/b": nil}
	walls := []depcheck.Wall{{From: []string{"a/b", "a/c/...", "a/..."}, Ban: []string{"a/d", "z"}}}
	if got := depcheck.Unmatched(g, "a", walls); !slices.Equal(got, []string{"a/c/...", "a/d"}) {
		t.Errorf("got %q", got)
	}
}

func TestForeignTypes(t *testing.T) {
	const other = "package other; type T struct{}; type I interface{ M() }; type G[P any] struct{}"
	const inner = `package inner; import "other"; type Deep struct { Field other.T }; type Clean struct { hidden other.T }`
	for source, want := range map[string]string{
		"func F(x int, y *other.T) error":                  "p.F, parameter 2 names other.T",
		"func F() (int, []other.T)":                        "p.F, result 2 names other.T",
		"func F(x func(map[string]chan other.T))":          "p.F, parameter 1, parameter 1, element names other.T",
		"func F[P interface{ ~int | other.I }](P)":         "p.F, constraint names other.I",
		"var V map[other.T]int":                            "p.V, key names other.T",
		"type S struct { X other.T }":                      "p.S.X names other.T",
		"type S struct { other.T }":                        "p.S.T names other.T",
		"type s struct { X [2]other.T }; func F() *s":      "p.s.X names other.T",
		"type S struct { s }; type s struct { X other.T }": "p.s.X names other.T",
		"type S struct{}; func (S) M(other.T)":             "p.S.M, parameter 1 names other.T",
		"type I interface { M() other.T }":                 "p.I.M, result 1 names other.T",
		"type I interface { other.I }":                     "p.I names other.I",
		"type A = other.T":                                 "p.A names other.T",
		"type A = []other.T":                               "p.A names other.T",
		"type S other.G[int]":                              "",
		"type S struct { X other.G[int] }":                 "p.S.X names other.G",
		"type G[P any] struct{}; var V G[other.T]":         "p.V, type argument names other.T",
		"type A = inner.Deep":                              "inner.Deep.Field names other.T",
		"type A = inner.Clean":                             "",
		"type S struct { x other.T }":                      "",
		"func f(other.T)":                                  "",
		"type S struct{}; func (S) m(other.T)":             "",
		"type L struct { Next *L; X other.T }":             "p.L.X names other.T",
		"func F(error, string) []byte":                     "",
	} {
		pkgs := map[string]*types.Package{}
		check(t, pkgs, "other", other)
		check(t, pkgs, "inner", inner)
		pkg := check(t, pkgs, "p", "package p; import (\"other\"; \"inner\"); var _ other.T; var _ inner.Deep; "+source)
		got := fmt.Sprint(depcheck.ForeignTypes(pkg, func(path string) bool { return path != "other" }))
		if got != "["+want+"]" {
			t.Errorf("%s: %s, want [%s]", source, got, want)
		}
	}
}

func check(t *testing.T, pkgs map[string]*types.Package, path, source string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path+".go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{Importer: known{pkgs, importer.Default()}, IgnoreFuncBodies: true, Error: func(error) {}}
	pkg, _ := config.Check(path, fset, []*ast.File{file}, nil) // a function without a body is an error here
	pkgs[path] = pkg
	return pkg
}

type known struct {
	pkgs map[string]*types.Package
	types.Importer
}

func (k known) Import(path string) (*types.Package, error) {
	if pkg := k.pkgs[path]; pkg != nil {
		return pkg, nil
	}
	return k.Importer.Import(path)
}
