// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/attestcase"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/manifest"
)

// release is one release of the stand-in product in the corpus.
type release struct {
	dir, version, commit string
	root                 *sigstore.TrustedRoot
}

var images = []string{"hailbytes-asm-web", "hailbytes-asm-celery", "hailbytes-asm-nginx"}

func newRelease(t *testing.T, version string) *release {
	t.Helper()
	dir := corpus.Dir(t, "real", "asm-"+version)
	return &release{
		dir: dir, version: version,
		commit: map[string]string{"1.481": "550ef835f3b61d683ba1614b535db41d49b24087", "1.482": "678c4d5240bab55a8a31af48cf83375da4255ea3"}[version],
		root:   roots{}.get(t, filepath.Join(dir, "signatures", "keyless", "trusted_root.json")),
	}
}

func (r *release) policy(t *testing.T) attest.Policy {
	t.Helper()
	v, err := sigstore.NewVerifier(r.root, sigstore.GitHubWorkflow{
		Owner: "HailBytes", Repository: "hailbytes-asm", Workflow: "build.yml",
		RefPattern: "refs/tags/v" + strings.ReplaceAll(r.version, ".", `\.`),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return attest.AtLeast(1, v)
}

func fileEvidence(path, file string) attest.Evidence {
	return attest.Evidence{Path: path, Data: func() ([]byte, error) { return os.ReadFile(file) }}
}

// image returns what a pack would hold of an image; replaced files are taken from elsewhere.
func (r *release) image(t *testing.T, name string, replaced map[string]string) *attest.Image {
	t.Helper()
	oci := attestcase.Read(t, filepath.Join(r.dir, "signatures", name+".manifest.json"))
	img := &attest.Image{
		Name: name, Digest: evidence.Sum256(oci), OCI: oci,
		Release: manifest.Release{Tag: "v" + r.version, Commit: r.commit, Repository: "https://github.com/HailBytes/hailbytes-asm"},
		SBOMs: []attest.Evidence{
			fileEvidence("sbom/"+name+".cdx.json", filepath.Join(r.dir, "sbom", name+".cdx.json")),
			fileEvidence("sbom/"+name+".spdx.json", filepath.Join(r.dir, "sbom", name+".spdx.json")),
		},
	}
	for _, kind := range []string{"image", "spdx", "provenance"} {
		file := filepath.Join(r.dir, "signatures", "keyless", name+"."+kind+".sigstore.json")
		if other, ok := replaced[kind]; ok {
			file = other
		}
		img.Attestations = append(img.Attestations, fileEvidence("attestations/"+name+"."+kind+".sigstore.json", file))
	}
	return img
}

// TestRelease verifies every image of the two releases in full.
func TestRelease(t *testing.T) {
	for _, version := range []string{"1.481", "1.482"} {
		r := newRelease(t, version)
		for _, name := range images {
			checks := attest.CheckImage(t.Context(), r.image(t, name, nil), r.policy(t), nil)
			if !checks.OK() {
				t.Errorf("%s %s does not hold", version, name)
			}
			statuses := map[string]int{}
			for _, c := range checks {
				statuses[c.ID+" "+c.Status.String()]++
				t.Log(c.ID, c.Status, c.Subject, c.Message)
			}
			for want, n := range map[string]int{
				"attest.signature pass": 3, "attest.identity pass": 3, "attest.transparency pass": 3, "attest.subject pass": 3,
				"attest.predicate pass": 1, "attest.provenance pass": 1, "attest.present pass": 1, "attest.sbom pass": 1,
			} {
				if statuses[want] != n {
					t.Errorf("%s %s: %d %s, want %d", version, name, statuses[want], want, n)
				}
			}
		}
	}
}

// TestNegative puts each attestation that must be refused in the place of the good
// one: exactly the check that it should fail does, and says what is wrong.
func TestNegative(t *testing.T) {
	dir := corpus.Dir(t, "real", "negative")
	var cases []struct{ File, InPlaceOf, Stage, Signature, Key, Digest string }
	if err := json.Unmarshal(attestcase.Read(t, filepath.Join(dir, "cases.json")), &cases); err != nil {
		t.Fatal(err)
	}
	says := map[string][]string{ // file: check, and what its message must hold
		"asm-1.482.hailbytes-asm-celery.spdx.swapped-with-nginx.sigstore.json":  {attest.CheckSubject, "no subject is the artifact", "581567360c91"},
		"asm-1.482.hailbytes-asm-nginx.spdx.swapped-with-celery.sigstore.json":  {attest.CheckSubject, "no subject is the artifact", "21dbc47a7a32"},
		"asm-1.482.hailbytes-asm-celery.spdx.edited-version.sigstore.json":      {attest.CheckPredicate, "versionInfo", "libssl3", "3.0.22-1~deb12u3", "3.0.22-1~deb12u2"},
		"asm-1.482.hailbytes-asm-web.image.pull-request.sigstore.json":          {attest.CheckIdentity, "refs/pull/9/merge", `refs/tags/v1\\.482`},
		"asm-1.482.hailbytes-asm-celery.image.other-repository.sigstore.json":   {attest.CheckIdentity, "HailBytes/hailbytes-docs", "HailBytes/hailbytes-asm"},
		"asm-1.482.hailbytes-asm-nginx.spdx.of-1.481.sigstore.json":             {attest.CheckIdentity, "refs/tags/v1.481", `refs/tags/v1\\.482`},
		"asm-1.482.hailbytes-asm-nginx.image.expired-certificate.sigstore.json": {attest.CheckTransparency, "not valid at the time of signing"},
		"asm-1.482.hailbytes-asm-web.provenance.other-commit.sigstore.json":     {attest.CheckProvenance, "commit of the provenance is not that of the certificate", "550ef835", "678c4d52", "commit of the provenance is not that of the release"},
		"asm-1.481.hailbytes-asm-nginx.cdx.att.sigstore.json":                   {attest.CheckPredicate, "no SPDX document", "CycloneDX"},
		"asm-1.482.hailbytes-asm-nginx.cdx.att.sigstore.json":                   {attest.CheckPredicate, "no SPDX document", "CycloneDX"},
	}
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			version, rest, _ := strings.Cut(strings.TrimPrefix(c.InPlaceOf, "asm-"), "/")
			parts := strings.Split(filepath.Base(rest), ".")
			r := newRelease(t, version)
			img := r.image(t, parts[0], map[string]string{parts[1]: filepath.Join(dir, c.File)})
			if img.Digest.String() != c.Digest {
				t.Fatalf("image %s, the case is about %s", img.Digest, c.Digest)
			}
			pol := r.policy(t)
			if c.Key != "" {
				key, err := attest.ParseKey(attestcase.Read(t, filepath.Join(filepath.Dir(dir), c.Key)))
				if err != nil {
					t.Fatal(err)
				}
				// The image's other attestations are keyless.
				b, err := attest.ParseBundle(attestcase.Read(t, filepath.Join(dir, c.File)), nil)
				if err != nil {
					t.Fatal(err)
				}
				_, err = attest.Verify(t.Context(), b, attest.DigestSubject(img.Digest), pol)
				if !errors.Is(err, attest.ErrIdentity) || !strings.Contains(err.Error(), "there is no identity") {
					t.Errorf("without the key: %v", err)
				}
				pol = attest.AtLeast(1, key)
			}
			var failed evidence.Checks
			for _, check := range attest.CheckImage(t.Context(), img, pol, nil) {
				if strings.Contains(check.Subject, "."+parts[1]+".") && check.Status == evidence.StatusFail {
					failed = append(failed, check)
				}
			}
			want := says[c.File]
			if len(want) == 0 || len(failed) != 1 || failed[0].ID != want[0] {
				t.Fatalf("want %q to fail, failed: %+v", want, failed)
			}
			for _, text := range want[1:] {
				if !strings.Contains(failed[0].Message, text) {
					t.Errorf("message %q lacks %q", failed[0].Message, text)
				}
			}
			t.Log(failed[0].Message)
		})
	}
}

// TestDocumentedPattern verifies with the pattern that the product documents: it is
// taken, anchored, and what it lets pass is said.
func TestDocumentedPattern(t *testing.T) {
	r := newRelease(t, "1.482")
	v, err := sigstore.NewVerifier(r.root, sigstore.Identity{
		SANPattern: `https://github.com/HailBytes/.+/.github/workflows/.+`, Issuer: sigstore.GitHubIssuer,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	data := attestcase.Read(t, filepath.Join(corpus.Dir(t, "real", "negative"), "asm-1.482.hailbytes-asm-web.image.pull-request.sigstore.json"))
	b, err := attest.ParseBundle(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	verified, err := attest.Verify(t.Context(), b, attest.DigestSubject(r.image(t, "hailbytes-asm-web", nil).Digest), attest.AtLeast(1, v))
	if err != nil {
		t.Fatal(err)
	}
	if w := verified.Weakened(); len(w) != 1 || !strings.Contains(w[0], "pull request") {
		t.Errorf("weakened %q, want the pull requests that the pattern accepts", w)
	}
}
