// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"slices"

	"github.com/HailBytes/evidence"
)

// Result opens the JSON object of every binary. A binary embeds it first in a
// struct of its own, so that "ok" is the object's first member.
type Result struct {
	OK     bool            `json:"ok"`
	Checks evidence.Checks `json:"checks,omitempty"`
}

// Outcome is a Result or a struct that embeds one.
type Outcome interface{ result() Result }

func (r Result) result() Result { return r }

// Checked is the Result of checks: OK if they hold.
func Checked(checks evidence.Checks) Result {
	return Result{OK: checks.OK(), Checks: checks}
}

// exitCode is ExitFails where a check failed, or the result is not OK for
// another reason than that something could not be checked.
func (r Result) exitCode() int {
	has := func(s evidence.Status) bool {
		return slices.ContainsFunc(r.Checks, func(c evidence.Check) bool { return c.Status == s })
	}
	switch {
	case r.OK:
		return ExitHolds
	case has(evidence.StatusError) && !has(evidence.StatusFail):
		return ExitCannot
	}
	return ExitFails
}

// failure is the JSON object of a command that ended with an error.
type failure struct {
	Result
	Error    string            `json:"error"`
	Problems evidence.Problems `json:"problems,omitempty"`
}

func newFailure(err error) failure {
	f := failure{Error: err.Error()}
	if problem, ok := errors.AsType[*evidence.Problem](err); ok {
		f.Problems = evidence.Problems{problem}
	}
	if problems, ok := errors.AsType[evidence.Problems](err); ok {
		f.Problems = problems
	}
	return f
}
