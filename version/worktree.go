// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/enum"
)

// WorkTree says whether the files of the work tree are those of the commit.
type WorkTree uint8

// The states. The zero value is not "clean".
const (
	StateUnknown WorkTree = iota // not looked at
	StateClean                   // index and files equal the commit, and nothing is untracked but what is ignored
	StateDirty                   // something differs, or is untracked
	StateBare                    // there is no work tree
	StateOther                   // another commit is checked out, or none
)

var stateNames = enum.Values{"unknown", "clean", "dirty", "bare", "other"}

// String returns "unknown", "clean", "dirty", "bare" or "other".
func (s WorkTree) String() string { return stateNames.Name("WorkTree", uint8(s)) }

// MarshalText implements encoding.TextMarshaler.
func (s WorkTree) MarshalText() ([]byte, error) { return stateNames.Marshal("WorkTree", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *WorkTree) UnmarshalText(text []byte) (err error) {
	*(*uint8)(s), err = stateNames.Unmarshal("WorkTree", text)
	return err
}

// workTree asks git status, which would run clean filters on files whose time changed.
// They are switched off, so a filtered file (Git LFS) that was touched counts as changed.
// The inside of a submodule is another repository; only its commit is compared.
func (g *git) workTree(ctx context.Context, at resolved) (WorkTree, error) {
	bare, filters, err := g.configuration(ctx)
	if err != nil {
		return StateUnknown, err
	}
	if bare || g.bare {
		return StateBare, nil
	}
	if at.head != at.commit {
		return StateOther, nil
	}
	var args []string
	for _, name := range filters {
		for _, key := range []string{"clean=", "smudge=", "process=", "required=false"} {
			args = append(args, "-c", name+"."+key)
		}
	}
	var seen firstByte
	err = g.stream(ctx, &seen, append(args, "status", "--porcelain=v1", "-z", "--untracked-files=normal",
		"--no-renames", "--ignore-submodules=dirty")...)
	switch {
	case bool(seen):
		return StateDirty, nil
	case err != nil:
		return StateUnknown, err
	}
	return StateClean, nil
}

// maxFilters bounds the command line; a repository has one or two.
const maxFilters = 64

// configuration returns whether core.bare is set, and each "filter.NAME" that is defined.
func (g *git) configuration(ctx context.Context) (bare bool, filters []string, err error) {
	out, err := g.run(ctx, "config", "--list", "-z")
	if err != nil {
		return false, nil, err
	}
	known := map[string]bool{}
	for entry := range strings.SplitSeq(out, "\x00") {
		key, value, found := strings.Cut(entry, "\n")
		if key == "core.bare" {
			bare = !found || isTrue(value) // a key without a value is true (git-config(1))
		}
		name := key[:max(0, strings.LastIndexByte(key, '.'))]
		if !strings.HasPrefix(name, "filter.") || known[name] {
			continue
		}
		if strings.Contains(name, "=") || len(filters) == maxFilters { // "-c" could not switch it off
			return false, nil, fmt.Errorf("the repository defines filters that cannot be switched off: %q", name)
		}
		known[name] = true
		filters = append(filters, name)
	}
	return bare, filters, nil
}

func isTrue(value string) bool {
	return slices.Contains([]string{"true", "yes", "on", "1"}, strings.ToLower(value))
}

// firstByte is set by the first byte, and ends the writer with it: one change is
// as dirty as a million.
type firstByte bool

var errSeen = errors.New("seen enough")

func (f *firstByte) Write(p []byte) (int, error) {
	*f = true
	return 0, errSeen
}
