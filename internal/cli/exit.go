// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"

	"github.com/HailBytes/evidence"
)

// The exit codes of every binary.
const (
	ExitHolds  = 0 // it holds, or was done
	ExitFails  = 1 // checked, and it does not hold
	ExitCannot = 2 // could not check: usage, I/O, cancelled, unreadable trust root
)

// UsageError is a command line that cannot be carried out.
type UsageError struct {
	Message string
	short   bool // the message says enough: how the command is called is not printed
}

func (e *UsageError) Error() string { return e.Message }

// ExitFor returns the exit code for an error: ExitHolds for nil, ExitFails where
// the error is a statement about the input ([evidence.IsVerdict]), else ExitCannot. An
// input of a kind or version that is not read ([evidence.ErrUnsupported]) was not checked.
func ExitFor(err error) int {
	switch {
	case err == nil:
		return ExitHolds
	case errors.Is(err, evidence.ErrUnsupported):
		return ExitCannot
	case evidence.IsVerdict(err):
		return ExitFails
	}
	return ExitCannot
}
