// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
)

// messageBundle is a bundle with the signature of an artifact by a key. messageDigest is
// JSON, empty for none.
func messageBundle(sig []byte, messageDigest string) []byte {
	if messageDigest != "" {
		messageDigest = `"messageDigest":` + messageDigest + `,`
	}
	return []byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"x"}},"messageSignature":{` +
		messageDigest + `"signature":"` + base64.StdEncoding.EncodeToString(sig) + `"}}`)
}

func digestJSON(algorithm string, sum []byte) string {
	return `{"algorithm":"` + algorithm + `","digest":"` + base64.StdEncoding.EncodeToString(sum) + `"}`
}

// TestMessageDigest: a digest that cannot be one of its algorithm is malformed; without
// one the signature is held against the artifact.
func TestMessageDigest(t *testing.T) {
	s := newRawSigner(t)
	sum, sum512, other := sha256.Sum256(artifact), sha512.Sum512(artifact), sha256.Sum256([]byte("another"))
	for _, tt := range []struct {
		name, digest string
		stage        attest.Stage
		kind         error
	}{
		{name: "none"},
		{name: "null", digest: "null"},
		{name: "right", digest: digestJSON("SHA2_256", sum[:])},
		{name: "right, SHA-512", digest: digestJSON("SHA2_512", sum512[:])},
		{"short", digestJSON("SHA2_256", sum[:20]), "bundle", evidence.ErrFormat},
		{"long", digestJSON("SHA2_256", sum512[:]), "bundle", evidence.ErrFormat},
		{"empty", digestJSON("SHA2_256", nil), "bundle", evidence.ErrFormat},
		{"algorithm alone", `{"algorithm":"SHA2_256"}`, "bundle", evidence.ErrFormat},
		{"digest alone", `{"digest":"` + base64.StdEncoding.EncodeToString(sum[:]) + `"}`, "bundle", evidence.ErrFormat},
		{"empty object", `{}`, "bundle", evidence.ErrFormat},
		{"unknown algorithm", digestJSON("SHA3_256", sum[:]), "bundle", evidence.ErrUnsupported},
		{"of another artifact", digestJSON("SHA2_256", other[:]), "subject", attest.ErrSubject},
	} {
		sig, err := base64.StdEncoding.DecodeString(s.over(t, string(artifact)))
		if err != nil {
			t.Fatal(err)
		}
		b, err := attest.ParseBundle(messageBundle(sig, tt.digest), nil)
		if err == nil {
			_, err = attest.Verify(t.Context(), b, attest.BytesSubject(artifact), attest.AtLeast(1, s.key))
		}
		if tt.kind != nil {
			refused(t, err, tt.stage, tt.kind)
		} else if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestOneOf: a signature is held against every artifact that it may be about.
func TestOneOf(t *testing.T) {
	s := newRawSigner(t)
	sig, err := base64.StdEncoding.DecodeString(s.over(t, string(artifact)))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(artifact)
	mine, first, last := attest.DigestSubject(evidence.Sum256(artifact)), attest.BytesSubject([]byte("first")), attest.BytesSubject([]byte("last"))
	for _, tt := range []struct {
		name    string
		subject attest.Subject
		kind    error
	}{
		{"first", attest.OneOf(mine, last), nil},
		{"between", attest.OneOf(first, mine, last), nil},
		{"last", attest.OneOf(first, mine), nil},
		{"none of them", attest.OneOf(first, last), attest.ErrSignature},
	} {
		for _, digest := range []string{"", digestJSON("SHA2_256", sum[:])} {
			v, err := attest.Verify(t.Context(), parse(t, messageBundle(sig, digest)), tt.subject, attest.AtLeast(1, s.key))
			switch {
			case tt.kind == nil && err != nil:
				t.Errorf("%s: %v", tt.name, err)
			case tt.kind == nil:
				if _, matched := v.Subject(); len(matched) != 1 || matched[0] != evidence.Sum256(artifact) {
					t.Errorf("%s: matched %v", tt.name, matched)
				}
			case digest != "":
				refused(t, err, "subject", attest.ErrSubject)
			default:
				refused(t, err, "signature", tt.kind)
			}
		}
	}
	_, err = attest.Verify(t.Context(), parse(t, messageBundle(sig, "")), attest.OneOf(first, attest.UnsafeAnySubject()), attest.AtLeast(1, s.key))
	refused(t, err, "subject", attest.ErrSubject)
}

// changing gives other bytes when it is read again.
type changing struct{ io.Reader }

func (changing) ReadAt(p []byte, _ int64) (int, error) { return len(p), nil }

// TestEd25519Artifact: plain Ed25519 signs the artifact, Ed25519ph its SHA-512.
func TestEd25519Artifact(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := attest.NewKey(public)
	if err != nil {
		t.Fatal(err)
	}
	sum, sum512 := sha256.Sum256(artifact), sha512.Sum512(artifact)
	hashed, err := private.Sign(nil, sum512[:], crypto.SHA512)
	if err != nil {
		t.Fatal(err)
	}
	plain := ed25519.Sign(private, artifact)
	d512, err := evidence.NewDigest(evidence.SHA512, sum512[:])
	if err != nil {
		t.Fatal(err)
	}
	stream := func(r io.Reader) attest.Subject {
		s, err := attest.ArtifactSubject(r)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, tt := range []struct {
		name    string
		sig     []byte
		subject attest.Subject
		says    string // empty where the signature holds
	}{
		{"plain", plain, attest.BytesSubject(artifact), ""},
		{"plain, file", plain, stream(bytes.NewReader(artifact)), ""},
		{"plain, one of two", plain, attest.OneOf(attest.BytesSubject([]byte("first")), attest.BytesSubject(artifact)), ""},
		{"prehashed", hashed, attest.BytesSubject(artifact), ""},
		{"prehashed, digest", hashed, attest.DigestSubject(d512), ""},
		{"plain, digest", plain, attest.DigestSubject(d512), "signature 0 is not by key"},
		{"plain, another digest", plain, attest.DigestSubject(evidence.Sum256(artifact)), "needs its SHA-512 digest"},
		{"plain, stream", plain, stream(io.MultiReader(bytes.NewReader(artifact))), "signature 0 is not by key"},
		{"plain, changed", plain, stream(changing{bytes.NewReader(artifact)}), "changed while it was read"},
		{"plain, another", plain, attest.BytesSubject([]byte("another")), "signature 0 is not by key"},
		{"plain over SHA-256", ed25519.Sign(private, sum[:]), attest.BytesSubject(artifact), "signature 0 is not by key"},
		{"plain over SHA-512", ed25519.Sign(private, sum512[:]), attest.BytesSubject(artifact), "signature 0 is not by key"},
	} {
		_, err := attest.Verify(t.Context(), parse(t, messageBundle(tt.sig, "")), tt.subject, attest.AtLeast(1, key))
		switch {
		case tt.says == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.says != "" && (!errors.Is(err, attest.ErrSignature) || !strings.Contains(err.Error(), tt.says)):
			t.Errorf("%s: got %v, want %q in it", tt.name, err, tt.says)
		}
	}
}

// TestSummary: a verification summary is good only if it says what is expected, and
// PASSED where nobody asks.
func TestSummary(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	const passed = `{"verifier":{"id":"https://example.com/v"},"resourceUri":"pkg:generic/a","policy":{"uri":"p"},"verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_3","EXAMPLE_CHECKED"]}`
	failed := strings.Replace(passed, "PASSED", "FAILED", 1)
	verify := func(predicate string, rules ...attest.Policy) error {
		text := strings.Replace(strings.Replace(artifactStatement(), "https://example.com/p", attest.VSAV1, 1), `"predicate":{}`, `"predicate":`+predicate, 1)
		_, err := attest.Verify(t.Context(), parse(t, envelope(t, attest.PayloadType, text, s)), attest.BytesSubject(artifact),
			attest.All(append(rules, attest.AtLeast(1, s.Key()))...))
		return err
	}
	for _, tt := range []struct {
		name, predicate string
		rules           []attest.Policy
		says            string // empty where it is accepted
	}{
		{"passed", passed, nil, ""},
		{"passed, typed", passed, []attest.Policy{attest.PredicateType(attest.VSAV1)}, ""},
		{"failed", failed, nil, `got "FAILED", want "PASSED"`},
		{"failed, typed", failed, []attest.Policy{attest.PredicateType(attest.VSAV1)}, `got "FAILED", want "PASSED"`},
		{"no result", strings.Replace(passed, `"verificationResult":"PASSED",`, "", 1), nil, `got none, want "PASSED"`},
		{"failed and malformed", strings.Replace(failed, `"uri":"p"`, `"uri":1`, 1), nil, `want "PASSED"`},
		{"passed, without a verifier", strings.Replace(passed, `"https://example.com/v"`, `""`, 1), nil, ""},
		{"passed, without a verifier, typed", strings.Replace(passed, `"https://example.com/v"`, `""`, 1), []attest.Policy{attest.PredicateType(attest.VSAV1)}, "/verifier/id"},
		{"failed is expected", failed, []attest.Policy{attest.Summary(attest.VSA{Result: "FAILED"})}, ""},
		{"passed, failed is expected", passed, []attest.Policy{attest.Summary(attest.VSA{Result: "FAILED"})}, `got "PASSED", want "FAILED"`},
		{"failed, result not stated", failed, []attest.Policy{attest.Summary(attest.VSA{VerifierID: "https://example.com/v"})}, `got "FAILED", want "PASSED"`},
		{"all", passed, []attest.Policy{attest.Summary(attest.VSA{VerifierID: "https://example.com/v", ResourceURI: "pkg:generic/a", VerifiedLevels: []string{"SLSA_BUILD_LEVEL_2", "EXAMPLE_CHECKED"}})}, ""},
		{"another verifier", passed, []attest.Policy{attest.Summary(attest.VSA{VerifierID: "https://example.com/V"})}, "verifier of the verification summary"},
		{"another resource", passed, []attest.Policy{attest.Summary(attest.VSA{ResourceURI: "pkg:generic/b"})}, "resource of the verification summary"},
		{"higher level", passed, []attest.Policy{attest.Summary(attest.VSA{VerifiedLevels: []string{"SLSA_BUILD_LEVEL_4"}})}, "levels of the verification summary"},
		{"another track", passed, []attest.Policy{attest.Summary(attest.VSA{VerifiedLevels: []string{"SLSA_SOURCE_LEVEL_1"}})}, "levels of the verification summary"},
		{"level of nobody's", passed, []attest.Policy{attest.Summary(attest.VSA{VerifiedLevels: []string{"SLSA_BUILD_LEVEL_UNEVALUATED"}})}, "levels of the verification summary"},
	} {
		err := verify(tt.predicate, tt.rules...)
		switch {
		case tt.says == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.says != "" && (!errors.Is(err, attest.ErrPredicate) || !strings.Contains(err.Error(), tt.says)):
			t.Errorf("%s: got %v, want %q in it", tt.name, err, tt.says)
		}
	}
	_, err := attest.Verify(t.Context(), parse(t, envelope(t, attest.PayloadType, artifactStatement(), s)), attest.BytesSubject(artifact),
		attest.All(attest.AtLeast(1, s.Key()), attest.Summary(attest.VSA{})))
	refused(t, err, "predicateType", attest.ErrPredicateType)
}

// TestPredicateNotAsked: what a predicate lacks is a warning where nobody asks for its
// type; a predicate that is the content must be there all the same.
func TestPredicateNotAsked(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	lacks := `{"buildDefinition":{"buildType":"b"},"runDetails":{"builder":{"id":"x"}}}`
	for _, tt := range []struct {
		predicateType, predicate string
		refused                  bool
		warning                  string
	}{
		{attest.ProvenanceV1, `{"buildDefinition":{"buildType":"b","externalParameters":{}},"runDetails":{"builder":{"id":"x"}}}`, false, ""},
		{attest.ProvenanceV1, lacks, false, "/buildDefinition/externalParameters"},
		{attest.ProvenanceV1, `{"buildDefinition":{"buildType":"b","resolvedDependencies":1}}`, false, "/resolvedDependencies"},
		{attest.ProvenanceV1, `{"buildDefinition":1}`, true, ""},
		{attest.ProvenanceV1, `{}`, true, ""},
		{attest.ProvenanceV1, `null`, true, ""},
		{attest.SPDX, `{"bomFormat":"CycloneDX","specVersion":"1.5"}`, false, "no SPDX document"},
		{attest.SPDX, `{}`, true, ""},
		{attest.SPDX, `null`, true, ""},
		{"https://cosign.sigstore.dev/attestation/vuln/v1", `{"scanner":{"uri":"","result":null},"metadata":{"scanStartedOn":"0001-01-01T00:00:00Z","scanFinishedOn":"0001-01-01T00:00:00Z"}}`, true, ""},
		{attest.TestResultV01, `{"spdxVersion":"SPDX-2.3"}`, true, ""},
		{attest.TestResultV01, `{"result":"FAILED","configuration":[]}`, false, "FAILED"},
		{"https://docs.pypi.org/attestations/publish/v1", `null`, false, ""},
	} {
		text := strings.Replace(strings.Replace(artifactStatement(), "https://example.com/p", tt.predicateType, 1), `"predicate":{}`, `"predicate":`+tt.predicate, 1)
		v, err := attest.Verify(t.Context(), parse(t, envelope(t, attest.PayloadType, text, s)), attest.BytesSubject(artifact), attest.AtLeast(1, s.Key()))
		if tt.refused {
			var e *attest.Error
			if !errors.As(err, &e) || e.Stage != "predicate" {
				t.Errorf("%s %s: got %v", tt.predicateType, tt.predicate, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %s: %v", tt.predicateType, tt.predicate, err)
		} else if got := strings.Join(v.Warnings(), "; "); (got == "") != (tt.warning == "") || !strings.Contains(got, tt.warning) {
			t.Errorf("%s %s: warnings %q, want %q", tt.predicateType, tt.predicate, got, tt.warning)
		}
	}
}
