// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/recognize"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// refusal is an attestation that does not hold.
type refusal struct {
	check  int // its place in the checks
	bundle *attest.Bundle
}

// hold notes an attestation that holds. Who else signed the same envelope is not expected.
func (c *imageCheck) hold(b *attest.Bundle, v *attest.Verified) {
	_, matched := v.Subject()
	for _, d := range matched {
		c.held[saidAbout(v.Statement(), d)] = true
	}
	ids := b.UnverifiedKeyIDs()
	for _, r := range v.Rejected() {
		ids[r.Signature] = ""
	}
	for _, id := range ids {
		c.heldKeys[id] = true
	}
}

// saidAbout names a predicate type, or the plain signature, and the digest that it is about.
func saidAbout(st *attest.Statement, d evidence.Digest) string {
	if st == nil {
		return " " + d.String()
	}
	return st.PredicateType + " " + d.String()
}

// lowerOthers makes a warning of each refusal of which the only fault is that somebody
// signed whom the caller does not expect, where one whom the caller expects signed the
// same kind of statement about the same digest. Signatures by more than one are usual:
// of a key and the one that follows it, of a vendor and of whoever approves the image.
func (c *imageCheck) lowerOthers(ctx context.Context) {
	for _, r := range c.refusals {
		if ctx.Err() != nil {
			return
		}
		if !c.saysWhatHolds(r.bundle) || !c.byOther(ctx, r.bundle) {
			continue
		}
		ck := &c.checks[r.check]
		p := *ck.Problems[0]
		p.Severity = evidence.SeverityWarning
		p.Message = "is also signed by " + claimedBy(r.bundle) + ", who is not expected: " + p.Message
		*ck = evidence.Judge(ck.ID, ck.Subject, evidence.Problems{&p}, "")
	}
}

// saysWhatHolds reports whether an attestation is of the kind, and about the digest, of
// one that holds. A predicate that is not of its type is of no kind.
func (c *imageCheck) saysWhatHolds(b *attest.Bundle) bool {
	_, payload := b.UnverifiedPayload()
	if payload == nil {
		return c.held[saidAbout(nil, c.digest)] // verification compares the digest that it states
	}
	if image, err := attest.ParseImageSignature(payload, &attest.ParseOptions{Limits: c.limits}); err == nil {
		return c.held[saidAbout(nil, image.Digest)]
	}
	st, err := b.UnverifiedStatement()
	if err != nil || st.CheckPredicate() != nil {
		return false
	}
	for _, s := range st.Subject {
		for algorithm, value := range s.Digest {
			d, err := evidence.ParseDigest(algorithm + ":" + value)
			if err == nil && c.held[saidAbout(st, d)] {
				return true
			}
		}
	}
	return false
}

// byOther reports whether every expected signer refuses an attestation for the sole
// reason that somebody else made it. A broken signature of a plain key looks like one by
// another key: it is another's only if it states the id of another key.
func (c *imageCheck) byOther(ctx context.Context, b *attest.Bundle) bool {
	for _, s := range c.signers {
		_, err := attest.Verify(ctx, b, c.subject, attest.AtLeast(1, s))
		var e *attest.Error
		if !errors.As(err, &e) {
			return false
		}
		key, isKey := s.(*attest.Key)
		switch {
		case e.Kind == attest.ErrIdentity, e.Kind == attest.ErrTrustRoot:
		case isKey && e.Kind == attest.ErrSignature && (b.HasCertificate() || c.namesOther(b, key)):
		default:
			return false
		}
	}
	return true
}

// namesOther reports whether all signatures state the id of another key: neither that
// of the key nor one that a signature which holds states.
func (c *imageCheck) namesOther(b *attest.Bundle, key *attest.Key) bool {
	for _, id := range b.UnverifiedKeyIDs() {
		raw, err := hex.DecodeString(id)
		if err != nil {
			raw, err = base64.StdEncoding.DecodeString(id)
		}
		if id == "" || c.heldKeys[id] || err == nil && hex.EncodeToString(raw) == key.ID() {
			return false
		}
	}
	return true
}

// claimedBy names who signed, as the attestation says.
func claimedBy(b *attest.Bundle) string {
	if certificates := b.UnverifiedCertificates(); len(certificates) > 0 {
		if name := recognize.SignerOf(certificates[0]).Identity; name != "" {
			return fmt.Sprintf("%+q", textfmt.Clip(name, 512))
		}
		return "the holder of another certificate"
	}
	var ids []string
	for _, id := range b.UnverifiedKeyIDs() {
		if id != "" && len(ids) < 3 {
			ids = append(ids, textfmt.Quote(id))
		}
	}
	if len(ids) == 0 {
		return "another key"
	}
	return "key " + strings.Join(ids, ", ")
}
