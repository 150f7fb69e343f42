// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"testing"

	"github.com/HailBytes/evidence/trustpack/controls"
)

// TestControls: what the sample release says of controls, in the report and on the page.
func TestControls(t *testing.T) {
	zip, _ := sample(t, "sat-1.205")
	r := verify(t, open(t, zip), Policy{KeepRelease: true})
	_, shown := pageOf(t, zip)
	onPage := map[string]string{}
	for _, c := range shown.Controls {
		onPage[c.Framework+" "+c.ID] = c.Status
	}
	got := map[string]controls.Status{}
	for _, c := range r.Controls(nil) {
		got[c.Framework+" "+c.Edition+" "+c.ID] = c.Status
		for _, s := range c.Sources() {
			if s.SHA256.IsZero() {
				t.Errorf("%s: source %s has no digest", c.ID, s)
			}
		}
	}
	if len(got) != len(controls.Builtin().Controls) || len(onPage) != len(got) {
		t.Errorf("%d controls in the report, %d on the page, want %d", len(got), len(onPage), len(controls.Builtin().Controls))
	}
	for _, tt := range []struct {
		control      string
		report, page controls.Status
	}{
		{"OSPS Baseline 2026.02.19 OSPS-QA-02.02", controls.StatusSatisfied, controls.StatusSatisfied},   // an SBOM
		{"NIST SSDF 1.1 RV.1.1", controls.StatusSatisfied, controls.StatusSatisfied},                     // two scanners
		{"OWASP SCVS 1.0 2.14", controls.StatusSatisfied, controls.StatusSatisfied},                      // licences
		{"OSPS Baseline 2026.02.19 OSPS-VM-04.02", controls.StatusSatisfied, controls.StatusSatisfied},   // VEX
		{"OSPS Baseline 2026.02.19 OSPS-BR-02.01", controls.StatusSatisfied, controls.StatusSatisfied},   // version and tag
		{"OSPS Baseline 2026.02.19 OSPS-DO-03.01", controls.StatusSatisfied, controls.StatusNotAssessed}, // the page itself
		{"OSPS Baseline 2026.02.19 OSPS-BR-06.01", controls.StatusGap, controls.StatusGap},               // signing is declared absent
		{"NIST SSDF 1.1 PW.8.2", controls.StatusNotAssessed, controls.StatusNotAssessed},                 // no tests
		{"NIST CSF 2.0 ID.AM-02", controls.StatusNotAssessed, controls.StatusNotAssessed},                // the SBOM only supports it
	} {
		if got[tt.control] != tt.report || onPage[tt.control] != tt.page.String() {
			t.Errorf("%s: %s in the report, %q on the page; want %s, %s", tt.control, got[tt.control], onPage[tt.control], tt.report, tt.page)
		}
	}
}
