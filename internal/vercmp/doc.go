// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package vercmp orders versions by the rules of the ecosystem that they are of,
// named by package URL type:
//
//	deb                            Debian Policy 5.6.12, as dpkg
//	rpm                            rpmvercmp, with "~" and "^"
//	apk                            apk-tools
//	alpm                           pacman's vercmp
//	golang, npm, cargo, hex,       Semantic Versioning 2.0.0 section 11, with any number of numeric parts;
//	swift, generic, github, k8s    of golang a leading "v" or "go" does not count, and "1.22rc1" is "1.22-rc.1"
//	nuget                          likewise, labels without case
//	pub                            likewise, build metadata count
//	bitnami                        likewise, a number after the last hyphen is the revision of the packaging
//	composer                       Composer's stabilities: dev, alpha, beta, RC, stable, patch
//	conan                          Conan 2: letters in any part, build metadata count
//	pypi                           PEP 440
//	gem                            RubyGems
//	maven                          Maven's ComparableVersion
//
// Versions of another ecosystem, and texts that are no versions, have no order:
// a caller must not take them to be in or out of a range. Time is linear in the
// length of the texts.
package vercmp
