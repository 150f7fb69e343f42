// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package textfmt

import "strings"

// Cell makes text safe for a cell of a CSV file or a spreadsheet. Spreadsheets run
// what looks like a formula: a cell that begins with =, +, -, @ or a character that
// programs take for one of them gets a single quote in front. Line ends and tabs
// become spaces, other control characters go.
func Cell(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, s)
	// Full-width forms are folded by some programs, leading blanks dropped.
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "−"} {
		if strings.HasPrefix(strings.TrimLeft(s, " \u00a0\u3000\ufeff"), sign) {
			return "'" + s
		}
	}
	return s
}
