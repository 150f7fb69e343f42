// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/sigtest"
)

type refusal struct {
	change func(t *testing.T, a *attempt)
	stage  attest.Stage
	kind   error
	says   []string
}

// refused are attestations that differ in one thing from one that is accepted.
var refused = map[string]refusal{
	// Who signed.
	"another tag":        {holder(sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/tags/v1.483")), "identity", attest.ErrIdentity, []string{"got", "@refs/tags/v1.483", "want", `@^(?:refs/tags/v1\\.482)$`}},
	"longer tag":         {holder(sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/tags/v1.4820")), "identity", attest.ErrIdentity, []string{"wrong identity"}},
	"branch":             {holder(sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/heads/v1.482")), "identity", attest.ErrIdentity, []string{"wrong identity"}},
	"pull request":       {holder(sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/pull/9/merge")), "identity", attest.ErrIdentity, []string{"refs/pull/9/merge"}},
	"another workflow":   {holder(sigtest.Workflow("HailBytes", "hailbytes-asm", "test.yml", "refs/tags/v1.482")), "identity", attest.ErrIdentity, []string{"test.yml"}},
	"another repository": {holder(sigtest.Workflow("HailBytes", "hailbytes-docs", "build.yml", "refs/tags/v1.482")), "identity", attest.ErrIdentity, []string{"hailbytes-docs"}},
	"similar owner":      {holder(sigtest.Workflow("HailBytes-asm", "hailbytes-asm", "build.yml", "refs/tags/v1.482")), "identity", attest.ErrIdentity, []string{"HailBytes-asm/"}},
	"owner in other case": {holder(sigtest.Workflow("hailbytes", "hailbytes-asm", "build.yml", "refs/tags/v1.482")), "identity", attest.ErrIdentity,
		[]string{"wrong identity"}},
	"another issuer": {func(_ *testing.T, a *attempt) {
		a.signing.Holder = workflow(nil)
		a.signing.Holder.Issuer = sigtest.GitHubIssuer + "/stranger"
	}, "identity", attest.ErrIdentity, []string{"wrong issuer", "githubusercontent.com/stranger"}},
	"expected name inside another": {func(_ *testing.T, a *attempt) {
		a.signing.Holder = sigtest.Holder{Name: "https://stranger.example/?" + workflow(nil).Name, Issuer: sigtest.GitHubIssuer}
		a.expected = sigstore.Identity{SANPattern: `https://github\.com/HailBytes/.+/\.github/workflows/.+`, Issuer: sigstore.GitHubIssuer}
	}, "identity", attest.ErrIdentity, []string{"stranger.example"}},
	"workflow called by another repository": {holder(workflow(map[int]string{12: "https://github.com/stranger/asm"})), "identity.extension", attest.ErrIdentity,
		[]string{"source repository", "stranger/asm"}},
	"repository of another owner":    {holder(workflow(map[int]string{16: "https://github.com/stranger"})), "identity.extension", attest.ErrIdentity, []string{"owner"}},
	"source of another ref":          {holder(workflow(map[int]string{14: "refs/heads/main"})), "identity.extension", attest.ErrIdentity, []string{"refs/heads/main"}},
	"no commit":                      {holder(workflow(map[int]string{13: ""})), "identity.extension", attest.ErrIdentity, []string{"commit"}},
	"started by a pull request":      {holder(workflow(map[int]string{20: "pull_request_target"})), "identity.extension", attest.ErrIdentity, []string{"pull_request_target"}},
	"started by another workflow":    {holder(workflow(map[int]string{18: "https://github.com/HailBytes/hailbytes-asm/.github/workflows/other.yml@refs/tags/v1.482"})), "identity.extension", attest.ErrIdentity, []string{"other.yml"}},
	"self-hosted runner":             {holder(workflow(map[int]string{11: "self-hosted"})), "identity.extension", attest.ErrIdentity, []string{"self-hosted", "github-hosted"}},
	"certificate without extensions": {holder(sigtest.Holder{Name: workflow(nil).Name, Issuer: sigtest.GitHubIssuer}), "identity.extension", attest.ErrIdentity, nil},
	"key where an identity is expected": {func(t *testing.T, a *attempt) { a.own(t); a.key = nil }, "identity", attest.ErrIdentity,
		[]string{"there is no identity"}},

	// The certificate.
	"another instance": {func(_ *testing.T, a *attempt) { a.in = elsewhere().Clone() }, "tlog", attest.ErrTrustRoot, []string{"not in this trust root"}},
	"another instance, without a log": {func(_ *testing.T, a *attempt) {
		a.in = elsewhere().Clone()
		a.signing.Entries = []string{}
	}, "certificate", attest.ErrTrustRoot, []string{"not in this trust root: certificate issued by", "fulcio.elsewhere.test"}},
	"authority of another instance": {func(_ *testing.T, a *attempt) {
		a.in = mixed(a.trusted, func(in, other *sigtest.Instance) { in.Fulcio = other.Fulcio })
	}, "certificate", attest.ErrTrustRoot, []string{"not in this trust root", "fulcio.elsewhere.test"}},
	"authority of the same name": {func(_ *testing.T, a *attempt) {
		in := *a.trusted
		in.Fulcio = impostor().Clone().Fulcio
		a.in = &in
	}, "certificate", attest.ErrTrustRoot, []string{"not in this trust root"}},
	"logged after the certificate": {logged(10*time.Minute + time.Second), "time", attest.ErrTime,
		[]string{"not valid at the time of signing that the log entry states", "2026-03-01T12:10:01Z", "2026-03-01T12:00:00Z to 2026-03-01T12:10:00Z"}},
	"logged before the certificate": {logged(-time.Second), "time", attest.ErrTime, []string{"2026-03-01T11:59:59Z"}},
	"stamped after the certificate": {stamped(11 * time.Minute), "time", attest.ErrTime,
		[]string{"not valid at the time of signing that the timestamp states", "2026-03-01T12:11:00Z"}},
	"stamped before the certificate": {stamped(-time.Hour), "time", attest.ErrTime, []string{"2026-03-01T11:00:00Z"}},
	"untrusted time after the certificate": {func(_ *testing.T, a *attempt) {
		a.signing.TSAs, a.signing.Logged, a.tamper = a.in.TSA[:1], sigtest.Epoch.Add(time.Hour), withoutPromise
	}, "time", attest.ErrTime, []string{"2026-03-01T13:00:00Z"}},
	"intermediate certificate expired": {func(_ *testing.T, a *attempt) {
		a.in.Fulcio = sigtest.NewFulcio("fulcio.sigstore.test", sigtest.Epoch.AddDate(-1, 0, 0), sigtest.Epoch.Add(-time.Second))
	}, "certificate", attest.ErrCertificate, []string{"chain not valid"}},
	"intermediate certificate expired, by timestamp alone": {func(_ *testing.T, a *attempt) { // CVE-2026-24122
		a.in.Fulcio = sigtest.NewFulcio("fulcio.sigstore.test", sigtest.Epoch.AddDate(-1, 0, 0), sigtest.Epoch.Add(-time.Second))
		a.signing.Entries, a.signing.TSAs = []string{}, a.in.TSA[:1]
		a.options = &sigstore.Options{UnsafeNoLogEntry: true}
	}, "certificate", attest.ErrCertificate, []string{"chain not valid"}},
	"intermediate certificate not yet valid": {func(_ *testing.T, a *attempt) {
		a.in.Fulcio = sigtest.NewFulcio("fulcio.sigstore.test", sigtest.Epoch.AddDate(1, 0, 0), sigtest.Epoch.AddDate(2, 0, 0))
	}, "certificate", attest.ErrCertificate, []string{"chain not valid"}},
	"authority retired": {func(_ *testing.T, a *attempt) { a.in.Fulcio.Until = sigtest.Epoch.Add(-time.Second) }, "certificate", attest.ErrCertificate,
		[]string{"authority not valid"}},
	"public key in place of the certificate": {tamper(func(t *testing.T, b *sigtest.Bundle) { // GHSA-fx35-mq7g-6g98
		block, _ := pem.Decode(publicPEM(t, newKey(t)))
		b.Certificate = block.Bytes
	}), "certificate", evidence.ErrFormat, nil},
	"certificate of an authority in place of the leaf": {func(_ *testing.T, a *attempt) {
		a.tamper = func(b *sigtest.Bundle) { b.Certificate = a.in.Fulcio.Issuer.Raw }
	}, "tlog", attest.ErrLog, []string{"another certificate"}},
	"no SCT": {func(_ *testing.T, a *attempt) { a.signing.SCTs = []*sigtest.Log{} }, "sct", attest.ErrLog, []string{"certificate log"}},
	"SCT of an unknown log": {func(_ *testing.T, a *attempt) { a.signing.SCTs = elsewhere().Clone().CT }, "sct", attest.ErrLog,
		[]string{"certificate log"}},
	"SCT of a retired log": {func(_ *testing.T, a *attempt) { a.in.CT[0].Until = sigtest.Epoch.Add(-time.Second) }, "sct", attest.ErrLog, nil},

	// The transparency log.
	"entry of another signature": {func(_ *testing.T, a *attempt) { // CVE-2026-22703
		other := a.bundle().Entries
		a.tamper = func(b *sigtest.Bundle) { b.Entries = other }
	}, "tlog", attest.ErrLog, []string{"another certificate or key"}},
	"entry of another signature by the same key": {func(t *testing.T, a *attempt) {
		a.own(t)
		other := a.bundle().Entries
		a.tamper = func(b *sigtest.Bundle) { b.Entries = other }
	}, "tlog", attest.ErrLog, []string{"another signature"}},
	"entry of the bare payload for an envelope": {func(_ *testing.T, a *attempt) {
		a.signing.Entries = []string{"hashedrekord/0.0.1"}
		a.tamper = func(b *sigtest.Bundle) {
			body := bytes.Replace(b.Entries[0].Body, []byte(hexSum(pae(b))), []byte(hexSum(b.Payload)), 1)
			b.Entries[0] = a.in.Rekor.Append("hashedrekord", "0.0.1", body, time.Unix(b.Entries[0].Time, 0))
		}
	}, "tlog", evidence.ErrFormat, []string{"invalid signature"}},
	"Rekor v2 entry of another signature": {func(_ *testing.T, a *attempt) {
		tiles(a)
		other := a.bundle().Entries
		a.tamper = func(b *sigtest.Bundle) { b.Entries = other }
	}, "tlog", attest.ErrLog, nil},
	"no entry":            {tamper(func(_ *testing.T, b *sigtest.Bundle) { b.Entries = nil }), "tlog", attest.ErrThreshold, []string{"0 transparency log entries, want 1"}},
	"entry twice":         {tamper(func(_ *testing.T, b *sigtest.Bundle) { b.Entries = append(b.Entries, b.Entries[0]) }), "tlog", attest.ErrLog, []string{"twice"}},
	"body changed":        {entry(func(e *sigtest.Entry) { e.Body = bytes.Replace(e.Body, []byte("dsse"), []byte("essd"), 1) }), "tlog", attest.ErrLog, []string{"signed entry timestamp"}},
	"promise tampered":    {entry(func(e *sigtest.Entry) { e.SET[len(e.SET)-1] ^= 1 }), "tlog", attest.ErrLog, []string{"signed entry timestamp"}},
	"time changed":        {entry(func(e *sigtest.Entry) { e.Time++ }), "tlog", attest.ErrLog, []string{"signed entry timestamp"}},
	"index changed":       {entry(func(e *sigtest.Entry) { e.Index++ }), "tlog", attest.ErrLog, []string{"signed entry timestamp"}},
	"proof tampered":      {entry(func(e *sigtest.Entry) { e.Proof.Hashes[0][0] ^= 1 }), "tlog", attest.ErrLog, nil},
	"proof of other leaf": {entry(func(e *sigtest.Entry) { e.Proof.Index-- }), "tlog", attest.ErrLog, nil},
	"proof too short":     {entry(func(e *sigtest.Entry) { e.Proof.Hashes = e.Proof.Hashes[:1] }), "tlog", attest.ErrLog, nil},
	"root changed":        {entry(func(e *sigtest.Entry) { e.Proof.Root[0] ^= 1 }), "tlog", attest.ErrLog, nil},
	"size of the tree changed": {entry(func(e *sigtest.Entry) { e.Proof.Size++ }), "tlog", attest.ErrLog,
		[]string{"tree"}},
	"checkpoint by another log": {func(_ *testing.T, a *attempt) {
		other := impostor().Clone().Rekor
		a.tamper = func(b *sigtest.Bundle) {
			p := b.Entries[0].Proof
			p.Checkpoint = other.Checkpoint(other.Host+" - 42", p.Size, p.Root)
		}
	}, "tlog", attest.ErrLog, nil},
	"checkpoint of another tree": {func(_ *testing.T, a *attempt) {
		a.tamper = func(b *sigtest.Bundle) {
			p := b.Entries[0].Proof
			p.Checkpoint = a.in.Rekor.Checkpoint(a.in.Rekor.Host+" - 42", p.Size, make([]byte, 32))
		}
	}, "tlog", attest.ErrLog, nil},
	"Rekor v2 proof tampered": {func(_ *testing.T, a *attempt) {
		tiles(a)
		a.tamper = func(b *sigtest.Bundle) { b.Entries[0].Proof.Hashes[0][0] ^= 1 }
	}, "tlog", attest.ErrLog, nil},
	"Rekor v2 entry under a Rekor v1 checkpoint": {func(_ *testing.T, a *attempt) {
		tiles(a)
		a.tamper = func(b *sigtest.Bundle) {
			p := b.Entries[0].Proof
			p.Checkpoint = a.in.Tiles.Checkpoint(a.in.Tiles.Host+" - 42", p.Size, p.Root)
		}
	}, "tlog", attest.ErrLog, []string{"Rekor v1 checkpoint"}},
	"Rekor v2 checkpoint of another origin": {func(_ *testing.T, a *attempt) {
		tiles(a)
		a.tamper = func(b *sigtest.Bundle) {
			p := b.Entries[0].Proof
			p.Checkpoint = a.in.Tiles.Checkpoint("elsewhere.test", p.Size, p.Root)
		}
	}, "tlog", attest.ErrLog, nil},
	"key of the log retired": {func(_ *testing.T, a *attempt) { a.in.Rekor.Until = sigtest.Epoch }, "tlog", attest.ErrLog, []string{"not valid when the entry was made"}},
	"key of the log not yet valid": {func(_ *testing.T, a *attempt) { a.in.Rekor.From = sigtest.Epoch.Add(time.Hour) }, "tlog", attest.ErrLog,
		[]string{"not valid when the entry was made"}},
	"log retired, promise dropped": {func(_ *testing.T, a *attempt) {
		a.in.Rekor.Until, a.signing.TSAs, a.tamper = sigtest.Epoch, a.in.TSA[:1], withoutPromise
	}, "tlog", attest.ErrLog, []string{"not valid when the entry was made", "2026-03-01T12:01:00Z"}},
	"log retired, promise and time dropped": {func(_ *testing.T, a *attempt) {
		a.in.Rekor.Until, a.signing.TSAs = sigtest.Epoch, a.in.TSA[:1]
		a.tamper = func(b *sigtest.Bundle) { b.Entries[0].SET, b.Entries[0].Time = nil, 0 }
	}, "tlog", attest.ErrLog, []string{"not valid when the entry was made"}},
	"log retired, no time of a key's": {func(t *testing.T, a *attempt) {
		a.own(t)
		a.in.Rekor.Until, a.options = sigtest.Epoch, &sigstore.Options{UnsafeNoTimestamp: true}
		a.tamper = func(b *sigtest.Bundle) { b.Entries[0].SET, b.Entries[0].Time = nil, 0 }
	}, "tlog", attest.ErrLog, []string{"nothing says when"}},
	"log retired, earlier time stated": {func(_ *testing.T, a *attempt) {
		a.in.Rekor.Until, a.signing.TSAs = sigtest.Epoch.Add(30*time.Second), a.in.TSA[:1]
		a.tamper = func(b *sigtest.Bundle) { b.Entries[0].SET, b.Entries[0].Time = nil, sigtest.Epoch.Unix() }
	}, "tlog", attest.ErrLog, []string{"not valid when the entry was made", "2026-03-01T12:01:00Z"}},
	"Rekor v2 retired": {func(_ *testing.T, a *attempt) {
		a.signing.Entries, a.signing.TSAs, a.in.Tiles.Until = []string{"hashedrekord/0.0.2"}, a.in.TSA[:1], sigtest.Epoch
	}, "tlog", attest.ErrLog, []string{"not valid when the entry was made"}},
	"Rekor v2 not yet valid": {func(_ *testing.T, a *attempt) {
		a.signing.Entries, a.signing.TSAs, a.in.Tiles.From = []string{"hashedrekord/0.0.2"}, a.in.TSA[:1], sigtest.Epoch.Add(time.Hour)
	}, "tlog", attest.ErrLog, []string{"not valid when the entry was made"}},
	"no extended key usage":          {certificate(func(c *x509.Certificate) { c.ExtKeyUsage = nil }), "certificate", attest.ErrCertificate, []string{"code signing"}},
	"any extended key usage":         {certificate(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }), "certificate", attest.ErrCertificate, []string{"code signing"}},
	"certificate for encryption":     {certificate(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), "certificate", attest.ErrCertificate, []string{"digital signature"}},
	"certificate of a new authority": {certificate(func(c *x509.Certificate) { c.BasicConstraintsValid, c.IsCA = true, true }), "certificate", attest.ErrCertificate, []string{"of an authority"}},
	"two issuers, old one differs":   {extension(1, []byte("https://stranger.example")), "identity", attest.ErrCertificate, []string{"issuer twice", "stranger.example"}},
	"two issuers, new one differs":   {extension(8, []byte("\x0c\x01x")), "identity", attest.ErrIdentity, []string{"wrong issuer"}},
	"two commits":                    {extension(3, []byte(strings.Repeat("1", 40))), "identity", attest.ErrCertificate, []string{"commit twice"}},
	"two refs":                       {extension(6, []byte("refs/heads/main")), "identity", attest.ErrCertificate, []string{"ref twice"}},
	"two triggers":                   {extension(2, []byte("pull_request")), "identity", attest.ErrCertificate, []string{"trigger twice"}},
	"two repositories":               {extension(5, []byte("stranger/hailbytes-asm")), "identity", attest.ErrCertificate, []string{"repository twice"}},
	"a mail address beside the name": {certificate(func(c *x509.Certificate) { c.EmailAddresses = []string{"stranger@stranger.example"} }), "identity", attest.ErrCertificate, []string{"2 names"}},
	"another kind of name beside it": {certificate(otherName), "identity", attest.ErrCertificate, []string{"2 names"}},
	"neither proof nor promise": {func(_ *testing.T, a *attempt) {
		a.signing.Version = "0.1"
		a.tamper = func(b *sigtest.Bundle) { b.Entries[0].Proof, b.Entries[0].SET = nil, nil }
	}, "bundle", evidence.ErrFormat, []string{"inclusion promise"}},
	"v0.3 without a proof": {tamper(func(_ *testing.T, b *sigtest.Bundle) { withoutProof(b) }), "bundle", evidence.ErrFormat, []string{"inclusion proof"}},
	"intoto 0.0.1 in a bundle": {func(_ *testing.T, a *attempt) { a.signing.Entries = []string{"intoto/0.0.1"} }, "tlog", evidence.ErrUnsupported,
		[]string{"intoto/0.0.1"}},
	"kind not that of the body": {func(_ *testing.T, a *attempt) {
		a.tamper = func(b *sigtest.Bundle) { b.Entries[0].Kind = "intoto" }
	}, "tlog", evidence.ErrUnsupported, nil},

	// Trusted times.
	"Rekor v2 without a timestamp": {func(_ *testing.T, a *attempt) { a.signing.Entries = []string{"hashedrekord/0.0.2"} }, "time", attest.ErrThreshold,
		[]string{"0 trusted times of signing, want 1"}},
	"no promise and no timestamp": {tamper(func(_ *testing.T, b *sigtest.Bundle) { withoutPromise(b) }), "time", attest.ErrThreshold,
		[]string{"0 trusted times of signing, want 1"}},
	"timestamp of another signature": {func(_ *testing.T, a *attempt) {
		tiles(a)
		a.tamper = func(b *sigtest.Bundle) { b.Timestamps = [][]byte{a.in.TSA[0].Stamp([]byte("other"), sigtest.Epoch)} }
	}, "time", attest.ErrThreshold, []string{"hashed messages don't match"}},
	"timestamp of an unknown authority": {func(_ *testing.T, a *attempt) {
		tiles(a)
		a.signing.TSAs = elsewhere().Clone().TSA[:1]
	}, "time", attest.ErrThreshold, []string{"0 trusted times of signing, want 1"}},
	"timestamp of a retired authority": {func(_ *testing.T, a *attempt) {
		tiles(a)
		a.in.TSA[0].Until = sigtest.Epoch
	}, "time", attest.ErrThreshold, []string{"0 trusted times of signing, want 1"}},

	// One less than asked for; one source counts once.
	"one log where two are asked for": {func(_ *testing.T, a *attempt) { a.options = &sigstore.Options{LogEntries: 2} }, "tlog", attest.ErrThreshold,
		[]string{"1 transparency log entries, want 2"}},
	"two entries of one log": {func(_ *testing.T, a *attempt) { // CVE-2026-49834
		a.signing.Entries = []string{"dsse/0.0.1", "dsse/0.0.1"}
		a.options = &sigstore.Options{LogEntries: 2}
	}, "tlog", attest.ErrThreshold, []string{"1 transparency log entries, want 2"}},
	"one log time where two times are asked for": {func(_ *testing.T, a *attempt) {
		a.signing.Entries = []string{"dsse/0.0.1", "dsse/0.0.1"}
		a.options = &sigstore.Options{Timestamps: 2}
	}, "time", attest.ErrThreshold, []string{"1 trusted times of signing, want 2"}},
	"log time where a timestamp is asked for": {func(_ *testing.T, a *attempt) { a.options = &sigstore.Options{SignedTimestamps: 1} }, "time", attest.ErrThreshold,
		[]string{"0 signed timestamps, want 1"}},
	"two timestamps of one authority": {func(_ *testing.T, a *attempt) {
		a.signing.TSAs = []*sigtest.Authority{a.in.TSA[0], a.in.TSA[0]}
		a.options = &sigstore.Options{SignedTimestamps: 2}
	}, "time", attest.ErrThreshold, []string{"1 signed timestamps, want 2"}},
	"one SCT where two are asked for": {func(_ *testing.T, a *attempt) { a.options = &sigstore.Options{SCTs: 2} }, "sct", attest.ErrLog, nil},
	"two SCTs of one log": {func(_ *testing.T, a *attempt) {
		a.signing.SCTs = []*sigtest.Log{a.in.CT[0], a.in.CT[0]}
		a.options = &sigstore.Options{SCTs: 2}
	}, "sct", attest.ErrLog, nil},

	// What was signed.
	"payload changed": {tamper(func(_ *testing.T, b *sigtest.Bundle) {
		b.Payload = bytes.Replace(b.Payload, []byte("web"), []byte("wob"), 1)
	}), "tlog", attest.ErrLog,
		[]string{"another payload"}},
	"payload changed, by timestamp alone": {func(t *testing.T, a *attempt) {
		a.signing.Entries, a.signing.TSAs = []string{}, a.in.TSA[:1]
		a.options = &sigstore.Options{UnsafeNoLogEntry: true}
		a.tamper = func(b *sigtest.Bundle) { b.Payload = bytes.Replace(b.Payload, []byte("web"), []byte("wob"), 1) }
	}, "signature", attest.ErrSignature, nil},
	"payload type changed": {tamper(func(_ *testing.T, b *sigtest.Bundle) { b.PayloadType = "application/json" }), "signature", attest.ErrSignature, nil},
	"signed as another payload type": {func(_ *testing.T, a *attempt) { a.signing.PayloadType = "application/json" }, "statement", evidence.ErrUnsupported,
		[]string{"application/json"}},
	"signature tampered": {tamper(func(_ *testing.T, b *sigtest.Bundle) { b.Signatures[0][len(b.Signatures[0])-1] ^= 1 }), "signature", attest.ErrSignature, nil},
	"signature by another key": {func(t *testing.T, a *attempt) {
		a.own(t)
		a.key = publicKey(t, newKey(t))
	}, "tlog", attest.ErrLog, []string{"another certificate or key"}},
	"two signatures":         {tamper(func(_ *testing.T, b *sigtest.Bundle) { b.Signatures = append(b.Signatures, b.Signatures[0]) }), "signature", attest.ErrSignature, []string{"2 signatures, want one"}},
	"no signature":           {tamper(func(_ *testing.T, b *sigtest.Bundle) { b.Signatures = nil }), "signature", attest.ErrSignature, []string{"without a signature"}},
	"another predicate type": {func(_ *testing.T, a *attempt) { a.types = []string{attest.CycloneDX} }, "predicateType", attest.ErrPredicateType, []string{"https://spdx.dev/Document", "https://cyclonedx.org/bom"}},
	"a predicate type asked of an artifact": {func(_ *testing.T, a *attempt) { a.message, a.types = true, []string{attest.SPDX} }, "predicateType", attest.ErrPredicateType,
		[]string{"no predicate"}},
	"signature over another artifact": {func(_ *testing.T, a *attempt) {
		other := a.in.Sign([]byte("another image\n"), a.signing)
		a.message = true
		a.tamper = func(b *sigtest.Bundle) { *b = *other }
	}, "subject", attest.ErrSubject, nil},
	"signature over another artifact, said to be over this one": {func(_ *testing.T, a *attempt) {
		other := a.in.Sign([]byte("another image\n"), a.signing)
		a.message = true
		a.tamper = func(b *sigtest.Bundle) { other.Digest = b.Digest; *b = *other }
	}, "tlog", attest.ErrLog, []string{"another artifact"}},

	// The bundle.
	"version not known": {func(_ *testing.T, a *attempt) {
		a.edit = func(data []byte) []byte {
			return bytes.Replace(data, []byte("bundle.v0.3+json"), []byte("bundle.v0.4+json"), 1)
		}
	}, "bundle", evidence.ErrUnsupported, []string{"v0.4"}},
	"v0.3 with a chain": {func(_ *testing.T, a *attempt) {
		a.signing.Version = "0.2"
		a.edit = func(data []byte) []byte { return bytes.Replace(data, []byte("version=0.2"), []byte("version=0.3"), 1) }
	}, "bundle", evidence.ErrFormat, []string{"certificate chain"}},
	"envelope and artifact": {func(_ *testing.T, a *attempt) {
		a.edit = func(data []byte) []byte {
			return bytes.Replace(data, []byte(`{"dsseEnvelope"`), []byte(`{"messageSignature":{"signature":"AA=="},"dsseEnvelope"`), 1)
		}
	}, "bundle", evidence.ErrFormat, []string{"both"}},
}

func holder(h sigtest.Holder) func(*testing.T, *attempt) {
	return func(_ *testing.T, a *attempt) { a.signing.Holder = h }
}

func logged(after time.Duration) func(*testing.T, *attempt) {
	return func(_ *testing.T, a *attempt) { a.signing.Logged = sigtest.Epoch.Add(after) }
}

func stamped(after time.Duration) func(*testing.T, *attempt) {
	return func(_ *testing.T, a *attempt) {
		a.signing.TSAs, a.signing.Stamped = a.in.TSA[:1], sigtest.Epoch.Add(after)
	}
}

func tamper(change func(t *testing.T, b *sigtest.Bundle)) func(*testing.T, *attempt) {
	return func(t *testing.T, a *attempt) { a.tamper = func(b *sigtest.Bundle) { change(t, b) } }
}

func entry(change func(*sigtest.Entry)) func(*testing.T, *attempt) {
	return func(_ *testing.T, a *attempt) { a.tamper = func(b *sigtest.Bundle) { change(&b.Entries[0]) } }
}

// tiles logs in Rekor v2, with a timestamp.
func tiles(a *attempt) {
	a.signing.Entries, a.signing.TSAs = []string{"hashedrekord/0.0.2"}, a.in.TSA[:1]
}

// mixed returns a copy of in with parts of another instance.
func mixed(in *sigtest.Instance, change func(in, other *sigtest.Instance)) *sigtest.Instance {
	mixture := *in
	change(&mixture, elsewhere().Clone())
	return &mixture
}

// otherName writes the names of a certificate as an extension, with a user name of
// Fulcio's kind before them.
func otherName(c *x509.Certificate) {
	type name struct {
		ID    asn1.ObjectIdentifier
		Value string `asn1:"tag:0,explicit,utf8"`
	}
	der, err := asn1.MarshalWithParams(name{asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 7}, "stranger!stranger.example"}, "tag:0")
	if err != nil {
		panic(err)
	}
	uri := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(c.URIs[0].String())}
	names, err := asn1.Marshal([]asn1.RawValue{{FullBytes: der}, uri})
	if err != nil {
		panic(err)
	}
	c.URIs = nil
	c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Critical: true, Value: names})
}

// pae is what the signature of an envelope is over.
func pae(b *sigtest.Bundle) []byte { return attest.PAE(b.PayloadType, b.Payload) }

func hexSum(data []byte) string { return evidence.Sum256(data).Hex() }
