// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package textfmt

import (
	"testing"
	"unicode/utf8"
)

func TestCount(t *testing.T) {
	for _, test := range []struct {
		n          int
		noun, want string
	}{
		{0, "file", "0 files"}, {1, "file", "1 file"}, {2, "library", "2 libraries"}, {1, "library", "1 library"}, {3, "day", "3 days"},
		{2, "box", "2 boxes"}, {2, "switch", "2 switches"}, {9_999, "row", "9999 rows"}, {12_345, "row", "12,345 rows"}, {1_234_567, "row", "1,234,567 rows"},
	} {
		if got := Count(test.n, test.noun); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if got := Number(-123_456); got != "-123,456" {
		t.Errorf("got %q", got)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 1: "1 byte", 1023: "1023 bytes", 1024: "1.0 KiB", 1536: "1.5 KiB", 31 << 20: "31 MiB", 3 << 30: "3.0 GiB", 1 << 60: "1048576 TiB",
	} {
		if got := Size(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"plain": `"plain"`, "a\x1b[2J\n": `"a\x1b[2J\n"`, "\u202eabc": `"\u202eabc"`, "日本": `"日本"`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	for n := range 40 {
		if got := Clip("ééééééééééééééééééééé", 3+n); len(got) > 3+n && 3+n < 42 || !utf8.ValidString(got) {
			t.Errorf("clipped to %d: %q", 3+n, got)
		}
	}
}
