// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack/table"
)

// shown is one table: for a person the columns that fit a screen, else all.
type shown struct {
	head []string
	text func(*table.Rows) [][]string
	rows func(*table.Rows) any
	csv  func(io.Writer, *table.Rows) error
}

// of makes the table of one kind of row.
func of[T any](head string, list func(*table.Rows) []T, line func(*T) []string) shown {
	return shown{
		head: strings.Split(head, " "),
		text: func(r *table.Rows) [][]string {
			var lines [][]string
			rows := list(r)
			for i := range rows {
				lines = append(lines, line(&rows[i]))
			}
			return lines
		},
		rows: func(r *table.Rows) any { return list(r) },
		csv:  func(w io.Writer, r *table.Rows) error { return table.WriteCSV(w, list(r)) },
	}
}

var tables = map[string]shown{
	"images": of("IMAGE REFERENCE DIGEST PLATFORM CLAIMED", func(r *table.Rows) []table.Image { return r.Images },
		func(i *table.Image) []string {
			return []string{i.Image, i.Reference, i.Digest, i.Platform, i.Signing}
		}),
	"packages": of("PACKAGE VERSION TYPE LICENCE RELATION FINDINGS IMAGE", func(r *table.Rows) []table.Package { return r.Packages },
		func(p *table.Package) []string {
			return []string{p.Name, p.PackageVersion, p.Type, p.License, p.Relation, count(p.Findings), p.Image}
		}),
	"licenses": of("LICENCE CATEGORY PACKAGE VERSION IMAGE", func(r *table.Rows) []table.Package { return r.Packages },
		func(p *table.Package) []string {
			return []string{p.License, p.LicenseCategory, p.Name, p.PackageVersion, p.Image}
		}),
	"findings": of("SEVERITY ID PACKAGE INSTALLED FIXED WAIVED IMAGE", func(r *table.Rows) []table.Finding { return r.Findings },
		func(f *table.Finding) []string {
			return []string{f.Severity, f.Vulnerability, f.Name, f.Installed, strings.Join(f.Fixed, " "), yes(f.Waived), f.Image}
		}),
	"tests": of("STATUS TEST SUITE TIME", func(r *table.Rows) []table.Test { return r.Tests },
		func(t *table.Test) []string {
			return []string{t.Status, t.Name, t.Suite, fmt.Sprintf("%.1f s", float64(t.DurationMS)/1000)}
		}),
	"accessibility": of("IMPACT RULE WCAG FAILS REVIEW PAGE", func(r *table.Rows) []table.Accessibility { return r.Accessibility },
		func(a *table.Accessibility) []string {
			return []string{a.Impact, a.Rule, strings.Join(a.WCAG, " "), count(a.Nodes), count(a.NeedsReview), a.Page}
		}),
	"attestations": of("IMAGE FILE PREDICATE VERIFIED", func(r *table.Rows) []table.Attestation { return r.Attestations },
		func(a *table.Attestation) []string {
			verified := strings.Join(a.Results, ", ")
			if verified == "" {
				verified = "no"
			}
			return []string{a.Image, a.SourcePath, a.PredicateType, verified}
		}),
	"files": of("PATH KIND FORMAT SIZE IMAGE SHA256", func(r *table.Rows) []table.File { return r.Files },
		func(f *table.File) []string {
			return []string{f.Path, f.Kind, f.Format, textfmt.Size(f.Size), f.Image, f.SHA256}
		}),
	"checks": of("STATUS CHECK SUBJECT MESSAGE", func(r *table.Rows) []table.Check { return r.Checks },
		func(c *table.Check) []string { return []string{c.Status, c.ID, c.Subject, c.Message} }),
	"controls": of("STATE CONTROL FRAMEWORK STRENGTH EVIDENCE WHY", func(r *table.Rows) []table.Control { return r.Controls },
		func(c *table.Control) []string {
			return []string{c.State, c.ID, c.Framework + " " + c.Edition, c.Strength, c.Evidence, c.Reason}
		}),
	"gaps": of("KIND IMAGE TARGET REASON", func(r *table.Rows) []table.Gap { return r.Gaps },
		func(g *table.Gap) []string { return []string{g.Kind, g.Image, g.Target, g.Reason} }),
}

func keys(m map[string]shown) iter.Seq[string] { return maps.Keys(m) }

func count(n int64) string { return strconv.FormatInt(n, 10) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// printMatches writes what the pack states of a vulnerability or package.
func printMatches(w io.Writer, matches []table.Match) {
	for i := range matches {
		m := &matches[i]
		if i > 0 {
			fmt.Fprintln(w)
		}
		line := func(label, format string, args ...any) {
			fmt.Fprintf(w, "%-10s %s\n", label, textfmt.Printable(fmt.Sprintf(format, args...)))
		}
		line("package", "%s %s", m.Name, m.Version)
		if m.PURL != "" {
			line("", "%s", m.PURL)
		}
		if m.Image != "" {
			line("image", "%s", m.Image)
		}
		if m.License != "" {
			line("licence", "%s", m.License)
		}
		line("relation", "%s", m.Relation)
		if len(m.Path) > 0 {
			line("path", "%s", strings.Join(m.Path, " > "))
		}
		places(line, "SBOM", m.SBOMs)
		for _, f := range m.Findings {
			line("finding", "%s %s: %s", f.ID, f.Severity, f.Title)
			fixed := "no fixed version is known"
			if len(f.Fixed) > 0 {
				fixed = strings.Join(f.Fixed, ", ")
			}
			line("  fixed", "%s", fixed)
			for _, text := range f.Waivers {
				line("  waiver", "%s", text)
			}
			places(line, "  scan", f.Scans)
		}
		for _, s := range m.Signed {
			line("signed", "%s", s)
		}
		if len(m.Signed) == 0 {
			line("signed", "no signature was verified")
		}
	}
}

func places(line func(string, string, ...any), label string, list []table.At) {
	for _, at := range list {
		text := at.SourcePath
		if at.SourcePointer != "" {
			text += "#" + at.SourcePointer
		}
		line(label, "%s", text)
	}
}
