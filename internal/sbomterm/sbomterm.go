// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package sbomterm holds the words and values that package sbom and the packages
// below it give one meaning.
package sbomterm

import (
	"slices"
	"strings"
)

// Properties by which a CycloneDX document says that a minimum element of CISA
// 2026 is not known or withheld. They are proposed for the property taxonomy of
// CycloneDX, not yet part of it.
const (
	CISAPrefix   = "cdx:cisa:"
	CISAUnknown  = CISAPrefix + "unknown-information"
	CISAWithheld = CISAPrefix + "withheld-information"
)

// IsIDByte reports whether an SPDX identifier may hold c: a letter, a digit, "." or "-" (SPDX 2.3 §3.2).
func IsIDByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-'
}

// LicenseRef returns the LicenseRef that stands for a licence by name. What an
// identifier cannot hold becomes a hyphen, as Syft and others do. A name that has
// the form of a LicenseRef stays as it is.
func LicenseRef(name string) string {
	b := []byte(strings.TrimPrefix(name, "LicenseRef-"))
	for i, c := range b {
		if !IsIDByte(c) {
			b[i] = '-'
		}
	}
	if len(b) == 0 {
		b = []byte("-")
	}
	return "LicenseRef-" + string(b)
}

// IsHex reports whether s is n hexadecimal digits.
func IsHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}

// emptyDigests are the digests of no bytes, for the algorithms in common use.
var emptyDigests = []string{
	"d41d8cd98f00b204e9800998ecf8427e",                                                                                                 // MD5
	"da39a3ee5e6b4b0d3255bfef95601890afd80709",                                                                                         // SHA-1
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",                                                                 // SHA-256
	"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",                                 // SHA-384
	"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e", // SHA-512
}

// IsPlaceholderDigest reports whether a digest is all zeros or the digest of no bytes.
func IsPlaceholderDigest(hex string) bool {
	return strings.Trim(hex, "0") == "" || slices.ContainsFunc(emptyDigests, func(empty string) bool {
		return len(empty) == len(hex) && strings.EqualFold(empty, hex)
	})
}
