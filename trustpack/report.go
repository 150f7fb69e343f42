package trustpack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/diag"
)

// CheckResult is the outcome of one rule: ID (stable, listed in the package comment),
// Status, Subject (the pack, a file, an image), Message, and the Problems behind it.
type CheckResult = diag.Check

// Status is the outcome of a check. The zero value is invalid and never a pass.
type Status = diag.Status

// The outcomes of a check.
const (
	StatusPass  = diag.StatusPass  // checked, and it holds
	StatusFail  = diag.StatusFail  // checked, and it does not hold
	StatusWarn  = diag.StatusWarn  // holds, with something a person should know
	StatusSkip  = diag.StatusSkip  // not asked for, or nothing to check
	StatusError = diag.StatusError // could not be checked; never a pass
)

// Verdicts are the three answers about a pack that must not be mixed up. Each is
// StatusPass, StatusFail, StatusError, or StatusSkip when nothing was given to judge by.
type Verdicts struct {
	Consistent Status `json:"consistent"` // structure, inventory, digests, and what documents say of each other
	Pinned     Status `json:"pinned"`     // the pack is the one whose digest the caller has from elsewhere
	Authentic  Status `json:"authentic"`  // signed by an identity or key that the caller expects
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
	Product       string        `json:"product,omitempty"`       // as the manifest says; empty when it can not be read
	Version       string        `json:"version,omitempty"`       // likewise
	ContentDigest string        `json:"contentDigest,omitempty"` // "sha256:" and the SHA-256 of the MANIFEST.json bytes
	SHA256        string        `json:"sha256,omitempty"`        // of the ZIP, lower-case hex; empty unless it was needed
	Verdicts      Verdicts      `json:"verdicts"`
	Checks        []CheckResult `json:"checks"`
	Summary       *Summary      `json:"summary,omitempty"` // of the evidence; nil where it was not read
}

// OK reports whether at least one check was made and none failed or could not be made.
func (r *Report) OK() bool { return r != nil && diag.Holds(r.Checks) }

// Err returns nil if the report holds. Otherwise it returns a Problems with one
// problem for each check that failed, or could not be made; errors.Is finds the
// classes of the problems behind them.
func (r *Report) Err() error {
	if r.OK() {
		return nil
	}
	var out Problems
	if r != nil {
		for _, c := range r.Checks {
			if c.Status == StatusPass || c.Status == StatusWarn || c.Status == StatusSkip {
				continue
			}
			err := c.Problems.Err()
			if err == nil && c.Status == StatusFail {
				err = ErrPolicy
			}
			out = append(out, &Problem{Code: c.ID, Severity: SeverityError, Path: c.Subject, Message: c.ID + ": " + c.Message, Err: err})
		}
	}
	if len(out) == 0 {
		return errors.New("trustpack: nothing was checked")
	}
	return out
}

// Check returns the first check with the given id, nil if there is none.
func (r *Report) Check(id string) *CheckResult {
	i := slices.IndexFunc(r.Checks, func(c CheckResult) bool { return c.ID == id })
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
		if c := r.Check("attest.statement"); c != nil && c.Status == StatusSkip {
			reason = c.Message
		}
	}
	if status != StatusSkip || reason == "" {
		return status.String()
	}
	return status.String() + ": " + reason
}

func (r *Report) add(c ...CheckResult) { r.Checks = append(r.Checks, c...) }

// addProblems adds one check that fails on errors, warns on warnings, and
// otherwise passes with the message ok.
func (r *Report) addProblems(id, subject string, problems Problems, ok string) {
	r.add(checkOf(id, subject, problems, ok))
}

func checkOf(id, subject string, problems Problems, ok string) CheckResult {
	c := CheckResult{ID: id, Status: StatusPass, Subject: subject, Message: ok}
	worst := SeverityInfo
	for _, p := range problems {
		if p.Severity > worst {
			worst = p.Severity
			if c.Message = p.Error(); p.Path == subject { // the subject is said already
				c.Message = p.At("").Error()
			}
		}
	}
	switch worst {
	case SeverityError:
		c.Status = StatusFail
	case SeverityWarning:
		c.Status = StatusWarn
	}
	if n := len(problems); c.Status != StatusPass && n > 1 {
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
func settle(checks []CheckResult, in func(id string) bool) Status {
	verdict := StatusSkip
	for _, c := range checks {
		if !in(c.ID) {
			continue
		}
		switch {
		case c.Status == StatusFail || verdict == StatusFail:
			verdict = StatusFail
		case c.Status == StatusError || verdict == StatusError:
			verdict = StatusError
		case c.Status == StatusPass, c.Status == StatusWarn:
			verdict = StatusPass
		}
	}
	return verdict
}
