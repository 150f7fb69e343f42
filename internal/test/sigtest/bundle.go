// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigtest

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strconv"
	"time"
)

// StatementType is the payload type of an in-toto Statement in an envelope.
const StatementType = "application/vnd.in-toto+json"

// Signing says how something is signed. The zero value is a workflow of
// HailBytes/hailbytes-asm at tag v1.482, at [Epoch], with a certificate in one
// certificate log and an entry in Rekor v1.
type Signing struct {
	Holder  Holder
	Key     crypto.Signer // a key of the signer's own, ECDSA P-256: no certificate then
	Issued  time.Time     // of the certificate; zero means Epoch
	Logged  time.Time     // of each log entry; zero means one minute after Issued
	Stamped time.Time     // of each timestamp; zero means one minute after Issued

	// SCTs are the certificate logs; nil means the first one of the instance.
	SCTs []*Log
	// Entries are kinds of log entries as "dsse/0.0.1", those of version 0.0.2 of
	// hashedrekord in Rekor v2. Nil means dsse/0.0.1 of an envelope,
	// hashedrekord/0.0.1 of an artifact.
	Entries []string
	TSAs    []*Authority

	PayloadType string // empty means StatementType
	Version     string // of the bundle; empty means "0.3"
}

func (s Signing) withDefaults(in *Instance, entry string) Signing {
	if s.Holder.Name == "" {
		s.Holder = Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/tags/v1.482")
	}
	if s.Issued.IsZero() {
		s.Issued = Epoch
	}
	for _, t := range []*time.Time{&s.Logged, &s.Stamped} {
		if t.IsZero() {
			*t = s.Issued.Add(time.Minute)
		}
	}
	if s.SCTs == nil {
		s.SCTs = in.CT[:1]
	}
	if s.Entries == nil {
		s.Entries = []string{entry}
	}
	if s.PayloadType == "" {
		s.PayloadType = StatementType
	}
	if s.Version == "" {
		s.Version = "0.3"
	}
	return s
}

// Bundle is a Sigstore bundle before it is written.
type Bundle struct {
	Version     string
	Certificate []byte // DER; nil for a key
	Signatures  [][]byte
	PayloadType string // empty for a message signature
	Payload     []byte
	Digest      []byte // SHA-256 of the artifact of a message signature
	Entries     []Entry
	Timestamps  [][]byte
	public      []byte // PEM, as log entries name it
}

// Attest returns a signed envelope around payload, which nobody looks at.
func (in *Instance) Attest(payload []byte, s Signing) *Bundle {
	s = s.withDefaults(in, "dsse/0.0.1")
	b := &Bundle{PayloadType: s.PayloadType, Payload: payload}
	// DSSE v1, protocol.md: PAE.
	message := fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(s.PayloadType), s.PayloadType, len(payload), payload)
	in.sign(b, message, s)
	return b
}

// Sign returns a message signature over artifact.
func (in *Instance) Sign(artifact []byte, s Signing) *Bundle {
	s = s.withDefaults(in, "hashedrekord/0.0.1")
	sum := sha256.Sum256(artifact)
	b := &Bundle{Digest: sum[:]}
	in.sign(b, artifact, s)
	return b
}

func (in *Instance) sign(b *Bundle, message []byte, s Signing) {
	b.Version = s.Version
	key, block := s.Key, "PUBLIC KEY"
	var verifier []byte
	if key == nil {
		key, block = p256(), "CERTIFICATE"
		b.Certificate = in.Fulcio.Certificate(s.Holder, key.Public(), s.Issued, s.SCTs...).Raw
		verifier = b.Certificate
	} else {
		verifier = spki(key)
	}
	b.public = pem.EncodeToMemory(&pem.Block{Type: block, Bytes: verifier})
	b.Signatures = [][]byte{signSHA256(key, message)}
	for _, kind := range s.Entries {
		b.Entries = append(b.Entries, in.entry(b, kind, message, verifier, s.Logged))
	}
	for _, a := range s.TSAs {
		b.Timestamps = append(b.Timestamps, a.Stamp(b.Signatures[0], s.Stamped))
	}
}

// entry logs what is signed. The bodies are canonical JSON by virtue of sorted
// names and values that need no escape.
func (in *Instance) entry(b *Bundle, kind string, message, verifier []byte, at time.Time) Entry {
	type object = map[string]any
	digest := func(data []byte) object {
		sum := sha256.Sum256(data)
		return object{"algorithm": "sha256", "value": hex.EncodeToString(sum[:])}
	}
	body := func(name, version string, spec object) []byte {
		return must(json.Marshal(object{"apiVersion": version, "kind": name, "spec": spec}))
	}
	sig := b.Signatures[0]
	switch kind {
	case "dsse/0.0.1":
		return in.Rekor.Append("dsse", "0.0.1", body("dsse", "0.0.1", object{
			"envelopeHash": digest(b.Envelope()), "payloadHash": digest(b.Payload),
			"signatures": []object{{"signature": sig, "verifier": b.public}},
		}), at)
	case "intoto/0.0.1":
		return in.Rekor.Append("intoto", "0.0.1", body("intoto", "0.0.1", object{
			"content": object{"hash": digest(b.Envelope()), "payloadHash": digest(b.Payload)}, "publicKey": b.public,
		}), at)
	case "intoto/0.0.2":
		return in.Rekor.Append("intoto", "0.0.2", body("intoto", "0.0.2", object{"content": object{
			"hash": digest(b.Envelope()), "payloadHash": digest(b.Payload),
			// Rekor keeps the signature as the envelope has it, in base64, and encodes it once more.
			"envelope": object{"payloadType": b.PayloadType, "signatures": []object{{
				"publicKey": b.public, "sig": []byte(base64.StdEncoding.EncodeToString(sig)),
			}}},
		}}), at)
	case "hashedrekord/0.0.1":
		return in.Rekor.Append("hashedrekord", "0.0.1", body("hashedrekord", "0.0.1", object{
			"data": object{"hash": digest(message)}, "signature": object{"content": sig, "publicKey": object{"content": b.public}},
		}), at)
	case "hashedrekord/0.0.2":
		sum := sha256.Sum256(message)
		by := object{"keyDetails": "PKIX_ECDSA_P256_SHA_256", "publicKey": object{"rawBytes": verifier}}
		if b.Certificate != nil {
			by = object{"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": object{"rawBytes": verifier}}
		}
		return in.Tiles.AppendTile("hashedrekord", "0.0.2", body("hashedrekord", "0.0.2", object{"hashedRekordV002": object{
			"data": object{"algorithm": "SHA2_256", "digest": sum[:]}, "signature": object{"content": sig, "verifier": by},
		}}))
	}
	panic("sigtest: log entry of kind " + kind)
}

