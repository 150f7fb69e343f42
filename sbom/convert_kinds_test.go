// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"strings"
	"testing"
)

// spdxWith is an SPDX document that describes shop, with more packages and members.
func spdxWith(packages, more string) string {
	return `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"n","dataLicense":"CC0-1.0","documentNamespace":"https://x.example/n",
"creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: t-1"]},"documentDescribes":["SPDXRef-shop"],
"packages":[{"SPDXID":"SPDXRef-shop","name":"shop","downloadLocation":"NOASSERTION"}` + packages + `]` + more + `}`
}

func spdxPart(name, more string) string {
	return fmt.Sprintf(`,{"SPDXID":"SPDXRef-%s","name":"%s","downloadLocation":"NOASSERTION"%s}`, name, name, more)
}

func spdxEdge(from, word, to string) string {
	return fmt.Sprintf(`{"spdxElementId":"SPDXRef-%s","relationshipType":"%s","relatedSpdxElement":"SPDXRef-%s"}`, from, word, to)
}

func cdxWith(version, components, more string) string {
	return `{"bomFormat":"CycloneDX","specVersion":"` + version + `","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,
"metadata":{"timestamp":"2026-01-01T00:00:00Z","component":{"type":"application","bom-ref":"shop","name":"shop"}},"components":[` + components + `]` + more + `}`
}

