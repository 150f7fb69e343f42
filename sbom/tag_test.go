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

// tagLeaves returns the pairs of a document with their count.
func tagLeaves(t testing.TB, data []byte) map[string]int {
	pairs, err := tagPairs(data, evidence.Limits{}.OrDefault(), nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, p := range pairs {
		out[p.tag+": "+p.value]++
	}
	return out
}

// TestCorpusTagValue reads every tag-value document and writes it back without losing a pair.
func TestCorpusTagValue(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	read := 0
	for _, e := range rows {
		if e.Format != "spdx-tagvalue" {
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
		if doc.SpecVersion != e.Version {
			t.Errorf("%s: version %s, want %s", e.Path, doc.SpecVersion, e.Version)
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
		if lines := diffLeaves(tagLeaves(t, data), tagLeaves(t, out)); len(lines) > 0 {
			t.Errorf("%s: %d pairs differ\n%s", e.Path, len(lines), strings.Join(lines[:min(6, len(lines))], "\n"))
		}
	}
	t.Logf("%d read and written without loss", read)
}
