// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-extract writes the files of a Trust Pack to a folder, if all of it holds.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
)

var help = cli.Help{
	Name: "trustpack-extract",
	Args: "[-json] -out DIR PACK.zip [GLOB...]",
	About: `Writes the files of a Trust Pack to DIR, which must not exist or must be empty. With
GLOBs only the files that one of them matches; "**" stands for any folders. The whole
pack is checked against its manifest first: DIR gets all of it or nothing.`,
	Example: `trustpack-extract -out evidence hailbytes-asm-trust-pack-v1.482.zip 'sbom/*.json' 'uat/**/*.png'`,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Directory string   `json:"directory"`
	Files     []string `json:"files"`
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	out := cmd.Flags.String("out", "", "`DIR` to write to; must not exist or must be empty")
	if !cmd.Parse(args, 1, -1) {
		return cmd.ExitCode()
	}
	if *out == "" {
		return cmd.Usage("-out is missing")
	}
	pack, err := trustpack.OpenFile(cmd.Arg(0), nil)
	if err != nil {
		return cmd.Fail(err)
	}
	defer pack.Close()
	files, err := trustpack.Extract(ctx, pack.Pack, *out, cmd.Args()[1:]...)
	if err != nil {
		return cmd.Fail(err)
	}
	return cmd.Print(result{cli.Result{OK: true}, *out, files}, func(w io.Writer) {
		for _, name := range files {
			fmt.Fprintln(w, cli.Printable(name))
		}
	})
}
