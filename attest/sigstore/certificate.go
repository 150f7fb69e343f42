// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strings"

	"github.com/sigstore/sigstore-go/pkg/fulcio/certificate"
	"github.com/sigstore/sigstore/pkg/cryptoutils"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/signed"
)

// checkUsage refuses a certificate that is not for signing code (Fulcio,
// certificate-specification.md). Package crypto/x509 takes one that states no usage for
// one of any usage.
func checkUsage(leaf *x509.Certificate) *attest.Error {
	switch {
	case leaf.BasicConstraintsValid && leaf.IsCA:
		return refuse(signed.StageCertificate, attest.ErrCertificate, "certificate of an authority, want one that signs code")
	case !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageCodeSigning):
		return refuse(signed.StageCertificate, attest.ErrCertificate, "certificate without the extended key usage code signing")
	case leaf.KeyUsage != 0 && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return refuse(signed.StageCertificate, attest.ErrCertificate, "certificate without the key usage digital signature")
	}
	return nil
}

// checkNames refuses a certificate with another number of names than one.
func checkNames(leaf *x509.Certificate) *attest.Error {
	switch n, err := countNames(leaf); {
	case err != nil:
		return &attest.Error{Stage: signed.StageIdentity, Kind: evidence.ErrFormat, Message: "names of the certificate", Errs: []error{err}}
	case n != 1:
		return refuse(signed.StageIdentity, attest.ErrCertificate, "certificate with %d names, want one", n)
	}
	return nil
}

// countNames counts the names of all kinds in the subject alternative name (RFC 5280
// §4.2.1.6). Those that crypto/x509 does not read are names too.
func countNames(leaf *x509.Certificate) (n int, err error) {
	for _, e := range leaf.Extensions {
		if !e.Id.Equal(cryptoutils.SANOID) {
			continue
		}
		var names []asn1.RawValue
		if _, err := asn1.Unmarshal(e.Value, &names); err != nil {
			return 0, err
		}
		n += len(names)
	}
	return n, nil
}

// Extensions that state the issuer.
var (
	oldIssuer = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 1} // the text itself
	newIssuer = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 8} // DER
)

// checkClaims refuses a certificate that states one fact twice and differently. Fulcio
// writes what its first extensions say once more in later ones.
func checkClaims(leaf *x509.Certificate, c *attest.Certificate) *attest.Error {
	issuer := c.Issuer
	for _, e := range leaf.Extensions {
		switch {
		case e.Id.Equal(oldIssuer) && string(e.Value) != issuer:
			return differ("issuer", string(e.Value), issuer)
		case e.Id.Equal(newIssuer):
			var text string
			if rest, err := asn1.Unmarshal(e.Value, &text); err != nil || len(rest) > 0 || text != issuer {
				return differ("issuer", text, issuer)
			}
		}
	}
	for _, f := range []struct{ what, old, new string }{
		{"trigger", c.GithubWorkflowTrigger, c.BuildTrigger},
		{"commit", c.GithubWorkflowSHA, c.SourceRepositoryDigest},
		{"ref", c.GithubWorkflowRef, c.SourceRepositoryRef},
	} {
		if f.old != "" && f.new != "" && f.old != f.new {
			return differ(f.what, f.old, f.new)
		}
	}
	if short, uri := c.GithubWorkflowRepository, c.SourceRepositoryURI; short != "" && uri != "" && !strings.HasSuffix(uri, "/"+short) {
		return differ("repository", short, uri)
	}
	return nil
}

func differ(what, old, new string) *attest.Error {
	return &attest.Error{Stage: signed.StageIdentity, Kind: attest.ErrCertificate, Message: "certificate states its " + what + " twice and differently", Got: old, Want: new}
}

func newCertificate(s *certificate.Summary, leaf *x509.Certificate) *attest.Certificate {
	return &attest.Certificate{
		Identity:                 s.SubjectAlternativeName,
		Issuer:                   s.Issuer,
		CertificateIssuer:        s.CertificateIssuer,
		NotBefore:                leaf.NotBefore.UTC(),
		NotAfter:                 leaf.NotAfter.UTC(),
		BuildSignerURI:           s.BuildSignerURI,
		BuildSignerDigest:        s.BuildSignerDigest,
		RunnerEnvironment:        s.RunnerEnvironment,
		SourceRepositoryURI:      s.SourceRepositoryURI,
		SourceRepositoryDigest:   s.SourceRepositoryDigest,
		SourceRepositoryRef:      s.SourceRepositoryRef,
		SourceRepositoryID:       s.SourceRepositoryIdentifier,
		SourceRepositoryOwnerURI: s.SourceRepositoryOwnerURI,
		SourceRepositoryOwnerID:  s.SourceRepositoryOwnerIdentifier,
		BuildConfigURI:           s.BuildConfigURI,
		BuildConfigDigest:        s.BuildConfigDigest,
		BuildTrigger:             s.BuildTrigger,
		RunInvocationURI:         s.RunInvocationURI,
		RepositoryVisibility:     s.SourceRepositoryVisibilityAtSigning,
		GithubWorkflowTrigger:    s.GithubWorkflowTrigger,
		GithubWorkflowSHA:        s.GithubWorkflowSHA,
		GithubWorkflowName:       s.GithubWorkflowName,
		GithubWorkflowRepository: s.GithubWorkflowRepository,
		GithubWorkflowRef:        s.GithubWorkflowRef,
	}
}
