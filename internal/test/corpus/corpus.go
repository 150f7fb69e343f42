// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package corpus finds the collection of real documents that tests run over.
// It is not part of the repository, so a test that needs it skips without it.
package corpus

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Env names the environment variable that gives the collection's folder.
const Env = "EVIDENCE_CORPUS"

// Lookup returns the collection's folder, and whether it is there.
func Lookup() (root string, found bool) {
	root = os.Getenv(Env)
	if root == "" {
		_, file, _, _ := runtime.Caller(0)
		module := filepath.Join(filepath.Dir(file), "..", "..", "..")
		root = filepath.Join(filepath.Dir(module), "shared", "corpus")
	}
	_, err := os.Stat(root)
	return root, err == nil
}

// Dir returns the folder elem below the collection. Without the collection it
// skips the test and says how to run it.
func Dir(t testing.TB, elem ...string) string {
	t.Helper()
	root, _ := Lookup()
	dir := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("corpus not found at %s; set %s to run real-document tests", dir, Env)
	}
	return dir
}

// Files returns the paths, relative to root and with slashes, of the regular
// files below root for which keep is true (nil keeps all), in lexical order.
func Files(t testing.TB, root string, keep func(path string) bool) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if err == nil && (keep == nil || keep(rel)) {
			files = append(files, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
