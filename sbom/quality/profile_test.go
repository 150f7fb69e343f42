// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package quality

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/internal/test/sbomsample"
	"github.com/HailBytes/evidence/sbom"
)

// cisaCDX has every minimum element of CISA 2026 but the signature, which the caller verifies.
const cisaCDX = `{
 "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 3,
 "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
 "metadata": {
  "timestamp": "2026-01-02T03:04:05Z",
  "lifecycles": [{"phase": "build"}],
  "authors": [{"name": "Release team", "email": "release@example.com"}],
  "tools": {"components": [{"type": "application", "name": "maker", "version": "1.0"}]},
  "component": {"bom-ref": "root", "type": "application", "name": "shop", "version": "1.0", "purl": "pkg:generic/shop@1.0",
   "manufacturer": {"name": "Example"}, "licenses": [{"expression": "MIT", "acknowledgement": "declared"}],
   "hashes": [{"alg": "SHA-256", "content": "2222222222222222222222222222222222222222222222222222222222222222"}]}
 },
 "components": [
  {"bom-ref": "zlib", "type": "library", "name": "zlib", "version": "1.3", "purl": "pkg:generic/zlib@1.3",
   "manufacturer": {"name": "Zlib people"}, "licenses": [{"license": {"id": "Zlib"}}],
   "hashes": [{"alg": "SHA-512", "content": "33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333"}]},
  {"bom-ref": "readme", "type": "file", "name": "README"}
 ],
 "dependencies": [{"ref": "root", "dependsOn": ["zlib"]}, {"ref": "zlib", "dependsOn": []}]
}`

