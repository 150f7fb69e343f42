// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package golist asks the go command what the module's packages import, and
// reads their exported types. It is for tests that hold the module to its own rules.
package golist

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Module is the module's path.
const Module = "github.com/HailBytes/evidence"

// Package is what go list says of one package.
type Package struct {
	ImportPath string
	Name       string   // of the package clause
	Imports    []string // direct, without those of tests
	Standard   bool     // part of the standard library
	Export     string   // file of exported types; empty where they were not asked for
}

// Public reports whether another module can import the package: it is not internal, and no command.
func (p Package) Public() bool {
	rel, ours := strings.CutPrefix(p.ImportPath+"/", Module+"/")
	return ours && p.Name != "main" && !strings.Contains("/"+rel, "/internal/") && !strings.Contains("/"+rel, "/testdata/")
}

// List returns the packages that match the patterns, relative to the module's
// root, and all that they depend on, each after what it imports. With export they are
// compiled, so that [Types] can read them. It skips the test where there is no go command.
func List(t testing.TB, export bool, patterns ...string) []Package {
	t.Helper()
	binary, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command in PATH")
	}
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(file), "..", "..", "..")
	dependOnSources(t, root)
	args := []string{"list", "-deps", "-json=ImportPath,Name,Imports,Standard,Export"}
	if export {
		args = append(args, "-export")
	}
	var stderr strings.Builder
	cmd := exec.Command(binary, append(args, patterns...)...)
	cmd.Dir, cmd.Stderr = root, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
	}
	var packages []Package
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p Package
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// dependOnSources looks at every source file, so that go test knows that a cached
// result is stale when one of them changes: it cannot see what go list reads.
func dependOnSources(t testing.TB, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Types returns the exported declarations of the public packages among those that List compiled.
func Types(t testing.TB, packages []Package) []*types.Package {
	t.Helper()
	export := map[string]string{}
	for _, p := range packages {
		export[p.ImportPath] = p.Export
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if export[path] == "" {
			return nil, fmt.Errorf("%s was not compiled", path)
		}
		return os.Open(export[path])
	})
	var public []*types.Package
	for _, p := range packages {
		if !p.Public() {
			continue
		}
		pkg, err := imp.Import(p.ImportPath)
		if err != nil {
			t.Fatal(err)
		}
		public = append(public, pkg)
	}
	return public
}