// TestConvertKinds has for each kind of fact what the result says, and which losses are named.
func TestConvertKinds(t *testing.T) {
	const text = `,"hasExtractedLicensingInfos":[{"licenseId":"LicenseRef-1","extractedText":"Words.","name":"Own"},{"licenseId":"LicenseRef-2","extractedText":"Other words.","name":"Own"}]`
	for _, c := range []struct {
		name, source string
		target       Target
		want, not    []string // parts of the result
		lost, kept   []string // pointers that are named, and that are not
	}{
		{"declared and concluded", spdxWith(spdxPart("a", `,"licenseDeclared":"MIT","licenseConcluded":"Apache-2.0"`), ""), TargetCycloneDX16,
			[]string{`{"license":{"id":"MIT","acknowledgement":"declared"}},{"license":{"id":"Apache-2.0","acknowledgement":"concluded"}}`}, nil, nil, []string{"/packages/1/licenseConcluded"}},
		{"without acknowledgement", spdxWith(spdxPart("a", `,"licenseDeclared":"MIT","licenseConcluded":"Apache-2.0"`), ""), TargetCycloneDX15,
			[]string{`"licenses":[{"expression":"MIT"}]`, `{"name":"spdx:package:licenseConcluded","value":"Apache-2.0"}`}, nil, []string{"/packages/1/licenseConcluded"}, nil},
		{"found in files", spdxWith(spdxPart("a", `,"licenseInfoFromFiles":["MIT","ISC"]`), ""), TargetCycloneDX16,
			[]string{`"evidence":{"licenses":[{"license":{"id":"MIT"}},{"license":{"id":"ISC"}}]}`}, nil, nil, nil},
		{"two texts, one name", spdxWith(spdxPart("a", `,"licenseDeclared":"LicenseRef-1"`)+spdxPart("b", `,"licenseDeclared":"LicenseRef-2"`), text), TargetCycloneDX16,
			[]string{`"name":"Own","acknowledgement":"declared","text":{"content":"Words."}`, `"name":"Own","acknowledgement":"declared","text":{"content":"Other words."}`}, nil, nil, nil},
		{"text of an expression", spdxWith(spdxPart("a", `,"licenseDeclared":"MIT OR LicenseRef-1"`), text), TargetCycloneDX16,
			[]string{`{"expression":"MIT OR LicenseRef-1"`, `{"name":"spdx:license:LicenseRef-1:text","value":"Words."}`, `{"name":"spdx:license:LicenseRef-2:text","value":"Other words."}`}, nil, nil, nil},
		{"containment", spdxWith(spdxPart("jar", "")+spdxPart("in", ""), `,"relationships":[`+spdxEdge("in", "CONTAINED_BY", "jar")+`]`), TargetCycloneDX16,
			[]string{`"components":[{"bom-ref":"SPDXRef-in"`}, nil, nil, []string{"/relationships/0"}},
		{"containment in a circle", spdxWith(spdxPart("a", "")+spdxPart("b", ""), `,"relationships":[`+spdxEdge("a", "CONTAINS", "b")+`,`+spdxEdge("b", "CONTAINS", "a")+`]`), TargetCycloneDX16,
			[]string{`"bom-ref":"SPDXRef-a"`, `"bom-ref":"SPDXRef-b"`}, nil, []string{"/relationships/1"}, []string{"/relationships/0"}},
		{"containment of the subject", spdxWith(spdxPart("a", ""), `,"relationships":[`+spdxEdge("shop", "CONTAINS", "a")+`]`), TargetCycloneDX16,
			[]string{`"components":[{"bom-ref":"SPDXRef-a"`}, nil, []string{"/relationships"}, []string{"/relationships/0"}},
		{"test and optional", spdxWith(spdxPart("a", "")+spdxPart("b", ""), `,"relationships":[`+spdxEdge("a", "TEST_DEPENDENCY_OF", "shop")+`,`+spdxEdge("b", "OPTIONAL_DEPENDENCY_OF", "shop")+`,`+spdxEdge("b", "TEST_DEPENDENCY_OF", "shop")+`]`), TargetCycloneDX16,
			[]string{`"name":"a","scope":"excluded"`, `"name":"b","scope":"optional"`}, nil, []string{"/relationships/0", "/relationships/1", "/relationships/2"}, nil},
		{"annotation", spdxWith(spdxPart("a", `,"annotations":[{"annotator":"Person: P","annotationDate":"2026-01-02T00:00:00Z","annotationType":"REVIEW","comment":"Good."}]`), ""), TargetCycloneDX16,
			[]string{`"annotations":[{"subjects":["SPDXRef-a"],"annotator":{"individual":{"name":"P"}},"timestamp":"2026-01-02T00:00:00Z","text":"Good."}]`}, nil,
			[]string{"/packages/1/annotations/0/annotationType"}, nil},
		{"comment of a relationship", spdxWith(spdxPart("a", ""), `,"relationships":[`+strings.Replace(spdxEdge("shop", "DEPENDS_ON", "a"), "}", `,"comment":"why"}`, 1)+`]`), TargetCycloneDX16,
			[]string{`"dependsOn":["SPDXRef-a"]`}, nil, []string{"/relationships/0/comment"}, []string{"/relationships/0"}},

		{"distribution and website", cdxWith("1.6", `{"type":"library","name":"a","externalReferences":[{"type":"website","url":"https://w.example"},{"type":"distribution","url":"https://d.example/a.tgz"}]}`, ""), TargetSPDX23,
			[]string{`"downloadLocation":"https://d.example/a.tgz"`, `"homepage":"https://w.example"`}, []string{`"externalRefs"`}, nil, []string{"/components/0/externalReferences"}},
		{"a reference without definition", cdxWith("1.6", `{"type":"library","name":"a","licenses":[{"expression":"MIT AND LicenseRef-own"}]}`, ""), TargetSPDX23,
			[]string{`"licenseId":"LicenseRef-own"`, `"licenseDeclared":"MIT AND LicenseRef-own"`}, nil, []string{"/components/0/licenses/0"}, nil},
		{"one reference, two texts", cdxWith("1.7", `{"type":"library","name":"a","licenses":[{"expression":"LicenseRef-x","expressionDetails":[{"licenseIdentifier":"LicenseRef-x","text":{"content":"One."}}]}]},
{"type":"library","name":"b","licenses":[{"expression":"LicenseRef-x","expressionDetails":[{"licenseIdentifier":"LicenseRef-x","text":{"content":"Two."}}]}]}`, ""), TargetSPDX23,
			[]string{`"licenseDeclared":"LicenseRef-x"`, `"licenseDeclared":"LicenseRef-x-2"`, `{"licenseId":"LicenseRef-x","extractedText":"One."}`, `{"licenseId":"LicenseRef-x-2","extractedText":"Two."}`}, nil, nil, nil},
		{"truth values", cdxWith("1.7", `{"type":"library","name":"a","modified":true,"isExternal":true,"components":[{"type":"library","name":"b","modified":false}]}`, ""), TargetSPDX23,
			[]string{`"relationshipType":"CONTAINS"`}, nil, []string{"/components/0/modified", "/components/0/isExternal", "/components/0/components/0/modified"}, nil},
		{"optional scope", cdxWith("1.6", `{"type":"library","bom-ref":"a","name":"a","scope":"optional"}`, `,"dependencies":[{"ref":"shop","dependsOn":["a"]}]`), TargetSPDX23,
			[]string{`"relationshipType":"OPTIONAL_DEPENDENCY_OF"`}, nil, []string{"/components/0/scope"}, nil},
		{"supplier of the subject", strings.Replace(cdxWith("1.6", ``, ""), `"name":"shop"}`, `"name":"shop"},"supplier":{"name":"Acme"}`, 1), TargetSPDX23,
			[]string{`"supplier":"Organization: Acme"`}, nil, nil, []string{"/metadata/supplier"}},

		{"two expressions, nested", cdxWith("1.7", `{"type":"library","name":"a","components":[{"type":"library","name":"b","licenses":[{"expression":"MIT OR ISC"},{"expression":"Zlib"}]}]}`, ""), TargetCycloneDX16,
			[]string{`"licenses":[{"expression":"(MIT OR ISC) AND Zlib"}]`}, nil, []string{"/components/0/components/0/licenses"}, nil},
		{"two expressions of a service", cdxWith("1.7", ``, `,"services":[{"name":"s","licenses":[{"expression":"MIT OR ISC"},{"license":{"id":"Zlib"}}]}]`), TargetCycloneDX15,
			[]string{`"licenses":[{"expression":"(MIT OR ISC) AND Zlib"}]`}, nil, []string{"/services/0/licenses"}, nil},
		{"acknowledgement to 1.5", cdxWith("1.6", `{"type":"library","name":"a","licenses":[{"license":{"id":"MIT","acknowledgement":"declared"}}]}`, ""), TargetCycloneDX15,
			[]string{`"licenses":[{"license":{"id":"MIT"}}]`}, nil, []string{"/components/0/licenses/0/license/acknowledgement"}, nil},
		{"both roles to 1.5", cdxWith("1.6", `{"type":"library","name":"a","licenses":[{"license":{"id":"MIT","acknowledgement":"declared"}},{"license":{"id":"ISC","acknowledgement":"concluded"}}]}`, ""), TargetCycloneDX15,
			[]string{`"licenses":[{"license":{"id":"MIT"}}]`, `{"name":"spdx:package:licenseConcluded","value":"ISC"}`}, nil, []string{"/components/0/licenses/1"}, nil},
		{"a type of 1.6 to 1.5", cdxWith("1.6", `{"type":"cryptographic-asset","name":"a"}`, ""), TargetCycloneDX15,
			[]string{`"type":"library"`, `"name":"a"`}, nil, []string{"/components/0/type"}, nil},
		{"authors to 1.5", cdxWith("1.6", `{"type":"library","name":"a","authors":[{"name":"P","email":"p@x.example"}]}`, ""), TargetCycloneDX15,
			[]string{`"author":"P"`}, nil, []string{"/components/0/authors", "/components/0/authors/0/email"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, losses, err := Convert(read(t, c.source), c.target)
			if err != nil {
				t.Fatal(err)
			}
			result, err := out.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(result), want) {
					t.Errorf("%s is not there: %s", want, result)
				}
			}
			for _, not := range c.not {
				if strings.Contains(string(result), not) {
					t.Errorf("%s is there: %s", not, result)
				}
			}
			named := map[string]bool{}
			for _, l := range losses {
				named[l.Pointer] = true
				if !resolves(decoded(t, []byte(c.source)), l.Pointer) {
					t.Errorf("the source has no %s: %s", l.Pointer, l.Message)
				}
			}
			for _, pointer := range c.lost {
				if !named[pointer] {
					t.Errorf("%s is not named: %v", pointer, losses)
				}
			}
			for _, pointer := range c.kept {
				if named[pointer] {
					t.Errorf("%s is named, and not lost: %v", pointer, losses)
				}
			}
		})
	}
}

