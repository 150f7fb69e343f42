// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"regexp"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/recognize"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// The checks of certificates. They compare files of the pack, and trust none.
const (
	checkCertificate = "attest.certificate" // certificate files, and the signer that the manifest names, against signatures
	checkRoot        = "attest.root"        // trust roots in the pack against the authorities of its signatures
)

// mostCertificates bounds how many certificates of one file are looked at.
const mostCertificates = 64

// signerCertificate is the certificate that came with a signature.
type signerCertificate struct {
	doc    *Document
	leaf   *x509.Certificate
	others []*x509.Certificate // that came with it: its chain
	signer recognize.Signer
}

// signerCertificates returns the certificates of all signatures about the subject.
func (s *Subject) signerCertificates() []signerCertificate {
	var list []signerCertificate
	for _, d := range s.Documents {
		for _, b := range d.Attestations {
			var certs []*x509.Certificate
			for _, der := range b.UnverifiedCertificates() {
				if c, err := x509.ParseCertificate(der); err == nil {
					certs = append(certs, c)
				}
			}
			if len(certs) > 0 {
				list = append(list, signerCertificate{d, certs[0], certs[1:], recognize.SignerOf(certs[0].Raw)})
			}
		}
	}
	return list
}

// certificates returns the certificates in a file of PEM or DER.
func (d *Document) certificates() []*x509.Certificate {
	if c, err := x509.ParseCertificate(d.data); err == nil {
		return []*x509.Certificate{c}
	}
	var list []*x509.Certificate
	for block, rest := pem.Decode(d.data); block != nil && len(list) < mostCertificates; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			list = append(list, c)
		}
	}
	return list
}

// certificateChecks holds certificate files and the signer that the manifest names
// against the signatures of the image, and notes what is compared later.
func certificateChecks(s *Subject) evidence.Checks {
	signed := s.signerCertificates()
	s.stateSigners(signed)
	for _, d := range s.Documents {
		if d.File.Format == manifest.FormatTrustedRoot {
			s.roots = append(s.roots, d.rootCertificates()...)
		}
	}
	if s.Image == nil {
		return nil
	}
	var files []certificateFile
	for _, d := range s.Documents {
		if d.File.Kind == manifest.KindCertificate && d.data != nil {
			if f := compareCertificates(d, signed); len(f.certs) > 0 {
				files = append(files, f)
			}
		}
	}
	one := false
	for _, f := range files {
		one = one || f.signer
	}
	var checks evidence.Checks
	for _, f := range files {
		checks = append(checks, f.judge(s, signed, one))
	}
	if s.Image.Signing.Status == manifest.Unsigned && s.holds[manifest.KindImageSigning] != "" {
		// Who builds a pack may not have known of it: the manifest claims less than there is.
		p := warning(checkCertificate, manifest.Name, "the manifest says that image %s is unsigned, %s signs it", s.Name, s.holds[manifest.KindImageSigning])
		checks = append(checks, evidence.Judge(checkCertificate, "image "+s.Name, evidence.Problems{p}, ""))
	}
	if problems, ok := claimedSigner(s.Image, signed, files); ok {
		checks = append(checks, evidence.Judge(checkCertificate, "image "+s.Name, problems, "the signatures are by whom the manifest names"))
	}
	return checks
}

// certificateFile is a certificate file of an image, as it was compared.
type certificateFile struct {
	doc       *Document
	certs     []*x509.Certificate
	signer    bool // it holds the certificate of a signature
	authority bool // it holds only authorities, one of which issued such a certificate
}

func compareCertificates(d *Document, signed []signerCertificate) certificateFile {
	f := certificateFile{doc: d, certs: d.certificates()}
	onlyAuthorities := true
	for _, c := range f.certs {
		onlyAuthorities = onlyAuthorities && c.IsCA
		for _, s := range signed {
			f.signer = f.signer || c.Equal(s.leaf)
		}
	}
	for _, s := range signed {
		f.authority = f.authority || onlyAuthorities && s.chainsTo(f.certs)
	}
	return f
}

// judge makes the check of one certificate file. one reports that some certificate file
// of the image is that of a signature: others beside it may be of what is not in the pack.
func (f *certificateFile) judge(s *Subject, signed []signerCertificate, one bool) evidence.Check {
	path := f.doc.File.Path
	var problems evidence.Problems
	ok := "is the certificate of a signature of the image"
	switch {
	case f.signer:
	case f.authority:
		ok = "is of the authority that issued the certificate of a signature"
	default:
		p := warning(checkCertificate, path, "is the certificate of no signature of image %s in the pack", s.Name)
		for _, other := range signed {
			if other.doc.File.Kind == manifest.KindSignature && !one {
				p = warning(checkCertificate, path, "certificate of %s is not the one in the signature %s, which is of %s", holder(f.certs[0]), other.doc.File.Path, holder(other.leaf))
				p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
				break
			}
		}
		problems = append(problems, p)
	}
	return evidence.Judge(checkCertificate, path, problems, ok)
}

// holder names whom a certificate was issued to, with its number: an identity has many.
func holder(c *x509.Certificate) string {
	name := recognize.SignerOf(c.Raw).Identity
	if name == "" {
		name = c.Subject.String()
	}
	return textfmt.Quote(name) + " (serial number " + textfmt.Clip(c.SerialNumber.Text(16), 40) + ")"
}

