// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-diff says what changed between the Trust Packs of two releases.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trustpack-diff",
	Args: "[-json | -markdown] [-exit-code] [-fail-on LIST] OLD.zip NEW.zip",
	About: `Compares two Trust Packs of one product by what their evidence says: images, packages,
findings, licences, tests, accessibility, signing, tools, deployment pins and declared gaps.
The totals come first. Times and order are not changes. All findings and packages of a new
image are new.

The exit code is 0 whatever changed. With -exit-code it is 1 if anything did, or if one pack
has evidence that the other lacks. With -fail-on it is 1 if the newer release is worse in one
of the ways that LIST names, joined by commas:

  critical, high, medium, low
                 a new finding of that severity or above. A finding without a severity
                 counts, and so does one that the scan suppresses. A finding that both
                 releases have does not count, even if its severity rose.
  licenses       a package changed to a licence of a worse category (permissive, weak
                 copyleft, strong copyleft, network copyleft, proprietary, unknown), or a
                 new package is not under a permissive licence
  tests          a test fails that did not fail before, or passed before and is skipped; or
                 fewer tests ran. A test that passed when it was run again passed.
  accessibility  a new violation of WCAG 2.1 A or AA, or a page is no longer tested
  unsigned       an image was called signed by the manifest, or named by attestations in the
                 pack, and no longer is. Who signed is for trustpack-verify to say.
  pins           a deployment file leaves more open than before: a tag in place of a digest, a
                 tag that moves in place of a version, a variable in place of a value; or it
                 names another digest of an image than the newer manifest

If the newer pack lacks the evidence of a kind that the older one has, that kind fails too.

A pack whose ZIP or manifest is damaged is not compared: exit code 2. If the rest of a pack
does not hold, standard error says so; trustpack-verify says why. Text and Markdown show the
first entries of a long list, -json all of them.`,
	Example: `trustpack-diff -fail-on high,licenses,tests hailbytes-asm-trust-pack-v1.481.zip hailbytes-asm-trust-pack-v1.482.zip`,
	Schema:  schema,
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
	var kinds []trustpack.Regression
	cmd.Flags.Func("fail-on", "exit 1 if the newer release is worse in one of the ways in `LIST`: see above", func(s string) error {
		for word := range strings.SplitSeq(s, ",") {
			var kind trustpack.Regression
			if err := kind.UnmarshalText([]byte(word)); err != nil {
				return err
			}
			kinds = append(kinds, kind)
		}
		return nil
	})
	if !cmd.Parse(args, 2, 2) {
		return cmd.ExitCode()
	}
	if *asMarkdown && cmd.JSON() {
		return cmd.Usage("-markdown and -json exclude each other")
	}
	var releases [2]*trustpack.Release
	for i := range releases {
		var err error
		if releases[i], err = open(ctx, cmd, cmd.Arg(i)); err != nil {
			return cmd.Fail(fmt.Errorf("%s: %v", cmd.Arg(i), err)) // without its class: nothing was compared
		}
	}
	if a, b := releases[0].Manifest.Product, releases[1].Manifest.Product; a != b {
		return cmd.Fail(fmt.Errorf("%s, %s: the packs are of two products, %s and %s", cmd.Arg(0), cmd.Arg(1), a, b))
	}
	changes := trustpack.Diff(releases[0], releases[1])
	same := changes.Empty()
	checks := changes.Judge(kinds...)
	out := result{cli.Result{OK: (len(kinds) == 0 || checks.OK()) && (same || !*exitCode), Checks: checks}, same, changes}
	return cmd.Print(out, func(w io.Writer) {
		write := changes.WriteText
		if *asMarkdown {
			write = changes.WriteMarkdown
		}
		write(w, checks) // an error of standard output is for Print to say
	})
}

// open returns the evidence of a pack whose structure holds. If something else does
// not hold, it says so and goes on.
func open(ctx context.Context, cmd *cli.Command, name string) (*trustpack.Release, error) {
	report, err := trustpack.VerifyFile(ctx, name, trustpack.Policy{UnsafeNoProfile: true, KeepRelease: true}, nil)
	if err != nil {
		return nil, err
	}
	var structure evidence.Checks
	for _, c := range report.Checks {
		if strings.HasPrefix(c.ID, "archive.") || strings.HasPrefix(c.ID, "manifest.") {
			structure = append(structure, c)
		}
	}
	if err := structure.Err(); err != nil || report.Release == nil {
		return nil, report.Err()
	}
	if !report.OK() {
		cmd.Warn(fmt.Sprintf("%s does not hold: trustpack-verify says why", name))
	}
	return report.Release, nil
}
