// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/glob"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack/license"
)

// Gate says what of the product is not acceptable, beyond a pack whose evidence is
// sound: findings, licences, test results, old evidence. The zero Gate checks nothing.
// Package trustpack/policy reads one from a file.
//
// What the pack itself says in favour of the product counts only where the gate
// names it: suppressions by Findings.TrustSuppressions, VEX documents by TrustVEX.
type Gate struct {
	// Findings judges the findings of all scans; nil judges none. Its Now is
	// Policy.Now if it is zero.
	Findings *sarif.Gate

	// UnsafeNewSince is a release that was accepted, as [Pack.Release] reads it: findings
	// that it has too pass, unless their severity has risen since; nil for none.
	UnsafeNewSince *Release

	// TrustVEX are patterns of paths in the pack, "scans/*.openvex.json": VEX
	// documents there count. Those in Findings.VEX are the caller's own.
	TrustVEX []string

	// Licenses judges the modules of the licence reports and the components of the
	// SBOMs; nil judges none. Where the two state different licences, both are
	// judged. What it denies fails, what needs review is a warning. Policy.Now is the time of its exceptions.
	Licenses *license.Policy

	Tests         bool // test reports must be there, and be a pass
	Accessibility bool // axe-core results must be there, and free of violations of WCAG 2.1 A and AA

	MaxAge Ages // how old the evidence may be at Policy.Now

	// Rules are the caller's own, judged when all other checks are made. While there are
	// any, the whole evidence stays in memory.
	Rules []Rule
}

// Rule makes checks of the caller's own. It is given all checks and verdicts made so
// far, and Report.Release.
type Rule interface {
	Judge(ctx context.Context, r *Report) evidence.Checks
}

// gate is one run of a Gate.
type gate struct {
	Gate
	now      time.Time
	vex      []glob.Pattern
	found    []*sarif.Finding // of all subjects
	joined   []*Finding       // the same
	subjects []string         // of which there are scans
	counts   []int            // of found, by subject
	known    int              // findings left out, as UnsafeNewSince has them too
	trusted  []*sarif.VEX
}

func newGate(g *Gate, now time.Time) (*gate, error) {
	out := &gate{Gate: *g, now: now}
	for _, text := range g.TrustVEX {
		p, err := glob.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("trusted VEX %q: %w", text, err)
		}
		out.vex = append(out.vex, p)
	}
	return out, nil
}

// add takes one subject.
func (g *gate) add(s *Subject) {
	scanned := false
	for _, d := range s.Documents {
		switch {
		case d.Scan != nil:
			scanned = true
		case d.VEX != nil && slices.ContainsFunc(g.vex, func(p glob.Pattern) bool { return p.Match(d.File.Path) }):
			g.trusted = append(g.trusted, d.VEX)
		}
	}
	if g.Findings == nil || !scanned {
		return
	}
	judged := s.Findings
	if g.UnsafeNewSince != nil {
		judged = newSince(g.UnsafeNewSince.Subject(s.Name), s)
		g.known += len(s.Findings) - len(judged)
	}
	for _, f := range judged {
		g.found = append(g.found, f.Finding)
	}
	g.joined = append(g.joined, judged...)
	g.subjects, g.counts = append(g.subjects, s.Name), append(g.counts, len(judged))
}

// checks judges what was added.
func (g *gate) checks(r *Release) (checks evidence.Checks) {
	s := r.sum
	checks = append(checks, g.weakened()...)
	if g.Findings != nil {
		checks = append(checks, g.findings()...)
	}
	if g.Licenses != nil {
		checks = append(checks, g.licenses(s)...)
	}
	if g.Tests {
		checks = append(checks, requireEvidence("policy.tests", "test report", s.Tests != nil, func() (bool, string) {
			t := s.Tests
			if d := s.withoutTest(); d != nil {
				return false, "no test ran in " + d.File.Path
			}
			return t.OK(), fmt.Sprintf("%d of %s passed, %d failed, %d broke, %d flaky, %d skipped", t.Passed, textfmt.Count(t.Counts.Tests, "test"), t.Failed, t.Counts.Errors, t.Counts.Flaky, t.Skipped)
		}))
	}
	if g.Accessibility {
		checks = append(checks, requireEvidence("policy.accessibility", "axe-core result", s.Accessibility != nil, func() (bool, string) {
			a := s.Accessibility
			return a.OK(), fmt.Sprintf("%s fail rules of WCAG 2.1 A or AA on %s", textfmt.Count(a.Violations.Elements, "element"), textfmt.Count(len(a.Pages), "page"))
		}))
	}
	if g.MaxAge != (Ages{}) {
		checks = append(checks, g.MaxAge.check(r))
	}
	return checks
}

