// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"io"
	"strings"

	"github.com/HailBytes/evidence/internal/markdown"
)

// maxRows is how many entries of one list WriteMarkdown writes; it says how many more there are.
const maxRows = 200

// WriteMarkdown writes the changes as GitHub Flavored Markdown: a line that
// counts them, then a table for each kind. Names, versions and whatever else comes out of a
// document stand there as plain text, whatever they hold.
func (c *Changes) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(markdown.Text(c.Summary.String()) + "\n")
	summaries := func(title string, list []ComponentSummary) {
		rows(&b, title, []string{"Component", "Version", "Licence", "Package URL"}, list, func(s ComponentSummary) []string {
			return []string{s.Name, s.Version, s.License, s.PURL}
		})
	}
	changes := func(title string, list []ComponentChange) {
		rows(&b, title, []string{"Component", "From", "To"}, list, func(x ComponentChange) []string {
			return []string{x.Name, x.From, x.To}
		})
	}
	facts := func(title string, list []ComponentChange) {
		rows(&b, title, []string{"Component", "Version", "Field", "From", "To"}, list, func(x ComponentChange) []string {
			return []string{x.Name, x.Version, x.Field, x.From, x.To}
		})
	}
	edges := func(title string, list []RelationshipChange) {
		rows(&b, title, []string{"From", "Relationship", "To"}, list, func(r RelationshipChange) []string {
			return []string{r.From, strings.TrimSpace(string(r.Type) + " " + r.Scope.String()), r.To}
		})
	}
	elements := func(title string, list []ElementChange) {
		rows(&b, title, []string{"Name", "Change", "Field", "From", "To"}, list, func(e ElementChange) []string {
			return []string{e.Name, string(e.Change), e.Field, e.From, e.To}
		})
	}
	summaries("Added", c.Added)
	summaries("Removed", c.Removed)
	changes("Upgraded", c.Upgraded)
	changes("Downgraded", c.Downgraded)
	changes("Other versions", c.VersionChanged)
	facts("Licences", c.Relicensed)
	facts("Same version, other content", c.Rehashed)
	facts("Other changes", c.Changed)
	edges("Relationships added", c.RelationshipsAdded)
	edges("Relationships removed", c.RelationshipsRemoved)
	rows(&b, "Vulnerabilities", []string{"Vulnerability", "Affects", "Change", "Field", "From", "To"}, c.Vulnerabilities, func(v VulnerabilityChange) []string {
		return []string{v.ID, v.Affects, string(v.Change), v.Field, v.From, v.To}
	})
	elements("Services", c.Services)
	elements("Files", c.Files)
	rows(&b, "Document", []string{"Field", "From", "To"}, c.Metadata, func(m FieldChange) []string {
		return []string{m.Field, m.From, m.To}
	})
	_, err := io.WriteString(w, b.String())
	return err
}

// rows writes one table, nothing for an empty list.
func rows[T any](b *strings.Builder, title string, head []string, list []T, cells func(T) []string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s (%d)\n\n| %s |\n|%s\n", title, len(list), strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, x := range list[:min(len(list), maxRows)] {
		for _, cell := range cells(x) {
			b.WriteString("| " + markdown.Code(cell) + " ")
		}
		b.WriteString("|\n")
	}
	if more := len(list) - maxRows; more > 0 {
		fmt.Fprintf(b, "\n%d more.\n", more)
	}
}

// String counts the changes in a sentence: "2 added, 1 upgraded, of 214 components".
func (s ChangeSummary) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{s.Added, "added"}, {s.Removed, "removed"}, {s.Upgraded, "upgraded"}, {s.Downgraded, "downgraded"},
		{s.VersionChanged, "of another version"}, {s.Relicensed, "relicensed"}, {s.Rehashed, "rehashed"}, {s.Changed, "otherwise changed"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	text := strings.Join(parts, ", ")
	if text == "" {
		text = "no change"
	}
	text += fmt.Sprintf(" in %d components before and %d after", s.Before, s.After)
	for _, p := range []struct {
		n         int
		one, many string
	}{
		{s.Relationships, "relationship", "relationships"}, {s.Vulnerabilities, "vulnerability statement", "vulnerability statements"},
		{s.Services, "change of services", "changes of services"}, {s.Files, "change of files", "changes of files"}, {s.Metadata, "change of the document", "changes of the document"},
	} {
		switch {
		case p.n == 1:
			text += "; 1 " + p.one
		case p.n > 1:
			text += fmt.Sprintf("; %d %s", p.n, p.many)
		}
	}
	return text
}
