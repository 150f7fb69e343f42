// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// large returns a canonical manifest of n files.
func large(t testing.TB, n int) []byte {
	t.Helper()
	m := &manifest.Manifest{
		Product: "asm", Version: "1.482",
		Release: manifest.Release{Tag: "v1.482", Created: time.Date(2026, 11, 22, 21, 28, 35, 0, time.UTC)},
		Images: []manifest.Image{{Name: "web", Reference: "ghcr.io/hailbytes/hailbytes-asm-web:1.482", Digest: evidence.Sum256(nil),
			Signing: manifest.Signing{Status: manifest.Unsigned}}},
	}
	for i := range n {
		path := fmt.Sprintf("uat/screenshots/%03d/test-finished-%06d.png", i/1000, i)
		f := manifest.File{Path: path, SHA256: evidence.Sum256([]byte(path)), Size: int64(i) * 997, MediaType: "image/png",
			Kind: manifest.KindScreenshot, Format: manifest.FormatPNG, Tool: manifest.Tool{Name: "Playwright", Version: "1.49.0"}}
		if i%3 == 0 {
			f.Kind, f.Format, f.MediaType, f.Image = manifest.KindScan, manifest.FormatSARIF, "application/sarif+json", "web"
		}
		m.Files = append(m.Files, f)
	}
	m.Sort()
	text, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func BenchmarkParse(b *testing.B) {
	text := large(b, 100_000)
	unordered := bytes.Replace(text, []byte("\n"), []byte(" \n"), 1)
	b.Run("files=100000", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := manifest.Parse(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("files=100000,lenient", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := manifest.ParseLenient(unordered); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("files=100000,foreign", func(b *testing.B) {
		foreign := bytes.ReplaceAll(bytes.Replace(text, []byte(`"schema": "`), []byte(`"schema": "x`), 1), []byte(`"path"`), []byte(`"file"`))
		b.SetBytes(int64(len(foreign)))
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := manifest.ParseLenient(foreign); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("files=100000,valid-only", func(b *testing.B) { // the floor: is it JSON at all?
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if !json.Valid(text) {
				b.Fatal("not JSON")
			}
		}
	})
}

func BenchmarkMarshal(b *testing.B) {
	m := parse(b, large(b, 100_000))
	b.ReportAllocs()
	for b.Loop() {
		text, err := m.Marshal()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(text)))
	}
}
