// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"iter"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
)

// Component is one package of a subject, as all SBOMs together describe it.
type Component struct {
	Subject *Subject
	Name    string // with its group or namespace: "@babel/core", "github.com/gorilla/mux"
	Version string // as the first SBOM writes it; empty if none states it
	PURL    string // package URL; empty if no SBOM states one

	entries  []entry
	findings []*Finding
}

// entry is one component of one SBOM.
type entry struct {
	doc *Document
	c   *sbom.Component
}

// Finding is one finding about a subject, merged over all tools and files.
type Finding struct {
	*sarif.Finding
	Subject   *Subject
	Component *Component // the package that it is about; nil if no SBOM holds it
	Waivers   []Waiver
}

// Waiver is a claim that a finding need not be acted on.
type Waiver struct {
	Kind   WaiverKind
	Reason string
	Source evidence.Source // where the claim stands
	Counts bool            // the caller's gate names its source, and it fits the finding in all that it names
}

// WaiverKind is the form of a waiver.
type WaiverKind string

// The forms of waivers.
const (
	WaiverSuppression WaiverKind = "suppression" // in the scan itself
	WaiverVEX         WaiverKind = "vex"
	WaiverException   WaiverKind = "exception" // of the caller's gate
)

// Relation is how a component came into its subject. The zero value is unknown.
type Relation uint8

// The relations.
const (
	RelationUnknown    Relation = iota // no SBOM says what depends on what
	RelationDirect     Relation = iota // what the SBOM describes depends on it, or nothing else does
	RelationTransitive Relation = iota // only other components depend on it
)

// String returns "direct", "transitive" or "unknown".
func (r Relation) String() string { return [...]string{"unknown", "direct", "transitive"}[min(r, 2)] }

// Sources returns the place of the component in each SBOM that lists it.
func (c *Component) Sources() []evidence.Source {
	list := make([]evidence.Source, len(c.entries))
	for i, e := range c.entries {
		at := e.c.Position()
		list[i] = e.doc.Source()
		list[i].Pointer, list[i].Line, list[i].Column = at.Pointer, at.Line, at.Column
	}
	return list
}

// Entries yields the component as each SBOM has it.
func (c *Component) Entries() iter.Seq2[*Document, *sbom.Component] {
	return func(yield func(*Document, *sbom.Component) bool) {
		for _, e := range c.entries {
			if !yield(e.doc, e.c) {
				return
			}
		}
	}
}

// License returns the licence that an SBOM concludes or declares, as an SPDX
// expression or as the SBOM names it; empty if none states one. The first SBOM that
// states one counts.
func (c *Component) License() string {
	for _, e := range c.entries {
		if l := licenseOf(e.c); l != "" {
			return l
		}
	}
	return ""
}

// Findings returns the findings about the component, the worst first.
func (c *Component) Findings() []*Finding { return c.findings }

// Relation tells a direct from a transitive dependency, by the first SBOM that says
// what depends on what.
func (c *Component) Relation() Relation {
	for _, e := range c.entries {
		g := e.doc.dependencies()
		if !g.known {
			continue
		}
		if direct(g, e.c.ID) {
			return RelationDirect
		}
		return RelationTransitive
	}
	return RelationUnknown
}

func direct(g *dependencies, id string) bool {
	others := false
	for _, by := range g.by[id] {
		if g.roots[by] {
			return true
		}
		others = others || by != id
	}
	return !others
}

// Path returns the names of the components through which this one came in, from
// one that is direct to itself: a shortest such path, by the first SBOM that says
// what depends on what.
func (c *Component) Path() []string {
	for _, e := range c.entries {
		if g := e.doc.dependencies(); g.known {
			return g.path(e.c.ID)
		}
	}
	return []string{c.label()}
}

// label returns "name@version", or the name alone.
func (c *Component) label() string { return nameVersion(c.Name, c.Version) }

func nameVersion(name, version string) string {
	if version == "" {
		return name
	}
	return name + "@" + version
}

// waive adds the claim by which the caller's gate lets the finding pass.
func (f *Finding) waive(o sarif.Outcome) {
	if o.Verdict != sarif.VerdictSuppressed {
		return
	}
	switch {
	case o.Exception != nil:
		f.Waivers = append(f.Waivers, Waiver{Kind: WaiverException, Reason: o.Exception.Reason, Counts: true, Source: evidence.Source{Path: o.Exception.File, Line: o.Exception.Line}})
	case o.Statement != nil:
		f.Waivers = append(f.Waivers, Waiver{Kind: WaiverVEX, Reason: o.Reason, Counts: true, Source: evidence.Source{Path: o.Statement.File, Pointer: o.Statement.Pointer, Line: o.Statement.Line}})
	default:
		for i := range f.Waivers { // the gate trusts the tool's own suppressions
			f.Waivers[i].Counts = true
		}
	}
}

// Fixable reports whether a version without the flaw is known.
func (f *Finding) Fixable() bool { return f.Package != nil && len(f.Package.Fixed) > 0 }

// Sources returns the place of the finding in each report that has it.
func (f *Finding) Sources() []evidence.Source {
	var list []evidence.Source
	for _, o := range f.Provenance() {
		s := evidence.Source{Path: o.File, Pointer: o.Pointer, Line: o.Line}
		if i := slices.IndexFunc(f.Subject.Documents, func(d *Document) bool { return d.File.Path == o.File }); i >= 0 {
			s.SHA256 = f.Subject.Documents[i].File.SHA256
		}
		list = append(list, s)
	}
	return list
}

