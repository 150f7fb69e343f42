// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/manifest"
)

func TestSameVersion(t *testing.T) {
	for _, tt := range []struct {
		url, version string
		want         bool
	}{
		{"pkg:deb/debian/a@1.2-3", "1.2-3", true},
		{"pkg:deb/debian/a@1%3A1.2-3", "1:1.2-3", true},
		{"pkg:deb/debian/a@1.2-3?epoch=1", "1:1.2-3", true},
		{"pkg:deb/debian/a@1.2-3?epoch=1", "1.2-3", true},
		{"pkg:deb/debian/a@1.2-3", "1.2-4", false},
		{"pkg:golang/a.example/b@v1.2.3", "1.2.3", true},
		{"pkg:golang/a.example/b@v1.2.3%2Bincompatible", "v1.2.3", true},
		{"pkg:golang/a.example/b@v1.2.3", "v1.2.4", false},
		{"pkg:golang/stdlib@1.26.8", "go1.26.8", true},
		{"pkg:rpm/redhat/a@1.2-3.el9", "1.2", true},
		{"pkg:rpm/redhat/a@1.2-3.el9", "1.3", false},
		{"pkg:npm/a@1.2.3", "1.2.30", false},
	} {
		p, err := purl.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := sameVersion(p, tt.version); got != tt.want {
			t.Errorf("%s and %s: %v", tt.url, tt.version, got)
		}
	}
}

// cdx returns a CycloneDX document of the image web.
func cdx(tool, more string, packages ...string) *fstest.MapFile {
	var list []string
	for i, p := range packages {
		name, version, _ := strings.Cut(p, "@")
		list = append(list, fmt.Sprintf(`{"bom-ref":"%d","type":"library","name":"%s","version":"%s","purl":"pkg:npm/%s@%[3]s"}`, i, name, version, name))
	}
	return &fstest.MapFile{Data: []byte(fmt.Sprintf(`{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,
"metadata":{"tools":{"components":[{"type":"application","name":"%s"}]},"component":{"bom-ref":"root","type":"container","name":"ghcr.io/hailbytes/web"}},
"components":[%s]%s}`, tool, strings.Join(list, ","), more))}
}

// TestSBOMFacts: each contradiction between SBOMs of one image, and the nearest
// documents that contradict nothing.
func TestSBOMFacts(t *testing.T) {
	claim := func(analysis string) string {
		return `,"vulnerabilities":[{"id":"CVE-2026-1","analysis":{"state":"not_affected"` + analysis + `}}]`
	}
	version := cdx("syft", "", "a@1", "b@2")
	version.Data = []byte(strings.Replace(string(version.Data), `"version":"2","purl"`, `"version":"3","purl"`, 1))
	for name, tt := range map[string]struct {
		one, two *fstest.MapFile
		id       string
		want     evidence.Status
	}{
		"one SBOM":                        {cdx("syft", "", "a@1"), nil, "sbom.packages", evidence.StatusPass},
		"no package":                      {cdx("syft", ""), nil, "sbom.packages", evidence.StatusWarn},
		"twice the same list":             {cdx("syft", "", "a@1", "b@2"), cdx("syft", "", "b@2", "a@1"), "sbom.packages", evidence.StatusPass},
		"one lacks a package":             {cdx("syft", "", "a@1", "b@2"), cdx("syft", "", "a@1"), "sbom.packages", evidence.StatusFail},
		"one has a package more":          {cdx("syft", "", "a@1"), cdx("syft", "", "a@1", "b@2"), "sbom.packages", evidence.StatusFail},
		"another tool lists less":         {cdx("syft", "", "a@1", "b@2"), cdx("trivy", "", "a@1"), "sbom.packages", evidence.StatusPass},
		"two tools":                       {cdx("syft", "", "a@1"), cdx("trivy", "", "a@1"), "sbom.tool", evidence.StatusWarn},
		"one tool":                        {cdx("syft", "", "a@1"), cdx("Syft", "", "a@1"), "sbom.tool", evidence.StatusPass},
		"a version that is not the URL's": {version, nil, "sbom.versions", evidence.StatusFail},
		"versions":                        {cdx("syft", "", "a@1", "b@2"), nil, "sbom.versions", evidence.StatusPass},
		"a claim without a reason":        {cdx("syft", claim(""), "a@1"), nil, "sbom.claims", evidence.StatusWarn},
		"a claim with a reason":           {cdx("syft", claim(`,"justification":"code_not_present"`), "a@1"), nil, "sbom.claims", evidence.StatusPass},
	} {
		files := smallEvidence()
		for path := range files {
			if strings.HasPrefix(path, "sbom/") || strings.HasPrefix(path, "scans/") {
				delete(files, path)
			}
		}
		files["sbom/web.one.cdx.json"] = tt.one
		if tt.two != nil {
			files["sbom/web.two.cdx.json"] = tt.two
		}
		rel := smallRelease
		rel.Release.Created = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		rel.Images = []manifest.Image{{Name: "web", Reference: "ghcr.io/hailbytes/web", Digest: mustDigest(t, webDigest)}}
		zip, _ := build(t, rel, files, nil)
		if c := worst(verify(t, open(t, zip), Policy{}), tt.id); c.Status != tt.want {
			t.Errorf("%s: %s %s: %s", name, tt.id, c.Status, c.Message)
		}
	}
}

