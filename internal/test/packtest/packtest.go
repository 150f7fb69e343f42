// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package packtest gives the stories of the binaries a command that builds a pack.
package packtest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// Make is the command "mkpack PRODUCT@VERSION DIR OUT": it packs the files below
// DIR into the folder OUT and prints the ZIP's SHA-256 and the content digest, a line each.
func Make(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, cli.Help{Name: "mkpack", Args: "PRODUCT@VERSION DIR OUT"})
	if !cmd.Parse(args, 3, 3) {
		return cmd.ExitCode()
	}
	product, version, _ := strings.Cut(cmd.Arg(0), "@")
	name := filepath.Join(cmd.Arg(2), trustpack.FileName(product, version))
	src, err := trustpack.DirSources(cmd.Arg(1), name)
	if err != nil {
		return cmd.Fail(err)
	}
	built, _, err := trustpack.BuildFile(ctx, name, manifest.Config{Product: product, Version: version}, src, nil)
	if err != nil {
		return cmd.Fail(err)
	}
	fmt.Fprintln(std.Out, built.SHA256.Hex())
	fmt.Fprintln(std.Out, built.ContentDigest.Hex())
	return cli.ExitHolds
}
