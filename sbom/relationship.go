// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import "github.com/HailBytes/evidence/internal/enum"

// RelationshipType says how two elements relate, in one vocabulary and one
// direction for every format. The words are those of SPDX 3.0 (Core,
// RelationshipType), so From is the one that has, and To is what is had: what
// SPDX 2 writes as "A DEPENDENCY_OF B" is From B, TypeDependsOn, To A.
// A word that the module does not know is kept as it is written, From and To too.
type RelationshipType string

// The types that relationships of SPDX 2 and CycloneDX have. In the comments, A is From and B is To.
const (
	Describes               RelationshipType = "describes"               // document A is about B
	Contains                RelationshipType = "contains"                // A contains B
	DependsOn               RelationshipType = "dependsOn"               // A depends on B; see Relationship.Scope
	Provides                RelationshipType = "provides"                // A implements or provides B (CycloneDX 1.6)
	HasPrerequisite         RelationshipType = "hasPrerequisite"         // A has the prerequisite B
	HasStaticLink           RelationshipType = "hasStaticLink"           // A links B statically
	HasDynamicLink          RelationshipType = "hasDynamicLink"          // A links B dynamically
	ExpandsTo               RelationshipType = "expandsTo"               // archive A was unpacked to B
	Generates               RelationshipType = "generates"               // B was generated from A
	AncestorOf              RelationshipType = "ancestorOf"              // A is an earlier form of B
	HasVariant              RelationshipType = "hasVariant"              // B is a variant of A
	CopiedTo                RelationshipType = "copiedTo"                // B is a copy of A
	PatchedBy               RelationshipType = "patchedBy"               // B is a patch for A
	ModifiedBy              RelationshipType = "modifiedBy"              // B is A after a change
	AmendedBy               RelationshipType = "amendedBy"               // B amends A
	HasAddedFile            RelationshipType = "hasAddedFile"            // file B was added to A
	HasDeletedFile          RelationshipType = "hasDeletedFile"          // file B was deleted from A
	HasDataFile             RelationshipType = "hasDataFile"             // B is a data file of A
	HasDependencyManifest   RelationshipType = "hasDependencyManifest"   // B lists the dependencies of A
	HasDistributionArtifact RelationshipType = "hasDistributionArtifact" // B is distributed with A
	HasDocumentation        RelationshipType = "hasDocumentation"        // B documents A
	HasExample              RelationshipType = "hasExample"              // B is an example of A
	HasMetadata             RelationshipType = "hasMetadata"             // B is a metafile of A
	HasRequirement          RelationshipType = "hasRequirement"          // B describes a requirement for A
	HasSpecification        RelationshipType = "hasSpecification"        // B specifies A
	HasTest                 RelationshipType = "hasTest"                 // B tests A
	HasTestCase             RelationshipType = "hasTestCase"             // B is a test case of A
	UsesTool                RelationshipType = "usesTool"                // B is a tool of A; see Relationship.Scope
	Other                   RelationshipType = "other"                   // see Relationship.Comment

	// Licences and vulnerabilities as elements of their own: SPDX 3 alone.
	HasDeclaredLicense         RelationshipType = "hasDeclaredLicense"
	HasConcludedLicense        RelationshipType = "hasConcludedLicense"
	HasAssociatedVulnerability RelationshipType = "hasAssociatedVulnerability"
)

// Scope says in which phase, or how much, a relationship matters.
type Scope uint8

// The scopes. The zero value says that the document does not tell.
const (
	ScopeUnspecified Scope = iota
	ScopeDesign
	ScopeDevelopment
	ScopeBuild
	ScopeTest
	ScopeRuntime
	ScopeOptional
	ScopeProvided
	ScopeOther
)

var scopeNames = enum.Values{"", "design", "development", "build", "test", "runtime", "optional", "provided", "other"}

// String returns "design", "development", "build", "test", "runtime",
// "optional", "provided" or "other", and "" for ScopeUnspecified.
func (s Scope) String() string { return scopeNames.Name("Scope", uint8(s)) }

