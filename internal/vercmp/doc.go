// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package vercmp orders versions by the rules of the ecosystem that they are of,
// named by package URL type:
//
//	deb                               Debian Policy 5.6.12, as dpkg
//	rpm                               rpmvercmp, with "~" and "^"
//	apk, alpm                         apk-tools; pacman's vercmp, which is rpm's
//	golang, npm, cargo, nuget, hex,   Semantic Versioning 2.0.0 section 11, with any number of numeric parts;
//	pub, composer, swift, generic,    of golang a leading "v" or "go" does not count,
//	conan, github, bitnami, k8s       and "1.22rc1" is "1.22-rc.1"
//	pypi                              PEP 440
//	gem                               RubyGems
//	maven                             Maven's ComparableVersion
//
// Versions of another ecosystem, and texts that are no versions, have no order:
// a caller must not take them to be in or out of a range. Time is linear in the
// length of the texts.
package vercmp
