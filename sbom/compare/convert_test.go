// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"testing"

	"github.com/HailBytes/evidence/sbom"
)

// TestConvertKeeps holds the packages of the real images to be the same in both formats.
func TestConvertKeeps(t *testing.T) {
	for name, p := range realPairs(t) {
		spdx, cdx := read(t, p[0]), read(t, p[1])
		for _, c := range []struct {
			from   *sbom.Document
			target sbom.Target
		}{{spdx, sbom.TargetCycloneDX16}, {cdx, sbom.TargetSPDX23}} {
			out, _, err := sbom.Convert(c.from, c.target)
			if err != nil {
				t.Fatal(err)
			}
			d := Diff(c.from, out)
			if s := d.Summary; s.Removed+s.Upgraded+s.Downgraded+s.Reversioned+s.Relicensed+s.Rehashed > 0 {
				t.Errorf("%s to %v: %s", name, c.target, s)
				for _, line := range tell(d)[:min(4, len(tell(d)))] {
					t.Log(line)
				}
			}
		}
	}
}
