// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"fmt"

	"github.com/HailBytes/evidence/internal/jsondiff"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Match says how a signed predicate and a document compare.
type Match string

// The outcomes of a comparison, best first.
const (
	Identical  Match = "identical"  // the same bytes, apart from white space around the document
	Equivalent Match = "equivalent" // the same JSON values: members in any order, numbers equal as float64
	Different  Match = "different"
)

// Binding is how the predicate of a verified statement compares with a document
// that the caller holds: whether the SBOM in the pack is the SBOM that was attested.
//
// Cosign writes predicates anew: members sorted, 1.0 as 1, large integers rounded
// to float64, "<" escaped. That is Equivalent.
type Binding struct {
	Match   Match
	Pointer string // JSON pointer of the first difference, in the document's order
	Within  string // name of the innermost object around it that has one: the package
	Got     string // what was signed there, as JSON, cut short; empty for nothing
	Want    string // what the document has there

	err *Error // why they can not be compared, or should not be
}

// Err returns nil if the document is the predicate, else an [*Error] of stage
// predicate that names the first difference.
func (b *Binding) Err() error {
	switch {
	case b.Match != Different:
		return nil
	case b.err != nil:
		return b.err
	}
	message := "the signed predicate is not this document: first difference at " + b.Pointer
	if b.Pointer == "" {
		message = "the signed predicate is not this document"
	}
	if b.Within != "" {
		message += " (in " + textfmt.Quote(b.Within) + ")"
	}
	return &Error{Stage: StagePredicate, Kind: ErrPredicate, Message: message, Got: b.Got, Want: b.Want}
}

// Bind compares the predicate with a document, by the bytes that were signed. A
// predicate that is a JSON string, as "cosign attest --type spdx" writes it, stands for
// its content. An SBOM predicate must also be of the format that its type says.
func (v *Verified) Bind(document []byte) *Binding {
	if v.statement == nil {
		return unbound(refuse(StagePredicate, ErrPredicate, "a message signature has no predicate"))
	}
	return v.statement.bind(document)
}

func unbound(err *Error) *Binding { return &Binding{Match: Different, err: err} }

func (s *Statement) bind(document []byte) *Binding {
	if err := s.checkFormat(); err != nil {
		if e, ok := err.(*Error); ok {
			return unbound(e)
		}
	}
	signed := []byte(s.Predicate)
	if len(signed) == 0 {
		return unbound(refuse(StagePredicate, ErrPredicate, "the statement has no predicate"))
	}
	if signed[0] == '"' {
		d := jsonstrict.NewBytes(signed, jsonstrict.Options{AllowNUL: true})
		signed = []byte(d.String())
		if bytes.Equal(signed, document) {
			return &Binding{Match: Identical}
		}
	}
	trim := func(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
	if bytes.Equal(trim(signed), trim(document)) {
		return &Binding{Match: Identical}
	}
	diff, err := jsondiff.First(signed, document)
	switch {
	case err != nil:
		return unbound(&Error{Stage: StagePredicate, Kind: ErrPredicate, Message: "the signed predicate is not this document, which cannot be compared as JSON", Errs: []error{err}})
	case diff == nil:
		return &Binding{Match: Equivalent}
	}
	return &Binding{Match: Different, Pointer: diff.Pointer, Within: diff.Within, Got: diff.Left, Want: diff.Right}
}

// String returns the match, and for a difference where it is.
func (b *Binding) String() string {
	if b.Match == Different {
		return fmt.Sprintf("%s: %v", b.Match, b.Err())
	}
	return string(b.Match)
}
