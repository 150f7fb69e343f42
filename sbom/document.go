// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"iter"
	"slices"
	"time"

	"github.com/HailBytes/evidence"
)

// Document is one software bill of materials.
//
// A Document that was read holds everything its source does: in fields, or in
// Extras. It may be changed; IDs, Ref and relationships are then the caller's
// to keep in step. Reading one from several goroutines is safe as long as
// nobody changes it.
type Document struct {
	Format      Format `json:"format"`
	SpecVersion string `json:"specVersion"` // as declared: "SPDX-2.3", "3.0.1", "1.6"

	// ID identifies the document in relationships: "SPDXRef-DOCUMENT", the spdxId of
	// an SPDX 3 document, "#" in CycloneDX and where the SPDXID is missing or that of a package.
	ID          string `json:"id"`
	Ref         string `json:"ref,omitzero"`         // SPDXID or spdxId as written
	Namespace   string `json:"namespace,omitzero"`   // SPDX 2 documentNamespace; CycloneDX serialNumber, "urn:uuid:..."
	Revision    int    `json:"revision,omitzero"`    // CycloneDX version, from 1; 0 if not told
	Name        Text   `json:"name,omitzero"`        // SPDX; CycloneDX has none but that of the root
	DataLicense string `json:"dataLicense,omitzero"` // SPDX
	Comment     string `json:"comment,omitzero"`     // SPDX

	Created            time.Time `json:"created,omitzero"` // UTC; zero if not told or not a time
	CreatorComment     string    `json:"creatorComment,omitzero"`
	LicenseListVersion string    `json:"licenseListVersion,omitzero"` // of SPDX, "3.25"

	Authors      []Party     `json:"authors,omitzero"`      // people and organizations that made the document
	Tools        []Tool      `json:"tools,omitzero"`        // tools that made it
	Supplier     *Party      `json:"supplier,omitzero"`     // CycloneDX: of what the document describes
	Manufacturer *Party      `json:"manufacturer,omitzero"` // CycloneDX 1.6: organization that made the document
	Manufacture  *Party      `json:"manufacture,omitzero"`  // CycloneDX before 1.6: maker of what it describes
	Lifecycles   []Lifecycle `json:"lifecycles,omitzero"`   // CycloneDX
	Licenses     []License   `json:"licenses,omitzero"`     // CycloneDX: of the document itself

	// Components holds packages and components, flat, in document order: that
	// of CycloneDX metadata first, a nested one directly after the component that holds it.
	Components []Component `json:"components"`
	Files      []File      `json:"files,omitzero"`
	Snippets   []Snippet   `json:"snippets,omitzero"`
	Services   []Service   `json:"services,omitzero"` // flat, as Components

	// Relationships holds every edge in one direction and vocabulary, in document order
	// within each Origin. Roots and nesting are relationships too.
	Relationships []Relationship `json:"relationships"`
	Compositions  []Composition  `json:"compositions,omitzero"`

	Vulnerabilities    []Vulnerability     `json:"vulnerabilities,omitzero"`
	ExternalReferences []ExternalReference `json:"externalReferences,omitzero"`
	ExternalDocuments  []ExternalDocument  `json:"externalDocuments,omitzero"`
	ExtractedLicenses  []ExtractedLicense  `json:"extractedLicenses,omitzero"`
	Annotations        []Annotation        `json:"annotations,omitzero"`        // SPDX 2: of the document; CycloneDX, SPDX 3: with their subjects
	Properties         []Property          `json:"properties,omitzero"`         // CycloneDX: of the document
	MetadataProperties []Property          `json:"metadataProperties,omitzero"` // CycloneDX: of its metadata

	Extras         Extras `json:"extras,omitzero"`         // of the document
	MetadataExtras Extras `json:"metadataExtras,omitzero"` // of SPDX creationInfo, CycloneDX metadata

	// Problems is what reading found and did not refuse, in document order.
	Problems evidence.Problems `json:"problems,omitzero"`

	at      place
	wrapper string      // name of the member that holds the document, see wrappers
	outer   Extras      // of the object around it
	graph   *spdx3Graph // order of the elements of an SPDX 3 document
}

// Position returns where the document's own object stands.
func (d *Document) Position() Position { return d.at.position() }

