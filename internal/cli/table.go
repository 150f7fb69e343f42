// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// PrintTable writes rows in columns. Where they are wider than the screen, the
// widest columns are narrowed and their text is cut.
func PrintTable(w io.Writer, width int, head []string, rows [][]string) {
	widths := make([]int, len(head))
	measure := func(row []string) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(textfmt.Printable(cell)))
		}
	}
	measure(head)
	for _, row := range rows {
		measure(row)
	}
	narrow(widths, width-2*(len(head)-1))
	print := func(row []string) {
		var b strings.Builder
		for i, cell := range row {
			r := []rune(textfmt.Printable(cell))
			if len(r) > widths[i] {
				r = append(r[:max(widths[i]-1, 0)], '…')
			}
			b.WriteString(string(r) + strings.Repeat(" ", widths[i]-len(r)+2))
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	print(head)
	for _, row := range rows {
		print(row)
	}
	if len(rows) == 0 {
		fmt.Fprintln(w, "none")
	}
}

// narrow takes columns from the widest until all of them fit, none below 8.
func narrow(widths []int, room int) {
	for {
		total, widest := 0, 0
		for i, n := range widths {
			total += n
			if n > widths[widest] {
				widest = i
			}
		}
		if total <= room || widths[widest] <= 8 {
			return
		}
		second := 8
		for i, n := range widths {
			if i != widest {
				second = max(second, n)
			}
		}
		widths[widest] = max(8, min(widths[widest]-1, max(second-1, widths[widest]-(total-room))))
	}
}
