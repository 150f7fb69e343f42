// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"strings"
	"testing"

	"github.com/HailBytes/evidence/sbom"
)

const smallSPDX = `{
  "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "app",
  "documentNamespace": "https://example.com/app",
  "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: syft-1.0", "Organization: Example"]},
  "documentDescribes": ["SPDXRef-app"],
  "packages": [
    {"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1.0", "downloadLocation": "NOASSERTION", "hasFiles": ["SPDXRef-main"],
     "supplier": "Organization: Example <a@example.com>"},
    {"SPDXID": "SPDXRef-zlib", "name": "zlib", "versionInfo": "1.3.1", "downloadLocation": "https://zlib.net/zlib.tar.gz",
     "licenseDeclared": "Zlib", "licenseConcluded": "Zlib OR MIT",
     "checksums": [{"algorithm": "SHA256", "checksumValue": "00ff"}],
     "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/zlib1g@1.3.1"}]}],
  "files": [{"SPDXID": "SPDXRef-main", "fileName": "./main", "checksums": [{"algorithm": "SHA1", "checksumValue": "aa"}], "copyrightText": "NONE"}],
  "relationships": [
    {"spdxElementId": "SPDXRef-zlib", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-app"},
    {"spdxElementId": "SPDXRef-main", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "NONE"}]
}`

const smallCycloneDX = `{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": {"component": {"type": "application", "bom-ref": "app", "name": "app", "version": "1.0"}},
  "components": [
    {"type": "library", "bom-ref": "zlib", "name": "zlib", "version": "1.3.1", "purl": "pkg:deb/debian/zlib1g@1.3.1",
     "hashes": [{"alg": "SHA-256", "content": "00ff"}],
     "licenses": [{"license": {"id": "Zlib", "acknowledgement": "declared"}}],
     "components": [{"type": "file", "bom-ref": "so", "name": "libz.so"}]}],
  "services": [{"bom-ref": "api", "name": "api", "services": [{"bom-ref": "login", "name": "login"}]}],
  "dependencies": [{"ref": "app", "dependsOn": ["zlib", "api"]}, {"ref": "zlib"}]
}`

