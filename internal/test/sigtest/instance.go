// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"time"
)

// Epoch is when things are signed unless a [Signing] says otherwise.
var Epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// The instance's keys and authorities hold for longer than any test looks.
var (
	founded = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	closed  = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Instance is one Sigstore instance. Its parts may be replaced before
// [Instance.TrustedRoot] or a signing: by those of another instance, say.
type Instance struct {
	Fulcio *Authority
	CT     []*Log       // two certificate logs
	Rekor  *Log         // Rekor v1
	Tiles  *Log         // Rekor v2
	TSA    []*Authority // two timestamp authorities
}

// New returns an instance with new keys whose parts are hosts below domain.
func New(domain string) *Instance {
	return &Instance{
		Fulcio: NewFulcio("fulcio."+domain, founded, closed),
		CT:     []*Log{newLog("ct1."+domain, p256()), newLog("ct2."+domain, p256())},
		Rekor:  newLog("rekor."+domain, p256()),
		Tiles:  newLog("log2026-1.rekor."+domain, newEd25519()),
		TSA:    []*Authority{newTSA("tsa1." + domain), newTSA("tsa2." + domain)},
	}
}

// NewGitHub returns an instance like GitHub's own, which signs releases: as nobody asks it
// for log entries, [ReleaseSigning] has none.
func NewGitHub() *Instance {
	in := New("githubapp.test")
	in.Fulcio = NewFulcio("GitHub, Inc.", founded, closed)
	return in
}

// ReleaseSigning is how GitHub signs an immutable release.
func (in *Instance) ReleaseSigning() Signing {
	return Signing{Holder: Holder{Name: "https://dotcom.releases.github.com"}, SCTs: []*Log{}, Entries: []string{}, TSAs: in.TSA[:1]}
}

// Clone returns an instance with the same keys, whose parts may be changed without
// changing those of in. Making keys is most of the time that a test takes.
func (in *Instance) Clone() *Instance {
	log := func(l *Log) *Log { c := *l; return &c }
	authority := func(a *Authority) *Authority { c := *a; return &c }
	c := &Instance{Fulcio: authority(in.Fulcio), Rekor: log(in.Rekor), Tiles: log(in.Tiles)}
	for _, l := range in.CT {
		c.CT = append(c.CT, log(l))
	}
	for _, a := range in.TSA {
		c.TSA = append(c.TSA, authority(a))
	}
	return c
}

// TrustedRoot returns the trusted_root.json of the instance.
func (in *Instance) TrustedRoot() []byte {
	type list []any
	root := map[string]any{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}
	logs := func(logs ...*Log) (all list) {
		for _, l := range logs {
			all = append(all, l.trusted())
		}
		return all
	}
	authorities := func(authorities ...*Authority) (all list) {
		for _, a := range authorities {
			all = append(all, a.trusted())
		}
		return all
	}
	root["tlogs"] = logs(in.Rekor, in.Tiles)
	root["ctlogs"] = logs(in.CT...)
	root["certificateAuthorities"] = authorities(in.Fulcio)
	root["timestampAuthorities"] = authorities(in.TSA...)
	return must(json.MarshalIndent(root, "", "  "))
}

// validFor returns a TimeRange; a zero until is open.
func validFor(from, until time.Time) map[string]string {
	r := map[string]string{"start": from.Format(time.RFC3339)}
	if !until.IsZero() {
		r["end"] = until.Format(time.RFC3339)
	}
	return r
}

func p256() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func spki(key crypto.Signer) []byte { return must(x509.MarshalPKIXPublicKey(key.Public())) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
