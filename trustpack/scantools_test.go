// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
)

func TestScanTools(t *testing.T) {
	scan := func(path string, tools ...sarif.Tool) *Document {
		return &Document{File: manifest.File{Path: path}, tools: tools}
	}
	trivy := func(version string) sarif.Tool { return sarif.Tool{Name: "Trivy", Version: version} }
	for _, test := range []struct {
		name    string
		docs    []*Document
		want    evidence.Status // zero for no check
		message string
	}{
		{"one version", []*Document{scan("a", trivy("0.64.1")), scan("b", sarif.Tool{Name: "trivy", Version: "0.64.1"})}, evidence.StatusPass, ""},
		{"two versions", []*Document{scan("a", trivy("0.64.1")), scan("b", trivy("0.1.0"))}, evidence.StatusWarn, `"0.1.0" in b, "0.64.1" in a`},
		{"two runs of one file", []*Document{scan("a", trivy("0.64.1"), trivy("0.1.0"))}, evidence.StatusWarn, "several versions"},
		{"two tools", []*Document{scan("a", trivy("0.64.1")), scan("b", sarif.Tool{Name: "Grype", Version: "0.1.0"})}, evidence.StatusPass, ""},
		{"one without a version", []*Document{scan("a", trivy("0.64.1")), scan("b", trivy(""))}, evidence.StatusPass, ""},
		{"no version", []*Document{scan("a", trivy(""))}, 0, ""},
	} {
		checks := scanToolChecks(&Release{Subjects: []*Subject{{Documents: test.docs}}})
		if test.want == 0 {
			if len(checks) != 0 {
				t.Errorf("%s: %v", test.name, checks)
			}
			continue
		}
		if len(checks) != 1 || checks[0].Status != test.want || !strings.Contains(checks[0].Message+checks[0].Problems.Error(), test.message) {
			t.Errorf("%s: %v", test.name, checks)
		}
	}
}
