// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"iter"
	"strings"
	"time"

	"github.com/HailBytes/evidence/internal/sbomterm"
)

// Component is one piece of software, hardware or data that a document lists:
// an SPDX package or a CycloneDX component at any depth. Its SPDX files,
// snippets and CycloneDX services have types of their own.
//
// A field is as the document says it, unless its comment says otherwise.
// Components of one document may share the parties, texts and slices that they
// point to: replace them, do not write through them.
type Component struct {
	// ID identifies the component in its Document; relationships use it. It is
	// the SPDXID, spdxId or bom-ref. Where that is missing or already taken,
	// it is "#" and the JSON Pointer of the component, such as "#/components/3".
	ID string `json:"id"`
	// Ref is the SPDXID, spdxId or bom-ref as written; empty if there is none.
	Ref string `json:"ref,omitzero"`

	Type    ComponentType   `json:"type,omitzero"`  // CycloneDX type; SPDX primary purpose; empty if not told
	Types   []ComponentType `json:"types,omitzero"` // SPDX 3 additional purposes
	Group   Text            `json:"group,omitzero"` // CycloneDX group: a Maven group id, an npm scope
	Name    Text            `json:"name"`           // required by every format
	Version Text            `json:"version,omitzero"`
	Scope   string          `json:"scope,omitzero"` // CycloneDX: "required", "optional" or "excluded"; empty if not told

	// Identifiers are the package URLs, CPEs, SWHIDs and the like, in document
	// order. See PURL and CPEs. One that an SPDX 2 document gives a comment, or a
	// category that is not that of its type, is in ExternalReferences too.
	Identifiers []Identifier `json:"identifiers,omitzero"`
	SWID        *SWID        `json:"swid,omitzero"` // CycloneDX; SPDX has swid as an Identifier

	Supplier   *Party  `json:"supplier,omitzero"`   // who distributes it
	Originator *Party  `json:"originator,omitzero"` // who made it: SPDX originator, CycloneDX manufacturer
	Publisher  Text    `json:"publisher,omitzero"`  // CycloneDX
	Author     Text    `json:"author,omitzero"`     // CycloneDX before 1.6: free text
	Authors    []Party `json:"authors,omitzero"`    // CycloneDX 1.6 and later

	Licenses  []License `json:"licenses,omitzero"` // in document order
	Copyright Text      `json:"copyright,omitzero"`

	Hashes             []Hash              `json:"hashes,omitzero"`
	DownloadLocation   Text                `json:"downloadLocation,omitzero"` // SPDX; CycloneDX has it as external references
	Homepage           Text                `json:"homepage,omitzero"`         // SPDX; CycloneDX has it as an external reference
	ExternalReferences []ExternalReference `json:"externalReferences,omitzero"`

	Description string `json:"description,omitzero"`
	Summary     string `json:"summary,omitzero"`    // SPDX
	Comment     string `json:"comment,omitzero"`    // SPDX
	SourceInfo  string `json:"sourceInfo,omitzero"` // SPDX: where the facts come from
	FileName    string `json:"fileName,omitzero"`   // SPDX: file name of the package
	MIMEType    string `json:"mimeType,omitzero"`   // CycloneDX

	FilesAnalyzed    *bool             `json:"filesAnalyzed,omitzero"` // SPDX 2; nil if not told, which means true (SPDX 2.3 §7.8)
	VerificationCode *VerificationCode `json:"verificationCode,omitzero"`

	Properties  []Property   `json:"properties,omitzero"`
	Annotations []Annotation `json:"annotations,omitzero"` // SPDX 2: those inside the package
	Pedigree    *Pedigree    `json:"pedigree,omitzero"`
	Evidence    *Evidence    `json:"evidence,omitzero"`
	Detail      *Detail      `json:"detail,omitzero"` // what few components have; nil if none of it is told

	Extras Extras `json:"extras,omitzero"`

	at place
}

// Detail holds what few components have.
type Detail struct {
	LicenseComments  string    `json:"licenseComments,omitzero"`  // SPDX
	AttributionTexts []string  `json:"attributionTexts,omitzero"` // SPDX
	Released         time.Time `json:"released,omitzero"`         // SPDX releaseDate, UTC
	Built            time.Time `json:"built,omitzero"`            // SPDX builtDate, UTC
	ValidUntil       time.Time `json:"validUntil,omitzero"`       // SPDX validUntilDate, UTC
	Tags             []string  `json:"tags,omitzero"`             // CycloneDX 1.6
	Modified         *bool     `json:"modified,omitzero"`         // CycloneDX; deprecated there in favour of pedigree
	External         *bool     `json:"external,omitzero"`         // CycloneDX 1.7 isExternal
	VersionRange     string    `json:"versionRange,omitzero"`     // CycloneDX 1.7, in place of a version
}

