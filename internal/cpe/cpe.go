// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package cpe checks names of the Common Platform Enumeration.
package cpe

import "strings"

// Valid checks the outer form of a CPE 2.3 formatted string (NISTIR 7695 §6.2)
// or of a CPE 2.2 URI.
func Valid(s string) bool {
	if rest, ok := strings.CutPrefix(s, "cpe:2.3:"); ok {
		parts, escaped := 1, false
		empty := true
		for i := range len(rest) {
			switch c := rest[i]; {
			case escaped:
				escaped, empty = false, false
			case c == '\\':
				escaped = true
			case c == ':':
				if empty {
					return false
				}
				parts++
				empty = true
			case c <= ' ' || c >= 0x7f:
				return false
			default:
				empty = false
			}
		}
		return parts == 11 && !empty && !escaped && strings.ContainsRune("aho*-", rune(rest[0]))
	}
	rest, ok := strings.CutPrefix(strings.ToLower(s), "cpe:/")
	return ok && len(rest) > 1 && strings.ContainsRune("aho", rune(rest[0])) && rest[1] == ':' && strings.Count(rest, ":") <= 7
}
