// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"errors"
)

// The classes of problems, matched with errors.Is. Every error about the input
// itself matches one of them; an error that matches none says that the check
// could not be made: reading failed, or the context ended. See [IsVerdict].
var (
	ErrFormat      = errors.New("malformed input")         // the bytes are not a document of the format
	ErrUnsupported = errors.New("unsupported input")       // well-formed, but of a version or kind that is not read
	ErrLimit       = errors.New("limit exceeded")          // a bound of Limits was reached
	ErrUnsafe      = errors.New("unsafe input")            // a name, link or construct that no honest writer needs
	ErrMismatch    = errors.New("evidence does not match") // two statements of one fact differ
	ErrPolicy      = errors.New("policy not met")          // readable and consistent, but not what the caller asks for
)

var classes = [...]error{ErrFormat, ErrUnsupported, ErrLimit, ErrUnsafe, ErrMismatch, ErrPolicy}

// IsVerdict reports whether err is a statement about the input: it matches one of
// the classes above. Any other error, and one that also says that the context
// ended, means that the input was not judged.
func IsVerdict(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	for _, class := range classes {
		if errors.Is(err, class) {
			return true
		}
	}
	return false
}
