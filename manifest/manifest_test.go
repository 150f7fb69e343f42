// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// golden returns the documents of testdata, by name: canonical manifests of
// releases like ours.
func golden(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden manifests: %v", err)
	}
	docs := map[string][]byte{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		docs[filepath.Base(name)] = text
	}
	return docs
}

func parse(t testing.TB, text []byte) *manifest.Manifest {
	t.Helper()
	m, err := manifest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// equal compares two manifests but for the bytes they came from.
var equal = cmp.Options{
	cmpopts.IgnoreUnexported(manifest.Manifest{}),
	cmp.Comparer(func(a, b evidence.Digest) bool { return a == b }),
	cmp.Comparer(func(a, b manifest.Target) bool { return a == b }),
}

func TestGolden(t *testing.T) {
	for name, text := range golden(t) {
		t.Run(name, func(t *testing.T) {
			m := parse(t, text)
			if !bytes.Equal(m.Raw(), text) {
				t.Error("Raw is not the document")
			}
			if problems := m.Check(); len(problems) > 0 {
				t.Errorf("Check: %v", problems)
			}
			out, err := m.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(text), string(out)); diff != "" {
				t.Errorf("Marshal differs from the document (-want +got):\n%s", diff)
			}
		})
	}
}

// TestThroughJSON: encoding/json sees the document, and reads it back.
func TestThroughJSON(t *testing.T) {
	for name, text := range golden(t) {
		m := parse(t, text)
		compact, err := json.Marshal(struct{ Manifest *manifest.Manifest }{m})
		if err != nil {
			t.Fatal(err)
		}
		var back struct{ Manifest *manifest.Manifest }
		if err := json.Unmarshal(compact, &back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(m, back.Manifest, equal); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
		var parts struct {
			Files, Images, Artifacts, Gaps []any
			Release                        any
		}
		if err := json.Unmarshal(text, &parts); err != nil {
			t.Fatal(err)
		}
		for member, pair := range map[string][2]any{
			"files": {m.Files, parts.Files}, "images": {m.Images, parts.Images}, "release": {m.Release, parts.Release},
			"artifacts": {m.Artifacts, parts.Artifacts}, "gaps": {m.Gaps, parts.Gaps},
		} {
			got, err := json.Marshal(pair[0])
			if err != nil {
				t.Fatal(err)
			}
			want, _ := json.Marshal(pair[1])
			if !sameJSON(t, got, want) {
				t.Errorf("%s: %s alone is %s, in the manifest %s", name, member, got, want)
			}
		}
	}
	var m manifest.Manifest
	if err := json.Unmarshal([]byte(`{"product":"asm","product":"sat"}`), &m); err == nil || !strings.Contains(err.Error(), "duplicate member name") {
		t.Errorf("json.Unmarshal takes repeated members: %v", err)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}

func TestLookups(t *testing.T) {
	m := parse(t, golden(t)["asm.json"])
	if f := m.File("sbom/web.spdx.json"); f == nil || f.Format != manifest.FormatSPDXJSON || f.Tool.Name != "syft" {
		t.Errorf("File = %+v", f)
	}
	if f := m.File("sbom/web.spdx"); f != nil {
		t.Errorf("File of a path that is not there = %+v", f)
	}
	if i := m.ImageByName("celery"); i == nil || i.Signing.Status != manifest.Signed {
		t.Errorf("ImageByName = %+v", i)
	}
	if i := m.ImageByName("nginx"); i != nil {
		t.Errorf("ImageByName of an image that is not there = %+v", i)
	}
	paths := func(files func(func(*manifest.File) bool)) (all []string) {
		for f := range files {
			all = append(all, f.Path)
		}
		return all
	}
	if got, want := paths(m.FilesOf(manifest.KindCertificate)), []string{"signatures/celery.pem", "signatures/web.pem"}; !slices.Equal(got, want) {
		t.Errorf("FilesOf = %v, want %v", got, want)
	}
	if got := paths(m.FilesAbout("web")); len(got) != 7 || got[0] != "attestations/web.spdx.sigstore.json" {
		t.Errorf("FilesAbout = %v", got)
	}
	for f := range m.FilesAbout("") {
		if f.Path != "index.html" {
			t.Errorf("the first file about no image is %s", f.Path)
		}
		break
	}
	if g := m.Gap(manifest.KindVEX, "celery"); g == nil {
		t.Error("no gap for the vex of celery")
	}
	if g := m.Gap(manifest.KindVEX, "web"); g != nil {
		t.Errorf("Gap = %+v for an image that has none", g)
	}
	if g := m.Gap(manifest.KindPenetrationTest, "web"); g == nil || g.Target.String() != "2027-Q1" {
		t.Errorf("Gap of the whole release = %+v", g)
	}
}
