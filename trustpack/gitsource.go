// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/gitbundle"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/version"
)

// sourceID is the check that a git bundle is of the release.
const sourceID = "release.source"

// readHistory reads a git bundle.
func (d *Document) readHistory(data []byte, l evidence.Limits) (err error) {
	d.history, err = gitbundle.Read(bytes.NewReader(data), l)
	if err != nil {
		return d.judge(sourceID, nil, err, "")
	}
	return nil
}

// isBundle reports whether a file is a git bundle.
func isBundle(f *manifest.File) bool {
	return f.Kind == manifest.KindSource && (f.Format == manifest.FormatGitBundle || strings.HasSuffix(f.Path, ".bundle"))
}

// sourceChecks holds git bundles against tag, commit and version of the release.
func sourceChecks(r *Release) evidence.Checks {
	var checks evidence.Checks
	for d := range r.Documents() {
		if d.history == nil {
			continue
		}
		h := historyCheck{d: d, m: r.Manifest}
		h.run()
		checks = append(checks, evidence.Judge(sourceID, d.File.Path, h.problems, h.found))
	}
	return checks
}

type historyCheck struct {
	d        *Document
	m        *manifest.Manifest
	problems evidence.Problems
	found    string // what holds, as text
}

func (h *historyCheck) fail(format string, args ...any) {
	p := warning(sourceID, h.d.File.Path, format, args...)
	p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
	h.problems = append(h.problems, p)
}

func (h *historyCheck) run() {
	commit, tag := h.m.Release.Commit, ""
	tagged, err := taggedCommit(h.d.history, h.m)
	switch {
	case err != nil:
		h.fail("%v", err)
		return
	case tagged.tag != "" && commit != "" && tagged.commit != commit:
		h.fail("tag %s names commit %s, the release is of %s", tagged.tag, tagged.commit, commit)
		return
	case tagged.tag != "":
		commit, tag = tagged.commit, tagged.tag
	case len(h.d.history.Tags()) > 0:
		h.fail("has no tag %s of the release, but %s", releaseTag(h.m), tagList(h.d.history.Tags()))
		return
	default:
		h.problems = append(h.problems, warning(sourceID, h.d.File.Path, "has no tag"))
	}
	if commit == "" {
		return
	}
	count, err := h.d.history.Count(commit)
	parsed, versionErr := version.Parse(h.m.Version)
	switch {
	case errors.Is(err, evidence.ErrUnsupported):
		h.problems = append(h.problems, warning(sourceID, h.d.File.Path, "%v: the number of commits is not known", err))
	case err != nil:
		h.fail("%v", err)
	case versionErr == nil && uint64(count) != parsed.Count():
		h.fail("commit %s has %s, version %s stands for %d", commit, textfmt.Count(count, "commit"), h.m.Version, parsed.Count())
	}
	h.found = fmt.Sprintf("tag %s names commit %s, the last of %s", tag, commit, textfmt.Count(count, "commit"))
}

type taggedRef struct{ tag, commit string }

// taggedCommit returns the release's tag in a bundle and the commit that it names;
// nothing where the bundle has no such tag.
func taggedCommit(b *gitbundle.Bundle, m *manifest.Manifest) (taggedRef, error) {
	for _, tag := range []string{releaseTag(m), m.Version} {
		object := b.Ref("refs/tags/" + tag)
		if object == "" {
			continue
		}
		commit, err := b.Peel(object)
		if err != nil {
			return taggedRef{}, fmt.Errorf("tag %s: %w", tag, err)
		}
		return taggedRef{tag, commit}, nil
	}
	return taggedRef{}, nil
}

func releaseTag(m *manifest.Manifest) string {
	if m.Release.Tag != "" {
		return m.Release.Tag
	}
	return "v" + m.Version
}

func tagList(tags []string) string {
	const most = 3
	var quoted []string
	for _, t := range tags[max(0, len(tags)-most):] {
		quoted = append(quoted, textfmt.Quote(t))
	}
	if len(tags) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(quoted, ", "), len(tags)-most)
	}
	return strings.Join(quoted, ", ")
}

// commitTime returns the time of the release's commit, as the first git bundle that has
// it states it.
func (r *Release) commitTime() (time.Time, bool) {
	for d := range r.Documents() {
		if d.history == nil {
			continue
		}
		commit := r.Manifest.Release.Commit
		if tagged, err := taggedCommit(d.history, r.Manifest); err == nil && tagged.commit != "" {
			commit = tagged.commit
		}
		if c, ok := d.history.Commit(commit); ok && !c.Time.IsZero() {
			return c.Time, true
		}
	}
	return time.Time{}, false
}
