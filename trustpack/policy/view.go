// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence/trustpack"
)

// Release is the variable "release" of expressions: what the evidence of a pack states,
// and what the checks found. The names in expressions are those of the cel tags.
// Texts that the evidence does not state are empty.
type Release struct {
	Product       string         `cel:"product"`
	Version       string         `cel:"version"`
	Tag           string         `cel:"tag"`
	Commit        string         `cel:"commit"`
	Repository    string         `cel:"repository"`
	Created       time.Time      `cel:"created"`
	Consistent    bool           `cel:"consistent"` // the verdicts: whether each is a pass
	Pinned        bool           `cel:"pinned"`
	Authentic     bool           `cel:"authentic"`
	Images        []*Image       `cel:"images"`
	Findings      []*Finding     `cel:"findings"` // of all images, and of the release as a whole
	Packages      []*Package     `cel:"packages"` // likewise
	Gaps          []*Gap         `cel:"gaps"`
	Files         []*File        `cel:"files"`
	Tests         *Tests         `cel:"tests"`
	Accessibility *Accessibility `cel:"accessibility"`
	Checks        []*Check       `cel:"checks"` // those made before the rules
}

// Image is one image of the release.
type Image struct {
	Name      string     `cel:"name"`
	Reference string     `cel:"reference"`
	Digest    string     `cel:"digest"`
	Platform  string     `cel:"platform"`
	Signed    bool       `cel:"signed"` // as the manifest says; release.checks say whether a signature holds
	Findings  []*Finding `cel:"findings"`
	Packages  []*Package `cel:"packages"`
}

// Finding is one finding about an image, or about the release.
type Finding struct {
	ID           string   `cel:"id"`
	Aliases      []string `cel:"aliases"`
	Image        string   `cel:"image"`
	Severity     string   `cel:"severity"` // "critical", "high", "medium", "low", "negligible", "none" or "unknown"
	Score        float64  `cel:"score"`    // CVSS; 0 where none is known
	Class        string   `cel:"class"`
	Package      string   `cel:"package"`
	Version      string   `cel:"version"`
	PURL         string   `cel:"purl"`
	Fixed        string   `cel:"fixed"` // the first version without the flaw
	Reachability string   `cel:"reachability"`
	Relation     string   `cel:"relation"` // "direct", "transitive" or "unknown"
	Waived       bool     `cel:"waived"`   // an exception or a trusted VEX lets it pass
}

// Package is one package that an SBOM lists.
type Package struct {
	Name     string `cel:"name"`
	Version  string `cel:"version"`
	PURL     string `cel:"purl"`
	Image    string `cel:"image"`
	License  string `cel:"license"`
	Relation string `cel:"relation"`
}

// Gap is evidence that the pack declares absent.
type Gap struct {
	Kind   string `cel:"kind"`
	Image  string `cel:"image"`
	Reason string `cel:"reason"`
	Target string `cel:"target"`
}

// File is one file of the pack.
type File struct {
	Path   string `cel:"path"`
	Kind   string `cel:"kind"`
	Format string `cel:"format"`
	Image  string `cel:"image"`
	Tool   string `cel:"tool"`
	SHA256 string `cel:"sha256"`
	Size   int64  `cel:"size"`
}

// Tests counts the tests of all reports.
type Tests struct {
	Total   int `cel:"total"`
	Passed  int `cel:"passed"`
	Failed  int `cel:"failed"`
	Broken  int `cel:"broken"`
	Flaky   int `cel:"flaky"`
	Skipped int `cel:"skipped"`
}

// Accessibility counts what axe-core found.
type Accessibility struct {
	Pages      int `cel:"pages"`
	Violations int `cel:"violations"` // elements that fail rules of WCAG 2.1 A or AA
}

// Check is one check of the report.
type Check struct {
	ID      string `cel:"id"`
	Status  string `cel:"status"` // "pass", "fail", "warn", "skip" or "error"
	Subject string `cel:"subject"`
}

