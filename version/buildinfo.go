// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Variables that the linker sets, with the flags that [Release.LinkerFlags] gives.
var (
	linkedVersion string // "1.482"
	linkedCommit  string
	linkedTime    string // RFC 3339
	linkedState   string // "clean", "dirty"
)

const importPath = "github.com/HailBytes/evidence/version"

// Build is what a program says of its own origin. Each fact that it does not say is listed in Unknown.
type Build struct {
	Version  Version   // zero if unknown
	Commit   string    // object name in full; empty if unknown
	Time     time.Time // committer time, UTC; zero if unknown
	WorkTree WorkTree  // StateClean, StateDirty, or StateUnknown
	Unknown  []Unknown // in the order version, commit, time, worktree
}

// Unknown is one fact that a program does not hold.
type Unknown struct {
	Fact   string // "version", "commit", "time" or "worktree"
	Reason string // for a person
}

// Current returns what the running program says of itself: linker variables
// first, then what the go command recorded. A contradiction between the two is
// an error of class [ErrMismatch], and a linker variable that does not parse one of
// class [ErrFormat].
func Current() (Build, error) {
	info, _ := debug.ReadBuildInfo()
	linked := map[string]string{
		"linkedVersion": linkedVersion, "linkedCommit": linkedCommit,
		"linkedTime": linkedTime, "linkedState": linkedState,
	}
	return build(info, linked)
}

// FromBuildInfo is [Current] for any program, as package debug/buildinfo reads
// it from a file. The linker flags are only recorded in a program that was built
// without -trimpath. A nil info knows nothing.
func FromBuildInfo(info *debug.BuildInfo) (Build, error) {
	return build(info, linkedIn(setting(info, "-ldflags")))
}

func build(info *debug.BuildInfo, linked map[string]string) (Build, error) {
	var b Build
	for _, read := range []func(*Build, *debug.BuildInfo, map[string]string) error{
		readVersion, readCommit, readTime, readWorkTree,
	} {
		if err := read(&b, info, linked); err != nil {
			return Build{}, err
		}
	}
	return b, nil
}

func (b *Build) unknown(fact, reason string) {
	b.Unknown = append(b.Unknown, Unknown{fact, reason})
}

func readVersion(b *Build, info *debug.BuildInfo, linked map[string]string) error {
	stamped, reason := stampedVersion(info)
	if text := linked["linkedVersion"]; text != "" {
		v, err := Parse(text)
		if err != nil {
			return err
		}
		if !stamped.IsZero() && stamped != v {
			return contradiction("version", v.String(), stamped.String())
		}
		stamped = v
	}
	if b.Version = stamped; stamped.IsZero() {
		b.unknown("version", "not set by the linker; "+reason)
	}
	return nil
}

// stampedVersion reads the main module's version. The go command takes it from a tag such as
// v1.482.0 on the commit; the tag v1.482 is not a semantic version, and a
// pseudo-version such as v0.0.0-2026... counts nothing.
func stampedVersion(info *debug.BuildInfo) (v Version, reason string) {
	if info == nil {
		return Version{}, "the program has no build information"
	}
	text, _, _ := strings.Cut(info.Main.Version, "+")
	v, err := Parse(text)
	if err != nil {
		return Version{}, fmt.Sprintf("the main module's version %s is not a release", textfmt.Quote(info.Main.Version))
	}
	return v, ""
}

func readCommit(b *Build, info *debug.BuildInfo, linked map[string]string) error {
	commit, fromLinker := setting(info, "vcs.revision"), linked["linkedCommit"]
	if fromLinker != "" {
		if commit != "" && commit != fromLinker {
			return contradiction("commit", fromLinker, commit)
		}
		commit = fromLinker
	}
	switch {
	case commit == "":
		b.unknown("commit", "not set by the linker, and not built inside a repository")
	case !isObjectID(commit):
		return &evidence.Problem{Code: "version.commit", Severity: evidence.SeverityError, Err: evidence.ErrFormat,
			Message: fmt.Sprintf("commit %s: want 40 or 64 lower-case hexadecimal digits", textfmt.Quote(commit))}
	}
	b.Commit = commit
	return nil
}

func readTime(b *Build, info *debug.BuildInfo, linked map[string]string) error {
	text := setting(info, "vcs.time")
	if linked["linkedTime"] != "" {
		text = linked["linkedTime"]
	}
	if text == "" {
		b.unknown("time", "not set by the linker, and not built inside a repository")
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return &evidence.Problem{Code: "version.time", Severity: evidence.SeverityError, Err: evidence.ErrFormat,
			Message: fmt.Sprintf("commit time %s: want RFC 3339", textfmt.Quote(text))}
	}
	b.Time = t.UTC()
	return nil
}

// readWorkTree takes the worse of what the linker and the go command say: files
// may have changed between the two looks.
func readWorkTree(b *Build, info *debug.BuildInfo, linked map[string]string) error {
	modified, state := setting(info, "vcs.modified"), linked["linkedState"]
	switch {
	case modified == "true" || state == "dirty":
		b.WorkTree = StateDirty
	case modified == "false" || state == "clean":
		b.WorkTree = StateClean
	default:
		b.unknown("worktree", "not set by the linker, and not built inside a repository")
	}
	return nil
}

func contradiction(fact, linked, stamped string) error {
	return &evidence.Problem{Code: "version.contradiction", Severity: evidence.SeverityError, Err: evidence.ErrMismatch,
		Message: fmt.Sprintf("%s: the linker set %s, the go command recorded %s", fact, textfmt.Quote(linked), textfmt.Quote(stamped))}
}

// setting returns a build setting, "" if there is none.
func setting(info *debug.BuildInfo, key string) string {
	if info != nil {
		for _, s := range info.Settings {
			if s.Key == key {
				return s.Value
			}
		}
	}
	return ""
}
