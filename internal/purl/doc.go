// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package purl reads package URLs (ECMA-427) and gives the keys by which
// evidence of different tools is joined.
//
// [Parse] takes a package URL apart, [Canonical] gives its canonical text and is
// made for the hundred thousand of them in one SBOM, [KeyOf] folds what tools
// write differently for one package. Grammar and rules of each type are those of
// packageurl-go; what it lets pass is checked here: text that decodes to
// something other than UTF-8, and control characters.
//
// Of the 410 parse and validate cases of the specification's own suite, 405 are
// met. Five cannot be, or are not:
//
//   - gem and rpm, "Platform=" and "Arch=" in mixed case: the suite wants them
//     refused in one case and lower-cased in the next; they are lower-cased, as
//     the specification's text says.
//   - git, name "forgejo/forgejo" (two cases): the suite wants a name with a slash
//     where the specification takes the last segment as the name.
//   - git, "Package-url/purl-Spec" to lower case: recommended, not required, and
//     wrong for hosts that tell them apart.
package purl
