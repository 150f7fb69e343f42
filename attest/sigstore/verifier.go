// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"github.com/sigstore/sigstore-go/pkg/fulcio/certificate"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/cryptoutils"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Options says how much evidence is wanted beside the signature. Zero values are
// the defaults, which are Sigstore's own; lowering one shows in
// [attest.Verified.Weakened].
type Options struct {
	LogEntries       int // verified entries, each of another transparency log; default 1
	Timestamps       int // trusted times of signing, of logs or timestamp authorities; default 1
	SignedTimestamps int // RFC 3161 timestamps, each of another authority; default 0
	SCTs             int // signed certificate timestamps, each of another log; default 1

	UnsafeNoLogEntry  bool // ask for no log entry; one that is there must still hold
	UnsafeNoTimestamp bool // ask for no trusted time; only for keys, as a certificate lives for minutes
	UnsafeNoSCT       bool // ask for no signed certificate timestamp; for instances that have no certificate log
}

// thresholds are Options with the defaults filled in.
type thresholds struct {
	logEntries, timestamps, signedTimestamps, scts int
	weakened                                       []string
}

func (o *Options) thresholds(key bool) (thresholds, error) {
	if o == nil {
		o = &Options{}
	}
	var t thresholds
	var err error
	pick := func(n, least int, none bool, what string) int {
		switch {
		case n < 0 || none && n > 0:
			err = fmt.Errorf("sigstore: %d %s", n, what)
			return least
		case none:
			t.weakened = append(t.weakened, "keyless: no "+what+" asked for")
			return 0
		}
		return max(n, least)
	}
	t.logEntries = pick(o.LogEntries, 1, o.UnsafeNoLogEntry, "transparency log entry")
	t.timestamps = pick(o.Timestamps, 1, o.UnsafeNoTimestamp, "trusted time")
	t.signedTimestamps = pick(o.SignedTimestamps, 0, false, "signed timestamp")
	if key {
		if o.SCTs != 0 || o.UnsafeNoSCT {
			err = errors.New("sigstore: a key has no signed certificate timestamps")
		}
	} else {
		t.scts = pick(o.SCTs, 1, o.UnsafeNoSCT, "signed certificate timestamp")
		if o.UnsafeNoTimestamp {
			err = errors.New("sigstore: a certificate cannot be verified without a trusted time")
		}
	}
	return t, err
}

// Verifier accepts keyless signatures of one identity, or, with [NewKeyVerifier],
// signatures by a key that are logged or timestamped. It is an attest.Verifier and
// may be used concurrently.
type Verifier struct{ verifier }

type verifier = attest.Verifier

func seal(j *judge) *Verifier { return &Verifier{signed.Seal(j).(attest.Verifier)} }

// judge is what a Verifier checks.
type judge struct {
	root     *TrustedRoot
	want     thresholds
	expected *matcher    // of a certificate
	key      *attest.Key // of a plain key
}

// NewVerifier returns a verifier of keyless signatures by the expected signer; nil
// options mean the defaults. The error says what is wrong with expected or o.
func NewVerifier(r *TrustedRoot, expected Expected, o *Options) (*Verifier, error) {
	if r == nil || expected == nil {
		return nil, errors.New("sigstore: a verifier needs a trusted root and an expected signer")
	}
	want, err := o.thresholds(false)
	if err != nil {
		return nil, err
	}
	m, err := expected.compile()
	if err != nil {
		return nil, err
	}
	return seal(&judge{root: r, want: want, expected: m}), nil
}

// NewGitHubReleaseVerifier returns a verifier of what GitHub signs of immutable releases:
// a statement of type [attest.ReleaseV02]. The signer is GitHub's release service alone,
// by a certificate of GitHub's own authority, at a time that one of its timestamp
// authorities states. GitHub keeps these signatures in no log, so none is asked for, here
// and nowhere else. The root is the one that "gh attestation trusted-root" writes.
func NewGitHubReleaseVerifier(r *TrustedRoot) (*Verifier, error) {
	if r == nil {
		return nil, errors.New("sigstore: a verifier needs a trusted root")
	}
	return seal(&judge{root: r, want: thresholds{timestamps: 1, signedTimestamps: 1}, expected: releaseService()}), nil
}

