// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"crypto"
	"strconv"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

const mediaTypePrefix = "application/vnd.dev.sigstore.bundle"

// bundleVersions are the media types of the versions that are read
// (Sigstore protobuf-specs, sigstore_bundle.proto, media_type).
var bundleVersions = map[string]string{
	mediaTypePrefix + "+json;version=0.1": "0.1",
	mediaTypePrefix + "+json;version=0.2": "0.2",
	mediaTypePrefix + "+json;version=0.3": "0.3",
	mediaTypePrefix + ".v0.3+json":        "0.3",
}

// absent reads a null, which in protobuf JSON is a member that is not there.
func (r *reader) absent() bool {
	if r.Kind() != jsonstrict.Null {
		return false
	}
	r.Null()
	return true
}

// exclusive refuses a second content: what is signed must be one thing.
func (r *reader) exclusive(c *signed.Content) {
	if c.IsMessage || c.PayloadType != "" {
		r.fail("bundle", evidence.ErrFormat, "bundle with both an envelope and a message signature")
	}
}

// checkBundle holds a Sigstore bundle against the rules of its version.
func (r *reader) checkBundle(c *signed.Content, mediaType string) {
	version, known := bundleVersions[mediaType]
	c.Version = version
	switch {
	case !known:
		r.fail("bundle", evidence.ErrUnsupported, "bundle of media type %s, want version 0.1, 0.2 or 0.3", textfmt.Quote(mediaType))
	case !c.IsMessage && c.PayloadType == "":
		r.fail("bundle", evidence.ErrFormat, "bundle without an envelope or a message signature")
	case len(c.Certificates) == 0 && !c.HasKey:
		r.fail("bundle", evidence.ErrFormat, "bundle without a certificate or a public key")
	case version == "0.3" && c.Chain:
		r.fail("bundle", evidence.ErrFormat, "bundle v0.3 with a certificate chain, want the certificate alone")
	}
	for i := range c.LogEntries {
		e := &c.LogEntries[i]
		switch {
		case r.Err() != nil:
		case version == "0.1" && len(e.SET) == 0:
			r.fail("bundle", evidence.ErrFormat, "log entry %d without an inclusion promise, which bundle v0.1 needs", i)
		case version != "0.1" && e.Proof == nil:
			r.fail("bundle", evidence.ErrFormat, "log entry %d without an inclusion proof, which bundle v%s needs", i, version)
		}
	}
}

// material reads a VerificationMaterial.
func (r *reader) material(c *signed.Content) {
	for r.Object(); r.Next(); {
		name := string(r.Key())
		if r.absent() {
			continue
		}
		switch name {
		case "publicKey":
			r.onlyMaterial(c)
			c.HasKey = true
			for r.Object(); r.Next(); {
				if string(r.Key()) != "hint" {
					r.unknown(true)
				} else if !r.absent() {
					c.KeyHint = r.String()
				}
			}
		case "certificate":
			r.onlyMaterial(c)
			c.Certificates = [][]byte{r.rawBytes("rawBytes")}
		case "x509CertificateChain":
			r.onlyMaterial(c)
			c.Chain = true
			r.list("certificates", func() { c.Certificates = append(c.Certificates, r.rawBytes("rawBytes")) })
			if r.Err() == nil && len(c.Certificates) == 0 {
				r.fail("bundle", evidence.ErrFormat, "empty certificate chain")
			}
		case "tlogEntries":
			for r.Array(); r.Next(); {
				if !r.bounded(len(c.LogEntries)+1, r.limits.LogEntries, "log entries") {
					return
				}
				c.LogEntries = append(c.LogEntries, r.logEntry())
			}
		case "timestampVerificationData":
			r.list("rfc3161Timestamps", func() { c.Timestamps = append(c.Timestamps, r.rawBytes("signedTimestamp")) })
		default:
			r.unknown(true)
		}
	}
}

func (r *reader) onlyMaterial(c *signed.Content) {
	if c.HasKey || len(c.Certificates) > 0 {
		r.fail("bundle", evidence.ErrFormat, "bundle with several certificates or keys to verify it by")
	}
}

// list reads an object whose only member is a list, bounded like log entries.
func (r *reader) list(member string, each func()) {
	for r.Object(); r.Next(); {
		if string(r.Key()) != member {
			r.unknown(true)
			continue
		}
		if r.absent() {
			continue
		}
		n := 0
		for r.Array(); r.Next(); {
			if n++; !r.bounded(n, r.limits.LogEntries, member) {
				return
			}
			each()
		}
	}
}

// rawBytes reads an object whose only member is base64 and must be there.
func (r *reader) rawBytes(member string) []byte {
	var data []byte
	for r.Object(); r.Next(); {
		if string(r.Key()) == member {
			data = r.base64()
		} else {
			r.unknown(true)
		}
	}
	if r.Err() == nil && len(data) == 0 {
		r.fail("bundle", evidence.ErrFormat, "%s is missing or empty", member)
	}
	return data
}

// logEntry reads a TransparencyLogEntry.
func (r *reader) logEntry() signed.LogEntry {
	var e signed.LogEntry
	for r.Object(); r.Next(); {
		name := string(r.Key())
		if r.absent() {
			continue
		}
		switch name {
		case "logIndex":
			e.LogIndex = r.int64()
		case "logId":
			e.LogID = r.rawBytes("keyId")
		case "kindVersion":
			e.Kind, e.Version = r.kindVersion()
		case "integratedTime":
			e.IntegratedTime = r.int64()
		case "inclusionPromise":
			e.SET = r.rawBytes("signedEntryTimestamp")
		case "inclusionProof":
			e.Proof = r.inclusionProof()
		case "canonicalizedBody":
			e.Body = r.base64()
		default:
			r.unknown(true)
		}
	}
	switch {
	case r.Err() != nil:
	case len(e.LogID) == 0:
		r.fail("log", evidence.ErrFormat, "log entry without logId")
	case len(e.Body) == 0:
		r.fail("log", evidence.ErrFormat, "log entry without canonicalizedBody")
	case e.Kind == "" || e.Version == "":
		r.fail("log", evidence.ErrFormat, "log entry without kindVersion")
	}
	return e
}

