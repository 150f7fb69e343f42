// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"

	"golang.org/x/term"
)

// defaultWidth is how wide text is where no terminal says it.
const defaultWidth = 100

// Width returns how many columns the terminal has that standard output is, 100
// where standard output is none.
func (c *Command) Width() int {
	if f, ok := c.std.Out.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return defaultWidth
}
