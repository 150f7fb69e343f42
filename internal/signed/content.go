// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package signed is what the verifiers of package attest and of its subpackages
// share: the parts of an attestation as they were parsed, the bytes that its
// signatures are over, and the question that a verifier answers.
//
// It is internal so that nobody outside the module can call a signature verified:
// attest.Verify believes verifiers, and only this module can make one.
package signed

import (
	"crypto"
	"crypto/sha256"
	_ "crypto/sha512" // crypto.SHA384 and crypto.SHA512
	"strconv"
)

// Form is the kind of document that an attestation was parsed from.
type Form uint8

// The forms.
const (
	FormInvalid        Form = iota
	FormBundle              // Sigstore bundle v0.1, v0.2 or v0.3
	FormEnvelope            // DSSE envelope by itself
	FormCosignLayer         // layer of a cosign v2 .att image with its annotations
	FormImageSignature      // cosign v2 image signature, over a payload of its own that names the image
	FormBlobSignature       // cosign v2 bundle of an artifact's signature
)

var formNames = [...]string{"invalid", "sigstore-bundle", "dsse", "cosign-layer", "cosign-image-signature", "cosign-blob-signature"}

func (f Form) String() string { return formNames[f] }

// Content is one attestation as it was parsed: nothing in it is verified. It is
// either an envelope (Payload) or a message signature (Message), never both; the
// message of an image signature is Payload itself.
// It does not change after it was made.
type Content struct {
	Form    Form
	Version string // of a Sigstore bundle: "0.1", "0.2", "0.3"

	IsMessage   bool
	PayloadType string
	Payload     []byte
	Message     Message
	Signatures  []Signature // exactly one of a message signature

	Certificates [][]byte // DER, leaf first; empty for a key
	Chain        bool     // the certificates came as a chain, as in bundles v0.1 and v0.2
	HasKey       bool     // signed with a key, of which the bundle has a hint at most
	KeyHint      string   // proves nothing
	LogEntries   []LogEntry
	Timestamps   [][]byte // RFC 3161 TimeStampResp, DER

	// LoggedEnvelope is the SHA-256 of the envelope's bytes as cosign logged
	// them, for FormCosignLayer: the Rekor body intoto/0.0.1 commits to it alone.
	LoggedEnvelope [sha256.Size]byte
}

// Message is what a message signature says of the artifact: a hint, not proof.
type Message struct {
	Algorithm crypto.Hash // zero when the bundle does not say
	Digest    []byte
}

// Signature is one signature. KeyID is a hint that nobody signed.
type Signature struct {
	KeyID string
	Bytes []byte
}

// LogEntry is one entry of a transparency log.
type LogEntry struct {
	LogID          []byte // SHA-256 of the log's public key
	LogIndex       int64
	IntegratedTime int64  // Unix seconds; 0 for none
	Kind, Version  string // "dsse", "0.0.1"
	SET            []byte // signed entry timestamp; empty for none
	Body           []byte // canonicalized
	Proof          *InclusionProof
}

// InclusionProof is the place of an entry in the tree of its log.
type InclusionProof struct {
	LogIndex   int64
	TreeSize   int64
	RootHash   []byte
	Hashes     [][]byte
	Checkpoint string // signed note
}

// Input is one attestation under judgement, with what the caller holds of the
// artifact. It caches digests, so it must not be used concurrently.
type Input struct {
	*Content
	artifact map[crypto.Hash][]byte
	read     func() ([]byte, error)
	message  []byte
	digests  map[crypto.Hash][]byte
	payload  []byte // SHA-256 of Payload
}

// NewInput returns the input for content and what the caller holds of the artifact:
// digests and, if it is at hand, a function that reads it. They matter to the signature
// of an artifact only, and may be nil.
func NewInput(c *Content, artifact map[crypto.Hash][]byte, read func() ([]byte, error)) *Input {
	return &Input{Content: c, artifact: artifact, read: read}
}

// overArtifact reports whether the signature is over an artifact, which is not kept.
func (in *Input) overArtifact() bool { return in.IsMessage && in.Payload == nil }

// Digest returns the digest of the bytes that the signatures are over, nil if it
// is not known: for a message signature the caller may hold another one.
func (in *Input) Digest(h crypto.Hash) []byte {
	if in.overArtifact() {
		return in.artifact[h]
	}
	if sum, ok := in.digests[h]; ok {
		return sum
	}
	if !h.Available() {
		return nil
	}
	w := h.New()
	if !in.IsMessage {
		w.Write(PAEHeader(in.PayloadType, len(in.Payload)))
	}
	w.Write(in.Payload)
	if in.digests == nil {
		in.digests = map[crypto.Hash][]byte{}
	}
	sum := w.Sum(nil)
	in.digests[h] = sum
	return sum
}

// Bytes returns the bytes that the signatures are over. Those of an artifact are read
// for each call; they are nil if it is not at hand.
func (in *Input) Bytes() ([]byte, error) {
	switch {
	case in.overArtifact() && in.read == nil:
		return nil, nil
	case in.overArtifact():
		return in.read()
	case in.IsMessage:
		return in.Payload, nil
	case in.message == nil:
		in.message = PAE(in.PayloadType, in.Payload)
	}
	return in.message, nil
}

// PayloadSHA256 returns the SHA-256 of an envelope's payload.
func (in *Input) PayloadSHA256() []byte {
	if in.payload == nil {
		sum := sha256.Sum256(in.Payload)
		in.payload = sum[:]
	}
	return in.payload
}

// PAE returns the pre-authentication encoding: the bytes that a DSSE signature
// is over (DSSE v1 protocol, "Signature Definition").
func PAE(payloadType string, payload []byte) []byte {
	return append(PAEHeader(payloadType, len(payload)), payload...)
}

// PAEHeader returns what stands before the payload in its pre-authentication encoding.
func PAEHeader(payloadType string, size int) []byte {
	b := append([]byte("DSSEv1 "), strconv.Itoa(len(payloadType))...)
	b = append(append(append(b, ' '), payloadType...), ' ')
	return append(strconv.AppendInt(b, int64(size), 10), ' ')
}
