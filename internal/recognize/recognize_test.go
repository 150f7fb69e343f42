// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package recognize

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/uat"
	"github.com/google/go-cmp/cmp"
)

const digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

func recognize(t *testing.T, name, content string) Result {
	t.Helper()
	res, err := File(name, strings.NewReader(content), evidence.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestContent has each format in its smallest form beside its nearest relative
// that is something else.
func TestContent(t *testing.T) {
	const name = "evidence" // no extension: content alone decides
	tests := []struct {
		content string
		kind    manifest.Kind
		format  manifest.Format
		tool    string
	}{
		{`{"spdxVersion":"SPDX-2.3","creationInfo":{"creators":["Organization: x","Tool: syft-1.19.0"]}}`, "sbom", manifest.FormatSPDXJSON, "syft 1.19.0"},
		{`{"spdxVersion":"2.3"}`, "other", "", " "},
		{"SPDXVersion: SPDX-2.3\nCreator: Tool: my-tool-v2\n", "sbom", manifest.FormatSPDXTagValue, "my-tool 2"},
		{"# SPDXVersion: SPDX-2.3\n", "other", "", " "},
		{`{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}`, "sbom", manifest.FormatSPDXJSON, " "},
		{`{"bomFormat":"CycloneDX","components":[],"metadata":{"tools":[{"name":"syft","version":"1"}]}}`, "sbom", manifest.FormatCycloneDXJSON, "syft 1"},
		{`{"bomFormat":"CycloneDX","components":[],"metadata":{"tools":{"components":[{"name":"trivy","version":"2"}]}}}`, "sbom", manifest.FormatCycloneDXJSON, "trivy 2"},
		{`{"bomFormat":"CycloneDX","vulnerabilities":[]}`, "vex", manifest.FormatCycloneDXJSON, " "},
		{`{"bomFormat":"cyclonedx"}`, "other", "", " "},
		{`<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>`, "sbom", manifest.FormatCycloneDXXML, " "},
		{`<bom/>`, "other", "", " "},
		{"\xef\xbb\xbf" + `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Trivy","version":"0.64.1"}}}]}`, "scan", manifest.FormatSARIF, "Trivy 0.64.1"},
		{`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"govulncheck","semanticVersion":"v1.9.0"}}}]}`, "scan", manifest.FormatSARIF, "govulncheck 1.9.0"},
		{`{"runs":[]}`, "other", "", " "},
		{`{"SchemaVersion":2,"ArtifactName":"x","Trivy":{"Version":"0.70.0"},"Results":[{"Vulnerabilities":[]}]}`, "scan", manifest.FormatTrivyJSON, "Trivy 0.70.0"},
		{`{"SchemaVersion":2,"ArtifactName":"x","Results":[{"Licenses":[]}]}`, "license-report", manifest.FormatTrivyJSON, "Trivy "},
		{`{"config":{"scanner_name":"govulncheck","scanner_version":"v1.9.0"}} {"osv":{}}`, "scan", manifest.FormatGovulncheckJSON, "govulncheck 1.9.0"},
		{`{"config":{"scanner_name":"other"}}`, "other", "", " "},
		{`{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}`, "vex", manifest.FormatOpenVEX, " "},
		{"golang.org/x/net/html,https://cs.opensource.google/x,BSD-3-Clause\nexample.com/a,Unknown,Unknown\n", "license-report", manifest.FormatGoLicensesCSV, "go-licenses "},
		{"name,url,licence\n", "other", "", " "},
		{`<testsuites><testsuite name="pytest"/></testsuites>`, "test-report", manifest.FormatJUnitXML, "pytest "},
		{`<testsuites id="" name=""><testsuite name="a/b.spec.ts"/></testsuites>`, "test-report", manifest.FormatJUnitXML, "Playwright "},
		{`<html><testsuite/></html>`, "other", "", " "},
		{"<?xml version='1.0' encoding='ISO-8859-1'?><testsuites><testsuite name='caf\xe9'/><testsuite name='pytest'/></testsuites>", "test-report", manifest.FormatJUnitXML, "pytest "},
		{"<?xml version='1.0' encoding='windows-1252'?><testsuite name='\x93x\x94'/>", "test-report", manifest.FormatJUnitXML, " "},
		{utf16("<?xml version='1.0' encoding='UTF-16'?><testsuite name='pytest'/>"), "test-report", manifest.FormatJUnitXML, "pytest "},
		{utf16(`{"bomFormat":"CycloneDX"}`), "sbom", manifest.FormatCycloneDXJSON, " "},
		{utf16("SPDXVersion: SPDX-2.3"), "other", "", " "},
		{`<testsuites name="trivy"><testsuite><testcase name="[MEDIUM] CVE-2019-1549"><failure/></testcase></testsuite></testsuites>`, "scan", "", "Trivy "},
		{`<testsuites><testsuite><testcase name="[High] CVE-2019-1549"/></testsuite></testsuites>`, "scan", "", " "},
		{`<testsuites><testsuite><testcase name="[High] Checkout works"/></testsuite></testsuites>`, "test-report", manifest.FormatJUnitXML, " "},
		{`{"config":{"version":"1.65.1"},"suites":[],"stats":{"startTime":"2026-01-02T03:04:05Z"}}`, "test-report", manifest.FormatPlaywrightJSON, "Playwright 1.65.1"},
		{`{"testEngine":{"name":"axe-core","version":"4.13.0"},"violations":[],"passes":[]}`, "accessibility", manifest.FormatAxeJSON, "axe-core 4.13.0"},
		{`[{"url":"http://x","violations":[],"passes":[]}]`, "accessibility", manifest.FormatAxeJSON, "axe-core "},
		{`[{"id":"r","nodes":[],"pageLevel":false,"result":"passed"}]`, "accessibility", manifest.FormatAxeJSON, "axe-core "},
		{`{"raw":[],"env":{"testEngine":{"name":"axe-core","version":"4.14.1"},"timestamp":"2026-01-02T03:04:05Z"}}`, "accessibility", manifest.FormatAxeJSON, "axe-core 4.14.1"},
		{`{"raw":[],"env":{"testEngine":{"name":"other"}}}`, "other", "", "other "},
		{`[{"url":"http://x","violations":[]},{}]`, "other", "", " "},
		{"\x89PNG\r\n\x1a\n....", "screenshot", manifest.FormatPNG, " "},
		{"\x89PNG\n", "other", "", " "},
		{`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","messageSignature":{}}`, "signature", manifest.FormatSigstoreBundle, " "},
		{`{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`, "trust-root", manifest.FormatTrustedRoot, " "},
		{`{"payloadType":"application/vnd.in-toto+json","payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJwcmVkaWNhdGVUeXBlIjoieCJ9","signatures":[]}`, "attestation", manifest.FormatDSSE, " "},
		{`{"payloadType":"text/plain","payload":"aGk=","signatures":[]}`, "signature", manifest.FormatDSSE, " "},
		{`{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[]}`, "other", "", " "},
		{`{"Base64Signature":"AA==","Payload":""}`, "signature", manifest.FormatCosignSignature, "cosign "},
		{`[{"critical":{"image":{"docker-manifest-digest":"` + digestA + `"}}}]`, "signature", manifest.FormatCosignVerify, "cosign "},
		{"-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n", "trust-root", manifest.FormatPEM, " "},
		{"-----BEGIN NONSENSE-----\nMA==\n-----END NONSENSE-----\n", "other", "", " "},
		{`{"schemaVersion":2,"config":{},"layers":[]}`, "image-manifest", manifest.FormatOCIManifest, " "},
		{`{"schemaVersion":2,"manifests":[]}`, "image-manifest", manifest.FormatOCIIndex, " "},
		{"ghcr.io/a/b:1@" + digestA + "\n", "image-manifest", manifest.FormatImageReference, " "},
		{"ghcr.io/a/b:1@sha256:aaaa\n", "other", "", " "},
		{"# v2 git bundle\n", "source", manifest.FormatGitBundle, "git "},
		{"# v9 git bundle\n", "other", "", " "},
		{"", "other", "", " "},
		{"null", "other", "", " "},
		{"{", "other", "", " "},
	}
	for _, tt := range tests {
		got := recognize(t, name, tt.content)
		if got.Kind != tt.kind || got.Format != tt.format || got.ToolName+" "+got.ToolVersion != tt.tool {
			t.Errorf("%.80s: got %s %s %q, want %s %s %q", tt.content, got.Kind, got.Format, got.ToolName+" "+got.ToolVersion, tt.kind, tt.format, tt.tool)
		}
		if got.MediaType == "" {
			t.Errorf("%.80s: no media type", tt.content)
		}
	}
}

// TestReferenceByTag: a text that is one reference by a tag, with the host of its
// registry, is one. Much other text can be read as a reference.
func TestReferenceByTag(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		want          manifest.Format
	}{
		{"web.image-ref.txt", "ghcr.io/a/web:latest\n", manifest.FormatImageReference},
		{"web.image-ref.txt", "localhost.example:5000/web:1.7", manifest.FormatImageReference},
		{"web.image-ref.txt", "ghcr.io/a/web", ""},
		{"web.image-ref.txt", "web:latest", ""},
		{"version.txt", "1.482", ""},
		{"hosts", "example.com/a:1", ""},
	} {
		if got := recognize(t, tt.name, tt.content); got.Format != tt.want {
			t.Errorf("%s with %q: got %q, want %q", tt.name, tt.content, got.Format, tt.want)
		}
	}
}

// utf16 writes ASCII in two bytes each, with a mark.
func utf16(s string) string {
	b := []byte("\xff\xfe")
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return string(b)
}

// TestAgreesWithReader: what is called a test report here is one for its reader,
// and what the reader says is a scan is called one here.
func TestAgreesWithReader(t *testing.T) {
	root := corpus.Dir(t, "junit")
	reports, scans := 0, 0
	for _, name := range corpus.Files(t, root, func(p string) bool { return strings.HasSuffix(p, ".xml") || strings.HasSuffix(p, ".junit") }) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		got := recognize(t, name, string(data))
		_, err = uat.ReadJUnit(bytes.NewReader(data), nil)
		switch scan := errors.Is(err, evidence.ErrUnsupported); {
		case scan && got.Kind == manifest.KindScan && got.Format == "":
			scans++
		case err == nil && got.Kind == manifest.KindTestReport && got.Format == manifest.FormatJUnitXML:
			reports++
		case scan || err == nil:
			t.Errorf("%s: recognized as %s %s, the reader says %v", name, got.Kind, got.Format, err)
		}
	}
	t.Logf("%d test reports, %d scans", reports, scans)
	if reports < 55 || scans != 1 {
		t.Errorf("got %d test reports and %d scans, want at least 55 and 1", reports, scans)
	}
}

