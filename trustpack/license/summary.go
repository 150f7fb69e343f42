// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"cmp"
	"maps"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// Summary is what an inventory comes to.
type Summary struct {
	Modules    int               `json:"modules"`
	Worst      Category          `json:"worst"`            // of all modules but the product's own unclassified ones; "unknown" for an empty inventory
	Categories []CategoryCount   `json:"categories"`       // those that occur, worst first
	Licenses   []LicenseCount    `json:"licenses"`         // most frequent first, then by name
	Unknown    []string          `json:"unknown"`          // modules of category unknown that are not the product's own, "name@version"
	Policy     *PolicySummary    `json:"policy,omitempty"` // nil where no policy was asked; set by the caller, from [Judgment.Summary]
	Problems   evidence.Problems `json:"problems,omitempty"`
}

// PolicySummary is what a judgment comes to. Allowed, NeedsReview and Denied add
// up to the modules.
type PolicySummary struct {
	Worst       Verdict `json:"worst,omitempty"` // absent where there was no module to judge
	Allowed     int     `json:"allowed"`
	Excepted    int     `json:"excepted"` // of Allowed, those by an exception
	NeedsReview int     `json:"needsReview"`
	Denied      int     `json:"denied"`
	Unused      int     `json:"unused"`   // exceptions, as in [Judgment]
	Unneeded    int     `json:"unneeded"` // exceptions
	Expired     int     `json:"expired"`  // exceptions
}

// OK reports whether at least one module was judged, and all are allowed.
func (s *PolicySummary) OK() bool { return s.Worst == Allowed }

// CategoryCount is how many modules have a category.
type CategoryCount struct {
	Category Category `json:"category"`
	Modules  int      `json:"modules"`
}

// LicenseCount is how many modules have a licence.
type LicenseCount struct {
	License  string   `json:"license"` // SPDX expression
	Category Category `json:"category"`
	Modules  int      `json:"modules"`
}

// OK reports whether the inventory is complete: it has modules, and of each that
// is not the product's own the licence is known; and whether the policy, if one
// was asked, allows them all.
func (s *Summary) OK() bool {
	return s.Modules > 0 && len(s.Unknown) == 0 && s.Problems.Err() == nil && (s.Policy == nil || s.Policy.OK())
}

// Summarize counts an inventory.
func Summarize(inv *Inventory) *Summary {
	s := &Summary{Modules: len(inv.Modules), Worst: Unknown, Categories: []CategoryCount{}, Licenses: []LicenseCount{}, Unknown: []string{}, Problems: inv.Problems}
	byCategory := map[Category]int{}
	byLicense := map[string]*LicenseCount{}
	worst := categoryInvalid
	for _, m := range inv.Modules {
		byCategory[m.Category]++
		text := m.License.String()
		if byLicense[text] == nil {
			byLicense[text] = &LicenseCount{License: text, Category: m.Category}
		}
		byLicense[text].Modules++
		if m.FirstParty && m.Category == Unknown {
			continue
		}
		worst = max(worst, m.Category)
		if m.Category == Unknown {
			s.Unknown = append(s.Unknown, m.String())
		}
	}
	if worst != categoryInvalid {
		s.Worst = worst
	}
	for _, c := range slices.Backward(categoryList()) {
		if byCategory[c] > 0 {
			s.Categories = append(s.Categories, CategoryCount{c, byCategory[c]})
		}
	}
	for _, text := range slices.Sorted(maps.Keys(byLicense)) {
		s.Licenses = append(s.Licenses, *byLicense[text])
	}
	slices.SortStableFunc(s.Licenses, func(a, b LicenseCount) int { return cmp.Compare(b.Modules, a.Modules) })
	return s
}

// String returns "name@version", or the name alone.
func (m Module) String() string {
	if m.Version == "" {
		return m.Name
	}
	return m.Name + "@" + m.Version
}

// Change is one module that differs between two inventories.
type Change struct {
	Name   string  `json:"name"`
	Before *Module `json:"before,omitempty"` // nil for one that is new
	After  *Module `json:"after,omitempty"`  // nil for one that is gone
}

// Changes is what differs between the inventories of two releases, by name.
type Changes struct {
	Added      []Change `json:"added"`
	Removed    []Change `json:"removed"`
	Relicensed []Change `json:"relicensed"` // the licence changed, whatever the version did
	Versions   []Change `json:"versions"`   // the version changed, the licence did not
	Unchanged  int      `json:"unchanged"`
}

// Empty reports whether nothing changed.
func (c *Changes) Empty() bool {
	return len(c.Added)+len(c.Removed)+len(c.Relicensed)+len(c.Versions) == 0
}

// Diff compares the inventories of two releases. Versions of one module are
// paired in order.
func Diff(before, after *Inventory) *Changes {
	ch := &Changes{Added: []Change{}, Removed: []Change{}, Relicensed: []Change{}, Versions: []Change{}}
	pair(before, after, func(name string, a, b *Module) {
		c := Change{name, a, b}
		switch {
		case a == nil:
			ch.Added = append(ch.Added, c)
		case b == nil:
			ch.Removed = append(ch.Removed, c)
		case !sameLicense(a, b):
			ch.Relicensed = append(ch.Relicensed, c)
		case plainVersion(a.Version) != plainVersion(b.Version):
			ch.Versions = append(ch.Versions, c)
		default:
			ch.Unchanged++
		}
	})
	return ch
}

