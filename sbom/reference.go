// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strings"

	"github.com/HailBytes/evidence/internal/enum"
)

// IdentifierKind is the scheme of an Identifier.
type IdentifierKind uint8

// The kinds of identifier.
const (
	IdentifierOther  IdentifierKind = iota
	IdentifierPURL                  // package URL
	IdentifierCPE22                 // CPE 2.2 URI, "cpe:/a:..."
	IdentifierCPE23                 // CPE 2.3 formatted string, "cpe:2.3:a:..."
	IdentifierSWID                  // SPDX "swid", a URI
	IdentifierSWHID                 // Software Heritage id
	IdentifierGitoid                // gitoid, OmniBOR artifact id
)

var identifierNames = enum.Values{"other", "purl", "cpe22", "cpe23", "swid", "swhid", "gitoid"}

// String returns "purl", "cpe22", "cpe23", "swid", "swhid", "gitoid" or "other".
func (k IdentifierKind) String() string { return identifierNames.Name("IdentifierKind", uint8(k)) }

// MarshalText implements encoding.TextMarshaler.
func (k IdentifierKind) MarshalText() ([]byte, error) {
	return identifierNames.Marshal("IdentifierKind", uint8(k))
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *IdentifierKind) UnmarshalText(text []byte) (err error) {
	*(*uint8)(k), err = identifierNames.Unmarshal("IdentifierKind", text)
	return err
}

// Identifier is one name of a component in a public scheme.
type Identifier struct {
	Kind  IdentifierKind `json:"kind"`
	Value string         `json:"value"` // as written

	// How an SPDX 2 document writes it, so that it is written back the same.
	spelling spelling
	seq      int32 // index+1 among the references of its component; 0 if it was not read
}

// spelling is a way to write the category of an SPDX external reference.
type spelling uint8

const (
	spellingCanonical  spelling = iota // PACKAGE-MANAGER, PERSISTENT-ID, SECURITY
	spellingField                      // SPDX 3 software_packageUrl, a member of its own
	spellingUnderscore                 // PACKAGE_MANAGER, PERSISTENT_ID: the schema of SPDX 2.2 and several tools
	spellingReference                  // an ExternalReference says it with more than an Identifier holds
)

// ExternalReference points out of the document: a web site, an advisory, a
// distribution, another bill of materials.
type ExternalReference struct {
	Category string `json:"category,omitzero"` // SPDX 2: "SECURITY", "PACKAGE-MANAGER", "PERSISTENT-ID", "OTHER" as written; CycloneDX has none
	Type     string `json:"type"`              // SPDX "advisory", "fix", ...; CycloneDX "website", "vcs", ...
	Locator  string `json:"locator"`           // URL, or whatever the type asks for
	Comment  string `json:"comment,omitzero"`
	Hashes   []Hash `json:"hashes,omitzero"` // CycloneDX: of what is found there

	seq int32 // as Identifier.seq
}

// Hash is a digest of a component, a file or what an ExternalReference points at.
type Hash struct {
	Algorithm HashAlgorithm `json:"algorithm"`
	Value     string        `json:"value"` // as written; lower-case hex in honest documents
}

// HashAlgorithm is the name of an algorithm in the spelling of CycloneDX, and for those
// that CycloneDX lacks in the same style. A name that the module does not know is kept as written.
// Beside those that have a constant they are "MD2", "MD4", "MD5", "MD6", "BLAKE2b-256", "BLAKE2b-384",
// "BLAKE2b-512", "BLAKE3", "ADLER32", "Streebog-256" and "Streebog-512".
type HashAlgorithm string

// The algorithms of the Secure Hash Standards.
const (
	SHA1     HashAlgorithm = "SHA-1"
	SHA224   HashAlgorithm = "SHA-224"
	SHA256   HashAlgorithm = "SHA-256"
	SHA384   HashAlgorithm = "SHA-384"
	SHA512   HashAlgorithm = "SHA-512"
	SHA3_224 HashAlgorithm = "SHA3-224"
	SHA3_256 HashAlgorithm = "SHA3-256"
	SHA3_384 HashAlgorithm = "SHA3-384"
	SHA3_512 HashAlgorithm = "SHA3-512"
)

// hashAlgorithm returns the name that equals s but for case and hyphens, s itself if there is none.
func hashAlgorithm(s string) HashAlgorithm {
	if a, ok := hashNames[s]; ok {
		return a
	}
	if a, ok := hashNames[foldHashName(s)]; ok {
		return a
	}
	return HashAlgorithm(s)
}

var hashNames = func() map[string]HashAlgorithm {
	m := map[string]HashAlgorithm{}
	for _, a := range []HashAlgorithm{
		"MD2", "MD4", "MD5", "MD6", SHA1, SHA224, SHA256, SHA384, SHA512, SHA3_224, SHA3_256, SHA3_384, SHA3_512,
		"BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512", "BLAKE3", "ADLER32", "Streebog-256", "Streebog-512",
	} {
		m[string(a)] = a
		m[foldHashName(string(a))] = a
	}
	return m
}()

func foldHashName(s string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s))
}

// hexLengths gives the length of a digest in hexadecimal digits. MD6 and BLAKE3
// have none: their output length is a parameter.
var hexLengths = map[HashAlgorithm]int{
	"MD2": 32, "MD4": 32, "MD5": 32, SHA1: 40, SHA224: 56, SHA256: 64, SHA384: 96, SHA512: 128,
	SHA3_224: 56, SHA3_256: 64, SHA3_384: 96, SHA3_512: 128,
	"BLAKE2b-256": 64, "BLAKE2b-384": 96, "BLAKE2b-512": 128, "ADLER32": 8, "Streebog-256": 64, "Streebog-512": 128,
}

// HexLength returns how many hexadecimal digits a digest of the algorithm has,
// 0 if that is not fixed or the algorithm is not known.
func (a HashAlgorithm) HexLength() int { return hexLengths[a] }

// Property is a name and value that a tool adds. Names may repeat.
type Property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
