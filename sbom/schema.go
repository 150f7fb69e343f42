// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"embed"
	"path"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/schema"
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
	"SPDX 3":               official("spdx-3.0.1"),
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
	case FormatSPDX3JSON:
		return officialSchemas["SPDX 3"]
	case FormatCycloneDXJSON, FormatCycloneDXXML:
		key := "CycloneDX " + version
		if s := officialSchemas[key+" strict"]; s != nil && strict {
			return s
		}
		return officialSchemas[key]
	}
	return nil
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
