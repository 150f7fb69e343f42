// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strings"
	"testing"
)

func TestSubjectDigests(t *testing.T) {
	const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	spdx := func(pkg string) string {
		return `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"n","dataLicense":"CC0-1.0","documentNamespace":"https://x.example/n",
"creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: t"]},
"packages":[{"SPDXID":"SPDXRef-a","name":"a","downloadLocation":"NOASSERTION"` + pkg + `},
{"SPDXID":"SPDXRef-b","name":"b","downloadLocation":"NOASSERTION","versionInfo":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}],
"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-a"}]}`
	}
	for name, test := range map[string]struct {
		pkg  string
		want []string
	}{
		"version":     {`,"versionInfo":"` + strings.ToUpper(digest[:7]) + digest[7:] + `"`, []string{digest}},
		"package URL": {`,"externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:oci/a@` + strings.Replace(digest, ":", "%3A", 1) + `"}]`, []string{digest}},
		"checksum":    {`,"checksums":[{"algorithm":"SHA256","checksumValue":"` + digest[7:] + `"}]`, []string{digest}},
		"all":         {`,"versionInfo":"` + digest + `","checksums":[{"algorithm":"SHA256","checksumValue":"` + digest[7:] + `"}]`, []string{digest}},
		"a tag":       {`,"versionInfo":"1.2"`, nil},
		"SHA-1":       {`,"checksums":[{"algorithm":"SHA1","checksumValue":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}]`, nil},
	} {
		doc, err := Read(strings.NewReader(spdx(test.pkg)), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := doc.SubjectDigests(); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
