// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// imageSignatureType is the media type of the payload of an image signature
// (cosign, specs/SIGNATURE_SPEC.md, "Payloads").
const imageSignatureType = "application/vnd.dev.cosign.simplesigning.v1+json"

// ImageSignature is what "cosign sign" signs about a container image: the payload
// that the specification calls simple signing (cosign, specs/SIGNATURE_SPEC.md;
// containers/image, containers-signature(5)).
type ImageSignature struct {
	Reference string          // critical.identity.docker-reference: what the signer called the image; may be empty
	Digest    evidence.Digest // critical.image.docker-manifest-digest: of its manifest or index
	Optional  json.RawMessage // optional: an object, such as the annotations of "cosign sign -a"; nil if absent or null
}

// ParseImageSignature reads the payload of an image signature, of which nobody yet
// vouches for anything; [Verified.ImageSignature] returns a verified one. critical.type
// must be "cosign container image signature". A member of critical that is not known is
// refused: it may be one that limits what was signed.
//
// The error is an [*Error] of stage statement.
func ParseImageSignature(payload []byte, o *ParseOptions) (*ImageSignature, error) {
	r, s := newReader(payload, o.limits()), &ImageSignature{}
	var typ string
	text := func(to *string) func() { return func() { *to = r.String() } }
	r.closed(map[string]func(){
		"critical": func() {
			r.closed(map[string]func(){
				"identity": func() { r.closed(map[string]func(){"docker-reference": text(&s.Reference)}) },
				"image": func() {
					r.closed(map[string]func(){"docker-manifest-digest": func() { s.Digest = r.digest() }})
				},
				"type": text(&typ),
			})
		},
		"optional": func() {
			switch {
			case r.absent():
			case r.Kind() != jsonstrict.Object:
				r.fail("image-signature", evidence.ErrFormat, "optional is not an object")
			default:
				s.Optional = bytes.Clone(r.Raw())
			}
		},
	})
	err := r.End()
	switch {
	case err != nil:
		return nil, malformed(signed.StageStatement, "image signature", err)
	case typ != "cosign container image signature":
		return nil, &Error{Stage: signed.StageStatement, Kind: evidence.ErrUnsupported, Message: "type of the image signature", Got: typ, Want: "cosign container image signature"}
	case s.Digest.IsZero():
		return nil, refuse(signed.StageStatement, evidence.ErrFormat, "image signature without docker-manifest-digest")
	}
	return s, nil
}

// closed reads an object that has no other members than these.
func (r *reader) closed(members map[string]func()) {
	for r.Object(); r.Next(); {
		if read, ok := members[string(r.Key())]; ok {
			read()
			continue
		}
		r.unknown(true)
	}
}

func (r *reader) digest() evidence.Digest {
	d, err := evidence.ParseDigest(r.String())
	if r.Err() == nil && err != nil {
		r.fail("digest", evidence.ErrFormat, "%v", err)
	}
	return d
}

// about holds the signature against the image that the caller holds.
func (s *ImageSignature) about(subject Subject) ([]evidence.Digest, error) {
	_, matched, err := subject.match(&Statement{Subject: []ResourceDescriptor{{
		Name: s.Reference, Digest: DigestSet{string(s.Digest.Algorithm()): s.Digest.Hex()},
	}}})
	return matched, err
}

// downloaded reads one member of what "cosign download signature" prints: a line for
// every signature of an image.
func (r *reader) downloaded(c *signed.Content, name string) {
	if r.absent() {
		return
	}
	switch name {
	case "Base64Signature":
		c.Signatures = []signed.Signature{{Bytes: r.base64()}}
	case "Payload":
		c.Payload = r.base64()
	case "Cert":
		// Go's x509.Certificate, written member by member. Raw is the certificate; nothing
		// binds the others to it.
		for r.Object(); r.Next(); {
			if string(r.Key()) == "Raw" {
				c.Certificates = [][]byte{r.base64()}
			}
		}
		if r.Err() == nil && len(c.Certificates) == 0 {
			r.fail("cosign", evidence.ErrFormat, "Cert without Raw")
		}
	case "Bundle":
		r.rekorBundle(c)
	case "RFC3161Timestamp":
		r.cosignTimestamp(c)
	default: // Chain: intermediate certificates come from the trust root
		r.Skip()
	}
}

// imageSignature completes an image signature: the signature is over the payload's
// very bytes, which Verify then holds against the image.
func (r *reader) imageSignature(c *signed.Content) {
	switch {
	case r.Err() != nil:
	case len(c.Signatures) != 1 || len(c.Signatures[0].Bytes) == 0:
		r.fail("cosign", evidence.ErrFormat, "image signature without its signature")
	case len(c.Payload) == 0:
		r.fail("cosign", evidence.ErrFormat, "image signature without its payload")
	}
	c.Form, c.IsMessage, c.PayloadType = signed.FormImageSignature, true, imageSignatureType
	c.HasKey = len(c.Certificates) == 0
}

// blobSignature reads one member of the bundle that "cosign sign-blob --bundle"
// writes without --new-bundle-format.
func (r *reader) blobSignature(c *signed.Content, name string) {
	if r.absent() {
		return
	}
	switch name {
	case "base64Signature":
		c.Signatures = []signed.Signature{{Bytes: r.base64()}}
	case "cert":
		r.blobCertificate(c)
	case "rekorBundle":
		r.rekorBundle(c)
	}
}

// blobCertificate reads base64 of PEM: a certificate, or the public key of who signed
// with a key. That key is not used: cosign took it for a certificate that needs no
// chain (GHSA-fx35-mq7g-6g98).
func (r *reader) blobCertificate(c *signed.Content) {
	text := r.base64()
	if r.Err() != nil || len(text) == 0 {
		return
	}
	block, rest := pem.Decode(text)
	switch {
	case block == nil || len(bytes.TrimSpace(rest)) > 0:
		r.fail("cosign", evidence.ErrFormat, "cert is not one PEM block")
	case block.Type == "CERTIFICATE":
		c.Certificates = [][]byte{block.Bytes}
	case block.Type != "PUBLIC KEY":
		r.fail("cosign", evidence.ErrFormat, "cert is PEM block %s", textfmt.Quote(block.Type))
	}
}

func (r *reader) completeBlob(c *signed.Content) {
	if r.Err() == nil && (len(c.Signatures) != 1 || len(c.Signatures[0].Bytes) == 0) {
		r.fail("cosign", evidence.ErrFormat, "bundle without base64Signature")
	}
	c.Form, c.IsMessage = signed.FormBlobSignature, true
	c.HasKey = len(c.Certificates) == 0
}

// signatureLayer reads a layer of a cosign v2 ".sig" image: the payload, with the
// signature in an annotation.
func (r *reader) signatureLayer(c *signed.Content, layer []byte, annotations map[string]string) {
	sig, err := base64.StdEncoding.DecodeString(annotations[annotationSignature])
	if err != nil {
		r.fail("cosign", evidence.ErrFormat, "%s is not base64: %v", annotationSignature, err)
		return
	}
	r.Skip()
	c.Payload = bytes.Clone(layer)
	c.Signatures = []signed.Signature{{Bytes: sig}}
	r.annotated(c, annotations)
	r.imageSignature(c)
}
