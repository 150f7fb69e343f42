// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/sigtest"
)

// artifact is what the attestations here are about.
var artifact = []byte("a container image\n")

// statement returns an in-toto Statement about artifact with a small SPDX document.
func statement() []byte {
	return fmt.Appendf(nil, `{"_type":"https://in-toto.io/Statement/v1",`+
		`"subject":[{"name":"hailbytes-asm-web","digest":{"sha256":"%s"}}],"predicateType":"https://spdx.dev/Document",`+
		`"predicate":{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"web",`+
		`"documentNamespace":"https://hailbytes.example/web","creationInfo":{"created":"2026-03-01T12:00:00Z","creators":["Tool: test"]}}}`,
		evidence.Sum256(artifact).Hex())
}

// attempt is one attestation, from its signing to its verification. As newAttempt
// returns it, it is accepted; a test changes one thing.
type attempt struct {
	in       *sigtest.Instance // signs
	trusted  *sigtest.Instance // is trusted
	signing  sigtest.Signing
	message  bool                    // sign artifact itself, not a statement about it
	tamper   func(b *sigtest.Bundle) // after signing
	edit     func(data []byte) []byte
	expected sigstore.Expected
	key      *attest.Key // expect this key, not an identity
	options  *sigstore.Options
	types    []string // of the predicate
}

// The trusted instance, another one, and one that only claims to be the first.
var (
	trusted   = sync.OnceValue(func() *sigtest.Instance { return sigtest.New("sigstore.test") })
	elsewhere = sync.OnceValue(func() *sigtest.Instance { return sigtest.New("elsewhere.test") })
	impostor  = sync.OnceValue(func() *sigtest.Instance { return sigtest.New("sigstore.test") })
)

func newAttempt() *attempt {
	in := trusted().Clone()
	return &attempt{
		in: in, trusted: in,
		expected: sigstore.GitHubWorkflow{Owner: "HailBytes", Repository: "hailbytes-asm", Workflow: "build.yml", RefPattern: `refs/tags/v1\.482`},
	}
}

// bundle signs, and tampers.
func (a *attempt) bundle() *sigtest.Bundle {
	sign := func() *sigtest.Bundle { return a.in.Attest(statement(), a.signing) }
	if a.message {
		sign = func() *sigtest.Bundle { return a.in.Sign(artifact, a.signing) }
	}
	b := sign()
	if a.tamper != nil {
		a.tamper(b)
	}
	return b
}

func (a *attempt) data() []byte {
	data := a.bundle().JSON()
	if a.edit != nil {
		data = a.edit(data)
	}
	return data
}

func (a *attempt) policy(t *testing.T) attest.Policy {
	t.Helper()
	root, err := sigstore.ParseTrustedRoot(a.trusted.TrustedRoot())
	if err != nil {
		t.Fatal(err)
	}
	var v attest.Verifier
	if a.key != nil {
		v, err = sigstore.NewKeyVerifier(root, a.key, a.options)
	} else {
		v, err = sigstore.NewVerifier(root, a.expected, a.options)
	}
	if err != nil {
		t.Fatal(err)
	}
	pol := attest.AtLeast(1, v)
	if a.types != nil {
		pol = attest.All(pol, attest.PredicateType(a.types...))
	}
	return pol
}

func (a *attempt) verify(t *testing.T) (*attest.Verified, error) {
	t.Helper()
	pol := a.policy(t)
	b, err := attest.ParseBundle(a.data(), nil)
	if err != nil {
		return nil, err
	}
	return attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(artifact)), pol)
}

