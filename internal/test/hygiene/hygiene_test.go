// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package hygiene_test holds what is true of every file of the repository.
package hygiene_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// root is the repository.
func root(t *testing.T) fs.FS {
	t.Helper()
	return os.DirFS(rootDir(t))
}

func rootDir(t *testing.T) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "..", "..", "..")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Skipf("the repository is not there: %v", err)
	}
	return dir
}

// goFiles calls visit for each Go file that people write.
func goFiles(t *testing.T, repo fs.FS, visit func(name, text string)) {
	t.Helper()
	seen := 0
	err := fs.WalkDir(repo, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "dist"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(repo, name)
		if err != nil {
			return err
		}
		seen++
		visit(name, strings.ReplaceAll(string(text), "\r\n", "\n"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 300 {
		t.Errorf("only %d Go files seen", seen)
	}
}

const header = "// Copyright The evidence Authors\n// SPDX-License-Identifier: Apache-2.0\n\n"

func TestHeaders(t *testing.T) {
	goFiles(t, root(t), func(name, text string) {
		if !strings.HasPrefix(text, header) {
			t.Errorf("%s does not begin with the copyright and the licence", name)
		}
	})
}

// TestNotice: whatever is embedded and was written by others is in NOTICE, which "go mod vendor" keeps.
func TestNotice(t *testing.T) {
	repo := root(t)
	notice, err := fs.ReadFile(repo, "NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	for _, glob := range []string{"sbom/schemas/*.json", "sbom/spdxexpr/list.txt", "sarif/schema/*.json"} {
		names, err := fs.Glob(repo, glob)
		if err != nil || len(names) == 0 {
			t.Errorf("%s: %v, %v", glob, names, err)
		}
		for _, name := range names {
			if !noticed(string(notice), name) {
				t.Errorf("NOTICE does not name %s", name)
			}
		}
	}
	if noticed(string(notice), "sbom/schemas/other.json") {
		t.Error("NOTICE names whatever is asked for")
	}
}

// noticed reports whether a line of NOTICE names a file: paths, or names beside the path before them, joined by commas.
func noticed(notice, name string) bool {
	for line := range strings.Lines(notice) {
		if strings.HasPrefix(line, " ") {
			continue
		}
		dir := ""
		for word := range strings.SplitSeq(strings.TrimSpace(line), ", ") {
			if strings.Contains(word, "/") {
				dir = path.Dir(word)
			} else {
				word = path.Join(dir, word)
			}
			if ok, _ := path.Match(word, name); ok {
				return true
			}
		}
	}
	return false
}

// TestNoStopwatch: no test asserts a wall-clock time. Benchmarks measure; tests count
// work or allocations. Who may look at a clock without asserting says so here.
func TestNoStopwatch(t *testing.T) {
	may := map[string]string{
		"examples/trustpack-build/killed_test.go": "spreads the moments of a kill over a build",
		"internal/test/duckdb/duckdb_test.go":     "prints how long a question takes",
	}
	goFiles(t, root(t), func(name, text string) {
		if !strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/bench/") || may[name] != "" {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Error(err)
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || s.Sel.Name != "Since" && s.Sel.Name != "Until" {
				return true
			}
			if p, ok := s.X.(*ast.Ident); ok && p.Name == "time" {
				t.Errorf("%s: uses time.%s: count work or allocations instead", name, s.Sel.Name)
			}
			return true
		})
	})
}

// TestNoProgram: what the compiler writes is not committed.
func TestNoProgram(t *testing.T) {
	repo := root(t)
	list := exec.Command("git", "ls-files", "-z")
	list.Dir = rootDir(t)
	out, err := list.Output()
	if err != nil {
		t.Skipf("git does not list the files: %v", err)
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		f, err := repo.Open(name)
		if err != nil {
			continue // removed, and not committed yet
		}
		start := make([]byte, 4)
		n, _ := io.ReadFull(f, start)
		f.Close()
		for _, magic := range []string{"\x7fELF", "MZ\x90\x00", "\xcf\xfa\xed\xfe"} {
			if string(start[:n]) == magic {
				t.Errorf("%s is a program", name)
			}
		}
	}
}
