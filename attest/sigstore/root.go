// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
)

// maxRootBytes bounds a trusted root; the largest public one has 30 kB.
const maxRootBytes = 4 << 20

// TrustedRoot is the Sigstore instances that the caller trusts: their certificate
// authorities, transparency logs and timestamp authorities with their periods of
// validity. Parse it once and share it; it may be used concurrently.
type TrustedRoot struct{ instances []*instance }

// instance is one Sigstore instance. An attestation holds by one of them alone.
type instance struct {
	root        *root.TrustedRoot
	authorities []*authority
	logs        map[string]*rekorLog // by hexadecimal log id
}

// rekorLog is a transparency log with the verifier of its key.
type rekorLog struct {
	*root.TransparencyLog
	verifier signature.Verifier
}

// ParseTrustedRoot reads a trusted_root.json (Sigstore protobuf-specs,
// sigstore_trustroot.proto, media type
// "application/vnd.dev.sigstore.trustedroot+json;version=0.1"), or several, one after
// the other, as "gh attestation trusted-root" writes them: one a line, of one instance each.
//
// Certificates are verified against each other now, so that verifying an
// attestation need not: what is left then is the signature of its own certificate.
func ParseTrustedRoot(data []byte) (*TrustedRoot, error) {
	if len(data) > maxRootBytes {
		return nil, fmt.Errorf("sigstore: trusted root of %d bytes, the limit is %d: %w", len(data), maxRootBytes, evidence.ErrLimit)
	}
	t := &TrustedRoot{}
	// Protobuf JSON takes the last of members with equal names.
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	for d.More() {
		text := d.Raw()
		if d.Err() != nil {
			break
		}
		if len(t.instances) == maxInstances {
			return nil, fmt.Errorf("sigstore: more than %d trusted roots in one file: %w", maxInstances, evidence.ErrLimit)
		}
		one, err := newInstance(text)
		if err != nil {
			return nil, err
		}
		t.instances = append(t.instances, one)
	}
	if err := d.End(); err != nil {
		return nil, fmt.Errorf("sigstore: trusted root: %w", err)
	}
	if len(t.instances) == 0 {
		return nil, fmt.Errorf("sigstore: no trusted root in the file: %w", evidence.ErrFormat)
	}
	return t, nil
}

// Newest returns when the newest key or authority of the root became valid: a root is at
// least as new as that. It does not say when it was fetched.
func (t *TrustedRoot) Newest() time.Time {
	var newest time.Time
	since := func(start time.Time) {
		if start.After(newest) {
			newest = start.UTC()
		}
	}
	for _, i := range t.instances {
		for _, log := range i.root.RekorLogs() {
			since(log.ValidityPeriodStart)
		}
		for _, log := range i.root.CTLogs() {
			since(log.ValidityPeriodStart)
		}
		for _, ca := range i.root.FulcioCertificateAuthorities() {
			if f, ok := ca.(*root.FulcioCertificateAuthority); ok {
				since(f.ValidityPeriodStart)
			}
		}
		for _, tsa := range i.root.TimestampingAuthorities() {
			if a, ok := tsa.(*root.SigstoreTimestampingAuthority); ok {
				since(a.ValidityPeriodStart)
			}
		}
	}
	return newest
}

// issuers returns the instances that may judge a signature by a certificate: those with
// the authority that issued it, whatever their place in the file.
func (t *TrustedRoot) issuers(leaf *x509.Certificate) []*instance {
	var issuers []*instance
	for _, i := range t.instances {
		if slices.ContainsFunc(i.authorities, func(a *authority) bool { return a.issues(leaf) }) {
			issuers = append(issuers, i)
		}
	}
	return issuers
}

// notInRoot is the error of a certificate that no authority of the root issued.
func notInRoot(leaf *x509.Certificate) *attest.Error {
	return refuse(signed.StageCertificate, attest.ErrTrustRoot, "not in this trust root: certificate issued by %q", leaf.Issuer.String())
}

// maxInstances bounds the instances of one root, each of which may judge an attestation.
const maxInstances = 16

func newInstance(data []byte) (*instance, error) {
	r, err := root.NewTrustedRootFromJSON(data)
	if err != nil {
		return nil, fmt.Errorf("sigstore: trusted root: %w: %w", evidence.ErrFormat, err)
	}
	t := &instance{root: r, logs: map[string]*rekorLog{}}
	for _, ca := range r.FulcioCertificateAuthorities() {
		t.authorities = append(t.authorities, newAuthority(ca))
	}
	for id, log := range r.RekorLogs() {
		if log.ValidityPeriodStart.IsZero() {
			return nil, fmt.Errorf("sigstore: trusted root: key of log %s without the start of its period: %w", log.BaseURL, evidence.ErrFormat)
		}
		v, err := signature.LoadVerifier(log.PublicKey, log.SignatureHashFunc)
		if err != nil {
			return nil, fmt.Errorf("sigstore: trusted root: key of log %s: %w: %w", log.BaseURL, evidence.ErrFormat, err)
		}
		t.logs[id] = &rekorLog{log, v}
	}
	return t, nil
}

// log returns the log with an id, nil if the root does not have it.
func (t *instance) log(id []byte) *rekorLog { return t.logs[hex.EncodeToString(id)] }
