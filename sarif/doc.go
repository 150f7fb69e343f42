// Package sarif turns what scanners wrote into findings that a gate can rely on.
//
// # Where to start
//
//	log, err := sarif.ReadAny(r, &sarif.ReadOptions{Name: "web.trivy.sarif"})
//	check := log.Health(&sarif.HealthOptions{Image: "ghcr.io/acme/web@sha256:..."})
//	for _, f := range log.Findings() { ... }
//
// [ReadAny] reads SARIF 2.1.0 of any tool ([Read]), Trivy's own JSON
// ([ReadTrivyJSON]) and govulncheck's ([ReadGovulncheckJSON]) into one model of
// [Log], [Run] and [Finding]; [Sniff] tells which it is. Three verdicts stay apart:
// a report can be read; [ValidateSchema] says whether it is schema-valid;
// [Log.Health] says whether it is evidence of a scan at all. A report without
// findings that is not healthy is not a clean scan.
//
// # What a finding is
//
// A result of kind "pass" or "notApplicable", or of baseline state "absent", is
// not a finding; it is counted in its [Run]. Results of kind "open" and "review"
// are findings that a person must decide.
//
// The identifier is the best known one, CVE before GHSA before Go's and OSV's
// others, and the rest are aliases. The severity is decided in one order: the
// tool's own word, a CVSS vector (scored here), a number, SARIF's level. Numbers
// that only stand for a word, as Trivy's 8.0 for HIGH, are marked [BasisBand].
// Nothing told is [SeverityUnknown], which is not "low". Levels that grade
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
// # Limits
//
// A report is hostile input. Reading takes time linear in its size; memory is that
// of the findings, and [Limits] bound size, depth, strings, elements and findings.
// Every problem has a JSON pointer, line and column.
//
// Functions are safe for concurrent use; values are, as long as nobody changes them.
package sarif
