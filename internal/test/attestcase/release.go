// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attestcase

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// Images are the images of each [Release], Kinds what was attested of each.
var (
	Images = []string{"hailbytes-asm-web", "hailbytes-asm-celery", "hailbytes-asm-nginx"}
	Kinds  = []string{"image", "spdx", "provenance"}
)

// Release is one release of the stand-in product in the corpus.
type Release struct {
	Dir, Version, Commit string
	Root                 *sigstore.TrustedRoot
}

// NewRelease returns release 1.481 or 1.482, skipping the test where the corpus is not there.
func NewRelease(t testing.TB, version string) *Release {
	t.Helper()
	dir := corpus.Dir(t, "real", "asm-"+version)
	root, err := sigstore.ParseTrustedRoot(Read(t, filepath.Join(dir, "signatures", "keyless", "trusted_root.json")))
	if err != nil {
		t.Fatal(err)
	}
	return &Release{
		Dir: dir, Version: version, Root: root,
		Commit: map[string]string{"1.481": "550ef835f3b61d683ba1614b535db41d49b24087", "1.482": "678c4d5240bab55a8a31af48cf83375da4255ea3"}[version],
	}
}

// Policy asks for a signature by the workflow that made the release.
func (r *Release) Policy(t testing.TB) attest.Policy {
	t.Helper()
	return attest.AtLeast(1, r.Verifier(t))
}

// Verifier accepts signatures by the workflow that made the release.
func (r *Release) Verifier(t testing.TB) attest.Verifier {
	t.Helper()
	v, err := sigstore.NewVerifier(r.Root, sigstore.GitHubWorkflow{
		Owner: "HailBytes", Repository: "hailbytes-asm", Workflow: "build.yml",
		RefPattern: "refs/tags/v" + strings.ReplaceAll(r.Version, ".", `\.`),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Manifest returns the manifest of an image, as a registry has it.
func (r *Release) Manifest(t testing.TB, image string) []byte {
	t.Helper()
	return Read(t, filepath.Join(r.Dir, "signatures", image+".manifest.json"))
}

// Bundle returns the path of an attestation of an image.
func (r *Release) Bundle(image, kind string) string {
	return filepath.Join(r.Dir, "signatures", "keyless", image+"."+kind+".sigstore.json")
}
