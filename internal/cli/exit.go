// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/HailBytes/evidence"
)

// The exit codes of every binary.
const (
	ExitHolds  = 0 // it holds, or was done
	ExitFails  = 1 // checked, and it does not hold
	ExitCannot = 2 // could not check: usage, I/O, cancelled, unreadable trust root
)

// UsageError is a command line that cannot be carried out.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// ExitFor returns the exit code for an error: ExitHolds for nil, ExitFails for
// one of the classes of package diag (the input was judged), else ExitCannot.
// A cancelled context is ExitCannot even where a judgement is wrapped as well,
// for it was cut short.
func ExitFor(err error) int {
	switch {
	case err == nil:
		return ExitHolds
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ExitCannot
	case slices.ContainsFunc(classes, func(class error) bool { return errors.Is(err, class) }):
		return ExitFails
	}
	return ExitCannot
}

var classes = []error{
	evidence.ErrFormat, evidence.ErrUnsupported, evidence.ErrLimit, evidence.ErrUnsafe, evidence.ErrMismatch, evidence.ErrPolicy,
}
