// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"cmp"
	"strings"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Bundle is one attestation that was parsed and not verified: nothing it holds
// may be believed. Give it to [Verify].
//
// A Bundle does not change and may be used concurrently.
type Bundle struct {
	content signed.Content
	limits  evidence.Limits

	once      sync.Once // for what follows
	statement *Statement
	refused   error
}

// ParseOptions says how to read an attestation; nil means the defaults.
type ParseOptions struct {
	Limits evidence.Limits
}

func (o *ParseOptions) limits() evidence.Limits {
	if o == nil {
		return evidence.Limits{}.OrDefault()
	}
	return o.Limits.OrDefault()
}

// ParseBundle reads one attestation. The format is told by its members:
//
//   - a Sigstore bundle v0.1, v0.2 or v0.3 (protobuf JSON in lowerCamelCase;
//     a member that the format does not have is refused),
//   - a DSSE envelope (other members are ignored, as the specification demands),
//   - a layer of a cosign v2 ".att" image with its annotations:
//     {"envelope": {...}, "annotations": {"dev.sigstore.cosign/bundle": "...", ...}},
//   - an image signature, as "cosign download signature" prints it:
//     {"Base64Signature": "...", "Payload": "...", "Cert": {...}, "Bundle": {...}, ...},
//   - the bundle that "cosign sign-blob --bundle" of version 2 writes for an artifact:
//     {"base64Signature": "...", "cert": "...", "rekorBundle": {...}}.
//
// It copies what it keeps of data. The error is an [*Error] of stage bundle or
// limits; of kind ErrNoAttestation when data is empty or an empty list.
func ParseBundle(data []byte, o *ParseOptions) (*Bundle, error) {
	limits := o.limits()
	if err := checkSize(data, limits); err != nil {
		return nil, err
	}
	r := newBundleReader(data, limits)
	b := &Bundle{limits: limits}
	r.document(&b.content)
	if err := r.End(); err != nil {
		return nil, malformed(signed.StageBundle, "", err)
	}
	return b, nil
}

// ParseBundles reads one attestation after another: JSON values with nothing or
// white space between them, as "cosign download attestation" and
// "gh attestation download" write them. At least one must be there, and each must
// be well-formed.
func ParseBundles(data []byte, o *ParseOptions) ([]*Bundle, error) {
	limits := o.limits()
	if err := checkSize(data, limits); err != nil {
		return nil, err
	}
	r := newBundleReader(data, limits)
	var all []*Bundle
	for r.More() {
		if !r.bounded(len(all)+1, limits.Attestations, "attestations") {
			break
		}
		b := &Bundle{limits: limits}
		r.document(&b.content)
		all = append(all, b)
	}
	if err := r.End(); err != nil {
		return nil, malformed(signed.StageBundle, "", err)
	}
	return all, nil
}

// bundleElements bounds the members of an object around a payload: formats have some
// twenty, and the certificate that cosign 2 writes member by member has as many.
const bundleElements = 16 << 10

func newBundleReader(data []byte, l evidence.Limits) *reader {
	l.Elements = min(l.Elements, bundleElements)
	return newReader(data, l)
}

func newReader(data []byte, l evidence.Limits) *reader {
	// The payload alone may be as long as the bundle, whatever the bound for other strings is.
	l.StringBytes = max(l.StringBytes, int(l.BundleBytes))
	return &reader{Decoder: jsonstrict.NewBytes(data, jsonstrict.Options{Limits: l}), limits: l}
}

func checkSize(data []byte, l evidence.Limits) error {
	if n := int64(len(data)); n > l.BundleBytes {
		return refuse(signed.StageLimits, evidence.ErrLimit, "attestation of %d bytes, the limit is %d", n, l.BundleBytes)
	}
	switch strings.TrimSpace(string(data[:min(len(data), 64)])) {
	case "", "[]", "null":
		return refuse(signed.StageBundle, ErrNoAttestation, "no attestation: the input is empty")
	}
	return nil
}

