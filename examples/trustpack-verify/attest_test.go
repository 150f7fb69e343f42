// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// releaseSigner is who signs the real ASM releases.
func releaseSigner(t *testing.T, dir, version string) attest.Verifier {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "signatures", "keyless", "trusted_root.json"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := sigstore.ParseTrustedRoot(data)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sigstore.NewVerifier(root, sigstore.Identity{
		SAN:    "https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v" + version,
		Issuer: sigstore.GitHubIssuer,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// verifyWith packs the SBOMs, signatures and attestations in dir that are about one image,
// or about all for the empty name, one file replaced by another, and verifies the pack.
func verifyWith(t *testing.T, dir, version, image, replace, by string) *trustpack.Report {
	t.Helper()
	src, err := trustpack.Sources(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	src = slices.DeleteFunc(src, func(s trustpack.Source) bool {
		about := strings.HasPrefix(s.Path, "sbom/"+image) || strings.HasPrefix(s.Path, "signatures/"+image) || strings.HasPrefix(s.Path, "signatures/keyless/"+image)
		return !about
	})
	replaced := replace == ""
	for i := range src {
		if src[i].Path == replace {
			data, err := os.ReadFile(by)
			if err != nil {
				t.Fatal(err)
			}
			src[i].Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
			replaced = true
		}
	}
	if !replaced {
		t.Fatalf("no file %s to replace", replace)
	}
	ctx := context.Background()
	var zip bytes.Buffer
	if _, err := trustpack.Build(ctx, &zip, manifest.Config{Product: "asm", Version: version}, src, nil); err != nil {
		t.Fatal(err)
	}
	p, err := trustpack.Open(bytes.NewReader(zip.Bytes()), int64(zip.Len()), nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := trustpack.Verify(ctx, p, trustpack.Policy{ImageSigners: []attest.Verifier{releaseSigner(t, dir, version)}, UnsafeNoProfile: true})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestRealAttestations: every image of the real releases is signed, its SBOM is
// the one that was attested, and its provenance is of this release.
func TestRealAttestations(t *testing.T) {
	root := corpus.Dir(t, "real")
	for _, version := range []string{"1.481", "1.482"} {
		report := verifyWith(t, filepath.Join(root, "asm-"+version), version, "", "", "")
		if err := report.Err(); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		passed := map[string]int{}
		for _, c := range report.Checks {
			if c.Status == evidence.StatusPass {
				passed[c.ID]++
			}
		}
		for id, want := range map[string]int{"attest.present": 3, "attest.sbom": 3, "attest.provenance": 3, "attest.predicate": 3, "attest.identity": 9, "attest.transparency": 9} {
			if passed[id] != want {
				t.Errorf("%s: %s passed %d times, want %d", version, id, passed[id], want)
			}
		}
	}
}

// TestForgedAttestations puts one bad attestation at a time into a real release:
// the check that must see it fails for the right reason, and nothing fails that is
// about another file or image.
func TestForgedAttestations(t *testing.T) {
	root := corpus.Dir(t, "real")
	for _, tt := range []struct {
		bad, image, part, id string
		kind                 error
		says                 string
	}{
		{"asm-1.482.hailbytes-asm-celery.spdx.swapped-with-nginx", "celery", "spdx", "attest.sbom", attest.ErrNoAttestation, "no attestation binds an SBOM file"},
		{"asm-1.482.hailbytes-asm-nginx.spdx.swapped-with-celery", "nginx", "spdx", "attest.sbom", attest.ErrNoAttestation, "no attestation binds an SBOM file"},
		{"asm-1.482.hailbytes-asm-celery.spdx.edited-version", "celery", "spdx", "attest.predicate", attest.ErrPredicate, `(in "libssl3")`},
		{"asm-1.482.hailbytes-asm-web.image.pull-request", "web", "image", "attest.identity", attest.ErrIdentity, "refs/pull/9/merge"},
		{"asm-1.482.hailbytes-asm-celery.image.other-repository", "celery", "image", "attest.identity", attest.ErrIdentity, "hailbytes-docs"},
		{"asm-1.482.hailbytes-asm-nginx.spdx.of-1.481", "nginx", "spdx", "attest.identity", attest.ErrIdentity, "refs/tags/v1.481"},
		{"asm-1.482.hailbytes-asm-nginx.image.expired-certificate", "nginx", "image", "attest.transparency", attest.ErrTime, "not valid at the time"},
		{"asm-1.482.hailbytes-asm-web.provenance.other-commit", "web", "provenance", "attest.provenance", evidence.ErrMismatch, "550ef835f3b61d683ba1614b535db41d49b24087"},
		{"asm-1.481.hailbytes-asm-nginx.cdx.att", "nginx", "spdx", "attest.sbom", attest.ErrNoAttestation, "no attestation binds an SBOM file"},
		{"asm-1.482.hailbytes-asm-nginx.cdx.att", "nginx", "spdx", "attest.sbom", attest.ErrNoAttestation, "no attestation binds an SBOM file"},
	} {
		t.Run(tt.bad, func(t *testing.T) {
			version := strings.Split(tt.bad, ".hailbytes")[0][len("asm-"):]
			name := "hailbytes-asm-" + tt.image
			replace := "signatures/keyless/" + name + "." + tt.part + ".sigstore.json"
			report := verifyWith(t, filepath.Join(root, "asm-"+version), version, name, replace, filepath.Join(root, "negative", tt.bad+".sigstore.json"))
			seen := false
			for _, c := range report.Checks {
				if c.Status != evidence.StatusFail {
					continue
				}
				seen = seen || c.ID == tt.id && strings.Contains(c.Message, tt.says)
				// Another signature is also not the one that the certificate file beside it belongs to.
				if c.Subject != replace && c.Subject != "image "+name && !(c.ID == "attest.certificate" && c.Subject == "signatures/"+name+".pem") {
					t.Errorf("failed as well: %s, %s: %s", c.ID, c.Subject, c.Message)
				}
			}
			if !seen || !errors.Is(report.Err(), tt.kind) {
				t.Errorf("want %s to fail, %q: %v", tt.id, tt.says, report.Err())
			}
		})
	}
}
