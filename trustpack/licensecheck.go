// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack/license"
)

// licenseChecks says whether the licence of every module is known, and holds the
// reports against SBOM and go.mod, both ways, and against each other.
func licenseChecks(r *Release) evidence.Checks {
	reported, held := r.sum.inventory()
	if reported == nil {
		return nil
	}
	subject := strings.Join(each(r.sum.licenses, func(d *Document) string { return d.File.Path }), ", ")
	checks := licenseComplete(r)
	checks = append(checks, r.sum.reportsOf(subject), r.sum.licensesInSBOM(subject, reported, held))
	if len(r.sum.licenses) > 1 {
		checks = append(checks, r.sum.reportsAgree(subject))
	}
	return checks
}

// licenseComplete says whether the licence of every module is known.
func licenseComplete(r *Release) evidence.Checks {
	reported, _ := r.sum.inventory()
	if reported == nil {
		return nil
	}
	subject := strings.Join(each(r.sum.licenses, func(d *Document) string { return d.File.Path }), ", ")
	sum := license.Summarize(reported)
	var unknown evidence.Problems
	for _, name := range sum.Unknown {
		unknown = append(unknown, warning("license.complete", subject, "the licence of %s is not known", name))
	}
	for _, p := range sum.Problems {
		unknown = append(unknown, p.At(subject))
	}
	return evidence.Checks{evidence.Judge("license.complete", subject, unknown, fmt.Sprintf("the licence of each of %s is known", textfmt.Count(sum.Modules, "module")))}
}

// reportsOf says whether each report is one of this product: it is of another one if it
// names modules, and none that an SBOM or go.mod knows.
func (s *summarizer) reportsOf(subject string) evidence.Check {
	const id = "license.product"
	known := maps.Clone(s.goModules())
	own := map[string]bool{}
	for _, d := range s.modules {
		own[d.Modules.Module] = true
		for _, m := range d.Modules.Requirements {
			known[m.Name] = true
		}
	}
	for c := range golang(s.components()) {
		if !known[c.Name] {
			own[c.Name] = true // without a version: the product itself
		}
	}
	var problems evidence.Problems
	for _, d := range s.licenses {
		mine, others, foreign := 0, 0, ""
		for i := range d.Licenses.Rows {
			row := &d.Licenses.Rows[i]
			if at := sourceOf(row.URL); at != "" && strings.HasPrefix(at, "github.com/") {
				if of := sourceOf(row.Package); strings.HasPrefix(of, "github.com/") && of != at {
					problems = append(problems, warning(id, d.File.Path, "the licence of %s was read in another repository, %s", textfmt.Quote(row.Package), textfmt.Quote(at)))
				}
			}
			switch name := row.Package; {
			case under(known, name):
				others++
			case under(own, name):
				mine++
			default:
				foreign = cmp.Or(foreign, name)
			}
		}
		switch {
		case len(known) == 0 || others > 0:
		case foreign != "" && mine == 0:
			problems = append(problems, &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: d.File.Path, Err: evidence.ErrMismatch, Message: fmt.Sprintf(
				"names %s, and none of the %s that SBOM and go.mod name: it is of another product", textfmt.Quote(foreign), textfmt.Count(len(known), "module"))})
		default:
			problems = append(problems, warning(id, d.File.Path, "names none of the %s that SBOM and go.mod name", textfmt.Count(len(known), "module")))
		}
	}
	return evidence.Judge(id, subject, problems, "the reports are of this product")
}

// packageLicenses warns of packages for which a scanner found licences of no family that
// the SBOMs of the image state for them. What one finds and the other does not is no
// contradiction.
func packageLicenses(_ *Release, s *Subject) evidence.Checks {
	const id = "license.packages"
	var checks evidence.Checks
	var held map[string]map[string]bool // families by package
	for _, d := range s.Documents {
		if d.licensed == nil {
			continue
		}
		if held == nil {
			held = map[string]map[string]bool{}
			for _, c := range s.Components {
				for _, e := range c.entries {
					addFamilies(held, c.Name, licenseOf(e.c))
				}
			}
		}
		found := map[string]map[string]bool{}
		for _, f := range d.licensed.Findings() {
			if f.Package != nil {
				addFamilies(found, f.Package.Name, f.ID)
			}
		}
		var problems evidence.Problems
		compared := 0
		for _, name := range sortedKeys(found) {
			if len(held[name]) == 0 {
				continue
			}
			compared++
			shared := false
			for family := range found[name] {
				shared = shared || held[name][family]
			}
			if !shared && len(problems) < mostProblems {
				problems = append(problems, warning(id, d.File.Path, "%s has a licence of %s, in the SBOM of %s", textfmt.Quote(name), strings.Join(sortedKeys(found[name]), ", "), strings.Join(sortedKeys(held[name]), ", ")))
			}
		}
		checks = append(checks, evidence.Judge(id, d.File.Path, problems, fmt.Sprintf("contradicts the SBOM for none of %s", textfmt.Count(compared, "package"))))
	}
	return checks
}

