// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"testing"
	"unicode/utf8"

	"github.com/HailBytes/evidence/sbom"
)

// FuzzFromPeers: whatever a library makes of a text, the model has the same names,
// versions, package URLs and hashes of components, or the library's document is
// refused; nothing panics but the libraries' readers.
func FuzzFromPeers(f *testing.F) {
	f.Add([]byte(smallSPDX))
	f.Add([]byte(smallCycloneDX))
	f.Add([]byte(tagValue))
	f.Add([]byte(`<bom xmlns="http://cyclonedx.org/schema/bom/1.1" version="1"><components><component type="library"><name>a</name><version>1</version></component></components></bom>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		format, err := sbom.Sniff(data)
		// The libraries' readers of identifiers keep what is not UTF-8; their writers do not.
		if err != nil || !utf8.Valid(data) || format == sbom.FormatSPDX3JSON || format > sbom.FormatCycloneDXXML {
			return
		}
		doc, peer, err := throughPeer(data, format)
		if err != nil || peer == nil {
			return
		}
		// Not by identifier: the library gives one to a package that has none.
		ours, _ := factsOf(doc)
		for _, d := range compare(coreFacts(ours), coreFacts(peer)) {
			t.Errorf("%v", d)
		}
	})
}
