// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package sarif turns what scanners wrote into findings that a gate can rely on.
//
// # Where to start
//
//	report := sarif.Inspect(data, &sarif.InspectOptions{Name: "web.trivy.sarif"})  // read and judged
//	findings := sarif.Merge(report.Log)                                           // one finding per thing
//	decision, err := (&sarif.Gate{FailOn: sarif.SeverityHigh}).Evaluate(findings) // acceptable?
//
//	to do                           call
//	read                            Read (any format), ReadSARIF
//	judge a file, all four checks   Inspect; ValidateSchema, ValidateSemantics, Log.Health
//	one list out of several         Merge
//	what one upgrade ends           ByPackage, ByFix
//	look up packages in an SBOM     Join, Joined.Checks
//	compare with the last release   Diff, DiffLogs
//	decide                          Gate.Evaluate, with ParseExceptions and ReadVEX
//	write                           WriteJSON, WriteCSV, WriteMarkdown, WriteSARIF
//
// Three verdicts stay apart: a report can be read; it is schema-valid and keeps the
// specification's rules; it is evidence of a scan at all. A report without findings
// that is not healthy is not a clean scan.
//
// # What a finding is
//
// A result of kind "pass" or "notApplicable", or of baseline state "absent", is
// not a finding. Results of kind "open" and "review" are findings that a person
// must decide.
//
// The identifier is the best known one, CVE before GHSA before Go's and OSV's
// others, and the rest are aliases. The severity is decided in one order: the
// tool's own word, a CVSS vector (scored here), a number, SARIF's level. Numbers
// that only stand for a word, as Trivy's 8.0 for HIGH, are marked [BasisBand].
// Nothing stated is [SeverityUnknown], which is not "low". A merged finding is as
// grave as the gravest of its results says. Levels that grade
// something else are not severities: govulncheck's is about reachability,
// OSV-Scanner's is always "warning".
//
// Where each datum stands differs by tool. Known are Trivy, Grype, govulncheck,
// OSV-Scanner, Snyk, Wiz, and what other tools write into rule ids, properties,
// tags and CWE taxa; a result that is none of the others is a finding of
// [ClassCode]. Known bugs of producers are told as problems with an id of their
// own, and do not make a report unreadable:
//
//	govulncheck-empty-region      region {} in -mode binary; schema-invalid
//	govulncheck-duplicate-tags    equal tags on a rule; schema-invalid
//	govulncheck-duplicate-stacks  equal call stacks; read once
//	govulncheck-results-absent    no results member where nothing was found
//	trivy-duplicate-rule          several rules with one id
//	trivy-license-swapped         package name and classification of a licence the wrong way round
//	trivy-null-report             null instead of a report
//
// # The same finding
//
// Vulnerabilities are the same by identifier, package without version, and image
// repository or module; see [Merge]. By that, one CVE in one package counts once
// whatever the tools call it, and a release compares with the one before. What each
// result said by itself stays in Members and [Finding.Provenance].
//
// # What lets a finding pass
//
// A [Gate] fails on what it is not told to accept. Exceptions are the caller's, each
// with owner, reason and a day on which it ends. VEX documents count when the caller
// names them, and need a justification to say "not affected". Suppressions that come
// with a report count only for sources that the caller names.
//
// One rule decides whether an exception or a VEX statement is about a finding:
// everything that it names is compared with what the finding states. What differs
// does not count, and what the finding does not state does not count either. Compared
// are the vulnerability with its aliases, package type, vendor, name, version, range
// of versions under the package's own order, each qualifier and the subpath of a
// package URL, and the image by repository, tag, digest, architecture and release.
// What a claim leaves out is any. A merged finding passes only if each of its results
// does, in each installed version. Of VEX statements about one thing the last counts;
// one that says "affected" or "under investigation" counts unless it is known to be
// about something else. The reason of each outcome says what let the finding pass, or
// why a claim about it does not count; [Judgment.Checks] reports claims that are
// unused, expired or cannot be honoured.
//
// # Not promised
//
// Results that stand in external property files, or in inlineExternalProperties, are
// not read; [Log.Health] then fails. A stream of govulncheck that was cut between two
// messages cannot be told from a whole one. The module of a Go package is told by
// convention where a SARIF report of govulncheck names only the package. CSAF is not
// read as VEX.
//
// # Limits
//
// A report is hostile input. Reading takes time linear in its size; memory is that
// of the findings, and [Limits] bound size, depth, strings, elements and findings.
// Every problem has a JSON pointer, line and column.
//
// Functions are safe for concurrent use; values are, as long as nobody changes them.
package sarif
