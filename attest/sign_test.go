// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/encrypted"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
)

func TestParsePrivateKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := encrypted.Encrypt(pkcs8, []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	block := func(blockType string, data []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: data})
	}
	want, err := attest.NewKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"PKCS #8": block("PRIVATE KEY", pkcs8), "SEC 1": block("EC PRIVATE KEY", sec1), "cosign": block("ENCRYPTED SIGSTORE PRIVATE KEY", sealed),
	} {
		s, err := attest.ParsePrivateKey(data, []byte("secret"))
		if err != nil || s.Key().ID() != want.ID() {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, data := range map[string][]byte{
		"no PEM": pkcs8, "public key": block("PUBLIC KEY", pkcs8), "two": append(block("PRIVATE KEY", pkcs8), block("PRIVATE KEY", pkcs8)...),
		"another password": block("ENCRYPTED SIGSTORE PRIVATE KEY", sealed),
	} {
		_, err := attest.ParsePrivateKey(data, []byte("wrong"))
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		refused(t, err, "signature", evidence.ErrFormat)
	}
	if _, err := attest.ParseKey(block("PRIVATE KEY", pkcs8)); err == nil {
		t.Error("a private key was taken for a public one")
	}
}

// liar is a signer that signs something else.
type liar struct{ *attest.KeySigner }

func (l liar) SignPayload(ctx context.Context, payloadType string, payload []byte) ([]byte, error) {
	return l.KeySigner.SignPayload(ctx, payloadType, append(payload, ' '))
}

func TestSignChecks(t *testing.T) {
	_, err := attest.Sign(t.Context(), liar{newSigner(t, elliptic.P256())}, []byte(artifactStatement()))
	refused(t, err, "bundle", evidence.ErrMismatch)
	_, err = attest.Sign(t.Context(), newSigner(t, elliptic.P256()), []byte(`{}`))
	refused(t, err, "statement", evidence.ErrFormat)
}
