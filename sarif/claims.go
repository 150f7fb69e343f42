// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence/internal/claim"
)

// unit is what a claim must be about to count: one result of a finding, in one
// installed version. A finding is left out only if each of its units is.
type unit struct {
	member *Finding
	fact   *claim.Fact // nil for a finding without a package
	target *Target
	like   []int // units of the same finding that this one may be, and that say more
}

// String names the unit for a message.
func (u *unit) String() string {
	var parts []string
	if u.member.Package != nil {
		parts = append(parts, strings.TrimSpace(u.member.Package.Name+" "+u.fact.Version()))
	}
	if u.target != nil {
		parts = append(parts, describeTarget(u.target))
	}
	if u.member.Source.File != "" {
		parts = append(parts, u.member.Source.File)
	}
	return strings.Join(parts, " in ")
}

// unitsOf takes a finding apart.
func unitsOf(f *Finding) []unit {
	members := f.Members
	if members == nil {
		members = []*Finding{f}
	}
	var units []unit
	anyURL := false
	for _, m := range members {
		if m.Package == nil {
			units = append(units, unit{member: m, target: m.Target})
			continue
		}
		versions := m.Package.Versions
		if len(versions) == 0 {
			versions = []string{""}
		}
		for _, v := range versions {
			u := unit{m, claim.NewFact(m.Package.PURL, m.Package.Ecosystem, m.Package.Name, v), m.Target, nil}
			anyURL = anyURL || u.fact.HasURL()
			units = append(units, u)
		}
	}
	switch {
	case anyURL:
		findLike(units)
	case f.Package != nil && f.Package.PURL != "": // from an SBOM, see Join
		for i := range units {
			if u := &units[i]; u.fact != nil {
				u.fact = claim.NewFact(f.Package.PURL, f.Package.Ecosystem, f.Package.Name, u.fact.Version())
			}
		}
	}
	return units
}

// findLike finds, for each unit that does not state its package URL, those
// that do and may be the same: in the same version, if it states one, and in a
// target that has all that it states of its own.
func findLike(units []unit) {
	byVersion := map[string][]int{}
	for i := range units {
		if u := &units[i]; u.fact != nil && u.fact.HasURL() {
			byVersion[u.fact.Version()] = append(byVersion[u.fact.Version()], i)
			byVersion[""] = append(byVersion[""], i)
		}
	}
	type kind struct {
		version string
		target  *Target
	}
	known := map[kind][]int{}
	for i := range units {
		u := &units[i]
		if u.fact == nil || u.fact.HasURL() {
			continue
		}
		k := kind{u.fact.Version(), u.target}
		like, ok := known[k]
		if !ok {
			for _, j := range byVersion[k.version] {
				if u.target.within(units[j].target) {
					like = append(like, j)
				}
			}
			known[k] = like
		}
		u.like = like
	}
}

// within reports whether another target states everything that t states.
func (t *Target) within(other *Target) bool {
	if t == nil || t == other {
		return true
	}
	if other == nil || t.Kind != other.Kind || t.ImageID != "" && t.ImageID != other.ImageID {
		return false
	}
	if t.Repository == "" && t.Name != other.Name || t.Repository != "" && !sameRepository(t.Repository, other.Repository) {
		return false
	}
	all := func(list, in []string) bool {
		return !slices.ContainsFunc(list, func(s string) bool { return !slices.Contains(in, s) })
	}
	return all(t.Digests, other.Digests) && all(t.Tags, other.Tags)
}

// claims are the exceptions and VEX statements of a gate, found by what they name,
// so that judging takes time linear in findings and claims.
type claims struct {
	exact    map[scopeKey][]*scope
	counters map[scopeKey][]*scope // that say that a product is affected, or that it is not yet known
	near     map[scopeKey][]*scope // some of each vulnerability and package, to say why they do not count

	usedExceptions map[*Exception]bool
	usedStatements map[*Statement]bool
}

