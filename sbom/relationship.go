// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import "github.com/HailBytes/evidence/internal/enum"

// RelationshipType says how two elements relate, in one vocabulary and one
// direction for every format. The words are those of SPDX 3.0 (Core,
// RelationshipType), so From is the one that has, and To is what is had: what
// SPDX 2 writes as "A DEPENDENCY_OF B" is From B, [DependsOn], To A.
// A word that the module does not know is kept as it is written, From and To too.
//
// The words beside those that have a constant, where A is From and B is To:
//
//	"provides"               A implements or provides B (CycloneDX 1.6)
//	"hasPrerequisite"        A has the prerequisite B
//	"hasStaticLink"          A links B statically
//	"hasDynamicLink"         A links B dynamically
//	"expandsTo"              archive A was unpacked to B
//	"ancestorOf"             A is an earlier form of B
//	"hasVariant"             B is a variant of A
//	"copiedTo"               B is a copy of A
//	"patchedBy"              B is a patch for A
//	"modifiedBy"             B is A after a change
//	"amendedBy"              B amends A
//	"hasAddedFile"           file B was added to A
//	"hasDeletedFile"         file B was deleted from A
//	"hasDataFile"            B is a data file of A
//	"hasDependencyManifest"  B lists the dependencies of A
//	"hasDocumentation"       B documents A
//	"hasExample"             B is an example of A
//	"hasMetadata"            B is a metafile of A
//	"hasRequirement"         B describes a requirement for A
//	"hasSpecification"       B specifies A
//	"hasTest"                B tests A
//	"hasTestCase"            B is a test case of A
//	"usesTool"               B is a tool of A; see Relationship.Scope
//
// and in SPDX 3 alone "hasDeclaredLicense", "hasConcludedLicense" and "hasAssociatedVulnerability".
type RelationshipType string

// The types that programs ask for.
const (
	Describes               RelationshipType = "describes"               // document A is about B
	Contains                RelationshipType = "contains"                // A contains B
	DependsOn               RelationshipType = "dependsOn"               // A depends on B; see Relationship.Scope
	Generates               RelationshipType = "generates"               // B was generated from A
	HasDistributionArtifact RelationshipType = "hasDistributionArtifact" // B is distributed with A
	Other                   RelationshipType = "other"                   // see Relationship.Comment

	hasDeclaredLicense  RelationshipType = "hasDeclaredLicense"
	hasConcludedLicense RelationshipType = "hasConcludedLicense"
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

// Origin says which part of a document states a relationship. Its String is one of
//
//	"relationships"      SPDX relationships
//	"documentDescribes"  SPDX 2 documentDescribes
//	"hasFiles"           SPDX 2 hasFiles; in tag-value, the files that follow a package
//	"fileDependencies"   SPDX 2 fileDependencies
//	"nested"             CycloneDX component or service inside another
//	"metadata"           CycloneDX metadata.component; SPDX 3 rootElement
//	"dependencies"       CycloneDX dependencies
//	"inventory"          implied by CycloneDX components, see Document.Graph
type Origin uint8

const (
	originRelationships Origin = iota
	originDocumentDescribes
	originHasFiles
	originFileDependencies
	originNested
	originMetadata
	originDependencies
	originInventory
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
	case originRelationships, originDependencies:
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

// Completeness says whether what is listed is all there is, in the words of
// CycloneDX compositions. Beside those that have a constant they are
// "incomplete", and of what a list leaves out:
// "incomplete_first_party_only", "incomplete_first_party_proprietary_only",
// "incomplete_first_party_opensource_only", "incomplete_third_party_only",
// "incomplete_third_party_proprietary_only" and "incomplete_third_party_opensource_only".
// SPDX 3 knows complete, incomplete and (as noAssertion) unknown.
type Completeness string

// The degrees of completeness that programs ask for.
const (
	CompletenessUnspecified  Completeness = ""
	CompletenessComplete     Completeness = "complete"
	CompletenessUnknown      Completeness = "unknown"
	CompletenessNotSpecified Completeness = "not_specified" // stated to be not stated
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
