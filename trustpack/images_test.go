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
