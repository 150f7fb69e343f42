// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package cpe checks names of the Common Platform Enumeration 2.3 (NISTIR 7695) in
// their two bindings.
package cpe

import "strings"

// Valid reports whether s is a name in either binding.
func Valid(s string) bool { return ValidURI(s) || ValidFormatted(s) }

// ValidURI reports whether s is a name in the binding of CPE 2.2, a URI such as
// "cpe:/a:example:shop:1.0" (NISTIR 7695 §6.1): a part and at most six other
// components. Characters that a component does not hold as they are, are
// percent-encoded.
func ValidURI(s string) bool {
	if len(s) < 5 || !strings.EqualFold(s[:5], "cpe:/") {
		return false
	}
	components := strings.Split(s[5:], ":")
	if part := components[0]; len(components) > 7 || len(part) > 1 || !strings.Contains("aho", strings.ToLower(part)) {
		return false
	}
	named := false
	for _, c := range components {
		named = named || c != ""
		if !validComponent(c) {
			return false
		}
	}
	return named
}

func validComponent(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isBare(c), c == '~':
		case c == '%' && i+2 < len(s) && encodes(s[i+1], s[i+2]):
			i += 2
		default:
			return false
		}
	}
	return true
}

// encodes reports whether the digits encode a wildcard (01 and 02) or a character
// that is printed and is neither letter, digit nor blank.
func encodes(high, low byte) bool {
	hex := func(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }
	if hex(high) < 0 || hex(low) < 0 || high < '0' || low < '0' {
		return false
	}
	c := byte(16*hex(high) + hex(low))
	return c == 1 || c == 2 || isPunctuation(c)
}

// ValidFormatted reports whether s is a name in the binding of CPE 2.3, a formatted
// string such as "cpe:2.3:a:example:shop:1.0:*:*:*:*:*:*:*" (NISTIR 7695 §6.2): a
// part and ten other components, each a logical value or a text in which
// everything but letters, digits, hyphen, period and underscore has a backslash.
func ValidFormatted(s string) bool {
	rest, ok := strings.CutPrefix(s, "cpe:2.3:")
	if !ok {
		return false
	}
	const language = 6
	components := splitFormatted(rest)
	if len(components) != 11 || len(components[0]) != 1 || !strings.Contains("aho*-", components[0]) {
		return false
	}
	for i, c := range components[1:] {
		switch {
		case c == "*" || c == "-":
		case i+1 == language && !isLanguage(c), i+1 != language && !validText(c):
			return false
		}
	}
	return true
}

// splitFormatted splits at the colons that have no backslash.
func splitFormatted(s string) []string {
	var components []string
	begin := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ':':
			components = append(components, s[begin:i])
			begin = i + 1
		}
	}
	return append(components, s[begin:])
}

// validText reports whether s is a text with wildcards at its ends alone: question
// marks, or one asterisk.
func validText(s string) bool {
	s = cutWildcards(s)
	end := len(s)
	for end > 0 && (s[end-1] == '*' || s[end-1] == '?') && !escaped(s, end-1) {
		end--
	}
	if cutWildcards(s[end:]) != "" {
		return false
	}
	s = s[:end]
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isBare(c):
		case c == '\\' && i+1 < len(s) && isPunctuation(s[i+1]) && !isBare(s[i+1]):
			i++
		default:
			return false
		}
	}
	return s != ""
}

// cutWildcards cuts question marks or one asterisk off the beginning of s.
func cutWildcards(s string) string {
	if rest, ok := strings.CutPrefix(s, "*"); ok {
		return rest
	}
	return strings.TrimLeft(s, "?")
}

// escaped reports whether an odd number of backslashes stands before s[i].
func escaped(s string, i int) bool {
	before := strings.TrimRight(s[:i], "\\")
	return (i-len(before))%2 == 1
}

// isLanguage reports whether s is a language and perhaps a region (RFC 5646), as "en-US" or "es-419".
func isLanguage(s string) bool {
	language, region, ok := strings.Cut(s, "-")
	if len(language) < 2 || len(language) > 3 || !all(language, isLetter) {
		return false
	}
	return !ok || len(region) == 2 && all(region, isLetter) || len(region) == 3 && all(region, isDigit)
}

func all(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isBare reports whether c stands as it is in both bindings.
func isBare(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '.' || c == '_' }

func isPunctuation(c byte) bool { return '!' <= c && c <= '~' && !isLetter(c) && !isDigit(c) }
