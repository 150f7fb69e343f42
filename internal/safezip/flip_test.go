// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip_test

import (
	"bytes"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/internal/test/packgen"
)

// content opens and verifies an archive and returns what its entries hold.
func content(t *testing.T, data []byte) (map[string]string, evidence.Problems, error) {
	a, err := safezip.Open(bytes.NewReader(data), int64(len(data)), nil)
	if err != nil {
		return nil, nil, err
	}
	problems, err := a.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := problems.Err(); err != nil {
		return nil, nil, err
	}
	files := map[string]string{}
	for i := range a.Entries() {
		e := &a.Entries()[i]
		r := e.Open()
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: verified, then read: %v", e.Name, err)
		}
		r.Close()
		files[e.Name] = string(b)
	}
	return files, problems, nil
}

// small is a pack as Write makes it.
func small(t *testing.T) []byte {
	t.Helper()
	texts := map[string]string{
		"MANIFEST.json": packgen.Manifest(packgen.Stored("index.html", "<p>")),
		"index.html":    "<!doctype html><title>Pack</title>",
		"a/runs":        strings.Repeat("a", 300) + strings.Repeat("ab", 200), // matches that can be said in many ways
		"sbom/web.json": string(packgen.Text(1, 1000)),
		"uat/a.png":     "\x89PNG\r\n\x1a\n" + string(packgen.Noise(1, 100)),
		"uat/noise":     string(packgen.Noise(2, 200)), // deflated, in a stored block
		"uat/é.txt":     "",
	}
	var files []safezip.File
	for _, name := range []string{"MANIFEST.json", "index.html", "a/runs", "sbom/web.json", "uat/a.png", "uat/noise", "uat/é.txt"} {
		files = append(files, safezip.File{Name: name, Size: int64(len(texts[name])), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(texts[name])), nil
		}})
	}
	var b bytes.Buffer
	if _, err := safezip.Write(t.Context(), &b, files, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFlip flips every bit of a small pack. Each flip is refused, or it carries
// no content and is a warning.
func TestFlip(t *testing.T) {
	data := small(t)
	want, problems, err := content(t, data)
	if err != nil || len(problems) > 0 {
		t.Fatalf("the pack itself: %v, %v", problems, err)
	}
	accepted := 0
	for i := range data {
		for bit := range 8 {
			data[i] ^= 1 << bit
			got, problems, err := content(t, data)
			data[i] ^= 1 << bit
			if err != nil {
				continue
			}
			accepted++
			if !maps.Equal(got, want) {
				t.Errorf("byte %d, bit %d: accepted with other content", i, bit)
			}
			if len(problems) == 0 || problems[0].Code != safezip.CodeCanonical {
				t.Errorf("byte %d, bit %d: accepted without a warning", i, bit)
			}
		}
	}
	t.Logf("%d of %d flips accepted with a warning", accepted, 8*len(data))
}

// TestTruncate cuts a small pack at every byte, at its end and at its start.
func TestTruncate(t *testing.T) {
	data := small(t)
	for i := range data {
		if _, _, err := content(t, data[:i]); err == nil {
			t.Errorf("accepted with its first %d bytes only", i)
		}
		if _, _, err := content(t, data[i+1:]); err == nil {
			t.Errorf("accepted without its first %d bytes", i+1)
		}
	}
}