func (r *reader) kindVersion() (kind, version string) {
	for r.Object(); r.Next(); {
		switch string(r.Key()) {
		case "kind":
			kind = r.String()
		case "version":
			version = r.String()
		default:
			r.unknown(true)
		}
	}
	return kind, version
}

func (r *reader) inclusionProof() *signed.InclusionProof {
	var p signed.InclusionProof
	for r.Object(); r.Next(); {
		name := string(r.Key())
		if r.absent() {
			continue
		}
		switch name {
		case "logIndex":
			p.LogIndex = r.int64()
		case "treeSize":
			p.TreeSize = r.int64()
		case "rootHash":
			p.RootHash = r.base64()
		case "hashes":
			for r.Array(); r.Next(); {
				// A tree of 2^63 leaves is 63 levels high (RFC 6962 section 2.1.1).
				if !r.bounded(len(p.Hashes)+1, 64, "hashes of an inclusion proof") {
					return nil
				}
				p.Hashes = append(p.Hashes, r.base64())
			}
		case "checkpoint":
			for r.Object(); r.Next(); {
				if string(r.Key()) == "envelope" {
					p.Checkpoint = r.String()
				} else {
					r.unknown(true)
				}
			}
		default:
			r.unknown(true)
		}
	}
	switch {
	case r.Err() != nil:
	case p.Checkpoint == "":
		r.fail("log", evidence.ErrFormat, "inclusion proof without checkpoint")
	case len(p.RootHash) == 0:
		r.fail("log", evidence.ErrFormat, "inclusion proof without rootHash")
	case p.LogIndex >= p.TreeSize:
		r.fail("log", evidence.ErrFormat, "inclusion proof of index %d in a tree of %d", p.LogIndex, p.TreeSize)
	}
	return &p
}

// int64 reads an integer that is not negative: a number or, as protobuf JSON
// writes 64 bits, a string.
func (r *reader) int64() int64 {
	var n int64
	if r.Kind() == jsonstrict.String {
		text := r.String()
		var err error
		if n, err = strconv.ParseInt(text, 10, 64); r.Err() == nil && (err != nil || strconv.FormatInt(n, 10) != text) {
			r.fail("integer", evidence.ErrFormat, "%s is not an integer", textfmt.Quote(text))
		}
	} else {
		n = r.Int64()
	}
	if n < 0 {
		r.fail("integer", evidence.ErrFormat, "%d is negative", n)
	}
	return n
}

// messageSignature reads a MessageSignature.
func (r *reader) messageSignature(c *signed.Content) {
	c.IsMessage = true
	var sig []byte
	for r.Object(); r.Next(); {
		name := string(r.Key())
		if r.absent() {
			continue
		}
		switch name {
		case "signature":
			sig = r.base64()
		case "messageDigest":
			c.Message = r.messageDigest()
		default:
			r.unknown(true)
		}
	}
	if r.Err() == nil && len(sig) == 0 {
		r.fail("bundle", evidence.ErrFormat, "message signature without signature")
	}
	c.Signatures = []signed.Signature{{Bytes: sig}}
}

// messageDigest reads a HashOutput (sigstore_common.proto): an algorithm and the raw
// digest of that algorithm.
func (r *reader) messageDigest() (m signed.Message) {
	for r.Object(); r.Next(); {
		switch string(r.Key()) {
		case "algorithm":
			m.Algorithm = r.hashAlgorithm()
		case "digest":
			m.Digest = r.base64()
		default:
			r.unknown(true)
		}
	}
	switch {
	case r.Err() != nil:
	case m.Algorithm == 0:
		r.fail("bundle", evidence.ErrFormat, "messageDigest without its algorithm")
	case len(m.Digest) != m.Algorithm.Size():
		r.fail("bundle", evidence.ErrFormat, "messageDigest of %d bytes, want %d of %s", len(m.Digest), m.Algorithm.Size(), m.Algorithm)
	}
	return m
}

// hashAlgorithms are the enum HashAlgorithm of sigstore_common.proto, by name and number.
var hashAlgorithms = [...]struct {
	name string
	hash crypto.Hash
}{
	1: {"SHA2_256", crypto.SHA256},
	2: {"SHA2_384", crypto.SHA384},
	3: {"SHA2_512", crypto.SHA512},
}

func (r *reader) hashAlgorithm() crypto.Hash {
	if r.Kind() == jsonstrict.Number {
		n := r.Int64()
		if n >= 1 && n < int64(len(hashAlgorithms)) {
			return hashAlgorithms[n].hash
		}
		r.fail("bundle", evidence.ErrUnsupported, "hash algorithm %d is not known", n)
		return 0
	}
	name := r.String()
	for _, a := range hashAlgorithms {
		if a.hash != 0 && a.name == name {
			return a.hash
		}
	}
	r.fail("bundle", evidence.ErrUnsupported, "hash algorithm %s is not known, want SHA2_256, SHA2_384 or SHA2_512", textfmt.Quote(name))
	return 0
}
