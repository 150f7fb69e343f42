// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
)

// Verdicts are the three answers about a pack that must not be mixed up. Each is
// StatusPass, StatusFail, StatusError, or StatusSkip when nothing was given to judge by.
type Verdicts struct {
	Consistent evidence.Status `json:"consistent"` // structure, inventory, digests, and what documents say of each other
	Pinned     evidence.Status `json:"pinned"`     // the pack is the one whose digest the caller has from elsewhere
	Authentic  evidence.Status `json:"authentic"`  // signed by an identity or key that the caller expects
}

// The names of the verdicts, for Policy.Require.
const (
	VerdictConsistent = "consistent"
	VerdictPinned     = "pinned"
	VerdictAuthentic  = "authentic"
)

// CheckVerdicts returns an error if one of names is not the name of a verdict.
func CheckVerdicts(names []string) error {
	for _, name := range names {
		switch name {
		case VerdictConsistent, VerdictPinned, VerdictAuthentic:
		default:
			return fmt.Errorf("no verdict is called %q", name)
		}
	}
	return nil
}

// Report is what was found out about one pack. The zero Report does not hold.
type Report struct {
	Product       string          `json:"product,omitempty"`       // as the manifest says; empty when it can not be read
	Version       string          `json:"version,omitempty"`       // likewise
	ContentDigest string          `json:"contentDigest,omitempty"` // "sha256:" and the SHA-256 of the MANIFEST.json bytes
	SHA256        string          `json:"sha256,omitempty"`        // of the ZIP, lower-case hex; empty unless it was needed
	Verdicts      Verdicts        `json:"verdicts"`
	Checks        evidence.Checks `json:"checks"`
	Summary       *Summary        `json:"summary,omitempty"` // of the evidence; nil where it was not read
}

// OK reports whether at least one check was made and none failed or could not be made.
func (r *Report) OK() bool { return r != nil && r.Checks.OK() }

// Err returns nil if the report holds. Otherwise it returns a Problems with one
// problem for each check that failed, or could not be made; errors.Is finds the
// classes of the problems behind them.
func (r *Report) Err() error {
	if r.OK() {
		return nil
	}
	var out evidence.Problems
	if r != nil {
		for _, c := range r.Checks {
			if c.Status == evidence.StatusPass || c.Status == evidence.StatusWarn || c.Status == evidence.StatusSkip {
				continue
			}
			err := c.Problems.Err()
			if err == nil && c.Status == evidence.StatusFail {
				err = evidence.ErrPolicy
			}
			out = append(out, &evidence.Problem{Code: c.ID, Severity: evidence.SeverityError, Path: c.Subject, Message: c.ID + ": " + c.Message, Err: err})
		}
	}
	if len(out) == 0 {
		return errors.New("trustpack: nothing was checked")
	}
	return out
}

// Check returns the first check with the given id, nil if there is none.
func (r *Report) Check(id string) *evidence.Check {
	i := slices.IndexFunc(r.Checks, func(c evidence.Check) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Checks[i]
}

// VerdictText returns a verdict for a person: "pass", or "skip: no digest given".
func (r *Report) VerdictText(name string) string {
	status, reason := r.Verdicts.Consistent, ""
	switch name {
	case VerdictPinned:
		status, reason = r.Verdicts.Pinned, "no digest given"
	case VerdictAuthentic:
		status, reason = r.Verdicts.Authentic, "no statement given"
		if c := r.Check("attest.statement"); c != nil && c.Status == evidence.StatusSkip {
			reason = c.Message
		}
	}
	if status != evidence.StatusSkip || reason == "" {
		return status.String()
	}
	return status.String() + ": " + reason
}

func (r *Report) add(c ...evidence.Check) { r.Checks = append(r.Checks, c...) }

// addProblems adds one check that fails on errors, warns on warnings, and
// otherwise passes with the message ok.
func (r *Report) addProblems(id, subject string, problems evidence.Problems, ok string) {
	r.add(checkOf(id, subject, problems, ok))
}

func checkOf(id, subject string, problems evidence.Problems, ok string) evidence.Check {
	c := evidence.Check{ID: id, Status: evidence.StatusPass, Subject: subject, Message: ok}
	worst := evidence.SeverityInfo
	for _, p := range problems {
		if p.Severity > worst {
			worst = p.Severity
			if c.Message = p.Error(); p.Path == subject { // the subject is said already
				c.Message = p.At("").Error()
			}
		}
	}
	switch worst {
	case evidence.SeverityError:
		c.Status = evidence.StatusFail
	case evidence.SeverityWarning:
		c.Status = evidence.StatusWarn
	}
	if n := len(problems); c.Status != evidence.StatusPass && n > 1 {
		c.Message = fmt.Sprintf("%s (and %d more)", c.Message, n-1)
	}
	c.Problems = problems
	return c
}

// family returns the part of a check id before the first dot.
func family(id string) string {
	f, _, _ := strings.Cut(id, ".")
	return f
}

// settle computes the verdict that a set of checks amounts to: the worst of them.
func settle(checks evidence.Checks, in func(id string) bool) evidence.Status {
	verdict := evidence.StatusSkip
	for _, c := range checks {
		if !in(c.ID) {
			continue
		}
		switch {
		case c.Status == evidence.StatusFail || verdict == evidence.StatusFail:
			verdict = evidence.StatusFail
		case c.Status == evidence.StatusError || verdict == evidence.StatusError:
			verdict = evidence.StatusError
		case c.Status == evidence.StatusPass, c.Status == evidence.StatusWarn:
			verdict = evidence.StatusPass
		}
	}
	return verdict
}
