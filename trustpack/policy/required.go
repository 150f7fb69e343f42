// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"fmt"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/quality"
	"github.com/HailBytes/evidence/trustpack"
)

// allRules returns what is judged when all other checks are made.
func (p *Policy) allRules(now time.Time) []trustpack.Rule {
	var list []trustpack.Rule
	if p.AtLeast != "" {
		list = append(list, atLeast(p.AtLeast))
	}
	if p.sbom != "" {
		list = append(list, sbomQuality(p.sbom))
	}
	if p.UnsafeNoProfile {
		list = append(list, noProfile{})
	}
	if len(p.rules) > 0 {
		list = append(list, &ruleSet{p.rules, p.uses, now})
	}
	if len(p.checks) > 0 {
		list = append(list, requiredChecks(p.checks))
	}
	return list
}

func refused(id, subject, format string, args ...any) evidence.Check {
	return evidence.Judge(id, subject, evidence.Problems{{
		Code: id, Severity: evidence.SeverityError, Err: evidence.ErrPolicy, Message: fmt.Sprintf(format, args...),
	}}, "")
}

// atLeast is the oldest version that is accepted.
type atLeast string

func (v atLeast) Judge(_ context.Context, r *trustpack.Report) evidence.Checks {
	const id = "policy.release"
	switch {
	case older(r.Version, string(v)):
		return evidence.Checks{refused(id, r.Product+"@"+r.Version, "older than %s, the oldest version that the policy accepts", string(v))}
	case older(string(v), r.Version), string(v) == r.Version:
		return evidence.Checks{{ID: id, Status: evidence.StatusPass, Subject: r.Product + "@" + r.Version, Message: "not older than " + string(v)}}
	}
	return evidence.Checks{refused(id, r.Product+"@"+r.Version, "the version cannot be compared with %s", string(v))}
}

// sbomQuality is the profile of package quality that each SBOM must meet.
type sbomQuality string

func (name sbomQuality) Judge(_ context.Context, r *trustpack.Report) evidence.Checks {
	const id = "policy.sbom"
	profile, _ := quality.ProfileNamed(string(name))
	var checks evidence.Checks
	for d := range r.Release.Documents() {
		if d.SBOM == nil {
			continue
		}
		var problems evidence.Problems
		all := profile.Assess(d.SBOM, nil).Checks()
		for _, c := range all[1:] {
			if c.Status == evidence.StatusFail {
				problems = append(problems, &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: d.File.Path, Err: evidence.ErrPolicy, Message: c.Message})
			}
		}
		if len(problems) == 0 && all[0].Status == evidence.StatusFail {
			problems = evidence.Problems{{Code: id, Severity: evidence.SeverityError, Path: d.File.Path, Err: evidence.ErrPolicy, Message: all[0].Message}}
		}
		checks = append(checks, evidence.Judge(id, d.File.Path, problems, all[0].Message))
	}
	if len(checks) == 0 {
		return evidence.Checks{{ID: id, Status: evidence.StatusError, Message: "the pack has no SBOM that could be read"}}
	}
	return checks
}

// requiredChecks are ids of checks that must be made, and all of them pass.
type requiredChecks []string

func (ids requiredChecks) Judge(_ context.Context, r *trustpack.Report) evidence.Checks {
	const id = "policy.checks"
	var checks evidence.Checks
	for _, want := range ids {
		made, other := 0, 0
		var first *evidence.Check
		for i := range r.Checks {
			c := &r.Checks[i]
			if c.ID != want {
				continue
			}
			made++
			if c.Status != evidence.StatusPass {
				other++
				if first == nil {
					first = c
				}
			}
		}
		switch {
		case made == 0:
			checks = append(checks, refused(id, want, "required, but no such check was made"))
		case first != nil:
			checks = append(checks, refused(id, want, "required to be a pass, but %d of %s not; the first is %s: %s", other, textfmt.Count(made, "check"), first.Status, first.Message))
		default:
			checks = append(checks, evidence.Check{ID: id, Status: evidence.StatusPass, Subject: want, Message: textfmt.Count(made, "check") + " required, all pass"})
		}
	}
	return checks
}

// noProfile names that completeness is left out.
type noProfile struct{}

func (noProfile) Judge(context.Context, *trustpack.Report) evidence.Checks {
	const id = "policy.weakened"
	return evidence.Checks{evidence.Judge(id, "", evidence.Problems{{
		Code: id, Severity: evidence.SeverityWarning, Err: evidence.ErrPolicy, Message: "unsafeNoProfile: the pack need not hold any evidence",
	}}, "")}
}
