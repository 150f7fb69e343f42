package manifest

import (
	"fmt"

	"github.com/HailBytes/evidence/internal/diag"
)

// Problem is one fact that is wrong, or worth knowing, about one place of a
// document: Code, Severity, Pointer (RFC 6901), Line and Column (from 1, in
// bytes), Message. It is an error that matches its class with errors.Is.
type Problem = diag.Problem

// Problems is every problem found in one pass, in document order.
type Problems = diag.Problems

// Severity grades a Problem; only SeverityError makes a document refused.
type Severity = diag.Severity

// The severities.
const (
	SeverityInfo    = diag.SeverityInfo
	SeverityWarning = diag.SeverityWarning
	SeverityError   = diag.SeverityError
)

// The classes of problems, matched with errors.Is.
var (
	ErrFormat      = diag.ErrFormat      // not a manifest: syntax, type, required member, form of a value
	ErrUnsupported = diag.ErrUnsupported // a manifest of another major version, a digest of another algorithm
	ErrLimit       = diag.ErrLimit       // larger or deeper than is read
	ErrUnsafe      = diag.ErrUnsafe      // a path that no honest writer needs
	ErrMismatch    = diag.ErrMismatch    // two members that state one fact differ
)

func newProblem(code string, class error, format string, args ...any) *Problem {
	return &Problem{Code: code, Severity: diag.SeverityError, Message: fmt.Sprintf(format, args...), Err: class}
}
