package license

import (
	"cmp"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/diag"
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
	Version    string              `json:"version,omitempty"`    // empty where no source tells
	PURL       string              `json:"purl,omitempty"`       // empty where no source tells
	Packages   []string            `json:"packages,omitempty"`   // of a go-licenses report: the packages that were found, sorted
	URLs       []string            `json:"urls,omitempty"`       // of licence texts, sorted
	License    spdxexpr.Expression `json:"license"`              // NOASSERTION where nothing is known; several licences are joined with AND
	Category   Category            `json:"category"`             // of License
	FirstParty bool                `json:"firstParty,omitempty"` // the product's own module, which go-licenses cannot classify
}

// ecosystem is the type of the package URL. What has none is taken for a Go module.
func (m *Module) ecosystem() string {
	typ, _, _ := strings.Cut(strings.TrimPrefix(m.PURL, "pkg:"), "/")
	return cmp.Or(strings.ToLower(typ), "golang")
}

// Inventory is a list of modules with their licences.
type Inventory struct {
	Modules  []Module // sorted by name, then version
	Problems Problems // what sources disagree on
}

// JoinOptions gives what a go-licenses report does not say.
type JoinOptions struct {
	// Components tells modules and their versions: go.mod's requirements, or the
	// components of an SBOM. Nil leaves both unknown; each package is then an entry
	// of its own.
	Components iter.Seq[Component]

	// Main is the path of the product's own module, such as GoMod.Module; empty if
	// it is not known, and then nothing is first-party.
	Main string
}

// Join makes an inventory of a report. A package belongs to the component with
// the longest name that is its path or a prefix of it at a slash, as Go resolves
// imports. The rows of a module are joined with AND: go-licenses does not tell
// whether several licences are a choice, so all are taken to bind.
//
// Problems of the result say which rows have no module among the components, and
// where a licence's URL is of another version than the component.
func Join(rep *Report, o *JoinOptions) *Inventory {
	inv := &Inventory{Problems: slices.Clone(rep.Problems)}
	var opts JoinOptions
	if o != nil {
		opts = *o
	}
	versions := newVersions(opts)
	found := map[string]*joined{}
	for _, row := range rep.Rows {
		c, known := versions.of(row.Package)
		if !known {
			c = Component{Name: row.Package}
			if opts.Components != nil {
				inv.warn(row.Line, "license.module", "no component is the module of "+diag.Quote(row.Package))
			}
		}
		j := found[c.Name]
		if j == nil {
			j = &joined{Component: c, terms: map[string]spdxexpr.Expression{}}
			found[c.Name] = j
		}
		j.take(row)
		if known && otherVersion(row.URL, c.Version) {
			inv.warn(row.Line, "license.version", "the licence of "+diag.Quote(row.Package)+" is not that of version "+diag.Quote(c.Version))
		}
	}
	for _, j := range found {
		m := j.module()
		m.FirstParty = opts.Main != "" && within(m.Name, opts.Main)
		inv.Modules = append(inv.Modules, m)
	}
	inv.sort()
	return inv
}

func (inv *Inventory) warn(line int, code, message string) {
	inv.Problems = append(inv.Problems, &Problem{Code: code, Severity: diag.SeverityWarning, Line: line, Column: min(line, 1), Err: ErrMismatch, Message: message})
}

// FromComponents makes an inventory of what an SBOM alone says. Components of
// one name and version are one entry, with all their licences joined by AND.
func FromComponents(components iter.Seq[Component]) *Inventory {
	inv := &Inventory{}
	type key struct{ name, version, purl string }
	found := map[key]*joined{}
	for c := range components {
		k := key{c.Name, c.Version, withoutQualifiers(c.PURL)}
		j := found[k]
		if j == nil {
			j = &joined{Component: c, terms: map[string]spdxexpr.Expression{}}
			found[k] = j
		}
		expr, err := expression(c.License)
		if err != nil {
			inv.warn(0, "license.expression", "licence "+diag.Quote(c.License)+" of "+diag.Quote(c.Name)+" is no SPDX expression")
		}
		j.license(expr)
	}
	for _, j := range found {
		inv.Modules = append(inv.Modules, j.module())
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
	slices.SortStableFunc(inv.Problems, func(a, b *Problem) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message)) })
}

// joined is a module in the making.
type joined struct {
	Component
	packages, urls []string
	terms          map[string]spdxexpr.Expression // by text of the normal form
}

func (j *joined) take(row Row) {
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

func (j *joined) module() Module {
	m := Module{Name: j.Name, Version: j.Version, PURL: j.PURL, Packages: unique(j.packages), URLs: unique(j.urls)}
	m.License = j.all()
	m.Category = CategoryOfExpression(m.License)
	return m
}

// all joins the licences with AND.
func (j *joined) all() spdxexpr.Expression {
	var texts []string
	for text := range j.terms {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	if len(texts) == 1 {
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

// versions finds the module of a package.
type versions struct {
	byName map[string]Component
	folded map[string]Component // names in lower case, as package URLs of Go have them
}

func newVersions(o JoinOptions) versions {
	v := versions{map[string]Component{}, map[string]Component{}}
	if o.Components != nil {
		for c := range o.Components {
			if old, twice := v.byName[c.Name]; !twice || old.Version == "" {
				v.byName[c.Name] = c
			}
			v.folded[strings.ToLower(c.Name)] = c
		}
	}
	if _, there := v.byName[o.Main]; !there && o.Main != "" {
		v.byName[o.Main] = Component{Name: o.Main}
	}
	return v
}

// of returns the component with the longest name that holds the package.
func (v versions) of(pkg string) (Component, bool) {
	for name := pkg; ; {
		if c, ok := v.byName[name]; ok {
			return c, true
		}
		if c, ok := v.folded[strings.ToLower(name)]; ok {
			c.Name = name // as the report spells it, which is as Go does
			return c, true
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return Component{}, false
		}
		name = name[:i]
	}
}

// within reports whether path is module or a package in it.
func within(path, module string) bool {
	rest, ok := strings.CutPrefix(path, module)
	return ok && (rest == "" || rest[0] == '/')
}

// otherVersion reports whether a licence's URL names a version, and not the one
// that the module has: ".../blob/v1.4.9/LICENSE", ".../blob/autorest/v0.11.29/...",
// ".../blob/fd8a7622303e/LICENSE" for a pseudo-version.
func otherVersion(raw, version string) bool {
	u, err := url.Parse(raw)
	if err != nil || version == "" {
		return false
	}
	_, rest, ok := strings.Cut(u.Path, "/blob/")
	if !ok {
		return false
	}
	version = strings.TrimSuffix(strings.TrimPrefix(version, "v"), "+incompatible")
	commit := version[strings.LastIndexByte(version, '-')+1:]
	for part := range strings.SplitSeq(rest, "/") {
		tag := strings.TrimPrefix(part, "v")
		switch {
		case tag == version, len(commit) == 12 && strings.HasPrefix(part, commit), part == "HEAD":
			return false
		}
	}
	return true
}