// document reads an attestation of any format. Members may stand in any order,
// so what the document is shows at its end.
func (r *reader) document(c *signed.Content) {
	var d struct {
		bundle, layer, envelope, image, blob bool
		mediaType, unknown                   string
		annotations                          map[string]string
	}
	for r.Object(); r.Next(); {
		switch name := string(r.Key()); name {
		case "mediaType":
			d.mediaType = r.String()
		case "verificationMaterial":
			d.bundle = true
			r.material(c)
		case "dsseEnvelope":
			if d.bundle = true; !r.absent() {
				r.exclusive(c)
				r.envelope(c, true)
			}
		case "messageSignature":
			if d.bundle = true; !r.absent() {
				r.exclusive(c)
				r.messageSignature(c)
			}
		case "envelope":
			d.layer = true
			r.envelope(c, false)
		case "annotations":
			d.layer = true
			d.annotations = r.annotations()
		case "payloadType", "payload", "signatures":
			d.envelope = true
			r.envelopeMember(c, name)
		case "Base64Signature", "Payload", "Cert", "Chain", "Bundle", "RFC3161Timestamp":
			d.image = true
			r.downloaded(c, name)
		case "base64Signature", "cert", "rekorBundle":
			d.blob = true
			r.blobSignature(c, name)
		default:
			d.unknown = name
			r.Skip()
		}
	}
	formats := 0
	for _, shown := range []bool{d.bundle, d.layer, d.envelope, d.image, d.blob} {
		if shown {
			formats++
		}
	}
	switch {
	case r.Err() != nil:
	case formats > 1:
		r.fail("format", evidence.ErrFormat, "members of several formats in one document")
	case d.bundle && d.unknown != "":
		r.fail("member", evidence.ErrFormat, "member %s is not one of a Sigstore bundle", textfmt.Quote(d.unknown))
	case d.bundle:
		c.Form = signed.FormBundle
		r.checkBundle(c, d.mediaType)
	case d.layer:
		c.Form = signed.FormCosignLayer
		r.cosignLayer(c, d.annotations)
	case d.image:
		r.imageSignature(c)
	case d.blob:
		r.completeBlob(c)
	case d.envelope:
		c.Form = signed.FormEnvelope
		r.checkEnvelope(c)
	case strings.HasPrefix(d.mediaType, mediaTypePrefix):
		r.fail("bundle", evidence.ErrFormat, "bundle without verificationMaterial and content")
	default:
		r.fail("format", evidence.ErrFormat, "not a Sigstore bundle, a DSSE envelope, or what cosign writes")
	}
}

// Format returns what the attestation was parsed from: "sigstore-bundle", "dsse",
// "cosign-layer", "cosign-image-signature" or "cosign-blob-signature".
func (b *Bundle) Format() string { return b.content.Form.String() }

// UnverifiedPayload returns type and bytes of an envelope's payload, which nobody
// vouches for; both are empty for the signature of an artifact. The payload of an
// image signature is for [ParseImageSignature]. The bytes must not be changed.
func (b *Bundle) UnverifiedPayload() (payloadType string, payload []byte) {
	return b.content.PayloadType, b.content.Payload
}

// UnverifiedStatement parses the payload as an in-toto Statement, for showing and
// sorting attestations. Nobody vouches for what it says. It is parsed once, and must
// not be changed.
func (b *Bundle) UnverifiedStatement() (*Statement, error) {
	b.once.Do(func() { b.statement, b.refused = parsePayload(&b.content, b.limits) })
	return b.statement, b.refused
}

// UnverifiedKeyIDs returns what the bundle says of the key of each signature, in the
// notation of whoever signed; empty where it says nothing. Nobody vouches for it.
func (b *Bundle) UnverifiedKeyIDs() []string {
	ids := make([]string, len(b.content.Signatures))
	for i, s := range b.content.Signatures {
		ids[i] = cmp.Or(s.KeyID, b.content.KeyHint)
	}
	return ids
}

// HasCertificate reports whether the bundle carries a certificate, so that an
// identity can be asked of it.
func (b *Bundle) HasCertificate() bool { return len(b.content.Certificates) > 0 }

// UnverifiedCertificates returns the certificates that came with the signature, as DER,
// the signer's first; none for a key. Nobody vouches for them. The bytes must not be changed.
func (b *Bundle) UnverifiedCertificates() [][]byte { return b.content.Certificates }
