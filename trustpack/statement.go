// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/manifest"
)

// StatementType is the predicate type of the signed statement about a pack. The
// predicate is {product, version, commit?, contentDigest}; the subjects are the ZIP and
// MANIFEST.json.
const StatementType = "https://hailbytes.com/attestations/trust-pack/v1"

// statementPredicate says which release a pack is of.
type statementPredicate struct {
	Product       string          `json:"product"`
	Version       string          `json:"version"`
	Commit        string          `json:"commit,omitempty"`
	ContentDigest evidence.Digest `json:"contentDigest"` // of MANIFEST.json
}

// packStatement is what a statement says about a pack, or must say.
type packStatement struct {
	statementPredicate
	fileName string          // of the ZIP, for a reader of the statement; it proves nothing
	sha256   evidence.Digest // of the ZIP
}

func newPackStatement(m *manifest.Manifest, content, zip evidence.Digest, fileName string) *packStatement {
	return &packStatement{statementPredicate{m.Product, m.Version, m.Release.Commit, content}, fileName, zip}
}

// statement returns the in-toto Statement to sign.
func (p *packStatement) statement() ([]byte, error) {
	return attest.NewStatement([]attest.ResourceDescriptor{
		{Name: p.fileName, Digest: attest.DigestSet{"sha256": p.sha256.Hex()}},
		{Name: manifest.Name, Digest: attest.DigestSet{"sha256": p.ContentDigest.Hex()}},
	}, StatementType, p.statementPredicate)
}

// verify verifies that b states this pack, by those whom the policy expects. No other
// statement about the same digests counts, be it a verification summary that says
// FAILED. The pack was repacked if the statement is about its content, in another ZIP.
//
// A statement that names both the ZIP and MANIFEST.json must name this MANIFEST.json.
// One that names a single file, as signing tools write by themselves, is about it:
// the ZIP, or the content in whatever ZIP.
func (p *packStatement) verify(ctx context.Context, b *attest.Bundle, pol attest.Policy) (v *attest.Verified, repacked bool, err error) {
	content, zip := attest.DigestSubject(p.ContentDigest), attest.DigestSubject(p.sha256)
	v, err = attest.Verify(ctx, b, attest.OneOf(content, zip), attest.All(pol, attest.PredicateType(StatementType)))
	if err != nil {
		return nil, false, err
	}
	said, err := parseStatementPredicate(v.Statement().Predicate)
	if err != nil {
		return nil, false, err
	}
	for _, c := range []struct{ what, got, want string }{
		{"content digest", said.ContentDigest.String(), p.ContentDigest.String()},
		{"product", said.Product, p.Product},
		{"version", said.Version, p.Version},
		{"commit", said.Commit, p.Commit},
	} {
		if c.got != c.want && (c.what != "commit" || c.got != "" && c.want != "") {
			return nil, false, anotherPack("predicate", attest.ErrPredicate, c.what, c.got, c.want)
		}
	}
	named := func(d evidence.Digest) bool {
		return slices.ContainsFunc(v.Statement().Subject, func(s attest.ResourceDescriptor) bool { return s.Digest["sha256"] == d.Hex() })
	}
	alone := len(v.Statement().Subject) == 1
	if !named(p.ContentDigest) && !alone {
		return nil, false, anotherPack("subject", attest.ErrSubject, manifest.Name+" is no subject", "", p.ContentDigest.String())
	}
	return v, !named(p.sha256) && !alone, nil
}

func anotherPack(stage attest.Stage, kind error, what, got, want string) error {
	return &attest.Error{Stage: stage, Kind: kind, Message: "statement of another pack: " + what, Got: got, Want: want}
}

func parseStatementPredicate(data []byte) (*statementPredicate, error) {
	p := &statementPredicate{}
	var digest string
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "product":
			p.Product = d.String()
		case "version":
			p.Version = d.String()
		case "commit":
			p.Commit = d.String()
		case "contentDigest":
			digest = d.String()
		default:
			d.Skip()
		}
	}
	err := d.End()
	if err == nil {
		p.ContentDigest, err = evidence.ParseDigest(digest)
	}
	if err != nil {
		return nil, &attest.Error{Stage: "predicate", Kind: attest.ErrPredicate, Message: "predicate of the statement", Errs: []error{err}}
	}
	return p, nil
}
