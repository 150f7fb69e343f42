// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// TestSample builds the packs of the sample releases: real evidence, and golden
// digests that every machine must reach.
func TestSample(t *testing.T) {
	for _, tt := range []struct {
		name  string
		kinds map[manifest.Kind]int
	}{
		{"asm-1.482", map[manifest.Kind]int{
			manifest.KindSBOM: 2, manifest.KindScan: 2, manifest.KindTestReport: 3, manifest.KindAccessibility: 3, manifest.KindScreenshot: 15,
			manifest.KindSignature: 3, manifest.KindAttestation: 2, manifest.KindCertificate: 1, manifest.KindTrustRoot: 1,
			manifest.KindImageManifest: 2, manifest.KindPins: 2, manifest.KindSource: 1, manifest.KindOther: 2, manifest.KindIndex: 1,
		}},
		{"sat-1.205", map[manifest.Kind]int{
			manifest.KindSBOM: 1, manifest.KindScan: 4, manifest.KindVEX: 1, manifest.KindLicenseReport: 1, manifest.KindImageManifest: 2,
			manifest.KindSource: 4, manifest.KindIndex: 1,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			zip, built := sample(t, tt.name)
			golden(t, tt.name, built)
			kinds := map[manifest.Kind]int{}
			for _, f := range built.Manifest.Files {
				kinds[f.Kind]++
			}
			for _, k := range manifest.FileKinds() {
				if kinds[k] != tt.kinds[k] {
					t.Errorf("%d files of kind %s, want %d", kinds[k], k, tt.kinds[k])
				}
			}
			product, version, _ := strings.Cut(tt.name, "-")
			r := verify(t, open(t, zip), Policy{Product: product, Version: version})
			if err := r.Err(); err != nil {
				t.Error(err)
			}
			if c := r.Check("release.completeness"); c == nil || c.Status == evidence.StatusSkip {
				t.Errorf("the product's profile was not applied: %+v", c)
			}
		})
	}
}
