// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/encrypted"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// PayloadSigner signs a DSSE payload and returns the attestation as a Sigstore bundle. A
// [*KeySigner] is one; a keyless signer wraps cosign or sigstore-go:
//
//	type cosign struct{}
//
//	func (cosign) SignPayload(ctx context.Context, payloadType string, payload []byte) ([]byte, error)
type PayloadSigner interface {
	// SignPayload signs the pre-authentication encoding (PAE) of the payload, and
	// returns the JSON of a Sigstore bundle or DSSE envelope around those very bytes.
	SignPayload(ctx context.Context, payloadType string, payload []byte) ([]byte, error)
}

// Sign signs an in-toto Statement, which must be one that [ParseStatement] reads,
// and returns the bundle. It makes sure that what the signer returns is an attestation
// of that statement; who signed it, [Verify] says.
func Sign(ctx context.Context, s PayloadSigner, statement []byte) ([]byte, error) {
	if _, err := ParseStatement(statement, nil); err != nil {
		return nil, err
	}
	data, err := s.SignPayload(ctx, PayloadType, statement)
	if err != nil {
		return nil, err
	}
	b, err := ParseBundle(data, nil)
	if err != nil {
		return nil, fmt.Errorf("attest: what the signer returned: %w", err)
	}
	if b.content.PayloadType != PayloadType || !bytes.Equal(b.content.Payload, statement) {
		return nil, refuse(signed.StageBundle, evidence.ErrMismatch, "the signer returned an attestation of something else")
	}
	if len(b.content.Signatures) == 0 {
		return nil, refuse(signed.StageSignature, ErrSignature, "the signer returned no signature")
	}
	return data, nil
}

// KeySigner signs with a private key. It may be used concurrently if the key may.
type KeySigner struct {
	key    crypto.Signer
	public *Key
}

// NewKeySigner returns a signer with a key: ECDSA on P-256, P-384 or P-521 with the
// hash that fits the curve, Ed25519, or RSA of at least 2,048 bits with PKCS #1 v1.5
// and SHA-256. ECDSA signatures are deterministic (RFC 6979) where the key is an
// *ecdsa.PrivateKey, so that equal statements give equal bundles.
func NewKeySigner(key crypto.Signer) (*KeySigner, error) {
	public, err := NewKey(key.Public())
	if err != nil {
		return nil, err
	}
	return &KeySigner{key, public}, nil
}

// ParsePrivateKey reads a private key in PEM: "PRIVATE KEY" (PKCS #8), "EC PRIVATE
// KEY", "RSA PRIVATE KEY", or an encrypted one of cosign ("ENCRYPTED SIGSTORE PRIVATE
// KEY"), for which the password is needed; for the others it is not looked at.
func ParsePrivateKey(data, password []byte) (*KeySigner, error) {
	block, rest := pem.Decode(data)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, refuse(signed.StageSignature, evidence.ErrFormat, "not one private key in PEM")
	}
	key, err := privateKey(block, password)
	if err != nil {
		return nil, &Error{Stage: signed.StageSignature, Kind: evidence.ErrFormat, Message: "not a private key that can be used", Errs: []error{err}}
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, refuse(signed.StageSignature, evidence.ErrUnsupported, "private key of type %T", key)
	}
	return NewKeySigner(signer)
}

func privateKey(block *pem.Block, password []byte) (any, error) {
	switch block.Type {
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY":
		der, err := encrypted.Decrypt(block.Bytes, password)
		if err != nil {
			return nil, errors.New("the password does not open it")
		}
		return x509.ParsePKCS8PrivateKey(der)
	}
	return nil, fmt.Errorf("PEM block %s", textfmt.Quote(block.Type))
}

// Key returns the public key, with which the signatures verify.
func (s *KeySigner) Key() *Key { return s.public }

// SignPayload implements [PayloadSigner]. The bundle is of version 0.3, with a hint at the
// key as cosign writes it: the SHA-256 of its PKIX DER in base64.
func (s *KeySigner) SignPayload(ctx context.Context, payloadType string, payload []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sig, err := s.sign(PAE(payloadType, payload))
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(s.key.Public())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(der)
	return keyBundle(base64.StdEncoding.EncodeToString(sum[:]), payloadType, payload, sig)
}

func (s *KeySigner) sign(message []byte) ([]byte, error) {
	var h crypto.Hash
	switch k := s.key.Public().(type) {
	case ed25519.PublicKey:
		return s.key.Sign(rand.Reader, message, crypto.Hash(0))
	case *rsa.PublicKey:
		h = crypto.SHA256
	case *ecdsa.PublicKey:
		h = signed.HashFor(k.Curve)
	}
	w := h.New()
	w.Write(message)
	if k, ok := s.key.(*ecdsa.PrivateKey); ok {
		return k.Sign(nil, w.Sum(nil), h) // without a source of randomness: RFC 6979
	}
	return s.key.Sign(rand.Reader, w.Sum(nil), h)
}

// keyBundle writes a Sigstore bundle v0.3 of a key, members in the order of the
// protobuf definition.
func keyBundle(hint, payloadType string, payload, sig []byte) ([]byte, error) {
	type publicKey struct {
		Hint string `json:"hint"`
	}
	type material struct {
		PublicKey publicKey `json:"publicKey"`
	}
	type signature struct {
		Sig []byte `json:"sig"`
	}
	type envelope struct {
		Payload     []byte      `json:"payload"`
		PayloadType string      `json:"payloadType"`
		Signatures  []signature `json:"signatures"`
	}
	text, err := json.Marshal(struct {
		MediaType            string   `json:"mediaType"`
		VerificationMaterial material `json:"verificationMaterial"`
		Envelope             envelope `json:"dsseEnvelope"`
	}{
		mediaTypePrefix + ".v0.3+json", material{publicKey{hint}},
		envelope{payload, payloadType, []signature{{sig}}},
	})
	return append(text, '\n'), err
}

// NewStatement returns a Statement v1 for [Sign], with predicate as JSON. The error is
// that of [ParseStatement] for a statement that nobody could verify.
func NewStatement(subject []ResourceDescriptor, predicateType string, predicate any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(struct {
		Type          string               `json:"_type"`
		Subject       []ResourceDescriptor `json:"subject"`
		PredicateType string               `json:"predicateType"`
		Predicate     any                  `json:"predicate"`
	}{StatementV1, subject, predicateType, predicate})
	if err != nil {
		return nil, err
	}
	payload := bytes.TrimSpace(b.Bytes())
	_, err = ParseStatement(payload, nil)
	return payload, err
}
