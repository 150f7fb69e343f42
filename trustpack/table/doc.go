// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package table turns a release into rows: flat records with one meaning for each
// column, for programs, spreadsheets and databases.
//
// [Of] makes the rows of one verified pack. Each kind of row is a struct whose JSON
// names are the column names. Every row begins with [Key], which says of which pack
// it is, and ends with [At], which leads back to the file and the place in it.
//
//	table           a row for each
//	packs           pack
//	images          image of the manifest
//	files           file of the pack
//	packages        component of an image or of the release, SPDX and CycloneDX joined
//	findings        finding about an image or the release, merged over tools and reports
//	tests           test of a report
//	accessibility   rule of axe-core that fails, or needs a person, on a page
//	attestations    signature or signed statement in a file
//	checks          check of the verification
//	controls        kind of evidence that speaks to a control, of the built-in table of package controls
//	gaps            gap of the manifest
//
// [WriteCSV] writes rows for spreadsheets; no cell of it can act as a formula.
// [Rows.Lookup] answers what a person asks of one vulnerability or package: by which
// path it came in, who says so, what fixes it, and what lets it pass.
//
// All text comes from the evidence and is hostile. Times are RFC 3339 in UTC, digests
// are lower-case hexadecimal with their algorithm in front where the column is a
// reference, and an empty string means that the evidence does not say.
package table
