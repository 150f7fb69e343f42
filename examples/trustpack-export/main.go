// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-export writes a Trust Pack as documents that auditors and GRC tools take in.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/audit"
	"github.com/HailBytes/evidence/trustpack/controls"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trustpack-export",
	Args: "-format FORMAT [-o FILE | -out DIR] [-controls FILE] PACK.zip",
	About: `Writes the evidence of a release as a document for auditors and GRC tools. FORMAT is one of

  oscal-ar    OSCAL 1.2.2 assessment results: an observation for each check, a finding for each
              control that the evidence decides, a risk for each declared gap
  oscal-cd    OSCAL 1.2.2 component definition: by which files the release meets controls
  cdxa        CycloneDX 1.6 attestations
  gemara      Gemara EvaluationLog
  caiq-lite   answers of CSA CCM 4.1 that the evidence gives; the others are left out
  xlsx        a workbook: summary, controls, findings, packages, licences, tests and more
  pdf         the same for a reader
  csv         a folder with a file for each table
  upload      a folder of PDF and XLSX files, for a release and for each control, with names and
              sizes that evidence libraries take, and mapping.csv

Without -o and -out a document goes to standard output; a folder needs -out. The pack is
verified first. With the flags that trustpack-verify takes for signers, signatures count too;
without them controls that ask for a signature are not assessed. A pack that does not hold is
written as what it is, and the exit code is 1; one whose archive, digests or identity do not
hold satisfies nothing.

The same pack and flags give the same bytes on any day: all times are those of the release.`,
	Example: `trustpack-export -format oscal-ar -o results.json hailbytes-asm-trust-pack-v1.482.zip
trustpack-export -format upload -out for-the-auditor hailbytes-asm-trust-pack-v1.482.zip`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Pack     string            `json:"pack"`
	Product  string            `json:"product,omitempty"`
	Version  string            `json:"version,omitempty"`
	Outcome  trustpack.Outcome `json:"outcome"` // of the verification
	Format   audit.Format      `json:"format"`
	Files    []file            `json:"files"`
	Controls tally             `json:"controls"`
}

