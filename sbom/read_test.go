// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"errors"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestReadRefuses: malformed and hostile documents give a problem with a place,
// and the nearest sound document is read.
func TestReadRefuses(t *testing.T) {
	small := evidence.Limits{Depth: 8, StringBytes: 64, Elements: 4, DocumentBytes: 2000}
	spdx := func(packages string) string {
		return `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"d","packages":` + packages + `}`
	}
	cdx := func(components string) string {
		return `{"bomFormat":"CycloneDX","specVersion":"1.5","components":` + components + `}`
	}
	for _, tt := range []struct {
		name, bad, near string
		limits          evidence.Limits
		class           error
		pointer         string
	}{
		{"null package", spdx(`[null]`), spdx(`[{"SPDXID":"SPDXRef-a","name":"a"}]`), evidence.Limits{}, evidence.ErrFormat, "/packages/0"},
		{"packages of another type", spdx(`{}`), spdx(`[]`), evidence.Limits{}, evidence.ErrFormat, "/packages"},
		{"repeated member", spdx(`[{"name":"a","name":"b"}]`), spdx(`[{"name":"a","Name":"b"}]`), evidence.Limits{}, evidence.ErrFormat, "/packages/0/name"},
		{"null component", cdx(`[null]`), cdx(`[{"type":"library","name":"a"}]`), evidence.Limits{}, evidence.ErrFormat, "/components/0"},
		{"too many elements", cdx(`[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"},{"name":"e"}]`), cdx(`[{"name":"a"},{"name":"b"}]`), small, evidence.ErrLimit, "/components"},
		{"too deep", cdx(strings.Repeat(`[{"components":`, 6) + `[]` + strings.Repeat(`}]`, 6)), cdx(`[{"components":[]}]`), small, evidence.ErrLimit, "/components"},
		{"too long a string", cdx(`[{"name":"` + strings.Repeat("x", 100) + `"}]`), cdx(`[{"name":"x"}]`), small, evidence.ErrLimit, "/components/0/name"},
		{"too long", cdx(`[]` + strings.Repeat(" ", 3000)), cdx(`[]`), small, evidence.ErrLimit, ""},
		{"data behind", cdx(`[]`) + "x", cdx(`[]`) + "\n", evidence.Limits{}, evidence.ErrFormat, ""},
		{"cut short", `{"bomFormat":"CycloneDX","specVersion":"1.5"`, `{"bomFormat":"CycloneDX","specVersion":"1.5"}`, evidence.Limits{}, evidence.ErrFormat, ""},
		{"newer major version", `{"bomFormat":"CycloneDX","specVersion":"2.0"}`, `{"bomFormat":"CycloneDX","specVersion":"1.99"}`, evidence.Limits{}, evidence.ErrUnsupported, ""},
		{"another format", `{"hello":1}`, `{"bomFormat":"CycloneDX","specVersion":"1.5","hello":1}`, evidence.Limits{}, evidence.ErrUnsupported, ""},
		{"document type in XML", `<!DOCTYPE bom [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>`, `<bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>`, evidence.Limits{}, evidence.ErrUnsafe, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tt.bad), &ReadOptions{Limits: tt.limits})
			p, _ := errors.AsType[*evidence.Problem](err)
			if !errors.Is(err, tt.class) || p == nil || !strings.HasPrefix(p.Pointer, tt.pointer) {
				t.Errorf("got %v (%+v), want %v at %s", err, p, tt.class, tt.pointer)
			}
			if _, err := Read(strings.NewReader(tt.near), &ReadOptions{Limits: tt.limits}); err != nil {
				t.Errorf("near neighbour: %v", err)
			}
		})
	}
}

func read(t testing.TB, text string) *Document {
	t.Helper()
	doc, err := Read(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
