// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom"
)

// sbomFacts holds what SBOMs of one image state against themselves and against each
// other, beyond what sbom.pair compares.
func sbomFacts(_ *Release, s *Subject) evidence.Checks {
	var boms []*Document
	for _, d := range s.Documents {
		if d.SBOM != nil {
			boms = append(boms, d)
		}
	}
	var checks evidence.Checks
	for _, d := range boms {
		checks = append(checks, versionsAgree(d))
		if c := reasonsGiven(d); c != nil {
			checks = append(checks, *c)
		}
	}
	if s.Image == nil || len(boms) == 0 {
		return checks
	}
	return append(checks, packagesAgree(s, boms), toolsAgree(s.Name, boms))
}

// versionsAgree holds the version of each component against that in its package URL.
func versionsAgree(d *Document) evidence.Check {
	const id = "sbom.versions"
	var problems evidence.Problems
	n := 0
	for c := range packagesOf(d.SBOM) {
		url, version := c.PURL(), c.Version.String()
		if url == "" || version == "" || !strings.Contains(url, "@") {
			continue
		}
		p, err := purl.Parse(url)
		if err != nil || p.Version == "" || sameVersion(p, version) {
			continue
		}
		if n++; n > mostProblems {
			continue
		}
		at := c.Position()
		problems = append(problems, &evidence.Problem{
			Code: id, Severity: evidence.SeverityError, Path: d.File.Path, Pointer: at.Pointer, Line: at.Line, Column: at.Column, Err: evidence.ErrMismatch,
			Message: fmt.Sprintf("version %s of %s is not that of its package URL, %s", textfmt.Quote(version), textfmt.Quote(fullName(c)), textfmt.Quote(p.Version)),
		})
	}
	c := evidence.Judge(id, d.File.Path, problems, "every version is that of the package URL")
	if n > len(problems) {
		c.Message = fmt.Sprintf("%s (and %d more)", problems[0].At("").Error(), n-1)
	}
	return c
}

// sameVersion reports whether a version field says what a package URL says: an epoch
// stands before the version or in a qualifier, or in one of the two only; Go's leading
// letter may be missing; build metadata may be left out.
func sameVersion(p purl.PURL, version string) bool {
	plain := func(v string) string {
		v = strings.TrimPrefix(strings.TrimPrefix(v, "go"), "v")
		if _, rest, found := strings.Cut(v, ":"); found {
			v = rest
		}
		if p.Type == "golang" {
			v, _, _ = strings.Cut(v, "+")
		}
		return v
	}
	a, b := plain(p.Version), plain(version)
	return strings.EqualFold(a, b) || p.Type == "rpm" && (strings.HasPrefix(a, b+"-") || strings.HasPrefix(b, a+"-"))
}

// reasonsGiven warns of vulnerabilities that an SBOM declares not to affect the product
// without a word why. They are claims, and count for nothing here.
func reasonsGiven(d *Document) *evidence.Check {
	const id = "sbom.claims"
	claims, silent := 0, 0
	for i := range d.SBOM.Vulnerabilities {
		a := d.SBOM.Vulnerabilities[i].Analysis
		if a == nil || a.State != "not_affected" && a.State != "false_positive" {
			continue
		}
		claims++
		if a.Justification == "" && strings.TrimSpace(a.Details) == "" {
			silent++
		}
	}
	if claims == 0 {
		return nil
	}
	var problems evidence.Problems
	if silent > 0 {
		problems = evidence.Problems{warning(id, d.File.Path, "declares without a reason that %s not affect the product", textfmt.Count(silent, "vulnerability")+map[bool]string{true: " does", false: " do"}[silent == 1])}
	}
	c := evidence.Judge(id, d.File.Path, problems, fmt.Sprintf("gives a reason for each of %s that it declares not to affect the product", textfmt.Count(claims, "vulnerability")))
	return &c
}

// packagesAgree holds the lists of packages of one image's SBOMs against each other where
// one tool wrote both in one format, and against the scans where one lists nothing.
// SPDX and CycloneDX are compared by sbom.pair; lists of two tools may differ.
func packagesAgree(s *Subject, boms []*Document) evidence.Check {
	const id = "sbom.packages"
	type key struct{ format, tool, machine string }
	held := map[*Document]int{}
	for _, c := range s.Components {
		var last *Document
		for _, e := range c.entries {
			if e.doc != last {
				held[e.doc]++
			}
			last = e.doc
		}
	}
	first, index := map[key]*Document{}, s.isIndex()
	fails := func(d *Document, format string, args ...any) *evidence.Problem {
		return &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: d.File.Path, Message: fmt.Sprintf(format, args...), Err: evidence.ErrMismatch}
	}
	var problems evidence.Problems
	for _, d := range boms {
		switch {
		case held[d] > 0:
		case namesPackage(s.Findings):
			problems = append(problems, fails(d, "lists no package, and the scans of the image name some"))
		case len(s.Components) == 0:
			problems = append(problems, warning(id, d.File.Path, "lists no package at all"))
		}
		k := key{format: d.SBOM.Format.String(), tool: toolOf(d.SBOM)}
		if index {
			k.machine = machineOfSBOM(d.SBOM)
		}
		one := first[k]
		if one == nil {
			first[k] = d
			continue
		}
		if missing := onlyIn(s.Components, one, d); missing != "" {
			problems = append(problems, fails(d, "does not list %s, which %s of the same tool lists", missing, one.File.Path))
		} else if missing := onlyIn(s.Components, d, one); missing != "" {
			problems = append(problems, fails(one, "does not list %s, which %s of the same tool lists", missing, d.File.Path))
		}
	}
	return evidence.Judge(id, s.Name, problems, fmt.Sprintf("%s in %s", textfmt.Count(len(s.Components), "package"), textfmt.Count(len(boms), "SBOM")))
}

// onlyIn returns the first component that a lists and b does not, and how many there are.
func onlyIn(list []*Component, a, b *Document) string {
	n, text := 0, ""
	for _, c := range list {
		in := func(d *Document) bool {
			return slices.ContainsFunc(c.entries[:min(len(c.entries), 64)], func(e entry) bool { return e.doc == d })
		}
		if in(a) && !in(b) {
			if n++; n == 1 {
				text = textfmt.Quote(c.label())
			}
		}
	}
	if n > 1 {
		text += fmt.Sprintf(" and %d more", n-1)
	}
	return text
}

// toolsAgree warns where the SBOMs of one image are said to be of different tools.
func toolsAgree(image string, boms []*Document) evidence.Check {
	const id = "sbom.tool"
	var problems evidence.Problems
	for _, d := range boms[1:] {
		if was, is := toolOf(boms[0].SBOM), toolOf(d.SBOM); !strings.EqualFold(was, is) {
			problems = append(problems, warning(id, d.File.Path, "was written by %s, %s by %s", textfmt.Quote(is), boms[0].File.Path, textfmt.Quote(was)))
		}
	}
	return evidence.Judge(id, image, problems, "one tool wrote the SBOMs of the image")
}

// toolOf returns the name of the first tool that an SBOM names.
func toolOf(d *sbom.Document) string {
	for i := range d.Tools {
		if name := d.Tools[i].Name; name != "" {
			return name
		}
	}
	return ""
}
