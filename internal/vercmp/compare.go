// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package vercmp

import (
	"cmp"
	"strings"
)

// Compare returns -1, 0 or 1 as a is before, equal to or after b. ok is false if
// the ecosystem is not known or one of the texts is not a version of it.
func Compare(ecosystem, a, b string) (order int, ok bool) {
	if len(a) > maxVersion || len(b) > maxVersion {
		return 0, false
	}
	switch ecosystem {
	case "deb":
		return compareDeb(a, b)
	case "rpm":
		return compareEVR(a, b, rpmvercmp)
	case "alpm":
		return compareEVR(a, b, alpmvercmp)
	case "apk":
		return compareParsed(parseAPK, apkVersion.compare, a, b)
	case "pypi":
		return compareParsed(parsePyPI, pypiVersion.compare, a, b)
	case "gem":
		return compareGem(a, b)
	case "maven":
		return compareMaven(a, b)
	case "golang":
		a, b = bareGo(a), bareGo(b)
		fallthrough
	case "npm", "cargo", "hex", "swift", "generic", "semver", "github", "k8s":
		return compareParsed(parseSemVer, semVersion.compare, a, b)
	case "nuget": // labels of pre-releases are compared without case
		return compareParsed(parseSemVer, semVersion.compare, strings.ToLower(a), strings.ToLower(b))
	case "pub":
		return compareParsed(parsePub, pubVersion.compare, a, b)
	case "bitnami":
		return compareParsed(parseBitnami, bitnamiVersion.compare, a, b)
	case "composer":
		return compareParsed(parseComposer, composerVersion.compare, a, b)
	case "conan":
		return compareParsed(parseConan, conanVersion.compare, a, b)
	}
	return 0, false
}

// maxVersion is longer than any version; longer texts are attacks.
const maxVersion = 1024

// Known reports whether versions of the ecosystem have an order.
func Known(ecosystem string) bool {
	_, ok := Compare(ecosystem, "1", "1")
	return ok
}

func compareParsed[T any](parse func(string) (T, bool), compare func(T, T) int, a, b string) (int, bool) {
	x, okA := parse(a)
	y, okB := parse(b)
	if !okA || !okB {
		return 0, false
	}
	return compare(x, y), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// span returns how many bytes at the start of s satisfy in.
func span(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func allDigits(s string) bool { return s != "" && span(s, isDigit) == len(s) }

// compareDigits compares numbers of any length.
func compareDigits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
