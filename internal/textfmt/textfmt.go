// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package textfmt writes the small pieces that messages are made of: quoted and
// shortened text, counts and sizes.
package textfmt

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Quote quotes text from a document for a message: Go syntax, non-printing
// characters escaped, cut after 64 bytes.
func Quote(s string) string {
	return strconv.QuoteToGraphic(Clip(s, 64))
}

// Clip shortens s to at most n bytes at a rune boundary, marking the cut with "...".
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("...")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// Count writes a number with its noun: "1 file", "3 files".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + Plural(noun)
}

// Plural returns the plural of an English noun that is formed by rule.
func Plural(noun string) string {
	switch n := len(noun); {
	case n > 1 && noun[n-1] == 'y' && !isVowel(noun[n-2]):
		return noun[:n-1] + "ies"
	case n > 1 && (noun[n-1] == 'x' || noun[n-1] == 's' || noun[n-2:] == "ch" || noun[n-2:] == "sh"):
		return noun + "es"
	}
	return noun + "s"
}

func isVowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'
}

// Number writes n in decimal digits, in groups of three from 10,000 upward.
func Number(n int) string {
	digits := strconv.Itoa(n)
	if -10_000 < n && n < 10_000 {
		return digits
	}
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Size writes a number of bytes with a unit: "512 bytes", "1.5 KiB", "31 MiB".
func Size(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	if n < 1<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	unit, value := 0, float64(n)/1024
	for ; value >= 1024 && unit < len(units)-1; unit++ {
		value /= 1024
	}
	if value < 10 {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}

var units = [...]string{"KiB", "MiB", "GiB", "TiB"}