// TestPlantedDifference changes one thing in what the peer reads: the
// comparison must name it, no reason may explain it, and it must be all.
func TestPlantedDifference(t *testing.T) {
	tests := []struct {
		name, document, old, new string
		want                     []string // about and field
	}{
		{"nothing", smallSPDX, "", "", nil},
		{"version", smallSPDX, `"versionInfo": "1.3.1"`, `"versionInfo": "1.3.2"`, []string{"component SPDXRef-zlib, version"}},
		{"name", smallSPDX, `"name": "zlib"`, `"name": "zlib1g"`, []string{"component SPDXRef-zlib, name"}},
		{"package URL", smallSPDX, `zlib1g@1.3.1`, `zlib1g@1.3`, []string{"component SPDXRef-zlib, purl"}},
		{"hash", smallSPDX, `"00ff"`, `"00fe"`, []string{"component SPDXRef-zlib, hash"}},
		{"algorithm", smallSPDX, `"SHA256"`, `"SHA512"`, []string{"component SPDXRef-zlib, hash"}},
		{"hash of a file", smallSPDX, `"aa"`, `"ab"`, []string{"file SPDXRef-main, hash"}},
		{"declared licence", smallSPDX, `"Zlib",`, `"MIT",`, []string{"component SPDXRef-zlib, licence declared"}},
		{"concluded licence", smallSPDX, `Zlib OR MIT`, `Zlib AND MIT`, []string{"component SPDXRef-zlib, licence concluded"}},
		{"direction", smallSPDX, `DEPENDENCY_OF`, `DEPENDS_ON`, []string{
			"relationships as written of SPDXRef-zlib, DEPENDENCY_OF", "relationships as written of SPDXRef-zlib, DEPENDS_ON",
			"relationships of SPDXRef-app, dependsOn", "relationships of SPDXRef-zlib, dependsOn",
		}},
		{"scope", smallSPDX, `"DEPENDENCY_OF`, `"TEST_DEPENDENCY_OF`, []string{
			"relationships as written of SPDXRef-zlib, DEPENDENCY_OF", "relationships as written of SPDXRef-zlib, TEST_DEPENDENCY_OF",
			"relationships of SPDXRef-app, dependsOn",
		}},
		{"NONE", smallSPDX, `"relatedSpdxElement": "NONE"`, `"relatedSpdxElement": "NOASSERTION"`, []string{
			"relationships as written of SPDXRef-main, DEPENDS_ON", "relationships of SPDXRef-main, dependsOn",
		}},
		{"described", smallSPDX, `["SPDXRef-app"]`, `["SPDXRef-zlib"]`, []string{
			"relationships as written of SPDXRef-DOCUMENT, DESCRIBES", "relationships of SPDXRef-DOCUMENT, describes",
			"relationships of the document, documentDescribes",
		}},
		{"file of a package", smallSPDX, `["SPDXRef-main"]`, `["SPDXRef-zlib"]`, []string{
			"relationships as written of SPDXRef-app, CONTAINS", "relationships of SPDXRef-app, contains",
			"relationships of component SPDXRef-app, has file",
		}},
		{"supplier", smallSPDX, `a@example.com`, `b@example.com`, []string{"component SPDXRef-app, supplier"}},
		{"no name", smallSPDX, `"name": "zlib", `, ``, []string{"component SPDXRef-zlib, name"}},

		{"nothing", smallCycloneDX, "", "", nil},
		{"version", smallCycloneDX, `"version": "1.3.1"`, `"version": "1.3.2"`, []string{"component zlib, version"}},
		{"package URL", smallCycloneDX, `zlib1g@1.3.1`, `zlib1g@1.3`, []string{"component zlib, purl"}},
		{"hash", smallCycloneDX, `"00ff"`, `"00fe"`, []string{"component zlib, hash"}},
		{"licence", smallCycloneDX, `"id": "Zlib"`, `"id": "MIT"`, []string{"component zlib, licence"}},
		{"kind of licence", smallCycloneDX, `"declared"`, `"concluded"`, []string{"component zlib, licence"}},
		{"nesting", smallCycloneDX, `"bom-ref": "so"`, `"bom-ref": "os"`, []string{
			"component os, is", "component os, name", "component os, type", "component so, is", "component so, name", "component so, type",
			"nesting, component zlib",
		}},
		{"nested service", smallCycloneDX, `"name": "login"`, `"name": "logout"`, []string{"service login, name"}},
		{"dependency", smallCycloneDX, `["zlib", "api"]`, `["zlib", "login"]`, []string{"dependencies of app, dependsOn"}},
		{"dependency provided", smallCycloneDX, `{"ref": "zlib"}`, `{"ref": "zlib", "dependsOn": ["so"]}`, []string{
			"dependencies of zlib, dependsOn", "dependencies of zlib, entry",
		}},
		{"one dependency twice", smallCycloneDX, `["zlib", "api"]`, `["zlib", "api", "api"]`, []string{"dependencies of app, dependsOn"}},
		{"metadata component", smallCycloneDX, `"bom-ref": "app", "name"`, `"bom-ref": "main", "name"`, []string{
			"component app, is", "component app, name", "component app, type", "component app, version",
			"component main, is", "component main, name", "component main, type", "component main, version",
			"document, describes",
		}},
	}
	for _, test := range tests {
		format, err := sbom.Sniff([]byte(test.document))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(format.String()+" "+test.name, func(t *testing.T) {
			doc, err := sbom.Read(strings.NewReader(test.document), nil)
			if err != nil {
				t.Fatal(err)
			}
			changed := test.document
			if test.old != "" {
				if strings.Count(changed, test.old) != 1 {
					t.Fatalf("%q is there %d times", test.old, strings.Count(changed, test.old))
				}
				changed = strings.Replace(changed, test.old, test.new, 1)
			}
			peer, err := peerFacts([]byte(changed), format)
			if err != nil {
				t.Fatal(err)
			}
			ours, at := factsOf(doc)
			c := &comparison{data: []byte(test.document), doc: doc, ours: ours, peer: peer, at: at}
			var got []string
			for _, d := range compare(ours, peer) {
				explained := false
				for _, r := range readingReasons {
					explained = explained || r.explains(c, d)
				}
				if !explained {
					got = append(got, d.about+", "+d.field)
				}
			}
			if a, b := strings.Join(got, "\n"), strings.Join(test.want, "\n"); a != b {
				t.Errorf("differences:\n%s\nwant:\n%s", a, b)
			}
		})
	}
}

