// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options says what to read of a repository. Nil and the zero value are HEAD,
// and everything that is known of it.
type Options struct {
	Tag       string // the tag to read, with or without "refs/tags/"; empty for HEAD
	Git       string // the git binary; empty for "git" of PATH
	CountOnly bool   // leave Time, Tags and WorkTree out, for speed: three git processes instead of seven
}

// Release is what a repository says of one commit.
type Release struct {
	Version  Version   // 1.<number of commits reachable, the commit included>
	Commit   string    // object name, 40 or 64 lower-case hexadecimal digits
	Object   string    // what the tag or HEAD names: the commit, or the object of an annotated tag
	Tag      string    // Options.Tag; else Version.Tag() where it names the commit; else empty
	Tags     []string  // every tag that names the commit, directly or annotated, sorted
	Time     time.Time // committer time, UTC; zero under CountOnly, or where the year has not four digits
	WorkTree WorkTree  // whether the files are those of the commit; StateUnknown under CountOnly
}

// FromRepository computes the version of HEAD or of a tag in the repository
// whose top directory (or bare directory, or .git) is dir. A directory inside a
// work tree is refused with [ErrOtherRepository], a shallow clone with [ErrShallow]:
// both would give a number, and the wrong one.
//
// It runs the git binary with an environment of its own. Variables such as
// GIT_DIR, the user's and the system's configuration, replacement objects and
// grafts have no influence; programs that the repository's configuration names
// are not run; nothing is fetched; nothing is written. It is therefore safe on
// a repository of another user, and git's safe.directory is not consulted.
//
// The error is a [*RepositoryError], with the context's error in its chain if that ended first.
func FromRepository(ctx context.Context, dir string, o *Options) (*Release, error) {
	if o == nil {
		o = &Options{}
	}
	release, _, err := read(ctx, dir, o)
	return release, err
}

// read is FromRepository, and gives the name inside an annotated tag as well.
func read(ctx context.Context, dir string, o *Options) (r *Release, inner string, err error) {
	tag := strings.TrimPrefix(o.Tag, "refs/tags/")
	defer func() {
		if err != nil {
			err = repositoryError(dir, tag, err)
		}
	}()
	if o.Tag != "" && !isTagName(tag) {
		return nil, "", &RepositoryError{Err: ErrNoTag, Detail: "no tag can have this name"}
	}
	g, err := openRepository(dir, o.Git)
	if err != nil {
		return nil, "", err
	}
	at, err := g.resolve(ctx, tag)
	if err != nil {
		return nil, "", err
	}
	commit := at.commit
	r = &Release{Commit: commit, Object: at.object, Tag: tag}
	tasks := []func() error{func() (err error) { r.Version, err = g.count(ctx, commit); return err }}
	if !o.CountOnly {
		tasks = append(tasks,
			func() (err error) { r.Time, err = g.commitTime(ctx, commit); return err },
			func() (err error) { r.Tags, err = g.tagsAt(ctx, commit); return err },
			func() (err error) { r.WorkTree, err = g.workTree(ctx, at); return err },
		)
	}
	if err := together(tasks...); err != nil {
		return nil, "", err
	}
	switch {
	case tag == "" && slices.Contains(r.Tags, r.Version.Tag()):
		r.Tag = r.Version.Tag()
	case tag != "" && !o.CountOnly && !slices.Contains(r.Tags, tag): // a tag of a tag
		r.Tags = append(r.Tags, tag)
		slices.Sort(r.Tags)
	}
	return r, at.inner, nil
}

// repositoryError puts what the caller asked for on an error.
func repositoryError(dir, tag string, err error) error {
	e, ok := err.(*RepositoryError)
	if !ok {
		e = &RepositoryError{Err: err}
	}
	e.Dir, e.Tag = dir, tag
	return e
}

