// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/glob"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/manifest"
)

// ExtractOptions say which pack [ExtractFile] expects. Nil expects none.
type ExtractOptions struct {
	SHA256        evidence.Digest // of the ZIP; zero for none
	ContentDigest evidence.Digest // of MANIFEST.json; zero for none
}

// ExtractFile is Extract for the pack in a file. Where the file is another pack
// than the one expected, the error is of class ErrMismatch and nothing is written.
// What is hashed is what is extracted, whoever changes the file meanwhile.
func ExtractFile(ctx context.Context, name, dir string, o *ExtractOptions, patterns ...string) ([]string, error) {
	if o == nil {
		o = &ExtractOptions{}
	}
	if !o.SHA256.IsZero() {
		own, err := copyOf(ctx, name, dir, o.SHA256)
		if err != nil {
			return nil, err
		}
		defer os.Remove(own)
		name = own
	}
	p, err := OpenFile(name, nil)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if want := o.ContentDigest; !want.IsZero() && p.ContentDigest() != want {
		return nil, otherPack("manifest.content-digest", manifest.Name, p.ContentDigest(), want)
	}
	return Extract(ctx, p, dir, patterns...)
}

// copyOf copies the file to where nobody else changes it: beside dir, which has
// to take its content soon. The copy is there only if it has the digest.
func copyOf(ctx context.Context, name, dir string, want evidence.Digest) (string, error) {
	in, err := regular.Open(name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	out, err := os.CreateTemp(filepath.Dir(dir), ".evidence-extract-*")
	if err != nil {
		return "", err
	}
	sum := evidence.SHA256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), &contextReader{ctx, in})
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		var got evidence.Digest
		if got, err = evidence.NewDigest(evidence.SHA256, sum.Sum(nil)); err == nil && got != want {
			err = otherPack("archive.sha256", name, got, want)
		}
	}
	if err != nil {
		os.Remove(out.Name())
		return "", err
	}
	return out.Name(), nil
}

func otherPack(code, path string, got, want evidence.Digest) error {
	return &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Path: path, Err: evidence.ErrMismatch,
		Message: fmt.Sprintf("digest is %s, want %s: this is another pack", got, want),
	}
}

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
