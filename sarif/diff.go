// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"slices"
	"strings"
)

// Changes is what differs between two sets of findings. Each list is ordered as
// by [Merge], and holds merged findings.
type Changes struct {
	New       []*Finding // only after
	Fixed     []*Finding // only before
	Unchanged []*Finding // as they are after
	Changed   []Change   // in both, and not the same

	// Target tells when each side is about one target, and they are not the same:
	// the comparison took them to be. Empty otherwise.
	TargetBefore, TargetAfter string
}

// Change is a finding that is there before and after.
type Change struct {
	Before, After *Finding
	What          []string // "severity", "fix", "suppressed", "reachability"; sorted, never empty
}

// Diff compares the findings of two reports; see [DiffLogs].
func Diff(before, after *Log) *Changes {
	return DiffLogs([]*Log{before}, []*Log{after})
}

// DiffLogs compares what two sets of reports found, by the identity that [Merge]
// uses, over both sets together: the order of results, tags of images and
// versions of scanners are no changes, and identifiers are joined by the aliases
// that either set tells. If each set is about one target only, they are compared
// whatever the targets' names. Results of static analysis whose line moved are
// paired by rule, file and message.
//
// Comparing a report with itself gives only Unchanged.
func DiffLogs(before, after []*Log) *Changes {
	var all []*Finding
	side := map[*Finding]bool{} // whether it is of after
	for _, l := range before {
		all = append(all, l.Findings()...)
	}
	n := len(all)
	for _, l := range after {
		all = append(all, l.Findings()...)
	}
	// A log may stand on both sides: the later half is copied, so that each member
	// is on one side.
	for i := n; i < len(all); i++ {
		c := *all[i]
		all[i] = &c
		side[&c] = true
	}
	c := &Changes{}
	x := newIndex(all)
	rootBefore, rootAfter := commonRoot(all[:n]), commonRoot(all[n:])
	x.root = func(f *Finding) string {
		if side[f] {
			return rootAfter
		}
		return rootBefore
	}
	c.oneTarget(x, all[:n], all[n:])
	groups := map[identity][]*Finding{}
	for _, f := range all {
		id := x.identity(f)
		groups[id] = append(groups[id], f)
	}
	x.joinUnknown(groups)
	for id, group := range groups {
		var old, now []*Finding
		for _, f := range group {
			if side[f] {
				now = append(now, f)
			} else {
				old = append(old, f)
			}
		}
		switch {
		case len(old) == 0:
			c.New = append(c.New, x.merge(id, now))
		case len(now) == 0:
			c.Fixed = append(c.Fixed, x.merge(id, old))
		default:
			c.both(x.merge(id, old), x.merge(id, now))
		}
	}
	c.pairMoved()
	slices.SortFunc(c.New, compareFindings)
	slices.SortFunc(c.Fixed, compareFindings)
	slices.SortFunc(c.Unchanged, compareFindings)
	slices.SortFunc(c.Changed, func(a, b Change) int { return compareFindings(a.After, b.After) })
	return c
}

// oneTarget makes the targets of both sides one if each side has only one.
func (c *Changes) oneTarget(x *index, before, after []*Finding) {
	name := func(list []*Finding) (string, bool) {
		found := ""
		for _, f := range list {
			k := x.targets[targetKey(f.Target)]
			if k == "" || k == found {
				continue
			}
			if found != "" {
				return "", false
			}
			found = k
		}
		return found, true
	}
	a, ok := name(before)
	b, ok2 := name(after)
	if !ok || !ok2 {
		return
	}
	if a != b && a != "" && b != "" {
		_, c.TargetBefore, _ = strings.Cut(a, ":")
		_, c.TargetAfter, _ = strings.Cut(b, ":")
	}
	for k := range x.targets {
		x.targets[k] = ""
	}
}

// both files a finding that is on both sides.
func (c *Changes) both(before, after *Finding) {
	var what []string
	if fixable(before) != fixable(after) {
		what = append(what, "fix")
	}
	if before.Reachability != after.Reachability {
		what = append(what, "reachability")
	}
	if before.Severity != after.Severity {
		what = append(what, "severity")
	}
	if before.Suppressed != after.Suppressed {
		what = append(what, "suppressed")
	}
	if what == nil {
		c.Unchanged = append(c.Unchanged, after)
		return
	}
	c.Changed = append(c.Changed, Change{before, after, what})
}

// fixable reports whether a version without the vulnerability is known.
func fixable(f *Finding) bool { return f.Package != nil && len(f.Package.Fixed) > 0 }

// pairMoved pairs findings other than vulnerabilities that are new with those
// that are fixed, if all but the line is the same.
func (c *Changes) pairMoved() {
	type key struct {
		class               Class
		id, uri, name, text string
	}
	keyOf := func(f *Finding) key {
		k := key{class: f.Class, id: f.ID, text: f.Message}
		if len(f.Locations) > 0 {
			k.uri, k.name = f.Locations[0].URI, f.Locations[0].Logical
		}
		return k
	}
	line := func(f *Finding) int {
		if len(f.Locations) == 0 {
			return 0
		}
		return f.Locations[0].StartLine
	}
	byLine := func(a, b *Finding) int { return cmp.Or(cmp.Compare(line(a), line(b)), compareFindings(a, b)) }
	slices.SortFunc(c.New, byLine)
	slices.SortFunc(c.Fixed, byLine)
	gone := map[key][]*Finding{}
	for _, f := range c.Fixed {
		if f.Class != ClassVulnerability {
			gone[keyOf(f)] = append(gone[keyOf(f)], f)
		}
	}
	paired := map[*Finding]bool{}
	c.New = slices.DeleteFunc(c.New, func(f *Finding) bool {
		if f.Class == ClassVulnerability {
			return false
		}
		k := keyOf(f)
		if len(gone[k]) == 0 {
			return false
		}
		old := gone[k][0]
		gone[k] = gone[k][1:]
		paired[old] = true
		c.both(old, f)
		return true
	})
	c.Fixed = slices.DeleteFunc(c.Fixed, func(f *Finding) bool { return paired[f] })
}

// Findings returns all findings with their Baseline set: new, unchanged, updated
// (what Changed holds) and absent (what Fixed holds), as [WriteSARIF] writes them.
// They are copies; Members are shared.
func (c *Changes) Findings() []*Finding {
	var all []*Finding
	add := func(f *Finding, b Baseline) {
		g := *f
		g.Baseline = b
		all = append(all, &g)
	}
	for _, f := range c.New {
		add(f, BaselineNew)
	}
	for _, ch := range c.Changed {
		add(ch.After, BaselineUpdated)
	}
	for _, f := range c.Unchanged {
		add(f, BaselineUnchanged)
	}
	for _, f := range c.Fixed {
		add(f, BaselineAbsent)
	}
	slices.SortStableFunc(all, compareFindings)
	return all
}

// Summary is how many findings there are of each kind.
type Summary struct {
	New       int `json:"new"`
	Fixed     int `json:"fixed"`
	Unchanged int `json:"unchanged"`
	Changed   int `json:"changed"`
}

// Summary counts.
func (c *Changes) Summary() Summary {
	return Summary{len(c.New), len(c.Fixed), len(c.Unchanged), len(c.Changed)}
}

// Empty reports whether nothing is new, fixed or changed.
func (c *Changes) Empty() bool { return len(c.New)+len(c.Fixed)+len(c.Changed) == 0 }