// Envelope returns the DSSE envelope by itself, as cosign writes it.
func (b *Bundle) Envelope() []byte {
	type signature struct {
		KeyID string `json:"keyid"`
		Sig   []byte `json:"sig"`
	}
	e := struct {
		PayloadType string      `json:"payloadType"`
		Payload     []byte      `json:"payload"`
		Signatures  []signature `json:"signatures"`
	}{b.PayloadType, b.Payload, []signature{}}
	for _, s := range b.Signatures {
		e.Signatures = append(e.Signatures, signature{Sig: s})
	}
	return must(json.Marshal(e))
}

// JSON returns the bundle.
func (b *Bundle) JSON() []byte {
	type object = map[string]any
	mediaType := "application/vnd.dev.sigstore.bundle+json;version=" + b.Version
	if b.Version == "0.3" {
		mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
	}
	var entries []object
	for _, e := range b.Entries {
		entries = append(entries, e.json())
	}
	material := object{"tlogEntries": entries}
	certificate := object{"rawBytes": b.Certificate}
	switch {
	case b.Certificate == nil:
		material["publicKey"] = object{"hint": ""}
	case b.Version == "0.3":
		material["certificate"] = certificate
	default:
		material["x509CertificateChain"] = object{"certificates": []object{certificate}}
	}
	if len(b.Timestamps) > 0 {
		var stamps []object
		for _, s := range b.Timestamps {
			stamps = append(stamps, object{"signedTimestamp": s})
		}
		material["timestampVerificationData"] = object{"rfc3161Timestamps": stamps}
	}
	bundle := object{"mediaType": mediaType, "verificationMaterial": material}
	if b.PayloadType != "" {
		bundle["dsseEnvelope"] = json.RawMessage(b.Envelope())
	} else {
		bundle["messageSignature"] = object{
			"messageDigest": object{"algorithm": "SHA2_256", "digest": b.Digest}, "signature": b.Signatures[0],
		}
	}
	return must(json.Marshal(bundle))
}

// json returns the TransparencyLogEntry; numbers of 64 bits are strings in
// protobuf JSON.
func (e Entry) json() map[string]any {
	type object = map[string]any
	o := object{
		"logIndex": strconv.FormatInt(e.Index, 10), "logId": object{"keyId": e.LogID},
		"kindVersion": object{"kind": e.Kind, "version": e.Version}, "canonicalizedBody": e.Body,
	}
	if e.Time != 0 {
		o["integratedTime"] = strconv.FormatInt(e.Time, 10)
	}
	if e.SET != nil {
		o["inclusionPromise"] = object{"signedEntryTimestamp": e.SET}
	}
	if p := e.Proof; p != nil {
		o["inclusionProof"] = object{
			"logIndex": strconv.FormatInt(p.Index, 10), "treeSize": strconv.FormatInt(p.Size, 10),
			"rootHash": p.Root, "hashes": p.Hashes, "checkpoint": object{"envelope": p.Checkpoint},
		}
	}
	return o
}

// CosignLayer returns the bundle as the layer of a cosign v2 ".att" image: the
// envelope and the annotations of its descriptor (cosign, specs/SIGNATURE_SPEC.md).
// Of log entries and timestamps it holds the first.
func (b *Bundle) CosignLayer() (layer []byte, annotations map[string]string) {
	type object = map[string]any
	annotations = map[string]string{"dev.cosignproject.cosign/signature": ""}
	if b.Certificate != nil {
		annotations["dev.sigstore.cosign/certificate"] = string(b.public)
	}
	if len(b.Entries) > 0 {
		e := b.Entries[0]
		annotations["dev.sigstore.cosign/bundle"] = string(must(json.Marshal(object{
			"SignedEntryTimestamp": e.SET,
			"Payload":              object{"body": e.Body, "integratedTime": e.Time, "logIndex": e.Index, "logID": hex.EncodeToString(e.LogID)},
		})))
	}
	if len(b.Timestamps) > 0 {
		annotations["dev.sigstore.cosign/rfc3161timestamp"] = string(must(json.Marshal(object{"SignedRFC3161Timestamp": b.Timestamps[0]})))
	}
	return b.Envelope(), annotations
}
