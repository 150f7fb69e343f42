package sarif

import (
	"github.com/HailBytes/evidence/internal/diag"
	"github.com/HailBytes/evidence/internal/limit"
)

// Problem is one fact that is wrong with a document, or worth knowing about it:
// Code (stable, dotted), Severity, Path, Pointer (JSON Pointer), Line and Column
// (from 1), Message, and the class that errors.Is matches.
type Problem = diag.Problem

// Problems is a list of problems in document order. Its Err method gives those
// of ProblemError as an error, nil if there are none.
type Problems = diag.Problems

// ProblemSeverity grades a Problem. The severity of a finding is a [Severity].
type ProblemSeverity = diag.Severity

// The grades of problems.
const (
	ProblemInfo    = diag.SeverityInfo
	ProblemWarning = diag.SeverityWarning
	ProblemError   = diag.SeverityError
)

// Check is the outcome of one named rule over one file: ID, Status, Subject,
// Message and the Problems behind it.
type Check = diag.Check

// Status is the outcome of a Check. The zero Status is invalid, not a pass.
type Status = diag.Status

// The outcomes of a Check.
const (
	StatusPass  = diag.StatusPass
	StatusFail  = diag.StatusFail
	StatusWarn  = diag.StatusWarn
	StatusSkip  = diag.StatusSkip
	StatusError = diag.StatusError
)

// Limits bounds what is read; a zero field means its default. Of its fields,
// DocumentBytes, Depth, StringBytes, Elements and Findings matter here.
type Limits = limit.Limits

// Classes of problems, matched with errors.Is.
var (
	ErrFormat      = diag.ErrFormat      // not a document of the format
	ErrUnsupported = diag.ErrUnsupported // a version or kind of document that is not read
	ErrLimit       = diag.ErrLimit       // larger than Limits allow
	ErrMismatch    = diag.ErrMismatch    // two statements of one fact differ
	ErrPolicy      = diag.ErrPolicy      // a gate does not hold
)
