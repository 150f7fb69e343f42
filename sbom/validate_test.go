// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/internal/test/sbomsample"
)

const (
	goodSPDX = sbomsample.SPDX
	goodCDX  = sbomsample.CycloneDX
)

// told writes the problems of one check as "code severity pointer".
func told(c evidence.Check) []string {
	var lines []string
	for _, p := range c.Problems {
		lines = append(lines, fmt.Sprintf("%s %s %s", p.Code, p.Severity, p.Pointer))
	}
	return lines
}

// checkPlaces wants the line and column of each problem to be those of the value
// that its pointer names: the JSON that begins there is equal to it.
func checkPlaces(t *testing.T, text string, problems evidence.Problems) {
	t.Helper()
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		want := document
		for part := range strings.SplitSeq(strings.TrimPrefix(p.Pointer, "/"), "/") {
			switch v := want.(type) {
			case map[string]any:
				if p.Pointer != "" {
					want = v[part]
				}
			case []any:
				i, err := strconv.Atoi(part)
				if err != nil || i >= len(v) {
					t.Fatalf("%s names nothing", p.Pointer)
				}
				want = v[i]
			}
		}
		lines := strings.SplitAfter(text, "\n")
		if want == nil || p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len(lines[p.Line-1]) {
			t.Errorf("%s at %d:%d", p.Pointer, p.Line, p.Column)
			continue
		}
		var got any
		rest := lines[p.Line-1][p.Column-1:] + strings.Join(lines[p.Line:], "")
		if err := json.NewDecoder(strings.NewReader(rest)).Decode(&got); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s is told to be at %d:%d, where %.40q stands", p.Pointer, p.Line, p.Column, rest)
		}
	}
}

func validate(t testing.TB, text string, o *ValidateOptions) *Validation {
	t.Helper()
	v, err := Validate(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Checks) != 3 || v.Checks[0].ID != CheckReadable || v.Checks[1].ID != CheckSchema || v.Checks[2].ID != CheckSemantics {
		t.Fatalf("checks are %+v", v.Checks)
	}
	return v
}

func statuses(v *Validation) string {
	return fmt.Sprint(v.Checks[0].Status, " ", v.Checks[1].Status, " ", v.Checks[2].Status)
}

