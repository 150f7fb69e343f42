// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/signed"
)

// artifact is what the statements of these tests are about.
var artifact = []byte("an artifact")

func statement(digest string) string {
	return `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"` + digest + `"}}],"predicateType":"https://example.com/p","predicate":{}}`
}

func artifactStatement() string { return statement(evidence.Sum256(artifact).Hex()) }

func newSigner(t testing.TB, curve elliptic.Curve) *attest.KeySigner {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signerOf(t, key)
}

func signerOf(t testing.TB, key crypto.Signer) *attest.KeySigner {
	t.Helper()
	s, err := attest.NewKeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// envelope returns a DSSE envelope of the payload, signed by every signer.
func envelope(t testing.TB, payloadType, payload string, signers ...*attest.KeySigner) []byte {
	t.Helper()
	type sig struct {
		KeyID string `json:"keyid"`
		Sig   []byte `json:"sig"`
	}
	e := struct {
		PayloadType string `json:"payloadType"`
		Payload     []byte `json:"payload"`
		Signatures  []sig  `json:"signatures"`
	}{payloadType, []byte(payload), []sig{}}
	for _, s := range signers {
		data, err := s.SignPayload(t.Context(), payloadType, []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		var b struct {
			DsseEnvelope struct{ Signatures []sig }
		}
		if err := json.Unmarshal(data, &b); err != nil {
			t.Fatal(err)
		}
		e.Signatures = append(e.Signatures, b.DsseEnvelope.Signatures...)
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t testing.TB, data []byte) *attest.Bundle {
	t.Helper()
	b, err := attest.ParseBundle(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refused fails unless err is an *attest.Error of the stage and kind.
func refused(t *testing.T, err error, stage attest.Stage, kind error) {
	t.Helper()
	var e *attest.Error
	if !errors.As(err, &e) || e.Stage != stage || !errors.Is(err, kind) {
		t.Errorf("want stage %s and kind %v, got %v", stage, kind, err)
	}
}

func TestKeys(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*attest.KeySigner{
		"p256": newSigner(t, elliptic.P256()), "p384": newSigner(t, elliptic.P384()), "p521": newSigner(t, elliptic.P521()),
		"ed25519": signerOf(t, ed), "rsa": signerOf(t, rsaKey),
	} {
		t.Run(name, func(t *testing.T) {
			data, err := attest.Sign(t.Context(), s, []byte(artifactStatement()))
			if err != nil {
				t.Fatal(err)
			}
			v, err := attest.Verify(t.Context(), parse(t, data), attest.BytesSubject(artifact), attest.AtLeast(1, s.Key()))
			if err != nil {
				t.Fatal(err)
			}
			if got := v.Signers(); len(got) != 1 || got[0].KeyID != s.Key().ID() {
				t.Errorf("signers %+v", got)
			}
			_, err = attest.Verify(t.Context(), parse(t, data), attest.BytesSubject(artifact), attest.AtLeast(1, newSigner(t, elliptic.P256()).Key()))
			refused(t, err, "signature", attest.ErrSignature)
			again, err := s.SignPayload(t.Context(), attest.PayloadType, []byte(artifactStatement()))
			if err != nil || string(again) != string(data) {
				t.Errorf("signing twice gives different bundles (%v)", err)
			}
		})
	}
}

// TestPSS verifies RSASSA-PSS, which a KeySigner does not write.
func TestPSS(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(attest.PAE(attest.PayloadType, []byte(artifactStatement())))
	sig, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	data := fmt.Sprintf(`{"payloadType":%q,"payload":%q,"signatures":[{"sig":%q}]}`, attest.PayloadType,
		base64.StdEncoding.EncodeToString([]byte(artifactStatement())), base64.StdEncoding.EncodeToString(sig))
	if _, err := attest.Verify(t.Context(), parse(t, []byte(data)), attest.BytesSubject(artifact), attest.AtLeast(1, signerOf(t, key).Key())); err != nil {
		t.Error(err)
	}
}

func TestWeakKey(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, err = attest.NewKey(key.Public())
	refused(t, err, "signature", attest.ErrWeakKey)
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = attest.NewKey(p224.Public())
	refused(t, err, "signature", attest.ErrWeakKey)
}

func TestThreshold(t *testing.T) {
	a, b, c := newSigner(t, elliptic.P256()), newSigner(t, elliptic.P256()), newSigner(t, elliptic.P256())
	tests := []struct {
		name    string
		signers []*attest.KeySigner
		policy  attest.Policy
		want    error
	}{
		{"two of two", []*attest.KeySigner{a, b}, attest.AtLeast(2, a.Key(), b.Key()), nil},
		{"two of three, one stranger", []*attest.KeySigner{c, a, b}, attest.AtLeast(2, a.Key(), b.Key()), nil},
		{"one of two", []*attest.KeySigner{a}, attest.AtLeast(2, a.Key(), b.Key()), attest.ErrThreshold},
		{"one key signs twice", []*attest.KeySigner{a, a}, attest.AtLeast(2, a.Key(), b.Key()), attest.ErrThreshold},
		{"one key listed twice", []*attest.KeySigner{a, a}, attest.AtLeast(2, a.Key(), a.Key()), attest.ErrThreshold},
		{"both groups", []*attest.KeySigner{a, b}, attest.All(attest.AtLeast(1, a.Key()), attest.AtLeast(1, b.Key(), c.Key())), nil},
		{"one group", []*attest.KeySigner{a}, attest.All(attest.AtLeast(1, a.Key()), attest.AtLeast(1, b.Key(), c.Key())), attest.ErrSignature},
		{"a part of a policy without rule", []*attest.KeySigner{a}, attest.All(attest.AtLeast(1, a.Key()), attest.Policy{}), errAny},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := envelope(t, attest.PayloadType, artifactStatement(), tt.signers...)
			v, err := attest.Verify(t.Context(), parse(t, data), attest.BytesSubject(artifact), tt.policy)
			switch {
			case tt.want == nil && err != nil, tt.want != nil && err == nil, tt.want != nil && tt.want != errAny && !errors.Is(err, tt.want):
				t.Errorf("want %v, got %v", tt.want, err)
			case err == nil && len(tt.signers) == 3 && len(v.Rejected()) != 1:
				t.Errorf("rejected %+v, want the stranger's signature", v.Rejected())
			}
		})
	}
}

var errAny = errors.New("any error")

// labelled is a verifier that cannot be the key of a map.
type labelled struct {
	*attest.Key
	labels []string
}

// named is a verifier with a name of its own.
type named struct{ *attest.Key }

func (named) String() string { return "named" }

// TestEmbedded: a type that embeds a verifier is one.
func TestEmbedded(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	b := parse(t, envelope(t, attest.PayloadType, artifactStatement(), s))
	for _, v := range []attest.Verifier{s.Key(), labelled{s.Key(), []string{"release"}}, &labelled{s.Key(), nil}, named{s.Key()}} {
		got, err := attest.Verify(t.Context(), b, attest.BytesSubject(artifact), attest.AtLeast(1, v))
		if err != nil || len(got.Signers()) != 1 || got.Signers()[0].KeyID != s.Key().ID() {
			t.Errorf("%T: %v", v, err)
		}
		// The same key in two verifiers is one signer.
		_, err = attest.Verify(t.Context(), b, attest.BytesSubject(artifact), attest.AtLeast(2, v, s.Key()))
		refused(t, err, "signature", attest.ErrThreshold)
	}
}

// TestPolicyProbe refuses policies that a document nobody signed would meet.
func TestPolicyProbe(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	data := envelope(t, attest.PayloadType, artifactStatement(), s)
	for name, pol := range map[string]attest.Policy{
		"zero": {}, "no verifier": attest.AtLeast(0), "threshold of zero": attest.AtLeast(0, s.Key()), "negative": attest.AtLeast(-1, s.Key()),
		"empty All": attest.All(), "type alone": attest.PredicateType("https://example.com/p"), "summary alone": attest.Summary(attest.VSA{}),
		"nil verifier": attest.AtLeast(1, nil), "nil key": attest.AtLeast(1, (*attest.Key)(nil)), "zero key": attest.AtLeast(1, &attest.Key{}),
		"nil key in another": attest.AtLeast(1, labelled{nil, []string{"release"}}), "nil pointer": attest.AtLeast(1, (*labelled)(nil)),
		"nil key beside one that holds": attest.AtLeast(1, s.Key(), (*attest.Key)(nil)), "nil key that has a name": attest.AtLeast(1, named{}),
	} {
		_, err := attest.Verify(t.Context(), parse(t, data), attest.BytesSubject(artifact), pol)
		var e *attest.Error
		if !errors.As(err, &e) || e.Stage != "policy" || e.Kind != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, subject := range map[string]attest.Subject{"zero": {}, "zero digest": attest.DigestSubject(evidence.Digest{}), "none": attest.OneOf()} {
		if _, err := attest.Verify(t.Context(), parse(t, data), subject, attest.AtLeast(1, s.Key())); err == nil {
			t.Errorf("subject %s was accepted", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := attest.Verify(ctx, parse(t, data), attest.BytesSubject(artifact), attest.AtLeast(1, s.Key())); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if _, err := attest.Verify(t.Context(), nil, attest.BytesSubject(artifact), attest.AtLeast(1, s.Key())); !errors.Is(err, attest.ErrNoAttestation) {
		t.Errorf("nil bundle: got %v", err)
	}
}

func TestStatement(t *testing.T) {
	good := artifactStatement()
	sha512 := strings.Repeat("0", 128)
	tests := []struct {
		name, payload string
		stage         attest.Stage
		kind          error
	}{
		{"as it is", good, "", nil},
		{"v0.1", strings.Replace(good, "/v1", "/v0.1", 1), "", nil},
		{"a later member", strings.Replace(good, `"predicate"`, `"later":1,"predicate"`, 1), "", nil},
		{"no predicate", strings.Replace(good, `,"predicate":{}`, "", 1), "", nil},
		{"nameless subject", strings.Replace(good, `"name":"a",`, "", 1), "", nil},
		{"unknown algorithm too", strings.Replace(good, `"digest":{`, `"digest":{"gce_image_id":"89",`, 1), "", nil},
		{"no type", strings.Replace(good, `"_type"`, `"type"`, 1), "statement", evidence.ErrFormat},
		{"another type", strings.Replace(good, "Statement/v1", "Statement/v2", 1), "statement", evidence.ErrUnsupported},
		{"case of a member", strings.Replace(good, `"subject"`, `"Subject"`, 1), "statement", evidence.ErrFormat},
		{"second subject list", strings.Replace(good, `"subject"`, `"subject":[],"subject"`, 1), "statement", evidence.ErrFormat},
		{"empty subject list", `{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x"}`, "statement", evidence.ErrFormat},
		{"digest too short", strings.Replace(good, `":{"sha256":"`, `":{"sha256":"0`, 1), "statement", evidence.ErrFormat},
		{"digest in upper case", strings.Replace(good, evidence.Sum256(artifact).Hex(), strings.ToUpper(evidence.Sum256(artifact).Hex()), 1), "statement", evidence.ErrFormat},
		{"algorithm misspelt", strings.Replace(good, `"sha256"`, `"SHA-256"`, 1), "statement", evidence.ErrFormat},
		{"no digest", strings.Replace(good, `"digest":{"sha256":"`+evidence.Sum256(artifact).Hex()+`"}`, `"digest":{}`, 1), "statement", evidence.ErrFormat},
		{"null predicate", strings.Replace(good, `"predicate":{}`, `"predicate":null`, 1), "", nil},
		{"no predicate type", strings.Replace(good, `"predicateType"`, `"predicateTypes"`, 1), "statement", evidence.ErrFormat},
		{"trailing", good + "{}", "statement", evidence.ErrFormat},
		{"another artifact", statement(strings.Repeat("0", 64)), "subject", attest.ErrSubject},
		{"another sha512", strings.Replace(good, `"digest":{`, `"digest":{"sha512":"`+sha512+`",`, 1), "subject", attest.ErrSubject},
	}
	s := newSigner(t, elliptic.P256())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := envelope(t, attest.PayloadType, tt.payload, s)
			_, err := attest.Verify(t.Context(), parse(t, data), attest.BytesSubject(artifact), attest.AtLeast(1, s.Key()))
			if tt.kind == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused(t, err, tt.stage, tt.kind)
		})
	}
}

func TestPredicates(t *testing.T) {
	tests := []struct {
		predicateType, predicate string
		lacks                    string // "" when it is one
	}{
		{attest.SPDX, `{"spdxVersion":"SPDX-2.3"}`, ""},
		{attest.SPDX, `"SPDXVersion: SPDX-2.3\n"`, ""},
		{attest.SPDX, `{}`, "no SPDX document"},
		{attest.SPDX, `""`, "no SPDX document"},
		{attest.SPDX, `null`, "no SPDX document"},
		{attest.SPDX, `{"bomFormat":"CycloneDX","specVersion":"1.5"}`, "no SPDX document"},
		{attest.CycloneDX, `{"bomFormat":"CycloneDX","specVersion":"1.5"}`, ""},
		{attest.CycloneDX + "/v1.5", `{"bomFormat":"CycloneDX"}`, "no CycloneDX document"},
		{attest.ProvenanceV1, `{"buildDefinition":{"buildType":"b","externalParameters":{}},"runDetails":{"builder":{"id":"x"}}}`, ""},
		{attest.ProvenanceV1, `{"buildDefinition":{"buildType":"b"},"runDetails":{"builder":{"id":""}}}`, "/buildDefinition/externalParameters, /runDetails/builder/id"},
		{attest.ProvenanceV1, `null`, "/buildDefinition/buildType"},
		{attest.ProvenanceV02, `{"builder":{"id":"x"},"buildType":"b"}`, ""},
		{attest.ProvenanceV02, `{"builder":{"id":"x"}}`, "/buildType"},
		{attest.VSAV1, `{"verifier":{"id":"v"},"timeVerified":"2026-01-01T00:00:00Z","resourceUri":"r","policy":{"uri":"p"},"verificationResult":"FAILED","verifiedLevels":[]}`, ""},
		{attest.VSAV1, `{"verifier":{"id":"v"},"resourceUri":"r","policy":{"uri":"p"},"verificationResult":"MAYBE","verifiedLevels":[]}`, "/verificationResult"},
		{attest.TestResultV01, `{"result":"PASSED","configuration":[]}`, ""},
		{attest.TestResultV01, `{"result":"","configuration":[]}`, "/result"},
		{"https://cosign.sigstore.dev/attestation/vuln/v1", `{"scanner":{"uri":"u","result":{}},"metadata":{"scanStartedOn":"2026-01-01T00:00:00Z","scanFinishedOn":"2026-01-01T00:00:01Z"}}`, ""},
		{"https://in-toto.io/attestation/vulns/v0.2", `{"scanner":{"uri":"u","result":null},"metadata":{"scanStartedOn":"0001-01-01T00:00:00Z","scanFinishedOn":"2026-01-01T00:00:01Z"}}`, "/scanner/result, /metadata/scanStartedOn"},
		{"https://example.com/unknown", `{}`, ""},
		{"https://docs.pypi.org/attestations/publish/v1", `null`, ""},
	}
	for _, tt := range tests {
		text := strings.Replace(strings.Replace(artifactStatement(), "https://example.com/p", tt.predicateType, 1), `"predicate":{}`, `"predicate":`+tt.predicate, 1)
		_, err := attest.ParseStatement([]byte(text), nil)
		if tt.lacks != "" {
			refused(t, err, "predicate", attest.ErrPredicate)
			if err != nil && !strings.Contains(err.Error(), tt.lacks) {
				t.Errorf("%s %s: %v, want %q in it", tt.predicateType, tt.predicate, err, tt.lacks)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %s: %v", tt.predicateType, tt.predicate, err)
		}
	}
}

func TestPredicateType(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	spdx := func(predicateType, version string) []byte {
		text := strings.Replace(strings.Replace(artifactStatement(), "https://example.com/p", predicateType, 1), `"predicate":{}`, `"predicate":{"spdxVersion":"SPDX-`+version+`"}`, 1)
		return envelope(t, attest.PayloadType, text, s)
	}
	tests := []struct {
		data []byte
		want string
		kind error
	}{
		{spdx(attest.SPDX, "2.3"), attest.SPDX, nil},
		{spdx(attest.SPDX+"/v2.3", "2.3"), attest.SPDX, nil},
		{spdx(attest.SPDX, "2.3"), attest.SPDX + "/v2.3", nil},
		{spdx(attest.SPDX, "2.2"), attest.SPDX + "/v2.3", attest.ErrPredicateType},
		{spdx(attest.SPDX+"/v2.2", "2.2"), attest.SPDX + "/v2.3", attest.ErrPredicateType},
		{spdx(attest.SPDX, "2.3"), attest.CycloneDX, attest.ErrPredicateType},
		{spdx(attest.CycloneDX, "2.3"), attest.CycloneDX, attest.ErrPredicate},
		{spdx(attest.SPDX+"/v2.3", "2.2"), attest.SPDX, attest.ErrPredicate},
	}
	for i, tt := range tests {
		_, err := attest.Verify(t.Context(), parse(t, tt.data), attest.BytesSubject(artifact), attest.All(attest.AtLeast(1, s.Key()), attest.PredicateType(tt.want)))
		if tt.kind == nil && err != nil || tt.kind != nil && !errors.Is(err, tt.kind) {
			t.Errorf("%d: want %v, got %v", i, tt.kind, err)
		}
	}
}

func TestLimits(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	subjects := strings.Repeat(`{"digest":{"sha256":"`+strings.Repeat("0", 64)+`"}},`, 1024)
	many := strings.Replace(artifactStatement(), `"subject":[`, `"subject":[`+subjects, 1)
	var algorithms strings.Builder
	for i := range 32 {
		fmt.Fprintf(&algorithms, `"x%d":"1",`, i)
	}
	for name, payload := range map[string]string{
		"subjects": many,
		"digests":  strings.Replace(artifactStatement(), `"digest":{`, `"digest":{`+algorithms.String(), 1),
		"depth":    strings.Replace(artifactStatement(), `"predicate":{}`, `"predicate":`+strings.Repeat("[", 200)+strings.Repeat("]", 200), 1),
	} {
		_, err := attest.Verify(t.Context(), parse(t, envelope(t, attest.PayloadType, payload, s)), attest.BytesSubject(artifact), attest.AtLeast(1, s.Key()))
		if !errors.Is(err, evidence.ErrLimit) {
			t.Errorf("%s: got %v", name, err)
		}
		refused(t, err, "limits", evidence.ErrLimit)
	}
	_, err := attest.ParseBundle(make([]byte, 48<<20+1), nil)
	refused(t, err, "limits", evidence.ErrLimit)
	data := envelope(t, attest.PayloadType, artifactStatement(), s, s, s)
	_, err = attest.ParseBundle(data, &attest.ParseOptions{Limits: evidence.Limits{Signatures: 2}})
	refused(t, err, "limits", evidence.ErrLimit)
}

// TestMembers: an envelope may have members that are not known, but not without end.
func TestMembers(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	data := strings.TrimRight(string(envelope(t, attest.PayloadType, artifactStatement(), s)), "} \n")
	for n, kind := range map[int]error{1: nil, 16 << 10: nil, 16<<10 + 1: evidence.ErrLimit} {
		var names strings.Builder
		for i := range n {
			fmt.Fprintf(&names, `,"%x":0`, i)
		}
		for _, text := range []string{data + `,"x":{` + names.String()[1:] + `}}`, data + `,"x":[0` + strings.Repeat(",0", n-1) + `]}`} {
			_, err := attest.ParseBundles([]byte(text), nil)
			if kind != nil {
				refused(t, err, "limits", kind)
			} else if err != nil {
				t.Errorf("%d: %v", n, err)
			}
		}
	}
}

func TestNoAttestation(t *testing.T) {
	for _, text := range []string{"", " \n", "[]", "null"} {
		_, err := attest.ParseBundle([]byte(text), nil)
		refused(t, err, "bundle", attest.ErrNoAttestation)
		_, err = attest.ParseBundles([]byte(text), nil)
		refused(t, err, "bundle", attest.ErrNoAttestation)
	}
	s := newSigner(t, elliptic.P256())
	line := string(envelope(t, attest.PayloadType, artifactStatement(), s))
	all, err := attest.ParseBundles([]byte(line+"\n"+line+"\n"), nil)
	if err != nil || len(all) != 2 {
		t.Errorf("%d attestations, %v", len(all), err)
	}
}

// FuzzPAE holds the encoding against securesystemslib's.
func FuzzPAE(f *testing.F) {
	f.Add("http://example.com/HelloWorld", []byte("hello world"))
	f.Fuzz(func(t *testing.T, payloadType string, payload []byte) {
		want := dsse.PAE(payloadType, payload)
		if got := attest.PAE(payloadType, payload); string(got) != string(want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// FuzzParseBundle: what is accepted has a form and signatures within limits, and a
// bundle that verifies does not verify with another payload.
func FuzzParseBundle(f *testing.F) {
	s := newSigner(f, elliptic.P256())
	f.Add(envelope(f, attest.PayloadType, artifactStatement(), s))
	bundle, err := s.SignPayload(f.Context(), attest.PayloadType, []byte(artifactStatement()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bundle)
	f.Add([]byte(`{"envelope":{"payloadType":"x","payload":"","signatures":[]},"annotations":{"dev.sigstore.cosign/bundle":"{}"}}`))
	f.Add([]byte(`{"Base64Signature":"AA==","Payload":"e30=","Cert":{"Raw":"AA=="},"Bundle":{"SignedEntryTimestamp":"AA==","Payload":{"body":"e30="}},"RFC3161Timestamp":{"SignedRFC3161Timestamp":"AA=="}}`))
	f.Add([]byte(`{"base64Signature":"AA==","cert":"AA=="}`))
	f.Add([]byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","messageSignature":{"messageDigest":{"algorithm":1,"digest":"AA=="},"signature":"AA=="},"verificationMaterial":{"certificate":{"rawBytes":"AA=="},"tlogEntries":[{"logIndex":"1","logId":{"keyId":"AA=="},"kindVersion":{"kind":"a","version":"b"},"inclusionProof":{"rootHash":"AA==","treeSize":2,"checkpoint":{"envelope":"x"}},"canonicalizedBody":"AA=="}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := attest.ParseBundle(data, nil)
		if err != nil {
			var e *attest.Error
			if !errors.As(err, &e) || e.Kind == nil {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		if b.Format() == "invalid" {
			t.Fatal("accepted without a format")
		}
		v, err := attest.Verify(t.Context(), b, attest.BytesSubject(artifact), attest.AtLeast(1, s.Key()))
		if err != nil {
			return
		}
		if b.Format() == "cosign-blob-signature" {
			return // over the artifact, by whom it must be
		}
		if _, payload := b.UnverifiedPayload(); string(payload) != artifactStatement() || v.Statement().PredicateType != "https://example.com/p" {
			t.Fatalf("verified a payload that was not signed: %q", payload)
		}
	})
}

// FuzzParseStatement: what is accepted is a JSON object with the members that
// encoding/json also sees, and one byte of digest decides the subject.
func FuzzParseStatement(f *testing.F) {
	f.Add([]byte(artifactStatement()))
	f.Add([]byte(strings.Replace(artifactStatement(), "https://example.com/p", attest.ProvenanceV1, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		st, err := attest.ParseStatement(data, nil)
		if err != nil {
			return
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatalf("encoding/json: %v", err)
		}
		var theirs string
		if err := json.Unmarshal(m["predicateType"], &theirs); err != nil || theirs != st.PredicateType {
			t.Fatalf("predicate type %q, encoding/json says %q (%v)", st.PredicateType, theirs, err)
		}
		if len(st.Subject) == 0 || len(st.Subject[0].Digest) == 0 || st.Type != attest.StatementV01 && st.Type != attest.StatementV1 {
			t.Fatalf("accepted %+v", st)
		}
		if err := st.CheckPredicate(); err != nil {
			t.Fatalf("accepted, but its predicate does not hold: %v", err)
		}
	})
}

var _ attest.Verifier = (*attest.Key)(nil)
var _ signed.Form
