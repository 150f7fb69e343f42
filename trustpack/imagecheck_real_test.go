// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/test/attestcase"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/manifest"
)

func fileEvidence(path, file string) evidenceFile {
	return evidenceFile{path: path, data: func() ([]byte, error) { return os.ReadFile(file) }}
}

// realImage returns what a pack would hold of an image; replaced files are taken from elsewhere.
func realImage(t *testing.T, r *attestcase.Release, name string, replaced map[string]string) *imageEvidence {
	t.Helper()
	oci := r.Manifest(t, name)
	img := &imageEvidence{
		name: name, digest: evidence.Sum256(oci), oci: oci,
		release: manifest.Release{Tag: "v" + r.Version, Commit: r.Commit, Repository: "https://github.com/HailBytes/hailbytes-asm"},
		sboms: []evidenceFile{
			fileEvidence("sbom/"+name+".cdx.json", filepath.Join(r.Dir, "sbom", name+".cdx.json")),
			fileEvidence("sbom/"+name+".spdx.json", filepath.Join(r.Dir, "sbom", name+".spdx.json")),
		},
	}
	for _, kind := range attestcase.Kinds {
		file := r.Bundle(name, kind)
		if other, ok := replaced[kind]; ok {
			file = other
		}
		img.attestations = append(img.attestations, fileEvidence("attestations/"+name+"."+kind+".sigstore.json", file))
	}
	return img
}

// TestRealImages verifies every image of the two releases in full.
func TestRealImages(t *testing.T) {
	for _, version := range []string{"1.481", "1.482"} {
		r := attestcase.NewRelease(t, version)
		for _, name := range attestcase.Images {
			checks := checkImage(t.Context(), realImage(t, r, name, nil), []attest.Verifier{r.Verifier(t)}, evidence.Limits{}.OrDefault())
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

// TestRefusedImages puts each attestation that must be refused in the place of the good
// one: exactly the check that it should fail does, and says what is wrong.
func TestRefusedImages(t *testing.T) {
	dir := corpus.Dir(t, "real", "negative")
	var cases []struct{ File, InPlaceOf, Stage, Signature, Key, Digest string }
	if err := json.Unmarshal(attestcase.Read(t, filepath.Join(dir, "cases.json")), &cases); err != nil {
		t.Fatal(err)
	}
	says := map[string][]string{ // file: check, and what its message must hold
		"asm-1.482.hailbytes-asm-celery.spdx.swapped-with-nginx.sigstore.json":  {checkSubject, "no subject is the artifact", "581567360c91"},
		"asm-1.482.hailbytes-asm-nginx.spdx.swapped-with-celery.sigstore.json":  {checkSubject, "no subject is the artifact", "21dbc47a7a32"},
		"asm-1.482.hailbytes-asm-celery.spdx.edited-version.sigstore.json":      {checkPredicate, "versionInfo", "libssl3", "3.0.22-1~deb12u3", "3.0.22-1~deb12u2"},
		"asm-1.482.hailbytes-asm-web.image.pull-request.sigstore.json":          {checkIdentity, "refs/pull/9/merge", `refs/tags/v1\\.482`},
		"asm-1.482.hailbytes-asm-celery.image.other-repository.sigstore.json":   {checkIdentity, "HailBytes/hailbytes-docs", "HailBytes/hailbytes-asm"},
		"asm-1.482.hailbytes-asm-nginx.spdx.of-1.481.sigstore.json":             {checkIdentity, "refs/tags/v1.481", `refs/tags/v1\\.482`},
		"asm-1.482.hailbytes-asm-nginx.image.expired-certificate.sigstore.json": {checkTransparency, "not valid at the time of signing"},
		"asm-1.482.hailbytes-asm-web.provenance.other-commit.sigstore.json":     {checkProvenance, "commit of the provenance is not that of the certificate", "550ef835", "678c4d52", "commit of the provenance is not that of the release"},
		"asm-1.481.hailbytes-asm-nginx.cdx.att.sigstore.json":                   {checkPredicate, "no SPDX document", "CycloneDX"},
		"asm-1.482.hailbytes-asm-nginx.cdx.att.sigstore.json":                   {checkPredicate, "no SPDX document", "CycloneDX"},
	}
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			version, rest, _ := strings.Cut(strings.TrimPrefix(c.InPlaceOf, "asm-"), "/")
			parts := strings.Split(filepath.Base(rest), ".")
			r := attestcase.NewRelease(t, version)
			img := realImage(t, r, parts[0], map[string]string{parts[1]: filepath.Join(dir, c.File)})
			if img.digest.String() != c.Digest {
				t.Fatalf("image %s, the case is about %s", img.digest, c.Digest)
			}
			signer := r.Verifier(t)
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
				_, err = attest.Verify(t.Context(), b, attest.DigestSubject(img.digest), attest.AtLeast(1, signer))
				if !errors.Is(err, attest.ErrIdentity) || !strings.Contains(err.Error(), "there is no identity") {
					t.Errorf("without the key: %v", err)
				}
				signer = key
			}
			var failed evidence.Checks
			for _, check := range checkImage(t.Context(), img, []attest.Verifier{signer}, evidence.Limits{}.OrDefault()) {
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
