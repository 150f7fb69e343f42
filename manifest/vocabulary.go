// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"maps"
	"slices"
)

// Kind says what a file of the pack is evidence of, or which control a gap declares absent.
type Kind string

// The kinds of files. A gap may name each of them.
const (
	KindSBOM          Kind = "sbom"           // software bill of materials
	KindScan          Kind = "scan"           // findings of a vulnerability, secret or misconfiguration scanner
	KindVEX           Kind = "vex"            // statements on exploitability
	KindLicenseReport Kind = "license-report" // licences of dependencies
	KindTestReport    Kind = "test-report"    // results of acceptance tests
	KindScreenshot    Kind = "screenshot"     // what the tests saw
	KindAccessibility Kind = "accessibility"  // WCAG results
	KindSignature     Kind = "signature"      // signature over an image or artifact
	KindCertificate   Kind = "certificate"    // signing certificate
	KindAttestation   Kind = "attestation"    // signed statement about an image or artifact
	KindTrustRoot     Kind = "trust-root"     // keys or roots that come with the pack: a claim, never trusted by itself
	KindImageManifest Kind = "image-manifest" // OCI manifest or reference of an image
	KindPins          Kind = "pins"           // what the deployment pins by digest or version
	KindSource        Kind = "source"         // source, or its history
	KindIndex         Kind = "index"          // index.html
	KindOther         Kind = "other"          // anything else
)

// The kinds that only gaps have: controls that leave no file in the pack.
const (
	KindImageSigning        Kind = "image-signing"
	KindSLSAProvenance      Kind = "slsa-provenance"
	KindPenetrationTest     Kind = "penetration-test"
	KindInstallVerification Kind = "install-verification"
)

var fileKinds = []Kind{
	KindSBOM, KindScan, KindVEX, KindLicenseReport, KindTestReport, KindScreenshot, KindAccessibility,
	KindSignature, KindCertificate, KindAttestation, KindTrustRoot, KindImageManifest, KindPins,
	KindSource, KindIndex, KindOther,
}

var controlKinds = []Kind{KindImageSigning, KindSLSAProvenance, KindPenetrationTest, KindInstallVerification}

// FileKinds returns the kinds that a file may have.
func FileKinds() []Kind { return slices.Clone(fileKinds) }

// GapKinds returns the kinds that a gap may have: those of files, then the controls.
func GapKinds() []Kind { return slices.Concat(fileKinds, controlKinds) }

// OfFile reports whether k is a kind of files.
func (k Kind) OfFile() bool { return slices.Contains(fileKinds, k) }

// OfGap reports whether k is a kind of gaps.
func (k Kind) OfGap() bool { return k.OfFile() || slices.Contains(controlKinds, k) }

// ArtifactKind says what else the release shipped.
type ArtifactKind string

// The kinds of artifacts.
const (
	ArtifactAMI    ArtifactKind = "ami"    // Amazon machine image; its id is "ami-..."
	ArtifactVHD    ArtifactKind = "vhd"    // Azure disk image
	ArtifactBinary ArtifactKind = "binary" // program
	ArtifactOther  ArtifactKind = "other"
)

var artifactKinds = []ArtifactKind{ArtifactAMI, ArtifactVHD, ArtifactBinary, ArtifactOther}

// Format is the data format of a file: a token of lower-case letters and digits
// joined by single ".", "+", "-" or "_". The formats below are tied to the kinds
// they can be of; others are allowed, and reported at SeverityInfo.
type Format string

// The formats that this module knows.
const (
	FormatSPDXJSON        Format = "spdx-json"             // SPDX 2.2 and 2.3 JSON, SPDX 3.0 JSON-LD
	FormatSPDXTagValue    Format = "spdx-tag-value"        // SPDX 2.2 and 2.3
	FormatCycloneDXJSON   Format = "cyclonedx-json"        // CycloneDX, as SBOM or VEX
	FormatCycloneDXXML    Format = "cyclonedx-xml"         // CycloneDX, as SBOM or VEX
	FormatSARIF           Format = "sarif"                 // SARIF 2.1.0
	FormatTrivyJSON       Format = "trivy-json"            // Trivy's own report, of vulnerabilities or licences
	FormatGovulncheckJSON Format = "govulncheck-json"      // govulncheck's own stream
	FormatOpenVEX         Format = "openvex-json"          // OpenVEX
	FormatGoLicensesCSV   Format = "go-licenses-csv"       // go-licenses report
	FormatJUnitXML        Format = "junit-xml"             // JUnit XML, any dialect
	FormatPlaywrightJSON  Format = "playwright-json"       // Playwright's JSON reporter
	FormatAxeJSON         Format = "axe-json"              // axe-core results
	FormatPNG             Format = "png"                   // PNG image
	FormatSigstoreBundle  Format = "sigstore-bundle"       // Sigstore bundle
	FormatTrustedRoot     Format = "sigstore-trusted-root" // Sigstore trusted root
	FormatDSSE            Format = "dsse"                  // DSSE envelope
	FormatInTotoStatement Format = "in-toto-statement"     // in-toto Statement without an envelope
	FormatCosignSignature Format = "cosign-signature"      // cosign download signature
	FormatCosignVerify    Format = "cosign-verify"         // cosign verify --output json
	FormatPEM             Format = "pem"                   // certificates or public keys
	FormatOCIManifest     Format = "oci-manifest"          // OCI image manifest, or Docker schema 2
	FormatOCIIndex        Format = "oci-index"             // OCI image index, or Docker manifest list
	FormatImageReference  Format = "image-reference"       // one line "repository@digest", or "repository:tag"
	FormatCompose         Format = "compose"               // Compose file, YAML
	FormatPacker          Format = "packer"                // Packer template, HCL 2
	FormatGitBundle       Format = "git-bundle"            // git bundle
	FormatHTML            Format = "html"                  // index.html
)

