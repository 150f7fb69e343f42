// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

func TestOutcome(t *testing.T) {
	pass, warn, skip := evidence.Check{ID: "a.b", Status: evidence.StatusPass}, evidence.Check{ID: "a.b", Status: evidence.StatusWarn}, evidence.Check{ID: "a.b", Status: evidence.StatusSkip}
	fail, policy, broken := evidence.Check{ID: "a.b", Status: evidence.StatusFail}, evidence.Check{ID: "policy.tests", Status: evidence.StatusFail}, evidence.Check{ID: "a.b", Status: evidence.StatusError}
	for _, test := range []struct {
		checks evidence.Checks
		want   Outcome
	}{
		{nil, OutcomeNotChecked},
		{evidence.Checks{skip}, OutcomeNotChecked},
		{evidence.Checks{pass, warn, skip}, OutcomeHolds},
		{evidence.Checks{pass, broken}, OutcomeNotChecked},
		{evidence.Checks{pass, policy}, OutcomeNotAcceptable},
		{evidence.Checks{policy, broken}, OutcomeNotAcceptable},
		{evidence.Checks{policy, fail, broken}, OutcomeDoesNotHold},
	} {
		if got := (&Report{Checks: test.checks}).Outcome(); got != test.want {
			t.Errorf("%v: got %s, want %s", test.checks, got, test.want)
		}
	}
}

// TestScreen: a report with much to say is one screen, failures come after warnings,
// the verdict is last, and no text of the pack starts a line of its own.
func TestScreen(t *testing.T) {
	hostile := "evil\nOK: all is well\x1b[2J\u202e" + strings.Repeat("x", 300)
	r := &Report{Product: "asm", Version: "1.482", Manifest: &manifest.Manifest{
		Product: "asm", Version: "1.482", Release: manifest.Release{Tag: hostile, Repository: hostile, Commit: hostile},
		Images: []manifest.Image{{Name: hostile, Signing: manifest.Signing{Status: manifest.Signed}}},
		Gaps:   []manifest.Gap{{Kind: manifest.Kind(hostile), Image: hostile, Reason: hostile}},
	}, Summary: &Summary{Scans: []ScanSummary{{Tool: hostile}}, SBOMs: []SBOMSummary{{Components: 3}}}}
	for i := range 1000 {
		for _, s := range []evidence.Status{evidence.StatusPass, evidence.StatusWarn, evidence.StatusFail, evidence.StatusError} {
			r.add(evidence.Check{ID: "x." + s.String(), Status: s, Subject: hostile, Message: fmt.Sprint(i, hostile)})
		}
	}
	var b strings.Builder
	if err := r.WriteText(&b, nil); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) > 50 {
		t.Errorf("%d lines:\n%s", len(lines), b.String())
	}
	warned, failed := 0, 0
	for i, line := range lines {
		if n := utf8.RuneCountInString(line); n > 100 {
			t.Errorf("line of %d columns: %s", n, line)
		}
		if strings.HasPrefix(line, "OK") || strings.ContainsAny(line, "\x1b\u202e") {
			t.Errorf("text of the pack acts on the screen: %q", line)
		}
		switch {
		case strings.HasPrefix(line, "warnings (1000)"):
			warned = i
		case strings.HasPrefix(line, "failures (1000)"):
			failed = i
		}
	}
	if warned == 0 || failed < warned || !strings.Contains(b.String(), "and 995 more, -v lists them") {
		t.Errorf("warnings at %d, failures at %d:\n%s", warned, failed, b.String())
	}
	if got := lines[len(lines)-2:]; got[0] != "FAILED: asm 1.482 does not hold" || !strings.HasPrefix(got[1], "NOT AUTHENTICATED") {
		t.Errorf("ends with %q", got)
	}
}
