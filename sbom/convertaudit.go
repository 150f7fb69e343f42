// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// audit names what a conversion lost and nothing named yet: every text, number and
// truth value of a component, or of the document, that the same component of the
// result, or the document, does not state. The report of losses is complete by this,
// whatever member a format has that the conversion does not know.
//
// Identifiers, references between elements, and words that each format has its
// own of, are rewritten; edges reports what becomes of relationships.
// NOASSERTION and NONE have no counterpart in CycloneDX but silence.
type audit struct {
	source   any                // the source in its JSON form
	elements map[string]element // of the source, by their identifier in the result
	said     map[string]words   // of the elements of the result, by the same; of the rest of the document under ""
	ids      map[string]string  // of the result, by identifiers of the source
	named    map[string]bool    // pointers of losses
	at       []byte             // pointer of the value that silent is at
	lost     []string           // pointers of what nothing says
}

// element is one of the source that the result has too.
type element struct {
	pointer string
	value   map[string]any
}

// words are what an element says.
type words map[string]struct{}

// structural are the members whose values are rewritten, or that say of a
// document which format it has.
var structural = func() map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(`$schema @context @id @type bomFormat specVersion spdxVersion serialNumber documentNamespace
		type alg algorithm bom-ref ref SPDXID spdxId dependsOn provides relationshipType spdxElementId relatedSpdxElement
		documentDescribes hasFiles packageFiles fileDependencies timestamp created creationInfo createdBy createdUsing from to element rootElement
		referenceCategory referenceType externalIdentifierType externalRefType profileConformance primaryPackagePurpose annotationType
		software_primaryPurpose software_additionalPurpose software_sbomType sbomType acknowledgement externalDocumentId
		licenseId subject subjects licenseIdentifier annotationDate scope`) {
		m[name] = true
	}
	return m
}()

// shared are the members of an element that stand elsewhere in the other family:
// annotations, and licence texts.
var shared = map[string]bool{"annotations": true, "licenses": true, "licenseDeclared": true, "licenseConcluded": true, "expressionDetails": true}

// audit compares the source with the text of the result, where it is of the other family.
func (c *converter) audit(result []byte) (*audit, error) {
	source, err := c.doc.inJSON()
	if err != nil {
		return nil, err
	}
	a := &audit{elements: map[string]element{}, said: map[string]words{"": {}}, ids: c.ids, named: map[string]bool{}}
	if err := decodeJSON(source, &a.source); err != nil {
		return nil, err
	}
	for i := range c.losses {
		c.losses[i].Pointer = a.existing(c.losses[i].Pointer)
	}
	if !c.crossed {
		return a, nil
	}
	var to any
	if err := decodeJSON(result, &to); err != nil {
		return nil, err
	}
	a.say(to, "", a.said[""])
	for _, l := range c.losses {
		if l.Reason != lossAssumed && l.Reason != lossChanged { // these take nothing away
			a.named[l.Pointer] = true
		}
	}
	a.silent(a.source, "", a.said[""])
	slices.Sort(a.lost)
	for _, pointer := range a.lost {
		c.lose(pointer, lossNoField, "%s has no place for it", c.target)
	}
	return a, nil
}

