// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/compare"
)

// BenchmarkDiffSBOM compares documents of 1, 10 and 40 MB, scaled from real output of
// Syft, with a copy in which every 1 of a version is a 2. The metric to hold
// from size to size is ns/component; SPDX has most of its bytes in files, which are compared too.
func BenchmarkDiffSBOM(b *testing.B) {
	for _, f := range []struct {
		name     string
		sample   func(testing.TB) *sbomSample
		from, to string
	}{
		{"spdx", spdxSample, `"versionInfo":"1`, `"versionInfo":"2`},
		{"cyclonedx", cycloneDXSample, `"version":"1`, `"version":"2`},
	} {
		b.Run(f.name, func(b *testing.B) {
			sample := f.sample(b)
			for _, mb := range []int{1, 10, 40} {
				b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
					text := sample.generate(mb << 20)
					before := readSBOM(b, text)
					after := readSBOM(b, []byte(strings.ReplaceAll(string(text), f.from, f.to)))
					n := len(before.Components)
					b.ReportAllocs()
					for b.Loop() {
						if c := compare.Diff(before, after); c.Summary.Before != n || c.Empty() {
							b.Fatalf("%+v", c.Summary)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/component")
				})
			}
		})
	}
}

func readSBOM(b *testing.B, text []byte) *sbom.Document {
	doc, err := sbom.Read(bytes.NewReader(text), nil)
	if err != nil {
		b.Fatal(err)
	}
	return doc
}