// own makes the attempt one of a signer with a key of its own.
func (a *attempt) own(t *testing.T) {
	t.Helper()
	key := newKey(t)
	a.signing.Key, a.key = key, publicKey(t, key)
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func publicKey(t *testing.T, key *ecdsa.PrivateKey) *attest.Key {
	t.Helper()
	k, err := attest.ParseKey(publicPEM(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func publicPEM(t *testing.T, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// accepted are attestations as Sigstore's clients make them, and what is asked of them.
var accepted = map[string]struct {
	change   func(t *testing.T, a *attempt)
	logged   string // kinds of the verified log entries
	times    string // sources of the trusted times
	weakened string
}{
	"v0.3":                    {func(*testing.T, *attempt) {}, "dsse/0.0.1", "log", ""},
	"v0.2":                    {func(_ *testing.T, a *attempt) { a.signing.Version = "0.2" }, "dsse/0.0.1", "log", ""},
	"v0.1":                    {func(_ *testing.T, a *attempt) { a.signing.Version = "0.1" }, "dsse/0.0.1", "log", ""},
	"v0.1 without a proof":    {func(_ *testing.T, a *attempt) { a.signing.Version, a.tamper = "0.1", withoutProof }, "dsse/0.0.1", "log", ""},
	"proof without a promise": {func(_ *testing.T, a *attempt) { a.signing.TSAs, a.tamper = a.in.TSA[:1], withoutPromise }, "dsse/0.0.1", "tsa", ""},
	"retired a year later": {func(_ *testing.T, a *attempt) {
		a.signing.TSAs, a.tamper, a.in.Rekor.Until = a.in.TSA[:1], withoutPromise, sigtest.Epoch.AddDate(1, 0, 0)
	}, "dsse/0.0.1", "tsa", ""},
	"retired at that very time": {func(_ *testing.T, a *attempt) { a.in.Rekor.Until = sigtest.Epoch.Add(time.Minute) }, "dsse/0.0.1", "log", ""},
	"another log retired":       {func(_ *testing.T, a *attempt) { a.in.Tiles.Until = sigtest.Epoch.AddDate(-1, 0, 0) }, "dsse/0.0.1", "log", ""},
	"Rekor v2, retired a year later": {func(_ *testing.T, a *attempt) {
		a.signing.Entries, a.signing.TSAs, a.in.Tiles.Until = []string{"hashedrekord/0.0.2"}, a.in.TSA[:1], sigtest.Epoch.AddDate(1, 0, 0)
	}, "hashedrekord/0.0.2", "tsa", ""},
	"two usages":                  {certificate(func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth) }), "dsse/0.0.1", "log", ""},
	"hashedrekord of an envelope": {func(_ *testing.T, a *attempt) { a.signing.Entries = []string{"hashedrekord/0.0.1"} }, "hashedrekord/0.0.1", "log", ""},
	"intoto 0.0.2":                {func(_ *testing.T, a *attempt) { a.signing.Entries = []string{"intoto/0.0.2"} }, "intoto/0.0.2", "log", ""},
	"Rekor v2": {func(_ *testing.T, a *attempt) {
		a.signing.Entries, a.signing.TSAs = []string{"hashedrekord/0.0.2"}, a.in.TSA[:1]
	}, "hashedrekord/0.0.2", "tsa", ""},
	"artifact": {func(_ *testing.T, a *attempt) { a.message = true }, "hashedrekord/0.0.1", "log", ""},
	"artifact in Rekor v2": {func(_ *testing.T, a *attempt) {
		a.message = true
		a.signing.Entries, a.signing.TSAs = []string{"hashedrekord/0.0.2"}, a.in.TSA[:1]
	}, "hashedrekord/0.0.2", "tsa", ""},
	"two of each asked for": {func(_ *testing.T, a *attempt) {
		a.signing.Entries, a.signing.TSAs, a.signing.SCTs = []string{"dsse/0.0.1", "hashedrekord/0.0.2"}, a.in.TSA, a.in.CT
		a.options = &sigstore.Options{LogEntries: 2, Timestamps: 3, SignedTimestamps: 2, SCTs: 2}
	}, "dsse/0.0.1 hashedrekord/0.0.2", "log tsa tsa", ""},
	"first minute of the certificate": {func(_ *testing.T, a *attempt) { a.signing.Logged = sigtest.Epoch }, "dsse/0.0.1", "log", ""},
	"last minute of the certificate":  {func(_ *testing.T, a *attempt) { a.signing.Logged = sigtest.Epoch.Add(10 * time.Minute) }, "dsse/0.0.1", "log", ""},
	"entry of an unknown log beside": {func(_ *testing.T, a *attempt) {
		other := elsewhere().Clone()
		a.tamper = func(b *sigtest.Bundle) {
			b.Entries = append(b.Entries, other.Rekor.Append("dsse", "0.0.1", b.Entries[0].Body, sigtest.Epoch))
		}
	}, "dsse/0.0.1", "log", ""},
	"e-mail address": {func(_ *testing.T, a *attempt) {
		a.signing.Holder = sigtest.Holder{Name: "release@hailbytes.example", Issuer: "https://accounts.example"}
		a.expected = sigstore.Identity{SAN: "release@hailbytes.example", Issuer: "https://accounts.example"}
	}, "dsse/0.0.1", "log", ""},
	"predicate type": {func(_ *testing.T, a *attempt) { a.types = []string{attest.SPDX} }, "dsse/0.0.1", "log", ""},
	"key":            {func(t *testing.T, a *attempt) { a.own(t) }, "dsse/0.0.1", "log", ""},
	"key, artifact":  {func(t *testing.T, a *attempt) { a.own(t); a.message = true }, "hashedrekord/0.0.1", "log", ""},
	"key in Rekor v2": {func(t *testing.T, a *attempt) {
		a.own(t)
		a.signing.Entries, a.signing.TSAs = []string{"hashedrekord/0.0.2"}, a.in.TSA[:1]
	}, "hashedrekord/0.0.2", "tsa", ""},
	"no log entry asked for": {func(_ *testing.T, a *attempt) {
		a.signing.Entries, a.signing.TSAs = []string{}, a.in.TSA[:1]
		a.options = &sigstore.Options{UnsafeNoLogEntry: true}
	}, "", "tsa", "keyless: no transparency log entry asked for"},
	"no SCT asked for": {func(_ *testing.T, a *attempt) {
		a.signing.SCTs = []*sigtest.Log{}
		a.options = &sigstore.Options{UnsafeNoSCT: true}
	}, "dsse/0.0.1", "log", "keyless: no signed certificate timestamp asked for"},
	"self-hosted runner allowed": {func(_ *testing.T, a *attempt) {
		a.signing.Holder = workflow(map[int]string{11: "self-hosted"})
		a.expected = sigstore.GitHubWorkflow{Owner: "HailBytes", Repository: "hailbytes-asm", Workflow: "build.yml", RefPattern: `refs/tags/v1\.482`, UnsafeSelfHosted: true}
	}, "dsse/0.0.1", "log", ""},
	"pattern that lets pull requests in": {func(_ *testing.T, a *attempt) {
		a.expected = sigstore.Identity{SANPattern: `https://github\.com/HailBytes/.+/\.github/workflows/.+`, Issuer: sigstore.GitHubIssuer}
	}, "dsse/0.0.1", "log", "identity: the pattern also accepts the workflow of a pull request"},
}

func withoutProof(b *sigtest.Bundle) { b.Entries[0].Proof = nil }

func withoutPromise(b *sigtest.Bundle) { b.Entries[0].SET = nil }

// workflow returns the usual signer with other claims in its certificate.
func workflow(claims map[int]string) sigtest.Holder {
	h := sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/tags/v1.482")
	for n, value := range claims {
		h.Claims[n] = value
	}
	return h
}

func TestKeyless(t *testing.T) {
	for name, tt := range accepted {
		t.Run(name, func(t *testing.T) {
			a := newAttempt()
			tt.change(t, a)
			v, err := a.verify(t)
			if err != nil {
				t.Fatal(err)
			}
			var logged, times []string
			for _, l := range v.Signers()[0].Logged {
				logged = append(logged, l.Kind)
			}
			for _, at := range v.Times() {
				times = append(times, at.Source)
				if d := at.Time.Sub(sigtest.Epoch); d < 0 || d > 10*time.Minute {
					t.Errorf("trusted time %s", at.Time)
				}
			}
			if got := strings.Join(logged, " "); got != tt.logged {
				t.Errorf("log entries: got %q, want %q", got, tt.logged)
			}
			if got := strings.Join(times, " "); got != tt.times {
				t.Errorf("times: got %q, want %q", got, tt.times)
			}
			if got := strings.Join(v.Weakened(), "\n"); got != tt.weakened {
				t.Errorf("weakened: got %q, want %q", got, tt.weakened)
			}
		})
	}
}

// TestCertificateSays holds what a verified certificate is said to say against
// what it was issued with.
func TestCertificateSays(t *testing.T) {
	a := newAttempt()
	v, err := a.verify(t)
	if err != nil {
		t.Fatal(err)
	}
	c, h := v.Signers()[0].Certificate, workflow(nil)
	for _, f := range []struct{ got, want string }{
		{c.Identity, h.Name}, {c.Issuer, h.Issuer}, {c.BuildSignerURI, h.Claims[9]}, {c.BuildSignerDigest, h.Claims[10]},
		{c.RunnerEnvironment, "github-hosted"}, {c.SourceRepositoryURI, "https://github.com/HailBytes/hailbytes-asm"},
		{c.SourceRepositoryDigest, sigtest.Commit}, {c.SourceRepositoryRef, "refs/tags/v1.482"}, {c.SourceRepositoryID, "1"},
		{c.SourceRepositoryOwnerURI, "https://github.com/HailBytes"}, {c.SourceRepositoryOwnerID, "2"}, {c.BuildConfigURI, h.Claims[18]},
		{c.BuildConfigDigest, h.Claims[19]}, {c.BuildTrigger, "push"}, {c.RunInvocationURI, h.Claims[21]}, {c.RepositoryVisibility, "private"},
		{c.GithubWorkflowTrigger, "push"}, {c.GithubWorkflowSHA, sigtest.Commit}, {c.GithubWorkflowName, "build"},
		{c.GithubWorkflowRepository, "HailBytes/hailbytes-asm"}, {c.GithubWorkflowRef, "refs/tags/v1.482"},
		{c.NotBefore.Format(time.RFC3339), "2026-03-01T12:00:00Z"}, {c.NotAfter.Format(time.RFC3339), "2026-03-01T12:10:00Z"},
	} {
		if f.got != f.want {
			t.Errorf("got %q, want %q", f.got, f.want)
		}
	}
}

// TestKeylessRefused changes one thing each of an attestation that is accepted.
func TestKeylessRefused(t *testing.T) {
	if _, err := newAttempt().verify(t); err != nil {
		t.Fatal(err)
	}
	for name, tt := range refused {
		t.Run(name, func(t *testing.T) {
			a := newAttempt()
			tt.change(t, a)
			_, err := a.verify(t)
			var e *attest.Error
			if !errors.As(err, &e) || e.Stage != tt.stage || !errors.Is(err, tt.kind) {
				t.Fatalf("want stage %s and %q, got %v", tt.stage, tt.kind, err)
			}
			for _, text := range tt.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("want %q in %v", text, err)
				}
			}
		})
	}
}

// TestKeylessConcurrent verifies with one verifier and one trust root from eight
// goroutines.
func TestKeylessConcurrent(t *testing.T) {
	a := newAttempt()
	pol := a.policy(t)
	a.signing.TSAs = a.in.TSA
	var bundles []*attest.Bundle
	for _, entries := range [][]string{{"dsse/0.0.1"}, {"intoto/0.0.2"}, {"hashedrekord/0.0.2"}, {"dsse/0.0.1", "hashedrekord/0.0.2"}} {
		a.signing.Entries = entries
		b, err := attest.ParseBundle(a.data(), nil)
		if err != nil {
			t.Fatal(err)
		}
		bundles = append(bundles, b)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, b := range bundles {
				if _, err := attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(artifact)), pol); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestKeylessCosignLayer verifies a layer of a cosign ".att" image, whose log entry
// commits to its bytes.
func TestKeylessCosignLayer(t *testing.T) {
	a := newAttempt()
	a.signing.Entries = []string{"intoto/0.0.1"}
	pol := a.policy(t)
	verify := func(layer []byte, annotations map[string]string) error {
		b, err := attest.ParseCosignLayer(layer, annotations, nil)
		if err != nil {
			return err
		}
		_, err = attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(artifact)), pol)
		return err
	}
	layer, annotations := a.bundle().CosignLayer()
	if err := verify(layer, annotations); err != nil {
		t.Fatal(err)
	}
	const certificate, entry = "dev.sigstore.cosign/certificate", "dev.sigstore.cosign/bundle"
	_, other := a.bundle().CosignLayer()
	with := func(name, value string) map[string]string {
		m := map[string]string{certificate: annotations[certificate], entry: annotations[entry]}
		m[name] = value
		return m
	}
	for name, tt := range map[string]struct {
		layer       []byte
		annotations map[string]string
		stage       attest.Stage
		kind        error
	}{
		"other bytes":                        {append(bytes.Clone(layer), ' '), annotations, "tlog", attest.ErrLog},
		"entry of another envelope":          {layer, with(entry, other[entry]), "tlog", attest.ErrLog},
		"certificate of another envelope":    {layer, with(certificate, other[certificate]), "tlog", attest.ErrLog},
		"public key in place of certificate": {layer, with(certificate, string(publicPEM(t, newKey(t)))), "bundle", evidence.ErrFormat},
		"no entry":                           {layer, with(entry, ""), "tlog", attest.ErrThreshold},
		"time of the entry":                  {layer, with(entry, strings.Replace(annotations[entry], `"integratedTime":1`, `"integratedTime":2`, 1)), "tlog", attest.ErrLog},
	} {
		var e *attest.Error
		if err := verify(tt.layer, tt.annotations); !errors.As(err, &e) || e.Stage != tt.stage || !errors.Is(err, tt.kind) {
			t.Errorf("%s: want stage %s and %q, got %v", name, tt.stage, tt.kind, err)
		}
	}
}

