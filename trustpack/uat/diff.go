// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"cmp"
	"slices"
)

// TestChange is one test whose outcome changed between two releases.
type TestChange struct {
	TestID
	Before Outcome `json:"before"` // "none" for a test that is new
	After  Outcome `json:"after"`  // "none" for a test that is gone
}

// TestChanges is what happened to the tests between two releases. A test stands
// in one list only; each list is in the order of class, name and
// project.
type TestChanges struct {
	Broke       []TestChange `json:"broke"`       // failed or broke, and did not before; new tests that failed too
	StillBroken []TestChange `json:"stillBroken"` // failed or broke before and after
	Fixed       []TestChange `json:"fixed"`       // failed or broke before, and passed, even if flaky, after
	Flaky       []TestChange `json:"flaky"`       // became flaky
	Steady      []TestChange `json:"steady"`      // was flaky, and passed
	Skipped     []TestChange `json:"skipped"`     // ran before and did not after
	Unskipped   []TestChange `json:"unskipped"`   // did not run before, and passed
	Removed     []TestChange `json:"removed"`     // is no longer there, whatever it said
	Added       []TestChange `json:"added"`       // is new, and did not fail
	Unchanged   int          `json:"unchanged"`   // how many had the same outcome, other than a broken one
}

// Empty reports whether nothing changed; what is still broken is no change.
func (c *TestChanges) Empty() bool {
	return len(c.Broke)+len(c.Fixed)+len(c.Flaky)+len(c.Steady)+len(c.Skipped)+len(c.Unskipped)+len(c.Removed)+len(c.Added) == 0
}

// DiffTests compares the tests of two releases by class, name and project.
func DiffTests(before, after []*Report) *TestChanges {
	old, now := outcomes(before), outcomes(after)
	ch := &TestChanges{}
	for _, list := range ch.lists() {
		*list = []TestChange{}
	}
	for id, was := range old {
		ch.add(TestChange{id, was, now[id]})
	}
	for id, is := range now {
		if _, there := old[id]; !there {
			ch.add(TestChange{id, NoOutcome, is})
		}
	}
	for _, list := range ch.lists() {
		slices.SortFunc(*list, func(a, b TestChange) int {
			return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Project, b.Project), cmp.Compare(a.N, b.N))
		})
	}
	return ch
}

func (c *TestChanges) lists() []*[]TestChange {
	return []*[]TestChange{&c.Broke, &c.StillBroken, &c.Fixed, &c.Flaky, &c.Steady, &c.Skipped, &c.Unskipped, &c.Removed, &c.Added}
}

func (c *TestChanges) add(t TestChange) {
	var list *[]TestChange
	switch {
	case t.After == NoOutcome:
		list = &c.Removed
	case t.After.Broken() && t.Before.Broken():
		list = &c.StillBroken
	case t.After.Broken():
		list = &c.Broke
	case t.Before == NoOutcome:
		list = &c.Added
	case t.Before == t.After:
		c.Unchanged++
		return
	case t.After == Skipped:
		list = &c.Skipped
	case t.Before.Broken():
		list = &c.Fixed
	case t.After == Flaky:
		list = &c.Flaky
	case t.Before == Flaky:
		list = &c.Steady
	default:
		list = &c.Unskipped
	}
	*list = append(*list, t)
}

// outcomes returns every test of a release.
func outcomes(reports []*Report) map[TestID]Outcome {
	all := map[TestID]Outcome{}
	for _, t := range Tests(reports...) {
		all[t.TestID] = t.Outcome
	}
	return all
}
