// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"fmt"
	"slices"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sbom"
)

// ToSPDX returns doc as the SPDX 2.3 type of tools-golang, and what is not in it
// as it was in doc: nothing for SPDX 2.3, but for members that the library's
// types do not have.
//
// The error is that of sbom.Convert, or of class sbom.ErrFormat where the library
// cannot hold the document.
func ToSPDX(doc *sbom.Document) (*v2_3.Document, []sbom.Loss, error) {
	data, losses, err := encode(doc, sbom.TargetSPDX23)
	if err != nil {
		return nil, losses, err
	}
	out, err := readSPDX(data)
	if err == nil {
		err = restorePeople(out, data)
	}
	return out, losses, err
}

// readSPDX is the library's reader, whose panics on documents that it does not
// expect are errors here.
func readSPDX(data []byte) (out *v2_3.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("tools-golang cannot hold the document: %v: %w", p, evidence.ErrFormat)
		}
	}()
	out = &v2_3.Document{}
	if err := spdxjson.ReadInto(bytes.NewReader(data), out); err != nil {
		return nil, fmt.Errorf("tools-golang cannot hold the document: %v: %w", err, evidence.ErrFormat)
	}
	return out, nil
}

// FromSPDX reads a document in the SPDX 2.3 type of tools-golang, as sbom.Read
// reads its JSON. What the library's tag-value reader leaves inside packages and
// files (files, snippets, annotations), and its JSON writer puts where no reader
// looks or leaves out, is put where SPDX 2.3 JSON has it.
//
// Not read are Document.Reviews, which SPDX 2.3 has no longer, and the attribution texts of snippets.
func FromSPDX(doc *v2_3.Document, o *sbom.ReadOptions) (*sbom.Document, error) {
	if doc == nil {
		return nil, fmt.Errorf("no document: %w", evidence.ErrFormat)
	}
	var data bytes.Buffer
	if err := writeSPDX(flatten(doc), &data); err != nil {
		return nil, err
	}
	return sbom.Read(&data, o)
}

func writeSPDX(doc *v2_3.Document, data *bytes.Buffer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("tools-golang cannot write the document: %v: %w", p, evidence.ErrFormat)
		}
	}()
	if err := spdxjson.Write(doc, data); err != nil {
		return fmt.Errorf("tools-golang cannot write the document: %v: %w", err, evidence.ErrFormat)
	}
	return nil
}

// ToCycloneDX returns doc as the BOM type of cyclonedx-go in version 1.6, and what
// is not in it as it was in doc. A CycloneDX document of another version is
// converted too, which loses nothing that 1.6 has a place for.
//
// The error is that of sbom.Convert, or of class sbom.ErrFormat where the library
// cannot hold the document.
func ToCycloneDX(doc *sbom.Document) (*cyclonedx.BOM, []sbom.Loss, error) {
	data, losses, err := encode(doc, sbom.TargetCycloneDX16)
	if err != nil {
		return nil, losses, err
	}
	bom := &cyclonedx.BOM{}
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(data), cyclonedx.BOMFileFormatJSON).Decode(bom); err != nil {
		return nil, losses, fmt.Errorf("cyclonedx-go cannot hold the document: %v: %w", err, evidence.ErrFormat)
	}
	return bom, losses, nil
}

// FromCycloneDX reads a document in the BOM type of cyclonedx-go, as sbom.Read
// reads its JSON, or its XML before version 1.2, which has no JSON. A BOM without
// a spec version, as a literal has, is taken for the newest that the library knows.
func FromCycloneDX(bom *cyclonedx.BOM, o *sbom.ReadOptions) (*sbom.Document, error) {
	if bom == nil {
		return nil, fmt.Errorf("no document: %w", evidence.ErrFormat)
	}
	copied := withoutEmptyTools(*bom)
	if copied.BOMFormat == "" {
		copied.BOMFormat = cyclonedx.BOMFormat
	}
	if copied.SpecVersion == 0 {
		copied.SpecVersion = cyclonedx.SpecVersion1_7
	}
	encoding := cyclonedx.BOMFileFormatJSON
	if copied.SpecVersion < cyclonedx.SpecVersion1_2 {
		encoding = cyclonedx.BOMFileFormatXML
		copied.XMLNS = "http://cyclonedx.org/schema/bom/" + copied.SpecVersion.String()
	}
	// Not EncodeVersion: it copies by way of encoding/gob, which drops what points
	// at false, at zero or at an empty list.
	var data bytes.Buffer
	if err := cyclonedx.NewBOMEncoder(&data, encoding).Encode(&copied); err != nil {
		return nil, fmt.Errorf("cyclonedx-go cannot write the document: %v: %w", err, evidence.ErrFormat)
	}
	return sbom.Read(&data, o)
}

// withoutEmptyTools returns a BOM without lists of tools that hold nothing: the library
// reads them from "tools": {}, and cannot write them.
func withoutEmptyTools(bom cyclonedx.BOM) cyclonedx.BOM {
	empty := func(t *cyclonedx.ToolsChoice) bool {
		return t != nil && t.Tools == nil && t.Components == nil && t.Services == nil
	}
	if m := bom.Metadata; m != nil && empty(m.Tools) {
		copied := *m
		copied.Tools = nil
		bom.Metadata = &copied
	}
	if v := bom.Vulnerabilities; v != nil && slices.ContainsFunc(*v, func(v cyclonedx.Vulnerability) bool { return empty(v.Tools) }) {
		copied := slices.Clone(*v)
		for i := range copied {
			if empty(copied[i].Tools) {
				copied[i].Tools = nil
			}
		}
		bom.Vulnerabilities = &copied
	}
	return bom
}

// encode returns doc as JSON of the target.
func encode(doc *sbom.Document, target sbom.Target) ([]byte, []sbom.Loss, error) {
	converted, losses, err := sbom.Convert(doc, target)
	if err != nil {
		return nil, losses, err
	}
	var data bytes.Buffer
	if err := converted.Write(&data); err != nil {
		return nil, losses, err
	}
	return data.Bytes(), losses, nil
}
