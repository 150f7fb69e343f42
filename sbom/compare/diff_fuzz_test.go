// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/sbomsample"
	"github.com/HailBytes/evidence/sbom"
)

// FuzzDiffConvert: a document does not differ from itself, two differ the same
// both ways, and what Convert makes of one is valid and keeps its components.
func FuzzDiffConvert(f *testing.F) {
	f.Add([]byte(sbomsample.SPDX), []byte(sbomsample.CycloneDX))
	f.Add([]byte(inventory(`"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}]`)), []byte(sbomsample.SPDX))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		before, err := sbom.Read(bytes.NewReader(a), nil)
		if err != nil {
			return
		}
		if c := Diff(before, before); !c.Empty() {
			t.Fatal(tell(c))
		}
		for _, target := range []sbom.Target{sbom.TargetSPDX23, sbom.TargetCycloneDX15, sbom.TargetCycloneDX16} {
			out, _, err := sbom.Convert(before, target)
			if err != nil {
				continue
			}
			text, err := out.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			v, err := sbom.Validate(bytes.NewReader(text), &sbom.ValidateOptions{UnsafeSemantics: true})
			if err != nil || v.Checks[0].Status != evidence.StatusPass || v.Checks[1].Status != evidence.StatusPass {
				t.Fatalf("to %v: %v %+v", target, err, v)
			}
		}
		after, err := sbom.Read(bytes.NewReader(b), nil)
		if err != nil {
			return
		}
		checkMirror(t, before, after)
		if before.Format.SPDX() && after.Format.CycloneDX() {
			if _, err := Pair(before, after); err != nil {
				t.Fatal(err)
			}
		}
	})
}