// together runs the tasks at once and returns the first error in their order.
func together(tasks ...func() error) error {
	errs := make([]error, len(tasks))
	var wg sync.WaitGroup
	for i, task := range tasks {
		wg.Go(func() { errs[i] = task() })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// openRepository finds the repository at dir itself, never above it.
func openRepository(dir, binary string) (*git, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	gitDir, err := findGitDir(abs)
	if err != nil {
		return nil, err
	}
	binary, err = findGit(binary)
	if err != nil {
		return nil, err
	}
	return &git{binary: binary, dir: abs, bare: gitDir == abs, env: environment(gitDir, abs)}, nil
}

// findGitDir returns dir/.git (a directory, or the file of a linked work tree or
// a submodule, which git follows), or dir itself if that is a bare repository.
func findGitDir(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", &RepositoryError{Err: ErrNotRepository, Detail: "not a directory"}
	}
	if inner := filepath.Join(dir, ".git"); exists(inner) {
		return inner, nil
	}
	if isBare(dir) {
		return dir, nil
	}
	for at := dir; ; {
		parent := filepath.Dir(at)
		if parent == at {
			return "", ErrNotRepository
		}
		if exists(filepath.Join(parent, ".git")) || isBare(parent) {
			return "", &RepositoryError{Err: ErrOtherRepository, Detail: parent}
		}
		at = parent
	}
}

func isBare(dir string) bool {
	return exists(filepath.Join(dir, "HEAD")) && exists(filepath.Join(dir, "objects")) && exists(filepath.Join(dir, "refs"))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// resolved is what a reference names.
type resolved struct {
	object string // what the reference holds
	commit string
	head   string // the commit that is checked out; no object name if there is none
	inner  string // the name inside an annotated tag
}

// resolve looks up HEAD or the tag. One process tells shallow, empty and broken
// repositories apart: rev-parse prints an answer a line, and stops at the first
// argument that it cannot resolve. It also tries refs/heads/refs/tags/NAME and the
// like (gitrevisions(7)), so its answer counts only if the very reference holds it.
func (g *git) resolve(ctx context.Context, tag string) (resolved, error) {
	name, missing := "HEAD", ErrEmpty
	if tag != "" {
		name, missing = "refs/tags/"+tag, ErrNoTag
	}
	var out, held, inner string
	var readErr error
	err := together(
		func() error {
			out, readErr = g.run(ctx, "rev-parse", "--is-shallow-repository", name, name+"^{commit}", "HEAD^{commit}")
			return fatal(ctx, readErr)
		},
		func() (err error) { held, inner, err = g.reference(ctx, name); return fatal(ctx, err) },
	)
	if err != nil {
		return resolved{}, err
	}
	answers := append(strings.Split(out, "\n"), "", "", "")
	switch {
	case answers[0] == "true":
		return resolved{}, ErrShallow
	case answers[0] != "false":
		return resolved{}, &RepositoryError{Err: ErrNotRepository, Detail: fmt.Sprint(readErr)}
	case !isObjectID(answers[1]):
		return resolved{}, missing
	case !isObjectID(answers[2]): // another type, or missing; held is empty then
		return resolved{}, &RepositoryError{Err: ErrNotCommit, Detail: answers[1]}
	case answers[1] != held:
		return resolved{}, missing
	}
	return resolved{object: answers[1], commit: answers[2], head: answers[3], inner: inner}, nil
}

// fatal returns err unless git itself answered with it.
func fatal(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		return nil
	}
	return err
}

// reference returns the object that HEAD or the tag of that full name holds, "" if
// there is none, and the name inside an annotated tag.
func (g *git) reference(ctx context.Context, name string) (object, inner string, err error) {
	if name == "HEAD" {
		out, err := g.run(ctx, "show-ref", "--verify", name)
		object, _, _ = strings.Cut(out, " ")
		return object, "", err
	}
	out, err := g.run(ctx, "for-each-ref", "--count=1", "--format=%(refname) %(objectname) %(tag)", name)
	if fields := strings.SplitN(strings.TrimSuffix(out, "\n"), " ", 3); fields[0] == name && len(fields) == 3 {
		return fields[1], fields[2], err
	}
	return "", "", err
}

func (g *git) count(ctx context.Context, commit string) (Version, error) {
	out, err := g.run(ctx, "rev-list", "--count", commit)
	if err != nil {
		return Version{}, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(out), 10, 64)
	if err != nil {
		return Version{}, &GitError{Command: "rev-list", Err: err}
	}
	return fromCount(n)
}

func (g *git) commitTime(ctx context.Context, commit string) (time.Time, error) {
	out, err := g.run(ctx, "rev-list", "--max-count=1", "--timestamp", commit)
	if err != nil {
		return time.Time{}, err
	}
	text, _, _ := strings.Cut(out, " ")
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, &GitError{Command: "rev-list", Err: err}
	}
	t := time.Unix(seconds, 0).UTC()
	if t.Year() < 1 || t.Year() > 9999 { // RFC 3339 cannot write it, so nor can JSON
		return time.Time{}, nil
	}
	return t, nil
}
