// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// hostileShapes returns documents of about size bytes that are made of the least
// that an element can be.
func hostileShapes(size int) map[string]string {
	many := func(s string) string { return strings.Repeat(s+",", size/(len(s)+1)) + s }
	cdx := func(body string) string {
		return `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,` + body + `}`
	}
	spdx := func(body string) string { return `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT",` + body + `}` }
	spdx3 := func(element string) string {
		return `{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"SpdxDocument","spdxId":"d","creationInfo":{"specVersion":"3.0.1"}},` + many(element) + `]}`
	}
	xml := func(list, element string) string {
		return `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><` + list + `>` + strings.Repeat(element, size/len(element)) + `</` + list + `></bom>`
	}
	deep := `{"components":[`
	shapes := map[string]string{
		"components {}":              cdx(`"components":[` + many(`{}`) + `]`),
		"components name":            cdx(`"components":[` + many(`{"name":"a"}`) + `]`),
		"components hashes []":       cdx(`"components":[` + many(`{"hashes":[]}`) + `]`),
		"components licenses []":     cdx(`"components":[` + many(`{"licenses":[]}`) + `]`),
		"components licenses [{}]":   cdx(`"components":[` + many(`{"licenses":[{}]}`) + `]`),
		"components extra":           cdx(`"components":[` + many(`{"x":1}`) + `]`),
		"components null":            cdx(`"components":[` + many(`{"name":null,"version":null,"group":null}`) + `]`),
		"components deep":            cdx(`"components":[` + many(strings.Repeat(deep, 80)+strings.Repeat("]}", 80)) + `]`),
		"components pedigree":        cdx(`"components":[` + many(`{"pedigree":{}}`) + `]`),
		"components swid":            cdx(`"components":[` + many(`{"swid":{}}`) + `]`),
		"components evidence":        cdx(`"components":[` + many(`{"evidence":{}}`) + `]`),
		"components supplier":        cdx(`"components":[` + many(`{"supplier":{}}`) + `]`),
		"component ancestors":        cdx(`"components":[{"pedigree":{"ancestors":[` + many(`{}`) + `]}}]`),
		"component commits":          cdx(`"components":[{"pedigree":{"commits":[` + many(`{}`) + `]}}]`),
		"component hashes":           cdx(`"components":[{"hashes":[` + many(`{}`) + `]}]`),
		"component licenses":         cdx(`"components":[{"licenses":[` + many(`{}`) + `]}]`),
		"component licenses bom-ref": cdx(`"components":[{"licenses":[` + many(`{"bom-ref":""}`) + `]}]`),
		"component references":       cdx(`"components":[{"externalReferences":[` + many(`{}`) + `]}]`),
		"component properties":       cdx(`"components":[{"properties":[` + many(`{}`) + `]}]`),
		"component tags":             cdx(`"components":[{"tags":[` + many(`""`) + `]}]`),
		"component authors":          cdx(`"components":[{"authors":[` + many(`{}`) + `]}]`),
		"component omnibor":          cdx(`"components":[{"omniborId":[` + many(`""`) + `]}]`),
		"component identity":         cdx(`"components":[{"evidence":{"identity":[` + many(`{}`) + `]}}]`),
		"component occurrences":      cdx(`"components":[{"evidence":{"occurrences":[` + many(`{}`) + `]}}]`),
		"references":                 cdx(`"externalReferences":[` + many(`{}`) + `]`),
		"properties":                 cdx(`"properties":[` + many(`{}`) + `]`),
		"services":                   cdx(`"services":[` + many(`{}`) + `]`),
		"dependencies":               cdx(`"dependencies":[` + many(`{}`) + `]`),
		"dependsOn":                  cdx(`"dependencies":[{"dependsOn":[` + many(`""`) + `]}]`),
		"dependsOn a":                cdx(`"dependencies":[{"ref":"a","dependsOn":[` + many(`"a"`) + `]}]`),
		"compositions":               cdx(`"compositions":[` + many(`{}`) + `]`),
		"vulnerabilities":            cdx(`"vulnerabilities":[` + many(`{}`) + `]`),
		"ratings":                    cdx(`"vulnerabilities":[{"ratings":[` + many(`{}`) + `]}]`),
		"affects":                    cdx(`"vulnerabilities":[{"affects":[` + many(`{}`) + `]}]`),
		"cwes":                       cdx(`"vulnerabilities":[{"cwes":[` + many(`1`) + `]}]`),
		"annotations":                cdx(`"annotations":[` + many(`{}`) + `]`),
		"tools":                      cdx(`"metadata":{"tools":[` + many(`{}`) + `]}`),
		"authors":                    cdx(`"metadata":{"authors":[` + many(`{}`) + `]}`),
		"lifecycles":                 cdx(`"metadata":{"lifecycles":[` + many(`{}`) + `]}`),
		"formulation":                cdx(`"formulation":[` + many(`{}`) + `]`),
		"members":                    cdx(members(size)),
		"spdx packages":              spdx(`"packages":[` + many(`{}`) + `]`),
		"spdx files":                 spdx(`"files":[` + many(`{}`) + `]`),
		"spdx snippets":              spdx(`"snippets":[` + many(`{}`) + `]`),
		"spdx ranges":                spdx(`"snippets":[{"ranges":[` + many(`{}`) + `]}]`),
		"spdx relationships":         spdx(`"relationships":[` + many(`{}`) + `]`),
		"spdx describes":             spdx(`"documentDescribes":[` + many(`""`) + `]`),
		"spdx hasFiles":              spdx(`"packages":[{"hasFiles":[` + many(`""`) + `]}]`),
		"spdx annotations":           spdx(`"annotations":[` + many(`{}`) + `]`),
		"spdx extracted":             spdx(`"hasExtractedLicensingInfos":[` + many(`{}`) + `]`),
		"spdx external":              spdx(`"externalDocumentRefs":[` + many(`{}`) + `]`),
		"spdx creators":              spdx(`"creationInfo":{"creators":[` + many(`""`) + `]}`),
		"spdx externalRefs":          spdx(`"packages":[{"externalRefs":[` + many(`{}`) + `]}]`),
		"spdx checksums":             spdx(`"packages":[{"checksums":[` + many(`{}`) + `]}]`),
		"spdx found licences":        spdx(`"packages":[{"licenseInfoFromFiles":[` + many(`""`) + `]}]`),
		"spdx suppliers":             spdx(`"packages":[` + many(`{"supplier":""}`) + `]`),
		"spdx times":                 spdx(`"packages":[` + many(`{"builtDate":""}`) + `]`),
		"spdx3 {}":                   spdx3(`{}`),
		"spdx3 packages":             spdx3(`{"type":"software_Package"}`),
		"spdx3 files":                spdx3(`{"type":"software_File"}`),
		"spdx3 snippets":             spdx3(`{"type":"software_Snippet"}`),
		"spdx3 relationships":        spdx3(`{"type":"Relationship"}`),
		"spdx3 agents":               spdx3(`{"type":"Agent"}`),
		"spdx3 boms":                 spdx3(`{"type":"Bom"}`),
		"spdx3 annotations":          spdx3(`{"type":"Annotation"}`),
		"spdx3 licenses":             spdx3(`{"type":"License"}`),
		"spdx3 to":                   spdx3(`{"type":"Relationship","to":[` + many(`""`) + `]}`),
		"xml components":             xml("components", `<component/>`),
		"xml foreign":                xml("components", `<a/>`),
		"xml text":                   xml("components", `<a/> `),
		"xml property":               xml("properties", `<property/>`),
		"xml attributes":             xml("components", `<a b=""/>`),
		"xml dependencies":           xml("dependencies", `<dependency/>`),
		"xml comments":               xml("components", `<!---->`),
		"tag packages":               "SPDXVersion: SPDX-2.3\n" + strings.Repeat("PackageName:\n", size/13),
		"tag files":                  "SPDXVersion: SPDX-2.3\n" + strings.Repeat("FileName:\n", size/10),
		"tag unknown":                "SPDXVersion: SPDX-2.3\n" + strings.Repeat("a:\n", size/3),
		"tag relationships":          "SPDXVersion: SPDX-2.3\n" + strings.Repeat("Relationship:\n", size/14),
		"tag creators":               "SPDXVersion: SPDX-2.3\n" + strings.Repeat("Creator:\n", size/9),
		"tag hashes":                 "SPDXVersion: SPDX-2.3\nPackageName: a\n" + strings.Repeat("PackageChecksum:\n", size/17),
		"tag annotators":             "SPDXVersion: SPDX-2.3\nPackageName: a\n" + strings.Repeat("Annotator:\n", size/11),
		"tag references":             "SPDXVersion: SPDX-2.3\nPackageName: a\n" + strings.Repeat("ExternalRef:\n", size/13),
	}
	return shapes
}

