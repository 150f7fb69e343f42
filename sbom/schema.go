// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/schema"
	"github.com/HailBytes/evidence/internal/textfmt"
)

//go:embed schemas/*.schema.json
var schemaFiles embed.FS

// schemaBase is where the schemas of CycloneDX refer to one another; the others
// are filed beside them.
const schemaBase = "http://cyclonedx.org/schema/"

// schemaSources returns the embedded schemas by identifier.
var schemaSources = sync.OnceValues(func() (map[string][]byte, error) {
	entries, err := schemaFiles.ReadDir("schemas")
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		text, err := schemaFiles.ReadFile(path.Join("schemas", e.Name()))
		if err != nil {
			return nil, err
		}
		files[schemaBase+e.Name()] = text
	}
	return files, nil
})

// officialSchema is a schema that is compiled when it is first needed.
type officialSchema struct {
	name string // of its file, without ".schema.json"
	get  func() (*schema.Schema, error)
}

func official(name string) *officialSchema {
	return &officialSchema{name, sync.OnceValues(func() (*schema.Schema, error) {
		files, err := schemaSources()
		if err != nil {
			return nil, err
		}
		return schema.Compile(schemaBase+name+".schema.json", files)
	})}
}

// officialSchemas by the version that a document declares. Versions 1.2 and 1.3
// of CycloneDX have a schema that lets unknown members pass and a strict one.
var officialSchemas = map[string]*officialSchema{
	"CycloneDX 1.2":        official("bom-1.2"),
	"CycloneDX 1.2 strict": official("bom-1.2-strict"),
	"CycloneDX 1.3":        official("bom-1.3"),
	"CycloneDX 1.3 strict": official("bom-1.3-strict"),
	"CycloneDX 1.4":        official("bom-1.4"),
	"CycloneDX 1.5":        official("bom-1.5"),
	"CycloneDX 1.6":        official("bom-1.6"),
	"CycloneDX 1.7":        official("bom-1.7"),
	"SPDX-2.2":             official("spdx-2.2.2"),
	"SPDX-2.2 Document":    official("spdx-2.2"), // the form of the first edition, in which "Document" holds all
	"SPDX-2.3":             official("spdx-2.3"),
}

// schemaFor returns the schema of a JSON format and the version that a document
// declares, nil if there is none.
func schemaFor(f Format, version string, wrapper string, strict bool) *officialSchema {
	switch f {
	case FormatSPDXJSON:
		if wrapper == "Document" && version == "SPDX-2.2" {
			return officialSchemas["SPDX-2.2 Document"]
		}
		return officialSchemas[version]
	case FormatCycloneDXJSON, FormatCycloneDXXML:
		key := "CycloneDX " + version
		if s := officialSchemas[key+" strict"]; s != nil && strict {
			return s
		}
		return officialSchemas[key]
	}
	return nil
}

const (
	spdx3File    = "spdx-3.0.1.schema.json"
	spdx3Context = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
)

