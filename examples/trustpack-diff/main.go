// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-diff says what changed between the Trust Packs of two releases.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
)

var help = cli.Help{
	Name: "trustpack-diff",
	Args: "[-json | -markdown] [-exit-code] OLD.zip NEW.zip",
	About: `Compares two Trust Packs of one product by what their evidence says: images, findings,
packages, licences, tests, accessibility, deployment pins and declared gaps. Times, versions
of tools, signatures and order are not changes. It does not say whether the packs hold:
trustpack-verify does.

The exit code is 0 whatever changed; with -exit-code it is 1 if anything did, or if one pack
has evidence that the other has not. Text and Markdown show the first entries of a long list,
-json all of them.`,
	Example: `trustpack-diff hailbytes-asm-trust-pack-v1.481.zip hailbytes-asm-trust-pack-v1.482.zip`,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Identical bool `json:"identical"`
	*trustpack.Changes
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	asMarkdown := cmd.Flags.Bool("markdown", false, "print GitHub Flavored Markdown")
	exitCode := cmd.Flags.Bool("exit-code", false, "exit 1 if there is a difference")
	if !cmd.Parse(args, 2, 2) {
		return cmd.ExitCode()
	}
	if *asMarkdown && cmd.JSON() {
		return cmd.Usage("-markdown and -json do not fit together")
	}
	var packs [2]*trustpack.PackFile
	for i := range packs {
		p, err := trustpack.OpenFile(cmd.Arg(i), nil)
		if err != nil {
			return cmd.Fail(cannot(cmd.Arg(i), err))
		}
		defer p.Close()
		packs[i] = p
	}
	changes, err := trustpack.Diff(ctx, packs[0].Pack, packs[1].Pack)
	if err != nil {
		return cmd.Fail(cannot(cmd.Arg(0)+", "+cmd.Arg(1), err))
	}
	same := changes.Empty()
	var failed error
	code := cmd.Print(result{cli.Result{OK: same || !*exitCode}, same, changes}, func(w io.Writer) {
		if *asMarkdown {
			failed = changes.WriteMarkdown(w)
			return
		}
		text(w, changes)
	})
	if failed != nil {
		return cmd.Fail(failed)
	}
	return code
}

// cannot drops the class of an error: a pack that can not be read is no answer to
// what changed.
func cannot(name string, err error) error { return fmt.Errorf("%s: %v", name, err) }

// rows is how many entries of a list a person reads.
const rows = 20

func text(w io.Writer, c *trustpack.Changes) {
	fmt.Fprintln(w, textfmt.Printable(c.Title()))
	list := c.Sections()
	if len(list) == 0 {
		fmt.Fprintln(w, "nothing changed")
	}
	for _, s := range list {
		fmt.Fprintln(w, "  "+textfmt.Printable(s.Title))
	}
	for _, s := range list {
		fmt.Fprintf(w, "\n%s\n", textfmt.Printable(s.Title))
		shown := s.Rows[:min(len(s.Rows), rows)]
		for _, row := range shown {
			fmt.Fprintln(w, "  "+line(s.Head, row))
		}
		if more := len(s.Rows) - len(shown) + s.More; more > 0 {
			fmt.Fprintf(w, "  and %d more\n", more)
		}
	}
}

// line joins the cells of a row; between before and after stands an arrow.
func line(head, row []string) string {
	var cells []string
	for i, cell := range row {
		switch {
		case strings.EqualFold(head[i], "After"):
			cells = append(cells, "->", told(cell))
		case strings.EqualFold(head[i], "Before"):
			cells = append(cells, told(cell))
		case cell != "":
			cells = append(cells, textfmt.Printable(cell))
		}
	}
	return strings.Join(cells, "  ")
}

func told(cell string) string {
	if cell == "" {
		return "(none)"
	}
	return textfmt.Printable(cell)
}
