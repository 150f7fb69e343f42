// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"errors"
	"testing"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sbom"
)

// TestHostile: what makes tools-golang panic is an error here.
func TestHostile(t *testing.T) {
	if _, err := readSPDX([]byte(`{"spdxVersion":"SPDX-2.3","packages":[null]}`)); !errors.Is(err, evidence.ErrFormat) {
		t.Errorf("a null package: got %v", err)
	}
	if doc, err := readSPDX([]byte(`{"spdxVersion":"SPDX-2.3","packages":[{"name":"a","SPDXID":"SPDXRef-a"}]}`)); err != nil || len(doc.Packages) != 1 {
		t.Errorf("its near neighbour: %v", err)
	}
	if _, err := FromSPDX(nil, nil); !errors.Is(err, evidence.ErrFormat) {
		t.Errorf("no SPDX document: got %v", err)
	}
	if _, err := FromCycloneDX(nil, nil); !errors.Is(err, evidence.ErrFormat) {
		t.Errorf("no BOM: got %v", err)
	}
	if _, err := FromSPDX(&v2_3.Document{Packages: []*v2_3.Package{nil}}, nil); err == nil {
		t.Error("a nil package was read")
	}
}

// TestFromCycloneDXVersions: each version is read as what it is, in the encoding that it has.
func TestFromCycloneDXVersions(t *testing.T) {
	for version := cyclonedx.SpecVersion1_0; version <= cyclonedx.SpecVersion1_7; version++ {
		bom := cyclonedx.NewBOM()
		bom.SpecVersion = version
		bom.Components = &[]cyclonedx.Component{{
			Type: cyclonedx.ComponentTypeLibrary, Name: "zlib", Version: "1.3.1", Modified: cyclonedx.Bool(false),
		}}
		doc, err := FromCycloneDX(bom, nil)
		if err != nil {
			t.Errorf("%s: %v", version, err)
			continue
		}
		if doc.SpecVersion != version.String() || doc.Format == sbom.FormatCycloneDXXML != (version < cyclonedx.SpecVersion1_2) {
			t.Errorf("%s: read as %s %s", version, doc.Format, doc.SpecVersion)
		}
		// What is false is not what is left out.
		if d := doc.Components[0].Detail; len(doc.Components) != 1 || d == nil || d.Modified == nil || *d.Modified {
			t.Errorf("%s: components %+v", version, doc.Components)
		}
	}
	doc, err := FromCycloneDX(&cyclonedx.BOM{Version: 1}, nil)
	if err != nil || doc.SpecVersion != "1.7" {
		t.Errorf("a BOM without a version: %v, %v", doc, err)
	}
}

// TestEmptyTools: the library reads an empty object of tools, and cannot write it.
func TestEmptyTools(t *testing.T) {
	bom, err := peerReadCycloneDX([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{"tools":{},"timestamp":"2026-01-02T03:04:05Z"},
	  "vulnerabilities":[{"id":"CVE-1","tools":{}},{"id":"CVE-2","tools":{"components":[{"type":"application","name":"grype"}]}}]}`), sbom.FormatCycloneDXJSON)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := FromCycloneDX(bom, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Vulnerabilities) != 2 || doc.Created.IsZero() {
		t.Errorf("vulnerabilities %+v, created %v", doc.Vulnerabilities, doc.Created)
	}
	if doc.Vulnerabilities[1].Extras.Get("tools") == nil {
		t.Error("the tools of the second are gone")
	}
	if (*bom.Vulnerabilities)[0].Tools == nil || bom.Metadata.Tools == nil {
		t.Error("the library's document was changed")
	}
}

// TestToSPDXPeople: names with what JSON escapes are themselves in the library's types.
func TestToSPDXPeople(t *testing.T) {
	const text = `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","dataLicense":"CC0-1.0","name":"a","documentNamespace":"https://example.com/a",
	  "creationInfo":{"created":"2026-01-02T03:04:05Z","creators":["Person: \"Jane\" \\ \u003cjane\u003e","Tool: x-1.0"]},
	  "annotations":[{"annotator":"Person: J \"D\"","annotationDate":"2026-01-02T03:04:05Z","annotationType":"OTHER","comment":"c"}],
	  "packages":[
	    {"SPDXID":"SPDXRef-a","name":"a","downloadLocation":"NOASSERTION","supplier":"Organization: The \"A\"","originator":"NOASSERTION",
	     "annotations":[{"annotator":"Tool: \\t","annotationDate":"2026-01-02T03:04:05Z","annotationType":"OTHER","comment":"c"}]},
	    {"SPDXID":"SPDXRef-b","name":"b","downloadLocation":"NOASSERTION","originator":"Person: \"B\" (b@example.com)"}]}`
	doc, err := sbom.Read(bytes.NewReader([]byte(text)), nil)
	if err != nil {
		t.Fatal(err)
	}
	spdx, losses, err := ToSPDX(doc)
	if err != nil || len(losses) > 0 {
		t.Fatal(losses, err)
	}
	a, b := spdx.Packages[0], spdx.Packages[1]
	for _, c := range [][2]string{
		{spdx.CreationInfo.Creators[0].Creator, `"Jane" \ <jane>`},
		{spdx.CreationInfo.Creators[1].CreatorType, "Tool"},
		{spdx.Annotations[0].Annotator.Annotator, `J "D"`},
		{a.PackageSupplier.Supplier, `The "A"`},
		{a.PackageSupplier.SupplierType, "Organization"},
		{a.PackageOriginator.Originator, "NOASSERTION"},
		{a.PackageOriginator.OriginatorType, ""},
		{a.Annotations[0].Annotator.Annotator, `\t`},
		{b.PackageOriginator.Originator, `"B" (b@example.com)`},
		{b.PackageOriginator.OriginatorType, "Person"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
	if b.PackageSupplier != nil {
		t.Errorf("a supplier that nobody names: %+v", b.PackageSupplier)
	}
	back, err := FromSPDX(spdx, nil)
	if err != nil || back.Components[0].Supplier.Name.String() != `The "A"` {
		t.Errorf("and back: %+v, %v", back, err)
	}
}
