// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import "github.com/HailBytes/evidence/internal/enum"

// Format is a standard and its encoding. What version of the standard a
// document follows is in [Document.SpecVersion].
type Format uint8

// The formats. Those after FormatCycloneDXXML are recognised, and refused with ErrUnsupported.
const (
	FormatUnknown       Format = iota
	FormatSPDXJSON             // SPDX 2.2 and 2.3, JSON
	FormatSPDXTagValue         // SPDX 2.1 to 2.3, tag-value
	FormatSPDX3JSON            // SPDX 3.0, JSON-LD
	FormatCycloneDXJSON        // CycloneDX 1.2 to 1.7, JSON
	FormatCycloneDXXML         // CycloneDX 1.0 to 1.7, XML
	FormatSPDXYAML             // SPDX 2.x, YAML
	FormatSPDXRDF              // SPDX 2.x, RDF/XML
	FormatSPDXXML              // SPDX 2.x, plain XML
)

var formatNames = enum.Values{
	"unknown", "spdx-json", "spdx-tag-value", "spdx3-json", "cyclonedx-json", "cyclonedx-xml",
	"spdx-yaml", "spdx-rdf", "spdx-xml",
}

// String returns a stable name such as "spdx-json" or "cyclonedx-xml".
func (f Format) String() string { return formatNames.Name("Format", uint8(f)) }

// MarshalText implements encoding.TextMarshaler.
func (f Format) MarshalText() ([]byte, error) { return formatNames.Marshal("Format", uint8(f)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *Format) UnmarshalText(text []byte) (err error) {
	*(*uint8)(f), err = formatNames.Unmarshal("Format", text)
	return err
}

// SPDX reports whether f is an encoding of SPDX, of any version.
func (f Format) SPDX() bool {
	return f == FormatSPDXJSON || f == FormatSPDXTagValue || f == FormatSPDX3JSON || f >= FormatSPDXYAML && f <= FormatSPDXXML
}

// CycloneDX reports whether f is an encoding of CycloneDX.
func (f Format) CycloneDX() bool { return f == FormatCycloneDXJSON || f == FormatCycloneDXXML }
