// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/test/attestcase"
)

// conformance are the cases of the public conformance suite that must be refused, with
// the stage at which they are and a part of the reason.
var conformance = map[string]struct {
	stage attest.Stage
	says  string
}{
	"bundle-from-wrong-instance_fail": {"tlog", "not in this trust root"},
	"bundle-malformed-json_fail":      {"bundle", "document ends"},
	"bundle-negative-log-index_fail":  {"bundle", "-1 is negative"},
	"bundle-unknown-version_fail":     {"bundle", "version=99.9"},
	// Superfluous certificates may be ignored. The bundle also lacks what its version needs.
	"bundle-with-root-cert_fail":                                {"bundle", "without checkpoint"},
	"checkpoint-bad-keyhint_fail":                               {"tlog", "signature on checkpoint did not verify"},
	"checkpoint-wrong-roothash_fail":                            {"tlog", "checkpoint of a tree"},
	"dsse-invalid-sig_fail":                                     {"signature", "does not verify"},
	"dsse-mismatch-sig_fail":                                    {"tlog", "of another signature"},
	"inclusion-proof-corrupted-hash_fail":                       {"tlog", "does not match expected root"},
	"incorrect-public-key_fail":                                 {"tlog", "signed entry timestamp does not verify"},
	"intoto-log-entry-mismatch_fail":                            {"tlog", "could not verify envelope"},
	"intoto-set-outside-signing-cert-validity_fail":             {"time", "not valid at the time of signing"},
	"invalid-ct-key_fail":                                       {"sct", "not in a certificate log"},
	"invalid-inclusion-proof_fail":                              {"bundle", "without checkpoint"},
	"managed-key-no-key_fail":                                   {"identity", "there is no identity"},
	"message-digest-mismatch_fail":                              {"subject", "signature of another artifact"},
	"rekor2-checkpoint-missing-origin_fail":                     {"tlog", "invalid signature for key log2025"},
	"rekor2-checkpoint-missing-root-hash_fail":                  {"tlog", "invalid signature for key log2025"},
	"rekor2-checkpoint-missing-size_fail":                       {"tlog", "invalid signature for key log2025"},
	"rekor2-dsse-invalid-sig_fail":                              {"signature", "does not verify"},
	"rekor2-dsse-mismatch-envelope_fail":                        {"tlog", "verifying inclusion"},
	"rekor2-no-inclusion-proof_fail":                            {"bundle", "without an inclusion proof"},
	"rekor2-no-timestamp_fail":                                  {"time", "0 trusted times of signing"},
	"rekor2-timestamp-outside-trust-root-tsa-validity_fail":     {"time", "after the validity period end"},
	"rekor2-timestamp-outside-tsa-cert-validity_fail":           {"time", "outside of certificate validity"},
	"rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail":    {"time", "does not match the provided TSA certificate"},
	"rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail": {"time", "No certificate for signer"},
	"wrong-hashedrekord-entry_fail":                             {"tlog", "by another certificate or key"},
}

// TestConformance: every case of the suite in the corpus has the right verdict, for the
// right reason.
func TestConformance(t *testing.T) {
	trusted, passed, failed := roots{}, 0, 0
	for _, c := range attestcase.Load(t) {
		id, ok := strings.CutPrefix(c.ID, "conformance/")
		if !ok {
			continue
		}
		b, err := attest.ParseBundle(attestcase.Read(t, c.Path(c.File)), nil)
		if err == nil {
			pol, refused := policy(t, trusted, &c)
			if refused != nil {
				t.Fatalf("%s: %v", id, refused)
			}
			_, err = attest.Verify(t.Context(), b, attest.BytesSubject(attestcase.Read(t, c.Path(c.Policy.Artifact))), pol)
		}
		if !strings.HasSuffix(id, "_fail") {
			passed++
			if err != nil {
				t.Errorf("%s: %v", id, err)
			}
			continue
		}
		failed++
		want, known := conformance[id]
		var e *attest.Error
		if !known || !errors.As(err, &e) || e.Stage != want.stage || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: want stage %s and %q, got %v", id, want.stage, want.says, err)
		}
	}
	if failed != len(conformance) || passed < 15 {
		t.Errorf("%d accepted and %d refused cases, want 15 and %d", passed, failed, len(conformance))
	}
}
