// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package samples gives tests the evidence of the sample releases in testdata/evidence.
package samples

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/HailBytes/evidence/manifest"
)

// Release returns what release.json says of a sample release ("asm-1.481", "asm-1.482",
// "sat-1.205"), and the folder of its evidence.
func Release(name string) (*manifest.Config, fs.FS, error) {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "..", "..", "..", "testdata", "evidence", name)
	text, err := os.ReadFile(dir + ".json")
	if err != nil {
		return nil, nil, err
	}
	config, err := manifest.ParseConfig(text)
	if err != nil {
		return nil, nil, err
	}
	return config, os.DirFS(dir), nil
}