// NewKeyVerifier returns a verifier of signatures by a key whose bundle also
// shows, as o asks, that they were logged and when they were made. A key without
// such evidence is verified by the key itself.
func NewKeyVerifier(r *TrustedRoot, key *attest.Key, o *Options) (*Verifier, error) {
	if r == nil || key == nil {
		return nil, errors.New("sigstore: a verifier needs a trusted root and a key")
	}
	want, err := o.thresholds(true)
	if err != nil {
		return nil, err
	}
	return seal(&judge{root: r, want: want, key: key}), nil
}

// String names the signer that is expected.
func (v *judge) String() string {
	if v.key != nil {
		return v.key.String() + " with log and time"
	}
	return v.expected.text
}

// Judge implements signed.Judge.
func (v *judge) Judge(ctx context.Context, in *signed.Input, i int) (signer attest.Signer, err error) {
	defer func() {
		// The libraries below read what a stranger wrote.
		if p := recover(); p != nil {
			err = &attest.Error{Stage: signed.StageBundle, Kind: evidence.ErrFormat, Message: textfmt.Clip(fmt.Sprintf("malformed evidence: %v", p), 200)}
		}
	}()
	if len(in.Signatures) != 1 {
		return signer, refuse(signed.StageSignature, attest.ErrSignature, "%d signatures, want one for one certificate and log entry", len(in.Signatures))
	}
	signature := judgement{judge: v, in: in, sig: in.Signatures[i].Bytes}
	if failed := signature.material(); failed != nil {
		return signer, failed
	}
	instances, known := v.root.instances, true
	if leaf := signature.leaf; leaf != nil {
		// Without an issuer none will accept; what they refuse first is the reason then.
		if issuers := v.root.issuers(leaf); len(issuers) > 0 {
			instances = issuers
		} else {
			known = false
		}
	}
	var failed *attest.Error
	for _, instance := range instances {
		j := signature
		j.root = instance
		refused := j.run()
		if refused == nil {
			return j.signer, nil
		}
		if !known && refused.Kind == attest.ErrThreshold {
			refused = notInRoot(signature.leaf) // which is why there was nothing to count
		}
		// Why an instance refuses what is its own tells more than that another does not know it.
		if failed == nil || failed.Kind == attest.ErrTrustRoot {
			failed = refused
		}
	}
	return signer, failed
}

// judgement is one attestation on its way through the stages.
type judgement struct {
	*judge
	root   *instance // of the trusted root
	in     *signed.Input
	sig    []byte
	leaf   *x509.Certificate // nil for a key
	public crypto.PublicKey
	signer attest.Signer
	entry  []attest.Time // times of log entries, trusted or not: all must lie within the validity
	logs   []loggedEntry // entries of known logs
}

