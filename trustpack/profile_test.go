// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

const smallProfile = `{"name":"small","images":1,
 "perImage":[{"kind":"sbom","format":"spdx-json"},{"kind":"signature","gaps":["image-signing"]}],
 "perRelease":[{"kind":"scan","tool":"trivy"}],"gaps":["image-signing","penetration-test"]}`

func TestProfileCheck(t *testing.T) {
	p, err := ParseProfile([]byte(smallProfile))
	if err != nil {
		t.Fatal(err)
	}
	quarter, err := manifest.ParseTarget("2026-Q1")
	if err != nil {
		t.Fatal(err)
	}
	whole := func() *manifest.Manifest {
		return &manifest.Manifest{
			Product: "demo", Version: "1.7", Images: []manifest.Image{{Name: "web"}},
			Files: []manifest.File{
				{Path: "a", Kind: manifest.KindSBOM, Format: manifest.FormatSPDXJSON, Image: "web"},
				{Path: "b", Kind: manifest.KindScan, Format: manifest.FormatSARIF, Tool: manifest.Tool{Name: "Trivy"}},
				{Path: "c", Kind: manifest.KindSignature, Image: "web"},
			},
		}
	}
	before, after := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name           string
		change         func(m *manifest.Manifest)
		now            time.Time
		complete, gaps evidence.Status
	}{
		{"whole", func(m *manifest.Manifest) {}, before, evidence.StatusPass, evidence.StatusPass},
		{"no image", func(m *manifest.Manifest) { m.Images = nil }, before, evidence.StatusFail, evidence.StatusPass},
		{"a second image without evidence", func(m *manifest.Manifest) { m.Images = append(m.Images, manifest.Image{Name: "db"}) }, before, evidence.StatusFail, evidence.StatusPass},
		{"another format", func(m *manifest.Manifest) { m.Files[0].Format = manifest.FormatCycloneDXJSON }, before, evidence.StatusFail, evidence.StatusPass},
		{"another image", func(m *manifest.Manifest) { m.Files[0].Image = "" }, before, evidence.StatusFail, evidence.StatusPass},
		{"another tool", func(m *manifest.Manifest) { m.Files[1].Tool.Name = "Grype" }, before, evidence.StatusFail, evidence.StatusPass},
		{"unsigned", func(m *manifest.Manifest) { m.Files = m.Files[:2] }, before, evidence.StatusFail, evidence.StatusPass},
		{"unsigned, declared", func(m *manifest.Manifest) {
			m.Files = m.Files[:2]
			m.Gaps = []manifest.Gap{{Kind: manifest.KindImageSigning, Reason: "later"}}
		}, before, evidence.StatusPass, evidence.StatusPass},
		{"unsigned, declared for another image", func(m *manifest.Manifest) {
			m.Files = m.Files[:2]
			m.Gaps = []manifest.Gap{{Kind: manifest.KindImageSigning, Image: "db", Reason: "later"}}
		}, before, evidence.StatusFail, evidence.StatusPass},
		{"a gap that is not allowed does not stand in", func(m *manifest.Manifest) {
			m.Files = m.Files[1:]
			m.Gaps = []manifest.Gap{{Kind: manifest.KindSBOM, Reason: "later"}}
		}, before, evidence.StatusFail, evidence.StatusFail},
		{"not due", func(m *manifest.Manifest) {
			m.Gaps = []manifest.Gap{{Kind: manifest.KindPenetrationTest, Reason: "later", Target: quarter}}
		}, before, evidence.StatusPass, evidence.StatusPass},
		{"overdue", func(m *manifest.Manifest) {
			m.Gaps = []manifest.Gap{{Kind: manifest.KindPenetrationTest, Reason: "later", Target: quarter}}
		}, after, evidence.StatusPass, evidence.StatusWarn},
		{"no clock", func(m *manifest.Manifest) {
			m.Gaps = []manifest.Gap{{Kind: manifest.KindPenetrationTest, Reason: "later", Target: quarter}}
		}, time.Time{}, evidence.StatusPass, evidence.StatusPass},
	} {
		m := whole()
		tt.change(m)
		got := p.check(m, tt.now, nil)
		if len(got) != 2 || got[0].ID != "release.completeness" || got[0].Status != tt.complete || got[1].ID != "release.gaps" || got[1].Status != tt.gaps {
			t.Errorf("%s: got %+v, want %s and %s", tt.name, got, tt.complete, tt.gaps)
		}
	}
}

