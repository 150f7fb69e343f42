// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/schema"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// A CycloneDX XML document is held against the JSON Schema of its version by way of its
// JSON form, and against the rules of the XSD that the JSON Schema does not have:
//
//   - an element or attribute of CycloneDX stands where the format has it, once
//     unless it repeats, and in the order of the XSD;
//   - numbers are decimals or integers as XML Schema writes them;
//   - no two elements have the same bom-ref (xs:unique, from 1.1 on);
//   - licences are either licences or one expression, not both (a choice, up to 1.6).
//
// In strings, line feeds, carriage returns and tabs count as spaces.
//
// Six rules of the JSON Schemas are not those of the XSDs and are left out: that
// elements of a list differ; the document's version, which is 1 where it is not told; the signature of a signatory, which in
// XML is an element of another namespace; in 1.2, a single email address,
// telephone number, supplier and manufacturer; that a time has a zone; and the form
// of an email address. A reference is an xs:anyURI.
//
// Where elements of other namespaces stand is not looked at, and neither are the
// facets of a string that only the XSDs have.
func (v *validator) xmlSchema(version string) (evidence.Problems, error) {
	form := v.form
	s, version, err := v.xmlSchemaFor(version)
	if s == nil || err != nil {
		return nil, err
	}
	text := withoutRests(form.data)
	text = bytes.Replace(text, []byte(`"specVersion":"`+v.result.SpecVersion+`"`), []byte(`"specVersion":"`+version+`"`), 1)
	lim := form.limits(v.lim)
	problems, err := s.Validate(withSpaces(text), lim)
	if err != nil {
		return nil, form.relocate(err)
	}
	var kept evidence.Problems
	for _, p := range problems {
		if !onlyJSON(p) && !isXSDTime(text, p) && !isAnyURI(text, p) {
			kept = append(kept, form.relocate(p).(*evidence.Problem))
		}
	}
	for _, p := range form.problems {
		if !repeatsInXSD(v.result.SpecVersion, p) {
			q := *p
			q.Severity = evidence.SeverityError
			kept = append(kept, &q)
		}
	}
	x := &xmlRules{d: jsonstrict.NewBytes(text, jsonstrict.Options{Limits: lim}), form: form, refs: map[string]bool{}, choice: beforeMinor(v.result.SpecVersion, 5)}
	x.value()
	kept = append(kept, x.problems...)
	kept.Sort()
	return kept, x.d.End()
}

// xmlSchemaFor returns the JSON Schema for an XML document and the version that
// it is for; nil if there is none.
func (v *validator) xmlSchemaFor(version string) (*schema.Schema, string, error) {
	if restricted := xmlRestrictions[version]; restricted != nil {
		s, err := restricted()
		v.result.Schema = "bom-1.2, restricted to " + version
		return s, "1.2", err
	}
	official := schemaFor(FormatCycloneDXXML, version, "", !v.o.UnsafeMembers)
	if official == nil {
		return nil, "", nil
	}
	v.result.Schema = official.name
	s, err := official.get()
	return s, version, err
}

// onlyJSON reports whether a problem is one by the JSON Schema alone.
func onlyJSON(p *evidence.Problem) bool {
	return p.Code == "schema.unique-items" ||
		p.Code == "schema.required" && p.Pointer == "" && p.Message == `missing property "version"` ||
		p.Code == "schema.format" && strings.Contains(p.Message, "idn-email") ||
		p.Code == "schema.one-of" && strings.HasPrefix(p.Pointer, "/declarations/affirmation/signatories/")
}

// isXSDTime reports whether a problem is about a time that JSON Schema does not
// know and XML Schema does: one without a zone, or 24:00:00 (XML Schema 1.0 part 2 §3.2.7).
func isXSDTime(text []byte, p *evidence.Problem) bool {
	if p.Code != "schema.format" || !strings.Contains(p.Message, "date-time") || p.Offset >= int64(len(text)) {
		return false
	}
	s := jsonstrict.NewBytes(text[p.Offset:], jsonstrict.Options{}).String()
	zone := len(s)
	if i := strings.IndexByte(s, 'T'); i >= 0 {
		if j := strings.IndexAny(s[i:], "Z+-"); j >= 0 {
			zone = i + j
		}
	}
	local, zoned := s[:zone], s[zone:]
	if midnight, ok := strings.CutSuffix(local, "T24:00:00"); ok {
		local = midnight + "T00:00:00"
	}
	if zoned == "" {
		zoned = "Z"
	}
	_, err := time.Parse(time.RFC3339Nano, local+zoned)
	return err == nil
}

