// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/test/attestcase"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/internal/test/sigtest"
)

var github = sync.OnceValue(sigtest.NewGitHub)

// TestGitHubRelease changes one thing each of what GitHub signs of a release.
func TestGitHubRelease(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(in *sigtest.Instance, s *sigtest.Signing)
		stage  attest.Stage // empty where it holds
		kind   error
	}{
		"as GitHub signs":         {func(*sigtest.Instance, *sigtest.Signing) {}, "", nil},
		"logged as well":          {func(in *sigtest.Instance, s *sigtest.Signing) { s.Entries = []string{"dsse/0.0.1"} }, "", nil},
		"no timestamp":            {func(in *sigtest.Instance, s *sigtest.Signing) { s.TSAs = nil }, signed.StageTime, attest.ErrThreshold},
		"time of a log alone":     {func(in *sigtest.Instance, s *sigtest.Signing) { s.TSAs, s.Entries = nil, []string{"dsse/0.0.1"} }, signed.StageTime, attest.ErrThreshold},
		"timestamp of a stranger": {func(in *sigtest.Instance, s *sigtest.Signing) { s.TSAs = elsewhere().TSA[:1] }, signed.StageTime, attest.ErrThreshold},
		"a workflow": {func(in *sigtest.Instance, s *sigtest.Signing) {
			s.Holder = sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/tags/v1.482")
		}, signed.StageIdentity, attest.ErrIdentity},
		"another service": {func(in *sigtest.Instance, s *sigtest.Signing) {
			s.Holder.Name = "https://dotcom.releases.github.com.example"
		}, signed.StageIdentity, attest.ErrIdentity},
		"an OIDC issuer":    {func(in *sigtest.Instance, s *sigtest.Signing) { s.Holder.Issuer = sigtest.GitHubIssuer }, signed.StageIdentity, attest.ErrIdentity},
		"another authority": {func(in *sigtest.Instance, s *sigtest.Signing) { in.Fulcio = trusted().Fulcio }, signed.StageIdentity, attest.ErrIdentity},
	} {
		t.Run(name, func(t *testing.T) {
			in := github().Clone()
			signing := in.ReleaseSigning()
			tt.change(in, &signing)
			b, err := attest.ParseBundle(in.Attest(statement(), signing).JSON(), nil)
			if err != nil {
				t.Fatal(err)
			}
			in.TSA = github().TSA
			root, err := sigstore.ParseTrustedRoot(append(elsewhere().TrustedRoot(), in.TrustedRoot()...))
			if err != nil {
				t.Fatal(err)
			}
			signer, err := sigstore.NewGitHubReleaseVerifier(root)
			if err != nil {
				t.Fatal(err)
			}
			v, err := attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(artifact)), attest.AtLeast(1, signer))
			if tt.stage == "" {
				if err != nil || len(v.Weakened()) > 0 {
					t.Fatalf("%v", err)
				}
				return
			}
			var e *attest.Error
			if !errors.As(err, &e) || e.Stage != tt.stage || !errors.Is(err, tt.kind) {
				t.Fatalf("want stage %s and %v, got %v", tt.stage, tt.kind, err)
			}
		})
	}
	if _, err := sigstore.NewGitHubReleaseVerifier(nil); err == nil {
		t.Error("a verifier without a root")
	}
}

// TestRealRelease: what GitHub signed of a release of an open-source project.
func TestRealRelease(t *testing.T) {
	dir := corpus.Dir(t, "attest")
	b, err := attest.ParseBundle(attestcase.Read(t, filepath.Join(dir, "real", "sigstore-rust--github-private-attestation-0-e1544be4.sigstore.json")), nil)
	if err != nil {
		t.Fatal(err)
	}
	asset, err := evidence.ParseDigest("sha256:76f1fe8593bf227cca2c089e3c16dc95014a8d3e89c5dd220530469ca043c428")
	if err != nil {
		t.Fatal(err)
	}
	verify := func(asset evidence.Digest, roots ...string) (*attest.Verified, error) {
		var file []byte
		for _, name := range roots {
			file = append(file, attestcase.Read(t, filepath.Join(dir, "roots", name))...)
		}
		root, err := sigstore.ParseTrustedRoot(file)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := sigstore.NewGitHubReleaseVerifier(root)
		if err != nil {
			t.Fatal(err)
		}
		return attest.Verify(t.Context(), b, attest.DigestSubject(asset), attest.All(attest.AtLeast(1, signer), attest.PredicateType(attest.ReleaseV02)))
	}
	for _, roots := range [][]string{{"github.json"}, {"public-good.json", "github.json"}, {"github.json", "public-good.json"}} {
		v, err := verify(asset, roots...)
		if err != nil {
			t.Fatalf("%q: %v", roots, err)
		}
		said, err := v.Release()
		if err != nil || *said != (attest.Release{Repository: "jdx/communique", Tag: "v0.1.9", Object: "43d0bd191f16d1fe3484a4b58aa69118f7692442"}) {
			t.Errorf("got %+v, %v", said, err)
		}
	}
	if _, err := verify(asset, "public-good.json"); !errors.Is(err, attest.ErrTrustRoot) {
		t.Errorf("by the public instance alone: %v", err)
	}
	if _, err := verify(evidence.Sum256(artifact), "github.json"); !errors.Is(err, attest.ErrSubject) {
		t.Errorf("of another file: %v", err)
	}
}