// file is one file that was written.
type file struct {
	Path   string `json:"path"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

// tally counts controls by what the evidence says of them.
type tally struct {
	Satisfied    int `json:"satisfied"`
	NotSatisfied int `json:"notSatisfied"`
	NotAssessed  int `json:"notAssessed"`
	DeclaredGap  int `json:"declaredGap"`
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	var format audit.Format
	cmd.Flags.Func("format", "`FORMAT` of the document: see above", func(s string) error {
		if err := format.UnmarshalText([]byte(s)); err != nil {
			return fmt.Errorf("%v; want one of %v", err, audit.Formats())
		}
		return nil
	})
	out := cmd.Flags.String("o", "", "write the document to `FILE`")
	dir := cmd.Flags.String("out", "", "write into the folder `DIR`; that of a folder must not be there, or be empty")
	table := cmd.Flags.String("controls", "", "a table of controls to use instead of the built-in one, `FILE` as CSV")
	bundle := cmd.Flags.String("bundle", "", "the signed statement about the pack, `FILE`: PACK.zip.sigstore.json")
	var trusted signers.Flags
	trusted.Define(cmd)
	if !cmd.Parse(args, 1, 1) {
		return cmd.ExitCode()
	}
	switch {
	case format == audit.FormatInvalid:
		return cmd.Usage("-format is needed: one of %v", audit.Formats())
	case *out != "" && *dir != "":
		return cmd.Usage("-o and -out exclude each other")
	case format.IsFolder() && *dir == "":
		return cmd.Usage("format %s is a folder: it needs -out", format)
	case cmd.JSON() && *out == "" && *dir == "":
		return cmd.Usage("-json needs -o or -out: the document would go to standard output, too")
	}
	var options audit.Options
	if *table != "" {
		data, err := cli.ReadFile(*table, cli.MaxSettings)
		if err != nil {
			return cmd.Fail(err)
		}
		if options.Controls, err = controls.Parse(data); err != nil {
			return cmd.Fail(fmt.Errorf("-controls: %s: %v", *table, err)) // without its class: the pack was not judged
		}
	}
	pol := trustpack.Policy{KeepRelease: true, FileName: filepath.Base(cmd.Arg(0))}
	if err := trusted.Apply(&pol, *bundle != ""); err != nil {
		return cmd.Fail(err)
	}
	if *bundle != "" {
		data, err := cli.ReadFile(*bundle, evidence.Limits{}.OrDefault().BundleBytes)
		if err != nil {
			return cmd.Fail(err)
		}
		if pol.Statement, err = attest.ParseBundle(data, nil); err != nil {
			return cmd.Fail(fmt.Errorf("%s: %w", *bundle, err))
		}
	}
	progress := cmd.Progress("verifying")
	pol.Progress = progress.Update
	report, err := trustpack.VerifyFile(ctx, cmd.Arg(0), pol, nil)
	progress.Done()
	if err != nil {
		return cmd.Fail(err)
	}
	if report.Release == nil {
		return cmd.Fail(report.Err())
	}
	release := audit.New(report, &options)
	files, err := release.Files(format)
	if err != nil {
		return cmd.Fail(err)
	}
	if err := ctx.Err(); err != nil {
		return cmd.Fail(err)
	}
	if !report.OK() {
		cmd.Warn(fmt.Sprintf("the pack does not hold (%s): trustpack-verify says why", report.Outcome()))
	}
	r := result{
		Result: cli.Checked(report.Checks), Pack: cmd.Arg(0), Product: report.Product, Version: report.Version, Outcome: report.Outcome(), Format: format, Controls: count(release),
	}
	if *out == "" && *dir == "" {
		return cmd.Print(r, func(w io.Writer) { w.Write(files[0].Data) })
	}
	if r.Files, err = write(files, format, *out, *dir); err != nil {
		return cmd.Fail(err)
	}
	return cmd.Print(r, func(w io.Writer) { r.print(w) })
}

// write writes the files where the flags say, and returns what was written.
func write(files []audit.File, format audit.Format, out, dir string) ([]file, error) {
	var err error
	switch {
	case format.IsFolder():
		err = audit.WriteFolder(dir, files)
	case dir != "":
		if err = os.MkdirAll(dir, 0o755); err == nil {
			err = audit.WriteFile(filepath.Join(dir, files[0].Name), files[0].Data)
		}
	default:
		err = audit.WriteFile(out, files[0].Data)
	}
	if err != nil {
		return nil, err
	}
	var list []file
	for _, f := range files {
		path := out
		if dir != "" {
			path = filepath.Join(dir, f.Name)
		}
		list = append(list, file{path, len(f.Data), evidence.Sum256(f.Data).Hex()})
	}
	return list, nil
}

func count(r *audit.Release) tally {
	var t tally
	for _, c := range r.Controls() {
		switch c.Status {
		case controls.StatusSatisfied:
			t.Satisfied++
		case controls.StatusNotSatisfied:
			t.NotSatisfied++
		case controls.StatusGap:
			t.DeclaredGap++
		default:
			t.NotAssessed++
		}
	}
	return t
}

func (r *result) print(w io.Writer) {
	for _, f := range r.Files {
		fmt.Fprintf(w, "%s  %s\n", textfmt.Printable(f.Path), textfmt.Size(int64(f.Size)))
	}
	t := r.Controls
	fmt.Fprintf(w, "%s: %s satisfied, %d not satisfied, %s, %d not assessed\n",
		textfmt.Printable(strings.TrimSpace(r.Product+" "+r.Version)), textfmt.Count(t.Satisfied, "control"), t.NotSatisfied, textfmt.Count(t.DeclaredGap, "declared gap"), t.NotAssessed)
}