// formatFacts says what goes with a format.
type formatFacts struct {
	kinds     []Kind // the first is the usual one; KindOther is always allowed
	mediaType string
}

var formats = map[Format]formatFacts{
	FormatSPDXJSON:        {[]Kind{KindSBOM}, "application/spdx+json"},
	FormatSPDXTagValue:    {[]Kind{KindSBOM}, "text/spdx"},
	FormatCycloneDXJSON:   {[]Kind{KindSBOM, KindVEX}, "application/vnd.cyclonedx+json"},
	FormatCycloneDXXML:    {[]Kind{KindSBOM, KindVEX}, "application/vnd.cyclonedx+xml"},
	FormatSARIF:           {[]Kind{KindScan}, "application/sarif+json"},
	FormatTrivyJSON:       {[]Kind{KindScan, KindLicenseReport}, "application/json"},
	FormatGovulncheckJSON: {[]Kind{KindScan}, "application/json"},
	FormatOpenVEX:         {[]Kind{KindVEX}, "application/json"},
	FormatGoLicensesCSV:   {[]Kind{KindLicenseReport}, "text/csv"},
	FormatJUnitXML:        {[]Kind{KindTestReport}, "application/xml"},
	FormatPlaywrightJSON:  {[]Kind{KindTestReport}, "application/json"},
	FormatAxeJSON:         {[]Kind{KindAccessibility}, "application/json"},
	FormatPNG:             {[]Kind{KindScreenshot}, "image/png"},
	FormatSigstoreBundle:  {[]Kind{KindSignature, KindAttestation}, "application/vnd.dev.sigstore.bundle+json"},
	FormatTrustedRoot:     {[]Kind{KindTrustRoot}, "application/vnd.dev.sigstore.trustedroot+json"},
	FormatDSSE:            {[]Kind{KindAttestation, KindSignature}, "application/vnd.dsse.envelope+json"},
	FormatInTotoStatement: {[]Kind{KindAttestation, KindSignature}, "application/vnd.in-toto+json"},
	FormatCosignSignature: {[]Kind{KindSignature}, "application/json"},
	FormatCosignVerify:    {[]Kind{KindSignature}, "application/json"},
	FormatPEM:             {[]Kind{KindCertificate, KindTrustRoot}, "application/x-pem-file"},
	FormatOCIManifest:     {[]Kind{KindImageManifest}, "application/vnd.oci.image.manifest.v1+json"},
	FormatOCIIndex:        {[]Kind{KindImageManifest}, "application/vnd.oci.image.index.v1+json"},
	FormatImageReference:  {[]Kind{KindImageManifest}, "text/plain"},
	FormatCompose:         {[]Kind{KindPins}, "application/yaml"},
	FormatPacker:          {[]Kind{KindPins}, "text/plain"},
	FormatGitBundle:       {[]Kind{KindSource}, "application/x-git-bundle"},
	FormatHTML:            {[]Kind{KindIndex}, "text/html"},
}

// Formats returns the known formats, sorted.
func Formats() []Format { return slices.Sorted(maps.Keys(formats)) }

// Known reports whether f is one of the formats that this module knows.
func (f Format) Known() bool {
	_, ok := formats[f]
	return ok
}

// Kinds returns the kinds that a file of format f can be of, the usual one
// first; nil for a format that is not known, which may be of any kind.
// A file of any format may be of KindOther.
func (f Format) Kinds() []Kind {
	facts, ok := formats[f]
	if !ok {
		return nil
	}
	return append(slices.Clone(facts.kinds), KindOther)
}

// MediaType returns the media type that writers give a file of format f;
// "application/octet-stream" for a format that is not known.
func (f Format) MediaType() string {
	if facts, ok := formats[f]; ok {
		return facts.mediaType
	}
	return "application/octet-stream"
}

// fits reports whether a file of format f can be of kind k.
func (f Format) fits(k Kind) bool {
	facts, ok := formats[f]
	return !ok || k == KindOther || slices.Contains(facts.kinds, k)
}
