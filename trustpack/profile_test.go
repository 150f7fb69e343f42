package trustpack

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

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
		complete, gaps Status
	}{
		{"whole", func(m *manifest.Manifest) {}, before, StatusPass, StatusPass},
		{"no image", func(m *manifest.Manifest) { m.Images = nil }, before, StatusFail, StatusPass},
		{"a second image without evidence", func(m *manifest.Manifest) { m.Images = append(m.Images, manifest.Image{Name: "db"}) }, before, StatusFail, StatusPass},
		{"another format", func(m *manifest.Manifest) { m.Files[0].Format = manifest.FormatCycloneDXJSON }, before, StatusFail, StatusPass},
		{"another image", func(m *manifest.Manifest) { m.Files[0].Image = "" }, before, StatusFail, StatusPass},
		{"another tool", func(m *manifest.Manifest) { m.Files[1].Tool.Name = "Grype" }, before, StatusFail, StatusPass},
		{"unsigned", func(m *manifest.Manifest) { m.Files = m.Files[:2] }, before, StatusFail, StatusPass},
		{"unsigned, declared", func(m *manifest.Manifest) {
			m.Files = m.Files[:2]
			m.Gaps = []manifest.Gap{{Kind: manifest.KindImageSigning, Reason: "later"}}
		}, before, StatusPass, StatusPass},
		{"unsigned, declared for another image", func(m *manifest.Manifest) {
			m.Files = m.Files[:2]
			m.Gaps = []manifest.Gap{{Kind: manifest.KindImageSigning, Image: "db", Reason: "later"}}
		}, before, StatusFail, StatusPass},
		{"a gap that is not allowed does not stand in", func(m *manifest.Manifest) {
			m.Files = m.Files[1:]
			m.Gaps = []manifest.Gap{{Kind: manifest.KindSBOM, Reason: "later"}}
		}, before, StatusFail, StatusFail},
		{"not due", func(m *manifest.Manifest) {
			m.Gaps = []manifest.Gap{{Kind: manifest.KindPenetrationTest, Reason: "later", Target: quarter}}
		}, before, StatusPass, StatusPass},
		{"overdue", func(m *manifest.Manifest) {
			m.Gaps = []manifest.Gap{{Kind: manifest.KindPenetrationTest, Reason: "later", Target: quarter}}
		}, after, StatusPass, StatusWarn},
		{"no clock", func(m *manifest.Manifest) {
			m.Gaps = []manifest.Gap{{Kind: manifest.KindPenetrationTest, Reason: "later", Target: quarter}}
		}, time.Time{}, StatusPass, StatusPass},
	} {
		m := whole()
		tt.change(m)
		got := p.Check(m, tt.now)
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
		{`{"perRelease":[{"kind":"sbom"}]}`, "profile.name", "/name", 0, 0},
		{`{"name":"x"}`, "profile.empty", "", 0, 0},
		{`{"name":"x","perRelease":[{"tool":"syft"}]}`, "profile.syntax", "/perRelease/0", 1, 35},
	} {
		_, err := ParseProfile([]byte(tt.text))
		p, _ := errors.AsType[*Problem](err)
		if p == nil || p.Code != tt.code || p.Pointer != tt.pointer || p.Line != tt.line || p.Column != tt.column || !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %+v, want %s at %s, %d:%d", tt.text, p, tt.code, tt.pointer, tt.line, tt.column)
		}
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
