// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"errors"
	"fmt"
	"slices"

	"github.com/HailBytes/evidence/internal/enum"
)

// Status is the outcome of one check. The zero value is invalid: a check that
// nobody decided is not a pass.
type Status uint8

// The outcomes. Only StatusFail and StatusError keep a report from holding.
const (
	StatusInvalid Status = iota
	StatusPass           // checked, and it holds
	StatusFail           // checked, and it does not hold
	StatusWarn           // checked; holds, with something a person should know
	StatusSkip           // not asked for, or nothing to check; the message says which
	StatusError          // could not be checked; never a pass
)

var statusNames = enum.Names{"invalid", "pass", "fail", "warn", "skip", "error"}

// String returns "pass", "fail", "warn", "skip" or "error"; "invalid" for any other value.
func (s Status) String() string { return statusNames.Name(uint8(s)) }

// MarshalText implements encoding.TextMarshaler; an invalid status is an error.
func (s Status) MarshalText() ([]byte, error) { return statusNames.Marshal("status", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Status) UnmarshalText(text []byte) error {
	i, err := statusNames.Unmarshal("status", text)
	*s = Status(i)
	return err
}

// Check is the outcome of one named rule over one subject.
type Check struct {
	ID       string   `json:"id"`                 // stable, dotted: "archive.structure", "sarif.schema"
	Status   Status   `json:"status"`             // pass, fail, warn, skip or error
	Subject  string   `json:"subject"`            // what was checked: a file, an image, a pack; empty for the whole input
	Message  string   `json:"message"`            // one line for a person
	Problems Problems `json:"problems,omitempty"` // the facts behind it, in document order
}

// Judge makes the check that a list of problems amounts to: it fails if one of
// them is an error (or has no severity), warns if one is a warning, and passes
// otherwise. Its message is the first of the worst problems and how many more
// there are; without a problem that counts it is ok.
func Judge(id, subject string, problems Problems, ok string) Check {
	c := Check{ID: id, Status: StatusPass, Subject: subject, Message: ok, Problems: problems}
	var worst *Problem
	grade := func(p *Problem) Severity {
		if p.Severity == SeverityInvalid {
			return SeverityError
		}
		return p.Severity
	}
	for _, p := range problems {
		if g := grade(p); g > SeverityInfo && (worst == nil || g > grade(worst)) {
			worst = p
		}
	}
	if worst == nil {
		return c
	}
	c.Status = StatusWarn
	if grade(worst) == SeverityError {
		c.Status = StatusFail
	}
	if worst.Path == subject { // the subject stands beside the message
		worst = worst.At("")
	}
	c.Message = worst.Error()
	if n := len(problems); n > 1 {
		c.Message = fmt.Sprintf("%s (and %d more)", c.Message, n-1)
	}
	return c
}

// Checks is the list of checks of one report.
type Checks []Check

// OK reports whether at least one check was made, and none failed or could not
// be made. A list that is empty or holds only skips is not OK.
func (cs Checks) OK() bool {
	made := false
	for _, c := range cs {
		switch c.Status {
		case StatusPass, StatusWarn:
			made = true
		case StatusSkip:
		default:
			return false
		}
	}
	return made
}

// Find returns the first check with an id, nil if there is none.
func (cs Checks) Find(id string) *Check {
	if i := slices.IndexFunc(cs, func(c Check) bool { return c.ID == id }); i >= 0 {
		return &cs[i]
	}
	return nil
}

// Err returns nil if the checks are OK. Otherwise it returns a Problems with one
// problem for each check that failed or could not be made; errors.Is finds the
// classes of the problems behind them. A failed check that names no problem is of
// class ErrPolicy.
func (cs Checks) Err() error {
	if cs.OK() {
		return nil
	}
	var out Problems
	for _, c := range cs {
		switch c.Status {
		case StatusPass, StatusWarn, StatusSkip:
			continue
		}
		err := c.Problems.Err()
		if err == nil && c.Status == StatusFail {
			err = ErrPolicy
		}
		out = append(out, &Problem{Code: c.ID, Severity: SeverityError, Path: c.Subject, Message: c.ID + ": " + c.Message, Err: err})
	}
	if len(out) == 0 {
		return errors.New("nothing was checked")
	}
	return out
}
