// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"

	"github.com/HailBytes/evidence/internal/jsondiff"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Bind compares the predicate with a document that the caller holds, by the bytes that
// were signed: whether the SBOM in the pack is the SBOM that was attested. A
// predicate that is a JSON string, as "cosign attest --type spdx" writes it, stands for
// its content. An SBOM predicate must also be of the format that its type says.
//
// It returns "identical" for the same bytes, apart from white space around the
// document, and "equivalent" for the same JSON values: members in any order, numbers
// equal as float64. Cosign writes predicates anew: members sorted, 1.0 as 1, large
// integers rounded to float64, "<" escaped. That is equivalent.
//
// The error is an [*Error] of stage predicate that names the first difference.
func (v *Verified) Bind(document []byte) (how string, err error) {
	if v.statement == nil {
		return "", refuse(signed.StagePredicate, ErrPredicate, "a message signature has no predicate")
	}
	return v.statement.bind(document)
}

func (s *Statement) bind(document []byte) (how string, err error) {
	if err := s.checkFormat(); err != nil {
		return "", err
	}
	predicate := []byte(s.Predicate)
	if len(predicate) == 0 {
		return "", refuse(signed.StagePredicate, ErrPredicate, "the statement has no predicate")
	}
	if predicate[0] == '"' {
		d := jsonstrict.NewBytes(predicate, jsonstrict.Options{AllowNUL: true})
		predicate = []byte(d.String())
		if bytes.Equal(predicate, document) {
			return "identical", nil
		}
	}
	trim := func(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
	if bytes.Equal(trim(predicate), trim(document)) {
		return "identical", nil
	}
	diff, err := jsondiff.First(predicate, document)
	switch {
	case err != nil:
		return "", &Error{Stage: signed.StagePredicate, Kind: ErrPredicate, Message: "the signed predicate is not this document, which cannot be compared as JSON", Errs: []error{err}}
	case diff == nil:
		return "equivalent", nil
	}
	message := "the signed predicate is not this document"
	if diff.Pointer != "" {
		message += ": first difference at " + diff.Pointer
	}
	if diff.Within != "" {
		message += " (in " + textfmt.Quote(diff.Within) + ")"
	}
	return "", &Error{Stage: signed.StagePredicate, Kind: ErrPredicate, Message: message, Got: diff.Left, Want: diff.Right}
}
