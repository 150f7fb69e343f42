// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"fmt"

	"github.com/HailBytes/evidence"
)

func newProblem(code string, class error, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{Code: code, Severity: evidence.SeverityError, Message: fmt.Sprintf(format, args...), Err: class}
}

// maxProblems is how many problems of one severity are told. A person reads a
// handful; a document of a million empty objects must not cost a million more.
const maxProblems = 1000

// findings collects problems up to the bound.
type findings struct {
	list          evidence.Problems
	errors, notes int // found; told up to maxProblems each
}

// add keeps p, and reports whether it did.
func (f *findings) add(p *evidence.Problem) bool {
	n := &f.notes
	if p.Severity == evidence.SeverityError {
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
func (f *findings) told() evidence.Problems {
	more := max(f.errors-maxProblems, 0) + max(f.notes-maxProblems, 0)
	if more > 0 {
		f.list = append(f.list, &evidence.Problem{Code: "manifest.more", Severity: evidence.SeverityInfo, Message: "there are more problems than are told"})
	}
	return f.list
}
