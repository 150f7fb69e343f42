// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package textfmt

import "testing"

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "=1+1": "'=1+1", " \u00a0@x": "' \u00a0@x", "\ufeff-1": "'\ufeff-1", "＝1": "'＝1", "a=b": "a=b",
		"two\r\nlines\t": "two  lines ", "\x1b[2J": "[2J", "": "", "\t=1": "' =1",
	} {
		if got := Cell(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
