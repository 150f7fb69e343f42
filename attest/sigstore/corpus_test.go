// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/attestcase"
)

// roots keeps parsed trust roots: a test parses each once, as callers should.
type roots map[string]*sigstore.TrustedRoot

func (r roots) get(t *testing.T, path string) *sigstore.TrustedRoot {
	t.Helper()
	if r[path] == nil {
		root, err := sigstore.ParseTrustedRoot(attestcase.Read(t, path))
		if err != nil {
			t.Fatal(err)
		}
		r[path] = root
	}
	return r[path]
}

// TestCorpus gives every case the verdict that the corpus states, and the stage
// where it states one.
func TestCorpus(t *testing.T) {
	trusted := roots{}
	count := map[string]int{}
	for _, c := range attestcase.Load(t) {
		if c.Family == "layout" || c.Expect == "pae-only" {
			continue
		}
		for name, subject := range subjects(t, &c) {
			count[c.Expect]++
			_, err := verifyCase(t, trusted, &c, subject)
			switch {
			case (err == nil) != (c.Expect == "pass"):
				t.Errorf("%s by %s: want %s, got %v", c.ID, name, c.Expect, err)
			case err != nil:
				checkRefusal(t, &c, err)
			}
		}
	}
	t.Logf("verdicts: %v", count)
}

// checkRefusal looks at why a case is refused.
func checkRefusal(t *testing.T, c *attestcase.Case, err error) {
	t.Helper()
	var e *attest.Error
	if !errors.As(err, &e) {
		if c.Policy.SAN == "" && c.Policy.SANRegexp == "" || c.Policy.Issuer == "" {
			return // the case is that nobody says who should have signed
		}
		t.Errorf("%s: %T %v is no *attest.Error", c.ID, err, err)
		return
	}
	if c.Stage != "" && string(e.Stage) != c.Stage {
		t.Errorf("%s: want stage %s, got %v", c.ID, c.Stage, err)
	}
	if len(c.Missing) > 0 && e.Stage != "statement" {
		t.Errorf("%s: want a statement that lacks %v, got %v", c.ID, c.Missing, err)
	}
	t.Logf("%-12s %s: %v", e.Stage, c.ID, strings.ReplaceAll(err.Error(), "\n", " "))
}

// subjects returns the artifact of a case by every way to name it.
func subjects(t *testing.T, c *attestcase.Case) map[string]attest.Subject {
	t.Helper()
	all := map[string]attest.Subject{}
	if c.Policy.Artifact != "" {
		s, err := attest.ArtifactSubject(bytes.NewReader(attestcase.Read(t, c.Path(c.Policy.Artifact))))
		if err != nil {
			t.Fatal(err)
		}
		all["artifact"] = s
		// The digest alone must do as well, by the algorithm that statements have.
		all["digest"] = attest.DigestSubject(evidence.Sum256(attestcase.Read(t, c.Path(c.Policy.Artifact))))
	}
	if c.Policy.Digest != "" {
		d, err := evidence.ParseDigest(c.Policy.Digest)
		if err != nil {
			t.Fatal(err)
		}
		all["digest"] = attest.DigestSubject(d)
	}
	if len(all) == 0 {
		all["any"] = attest.UnsafeAnySubject()
	}
	return all
}

// verifyCase verifies one case as its policy asks.
func verifyCase(t *testing.T, trusted roots, c *attestcase.Case, subject attest.Subject) (*attest.Verified, error) {
	t.Helper()
	b, err := attest.ParseBundle(attestcase.Read(t, c.Path(c.File)), nil)
	if err != nil {
		return nil, err
	}
	pol, err := policy(t, trusted, c)
	if err != nil {
		return nil, err
	}
	if c.Policy.PredicateType != "" {
		pol = attest.All(pol, attest.PredicateType(c.Policy.PredicateType))
	}
	v, err := attest.Verify(t.Context(), b, subject, pol)
	if err != nil || c.Policy.PredicateFile == "" {
		return v, err
	}
	_, err = v.Bind(attestcase.Read(t, c.Path(c.Policy.PredicateFile)))
	return v, err
}

func policy(t *testing.T, trusted roots, c *attestcase.Case) (attest.Policy, error) {
	t.Helper()
	p := &c.Policy
	var root *sigstore.TrustedRoot
	if p.TrustedRoot != "" {
		root = trusted.get(t, c.Path(p.TrustedRoot))
	}
	switch {
	case len(p.Keys) > 0:
		var keys []attest.Verifier
		for _, file := range p.Keys {
			key, err := attest.ParseKey(attestcase.Read(t, c.Path(file)))
			if err != nil {
				return attest.Policy{}, err
			}
			keys = append(keys, key)
		}
		return attest.AtLeast(max(p.Threshold, 1), keys...), nil
	case p.Key != "":
		key, err := attest.ParseKey(attestcase.Read(t, c.Path(p.Key)))
		if err != nil {
			return attest.Policy{}, err
		}
		o := options(p)
		o.SCTs, o.UnsafeNoSCT = 0, false
		v, err := sigstore.NewKeyVerifier(root, key, o)
		if err != nil {
			return attest.Policy{}, err
		}
		return attest.AtLeast(1, v), nil
	}
	v, err := sigstore.NewVerifier(root, sigstore.Identity{
		SAN: p.SAN, SANPattern: p.SANRegexp, Issuer: p.Issuer, SourceRepository: p.SourceRepositoryURI,
	}, options(p))
	if err != nil {
		return attest.Policy{}, err
	}
	return attest.AtLeast(1, v), nil
}

func options(p *attestcase.Policy) *sigstore.Options {
	o := &sigstore.Options{}
	set := func(n *int, to *int, none *bool) {
		switch {
		case n == nil:
		case *n == 0:
			*none = true
		default:
			*to = *n
		}
	}
	var unused bool
	set(p.TransparencyLog, &o.LogEntries, &o.UnsafeNoLogEntry)
	set(p.ObserverTimestamps, &o.Timestamps, &o.UnsafeNoTimestamp)
	set(p.SignedTimestamps, &o.SignedTimestamps, &unused)
	set(p.SCT, &o.SCTs, &o.UnsafeNoSCT)
	return o
}