// isAnyURI reports whether a problem is about a reference that is an xs:anyURI: what
// an IRI does not hold as it is counts as percent-encoded (XML Schema 1.0 part 2 §3.2.17).
func isAnyURI(text []byte, p *evidence.Problem) bool {
	if p.Code != "schema.format" && p.Code != "schema.any-of" || !strings.Contains(p.Message, "iri-reference") || p.Offset >= int64(len(text)) {
		return false
	}
	s := jsonstrict.NewBytes(text[p.Offset:], jsonstrict.Options{}).String()
	escaped := strings.Map(func(r rune) rune {
		if r <= ' ' || strings.ContainsRune("<>\"{}|\\^`", r) {
			return '_'
		}
		return r
	}, s)
	return schema.CheckIRIReference(escaped) == nil
}

// repeatsInXSD reports whether a problem is about an element that the XSD of the
// version lets repeat and JSON does not.
func repeatsInXSD(version string, p *evidence.Problem) bool {
	if version != "1.2" {
		return false
	}
	for _, name := range []string{"email", "phone", "supplier", "manufacture"} {
		if strings.Contains(p.Message, " "+textfmt.Quote(name)+" ") {
			return true
		}
	}
	return false
}

// xmlRestrictions are what 1.0 and 1.1, which have no JSON Schema, lack of 1.2.
var xmlRestrictions = map[string]func() (*schema.Schema, error){
	"1.0": restriction("1.0", `["bomFormat", "specVersion", "version", "components"]`,
		`["type", "publisher", "group", "name", "version", "description", "scope", "hashes", "licenses", "copyright", "cpe", "purl", "modified", "components"]`,
		`["application", "framework", "library", "operating-system", "device"]`, `["required", "optional"]`, `["modified"]`, `["license"]`),
	"1.1": restriction("1.1", `["bomFormat", "specVersion", "version", "components", "serialNumber", "externalReferences"]`,
		`["type", "bom-ref", "publisher", "group", "name", "version", "description", "scope", "hashes", "licenses", "copyright", "cpe", "purl", "modified", "pedigree", "externalReferences", "components"]`,
		`["application", "framework", "library", "operating-system", "device", "file"]`, `["required", "optional", "excluded"]`, `[]`, `["license", "expression"]`),
}

// restriction makes the JSON Schema of an early version: 1.2 with fewer members
// and values.
func restriction(version, document, component, types, scopes, required, licenses string) func() (*schema.Schema, error) {
	return sync.OnceValues(func() (*schema.Schema, error) {
		sources, err := schemaSources()
		if err != nil {
			return nil, err
		}
		id := schemaBase + "xml-" + version + ".schema.json"
		files := map[string][]byte{id: fmt.Appendf(nil, `{
			"$schema": "http://json-schema.org/draft-07/schema#",
			"allOf": [{"$ref": "%sbom-1.2.schema.json"}, {
				"propertyNames": {"enum": %s},
				"required": ["components"],
				"properties": {"components": {"items": {"$ref": "#/definitions/component"}}}
			}],
			"definitions": {"component": {
				"propertyNames": {"enum": %s},
				"required": %s,
				"properties": {
					"type": {"enum": %s},
					"scope": {"enum": %s},
					"licenses": {"items": {"propertyNames": {"enum": %s}}},
					"hashes": {"items": {"properties": {"alg": {"enum": ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-512"]}}}},
					"components": {"items": {"$ref": "#/definitions/component"}}
				}
			}}
		}`, schemaBase, document, component, required, types, scopes, licenses)}
		for name, text := range sources {
			files[name] = text
		}
		return schema.Compile(id, files)
	})
}