// existing returns the pointer, or that of the nearest value around it that the source has.
func (a *audit) existing(pointer string) string {
	v, end := a.source, 0
	for end < len(pointer) {
		token, next := pointer[end+1:], len(pointer)
		if i := strings.IndexByte(token, '/'); i >= 0 {
			token, next = token[:i], end+1+i
		}
		e, ok := member(v, pointerTokens.Replace(token))
		if !ok {
			if _, ok := member(v, "software_"+token); ok && next == len(pointer) { // SPDX 3
				return pointer[:end] + "/software_" + token
			}
			break
		}
		v, end = e, next
	}
	return pointer[:end]
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

// say takes in the texts of the result; those of an element are in too what the document says.
func (a *audit) say(v any, name string, said words) {
	switch x := v.(type) {
	case map[string]any:
		if id := elementName(x); id != "" {
			if a.said[id] == nil {
				a.said[id] = words{}
			}
			said = a.said[id]
		}
		for name, e := range x {
			a.say(e, name, said)
		}
	case []any:
		for _, e := range x {
			a.say(e, name, said)
		}
	default:
		text := scalar(v)
		all := a.said[""]
		said[text], all[text] = struct{}{}, struct{}{}
		for _, word := range pieces(name, text) {
			said[word], all[word] = struct{}{}, struct{}{}
		}
		if parts := strings.SplitN(text, " ", 3); name == "comment" && len(parts) == 3 {
			said[parts[2]] = struct{}{} // behind category and type of an SPDX reference
		}
		if _, digest, ok := strings.Cut(text, ":"); ok && name == "value" {
			said[digest] = struct{}{} // of an algorithm that is not one of CycloneDX
		}
		if !strings.HasPrefix(text, "pkg:") {
			return
		}
		if p, err := purl.Parse(text); err == nil {
			for _, piece := range []string{p.Namespace, p.Name, p.Version} {
				said[piece] = struct{}{}
			}
		}
	}
}

// elementName returns what an element is called in its document.
func elementName(x map[string]any) string {
	for _, name := range []string{"bom-ref", "SPDXID", "spdxId"} {
		if id, ok := x[name].(string); ok {
			return id
		}
	}
	return ""
}

// scalar returns a text, number or truth value as a text, and nothing for null.
func scalar(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
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
	return nil
}

// silent returns how many values are in v, and how many of them nothing says. It collects the
// pointers of these: of a whole object or list where it has more than one and
// none of them is said.
func (a *audit) silent(v any, name string, said words) (all, lost int) {
	if a.named[string(a.at)] || structural[name] && !nested(v) || string(a.at) == "/version" { // which the namespace of SPDX holds
		return 0, 0
	}
	before := len(a.lost)
	add := func(e any, name string, said words) {
		n, l := a.silent(e, name, said)
		all, lost = all+n, lost+l
	}
	end := len(a.at)
	switch x := v.(type) {
	case nil:
	case map[string]any:
		if id, ok := a.element(x); ok {
			a.elements[id] = element{string(a.at), x}
			said = a.said[id]
		}
		for name, e := range x {
			a.at = append(append(a.at[:end], '/'), jsonPointerToken(name)...)
			if shared[name] {
				add(e, name, a.said[""])
			} else {
				add(e, name, said)
			}
		}
	case []any:
		for i, e := range x {
			a.at = strconv.AppendInt(append(a.at[:end], '/'), int64(i), 10)
			add(e, name, said)
		}
	default:
		if a.holds(name, scalar(x), said) {
			return 1, 0
		}
		a.lost = append(a.lost, string(a.at))
		return 1, 1
	}
	a.at = a.at[:end]
	if lost > 1 && lost == all && end > 0 {
		a.lost = append(a.lost[:before], string(a.at))
	}
	return all, lost
}

// element returns what an element of the source is called in the result.
func (a *audit) element(x map[string]any) (id string, ok bool) {
	if id, ok = a.ids["#"+string(a.at)]; !ok { // one without a name of its own is called by where it stands
		if name := elementName(x); name != "" {
			id, ok = a.ids[name]
		}
	}
	return id, ok && a.said[id] != nil
}

// nested reports whether a value holds others: "type" of an element may.
func nested(v any) bool {
	_, object := v.(map[string]any)
	return object
}

// holds reports whether the result says a text, or whether there is nothing to say.
func (a *audit) holds(member, text string, said words) bool {
	switch text {
	case "", spdxexpr.NoAssertion, spdxexpr.None:
		return true
	}
	if strings.HasPrefix(text, "https://spdx.org/rdf/3.") { // a word of the vocabulary
		return true
	}
	has := func(s string) bool {
		_, ok := said[s]
		return ok
	}
	if has(text) {
		return true
	}
	if strings.Contains(text, "%") {
		if plain, err := url.PathUnescape(text); err == nil && has(plain) {
			return true
		}
	}
	parts := pieces(member, text)
	for _, word := range parts {
		switch word {
		case "", "AND", "OR", "WITH", spdxexpr.NoAssertion, spdxexpr.None:
			continue
		}
		if !has(word) && !strings.HasPrefix(word, "LicenseRef-") {
			return false
		}
	}
	return parts != nil
}