func TestSemantics(t *testing.T) {
	for name, text := range map[string]string{"SPDX": goodSPDX, "CycloneDX": goodCDX} {
		if v := validate(t, text, nil); statuses(v) != "pass pass pass" || !v.OK() || v.Document == nil {
			t.Fatalf("%s: %+v", name, v.Checks)
		}
	}
	untried := codesOf(t, "semantics.go", "semanticscomponent.go")
	for _, c := range []struct {
		base, old, new string
		want           []string // nil: still good
	}{
		// SPDX 2.
		{goodSPDX, `"SPDXRef-DOCUMENT",`, `"SPDXRef-other",`, []string{"sbom.spdx-id error /SPDXID", "sbom.no-root error ", "sbom.dangling error /relationships/0"}},
		{goodSPDX, `CC0-1.0`, `MIT`, []string{"sbom.data-license error /dataLicense"}},
		{goodSPDX, `https://example.com/shop-1`, `shop-1`, []string{"sbom.namespace error /documentNamespace"}},
		{goodSPDX, `https://example.com/shop-1`, `https://example.com/shop#1`, []string{"sbom.namespace error /documentNamespace"}},
		{goodSPDX, `"documentNamespace"`, `"comment"`, []string{"sbom.namespace error "}},
		{goodSPDX, `"Organization: Example", "Tool`, `"Example", "Tool`, []string{"sbom.creator error /creationInfo/creators"}},
		{goodSPDX, `03:04:05Z`, `03:04:05+01:00`, []string{"sbom.time-form warning /creationInfo/created"}},
		{goodSPDX, `2026-01-02T03:04:05Z`, `2026-01-02`, []string{"sbom.time error /creationInfo/created"}},
		{goodSPDX, `2026-01-02T03`, `1970-01-02T03`, []string{"sbom.time-placeholder info /creationInfo/created"}},
		{goodSPDX, `"externalDocumentId": "DocumentRef-d"`, `"externalDocumentId": "d"`, []string{
			"sbom.spdx-id error /externalDocumentRefs/0/externalDocumentId", "sbom.license-ref error /packages/1/licenseConcluded"}},
		{goodSPDX, `"licenseId": "LicenseRef-x"`, `"licenseId": "LicenseRef-x_y"`, []string{
			"sbom.spdx-id error /hasExtractedLicensingInfos/0/licenseId", "sbom.license-ref error /packages/1/licenseDeclared"}},
		{goodSPDX, `Zlib AND LicenseRef-x`, `Zlib AND`, []string{"sbom.license error /packages/1/licenseDeclared"}},
		{goodSPDX, `Zlib AND LicenseRef-x`, `zlib and licenseref-x`, []string{"sbom.license-unknown error /packages/1/licenseDeclared"}},
		{goodSPDX, `Zlib AND LicenseRef-x`, `(zlib and LicenseRef-x)`, nil},
		{strings.Replace(goodSPDX, "3.25", "3.99", 1), `Zlib AND`, `New-1.0 AND`, []string{"sbom.license-unknown warning /packages/1/licenseDeclared"}},
		{goodSPDX, `["NOASSERTION"]`, `["NONE", "GPL"]`, []string{"sbom.license-unknown error /files/0/licenseInfoInFiles/1"}},
		{goodSPDX, `"supplier": "Organization: Example"`, `"supplier": "Tool: x"`, []string{"sbom.party error /packages/0/supplier"}},
		{goodSPDX, `"supplier": "Organization: Example"`, `"supplier": "NOASSERTION"`, nil},
		{goodSPDX, `"name": "zlib1g"`, `"name": ""`, []string{"sbom.name error /packages/1/name"}},
		{goodSPDX, `"filesAnalyzed": false, "supplier"`, `"supplier"`, []string{"sbom.verification-code warning /packages/0"}},
		{goodSPDX, `"filesAnalyzed": false, "supplier"`, `"packageVerificationCode": {"packageVerificationCodeValue": "12"}, "supplier"`, []string{
			"sbom.verification-code error /packages/0/packageVerificationCode/packageVerificationCodeValue"}},
		{goodSPDX, `"SPDXID": "SPDXRef-zlib"`, `"SPDXID": "SPDXRef-shop"`, []string{
			"sbom.duplicate-id error /packages/1", "sbom.dangling error /relationships/1", "sbom.dangling error /relationships/2"}},
		{goodSPDX, `"SPDXID": "SPDXRef-s"`, `"SPDXID": "SPDXRef s"`, []string{"sbom.spdx-id error /snippets/0/SPDXID"}},
		{goodSPDX, `"SPDXID": "SPDXRef-f", "file`, `"SPDXID": "SPDXRef-g", "file`, []string{
			"sbom.dangling error /snippets/0/snippetFromFile", "sbom.dangling error /snippets/0/ranges/0/startPointer/reference", "sbom.dangling error /snippets/0/ranges/0/endPointer/reference"}},
		{goodSPDX, `"offset": 9`, `"offset": 0`, []string{"sbom.range error /snippets/0/ranges/0"}},
		{goodSPDX, `222222"}]`, `22222"}]`, []string{"sbom.hash-length error /packages/1/checksums/0/checksumValue"}},
		{goodSPDX, `222222"}]`, `22222g"}]`, []string{"sbom.hash error /packages/1/checksums/0/checksumValue"}},
		{goodSPDX, strings.Repeat("3", 40), strings.Repeat("0", 40), []string{"sbom.hash-placeholder info /files/0/checksums/0/checksumValue"}},
		{goodSPDX, `1.2.13:*:*`, `1.2.13:*`, []string{"sbom.cpe error /packages/1/externalRefs/0/referenceLocator"}},
		{goodSPDX, `a:zlib:zlib`, `a:zlib:zlib++`, []string{"sbom.cpe error /packages/1/externalRefs/0/referenceLocator"}},
		{goodSPDX, `"cpe23Type", "referenceLocator": "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*"`, `"cpe22Type", "referenceLocator": "cpe:/a:zlib:zlib:1.2.13"`, nil},
		{goodSPDX, `"cpe23Type"`, `"cpe22Type"`, []string{"sbom.cpe error /packages/1/externalRefs/0/referenceLocator"}},
		{goodSPDX, `&epoch=1`, `&epoch=1 `, []string{"sbom.locator error /packages/1/externalRefs/1/referenceLocator"}},
		{goodSPDX, `{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*"}`,
			`{"referenceCategory": "OTHER", "referenceType": "note", "referenceLocator": "a\tb", "comment": "a b"}`, []string{"sbom.locator error /packages/1/externalRefs/0/referenceLocator"}},
		{goodSPDX, `Zlib AND LicenseRef-x`, ``, []string{"sbom.license error /packages/1/licenseDeclared"}},
		{goodSPDX, `"licenseConcluded": "MIT"`, `"licenseConcluded": ""`, []string{"sbom.license error /files/0/licenseConcluded"}},
		{goodSPDX, `["NOASSERTION"]`, `["NONE", ""]`, []string{"sbom.license error /files/0/licenseInfoInFiles/1"}},
		{goodSPDX, `"name": "part"`, `"licenseConcluded": "", "name": "part"`, []string{"sbom.license error /snippets/0/licenseConcluded"}},
		{goodSPDX, `"name": "part"`, `"copyrightText": "", "name": "part"`, nil},
		{goodSPDX, `{"licenseId": "LicenseRef-x",`, `{"licenseId": "LicenseRef-x", "extractedText": "a"}, {"licenseId": "LicenseRef-x",`, []string{"sbom.duplicate-id error /hasExtractedLicensingInfos/1/licenseId"}},
		{goodSPDX, `2026-01-02T03:04:05Z`, `2016-12-31t23:59:60z`, []string{"sbom.time-form warning /creationInfo/created"}},
		{goodSPDX, `2026-01-02T03:04:05Z`, `2016-12-30T23:59:60Z`, []string{"sbom.time error /creationInfo/created"}},
		{goodSPDX, `pkg:deb/`, `deb/`, []string{"sbom.purl error /packages/1/externalRefs/1/referenceLocator"}},
		{goodSPDX, `zlib1g@1.2.13?`, `zlib1g@1.2.14?`, []string{"sbom.purl-version error /packages/1/externalRefs/1/referenceLocator"}},
		{goodSPDX, `zlib1g@1.2.13?`, `libpng@1.2.13?`, []string{"sbom.purl-name warning /packages/1/externalRefs/1/referenceLocator"}},
		{goodSPDX, `zlib1g@1.2.13?`, `zlib1g?`, nil},
		{goodSPDX, `DESCRIBES`, `CONTAINS`, []string{"sbom.no-root error "}},
		{goodSPDX, `"DEPENDS_ON"`, `"CONTAINED_BY"`, []string{"sbom.cycle error /relationships/1"}},
		{goodSPDX, `"DEPENDS_ON"`, `"DEPENDENCY_OF"`, nil},
		{goodSPDX, `"DEPENDS_ON", "relatedSpdxElement": "SPDXRef-zlib"`, `"DEPENDS_ON", "relatedSpdxElement": "SPDXRef-shop"`, []string{"sbom.self-dependency warning /relationships/2"}},
		{goodSPDX, `"CONTAINS", "relatedSpdxElement": "SPDXRef-zlib"`, `"CONTAINS", "relatedSpdxElement": "SPDXRef-shop"`, []string{"sbom.cycle error /relationships/1"}},
		{goodSPDX, `"DEPENDS_ON", "relatedSpdxElement": "SPDXRef-zlib"`, `"DEPENDS_ON", "relatedSpdxElement": "NOASSERTION"`, nil},
		{goodSPDX, `"DEPENDS_ON", "relatedSpdxElement": "SPDXRef-zlib"`, `"DEPENDS_ON", "relatedSpdxElement": "DocumentRef-d:SPDXRef-zlib"`, nil},
		{goodSPDX, `"DEPENDS_ON", "relatedSpdxElement": "SPDXRef-zlib"`, `"DEPENDS_ON", "relatedSpdxElement": "DocumentRef-e:SPDXRef-zlib"`, []string{"sbom.dangling error /relationships/2"}},

		// CycloneDX.
		{goodCDX, `"component": {"bom-ref": "root"`, `"supplier": {"name": "x"}, "component": {"bom-ref": "rot"`, []string{"sbom.dangling error /dependencies/0"}},
		{goodCDX, `"bom-ref": "zlib"`, `"bom-ref": "core"`, []string{"sbom.duplicate-id error /components/1", "sbom.dangling error /dependencies/0"}},
		{goodCDX, `"bom-ref": "v1"`, `"bom-ref": "core"`, []string{"sbom.duplicate-id error /vulnerabilities/0/bom-ref", "sbom.dangling error /annotations/0/subjects/1"}},
		{goodCDX, `{"ref": "core"}, {`, `{"ref": "gone"}, {`, []string{"sbom.dangling error /vulnerabilities/0/affects/0/ref"}},
		{goodCDX, `"dependencies": ["core"]`, `"dependencies": ["gone"]`, []string{"sbom.dangling error /compositions/0/dependencies/0"}},
		{goodCDX, `["core", "v1"]`, `["core", "gone"]`, []string{"sbom.dangling error /annotations/0/subjects/1"}},
		{goodCDX, `, "component": {"bom-ref": "root", "type": "application", "name": "shop", "version": "1.0"}`, ``, []string{
			"sbom.no-root error ", "sbom.dangling error /dependencies/0"}},
		{goodCDX, `{"ref": "core", "dependsOn": []}`, `{"ref": "root", "dependsOn": ["core"]}`, []string{"sbom.repeated-dependency error /dependencies/1"}},
		{goodCDX, `{"ref": "core", "dependsOn": []}`, `{"ref": "core", "dependsOn": ["root"]}`, []string{"sbom.dependency-cycle info /dependencies/0"}},
		{goodCDX, `{"ref": "core", "dependsOn": []}`, `{"ref": "core", "dependsOn": ["core"]}`, []string{"sbom.self-dependency warning /dependencies/1"}},
		{goodCDX, `MIT OR LicenseRef-other`, `MIT or`, []string{"sbom.license error /components/0/licenses/0/expression"}},
		{goodCDX, `MIT OR LicenseRef-other`, `MIT OR GPL`, []string{"sbom.license-unknown error /components/0/licenses/0/expression"}},
		{goodCDX, strings.Repeat("2", 64), strings.Repeat("2", 40), []string{"sbom.hash-length error /components/0/hashes/0/content"}},
		{goodCDX, strings.Repeat("3", 40), strings.Repeat("3", 64), []string{"sbom.hash-length error /components/0/externalReferences/0/hashes/0/content"}},
		{goodCDX, `core@16.0.0`, `core@16.0.1`, []string{"sbom.purl-version error /components/0/purl"}},
		{goodCDX, `angular/core@`, `angular/cli@`, []string{"sbom.purl-name warning /components/0/purl"}},
		{goodCDX, `pkg:npm/%40`, `pkg:npm/%4g`, []string{"sbom.purl error /components/0/purl"}},
		{goodCDX, `MIT OR LicenseRef-other`, ``, []string{"sbom.license error /components/0/licenses/0/expression"}},
		{goodCDX, `"metadata": {`, `"metadata": {"licenses": [{"expression": ""}], `, []string{"sbom.license error /metadata/licenses/0/expression"}},
		{goodCDX, `"dependencies": [{"ref": "root"`, `"services": [{"bom-ref": "s", "name": "s", "licenses": [{"expression": "GPL"}]}], "dependencies": [{"ref": "root"`, []string{"sbom.license-unknown error /services/0/licenses/0/expression"}},
		{goodCDX, `"name": "zlib",`, `"name": "zlib", "evidence": {"licenses": [{"expression": ""}]},`, []string{"sbom.license error /components/1/evidence/licenses/0/expression"}},
		{goodCDX, `"name": "zlib",`, `"name": "zlib", "pedigree": {"ancestors": [{"type": "library", "name": "z", "purl": "x"}]},`, []string{"sbom.purl error /components/1/pedigree/ancestors/0/purl"}},
		{goodCDX, `{"license": {"id": "Zlib"}}`, `{"license": {"id": "Zlib", "bom-ref": "core"}}`, []string{"sbom.duplicate-id error /components/1/licenses/0/license/bom-ref"}},
		{goodCDX, `"name": "zlib",`, `"name": "zlib", "supplier": {"bom-ref": "root", "name": "x"},`, []string{"sbom.duplicate-id error /components/1/supplier/bom-ref"}},
		{goodCDX, `"name": "zlib",`, `"name": "zlib", "evidence": {"identity": [{"field": "name", "tools": ["gone", "core"]}], "occurrences": [{"bom-ref": "root", "location": "/"}]},`, []string{
			"sbom.dangling error /components/1/evidence/identity/0/tools/0", "sbom.duplicate-id error /components/1/evidence/occurrences/0/bom-ref"}},
		{goodCDX, `"type": "library", "name": "zlib",`, `"type": "cryptographic-asset", "name": "zlib", "cryptoProperties": {"assetType": "protocol", "protocolProperties": {"cryptoRefArray": ["gone"], "cipherSuites": [{"algorithms": ["core", "gone"]}]}},`, []string{
			"sbom.dangling error /components/1/cryptoProperties/protocolProperties/cryptoRefArray/0", "sbom.dangling error /components/1/cryptoProperties/protocolProperties/cipherSuites/0/algorithms/1"}},
		{goodCDX, `"dependencies": [{"ref": "root"`, `"declarations": {"assessors": [{"bom-ref": "as"}], "claims": [{"bom-ref": "cl", "target": "core", "evidence": ["gone"]}],
			"attestations": [{"assessor": "as", "map": [{"requirement": "gone", "claims": ["cl", "gone"]}]}]}, "dependencies": [{"ref": "root"`, []string{
			"sbom.dangling error /declarations/claims/0/evidence/0", "sbom.dangling error /declarations/attestations/0/map/0/requirement", "sbom.dangling error /declarations/attestations/0/map/0/claims/1"}},
		{goodCDX, `"dependencies": [{"ref": "root"`, `"formulation": [{"bom-ref": "f", "workflows": [{"bom-ref": "w", "uid": "u", "taskTypes": ["build"], "resourceReferences": [{"ref": "gone"}, {"ref": "core"}], "taskDependencies": [{"ref": "gone"}]}]}], "dependencies": [{"ref": "root"`, []string{
			"sbom.dangling error /formulation/0/workflows/0/resourceReferences/0/ref", "sbom.dangling error /formulation/0/workflows/0/taskDependencies/0/ref"}},
		{goodCDX, `cpe:2.3:a`, `cpe:2.4:a`, []string{"sbom.cpe error /components/0/cpe"}},
	} {
		text := strings.Replace(c.base, c.old, c.new, 1)
		if text == c.base {
			t.Fatalf("%s is not in the document", c.old)
		}
		v := validate(t, text, nil)
		if diff := cmp.Diff(sorted(c.want), sorted(told(v.Checks[2]))); diff != "" {
			t.Errorf("%s -> %s: (-want +got)\n%s\n%v", c.old, c.new, diff, v.Checks[2].Problems)
		}
		checkPlaces(t, text, v.Checks[2].Problems)
		for _, p := range v.Checks[2].Problems {
			delete(untried, p.Code)
		}
		failed := slices.ContainsFunc(c.want, func(s string) bool { return strings.Contains(s, " error ") })
		if got := v.Checks[2].Status; failed != (got == evidence.StatusFail) || (len(c.want) == 0) != (got == evidence.StatusPass) && !strings.Contains(c.want[0], " info ") {
			t.Errorf("%s -> %s: status %v", c.old, c.new, got)
		}
		loose := validate(t, text, &ValidateOptions{UnsafeSemantics: true})
		if failed && loose.Checks[2].Status != evidence.StatusWarn || len(loose.Checks[2].Problems) != len(v.Checks[2].Problems) {
			t.Errorf("%s -> %s: status %v with UnsafeSemantics", c.old, c.new, loose.Checks[2].Status)
		}
	}
	for code := range untried {
		t.Errorf("no document has %s", code)
	}
}

