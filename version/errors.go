// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"errors"
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Reasons why a repository could not be read, matched with errors.Is on a
// [*RepositoryError]. None of them says anything about the version: it could not
// be computed.
var (
	ErrNoGit           = errors.New("no git binary")                               // not in PATH, or not where Options.Git says
	ErrNotRepository   = errors.New("not a git repository")                        // the directory holds none, or a broken one
	ErrOtherRepository = errors.New("the directory belongs to another repository") // it lies inside the one that git would find from there
	ErrShallow         = errors.New("shallow clone, whose commits cannot be counted")
	ErrEmpty           = errors.New("no commit yet")
	ErrNoTag           = errors.New("no such tag")
	ErrNotCommit       = errors.New("not a commit") // the tag names a tree or a file, or the object is missing
)

// RepositoryError says why the repository in Dir could not be read.
type RepositoryError struct {
	Dir    string // as given by the caller
	Tag    string // the tag asked for; empty for HEAD
	Detail string // what was seen; may be empty
	Err    error  // one of the reasons above, a *GitError, or an error of the operating system
}

func (e *RepositoryError) Error() string {
	var b strings.Builder
	b.WriteString(e.Dir)
	if e.Tag != "" {
		fmt.Fprintf(&b, ": tag %s", textfmt.Quote(e.Tag))
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.Detail != "" {
		fmt.Fprintf(&b, ": %s", e.Detail)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *RepositoryError) Unwrap() error { return e.Err }

// GitError is a git command that ended with an error.
type GitError struct {
	Command string // "rev-list"
	Stderr  string // what git said, cut after 4 KiB; may be empty
	Err     error  // *exec.ExitError, or why it could not be run
}

func (e *GitError) Error() string {
	if e.Stderr != "" {
		return fmt.Sprintf("git %s: %s", e.Command, textfmt.Clip(strings.TrimSpace(e.Stderr), 400))
	}
	return fmt.Sprintf("git %s: %v", e.Command, e.Err)
}

// Unwrap returns Err.
func (e *GitError) Unwrap() error { return e.Err }

// TagError is a tag whose name and commit disagree. It matches [ErrMismatch].
type TagError struct {
	Tag    string
	Commit string  // what the tag names, in hexadecimal
	Named  Version // the version in the tag's name; zero if it holds none
	Actual Version // the version of the commit
	Inner  string  // the name inside an annotated tag, where it is not Tag; else empty
}

func (e *TagError) Error() string {
	tag := textfmt.Quote(e.Tag)
	switch {
	case e.Inner != "":
		return fmt.Sprintf("tag %s: the annotated tag inside is %s", tag, textfmt.Quote(e.Inner))
	case e.Named.IsZero():
		return fmt.Sprintf("tag %s: the name is not a version; its commit is %s", tag, e.Actual)
	}
	return fmt.Sprintf("tag %s: the name says %s, its commit is %s", tag, e.Named, e.Actual)
}

// Unwrap returns ErrMismatch.
func (e *TagError) Unwrap() error { return evidence.ErrMismatch }