// TestPath has the formats whose content is not telling without a file name.
func TestPath(t *testing.T) {
	const compose = "services:\n  web:\n    image: x\n"
	const packer = "packer {\n}\n"
	tests := []struct {
		name, content string
		kind          manifest.Kind
		format        manifest.Format
		byPath        bool
	}{
		{"pins/docker-compose.yml", compose, "pins", manifest.FormatCompose, false},
		{"compose.yaml", compose, "pins", manifest.FormatCompose, false},
		{"compose.txt", compose, "other", "", false},
		{"notes.yml", "services: none\n", "other", "", false},
		{"x.pkr.hcl", packer, "pins", manifest.FormatPacker, false},
		{"x.hcl", "variable {\n}\n", "other", "", false},
		{"pins/versions.txt", "a=1", "pins", "", true},
		{"source/main.go", "package main", "source", "", true},
		{"sub/source/x.tar.gz", "\x1f\x8b", "source", "", true},
		{"resource/x", "x", "other", "", false},
		{"go.mod", "module x", "source", "", true},
	}
	for _, tt := range tests {
		got := recognize(t, tt.name, tt.content)
		if got.Kind != tt.kind || got.Format != tt.format || got.ByPath != tt.byPath {
			t.Errorf("%s: got %s %s by path: %v", tt.name, got.Kind, got.Format, got.ByPath)
		}
	}
}

