// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"testing"

	"github.com/HailBytes/evidence"
)

// TestScannedText: the screen says when which scanners looked, each named once.
func TestScannedText(t *testing.T) {
	for _, tt := range []struct {
		scans []ScanSummary
		want  string
	}{
		{[]ScanSummary{{Tool: "Trivy", Created: "2026-11-22T21:19:45.4Z"}, {Tool: "Trivy 0.64.1"}}, "2026-11-22 by Trivy 0.64.1"},
		{[]ScanSummary{{Tool: "Trivy", Created: "2026-11-29T00:00:00+02:00"}, {Tool: "Grype", Created: "2026-11-22T00:00:00Z"}}, "2026-11-22 to 2026-11-28 by Trivy, Grype"},
		{[]ScanSummary{{Tool: "Trivy", Created: "yesterday"}}, "at a time that no report states by Trivy"},
		{[]ScanSummary{{}}, "at a time that no report states"},
	} {
		if got := scannedText(tt.scans); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestSignersText: who made the attestations that hold, and how many.
func TestSignersText(t *testing.T) {
	r := &Report{}
	for _, who := range []string{"a", "b", "a", "c"} {
		r.add(evidence.Check{ID: checkIdentity, Status: evidence.StatusPass, Message: "by " + who})
	}
	r.add(evidence.Check{ID: checkIdentity, Status: evidence.StatusFail, Message: "by d"})
	got := signersText(r)
	if len(got) != 3 || got[0] != "2 attestations by a" || got[1] != "1 attestation by b" || got[2] != "and 1 more" {
		t.Errorf("got %q", got)
	}
}