// claimedSigner holds the identity that the manifest gives for an image's signature
// against the certificates: of the bundle that it names, else of any signature of the
// image, else of certificate files. ok is false if there is nothing to compare.
func claimedSigner(img *manifest.Image, signed []signerCertificate, files []certificateFile) (problems evidence.Problems, ok bool) {
	claim := &img.Signing
	if claim.CertificateIdentity == "" && claim.CertificateIdentityRegexp == "" {
		return nil, false
	}
	var inBundle, inSignatures, inFiles []recognize.Signer
	for _, s := range signed {
		if s.doc.File.Path == claim.Bundle {
			inBundle = append(inBundle, s.signer)
		}
		if s.doc.File.Kind == manifest.KindSignature {
			inSignatures = append(inSignatures, s.signer)
		}
	}
	for _, f := range files {
		for _, c := range f.certs {
			if !c.IsCA {
				inFiles = append(inFiles, recognize.SignerOf(c.Raw))
			}
		}
	}
	found := inFiles
	if len(inSignatures) > 0 {
		found = inSignatures
	}
	if len(inBundle) > 0 {
		found = inBundle
	}
	if len(found) == 0 {
		return nil, false
	}
	pattern, err := regexp.Compile(claim.CertificateIdentityRegexp)
	for _, s := range found {
		same := s.Identity == claim.CertificateIdentity
		if claim.CertificateIdentityRegexp != "" {
			same = err == nil && pattern.MatchString(s.Identity)
		}
		if same && s.Issuer == claim.CertificateOIDCIssuer {
			return nil, true
		}
	}
	p := warning(checkCertificate, manifest.Name, "the manifest says that %s (%s) signed image %s, its certificate is of %s (%s)",
		textfmt.Quote(claim.CertificateIdentity+claim.CertificateIdentityRegexp), textfmt.Quote(claim.CertificateOIDCIssuer), img.Name, textfmt.Quote(found[0].Identity), textfmt.Quote(found[0].Issuer))
	p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
	return evidence.Problems{p}, true
}

// stateSigners notes which authorities issued the certificates of signatures, and what
// certificate files state of the release. Signatures state nothing: others than the
// release's own workflow may sign an image too.
func (s *Subject) stateSigners(signed []signerCertificate) {
	for _, c := range signed {
		known := false
		for _, have := range s.issued {
			known = known || bytes.Equal(have.leaf.RawIssuer, c.leaf.RawIssuer) && bytes.Equal(have.leaf.AuthorityKeyId, c.leaf.AuthorityKeyId)
		}
		if !known {
			s.issued = append(s.issued, signerCertificate{leaf: c.leaf, others: c.others})
		}
	}
	for _, d := range s.Documents {
		if d.File.Kind != manifest.KindCertificate || d.data == nil {
			continue
		}
		for _, c := range d.certificates() {
			signer := recognize.SignerOf(c.Raw)
			d.state(pinRepository, signer.Repository, "source of the certificate")
			if tag, ok := strings.CutPrefix(signer.Ref, "refs/tags/"); ok {
				d.state(pinVersion, tag, "tag in the certificate")
			}
		}
	}
}

// rootCertificates returns the certificate authorities of a trusted_root.json (Sigstore
// protobuf-specs, sigstore_trustroot.proto). It believes nothing of them.
func (d *Document) rootCertificates() []*x509.Certificate {
	var list []*x509.Certificate
	j := jsonstrict.NewBytes(d.data, jsonstrict.Options{})
	member := func(name string, value func()) {
		if j.Kind() != jsonstrict.Object {
			j.Skip()
			return
		}
		for j.Object(); j.Next(); {
			if string(j.Key()) == name {
				value()
			} else {
				j.Skip()
			}
		}
	}
	each := func(value func()) {
		if j.Kind() != jsonstrict.Array {
			j.Skip()
			return
		}
		for j.Array(); j.Next(); {
			value()
		}
	}
	raw := func() {
		if j.Kind() != jsonstrict.String {
			j.Skip()
			return
		}
		der, err := base64.StdEncoding.DecodeString(j.String())
		if err != nil || len(list) == mostCertificates {
			return
		}
		if c, err := x509.ParseCertificate(der); err == nil {
			list = append(list, c)
		}
	}
	for j.More() {
		member("certificateAuthorities", func() {
			each(func() {
				member("certChain", func() { member("certificates", func() { each(func() { member("rawBytes", raw) }) }) })
			})
		})
		if j.Err() != nil {
			break
		}
	}
	return list
}

// chainsTo reports whether one of the authorities issued the certificate, or one that
// came with it and stands above it.
func (c *signerCertificate) chainsTo(authorities []*x509.Certificate) bool {
	at := c.leaf
	for range len(c.others) + 1 {
		for _, a := range authorities {
			if bytes.Equal(a.Raw, at.Raw) || issued(a, at) {
				return true
			}
		}
		var above *x509.Certificate
		for _, o := range c.others {
			if !bytes.Equal(o.Raw, at.Raw) && issued(o, at) {
				above = o
			}
		}
		if above == nil {
			return false
		}
		at = above
	}
	return false
}

func issued(authority, c *x509.Certificate) bool {
	return bytes.Equal(authority.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(authority) == nil
}

// rootChecks holds the trust roots in the pack against the authorities of its signatures.
// Whom to trust is the caller's to say: a root that does not belong to them is a warning.
func rootChecks(r *Release) evidence.Checks {
	var roots []*x509.Certificate
	for _, s := range r.Subjects {
		roots = append(roots, s.roots...)
	}
	if len(roots) == 0 {
		return nil
	}
	var problems evidence.Problems
	compared := 0
	for _, s := range r.Subjects {
		for _, c := range s.issued {
			if compared++; !c.chainsTo(roots) && len(problems) < mostProblems {
				problems = append(problems, warning(checkRoot, "", "a signature about %s has a certificate of %s, which no trust root in the pack lists", subjectName(s.Name), textfmt.Quote(c.leaf.Issuer.String())))
			}
		}
	}
	if compared == 0 {
		return nil
	}
	return evidence.Checks{evidence.Judge(checkRoot, "", problems, "the trust roots in the pack list the authorities of its signatures")}
}
