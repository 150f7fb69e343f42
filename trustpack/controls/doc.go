// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package controls says which requirements of which frameworks the evidence of a release
// speaks to, and what it says of each.
//
// [Builtin] is the table that comes with the project, [Parse] reads a customer's own.
// [Table.Evaluate] holds it against the files, checks and gaps of one release. Package
// trustpack makes these of a pack: see trustpack.Report.Controls.
//
// # The table
//
// A table is a CSV file (RFC 4180, UTF-8) with these columns, in this order:
//
//	column     holds
//	evidence   what the row is about, for a person; see below where it narrows the kind
//	kinds      one of the kinds of the list below
//	framework  name of the framework: "NIST SSDF"
//	edition    its edition: "1.1"; what follows in brackets is a remark
//	id         of the control, as the framework writes it: "A&A-02"
//	oscal_id   the same as an OSCAL token: "A_A-02"; empty only where strength is -
//	about      what the control asks for, in our own words
//	strength   shows, supports, gap, or -
//	source     where the row was found
//	checked    yes, partly, secondary (in a copy) or no (from memory)
//
// A control is named by framework, edition and id: CSA CCM 4.0 and 4.1 give one id two
// meanings. A control may have several rows, one for each kind of evidence. A row of strength
// "-" says that the evidence does not show the control, and is not evaluated.
//
// # The kinds of evidence
//
// The checks are those of package trustpack. "Needs" are the checks that must have passed;
// "no failure" are those that must not have failed where they were made.
//
//	kinds                    files, and what they need                             no failure
//	sbom                     sbom, of every image: sbom.readable                   sbom.*
//	scan                     scan: scan.readable, scan.health                      scan.*
//	vex                      vex: scan.vex                                         scan.vex.*
//	license-report           license-report: license.readable, license.complete    license.*
//	test-report, screenshot  test-report, screenshot: uat.readable, uat.tests      uat.*, but not of axe
//	accessibility            accessibility: uat.readable, uat.accessibility        uat.axe
//	signature, certificate   the same, of every image: attest.signature,           attest.*
//	                         attest.identity and attest.subject of one of them
//	attestation              attestation, signature, of every image: the same      attest.*
//	index                    index: index.agrees
//	pins                     pins: release.pins
//	(release fields)         MANIFEST.json: release.version, release.tag           release.identity,
//	                                                                               release.source, release.repository
//	(pack)                   MANIFEST.json: manifest.inventory, manifest.digest,   archive.*, manifest.*
//	                         attest.statement
//	(computed)               none: it takes two packs, and trustpack-diff
//	(computed, VSA)          none: it takes an installation, and trustpack-gate
//	gap                      a gap of the manifest
//
// Where a kind has several sorts, the beginning of the column evidence says which:
//
//	sbom         "SBOM profile NAME": needs the check sbom.profile.NAME, which verification does not make; anything else for any
//	scan         "container scan" (of every image, not by govulncheck), "Go scan" (by govulncheck), or "scan" for any
//	attestation  "SBOM attestation" (needs attest.predicate), "provenance attestation" (needs attest.provenance), or "attestation" for any
//	gap          "declared gap: KIND", a kind of gap that a manifest can declare
//
// # The rules
//
//   - A control is satisfied only by rows of strength "shows" whose checks passed on this pack.
//     Evidence of strength "supports" is listed with the control and satisfies nothing.
//   - It is not satisfied if a check behind one of these rows failed, or evidence that is needed
//     of every image is missing for some.
//   - It is a declared gap if the manifest declares that the evidence is absent, also where that
//     holds for some images only.
//   - It is not assessed in all other cases: nothing in the pack speaks to it, a check was not
//     made (no signer is expected, say), or could not be made.
//   - Nothing is satisfied by a pack that does not hold: see [Release.Checks].
package controls
