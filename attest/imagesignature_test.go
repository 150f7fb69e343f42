// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

const imagePayload = `{"critical":{"identity":{"docker-reference":"ghcr.io/hailbytes/web"},"image":{"docker-manifest-digest":"DIGEST"},"type":"cosign container image signature"},"optional":{"env":"prod"}}`

// rawSigner signs bytes as they are, as "cosign sign" and "cosign sign-blob" do.
type rawSigner struct {
	*ecdsa.PrivateKey
	key *attest.Key
}

func newRawSigner(t testing.TB) rawSigner {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := attest.NewKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return rawSigner{private, key}
}

func (s rawSigner) over(t testing.TB, message string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(message))
	sig, err := ecdsa.SignASN1(rand.Reader, s.PrivateKey, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sig)
}

// download is what "cosign download signature" prints for a key.
func download(t testing.TB, payload, sig string) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{
		"Base64Signature": sig, "Payload": []byte(payload), "Cert": nil, "Chain": nil, "Bundle": nil, "RFC3161Timestamp": nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestImageSignature: the signature is over the payload, and the payload names the image.
func TestImageSignature(t *testing.T) {
	s, stranger := newRawSigner(t), newRawSigner(t)
	image := evidence.Sum256([]byte("image"))
	payload := strings.Replace(imagePayload, "DIGEST", image.String(), 1)
	edited := func(old, new string) string {
		text := strings.Replace(payload, old, new, 1)
		if text == payload {
			t.Fatalf("no %s in the payload", old)
		}
		return text
	}
	tests := []struct {
		name, payload string
		by            rawSigner
		over          string // what is signed; empty for the payload
		stage         attest.Stage
		kind          error
	}{
		{name: "signed", payload: payload, by: s},
		{name: "optional null", payload: edited(`{"env":"prod"}`, "null"), by: s},
		{name: "no reference", payload: edited("ghcr.io/hailbytes/web", ""), by: s},
		{name: "stranger", payload: payload, by: stranger, stage: "signature", kind: attest.ErrSignature},
		{name: "edited", payload: edited("web", "app"), by: s, over: payload, stage: "signature", kind: attest.ErrSignature},
		{name: "over PAE", payload: payload, by: s, over: string(attest.PAE("application/vnd.dev.cosign.simplesigning.v1+json", []byte(payload))), stage: "signature", kind: attest.ErrSignature},
		{name: "another image", payload: edited(image.Hex(), strings.Repeat("0", 64)), by: s, stage: "subject", kind: attest.ErrSubject},
		{name: "another type", payload: edited("cosign container image signature", "atomic container signature"), by: s, stage: "statement", kind: evidence.ErrUnsupported},
		{name: "unknown critical", payload: edited(`"critical":{`, `"critical":{"expires":1,`), by: s, stage: "statement", kind: evidence.ErrFormat},
		{name: "unknown member", payload: edited(`"optional"`, `"other"`), by: s, stage: "statement", kind: evidence.ErrFormat},
		{name: "no digest", payload: edited(`"image":{"docker-manifest-digest":"`+image.String()+`"},`, ""), by: s, stage: "statement", kind: evidence.ErrFormat},
		{name: "bad digest", payload: edited("sha256:", "sha256-"), by: s, stage: "statement", kind: evidence.ErrFormat},
		{name: "statement", payload: statement(image.Hex()), by: s, stage: "statement", kind: evidence.ErrFormat},
	}
	_, err := attest.ParseImageSignature([]byte(edited(`"optional"`, `"critical":{},"optional"`)), nil)
	refused(t, err, "statement", evidence.ErrFormat)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			over := tt.over
			if over == "" {
				over = tt.payload
			}
			sig := tt.by.over(t, over)
			layer, err := attest.ParseCosignLayer([]byte(tt.payload), map[string]string{"dev.cosignproject.cosign/signature": sig}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for form, b := range map[string]*attest.Bundle{"download": parse(t, download(t, tt.payload, sig)), "layer": layer} {
				v, err := attest.Verify(t.Context(), b, attest.DigestSubject(image), attest.AtLeast(1, s.key))
				if tt.kind != nil {
					refused(t, err, tt.stage, tt.kind)
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", form, err)
					continue
				}
				got := v.ImageSignature()
				if _, matched := v.Subject(); len(matched) != 1 || matched[0] != image || got.Digest != image {
					t.Errorf("%s: matched %v, signed %v", form, matched, got.Digest)
				}
				if v.Format() != "cosign-image-signature" || v.Statement() != nil {
					t.Errorf("%s: format %s, statement %v", form, v.Format(), v.Statement())
				}
			}
		})
	}
}

