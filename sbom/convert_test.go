// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

var targets = []Target{TargetSPDX23, TargetCycloneDX15, TargetCycloneDX16}

// largestConverted bounds the documents of TestConvertCorpus where each takes long.
var largestConverted = 1 << 30

// TestConvertCorpus converts every valid document and holds the result against the official schema.
func TestConvertCorpus(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	counts := map[Target]int{}
	losses := 0
	for _, e := range rows {
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > largestConverted {
			continue
		}
		v, err := Validate(bytes.NewReader(data), &ValidateOptions{UnsafeSemantics: true, UnsafeMembers: true})
		if err != nil || v.Document == nil || v.Checks[1].Status == evidence.StatusFail {
			continue
		}
		for _, target := range targets {
			out, lost, err := Convert(v.Document, target)
			if err != nil {
				t.Errorf("%s to %v: %v", e.Path, target, err)
				continue
			}
			text, err := out.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			again, err := Validate(bytes.NewReader(text), &ValidateOptions{UnsafeSemantics: true})
			if err != nil || again.Checks[0].Status != evidence.StatusPass || again.Checks[1].Status != evidence.StatusPass || out.Format != target.Format || out.SpecVersion != target.Version {
				t.Errorf("%s to %v: %+v", e.Path, target, again.Checks)
			}
			counts[target]++
			losses += len(lost)
			if len(data) < 20000 {
				second, _, _ := Convert(v.Document, target)
				if b, _ := second.Marshal(); !bytes.Equal(b, text) {
					t.Errorf("%s to %v: not the same twice", e.Path, target)
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

func TestConvertLosses(t *testing.T) {
	doc := read(t, goodCDX)
	_, lost, err := Convert(doc, TargetSPDX23)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, l := range lost {
		found = found || l.Pointer == "/vulnerabilities" && l.Reason == lossNoField && l.Severity == evidence.SeverityWarning
	}
	if !found {
		t.Error(lost)
	}
	if _, lost, err := Convert(doc, TargetCycloneDX16); err != nil || len(lost) > 0 {
		t.Error("to itself:", lost, err)
	}
	newer := read(t, strings.Replace(strings.Replace(goodCDX, `"1.6"`, `"1.7"`, 1), `"group": "@angular"`, `"group": "@angular", "isExternal": false`, 1))
	if _, lost, err = Convert(newer, TargetCycloneDX15); err != nil || len(lost) != 1 || lost[0].Reason != lossNotAllowed || lost[0].Pointer != "/components/0/isExternal" {
		t.Error("to an older version:", lost, err)
	}
	if _, _, err := Convert(doc, Target{FormatCycloneDXXML, "1.6"}); !errors.Is(err, evidence.ErrUnsupported) {
		t.Error(err)
	}
}

// TestConvertRespells: other spellings of the same word are no losses; another word is.
func TestConvertRespells(t *testing.T) {
	const text = `{"spdxVersion":"SPDX-2.2","SPDXID":"SPDXRef-DOCUMENT","name":"n","dataLicense":"CC0-1.0","documentNamespace":"https://x.example/n",
"creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: t"]},
"packages":[{"SPDXID":"SPDXRef-a","name":"a","downloadLocation":"NOASSERTION","primaryPackagePurpose":"OPERATING-SYSTEM","licenseInfoFromFiles":null,
 "checksums":[{"algorithm":"sha256","checksumValue":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],
 "externalRefs":[{"referenceCategory":"PACKAGE_MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/a@1"},
  {"referenceCategory":"PACKAGE_MANAGER","referenceType":"npm","referenceLocator":"a@1"}]}],
"files":[{"SPDXID":"SPDXRef-f","fileName":"f","checksums":[{"algorithm":"sha1","checksumValue":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}]}]}`
	doc := read(t, text)
	before, err := doc.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	out, losses, err := Convert(doc, TargetSPDX23)
	if err != nil || len(losses) > 0 {
		t.Errorf("%v, lost: %v", err, losses)
	}
	got, err := out.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"PACKAGE-MANAGER","referenceType":"purl"`, `"PACKAGE-MANAGER","referenceType":"npm"`, `"algorithm":"SHA256"`, `"algorithm":"SHA1"`, `"OPERATING_SYSTEM"`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s is not there: %s", want, got)
		}
	}
	if after, _ := doc.Marshal(); !bytes.Equal(before, after) {
		t.Errorf("the source was changed: %s", after)
	}
	for old, pointer := range map[string]string{
		`"PACKAGE_MANAGER","referenceType":"npm"`: "/packages/0/externalRefs/1/referenceCategory", `"algorithm":"sha1"`: "/files/0/checksums/0/algorithm",
		`"OPERATING-SYSTEM"`: "/packages/0/primaryPackagePurpose",
	} {
		odd := strings.NewReplacer("PACKAGE_MANAGER", "PACKAGE.MANAGER", "sha1", "sha-one", "OPERATING-SYSTEM", "OPERATING.SYSTEM").Replace(old)
		_, losses, err := Convert(read(t, strings.Replace(text, old, odd, 1)), TargetSPDX23)
		if err != nil || len(losses) == 0 || losses[0].Pointer != pointer || losses[0].Reason != lossNotAllowed {
			t.Errorf("%s: %v, %v", odd, err, losses)
		}
	}
}
