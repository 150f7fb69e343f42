// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/test/attestcase"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// signatureChanged returns the file with another byte in its signature, and with the
// key id that is given.
func signatureChanged(t *testing.T, e evidenceFile, hint *string) evidenceFile {
	t.Helper()
	data, err := e.data()
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		MediaType    string          `json:"mediaType"`
		Verification json.RawMessage `json:"verificationMaterial"`
		Envelope     struct {
			Payload     []byte `json:"payload"`
			PayloadType string `json:"payloadType"`
			Signatures  []struct {
				Sig []byte `json:"sig"`
			} `json:"signatures"`
		} `json:"dsseEnvelope"`
	}
	if err := json.Unmarshal(data, &bundle); err != nil {
		t.Fatal(err)
	}
	sig := bundle.Envelope.Signatures[0].Sig
	sig[len(sig)-1] ^= 1
	if hint != nil {
		bundle.Verification, _ = json.Marshal(map[string]any{"publicKey": map[string]string{"hint": *hint}})
	}
	data, err = json.Marshal(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return evidenceFile{path: e.path, data: func() ([]byte, error) { return data, nil }}
}

// TestCheckImageOtherKey: a signature by another key beside one that is expected is a
// warning, if it says the same of the same image.
func TestCheckImageOtherKey(t *testing.T) {
	const predicateType = "https://example.com/p"
	s, stranger, second := newSigner(t), newSigner(t), newSigner(t)
	image, other := evidence.Sum256([]byte("image")), evidence.Sum256([]byte("other"))
	by := func(k *attest.KeySigner, path string, d evidence.Digest, predicateType string) evidenceFile {
		e := signedAbout(t, k, d, predicateType, struct{}{})
		e.path = path
		return e
	}
	passed := func(k *attest.KeySigner, path, members string) evidenceFile {
		statement := `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"` + image.Hex() + `"}}],"predicateType":"` + attest.TestResultV01 + `","predicate":{` + members + `}}`
		data, err := k.SignPayload(t.Context(), "application/vnd.in-toto+json", []byte(statement))
		if err != nil {
			t.Fatal(err)
		}
		return evidenceFile{path: path, data: func() ([]byte, error) { return data, nil }}
	}
	expected := by(s, "expected.json", image, predicateType)
	strange := by(stranger, "other.json", image, predicateType)
	both := func() evidenceFile { // one envelope, signed by the expected key and by the stranger
		type signature struct {
			KeyID string `json:"keyid"`
			Sig   []byte `json:"sig"`
		}
		var envelope struct {
			Payload     []byte      `json:"payload"`
			PayloadType string      `json:"payloadType"`
			Signatures  []signature `json:"signatures"`
		}
		for _, e := range []evidenceFile{expected, strange} {
			var bundle struct {
				Verification struct{ PublicKey struct{ Hint string } } `json:"verificationMaterial"`
				Envelope     any                                       `json:"dsseEnvelope"`
			}
			bundle.Envelope = &envelope
			signatures := envelope.Signatures
			envelope.Signatures = nil
			data, err := e.data()
			if err == nil {
				err = json.Unmarshal(data, &bundle)
			}
			if err != nil {
				t.Fatal(err)
			}
			envelope.Signatures = append(signatures, signature{bundle.Verification.PublicKey.Hint, envelope.Signatures[0].Sig})
		}
		data, err := json.Marshal(envelope)
		if err != nil {
			t.Fatal(err)
		}
		return evidenceFile{path: "expected.json", data: func() ([]byte, error) { return data, nil }}
	}
	none := ""
	tests := []struct {
		name   string
		files  []evidenceFile
		status evidence.Status // of the signature in other.json
		class  error
	}{
		{"behind the expected one", []evidenceFile{expected, strange}, evidence.StatusWarn, evidence.ErrMismatch},
		{"before the expected one", []evidenceFile{strange, expected}, evidence.StatusWarn, evidence.ErrMismatch},
		{"beside one by the second of the expected", []evidenceFile{by(second, "expected.json", image, predicateType), strange}, evidence.StatusWarn, evidence.ErrMismatch},
		{"beside an envelope that both signed", []evidenceFile{both(), strange}, evidence.StatusWarn, evidence.ErrMismatch},
		{"alone", []evidenceFile{strange}, evidence.StatusFail, evidence.ErrMismatch},
		{"about another image", []evidenceFile{expected, by(stranger, "other.json", other, predicateType)}, evidence.StatusFail, evidence.ErrMismatch},
		{"of another predicate type", []evidenceFile{expected, by(stranger, "other.json", image, predicateType+"2")}, evidence.StatusFail, evidence.ErrMismatch},
		{"of a predicate that is not of its type", []evidenceFile{
			passed(s, "expected.json", `"result":"PASSED","configuration":[]`), passed(stranger, "other.json", `"result":"PASSED"`)}, evidence.StatusFail, evidence.ErrMismatch},
		{"of a predicate that is of its type", []evidenceFile{
			passed(s, "expected.json", `"result":"PASSED","configuration":[]`), passed(stranger, "other.json", `"result":"PASSED","configuration":[]`)}, evidence.StatusWarn, evidence.ErrMismatch},
		{"beside one that says FAILED", []evidenceFile{
			passed(s, "expected.json", `"result":"FAILED","configuration":[]`), passed(stranger, "other.json", `"result":"PASSED","configuration":[]`)}, evidence.StatusFail, evidence.ErrMismatch},
		{"beside a broken one by the expected key", []evidenceFile{signatureChanged(t, expected, nil), strange}, evidence.StatusFail, evidence.ErrMismatch},
		{"a broken one by the expected key", []evidenceFile{expected, signatureChanged(t, by(s, "other.json", image, predicateType), nil)}, evidence.StatusFail, evidence.ErrMismatch},
		{"a broken one that states no key", []evidenceFile{expected, signatureChanged(t, strange, &none)}, evidence.StatusFail, evidence.ErrMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img := &imageEvidence{name: "web", digest: image, attestations: tt.files}
			found := 0
			for _, c := range checkImage(t.Context(), img, []attest.Verifier{s.Key(), second.Key()}, evidence.Limits{}.OrDefault()) {
				if c.Subject != "other.json" {
					continue
				}
				found++
				if c.ID != checkSignature || c.Status != tt.status || len(c.Problems) != 1 || !errors.Is(c.Problems[0], tt.class) {
					t.Errorf("want %s %v of class %v, got %+v", checkSignature, tt.status, tt.class, c)
				}
				if names := strings.Contains(c.Message, "is also signed by key "); names != (tt.status == evidence.StatusWarn) {
					t.Errorf("message %q", c.Message)
				}
			}
			if found != 1 {
				t.Errorf("%d checks of the file, want one", found)
			}
		})
	}
}

