// Package sbom reads software bills of materials, SPDX and CycloneDX in every
// common version and encoding, into one model.
//
// [Read] gives a [Document]: its components, files, services, vulnerabilities
// and the relationships between them, in one vocabulary and one direction.
// [Document.Graph] answers questions about those: what is reachable, what is
// missing, why is this here.
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
// recognised and refused.
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
// # What is not promised
//
// Reading does not check a document against its schema, and does not judge what it says.
package sbom
