// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

func release() *manifest.Manifest {
	return &manifest.Manifest{
		Product: "sat",
		Version: "1.205",
		Release: manifest.Release{Tag: "v1.205", Created: time.Date(2026, 11, 22, 21, 20, 0, 0, time.UTC)},
		Files: []manifest.File{{
			Path: "licenses/go-licenses.csv", SHA256: evidence.Sum256([]byte("a,b,MIT\n")), Size: 8,
			MediaType: manifest.FormatGoLicensesCSV.MediaType(), Kind: manifest.KindLicenseReport, Format: manifest.FormatGoLicensesCSV,
		}},
		Gaps: []manifest.Gap{{Kind: manifest.KindImageSigning, Reason: "Signing is planned."}},
	}
}

// The shortest use: write a manifest, read it, look things up.
func Example() {
	text, err := release().Marshal()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := manifest.Parse(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	for f := range m.FilesOf(manifest.KindLicenseReport) {
		fmt.Println(f.Path, f.Size, f.SHA256.Hex()[:12])
	}
	fmt.Println(m.Gap(manifest.KindImageSigning, "").Reason)
	// Output:
	// licenses/go-licenses.csv 8 2eea13998100
	// Signing is planned.
}

// Every problem is told at once, with a stable code and its place.
func ExampleParse() {
	_, err := manifest.Parse([]byte(`{
  "artifacts": [],
  "files": [
    {
      "kind": "sboms",
      "mediaType": "text/csv",
      "path": "../licenses.csv",
      "sha256": "xyz",
      "size": 8
    }
  ],
  "gaps": [],
  "images": [],
  "product": "sat",
  "release": {
    "created": "2026-11-22T21:20:00Z",
    "tag": "v1.205"
  },
  "schema": "https://hailbytes.com/schemas/trust-pack/manifest/v1",
  "version": "1.205"
}
`))
	fmt.Println(errors.Is(err, evidence.ErrUnsafe))
	var problems evidence.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Println(p.Line, p.Column, p.Pointer, p.Code)
		}
	}
	// Output:
	// true
	// 5 15 /files/0/kind manifest.kind
	// 7 15 /files/0/path manifest.path
	// 8 17 /files/0/sha256 manifest.digest
}

// A pack that another tool wrote: paths and digests are there, the rest is
// guessed, and said.
func ExampleParseLenient() {
	m, problems, err := manifest.ParseLenient([]byte(`{
  "product_name": "SAT",
  "version": "v1.205",
  "contents": {"sbom/sat.cdx.json": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Product, m.Version, m.Files[0].Kind, m.Files[0].Format)
	for _, p := range problems[:7] {
		fmt.Println(p)
	}
	// Output:
	// sat 1.205 sbom cyclonedx-json
	// line 1:1: not a manifest of schema https://hailbytes.com/schemas/trust-pack/manifest/v1: read as another tool's
	// line 1:1: /artifacts: no artifacts: read as none
	// line 1:1: /gaps: no gaps: read as none
	// line 1:1: /images: no images: read as none
	// line 1:1: /release/tag: member "tag" is missing
	// line 1:1: /release/created: member "created" is missing
	// line 2:19: /product_name: member "product_name" is read as "product"
}

func ExampleParseDigest() {
	d, err := evidence.ParseDigest("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	fmt.Println(d == evidence.Sum256(nil), err)
	_, err = evidence.ParseDigest("sha256:e3b0c442")
	fmt.Println(err)
	// Output:
	// true <nil>
	// sha256 digest has 8 digits, want 64
}

func ExampleParseConfig() {
	c, err := manifest.ParseConfig([]byte(`{
  "gaps": [{"kind": "penetration-test", "reason": "Report in January.", "target": "2027-Q1"}],
  "files": [{"glob": "reports/**/*.csv", "kind": "license-report", "tool": {"name": "go-licenses"}}]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	rule, ok := c.Rule("reports/web/licenses.csv")
	fmt.Println(rule.Kind, rule.Tool.Name, ok)
	fmt.Println(c.Gaps[0].Target.Passed(time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)))
	// Output:
	// license-report go-licenses true
	// true
}
