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

// maxProblems is how many problems of one severity are told. A person reads a
// handful; a document of a million empty objects must not cost a million more.
const maxProblems = 1000

// findings collects problems up to the bound.
type findings struct {
	list          Problems
	errors, notes int // found; told up to maxProblems each
}

// add keeps p, and reports whether it did.
func (f *findings) add(p *Problem) bool {
	n := &f.notes
	if p.Severity == diag.SeverityError {
		n = &f.errors
	}
	if *n++; *n > maxProblems {
		return false
	}
	f.list = append(f.list, p)
	return true
}

// full reports whether more errors would not be told.
func (f *findings) full() bool { return f.errors > maxProblems }

// told returns the problems, and a note of those that were left out.
func (f *findings) told() Problems {
	more := max(f.errors-maxProblems, 0) + max(f.notes-maxProblems, 0)
	if more > 0 {
		f.list = append(f.list, &Problem{Code: "manifest.more", Severity: diag.SeverityInfo, Message: "there are more problems than are told"})
	}
	return f.list
}