// certificate changes the certificate of the usual signer.
func certificate(change func(*x509.Certificate)) func(*testing.T, *attempt) {
	return func(_ *testing.T, a *attempt) {
		a.signing.Holder = workflow(nil)
		a.signing.Holder.Change = change
	}
}

// extension replaces an extension of Fulcio's, 1.3.6.1.4.1.57264.1.n.
func extension(n int, value []byte) func(*testing.T, *attempt) {
	return certificate(func(c *x509.Certificate) {
		id := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, n}
		for i := range c.ExtraExtensions {
			if c.ExtraExtensions[i].Id.Equal(id) {
				c.ExtraExtensions[i].Value = value
			}
		}
	})
}

// TestInstances: a file may hold several trusted roots; one instance must vouch for all
// of an attestation.
func TestInstances(t *testing.T) {
	mine, other := trusted().TrustedRoot(), elsewhere().TrustedRoot()
	compact := func(data []byte) []byte {
		var b bytes.Buffer
		if err := json.Compact(&b, data); err != nil {
			t.Fatal(err)
		}
		return append(b.Bytes(), '\n')
	}
	a := newAttempt()
	b, err := attest.ParseBundle(a.data(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		file []byte
		kind error
	}{
		"first":          {slices.Concat(compact(mine), compact(other)), nil},
		"last":           {slices.Concat(compact(other), compact(mine)), nil},
		"twice":          {slices.Concat(compact(mine), compact(mine)), nil},
		"not compact":    {slices.Concat(other, mine), nil},
		"neither":        {slices.Concat(compact(other), compact(other)), attest.ErrTrustRoot},
		"another's name": {slices.Concat(compact(other), compact(impostor().TrustedRoot())), attest.ErrTrustRoot},
	} {
		root, err := sigstore.ParseTrustedRoot(tt.file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		v, err := sigstore.NewVerifier(root, a.expected, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(artifact)), attest.AtLeast(1, v))
		if tt.kind == nil && err != nil || !errors.Is(err, tt.kind) {
			t.Errorf("%s: got %v, want %v", name, err, tt.kind)
		}
	}
	// The instance that issued the certificate judges, so that the reason is its own, in
	// whatever line it stands.
	a = newAttempt()
	a.signing.Holder = sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/tags/v1.481")
	for _, file := range [][]byte{slices.Concat(mine, other), slices.Concat(other, mine)} {
		root, err := sigstore.ParseTrustedRoot(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := sigstore.NewVerifier(root, a.expected, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = attest.ParseBundle(a.data(), nil); err != nil {
			t.Fatal(err)
		}
		_, err = attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(artifact)), attest.AtLeast(1, v))
		if !errors.Is(err, attest.ErrIdentity) || errors.Is(err, attest.ErrTrustRoot) {
			t.Errorf("got %v, want the identity to be refused", err)
		}
	}
	for name, file := range map[string][]byte{
		"text":       slices.Concat(compact(mine), []byte("text\n")),
		"no root":    slices.Concat(compact(mine), []byte("{}[]\n")),
		"empty":      nil,
		"many":       bytes.Repeat(compact(mine), 17),
		"cut in two": mine[:len(mine)/2],
	} {
		if _, err := sigstore.ParseTrustedRoot(file); !evidence.IsVerdict(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestNewest: a root is as new as the newest of its keys and authorities, of whatever kind.
func TestNewest(t *testing.T) {
	later := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for name, change := range map[string]func(*sigtest.Instance){
		"certificate authority": func(in *sigtest.Instance) { in.Fulcio.From = later },
		"certificate log":       func(in *sigtest.Instance) { in.CT[1].From = later },
		"log":                   func(in *sigtest.Instance) { in.Tiles.From = later },
		"timestamp authority":   func(in *sigtest.Instance) { in.TSA[0].From = later },
	} {
		in := elsewhere().Clone()
		change(in)
		root, err := sigstore.ParseTrustedRoot(append(trusted().TrustedRoot(), in.TrustedRoot()...))
		if err != nil {
			t.Fatal(err)
		}
		if got := root.Newest(); !got.Equal(later) {
			t.Errorf("%s: got %v, want %v", name, got, later)
		}
	}
}
