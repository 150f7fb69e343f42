// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// TestCorpusSPDX3 reads every SPDX 3 document and writes it back without losing a leaf.
func TestCorpusSPDX3(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	read := 0
	for _, e := range rows {
		if e.Format != "spdx3-json" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := readBytes(data, evidence.Limits{}.OrDefault(), "UTF-8")
		if err != nil {
			t.Errorf("%s: %v", e.Path, err)
			continue
		}
		for _, p := range doc.Problems {
			t.Logf("%s: %v", e.Path, p)
		}
		read++
		out, err := doc.Marshal()
		if err != nil {
			t.Errorf("%s: %v", e.Path, err)
			continue
		}
		if lines := diffLeaves(leaves(t, data), leaves(t, out)); len(lines) > 0 {
			t.Errorf("%s: %d leaves differ\n%s", e.Path, len(lines), strings.Join(lines[:min(6, len(lines))], "\n"))
		}
	}
	t.Logf("%d read and written without loss", read)
}
