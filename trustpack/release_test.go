// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/HailBytes/evidence/attest"
)

// TestRelease reads a sample release as a script would: each package once, with both
// SBOMs as sources; findings joined to packages; a path to each.
func TestRelease(t *testing.T) {
	zip, _ := sample(t, "asm-1.482")
	report := verify(t, open(t, zip), Policy{KeepRelease: true})
	r := report.Release
	web := r.Subject("hailbytes-asm-celery")
	if web == nil {
		t.Fatalf("no image, of %d subjects", len(r.Subjects))
	}
	if n := len(web.Components); n != 192 {
		t.Errorf("%d components, each SBOM has 192", n)
	}
	both, related := 0, map[Relation]int{}
	for _, c := range web.Components {
		if len(c.Sources()) == 2 && c.Sources()[0].Pointer != "" && !c.Sources()[1].SHA256.IsZero() {
			both++
		}
		related[c.Relation()]++
		if p := c.Path(); len(p) == 0 || p[len(p)-1] != c.label() || (len(p) > 1) != (c.Relation() == RelationTransitive) {
			t.Errorf("%s is %s by path %v", c.Name, c.Relation(), p)
		}
	}
	if both != 192 || related[RelationDirect] == 0 || related[RelationTransitive] == 0 {
		t.Errorf("%d of 192 components have both sources; relations %v", both, related)
	}
	for _, f := range web.Findings {
		switch {
		case f.Component == nil:
			t.Errorf("%s is about no component", f.ID)
		case !slices.Contains(f.Component.Findings(), f):
			t.Errorf("%s is not among the findings of its component", f.ID)
		case len(f.Sources()) == 0 || f.Sources()[0].SHA256.IsZero():
			t.Errorf("%s has sources %v", f.ID, f.Sources())
		}
	}
	// One suite is there in two formats: the summary counts its tests once.
	if tests := slices.Collect(r.Tests()); len(tests) != 27 || report.Summary.Tests.Counts.Tests != 18 {
		t.Errorf("%d tests in the reports, %d in the summary", len(tests), report.Summary.Tests.Counts.Tests)
	}
	if n := len(slices.Collect(r.Attestations())); n == 0 {
		t.Error("no attestation")
	}
}

// TestReadOnce: every byte of a pack is read, inflated and hashed once, whatever is
// asked of it.
func TestReadOnce(t *testing.T) {
	files := smallEvidence()
	files["noise.bin"] = &fstest.MapFile{Data: noise(5 << 20)} // a pack below 4 MiB is also compressed again
	zip, _ := build(t, smallRelease, files, nil)
	counted := &countingAt{r: bytes.NewReader(zip)}
	p, err := Open(counted, int64(len(zip)), nil)
	if err != nil {
		t.Fatal(err)
	}
	counted.n.Store(0) // the directory and MANIFEST.json are read to open it
	_, err = Verify(t.Context(), p, Policy{ImageSigners: []attest.Verifier{newSigner(t).Key()}, KeepRelease: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := float64(counted.n.Load()) / float64(len(zip)); got > 1.02 {
		t.Errorf("%.2f bytes read for each byte of the pack", got)
	}
}

// noise returns n bytes that do not compress.
func noise(n int) []byte {
	out := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(out)
	return out
}

// countingAt counts the bytes that are read.
type countingAt struct {
	r io.ReaderAt
	n atomic.Int64
}

func (c *countingAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n.Add(int64(n))
	return n, err
}
