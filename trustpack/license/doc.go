// Package license turns what tools say of licences into an inventory of modules,
// judges it by a policy, and compares inventories.
//
// Start with [ReadReport], which reads the CSV of go-licenses, and [Join], which
// finds the module and version of each of its packages in go.mod ([ReadGoMod]) or
// in the components of an SBOM. [FromComponents] makes the same inventory of an
// SBOM alone, [Compare] holds the two against each other, [Diff] compares two
// releases, [Summarize] counts, and [Policy.Decide] judges.
//
// # Rules
//
//   - A package belongs to the component with the longest name that is its path or
//     a prefix of it at a slash.
//   - Several rows of one module are joined with AND: the report does not tell
//     whether they are a choice.
//   - "Unknown" is NOASSERTION, which no policy allows by listing. The product's own
//     module, which go-licenses cannot classify, is marked as such where the caller
//     says which it is.
//   - A licence URL that names another version than the module has is a problem:
//     the report is of another build.
//
// # Categories
//
// [Category] sorts licences into permissive, weak, strong and network copyleft,
// proprietary and unknown. The table, categories.csv, has those licences of the
// SPDX list that were looked at; every other one is unknown. Exceptions that allow
// linking make a strong copyleft a weak one. In an expression the worst operand
// of AND and the best operand of OR count. The table is a help for sorting, not
// legal advice.
//
// # Not promised
//
// Nothing here reads a licence's text. A report lists what its tool found, and
// what was compiled in need not be what is listed.
//
// Functions are safe for concurrent use; values are plain data.
package license
