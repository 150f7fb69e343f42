// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/HailBytes/evidence/internal/test/corpus"
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
			if s := d.Summary; s.Removed+s.Upgraded+s.Downgraded+s.VersionChanged+s.Relicensed+s.Rehashed > 0 {
				t.Errorf("%s to %v: %s", name, c.target, s)
				for _, line := range tell(d)[:min(4, len(tell(d)))] {
					t.Log(line)
				}
			}
		}
	}
}

// TestOwnConversion: an SPDX document and its own conversion agree, and nothing
// changed between them but the format. What CycloneDX cannot say of the component that it
// describes, that something else contains it, Convert lists as lost.
func TestOwnConversion(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	documents := 0
	for _, e := range rows {
		f, err := os.Open(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := sbom.Read(f, nil)
		f.Close()
		if err != nil || !doc.Format.SPDX() {
			continue
		}
		out, losses, err := sbom.Convert(doc, sbom.TargetCycloneDX16)
		if err != nil {
			continue
		}
		documents++
		pair, err := Pair(doc, out)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range pair.Differences[:min(3, len(pair.Differences))] {
			t.Errorf("%s: %s", e.Path, d)
		}
		changes := Diff(doc, out)
		root := rootLabel(out)
		changes.RelationshipsRemoved = slices.DeleteFunc(changes.RelationshipsRemoved, func(r RelationshipChange) bool {
			return r.Type == sbom.Contains && r.To == root
		})
		changes.Changed = slices.DeleteFunc(changes.Changed, func(c ComponentChange) bool { // not valid there, such as an address
			return slices.ContainsFunc(losses, func(l sbom.Loss) bool {
				return l.Reason == "not-allowed" && l.Pointer == c.Before.Position().Pointer+"/"+c.Field
			})
		})
		changes.Metadata = slices.DeleteFunc(changes.Metadata, func(f FieldChange) bool { return f.Field == "format" })
		if lines := tell(changes); len(lines) > 0 {
			t.Errorf("%s: %d changes, first %s", e.Path, len(lines), lines[0])
		}
	}
	t.Logf("%d SPDX documents agree with their conversion", documents)
	if documents < 200 {
		t.Errorf("%d documents are too few", documents)
	}
}

// rootLabel is the name and version of what a document describes.
func rootLabel(d *sbom.Document) string {
	s := newSide(d, true)
	if len(s.roots) == 0 {
		return ""
	}
	return s.views[s.roots[0]].label()
}
