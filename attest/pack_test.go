// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"context"
	"crypto/elliptic"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
)

func newPack() attest.Pack {
	return attest.Pack{
		PackPredicate: attest.PackPredicate{Product: "asm", Version: "1.482", Commit: strings.Repeat("a", 40), ContentDigest: evidence.Sum256([]byte("manifest"))},
		FileName:      "hailbytes-asm-trust-pack-v1.482.zip",
		SHA256:        evidence.Sum256([]byte("zip")),
	}
}

func signPack(t *testing.T, s attest.PayloadSigner, p attest.Pack) *attest.Bundle {
	t.Helper()
	st, err := p.Statement()
	if err != nil {
		t.Fatal(err)
	}
	data, err := attest.Sign(t.Context(), s, st)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, data)
}

func TestVerifyPack(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	pol := attest.AtLeast(1, s.Key())
	b := signPack(t, s, newPack())
	v, err := attest.VerifyPack(t.Context(), b, newPack(), pol)
	if err != nil || v.Repacked || v.Predicate.Version != "1.482" {
		t.Fatalf("got %+v, %v", v, err)
	}
	repacked := newPack()
	repacked.SHA256 = evidence.Sum256([]byte("another zip"))
	if v, err := attest.VerifyPack(t.Context(), b, repacked, pol); err != nil || !v.Repacked {
		t.Errorf("another ZIP of the same content: %+v, %v", v, err)
	}
	unknown := newPack()
	unknown.Commit = ""
	if _, err := attest.VerifyPack(t.Context(), b, unknown, pol); err != nil {
		t.Errorf("a manifest that does not say its commit: %v", err)
	}
	for name, tt := range map[string]struct {
		change func(*attest.Pack)
		stage  attest.Stage
		kind   error
	}{
		"content": {func(p *attest.Pack) { p.ContentDigest = evidence.Sum256([]byte("edited")) }, attest.StageSubject, attest.ErrSubject},
		"product": {func(p *attest.Pack) { p.Product = "sat" }, attest.StagePredicate, attest.ErrPredicate},
		"version": {func(p *attest.Pack) { p.Version = "1.481" }, attest.StagePredicate, attest.ErrPredicate},
		"commit":  {func(p *attest.Pack) { p.Commit = strings.Repeat("b", 40) }, attest.StagePredicate, attest.ErrPredicate},
	} {
		p := newPack()
		tt.change(&p)
		_, err := attest.VerifyPack(t.Context(), b, p, pol)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		refused(t, err, tt.stage, tt.kind)
	}
	_, err = attest.VerifyPack(t.Context(), b, newPack(), attest.AtLeast(1, newSigner(t, elliptic.P256()).Key()))
	refused(t, err, attest.StageSignature, attest.ErrSignature)
}

