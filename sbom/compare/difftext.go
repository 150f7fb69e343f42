// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// maxLines is how many entries of one list WriteText writes; it says how many more there are.
const maxLines = 50

// WriteText writes the changes for a terminal: a line that counts them, then each
// list. Whatever comes out of a document cannot write on the terminal but plain text.
func (c *Changes) WriteText(w io.Writer) error {
	var b strings.Builder
	b.WriteString(c.Summary.String() + "\n")
	summary := func(s ComponentSummary) []string { return []string{s.Name, s.Version, s.License} }
	lines(&b, "added", c.Added, summary)
	lines(&b, "removed", c.Removed, summary)
	fromTo := func(x ComponentChange) []string { return []string{x.Name, x.From, "->", x.To} }
	lines(&b, "upgraded", c.Upgraded, fromTo)
	lines(&b, "downgraded", c.Downgraded, fromTo)
	lines(&b, "of another version", c.VersionChanged, fromTo)
	fact := func(x ComponentChange) []string {
		return append([]string{x.Name, x.Version}, fieldCells(x.Field, x.From, x.To)...)
	}
	lines(&b, "relicensed", c.Relicensed, fact)
	lines(&b, "rehashed: same version, other content", c.Rehashed, fact)
	lines(&b, "otherwise changed", c.Changed, fact)
	edge := func(r RelationshipChange) []string {
		return []string{r.From, strings.TrimSpace(string(r.Type) + " " + r.Scope.String()), r.To}
	}
	lines(&b, "relationships added", c.RelationshipsAdded, edge)
	lines(&b, "relationships removed", c.RelationshipsRemoved, edge)
	lines(&b, "vulnerabilities", c.Vulnerabilities, func(v VulnerabilityChange) []string {
		return append([]string{string(v.Change), v.ID, v.Affects}, fieldCells(v.Field, v.From, v.To)...)
	})
	element := func(e ElementChange) []string {
		return append([]string{string(e.Change), e.Name}, fieldCells(e.Field, e.From, e.To)...)
	}
	lines(&b, "services", c.Services, element)
	lines(&b, "files", c.Files, element)
	lines(&b, "document", c.Metadata, func(m FieldChange) []string { return fieldCells(m.Field, m.From, m.To) })
	_, err := io.WriteString(w, b.String())
	return err
}

// fieldCells says what a field was and is; nothing for what came or went as a whole.
func fieldCells(field, from, to string) []string {
	if field == "" {
		return nil
	}
	const nothing = "(not stated)"
	return []string{field + ":", cmp.Or(from, nothing), "->", cmp.Or(to, nothing)}
}

// lines writes one list, nothing for an empty one.
func lines[T any](b *strings.Builder, title string, list []T, cells func(T) []string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s (%d)\n", title, len(list))
	for _, x := range list[:min(len(list), maxLines)] {
		for _, cell := range cells(x) {
			if cell != "" {
				b.WriteString("  " + textfmt.Printable(cell))
			}
		}
		b.WriteByte('\n')
	}
	if more := len(list) - maxLines; more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
}
