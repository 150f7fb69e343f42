// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"testing"

	"github.com/HailBytes/evidence"
)

// FuzzDiffConvert: a document does not differ from itself, two differ the same
// both ways, and what Convert makes of one is valid and keeps its components.
func FuzzDiffConvert(f *testing.F) {
	f.Add([]byte(goodSPDX), []byte(goodCDX))
	f.Add([]byte(inventory(`"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}]`)), []byte(goodSPDX))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		before, err := Read(bytes.NewReader(a), nil)
		if err != nil {
			return
		}
		if c := Diff(before, before); !c.Empty() {
			t.Fatal(tell(c))
		}
		for _, target := range targets {
			out, _, err := Convert(before, target)
			if err != nil {
				continue
			}
			text, err := out.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			v, err := Validate(bytes.NewReader(text), &ValidateOptions{UnsafeSemantics: true})
			if err != nil || v.Checks[0].Status != evidence.StatusPass || v.Checks[1].Status != evidence.StatusPass {
				t.Fatalf("to %v: %v %+v", target, err, v)
			}
		}
		after, err := Read(bytes.NewReader(b), nil)
		if err != nil {
			return
		}
		checkMirror(t, before, after)
		if before.Format.SPDX() && after.Format.CycloneDX() {
			if _, err := Compare(before, after); err != nil {
				t.Fatal(err)
			}
		}
	})
}