func viewTypes() reflect.Type { return reflect.TypeFor[Release]() }

// uses says which parts of a release expressions name: the others are not made.
type uses struct{ packages, relation, files bool }

// add takes one expression. A name that stands in it, be it only in a text, is used.
func (u *uses) add(expression string) {
	u.packages = u.packages || strings.Contains(expression, "packages")
	u.relation = u.relation || strings.Contains(expression, "relation")
	u.files = u.files || strings.Contains(expression, "files")
}

func newView(r *trustpack.Report, u uses) *Release {
	m := r.Release.Manifest
	v := &Release{
		Product: m.Product, Version: m.Version, Tag: m.Release.Tag, Commit: m.Release.Commit, Repository: m.Release.Repository, Created: m.Release.Created,
		Consistent: passes(r, trustpack.VerdictConsistent), Pinned: passes(r, trustpack.VerdictPinned), Authentic: passes(r, trustpack.VerdictAuthentic),
		Tests: &Tests{}, Accessibility: &Accessibility{},
	}
	for _, s := range r.Release.Subjects {
		img := &Image{Name: s.Name}
		if s.Image != nil {
			img.Reference, img.Digest, img.Platform, img.Signed = s.Image.Reference, s.Image.Digest.String(), s.Image.Platform, s.Image.Signing.Status == "signed"
			v.Images = append(v.Images, img)
		}
		for _, f := range s.Findings {
			img.Findings = append(img.Findings, newFinding(f, u))
		}
		if u.packages {
			for _, c := range s.Components {
				img.Packages = append(img.Packages, &Package{c.Name, c.Version, c.PURL, s.Name, c.License(), relation(c, u)})
			}
		}
		v.Findings, v.Packages = append(v.Findings, img.Findings...), append(v.Packages, img.Packages...)
	}
	for i := range m.Gaps {
		g := &m.Gaps[i]
		v.Gaps = append(v.Gaps, &Gap{string(g.Kind), g.Image, g.Reason, g.Target.String()})
	}
	if u.files {
		for i := range m.Files {
			f := &m.Files[i]
			v.Files = append(v.Files, &File{f.Path, string(f.Kind), string(f.Format), f.Image, f.Tool.Name, f.SHA256.Hex(), f.Size})
		}
	}
	if sum := r.Summary; sum != nil {
		if t := sum.Tests; t != nil {
			v.Tests = &Tests{t.Counts.Tests, t.Passed, t.Failed, t.Counts.Errors, t.Counts.Flaky, t.Skipped}
		}
		if a := sum.Accessibility; a != nil {
			v.Accessibility = &Accessibility{len(a.Pages), a.Violations.Elements}
		}
	}
	for _, c := range r.Checks {
		v.Checks = append(v.Checks, &Check{c.ID, c.Status.String(), c.Subject})
	}
	return v
}

func passes(r *trustpack.Report, v trustpack.Verdict) bool {
	return r.Verdicts.Of(v).String() == "pass"
}

func newFinding(f *trustpack.Finding, u uses) *Finding {
	out := &Finding{
		ID: f.ID, Aliases: f.Aliases, Image: f.Subject.Name, Severity: f.Severity.String(), Score: f.Score, Class: f.Class.String(),
		Reachability: f.Reachability.String(), Relation: relation(f.Component, u),
		Waived: slices.ContainsFunc(f.Waivers, func(w trustpack.Waiver) bool { return w.Counts }),
	}
	if p := f.Package; p != nil {
		out.Package = p.Name
		if len(p.Versions) > 0 {
			out.Version = p.Versions[0]
		}
		if len(p.Fixed) > 0 {
			out.Fixed = p.Fixed[0]
		}
	}
	if f.Component != nil {
		out.PURL = f.Component.PURL
	}
	return out
}

func relation(c *trustpack.Component, u uses) string {
	if c == nil || !u.relation {
		return trustpack.RelationUnknown.String()
	}
	return c.Relation().String()
}
