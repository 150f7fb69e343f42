// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safepath

import (
	"strings"
	"unicode"
)

// runeRule returns the rule that a character above ASCII breaks, "" for none.
func runeRule(r rune) string {
	switch {
	case r <= 0x9f:
		return "control"
	case r < 0xad: // the common case: letters of Latin-1 start here
		return ""
	case r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef:
		return "utf8" // noncharacters: Unicode 16 §23.7, not for interchange
	case isBidi(r):
		return "bidi"
	case isInvisible(r):
		return "invisible"
	case r == 0x2028 || r == 0x2029 || isSlashLike(r):
		return "separator"
	}
	return ""
}

// isBidi reports the directional marks, embeddings, overrides and isolates of UAX #9 §2.
func isBidi(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// isInvisible reports characters that take no space, or space without ink:
// general category Cf (soft hyphen, zero-width space and joiners, word joiner,
// byte order mark, tags), the grapheme joiner, and the Hangul, Khmer and Braille
// blanks. Variation selectors are left to nameset: emoji carry them.
func isInvisible(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// slashLike holds what looks like "/" or "\" (UTS #39 confusables without the
// CJK and Kana letters) and what becomes one under NFKC.
const slashLike = "\u1735\u2041\u2044\u2100\u2101\u2105\u2106\u2215\u2216\u2571\u2572\u27cb\u27cd" +
	"\u29f5\u29f6\u29f7\u29f8\u29f9\u2cc6\u2f02\u2f03\u3033\u31d3\u31d4\ufe68\uff0f\uff3c" +
	"\U0001d20f\U0001d23a\U0001d23b"

func isSlashLike(r rune) bool {
	return r >= 0x1735 && strings.ContainsRune(slashLike, r)
}

// onlyDots reports "." and "..", and what NFKC or the eye turns into them:
// leaders, ellipses, small and fullwidth full stops.
func onlyDots(c string) bool {
	if c[0] != '.' && c[0] < 0x80 {
		return false
	}
	return strings.Trim(c, ".\u2024\u2025\u2026\ufe19\ufe30\ufe52\uff0e\u3002\uff61") == ""
}

// isDevice reports the reserved device names of Windows, whatever follows the
// first full stop ("Naming Files, Paths, and Namespaces"): superscript digits
// count as digits, and fullwidth letters become ASCII in code page conversions.
func isDevice(c string) bool {
	switch c[0] | 0x20 {
	case 'c', 'p', 'a', 'n', 'l':
	default:
		if c[0] < 0x80 {
			return false // the common case
		}
	}
	if i := strings.IndexByte(c, '.'); i >= 0 {
		c = c[:i]
	}
	c = strings.TrimRight(c, " ")
	if len(c) < 3 || len(c) > 7*3 { // CONOUT$ in fullwidth characters
		return false
	}
	base := strings.Map(plain, c)
	switch base {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	return len(base) == 4 && (base[:3] == "com" || base[:3] == "lpt") && base[3] >= '1' && base[3] <= '9'
}

// plain returns the lower-case ASCII form of a letter, digit or dollar sign.
func plain(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		r -= 0xfee0
	case r == '¹':
		r = '1'
	case r == '²', r == '³':
		r = '2' + r - '²'
	case r >= 0x2074 && r <= 0x2079:
		r = '4' + r - 0x2074
	case r >= 0x2081 && r <= 0x2089:
		r = '1' + r - 0x2081
	}
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	return r
}