func TestParseProfile(t *testing.T) {
	for _, tt := range []struct {
		text, code, pointer string
		line, column        int
	}{
		{`{"name":"x","perRelease":[{"kind":"sbom"}],"extra":1}`, "profile.syntax", "/extra", 1, 52},
		{"{\"name\":\"x\",\n\"perRelease\":[{\"kind\":\"sbomb\"}]}", "profile.syntax", "/perRelease/0/kind", 2, 23},
		{`{"name":"x","perRelease":[{"kind":"image-signing"}]}`, "profile.syntax", "/perRelease/0/kind", 1, 35},
		{`{"name":"x","perRelease":[{"kind":"sbom","format":"pdf"}]}`, "profile.syntax", "/perRelease/0/format", 1, 51},
		{`{"name":"x","gaps":["nothing"]}`, "profile.syntax", "/gaps/0", 1, 21},
		{`{"name":"x","images":-1}`, "profile.syntax", "/images", 1, 22},
		{`{"name":"x","name":"y"}`, "json.duplicate-name", "/name", 1, 13},
		{`{"perRelease":[{"kind":"sbom"}]}`, "profile.name", "/name", 1, 1},
		{`{"name":"x"}`, "profile.empty", "", 1, 1},
		{`{"name":"x","perRelease":[{"kind":"sbom","format":"sarif"}]}`, "profile.syntax", "/perRelease/0", 1, 51},
		{`{"name":"x","perRelease":[{"kind":"sbom","or":[{"kind":"nothing"}]}]}`, "profile.syntax", "/perRelease/0/or/0/kind", 1, 56},
		{`{"name":"x","perRelease":[{"kind":"sbom","or":[{"kind":"scan","gaps":[]}]}]}`, "profile.syntax", "/perRelease/0/or/0/gaps", 1, 70},
		{`{"name":"x","perRelease":[{"tool":"syft"}]}`, "profile.syntax", "/perRelease/0", 1, 35},
	} {
		_, err := ParseProfile([]byte(tt.text))
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != tt.code || p.Pointer != tt.pointer || p.Line != tt.line || p.Column != tt.column || !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("%s: got %+v, want %s at %s, %d:%d", tt.text, p, tt.code, tt.pointer, tt.line, tt.column)
		}
	}
}