func (j *judgement) run() *attest.Error {
	steps := []func() *attest.Error{j.log, j.times, j.logPeriods, j.chain, j.signature, j.identity}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// material takes the certificate or the key.
func (j *judgement) material() *attest.Error {
	if j.key != nil {
		j.public = j.key.Public()
		j.signer.KeyID = j.key.ID()
		j.signer.Weakened = j.want.weakened
		return nil
	}
	if len(j.in.Certificates) == 0 {
		return &attest.Error{Stage: signed.StageIdentity, Kind: attest.ErrIdentity, Message: "signed with a key, not with a certificate: there is no identity", Want: j.expected.text}
	}
	leaf, err := x509.ParseCertificate(j.in.Certificates[0])
	if err != nil {
		return &attest.Error{Stage: signed.StageCertificate, Kind: evidence.ErrFormat, Errs: []error{err}}
	}
	// Fulcio writes user names as an otherName, which crypto/x509 does not read;
	// SummarizeCertificate does.
	leaf.UnhandledCriticalExtensions = slices.DeleteFunc(leaf.UnhandledCriticalExtensions, func(id asn1.ObjectIdentifier) bool {
		return id.Equal(cryptoutils.SANOID)
	})
	j.leaf, j.public = leaf, leaf.PublicKey
	if j.signer.KeyID, err = signed.KeyID(leaf.PublicKey); err != nil {
		return &attest.Error{Stage: signed.StageCertificate, Kind: evidence.ErrFormat, Errs: []error{err}}
	}
	j.signer.Weakened = j.want.weakened
	return nil
}

// times collects the trusted times of signing and holds them against thresholds
// and validity.
func (j *judgement) times() *attest.Error {
	stamps, causes, err := verify.VerifySignedTimestamp(&entity{judgement: j}, j.root.root)
	if err != nil {
		return &attest.Error{Stage: signed.StageTime, Kind: attest.ErrTime, Errs: []error{err}}
	}
	for _, t := range stamps {
		j.signer.Times = append(j.signer.Times, attest.Time{Source: "tsa", Authority: t.URI, Time: t.Time.UTC()})
	}
	slices.SortStableFunc(j.signer.Times, func(a, b attest.Time) int { return a.Time.Compare(b.Time) })
	if n := len(stamps); n < j.want.signedTimestamps {
		return tooFew(signed.StageTime, "signed timestamps", n, j.want.signedTimestamps, causes)
	}
	if n := len(j.signer.Times); n < j.want.timestamps {
		return tooFew(signed.StageTime, "trusted times of signing", n, j.want.timestamps, causes)
	}
	if j.leaf == nil {
		return nil
	}
	for _, t := range append(j.signer.Times[:len(j.signer.Times):len(j.signer.Times)], j.entry...) {
		if t.Time.Before(j.leaf.NotBefore) || t.Time.After(j.leaf.NotAfter) {
			return &attest.Error{
				Stage: signed.StageTime, Kind: attest.ErrTime, Message: "certificate not valid at the time of signing that the " + sourceName(t.Source) + " states",
				Got: stamp(t.Time), Want: stamp(j.leaf.NotBefore) + " to " + stamp(j.leaf.NotAfter),
			}
		}
	}
	return nil
}

func sourceName(source string) string {
	if source == "tsa" {
		return "timestamp"
	}
	return "log entry"
}

// chain verifies the certificate up to the trust root, and that it was logged.
func (j *judgement) chain() *attest.Error {
	if j.leaf == nil {
		return nil
	}
	if failed := checkUsage(j.leaf); failed != nil {
		return failed
	}
	chains, failed := j.root.chains(j.leaf, j.signer.Times)
	if failed != nil {
		return failed
	}
	if j.want.scts == 0 {
		return nil
	}
	if err := verify.VerifySignedCertificateTimestamp(chains, j.want.scts, j.root.root); err != nil {
		return &attest.Error{Stage: signed.StageSCT, Kind: attest.ErrLog, Message: "certificate not in a certificate log of the trust root", Errs: []error{err}}
	}
	return nil
}

func (j *judgement) signature() *attest.Error {
	switch err := signed.Check(j.public, j.in, j.sig); {
	case err == nil:
		return nil
	case errors.Is(err, signed.ErrSignature):
		return &attest.Error{Stage: signed.StageSignature, Kind: attest.ErrSignature}
	default:
		return &attest.Error{Stage: signed.StageSignature, Kind: attest.ErrSignature, Errs: []error{err}}
	}
}

// identity compares the certificate with what is expected.
func (j *judgement) identity() *attest.Error {
	if j.leaf == nil {
		return nil
	}
	if failed := checkNames(j.leaf); failed != nil {
		return failed
	}
	summary, err := certificate.SummarizeCertificate(j.leaf)
	if err != nil {
		return &attest.Error{Stage: signed.StageIdentity, Kind: attest.ErrCertificate, Errs: []error{err}}
	}
	c := newCertificate(&summary, j.leaf)
	if failed := j.expected.match(c); failed != nil {
		return failed
	}
	if failed := checkClaims(j.leaf, c); failed != nil {
		return failed
	}
	if j.expected.pullRequests(c) {
		j.signer.Weakened = append(j.signer.Weakened[:len(j.signer.Weakened):len(j.signer.Weakened)], "identity: the pattern also accepts the workflow of a pull request")
	}
	j.signer.Certificate = c
	return nil
}

func refuse(stage attest.Stage, kind error, format string, args ...any) *attest.Error {
	return &attest.Error{Stage: stage, Kind: kind, Message: fmt.Sprintf(format, args...)}
}

func tooFew(stage attest.Stage, what string, n, want int, causes []error) *attest.Error {
	return &attest.Error{Stage: stage, Kind: attest.ErrThreshold, Message: fmt.Sprintf("%d %s, want %d", n, what, want), Errs: causes}
}
