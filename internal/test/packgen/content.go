// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package packgen

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// jsonString quotes a name as RFC 8785 does; what is not UTF-8 becomes U+FFFD.
func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, string(utf8.RuneError)) {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Noise returns n bytes that do not compress, the same for the same seed.
func Noise(seed uint64, n int) []byte {
	var key [32]byte
	le.PutUint64(key[:], seed)
	b := make([]byte, n)
	rand.NewChaCha8(key).Read(b)
	return b
}

// Text returns n bytes that look and compress like an SBOM in JSON, about nine
// to one, the same for the same seed.
func Text(seed uint64, n int) []byte {
	rnd := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, 0, n+512)
	for len(b) < n {
		name := words[rnd.IntN(len(words))] + "-" + words[rnd.IntN(len(words))]
		version := fmt.Sprintf("%d.%d.%d-%d", rnd.IntN(9), rnd.IntN(30), rnd.IntN(20), rnd.IntN(4))
		b = fmt.Appendf(b, "    {\n      \"name\": %q,\n      \"SPDXID\": \"SPDXRef-Package-deb-%s-%016x\",\n      \"versionInfo\": %q,\n"+
			"      \"supplier\": \"Organization: Debian\",\n      \"downloadLocation\": \"NOASSERTION\",\n      \"filesAnalyzed\": false,\n"+
			"      \"licenseConcluded\": \"NOASSERTION\",\n      \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", "+
			"\"referenceType\": \"purl\", \"referenceLocator\": \"pkg:deb/debian/%s@%s?arch=amd64\"}]\n    },\n",
			name, name, rnd.Uint64(), version, name, version)
	}
	return b[:n]
}

var words = strings.Fields("lib apt base core ssl crypto zlib python perl node react django celery redis postgres " +
	"nginx util common data dev bin tools doc fonts locale net http json xml yaml parser client server agent")