// TestConvertBack: what CycloneDX holds as properties becomes members of SPDX again.
func TestConvertBack(t *testing.T) {
	source := spdxWith(spdxPart("a", `,"summary":"s","comment":"c","licenseComments":"l","attributionTexts":["x","y"],"releaseDate":"2026-01-03T00:00:00Z","filesAnalyzed":true,
"packageVerificationCode":{"packageVerificationCodeValue":"d6a770ba38583ed4bb4525bd96e50461655d2758","packageVerificationCodeExcludedFiles":["./f"]},
"licenseDeclared":"MIT OR LicenseRef-1","licenseConcluded":"LicenseRef-1","licenseInfoFromFiles":["MIT"],"primaryPackagePurpose":"SOURCE",
"checksums":[{"algorithm":"MD2","checksumValue":"d6a770ba38583ed4bb4525bd96e50461"}]`), `,"hasExtractedLicensingInfos":[{"licenseId":"LicenseRef-1","extractedText":"Words.","name":"Own","seeAlsos":["https://x.example/1"]}]`)
	there, _, err := Convert(read(t, source), TargetCycloneDX16)
	if err != nil {
		t.Fatal(err)
	}
	back, _, err := Convert(there, TargetSPDX23)
	if err != nil {
		t.Fatal(err)
	}
	text, err := back.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"summary":"s"`, `"comment":"c"`, `"licenseComments":"l"`, `"attributionTexts":["x","y"]`, `"releaseDate":"2026-01-03T00:00:00Z"`, `"filesAnalyzed":true`,
		`"packageVerificationCodeExcludedFiles":["./f"]`, `"licenseDeclared":"MIT OR LicenseRef-1"`, `"licenseConcluded":"LicenseRef-1"`, `"licenseInfoFromFiles":["MIT"]`,
		`"primaryPackagePurpose":"SOURCE"`, `"algorithm":"MD2"`, `"hasExtractedLicensingInfos":[{"licenseId":"LicenseRef-1","extractedText":"Words.","name":"Own","seeAlsos":["https://x.example/1"]}]`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not there: %s", want, text)
		}
	}
}
