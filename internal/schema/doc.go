// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package schema holds documents against the official JSON Schemas of their
// formats and says where they differ: one [diag.Problem] with JSON pointer, line
// and column per difference.
//
// The judgement is that of santhosh-tekuri/jsonschema/v6 with formats asserted.
// What this package adds:
//
//   - The text is read by [jsonstrict], so a duplicate name or a trailing value is
//     an error of the document, not of the schema.
//   - A document is judged in parts. The elements of a large array are built,
//     judged and dropped one by one wherever the schema says nothing about the
//     array beyond its elements, their number and their uniqueness; the tree in
//     memory is then one element, not the document.
//   - The number of problems is bounded, and each message is.
//   - Nothing is fetched: a reference to a schema that was not given is an error.
//
// Codes are "schema." and the keyword that failed: "schema.required",
// "schema.additional-properties", "schema.any-of". Every one is of class
// diag.ErrFormat. At most [MaxProblems] are told, then one "schema.more".
package schema
