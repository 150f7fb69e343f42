// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/markdown"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/compare"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// section is one list of changes, arranged for a person. Cells are what the
// evidence says, and may hold anything: who prints them makes them harmless.
type section struct {
	title string
	head  []string
	rows  [][]string
	total int // rows, with those that are left out; the JSON form has all
}

// mostRows is how much of a long list a person is shown; the JSON form has all.
const mostRows = 100

// sections arranges the changes for a person: what is empty is left out.
func (c *Changes) sections() sections {
	var list sections
	add(&list, "Not compared", []string{"What"}, c.NotCompared, func(n NotCompared) []string { return []string{n.Message} })
	add(&list, "Images", []string{"Image", "Before", "After"}, c.Images, func(i NamedChange) []string { return []string{i.Name, i.Before, i.After} })
	for _, f := range c.Findings {
		list.findings(f)
	}
	for _, p := range c.Packages {
		list.packages(p)
	}
	if c.Licenses != nil {
		list.licenses(c)
	}
	if c.Tests != nil {
		list.tests(c.Tests)
	}
	if c.Accessibility != nil {
		list.accessibility(c.Accessibility)
	}
	add(&list, "Signing of images", []string{"Image", "Fact", "Before", "After"}, c.Signatures, func(x SignatureChange) []string {
		return []string{x.Image, string(x.Fact), x.Before, x.After}
	})
	add(&list, "Tools", []string{"Tool", "Before", "After"}, c.Tools, func(x NamedChange) []string { return []string{x.Name, x.Before, x.After} })
	add(&list, "Pins", []string{"File", "Kind", "Name", "Before", "After", "Remark"}, c.Pins, func(p PinChange) []string {
		remark := ""
		switch {
		case p.Looser:
			remark = "looser"
		case p.Kind == "":
			remark = "other lines of the file"
		}
		return []string{p.Path, string(p.Kind), p.Name, p.Before, p.After, remark}
	})
	add(&list, "Pins that contradict the manifest", []string{"File", "Pin"}, c.wrongPins, func(p *evidence.Problem) []string { return []string{p.Path, p.Message} })
	add(&list, "Declared gaps", []string{"Gap", "Image", "Change", "Reason"}, c.Gaps, func(g GapChange) []string {
		change := "closed"
		if g.Opened {
			change = "opened"
		}
		return []string{string(g.Kind), g.Image, change, g.Reason}
	})
	return list
}

type sections []section

// add appends a list that is not empty.
func add[T any](s *sections, title string, head []string, list []T, cells func(T) []string) {
	if len(list) == 0 {
		return
	}
	out := section{title: fmt.Sprintf("%s (%d)", title, len(list)), head: head, total: len(list)}
	for _, x := range list[:min(len(list), mostRows)] {
		out.rows = append(out.rows, cells(x))
	}
	*s = append(*s, out)
}

func (s *sections) notes(title string, list []string) {
	add(s, title, []string{"What"}, list, func(text string) []string { return []string{text} })
}

func (s *sections) findings(f FindingChanges) {
	about := " in " + subjectName(f.Image)
	head := []string{"Finding", "Severity", "Package", "Fixed in"}
	cells := func(x FindingChange) []string {
		return []string{x.ID, x.Severity.String(), x.Package, strings.Join(x.Fixed, ", ")}
	}
	add(s, "New findings"+about, head, f.New, cells)
	add(s, "Findings gone"+about, head, f.Fixed, cells)
	add(s, "Findings changed"+about, []string{"Finding", "Severity", "Package", "Changed"}, f.Changed, func(x FindingChange) []string {
		return []string{x.ID, x.Severity.String(), x.Package, strings.Join(x.What, ", ")}
	})
}

func (s *sections) packages(p PackageChanges) {
	about := " in " + subjectName(p.Image)
	one := []string{"Package", "Version", "Licence"}
	summary := func(c compare.ComponentSummary) []string { return []string{c.Name, c.Version, c.License} }
	add(s, "Packages added"+about, one, p.Added, summary)
	add(s, "Packages removed"+about, one, p.Removed, summary)
	fromTo := func(c compare.ComponentChange) []string { return []string{c.Name, c.From, c.To} }
	for _, l := range []struct {
		title string
		list  []compare.ComponentChange
	}{{"Packages upgraded", p.Upgraded}, {"Packages downgraded", p.Downgraded}, {"Packages of another version", p.VersionChanged}} {
		add(s, l.title+about, []string{"Package", "Before", "After"}, l.list, fromTo)
	}
	fact := func(c compare.ComponentChange) []string { return []string{c.Name, c.Version, c.Field, c.From, c.To} }
	for _, l := range []struct {
		title string
		list  []compare.ComponentChange
	}{{"Packages relicensed", p.Relicensed}, {"Packages of the same version with other content", p.Rehashed}, {"Packages otherwise changed", p.Changed}} {
		add(s, l.title+about, []string{"Package", "Version", "Field", "Before", "After"}, l.list, fact)
	}
	if n := len(p.RelationshipsAdded) + len(p.RelationshipsRemoved) + len(p.Files) + len(p.Services) + len(p.Metadata) + len(p.Vulnerabilities); n > 0 {
		s.notes("Other changes of the SBOM"+about, []string{p.Summary.String()})
	}
}

