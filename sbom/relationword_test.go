// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// meaning is a relationship word read out: which type it is, in which scope, and
// whether it says "A has B" (forward) or "A is had by B".
type meaning struct {
	typ     RelationshipType
	scope   Scope
	forward bool
}

// spdx2Meanings is SPDX 2.3 §11.1 table 68 in the words of SPDX 3.0 Core,
// RelationshipType, written down from the two specifications and not from relationWords.
var spdx2Meanings = map[string]meaning{
	"DESCRIBES":                   {"describes", 0, true},
	"DESCRIBED_BY":                {"describes", 0, false},
	"CONTAINS":                    {"contains", 0, true},
	"CONTAINED_BY":                {"contains", 0, false},
	"DEPENDS_ON":                  {"dependsOn", 0, true},
	"DEPENDENCY_OF":               {"dependsOn", 0, false},
	"BUILD_DEPENDENCY_OF":         {"dependsOn", ScopeBuild, false},
	"DEV_DEPENDENCY_OF":           {"dependsOn", ScopeDevelopment, false},
	"OPTIONAL_DEPENDENCY_OF":      {"dependsOn", ScopeOptional, false},
	"PROVIDED_DEPENDENCY_OF":      {"dependsOn", ScopeProvided, false},
	"TEST_DEPENDENCY_OF":          {"dependsOn", ScopeTest, false},
	"RUNTIME_DEPENDENCY_OF":       {"dependsOn", ScopeRuntime, false},
	"DEPENDENCY_MANIFEST_OF":      {"hasDependencyManifest", 0, false},
	"EXAMPLE_OF":                  {"hasExample", 0, false},
	"GENERATES":                   {"generates", 0, true},
	"GENERATED_FROM":              {"generates", 0, false},
	"ANCESTOR_OF":                 {"ancestorOf", 0, true},
	"DESCENDANT_OF":               {"ancestorOf", 0, false},
	"VARIANT_OF":                  {"hasVariant", 0, false},
	"DISTRIBUTION_ARTIFACT":       {"hasDistributionArtifact", 0, true}, // distributing A requires that B is distributed
	"PATCH_FOR":                   {"patchedBy", 0, false},
	"PATCH_APPLIED":               {"patchedBy", 0, false}, // A is a patch that was applied to B
	"COPY_OF":                     {"copiedTo", 0, false},
	"FILE_ADDED":                  {"hasAddedFile", 0, false}, // A is a file that was added to B
	"FILE_DELETED":                {"hasDeletedFile", 0, false},
	"FILE_MODIFIED":               {"modifiedBy", 0, false}, // A is a file that was modified from B
	"EXPANDED_FROM_ARCHIVE":       {"expandsTo", 0, false},
	"DYNAMIC_LINK":                {"hasDynamicLink", 0, true},
	"STATIC_LINK":                 {"hasStaticLink", 0, true},
	"DATA_FILE_OF":                {"hasDataFile", 0, false},
	"TEST_CASE_OF":                {"hasTestCase", 0, false},
	"BUILD_TOOL_OF":               {"usesTool", ScopeBuild, false},
	"DEV_TOOL_OF":                 {"usesTool", ScopeDevelopment, false},
	"TEST_TOOL_OF":                {"usesTool", ScopeTest, false},
	"TEST_OF":                     {"hasTest", 0, false},
	"DOCUMENTATION_OF":            {"hasDocumentation", 0, false},
	"OPTIONAL_COMPONENT_OF":       {"contains", ScopeOptional, false},
	"METAFILE_OF":                 {"hasMetadata", 0, false},
	"PACKAGE_OF":                  {"contains", 0, false},
	"AMENDS":                      {"amendedBy", 0, false},
	"PREREQUISITE_FOR":            {"hasPrerequisite", 0, false},
	"HAS_PREREQUISITE":            {"hasPrerequisite", 0, true},
	"REQUIREMENT_DESCRIPTION_FOR": {"hasRequirement", 0, false},
	"SPECIFICATION_FOR":           {"hasSpecification", 0, false},
	"OTHER":                       {"other", 0, true},
}

// spdx3Meanings are the words of SPDX 3.0.1 that say direction or scope; every
// other word is a type, forward.
var spdx3Meanings = map[string]meaning{
	"descendantOf":          {"ancestorOf", 0, false},
	"hasOptionalComponent":  {"contains", ScopeOptional, true},
	"hasOptionalDependency": {"dependsOn", ScopeOptional, true},
	"hasProvidedDependency": {"dependsOn", ScopeProvided, true},
}

