// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"iter"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Component is one package that an inventory holds. Fields that are not known are
// empty; one without name and package URL is skipped.
type Component struct {
	PURL    string
	Name    string
	Version string
}

// Inventory lists the packages of a product; a function over an SBOM is one.
type Inventory = iter.Seq[Component]

// Joined is what an inventory says of findings.
type Joined struct {
	// Findings are those given, in their order; where the inventory states package
	// URL or version, a copy that has them.
	Findings []*Finding

	Held    []*Finding // whose package, and version if stated, the inventory holds
	Other   []*Finding // whose package it holds in other versions only
	Missing []*Finding // whose package it does not hold
}

// Join looks up the package of each finding in an inventory. It fills in package
// URL and version where the report leaves them out and the inventory knows one
// answer, and says whose package the inventory does not hold: a scan of something
// else, or an SBOM that is not complete. Findings without a package are in none of
// the lists but Findings.
//
// Packages are compared like [Merge] does, with the epoch of a version wherever it
// is written.
func Join(findings []*Finding, inventory Inventory) *Joined {
	x := newInventoryIndex(inventory)
	j := &Joined{Findings: make([]*Finding, 0, len(findings))}
	for _, f := range findings {
		if f.Package == nil || f.Package.Name == "" && f.Package.PURL == "" {
			j.Findings = append(j.Findings, f)
			continue
		}
		found := x.lookup(f.Package)
		g := fill(f, found)
		j.Findings = append(j.Findings, g)
		switch {
		case len(found) == 0:
			j.Missing = append(j.Missing, g)
		case holdsVersion(f.Package, found):
			j.Held = append(j.Held, g)
		default:
			j.Other = append(j.Other, g)
		}
	}
	return j
}

// Checks returns one check "scan.packages" for each report, named as in
// [ReadOptions].Name: it warns of packages that the inventory does not hold, and
// fails if it holds one in other versions only. Each package is reported once.
func (j *Joined) Checks(reports ...string) evidence.Checks {
	const id = "scan.packages"
	held := map[string]int{} // by report
	for _, f := range j.Held {
		for _, file := range f.files() {
			held[file]++
		}
	}
	problems := map[string]evidence.Problems{}
	type place struct{ file, message string }
	seen := map[place]bool{}
	add := func(findings []*Finding, s evidence.Severity, format string) {
		for _, f := range findings {
			at := place{message: fmt.Sprintf(format, textfmt.Quote(f.Package.String()))}
			for _, at.file = range f.files() {
				if !seen[at] {
					seen[at] = true
					problems[at.file] = append(problems[at.file], &evidence.Problem{Code: id, Severity: s, Path: at.file, Message: at.message, Err: evidence.ErrMismatch})
				}
			}
		}
	}
	add(j.Missing, evidence.SeverityWarning, "no SBOM holds package %s")
	add(j.Other, evidence.SeverityError, "the SBOMs hold package %s in other versions only")
	var checks evidence.Checks
	for _, file := range reports {
		checks = append(checks, evidence.Judge(id, file, problems[file], "the SBOM holds every package of "+textfmt.Count(held[file], "finding")))
	}
	return checks
}

// files returns the names of the reports that have the finding, each once.
func (f *Finding) files() []string {
	if f.Members == nil {
		return []string{f.Source.File}
	}
	var files []string
	for _, m := range f.Members {
		files = append(files, m.Source.File)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// held is one component of an inventory, ready to compare.
type held struct {
	url     string
	kind    string
	version string // with its epoch, without Go's leading letters
	stated  string // version as stated
}

type packageName struct{ kind, name string }

// inventoryIndex finds components by kind and name, and by name alone.
type inventoryIndex struct {
	exact map[packageName][]held
	loose map[string][]held
}

func newInventoryIndex(inventory Inventory) *inventoryIndex {
	x := &inventoryIndex{map[packageName][]held{}, map[string][]held{}}
	for c := range inventory {
		h := held{version: bareVersion(c.Version), stated: c.Version}
		name := c.Name
		if u, err := purl.Parse(c.PURL); err == nil {
			h.url, h.kind = u.String(), u.Type
			if v := purlVersion(h.url); v != "" {
				h.version, h.stated = bareVersion(v), v
			}
			_, name = packageKey(&Package{PURL: h.url})
		}
		if name == "" {
			continue
		}
		if h.kind != "" {
			k := packageName{h.kind, name}
			x.exact[k] = append(x.exact[k], h)
		}
		x.loose[name] = append(x.loose[name], h)
		if c.Name != "" && c.Name != name && h.kind == "" {
			x.loose[c.Name] = append(x.loose[c.Name], h)
		}
	}
	return x
}

func (x *inventoryIndex) lookup(p *Package) []held {
	kind, name := packageKey(p)
	if kind != "" {
		if found := x.exact[packageName{kind, name}]; found != nil {
			return found
		}
		// Components that state no kind may be of this one.
		return slices.DeleteFunc(slices.Clone(x.loose[name]), func(h held) bool { return h.kind != "" })
	}
	if found := x.loose[name]; found != nil {
		return found
	}
	return x.exact[packageName{"pypi", normalPyPI(name)}]
}

// holdsVersion reports whether every installed version that the finding states is
// among those found.
func holdsVersion(p *Package, found []held) bool {
	for _, v := range p.Versions {
		if !slices.ContainsFunc(found, func(h held) bool { return sameVersion(h.kind, h.version, bareVersion(v)) }) {
			return false
		}
	}
	return true
}

// sameVersion compares versions as written, an epoch of 0 being none.
func sameVersion(kind, a, b string) bool {
	if kind == "deb" || kind == "rpm" {
		a, b = withoutZeroEpoch(a), withoutZeroEpoch(b)
	}
	return a == b
}

func withoutZeroEpoch(v string) string {
	if len(v) > 2 && v[:2] == "0:" {
		return v[2:]
	}
	return v
}

// fill completes the package of a finding from what the inventory holds of it.
func fill(f *Finding, found []held) *Finding {
	if len(found) == 0 || f.Package.PURL != "" && len(f.Package.Versions) > 0 {
		return f
	}
	p := *f.Package
	if len(p.Versions) == 0 {
		versions := make([]string, 0, len(found))
		for _, h := range found {
			if h.stated != "" {
				versions = append(versions, h.stated)
			}
		}
		if versions = uniqueVersions(versions); len(versions) == 1 {
			p.Versions = versions
		}
	}
	if p.PURL == "" || purlVersion(p.PURL) == "" {
		urls := map[string]held{}
		for _, h := range found {
			if h.url != "" && (len(p.Versions) == 0 || sameVersion(h.kind, h.version, bareVersion(p.Version()))) {
				urls[h.url] = h
			}
		}
		if len(urls) == 1 && len(p.Versions) <= 1 {
			for url, h := range urls {
				p.PURL, p.Ecosystem = url, h.kind
			}
		}
	}
	g := *f
	g.Package = &p
	if f.Members != nil {
		g.identity.ecosystem, g.identity.name = packageKey(&p)
	}
	return &g
}
