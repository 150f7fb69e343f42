// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import "github.com/HailBytes/evidence/internal/enum"

// LicenseKind says what a licence statement rests on.
type LicenseKind uint8

// The kinds of licence statement.
const (
	LicenseUnspecified LicenseKind = iota // CycloneDX without an acknowledgement
	LicenseDeclared                       // by the authors of the component
	LicenseConcluded                      // by the author of the document
	LicenseFound                          // in the component's files (SPDX licenseInfoFromFiles)
)

var licenseKindNames = enum.Values{"unspecified", "declared", "concluded", "found"}

// String returns "unspecified", "declared", "concluded" or "found".
func (k LicenseKind) String() string { return licenseKindNames.Name("LicenseKind", uint8(k)) }

// MarshalText implements encoding.TextMarshaler.
func (k LicenseKind) MarshalText() ([]byte, error) {
	return licenseKindNames.Marshal("LicenseKind", uint8(k))
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *LicenseKind) UnmarshalText(text []byte) (err error) {
	*(*uint8)(k), err = licenseKindNames.Unmarshal("LicenseKind", text)
	return err
}

// License is one statement about the licence of a component or document.
type License struct {
	Kind LicenseKind `json:"kind"`
	// Expression is an SPDX licence identifier or expression as written,
	// NONE, NOASSERTION, or absent where only a name is given.
	Expression Text           `json:"expression,omitzero"`
	Name       string         `json:"name,omitzero"` // of a licence that has no SPDX identifier (CycloneDX)
	Detail     *LicenseDetail `json:"detail,omitzero"`

	form licenseForm
}

// LicenseDetail is what CycloneDX can say about a licence beyond its name.
type LicenseDetail struct {
	Ref        string      `json:"ref,omitzero"` // bom-ref
	URL        string      `json:"url,omitzero"`
	Text       *Attachment `json:"text,omitzero"`
	Properties []Property  `json:"properties,omitzero"`
	Extras     Extras      `json:"extras,omitzero"` // licensing
	// Outer are members beside "license" or "expression" in the choice: expressionDetails.
	Outer Extras `json:"outer,omitzero"`
}

// Attachment is text carried in a document, possibly encoded.
type Attachment struct {
	ContentType string `json:"contentType,omitzero"` // media type; empty means text/plain
	Encoding    string `json:"encoding,omitzero"`    // "base64" or empty
	Content     string `json:"content"`
	Extras      Extras `json:"extras,omitzero"`
}

// licenseForm is how a CycloneDX document writes the choice.
type licenseForm uint8

const (
	formDefault    licenseForm = iota // SPDX, or not read: the writer chooses
	formID                            // {"license":{"id":...}}
	formName                          // {"license":{"name":...}}
	formExpression                    // {"expression":...}
)

// ExtractedLicense is a licence text that an SPDX document carries for a
// LicenseRef of its own (SPDX 2.3 §10).
type ExtractedLicense struct {
	ID      string   `json:"id"` // "LicenseRef-..."
	Name    Text     `json:"name,omitzero"`
	Text    string   `json:"text"`
	SeeAlso []string `json:"seeAlso,omitzero"`
	Comment string   `json:"comment,omitzero"`
	Extras  Extras   `json:"extras,omitzero"` // crossRefs

	at place
}

// Position returns where the licence stands in its document.
func (l *ExtractedLicense) Position() Position { return l.at.position() }