// TestRelationshipWords reads every word that the official schemas have, in both
// formats, and writes it back.
func TestRelationshipWords(t *testing.T) {
	words := schemaWords(t)
	if diff := cmp.Diff(words.spdx2, slices.Sorted(maps.Keys(spdx2Meanings))); diff != "" {
		t.Fatalf("the table and the schema of SPDX 2.3 differ: %s", diff)
	}
	if len(words.spdx3) != 59 {
		t.Errorf("the schema of SPDX 3.0.1 has %d words, want 59", len(words.spdx3))
	}
	for _, word := range words.spdx2 {
		text := fmt.Sprintf(`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[{"SPDXID":"SPDXRef-A"},{"SPDXID":"SPDXRef-B"}],`+
			`"relationships":[{"spdxElementId":"SPDXRef-A","relationshipType":"%s","relatedSpdxElement":"SPDXRef-B"}]}`, word)
		checkWord(t, word, text, "SPDXRef-", spdx2Meanings[word])
	}
	for _, word := range words.spdx3 {
		want, ok := spdx3Meanings[word]
		if !ok {
			want = meaning{RelationshipType(word), 0, true}
		}
		checkWord(t, word, fmt.Sprintf(spdx3Relationship, "Relationship", word, ""), "urn:", want)
	}
	for _, scope := range []string{"design", "development", "build", "test", "runtime", "other"} {
		text := fmt.Sprintf(spdx3Relationship, "LifecycleScopedRelationship", "dependsOn", `"scope":"`+scope+`",`)
		rel := checkWord(t, "dependsOn", text, "urn:", meaning{"dependsOn", Scope(slices.Index(scopeNames[:], scope)), true})
		if rel != nil && rel.Scope.String() != scope {
			t.Errorf("scope %s became %s", scope, rel.Scope)
		}
	}
}

const spdx3Relationship = `{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[` +
	`{"type":"SpdxDocument","spdxId":"urn:d","creationInfo":{"type":"CreationInfo","specVersion":"3.0.1","created":"2026-01-02T03:04:05Z"}},` +
	`{"type":"software_Package","spdxId":"urn:A"},{"type":"software_Package","spdxId":"urn:B"},` +
	`{"type":"%s","spdxId":"urn:r","from":"urn:A","relationshipType":"%s",%s"to":["urn:B"]}]}`

// checkWord reads text, whose one relationship is "A word B", and writes it back.
func checkWord(t *testing.T, word, text, prefix string, want meaning) *Relationship {
	t.Helper()
	doc, err := Read(strings.NewReader(text), nil)
	if err != nil || len(doc.Relationships) != 1 {
		t.Errorf("%s: %v", word, err)
		return nil
	}
	r := &doc.Relationships[0]
	got := meaning{r.Type, r.Scope, r.From == prefix+"A" && r.To == prefix+"B"}
	if got != want || !got.forward && (r.From != prefix+"B" || r.To != prefix+"A") {
		t.Errorf("%s: %+v from %s to %s, want %+v", word, got, r.From, r.To, want)
	}
	if r.Inverse() == want.forward || r.Written() != word {
		t.Errorf("%s: inverse %v, written as %s", word, r.Inverse(), r.Written())
	}
	out, err := doc.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if lines := diffLeaves(leaves(t, []byte(text)), leaves(t, out)); len(lines) > 0 {
		t.Errorf("%s: written as %s", word, out)
	}
	return r
}

// TestUnstatedRelationship: NONE and NOASSERTION stand on the right, so a word
// that would put them on the left is left as it is.
func TestUnstatedRelationship(t *testing.T) {
	for _, tt := range []struct {
		word, to string
		typ      RelationshipType
		state    State
	}{
		{"DEPENDS_ON", "NONE", DependsOn, StateNone},
		{"DEPENDS_ON", "NOASSERTION", DependsOn, StateNoAssertion},
		{"DEPENDENCY_OF", "NONE", "DEPENDENCY_OF", StateNone},
		{"STARES_AT", "SPDXRef-A", "STARES_AT", StateStated},
	} {
		doc, err := Read(strings.NewReader(fmt.Sprintf(`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[{"SPDXID":"SPDXRef-A"}],`+
			`"relationships":[{"spdxElementId":"SPDXRef-A","relationshipType":"%s","relatedSpdxElement":"%s"}]}`, tt.word, tt.to)), nil)
		if err != nil {
			t.Fatal(err)
		}
		r := &doc.Relationships[0]
		if r.Type != tt.typ || r.ToState != tt.state || r.From != "SPDXRef-A" || (r.To == "") != (tt.state != StateStated) {
			t.Errorf("%s %s: %+v", tt.word, tt.to, r)
		}
		if n := len(doc.Graph().From("SPDXRef-A")); (n == 1) != (tt.state == StateStated) {
			t.Errorf("%s %s: %d edges", tt.word, tt.to, n)
		}
	}
}

// schemaWords returns the relationship types of the official schemas, sorted.
func schemaWords(t *testing.T) (words struct{ spdx2, spdx3 []string }) {
	sources, err := schemaSources()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range sources {
		var s struct {
			ID         string `json:"$id"`
			Properties struct {
				Relationships struct {
					Items struct {
						Properties struct {
							RelationshipType struct {
								Enum []string
							}
						}
					}
				}
			}
			Defs map[string]json.RawMessage `json:"$defs"`
		}
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		if enum := s.Properties.Relationships.Items.Properties.RelationshipType.Enum; strings.Contains(s.ID, "2.3") && len(enum) > 0 {
			words.spdx2 = slices.Sorted(slices.Values(enum))
		}
		if s.Defs["RelationshipType_derived"] == nil {
			continue
		}
		var derived struct{ AnyOf []struct{ Const string } }
		if err := json.Unmarshal(s.Defs["RelationshipType_derived"], &derived); err != nil {
			t.Fatal(err)
		}
		for _, c := range derived.AnyOf {
			if c.Const != "" {
				words.spdx3 = append(words.spdx3, c.Const[strings.LastIndexByte(c.Const, '/')+1:])
			}
		}
		slices.Sort(words.spdx3)
	}
	return words
}
