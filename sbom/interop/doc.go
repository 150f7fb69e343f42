// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package interop converts between this module's SBOM documents and the types that
// Go programs exchange them in: v2_3.Document of github.com/spdx/tools-golang and
// BOM of github.com/CycloneDX/cyclonedx-go.
//
// [ToSPDX] and [ToCycloneDX] make those types of a document of any format, and say
// what a change of format lost; [FromSPDX] and [FromCycloneDX] read them. Both
// ways go through the formats' own JSON, written and read strictly by package sbom,
// so the result is what any other program would see of the same bytes. Importing
// package sbom links neither library; importing this one links both.
//
// # What the libraries do not hold
//
// Both types have one value for what is empty and what is left out, so the states of
// sbom.Text are fewer on the way back. Of the versions that go.mod names, these are known, each
// held by a test over every document of the test corpus:
//
//   - tools-golang reads only identifiers that begin with SPDXRef-, and parties with a colon.
//     It panics on null in packages, which is an error here.
//   - tools-golang does not undo JSON escapes in the names of people and organizations, which
//     [ToSPDX] does in its place, and keeps "()" after a name as part of it.
//   - tools-golang has one list of relationships: documentDescribes and hasFiles join
//     it, each once, and nothing tells them apart afterwards.
//   - cyclonedx-go writes neither a licence without id and name nor one with both, has an
//     object for the classification of evidence in declarations, which is a
//     string, and an XML attribute for the URL of a SWID tag, which is an element.
//   - cyclonedx-go does not look at XML namespaces: it reads elements of extensions as its own.
package interop
