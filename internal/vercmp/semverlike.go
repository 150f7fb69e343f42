// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package vercmp

import (
	"cmp"
	"slices"
	"strings"
)

// pubVersion is a version of Dart's packages: of two that are equal, the one with
// build metadata is later.
type pubVersion struct {
	semVersion
	build []string
}

func parsePub(s string) (v pubVersion, ok bool) {
	s, build, has := strings.Cut(s, "+")
	if has {
		v.build = strings.Split(build, ".")
	}
	v.semVersion, ok = parseSemVer(s)
	return v, ok
}

func (v pubVersion) compare(w pubVersion) int {
	return cmp.Or(v.semVersion.compare(w.semVersion), slices.CompareFunc(v.build, w.build, compareLabels))
}

// bitnamiVersion is a version of Bitnami: a number after the last hyphen is the
// revision of the packaging, and later than the version without.
type bitnamiVersion struct {
	semVersion
	revision string
}

func parseBitnami(s string) (v bitnamiVersion, ok bool) {
	if i := strings.LastIndexByte(s, '-'); i > 0 && allDigits(s[i+1:]) {
		s, v.revision = s[:i], s[i+1:]
	}
	v.semVersion, ok = parseSemVer(s)
	return v, ok
}

func (v bitnamiVersion) compare(w bitnamiVersion) int {
	return cmp.Or(v.semVersion.compare(w.semVersion), compareDigits(v.revision, w.revision))
}

// conanVersion is a version of Conan 2: parts of digits or any text, zeros at the
// end do not count, and the build is compared, too.
type conanVersion struct {
	main, pre, build []string
	hasPre           bool
}

func parseConan(s string) (v conanVersion, ok bool) {
	s, build, _ := strings.Cut(s, "+")
	s, pre, hasPre := strings.Cut(s, "-")
	v = conanVersion{conanParts(s), conanParts(pre), conanParts(build), hasPre}
	return v, s != "" && span(s, func(c byte) bool { return c > ' ' && c < 0x7f && c != '/' && c != '@' }) == len(s)
}

func conanParts(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ".")
	for len(parts) > 0 && strings.Trim(parts[len(parts)-1], "0") == "" && parts[len(parts)-1] != "" {
		parts = parts[:len(parts)-1]
	}
	return parts
}

func (v conanVersion) compare(w conanVersion) int {
	return cmp.Or(slices.CompareFunc(v.main, w.main, compareConanPart), boolOrder(w.hasPre, v.hasPre),
		slices.CompareFunc(v.pre, w.pre, compareConanPart), slices.CompareFunc(v.build, w.build, compareConanPart))
}

// compareConanPart compares numbers by value and all else as text.
func compareConanPart(a, b string) int {
	if allDigits(a) && allDigits(b) {
		return compareDigits(a, b)
	}
	return cmp.Compare(a, b)
}