// TestImageSignatureForm: what a document of this form must hold, and may not.
func TestImageSignatureForm(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"no signature", `{"Payload":"e30="}`},
		{"no payload", `{"Base64Signature":"AA=="}`},
		{"empty signature", `{"Base64Signature":"","Payload":"e30="}`},
		{"no certificate in Cert", `{"Base64Signature":"AA==","Payload":"e30=","Cert":{"Version":3}}`},
		{"log entry without promise", `{"Base64Signature":"AA==","Payload":"e30=","Bundle":{"Payload":{}}}`},
		{"two formats", `{"Base64Signature":"AA==","Payload":"e30=","payload":"e30=","payloadType":"x","signatures":[]}`},
		{"two signatures", `{"Base64Signature":"AA==","Base64Signature":"AA==","Payload":"e30="}`},
		{"blob without signature", `{"base64Signature":""}`},
		{"blob with another PEM", `{"base64Signature":"AA==","cert":"` + base64.StdEncoding.EncodeToString([]byte("-----BEGIN X-----\nAA==\n-----END X-----\n")) + `"}`},
	} {
		_, err := attest.ParseBundle([]byte(tt.text), nil)
		if err == nil {
			t.Errorf("%s: accepted", tt.name)
			continue
		}
		refused(t, err, "bundle", evidence.ErrFormat)
	}
}

// TestBlobSignature: cosign's old bundle is about an artifact. The public key that it
// may hold is nobody's word.
func TestBlobSignature(t *testing.T) {
	s, stranger := newRawSigner(t), newRawSigner(t)
	der := func(r rawSigner) string {
		return base64.StdEncoding.EncodeToString(pemOf(t, r.key.Public()))
	}
	bundle := func(by rawSigner, cert string) *attest.Bundle {
		return parse(t, []byte(`{"base64Signature":"`+by.over(t, string(artifact))+`","cert":"`+cert+`"}`))
	}
	for _, b := range []*attest.Bundle{bundle(s, ""), bundle(s, der(s)), bundle(s, der(stranger))} {
		v, err := attest.Verify(t.Context(), b, attest.BytesSubject(artifact), attest.AtLeast(1, s.key))
		if err != nil || v.Format() != "cosign-blob-signature" {
			t.Error(err)
		}
	}
	_, err := attest.Verify(t.Context(), bundle(stranger, der(stranger)), attest.BytesSubject(artifact), attest.AtLeast(1, s.key))
	refused(t, err, "signature", attest.ErrSignature)
	_, err = attest.Verify(t.Context(), bundle(s, ""), attest.BytesSubject([]byte("another")), attest.AtLeast(1, s.key))
	refused(t, err, "signature", attest.ErrSignature)
}

// TestRealImageSignatures: what "cosign sign --key" of 2.6.1 left for the images of both
// releases, by each of their digests.
func TestRealImageSignatures(t *testing.T) {
	n := 0
	for _, release := range []string{"asm-1.481", "asm-1.482"} {
		dir := filepath.Join(corpus.Dir(t, "real"), release)
		key, err := attest.ParseKey(read(t, filepath.Join(dir, "signatures", "TEST-ONLY-cosign.pub")))
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "signatures", "*.signature.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b := parse(t, read(t, file))
			_, payload := b.UnverifiedPayload()
			claim, err := attest.ParseImageSignature(payload, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := attest.Verify(t.Context(), b, attest.DigestSubject(claim.Digest), attest.AtLeast(1, key)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			_, err = attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(nil)), attest.AtLeast(1, key))
			refused(t, err, "subject", attest.ErrSubject)
			n++
		}
	}
	if n != 6 {
		t.Errorf("%d signatures, want 6", n)
	}
}

// FuzzImageSignature: what is accepted names the image where encoding/json finds it.
func FuzzImageSignature(f *testing.F) {
	f.Add([]byte(strings.Replace(imagePayload, "DIGEST", evidence.Sum256(nil).String(), 1)))
	f.Add([]byte(imagePayload))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := attest.ParseImageSignature(data, nil)
		if err != nil {
			return
		}
		var theirs struct {
			Critical struct {
				Identity struct {
					Reference string `json:"docker-reference"`
				} `json:"identity"`
				Image struct {
					Digest string `json:"docker-manifest-digest"`
				} `json:"image"`
			} `json:"critical"`
		}
		if err := json.Unmarshal(data, &theirs); err != nil {
			t.Fatalf("encoding/json: %v", err)
		}
		if theirs.Critical.Image.Digest != s.Digest.String() || theirs.Critical.Identity.Reference != s.Reference {
			t.Fatalf("%+v, encoding/json says %+v", s, theirs)
		}
	})
}
