// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package schema holds documents against the official JSON Schemas of their
// formats and says where they differ: one [evidence.Problem] with JSON pointer, line
// and column per difference.
//
// A schema is compiled once into nodes ([Compile]). A document is read once, by the
// strict rules of [jsonstrict], into an index of its values: eight bytes for each value
// and each name, no tree. The nodes then run over the index.
//
// Why the index, and not the tokens of the pass that reads the document: alternatives
// ("anyOf", "oneOf", "if") must be tried one after the other on the same value, the member
// that tells them apart may come last, and elements that must differ are compared. On
// a stream each of the three needs a machine of its own; on an index they are loops. The
// pass costs as much as one reading, and a difference has its place at once.
//
// # How alternatives are chosen
//
// Where a member has one constant value in each alternative, as "type" in SPDX 3, it is
// looked up first. What alternatives say about one value is remembered, so that
// alternatives inside of alternatives take linear time. Where none fits, and one alone can
// be meant (by kind, by that member, or because no required member is missing), the
// differences are those from that one. Otherwise the difference is that none fits.
//
// # What is supported
//
// All that the schemas of SPDX, CycloneDX, SARIF and this module use. Compile refuses
// any other keyword, format, reference or draft, and says which: nothing is passed over
// in silence, and nothing is fetched. santhosh-tekuri/jsonschema/v6 is the oracle of the
// tests: same verdicts, same places. The purposeful differences:
//
//   - "uri", "iri-reference" and "idn-email" are checked as RFC 3986 §3, RFC 3987 §2.2
//     and RFC 6531 §3.3 have them; the library takes what it can split.
//   - Text that is not strict JSON is an error of the document, not of the schema.
//   - A value of the wrong type is that one difference; what other keywords of the
//     same schema say about it is not (JSON Schema core §7.7.1.1: a validator may stop early).
//   - Members that no alternative describes are reported only where an alternative fits:
//     otherwise none of them is described (core §11.3, "unevaluatedProperties").
//
// Codes are "schema." and the keyword that failed: "schema.required",
// "schema.additional-properties", "schema.any-of". Every one is of class
// evidence.ErrFormat. At most [MaxProblems] are reported, then one "schema.more".
package schema
