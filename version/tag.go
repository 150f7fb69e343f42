// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"context"
	"slices"
	"strings"
)

// VerifyTag checks that the tag, with or without "refs/tags/", names the version of its own commit:
// v1.482 and v1.482.0 must have 482 commits, and an annotated tag must have the
// same name inside. A third number other than 0 does not come from the history,
// so such a tag does not hold.
//
// A tag that does not hold is a [*TagError] (class [ErrMismatch]) with the
// Release beside it; any other error is that of [FromRepository]. Options.Tag is not read.
func VerifyTag(ctx context.Context, dir, tag string, o *Options) (*Release, error) {
	var with Options
	if o != nil {
		with = *o
	}
	with.Tag = tag
	if tag == "" {
		return nil, &RepositoryError{Dir: dir, Err: ErrNoTag, Detail: "no name given"}
	}
	r, inner, err := read(ctx, dir, &with)
	if err != nil {
		return nil, err
	}
	mismatch := &TagError{Tag: r.Tag, Commit: r.Commit, Actual: r.Version}
	if inner != "" && inner != r.Tag {
		mismatch.Inner = inner
		return r, mismatch
	}
	if strings.HasPrefix(r.Tag, "v") {
		mismatch.Named, _ = Parse(r.Tag) // the zero Version says that it is none
	}
	if mismatch.Named != r.Version {
		return r, mismatch
	}
	return r, nil
}

// tagsAt returns the tags that name the commit, sorted.
func (g *git) tagsAt(ctx context.Context, commit string) ([]string, error) {
	out, err := g.run(ctx, "for-each-ref", "--points-at="+commit, "--format=%(refname:strip=2)", "refs/tags")
	if err != nil {
		return nil, err
	}
	tags := strings.Split(out, "\n")
	tags = tags[:len(tags)-1] // every name ends its line
	slices.Sort(tags)
	return tags, nil
}

// isTagName applies the rules of git-check-ref-format(1), which also keep out
// every character that the syntax of revisions (gitrevisions(7)) gives a meaning.
func isTagName(name string) bool {
	for _, part := range strings.Split(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	special := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }
	return !strings.ContainsFunc(name, special) && !strings.HasSuffix(name, ".") &&
		!strings.Contains(name, "..") && !strings.Contains(name, "@{")
}