// Above returns the changes by which a module came to a category worse than limit
// and worse than its own before: of those added, then of those relicensed.
// Above(WeakCopyleft) has what is new under a strong or network copyleft, a
// proprietary licence or one that is not known.
func (c *Changes) Above(limit Category) []Change {
	list := []Change{}
	for _, changes := range [][]Change{c.Added, c.Relicensed} {
		for _, ch := range changes {
			if ch.After.Category > limit && (ch.Before == nil || ch.Before.Category < ch.After.Category) {
				list = append(list, ch)
			}
		}
	}
	return list
}

func sameLicense(a, b *Module) bool { return spdxexpr.Equal(a.License.Current(), b.License.Current()) }

// pairingName is the name under which a module is looked for: of a Go module
// in lower case, as package URLs may have it.
func (m *Module) pairingName() string {
	if ecosystem(m.PURL) == golang {
		return lower(m.Name)
	}
	return m.Name
}

// pair calls yield for each name in order, with the modules of either side, of
// one ecosystem.
func pair(before, after *Inventory, yield func(name string, a, b *Module)) {
	type key struct{ name, ecosystem string }
	index := func(inv *Inventory) map[key][]*Module {
		list := map[key][]*Module{}
		for i := range inv.Modules {
			m := &inv.Modules[i]
			k := key{m.pairingName(), ecosystem(m.PURL)}
			list[k] = append(list[k], m)
		}
		return list
	}
	old, now := index(before), index(after)
	keys := slices.AppendSeq(slices.Collect(maps.Keys(old)), maps.Keys(now))
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.ecosystem, b.ecosystem)) })
	for _, k := range slices.Compact(keys) {
		a, b := old[k], now[k]
		for _, likeness := range likenesses {
			a, b = pairBy(a, b, likeness, yield)
		}
		for _, m := range a {
			yield(m.Name, m, nil)
		}
		for _, m := range b {
			yield(m.Name, nil, m)
		}
	}
}

// likenesses are what modules are paired by, the closest first; the last pairs
// any.
var likenesses = []func(*Module) string{
	func(m *Module) string { return m.Name + "@" + plainVersion(m.Version) },
	func(m *Module) string { return plainVersion(m.Version) },
	func(m *Module) string { return m.Name },
	func(m *Module) string { return "" },
}

// pairBy yields the pairs that are alike, in order, and returns the rest.
func pairBy(a, b []*Module, likeness func(*Module) string, yield func(name string, a, b *Module)) (restA, restB []*Module) {
	waiting := map[string][]*Module{}
	for _, m := range b {
		waiting[likeness(m)] = append(waiting[likeness(m)], m)
	}
	taken := map[*Module]bool{}
	for _, m := range a {
		k := likeness(m)
		if len(waiting[k]) == 0 {
			restA = append(restA, m)
			continue
		}
		yield(m.Name, m, waiting[k][0])
		taken[waiting[k][0]] = true
		waiting[k] = waiting[k][1:]
	}
	for _, m := range b {
		if !taken[m] {
			restB = append(restB, m)
		}
	}
	return restA, restB
}

// Comparison is what two inventories of one release say of each other.
type Comparison struct {
	OnlyFirst  []Module `json:"onlyFirst"`
	OnlySecond []Module `json:"onlySecond"`
	Licenses   []Change `json:"licenses"` // both know a licence, and not the same
	Silent     []Change `json:"silent"`   // one knows the licence and the other does not
	Versions   []Change `json:"versions"` // both name a version, and not the same
	Agree      int      `json:"agree"`    // modules with the same licence, known or not, and no other version
}

// Compare holds two inventories of one release against each other, such as that
// of go-licenses and that of the SBOM. A leading "v" of versions does not count, and
// Go's standard library, which SBOMs name and go-licenses leaves out, is not missed.
func Compare(first, second *Inventory) *Comparison {
	c := &Comparison{OnlyFirst: []Module{}, OnlySecond: []Module{}, Licenses: []Change{}, Silent: []Change{}, Versions: []Change{}}
	pair(first, second, func(name string, a, b *Module) {
		switch {
		case a == nil && b.isStandard(), b == nil && a.isStandard():
			return
		case a == nil:
			c.OnlySecond = append(c.OnlySecond, *b)
			return
		case b == nil:
			c.OnlyFirst = append(c.OnlyFirst, *a)
			return
		}
		ch := Change{name, a, b}
		differ := false
		if a.Version != "" && b.Version != "" && plainVersion(a.Version) != plainVersion(b.Version) {
			c.Versions = append(c.Versions, ch)
			differ = true
		}
		switch {
		case sameLicense(a, b):
			if !differ {
				c.Agree++
			}
		case a.silent() != b.silent():
			c.Silent = append(c.Silent, ch)
		default:
			c.Licenses = append(c.Licenses, ch)
		}
	})
	return c
}

// OK reports whether the inventories name the same modules and contradict each
// other nowhere; a side that is silent contradicts nothing.
func (c *Comparison) OK() bool {
	return len(c.OnlyFirst)+len(c.OnlySecond)+len(c.Licenses)+len(c.Versions) == 0 && c.Agree+len(c.Silent) > 0
}

// isStandard reports whether a module is Go's standard library as SBOMs name it.
func (m *Module) isStandard() bool { return m.Name == "stdlib" && ecosystem(m.PURL) == golang }

// silent reports whether no licence is known.
func (m *Module) silent() bool {
	text := m.License.String()
	return text == "" || text == spdxexpr.NoAssertion
}