// TestOtherStatement: a summary that says FAILED is about the same digests, signed by
// the same key, and is no statement about the pack.
func TestOtherStatement(t *testing.T) {
	s, p := newSigner(t, elliptic.P256()), newPack()
	vsa := attest.VSA{
		VerifierID: "https://example.com/verifier", TimeVerified: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), ResourceURI: "pkg:generic/pack",
		Policy: attest.ResourceDescriptor{URI: "https://example.com/policy"}, Result: "FAILED", VerifiedLevels: []string{"FAILED"},
	}
	st, err := vsa.Statement([]attest.ResourceDescriptor{{Name: manifest.Name, Digest: attest.DigestSet{"sha256": p.ContentDigest.Hex()}}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := attest.Sign(t.Context(), s, st)
	if err != nil {
		t.Fatal(err)
	}
	_, err = attest.VerifyPack(t.Context(), parse(t, data), p, attest.AtLeast(1, s.Key()))
	refused(t, err, attest.StagePredicateType, attest.ErrPredicateType)
	v, err := attest.Verify(t.Context(), parse(t, data), attest.DigestSubject(p.ContentDigest), attest.All(attest.AtLeast(1, s.Key()), attest.PredicateType(attest.VSAV1)))
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := v.Statement().Decode()
	if got, ok := decoded.(*attest.VSA); err != nil || !ok || got.Result != "FAILED" || !got.TimeVerified.Equal(vsa.TimeVerified) {
		t.Errorf("decoded %+v, %v", decoded, err)
	}
	vsa.Result = ""
	if _, err := vsa.Statement([]attest.ResourceDescriptor{{Digest: attest.DigestSet{"sha256": p.ContentDigest.Hex()}}}); !errors.Is(err, attest.ErrPredicate) {
		t.Errorf("a summary without a result: %v", err)
	}
}

// liar is a signer that signs something else.
type liar struct{ *attest.KeySigner }

func (l liar) SignPayload(ctx context.Context, payloadType string, payload []byte) ([]byte, error) {
	return l.KeySigner.SignPayload(ctx, payloadType, append(payload, ' '))
}

func TestSignChecks(t *testing.T) {
	_, err := attest.Sign(t.Context(), liar{newSigner(t, elliptic.P256())}, []byte(artifactStatement()))
	refused(t, err, attest.StageBundle, evidence.ErrMismatch)
	_, err = attest.Sign(t.Context(), newSigner(t, elliptic.P256()), []byte(`{}`))
	refused(t, err, attest.StageStatement, evidence.ErrFormat)
}

func TestCheckImage(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	platform := evidence.Sum256([]byte("platform"))
	index := []byte(`{"schemaVersion":2,"manifests":[{"digest":"` + platform.String() + `"}]}`)
	signed := func(d evidence.Digest) attest.Evidence {
		data := envelope(t, attest.PayloadType, statement(d.Hex()), s)
		return attest.Evidence{Path: "a.json", Data: func() ([]byte, error) { return data, nil }}
	}
	img := &attest.Image{Name: "web", Digest: evidence.Sum256(index), OCI: index}
	tests := []struct {
		name   string
		change func(*attest.Image)
		policy attest.Policy
		id     string
		status evidence.Status
		says   string
	}{
		{"no expectation", func(i *attest.Image) { i.Attestations = []attest.Evidence{signed(platform)} }, attest.Policy{}, attest.CheckSignature, evidence.StatusSkip, "no expected identity"},
		{"platform", func(i *attest.Image) { i.Attestations = []attest.Evidence{signed(platform)} }, attest.AtLeast(1, s.Key()), attest.CheckSubject, evidence.StatusPass, "manifest for one platform"},
		{"index", func(i *attest.Image) { i.Attestations = []attest.Evidence{signed(img.Digest)} }, attest.AtLeast(1, s.Key()), attest.CheckSubject, evidence.StatusPass, "the image's index"},
		{"another image", func(i *attest.Image) { i.Attestations = []attest.Evidence{signed(evidence.Sum256(nil))} }, attest.AtLeast(1, s.Key()), attest.CheckSubject, evidence.StatusFail, "no subject"},
		{"absent", func(i *attest.Image) {}, attest.AtLeast(1, s.Key()), attest.CheckPresent, evidence.StatusFail, "no attestation"},
		{"declared", func(i *attest.Image) {
			i.Gaps = []manifest.Gap{{Kind: manifest.KindImageSigning, Reason: "planned"}}
		}, attest.AtLeast(1, s.Key()), attest.CheckPresent, evidence.StatusSkip, "declared absent: planned"},
		{"unreadable", func(i *attest.Image) {
			i.Attestations = []attest.Evidence{{Path: "a.json", Data: func() ([]byte, error) { return nil, errAny }}}
		}, attest.AtLeast(1, s.Key()), attest.CheckReadable, evidence.StatusError, "any error"},
		{"wrong manifest", func(i *attest.Image) { i.OCI = []byte(`{}`) }, attest.AtLeast(1, s.Key()), attest.CheckSubject, evidence.StatusFail, "digest of the image's manifest"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := *img
			tt.change(&i)
			checks := attest.CheckImage(t.Context(), &i, tt.policy, nil)
			for _, c := range checks {
				if c.ID == tt.id {
					if c.Status != tt.status || !strings.Contains(c.Message, tt.says) {
						t.Errorf("got %v %q", c.Status, c.Message)
					}
					return
				}
			}
			t.Errorf("no check %s in %+v", tt.id, checks)
		})
	}
}

func TestCosignAdvisories(t *testing.T) {
	for version, want := range map[string]int{"2.6.1": 3, "v2.6.2": 2, "2.6.3": 1, "2.6.5": 0, "2.5.9": 3, "3.0.1": 0, "2.6": 0, "x": 0, "2.6.1-rc1": 3} {
		if got := attest.CosignAdvisories(version); len(got) != want {
			t.Errorf("%s: %q, want %d", version, got, want)
		}
	}
}