// codesOf returns the problem codes that stand in source files.
func codesOf(t *testing.T, files ...string) map[string]bool {
	codes := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.HasPrefix(lit.Value, `"sbom.`) {
				codes[strings.Trim(lit.Value, `"`)] = true
			}
			return true
		})
	}
	if len(codes) < 20 {
		t.Fatalf("only %d codes", len(codes))
	}
	return codes
}

func sorted(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return lines
}

func TestValidateLayers(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          *ValidateOptions
		want       string // the statuses
		code       string // of the first problem of the first check that does not pass
	}{
		{"empty", "", nil, "fail skip skip", "sbom.format"},
		{"other JSON", "{}", nil, "error skip skip", "sbom.format"},
		{"cut short", goodSPDX[:500], nil, "fail skip skip", "json.truncated"},
		{"trailing", goodSPDX + "{}", nil, "fail skip skip", "json.trailing"},
		{"duplicate name", strings.Replace(goodCDX, `"version": 1,`, `"version": 1, "version": 1,`, 1), nil, "fail skip skip", "json.duplicate-name"},
		{"too large", goodCDX, &ValidateOptions{Limits: evidence.Limits{DocumentBytes: 100}}, "fail skip skip", "sbom.size"},
		{"another type", strings.Replace(goodSPDX, `"packages": [`, `"packages": "x", "p": [`, 1), nil, "fail fail skip", "json.type"},
		{"schema alone", strings.Replace(goodSPDX, `"downloadLocation": "NONE", `, ``, 1), nil, "pass fail pass", "schema.required"},
		{"unknown member", strings.Replace(goodCDX, `"version": 1,`, `"version": 1, "x": 1,`, 1), nil, "pass fail pass", "schema.additional-properties"},
		{"newer minor", strings.Replace(goodCDX, `"1.6"`, `"1.9"`, 1), nil, "warn error pass", "sbom.version"},
		{"newer major", strings.Replace(goodCDX, `"1.6"`, `"2.0"`, 1), nil, "error skip skip", "sbom.version"},
		{"no version", strings.Replace(goodSPDX, ` "spdxVersion": "SPDX-2.3",`, ``, 1), nil, "fail error pass", "sbom.version"},
	} {
		v := validate(t, c.text, c.o)
		if got := statuses(v); got != c.want || v.OK() {
			t.Errorf("%s: %s, want %s: %+v", c.name, got, c.want, v.Checks)
			continue
		}
		for _, check := range v.Checks {
			if check.Status == evidence.StatusPass {
				continue
			}
			if len(check.Problems) == 0 || check.Problems[0].Code != c.code {
				t.Errorf("%s: %s has %+v, want %s", c.name, check.ID, told(check), c.code)
			}
			break
		}
	}
	if new(Validation).OK() {
		t.Error("the zero Validation holds")
	}
}