// TestLicencesBothWays: reports against SBOM and go.mod, and against each other.
func TestLicencesBothWays(t *testing.T) {
	const mux, lru = "github.com/gorilla/mux", "github.com/hashicorp/golang-lru"
	row := func(name, license string) string { return name + ",https://" + name + "," + license + "\n" }
	both := row(mux, "BSD-3-Clause") + row(lru, "MPL-2.0")
	gomod := "module example.com/product\n\nrequire (\n\t" + mux + " v1.7.3\n\t" + lru + " v0.5.4\n)\n"
	list := fmt.Sprintf(`[{"bom-ref":"0","type":"library","name":"%s","version":"v1.7.3","purl":"pkg:golang/%[1]s@v1.7.3"},{"bom-ref":"1","type":"library","name":"%s","version":"v0.5.4","purl":"pkg:golang/%[2]s@v0.5.4"}]`, mux, lru)
	bom := `{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":` + list + `}`
	for name, tt := range map[string]struct {
		one, two, id string
		want         evidence.Status
	}{
		"as it is":                 {both, "", "license.sbom", evidence.StatusPass},
		"a module without a row":   {row(mux, "BSD-3-Clause"), "", "license.sbom", evidence.StatusWarn},
		"a row without a module":   {both + row("example.org/other", "MIT"), "", "license.sbom", evidence.StatusWarn},
		"of this product":          {both, "", "license.product", evidence.StatusPass},
		"of another product":       {row("example.org/other", "MIT"), "", "license.product", evidence.StatusFail},
		"of the product alone":     {row("example.com/product", "MIT"), "", "license.product", evidence.StatusWarn},
		"two reports":              {both, both, "license.reports", evidence.StatusPass},
		"two opinions":             {both, row(mux, "BSD-3-Clause") + row(lru, "MIT"), "license.reports", evidence.StatusWarn},
		"a row in one of two only": {both, row(mux, "BSD-3-Clause"), "license.reports", evidence.StatusWarn},
		"reports of two programs":  {row(mux, "BSD-3-Clause"), row(lru, "MPL-2.0"), "license.reports", evidence.StatusPass},
	} {
		files := fstest.MapFS{"go.mod": {Data: []byte(gomod)}, "sbom/product.cdx.json": {Data: []byte(bom)}, "licenses/one.csv": {Data: []byte(tt.one)}}
		if tt.two != "" {
			files["licenses/two.csv"] = &fstest.MapFile{Data: []byte(tt.two)}
		}
		rel := smallRelease
		rel.Release.Created = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		zip, _ := build(t, rel, files, nil)
		c := worst(verify(t, open(t, zip), Policy{}), tt.id)
		if c.Status != tt.want {
			t.Errorf("%s: %s: %+v", name, tt.id, c)
		}
	}
}
