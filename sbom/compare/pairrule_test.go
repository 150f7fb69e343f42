// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"slices"
	"testing"
)

// TestCompareRules has for each rule a difference that it explains, and the nearest one that it does not.
func TestCompareRules(t *testing.T) {
	const (
		aSPDX = `{"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1"%s}`
		aCDX  = `{"bom-ref": "a", "type": "library", "name": "a", "version": "1"%s}`
		root  = `{"SPDXID": "SPDXRef-root", "name": "shop", "versionInfo": "1.0"%s}`
	)
	spdx := func(packages, more string) string {
		return `{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "shop", "packages": [` + packages + `]` + more + `}`
	}
	cdx := func(components, more string) string {
		return `{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [` + components + `]` + more + `}`
	}
	a := func(more string) string { return spdx(fmt.Sprintf(aSPDX, more), "") }
	b := func(more string) string { return cdx(fmt.Sprintf(aCDX, more), "") }
	purlRef := func(text string) string {
		return `, "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "` + text + `"}]`
	}
	cpeRefs := func(texts ...string) string {
		s := ""
		for _, text := range texts {
			s += `, {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "` + text + `"}`
		}
		return `, "externalRefs": [` + s[2:] + `]`
	}
	const cpe1, cpe2 = "cpe:2.3:a:a:a:1:*:*:*:*:*:*:*", "cpe:2.3:a:b:a:1:*:*:*:*:*:*:*"
	digest := func(digit string) string {
		d := ""
		for range 40 {
			d += digit
		}
		return d
	}
	subject := func(more string) string {
		return spdx(fmt.Sprintf(root, more)+", "+fmt.Sprintf(aSPDX, ""), `, "documentDescribes": ["SPDXRef-root"]`)
	}
	subjectCDX := func(more string) string {
		return cdx(fmt.Sprintf(aCDX, ""), `, "metadata": {"component": {"bom-ref": "root", "type": "container", "name": "shop", "version": "1.0"`+more+`}}`)
	}
	sum := `"checksums": [{"algorithm": "SHA256", "checksumValue": "` + (digest("1") + digest("1"))[:64] + `"}]`
	two := func(relationship string) string {
		return spdx(fmt.Sprintf(aSPDX, "")+`, {"SPDXID": "SPDXRef-b", "name": "b", "versionInfo": "2"}`,
			`, "relationships": [{"spdxElementId": "SPDXRef-a", "relationshipType": "`+relationship+`", "relatedSpdxElement": "SPDXRef-b"}]`)
	}
	twoCDX := cdx(fmt.Sprintf(aCDX, "")+`, {"bom-ref": "b", "type": "library", "name": "b", "version": "2"}`, "")

	tried := map[string]bool{}
	for _, c := range []struct {
		rule      string
		spdx, cdx string    // which the rule explains
		near      [2]string // SPDX and CycloneDX which it does not
		want      string    // code of the difference
	}{
		{ruleRootDigest, subject(", " + sum), subjectCDX(""),
			[2]string{subject(", " + sum), subjectCDX(`, "hashes": [{"alg": "SHA-256", "content": "` + (digest("2") + digest("2"))[:64] + `"}]`)}, "root-digest"},
		{ruleSystem, a(""), cdx(fmt.Sprintf(aCDX, "")+`, {"bom-ref": "os", "type": "operating-system", "name": "debian", "version": "12"}`, ""),
			[2]string{a(purlRef("pkg:deb/debian/a@1?distro=debian-11")), cdx(fmt.Sprintf(aCDX, `, "purl": "pkg:deb/debian/a@1?distro=debian-11"`)+`, {"bom-ref": "os", "type": "operating-system", "name": "debian", "version": "12"}`, "")}, "distribution"},
		{ruleFiles, a(""), cdx(fmt.Sprintf(aCDX, "")+`, {"bom-ref": "f", "type": "file", "name": "/etc/passwd"}`, ""),
			[2]string{a(""), cdx(fmt.Sprintf(aCDX, "")+`, {"bom-ref": "f", "type": "file", "name": "f", "version": "1", "purl": "pkg:generic/f@1"}`, "")}, "package"},
		{ruleCopies, a(""), cdx(fmt.Sprintf(aCDX, "")+`, {"bom-ref": "a2", "type": "library", "name": "a", "version": "1"}`, ""),
			[2]string{a(""), cdx(fmt.Sprintf(aCDX, "")+`, {"bom-ref": "a2", "type": "library", "name": "a", "version": "2"}`, "")}, "package"},
		{ruleGroup, spdx(`{"SPDXID": "SPDXRef-a", "name": "g/a", "versionInfo": "1"`+purlRef("pkg:npm/g/a@1")+`}`, ""), b(`, "group": "g", "purl": "pkg:npm/g/a@1"`),
			[2]string{spdx(`{"SPDXID": "SPDXRef-a", "name": "h/a", "versionInfo": "1"`+purlRef("pkg:npm/g/a@1")+`}`, ""), b(`, "group": "g", "purl": "pkg:npm/g/a@1"`)}, "name"},
		{rulePURL, a(purlRef("pkg:deb/debian/a@1%2B2?arch=all")), b(`, "purl": "pkg:deb/debian/a@1+2?arch=all&distro=debian-12"`),
			[2]string{a(purlRef("pkg:deb/debian/a@1?arch=all&distro=debian-11")), b(`, "purl": "pkg:deb/debian/a@1?arch=all&distro=debian-12"`)}, "purl"},
		{ruleLicenses, a(`, "licenseDeclared": "MIT AND Zlib"`), b(`, "licenses": [{"license": {"id": "Zlib"}}, {"license": {"id": "MIT"}}]`),
			[2]string{a(`, "licenseDeclared": "MIT OR Zlib"`), b(`, "licenses": [{"license": {"id": "Zlib"}}, {"license": {"id": "MIT"}}]`)}, "license"},
		{ruleLicenseKind, a(`, "licenseDeclared": "MIT", "licenseConcluded": "Zlib"`), b(`, "licenses": [{"license": {"id": "Zlib"}}]`),
			[2]string{a(`, "licenseDeclared": "MIT", "licenseConcluded": "Zlib"`), b(`, "licenses": [{"license": {"id": "ISC"}}]`)}, "license"},
		{ruleCPE, a(cpeRefs(cpe1, cpe2)), b(`, "cpe": "` + cpe1 + `", "properties": [{"name": "syft:cpe23", "value": "` + cpe2 + `"}]`),
			[2]string{a(cpeRefs(cpe1)), b(`, "cpe": "` + cpe1 + `", "properties": [{"name": "syft:cpe23", "value": "` + cpe2 + `"}]`)}, "cpe"},
		{ruleHashes, a(`, "checksums": [{"algorithm": "SHA1", "checksumValue": "` + digest("1") + `"}]`), b(""),
			[2]string{a(`, "checksums": [{"algorithm": "SHA1", "checksumValue": "` + digest("1") + `"}]`), b(`, "hashes": [{"alg": "SHA-1", "content": "` + digest("2") + `"}]`)}, "hash"},
		{ruleEdges, two("OTHER"), twoCDX, [2]string{two("DEPENDS_ON"), twoCDX}, "dependency"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			tried[c.rule] = true
			got := compare(t, c.spdx, c.cdx)
			if !got.OK() || !slices.Equal(got.explained, []explanation{{c.rule, 1}}) {
				t.Errorf("differences %v, explained %v", got.Differences, got.explained)
			}
			near := compare(t, c.near[0], c.near[1])
			if len(near.Differences) != 1 || near.Differences[0].Code != c.want {
				t.Errorf("its neighbour: differences %v, want one of code %s", near.Differences, c.want)
			}
		})
	}
	for _, r := range pairRules() {
		if !tried[r.ID] {
			t.Errorf("rule %s has no case", r.ID)
		}
	}
}
