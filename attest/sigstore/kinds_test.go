// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/attestcase"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// kinds are the sentinels that a caller tells refusals apart by.
var kinds = map[error]string{
	attest.ErrNoAttestation: "ErrNoAttestation", attest.ErrSignature: "ErrSignature", attest.ErrLog: "ErrLog",
	attest.ErrTime: "ErrTime", attest.ErrCertificate: "ErrCertificate", attest.ErrTrustRoot: "ErrTrustRoot",
	attest.ErrIdentity: "ErrIdentity", attest.ErrThreshold: "ErrThreshold", attest.ErrSubject: "ErrSubject",
	attest.ErrPredicateType: "ErrPredicateType", attest.ErrPredicate: "ErrPredicate", attest.ErrWeakKey: "ErrWeakKey",
}

// TestKinds: every kind comes up in the corpus, none is another, each has one class, and
// what compares two values prints both.
func TestKinds(t *testing.T) {
	for a := range kinds {
		classes := 0
		for b := range kinds {
			if a != b && errors.Is(a, b) {
				t.Errorf("%s is %s", kinds[a], kinds[b])
			}
		}
		for _, class := range []error{evidence.ErrFormat, evidence.ErrUnsupported, evidence.ErrLimit, evidence.ErrMismatch, evidence.ErrPolicy} {
			if errors.Is(a, class) {
				classes++
			}
		}
		if classes != 1 {
			t.Errorf("%s is of %d classes", kinds[a], classes)
		}
	}
	trusted, seen := roots{}, map[string]int{}
	for _, c := range attestcase.Load(t) {
		if c.Expect != "fail" || len(c.Policy.LayoutKeys) > 0 {
			continue
		}
		for _, subject := range subjects(t, &c) {
			_, err := verifyCase(t, trusted, &c, subject)
			e, ok := errors.AsType[*attest.Error](err)
			if !ok || e.Kind == nil {
				continue // nobody was expected: no verdict
			}
			seen[kinds[e.Kind]]++
			if e.Kind == attest.ErrIdentity && (e.Want == "" || !strings.Contains(err.Error(), "got ") || !strings.Contains(err.Error(), "want ")) {
				t.Errorf("%s: a wrong identity without what it is and should be: %v", c.ID, err)
			}
			if e.Kind == attest.ErrTrustRoot && !strings.Contains(err.Error(), "not in this trust root") {
				t.Errorf("%s: %v", c.ID, err)
			}
		}
	}
	// The corpus has no input without any attestation.
	_, err := attest.ParseBundle([]byte("[]"), nil)
	if e, ok := errors.AsType[*attest.Error](err); ok {
		seen[kinds[e.Kind]]++
	}
	if e, ok := errors.AsType[*attest.Error](forgedCertificate(t)); ok {
		seen[kinds[e.Kind]]++
	}
	for _, name := range kinds {
		if seen[name] == 0 {
			t.Errorf("nothing is refused as %s", name)
		}
	}
	t.Logf("refused: %v", seen)
}

// forgedCertificate returns the error for a certificate that names an authority of the
// trust root which did not sign it. The log entry, which holds the certificate too, is
// left out, and not asked for.
func forgedCertificate(t *testing.T) error {
	t.Helper()
	dir := filepath.Join(corpus.Dir(t, "real"), "asm-1.482", "signatures", "keyless")
	var bundle map[string]any
	if err := json.Unmarshal(attestcase.Read(t, filepath.Join(dir, "hailbytes-asm-web.image.sigstore.json")), &bundle); err != nil {
		t.Fatal(err)
	}
	material := bundle["verificationMaterial"].(map[string]any)
	delete(material, "tlogEntries")
	certificate := material["certificate"].(map[string]any)
	der, err := base64.StdEncoding.DecodeString(certificate["rawBytes"].(string))
	if err != nil {
		t.Fatal(err)
	}
	der[len(der)-1] ^= 1
	certificate["rawBytes"] = der
	text, err := json.Marshal(bundle)
	if err != nil {
		t.Fatal(err)
	}
	b, err := attest.ParseBundle(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := sigstore.NewVerifier(roots{}.get(t, filepath.Join(dir, "trusted_root.json")), sigstore.Identity{
		SAN: "https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v1.482", Issuer: sigstore.GitHubIssuer,
	}, &sigstore.Options{UnsafeNoLogEntry: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = attest.Verify(t.Context(), b, attest.UnsafeAnySubject(), attest.AtLeast(1, v))
	return err
}
