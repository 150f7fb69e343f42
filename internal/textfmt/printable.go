// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package textfmt

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Printable returns s with everything that is not a graphic character escaped as
// Go would: a name out of a document cannot move the cursor, turn the writing
// direction or start a line of its own.
func Printable(s string) string {
	if strings.IndexFunc(s, notGraphic) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case notGraphic(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func notGraphic(r rune) bool { return !strconv.IsGraphic(r) }
