// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"cmp"
	"strings"

	"golang.org/x/mod/module"
)

// modules finds the components that are the modules of packages.
type modules struct {
	index pathIndex[*Component]
	sets  map[string]*spellings // by path in lower case
}

// spellings has the components of one name, as far as it is one without regard to
// case: package URLs of Go modules may be in lower case.
type spellings struct {
	all   *versionSet
	exact map[string]*versionSet // by name
}

func newModules(o JoinOptions) modules {
	var names []string
	var list []*Component
	add := func(c Component) {
		c.Version = knownVersion(c.Version)
		if c.Name != "" && ecosystem(c.PURL) == golang {
			names, list = append(names, c.Name), append(list, &c)
		}
	}
	if o.Components != nil {
		for c := range o.Components {
			add(c)
		}
	}
	add(Component{Name: o.Main})
	x := modules{newPathIndex(names, list), map[string]*spellings{}}
	for i := range x.index.groups {
		g := &x.index.groups[i]
		s := &spellings{&versionSet{}, map[string]*versionSet{}}
		for _, c := range g.values {
			if s.exact[c.Name] == nil {
				s.exact[c.Name] = &versionSet{}
			}
			s.exact[c.Name].add(c)
			s.all.add(c)
		}
		x.sets[g.path] = s
	}
	return x
}

// knownVersion returns v, and nothing for what Go and Syft write where a module
// has no version.
func knownVersion(v string) string {
	switch v {
	case "(devel)", "UNKNOWN", "v0.0.0-00010101000000-000000000000":
		return ""
	}
	return v
}

// choice is the module that a row belongs to.
type choice struct {
	name  string     // the module's path as the report spells it; the package's where no component is its module
	among int        // the module's versions; 0 where no component is it
	one   *Component // the one of them, where that is known
}

func (x modules) choose(row *Row) choice {
	g, ok := x.index.longest(row.Package)
	if !ok {
		return choice{name: row.Package}
	}
	name, s := row.Package[:len(g.path)], x.sets[g.path]
	versions := cmp.Or(s.exact[name], s.all)
	c := choice{name: name, among: versions.len()}
	if c.among == 1 {
		c.one = versions.any
		return c
	}
	if ref, ok := urlVersion(row.URL, name); ok {
		c.one = versions.find(ref)
	}
	c.one = cmp.Or(versions.find(row.Version), c.one)
	return c
}

// versionSet has the versions of one module, each once. A component without a
// version counts where there is no other.
type versionSet struct {
	any      *Component
	byPlain  map[string]*Component   // by version without "v" and "+incompatible"
	byCommit map[string][]*Component // of pseudo-versions, by the first digits of the commit
}

const commitKey = 7 // the digits of a commit that addresses have at least

func (s *versionSet) add(c *Component) {
	if s.any == nil || s.any.Version == "" {
		s.any = c
	}
	if c.Version == "" {
		return
	}
	plain := strings.TrimSuffix(plainVersion(c.Version), "+incompatible")
	if s.byPlain[plain] != nil {
		return
	}
	if s.byPlain == nil {
		s.byPlain, s.byCommit = map[string]*Component{}, map[string][]*Component{}
	}
	s.byPlain[plain] = c
	if rev, err := module.PseudoVersionRev("v" + plain); err == nil && len(rev) >= commitKey {
		s.byCommit[rev[:commitKey]] = append(s.byCommit[rev[:commitKey]], c)
	}
}

func (s *versionSet) len() int { return max(1, len(s.byPlain)) }

// find returns the component of a tag or commit, nil if there are none or several.
func (s *versionSet) find(ref string) *Component {
	if c := s.byPlain[strings.TrimSuffix(plainVersion(ref), "+incompatible")]; c != nil {
		return c
	}
	const most = 16 // pseudo-versions whose commits begin alike: none but made ones
	var one *Component
	if !isCommit(ref) || len(s.byCommit[ref[:commitKey]]) > most {
		return nil
	}
	for _, c := range s.byCommit[ref[:commitKey]] {
		switch {
		case !sameVersion(ref, c.Version):
		case one != nil:
			return nil
		default:
			one = c
		}
	}
	return one
}
