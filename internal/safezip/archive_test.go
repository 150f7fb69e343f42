// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"archive/zip"
	"bytes"
	"errors"
	"testing"

	"github.com/HailBytes/evidence"
)

// goZIP writes an archive with the standard library.
func goZIP(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpen(t *testing.T) {
	data := goZIP(t, map[string]string{"a.txt": "content"})
	a, err := Open(bytes.NewReader(data), int64(len(data)), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Entry("a.txt").Bytes(t.Context(), 100)
	if err != nil || string(got) != "content" {
		t.Errorf("content = %q, %v", got, err)
	}
	data = append(data, '\n')
	_, err = Open(bytes.NewReader(data), int64(len(data)), nil)
	if p, ok := errors.AsType[*evidence.Problem](err); !ok || p.Code != "archive.end" || !errors.Is(err, evidence.ErrFormat) {
		t.Errorf("one byte after the end: %v, want archive.end", err)
	}
}
