// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/url"
	"strings"
	"time"
)

// Authority issues certificates, or timestamps, below a root of its own.
type Authority struct {
	URI         string
	Root        *x509.Certificate
	Issuer      *x509.Certificate // the intermediate certificate
	Leaf        *x509.Certificate // of a timestamp authority
	From, Until time.Time         // as the trusted root states it; a zero Until is open
	key         *ecdsa.PrivateKey // of Leaf, or of Issuer where there is none
}

var serial int64

// certify returns template as a certificate by parent, or by itself.
func certify(template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	if template.SerialNumber == nil {
		serial++
		template.SerialNumber = big.NewInt(serial)
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, parent, public, key))))
}

// NewFulcio returns a certificate authority whose intermediate certificate is
// valid in the given time; its root is always.
func NewFulcio(host string, from, until time.Time) *Authority {
	return newAuthority(host, from, until, x509.ExtKeyUsageCodeSigning)
}

func newAuthority(host string, from, until time.Time, usage x509.ExtKeyUsage) *Authority {
	template := func(name string, from, until time.Time) *x509.Certificate {
		return &x509.Certificate{
			Subject:   pkix.Name{CommonName: name, Organization: []string{host}},
			NotBefore: from, NotAfter: until,
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}
	}
	a := &Authority{URI: "https://" + host, From: founded, key: p256()}
	rootKey := p256()
	self := template("root", founded, closed)
	a.Root = certify(self, self, rootKey.Public(), rootKey)
	intermediate := template("intermediate", from, until)
	intermediate.ExtKeyUsage = []x509.ExtKeyUsage{usage}
	a.Issuer = certify(intermediate, a.Root, a.key.Public(), rootKey)
	return a
}

// trusted returns the CertificateAuthority of a trusted root.
func (a *Authority) trusted() any {
	type certificate struct {
		RawBytes []byte `json:"rawBytes"`
	}
	var chain []certificate // leaf first
	for _, c := range []*x509.Certificate{a.Leaf, a.Issuer, a.Root} {
		if c != nil {
			chain = append(chain, certificate{c.Raw})
		}
	}
	return map[string]any{
		"subject":   map[string]string{"organization": a.Root.Subject.Organization[0], "commonName": a.Root.Subject.CommonName},
		"uri":       a.URI,
		"certChain": map[string]any{"certificates": chain},
		"validFor":  validFor(a.From, a.Until),
	}
}

// Holder is who a certificate is issued to.
type Holder struct {
	Name   string         // subject alternative name: a URL or an e-mail address
	Issuer string         // of the OIDC token; empty for a service that has none
	Claims map[int]string // the further extensions 1.3.6.1.4.1.57264.1.N, by N

	// Change, if not nil, changes the certificate before it is signed.
	Change func(*x509.Certificate)
}

// GitHubIssuer is the OIDC issuer of GitHub Actions.
const GitHubIssuer = "https://token.actions.githubusercontent.com"

// Commit is the commit that a [Workflow] runs on.
const Commit = "0123456789abcdef0123456789abcdef01234567"

// Workflow returns a workflow of GitHub Actions that a push to ref has started.
func Workflow(owner, repository, file, ref string) Holder {
	source := "https://github.com/" + owner + "/" + repository
	name := source + "/.github/workflows/" + file + "@" + ref
	return Holder{Name: name, Issuer: GitHubIssuer, Claims: map[int]string{
		2: "push", 3: Commit, 4: "build", 5: owner + "/" + repository, 6: ref,
		9: name, 10: Commit, 11: "github-hosted", 12: source, 13: Commit, 14: ref, 15: "1", 16: "https://github.com/" + owner, 17: "2",
		18: name, 19: Commit, 20: "push", 21: source + "/actions/runs/1/attempts/1", 22: "private",
	}}
}

// extensions returns Fulcio's. Up to number 7 the value is the bare text, from
// number 8 on a DER UTF8String.
func (h Holder) extensions() []pkix.Extension {
	var list []pkix.Extension
	add := func(n int, value string) {
		raw := []byte(value)
		if n > 7 {
			raw = must(asn1.MarshalWithParams(value, "utf8"))
		}
		list = append(list, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, n}, Value: raw})
	}
	if h.Issuer != "" {
		add(1, h.Issuer)
		add(8, h.Issuer)
	}
	for n := range 32 {
		if value, ok := h.Claims[n]; ok {
			add(n, value)
		}
	}
	return list
}

// lifetime is how long Fulcio's certificates are valid.
const lifetime = 10 * time.Minute

// Certificate returns a certificate that the authority issues at the given time,
// with a timestamp of each of the certificate logs in it (RFC 6962 section 3.3).
func (a *Authority) Certificate(h Holder, public crypto.PublicKey, issued time.Time, logs ...*Log) *x509.Certificate {
	template := &x509.Certificate{
		NotBefore: issued, NotAfter: issued.Add(lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		ExtraExtensions: h.extensions(),
	}
	if strings.Contains(h.Name, "://") {
		template.URIs = []*url.URL{must(url.Parse(h.Name))}
	} else {
		template.EmailAddresses = []string{h.Name}
	}
	if h.Change != nil {
		h.Change(template)
	}
	// What the logs sign is the certificate as it is without their timestamps.
	bare := certify(template, a.Issuer, public, a.key)
	if len(logs) == 0 {
		return bare
	}
	template.ExtraExtensions = append(template.ExtraExtensions, timestampList(logs, a.Issuer, bare.RawTBSCertificate, issued))
	return certify(template, a.Issuer, public, a.key)
}
