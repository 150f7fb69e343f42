// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
)

// TestVerificationSummary: what is no verdict has no summary, and the caller does not
// choose the result. What a summary holds is tested through trustpack-verify.
func TestVerificationSummary(t *testing.T) {
	good := attest.VSA{VerifierID: "https://example.com/v", ResourceURI: "https://example.com/r", Policy: attest.ResourceDescriptor{URI: "https://example.com/p"}, TimeVerified: time.Unix(1e9, 0)}
	report := func(s ...evidence.Status) *Report {
		r := &Report{ContentDigest: "sha256:" + strings.Repeat("a", 64)}
		for _, status := range s {
			r.Checks = append(r.Checks, evidence.Check{ID: "x", Status: status})
		}
		return r
	}
	bare := report(evidence.StatusPass)
	bare.ContentDigest = ""
	for _, tt := range []struct {
		name   string
		report *Report
		change func(*attest.VSA)
		says   string // of the error; empty for none
		result string
	}{
		{"pass", report(evidence.StatusPass), nil, "", `"PASSED"`},
		{"warning", report(evidence.StatusPass, evidence.StatusWarn, evidence.StatusSkip), nil, "", `"PASSED"`},
		{"failure", report(evidence.StatusPass, evidence.StatusFail), nil, "", `"FAILED"`},
		{"failure beside an error", report(evidence.StatusError, evidence.StatusFail), nil, "", `"FAILED"`},
		{"error", report(evidence.StatusPass, evidence.StatusError), nil, "could not be checked", ""},
		{"skipped", report(evidence.StatusSkip), nil, "could not be checked", ""},
		{"nothing", report(), nil, "nothing was checked", ""},
		{"no digest", bare, nil, "no digest", ""},
		{"chosen result", report(evidence.StatusFail), func(v *attest.VSA) { v.Result = "PASSED" }, "comes from the report", ""},
		{"chosen level", report(evidence.StatusPass), func(v *attest.VSA) { v.VerifiedLevels = []string{"SLSA_BUILD_LEVEL_3"} }, "comes from the report", ""},
		{"no time", report(evidence.StatusPass), func(v *attest.VSA) { v.TimeVerified = time.Time{} }, "time", ""},
		{"no verifier", report(evidence.StatusPass), func(v *attest.VSA) { v.VerifierID = "" }, "/verifier/id", ""},
		{"no resource", report(evidence.StatusPass), func(v *attest.VSA) { v.ResourceURI = "" }, "/resourceUri", ""},
		{"no policy", report(evidence.StatusPass), func(v *attest.VSA) { v.Policy = attest.ResourceDescriptor{} }, "/policy", ""},
	} {
		by := good
		if tt.change != nil {
			tt.change(&by)
		}
		text, err := tt.report.VerificationSummary(by, "x.zip")
		switch {
		case tt.says == "" && err != nil, tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)):
			t.Errorf("%s: %v", tt.name, err)
		case tt.says == "" && !strings.Contains(string(text), `"verificationResult":`+tt.result):
			t.Errorf("%s: %s", tt.name, text)
		}
	}
}
