// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/markdown"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// WriteJSON writes findings as one JSON array, indented, with a newline at the
// end. Each has its "sources": file, run, result, tool, and what that one says.
func WriteJSON(w io.Writer, findings []*Finding) error {
	if findings == nil {
		findings = []*Finding{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(findings)
}

// csvColumns are the columns of WriteCSV.
var csvColumns = []string{"severity", "score", "class", "id", "aliases", "package", "versions", "fixed", "purl",
	"target", "location", "reachability", "kind", "baseline", "suppressed", "title", "tools", "files"}

// WriteCSV writes findings as CSV (RFC 4180) with one header row: severity,
// score, class, id, aliases, package, versions, fixed, purl, target, location,
// reachability, kind, baseline, suppressed, title, tools, files. Several values in
// a cell are divided by a space, texts of tools and files by "; ".
//
// Spreadsheets run what looks like a formula: a cell that begins with =, +, -, @
// or a character that programs take for one of them gets a single quote in front.
// Line ends in a cell become spaces.
func WriteCSV(w io.Writer, findings []*Finding) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(csvColumns); err != nil {
		return err
	}
	for _, f := range findings {
		row := csvRow(f)
		for i := range row {
			row[i] = textfmt.Cell(row[i])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func csvRow(f *Finding) []string {
	p := f.Package
	if p == nil {
		p = &Package{}
	}
	score := ""
	if f.Score > 0 {
		score = strconv.FormatFloat(f.Score, 'f', 1, 64)
	}
	tools, files := toolsAndFiles(f)
	return []string{
		f.Severity.String(), score, f.Class.String(), f.ID, strings.Join(f.Aliases, " "), p.Name, strings.Join(p.Versions, " "),
		strings.Join(p.Fixed, " "), p.PURL, targetText(f.Target), locationText(f), f.Reachability.String(), f.Kind.String(),
		f.Baseline.String(), strconv.FormatBool(f.Suppressed), f.Title, strings.Join(tools, "; "), strings.Join(files, "; "),
	}
}

func toolsAndFiles(f *Finding) (tools, files []string) {
	for _, o := range f.Provenance() {
		if tool := strings.TrimSpace(o.Tool + " " + o.Version); tool != "" {
			tools = append(tools, tool)
		}
		if o.File != "" {
			files = append(files, o.File)
		}
	}
	return unique(tools), unique(files)
}

func targetText(t *Target) string {
	if t == nil {
		return ""
	}
	return cmp.Or(t.Name, t.Repository, t.ImageID)
}

func locationText(f *Finding) string {
	if len(f.Locations) == 0 {
		return ""
	}
	l := &f.Locations[0]
	text := cmp.Or(l.URI, l.Logical)
	if l.StartLine > 0 {
		text += ":" + strconv.Itoa(l.StartLine)
	}
	return text
}

// WriteMarkdown writes findings as a table of GitHub Flavored Markdown, worst
// first, under a line with how many there are of each severity. All that comes
// from a report is escaped: it cannot make markup, links, mentions or columns.
func WriteMarkdown(w io.Writer, findings []*Finding) error {
	var b strings.Builder
	b.WriteString(countLine(findings))
	b.WriteString("\n")
	if len(findings) > 0 {
		b.WriteString("\n| Severity | Finding | Package | Installed | Fixed | Target | Reached | Title |\n|---|---|---|---|---|---|---|---|\n")
	}
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, compareFindings)
	for _, f := range sorted {
		p := f.Package
		if p == nil {
			p = &Package{Name: locationText(f)}
		}
		severity := f.Severity.String()
		if f.Suppressed {
			severity += " (suppressed)"
		}
		if f.Baseline != BaselineNone {
			severity += ", " + f.Baseline.String()
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", severity, markdown.Code(f.ID), markdown.Code(p.Name), markdown.Code(strings.Join(p.Versions, " ")),
			markdown.Code(strings.Join(p.Fixed, " ")), markdown.Code(targetText(f.Target)), f.Reachability, markdown.Text(textfmt.Clip(f.Title, 200)))
		if b.Len() > 1<<20 {
			if _, err := io.WriteString(w, b.String()); err != nil {
				return err
			}
			b.Reset()
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// countLine says how many findings there are of each severity.
func countLine(findings []*Finding) string {
	by := map[Severity]int{}
	for _, f := range findings {
		by[f.Severity]++
	}
	var parts []string
	for s := SeverityCritical; s > SeverityInvalid; s-- {
		if by[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", by[s], s))
		}
	}
	if len(parts) == 0 {
		return "No findings."
	}
	return fmt.Sprintf("%s: %s.", textfmt.Count(len(findings), "finding"), strings.Join(parts, ", "))
}
