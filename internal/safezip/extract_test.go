// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
)

// tree returns the files below dir and their contents; directories end with a slash.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		rel = filepath.ToSlash(rel)
		switch {
		case err != nil || rel == ".":
			return err
		case d.IsDir():
			files[rel+"/"] = ""
			return nil
		}
		b, err := os.ReadFile(name)
		files[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func extractSample(t *testing.T) (data []byte, want map[string]string) {
	files := []File{memFile("MANIFEST.json", "{}\n"), memFile("a/b/deep", "deep"), memFile("a/c", text(100<<10)), memFile("d.png", "\x89PNG\r\n\x1a\npixels")}
	data, _ = write(t, files, nil)
	return data, map[string]string{
		"MANIFEST.json": "{}\n", "a/": "", "a/b/": "", "a/b/deep": "deep", "a/c": text(100 << 10), "d.png": "\x89PNG\r\n\x1a\npixels",
	}
}

func TestExtract(t *testing.T) {
	data, want := extractSample(t)
	a := open(t, data)
	for _, existing := range []bool{false, true} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "out")
		if existing {
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		names, err := Extract(t.Context(), a, dir, nil)
		if err != nil {
			t.Fatalf("existing %v: %v", existing, err)
		}
		if diff := cmp.Diff([]string{"MANIFEST.json", "a/b/deep", "a/c", "d.png"}, names); diff != "" {
			t.Errorf("existing %v: names:\n%s", existing, diff)
		}
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			t.Errorf("existing %v: files:\n%s", existing, diff)
		}
		if all := tree(t, parent); len(all) != len(want)+1 {
			t.Errorf("existing %v: something is left beside the directory: %v", existing, all)
		}
	}
}

func TestExtractMatch(t *testing.T) {
	data, _ := extractSample(t)
	dir := filepath.Join(t.TempDir(), "out")
	names, err := Extract(t.Context(), open(t, data), dir, &ExtractOptions{Match: func(name string) bool { return strings.HasPrefix(name, "a/b/") }})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/b/deep"}, names); diff != "" {
		t.Errorf("names:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"a/": "", "a/b/": "", "a/b/deep": "deep"}, tree(t, dir)); diff != "" {
		t.Errorf("files:\n%s", diff)
	}
}

// TestExtractNothing checks that nothing is left when one entry is bad, even
// one that was not chosen, or when extraction is stopped.
func TestExtractNothing(t *testing.T) {
	data, _ := extractSample(t)
	bad := bytes.Clone(data)
	bad[bytes.Index(bad, []byte("pixels"))] ^= 1
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		data []byte
		o    *ExtractOptions
		want error
	}{
		{"bad entry", t.Context(), bad, nil, evidence.ErrMismatch},
		{"bad entry not chosen", t.Context(), bad, &ExtractOptions{Match: func(name string) bool { return name == "a/c" }}, evidence.ErrMismatch},
		{"refused by the caller", t.Context(), data, &ExtractOptions{Each: func(e *Entry, c Content) error { return errTest }}, errTest},
		{"cancelled", cancelled, data, nil, context.Canceled},
	}
	for _, tt := range tests {
		for _, existing := range []bool{false, true} {
			parent := t.TempDir()
			dir := filepath.Join(parent, "out")
			want := map[string]string{}
			if existing {
				if err := os.Mkdir(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				want["out/"] = ""
			}
			_, err := Extract(tt.ctx, open(t, tt.data), dir, tt.o)
			if !errors.Is(err, tt.want) {
				t.Errorf("%s, existing %v: error = %v, want %v", tt.name, existing, err, tt.want)
			}
			if diff := cmp.Diff(want, tree(t, parent)); diff != "" {
				t.Errorf("%s, existing %v: left:\n%s", tt.name, existing, diff)
			}
		}
	}
}

func TestExtractWhere(t *testing.T) {
	data, _ := extractSample(t)
	parent := t.TempDir()
	if err := os.WriteFile(filepath.Join(parent, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]error{
		parent:                                 fs.ErrExist, // not empty
		filepath.Join(parent, "absent", "out"): fs.ErrNotExist,
	} {
		if _, err := Extract(t.Context(), open(t, data), dir, nil); !errors.Is(err, want) {
			t.Errorf("%s: error = %v, want %v", dir, err, want)
		}
	}
	if _, err := Extract(t.Context(), open(t, data), filepath.Join(parent, "file"), nil); err == nil {
		t.Error("extracted over a file")
	}
	if got := tree(t, parent); len(got) != 1 {
		t.Errorf("left: %v", got)
	}
}
