package trustpack

import (
	"github.com/HailBytes/evidence/internal/diag"
	"github.com/HailBytes/evidence/internal/limit"
)

// Problem is one fact that is wrong with a pack. Its fields are Code (stable,
// "archive.overlap"), Severity, Path (the pack member, where there is one),
// Pointer, Line and Column (in MANIFEST.json or another document), Offset (byte
// offset in the ZIP for archive problems), Message, and Err: one of the
// sentinels below, which errors.Is matches.
type Problem = diag.Problem

// Problems is every problem of one pass, ordered by place. It is an error that
// unwraps to each of them; errors.Is and errors.As look through it.
type Problems = diag.Problems

// Severity grades a Problem: SeverityInfo, SeverityWarning or SeverityError.
type Severity = diag.Severity

// The severities. Only SeverityError makes a check fail.
const (
	SeverityInfo    = diag.SeverityInfo
	SeverityWarning = diag.SeverityWarning
	SeverityError   = diag.SeverityError
)

// Classes of errors, matched with errors.Is. An error that matches none of them
// is not a verdict on the pack: reading failed, or the context was cancelled.
var (
	ErrFormat      = diag.ErrFormat      // not a Trust Pack: malformed ZIP, manifest or document
	ErrUnsupported = diag.ErrUnsupported // a manifest of a version that this package does not read
	ErrUnsafe      = diag.ErrUnsafe      // a name, type or record that no honest writer needs
	ErrLimit       = diag.ErrLimit       // larger than Limits allow
	ErrMismatch    = diag.ErrMismatch    // content differs from what is declared, or two statements differ
	ErrPolicy      = diag.ErrPolicy      // sound, but not what the caller asks for
)

// Limits bounds what is read: entries, entry and total sizes, compression ratio,
// name length, nesting. Zero fields mean the defaults, which suit real packs.
type Limits = limit.Limits
