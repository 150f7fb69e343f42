// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"path/filepath"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/attestcase"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// TestCosignSignatures: what a Sigstore bundle v0.1 holds about an artifact, written
// as cosign 2 did, verifies just the same: certificate, log entry and signature.
func TestCosignSignatures(t *testing.T) {
	dir := corpus.Dir(t, "attest")
	var c attestcase.Case
	for _, c = range attestcase.Load(t) {
		if c.ID == "conformance/happy-path-v0.1" || filepath.Base(filepath.Dir(c.File)) == "happy-path-v0.1" {
			break
		}
	}
	artifact := attestcase.Read(t, filepath.Join(dir, "conformance", "a.txt"))
	var bundle struct {
		VerificationMaterial struct {
			X509CertificateChain struct {
				Certificates []struct{ RawBytes []byte }
			}
			TlogEntries []struct {
				LogIndex, IntegratedTime int64 `json:",string"`
				LogID                    struct{ KeyID []byte }
				InclusionPromise         struct{ SignedEntryTimestamp []byte }
				CanonicalizedBody        []byte
			}
		}
		MessageSignature struct{ Signature []byte }
	}
	if err := json.Unmarshal(attestcase.Read(t, c.Path(c.File)), &bundle); err != nil {
		t.Fatal(err)
	}
	m := bundle.VerificationMaterial
	cert, e := m.X509CertificateChain.Certificates[0].RawBytes, m.TlogEntries[0]
	logged := map[string]any{
		"SignedEntryTimestamp": e.InclusionPromise.SignedEntryTimestamp,
		"Payload": map[string]any{
			"body": e.CanonicalizedBody, "integratedTime": e.IntegratedTime, "logIndex": e.LogIndex, "logID": hex.EncodeToString(e.LogID.KeyID),
		},
	}
	parse := func(document map[string]any) *attest.Bundle {
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		b, err := attest.ParseBundle(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	root := roots{}.get(t, c.Path(c.Policy.TrustedRoot))
	v, err := sigstore.NewVerifier(root, sigstore.Identity{SAN: c.Policy.SAN, SANPattern: c.Policy.SANRegexp, Issuer: c.Policy.Issuer}, options(&c.Policy))
	if err != nil {
		t.Fatal(err)
	}
	verify := func(b *attest.Bundle, artifact []byte) (*attest.Verified, error) {
		return attest.Verify(t.Context(), b, attest.BytesSubject(artifact), attest.AtLeast(1, v))
	}
	blob := func(sig []byte) *attest.Bundle {
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
		return parse(map[string]any{"base64Signature": sig, "cert": base64.StdEncoding.EncodeToString(block), "rekorBundle": logged})
	}
	sig := bundle.MessageSignature.Signature
	verified, err := verify(blob(sig), artifact)
	if err != nil {
		t.Fatal(err)
	}
	if s := verified.Signers()[0]; s.Certificate == nil || len(s.Logged) != 1 {
		t.Errorf("signer %+v", s)
	}
	if _, err := verify(blob(sig), append(artifact, '\n')); !errors.Is(err, evidence.ErrMismatch) {
		t.Errorf("another artifact: %v", err)
	}
	image := func(payload []byte) *attest.Bundle {
		return parse(map[string]any{"Base64Signature": sig, "Payload": payload, "Cert": map[string]any{"Raw": cert, "Version": 3}, "Bundle": logged})
	}
	// As an image signature it comes as far as its payload, which is no such thing.
	var stage *attest.Error
	if _, err := verify(image(artifact), artifact); !errors.As(err, &stage) || stage.Stage != "statement" {
		t.Errorf("not an image signature: %v", err)
	}
	if _, err := verify(image(append(artifact, '\n')), artifact); !errors.As(err, &stage) || stage.Stage != "tlog" {
		t.Errorf("another payload: %v", err)
	}
}
