// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package spdxexpr reads, writes, normalises and judges SPDX licence expressions.
//
// Start with [Parse]. An [Expression] prints in one canonical spelling
// ([Expression.String]), lists its licences ([Expression.Licenses]), has a
// normal form in which equal expressions are equal text ([Expression.Normal]),
// and is judged against lists of allowed and denied licences by [Policy.Decide].
//
// # Grammar
//
// SPDX 2.3 Annex D and SPDX 3.0.1 Annex B, which differ in little; what either
// allows is read:
//
//		expression = and-group *( OR and-group )
//		and-group  = term *( AND term )
//		term       = licence [ WITH addition ] / "(" expression ")" / special
//		licence    = list-id [ "+" ] / [ "DocumentRef-" id ":" ] "LicenseRef-" id
//		addition   = exception-id / [ "DocumentRef-" id ":" ] "AdditionRef-" id
//		special    = "NONE" / "NOASSERTION"
//		id         = 1*( letter / digit / "-" / "." )
//
//	  - Operators are upper case or all lower case ("and"); "And" is refused. They
//	    are written in upper case. White space or a parenthesis stands around AND
//	    and OR, white space around WITH, none before "+".
//	  - Identifiers of the list match without regard to case and are written as the
//	    list has them: "mit" is MIT. Prefixes such as LicenseRef- keep their case.
//	  - AND binds tighter than OR. Parentheses that change nothing are dropped.
//	  - NONE and NOASSERTION are values of their own: alone or beside AND, as the
//	    grammar of SPDX 3 has it, never beside OR or WITH. Neither is a licence,
//	    and no policy allows them by listing.
//	  - Deprecated identifiers are read and kept; [License.Current] gives what
//	    replaced them.
//
// # Problems
//
//	spdxexpr.empty              no text, or white space only
//	spdxexpr.character          a character that no identifier has
//	spdxexpr.syntax             an operator, licence or parenthesis is missing or too many
//	spdxexpr.operator-case      an operator in mixed case
//	spdxexpr.reference          a malformed LicenseRef-, AdditionRef- or DocumentRef-
//	spdxexpr.special            NONE or NOASSERTION beside OR or WITH, or with "+"
//	spdxexpr.unknown-license    not on the list; class ErrUnsupported
//	spdxexpr.unknown-exception  not on the list; class ErrUnsupported
//	spdxexpr.size               longer than MaxBytes; class ErrLimit
//
// # Cost
//
// Parsing, printing and judging take time and memory linear in the expression,
// for every input; nothing is expanded into a disjunctive form. The normal form
// sorts, and takes O(n log² n). Nothing recurses. An expression may have
// [MaxBytes].
//
// # Not promised
//
// No two licences are compared as texts, no compatibility of licences is
// judged, and A OR (A AND B) is not simplified to A. That a licensee of
// "GPL-2.0-or-later" may choose GPL-3.0 is known only to whoever lists both.
//
// Values are immutable and safe for concurrent use.
package spdxexpr
