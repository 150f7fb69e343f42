// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/clitest"
	"github.com/HailBytes/evidence/internal/test/packtest"
)

func TestMain(m *testing.M) {
	clitest.Main(m, map[string]cli.Run{"trustpack-diff": run, "mkpack": packtest.Make, "compare": compare})
}

func TestStories(t *testing.T) { clitest.Run(t) }

func TestSchema(t *testing.T) { clitest.Schema(t, run, "trustpack-diff", result{}, nil) }

// compare is the command "compare OLD NEW FLAG...": it packs the folders OLD as demo
// 1.7 and NEW as demo 1.8, and compares the packs. "a+b" is the files of two folders.
func compare(ctx context.Context, args []string, std cli.Std) int {
	out, err := os.MkdirTemp(".", "compare")
	if err != nil {
		fmt.Fprintln(std.Err, err)
		return cli.ExitCannot
	}
	line := args[2:]
	for i, release := range []string{"demo@1.7", "demo@1.8"} {
		dir := filepath.Join(out, release)
		for part := range strings.SplitSeq(args[i], "+") {
			if err := os.CopyFS(dir, os.DirFS(part)); err != nil {
				fmt.Fprintln(std.Err, err)
				return cli.ExitCannot
			}
		}
		if code := packtest.Make(ctx, []string{release, dir, out}, cli.Std{Out: std.Err, Err: std.Err}); code != cli.ExitHolds {
			return code
		}
		line = append(line, filepath.Join(out, "hailbytes-demo-trust-pack-v"+release[len("demo@"):]+".zip"))
	}
	return run(ctx, line, std)
}
