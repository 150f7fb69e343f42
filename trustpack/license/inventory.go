// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// Component is one piece of software as an SBOM or go.mod names it. It is all
// that this package needs of either.
type Component struct {
	Name    string // of a Go module its path; required
	Version string // may be empty
	PURL    string // package URL; may be empty
	License string // SPDX expression as written, of the licence that was concluded, else declared; empty where nothing is said
}

// Module is one entry of an inventory.
type Module struct {
	Name       string              `json:"name"`                 // module path, or the component's name
	Version    string              `json:"version,omitempty"`    // empty where no source tells, as of the main module
	PURL       string              `json:"purl,omitempty"`       // empty where no source tells
	Packages   []string            `json:"packages,omitempty"`   // of a go-licenses report: the packages that were found, sorted
	URLs       []string            `json:"urls,omitempty"`       // of licence texts, sorted
	License    spdxexpr.Expression `json:"license"`              // NOASSERTION where nothing is known; several licences are joined with AND
	Category   Category            `json:"category"`             // of License
	FirstParty bool                `json:"firstParty,omitempty"` // the product's own module or part of it, which go-licenses cannot classify
}

const golang = "golang"

// ecosystem is the type of a package URL. What has none is taken for a Go module.
func ecosystem(purl string) string {
	typ, _, _ := strings.Cut(strings.TrimPrefix(purl, "pkg:"), "/")
	return cmp.Or(strings.ToLower(typ), golang)
}

// Inventory is a list of modules with their licences.
type Inventory struct {
	Modules  []Module          `json:"modules"`            // sorted by name, then version
	Problems evidence.Problems `json:"problems,omitempty"` // what sources disagree on
}

// JoinOptions gives what a go-licenses report does not say.
type JoinOptions struct {
	// Components tells modules and their versions: go.mod's requirements, or the
	// components of an SBOM. Those whose package URL is of another type than golang
	// are passed over. Nil leaves both unknown; each package is then an entry of its
	// own.
	Components iter.Seq[Component]

	// Main is the path of the product's own module, such as GoMod.Module; empty if
	// it is not known, and then nothing is first-party. What is under it is
	// first-party too, but for a module that Components names with a version.
	Main string
}

// Join makes an inventory of a report. A package belongs to the component with
// the longest name that is its path or a prefix of it at a slash, as Go resolves
// imports. The rows of a module are joined with AND: go-licenses does not tell
// whether several licences are a choice, so all are taken to bind.
//
// Where the components have a module in several versions, the one that the URL of
// the licence names is taken, else the one that the module's other rows name;
// where neither tells, the entry has no version.
//
// Problems of the result, of class ErrMismatch and severity warning, say which
// rows have no module among the components (license.module), of which module the
// version is not known among several (license.ambiguous), and where a licence's
// URL is of another version than the component (license.version).
func Join(rep *Report, o *JoinOptions) *Inventory {
	inv := &Inventory{Modules: []Module{}, Problems: slices.Clone(rep.Problems)}
	var opts JoinOptions
	if o != nil {
		opts = *o
	}
	modules := newModules(opts)
	rows := make([]choice, len(rep.Rows))
	named := map[string]*Component{} // the version that rows name, by module; nil where they name several
	for i := range rep.Rows {
		c := modules.choose(&rep.Rows[i])
		if c.one != nil && c.among > 1 {
			if old, ok := named[c.name]; ok && old != c.one {
				named[c.name] = nil
			} else {
				named[c.name] = c.one
			}
		}
		rows[i] = c
	}
	type key struct{ name, version string }
	found := map[key]*joined{}
	for i := range rep.Rows {
		row, c := &rep.Rows[i], rows[i]
		c.one = cmp.Or(c.one, named[c.name])
		of := Component{Name: c.name}
		switch {
		case c.one != nil:
			of.Version, of.PURL = c.one.Version, c.one.PURL
			if otherVersion(row.URL, of.Name, of.Version) || row.Version != "" && of.Version != "" && !sameVersion(row.Version, of.Version) {
				inv.warn(row.Line, "license.version", "the licence of "+textfmt.Quote(row.Package)+" is not that of version "+textfmt.Quote(of.Version))
			}
		case c.among > 1:
			inv.warn(row.Line, "license.ambiguous", fmt.Sprintf("%s is there in %d versions, and nothing tells which has this licence", textfmt.Quote(of.Name), c.among))
		case opts.Components != nil:
			inv.warn(row.Line, "license.module", "no component is the module of "+textfmt.Quote(row.Package))
		}
		k := key{of.Name, of.Version}
		j := found[k]
		if j == nil {
			j = &joined{Component: of, terms: map[string]spdxexpr.Expression{}}
			found[k] = j
		}
		j.separate = j.separate || c.among > 1
		j.take(row)
	}
	for _, j := range found {
		inv.Modules = append(inv.Modules, j.module(opts.Main))
	}
	inv.sort()
	return inv
}

