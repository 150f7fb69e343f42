// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package quality judges the content of an SBOM against a profile.
//
// A [Profile] lists what somebody asks of the content of a document beyond its
// validity, as data: the minimum elements of CISA 2026 and NTIA 2021, BSI
// TR-03183-2 v2.1, and what the SBOM of a HailBytes release must hold
// ([Profiles], [ProfileNamed]); [ParseProfile] reads one of your own.
// [Profile.Assess] gives one outcome for each element, with the components
// concerned:
//
//   - pass: the document states it, for at least one component and all of those asked.
//   - fail: not stated, or stated by a word, a digest or a name that says nothing.
//   - declared-unknown: the author says that it is unknown (NOASSERTION, "UNKNOWN",
//     a composition, the property cdx:cisa:unknown-information) or withheld.
//   - not-applicable: nothing to ask it of, no place for it in the format, or a
//     practice that no document shows. Over no component, nothing passes.
package quality