// scopeKey is what a claim is looked up by. A field that the claim does not name
// is empty.
type scopeKey struct{ id, name, version, target string }

func newClaims(g *Gate) (*claims, error) {
	c := &claims{map[scopeKey][]*scope{}, map[scopeKey][]*scope{}, map[scopeKey][]*scope{}, map[*Exception]bool{}, map[*Statement]bool{}}
	place := 0
	for _, e := range g.Exceptions {
		s, err := e.scope()
		if err != nil {
			return nil, err
		}
		s.place = place
		c.add(s, e.Vulnerability)
		place++
	}
	for doc, v := range g.VEX {
		for _, st := range v.Statements {
			for _, s := range st.scopes(g.UnsafeAnyProduct) {
				s.place, s.doc = place, doc
				c.add(s, append([]string{st.Vulnerability}, st.Aliases...)...)
			}
			place++
		}
	}
	return c, nil
}

// fewNear bounds the claims that are looked at for a reason.
const fewNear = 4

func (c *claims) add(s *scope, ids ...string) {
	key := scopeKey{}
	for i := range s.packages {
		if p := &s.packages[i]; key.name == "" {
			key.name, key.version = p.Name(), p.Version()
		}
	}
	targets := []string{""}
	for i := range s.targets {
		if keys := s.targets[i].keys(); len(keys) > 0 {
			targets = keys
			break
		}
	}
	for _, id := range ids {
		key.id = strings.ToUpper(id)
		for _, t := range targets {
			key.target = t
			c.exact[key] = append(c.exact[key], s)
		}
		loose := scopeKey{id: key.id, name: key.name}
		if s.counters() {
			c.counters[loose] = append(c.counters[loose], s)
		} else if len(c.near[loose]) < fewNear {
			c.near[loose] = append(c.near[loose], s)
		}
	}
}

// counters reports whether a claim speaks against letting a finding pass.
func (s *scope) counters() bool {
	return s.statement != nil && s.statement.Status != VEXNotAffected && s.statement.Status != VEXFixed
}

// keys are what a target has one of if the claim fits.
func (c *targetClaim) keys() []string {
	var keys []string
	if c.name != "" {
		keys = append(keys, "name:"+strings.ToLower(c.name))
	}
	path := withoutRegistry(c.repository)
	switch {
	case len(c.digests) > 0:
		keys = append(keys, c.digests...)
	case path != "" && c.tag != "":
		keys = append(keys, "image:"+path+":"+c.tag)
	case path != "":
		keys = append(keys, "image:"+path)
	}
	return keys
}

