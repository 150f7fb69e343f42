// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package compare compares two SBOMs.
//
// [Diff] says what changed from one document to another of any two formats:
// components by how they were recognised, relationships, files, services,
// vulnerabilities and the document itself.
//
// [Pair] says whether the SPDX and the CycloneDX document of one subject agree,
// leaving out what differs only because the formats do.
package compare
