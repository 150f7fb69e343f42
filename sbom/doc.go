// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package sbom reads software bills of materials, SPDX and CycloneDX in every
// common version and encoding, into one model.
//
// Start here:
//
//   - [Read] and [ReadFile] read a document of any format: a [Document] holds its
//     components, files, services, vulnerabilities and the relationships between
//     them, in one vocabulary and one direction.
//   - [Walk] reads one without holding it, element by element.
//   - [Document.Graph] answers questions about relationships: what is reachable,
//     what is missing, why is this here.
//   - [Validate] judges a document: readable, valid by its schema, and by the rules
//     that no schema states.
//   - [Convert] makes a document of another format, and reports what that lost.
//   - [Document.Write] writes a document in its own format.
//
// # What is read
//
//	SPDX 2.1 to 2.3      tag-value
//	SPDX 2.2 and 2.3     JSON
//	SPDX 3.0             JSON-LD, the Core, Software, SimpleLicensing and ExpandedLicensing profiles
//	CycloneDX 1.2 to 1.7 JSON
//	CycloneDX 1.0 to 1.7 XML
//
// A newer minor version is read, with a problem that says so; a newer major
// version is refused with [ErrUnsupported]. SPDX in RDF, YAML or plain XML is
// recognised and refused. An SPDX document may stand in the member "sbom" of an
// object, as GitHub's dependency graph gives it.
//
// # Rules of the model
//
//   - How a value is stated is part of it: absent, empty, NONE, NOASSERTION,
//     withheld and stated are different, see [State].
//   - Components are a flat list. Nesting, dependencies, containment and what a
//     document describes are all [Relationship] values.
//   - Every inverse relationship of SPDX is turned round, see [RelationshipType].
//   - What is wrong with a document and does not keep it from being read is in
//     Document.Problems.
//   - Nothing is lost: what has no field is in the [Extras] of its object.
//
// # Judging a document
//
// [Validate] tells three layers apart: whether a document is readable, whether the
// official schema accepts it, and whether it keeps the rules that no schema
// states. The last have these codes:
//
//	code                     error                                                  warning or info
//	sbom.duplicate-id        an SPDXID, spdxId or bom-ref that is used twice
//	sbom.dangling            a reference to nothing in the document
//	sbom.no-root             the document does not say what it describes
//	sbom.cycle               something contains itself
//	sbom.dependency-cycle                                                           dependencies in a circle
//	sbom.self-dependency                                                            something depends on itself
//	sbom.repeated-dependency two entries of CycloneDX dependencies for one ref
//	sbom.spdx-id             not SPDXRef-, LicenseRef- or DocumentRef- and an id
//	sbom.namespace           no documentNamespace, or no absolute URI without "#"
//	sbom.data-license        not CC0-1.0
//	sbom.creator             not Person:, Organization: or Tool:
//	sbom.party               supplier or originator in another form
//	sbom.name                an empty name
//	sbom.license             not a licence expression, or an empty one
//	sbom.license-unknown     an identifier that is not on the SPDX License List     the document's list is newer
//	sbom.license-ref         a LicenseRef- or DocumentRef- that is not defined
//	sbom.purl                not a package URL
//	sbom.purl-version        a package URL of another version than the component
//	sbom.purl-name                                                                  a package URL of another name
//	sbom.cpe                 not a CPE name
//	sbom.locator             white space in the locator of an external reference (SPDX 2)
//	sbom.hash                a digest that is not hexadecimal
//	sbom.hash-length         a digest of another length than its algorithm's
//	sbom.hash-placeholder                                                           all zeros, or the digest of nothing
//	sbom.verification-code   not a SHA-1                                            missing, or there though no files were analyzed
//	sbom.range               a range of a snippet that runs backwards
//	sbom.tag-missing         a mandatory field of tag-value that is not there
//	sbom.tag-word            a word of tag-value that is not one of its list
//	sbom.time                not a time of RFC 3339
//	sbom.time-form                                                                  not in UTC with seconds (SPDX 2)
//	sbom.time-placeholder                                                           older than the format
//
// # Packages below this one
//
// Package compare says what changed between two documents, and whether the SPDX
// and the CycloneDX document of one subject agree. Package quality judges the
// content of a document against a profile, such as the minimum elements of CISA
// 2026. Package interop takes documents to the types of tools-golang and
// cyclonedx-go, and from them.
//
// # What is not promised
//
// Reading does not check a document against its schema, and does not judge what
// it says. Validating does not verify signatures, and does not look at what a
// document refers to.
package sbom
