// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestVectors holds the published archives against what the binaries call: each
// that must be refused fails a check and leaves nothing when it is extracted,
// each that must be accepted verifies without a profile and extracts.
func TestVectors(t *testing.T) {
	root := filepath.Join("..", "testdata", "vectors")
	text, err := os.ReadFile(filepath.Join(root, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		File, Code    string
		OK, Canonical bool
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	refused := 0
	for _, v := range vectors {
		name := filepath.Join(root, filepath.FromSlash(v.File))
		r, err := structureOf(ctx, name)
		if err != nil {
			t.Errorf("%s: %v", v.File, err)
			continue
		}
		if r.OK() != v.OK {
			t.Errorf("%s: holds %v, want %v: %v", v.File, r.OK(), v.OK, r.Err())
		}
		out := filepath.Join(t.TempDir(), "out")
		err = extractFile(ctx, name, out)
		_, there := os.Stat(out)
		if v.OK {
			if err != nil || there != nil {
				t.Errorf("%s: extracting: %v, %v", v.File, err, there)
			}
			if c := r.Check("archive.canonical"); (c.Status == evidence.StatusPass) != v.Canonical {
				t.Errorf("%s: canonical %s, want %v", v.File, c.Status, v.Canonical)
			}
			continue
		}
		refused++
		if !evidence.IsVerdict(err) || there == nil {
			t.Errorf("%s: extracting: %v; something was written: %v", v.File, err, there == nil)
		}
		told := false
		for _, c := range r.Checks {
			told = told || c.Status == evidence.StatusFail && slices.ContainsFunc(c.Problems, func(p *evidence.Problem) bool { return p.Code == v.Code })
		}
		if !told {
			t.Errorf("%s: no failing check holds %s: %v", v.File, v.Code, r.Err())
		}
	}
	if refused < 400 || len(vectors)-refused < 30 {
		t.Errorf("%d vectors, %d of them refused: some are missing", len(vectors), refused)
	}
}

func extractFile(ctx context.Context, name, out string) error {
	p, err := OpenFile(name, nil)
	if err != nil {
		return err
	}
	defer p.Close()
	_, err = Extract(ctx, p, out)
	return err
}

// structureOf is VerifyStructure of a file, or the report of one that Open refuses.
func structureOf(ctx context.Context, name string) (*Report, error) {
	p, err := OpenFile(name, nil)
	if err != nil {
		return VerifyFile(ctx, name, Policy{}, nil)
	}
	defer p.Close()
	return VerifyStructure(ctx, p, "")
}
