// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-show lists what is in a Trust Pack, and answers what a person asks of
// one vulnerability or package.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/table"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trustpack-show",
	Args: "[-json | -csv] PACK.zip [WHAT]",
	About: `Shows what the evidence of a release states. WHAT is one of the tables images, packages,
findings, licenses, tests, accessibility, attestations, files, checks, controls and gaps; or the
id of a vulnerability (CVE-2026-1234), a package URL (pkg:deb/debian/openssl) or the name of a
package. Without WHAT it sums up the release.

For a vulnerability or package it shows, for each image: through which packages it came in,
where the SBOMs list it, which scans report it, what fixes it, what lets it pass, and which
signatures were verified. All columns and rows are in -json and -csv.

The pack is verified first, as trustpack-verify does without flags. If it does not hold, the
exit code is 1 and standard error says so; the tables are shown all the same. A name that
nothing in the pack has is exit code 1, too.`,
	Example: `trustpack-show hailbytes-asm-trust-pack-v1.482.zip findings
trustpack-show hailbytes-asm-trust-pack-v1.482.zip CVE-2011-3374`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Pack    string             `json:"pack"`
	Product string             `json:"product,omitempty"`
	Version string             `json:"version,omitempty"`
	Outcome trustpack.Outcome  `json:"outcome"` // of the verification
	What    string             `json:"what,omitempty"`
	Rows    any                `json:"rows,omitempty"`    // of the table that was asked for
	Matches []table.Match      `json:"matches,omitempty"` // of the vulnerability or package
	Summary *trustpack.Summary `json:"summary,omitempty"` // where nothing was asked for
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	asCSV := cmd.Flags.Bool("csv", false, "print a table as CSV")
	if !cmd.Parse(args, 1, 2) {
		return cmd.ExitCode()
	}
	if *asCSV && cmd.JSON() {
		return cmd.Usage("-csv and -json exclude each other")
	}
	name, what := cmd.Arg(0), cmd.Arg(1)
	report, err := trustpack.VerifyFile(ctx, name, trustpack.Policy{KeepRelease: true, Now: time.Now()}, nil)
	if err != nil {
		return cmd.Fail(err)
	}
	if report.Release == nil {
		return cmd.Fail(report.Err())
	}
	out := result{
		Result: cli.Result{OK: report.OK()}, Pack: name, Product: report.Product, Version: report.Version, Outcome: report.Outcome(), What: what,
	}
	if !report.OK() {
		cmd.Warn(fmt.Sprintf("the pack does not hold (%s): trustpack-verify says why", report.Outcome()))
	}
	if what == "" {
		if *asCSV {
			return cmd.Usage("-csv needs the name of a table")
		}
		out.Summary = report.Summary
		return cmd.Print(out, func(w io.Writer) { report.WriteSummary(w, &trustpack.TextOptions{Width: cmd.Width()}) })
	}
	t, known := tables[what]
	if !known {
		if *asCSV {
			return cmd.Usage("-csv shows tables: %s", strings.Join(slices.Sorted(keys(tables)), ", "))
		}
		if out.Matches = table.Lookup(report, what); len(out.Matches) == 0 {
			return cmd.Fail(&evidence.Problem{
				Code: "show.unknown", Severity: evidence.SeverityError, Err: evidence.ErrMismatch,
				Message: fmt.Sprintf("nothing in the pack is called %s; tables are %s", what, strings.Join(slices.Sorted(keys(tables)), ", ")),
			})
		}
		return cmd.Print(out, func(w io.Writer) { printMatches(w, out.Matches) })
	}
	rows := table.Of(report)
	if cmd.JSON() {
		out.Rows = t.rows(rows)
	}
	return cmd.Print(out, func(w io.Writer) {
		if *asCSV {
			t.csv(w, rows)
			return
		}
		cli.PrintTable(w, cmd.Width(), t.head, t.text(rows))
	})
}
