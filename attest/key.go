// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Key is a public key that signatures are verified with. It is a [Verifier].
// A Key may be used concurrently.
type Key struct {
	pub crypto.PublicKey
	id  string
}

// ParseKey reads a public key, told by its content: PEM ("PUBLIC KEY" or "RSA PUBLIC
// KEY"), the DER in it, or a JSON Web Key (RFC 7517; of type EC, RSA or OKP, without
// private members, not for another use than signatures). ECDSA on P-256, P-384 and P-521, Ed25519, and RSA of 2,048 to 16,384
// bits. RSA signatures may be PKCS #1 v1.5 or PSS, ECDSA ones ASN.1 or r and s
// side by side. A file with more than one key is refused; [ParseKeys] reads a JWK Set.
//
// The error is an [*Error] of kind ErrFormat, ErrUnsupported, ErrLimit or ErrWeakKey.
func ParseKey(data []byte) (*Key, error) {
	if isJSON(data) {
		keys, err := ParseKeys(data)
		switch {
		case err != nil:
			return nil, err
		case len(keys) > 1:
			return nil, refuse(signed.StageSignature, evidence.ErrFormat, "%d keys, want one", len(keys))
		}
		return keys[0], nil
	}
	der, blockType := data, "PUBLIC KEY"
	if block, rest := pem.Decode(data); block != nil {
		der, blockType = block.Bytes, block.Type
		if next, _ := pem.Decode(rest); next != nil {
			return nil, refuse(signed.StageSignature, evidence.ErrFormat, "more than one PEM block, want one public key")
		}
	}
	var pub crypto.PublicKey
	var err error
	switch blockType {
	case "PUBLIC KEY":
		pub, err = x509.ParsePKIXPublicKey(der)
	case "RSA PUBLIC KEY":
		pub, err = x509.ParsePKCS1PublicKey(der)
	case "CERTIFICATE":
		err = errors.New("a certificate, which is believed through a trust root only; want a public key")
	default:
		err = fmt.Errorf("PEM block %s, want a public key", textfmt.Quote(blockType))
	}
	if err != nil {
		return nil, &Error{Stage: signed.StageSignature, Kind: evidence.ErrFormat, Message: "not a public key", Errs: []error{err}}
	}
	return NewKey(pub)
}

// NewKey returns the key of a crypto.PublicKey: *ecdsa.PublicKey,
// ed25519.PublicKey or *rsa.PublicKey, as crypto.Signer.Public returns them.
func NewKey(pub crypto.PublicKey) (*Key, error) {
	if err := signed.CheckKey(pub); err != nil {
		return nil, &Error{Stage: signed.StageSignature, Kind: ErrWeakKey, Errs: []error{err}}
	}
	id, err := signed.KeyID(pub)
	if err != nil {
		return nil, &Error{Stage: signed.StageSignature, Kind: evidence.ErrFormat, Errs: []error{err}}
	}
	return &Key{pub: pub, id: id}, nil
}

// ID returns the lower-case hexadecimal SHA-256 of the key as PKIX DER.
func (k *Key) ID() string { return k.id }

// Public returns the key as a crypto.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.pub }

// judge implements [Verifier]. The key id of a signature is not looked at: nobody
// signed it, so a wrong one must not hide a good signature.
func (k *Key) judge(_ context.Context, in *signed.Input, i int) (Signer, error) {
	err := signed.Check(k.pub, in, in.Signatures[i].Bytes)
	if err == nil {
		return Signer{KeyID: k.id}, nil
	}
	e := &Error{Stage: signed.StageSignature, Kind: ErrSignature, Message: fmt.Sprintf("signature %d is not by key %s", i, k.id[:16])}
	if !errors.Is(err, signed.ErrSignature) {
		e.Errs = []error{err}
	}
	return Signer{}, e
}

// String returns "key " and the first digits of the key's ID.
func (k *Key) String() string { return "key " + k.id[:16] }