func TestImages(t *testing.T) {
	for content, want := range map[string][]Image{
		`{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"A","name":"r/a","primaryPackagePurpose":"CONTAINER","checksums":[{"algorithm":"SHA256","checksumValue":"` + digestA[7:] + `"}]},
		  {"SPDXID":"B","name":"r/b","primaryPackagePurpose":"CONTAINER"}],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"A","relationshipType":"DESCRIBES"}]}`: {{"r/a", digestA}},
		`{"version":"2.1.0","runs":[{"properties":{"imageName":"r/a:1","repoDigests":["r/a@` + digestA + `"]}}]}`:          {{"r/a", digestA}},
		`{"version":"2.1.0","runs":[{"properties":{"imageName":"r/a:1"}}]}`:                                                {{"r/a:1", ""}},
		`{"bomFormat":"CycloneDX","metadata":{"component":{"type":"container","name":"r/a","version":"` + digestA + `"}}}`: {{"r/a", digestA}},
		`{"bomFormat":"CycloneDX","metadata":{"component":{"type":"application","name":"r/a"}}}`:                           nil,
		`{"payloadType":"application/vnd.in-toto+json","signatures":[],"payload":"` + base64.StdEncoding.EncodeToString([]byte(
			`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"free text","digest":{"sha256":"`+digestA[7:]+`"}},{"digest":{"sha256":"short"}}]}`)) + `"}`: {{"", digestA}},
	} {
		if diff := cmp.Diff(want, recognize(t, "x", content).Images); diff != "" {
			t.Errorf("%.60s: %s", content, diff)
		}
	}
}

