// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package textfmt

import "testing"

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain äö 日本":        "plain äö 日本",
		"a\nb\x1b[1m\x00":    `a\nb\x1b[1m\x00`,
		"\u202egpj.exe":      `\u202egpj.exe`,
		"\xff\u2028":         `\xff\u2028`,
		"it's \"q\" \ufffd!": "it's \"q\" \ufffd!",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}