// Tool is a program that made a document.
type Tool struct {
	Vendor  string `json:"vendor,omitzero"`
	Group   string `json:"group,omitzero"`
	Name    string `json:"name"`
	Version string `json:"version,omitzero"` // empty if not told; computed from "Tool: name-version" in SPDX 2
	Ref     string `json:"ref,omitzero"`     // bom-ref, or spdxId
	Hashes  []Hash `json:"hashes,omitzero"`
	Service bool   `json:"service,omitzero"` // CycloneDX metadata.tools.services
}

// Lifecycle is a phase in which the facts of a document were gathered
// (CycloneDX 1.5 metadata, lifecycles). Either Phase or Name is set.
type Lifecycle struct {
	Phase       string `json:"phase,omitzero"` // "design", "pre-build", "build", "post-build", "operations", "discovery" or "decommission"
	Name        string `json:"name,omitzero"`
	Description string `json:"description,omitzero"`
}

// ExternalDocument is another SPDX document that relationships refer to.
type ExternalDocument struct {
	ID     string `json:"id"`  // "DocumentRef-..."
	URI    string `json:"uri"` // namespace of that document
	Hash   Hash   `json:"hash"`
	Extras Extras `json:"extras,omitzero"`

	at place
}

// Position returns where the reference stands in its document.
func (d *ExternalDocument) Position() Position { return d.at.position() }

// Annotation is a comment on elements of a document.
type Annotation struct {
	Subjects  []string  `json:"subjects,omitzero"` // IDs; empty where the annotation stands inside its subject
	Type      string    `json:"type,omitzero"`     // SPDX "OTHER" or "REVIEW"
	Annotator *Party    `json:"annotator"`         // nil if not told
	Date      time.Time `json:"date,omitzero"`     // UTC
	Text      string    `json:"text"`
	Ref       string    `json:"ref,omitzero"`    // bom-ref
	Extras    Extras    `json:"extras,omitzero"` // signature

	at place
}

// Position returns where the annotation stands in its document.
func (a *Annotation) Position() Position { return a.at.position() }

// Roots returns the IDs of what the document describes, in document order and
// without repetition: targets of the document's Describes relationships.
func (d *Document) Roots() []string {
	var roots []string
	seen := map[string]bool{}
	for i := range d.Relationships {
		r := &d.Relationships[i]
		if r.Type == Describes && r.From == d.ID && r.To != "" && !seen[r.To] {
			seen[r.To] = true
			roots = append(roots, r.To)
		}
	}
	return roots
}

// IDs yields the ID and the kind of every element that a relationship can refer
// to: the document itself, components, files, snippets and services.
func (d *Document) IDs() iter.Seq2[string, Element] {
	return func(yield func(string, Element) bool) {
		if !yield(d.ID, Element{kind: ElementDocument}) {
			return
		}
		for i := range d.Components {
			if !yield(d.Components[i].ID, Element{ElementComponent, i}) {
				return
			}
		}
		for i := range d.Files {
			if !yield(d.Files[i].ID, Element{ElementFile, i}) {
				return
			}
		}
		for i := range d.Snippets {
			if !yield(d.Snippets[i].ID, Element{ElementSnippet, i}) {
				return
			}
		}
		for i := range d.Services {
			if !yield(d.Services[i].ID, Element{ElementService, i}) {
				return
			}
		}
	}
}

// ElementKind tells the kinds of element apart.
type ElementKind uint8

// The kinds of element. ElementUnknown is one that the document does not hold.
const (
	ElementUnknown ElementKind = iota
	ElementDocument
	ElementComponent
	ElementFile
	ElementSnippet
	ElementService
)

// Element names one element of a Document.
type Element struct {
	kind  ElementKind
	index int
}

// Kind says in which list of the Document the element is.
func (e Element) Kind() ElementKind { return e.kind }

// Index returns the element's index in its list, 0 for the document itself.
func (e Element) Index() int { return e.index }

// ElementTypes returns the types of the elements of an SPDX 3 document as they
// are written, such as "software_Package" and "security_Vulnerability", each once
// and sorted: also of those for which Document has no field. It is empty for
// other formats.
func (d *Document) ElementTypes() []string {
	if d.graph == nil {
		return nil
	}
	var types []string
	for i := range d.graph.items {
		if word := d.graph.items[i].word; word != "" {
			types = append(types, word)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}
