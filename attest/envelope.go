// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"encoding/base64"
	"errors"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// PayloadType is the DSSE payload type of an in-toto Statement.
const PayloadType = "application/vnd.in-toto+json"

// PAE returns the pre-authentication encoding of a payload: the bytes that the
// signatures of a DSSE envelope are over (DSSE v1 protocol, "Signature Definition").
func PAE(payloadType string, payload []byte) []byte { return signed.PAE(payloadType, payload) }

// reader reads the parts of a bundle with the bounds of limits.
type reader struct {
	*jsonstrict.Decoder
	limits    evidence.Limits
	anyDigest bool // take digests as they are: those in a predicate match nothing here
}

// fail refuses the value that was begun last.
func (r *reader) fail(code string, class error, format string, args ...any) {
	r.Fail(r.Problem("attest."+code, evidence.SeverityError, class, format, args...))
}

// bounded refuses the element that Next gave when it is one too many.
func (r *reader) bounded(n, most int, what string) bool {
	if n > most {
		r.fail("limit", evidence.ErrLimit, "more than %d %s", most, what)
		return false
	}
	return true
}

// base64 reads a string in standard or URL-safe base64, padded or not: DSSE v1
// takes both alphabets, and so does protobuf JSON, which takes both paddings too.
func (r *reader) base64() []byte {
	text := r.Bytes()
	if r.Err() != nil {
		return nil
	}
	data, err := decodeBase64(text)
	if err != nil {
		r.fail("base64", evidence.ErrFormat, "not base64: %v", err)
		return nil
	}
	return data
}

func decodeBase64(text []byte) ([]byte, error) {
	if bytes.IndexByte(text, '\r') >= 0 || bytes.IndexByte(text, '\n') >= 0 { // which package base64 would skip
		return nil, errors.New("line break in it")
	}
	enc := base64.RawStdEncoding
	if bytes.IndexByte(text, '-') >= 0 || bytes.IndexByte(text, '_') >= 0 {
		enc = base64.RawURLEncoding
	}
	if len(text)%4 == 0 {
		text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("=")), []byte("="))
	}
	data := make([]byte, enc.DecodedLen(len(text)))
	n, err := enc.Strict().Decode(data, text)
	return data[:n], err
}

// envelope reads a DSSE envelope (DSSE v1, envelope.md). An envelope by itself
// may have members that are not known, as the specification demands; within a
// Sigstore bundle, whose schema is closed, it may not.
func (r *reader) envelope(c *signed.Content, closed bool) {
	for r.Object(); r.Next(); {
		switch name := string(r.Key()); name {
		case "payloadType", "payload":
			r.envelopeMember(c, name)
		case "signatures":
			r.signatures(c, closed)
		default:
			r.unknown(closed)
		}
	}
	r.checkEnvelope(c)
}

// envelopeMember reads one member of an envelope that is a document by itself.
func (r *reader) envelopeMember(c *signed.Content, name string) {
	switch name {
	case "payloadType":
		c.PayloadType = r.String()
	case "payload":
		c.Payload = r.base64()
	case "signatures":
		r.signatures(c, false)
	}
}

// checkEnvelope looks for the members that an envelope needs. That it has no
// signature is for [Verify] to say: protobuf JSON leaves an empty list out.
func (r *reader) checkEnvelope(c *signed.Content) {
	switch {
	case r.Err() != nil:
	case c.PayloadType == "":
		r.fail("envelope", evidence.ErrFormat, "envelope without payloadType")
	case c.Payload == nil:
		r.fail("envelope", evidence.ErrFormat, "envelope without payload")
	}
}

func (r *reader) signatures(c *signed.Content, closed bool) {
	for r.Array(); r.Next(); {
		if !r.bounded(len(c.Signatures)+1, r.limits.Signatures, "signatures") {
			return
		}
		var s signed.Signature
		for r.Object(); r.Next(); {
			switch string(r.Key()) {
			case "keyid":
				s.KeyID = r.String()
			case "sig":
				s.Bytes = r.base64()
			default:
				r.unknown(closed)
			}
		}
		if r.Err() == nil && len(s.Bytes) == 0 {
			r.fail("envelope", evidence.ErrFormat, "signature without sig")
			return
		}
		c.Signatures = append(c.Signatures, s)
	}
}

// unknown reads a member whose name is not known.
func (r *reader) unknown(closed bool) {
	if closed {
		r.fail("member", evidence.ErrFormat, "member %s is not known", textfmt.Quote(string(r.Key())))
		return
	}
	r.Skip()
}
