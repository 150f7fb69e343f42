// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/signed"
)

// authority is a certificate authority of the trust root. Above the certificates
// that issue leaves nothing changes from one attestation to the next, so that part
// of every chain is verified once, and kept as paths.
type authority struct {
	ca    root.CertificateAuthority
	since time.Time // zero for no bound
	until time.Time
	paths []path
	whole bool // paths cannot stand for this authority: ask it for each chain
}

// path is a verified chain from an issuer of leaves up to the root.
type path struct {
	chain     []*x509.Certificate // issuer first, root last
	issuer    *x509.CertPool      // the issuer alone
	notBefore time.Time           // when all of chain is valid
	notAfter  time.Time
}

func newAuthority(ca root.CertificateAuthority) *authority {
	f, ok := ca.(*root.FulcioCertificateAuthority)
	if !ok {
		return &authority{ca: ca, whole: true}
	}
	a := &authority{ca: ca, since: f.ValidityPeriodStart, until: f.ValidityPeriodEnd}
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(f.Root)
	for _, c := range f.Intermediates {
		intermediates.AddCert(c)
	}
	for _, issuer := range append(f.Intermediates[:len(f.Intermediates):len(f.Intermediates)], f.Root) {
		if !issuer.IsCA {
			continue
		}
		chains, err := issuer.Verify(x509.VerifyOptions{
			Roots: roots, Intermediates: intermediates,
			// Any time at which all of one chain is valid will do: a signature does not change.
			CurrentTime: latest(append(f.Intermediates[:len(f.Intermediates):len(f.Intermediates)], f.Root)),
			KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		})
		if err != nil {
			a.whole = true
			continue
		}
		for _, chain := range chains {
			p, simple := newPath(chain)
			if !simple {
				a.whole = true
			} else if p != nil {
				a.paths = append(a.paths, *p)
			}
		}
	}
	return a
}

// latest returns the newest start of validity.
func latest(certs []*x509.Certificate) time.Time {
	var t time.Time
	for _, c := range certs {
		if c.NotBefore.After(t) {
			t = c.NotBefore
		}
	}
	return t
}

// newPath returns the path of a verified chain, nil if no leaf can be below it.
// It is not simple if a certificate above the issuer constrains the names of leaves.
func newPath(chain []*x509.Certificate) (p *path, simple bool) {
	p = &path{chain: chain, issuer: x509.NewCertPool(), notBefore: chain[0].NotBefore, notAfter: chain[0].NotAfter}
	p.issuer.AddCert(chain[0])
	for i, c := range chain {
		// RFC 5280 §4.2.1.9: as many intermediates may follow; with a leaf below
		// the issuer, i of them stand between c and the leaf.
		if c.BasicConstraintsValid && c.MaxPathLen >= 0 && i > c.MaxPathLen {
			return nil, true
		}
		if i > 0 && constrainsNames(c) {
			return nil, false
		}
		if c.NotBefore.After(p.notBefore) {
			p.notBefore = c.NotBefore
		}
		if c.NotAfter.Before(p.notAfter) {
			p.notAfter = c.NotAfter
		}
	}
	return p, true
}

func constrainsNames(c *x509.Certificate) bool {
	return len(c.PermittedDNSDomains)+len(c.ExcludedDNSDomains)+len(c.PermittedIPRanges)+len(c.ExcludedIPRanges)+
		len(c.PermittedEmailAddresses)+len(c.ExcludedEmailAddresses)+len(c.PermittedURIDomains)+len(c.ExcludedURIDomains) > 0
}

// verify returns the chains of leaf, which must hold at each of times.
func (a *authority) verify(leaf *x509.Certificate, times []attest.Time) ([][]*x509.Certificate, error) {
	for _, t := range times {
		if !a.since.IsZero() && t.Time.Before(a.since) || !a.until.IsZero() && t.Time.After(a.until) {
			return nil, fmt.Errorf("authority not valid at %s", stamp(t.Time))
		}
	}
	if a.whole {
		return a.verifyWhole(leaf, times)
	}
	err := fmt.Errorf("no certificate authority")
	for i := range a.paths {
		if !bytes.Equal(a.paths[i].chain[0].RawSubject, leaf.RawIssuer) {
			continue // the error of a path that this leaf is not on would hide the one that counts
		}
		var chains [][]*x509.Certificate
		if chains, err = a.paths[i].verify(leaf, times); err == nil {
			return chains, nil
		}
	}
	return nil, err
}

func (a *authority) verifyWhole(leaf *x509.Certificate, times []attest.Time) (chains [][]*x509.Certificate, err error) {
	for _, t := range times {
		if chains, err = a.ca.Verify(leaf, t.Time); err != nil {
			return nil, err
		}
	}
	return chains, nil
}

// verify verifies the leaf's signature once; times only compare.
func (p *path) verify(leaf *x509.Certificate, times []attest.Time) ([][]*x509.Certificate, error) {
	for _, t := range times {
		if t.Time.Before(p.notBefore) || t.Time.After(p.notAfter) || t.Time.Before(leaf.NotBefore) || t.Time.After(leaf.NotAfter) {
			return nil, fmt.Errorf("chain not valid at %s", stamp(t.Time))
		}
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: p.issuer, CurrentTime: times[0].Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	})
	if err != nil {
		return nil, err
	}
	return [][]*x509.Certificate{append([]*x509.Certificate{leaf}, p.chain...)}, nil
}

// chains verifies leaf against the certificate authorities of the root.
func (t *instance) chains(leaf *x509.Certificate, times []attest.Time) ([][]*x509.Certificate, *attest.Error) {
	var causes []error
	known := false
	for _, a := range t.authorities {
		chains, err := a.verify(leaf, times)
		if err == nil {
			return chains, nil
		}
		if a.issues(leaf) {
			known = true
			causes = append(causes, err)
		}
	}
	if !known {
		return nil, notInRoot(leaf)
	}
	return nil, &attest.Error{Stage: signed.StageCertificate, Kind: attest.ErrCertificate, Message: "certificate does not chain up to the trust root", Errs: causes}
}

// issues reports whether the authority has a certificate whose name and key id
// are those of leaf's issuer.
func (a *authority) issues(leaf *x509.Certificate) bool {
	f, ok := a.ca.(*root.FulcioCertificateAuthority)
	if !ok {
		return true
	}
	for _, c := range append(f.Intermediates[:len(f.Intermediates):len(f.Intermediates)], f.Root) {
		if string(c.RawSubject) == string(leaf.RawIssuer) && (len(leaf.AuthorityKeyId) == 0 || string(c.SubjectKeyId) == string(leaf.AuthorityKeyId)) {
			return true
		}
	}
	return false
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
