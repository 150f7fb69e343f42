// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"strings"
	"testing"
)

// TestSPDXIdentifiers: what an external reference identifies, whatever its
// category and comment, and that it is written as it was read.
func TestSPDXIdentifiers(t *testing.T) {
	tests := []struct {
		name, ref string
		kind      IdentifierKind
		value     string // empty: no identifier
		reference bool   // in ExternalReferences
	}{
		{"purl", `"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:deb/debian/a@1"`, IdentifierPURL, "pkg:deb/debian/a@1", false},
		{"purl of 2.2", `"referenceCategory":"PACKAGE_MANAGER","referenceType":"purl","referenceLocator":"pkg:deb/debian/a@1"`, IdentifierPURL, "pkg:deb/debian/a@1", false},
		{"purl with a comment", `"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:deb/debian/a@1","comment":"of the build"`, IdentifierPURL, "pkg:deb/debian/a@1", true},
		{"purl of another category", `"referenceCategory":"SECURITY","referenceType":"purl","referenceLocator":"pkg:deb/debian/a@1"`, IdentifierPURL, "pkg:deb/debian/a@1", true},
		{"purl without a category", `"referenceType":"purl","referenceLocator":"pkg:deb/debian/a@1"`, IdentifierPURL, "pkg:deb/debian/a@1", true},
		{"empty purl", `"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":""`, 0, "", true},
		{"type of another case", `"referenceCategory":"PACKAGE-MANAGER","referenceType":"PURL","referenceLocator":"pkg:deb/debian/a@1"`, 0, "", true},
		{"cpe", `"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a:a:a:1:*:*:*:*:*:*:*"`, IdentifierCPE23, "cpe:2.3:a:a:a:1:*:*:*:*:*:*:*", false},
		{"cpe without a category", `"referenceType":"cpe22Type","referenceLocator":"cpe:/a:a:a:1"`, IdentifierCPE22, "cpe:/a:a:a:1", true},
		// SPDX 2.3 annex F.2: swid is a type of the category SECURITY.
		{"swid", `"referenceCategory":"SECURITY","referenceType":"swid","referenceLocator":"swid:2df9de35"`, IdentifierSWID, "swid:2df9de35", false},
		{"swid of another category", `"referenceCategory":"PERSISTENT-ID","referenceType":"swid","referenceLocator":"swid:2df9de35"`, IdentifierSWID, "swid:2df9de35", true},
		{"gitoid of 2.2", `"referenceCategory":"PERSISTENT_ID","referenceType":"gitoid","referenceLocator":"gitoid:blob:sha1:26"`, IdentifierGitoid, "gitoid:blob:sha1:26", false},
		{"advisory", `"referenceCategory":"SECURITY","referenceType":"advisory","referenceLocator":"https://example.com/a"`, 0, "", true},
	}
	for _, test := range tests {
		text := fmt.Sprintf(`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[{"name":"a","SPDXID":"SPDXRef-a","externalRefs":[`+
			`{"referenceCategory":"OTHER","referenceType":"first","referenceLocator":"1"},{%s},{"referenceCategory":"OTHER","referenceType":"last","referenceLocator":"3"}]}]}`, test.ref)
		doc, err := Read(strings.NewReader(text), nil)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		c := &doc.Components[0]
		if got := len(c.Identifiers); test.value == "" && got != 0 || test.value != "" && (got != 1 || c.Identifiers[0].Kind != test.kind || c.Identifiers[0].Value != test.value) {
			t.Errorf("%s: identifiers %+v", test.name, c.Identifiers)
		}
		if got := len(c.ExternalReferences) == 3; got != test.reference {
			t.Errorf("%s: references %+v", test.name, c.ExternalReferences)
		}
		out, err := doc.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if lines := diffLeaves(leaves(t, []byte(text)), leaves(t, out)); len(lines) > 0 {
			t.Errorf("%s: written as\n%s", test.name, strings.Join(lines, "\n"))
		}
		if !test.reference || test.value == "" {
			continue
		}
		// Without the reference, the identifier stands for itself.
		c.ExternalReferences = nil
		c.Extras = Extras{}
		if out, err = doc.Marshal(); err != nil || !strings.Contains(string(out), `"referenceLocator":"`+test.value+`"`) {
			t.Errorf("%s: without its reference written as %s, %v", test.name, out, err)
		}
	}
}
