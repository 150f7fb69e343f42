// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Severity grades a problem. The zero value is invalid, so that a problem that
// has no severity is seen.
type Severity uint8

// The severities. Only SeverityError makes a document refused or a check fail.
const (
	SeverityInvalid Severity = iota
	SeverityInfo
	SeverityWarning
	SeverityError
)

var severityNames = enum.Names{"invalid", "info", "warning", "error"}

// String returns "info", "warning" or "error"; "invalid" for any other value.
func (s Severity) String() string { return severityNames.Name(uint8(s)) }

// MarshalText implements encoding.TextMarshaler; an invalid severity is an error.
func (s Severity) MarshalText() ([]byte, error) { return severityNames.Marshal("severity", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(text []byte) error {
	i, err := severityNames.Unmarshal("severity", text)
	*s = Severity(i)
	return err
}

// Problem is one fact that is wrong, or worth knowing, about one place of a document.
//
// It is an error: errors.Is matches the class it was made with (ErrFormat,
// ErrLimit, ...) and whatever Err wraps.
type Problem struct {
	Code     string   `json:"code"`              // stable identifier, lower case, dotted: "json.duplicate-name"
	Severity Severity `json:"severity"`          // never SeverityInvalid in a problem that was reported
	Path     string   `json:"path,omitempty"`    // file or pack member; empty when the reader was given only bytes
	Pointer  string   `json:"pointer,omitempty"` // RFC 6901 JSON Pointer; empty for the whole document or a format that has none
	Line     int      `json:"line,omitempty"`    // from 1; 0 when unknown
	Column   int      `json:"column,omitempty"`  // from 1, in bytes; 0 when unknown
	Offset   int64    `json:"-"`                 // byte offset; only meaningful where Line is known or the format is binary
	Message  string   `json:"message"`           // what, got and want; hostile text is quoted and cut short
	Err      error    `json:"-"`                 // class sentinel, or a cause that wraps one
}

// Error returns "path:line:column: pointer: message", leaving out what is unknown.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Path)
	if p.Line > 0 {
		if b.Len() > 0 {
			b.WriteByte(':')
		} else {
			b.WriteString("line ")
		}
		b.WriteString(strconv.Itoa(p.Line))
		if p.Column > 0 {
			b.WriteByte(':')
			b.WriteString(strconv.Itoa(p.Column))
		}
	}
	if p.Pointer != "" {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(textfmt.Clip(p.Pointer, 200))
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if p.Message == "" && p.Err != nil {
		b.WriteString(p.Err.Error())
	} else {
		b.WriteString(p.Message)
	}
	return b.String()
}

// Unwrap returns Err.
func (p *Problem) Unwrap() error { return p.Err }

// At returns a copy of p that names path, for a caller that knows the file's name.
func (p *Problem) At(path string) *Problem {
	q := *p
	q.Path = path
	return &q
}

// Problems is every problem found in one pass, in document order.
// A nil or empty Problems is no error; use [Problems.Err] to return one.
type Problems []*Problem

// Error returns the first problems, one a line, and how many more there are.
func (ps Problems) Error() string {
	const most = 10
	var b strings.Builder
	for i, p := range ps {
		if i == most {
			fmt.Fprintf(&b, "\nand %d more", len(ps)-most)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Error())
	}
	return b.String()
}

// Unwrap returns each problem, so that errors.Is and errors.As see all of them.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// Err returns the problems of SeverityError (or of no severity) as an error, nil if there are none.
func (ps Problems) Err() error {
	var out Problems
	for _, p := range ps {
		if p.Severity == SeverityError || p.Severity == SeverityInvalid {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// Sort orders by path, then offset, then code; equal problems keep their order.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Code, b.Code))
	})
}
