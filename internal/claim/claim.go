// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package claim decides whether a claim is about a fact. A claim is a statement
// that lets something pass: an exception, a VEX statement, a licence decision.
// There is one rule: everything that the claim names is compared with what is
// known of the fact. What differs, and what is not known and so cannot be
// compared, does not count. What the claim leaves out is any.
package claim

import (
	"fmt"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// Answer says how what a claim names relates to a fact. The zero value is the
// strictest; of several answers the least counts.
type Answer uint8

// The answers.
const (
	Differs Answer = iota // the claim is about something else
	Unknown               // the claim names what is not known of the fact
	Fits                  // the claim is about the fact
)

// Result is an answer with its reason.
type Result struct {
	Answer    Answer
	What      string // the first dimension that does not fit: "version"; empty for Fits
	Want, Got string // what the claim names, and what is known of the fact
}

// Fit is the result of a claim that is about the fact.
var Fit = Result{Answer: Fits}

// Compare is the result for one dimension. An empty got is not known.
func Compare(what, want, got string) Result {
	switch {
	case got == "":
		return Result{Unknown, what, want, ""}
	case want != got:
		return Result{Differs, what, want, got}
	}
	return Fit
}

// And returns the lesser of two results, the first of equals.
func (r Result) And(s Result) Result {
	if s.Answer < r.Answer {
		return s
	}
	return r
}

// Against says why the claim does not count, for the end of a sentence. The fact is
// what a person calls it: against "the finding", "it names arch "arm64", and the
// finding has "amd64"".
func (r Result) Against(fact string) string {
	switch {
	case r.Answer == Fits:
		return "it fits"
	case r.Answer == Unknown && r.Got == "":
		return fmt.Sprintf("it names %s %s, which is not known of %s", r.What, textfmt.Quote(r.Want), fact)
	case r.Answer == Unknown:
		return fmt.Sprintf("it names %s %s, which cannot be compared with %s", r.What, textfmt.Quote(r.Want), textfmt.Quote(r.Got))
	}
	return fmt.Sprintf("it names %s %s, and %s has %s", r.What, textfmt.Quote(r.Want), fact, textfmt.Quote(r.Got))
}
