// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"time"

	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"
)

// entity shows a judgement to sigstore-go as the entity it wants: what is signed,
// by what, with one log entry or none. Nothing of it is parsed a second time.
type entity struct {
	verify.BaseSignedEntity
	*judgement
	logged *tlog.Entry
}

func (e *entity) HasInclusionPromise() bool { return e.logged != nil && e.logged.HasInclusionPromise() }
func (e *entity) HasInclusionProof() bool   { return e.logged != nil && e.logged.HasInclusionProof() }
func (e *entity) Version() (string, error)  { return "v" + e.in.Version, nil }

func (e *entity) Timestamps() ([][]byte, error) { return e.in.Timestamps, nil }

func (e *entity) TlogEntries() ([]*tlog.Entry, error) {
	if e.logged == nil {
		return nil, nil
	}
	return []*tlog.Entry{e.logged}, nil
}

func (e *entity) SignatureContent() (verify.SignatureContent, error) { return content{e}, nil }

func (e *entity) VerificationContent() (verify.VerificationContent, error) { return material{e}, nil }

// content is what the signature is over.
type content struct{ *entity }

func (c content) Signature() []byte { return c.sig }

func (c content) EnvelopeContent() verify.EnvelopeContent {
	if c.in.IsMessage {
		return nil
	}
	return c
}

func (c content) MessageSignatureContent() verify.MessageSignatureContent {
	if !c.in.IsMessage {
		return nil
	}
	return message{c}
}

// RawEnvelope is only asked for where a Rekor v2 entry is verified.
func (c content) RawEnvelope() *dsse.Envelope {
	return &dsse.Envelope{
		PayloadType: c.in.PayloadType,
		Payload:     base64.StdEncoding.EncodeToString(c.in.Payload),
		Signatures:  []dsse.Signature{{Sig: base64.StdEncoding.EncodeToString(c.sig)}},
	}
}

// Statement is parsed by package attest.
func (c content) Statement() (*intoto.Statement, error) { return nil, errNotHere }

// message is an artifact, of which the caller holds the digest.
type message struct{ content }

func (m message) Digest() []byte {
	_, sum := m.artifact()
	return sum
}

func (m message) DigestAlgorithm() string {
	alg, _ := m.artifact()
	return alg
}

// artifact returns the digest that a log keeps of an artifact: the one that fits the key.
func (j *judgement) artifact() (algorithm string, sum []byte) {
	details, err := signature.GetDefaultAlgorithmDetails(j.public)
	if err != nil {
		return "", nil
	}
	names := map[crypto.Hash]string{crypto.SHA256: "sha256", crypto.SHA384: "sha384", crypto.SHA512: "sha512"}
	h := details.GetHashType()
	if h == 0 {
		h = crypto.SHA512 // Ed25519ph
	}
	return names[h], j.in.Digest(h)
}

// material is what verifies the signature.
type material struct{ *entity }

func (m material) Certificate() *x509.Certificate     { return m.leaf }
func (m material) Intermediates() []*x509.Certificate { return nil }

func (m material) PublicKey() verify.PublicKeyProvider {
	if m.leaf != nil {
		return nil
	}
	return m
}

func (m material) Hint() string { return m.signer.KeyID }

func (m material) CompareKey(key any, _ root.TrustedMaterial) bool { return m.isKey(key) }

// ValidAtTime is answered later, where a time that does not fit has a stage of its own.
func (m material) ValidAtTime(time.Time, root.TrustedMaterial) bool { return true }

// isKey reports whether a log entry names the certificate or key of this signature.
func (j *judgement) isKey(key any) bool {
	if j.leaf != nil {
		cert, ok := key.(*x509.Certificate)
		return ok && j.leaf.Equal(cert)
	}
	other, ok := key.(interface{ Equal(crypto.PublicKey) bool })
	return ok && other.Equal(j.public)
}

// keyed is a trust root that also knows the key of this judgement.
type keyed struct {
	*root.TrustedRoot
	public crypto.PublicKey
}

func (k keyed) PublicKeyVerifier(string) (root.TimeConstrainedVerifier, error) {
	v, err := signature.LoadDefaultVerifier(k.public)
	if err != nil {
		return nil, err
	}
	return root.NewExpiringKey(v, time.Time{}, time.Time{}), nil
}

func (j *judgement) trusted() root.TrustedMaterial {
	if j.leaf != nil {
		return j.root.root
	}
	return keyed{j.root.root, j.public}
}