// addFamilies adds the families of the licences in an expression: "gpl" of "GPL-2.0-only".
func addFamilies(to map[string]map[string]bool, name, expression string) {
	for _, word := range strings.FieldsFunc(strings.ToLower(expression), func(r rune) bool { return strings.ContainsRune(" (),;/", r) }) {
		word = strings.TrimPrefix(word, "licenseref-")
		if end := strings.IndexFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }); end >= 0 {
			word = word[:end]
		}
		switch word {
		case "", "and", "or", "with", "noassertion", "none", "unknown", "license", "licence", "the", "of":
			continue
		case "lgpl", "agpl", "gfdl": // of one text with exceptions and manuals
			word = "gpl"
		}
		if to[name] == nil {
			to[name] = map[string]bool{}
		}
		to[name][word] = true
	}
}

// under reports whether an import path is one of the modules, or in one.
func under(modules map[string]bool, name string) bool {
	for at := name; at != "." && at != "/"; at = path.Dir(at) {
		if modules[at] {
			return true
		}
	}
	return false
}

// licensesInSBOM compares the modules of the reports with those of the SBOM.
func (s *summarizer) licensesInSBOM(subject string, reported, held *license.Inventory) evidence.Check {
	const id = "license.sbom"
	if held == nil {
		return evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: subject, Message: "there is no SBOM to compare with"}
	}
	c := license.Compare(reported, held)
	var problems evidence.Problems
	for _, m := range c.OnlyFirst {
		if !m.FirstParty {
			problems = append(problems, warning(id, subject, "the SBOM does not hold %s", m))
		}
	}
	for _, m := range c.OnlySecond {
		if !m.FirstParty && s.goModules()[m.Name] {
			problems = append(problems, warning(id, subject, "no report has the licence of %s, which the SBOM holds", m))
		}
	}
	for _, ch := range c.Licenses {
		problems = append(problems, warning(id, subject, "%s has licence %s, in the SBOM %s", ch.Name, ch.Before.License, ch.After.License))
	}
	for _, ch := range c.Versions {
		problems = append(problems, warning(id, subject, "%s has version %s, in the SBOM %s", ch.Name, ch.Before.Version, ch.After.Version))
	}
	return evidence.Judge(id, subject, problems, fmt.Sprintf("the SBOM holds every module, and contradicts no licence; %s agree", textfmt.Count(c.Agree, "module")))
}

// reportsAgree holds each report against the first one that is about the same program:
// that shares half of the modules of the smaller of the two.
func (s *summarizer) reportsAgree(subject string) evidence.Check {
	const id = "license.reports"
	var problems evidence.Problems
	first := s.inventoryOf(s.licenses[0])
	for _, d := range s.licenses[1:] {
		other := s.inventoryOf(d)
		c := license.Compare(first, other)
		shared := c.Agree + len(c.Licenses) + len(c.Silent)
		if shared*2 < min(len(first.Modules), len(other.Modules)) {
			continue
		}
		for _, m := range c.OnlyFirst {
			problems = append(problems, warning(id, d.File.Path, "does not name %s, which %s names", m, s.licenses[0].File.Path))
		}
		for _, m := range c.OnlySecond {
			problems = append(problems, warning(id, d.File.Path, "names %s, which %s does not", m, s.licenses[0].File.Path))
		}
		for _, ch := range c.Licenses {
			problems = append(problems, warning(id, d.File.Path, "%s has licence %s, in %s %s", ch.Name, ch.After.License, s.licenses[0].File.Path, ch.Before.License))
		}
	}
	return evidence.Judge(id, subject, problems, "the reports agree")
}
