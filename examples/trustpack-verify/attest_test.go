package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/corpus"
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

// verifyWith packs the evidence in dir, one file of it replaced by another, and verifies the pack.
func verifyWith(t *testing.T, dir, version, replace, by string) *trustpack.Report {
	t.Helper()
	src, err := trustpack.Sources(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	replaced := replace == ""
	for i := range src {
		if src[i].Path == replace {
			data, err := os.ReadFile(by)
			if err != nil {
				t.Fatal(err)
			}
			src[i].Size, src[i].Open = int64(len(data)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
			replaced = true
		}
	}
	if !replaced {
		t.Fatalf("no file %s to replace", replace)
	}
	ctx := context.Background()
	var zip bytes.Buffer
	if _, err := trustpack.Build(ctx, &zip, trustpack.Release{Product: "asm", Version: version}, src, nil); err != nil {
		t.Fatal(err)
	}
	p, err := trustpack.Open(bytes.NewReader(zip.Bytes()), int64(zip.Len()), nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := trustpack.Verify(ctx, p, trustpack.Policy{Signers: []attest.Verifier{releaseSigner(t, dir, version)}})
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
		report := verifyWith(t, filepath.Join(root, "asm-"+version), version, "", "")
		if err := report.Err(); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		passed := map[string]int{}
		for _, c := range report.Checks {
			if c.Status == trustpack.StatusPass {
				passed[c.ID]++
			}
		}
		for _, id := range []string{"attest.signature", "attest.sbom", "attest.provenance"} {
			if passed[id] != 3 {
				t.Errorf("%s: %s passed for %d images, want 3", version, id, passed[id])
			}
		}
	}
}

// TestForgedAttestations puts one bad attestation at a time into a real release:
// the check that must see it fails, for the right reason, and no other does.
func TestForgedAttestations(t *testing.T) {
	root := corpus.Dir(t, "real")
	for _, tt := range []struct {
		bad, image, family string
		kind               error
		says               string
	}{
		{"asm-1.482.hailbytes-asm-celery.spdx.swapped-with-nginx", "celery", "sbom", attest.ErrNoAttestation, "nothing that an expected signer made"},
		{"asm-1.482.hailbytes-asm-nginx.spdx.swapped-with-celery", "nginx", "sbom", attest.ErrNoAttestation, "nothing that an expected signer made"},
		{"asm-1.482.hailbytes-asm-celery.spdx.edited-version", "celery", "sbom", attest.ErrPredicate, `(in "libssl3")`},
		{"asm-1.482.hailbytes-asm-web.image.pull-request", "web", "signature", attest.ErrIdentity, "refs/pull/9/merge"},
		{"asm-1.482.hailbytes-asm-celery.image.other-repository", "celery", "signature", attest.ErrIdentity, "hailbytes-docs"},
		{"asm-1.482.hailbytes-asm-nginx.spdx.of-1.481", "nginx", "sbom", attest.ErrIdentity, "refs/tags/v1.481"},
		{"asm-1.482.hailbytes-asm-nginx.image.expired-certificate", "nginx", "signature", attest.ErrTime, "not valid at the time"},
		{"asm-1.482.hailbytes-asm-web.provenance.other-commit", "web", "provenance", trustpack.ErrMismatch, "550ef835f3b61d683ba1614b535db41d49b24087"},
		{"asm-1.481.hailbytes-asm-nginx.cdx.att", "nginx", "sbom", attest.ErrNoAttestation, "signed by a key, and no key is expected"},
		{"asm-1.482.hailbytes-asm-nginx.cdx.att", "nginx", "sbom", attest.ErrNoAttestation, "signed by a key, and no key is expected"},
	} {
		t.Run(tt.bad, func(t *testing.T) {
			version := strings.Split(tt.bad, ".hailbytes")[0][len("asm-"):]
			part := tt.family
			switch part {
			case "signature":
				part = "image"
			case "sbom":
				part = "spdx"
			}
			replace := "signatures/keyless/hailbytes-asm-" + tt.image + "." + part + ".sigstore.json"
			report := verifyWith(t, filepath.Join(root, "asm-"+version), version, replace, filepath.Join(root, "negative", tt.bad+".sigstore.json"))
			failed := 0
			for _, c := range report.Checks {
				if c.Status != trustpack.StatusFail {
					continue
				}
				failed++
				if c.ID != "attest."+tt.family || c.Subject != "image hailbytes-asm-"+tt.image || !strings.Contains(c.Message, tt.says) {
					t.Errorf("failed: %s, %s: %s", c.ID, c.Subject, c.Message)
				}
			}
			if failed != 1 || !errors.Is(report.Err(), tt.kind) {
				t.Errorf("%d checks failed, want 1 for %v: %v", failed, tt.kind, report.Err())
			}
		})
	}
}
