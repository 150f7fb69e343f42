// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence/internal/signed"
)

// Policy says which signatures, and what statement, are enough. Make one with
// [AtLeast], [All] and [PredicateType]. The zero Policy is met by nothing.
type Policy struct{ rule rule }

// rule is one node of a policy.
type rule interface {
	thresholds() []*atLeast
	signatures(v *votes) error               // are the accepted signatures enough?
	statement(st *Statement, a *asked) error // st is nil for a message signature
}

// asked is what the rules of a policy said of the statement.
type asked struct {
	predicate bool // must hold what its type requires
	result    bool // of a verification summary
}

// AtLeast is met when n of the verifiers accept a signature, each another
// signature by another signer: neither a key that signed twice nor a key that is
// listed twice counts twice. n is at least 1.
func AtLeast(n int, v ...Verifier) Policy { return Policy{&atLeast{n, v}} }

// All is met when all the policies are. At least one of them must ask for a signature.
func All(p ...Policy) Policy { return Policy{all(p)} }

// PredicateType is met when the statement's predicate is of one of the types. It
// asks for no signature, so it is used within [All]:
//
//	attest.All(attest.AtLeast(1, key), attest.PredicateType(attest.SPDX))
//
// SPDX and CycloneDX are written with and without a version in the URI. A type
// without version ([SPDX]) is met by all versions; one with a version also by a
// statement without, if the document itself is of that version. For these types the
// predicate must then be a document of the format, not only be said to be one.
func PredicateType(types ...string) Policy { return Policy{predicateType(types)} }

type atLeast struct {
	n int
	v []Verifier
}

func (a *atLeast) thresholds() []*atLeast             { return []*atLeast{a} }
func (a *atLeast) statement(*Statement, *asked) error { return nil }

func (a *atLeast) signatures(v *votes) error {
	if a.n < 1 {
		return refuse(signed.StagePolicy, nil, "a threshold of %d accepts what nobody signed", a.n)
	}
	if n := v.count(a); n < a.n {
		return v.tooFew(a, n)
	}
	return nil
}

type all []Policy

func (a all) thresholds() []*atLeast {
	var list []*atLeast
	for _, p := range a {
		if p.rule != nil {
			list = append(list, p.rule.thresholds()...)
		}
	}
	return list
}

func (a all) signatures(v *votes) error {
	for _, p := range a {
		if err := p.signatures(v); err != nil {
			return err
		}
	}
	return nil
}

func (a all) statement(st *Statement, says *asked) error {
	for _, p := range a {
		if err := p.rule.statement(st, says); err != nil {
			return err
		}
	}
	return nil
}

type predicateType []string

func (p predicateType) thresholds() []*atLeast  { return nil }
func (p predicateType) signatures(*votes) error { return nil }

func (p predicateType) statement(st *Statement, a *asked) error {
	want := strings.Join(p, " or ")
	if st == nil {
		return &Error{Stage: signed.StagePredicateType, Kind: ErrPredicateType, Message: "a message signature has no predicate", Want: want}
	}
	for _, t := range p {
		if st.isType(t) {
			a.predicate = true
			return st.CheckPredicate()
		}
	}
	return &Error{Stage: signed.StagePredicateType, Kind: ErrPredicateType, Message: "predicate type", Got: st.PredicateType, Want: want}
}

func (p Policy) signatures(v *votes) error {
	if p.rule == nil {
		return refuse(signed.StagePolicy, nil, "no policy")
	}
	return p.rule.signatures(v)
}

// check refuses a policy that a document without any signature would meet.
func (p Policy) check() error {
	if p.rule == nil {
		return refuse(signed.StagePolicy, nil, "no policy: it says neither whose signature is wanted nor how many")
	}
	for _, a := range p.rule.thresholds() {
		for _, v := range a.v {
			if err := usable(v); err != nil {
				return err
			}
		}
	}
	if err := p.signatures(&votes{}); err == nil {
		return refuse(signed.StagePolicy, nil, "the policy asks for no signature: it would accept anything")
	}
	return nil
}

// votes are the outcomes of all verifiers of a policy: for each threshold one list
// for each of its verifiers.
type votes struct {
	content *signed.Content
	by      map[*atLeast][][]outcome
}

// count returns how many of the verifiers accept a signature, none of them the
// signature, the key or the identity of another. It never counts too many; where
// several assignments are possible it takes the first.
func (v *votes) count(a *atLeast) int {
	n := 0
	signatures, signers := map[int]bool{}, map[string]bool{}
	for _, outcomes := range v.by[a] {
		for _, o := range outcomes {
			id, keyID := o.signer.id(), "key:"+o.signer.KeyID
			if o.err != nil || signatures[o.signature] || signers[id] || signers[keyID] {
				continue
			}
			signatures[o.signature], signers[id], signers[keyID] = true, true, true
			n++
			break
		}
	}
	return n
}

// id tells signers apart: a keyless one has a new key every time.
func (s *Signer) id() string {
	if s.Certificate != nil {
		return "identity:" + s.Certificate.Issuer + "\x00" + s.Certificate.Identity
	}
	return "key:" + s.KeyID
}

// tooFew says why a threshold is not met.
func (v *votes) tooFew(a *atLeast, n int) error {
	var causes []error
	for _, outcomes := range v.by[a] {
		for _, o := range outcomes {
			if o.err != nil {
				causes = append(causes, o.err)
			}
		}
	}
	if len(causes) == 1 && a.n == 1 {
		return causes[0]
	}
	e := &Error{Stage: signed.StageSignature, Kind: ErrThreshold, Errs: causes}
	if n == 0 && a.n == 1 && len(causes) > 0 {
		e.Kind = ErrSignature
	}
	names := make([]string, len(a.v))
	for i, by := range a.v {
		names[i] = by.String()
	}
	e.Message = fmt.Sprintf("%d of %d signatures by different signers of: %s", n, a.n, strings.Join(names, ", "))
	return e
}
