// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/signed"
)

// Rejection is a signature that no verifier of the policy accepts.
type Rejection struct {
	Signature int     // index in the envelope
	KeyID     string  // what the envelope says, which nobody signed; may be empty
	Reasons   []error // of the verifiers, each an *Error
}

// Verified is an attestation that [Verify] accepted. There is no other way to
// make one, so a function that takes a *Verified need not ask again. It may be
// used concurrently.
type Verified struct {
	statement  *Statement
	image      *ImageSignature
	index      int
	matched    []evidence.Digest
	anySubject bool
	accepted   []Signer
	rejected   []Rejection
	format     string
	warnings   []string
}

// Verify holds b against the artifact and the policy, in the order of the stages
// (see [Stage]), and returns what can be believed. It reads no network and no clock.
//
// The error is an [*Error]; a cancelled context is returned as it is.
func Verify(ctx context.Context, b *Bundle, subject Subject, pol Policy) (*Verified, error) {
	if b == nil {
		return nil, refuse(signed.StageBundle, ErrNoAttestation, "no attestation")
	}
	if err := pol.check(); err != nil {
		return nil, err
	}
	if err := subject.check(); err != nil {
		return nil, err
	}
	v := &Verified{index: -1, format: b.Format(), anySubject: subject.any}
	if err := b.checkSignatures(); err != nil {
		return nil, err
	}
	artifacts, err := b.about(subject)
	if err != nil {
		return nil, err
	}
	cast, err := v.signatures(ctx, b, artifacts, pol)
	if err != nil {
		return nil, err
	}
	if err := v.content(b, subject, pol); err != nil {
		return nil, err
	}
	v.accepted, v.rejected = cast.summary(pol)
	return v, nil
}

// checkSignatures checks how many signatures there are.
func (b *Bundle) checkSignatures() error {
	switch n := len(b.content.Signatures); {
	case n == 0:
		return refuse(signed.StageSignature, ErrSignature, "envelope without a signature")
	case n > 1 && b.content.Form == signed.FormBundle:
		// sigstore_bundle.proto, dsse_envelope: exactly one.
		return refuse(signed.StageSignature, ErrSignature, "envelope of a Sigstore bundle with %d signatures, want one", n)
	}
	return nil
}

// about returns the artifacts that the signature may be over; one of nothing if it is
// over a payload of the attestation's own.
func (b *Bundle) about(subject Subject) ([]artifact, error) {
	if c := &b.content; c.IsMessage && c.Form != signed.FormImageSignature {
		return subject.forMessage(c.Message)
	}
	return []artifact{{}}, nil
}

// signatures finds the artifact for which the signatures meet the policy. Without one
// the error is that of the first.
func (v *Verified) signatures(ctx context.Context, b *Bundle, artifacts []artifact, pol Policy) (cast *votes, err error) {
	for i := range artifacts {
		these, failed := ask(ctx, artifacts[i].input(&b.content), pol)
		if failed != nil {
			return nil, failed
		}
		if failed = pol.signatures(these); failed == nil {
			v.matched = artifacts[i].digests
			return these, nil
		}
		if err == nil {
			err = failed
		}
	}
	return nil, err
}

// content holds the statement against artifact and policy.
func (v *Verified) content(b *Bundle, subject Subject, pol Policy) error {
	if b.content.Form == signed.FormImageSignature {
		image, err := ParseImageSignature(b.content.Payload, &ParseOptions{b.limits})
		if err != nil {
			return err
		}
		if v.matched, err = image.about(subject); err != nil {
			return err
		}
		v.image = image
	}
	if b.content.IsMessage {
		return pol.rule.statement(nil, &asked{})
	}
	st, err := b.UnverifiedStatement()
	if err != nil {
		return err
	}
	if v.index, v.matched, err = subject.match(st); err != nil {
		return err
	}
	v.statement = st
	return v.predicate(st, pol)
}

