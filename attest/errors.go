// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Kinds of refusal, matched with errors.Is; each also matches the class behind it.
var (
	ErrNoAttestation = kind("no attestation", evidence.ErrFormat)                            // the input holds none; never a success
	ErrSignature     = kind("signature does not verify", evidence.ErrMismatch)               // by the key or certificate that should have made it
	ErrLog           = kind("transparency log evidence does not hold", evidence.ErrMismatch) // log entries, signed certificate timestamps
	ErrTime          = kind("no trusted time of signing that holds", evidence.ErrMismatch)
	ErrCertificate   = kind("certificate does not hold", evidence.ErrMismatch)
	ErrTrustRoot     = kind("not in this trust root", evidence.ErrPolicy) // of another Sigstore instance
	ErrIdentity      = kind("wrong identity", evidence.ErrPolicy)
	ErrThreshold     = kind("too few", evidence.ErrPolicy) // signatures, log entries or timestamps
	ErrSubject       = kind("no subject is the artifact", evidence.ErrMismatch)
	ErrPredicateType = kind("wrong predicate type", evidence.ErrPolicy)
	ErrPredicate     = kind("predicate does not hold", evidence.ErrMismatch)
	ErrWeakKey       = kind("key too weak", evidence.ErrPolicy)
)

// sentinel is a kind of error with a class behind it.
type sentinel struct {
	text  string
	class error
}

func kind(text string, class error) error { return &sentinel{text, class} }

func (s *sentinel) Error() string { return s.text }
func (s *sentinel) Unwrap() error { return s.class }

// Stage says how far an attestation came. Stages are passed in the order below;
// the one in an [*Error] is the first that does not hold.
//
//	"limits"              sizes and counts; may come up while any part is read
//	"bundle"              the bundle, envelope or layer is well-formed
//	"tlog"                the transparency log entries are of this very signature
//	"time"                trusted times of signing, enough of them, within the validity of certificate and key
//	"certificate"         the certificate chains up to the trust root
//	"sct"                 the certificate was itself logged
//	"signature"           the signatures verify, enough of them
//	"identity"            the certificate is of the expected identity and issuer
//	"identity.extension"  ... and of the expected repository, workflow, ref
//	"statement"           the payload is an in-toto Statement
//	"subject"             a subject is the artifact
//	"predicateType"       the predicate is of an expected type
//	"predicate"           the predicate holds what its type needs, or what was expected of it
//	"provenance"          provenance, certificate and release agree
//	"layout"              in-toto layout verification
//	"policy"              the policy itself cannot be met, or accepts anything
type Stage string

// Error says why an attestation is refused. errors.Is matches Kind, the class of
// Kind, and what Errs wrap.
type Error struct {
	Stage   Stage
	Kind    error  // one of the Err variables; nil where the check could not be made, then Errs say why
	Message string // what, where; hostile text is quoted and cut short
	Got     string // where two values were compared
	Want    string
	Errs    []error // causes: a *Problem for malformed JSON, an *Error for each signature that was refused
}

// Error returns "stage: message: got X, want Y" and the causes.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Stage))
	switch {
	case e.Message != "":
		b.WriteString(": " + e.Message)
	case e.Kind != nil:
		b.WriteString(": " + e.Kind.Error())
	}
	if e.Got != "" || e.Want != "" {
		fmt.Fprintf(&b, ": got %s, want %s", quote(e.Got), quote(e.Want))
	}
	switch len(e.Errs) {
	case 0:
	case 1:
		b.WriteString(": " + e.Errs[0].Error())
	default:
		for _, err := range e.Errs {
			b.WriteString("\n\t" + err.Error())
		}
	}
	return b.String()
}

// Unwrap returns Kind and Errs.
func (e *Error) Unwrap() []error {
	if e.Kind == nil {
		return e.Errs
	}
	return append([]error{e.Kind}, e.Errs...)
}

func refuse(stage Stage, kind error, format string, args ...any) *Error {
	return &Error{Stage: stage, Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// malformed is the error for a document that a strict JSON reading refused.
func malformed(stage Stage, what string, err error) *Error {
	e := &Error{Stage: stage, Kind: evidence.ErrFormat, Message: what, Errs: []error{err}}
	for _, class := range []error{evidence.ErrLimit, evidence.ErrUnsupported, evidence.ErrMismatch} {
		if errors.Is(err, class) {
			e.Kind = class
		}
	}
	if e.Kind == evidence.ErrLimit {
		e.Stage = signed.StageLimits
	}
	return e
}

// quote quotes text of a document. Identities are URLs, which 64 bytes do not hold.
func quote(s string) string {
	if s == "" {
		return "none"
	}
	return fmt.Sprintf("%+q", textfmt.Clip(s, 512))
}