// TestReasonsAreNarrow: the nearest thing to what a reason explains is not explained.
func TestReasonsAreNarrow(t *testing.T) {
	const inPackage = `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[{"SPDXID":"SPDXRef-app","name":"app","files":[{"SPDXID":"SPDXRef-main"}]}]}`
	const graph = `<bom xmlns="http://cyclonedx.org/schema/bom/1.1" xmlns:dg="http://cyclonedx.org/schema/ext/dependency-graph/1.0" version="1"/>`
	tests := []struct {
		name, document string
		reason         func(*comparison, difference) bool
		yes, no        difference
	}{
		{"escapes", smallSPDX, escaped,
			difference{"component a", "supplier", []string{"A <b>"}, []string{`A \u003cb\u003e`}},
			difference{"component a", "supplier", []string{"A <b>"}, []string{`A \u003cc\u003e`}}},
		{"escapes of a name", smallSPDX, escaped,
			difference{"document", "author", []string{"A <b>"}, []string{`A \u003cb\u003e`}},
			difference{"component a", "name", []string{"A <b>"}, []string{`A \u003cb\u003e`}}},
		{"email address", smallSPDX, emptyEmail,
			difference{"document", "author", []string{"A | person"}, []string{"A () | person"}},
			difference{"document", "author", []string{"A | person"}, []string{"A (a@example.com) | person"}}},
		{"file in a package", inPackage, filesInPackage,
			difference{"file SPDXRef-main", "name", nil, []string{"./main"}},
			difference{"file SPDXRef-mai", "name", nil, []string{"./main"}}},
		{"files", smallSPDX, filesInPackage,
			difference{},
			difference{"file SPDXRef-main", "name", nil, []string{"./main"}}},
		{"namespace", graph, otherNamespace,
			difference{"dependencies of a", "dependsOn", nil, []string{"b"}},
			difference{"dependencies of a", "dependsOn", []string{"b"}, nil}},
		{"format", smallCycloneDX, otherNamespace,
			difference{},
			difference{"dependencies of a", "dependsOn", nil, []string{"b"}}},
		{"file again", smallSPDX, sameFileAgain,
			difference{"file SPDXRef-main (2)", "name", nil, []string{"./main"}},
			difference{"file SPDXRef-main (2)", "name", nil, []string{"./more"}}},
		{"creator", smallSPDX, objectCreator,
			difference{"document", "author", []string{`{"Person": "A"}`}, []string{`"A"} | {"person"`}},
			difference{"document", "author", []string{`A | person`}, []string{`B | {"person"`}}},
		{"download location", smallSPDX, assumedDownload,
			difference{"component a", "download", nil, []string{"NOASSERTION"}},
			difference{"component a", "download", []string{"https://example.com"}, []string{"NOASSERTION"}}},
		{"loss", smallSPDX, lost,
			difference{"component SPDXRef-zlib", "version", []string{"1.3.1"}, nil},
			difference{"component SPDXRef-app", "version", []string{"1.0"}, nil}},
		{"loss in another list", smallSPDX, lost,
			difference{"component SPDXRef-zlib", "version", []string{"1.3.1"}, nil},
			difference{"file SPDXRef-main", "name", []string{"./main"}, nil}},
	}
	for _, test := range tests {
		doc, err := sbom.Read(strings.NewReader(test.document), nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &comparison{data: []byte(test.document), doc: doc, peer: facts{}, losses: []sbom.Loss{{Pointer: "/packages/1/versionInfo"}}}
		c.ours, c.at = factsOf(doc)
		if test.yes.about != "" && !test.reason(c, test.yes) {
			t.Errorf("%s: does not explain %v", test.name, test.yes)
		}
		if test.reason(c, test.no) {
			t.Errorf("%s: explains %v", test.name, test.no)
		}
	}
}