// ComponentType says what a component is, in the words of CycloneDX 1.6 where
// it has one. A word that the module does not know is kept as it is written.
// Beside those that have a constant they are:
//
//   - of CycloneDX and SPDX 2.3: "application", "framework", "device", "firmware";
//   - of CycloneDX alone: "platform", "device-driver", "machine-learning-model", "data", "cryptographic-asset";
//   - of SPDX 2.3 alone: "source", "archive", "install", "other";
//   - of SPDX 3 alone: "bom", "configuration", "disk-image", "documentation", "evidence", "executable",
//     "filesystem-image", "manifest", "module", "patch", "requirement", "specification", "test".
type ComponentType string

// The types that programs ask for.
const (
	TypeLibrary         ComponentType = "library"
	TypeContainer       ComponentType = "container"
	TypeOperatingSystem ComponentType = "operating-system"
	TypeFile            ComponentType = "file"
)

// Position returns where the component stands in its document.
func (c *Component) Position() Position { return c.at.position() }

// PURL returns the first package URL, as written; empty if there is none.
func (c *Component) PURL() string {
	for i := range c.Identifiers {
		if c.Identifiers[i].Kind == IdentifierPURL {
			return c.Identifiers[i].Value
		}
	}
	return ""
}

// CPEs yields the CPE names of both syntaxes, in document order.
func (c *Component) CPEs() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range c.Identifiers {
			k := c.Identifiers[i].Kind
			if (k == IdentifierCPE23 || k == IdentifierCPE22) && !yield(c.Identifiers[i].Value) {
				return
			}
		}
	}
}

// LicensesOf yields the licence statements of one kind, in document order.
func (c *Component) LicensesOf(kind LicenseKind) iter.Seq[*License] {
	return func(yield func(*License) bool) {
		for i := range c.Licenses {
			if c.Licenses[i].Kind == kind && !yield(&c.Licenses[i]) {
				return
			}
		}
	}
}

// Property returns the value of the first property with that name.
func (c *Component) Property(name string) (value string, ok bool) {
	return property(c.Properties, name)
}

func property(list []Property, name string) (string, bool) {
	for i := range list {
		if list[i].Name == name {
			return list[i].Value, true
		}
	}
	return "", false
}

// VerificationCode is the SPDX package verification code (SPDX 2.3 §7.9).
type VerificationCode struct {
	Value    string   `json:"value"`
	Excluded []string `json:"excluded,omitzero"` // names of the files left out
}

// SWID is a CycloneDX software identification tag (ISO/IEC 19770-2).
type SWID struct {
	TagID      string `json:"tagId"`
	Name       string `json:"name"`
	Version    string `json:"version,omitzero"`
	TagVersion int    `json:"tagVersion,omitzero"`
	URL        string `json:"url,omitzero"`
	Extras     Extras `json:"extras,omitzero"` // patch, text
}

// Pedigree says where a component came from (CycloneDX components, pedigree).
// Its components describe other software and are not part of Document.Components.
type Pedigree struct {
	Ancestors   []Component `json:"ancestors,omitzero"`
	Descendants []Component `json:"descendants,omitzero"`
	Variants    []Component `json:"variants,omitzero"`
	Commits     []Commit    `json:"commits,omitzero"`
	Notes       string      `json:"notes,omitzero"`
	Extras      Extras      `json:"extras,omitzero"` // patches
}

// Commit is a change in a source repository.
type Commit struct {
	UID     string `json:"uid,omitzero"`
	URL     string `json:"url,omitzero"`
	Message string `json:"message,omitzero"`
	Extras  Extras `json:"extras,omitzero"` // author, committer
}

// Evidence says how a component was found (CycloneDX components, evidence).
type Evidence struct {
	Identity    []IdentityEvidence `json:"identity,omitzero"`
	Occurrences []Occurrence       `json:"occurrences,omitzero"`
	Licenses    []License          `json:"licenses,omitzero"`  // found, as against declared
	Copyright   []string           `json:"copyright,omitzero"` // statements found
	Extras      Extras             `json:"extras,omitzero"`    // callstack
}

// IdentityEvidence is what one field of a component's identity rests on.
type IdentityEvidence struct {
	Field      string           `json:"field"`               // "group", "name", "version", "purl", "cpe", "omniborId", "swhid", "swid" or "hash"
	Confidence *float64         `json:"confidence,omitzero"` // 0 to 1; nil if not told
	Value      string           `json:"value,omitzero"`      // concludedValue
	Methods    []EvidenceMethod `json:"methods,omitzero"`
	Extras     Extras           `json:"extras,omitzero"` // tools
}

// EvidenceMethod is one technique that was used.
type EvidenceMethod struct {
	Technique  string   `json:"technique"` // "manifest-analysis", "binary-analysis", ...
	Confidence *float64 `json:"confidence,omitzero"`
	Value      string   `json:"value,omitzero"`
	Extras     Extras   `json:"extras,omitzero"`
}

