// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package license turns what tools say of licences into an inventory of modules,
// judges it by a policy, and compares inventories.
//
// Start with [ReadReport], which reads the CSV of go-licenses, and [Join], which
// finds the module and version of each of its packages in go.mod ([ReadGoMod]) or
// in the components of an SBOM. [FromComponents] makes the same inventory of an
// SBOM alone, [Compare] holds the two against each other, [Diff] compares two
// releases, [Summarize] counts, and [ParsePolicy] and [Policy.Decide] judge.
//
// # Rules of the inventory
//
//   - A package belongs to the component with the longest name that is its path or
//     a prefix of it at a slash. Case counts only where components differ in it,
//     since package URLs of Go modules may be in lower case. Components of other
//     ecosystems are no Go modules.
//   - A module that the components have in several versions is the one that the
//     licence's URL names; where no URL tells, the version is left out, and
//     license.ambiguous says so.
//   - Several rows of one module are joined with AND: the report does not tell
//     whether they are a choice.
//   - "Unknown" is NOASSERTION, which no policy allows by listing a licence.
//   - First-party is the main module and what is under it, but for modules with a
//     version of their own. go-licenses cannot classify it where the product has
//     no licence file.
//   - A licence URL that names another version than the module has is a problem:
//     the report is of another build. A branch is no version, and a commit is not
//     held against a tag.
//
// # Problems
//
//	code                class        severity  where
//	license.row         ErrFormat    error     a row has other fields than package, URL and licence
//	license.path        ErrFormat    error     a name that is no import path; ErrLimit for one above Limits.ImportPath
//	license.html        ErrFormat    error     a page of HTML or XML in place of the report
//	license.json        ErrFormat    error     JSON in place of the report
//	license.empty       ErrFormat    error     no row
//	license.rows        ErrLimit     error     more rows than Limits.Elements
//	csv.*               ErrFormat    error     syntax, utf8; ErrLimit for size and field
//	license.log         ErrFormat    warning   a line of go-licenses' log among the rows; an error where it gave up
//	license.expression  ErrFormat    warning   a licence that is no SPDX expression
//	license.module      ErrMismatch  warning   no component is the module of a row
//	license.ambiguous   ErrMismatch  warning   which of several versions a row is of is not known
//	license.version     ErrMismatch  warning   a row is of another version than the component
//	gomod.*             ErrFormat    error     syntax; ErrLimit for size and requirements
//	policy.*            ErrFormat    error     license, category, module, version, required, empty, time, unknown; ErrLimit for size
//
// # Categories
//
// [Category] sorts licences into permissive, weak, strong and network copyleft,
// proprietary and unknown. The table, categories.csv, has those licences of the
// SPDX list that were looked at, among them all that the OSI, the FSF or the Blue
// Oak Council accepts; every other one is unknown. Its head says which public lists
// it was held against and how differences were decided. Exceptions that allow
// linking make a strong copyleft a weak one. In an expression the worst operand
// of AND and the best operand of OR count. The table is a help for sorting, not
// legal advice: a policy that must hold names licences.
//
// # Policy
//
// A policy is a JSON object. All members are optional, others are refused:
//
//	{
//	  "allow":  ["LicenseRef-acme", "GPL-2.0-only WITH Classpath-exception-2.0"],
//	  "review": ["BSD-4-Clause"],
//	  "deny":   ["BUSL-1.1"],
//	  "categories": {"permissive": "allow", "weak-copyleft": "review", "network-copyleft": "deny"},
//	  "exceptions": [{
//	    "module":  "github.com/hashicorp/...",
//	    "version": "v0.5.4",
//	    "license": "MPL-2.0",
//	    "owner":   "legal@acme.example",
//	    "reason":  "used unchanged",
//	    "expires": "2026-12-31"
//	  }]
//	}
//
// Its rules:
//
//   - A list names licences as SPDX expressions of one term each; see
//     [spdxexpr.Policy] for which spellings are one licence.
//   - Of one licence, deny says more than review, review more than allow, and each
//     more than the category. What nothing names needs review.
//   - An exception allows a module with exactly the licence that was looked at,
//     whatever the lists say. Of its members only version may be left out; it is
//     one version or a range, ">=0.5, <0.6" or a VERS. "path/..." is a module and
//     all under it; a package URL ("pkg:npm/%40acme/web") names a module of any
//     ecosystem. Expires is a day, to whose end in UTC it holds, or an RFC 3339
//     time.
//   - An exception that names what is not known of a module does not count. The
//     finding of the module says why.
//   - An exception that is unused, not needed or expired is listed in the
//     [Judgment].
//
// # Not promised
//
// Nothing here reads a licence's text. A report lists what its tool found, and
// what was compiled in need not be what is listed. A licence URL is the report's
// word; nothing is fetched.
//
// Time and memory of every function are linear in its input, but for the factor of
// a sort, and for [Policy.Decide], which looks for each module at the exceptions
// about its name. Functions are safe for concurrent use; values are plain data.
package license