// members returns as many different members as fit in size bytes.
func members(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%x":1`, i)
	}
	return b.String()
}

// TestHostileMemory: whatever a document consists of, reading it allocates no more
// than 64 times its size and 32 MiB in all, or ends with ErrLimit and a place.
func TestHostileMemory(t *testing.T) {
	for name, text := range hostileShapes(512 << 10) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(strings.NewReader(text), nil)
		runtime.ReadMemStats(&after)
		if took, most := after.TotalAlloc-before.TotalAlloc, uint64(64*len(text)+32<<20); took > most {
			t.Errorf("%s: %d bytes for %d, want at most %d", name, took, len(text), most)
		}
		p, _ := errors.AsType[*evidence.Problem](err)
		if err != nil && (p == nil || !errors.Is(err, evidence.ErrLimit) || p.Code != "sbom.memory" || p.Line == 0) {
			t.Errorf("%s: %v (%+v)", name, err, p)
		}
	}
}

// TestMemoryRatio: the bound is the caller's to move, and what is below it is read.
func TestMemoryRatio(t *testing.T) {
	shapes := hostileShapes(256 << 10)
	empty, named := shapes["components {}"], shapes["components name"]
	for _, tt := range []struct {
		name, text, pointer string
		ratio               int
		class               error
	}{
		{"empty components", empty, "/components/", 0, evidence.ErrLimit},
		{"empty components, with more memory", empty, "", 1000, nil},
		{"one-letter names", named, "/components/", 0, evidence.ErrLimit},
		{"one-letter names, with more memory", named, "", 200, nil},
	} {
		for _, way := range []string{"Read", "Walk"} {
			o := &ReadOptions{Limits: evidence.Limits{MemoryRatio: tt.ratio}}
			var err error
			if way == "Read" {
				_, err = Read(strings.NewReader(tt.text), o)
			} else {
				// A walk holds one component at a time.
				_, err = walk(strings.NewReader(tt.text), o, &visitor{Component: func(*Component) error { return nil }})
				if err != nil {
					t.Errorf("%s: Walk: %v", tt.name, err)
				}
				continue
			}
			p, _ := errors.AsType[*evidence.Problem](err)
			if !errors.Is(err, tt.class) || tt.class != nil && (p.Code != "sbom.memory" || !strings.HasPrefix(p.Pointer, tt.pointer) || p.Offset == 0) {
				t.Errorf("%s: %v (%+v)", tt.name, err, p)
			}
		}
	}
	// Within one element, a walk is bounded as a read is.
	for _, name := range []string{"component ancestors", "component references"} {
		_, err := walk(strings.NewReader(hostileShapes(1 << 20)[name]), nil, &visitor{Component: func(*Component) error { return nil }})
		if p, _ := errors.AsType[*evidence.Problem](err); !errors.Is(err, evidence.ErrLimit) || p.Code != "sbom.memory" || !strings.HasPrefix(p.Pointer, "/components/0/") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSharedLicenseSets: licence sets that hold each other cost what they take once.
func TestSharedLicenseSets(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"SpdxDocument","spdxId":"d","creationInfo":{"specVersion":"3.0.1"}},{"type":"software_Package","spdxId":"p"}`)
	const levels = 40
	for i := range levels {
		fmt.Fprintf(&b, `,{"type":"expandedlicensing_ConjunctiveLicenseSet","spdxId":"l%d","expandedlicensing_member":["l%d","l%d","l%[2]d"]}`, i, i+1, (i+2)%levels)
	}
	for range 2000 {
		b.WriteString(`,{"type":"Relationship","from":"p","to":["l0"],"relationshipType":"hasDeclaredLicense"}`)
	}
	b.WriteString(`]}`)
	// Each member walked again would be 2 to the 40th steps: it would not end before the test's deadline.
	doc, err := Read(strings.NewReader(b.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(doc.Components[0].Licenses); n != 2000 {
		t.Errorf("%d licences", n)
	}
}