// Occurrence is a place where a component was found.
type Occurrence struct {
	Ref      string `json:"ref,omitzero"` // bom-ref
	Location string `json:"location"`
	Line     int    `json:"line,omitzero"`
	Symbol   string `json:"symbol,omitzero"`
	Extras   Extras `json:"extras,omitzero"` // offset, additionalContext
}

// Service is a service that a product offers or calls (CycloneDX services).
type Service struct {
	ID                 string              `json:"id"` // as Component.ID
	Ref                string              `json:"ref,omitzero"`
	Provider           *Party              `json:"provider,omitzero"`
	Group              Text                `json:"group,omitzero"`
	Name               Text                `json:"name"`
	Version            Text                `json:"version,omitzero"`
	Description        string              `json:"description,omitzero"`
	Endpoints          []string            `json:"endpoints,omitzero"`
	Authenticated      *bool               `json:"authenticated,omitzero"`
	CrossesBoundary    *bool               `json:"crossesBoundary,omitzero"` // x-trust-boundary
	TrustZone          string              `json:"trustZone,omitzero"`
	Licenses           []License           `json:"licenses,omitzero"`
	ExternalReferences []ExternalReference `json:"externalReferences,omitzero"`
	Properties         []Property          `json:"properties,omitzero"`
	Tags               []string            `json:"tags,omitzero"`
	Extras             Extras              `json:"extras,omitzero"` // data, releaseNotes, signature

	at place
}

// Position returns where the service stands in its document.
func (s *Service) Position() Position { return s.at.position() }

// File is a file that an SPDX document lists. CycloneDX lists files as
// components of TypeFile.
type File struct {
	ID          string      `json:"id"` // SPDXID or spdxId; as Component.ID where that is missing or taken
	Name        string      `json:"name"`
	Types       []string    `json:"types,omitzero"` // "SOURCE", "BINARY", ... as written
	Hashes      []Hash      `json:"hashes,omitzero"`
	Concluded   Text        `json:"concluded,omitzero"`   // licence concluded
	LicenseInfo []Text      `json:"licenseInfo,omitzero"` // licences found in the file
	Copyright   Text        `json:"copyright,omitzero"`
	Comment     string      `json:"comment,omitzero"`
	Detail      *FileDetail `json:"detail,omitzero"` // what few files have; nil if none of it is told
	Extras      Extras      `json:"extras,omitzero"`

	at place
}

// FileDetail holds what few files have.
type FileDetail struct {
	LicenseComments  string       `json:"licenseComments,omitzero"`
	Notice           string       `json:"notice,omitzero"`
	Contributors     []string     `json:"contributors,omitzero"`
	AttributionTexts []string     `json:"attributionTexts,omitzero"`
	Annotations      []Annotation `json:"annotations,omitzero"`
}

// Position returns where the file stands in its document.
func (f *File) Position() Position { return f.at.position() }

// Snippet is a part of a file with facts of its own (SPDX 2.3 §9).
type Snippet struct {
	ID          string         `json:"id"`
	Name        string         `json:"name,omitzero"`
	File        string         `json:"file"` // ID of the file it is part of
	Ranges      []SnippetRange `json:"ranges"`
	Concluded   Text           `json:"concluded,omitzero"`
	LicenseInfo []Text         `json:"licenseInfo,omitzero"`
	Copyright   Text           `json:"copyright,omitzero"`
	Comment     string         `json:"comment,omitzero"`
	Annotations []Annotation   `json:"annotations,omitzero"`
	Extras      Extras         `json:"extras,omitzero"` // licenseComments, attributionTexts

	at place
}

// SnippetRange is a range of bytes or of lines, both ends within it and from 1.
type SnippetRange struct {
	Lines      bool `json:"lines"` // lines; bytes otherwise
	Start, End int
	StartFile  string `json:"startFile,omitzero"` // ID of the file, as each end names it
	EndFile    string `json:"endFile,omitzero"`
}

// Position returns where the snippet stands in its document.
func (s *Snippet) Position() Position { return s.at.position() }

// License returns the licence of the component as one expression: what was
// concluded, else what is stated without a kind, else what was declared. Several
// statements of that kind are joined by AND; a licence that has only a name stands
// in it as a LicenseRef. The state says why there is no expression: NONE where the
// statements say that there is no licence, NOASSERTION where they say nothing.
func (c *Component) License() Text {
	unstated := Text{}
	for _, kind := range []LicenseKind{LicenseConcluded, LicenseUnspecified, LicenseDeclared} {
		var terms []string
		for l := range c.LicensesOf(kind) {
			switch {
			case l.Expression.Stated():
				terms = append(terms, l.Expression.String())
			case l.Name != "":
				terms = append(terms, sbomterm.LicenseRef(l.Name))
			case unstated.IsZero() || l.Expression.State() == StateNone:
				unstated = l.Expression
			}
		}
		switch {
		case len(terms) == 1:
			return NewText(terms[0])
		case len(terms) > 1:
			return NewText("(" + strings.Join(terms, ") AND (") + ")")
		}
	}
	return unstated
}
