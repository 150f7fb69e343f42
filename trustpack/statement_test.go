// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
)

func newPack() packStatement {
	return packStatement{
		statementPredicate: statementPredicate{Product: "asm", Version: "1.482", Commit: strings.Repeat("a", 40), ContentDigest: evidence.Sum256([]byte("manifest"))},
		fileName:           "hailbytes-asm-trust-pack-v1.482.zip",
		sha256:             evidence.Sum256([]byte("zip")),
	}
}

func signStatement(t *testing.T, s attest.PayloadSigner, statement []byte) *attest.Bundle {
	t.Helper()
	data, err := attest.Sign(t.Context(), s, statement)
	if err != nil {
		t.Fatal(err)
	}
	b, err := attest.ParseBundle(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func refused(t *testing.T, err error, stage attest.Stage, kind error) {
	t.Helper()
	var e *attest.Error
	if !errors.As(err, &e) || e.Stage != stage || !errors.Is(err, kind) {
		t.Errorf("got %v, want stage %s and kind %v", err, stage, kind)
	}
}

// TestPackStatement: a statement is good for the pack whose product, version, commit and
// digests it states, by those who are expected.
func TestPackStatement(t *testing.T) {
	s := newSigner(t)
	pol := attest.AtLeast(1, s.Key())
	anotherZIP, anotherContent := evidence.Sum256([]byte("another ZIP")), evidence.Sum256([]byte("another content"))
	zip := attest.ResourceDescriptor{Name: "pack.zip", Digest: attest.DigestSet{"sha256": newPack().sha256.Hex()}}
	content := attest.ResourceDescriptor{Name: manifest.Name, Digest: attest.DigestSet{"sha256": newPack().ContentDigest.Hex()}}
	other := attest.ResourceDescriptor{Name: "other", Digest: attest.DigestSet{"sha256": anotherContent.Hex()}}
	both := []attest.ResourceDescriptor{zip, content}
	tests := []struct {
		name     string
		subject  []attest.ResourceDescriptor
		change   func(*packStatement)
		repacked bool
		stage    attest.Stage // empty where the statement holds
		kind     error
	}{
		{name: "both", subject: both},
		{name: "both, without a commit in the pack", subject: both, change: func(p *packStatement) { p.Commit = "" }},
		{name: "both, of another ZIP", subject: both, change: func(p *packStatement) { p.sha256 = anotherZIP }, repacked: true},
		{name: "both, of another content", subject: both, change: func(p *packStatement) { p.ContentDigest = anotherContent }, stage: "predicate", kind: attest.ErrPredicate},
		{name: "both, of another pack", subject: both, change: func(p *packStatement) { p.sha256, p.ContentDigest = anotherZIP, anotherContent }, stage: "subject", kind: attest.ErrSubject},
		{name: "ZIP alone", subject: both[:1]},
		{name: "ZIP alone, of another ZIP", subject: both[:1], change: func(p *packStatement) { p.sha256 = anotherZIP }, stage: "subject", kind: attest.ErrSubject},
		{name: "content alone", subject: both[1:]},
		{name: "content alone, of another ZIP", subject: both[1:], change: func(p *packStatement) { p.sha256 = anotherZIP }},
		{name: "ZIP and another content", subject: []attest.ResourceDescriptor{zip, other}, stage: "subject", kind: attest.ErrSubject},
		{name: "product", subject: both, change: func(p *packStatement) { p.Product = "sat" }, stage: "predicate", kind: attest.ErrPredicate},
		{name: "version", subject: both, change: func(p *packStatement) { p.Version = "1.481" }, stage: "predicate", kind: attest.ErrPredicate},
		{name: "commit", subject: both, change: func(p *packStatement) { p.Commit = strings.Repeat("b", 40) }, stage: "predicate", kind: attest.ErrPredicate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			statement, err := attest.NewStatement(tt.subject, StatementType, newPack().statementPredicate)
			if err != nil {
				t.Fatal(err)
			}
			p := newPack()
			if tt.change != nil {
				tt.change(&p)
			}
			v, repacked, err := p.verify(t.Context(), signStatement(t, s, statement), pol)
			if tt.stage != "" {
				refused(t, err, tt.stage, tt.kind)
			} else if err != nil || v == nil || repacked != tt.repacked {
				t.Errorf("repacked %v, %v; want %v", repacked, err, tt.repacked)
			}
		})
	}
	p := newPack()
	statement, err := p.statement()
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = p.verify(t.Context(), signStatement(t, s, statement), attest.AtLeast(1, newSigner(t).Key()))
	refused(t, err, "signature", attest.ErrSignature)
}

// TestStatementPredicate: what a predicate of this type lacks is refused.
func TestStatementPredicate(t *testing.T) {
	s, p := newSigner(t), newPack()
	for _, predicate := range []string{
		`{}`, `{"product":"asm","version":"1.482"}`, `{"product":"asm","version":"1.482","contentDigest":"md5:00"}`,
		`{"product":1,"version":"1.482","contentDigest":"` + p.ContentDigest.String() + `"}`,
		`{"product":"asm","contentDigest":"` + p.ContentDigest.String() + `"}`,
	} {
		statement := `{"_type":"` + attest.StatementV1 + `","subject":[{"digest":{"sha256":"` + p.ContentDigest.Hex() + `"}}],"predicateType":"` + StatementType + `","predicate":` + predicate + `}`
		_, _, err := p.verify(t.Context(), signStatement(t, s, []byte(statement)), attest.AtLeast(1, s.Key()))
		refused(t, err, "predicate", attest.ErrPredicate)
	}
}

// TestOtherStatement: a summary that says FAILED is about the same digests, signed by
// the same key, and is no statement about the pack.
func TestOtherStatement(t *testing.T) {
	s, p := newSigner(t), newPack()
	vsa := attest.VSA{
		VerifierID: "https://example.com/verifier", TimeVerified: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), ResourceURI: "pkg:generic/pack",
		Policy: attest.ResourceDescriptor{URI: "https://example.com/policy"}, Result: "FAILED", VerifiedLevels: []string{"FAILED"},
	}
	st, err := vsa.Statement([]attest.ResourceDescriptor{{Name: manifest.Name, Digest: attest.DigestSet{"sha256": p.ContentDigest.Hex()}}})
	if err != nil {
		t.Fatal(err)
	}
	b := signStatement(t, s, st)
	_, _, err = p.verify(t.Context(), b, attest.AtLeast(1, s.Key()))
	refused(t, err, "predicateType", attest.ErrPredicateType)
	v, err := attest.Verify(t.Context(), b, attest.DigestSubject(p.ContentDigest), attest.All(attest.AtLeast(1, s.Key()), attest.Summary(attest.VSA{Result: "FAILED"})))
	if err != nil {
		t.Fatal(err)
	}
	if v.Statement().Result() != "FAILED" || !strings.Contains(string(v.Statement().Predicate), vsa.TimeVerified.Format(time.RFC3339)) {
		t.Errorf("signed %s", v.Statement().Predicate)
	}
	vsa.Result = ""
	if _, err := vsa.Statement([]attest.ResourceDescriptor{{Digest: attest.DigestSet{"sha256": p.ContentDigest.Hex()}}}); !errors.Is(err, attest.ErrPredicate) {
		t.Errorf("a summary without a result: %v", err)
	}
}

func TestCosignAdvisories(t *testing.T) {
	for version, want := range map[string]int{"2.6.1": 3, "v2.6.2": 2, "2.6.3": 1, "2.6.5": 0, "2.5.9": 3, "3.0.1": 0, "2.6": 0, "x": 0, "2.6.1-rc1": 3} {
		if got := cosignAdvisories(version); len(got) != want {
			t.Errorf("%s: %q, want %d", version, got, want)
		}
	}
}
