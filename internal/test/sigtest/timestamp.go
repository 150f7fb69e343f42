// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigtest

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"time"

	"github.com/digitorus/timestamp"
)

func newTSA(host string) *Authority {
	a := newAuthority(host, founded, closed, x509.ExtKeyUsageTimeStamping)
	key := p256()
	a.Leaf = certify(&x509.Certificate{
		Subject:   pkix.Name{CommonName: "timestamps", Organization: []string{host}},
		NotBefore: founded, NotAfter: closed, KeyUsage: x509.KeyUsageDigitalSignature,
		// The purpose must be critical (RFC 3161 section 2.3), which x509.Certificate cannot say.
		ExtraExtensions: []pkix.Extension{{
			Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
			Value: must(asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})),
		}},
	}, a.Issuer, key.Public(), a.key)
	a.key = key
	return a
}

// Stamp returns a TimeStampResp over a signature (RFC 3161 section 2.4.2).
func (a *Authority) Stamp(signature []byte, at time.Time) []byte {
	sum := sha256.Sum256(signature)
	ts := timestamp.Timestamp{
		HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: at,
		Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 2},
	}
	return must(ts.CreateResponseWithOpts(a.Leaf, a.key, crypto.SHA256))
}
