// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"slices"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Ages says how old evidence may be. Zero leaves one out.
type Ages struct {
	Pack     time.Duration // since the release was created
	Scan     time.Duration // since the newest scan of each image
	Database time.Duration // since the vulnerability data of the newest scan was published, where the scan states it
}

// check judges the ages of the release. What nothing in the pack states is not young.
func (a Ages) check(r *Release) evidence.Check {
	const id = "policy.age"
	if r.now.IsZero() {
		return evidence.Check{ID: id, Status: evidence.StatusError, Message: "ages need the time to judge them at"}
	}
	var problems evidence.Problems
	add := func(path, format string, args ...any) {
		problems = append(problems, &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: path, Err: evidence.ErrPolicy, Message: fmt.Sprintf(format, args...)})
	}
	young := func(subject, what string, at time.Time, most time.Duration) {
		switch age := r.now.Sub(at); {
		case age < -clockSlack:
			add(subject, "%s is of %s, which is to come", what, day(at))
		case age > most:
			add(subject, "%s is of %s, %s old; the policy allows %s", what, day(at), days(age), days(most))
		}
	}
	if a.Pack > 0 {
		young(r.label(), "the release", r.Manifest.Release.Created, a.Pack)
	}
	scanned, stated := false, false
	for _, s := range r.Subjects {
		if !slices.ContainsFunc(s.Documents, func(d *Document) bool { return d.scanned }) {
			continue
		}
		scanned = true
		scan, said := s.latest(eventScan)
		switch {
		case a.Scan > 0 && !said:
			add(subjectName(s.Name), "no report says when the scan was made")
		case a.Scan > 0:
			young(subjectName(s.Name), "the newest scan", scan, a.Scan)
		}
		if data, said := s.latest(eventDatabase); said && a.Database > 0 {
			stated = true
			young(subjectName(s.Name), "the vulnerability data of the newest scan", data, a.Database)
		}
	}
	switch {
	case a.Scan > 0 && !scanned:
		add("", "the pack has no scan that could be read")
	case a.Database > 0 && !stated:
		add("", "no scan states of when its vulnerability data is")
	}
	c := evidence.Judge(id, "", problems, "the evidence is as young as the policy asks")
	c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	return c
}

// latest returns the latest time of an event that a subject's files state.
func (s *Subject) latest(what event) (at time.Time, stated bool) {
	for _, d := range s.Documents {
		for _, h := range d.times {
			if h.what == what && h.time.After(at) {
				at, stated = h.time, true
			}
		}
	}
	return at, stated
}

// days returns a duration in whole days.
func days(d time.Duration) string { return textfmt.Count(int(d/(24*time.Hour)), "day") }

// label returns "asm@1.482".
func (r *Release) label() string { return r.Manifest.Product + "@" + r.Manifest.Version }