func (s *sections) licenses(c *Changes) {
	module := func(m *license.Module) (string, string) {
		if m == nil {
			return "", ""
		}
		return m.Version, m.License.String() + " (" + m.Category.String() + ")"
	}
	cells := func(ch license.Change) []string {
		oldVersion, oldLicense := module(ch.Before)
		newVersion, newLicense := module(ch.After)
		return []string{ch.Name, oldVersion, oldLicense, newVersion, newLicense}
	}
	head := []string{"Module", "Version before", "Licence before", "Version after", "Licence after"}
	add(s, "Licences changed", head, c.Licenses.Relicensed, cells)
	added := slices.DeleteFunc(slices.Clone(c.worse), func(ch license.Change) bool { return ch.Before != nil })
	add(s, "New modules that are not under a permissive licence", head, added, cells)
}

func (s *sections) tests(c *uat.TestChanges) {
	for _, l := range []struct {
		title string
		list  []uat.TestChange
	}{
		{"Tests that broke", c.Broke}, {"Tests still broken", c.StillBroken}, {"Tests fixed", c.Fixed}, {"Tests that became flaky", c.Flaky},
		{"Tests no longer flaky", c.Steady}, {"Tests no longer run", c.Skipped}, {"Tests run again", c.Unskipped}, {"Tests removed", c.Removed}, {"Tests added", c.Added},
	} {
		add(s, l.title, []string{"Test", "In", "Before", "After"}, l.list, func(t uat.TestChange) []string {
			return []string{t.Name, t.Class, t.Before.String(), t.After.String()}
		})
	}
}

func (s *sections) accessibility(c *uat.AccessibilityChanges) {
	rule := func(r uat.RuleChange) []string {
		return []string{r.URL, r.Rule, fmt.Sprint(r.Before), fmt.Sprint(r.After)}
	}
	head := []string{"Page", "Rule", "Elements before", "Elements after"}
	add(s, "New violations of WCAG 2.1 A and AA", head, c.New, rule)
	add(s, "Violations fixed", head, c.Fixed, rule)
	s.notes("Pages no longer tested", c.Removed)
	s.notes("Pages newly tested", c.Added)
	s.notes("Pages that look like another page now", c.Collapsed)
}

// title says what is compared: "asm 1.481 to 1.482".
func (c *Changes) title() string {
	return c.Before.Product + " " + c.Before.Version + " to " + c.After.Version
}

// WriteMarkdown writes the changes as GitHub Flavored Markdown: the totals, then what
// checks say, if there are any, then the first rows of each list. What comes out of the
// packs stands there as plain text, whatever it holds.
func (c *Changes) WriteMarkdown(w io.Writer, checks evidence.Checks) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n| | |\n|---|---|\n", markdown.Text(c.title()))
	for _, row := range c.Totals.rows() {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
	}
	for i := range checks {
		fmt.Fprintf(&b, "\n%s %s: %s\n", checks[i].Status, checks[i].ID, markdown.Text(checks[i].Message))
	}
	list := c.sections()
	if len(list) == 0 {
		b.WriteString("\nNothing changed.\n")
	}
	for _, s := range list {
		fmt.Fprintf(&b, "\n## %s\n\n| %s |\n|%s\n", markdown.Text(s.title), strings.Join(s.head, " | "), strings.Repeat("---|", len(s.head)))
		for _, row := range s.rows {
			for _, cell := range row {
				b.WriteString("| " + markdown.Code(cell) + " ")
			}
			b.WriteString("|\n")
		}
		if more := s.total - len(s.rows); more > 0 {
			fmt.Fprintf(&b, "\n%d more.\n", more)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mostLines is how many entries of a list WriteText writes.
const mostLines = 20

// WriteText is WriteMarkdown for a terminal.
func (c *Changes) WriteText(w io.Writer, checks evidence.Checks) error {
	var b strings.Builder
	fmt.Fprintln(&b, textfmt.Printable(c.title()))
	for _, row := range c.Totals.rows() {
		fmt.Fprintf(&b, "  %-13s  %s\n", row[0], row[1])
	}
	if len(checks) > 0 {
		fmt.Fprintln(&b)
	}
	for i := range checks {
		fmt.Fprintf(&b, "%-4s  %s: %s\n", checks[i].Status, checks[i].ID, textfmt.Printable(checks[i].Message))
	}
	list := c.sections()
	if len(list) == 0 {
		fmt.Fprintln(&b, "\nnothing changed")
	}
	for _, s := range list {
		fmt.Fprintf(&b, "\n%s\n", textfmt.Printable(s.title))
		shown := s.rows[:min(len(s.rows), mostLines)]
		for _, row := range shown {
			fmt.Fprintln(&b, "  "+line(s.head, row))
		}
		if more := s.total - len(shown); more > 0 {
			fmt.Fprintf(&b, "  and %d more\n", more)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// line joins the cells of a row; an arrow stands between before and after.
func line(head, row []string) string {
	var cells []string
	for i, cell := range row {
		if strings.HasSuffix(head[i], "fter") && i > 0 && strings.HasSuffix(head[i-1], "efore") {
			cells = append(cells, "->")
		}
		switch {
		case cell == "" && (head[i] == "Before" || head[i] == "After"):
			cells = append(cells, "(none)")
		case cell != "":
			cells = append(cells, textfmt.Printable(cell))
		}
	}
	return strings.Join(cells, "  ")
}
