// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// audit names what a conversion between the two families lost and nothing named
// yet: every text of the source that stands nowhere in the result. The report of
// losses is complete by this, whatever member a format has that the conversion
// does not know.
//
// Identifiers, references between elements, and words that each format has its
// own of, are rewritten; what they connect is counted where edges are dropped.
// NOASSERTION and NONE have no counterpart in CycloneDX but silence.
type audit struct {
	said  map[string]struct{} // texts of the result
	named map[string]bool     // pointers of losses
}

// structural are the members whose values are rewritten, or that say of a
// document which format it has.
var structural = func() map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(`$schema @context @id @type bomFormat specVersion spdxVersion serialNumber documentNamespace dataLicense
		type alg algorithm bom-ref ref SPDXID spdxId dependsOn provides relationshipType spdxElementId relatedSpdxElement
		documentDescribes hasFiles packageFiles timestamp created creationInfo createdBy createdUsing from to element rootElement
		referenceCategory referenceType externalIdentifierType externalRefType profileConformance primaryPackagePurpose
		software_primaryPurpose software_additionalPurpose software_sbomType sbomType acknowledgement`) {
		m[name] = true
	}
	return m
}()

// audit compares the source with the text of the result; named are the losses
// whose pointers are in the source.
func (c *converter) audit(result []byte, named []Loss) error {
	source, err := c.doc.inJSON()
	if err != nil {
		return err
	}
	var from, to any
	if err := json.Unmarshal(source, &from); err != nil {
		return err
	}
	if err := json.Unmarshal(result, &to); err != nil {
		return err
	}
	a := audit{map[string]struct{}{}, map[string]bool{}}
	a.say(to, "")
	for _, l := range named {
		if l.Reason != LossAssumed && l.Reason != LossChanged { // these take nothing away
			a.named[l.Pointer] = true
		}
	}
	_, _, lost := a.silent(from, "", "")
	for _, pointer := range lost {
		c.lose(pointer, LossNoField, "%s has no place for it", c.target.Format)
	}
	return nil
}

// inJSON writes a document in the JSON form of its format.
func (d *Document) inJSON() ([]byte, error) {
	out := *d
	switch d.Format {
	case FormatCycloneDXXML:
		out.Format = FormatCycloneDXJSON
	case FormatSPDXTagValue:
		out.Format = FormatSPDXJSON
	}
	return out.Marshal()
}

// say takes in the texts of the result.
func (a *audit) say(v any, member string) {
	switch x := v.(type) {
	case map[string]any:
		for name, e := range x {
			a.say(e, name)
		}
	case []any:
		for _, e := range x {
			a.say(e, member)
		}
	case string:
		for _, piece := range pieces(member, x) {
			a.said[piece] = struct{}{}
		}
		a.said[x] = struct{}{}
		if words := strings.SplitN(x, " ", 3); member == "comment" && len(words) == 3 {
			a.said[words[2]] = struct{}{} // behind category and type of an SPDX reference
		}
		if p, err := purl.Parse(x); err == nil {
			for _, piece := range []string{p.Namespace, p.Name, p.Version} {
				a.said[piece] = struct{}{}
			}
		}
	}
}

// pieces takes a text apart that one format composes of what another has in
// members of their own.
func pieces(member, text string) []string {
	switch member {
	case "creators", "supplier", "originator", "annotator", "author":
		for _, kind := range []string{"Person: ", "Organization: "} {
			if rest, ok := strings.CutPrefix(text, kind); ok {
				name, email, _ := strings.Cut(strings.TrimSuffix(rest, ")"), " (")
				return []string{name, email}
			}
		}
		if rest, ok := strings.CutPrefix(text, "Tool: "); ok {
			if i := strings.LastIndexByte(rest, '-'); i > 0 {
				return []string{rest[:i], rest[i+1:]}
			}
			return []string{rest}
		}
	case "licenseDeclared", "licenseConcluded", "expression", "licenseInfoInFiles", "licenseInfoFromFiles", "simplelicensing_licenseExpression":
		return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '(' || r == ')' })
	}
	return []string{text}
}

// silent returns how many texts are in v, how many of them nothing says, and the
// pointers of these: of a whole object or list where it has more than one and
// none of them is said.
func (a *audit) silent(v any, pointer, member string) (all, lost int, pointers []string) {
	if a.named[pointer] || structural[member] && !nested(v) {
		return 0, 0, nil
	}
	add := func(e any, token, name string) {
		n, l, p := a.silent(e, pointer+"/"+token, name)
		all, lost, pointers = all+n, lost+l, append(pointers, p...)
	}
	switch x := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			add(x[name], jsonPointerToken(name), name)
		}
	case []any:
		for i, e := range x {
			add(e, strconv.Itoa(i), member)
		}
	case string:
		if a.holds(member, x) {
			return 1, 0, nil
		}
		return 1, 1, []string{pointer}
	}
	if lost > 1 && lost == all && pointer != "" {
		pointers = []string{pointer}
	}
	return all, lost, pointers
}

// nested reports whether a value holds others: "type" of an element may.
func nested(v any) bool {
	_, object := v.(map[string]any)
	return object
}

// holds reports whether the result says a text, or whether there is nothing to say.
func (a *audit) holds(member, text string) bool {
	switch text {
	case "", spdxexpr.NoAssertion, spdxexpr.None:
		return true
	}
	if strings.HasPrefix(text, "https://spdx.org/rdf/3.") { // a word of the vocabulary
		return true
	}
	if _, ok := a.said[text]; ok {
		return true
	}
	if plain, err := url.PathUnescape(text); err == nil && plain != text {
		if _, ok := a.said[plain]; ok {
			return true
		}
	}
	for _, piece := range pieces(member, text) {
		if piece == "" || piece == "AND" || piece == "OR" || piece == "WITH" || piece == spdxexpr.NoAssertion || piece == spdxexpr.None {
			continue
		}
		if _, ok := a.said[piece]; !ok {
			return false
		}
	}
	return !slices.Equal(pieces(member, text), []string{text})
}
