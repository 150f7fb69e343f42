// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Sbom-diff says what changed between two software bills of materials, of the
// same format or of two.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"io"
	"os"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/compare"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "sbom-diff",
	Args: "[-json | -markdown] [-exit-code] OLD NEW",
	About: `Compares two SPDX or CycloneDX documents of any common version and encoding (one of them may
be -, standard input) and prints which components were added, removed, upgraded, downgraded,
relicensed or rebuilt, and what else differs. Order, identifiers, serial numbers and times are
not changes.

The exit code is 0 whatever changed; with -exit-code it is 1 if anything did. Text and Markdown
show the first entries of a long list, -json all of them.`,
	Example: `sbom-diff web-1.481.cdx.json web-1.482.cdx.json
11 added, 3 removed, 23 upgraded in 206 components before and 214 after

upgraded (23)
  curl  7.88.1-10+deb12u8  ->  7.88.1-10+deb12u14`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Identical bool     `json:"identical"`
	Old       document `json:"old"`
	New       document `json:"new"`
	*compare.Changes
}

type document struct {
	File        string      `json:"file"`
	Format      sbom.Format `json:"format"`
	SpecVersion string      `json:"specVersion"`
}

func run(_ context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	markdown := cmd.Flags.Bool("markdown", false, "print GitHub Flavored Markdown")
	exitCode := cmd.Flags.Bool("exit-code", false, "exit 1 if there is a difference")
	if !cmd.Parse(args, 2, 2) {
		return cmd.ExitCode()
	}
	if *markdown && cmd.JSON() {
		return cmd.Usage("-markdown and -json do not fit together")
	}
	if cmd.Arg(0) == "-" && cmd.Arg(1) == "-" {
		return cmd.Usage("only one document can be on standard input")
	}
	var docs [2]*sbom.Document
	for i := range docs {
		doc, err := read(cmd.Arg(i), std.In)
		if err != nil {
			// That a document cannot be read is no answer to what changed.
			return cmd.Fail(&cannot{cmd.Arg(i), err})
		}
		docs[i] = doc
	}
	changes := compare.Diff(docs[0], docs[1])
	out := result{
		Result:    cli.Result{OK: !*exitCode || changes.Empty()},
		Identical: changes.Empty(), Old: describe(cmd.Arg(0), docs[0]), New: describe(cmd.Arg(1), docs[1]), Changes: changes,
	}
	var failed error
	code := cmd.Print(out, func(w io.Writer) {
		if *markdown {
			failed = changes.WriteMarkdown(w)
			return
		}
		failed = changes.WriteText(w)
	})
	if failed != nil {
		return cmd.Fail(failed)
	}
	return code
}

// cannot is a document that could not be read. It has no class, whatever the
// reason: the comparison was not made.
type cannot struct {
	file string
	err  error
}

func (c *cannot) Error() string { return c.file + ": " + c.err.Error() }

func read(name string, stdin io.Reader) (*sbom.Document, error) {
	if name == "-" {
		return sbom.Read(stdin, nil)
	}
	return sbom.ReadFile(name, nil)
}

func describe(file string, doc *sbom.Document) document {
	return document{file, doc.Format, doc.SpecVersion}
}