// spdx3Classes returns the names of the classes that an element may have.
var spdx3Classes = sync.OnceValues(func() ([]string, error) {
	sources, err := schemaSources()
	if err != nil {
		return nil, err
	}
	var s struct {
		Defs struct {
			AnyClass struct {
				AnyOf []struct {
					Ref string `json:"$ref"`
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(sources[schemaBase+spdx3File], &s); err != nil {
		return nil, err
	}
	var names []string
	for _, class := range s.Defs.AnyClass.AnyOf {
		names = append(names, strings.TrimPrefix(class.Ref, "#/$defs/"))
	}
	return names, nil
})

// spdx3Element returns the schema of one element of @graph. The official schema
// tries some eighty classes on every element and, when none fits, cannot say
// what is wrong with the one that was meant. This one asks "type" first, and
// tries them all only where it names no class.
var spdx3Element = sync.OnceValues(func() (*schema.Schema, error) {
	classes, err := spdx3Classes()
	if err != nil {
		return nil, err
	}
	sources, err := schemaSources()
	if err != nil {
		return nil, err
	}
	var cases strings.Builder
	for _, name := range classes {
		fmt.Fprintf(&cases, `{"if": {"required": ["type"], "properties": {"type": {"const": %q}}}, "then": {"$ref": "%s#/$defs/%[1]s"}},`,
			name, schemaBase+spdx3File)
	}
	names, err := json.Marshal(classes)
	if err != nil {
		return nil, err
	}
	id := schemaBase + "spdx-3.0.1-element.schema.json"
	text := fmt.Sprintf(`{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "unevaluatedProperties": false,
		"allOf": [%s {"if": {"not": {"required": ["type"], "properties": {"type": {"enum": %s}}}}, "then": {"$ref": "%s#/$defs/AnyClass"}}]}`,
		&cases, names, schemaBase+spdx3File)
	return schema.Compile(id, map[string][]byte{id: []byte(text), schemaBase + spdx3File: sources[schemaBase+spdx3File]})
})

// validateSPDX3 holds a document with a @graph against the schema. A document that
// is one element, without @graph, is held against the official schema whole.
func validateSPDX3(data []byte, lim evidence.Limits) (evidence.Problems, error) {
	element, err := spdx3Element()
	if err != nil {
		return nil, err
	}
	d := jsonstrict.NewBytes(data, jsonstrict.Options{Limits: lim})
	var problems evidence.Problems
	context, graph := false, false
	for d.Object(); d.Next(); {
		switch name := string(d.Key()); {
		case name == "@context":
			context = true
			if d.Kind() != jsonstrict.String || string(d.Bytes()) != spdx3Context {
				problems = append(problems, d.Problem("schema.const", evidence.SeverityError, evidence.ErrFormat, "@context is not %q", spdx3Context))
			}
		case name == "@graph" && d.Kind() == jsonstrict.Array:
			graph = true
			for d.Array(); d.Next(); {
				if len(problems) >= schema.MaxProblems {
					continue
				}
				found, err := validateElement(element, d, lim)
				if err != nil {
					return nil, err
				}
				problems = append(problems, found...)
			}
		default:
			problems = append(problems, d.Problem("schema.additional-properties", evidence.SeverityError, evidence.ErrFormat,
				"property %s is not defined here", textfmt.Quote(name)))
		}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	if !graph {
		whole, err := official3()
		if err != nil {
			return nil, err
		}
		return whole.Validate(data, lim)
	}
	if !context {
		problems = append(problems, &evidence.Problem{
			Code: "schema.required", Severity: evidence.SeverityError, Line: 1, Column: 1, Message: "missing property '@context'", Err: evidence.ErrFormat,
		})
	}
	return problems, nil
}

var official3 = sync.OnceValues(func() (*schema.Schema, error) {
	return official(strings.TrimSuffix(spdx3File, ".schema.json")).get()
})

// validateElement judges the next value of d.
func validateElement(element *schema.Schema, d *jsonstrict.Decoder, lim evidence.Limits) (evidence.Problems, error) {
	at, pointer := d.Pos(), d.Pointer()
	problems, err := element.Validate(d.Raw(), lim)
	problems = evaluated(problems)
	shift(problems, pointer, at)
	return problems, err
}

// shift moves problems of a value to the text that the value stands in.
func shift(problems evidence.Problems, pointer string, at jsonstrict.Pos) {
	for _, p := range problems {
		p.Pointer = pointer + p.Pointer
		p.Offset += at.Offset
		if p.Line == 1 {
			p.Column += at.Column - 1
		}
		p.Line += at.Line - 1
	}
}

// validateAnswer judges the document that stands in the member "sbom" of data.
func validateAnswer(s *schema.Schema, data []byte, lim evidence.Limits) (evidence.Problems, error) {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{Limits: lim})
	var problems evidence.Problems
	for d.Object(); d.Next(); {
		if string(d.Key()) != "sbom" {
			d.Skip()
			continue
		}
		at, pointer := d.Pos(), d.Pointer()
		found, err := s.Validate(d.Raw(), lim)
		if err != nil {
			return nil, err
		}
		shift(found, pointer, at)
		problems = append(problems, found...)
	}
	return problems, d.End()
}

// evaluated makes sense of what unevaluatedProperties gives: a false schema for
// every member that the class does not know, and for all of its members once one
// of them is wrong. The latter say nothing.
func evaluated(problems evidence.Problems) evidence.Problems {
	unknown := func(p *evidence.Problem) bool { return p.Code == "schema.false" }
	if slices.ContainsFunc(problems, func(p *evidence.Problem) bool { return !unknown(p) }) {
		return slices.DeleteFunc(problems, unknown)
	}
	for _, p := range problems {
		p.Code = "schema.additional-properties"
		p.Message = "the class has no property " + textfmt.Quote(p.Pointer[strings.LastIndexByte(p.Pointer, '/')+1:])
	}
	return problems
}