func TestUnreadable(t *testing.T) {
	// A document that says what it is and then breaks is still placed, with the reason.
	got := recognize(t, "x", `{"bomFormat":"CycloneDX","bomFormat":"x"}`)
	if got.Kind != "sbom" || !strings.Contains(got.Problem, "duplicate member name") {
		t.Errorf("got %+v", got)
	}
	if got := recognize(t, "key", "-----BEGIN EC PRIVATE KEY-----\nMA==\n-----END EC PRIVATE KEY-----\n"); got.Problem != "holds a private key" {
		t.Errorf("got %+v", got)
	}
	_, err := File("x", iotest.ErrReader(io.ErrClosedPipe), evidence.Limits{})
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	_, err = File("x", io.MultiReader(strings.NewReader(`{"a":"`+strings.Repeat("x", headBytes)), iotest.ErrReader(io.ErrClosedPipe)), evidence.Limits{})
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

// TestRealEvidence holds every file of the real trees against what its name says.
func TestRealEvidence(t *testing.T) {
	root := corpus.Dir(t, "real")
	rules := []struct {
		pattern string
		kind    manifest.Kind
		format  manifest.Format
		tool    string
	}{
		{`sbom/.*\.spdx\.json$`, "sbom", manifest.FormatSPDXJSON, "syft 1.19.0"},
		{`asm.*sbom/.*\.cdx\.json$`, "sbom", manifest.FormatCycloneDXJSON, "syft 1.19.0"},
		{`sat.*sbom/.*\.cdx\.json$`, "sbom", manifest.FormatCycloneDXJSON, "syft 1.38.0"},
		{`\.trivy\.sarif$`, "scan", manifest.FormatSARIF, "Trivy 0.64.1"},
		{`\.trivy\.json$`, "scan", manifest.FormatTrivyJSON, "Trivy "},
		{`/govulncheck.*\.sarif$`, "scan", manifest.FormatSARIF, "govulncheck 1.9.0"},
		{`/govulncheck(-binary)?\.json$`, "scan", manifest.FormatGovulncheckJSON, "govulncheck 1.9.0"},
		{`openvex\.json$`, "vex", manifest.FormatOpenVEX, "govulncheck "},
		{`go-licenses.*\.csv$`, "license-report", manifest.FormatGoLicensesCSV, "go-licenses "},
		{`trivy-license\.json$`, "license-report", manifest.FormatTrivyJSON, "Trivy "},
		{`\.png$`, "screenshot", manifest.FormatPNG, " "},
		{`junit-selenium\.xml$`, "test-report", manifest.FormatJUnitXML, "pytest "},
		{`junit-playwright\.xml$`, "test-report", manifest.FormatJUnitXML, "Playwright "},
		{`playwright\.json$`, "test-report", manifest.FormatPlaywrightJSON, "Playwright 1.65.1"},
		{`\.axe\.json$`, "accessibility", manifest.FormatAxeJSON, "axe-core 4.13.0"},
		{`\.image(\.[a-z-]+)?\.sigstore\.json$`, "signature", manifest.FormatSigstoreBundle, " "},
		{`\.(spdx|provenance|cdx)\..*sigstore\.json$`, "attestation", manifest.FormatSigstoreBundle, " "},
		{`\.att\.dsse\.json$`, "attestation", manifest.FormatDSSE, " "},
		{`trusted_root\.json$`, "trust-root", manifest.FormatTrustedRoot, " "},
		{`\.pub$`, "trust-root", manifest.FormatPEM, " "},
		{`\.pem$`, "certificate", manifest.FormatPEM, " "},
		{`cosign-verify\.json$`, "signature", manifest.FormatCosignVerify, "cosign "},
		{`\.signature\.json$`, "signature", manifest.FormatCosignSignature, "cosign "},
		{`manifest\.json$`, "image-manifest", manifest.FormatOCIManifest, " "},
		{`image-ref\.txt$`, "image-manifest", manifest.FormatImageReference, " "},
		{`docker-compose\.yml$`, "pins", manifest.FormatCompose, " "},
		{`\.pkr\.hcl$`, "pins", manifest.FormatPacker, " "},
		{`\.bundle$`, "source", manifest.FormatGitBundle, "git "},
		{`source/[^/]*(\.go|\.mod|\.sum|\.tar\.gz)$`, "source", "", " "},
		{`(README|TOOLS|error-context)\.md$|SHA256SUMS$|cases\.json$|\.last-run\.json$`, "other", "", " "},
	}
	patterns := make([]*regexp.Regexp, len(rules))
	for i, r := range rules {
		patterns[i] = regexp.MustCompile(r.pattern)
	}
	files := corpus.Files(t, root, nil)
	for _, name := range files {
		f, err := os.Open(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := File(name, f, evidence.Limits{})
		f.Close()
		if err != nil || got.Problem != "" {
			t.Errorf("%s: %v %s", name, err, got.Problem)
			continue
		}
		matched := false
		for i, r := range rules {
			if patterns[i].MatchString(name) {
				matched = true
				if got.Kind != r.kind || got.Format != r.format || got.ToolName+" "+got.ToolVersion != r.tool {
					t.Errorf("%s: got %s %s %q, want %s %s %q", name, got.Kind, got.Format, got.ToolName+" "+got.ToolVersion, r.kind, r.format, r.tool)
				}
				break
			}
		}
		if !matched {
			t.Errorf("%s: no rule of this test covers it", name)
		}
	}
	t.Logf("%d files", len(files))
}

// FuzzFile has one property: any content is placed somewhere, in bounded time, without a panic.
func FuzzFile(f *testing.F) {
	f.Add("a.json", []byte(`{"spdxVersion":"SPDX-2.3","packages":[{"name":1}],"relationships":[{}],"creationInfo":[]}`))
	f.Add("a.json", []byte(`{"metadata":{"tools":{"components":[{}]},"component":{}},"verificationMaterial":{"tlogEntries":[{"integratedTime":"1"}]},"payload":"e30="}`))
	f.Add("a.yml", []byte("services: {a: {image: b}}"))
	f.Add("a.xml", []byte(`<testsuites><testsuite timestamp="2026-01-02T03:04:05Z"/>`))
	f.Add("a", []byte("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		res, err := File(name, strings.NewReader(string(data)), evidence.Limits{})
		if err != nil || res.Kind == "" || res.MediaType == "" {
			t.Fatalf("%+v %v", res, err)
		}
		for _, img := range res.Images {
			if img.Digest != "" && !isDigest(img.Digest) {
				t.Fatalf("digest %q", img.Digest)
			}
		}
	})
}

// TestLists: an image's manifest or index says by which other digests the image is known.
func TestLists(t *testing.T) {
	for _, tt := range []struct{ content, want string }{
		{`{"schemaVersion":2,"manifests":[{"digest":"` + digestA + `","size":1},{"size":2},{"digest":7},"x"]}`, digestA},
		{`{"schemaVersion":2,"config":{"digest":"` + digestA + `"},"layers":[{"digest":"sha256:b"}]}`, digestA},
		{`{"schemaVersion":2,"config":{},"layers":[]}`, ""},
		{`{"config":{"digest":"` + digestA + `"},"suites":[],"manifests":[{"digest":"` + digestA + `"}]}`, ""},
	} {
		if got := strings.Join(recognize(t, "file.json", tt.content).Lists, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.content, got, tt.want)
		}
	}
}
