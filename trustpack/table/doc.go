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
// # Columns
//
// Every table begins with pack_id, product, version, version_number, and ends with
// source_path, source_sha256, source_pointer. Between them stand
//
//	packs           zip_sha256, tag, commit, repository, created, consistent, pinned, authentic,
//	                files, bytes, schema_version, settings
//	images          image, reference, repository, digest, platform, signing
//	files           path, sha256, size, media_type, kind, format, image, tool, tool_version
//	packages        image, purl, purl_type, namespace, name, package_version, distro, arch, supplier,
//	                license_expression, licenses (list), license_category, cpes (list), sha256,
//	                relation, in_spdx, in_cyclonedx, sources_count, findings
//	findings        image, vulnerability, class, aliases (list), severity, severity_rank, cvss_score,
//	                cvss_version, cvss_vector, purl, name, installed, fixed (list), tools (list),
//	                reachable, waivers (list), waived, title
//	tests           suite, name, status, duration_ms, attempts, attachments (list)
//	accessibility   page, rule, wcag (list), impact, nodes, needs_review, help
//	attestations    image, format, predicate_type, subject_digests (list), signer_identity,
//	                signer_issuer, source_repository, source_commit, source_ref, results (list)
//	checks          check_id, status, subject, message
//	controls        framework, edition, control_id, state, strength, evidence, result, reason, about,
//	                check_ids (list)
//	gaps            kind, image, reason, target, due
//
// The fields of the row types say what each means: go doc table.Finding. Signer and source
// of an attestation are what its certificate claims; results say what was verified.
//
// [WriteCSV] writes rows for spreadsheets; no cell of it can act as a formula.
// [Rows.Lookup] answers what a person asks of one vulnerability or package: by which
// path it came in, who says so, what fixes it, and what lets it pass.
//
// All text comes from the evidence and is hostile. Times are RFC 3339 in UTC, digests
// are lower-case hexadecimal with their algorithm in front where the column is a
// reference, and an empty string means that the evidence does not say.
package table
