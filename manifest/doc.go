// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package manifest reads, writes and checks MANIFEST.json, the list of what a
// Trust Pack holds: one release of a product, its container images, the evidence
// about them with the SHA-256 of each file, and what is declared absent.
//
// Start with [Parse] for a pack of ours, [ParseLenient] for a pack that another
// tool wrote, and [Manifest.Marshal] to write one. A manifest says what its writer
// claims: nothing in it is proof until the files are held against it (package
// trustpack) and it is signed by someone the reader expects (package attest).
//
// # Format, version 1
//
// One JSON object. Members marked "?" may be absent; none is null, and no string
// is empty. Lists are always there, also when they are empty.
//
//	schema     "https://hailbytes.com/schemas/trust-pack/manifest/v1"
//	product    "asm", "sat": [a-z0-9]+(-[a-z0-9]+)*
//	version    "1.482", as package version writes it
//	release    {tag, commit?, repository?, created}
//	images     [{name, reference, digest, platform?, signing}]
//	             signing {status: "signed"|"unsigned", certificateIdentity?,
//	             certificateIdentityRegexp?, certificateOidcIssuer?, certificate?, bundle?}
//	artifacts  [{kind: "ami"|"vhd"|"binary"|"other", name, id?, sha256?}]
//	files      [{path, sha256, size, mediaType, kind, format?, image?, tool?: {name, version?}}]
//	gaps       [{kind, image?, reason, target?}]
//
// The types of this package describe each member; [Schema] is the same as a JSON
// Schema. Rules that no schema can say:
//
//   - files are sorted bytewise by path, each path once, MANIFEST.json not among them
//   - an image's name is unique; files and gaps name images that are there
//   - a reference that ends in a digest names the digest of its image
//   - the certificate and bundle of an image are files of the pack, of kind
//     certificate, and signature or attestation, and not about another image
//   - a format goes with its kinds (see [Format.Kinds]); other formats may be anything
//   - a gap is declared once; evidence that is there all the same is a warning
//   - times, targets, patterns (RE2) and paths ([CheckPath]) mean something
//
// # Canonical form
//
// Equal manifests are equal bytes, and people can read and compare them. Members
// stand in the order of RFC 8785 (UTF-16 code units of their names); strings and
// numbers are written as RFC 8785 writes them; indentation is two spaces, one
// member or element a line, ": " after a name; an empty object is "{}", an empty
// list "[]". Lines end in LF, the last one too. There is no byte order mark.
// Parse refuses every other form.
//
// # Later versions
//
// A later minor version may add members. This package keeps them (the Extra
// fields), reports them at SeverityInfo, and writes them back. A member whose name
// differs from a known one only in case is refused: readers that ignore case would
// see another document. A later major version has another schema URI and is
// refused with [ErrUnsupported]. Lists of kinds grow only with the major version.
//
// # Problems
//
// Every problem has a JSON Pointer, line, column and one of these codes; a text
// that is not strict JSON has a code of internal package jsonstrict, "json.*".
//
//	manifest.schema           not a manifest, or one of another major version
//	manifest.required         a member is missing
//	manifest.type             a value of another JSON type
//	manifest.empty            an empty string
//	manifest.canonical        not in canonical form, or another tool's (a warning of a lenient reading)
//	manifest.guess            what a lenient reading took the document to mean (warning)
//	manifest.member-unknown   a member of a later minor version (info)
//	manifest.members          more members that are not known than are kept
//	manifest.member-case      a known member's name but for case
//	manifest.member-duplicate an Extra member that is there twice or is known
//	manifest.number           an Extra number that a double cannot keep
//	manifest.text             characters that hide or reorder text, or too many of them
//	manifest.product, .version, .tag, .commit, .repository, .created, .image-name,
//	.reference, .digest, .platform, .size, .media-type, .format, .target, .path
//	                          a value that is not of its form
//	manifest.format-unknown   a format that this package does not know (info)
//	manifest.kind             a kind that is not in the list
//	manifest.image            an image that is not in the list
//	manifest.signing          a claim of signing that contradicts itself or the files
//	manifest.duplicate        a path, image, artifact or gap that is there twice
//	manifest.order            files that are not sorted
//	manifest.gap-present      a gap whose evidence is there (warning)
//	manifest.glob             a pattern of release.json that is none
//	manifest.more             there are more problems than the 1,000 of a severity that are told (info)
//
// # Not promised
//
// That the files are there and have these digests, that names do not collide on
// some file system, that tag and version agree, that a profile's evidence is
// complete: package trustpack checks those.
package manifest