func read(t testing.TB, text string) *sbom.Document {
	t.Helper()
	doc, err := sbom.Read(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func profile(t testing.TB, name string) *Profile {
	t.Helper()
	p, ok := ProfileNamed(name)
	if !ok {
		t.Fatalf("no profile %s", name)
	}
	return p
}

// outcomes returns "outcome reason" by element.
func outcomes(a *Assessment) map[string]string {
	m := map[string]string{}
	for _, r := range a.Results {
		m[r.Element.ID] = string(r.Outcome) + " " + string(r.Reason)
	}
	return m
}

func TestCISA(t *testing.T) {
	p := profile(t, "cisa-2026")
	signed := &AssessOptions{Signed: true}
	full := p.Assess(read(t, cisaCDX), signed)
	if !full.OK() || full.Components != 2 {
		t.Fatalf("%+v", full)
	}
	required := 0
	for _, r := range full.Results {
		want := OutcomePass
		if r.Reason == reasonNotAssessed {
			want = OutcomeNotApplicable
		}
		if r.Outcome != want {
			t.Errorf("%s: %s, %s", r.Element.ID, r.Outcome, r.Message)
		}
		if r.Element.Level == "required" {
			required++
		}
	}
	if required != 17 {
		t.Errorf("%d required elements, Appendix A has 17", required)
	}
	for _, c := range []struct{ old, new, element, want string }{
		{`"name": "Release team", "email"`, `"email"`, "sbom-author", "fail absent"},
		{`Release team`, `UNKNOWN`, "sbom-author", "fail placeholder"},
		{`"specVersion": "1.6"`, `"specVersion": "1.5"`, "sbom-data-format-version", "pass stated"},
		{`"lifecycles": [{"phase": "build"}],`, ``, "sbom-generation-context", "fail absent"},
		{`{"phase": "build"}`, `{"name": "after the release"}`, "sbom-generation-context", "pass stated"},
		{`2026-01-02T`, `1970-01-01T`, "sbom-timestamp", "fail placeholder"},
		{`2026-01-02T03`, `2026-01-02 03`, "sbom-timestamp", "fail malformed"},
		{`"timestamp": "2026-01-02T03:04:05Z",`, ``, "sbom-timestamp", "fail absent"},
		{`"name": "maker"`, `"name": ""`, "sbom-tool-name", "fail absent"},
		{`"name": "maker", "version": "1.0"`, `"name": "maker"`, "sbom-tool-version", "fail absent"},
		{`"name": "maker", "version": "1.0"`, `"name": "maker", "version": "unknown"`, "sbom-tool-version", "declared-unknown unknown"},
		{`"version": 3,`, ``, "sbom-version", "fail absent"},
		{`"manufacturer": {"name": "Zlib people"},`, ``, "component-producer", "fail absent"},
		{`"manufacturer": {"name": "Zlib people"},`, `"supplier": {"name": "Debian"},`, "component-producer", "fail absent"},
		{`"manufacturer": {"name": "Zlib people"},`, `"authors": [{"name": "A. Author"}],`, "component-producer", "pass stated"},
		{`"manufacturer": {"name": "Zlib people"},`, `"properties": [{"name": "cdx:cisa:unknown-information", "value": "Component Producer"}],`, "component-producer", "declared-unknown unknown"},
		{`"dependsOn": ["zlib"]`, `"dependsOn": []`, "component-dependency-relationship", "pass stated"}, // each says that it has none
		{`["zlib"]}, {"ref": "zlib", "dependsOn": []}]`, `[]}]`, "component-dependency-relationship", "fail absent"},
		{`["zlib"]}, {"ref": "zlib", "dependsOn": []}]`, `[]}], "compositions": [{"aggregate": "unknown", "dependencies": ["zlib"]}]`, "component-dependency-relationship", "declared-unknown unknown"},
		{strings.Repeat("3", 128), strings.Repeat("3", 64), "component-hash-value", "fail malformed"},
		{strings.Repeat("3", 128), strings.Repeat("0", 128), "component-hash-value", "fail placeholder"},
		{`"SHA-512", "content": "` + strings.Repeat("3", 128), `"MD5", "content": "` + strings.Repeat("3", 32), "component-hash-algorithm", "fail malformed"},
		{`"SHA-512", "content": "` + strings.Repeat("3", 128), `"MD5", "content": "` + strings.Repeat("3", 32), "component-hash-value", "pass stated"},
		{`"purl": "pkg:generic/zlib@1.3",`, ``, "component-identifiers", "fail absent"},
		{`"purl": "pkg:generic/zlib@1.3",`, `"purl": "zlib@1.3",`, "component-identifiers", "fail malformed"},
		{`"purl": "pkg:generic/zlib@1.3",`, `"cpe": "cpe:2.3:a:zlib:zlib:1.3:*:*:*:*:*:*:*",`, "component-identifiers", "pass stated"},
		{`"licenses": [{"license": {"id": "Zlib"}}],`, ``, "component-license", "fail absent"},
		{`{"license": {"id": "Zlib"}}`, `{"license": {"name": "Zlib licence"}}`, "component-license", "pass stated"},
		{`{"license": {"id": "Zlib"}}`, `{"expression": "NOASSERTION"}`, "component-license", "declared-unknown unknown"},
		{`{"license": {"id": "Zlib"}}`, `{"expression": "NONE"}`, "component-license", "pass stated"},
		{`"name": "zlib"`, `"name": ""`, "component-name", "fail placeholder"},
		{`"version": "1.3"`, `"version": "UNKNOWN"`, "component-version", "declared-unknown unknown"},
		{`"version": "1.3"`, `"version": "unspecified"`, "component-version", "fail placeholder"},
		{`"version": "1.3", `, ``, "component-version", "fail absent"},
		{`"version": "1.0", "purl"`, `"purl"`, "component-version", "fail absent"}, // of the root
		{`"version": "1.3", `, `"properties": [{"name": "cdx:cisa:withheld-information", "value": "Component Version"}], `, "component-version", "declared-unknown withheld"},
	} {
		text := strings.Replace(cisaCDX, c.old, c.new, 1)
		if text == cisaCDX {
			t.Fatalf("%s is not in the document", c.old)
		}
		a := p.Assess(read(t, text), signed)
		if got := outcomes(a)[c.element]; got != c.want {
			t.Errorf("%s -> %s: %s is %s, want %s", c.old, c.new, c.element, got, c.want)
		}
		if fails, unknown := strings.HasPrefix(c.want, "fail"), strings.HasPrefix(c.want, "declared"); fails && a.OK() || unknown && !a.OK() {
			t.Errorf("%s -> %s: holds %v", c.old, c.new, a.OK())
		}
		for _, r := range a.Results {
			if r.Element.ID == c.element && strings.HasPrefix(c.element, "component-") && !strings.HasPrefix(c.want, "pass") {
				if len(r.Concerns) != 1 || r.Components != 2 || r.Concerns[0].Position.Line == 0 || r.Concerns[0].Position.Pointer == "" {
					t.Errorf("%s -> %s: %+v", c.old, c.new, r)
				}
			}
		}
	}
}

func TestCISASignature(t *testing.T) {
	p := profile(t, "cisa-2026")
	for _, c := range []struct {
		text string
		o    *AssessOptions
		want string
	}{
		{cisaCDX, nil, "fail absent"},
		{cisaCDX, &AssessOptions{Signed: true}, "pass stated"},
		// A signature that is there is not one that was verified.
		{strings.Replace(cisaCDX, `"version": 3,`, `"version": 3, "signature": {"algorithm": "ES256", "value": "x"},`, 1), nil, "not-applicable not-assessed"},
		{sbomsample.SPDX, nil, "not-applicable not-expressible"},
		{sbomsample.SPDX, &AssessOptions{Signed: true}, "pass stated"},
	} {
		if got := outcomes(p.Assess(read(t, c.text), c.o))["sbom-author-signature"]; got != c.want {
			t.Errorf("%.30s: %s, want %s", c.text, got, c.want)
		}
	}
}

// TestGeneratorDefaults: what a tool writes for every user is not the author.
func TestGeneratorDefaults(t *testing.T) {
	p := profile(t, "cisa-2026")
	for creators, want := range map[string]string{
		`"Organization: Anchore, Inc", "Tool: syft-1.19.0"`:                          "fail placeholder",
		`"Organization: aquasecurity", "Tool: trivy-0.60.0"`:                         "fail placeholder",
		`"Organization: Anchore, Inc", "Tool: other-1.0"`:                            "pass stated", // Anchore's own
		`"Organization: Anchore, Inc", "Tool: syft-1.19.0", "Organization: Example"`: "pass stated",
		`"Tool: syft-1.19.0"`: "fail absent",
	} {
		text := strings.Replace(sbomsample.SPDX, `"Organization: Example", "Tool: maker-1.0"`, creators, 1)
		if got := outcomes(p.Assess(read(t, text), nil))["sbom-author"]; got != want {
			t.Errorf("%s: %s, want %s", creators, got, want)
		}
		if got := outcomes(profile(t, "ntia-2021").Assess(read(t, text), nil))["author-of-sbom-data"]; got != "pass stated" {
			t.Errorf("%s: NTIA %s", creators, got)
		}
	}
}

func TestSPDXOutcomes(t *testing.T) {
	for _, c := range []struct{ profile, old, new, element, want string }{
		{"ntia-2021", ``, ``, "supplier-name", "fail absent"}, // zlib has none
		{"ntia-2021", `"versionInfo": "1:1.2.13",`, `"versionInfo": "1:1.2.13", "supplier": "NOASSERTION",`, "supplier-name", "declared-unknown unknown"},
		{"ntia-2021", `"versionInfo": "1:1.2.13",`, `"versionInfo": "1:1.2.13", "originator": "Person: A",`, "supplier-name", "pass stated"},
		{"ntia-2021", ``, ``, "dependency-relationship", "pass stated"},
		{"ntia-2021", `"CONTAINS", "relatedSpdxElement": "SPDXRef-zlib"}`, `"CONTAINS", "relatedSpdxElement": "NONE"}`, "dependency-relationship", "pass stated"},
		{"ntia-2021", `"2026-01-02T03:04:05Z"`, `""`, "timestamp", "fail malformed"},
		{"ntia-2021", ``, ``, "practice-frequency", "not-applicable not-assessed"},
		{"cisa-2026", `"licenseListVersion"`, `"comment": "SBOM Type: Build", "licenseListVersion"`, "sbom-generation-context", "pass stated"},
		{"cisa-2026", `"licenseListVersion"`, `"comment": "made with love", "licenseListVersion"`, "sbom-generation-context", "fail absent"},
		{"cisa-2026", ``, ``, "sbom-version", "pass stated"},
		{"cisa-2026", `"licenseDeclared": "Zlib AND LicenseRef-x", "licenseConcluded": "DocumentRef-d:LicenseRef-y"`, `"licenseDeclared": "NOASSERTION"`, "component-license", "fail absent"}, // shop has none
		{"bsi-tr-03183-2-v2.1", ``, ``, "format", "fail malformed"},
		{"bsi-tr-03183-2-v2.1", ``, ``, "executable-property", "not-applicable not-expressible"},
		{"bsi-tr-03183-2-v2.1", `"referenceType": "cpe23Type"`, `"referenceType": "advisory"`, "no-vulnerabilities", "fail malformed"},
		{"bsi-tr-03183-2-v2.1", ``, ``, "no-vulnerabilities", "pass stated"},
	} {
		text := sbomsample.SPDX
		if c.old != "" {
			if text = strings.Replace(sbomsample.SPDX, c.old, c.new, 1); text == sbomsample.SPDX {
				t.Fatalf("%s is not in the document", c.old)
			}
		}
		if got := outcomes(profile(t, c.profile).Assess(read(t, text), nil))[c.element]; got != c.want {
			t.Errorf("%s -> %s: %s %s, want %s", c.old, c.new, c.element, got, c.want)
		}
	}
}

// TestBSI checks the elements of BSI TR-03183-2 that other profiles do not have,
// each stated right and then wrong.
func TestBSI(t *testing.T) {
	p := profile(t, "bsi-tr-03183-2-v2.1")
	base := strings.NewReplacer(
		`"manufacturer": {"name": "Zlib people"},`, `"manufacturer": {"name": "Zlib people", "url": ["https://zlib.net"]},
   "properties": [{"name": "bsi:component:filename", "value": "libz.so"}, {"name": "bsi:component:executable", "value": "executable"},
    {"name": "bsi:component:archive", "value": "no archive"}, {"name": "bsi:component:structured", "value": "unstructured"}],
   "externalReferences": [{"type": "distribution", "url": "https://zlib.net/z.tar", "hashes": [{"alg": "SHA-512", "content": "`+strings.Repeat("4", 128)+`"}]}],`,
		`{"license": {"id": "Zlib"}}`, `{"license": {"id": "Zlib", "acknowledgement": "concluded"}}`,
		`"dependencies": [`, `"compositions": [{"aggregate": "complete", "dependencies": ["zlib"]}], "dependencies": [`,
	).Replace(cisaCDX)
	for _, c := range []struct{ old, new, element, want string }{
		{"", "", "component-creator", "stated"},
		{`"url": ["https://zlib.net"]`, `"url": ["zlib"]`, "component-creator", "malformed"},
		{`"url": ["https://zlib.net"]`, `"contact": [{"email": "a at zlib.net"}]`, "component-creator", "malformed"},
		{"", "", "filename", "stated"},
		{`"libz.so"`, `"lib/libz.so"`, "filename", "malformed"},
		{"", "", "executable-property", "stated"},
		{`"value": "executable"`, `"value": "non-executable"`, "executable-property", "stated"},
		{`"value": "executable"`, `"value": "true"`, "executable-property", "malformed"},
		{"", "", "archive-property", "stated"},
		{`"no archive"`, `"false"`, "archive-property", "malformed"},
		{"", "", "structured-property", "stated"},
		{`bsi:component:structured`, `bsi:component:other`, "structured-property", "absent"},
		{"", "", "hash-deployable", "stated"},
		// A hash of the component is not one of what is distributed.
		{`"type": "distribution"`, `"type": "website"`, "hash-deployable", "absent"},
		{`"SHA-512", "content": "4444`, `"SHA-256", "content": "4444`, "hash-deployable", "malformed"},
		{"", "", "deployable-uri", "stated"},
		{`"https://zlib.net/z.tar"`, `"z.tar"`, "deployable-uri", "malformed"},
		{`"type": "distribution"`, `"type": "website"`, "deployable-uri", "absent"},
		{"", "", "source-code-uri", "absent"},
		{`"type": "distribution"`, `"type": "vcs"`, "source-code-uri", "stated"},
		{`"type": "distribution"`, `"type": "vcs"`, "hash-source", "stated"},
		{`"type": "distribution"`, `"type": "source-distribution"`, "hash-source", "stated"},
		{`"type": "distribution"`, `"type": "website"`, "hash-source", "absent"},
		{"", "", "security-txt-url", "absent"},
		{`"type": "distribution"`, `"type": "rfc-9116"`, "security-txt-url", "stated"},
		{`"type": "distribution"`, `"type": "security-contact"`, "security-txt-url", "absent"},
		{"", "", "other-unique-identifiers", "stated"},
		{`"purl": "pkg:generic/zlib@1.3",`, ``, "other-unique-identifiers", "absent"},
		{`"purl": "pkg:generic/zlib@1.3",`, `"purl": "zlib@1.3",`, "other-unique-identifiers", "malformed"},
		{"", "", "sbom-uri", "stated"},
		{`"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"`, `"3e671687"`, "sbom-uri", "malformed"},
		{"", "", "distribution-licences", "stated"},
		{`"acknowledgement": "concluded"`, `"acknowledgement": "declared"`, "distribution-licences", "absent"},
		{`"acknowledgement": "concluded"`, `"acknowledgement": "declared"`, "original-licences", "stated"},
		{`{"id": "Zlib", "acknowledgement"`, `{"id": "zlib license", "acknowledgement"`, "distribution-licences", "malformed"},
		{"", "", "dependencies", "stated"},
		{`"aggregate": "complete"`, `"aggregate": "unknown"`, "dependencies", "unknown"},
		{`"compositions": [{"aggregate": "complete", "dependencies": ["zlib"]}], `, ``, "dependencies", "stated"}, // an empty entry
		{`, {"ref": "zlib", "dependsOn": []}]`, `]`, "dependencies", "stated"},
		{`"aggregate": "complete", "dependencies": ["zlib"]}], "dependencies": [{"ref": "root", "dependsOn": ["zlib"]}, {"ref": "zlib", "dependsOn": []}]`,
			`"aggregate": "complete"}], "dependencies": [{"ref": "root", "dependsOn": ["zlib"]}]`, "dependencies", "absent"},
		{"", "", "format", "stated"},
		{`"specVersion": "1.6"`, `"specVersion": "1.5"`, "format", "malformed"},
		{"", "", "creator-of-sbom", "stated"},
		{`release@example.com`, `release`, "creator-of-sbom", "malformed"},
		{"", "", "no-vulnerabilities", "stated"},
		{`"dependencies": [{`, `"vulnerabilities": [{"id": "CVE-2026-1"}], "dependencies": [{`, "no-vulnerabilities", "malformed"},
	} {
		text := base
		if c.old != "" {
			if text = strings.Replace(base, c.old, c.new, 1); text == base {
				t.Fatalf("%s is not in the document", c.old)
			}
		}
		a := p.Assess(read(t, text), nil)
		got := ""
		for _, r := range a.Results {
			if r.Element.ID != c.element {
				continue
			}
			got = string(r.Reason)
			if r.Components > 0 {
				got = "stated"
				for _, x := range r.Concerns {
					if x.Component == "zlib" {
						got = string(x.Reason)
					}
				}
			}
		}
		if got != c.want {
			t.Errorf("%s -> %s: %s is %q, want %q", c.old, c.new, c.element, got, c.want)
		}
	}
}

// Where SPDX 2 tells of the source in free text, a URL in it is an answer and any other word is none.
func TestBSISourceInfo(t *testing.T) {
	p := profile(t, "bsi-tr-03183-2-v2.1")
	for info, want := range map[string]string{
		"built from https://example.com/a.git at 1234":                     "pass stated",
		"acquired package info from DPKG DB: /var/lib/dpkg/status":         "fail absent",
		"acquired package info from the following paths: /app/go.mod, a:b": "fail absent",
	} {
		doc := read(t, `{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x", "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "sourceInfo": "`+info+`"}]}`)
		if got := outcomes(p.Assess(doc, nil))["source-code-uri"]; got != want {
			t.Errorf("%s: %s, want %s", info, got, want)
		}
	}
}

// TestBSISPDX3: in SPDX 3 much of it is said by relationships, and by the file
// that a package is distributed as.
func TestBSISPDX3(t *testing.T) {
	base := `{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
 {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-02T03:04:05Z", "createdBy": ["https://e.com/me"]},
 {"type": "Organization", "spdxId": "https://e.com/me", "creationInfo": "_:c", "name": "me", "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "email", "identifier": "me@e.com"}]},
 {"type": "SpdxDocument", "spdxId": "https://e.com/doc", "creationInfo": "_:c", "rootElement": ["https://e.com/p"], "profileConformance": ["core", "software"]},
 {"type": "software_Sbom", "spdxId": "https://e.com/sbom", "creationInfo": "_:c", "rootElement": ["https://e.com/p"], "software_sbomType": ["build"]},
 {"type": "software_Package", "spdxId": "https://e.com/p", "creationInfo": "_:c", "name": "p", "software_packageVersion": "1", "software_packageUrl": "pkg:generic/p@1",
  "originatedBy": ["https://e.com/me"], "software_downloadLocation": "https://e.com/p.tar", "software_sourceInfo": "https://e.com/p.git"},
 {"type": "software_File", "spdxId": "https://e.com/f", "creationInfo": "_:c", "name": "p.tar", "software_additionalPurpose": ["archive", "container"],
  "verifiedUsing": [{"type": "Hash", "algorithm": "sha512", "hashValue": "` + strings.Repeat("4", 128) + `"}]},
 {"type": "simplelicensing_LicenseExpression", "spdxId": "https://e.com/l", "creationInfo": "_:c", "simplelicensing_licenseExpression": "MIT"},
 {"type": "Relationship", "spdxId": "https://e.com/r1", "creationInfo": "_:c", "from": "https://e.com/p", "relationshipType": "hasDistributionArtifact", "to": ["https://e.com/f"]},
 {"type": "Relationship", "spdxId": "https://e.com/r2", "creationInfo": "_:c", "from": "https://e.com/p", "relationshipType": "hasConcludedLicense", "to": ["https://e.com/l"]},
 {"type": "Relationship", "spdxId": "https://e.com/r3", "creationInfo": "_:c", "from": "https://e.com/p", "relationshipType": "dependsOn", "to": ["https://spdx.org/rdf/3.0.1/terms/Core/NoneElement"], "completeness": "complete"},
 {"type": "Relationship", "spdxId": "https://e.com/r4", "creationInfo": "_:c", "from": "https://e.com/p", "relationshipType": "other", "comment": "hasEffectiveLicense", "to": ["https://e.com/l"]}
]}`
	if v, err := sbom.Validate(strings.NewReader(base), nil); err != nil || !v.OK() {
		t.Fatal(v, err)
	}
	p := profile(t, "bsi-tr-03183-2-v2.1")
	for _, c := range []struct{ old, new, element, want string }{
		{"", "", "format", "pass stated"},
		{`"specVersion": "3.0.1"`, `"specVersion": "3.0.0"`, "format", "fail malformed"},
		{"", "", "creator-of-sbom", "pass stated"},
		{`"email"`, `"other"`, "creator-of-sbom", "fail absent"},
		{"", "", "component-creator", "pass stated"},
		{`"originatedBy": ["https://e.com/me"], `, ``, "component-creator", "fail absent"},
		{"", "", "filename", "pass stated"},
		{`hasDistributionArtifact`, `contains`, "filename", "fail absent"},
		{"", "", "hash-deployable", "pass stated"},
		{`hasDistributionArtifact`, `contains`, "hash-deployable", "fail absent"},
		{`"sha512"`, `"sha256"`, "hash-deployable", "fail malformed"},
		{"", "", "executable-property", "pass stated"}, // not said to be one: not one
		{`"archive", "container"`, ``, "executable-property", "fail absent"},
		{"", "", "structured-property", "pass stated"},
		{`"archive", "container"`, `"archive"`, "structured-property", "fail absent"},
		{"", "", "distribution-licences", "pass stated"},
		{`hasConcludedLicense`, `hasDeclaredLicense`, "distribution-licences", "fail absent"},
		{"", "", "effective-licence", "pass stated"},
		{`hasEffectiveLicense`, `something`, "effective-licence", "fail absent"},
		{"", "", "dependencies", "pass stated"},
		{`"completeness": "complete"`, `"completeness": "noAssertion"`, "dependencies", "declared-unknown unknown"},
		{"", "", "sbom-uri", "pass stated"},
		{"", "", "deployable-uri", "pass stated"},
		{"", "", "source-code-uri", "pass stated"},
		{"", "", "no-vulnerabilities", "pass stated"},
		{`{"type": "software_File"`, `{"type": "security_Vulnerability", "spdxId": "https://e.com/v", "creationInfo": "_:c"}, {"type": "software_File"`, "no-vulnerabilities", "fail malformed"},
	} {
		text := base
		if c.old != "" {
			if text = strings.Replace(base, c.old, c.new, 1); text == base {
				t.Fatalf("%s is not in the document", c.old)
			}
		}
		if got := outcomes(p.Assess(read(t, text), nil))[c.element]; got != c.want {
			t.Errorf("%s -> %s: %s %s, want %s", c.old, c.new, c.element, got, c.want)
		}
	}
	if got := outcomes(profile(t, "cisa-2026").Assess(read(t, base), nil))["sbom-generation-context"]; got != "pass stated" {
		t.Errorf("generation context: %s", got)
	}
}

// TestNoComponents: an empty inventory passes nothing.
func TestNoComponents(t *testing.T) {
	empty := read(t, `{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}`)
	onlyFile := read(t, `{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [{"type": "file", "name": "a", "version": "1"}]}`)
	for _, p := range Profiles() {
		for _, doc := range []*sbom.Document{empty, onlyFile} {
			a := p.Assess(doc, &AssessOptions{Signed: true})
			if a.OK() {
				t.Errorf("%s holds without a component", p.Name)
			}
			for _, r := range a.Results {
				if strings.HasPrefix(r.Element.Check, "component.") && r.Components == 0 && r.Outcome != OutcomeNotApplicable {
					t.Errorf("%s: %s is %s over no component", p.Name, r.Element.ID, r.Outcome)
				}
			}
		}
	}
	if new(Assessment).OK() {
		t.Error("the zero Assessment holds")
	}
}

func TestSyftRelease(t *testing.T) {
	const image = `{
 "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "web", "documentNamespace": "https://example.com/web",
 "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: syft-1.19.0"]},
 "packages": [
  {"SPDXID": "SPDXRef-a", "name": "bash", "versionInfo": "5.2", "downloadLocation": "NOASSERTION", "externalRefs": [
   {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/bash@5.2?distro=debian-12"}]},
  {"SPDXID": "SPDXRef-root", "name": "web", "versionInfo": "1.482", "downloadLocation": "NOASSERTION", "primaryPackagePurpose": "CONTAINER",
   "checksums": [{"algorithm": "SHA256", "checksumValue": "2222222222222222222222222222222222222222222222222222222222222222"}]}
 ],
 "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-root"}]
}`
	p := profile(t, "syft-release")
	if a := p.Assess(read(t, image), nil); !a.OK() {
		t.Fatalf("%+v", a)
	}
	for _, c := range []struct{ old, new, element, want string }{
		{`"DESCRIBES"`, `"CONTAINS"`, "root", "fail absent"},
		{`"relatedSpdxElement": "SPDXRef-root"`, `"relatedSpdxElement": "SPDXRef-gone"`, "root", "fail malformed"},
		{`"SHA256"`, `"SHA1"`, "image-digest", "fail absent"},
		{strings.Repeat("2", 64), strings.Repeat("0", 64), "image-digest", "fail absent"},
		{`"CONTAINER"`, `"APPLICATION"`, "image-digest", "not-applicable not-asked"},
		{`?distro=debian-12`, ``, "distribution", "fail absent"},
		{`pkg:deb/debian/bash@5.2?distro=debian-12`, `pkg:npm/bash@5.2`, "distribution", "not-applicable not-asked"},
		{`"referenceType": "purl"`, `"referenceType": "nuget"`, "package-purl", "fail absent"},
		{`pkg:deb/`, `deb/`, "package-purl", "fail malformed"},
		{`"versionInfo": "5.2"`, `"versionInfo": "UNKNOWN"`, "package-version", "declared-unknown unknown"},
		{`"versionInfo": "5.2", `, ``, "package-version", "fail absent"},
		{`"versionInfo": "1.482", `, ``, "package-version", "pass stated"}, // the root is no package
		{`"name": "bash", "versionInfo": "5.2",`, `"name": "debian", "primaryPackagePurpose": "OPERATING_SYSTEM",`, "package-version", "not-applicable no-components"},
	} {
		text := strings.Replace(image, c.old, c.new, 1)
		if text == image {
			t.Fatalf("%s is not in the document", c.old)
		}
		if got := outcomes(p.Assess(read(t, text), nil))[c.element]; got != c.want {
			t.Errorf("%s -> %s: %s %s, want %s", c.old, c.new, c.element, got, c.want)
		}
	}
}

// TestRealRelease holds the SBOMs of two real releases to what they must hold.
func TestRealRelease(t *testing.T) {
	root := corpus.Dir(t, "real")
	files := corpus.Files(t, root, func(p string) bool {
		return strings.HasSuffix(p, ".cdx.json") || strings.HasSuffix(p, ".spdx.json")
	})
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		v, err := sbom.Validate(bytes.NewReader(data), nil)
		if err != nil || !v.OK() {
			t.Errorf("%s: %v, %+v", name, err, v.Checks)
			continue
		}
		for _, r := range profile(t, "syft-release").Assess(v.Document, nil).Results {
			want := OutcomePass
			switch {
			case r.Element.ID == "image-digest" && v.Format == sbom.FormatCycloneDXJSON:
				want = OutcomeNotApplicable
			case r.Element.ID == "package-version" && strings.HasPrefix(name, "sat-"):
				want = OutcomeUnknown // Syft cannot tell the version of a main module
			}
			if r.Outcome != want {
				t.Errorf("%s: %s is %s: %s %+v", name, r.Element.ID, r.Outcome, r.Message, r.Concerns)
			}
		}
	}
	t.Logf("%d SBOMs of real releases", len(files))
	if len(files) < 8 {
		t.Error("too few")
	}
}

// TestProfilesOnCorpus runs every profile over every document: no panic, and the
// counts of an element add up.
func TestProfilesOnCorpus(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	n := 0
	for _, e := range rows {
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := sbom.Read(bytes.NewReader(data), nil)
		if err != nil {
			continue
		}
		n++
		for _, p := range Profiles() {
			a := p.Assess(doc, nil)
			for _, r := range a.Results {
				if r.Passed+r.Failed+r.Unknown != r.Components || min(r.Failed+r.Unknown, maxConcerns) != len(r.Concerns) || r.Message == "" {
					t.Errorf("%s: %s %s: %+v", e.Path, p.Name, r.Element.ID, r)
				}
				if r.Outcome == OutcomePass && (r.Failed > 0 || r.Unknown > 0) {
					t.Errorf("%s: %s %s passes with %d failed", e.Path, p.Name, r.Element.ID, r.Failed)
				}
			}
		}
	}
	t.Logf("%d documents", n)
}

func TestProfiles(t *testing.T) {
	var names []string
	for _, p := range Profiles() {
		names = append(names, p.Name)
		for _, e := range p.Elements {
			if e.Title == "" || e.Clause == "" || e.Requires == "" {
				t.Errorf("%s: %+v", p.Name, e)
			}
		}
	}
	want := []string{"bsi-tr-03183-2-v2.1", "cisa-2026", "ntia-2021", "syft-release"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	// What a caller does to a copy stays with the caller.
	p := profile(t, "syft-release")
	p.Elements[3].Except[0], p.Elements[0].Check = "x", "x"
	if q := profile(t, "syft-release"); q.Elements[3].Except[0] == "x" || q.Elements[0].Check == "x" {
		t.Error("a copy shares memory with the module's profile")
	}
	if _, ok := ProfileNamed("cisa"); ok {
		t.Error("half a name names a profile")
	}
}

func TestParseProfile(t *testing.T) {
	const own = `{"name": "own", "title": "Own", "source": "us", "elements": [
 {"id": "a", "title": "A", "clause": "1", "level": "required", "check": "component.version"}]}`
	p, err := ParseProfile([]byte(own))
	if err != nil {
		t.Fatal(err)
	}
	if a := p.Assess(read(t, cisaCDX), nil); a.OK() || a.Components != 3 {
		t.Errorf("%+v", a) // the file, which has no version, counts here
	}
	for _, c := range []struct{ old, new, pointer string }{
		{`"own"`, `"Own one"`, "/name"},
		{`"name": "own", `, ``, ""},
		{`"required"`, `"must"`, "/elements/0/level"},
		{`"component.version"`, `"component.versions"`, "/elements/0/check"},
		{`"id": "a", `, ``, "/elements/0"},
		{`"clause"`, `"clauses"`, "/elements/0/clauses"},
		{`"source"`, `"sources"`, "/sources"},
		{`]}`, `,{"id": "a"}]}`, "/elements/1/id"},
	} {
		text := strings.Replace(own, c.old, c.new, 1)
		_, err := ParseProfile([]byte(text))
		var problem *evidence.Problem
		if !errors.As(err, &problem) || problem.Code != "sbom.profile" || !errors.Is(err, evidence.ErrFormat) || !strings.HasPrefix(problem.Pointer, c.pointer) || problem.Line == 0 {
			t.Errorf("%s -> %s: %v", c.old, c.new, err)
		}
	}
	if _, err := ParseProfile([]byte(own + own)); err == nil {
		t.Error("two profiles are one")
	}
}

// TestManyConcerns holds what is told of a document to a bound.
func TestManyConcerns(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, `{"type": "library", "name": "a%d"},`, i)
	}
	text := strings.Replace(cisaCDX, `{"bom-ref": "zlib"`, b.String()+`{"bom-ref": "zlib"`, 1)
	a := profile(t, "cisa-2026").Assess(read(t, text), nil)
	for _, r := range a.Results {
		if r.Element.ID == "component-version" && (r.Failed != 3000 || len(r.Concerns) != maxConcerns) {
			t.Errorf("%d failed, %d told", r.Failed, len(r.Concerns))
		}
	}
	for _, c := range a.Checks() {
		if len(c.Problems) > 101 {
			t.Errorf("%s tells %d problems", c.ID, len(c.Problems))
		}
	}
}

func FuzzParseProfile(f *testing.F) {
	for _, p := range Profiles() {
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	doc := read(f, cisaCDX)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProfile(data)
		if err != nil {
			return
		}
		a := p.Assess(doc, nil)
		if len(a.Results) != len(p.Elements) || len(a.Checks()) != len(p.Elements)+1 {
			t.Fatalf("%d results, %d checks for %d elements", len(a.Results), len(a.Checks()), len(p.Elements))
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseProfile(text)
		if err != nil || !cmp.Equal(p, again, cmpopts.EquateEmpty()) {
			t.Fatalf("%s reads back as %+v, %v", text, again, err)
		}
	})
}
