// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
)

// Annotations of a layer of a cosign v2 ".att" image (cosign, specs/SIGNATURE_SPEC.md).
const (
	annotationSignature   = "dev.cosignproject.cosign/signature"
	annotationBundle      = "dev.sigstore.cosign/bundle"
	annotationCertificate = "dev.sigstore.cosign/certificate"
	annotationChain       = "dev.sigstore.cosign/chain"
	annotationTimestamp   = "dev.sigstore.cosign/rfc3161timestamp"
)

// ParseCosignLayer reads a layer of a cosign v2 ".att" image as a registry keeps
// it: the layer's bytes, which are a DSSE envelope, and the annotations of its
// descriptor in the image's manifest. A layer of a ".sig" image is read too: it is
// the payload of an image signature, and the signature is in the annotations.
//
// The chain in the annotations is not used: intermediate certificates come from
// the trust root.
func ParseCosignLayer(layer []byte, annotations map[string]string, o *ParseOptions) (*Bundle, error) {
	limits := o.limits()
	if err := checkSize(layer, limits); err != nil {
		return nil, err
	}
	r := newBundleReader(layer, limits)
	b := &Bundle{limits: limits}
	if annotations[annotationSignature] != "" {
		r.signatureLayer(&b.content, layer, annotations)
		if err := r.End(); err != nil {
			return nil, malformed(signed.StageBundle, "", err)
		}
		return b, nil
	}
	b.content.Form = signed.FormCosignLayer
	r.envelope(&b.content, false)
	r.annotated(&b.content, annotations)
	if err := r.End(); err != nil {
		return nil, malformed(signed.StageBundle, "", err)
	}
	b.content.LoggedEnvelope = sha256.Sum256(layer)
	return b, nil
}

// cosignLayer completes a layer that came as one JSON document with its annotations.
func (r *reader) cosignLayer(c *signed.Content, annotations map[string]string) {
	r.checkEnvelope(c)
	if r.Err() == nil && annotations[annotationSignature] != "" {
		r.fail("cosign", evidence.ErrFormat, "%s beside an envelope, which has its signatures in it", annotationSignature)
	}
	if r.Err() != nil {
		return
	}
	r.annotated(c, annotations)
	c.LoggedEnvelope = sha256.Sum256(cosignEnvelope(c))
}

// cosignEnvelope writes an envelope as cosign does. The layer's own bytes are
// lost in the JSON document, and the log's body intoto/0.0.1 holds nothing but
// their digest.
func cosignEnvelope(c *signed.Content) []byte {
	type signature struct {
		KeyID string `json:"keyid"`
		Sig   string `json:"sig"`
	}
	e := struct {
		PayloadType string      `json:"payloadType"`
		Payload     string      `json:"payload"`
		Signatures  []signature `json:"signatures"`
	}{PayloadType: c.PayloadType, Payload: base64.StdEncoding.EncodeToString(c.Payload)}
	for _, s := range c.Signatures {
		e.Signatures = append(e.Signatures, signature{s.KeyID, base64.StdEncoding.EncodeToString(s.Bytes)})
	}
	text, err := json.Marshal(e)
	if err != nil {
		return nil // strings only: it cannot fail
	}
	return text
}

// annotations reads an object of strings.
func (r *reader) annotations() map[string]string {
	all := map[string]string{}
	for r.Object(); r.Next(); {
		name := string(r.Key())
		if !r.bounded(len(all)+1, r.limits.LogEntries, "annotations") {
			break
		}
		all[name] = r.String()
	}
	return all
}

// annotated takes certificate, log entry and timestamp out of annotations.
func (r *reader) annotated(c *signed.Content, annotations map[string]string) {
	if r.Err() != nil {
		return
	}
	if text := annotations[annotationCertificate]; text != "" {
		block, rest := pem.Decode([]byte(text))
		if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
			r.fail("cosign", evidence.ErrFormat, "%s is not one PEM certificate", annotationCertificate)
			return
		}
		c.Certificates = [][]byte{block.Bytes}
	} else {
		c.HasKey = true
	}
	if text := annotations[annotationBundle]; text != "" {
		r.embedded(annotationBundle, text, func(in *reader) { in.rekorBundle(c) })
	}
	if text := annotations[annotationTimestamp]; text != "" {
		r.embedded(annotationTimestamp, text, func(in *reader) { in.cosignTimestamp(c) })
	}
}

// cosignTimestamp reads cosign's RFC3161Timestamp {SignedRFC3161Timestamp}.
func (r *reader) cosignTimestamp(c *signed.Content) {
	for r.Object(); r.Next(); {
		if string(r.Key()) == "SignedRFC3161Timestamp" {
			c.Timestamps = [][]byte{r.base64()}
		}
	}
}

// embedded reads JSON that stands in a string.
func (r *reader) embedded(name, text string, read func(*reader)) {
	in := newBundleReader([]byte(text), r.limits)
	read(in)
	if err := in.End(); err != nil {
		r.fail("cosign", evidence.ErrFormat, "%s: %v", name, err)
	}
}

// rekorBundle reads cosign's RekorBundle {SignedEntryTimestamp, Payload {body,
// integratedTime, logIndex, logID}}.
func (r *reader) rekorBundle(c *signed.Content) {
	var e signed.LogEntry
	for r.Object(); r.Next(); {
		switch string(r.Key()) {
		case "SignedEntryTimestamp":
			e.SET = r.base64()
		case "Payload":
			for r.Object(); r.Next(); {
				switch string(r.Key()) {
				case "body":
					e.Body = r.base64()
				case "integratedTime":
					e.IntegratedTime = r.int64()
				case "logIndex":
					e.LogIndex = r.int64()
				case "logID":
					id, err := hex.DecodeString(r.String())
					if r.Err() == nil && err != nil {
						r.fail("cosign", evidence.ErrFormat, "logID is not hexadecimal")
					}
					e.LogID = id
				}
			}
		}
	}
	if r.Err() == nil && (len(e.SET) == 0 || len(e.Body) == 0 || len(e.LogID) == 0) {
		r.fail("cosign", evidence.ErrFormat, "Rekor bundle without SignedEntryTimestamp, body or logID")
	}
	if r.Err() == nil {
		e.Kind, e.Version = r.bodyKind(e.Body)
		c.LogEntries = []signed.LogEntry{e}
	}
}

// bodyKind reads kind and version that a log entry's body states.
func (r *reader) bodyKind(body []byte) (kind, version string) {
	in := jsonstrict.NewBytes(body, jsonstrict.Options{Limits: r.limits})
	for in.Object(); in.Next(); {
		switch string(in.Key()) {
		case "kind":
			kind = in.String()
		case "apiVersion":
			version = in.String()
		}
	}
	if err := in.End(); err != nil || kind == "" || version == "" {
		r.fail("cosign", evidence.ErrFormat, "body of the log entry has no kind and apiVersion")
	}
	return kind, version
}