// joiner makes one list of components of several SBOMs. A component is the same in
// two documents if its package URL is, if the URLs name one version of one package, or
// if name and version are the same where there is no URL. Its cost is linear in the
// documents.
type joiner struct {
	s     *Subject
	exact map[string]*Component   // by package URL as written, or by name and version without one
	keys  map[purl.Key]*Component // by package and version; made when it is first needed
	names map[string]*Component   // by name and version; likewise
}

func newJoiner(s *Subject) *joiner { return &joiner{s: s, exact: map[string]*Component{}} }

// add takes the components of one SBOM.
func (j *joiner) add(d *Document) {
	for c := range packagesOf(d.SBOM) {
		j.component(entry{d, c})
	}
}

func (j *joiner) component(e entry) {
	url := e.c.PURL()
	name, version := fullName(e.c), e.c.Version.String()
	id := url
	if url == "" {
		id = nameVersion(name, version)
	}
	have := j.exact[id]
	if have == nil && url != "" && len(j.s.Components) > 0 && j.s.Components[0].entries[0].doc != e.doc {
		if same := j.byKey(url); same != nil && same.entries[len(same.entries)-1].doc != e.doc {
			have = same
		}
	}
	if have == nil {
		// Page and summary keep these three longer than the document; see release.
		have = &Component{Subject: j.s, Name: strings.Clone(name), Version: strings.Clone(version), PURL: strings.Clone(url)}
		j.s.Components = append(j.s.Components, have)
		if j.keys != nil {
			j.index(have)
		}
	}
	have.entries = append(have.entries, e)
	j.exact[id] = have
}

// byKey returns a component of the same package and version as a package URL, nil if
// there is none.
func (j *joiner) byKey(url string) *Component {
	j.indexAll()
	p, err := purl.Parse(url)
	if err != nil {
		return nil
	}
	return j.keys[purl.KeyOf(p)]
}

func (j *joiner) indexAll() {
	if j.keys != nil {
		return
	}
	j.keys, j.names = map[purl.Key]*Component{}, map[string]*Component{}
	for _, c := range j.s.Components {
		j.index(c)
	}
}

func (j *joiner) index(c *Component) {
	if n := c.label(); j.names[n] == nil {
		j.names[n] = c
	}
	p, err := purl.Parse(c.PURL)
	if err != nil {
		return
	}
	key := purl.KeyOf(p)
	if j.keys[key] == nil {
		j.keys[key] = c
	}
	if p.Version == "" {
		return
	}
	// The package whatever its version; nil where there are two.
	any := key.WithoutVersion()
	if one, there := j.keys[any]; there && one != c {
		c = nil
	}
	j.keys[any] = c
}

// finding joins a merged finding to the component that it is about.
func (j *joiner) finding(f *sarif.Finding) *Finding {
	out := &Finding{Finding: f, Subject: j.s}
	for _, s := range f.Suppressions {
		out.Waivers = append(out.Waivers, Waiver{Kind: WaiverSuppression, Reason: s.Justification, Source: evidence.Source{Path: s.Source}})
	}
	if f.Package == nil {
		return out
	}
	if out.Component = j.lookup(f.Package); out.Component != nil {
		out.Component.findings = append(out.Component.findings, out)
	}
	return out
}

func (j *joiner) lookup(p *sarif.Package) *Component {
	if c := j.exact[p.PURL]; c != nil && p.PURL != "" {
		return c
	}
	j.indexAll()
	if c := j.byKey(p.PURL); c != nil {
		return c
	}
	for _, v := range p.Versions {
		if c := j.names[nameVersion(p.Name, v)]; c != nil {
			return c
		}
	}
	return nil
}

// packagesOf yields the components of a document but for what it describes, files
// and the operating system.
func packagesOf(doc *sbom.Document) iter.Seq[*sbom.Component] {
	return func(yield func(*sbom.Component) bool) {
		roots := map[string]bool{}
		for _, id := range doc.Roots() {
			roots[id] = true
		}
		for i := range doc.Components {
			c := &doc.Components[i]
			if !roots[c.ID] && c.Type != sbom.TypeFile && c.Type != sbom.TypeOperatingSystem && !yield(c) {
				return
			}
		}
	}
}

// fullName returns the name of a component with its group before it.
func fullName(c *sbom.Component) string {
	if group := c.Group.String(); group != "" {
		return group + "/" + c.Name.String()
	}
	return c.Name.String()
}

// dependencies is which components of one SBOM depend on which.
type dependencies struct {
	known bool
	roots map[string]bool
	by    map[string][]string // IDs of those that depend on a component
	label map[string]string   // "name@version" of components
}

// dependencies reads them from the document once.
func (d *Document) dependencies() *dependencies {
	d.once.Do(func() {
		g := &dependencies{roots: map[string]bool{}, by: map[string][]string{}, label: map[string]string{}}
		for _, id := range d.SBOM.Roots() {
			g.roots[id] = true
		}
		for i := range d.SBOM.Components {
			c := &d.SBOM.Components[i]
			g.label[c.ID] = nameVersion(fullName(c), c.Version.String())
		}
		for i := range d.SBOM.Relationships {
			r := &d.SBOM.Relationships[i]
			if r.To == "" || !sbom.FollowDependencies(r) {
				continue
			}
			g.by[r.To] = append(g.by[r.To], r.From)
			g.known = true
		}
		d.graph = g
	})
	return d.graph
}

// path goes back from a component to one that is direct, breadth first.
func (g *dependencies) path(id string) []string {
	next := map[string]string{id: ""} // towards id
	queue := []string{id}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if direct(g, at) {
			var list []string
			for at != "" {
				list = append(list, g.label[at])
				at = next[at]
			}
			return list
		}
		for _, by := range g.by[at] {
			if _, seen := next[by]; !seen {
				next[by] = at
				queue = append(queue, by)
			}
		}
	}
	return []string{g.label[id]}
}
