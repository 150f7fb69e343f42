// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

func TestArtifacts(t *testing.T) {
	one, two := evidence.Sum256([]byte("1")), evidence.Sum256([]byte("2"))
	const pass, warn, fail = evidence.StatusPass, evidence.StatusWarn, evidence.StatusFail
	for _, tt := range []struct {
		name   string
		list   []manifest.Artifact
		status evidence.Status
		says   string
	}{
		{"another digest than the file of that name", []manifest.Artifact{{Kind: "other", Name: "asm.bundle", SHA256: two}}, fail, "the file source/asm.bundle has"},
		{"the digest of the file", []manifest.Artifact{{Kind: "other", Name: "asm.bundle", SHA256: one}}, pass, ""},
		{"no digest", []manifest.Artifact{{Kind: "other", Name: "asm.bundle"}}, pass, ""},
		{"named for another version", []manifest.Artifact{{Kind: "ami", Name: "hailbytes-asm-1-300"}}, fail, "named for version 1.300"},
		{"named for this version", []manifest.Artifact{{Kind: "ami", Name: "hailbytes-asm-1-482-debian-12"}, {Kind: "vhd", Name: "asm_v1.482.vhd"}}, pass, ""},
		{"named for a day", []manifest.Artifact{{Kind: "ami", Name: "hailbytes-asm-2026-11-22"}}, pass, ""},
		{"named for a region", []manifest.Artifact{{Kind: "ami", Name: "eu-central-1"}}, pass, ""},
		{"named for another product", []manifest.Artifact{{Kind: "ami", Name: "hailbytes-sat-1-482"}}, warn, `named for product "sat"`},
		{"two with one id", []manifest.Artifact{{Kind: "ami", Name: "a", ID: "ami-1"}, {Kind: "ami", Name: "b", ID: "ami-1"}}, warn, "have one id"},
		{"one id in two registries", []manifest.Artifact{{Kind: "ami", Name: "a", ID: "1"}, {Kind: "vhd", Name: "b", ID: "1"}}, pass, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &Release{Manifest: &manifest.Manifest{
				Product: "asm", Version: "1.482", Artifacts: tt.list,
				Files: []manifest.File{{Path: "source/asm.bundle", SHA256: one}},
			}}
			wantCheck(t, artifactChecks(r), artifactsID, "", tt.status, tt.says)
		})
	}
	if c := artifactChecks(&Release{Manifest: &manifest.Manifest{}}); c != nil {
		t.Errorf("checks without an artifact: %v", c)
	}
}

// TestSerials: SBOMs of two images with one serial number.
func TestSerials(t *testing.T) {
	about := func(name string, serials ...string) *Subject {
		s := &Subject{Name: name}
		for i, serial := range serials {
			s.Documents = append(s.Documents, &Document{File: manifest.File{Path: name + string(rune('1'+i))}, serial: serial})
		}
		return s
	}
	const id = "sbom.serial"
	for _, tt := range []struct {
		name     string
		subjects []*Subject
		status   evidence.Status
		says     string
	}{
		{"of two images", []*Subject{about("web", "urn:1"), about("db", "urn:1")}, evidence.StatusWarn, "has the serial number or namespace of web1"},
		{"of one image in two encodings", []*Subject{about("web", "urn:1", "urn:1"), about("db", "urn:2")}, evidence.StatusPass, ""},
		{"none", []*Subject{about("web", "", ""), about("db", "urn:2")}, evidence.StatusPass, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantCheck(t, sbomNames(&Release{Subjects: tt.subjects}), id, "", tt.status, tt.says)
		})
	}
}

func TestSameTool(t *testing.T) {
	for _, tt := range []struct {
		a, b manifest.Tool
		same bool
	}{
		{manifest.Tool{Name: "Trivy", Version: "0.64.1"}, manifest.Tool{Name: "trivy", Version: "v0.64.1"}, true},
		{manifest.Tool{Name: "Trivy"}, manifest.Tool{Name: "Aqua Trivy", Version: "1"}, true},
		{manifest.Tool{Name: "Trivy", Version: "0.64.1"}, manifest.Tool{Name: "Trivy", Version: "0.64.2"}, false},
		{manifest.Tool{Name: "Trivy"}, manifest.Tool{Name: "Snyk"}, false},
	} {
		if got := sameTool(tt.a, tt.b); got != tt.same {
			t.Errorf("%v and %v: %v", tt.a, tt.b, got)
		}
	}
}
