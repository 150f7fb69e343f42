package sbom

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var targets = []Target{TargetSPDX23, TargetCycloneDX15, TargetCycloneDX16}

// TestConvertCorpus converts every valid document and holds the result against the official schema.
func TestConvertCorpus(t *testing.T) {
	dir, rows := manifest(t)
	counts := map[Target]int{}
	losses := 0
	for _, e := range rows {
		data, err := os.ReadFile(filepath.Join(dir, e.path))
		if err != nil {
			t.Fatal(err)
		}
		v, err := Validate(bytes.NewReader(data), &ValidateOptions{UnsafeSemantics: true, UnsafeMembers: true})
		if err != nil || v.Document == nil || v.Checks[1].Status == StatusFail {
			continue
		}
		for _, target := range targets {
			out, lost, err := Convert(v.Document, target)
			if err != nil {
				t.Errorf("%s to %v: %v", e.path, target, err)
				continue
			}
			text, err := out.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			again, err := Validate(bytes.NewReader(text), &ValidateOptions{UnsafeSemantics: true})
			if err != nil || again.Checks[0].Status != StatusPass || again.Checks[1].Status != StatusPass || out.Format != target.Format || out.SpecVersion != target.Version {
				t.Errorf("%s to %v: %+v", e.path, target, again.Checks)
			}
			counts[target]++
			losses += len(lost)
			if len(data) < 20000 {
				second, _, _ := Convert(v.Document, target)
				if b, _ := second.Marshal(); !bytes.Equal(b, text) {
					t.Errorf("%s to %v: not the same twice", e.path, target)
				}
			}
		}
	}
	t.Logf("%v converted, %d losses", counts, losses)
	for _, target := range targets {
		if counts[target] < 600 {
			t.Errorf("%v: %d documents are too few", target, counts[target])
		}
	}
}

// TestConvertKeeps holds the packages of the real images to be the same in both formats.
func TestConvertKeeps(t *testing.T) {
	for name, p := range realPairs(t) {
		spdx, cdx := read(t, p[0]), read(t, p[1])
		for _, c := range []struct {
			from   *Document
			target Target
		}{{spdx, TargetCycloneDX16}, {cdx, TargetSPDX23}} {
			out, _, err := Convert(c.from, c.target)
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

func TestConvertLosses(t *testing.T) {
	doc := read(t, goodCDX)
	_, lost, err := Convert(doc, TargetSPDX23)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, l := range lost {
		found = found || l.Pointer == "/vulnerabilities" && l.Reason == LossNoField && l.Severity == SeverityWarning
	}
	if !found {
		t.Error(lost)
	}
	if _, lost, err := Convert(doc, TargetCycloneDX16); err != nil || len(lost) > 0 {
		t.Error("to itself:", lost, err)
	}
	newer := read(t, strings.Replace(strings.Replace(goodCDX, `"1.6"`, `"1.7"`, 1), `"group": "@angular"`, `"group": "@angular", "isExternal": false`, 1))
	if _, lost, err = Convert(newer, TargetCycloneDX15); err != nil || len(lost) != 1 || lost[0].Reason != LossNotAllowed || lost[0].Pointer != "/components/0/isExternal" {
		t.Error("to an older version:", lost, err)
	}
	if _, _, err := Convert(doc, Target{FormatCycloneDXXML, "1.6"}); !errors.Is(err, ErrUnsupported) {
		t.Error(err)
	}
}