// TestParseProfileAll: everything that is wrong is told at once.
func TestParseProfileAll(t *testing.T) {
	_, err := ParseProfile([]byte("{\n\"names\":\"x\",\n\"perImage\":[{\"kind\":\"sbomb\",\"tols\":1}],\n\"gaps\":[\"x\",\"scan\",\"y\"]}"))
	problems, _ := errors.AsType[evidence.Problems](err)
	var got []string
	for _, p := range problems {
		got = append(got, p.Pointer)
	}
	if want := []string{"/names", "/perImage/0/kind", "/perImage/0/tols", "/gaps/0", "/gaps/2", "/name"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestBuiltinProfiles takes evidence from whole releases, piece by piece.
func TestBuiltinProfiles(t *testing.T) {
	whole := map[string]func() *manifest.Manifest{
		"asm": func() *manifest.Manifest {
			m := &manifest.Manifest{Product: "asm", Version: "1.482"}
			for _, image := range []string{"celery", "web"} {
				m.Images = append(m.Images, manifest.Image{Name: image})
				m.Files = append(m.Files,
					manifest.File{Path: "spdx " + image, Kind: manifest.KindSBOM, Format: manifest.FormatSPDXJSON, Image: image},
					manifest.File{Path: "cdx " + image, Kind: manifest.KindSBOM, Format: manifest.FormatCycloneDXJSON, Image: image},
					manifest.File{Path: "sarif " + image, Kind: manifest.KindScan, Format: manifest.FormatSARIF, Image: image, Tool: manifest.Tool{Name: "Trivy"}},
					manifest.File{Path: "json " + image, Kind: manifest.KindScan, Format: manifest.FormatTrivyJSON, Image: image, Tool: manifest.Tool{Name: "Trivy"}},
					manifest.File{Path: "signature " + image, Kind: manifest.KindSignature, Format: manifest.FormatCosignSignature, Image: image},
					manifest.File{Path: "certificate " + image, Kind: manifest.KindCertificate, Image: image},
					manifest.File{Path: "attestation " + image, Kind: manifest.KindAttestation, Image: image})
			}
			m.Files = append(m.Files,
				manifest.File{Path: "junit", Kind: manifest.KindTestReport, Format: manifest.FormatJUnitXML},
				manifest.File{Path: "png", Kind: manifest.KindScreenshot, Format: manifest.FormatPNG},
				manifest.File{Path: "axe", Kind: manifest.KindAccessibility, Format: manifest.FormatAxeJSON})
			return m
		},
		"sat": func() *manifest.Manifest {
			return &manifest.Manifest{Product: "sat", Version: "1.205", Images: []manifest.Image{{Name: "sat"}},
				Files: []manifest.File{
					{Path: "cdx", Kind: manifest.KindSBOM, Format: manifest.FormatCycloneDXJSON, Image: "sat"},
					{Path: "trivy", Kind: manifest.KindScan, Format: manifest.FormatSARIF, Image: "sat", Tool: manifest.Tool{Name: "Trivy"}},
					{Path: "govulncheck", Kind: manifest.KindScan, Format: manifest.FormatSARIF, Tool: manifest.Tool{Name: "govulncheck"}},
					{Path: "licenses", Kind: manifest.KindLicenseReport, Format: manifest.FormatGoLicensesCSV}},
				Gaps: []manifest.Gap{{Kind: manifest.KindImageSigning, Image: "sat", Reason: "planned"}}}
		},
	}
	status := func(name string, m *manifest.Manifest) evidence.Status {
		p, ok := ProfileNamed(name)
		if !ok {
			t.Fatalf("there is no profile %s", name)
		}
		return p.check(m, time.Time{}, nil)[0].Status
	}
	for name, release := range whole {
		if got := status(name, release()); got != evidence.StatusPass {
			t.Errorf("%s: a whole release is %s", name, got)
		}
		for i, f := range release().Files {
			m := release()
			m.Files = slices.Delete(m.Files, i, i+1)
			if got := status(name, m); got != evidence.StatusFail {
				t.Errorf("%s without %s is %s", name, f.Path, got)
			}
		}
		m := release()
		m.Gaps = nil
		if got, want := status(name, m), map[string]evidence.Status{"asm": evidence.StatusPass, "sat": evidence.StatusFail}[name]; got != want {
			t.Errorf("%s without its gaps is %s, want %s", name, got, want)
		}
	}
	// A Sigstore bundle holds the certificate; a cosign signature does not.
	m := whole["asm"]()
	m.Files = slices.DeleteFunc(m.Files, func(f manifest.File) bool { return f.Kind == manifest.KindCertificate })
	for i := range m.Files {
		if m.Files[i].Kind == manifest.KindSignature {
			m.Files[i].Format = manifest.FormatSigstoreBundle
		}
	}
	if got := status("asm", m); got != evidence.StatusPass {
		t.Errorf("asm with bundles for certificates is %s", got)
	}
}

func TestLoadProfile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.json")
	if err := os.WriteFile(file, []byte(smallProfile), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"asm": "asm", "sat": "sat", file: "small"} {
		if p, none, err := LoadProfile(name); err != nil || none || p.Name != want {
			t.Errorf("%s: %+v %v %v", name, p, none, err)
		}
	}
	if p, none, err := LoadProfile("none"); p != nil || !none || err != nil {
		t.Errorf("none: %+v %v %v", p, none, err)
	}
	if p, none, err := LoadProfile(""); p != nil || none || err != nil {
		t.Errorf("empty: %+v %v %v", p, none, err)
	}
	for _, name := range []string{"asmx", "../profiles/asm", filepath.Dir(file)} {
		if p, _, err := LoadProfile(name); err == nil {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}
