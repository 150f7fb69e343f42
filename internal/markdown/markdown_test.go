// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package markdown

import "testing"

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"plain text":              "plain text",
		"a|b\n# head":             `a\|b \# head`,
		"<img src=x> &amp;":       `&lt;img src=x&gt; &amp;amp;`,
		"see https://x.y @me":     `see https&#58;//x\.y &#64;me`,
		"[a](javascript:x)`**":    "\\[a\\]\\(javascript\\:x\\)\\`\\*\\*",
		"\u202egpj.exe\u2028\x00": `gpj\.exe`,
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	for in, want := range map[string]string{
		"":           "",
		"a|b":        "`a\\|b`",
		"a`b":        "``a`b``",
		"`<b>`":      "`` `<b>` ``",
		"a\nb\u202e": "`a b`",
		`end\`:       "` end\\ `",
	} {
		if got := Code(in); got != want {
			t.Errorf("Code(%q) = %q, want %q", in, got, want)
		}
	}
}
