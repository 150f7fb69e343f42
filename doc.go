// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package evidence is the root of a module for per-release security evidence: it
// proves what is in a release that runs in someone else's tenant, on every
// release, from files and offline.
//
// This package is the vocabulary of the others. A [Problem] is one fact that is
// wrong at one place of one document, and is an error; a [Check] is the outcome of
// one rule, made of problems by [Judge]; [Limits] bounds every reader; a [Digest]
// names content; a [Source] says where a fact stands. Three outcomes stay apart:
// input that was judged and refused gives an error of one of the classes below
// ([IsVerdict]), a check that does not hold has [StatusFail], and what could not
// be checked has [StatusError] or is an error of no class.
//
// The packages are
//
//	trustpack          build, open, verify, compare and extract Trust Packs; Release, the evidence as one model
//	trustpack/page     index.html of a pack, from plain data
//	trustpack/table    the evidence as rows: CSV, JSON
//	trustpack/controls which controls of which frameworks the evidence speaks to
//	trustpack/audit    a pack as documents for auditors: OSCAL, XLSX, PDF and others
//	trustpack/uat      test reports (JUnit, Playwright), accessibility (axe-core), screenshots
//	trustpack/license  licence inventories
//	manifest           MANIFEST.json of a pack: types, strict parse, canonical form, JSON Schema
//	version            1.<commit count>: parse, order, compute from git, verify a tag
//	sbom               SPDX and CycloneDX as one Document: read, write, validate, convert
//	sbom/compare       what changed between two SBOMs; whether two of one product agree
//	sbom/quality       profiles of what an SBOM must state
//	sbom/spdxexpr      SPDX licence expressions
//	sarif              SARIF, Trivy and govulncheck reports as one Finding; merge, compare, gate
//	attest             DSSE, in-toto Statements, keys and policies
//	attest/sigstore    keyless verification with a trusted root
//	attest/layout      in-toto layouts
//
// Packages called interop convert to and from the types of other libraries; no
// other exported signature names a type of another module.
//
// To verify a pack and list the critical findings that have a fix:
//
//	report, err := trustpack.VerifyFile(ctx, name, trustpack.Policy{Product: "asm", Version: "1.482", KeepRelease: true}, nil)
//	if err != nil {
//		return err // could not be checked
//	}
//	if err := report.Err(); err != nil {
//		return err // checked, and does not hold
//	}
//	for f := range report.Release.Findings() {
//		if f.Severity == sarif.SeverityCritical && f.Fixable() && f.Component != nil {
//			fmt.Println(f.ID, f.Component.PURL, f.Package.Fixed, f.Component.License(), f.Component.Relation(), f.Sources()[0])
//		}
//	}
package evidence
