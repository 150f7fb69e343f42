// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strings"
	"sync"
)

// relationWord is an index in relationWords; 0 is no word.
type relationWord uint8

// relationWords are the words of SPDX that differ from a RelationshipType by
// more than spelling: those of SPDX 2.3 §11.1, and the ones of SPDX 3.0 that
// say direction or scope in the type.
var relationWords = [...]struct {
	name    string
	typ     RelationshipType
	scope   Scope
	inverse bool // From and To are exchanged
}{
	{},
	{"DESCRIBES", Describes, 0, false},
	{"DESCRIBED_BY", Describes, 0, true},
	{"CONTAINS", Contains, 0, false},
	{"CONTAINED_BY", Contains, 0, true},
	{"DEPENDS_ON", DependsOn, 0, false},
	{"DEPENDENCY_OF", DependsOn, 0, true},
	{"BUILD_DEPENDENCY_OF", DependsOn, ScopeBuild, true},
	{"DEV_DEPENDENCY_OF", DependsOn, ScopeDevelopment, true},
	{"OPTIONAL_DEPENDENCY_OF", DependsOn, ScopeOptional, true},
	{"PROVIDED_DEPENDENCY_OF", DependsOn, ScopeProvided, true},
	{"TEST_DEPENDENCY_OF", DependsOn, ScopeTest, true},
	{"RUNTIME_DEPENDENCY_OF", DependsOn, ScopeRuntime, true},
	{"DEPENDENCY_MANIFEST_OF", "hasDependencyManifest", 0, true},
	{"EXAMPLE_OF", "hasExample", 0, true},
	{"GENERATES", Generates, 0, false},
	{"GENERATED_FROM", Generates, 0, true},
	{"ANCESTOR_OF", "ancestorOf", 0, false},
	{"DESCENDANT_OF", "ancestorOf", 0, true},
	{"VARIANT_OF", "hasVariant", 0, true},
	{"DISTRIBUTION_ARTIFACT", HasDistributionArtifact, 0, false},
	{"PATCH_FOR", "patchedBy", 0, true},
	{"PATCH_APPLIED", "patchedBy", 0, true},
	{"COPY_OF", "copiedTo", 0, true},
	{"FILE_ADDED", "hasAddedFile", 0, true},
	{"FILE_DELETED", "hasDeletedFile", 0, true},
	{"FILE_MODIFIED", "modifiedBy", 0, true},
	{"EXPANDED_FROM_ARCHIVE", "expandsTo", 0, true},
	{"DYNAMIC_LINK", "hasDynamicLink", 0, false},
	{"STATIC_LINK", "hasStaticLink", 0, false},
	{"DATA_FILE_OF", "hasDataFile", 0, true},
	{"TEST_CASE_OF", "hasTestCase", 0, true},
	{"BUILD_TOOL_OF", "usesTool", ScopeBuild, true},
	{"DEV_TOOL_OF", "usesTool", ScopeDevelopment, true},
	{"TEST_TOOL_OF", "usesTool", ScopeTest, true},
	{"TEST_OF", "hasTest", 0, true},
	{"DOCUMENTATION_OF", "hasDocumentation", 0, true},
	{"OPTIONAL_COMPONENT_OF", Contains, ScopeOptional, true},
	{"METAFILE_OF", "hasMetadata", 0, true},
	{"PACKAGE_OF", Contains, 0, true},
	{"AMENDS", "amendedBy", 0, true},
	{"PREREQUISITE_FOR", "hasPrerequisite", 0, true},
	{"HAS_PREREQUISITE", "hasPrerequisite", 0, false},
	{"REQUIREMENT_DESCRIPTION_FOR", "hasRequirement", 0, true},
	{"SPECIFICATION_FOR", "hasSpecification", 0, true},
	{"OTHER", Other, 0, false},

	// SPDX 3.0.
	{"descendantOf", "ancestorOf", 0, true},
	{"hasOptionalComponent", Contains, ScopeOptional, false},
	{"hasOptionalDependency", DependsOn, ScopeOptional, false},
	{"hasProvidedDependency", DependsOn, ScopeProvided, false},
}

var relationWordIndex = func() map[string]relationWord {
	m := make(map[string]relationWord, len(relationWords))
	for i, w := range relationWords[1:] {
		m[w.name] = relationWord(i + 1)
	}
	return m
}()

// setWritten sets type, scope and direction from the word of an SPDX document.
// From, To and ToState must have been set as the document has them. NONE and
// NOASSERTION stand on the right side only (SPDX 2.3 §11.1), so they cannot be
// turned round: such a relationship keeps its word as its type.
func (r *Relationship) setWritten(word string) {
	r.written = relationWordIndex[word]
	if r.ToState != StateStated && relationWords[r.written].inverse {
		r.written = 0
	}
	if r.written == 0 {
		r.Type = RelationshipType(word)
		return
	}
	w := &relationWords[r.written]
	r.Type, r.Scope = w.typ, w.scope
	if w.inverse {
		r.From, r.To = r.To, r.From
	}
}

// spdx2 returns the word of SPDX 2 for the relationship: the one that was
// read, or the first that has its type and scope, or its type, in that order.
// A type that SPDX 2 has no word for is OTHER.
func (r *Relationship) spdx2() (word string, inverse bool) {
	if w := &relationWords[r.written]; r.written != 0 && isSPDX2Word(w.name) && w.typ == r.Type && w.scope == r.Scope {
		return w.name, w.inverse
	}
	best := relationWord(0)
	for i := len(relationWords) - 1; i > 0; i-- {
		if w := &relationWords[i]; w.typ == r.Type && isSPDX2Word(w.name) && (w.scope == r.Scope || best == 0 || relationWords[best].scope != r.Scope && w.scope == 0) {
			best = relationWord(i)
		}
	}
	switch {
	case best != 0:
		return relationWords[best].name, relationWords[best].inverse
	case isSPDX2Word(string(r.Type)), r.Type == "":
		return string(r.Type), false
	}
	return "OTHER", false
}

// isSPDX2Word reports whether s is in capitals, as the words of SPDX 2 are and those of SPDX 3 are not.
func isSPDX2Word(s string) bool { return s != "" && strings.ToUpper(s) == s }

// relationshipWords returns the words that SPDX 2 has for relationships.
var relationshipWords = sync.OnceValue(func() []string {
	var words []string
	for _, w := range relationWords {
		if w.name == strings.ToUpper(w.name) && w.name != "" {
			words = append(words, w.name)
		}
	}
	return words
})