func (inv *Inventory) warn(line int, code, message string) {
	inv.Problems = append(inv.Problems, &evidence.Problem{Code: code, Severity: evidence.SeverityWarning, Line: line, Column: min(line, 1), Err: evidence.ErrMismatch, Message: message})
}

// FromComponents makes an inventory of what an SBOM alone says. Components of
// one name and version are one entry, with all their licences joined by AND; one
// that says nothing adds nothing. Main is as in [JoinOptions].
func FromComponents(components iter.Seq[Component], main string) *Inventory {
	inv := &Inventory{Modules: []Module{}}
	type key struct{ name, version, purl string }
	found := map[key]*joined{}
	for c := range components {
		c.Version = knownVersion(c.Version)
		k := key{c.Name, c.Version, withoutQualifiers(c.PURL)}
		j := found[k]
		if j == nil {
			j = &joined{Component: c, terms: map[string]spdxexpr.Expression{}}
			found[k] = j
		}
		expr, err := expression(c.License)
		if err != nil {
			inv.warn(0, "license.expression", "licence "+textfmt.Quote(c.License)+" of "+textfmt.Quote(c.Name)+" is no SPDX expression")
		}
		if expr.String() != spdxexpr.NoAssertion {
			j.license(expr)
		}
	}
	for _, j := range found {
		inv.Modules = append(inv.Modules, j.module(main))
	}
	inv.sort()
	return inv
}

func withoutQualifiers(purl string) string {
	purl, _, _ = strings.Cut(purl, "?")
	return purl
}

func (inv *Inventory) sort() {
	slices.SortFunc(inv.Modules, func(a, b Module) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.PURL, b.PURL))
	})
	slices.SortStableFunc(inv.Problems, func(a, b *evidence.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
}

// joined is a module in the making.
type joined struct {
	Component
	separate       bool // known to be a module with versions, though not which
	packages, urls []string
	terms          map[string]spdxexpr.Expression // by text of the normal form
}

func (j *joined) take(row *Row) {
	j.packages = append(j.packages, row.Package)
	if row.URL != "" {
		j.urls = append(j.urls, row.URL)
	}
	j.license(row.Expression)
}

func (j *joined) license(e spdxexpr.Expression) {
	e = e.Normal()
	j.terms[e.String()] = e
}

func (j *joined) module(main string) Module {
	m := Module{Name: j.Name, Version: j.Version, PURL: j.PURL, Packages: unique(j.packages), URLs: unique(j.urls)}
	m.License = j.all()
	m.Category = CategoryOfExpression(m.License)
	name, main := lower(m.Name), lower(main)
	m.FirstParty = main != "" && ecosystem(m.PURL) == golang && (name == main || m.Version == "" && !j.separate && within(name, main))
	return m
}

// all joins the licences with AND.
func (j *joined) all() spdxexpr.Expression {
	var texts []string
	for text := range j.terms {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	switch len(texts) {
	case 0:
		return noAssertion
	case 1:
		return j.terms[texts[0]]
	}
	for i, text := range texts {
		if _, single := j.terms[text].License(); !single {
			texts[i] = "(" + text + ")"
		}
	}
	e, err := expression(strings.Join(texts, " AND "))
	if err != nil { // longer than an expression may be: nothing that a person could read
		return noAssertion
	}
	return e.Normal()
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