// requireEvidence judges evidence that must be there.
func requireEvidence(id, what string, there bool, holds func() (bool, string)) evidence.Check {
	if !there {
		return evidence.Check{ID: id, Status: evidence.StatusError, Message: "the pack has no " + what + " that could be read"}
	}
	ok, message := holds()
	if ok {
		return evidence.Check{ID: id, Status: evidence.StatusPass, Message: message}
	}
	return evidence.Judge(id, "", evidence.Problems{{Code: id, Severity: evidence.SeverityError, Message: message, Err: evidence.ErrPolicy}}, "")
}

// findings judges the findings of all subjects at once, as exceptions may be about any.
func (g *gate) findings() evidence.Checks {
	const id = "policy.findings"
	if len(g.subjects) == 0 {
		return evidence.Checks{{ID: id, Status: evidence.StatusError, Message: "the pack has no scan that could be read"}}
	}
	judge := *g.Findings
	judge.VEX = slices.Concat(judge.VEX, g.trusted)
	if judge.Now.IsZero() {
		judge.Now = g.now
	}
	judged, err := judge.Evaluate(g.found)
	if err != nil {
		return evidence.Checks{{ID: id, Status: evidence.StatusError, Message: err.Error()}}
	}
	for i, o := range judged.Outcomes {
		g.joined[i].waive(o)
	}
	var checks evidence.Checks
	left := judged.Outcomes
	for i, about := range g.subjects {
		checks = append(checks, left[:g.counts[i]].Check(subjectName(about)))
		left = left[g.counts[i]:]
	}
	if g.known > 0 {
		checks = append(checks, evidence.Check{ID: id, Status: evidence.StatusPass, Message: fmt.Sprintf("%s passed because %s has them too", textfmt.Count(g.known, "finding"), g.UnsafeNewSince.label())})
	}
	return append(checks, judged.Checks()...)
}

// licenses judges what licence reports and SBOMs say together.
func (g *gate) licenses(s *summarizer) evidence.Checks {
	const id = "policy.licenses"
	inventory, source := s.allLicenses()
	if len(inventory.Modules) == 0 {
		return evidence.Checks{{ID: id, Status: evidence.StatusError, Message: "the pack has no licence report and no SBOM that names a module"}}
	}
	judged, err := g.Licenses.Decide(inventory, g.now)
	if err != nil {
		return evidence.Checks{{ID: id, Status: evidence.StatusError, Message: err.Error()}}
	}
	sum := judged.Summary()
	var failed, idle evidence.Problems
	for _, d := range []license.Verdict{license.Denied, license.NeedsReview} {
		severity := evidence.SeverityWarning
		if d == license.Denied {
			severity = evidence.SeverityError
		}
		for _, f := range judged.Findings {
			if f.Verdict == d && len(failed) < mostProblems {
				failed = append(failed, &evidence.Problem{Code: id, Severity: severity, Err: evidence.ErrPolicy, Message: fmt.Sprintf("%s is %s: %s", f.Module, f.Verdict, f.Why)})
			}
		}
	}
	text := fmt.Sprintf("by the %s, %d allowed, %d to be reviewed, %d denied", source, sum.Allowed, sum.NeedsReview, sum.Denied)
	c := evidence.Judge(id, "", failed, text)
	if len(failed) > 0 {
		c.Message = text + ": " + failed[0].Message
	}
	for _, l := range []struct {
		list []license.Exception
		what string
	}{{judged.Unused, "matches no module"}, {judged.Unneeded, "is not needed"}, {judged.Expired, "has expired"}} {
		for _, e := range l.list {
			idle = append(idle, warning("policy.exceptions", "", "exception of %s for %s %s", e.License, e.Module, l.what))
		}
	}
	checks := evidence.Checks{c}
	if len(idle) > 0 {
		checks = append(checks, evidence.Judge("policy.exceptions", "", idle, ""))
	}
	return checks
}

// components yields what the SBOMs of all subjects hold.
func (s *summarizer) components() iter.Seq[license.Component] {
	return func(yield func(license.Component) bool) {
		for _, about := range s.subjects {
			for _, c := range s.held[about] {
				if !yield(c) {
					return
				}
			}
		}
	}
}
