// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Release-version prints the version of a repository's commit, 1.<commit count>,
// or checks that a tag is the version of its commit.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/version"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "release-version",
	Args: "[-json] [-verify TAG] [REPO]",
	About: `Prints 1.<number of commits> for HEAD of the repository whose top directory is
REPO (the current directory if none is given), or with -verify for TAG, if the tag's
name is the version of its own commit. A shallow clone is refused: it has lost the
commits that are to be counted. Git's environment variables, replacement objects and
grafts have no influence, and nothing in the repository is executed.

With -json also the commit, its tags and time, whether files differ from the commit, linker
flags for go build, and labels for container images.`,
	Example: `release-version -verify v1.482 ~/src/hailbytes-asm
1.482`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Version  version.Version   `json:"version"`
	SemVer   string            `json:"semver"`
	Commit   string            `json:"commit"`
	Tag      string            `json:"tag,omitempty"`
	Tags     []string          `json:"tags"`
	Time     string            `json:"time,omitempty"` // RFC 3339, UTC
	Dirty    bool              `json:"dirty"`
	WorkTree version.WorkTree  `json:"worktree"` // clean, dirty, bare or other (another commit is checked out)
	LDFlags  string            `json:"ldflags"`
	Labels   map[string]string `json:"labels"`
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	tag := cmd.Flags.String("verify", "", "check that `TAG` is the version of its own commit")
	if !cmd.Parse(args, 0, 1) {
		return cmd.ExitCode()
	}
	dir := cmd.Arg(0)
	if dir == "" {
		dir = "."
	}
	o := &version.Options{CountOnly: !cmd.JSON()}
	if cmd.IsSet("verify") {
		return verify(ctx, cmd, dir, *tag, o)
	}
	release, err := version.FromRepository(ctx, dir, o)
	if err != nil {
		return cmd.Fail(err)
	}
	return report(cmd, release, cli.Result{OK: true})
}

func verify(ctx context.Context, cmd *cli.Command, dir, tag string, o *version.Options) int {
	release, err := version.VerifyTag(ctx, dir, tag, o)
	mismatch, fails := errors.AsType[*version.TagError](err)
	if err != nil && !fails {
		return cmd.Fail(err)
	}
	return report(cmd, release, cli.Checked(checks(release, mismatch)))
}

// checks says of a tag that was found what holds: release.tag for its name,
// release.version for the count.
func checks(r *version.Release, mismatch *version.TagError) evidence.Checks {
	name := evidence.Check{ID: "release.tag", Status: evidence.StatusPass, Subject: r.Tag, Message: "names commit " + r.Commit}
	count := evidence.Check{ID: "release.version", Status: evidence.StatusPass, Subject: r.Tag, Message: "the commit is " + r.Version.String()}
	switch {
	case mismatch == nil:
	case mismatch.Inner != "" || mismatch.Named.IsZero():
		name.Status, name.Message = evidence.StatusFail, mismatch.Error()
		count.Status, count.Message = evidence.StatusSkip, "the tag names no version"
	default:
		count.Status, count.Message = evidence.StatusFail, mismatch.Error()
	}
	return evidence.Checks{name, count}
}

func report(cmd *cli.Command, r *version.Release, of cli.Result) int {
	out := result{
		Result: of, Version: r.Version, SemVer: r.Version.SemVer(), Commit: r.Commit, Tag: r.Tag, Tags: r.Tags,
		Dirty: r.WorkTree == version.StateDirty, WorkTree: r.WorkTree, LDFlags: r.LinkerFlags(), Labels: r.Labels(""),
	}
	out.Time = out.Labels["org.opencontainers.image.created"]
	return cmd.Print(out, func(w io.Writer) {
		if of.OK {
			fmt.Fprintln(w, r.Version)
			return
		}
		var failed []string
		for _, c := range of.Checks {
			if c.Status == evidence.StatusFail {
				failed = append(failed, c.Message)
			}
		}
		cmd.Warn(strings.Join(failed, "; ")) // a script that reads the version gets none
	})
}
