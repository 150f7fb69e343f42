// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package policy reads the file in which a customer writes which releases are acceptable:
// who must have published and signed them, what evidence they must hold, and what that may
// say of the product. trustpack-verify and trustpack-gate take the same file.
//
//	asked, _, err := policy.Load("policy.yaml")     // or a shipped policy: "enterprise-strict"
//	pol, err := asked.Verification(ctx, time.Now()) // a trustpack.Policy
//	pol.Publisher = ...                             // verifiers of asked.Publisher
//	report, err := trustpack.VerifyFile(ctx, "pack.zip", pol, nil)
//
// # The file
//
// YAML or JSON. Ten lines are a useful policy:
//
//	publisher:
//	  - identityPattern: https://github\.com/HailBytes/hailbytes-asm/\.github/workflows/release\.yml@refs/tags/v.+
//	    issuer: https://token.actions.githubusercontent.com
//	    trustedRoot: trusted_root.json
//	require: [authentic]
//	release: {product: asm, atLeast: 1.482}
//	findings: {failOn: high}
//	licenses: {categories: {permissive: allow, weak-copyleft: allow, network-copyleft: deny}}
//	tests: true
//	maxAge: {scan: 30d}
//
// Everything is optional, but a policy that checks nothing is refused:
//
//	publisher, imageSigners   who must have signed the statement about the pack, and images: a list of
//	                          {key}, or {identity or identityPattern, issuer, trustedRoot, sourceRepository};
//	                          without imageSigners, signatures in the pack are not judged
//	require                   verdicts that must be a pass: consistent, pinned, authentic
//	release                   product; version, or atLeast for the oldest version that is accepted
//	profile                   evidence that the release must hold: a built-in profile, or a file
//	findings                  failOn, a severity; exceptions as sarif.ParseExceptions reads them; vex, files of
//	                          your own; trustVEX, patterns of paths in the pack; trustSuppressions, tools
//	licenses                  as license.ParsePolicy reads it
//	tests, accessibility      true: they must be there, and be a pass
//	sbom                      profile, of package sbom/quality, that every SBOM must meet
//	maxAge                    pack, scan, database: "30d" or "36h"
//	checks                    ids of checks that must be made, and all of them pass
//	rules                     a list of {id, expression, message}; see below
//	install                   what else than the release's own images may be started with it: see [Install]
//
// Names of files are relative to the folder of the policy. JSON Schema for editors: [Schema].
// Members that are unknown, given twice or that contradict each other are refused together,
// each with line and column.
//
// What weakens a policy begins with "unsafe", and is named in every report by the check
// policy.weakened, as are trustVEX and trustSuppressions: unsafeNoProfile; in findings
// unsafeOnlyFixable, unsafePassUnknown, unsafeOnlyReached, unsafeOnlyClasses, unsafeAnyProduct,
// and unsafeNewSince ({pack, contentDigest} of a release that was accepted: what it has too
// passes, unless its severity has risen); in install unsafeThirdPartyTags, unsafeBuild,
// unsafeProvider and unsafeWatch. An exception that has expired counts for nothing, and
// policy.exceptions says so.
//
// # Rules
//
// A rule is a CEL expression (cel.dev) that must be true, over the variables release, a
// [Release], and now. Its types are checked when the policy is read:
//
//	release.images.all(i, i.findings.filter(f, f.severity == "critical" && f.fixed != "").size() == 0)
//	release.packages.all(p, p.name != "log4j-core" || p.version != "2.14.1")
//	release.checks.exists(c, c.id == "attest.provenance" && c.status == "pass")
//	now - release.created < duration("2160h")
//
// A rule that cannot be evaluated, or takes too many steps, is an error and so no pass.
//
// # Checks
//
// Beside those policy.* that package trustpack makes:
//
//	policy.release   the release is not older than atLeast
//	policy.sbom      per SBOM: it meets the profile
//	policy.rule      per rule: it is true
//	policy.checks    per id: the check was made, and is a pass
//	policy.weakened  unsafeNoProfile (warning)
package policy

import _ "embed"

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (2020-12) of a policy file, for editors. What it cannot
// say - versions, references, expressions, contradictions - Parse checks.
func Schema() []byte { return []byte(schema) }
