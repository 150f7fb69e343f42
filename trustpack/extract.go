// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/glob"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/manifest"
)

// Extract writes the files of the pack below dir, and returns their names,
// sorted. With patterns, only files that one of them matches are written:
// path.Match patterns in which "**" as a component stands for any number of
// folders. A pattern that matches nothing is an error of class ErrPolicy.
//
// It is all or nothing. The whole pack is read and held against its manifest,
// chosen or not, before anything appears under dir, which must not exist or must
// be empty. A pack that does not hold gives a Problems value and leaves nothing.
func Extract(ctx context.Context, p *Pack, dir string, patterns ...string) ([]string, error) {
	compiled := make([]glob.Pattern, len(patterns))
	for i, pattern := range patterns {
		var err error
		if compiled[i], err = glob.Compile(pattern); err != nil {
			return nil, fmt.Errorf("pattern %q: %w", pattern, err)
		}
	}
	var problems evidence.Problems
	for i := range p.m.Files {
		if f := &p.m.Files[i]; p.archive.Entry(f.Path) == nil {
			problems = append(problems, missing(f.Path))
		}
	}
	matched := make([]bool, len(patterns))
	for i := range p.archive.Entries() {
		e := &p.archive.Entries()[i]
		if !e.IsDir() && e.Name != manifest.Name && p.m.File(e.Name) == nil {
			problems = append(problems, unlisted(e.Name))
		}
		for j := range compiled {
			matched[j] = matched[j] || !e.IsDir() && compiled[j].Match(e.Name)
		}
	}
	for j, ok := range matched {
		if !ok {
			problems = append(problems, &evidence.Problem{
				Code: "extract.pattern", Severity: evidence.SeverityError, Path: patterns[j], Err: evidence.ErrPolicy, Message: "matches no file of the pack",
			})
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return p.extract(ctx, dir, compiled)
}

func (p *Pack) extract(ctx context.Context, dir string, patterns []glob.Pattern) ([]string, error) {
	var mu sync.Mutex
	var problems evidence.Problems
	names, err := safezip.Extract(ctx, p.archive, dir, &safezip.ExtractOptions{
		Match: func(name string) bool {
			if len(patterns) == 0 {
				return true
			}
			matches := func(p glob.Pattern) bool { return p.Match(name) }
			return !strings.HasSuffix(name, "/") && slices.ContainsFunc(patterns, matches)
		},
		Each: func(e *safezip.Entry, c safezip.Content) error {
			f := p.m.File(e.Name)
			if f == nil {
				return nil // a folder, or MANIFEST.json itself
			}
			got, err := evidence.NewDigest(evidence.SHA256, c.SHA256[:])
			if err != nil || got == f.SHA256 {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			problems = append(problems, wrongDigest(e.Name, got, f.SHA256))
			return problems
		},
	})
	if len(problems) > 0 {
		problems.Sort()
		return nil, problems
	}
	return names, err
}