func TestValidateVersions(t *testing.T) {
	// 1.3 has two schemas, and only the strict one refuses what it does not know.
	text := `{"bomFormat": "CycloneDX", "specVersion": "1.3", "version": 1, "extra": 1}`
	if v := validate(t, text, nil); v.Checks[1].Status != evidence.StatusFail || v.Schema != "bom-1.3-strict" {
		t.Errorf("strict: %+v", v)
	}
	if v := validate(t, text, &ValidateOptions{UnsafeMembers: true}); v.Checks[1].Status != evidence.StatusPass || v.Schema != "bom-1.3" {
		t.Errorf("loose: %+v", v)
	}
	// SPDX 2.2 has a form in which "Document" holds all.
	text = strings.Replace(`{"Document": `+goodSPDX+`}`, "SPDX-2.3", "SPDX-2.2", 1)
	if v := validate(t, text, nil); v.Checks[0].Status != evidence.StatusPass || v.Schema != "spdx-2.2" {
		t.Errorf("wrapped: %+v", v)
	}
	// UTF-16 and a byte order mark are read.
	utf16 := []byte{0xff, 0xfe}
	for _, c := range []byte(goodCDX) {
		utf16 = append(utf16, c, 0)
	}
	if v := validate(t, string(utf16), nil); !v.OK() || len(v.Checks[0].Problems) != 1 || v.Checks[0].Problems[0].Code != "sbom.encoding" {
		t.Errorf("UTF-16: %+v", v.Checks)
	}
	if v := validate(t, "\xef\xbb\xbf"+goodCDX, nil); !v.OK() {
		t.Errorf("BOM: %+v", v.Checks)
	}
}

