// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package audit writes a verified pack as documents that auditors and GRC tools take in.
//
// [New] takes the report of a verification that kept its release, [Release.Files] gives a
// format as one file or several, [WriteFile] and [WriteFolder] put them on disk, all or
// nothing.
//
//	format     what                                          who reads it
//	oscal-ar   OSCAL 1.2.2 assessment results                ServiceNow CAM, Heimdall, compliance-trestle
//	oscal-cd   OSCAL 1.2.2 component definition              the same, Lula, RegScale
//	cdxa       CycloneDX 1.6 declarations and definitions    readers of CycloneDX attestations
//	gemara     EvaluationLog of Gemara, schema version 1     tools of OpenSSF
//	caiq-lite  answers for controls of CSA CCM 4.1           caiq-lite
//	xlsx       a sheet for each table                        people; evidence libraries of GRC platforms
//	pdf        cover, findings, licences, tests, controls    the same
//	csv        a file for each table                         spreadsheets, databases
//	upload     PDF and XLSX files, one for each control      platforms that take office files of at most 25 MB
//
// # What the documents say
//
// All come from the results of package controls, from the checks of the verification, and
// from the rows of package table. A control has one of four statuses:
//
//	status         oscal-ar                            cdxa            gemara         caiq-lite
//	satisfied      finding: satisfied, pass            claim, 1        Passed         Yes
//	not satisfied  finding: not-satisfied, fail        counter claim   Failed         No
//	declared gap   finding: not-satisfied, other, and  counter claim   Failed         Planned with a target, else No
//	               a risk
//	not assessed   observation                         defined only    Needs Review,  left out
//	                                                                   Not Run
//
// An id that is no OSCAL token is written as one; the framework's own id is a property. OSCAL
// target ids have the form of NIST's own catalogs for SSDF and SP 800-53, and are the plain
// token for others. caiq-lite takes no ids of the domains A&A and I&S, so these are left out.
//
// Every fact leads back to the pack: "PACK#PATH@sha256:HEX", with a JSON Pointer behind it
// where one is known.
//
// # The same bytes
//
// The same pack, verified with the same flags, gives the same bytes on any day and machine: UUIDs
// are of version 5, made of the content digest; times are those of the release; lists are in
// the order of the pack; workbooks are compressed by a pinned compressor.
//
// # Hostile text
//
// All text comes from the evidence. In CSV and XLSX no cell can act as a formula; what is not
// graphic (controls, marks that turn the writing direction, line ends) is escaped everywhere;
// OSCAL's markup shows it as it is. The PDF shows Latin, Greek, Cyrillic, Armenian, Georgian,
// Hebrew, Arabic (letters unjoined), Chinese, Japanese and Korean; a character that its fonts
// do not have is written as <U+1F389>.
package audit
