// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"

	"github.com/HailBytes/evidence/sarif"
)

// newSince returns the findings about a subject that an earlier release does not have,
// or has with a lesser severity. A subject that the earlier release lacks is new, with
// all of its findings.
func newSince(before, s *Subject) []*Finding {
	if before == nil {
		return s.Findings
	}
	changes := sarif.DiffLogs(scans(before.Documents), scans(s.Documents))
	known := map[sarif.Source]bool{}
	note := func(f *sarif.Finding) {
		for _, m := range results(f) {
			known[m.Source] = true
		}
	}
	for _, f := range changes.Unchanged {
		note(f)
	}
	for _, c := range changes.Changed {
		if c.After.Severity <= c.Before.Severity {
			note(c.After)
		}
	}
	return slices.DeleteFunc(slices.Clone(s.Findings), func(f *Finding) bool {
		return !slices.ContainsFunc(results(f.Finding), func(m *sarif.Finding) bool { return !known[m.Source] })
	})
}

// results returns what a finding was merged from.
func results(f *sarif.Finding) []*sarif.Finding {
	if f.Members == nil {
		return []*sarif.Finding{f}
	}
	return f.Members
}
