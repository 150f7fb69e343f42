// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-table writes what many Trust Packs hold as tables of Parquet or JSON Lines.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/table/fleet"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trustpack-table",
	Args: "[-json] [-compact] [-format parquet|jsonl] [-verify [signers, as for trustpack-verify]] -out DIR PACK.zip|DIR...",
	About: `Writes the tables of Trust Packs (packs, images, files, packages, findings, tests,
accessibility, attestations, checks, controls, gaps) into DIR: for each pack and table one
file, below DIR/landing. A pack that is there already is not read again. With -compact all rows that were
ever landed go into DIR/tables, one sorted file for each product and table: that is what
DuckDB, Athena, Spark and Trino read. DIR/tables.sql, questions.sql, athena.sql, spark.sql and
trino.sql declare the tables and answer ten questions. Of a folder that is named, all *.zip
in and below it are read.

Packs are read, not verified: structure and digests must hold, and the evidence must be
readable. The verdict consistent is then "skip". With -verify each pack is verified in full, as
trustpack-verify does, which takes several times as long; with a key or identity too, the
statement beside each pack (PACK.zip.sigstore.json) and the signatures in it are held against
it, and the table packs says which are authentic. A verdict is of the time when the pack was
landed: to have it anew, remove DIR/landing.

A broken pack is reported and left out: exit code 1. One that could not be read: exit code 2.`,
	Example: `trustpack-table -out lake -compact packs/
cd lake && duckdb -init tables.sql -c ".read questions.sql" -c "FROM holds_package('openssl', '3.0.19')"`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Directory string         `json:"directory"`
	Landed    int            `json:"landed"`         // packs that are new in the folder
	Unchanged int            `json:"unchanged"`      // packs that were there
	Broken    int            `json:"broken"`         // packs that are left out
	Rows      map[string]int `json:"rows,omitempty"` // by table, where -compact wrote them
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	var o fleet.Options
	out := cmd.Flags.String("out", "", "the folder of tables, `DIR`; made where there is none")
	compact := cmd.Flags.Bool("compact", false, "write all that was landed into DIR/tables, sorted")
	verify := cmd.Flags.Bool("verify", false, "verify each pack in full")
	format := cmd.Flags.String("format", string(fleet.Parquet), "`FORMAT` of the files: parquet or jsonl")
	var trusted signers.Flags
	trusted.Define(cmd)
	if !cmd.Parse(args, 1, -1) {
		return cmd.ExitCode()
	}
	if *out == "" {
		return cmd.Usage("-out is missing")
	}
	if *format != string(fleet.Parquet) && *format != string(fleet.JSONLines) {
		return cmd.Usage("-format: want parquet or jsonl")
	}
	o.Format = fleet.Format(*format)
	var pol trustpack.Policy // of a pack with a statement beside it
	if err := trusted.Apply(&pol, true); err != nil {
		return cmd.Fail(err)
	}
	var bare trustpack.Policy // of a pack without one
	if err := trusted.Apply(&bare, false); err != nil {
		return cmd.Fail(err)
	}
	o.Settings = "read"
	if *verify {
		o.Settings, o.Read = strings.TrimSpace("verify "+trusted.Fingerprint()), verifier(pol, bare)
	} else if trusted.Fingerprint() != "" {
		return cmd.Usage("signatures are verified with -verify only")
	}
	packs, err := fleet.Find(cmd.Args())
	if err != nil {
		return cmd.Fail(err)
	}
	if len(packs) == 0 {
		return cmd.Fail(fmt.Errorf("no pack (*.zip) in %s: %w", strings.Join(cmd.Args(), ", "), evidence.ErrFormat))
	}
	progress := cmd.Progress("reading packs")
	o.Progress = progress.Update
	folder, err := fleet.Open(*out, &o)
	if err != nil {
		return cmd.Fail(err)
	}
	defer folder.Close()
	landed, err := folder.Land(ctx, packs)
	progress.Done()
	if err != nil {
		return cmd.Fail(err)
	}
	r := result{Directory: *out}
	for _, l := range landed {
		r.Checks = append(r.Checks, l.Check)
		switch {
		case l.New:
			r.Landed++
		case l.Check.Status == evidence.StatusPass:
			r.Unchanged++
		default:
			r.Broken++
		}
	}
	r.OK = r.Broken == 0
	if *compact {
		if r.Rows, err = folder.Compact(ctx); err != nil {
			return cmd.Fail(err)
		}
	}
	if err := folder.WriteTexts(); err != nil {
		return cmd.Fail(err)
	}
	return cmd.Print(r, func(w io.Writer) { print(w, &r, *compact) })
}

// verifier verifies packs in full, each with the statement beside it where there is a
// publisher to hold it against.
func verifier(signed, bare trustpack.Policy) func(context.Context, *trustpack.Pack, string) (*trustpack.Report, error) {
	return func(ctx context.Context, p *trustpack.Pack, name string) (*trustpack.Report, error) {
		pol := bare
		beside := trustpack.StatementName(name)
		data, err := cli.ReadFile(beside, evidence.Limits{}.OrDefault().BundleBytes)
		switch {
		case len(signed.Publisher) == 0 || errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			pol = signed
			if pol.Statement, err = attest.ParseBundle(data, nil); err != nil {
				return nil, fmt.Errorf("%s: %w", beside, err)
			}
		}
		pol.KeepRelease, pol.Workers, pol.Now, pol.FileName = true, 1, time.Now(), filepath.Base(name)
		return trustpack.Verify(ctx, p, pol)
	}
}

func print(w io.Writer, r *result, compact bool) {
	for _, c := range r.Checks {
		if c.Status != evidence.StatusPass {
			fmt.Fprintf(w, "%s: %s\n", textfmt.Printable(c.Subject), textfmt.Printable(c.Message))
			cli.PrintProblems(w, c.Problems)
		}
	}
	fmt.Fprintf(w, "%s: %s landed, %d unchanged, %d broken\n", textfmt.Printable(r.Directory), textfmt.Count(r.Landed, "pack"), r.Unchanged, r.Broken)
	switch {
	case !compact && r.Landed > 0:
		fmt.Fprintln(w, "tables: as before; -compact writes what was landed into them")
	case compact && r.Rows == nil:
		fmt.Fprintln(w, "tables: hold all that was landed")
	}
	for _, name := range fleet.Tables() {
		if n, ok := r.Rows[name]; ok {
			fmt.Fprintf(w, "  %-14s %s\n", name, textfmt.Count(n, "row"))
		}
	}
}