// TestCheckImageOtherIdentity: a workflow that is not expected beside the one that is.
func TestCheckImageOtherIdentity(t *testing.T) {
	const file = "asm-1.482.hailbytes-asm-web.image.pull-request.sigstore.json"
	dir := corpus.Dir(t, "real", "negative")
	r := attestcase.NewRelease(t, "1.482")
	strange := fileEvidence("other.json", filepath.Join(dir, file))
	for _, tt := range []struct {
		name   string
		change func(*imageEvidence)
		status evidence.Status
	}{
		{"beside", func(i *imageEvidence) { i.attestations = append(i.attestations, strange) }, evidence.StatusWarn},
		{"alone", func(i *imageEvidence) { i.attestations = []evidenceFile{strange} }, evidence.StatusFail},
		{"broken", func(i *imageEvidence) { i.attestations = append(i.attestations, signatureChanged(t, strange, nil)) }, evidence.StatusFail},
		{"about another image", func(i *imageEvidence) {
			*i = *realImage(t, r, "hailbytes-asm-celery", nil)
			i.attestations = append(i.attestations, strange)
		}, evidence.StatusFail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			img := realImage(t, r, "hailbytes-asm-web", nil)
			tt.change(img)
			for _, c := range checkImage(t.Context(), img, []attest.Verifier{r.Verifier(t)}, evidence.Limits{}.OrDefault()) {
				switch {
				case c.Subject == "other.json" && c.Status != tt.status:
					t.Errorf("want %v, got %+v", tt.status, c)
				case c.Subject == "other.json":
					t.Log(c.Message)
				case c.Status == evidence.StatusFail && tt.name != "alone":
					t.Errorf("another file: %+v", c)
				}
			}
		})
	}
}