// predicate holds the predicate against what the policy asks of it. If that is nothing,
// what the predicate lacks is a warning: whoever reads it must know. A predicate of
// which nothing at all is there is refused.
func (v *Verified) predicate(st *Statement, pol Policy) error {
	var a asked
	if err := pol.rule.statement(st, &a); err != nil {
		return err
	}
	if err := st.CheckPredicate(); err != nil {
		if a.predicate || st.isEmpty() {
			return err
		}
		v.warnings = append(v.warnings, err.Error())
	}
	result := st.Result()
	switch {
	case st.PredicateType == VSAV1 && !a.result && result != passed:
		return &Error{Stage: signed.StagePredicate, Kind: ErrPredicate, Message: "result of the verification summary", Got: result, Want: passed}
	case result == "FAILED":
		v.warnings = append(v.warnings, "the signed result is FAILED: the signature holds, what it signs is that the artifact does not")
	}
	return nil
}

// ask calls the verifiers of each threshold of the policy once.
func ask(ctx context.Context, in *signed.Input, pol Policy) (*votes, error) {
	v := &votes{content: in.Content, by: map[*atLeast][][]outcome{}}
	for _, a := range pol.rule.thresholds() {
		if _, done := v.by[a]; done {
			continue
		}
		v.by[a] = nil
		for _, by := range a.v {
			outcomes, err := judge(ctx, by, in)
			if err != nil {
				return nil, err
			}
			v.by[a] = append(v.by[a], outcomes)
		}
	}
	return v, nil
}

// summary lists who signed, and the signatures that nobody accepts.
func (v *votes) summary(pol Policy) (accepted []Signer, rejected []Rejection) {
	good := make([]bool, len(v.content.Signatures))
	seen := map[string]bool{}
	reasons := map[int][]error{}
	for _, a := range pol.rule.thresholds() {
		for _, o := range slices.Concat(v.by[a]...) {
			if o.err != nil {
				reasons[o.signature] = append(reasons[o.signature], o.err)
				continue
			}
			good[o.signature] = true
			if id := o.signer.id(); !seen[id] {
				seen[id] = true
				accepted = append(accepted, o.signer)
			}
		}
	}
	for i, ok := range good {
		if !ok {
			rejected = append(rejected, Rejection{i, v.content.Signatures[i].KeyID, reasons[i]})
		}
	}
	return accepted, rejected
}

// Statement returns the signed statement, nil for a message signature. It must
// not be changed.
func (v *Verified) Statement() *Statement { return v.statement }

// ImageSignature returns what a signature of "cosign sign" says of the image, nil for
// any other attestation. It must not be changed.
func (v *Verified) ImageSignature() *ImageSignature { return v.image }

// Format returns what the attestation was parsed from, as [Bundle.Format].
func (v *Verified) Format() string { return v.format }

// Subject returns the subject of the statement that is the artifact, and the
// digests in which both agree. The descriptor is zero for a message signature and
// under [UnsafeAnySubject].
func (v *Verified) Subject() (ResourceDescriptor, []evidence.Digest) {
	if v.index < 0 {
		return ResourceDescriptor{}, slices.Clone(v.matched)
	}
	return v.statement.Subject[v.index], slices.Clone(v.matched)
}

// Signers returns who signed: those whom the policy asked for and who did, at least one.
func (v *Verified) Signers() []Signer { return slices.Clone(v.accepted) }

// Rejected returns the signatures that no verifier of the policy accepts, with
// the reasons. They did not keep the policy from being met.
func (v *Verified) Rejected() []Rejection { return slices.Clone(v.rejected) }

// Weakened returns the checks that the caller lowered below the default, in
// words, sorted; empty for a verification at full strength.
func (v *Verified) Weakened() []string {
	var list []string
	if v.anySubject {
		list = append(list, "subject: not compared with any artifact")
	}
	for _, s := range v.accepted {
		list = append(list, s.Weakened...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Warnings returns what a person should know about an attestation that holds.
func (v *Verified) Warnings() []string { return slices.Clone(v.warnings) }

// Times returns the trusted times of signing, ascending; none for a plain key
// without a log entry or timestamp.
func (v *Verified) Times() []Time {
	var list []Time
	for _, s := range v.accepted {
		list = append(list, s.Times...)
	}
	slices.SortStableFunc(list, func(a, b Time) int { return a.Time.Compare(b.Time) })
	return list
}
