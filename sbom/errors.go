package sbom

import (
	"github.com/HailBytes/evidence/internal/diag"
	"github.com/HailBytes/evidence/internal/limit"
)

// Problem is one fact that is wrong, or worth knowing, about one place of a
// document: Code, Severity, Path, Pointer, Line, Column, Message, and the class Err.
type Problem = diag.Problem

// Problems is a list of them in document order. Its Err method returns those
// that are errors.
type Problems = diag.Problems

// Severity grades a Problem.
type Severity = diag.Severity

// The severities.
const (
	SeverityInfo    = diag.SeverityInfo
	SeverityWarning = diag.SeverityWarning
	SeverityError   = diag.SeverityError
)

// Classes of problems, matched with errors.Is.
var (
	ErrFormat      = diag.ErrFormat      // not a document of the format
	ErrUnsupported = diag.ErrUnsupported // a version, encoding or kind of document that is not read or written
	ErrLimit       = diag.ErrLimit       // a bound of Limits was reached
	ErrUnsafe      = diag.ErrUnsafe      // a construct that no honest writer needs, such as an XML document type
	ErrMismatch    = diag.ErrMismatch    // two statements of one fact differ
	ErrPolicy      = diag.ErrPolicy      // well-formed, but not what was asked for
)

// Limits bounds what a reader accepts; of its fields DocumentBytes, Depth,
// StringBytes and Elements are used here. Zero fields mean the defaults.
type Limits = limit.Limits
