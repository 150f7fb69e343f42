// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
)

func newSigner(t *testing.T) *attest.KeySigner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := attest.NewKeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// TestStatement: authentic is for the pack that was signed, by whom the caller expects.
func TestStatement(t *testing.T) {
	ctx := context.Background()
	zip, built := build(t, smallRelease, smallEvidence(), nil)
	signer, stranger := newSigner(t), newSigner(t)
	bundle := func(b *Built, s attest.PayloadSigner) *attest.Bundle {
		data, err := b.Sign(ctx, FileName("demo", "1.7"), s)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := attest.ParseBundle(data, nil)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	next := smallRelease
	next.Version = "1.8"
	_, other := build(t, next, smallEvidence(), nil)
	// A summary about the same digests is not a statement of the publisher, whatever it says.
	vsa, err := (&attest.VSA{
		VerifierID: "https://example.com", ResourceURI: "demo", Result: "FAILED", VerifiedLevels: []string{"FAILED"},
		Policy: attest.ResourceDescriptor{URI: "https://example.com/policy"},
	}).Statement([]attest.ResourceDescriptor{{Name: "MANIFEST.json", Digest: attest.DigestSet{"sha256": built.ContentDigest.Hex()}}})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := attest.Sign(ctx, signer, vsa)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := attest.ParseBundle(signed, nil)
	if err != nil {
		t.Fatal(err)
	}
	lied := *built
	liar := *built.Manifest
	liar.Version = "1.9"
	lied.Manifest = &liar
	for _, tt := range []struct {
		name      string
		zip       []byte
		bundle    *attest.Bundle
		signers   []attest.Verifier
		status    evidence.Status
		says      string
		authentic evidence.Status
	}{
		{"signed", zip, bundle(built, signer), []attest.Verifier{signer.Key()}, evidence.StatusPass, "signed by key", evidence.StatusPass},
		{"one of two", zip, bundle(built, signer), []attest.Verifier{stranger.Key(), signer.Key()}, evidence.StatusPass, "signed by key", evidence.StatusPass},
		{"nobody expected", zip, bundle(built, signer), nil, evidence.StatusSkip, "no expected identity", evidence.StatusSkip},
		{"nothing given", zip, nil, []attest.Verifier{signer.Key()}, evidence.StatusSkip, "no statement given", evidence.StatusSkip},
		{"by a stranger", zip, bundle(built, stranger), []attest.Verifier{signer.Key()}, evidence.StatusFail, "", evidence.StatusFail},
		{"of another pack", zip, bundle(other, signer), []attest.Verifier{signer.Key()}, evidence.StatusFail, "subject", evidence.StatusFail},
		{"of another version, same content", zip, bundle(&lied, signer), []attest.Verifier{signer.Key()}, evidence.StatusFail, "version", evidence.StatusFail},
		{"a summary about the same digests", zip, summary, []attest.Verifier{signer.Key()}, evidence.StatusFail, "predicate type", evidence.StatusFail},
		{"zipped again", edit(t, zip, func(map[string][]byte) {}), bundle(built, signer), []attest.Verifier{signer.Key()}, evidence.StatusWarn, "repacked", evidence.StatusPass},
		{"edited consistently", edit(t, zip, func(f map[string][]byte) { f["sbom/web.cdx.json"][30] ^= 2; relist(t, f) }), bundle(built, signer), []attest.Verifier{signer.Key()}, evidence.StatusFail, "subject", evidence.StatusFail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := verify(t, open(t, tt.zip), Policy{Statement: tt.bundle, Publisher: tt.signers, UnsafeNoProfile: true})
			c := r.Check("attest.statement")
			if c.Status != tt.status || !strings.Contains(c.Message, tt.says) || r.Verdicts.Authentic != tt.authentic {
				t.Errorf("got %s %q, authentic %s; want %s %q, %s", c.Status, c.Message, r.Verdicts.Authentic, tt.status, tt.says, tt.authentic)
			}
			if r.Verdicts.Pinned != evidence.StatusSkip {
				t.Errorf("a signature is no pin: %s", r.Verdicts.Pinned)
			}
		})
	}
}

// TestUnsignedImages: whom the caller expects must have signed every image. That the
// pack declares a gap waives it only if the caller's profile allows the gap.
func TestUnsignedImages(t *testing.T) {
	zip, _ := build(t, smallRelease, smallEvidence(), nil)
	r := verify(t, open(t, zip), Policy{ImageSigners: []attest.Verifier{newSigner(t).Key()}})
	if c := r.Check(checkPresent); c == nil || c.Status != evidence.StatusFail {
		t.Errorf("got %+v", c)
	}
	r = verify(t, open(t, zip), Policy{})
	if c := r.Check("attest.images"); c == nil || c.Status != evidence.StatusSkip || c.Message != "no expected identity" {
		t.Errorf("got %+v", c)
	}
	declared := smallRelease
	declared.Gaps = []manifest.Gap{{Kind: manifest.KindImageSigning, Reason: "later"}}
	zip, _ = build(t, declared, smallEvidence(), nil)
	signers := []attest.Verifier{newSigner(t).Key()}
	for name, tt := range map[string]struct {
		profile *Profile
		want    evidence.Status
	}{
		"no profile":           {nil, evidence.StatusFail},
		"profile allows it":    {&Profile{Name: "p", Gaps: []manifest.Kind{manifest.KindImageSigning}}, evidence.StatusSkip},
		"profile allows other": {&Profile{Name: "p", Gaps: []manifest.Kind{manifest.KindSLSAProvenance}}, evidence.StatusFail},
	} {
		r := verify(t, open(t, zip), Policy{ImageSigners: signers, Profile: tt.profile, UnsafeNoProfile: tt.profile == nil})
		if c := r.Check(checkPresent); c == nil || c.Status != tt.want {
			t.Errorf("%s: got %+v, want %v", name, c, tt.want)
		}
	}
}

// TestOtherAttestations: an attestation that belongs to no image is about a file or image
// of the release, or it is named.
func TestOtherAttestations(t *testing.T) {
	s := newSigner(t)
	sbom := evidence.Sum256(smallEvidence()["sbom/web.spdx.json"].Data)
	for name, tt := range map[string]struct {
		by    attest.PayloadSigner
		about evidence.Digest
		want  evidence.Status
	}{
		"a file of the pack":    {s, sbom, evidence.StatusPass},
		"nothing in the pack":   {s, evidence.Sum256([]byte("pentest")), evidence.StatusWarn},
		"a file, by a stranger": {newSigner(t), sbom, evidence.StatusWarn},
	} {
		data, err := signedAbout(t, tt.by, tt.about, "https://example.com/p", struct{}{}).data()
		if err != nil {
			t.Fatal(err)
		}
		files := smallEvidence()
		files["attestations/pentest.dsse.json"] = &fstest.MapFile{Data: data}
		zip, _ := build(t, smallRelease, files, nil)
		r := verify(t, open(t, zip), Policy{ImageSigners: []attest.Verifier{s.Key()}})
		i := slices.IndexFunc(r.Checks, func(c evidence.Check) bool {
			return c.ID == checkSubject && c.Subject == "attestations/pentest.dsse.json"
		})
		if i < 0 || r.Checks[i].Status != tt.want {
			t.Errorf("%s: want %v in %+v", name, tt.want, r.Checks)
		}
	}
}
