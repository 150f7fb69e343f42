// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence/trustpack"
)

// Match is one component or finding that [Lookup] found, with all that the pack
// states about it.
type Match struct {
	Image    string   `json:"image"`   // empty for the release as a whole
	Name     string   `json:"name"`    // of the package; of the rule for a finding without a package
	Version  string   `json:"version"` // installed
	PURL     string   `json:"purl"`
	License  string   `json:"license"`
	Relation string   `json:"relation"` // "direct", "transitive" or "unknown"
	Path     []string `json:"path"`     // "name@version" of the components through which it came in, itself last
	SBOMs    []At     `json:"sboms"`    // where the SBOMs list it
	Findings []Report `json:"findings"`
	Signed   []string `json:"signed"` // the checks of the signatures about the image, and about the SBOM files
}

// Report is what scans state about one finding.
type Report struct {
	ID       string   `json:"id"`
	Aliases  []string `json:"aliases"`
	Severity string   `json:"severity"`
	Fixed    []string `json:"fixed"` // the first versions without it
	Waivers  []string `json:"waivers"`
	Waived   bool     `json:"waived"`
	Scans    []At     `json:"scans"` // where the scans report it
	Title    string   `json:"title"`
}

// Lookup finds what a person asks for by name: a vulnerability by any of its
// identifiers, a package by its package URL with or without a version, or by its
// name. Case does not count. The list is in the order of the release, empty if
// nothing is called so. The report must hold its release, as for [Of].
func Lookup(report *trustpack.Report, term string) []Match {
	b := builder{results: resultsOf(report.Checks)}
	var out []Match
	for _, s := range report.Release.Subjects {
		shown := map[*trustpack.Component]bool{}
		for _, f := range s.Findings {
			if !f.Is(term) && !strings.EqualFold(f.ID, term) {
				continue
			}
			if f.Component == nil {
				out = append(out, b.loose(f))
			} else if !shown[f.Component] {
				shown[f.Component] = true
				out = append(out, b.match(f.Component, func(g *trustpack.Finding) bool { return g.Is(term) || strings.EqualFold(g.ID, term) }))
			}
		}
		for _, c := range s.Components {
			if !shown[c] && named(c, term) {
				out = append(out, b.match(c, func(*trustpack.Finding) bool { return true }))
			}
		}
	}
	return out
}

// named reports whether a person calls a component so.
func named(c *trustpack.Component, term string) bool {
	if strings.EqualFold(c.Name, term) || strings.EqualFold(c.Name+"@"+c.Version, term) || strings.EqualFold(c.PURL, term) {
		return true
	}
	rest, ok := cutPrefixFold(c.PURL, term)
	return ok && strings.HasPrefix(term, "pkg:") && rest != "" && strings.ContainsAny(rest[:1], "@?#")
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

func (b *builder) match(c *trustpack.Component, asked func(*trustpack.Finding) bool) Match {
	m := Match{
		Image: c.Subject.Name, Name: c.Name, Version: c.Version, PURL: c.PURL, License: c.License(), Relation: c.Relation().String(),
		Path: nonNil(c.Path()), SBOMs: []At{}, Findings: []Report{},
	}
	files := []string{}
	for _, source := range c.Sources() {
		m.SBOMs = append(m.SBOMs, at(source))
		files = append(files, source.Path)
	}
	for _, f := range c.Findings() {
		if asked(f) {
			m.Findings = append(m.Findings, b.report(f))
		}
	}
	m.Signed = b.signed(c.Subject, files)
	return m
}

// loose is the match of a finding whose package no SBOM lists, or that has none.
func (b *builder) loose(f *trustpack.Finding) Match {
	m := Match{Image: f.Subject.Name, Name: f.RuleID, Relation: "unknown", Path: []string{}, SBOMs: []At{}, Findings: []Report{b.report(f)}}
	if p := f.Package; p != nil {
		m.Name, m.Version, m.PURL = p.Name, strings.Join(p.Versions, " "), p.PURL
	}
	m.Signed = b.signed(f.Subject, nil)
	return m
}

func (b *builder) report(f *trustpack.Finding) Report {
	row := b.finding(f)
	r := Report{row.Vulnerability, row.Aliases, row.Severity, row.Fixed, row.Waivers, row.Waived, []At{}, row.Title}
	for _, s := range f.Sources() {
		r.Scans = append(r.Scans, at(s))
	}
	return r
}

// signed returns what the verification said of the image and of its attestations,
// and of the SBOM files.
func (b *builder) signed(s *trustpack.Subject, files []string) []string {
	subjects := slices.Clone(files)
	if s.Name != "" {
		subjects = append(subjects, "image "+s.Name)
	}
	for a := range s.Attestations() {
		subjects = append(subjects, a.Source.Path)
	}
	out := []string{}
	for _, subject := range subjects {
		for _, result := range b.results[subject] {
			if line := subject + ": " + result; !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	return out
}