func TestValidateReaderFails(t *testing.T) {
	if v, err := Validate(iotest.ErrReader(io.ErrUnexpectedEOF), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestManyProblems holds what one document may say to a bound.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, `{"type": "library", "name": "a%d", "purl": "x", "hashes": [{"alg": "MD5", "content": "0"}]},`, i)
	}
	text := strings.Replace(goodCDX, `"components": [`, `"components": [`+b.String(), 1)
	v := validate(t, text, nil)
	if n := len(v.Checks[2].Problems); n < 2000 || n > 2100 {
		t.Errorf("%d problems", n)
	}
}

// TestValidateCorpus runs every document of the corpus through Validate.
func TestValidateCorpus(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	counts := map[string]int{}
	var missed []string
	for _, e := range rows {
		switch e.Format {
		case "spdx-json", "spdx-tagvalue", "spdx3-json", "cyclonedx-json", "cyclonedx-xml":
		default:
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		v, err := Validate(bytes.NewReader(data), nil)
		if err != nil {
			t.Fatal(e.Path, err)
		}
		refused := v.Checks[0].Status == evidence.StatusFail || v.Checks[1].Status == evidence.StatusFail
		switch {
		case e.Expect == "valid" && refused:
			t.Errorf("%s is valid, but %s: %v", e.Path, statuses(v), v.Checks)
		case e.Expect == "invalid" && !refused:
			missed = append(missed, e.Path)
		}
		for _, c := range v.Checks {
			for _, p := range c.Problems {
				if p.Code == "" || p.Severity == 0 || p.Message == "" {
					t.Errorf("%s: problem %+v", e.Path, p)
				}
				if p.Line == 0 && p.Code != "sbom.format" && p.Code != "schema.more" && p.Code != "sbom.version" && p.Code != "sbom.encoding" {
					t.Errorf("%s: no position: %+v", e.Path, p)
				}
			}
		}
		counts[fmt.Sprintf("%-15s %-9s readable, schema, semantics: %s", e.Format, e.Expect, statuses(v))]++
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%4d %s", counts[k], k)
	}
	// What an extension of another namespace wants of its elements is no rule of CycloneDX.
	if diff := cmp.Diff([]string{"cyclonedx-specification/ext/invalid-depgraph-1.0.xml"}, missed); diff != "" {
		t.Errorf("invalid documents that are accepted: %s", diff)
	}
}

// agrees says that a check's status follows from its problems. A check that could not be done
// (a form that is not read, a version without a schema) is no pass, with or without a problem that says why.
func agrees(c evidence.Check) bool {
	return c.Status == evidence.StatusError || (c.Status == evidence.StatusFail) == (c.Problems.Err() != nil)
}

func FuzzValidate(f *testing.F) {
	f.Add([]byte(goodSPDX))
	f.Add([]byte(goodCDX))
	f.Add([]byte("SPDXVersion: SPDX-2.3\n")) // YAML: not read, so that nothing says whether it is valid
	f.Add([]byte(`{"bomFormat": "CycloneDX", "specVersion": "1.3", "version": 1, "components": [{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Validate(bytes.NewReader(data), &ValidateOptions{Limits: evidence.Limits{DocumentBytes: 1 << 20}})
		if err != nil || len(v.Checks) != 3 {
			t.Fatal(v, err)
		}
		again, err := Validate(bytes.NewReader(data), nil)
		if err != nil || statuses(again) != statuses(v) {
			t.Fatalf("%s, then %s", statuses(v), statuses(again))
		}
		_, rerr := Read(bytes.NewReader(data), nil)
		if (rerr == nil) != (v.Document != nil) {
			t.Fatalf("Read says %v, Validate %s", rerr, statuses(v))
		}
		for _, c := range v.Checks {
			if !agrees(c) {
				t.Fatalf("%s is %v with %v", c.ID, c.Status, c.Problems)
			}
		}
	})
}

// TestModelRoundTrip: a Document that was written as the JSON of the model can be read back.
func TestModelRoundTrip(t *testing.T) {
	for _, text := range []string{goodSPDX, goodCDX} {
		doc := read(t, text)
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		again := new(Document)
		if err := json.Unmarshal(data, again); err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(again)
		if err != nil || !bytes.Equal(data, second) {
			t.Errorf("%v\n%s\n%s", err, data, second)
		}
	}
	for _, bad := range []string{`{"state": "stated"}`, `{"state": "x"}`, `1`} {
		if err := json.Unmarshal([]byte(bad), new(Text)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

func TestComponentLicense(t *testing.T) {
	declared := func(kind LicenseKind, s string) License { return License{Kind: kind, Expression: assertable(s)} }
	for _, c := range []struct {
		licenses []License
		want     string
		state    State
	}{
		{nil, "", StateAbsent},
		{[]License{declared(LicenseDeclared, "MIT")}, "MIT", StateStated},
		{[]License{declared(LicenseDeclared, "MIT"), declared(LicenseConcluded, "ISC")}, "ISC", StateStated},
		{[]License{declared(LicenseDeclared, "MIT"), declared(LicenseConcluded, "NOASSERTION")}, "MIT", StateStated},
		{[]License{declared(LicenseDeclared, "NOASSERTION"), declared(LicenseConcluded, "NONE")}, "", StateNone},
		{[]License{declared(LicenseUnspecified, "MIT OR ISC"), declared(LicenseUnspecified, "Zlib")}, "(MIT OR ISC) AND (Zlib)", StateStated},
		{[]License{{Kind: LicenseDeclared, Name: "My own"}}, "LicenseRef-My-own", StateStated},
		{[]License{declared(LicenseFound, "MIT")}, "", StateAbsent},
	} {
		if got := (&Component{Licenses: c.licenses}).License(); got.String() != c.want || got.State() != c.state {
			t.Errorf("%v: %q %v, want %q %v", c.licenses, got, got.State(), c.want, c.state)
		}
	}
}

func TestVulnerabilitiesOf(t *testing.T) {
	doc := read(t, goodCDX)
	if list := doc.VulnerabilitiesOf("core"); len(list) != 1 || list[0].ID != "CVE-2026-1" || doc.VulnerabilitiesOf("zlib") != nil {
		t.Error(list)
	}
}