// xmlRules walks the JSON form for the rules of the XSD.
type xmlRules struct {
	d        *jsonstrict.Decoder
	form     *jsonForm
	refs     map[string]bool
	choice   bool // licences or one expression; from 1.5 on the JSON Schema says so
	problems evidence.Problems
}

func (x *xmlRules) report(p *evidence.Problem) {
	if len(x.problems) < mostAlike {
		x.problems = append(x.problems, x.form.relocate(p).(*evidence.Problem))
	}
}

// value looks at the next value. Nesting is bounded by the Decoder.
func (x *xmlRules) value() {
	d := x.d
	switch d.Kind() {
	case jsonstrict.Object:
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "bom-ref":
				x.ref()
			case "licenses":
				x.licenses()
			default:
				x.value()
			}
		}
	case jsonstrict.Array:
		for d.Array(); d.Next(); {
			x.value()
		}
	default:
		d.Skip()
	}
}

func (x *xmlRules) ref() {
	if x.d.Kind() != jsonstrict.String {
		x.value()
		return
	}
	ref := x.d.String()
	if x.refs[ref] {
		x.report(x.d.Problem("schema.unique", evidence.SeverityError, evidence.ErrFormat, "bom-ref %s is used more than once", textfmt.Quote(ref)))
	}
	x.refs[ref] = true
}

// licenses looks at a list of choices, each a licence or an expression.
func (x *xmlRules) licenses() {
	d := x.d
	if d.Kind() != jsonstrict.Array {
		x.value()
		return
	}
	count, expressions := 0, 0
	for d.Array(); d.Next(); count++ {
		if d.Kind() != jsonstrict.Object {
			x.value()
			continue
		}
		at := d.Problem("schema.choice", evidence.SeverityError, evidence.ErrFormat, "an expression stands beside other licences")
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "bom-ref":
				x.ref()
			case "expression":
				expressions++
				if x.choice && count > 0 {
					x.report(at)
				}
				x.value()
			default:
				if x.choice && expressions > 0 && string(d.Key()) == "license" {
					x.report(at)
				}
				x.value()
			}
		}
	}
}

// withoutRests returns a copy of the JSON form of an XML document in which the
// members that JSON has no place for are blank, so that every offset stays.
func withoutRests(form []byte) []byte {
	out := bytes.Clone(form)
	var objects []bool // open brackets: true for an object
	key := false       // a name comes next
	for i := 0; i < len(out); i++ {
		switch c := out[i]; c {
		case '{', '[':
			objects = append(objects, c == '{')
			key = c == '{'
		case '}', ']':
			objects = objects[:len(objects)-1]
			key = false
		case ',':
			key = len(objects) > 0 && objects[len(objects)-1]
		case '"':
			end := stringEnd(out, i)
			if !key || out[i+1] != '<' {
				key = false
				i = end - 1
				continue
			}
			i = blankMember(out, i, end)
		}
	}
	return out
}

// withSpaces returns a copy of JSON text in which line feeds, carriage returns and
// tabs in strings are spaces, as XML Schema wants it before a normalizedString is
// judged (XML Schema 1.0 part 2 §4.3.6). Every offset stays.
func withSpaces(text []byte) []byte {
	out := bytes.Clone(text)
	for i := 0; i+1 < len(out); i++ {
		if out[i] != '\\' {
			continue
		}
		switch out[i+1] {
		case 'n', 'r', 't':
			out[i], out[i+1] = ' ', ' '
		}
		i++
	}
	return out
}

// stringEnd returns the offset behind the string that begins at i.
func stringEnd(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// blankMember blanks the member whose name begins at start and ends at end, with
// the comma before it or else behind it; its value is a string. It returns the
// offset of the last byte that was blanked.
func blankMember(text []byte, start, end int) int {
	for text[end] != '"' {
		end++
	}
	end = stringEnd(text, end)
	before := start - 1
	for text[before] == ' ' {
		before--
	}
	if text[before] == ',' {
		start = before
	} else if text[end] == ',' {
		end++
	}
	for i := start; i < end; i++ {
		text[i] = ' '
	}
	return end - 1
}
