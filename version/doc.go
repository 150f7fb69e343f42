// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package version computes, checks and compares the versions of HailBytes
// releases: 1.<commit count>, the number of commits in the history of the
// released commit.
//
// Start with [FromRepository], which computes the version of HEAD or of a tag,
// and [VerifyTag], which checks that a tag is the version of its own commit.
// [Parse] reads a version, [Version.Compare] orders two of them, [Current] and
// [FromBuildInfo] say what a program knows of its own origin.
//
// # Forms
//
//	1.482      the version
//	v1.482     the git tag (Version.Tag)
//	1.482.0    the same, for marketplaces and SemVer (Version.SemVer)
//	1.482.3    the fourth publication of 1.482 in a marketplace
//
// The numbers are decimal integers and are compared as such, 1.9 before 1.10.
// A version is never a floating-point number: 1.10 is not 1.1.
//
// # The count
//
// The count is that of git rev-list --count: every commit that is reachable from
// the commit, itself included, over all parents. It therefore needs the whole
// history: a shallow clone gives another number, and is refused. Replacement objects
// and grafts change the history on one machine only, and are not looked at.
//
// # What is not promised
//
// The count names a commit only within one branch; two branches can hold
// different commits of one version. Compare the commit id too, which
// [Release] and the manifest of a pack carry. A commit-graph file is believed as git
// believes it. Nothing here checks a signature of a tag.
//
// # Concurrency
//
// All functions may be called concurrently. Version, Build and Release are
// plain values.
package version
