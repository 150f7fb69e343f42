// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/recognize"
	"github.com/HailBytes/evidence/manifest"
)

// Two files that write one repository in two ways speak of one image, and so do
// those that name a mirror of it with the same digest; the same path at another
// registry with another digest is another image.
func TestImageSpelling(t *testing.T) {
	digest, other := evidence.Sum256([]byte("a")).String(), evidence.Sum256([]byte("b")).String()
	for _, test := range []struct {
		first, second, digest string
		images                int
		class                 error
	}{
		{"nginx:1.27", "docker.io/library/nginx", digest, 1, nil},
		{"index.docker.io/library/nginx", "library/nginx:1", digest, 1, nil},
		{"GHCR.io/hailbytes/web", "ghcr.io/hailbytes/web:1", digest, 1, nil},
		{"localhost:5000/web", "localhost:5000/web:1", digest, 1, nil},
		{"nginx:1.27", "docker.io/library/nginx", other, 0, evidence.ErrMismatch},
		{"nginx:1.27", "ghcr.io/library/nginx", other, 2, nil},
		{"localhost:5000/web", "mirror.example/x/web", digest, 1, nil},
		{"localhost:5000/web", "mirror.example/x/other", digest, 2, nil},
		{"localhost:5000/web", "localhost:5001/web", other, 2, nil},
	} {
		files := []examined{
			{path: "a.sarif", says: recognize.Result{Format: manifest.FormatSARIF, Images: []recognize.Image{{Reference: test.first, Digest: digest}}}},
			{path: "b.sarif", says: recognize.Result{Format: manifest.FormatSARIF, Images: []recognize.Image{{Reference: test.second, Digest: test.digest}}}},
		}
		r, err := resolveImages(nil, files)
		if !errors.Is(err, test.class) {
			t.Errorf("%s and %s: %v", test.first, test.second, err)
		}
		if err == nil && len(r.images) != test.images {
			t.Errorf("%s and %s: %d images, want %d: %v", test.first, test.second, len(r.images), test.images, r.images)
		}
	}
}

// An image that is named by its index, or by its manifest, has the digests that this
// file lists too, in whatever order the files come. A digest that no file of the
// image lists is another image's.
func TestImageListed(t *testing.T) {
	digest := func(s string) evidence.Digest { return evidence.Sum256([]byte(s)) }
	says := func(path string, d evidence.Digest) examined {
		return examined{path: path, says: recognize.Result{Format: manifest.FormatSPDXJSON, Kind: manifest.KindSBOM, Images: []recognize.Image{{Reference: "ghcr.io/hailbytes/web", Digest: d.String()}}}}
	}
	file := func(path string, format manifest.Format, sum evidence.Digest, lists ...evidence.Digest) examined {
		f := examined{path: path, sum: sum, says: recognize.Result{Format: format, Kind: manifest.KindImageManifest}}
		for _, d := range lists {
			f.says.Lists = append(f.says.Lists, d.String())
		}
		return f
	}
	index, amd64, arm64, config := digest("index"), digest("amd64"), digest("arm64"), digest("config")
	indexFile := file("web.index.json", manifest.FormatOCIIndex, index, amd64, arm64)
	manifestFile := file("web.manifest.json", manifest.FormatOCIManifest, amd64, config)
	given := []manifest.Image{{Name: "web", Reference: "ghcr.io/hailbytes/web", Digest: index}}
	for _, test := range []struct {
		name  string
		given []manifest.Image
		files []examined
		want  evidence.Digest // of the one image; zero where the files contradict each other
	}{
		{"given by the index", given, []examined{says("a", amd64), indexFile}, index},
		{"named by the index last", nil, []examined{says("a", amd64), says("b", arm64), says("c", index), indexFile, manifestFile}, index},
		{"named by the index first", nil, []examined{indexFile, says("a", index), says("b", amd64)}, index},
		{"named by its manifest", nil, []examined{says("a", amd64), says("b", config), manifestFile}, amd64},
		{"an index that nothing names", nil, []examined{says("a", amd64), indexFile}, evidence.Digest{}},
		{"a digest that the index does not list", given, []examined{says("a", digest("other")), indexFile}, evidence.Digest{}},
		{"an index that is not there", given, []examined{says("a", amd64)}, evidence.Digest{}},
		{"an index of another image", given, []examined{says("a", amd64), file("x.json", manifest.FormatOCIIndex, digest("x"), amd64)}, evidence.Digest{}},
		{"two manifests without an index", nil, []examined{says("a", amd64), says("b", arm64)}, evidence.Digest{}},
	} {
		r, err := resolveImages(test.given, test.files)
		if test.want.IsZero() {
			p, ok := errors.AsType[*evidence.Problem](err)
			if !ok || p.Code != "build.image-digest" || !errors.Is(err, evidence.ErrMismatch) {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		if err != nil || len(r.images) != 1 || r.images[0].Digest != test.want {
			t.Errorf("%s: %v, %v, want %s", test.name, err, r.images, test.want)
		}
	}
}