// MarshalText implements encoding.TextMarshaler.
func (s Scope) MarshalText() ([]byte, error) { return scopeNames.Marshal("Scope", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Scope) UnmarshalText(text []byte) (err error) {
	*(*uint8)(s), err = scopeNames.Unmarshal("Scope", text)
	return err
}

// Origin says which part of a document states a relationship.
type Origin uint8

// The origins.
const (
	OriginRelationships     Origin = iota // SPDX relationships
	OriginDocumentDescribes               // SPDX 2 documentDescribes
	OriginHasFiles                        // SPDX 2 hasFiles; in tag-value, the files that follow a package
	OriginFileDependencies                // SPDX 2 fileDependencies
	OriginNested                          // CycloneDX component or service inside another
	OriginMetadata                        // CycloneDX metadata.component; SPDX 3 rootElement
	OriginDependencies                    // CycloneDX dependencies
	OriginInventory                       // implied by CycloneDX components, see Document.Graph
)

var originNames = enum.Values{
	"relationships", "documentDescribes", "hasFiles", "fileDependencies", "nested", "metadata", "dependencies", "inventory",
}

// String returns the name of the part, such as "relationships" or "hasFiles".
func (o Origin) String() string { return originNames.Name("Origin", uint8(o)) }

// MarshalText implements encoding.TextMarshaler.
func (o Origin) MarshalText() ([]byte, error) { return originNames.Marshal("Origin", uint8(o)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *Origin) UnmarshalText(text []byte) (err error) {
	*(*uint8)(o), err = originNames.Unmarshal("Origin", text)
	return err
}

// Relationship is one edge between two elements of a document, or from an
// element to one of another document. A fact that a document states twice, say
// in documentDescribes and in relationships, is listed twice.
type Relationship struct {
	From string           `json:"from"` // ID of a component, file, snippet, service, or of the document
	Type RelationshipType `json:"type"`
	To   string           `json:"to,omitzero"` // ID; ToState says why it is empty
	// ToState is StateStated where To is set. It is StateNone where the author says that there is nothing of that
	// type (SPDX NONE, an empty entry of CycloneDX dependencies), and
	// StateNoAssertion where the author does not say whether there is.
	ToState State  `json:"toState"`
	Scope   Scope  `json:"scope,omitzero"`
	Origin  Origin `json:"origin"`
	Comment string `json:"comment,omitzero"`
	Extras  Extras `json:"extras,omitzero"`

	written relationWord // the word of SPDX 2 or 3 that was read, if Type and Scope do not tell it
	entry   int32        // index+1 of the entry that it is part of: CycloneDX dependencies, SPDX 3 elements with many ends
	at      place
}

// Position returns where the relationship stands in its document.
func (r *Relationship) Position() Position { return r.at.position() }

// Inverse reports whether the document states the relationship the other way
// round, as in "A DEPENDENCY_OF B".
func (r *Relationship) Inverse() bool { return relationWords[r.written].inverse }

// Written returns the word that the document uses for the relationship, such as
// "DEPENDENCY_OF", "dependsOn" or, for what is not told by a word, the Origin's name.
func (r *Relationship) Written() string {
	if r.written != 0 {
		return relationWords[r.written].name
	}
	switch r.Origin {
	case OriginRelationships, OriginDependencies:
		return string(r.Type)
	}
	return r.Origin.String()
}

// Completeness says whether the relationships of this type from From are all
// there are, where the relationship itself tells (SPDX 3). See also Document.Compositions.
func (r *Relationship) Completeness() Completeness {
	switch s, _ := stringOf(r.Extras.Get("completeness")); s {
	case "complete", "incomplete":
		return Completeness(s)
	case "noAssertion":
		return CompletenessUnknown
	}
	return CompletenessUnspecified
}

// Completeness says whether what is listed is all there is.
type Completeness string

// The degrees of completeness, in the words of CycloneDX compositions; SPDX 3
// knows complete, incomplete and (as noAssertion) unknown.
const (
	CompletenessUnspecified              Completeness = ""
	CompletenessComplete                 Completeness = "complete"
	CompletenessIncomplete               Completeness = "incomplete"
	CompletenessFirstPartyOnly           Completeness = "incomplete_first_party_only"
	CompletenessFirstPartyProprietary    Completeness = "incomplete_first_party_proprietary_only"
	CompletenessFirstPartyOpenSourceOnly Completeness = "incomplete_first_party_opensource_only"
	CompletenessThirdPartyOnly           Completeness = "incomplete_third_party_only"
	CompletenessThirdPartyProprietary    Completeness = "incomplete_third_party_proprietary_only"
	CompletenessThirdPartyOpenSourceOnly Completeness = "incomplete_third_party_opensource_only"
	CompletenessUnknown                  Completeness = "unknown"
	CompletenessNotSpecified             Completeness = "not_specified" // stated to be not stated
)

// Composition says how complete parts of the document are (CycloneDX compositions).
type Composition struct {
	Ref             string       `json:"ref,omitzero"` // bom-ref
	Aggregate       Completeness `json:"aggregate"`
	Assemblies      []string     `json:"assemblies,omitzero"`      // whose nested components are meant
	Dependencies    []string     `json:"dependencies,omitzero"`    // whose dependencies are meant
	Vulnerabilities []string     `json:"vulnerabilities,omitzero"` // bom-refs of vulnerabilities
	Extras          Extras       `json:"extras,omitzero"`          // signature

	at place
}

// Position returns where the composition stands in its document.
func (c *Composition) Position() Position { return c.at.position() }
