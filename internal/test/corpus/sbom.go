// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// SBOM is one row of sbom/MANIFEST.tsv.
type SBOM struct {
	Path, Format, Version, Expect string
}

// SBOMs returns the folder of the collection's SBOMs and the rows of its manifest.
// Without the collection it skips the test.
func SBOMs(t testing.TB) (dir string, rows []SBOM) {
	t.Helper()
	dir = Dir(t, "sbom")
	data, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		f := strings.Split(line, "\t")
		if i == 0 || len(f) < 6 {
			continue
		}
		rows = append(rows, SBOM{f[0], f[3], f[4], f[5]})
	}
	return dir, rows
}
