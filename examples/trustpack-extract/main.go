// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-extract writes the files of a Trust Pack to a folder, if all of it holds.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trustpack-extract",
	Args: "[-json] [-sha256 HEX] [-content-digest HEX] -out DIR PACK.zip [GLOB...]",
	About: `Writes the files of a Trust Pack to DIR, which must not exist or must be empty. With
GLOBs only the files that one of them matches; "**" stands for any folders. The whole
pack is checked against its manifest first: DIR gets all of it or nothing.

A manifest cannot vouch for itself. With -sha256 or -content-digest, which you have from
elsewhere, DIR gets the files of that pack or nothing.`,
	Example: `trustpack-extract -out evidence hailbytes-asm-trust-pack-v1.482.zip 'sbom/*.json' 'uat/**/*.png'`,
	Schema:  schema,
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
	var o trustpack.ExtractOptions
	cmd.Flags.Func("sha256", "SHA-256 of the ZIP, `HEX`, from elsewhere than the pack", cli.SHA256(&o.SHA256))
	cmd.Flags.Func("content-digest", "SHA-256 of MANIFEST.json, `HEX`, from elsewhere than the pack", cli.SHA256(&o.ContentDigest))
	if !cmd.Parse(args, 1, -1) {
		return cmd.ExitCode()
	}
	if *out == "" {
		return cmd.Usage("-out is missing")
	}
	files, err := trustpack.ExtractFile(ctx, cmd.Arg(0), *out, &o, cmd.Args()[1:]...)
	if err != nil {
		return cmd.Fail(err)
	}
	return cmd.Print(result{cli.Result{OK: true}, *out, files}, func(w io.Writer) {
		for _, name := range files {
			fmt.Fprintln(w, textfmt.Printable(name))
		}
	})
}
