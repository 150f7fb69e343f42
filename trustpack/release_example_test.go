// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"strings"
	"testing/fstest"

	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack"
)

// scanned is the evidence of a release: one SBOM and one scan.
var scanned = fstest.MapFS{
	"sbom.cdx.json": {Data: []byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,
"metadata":{"timestamp":"2026-01-02T03:04:05Z","component":{"bom-ref":"demo","type":"application","name":"demo"}},
"components":[{"bom-ref":"curl","type":"library","name":"curl","version":"7.88.1","purl":"pkg:deb/debian/curl@7.88.1"},
{"bom-ref":"ssl","type":"library","name":"openssl","version":"3.0.1","purl":"pkg:deb/debian/openssl@3.0.1","licenses":[{"license":{"id":"Apache-2.0"}}]}],
"dependencies":[{"ref":"demo","dependsOn":["curl"]},{"ref":"curl","dependsOn":["ssl"]}]}`)},
	"scan.json": {Data: []byte(`{"SchemaVersion":2,"CreatedAt":"2026-01-02T03:04:05Z","ArtifactName":"demo","ArtifactType":"filesystem","Results":[
{"Target":"demo","Class":"os-pkgs","Type":"debian","Vulnerabilities":[{"VulnerabilityID":"CVE-2026-1234","PkgName":"openssl",
"PkgIdentifier":{"PURL":"pkg:deb/debian/openssl@3.0.1"},"InstalledVersion":"3.0.1","FixedVersion":"3.0.2","Severity":"CRITICAL"}]}]}`)},
}

// List the critical findings that a newer package mends: what to update, by which
// path it came in, under which licence, and where the evidence says so.
func ExampleRelease() {
	ctx := context.Background()
	var zip bytes.Buffer
	if _, err := trustpack.BuildFS(ctx, &zip, manifest.Config{Product: "demo", Version: "1.7"}, scanned, nil); err != nil {
		log.Fatal(err)
	}
	pack, err := trustpack.Open(bytes.NewReader(zip.Bytes()), int64(zip.Len()), nil)
	if err != nil {
		log.Fatal(err)
	}
	report, err := trustpack.Verify(ctx, pack, trustpack.Policy{Product: "demo", Version: "1.7", KeepRelease: true})
	if err != nil {
		log.Fatal(err) // could not be checked
	}
	if err := report.Err(); err != nil {
		log.Fatal(err) // checked, and does not hold
	}
	for f := range report.Release.Findings() {
		if f.Severity != sarif.SeverityCritical || !f.Fixable() || f.Component == nil {
			continue
		}
		c := f.Component
		fmt.Println(f.ID, c.Name, c.Version, "is mended in", strings.Join(f.Package.Fixed, ", "))
		fmt.Println(c.License(), c.Relation(), strings.Join(c.Path(), " > "))
		fmt.Println(c.Sources()[0], f.Sources()[0])
	}
	// Output:
	// CVE-2026-1234 openssl 3.0.1 is mended in 3.0.2
	// Apache-2.0 transitive curl@7.88.1 > openssl@3.0.1
	// sbom.cdx.json#/components/1 scan.json#/Results/0/Vulnerabilities/0
}