// keysOf are the keys under which a claim about a target may stand.
func keysOf(t *Target) []string {
	keys := []string{""}
	if t == nil {
		return keys
	}
	keys = append(keys, "name:"+strings.ToLower(t.Name), "name:"+strings.ToLower(strings.TrimSuffix(t.Repository, ".git")))
	keys = append(append(keys, t.Digests...), t.ImageID)
	if path := withoutRegistry(t.Repository); path != "" {
		keys = append(keys, "image:"+path)
		for _, tag := range t.Tags {
			keys = append(keys, "image:"+path+":"+tag)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func withoutRegistry(repo string) string {
	if hasRegistry(repo) {
		_, repo, _ = strings.Cut(repo, "/")
	}
	return repo
}

// judged is one finding with its identifiers in upper case.
type judged struct {
	*Finding
	ids []string
}

// names yields the package names under which a claim about a unit may stand.
func (u *unit) names() []string {
	if name := u.fact.Name(); name != "" {
		return []string{"", name}
	}
	return []string{""}
}

// about calls yield with every claim that is about a unit of a finding.
func (c *claims) about(f judged, u *unit, yield func(*scope)) {
	key, targets, versions := scopeKey{}, keysOf(u.target), []string{""}
	if v := u.fact.Version(); v != "" {
		versions = append(versions, v)
	}
	for _, key.id = range f.ids {
		for _, key.name = range u.names() {
			for _, key.version = range versions {
				for _, key.target = range targets {
					for _, s := range c.exact[key] {
						if s.names(f.ID) && s.compare(u).Answer == claim.Fits {
							yield(s)
						}
					}
				}
			}
		}
	}
}

// names reports whether a claim that stands under one of a finding's identifiers
// is about the vulnerability that the finding is named for: of several CVEs that
// an advisory joins, a claim about one says nothing of the others.
func (s *scope) names(id string) bool {
	if !isCVE(id) {
		return true
	}
	other := false
	for _, named := range s.ids() {
		if strings.EqualFold(named, id) {
			return true
		}
		other = other || isCVE(strings.ToUpper(named))
	}
	return !other
}

func (s *scope) ids() []string {
	if s.exception != nil {
		return []string{s.exception.Vulnerability}
	}
	return append([]string{s.statement.Vulnerability}, s.statement.Aliases...)
}

// waiver finds what lets a unit pass: an exception that holds, the first in the
// file; else the VEX statement made last, if no other takes it back. expired is an
// exception that would have.
func (c *claims) waiver(f judged, u *unit, now time.Time) (by, expired *scope) {
	var exception, statement *scope
	first := func(a, b *scope) *scope {
		if a == nil || b.place < a.place {
			return b
		}
		return a
	}
	c.about(f, u, func(s *scope) {
		switch {
		case s.exception != nil:
			c.usedExceptions[s.exception] = true
			if s.exception.Expired(now) {
				expired = first(expired, s)
			} else {
				exception = first(exception, s)
			}
		default:
			c.usedStatements[s.statement] = true
			if !s.counters() && (statement == nil || s.supersedes(statement)) {
				statement = s
			}
		}
	})
	switch {
	case exception != nil:
		return exception, nil
	case statement != nil && !c.takenBack(f, u, statement):
		return statement, expired
	}
	return nil, expired
}

// takenBack reports whether a later statement says that the product is affected,
// or that it is not yet known. That counts unless it is known to be about
// something else.
func (c *claims) takenBack(f judged, u *unit, by *scope) bool {
	key := scopeKey{}
	for _, key.id = range f.ids {
		for _, key.name = range u.names() {
			for _, s := range c.counters[key] {
				if s.supersedes(by) && s.names(f.ID) && s.compare(u).Answer != claim.Differs {
					return true
				}
			}
		}
	}
	return false
}

// supersedes reports whether a statement was made after another: in one document
// at one time the later in the list, in two documents the graver. One whose time
// is not known may be the later one if it speaks against the product, and is not
// otherwise.
func (s *scope) supersedes(other *scope) bool {
	a, b := s.statement.Time, other.statement.Time
	switch {
	case a.Equal(b) && s.doc == other.doc:
		return s.place > other.place
	case a.IsZero() || b.IsZero():
		return s.counters() || b.IsZero() && !other.counters()
	case a.Equal(b):
		return s.counters() || s.place > other.place
	}
	return a.After(b)
}

// misses say of claims about the same vulnerability and package why they do not
// count for a unit.
func (c *claims) misses(f judged, u *unit) (reasons []string) {
	const most = 2
	key := scopeKey{}
	for _, key.id = range f.ids {
		for _, key.name = range u.names() {
			for _, s := range c.near[key] {
				r := s.compare(u)
				if len(reasons) == most || !s.names(f.ID) || r.Answer == claim.Fits || r.What == "package" && r.Answer == claim.Differs {
					continue
				}
				if text := s.String() + " does not count: " + r.Against("the finding"); !slices.Contains(reasons, text) {
					reasons = append(reasons, text)
				}
			}
		}
	}
	return reasons
}

// String names the claim by its place.
func (s *scope) String() string {
	if s.exception != nil {
		return fmt.Sprintf("exception %s:%d", s.exception.File, s.exception.Line)
	}
	return fmt.Sprintf("VEX %s:%d", s.statement.File, s.statement.Line)
}
