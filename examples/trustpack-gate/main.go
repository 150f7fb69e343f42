// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-gate says whether an installation may start: whether every image that it
// would start, load or run is one that a verified Trust Pack vouches for, or one that the
// policy names.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/examples/internal/summary"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/install"
	"github.com/HailBytes/evidence/trustpack/policy"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trustpack-gate",
	Args: "[-json] [-v] [-policy NAME|FILE] [-bundle FILE] [-key FILE | -trusted-root FILE -certificate-identity S -certificate-oidc-issuer S] [-sha256 HEX] [-content-digest HEX] [-expect PRODUCT@VERSION] [-profile NAME|FILE|none] [-compose FILE]... [-env-file FILE]... [-images FILE] [-image REF]... [-archive TAR|DIR]... [-local FILE]... [-lock OUT] [-vsa FILE -vsa-key FILE -vsa-verifier URI -vsa-resource-uri URI -vsa-policy-uri URI] PACK.zip",
	About: `Says whether an installation may start. The pack is verified first: it must be signed by whom
the policy or the flags name (the statement PACK.zip.sigstore.json beside it is found by
itself), or be the one whose digest is given. Then every image of the deployment must be one of
the release, by digest, or one that the policy names under "install":

  -compose   compose files, in the order of docker compose -f: all profiles, hooks, jobs, image
             volumes and models; "-" is the output of docker compose config on standard input.
             Variables are those of the environment, and of -env-file or .env
  -images    references, one a line, as docker compose config --images prints them; -image is one
  -archive   docker save tar files and OCI layouts, before they are loaded
  -local     the output of docker image inspect, or of docker inspect of containers

With -lock, images of the release may be named by the release's own tag: the file that is
written pins them. Start with: docker compose -f COMPOSE -f LOCK up -d --no-build

It reads files only: no network, no docker socket. Whoever calls it must take exit code 1 and 2
both for "do not start".`,
	Example: `trustpack-gate -policy policy.yaml -compose docker-compose.yml -lock trustpack.lock.yml hailbytes-asm-trust-pack-v1.482.zip
docker inspect $(docker ps -q) | trustpack-gate -policy policy.yaml -local /dev/stdin hailbytes-asm-trust-pack-v1.482.zip`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

func init() { logrus.SetOutput(io.Discard) } // compose-go would warn of what the checks report

// result is the JSON object.
type result struct {
	cli.Result
	Pack          string             `json:"pack"`
	Product       string             `json:"product,omitempty"`
	Version       string             `json:"version,omitempty"`
	Outcome       trustpack.Outcome  `json:"outcome"` // of the pack
	SHA256        string             `json:"sha256,omitempty"`
	ContentDigest string             `json:"contentDigest,omitempty"`
	Verdicts      trustpack.Verdicts `json:"verdicts"`
	Lock          string             `json:"lock,omitempty"` // the file that was written
}

// deployment is what is held against the pack.
type deployment struct {
	compose, envFiles, images, refs, archives, locals cli.Strings
}

func (d *deployment) define(cmd *cli.Command) {
	cmd.Flags.Var(&d.compose, "compose", "compose `FILE`, or - for standard input; may be repeated, as docker compose -f")
	cmd.Flags.Var(&d.envFiles, "env-file", "`FILE` with variables of the compose files; may be repeated, as docker compose --env-file")
	cmd.Flags.Var(&d.images, "images", "`FILE` with one image reference a line; may be repeated")
	cmd.Flags.Var(&d.refs, "image", "image `REF`; may be repeated")
	cmd.Flags.Var(&d.archives, "archive", "docker save `TAR`, or OCI layout as tar file or folder; may be repeated")
	cmd.Flags.Var(&d.locals, "local", "`FILE` with the output of docker image inspect or docker inspect; may be repeated")
}

func (d *deployment) empty() bool {
	return len(d.compose)+len(d.images)+len(d.refs)+len(d.archives)+len(d.locals) == 0
}

// check holds all of it against the gate.
func (d *deployment) check(ctx context.Context, g *install.Gate, in io.Reader) (checks evidence.Checks, err error) {
	take := func(more evidence.Checks, failed error) {
		checks = append(checks, more...)
		err = errors.Join(err, failed)
	}
	if len(d.compose) > 0 {
		environment, failed := install.Environment(os.Environ(), d.envFiles, d.compose)
		if failed != nil {
			return nil, failed
		}
		take(g.Compose(ctx, d.compose, &install.ComposeOptions{Environment: environment, Stdin: in}))
	}
	for _, name := range d.images {
		data, failed := cli.ReadFile(name, cli.MaxSettings)
		take(g.References(name, lines(string(data))), failed)
	}
	if len(d.refs) > 0 {
		take(g.References("-image", d.refs), nil)
	}
	for _, name := range d.archives {
		take(g.Archive(ctx, name))
	}
	for _, name := range d.locals {
		data, failed := cli.ReadFile(name, cli.MaxSettings)
		take(g.Local(name, data), failed)
	}
	return checks, err
}

// lines returns the references of a list, without empty lines and comments.
func lines(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			list = append(list, line)
		}
	}
	return list
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	pol := trustpack.Policy{Now: time.Now()}
	var profile, policyName, lock string
	var trusted signers.Signed
	trusted.Define(cmd)
	signers.DefineExpected(cmd, &pol)
	var vsa summary.Flags
	vsa.Define(cmd)
	var d deployment
	d.define(cmd)
	verbose := cmd.Flags.Bool("v", false, "print every check of the pack, too")
	cmd.Flags.StringVar(&policyName, "policy", "", "who is trusted and what is acceptable: a shipped policy (enterprise-strict, procurement-review, install-gate) or a `FILE`")
	cmd.Flags.StringVar(&profile, "profile", "", "what the pack must hold: a built-in `NAME`, a file, or none (default: that of the product)")
	cmd.Flags.StringVar(&lock, "lock", "", "write a compose file that pins what was verified to `OUT`")
	if !cmd.Parse(args, 1, 1) {
		return cmd.ExitCode()
	}
	name := cmd.Arg(0)
	switch {
	case d.empty():
		return cmd.Usage("nothing to hold against the pack: give -compose, -images, -image, -archive or -local")
	case lock != "" && len(d.compose) == 0:
		return cmd.Usage("-lock needs -compose")
	case len(d.envFiles) > 0 && len(d.compose) == 0:
		return cmd.Usage("-env-file needs -compose")
	}
	asked, policyData, err := ask(ctx, cmd, &pol, &trusted, profile, policyName, name)
	if err != nil {
		return cmd.Fail(err)
	}
	if err := vsa.Check(cmd, pol.Require); err != nil {
		return cmd.Fail(err)
	}
	pol.FileName = filepath.Base(name)
	progress := cmd.Progress("verifying")
	pol.Progress = progress.Update
	report, err := trustpack.VerifyFile(ctx, name, pol, nil)
	progress.Done()
	if err != nil {
		return cmd.Fail(err)
	}
	out := result{
		Pack: name, Product: report.Product, Version: report.Version, SHA256: report.SHA256, ContentDigest: report.ContentDigest,
		Verdicts: report.Verdicts, Outcome: report.Outcome(),
	}
	var gated evidence.Checks
	if report.OK() {
		gate, err := install.New(report, &install.Options{Rules: asked.Install, Pin: lock != ""})
		if err != nil {
			return cmd.Fail(errors.New(err.Error()))
		}
		if gated, err = d.check(ctx, gate, std.In); err != nil {
			return cmd.Fail(err)
		}
		gated = append(asked.Install.Weakened(), gated...)
		report.Checks = append(report.Checks, gated...)
		if report.OK() && lock != "" {
			data, err := gate.Lock()
			if err == nil {
				err = signers.WriteFile(lock, data)
			}
			if err != nil {
				return cmd.Fail(fmt.Errorf("-lock: %w", err))
			}
			out.Lock = lock
		}
	}
	out.Result = cli.Checked(report.Checks)
	if err := vsa.Write(ctx, report, name, pol.Now, policyData, trusted.Statement); err != nil {
		return cmd.Fail(fmt.Errorf("-vsa: %w", err))
	}
	return cmd.Print(out, func(w io.Writer) { out.print(w, report, gated, *verbose, cmd.Width()) })
}

// ask fills in who is trusted and what is acceptable. Without either a publisher or a
// digest from elsewhere there is nothing that a pack could be held against.
func ask(ctx context.Context, cmd *cli.Command, pol *trustpack.Policy, trusted *signers.Signed, profile, policyName, pack string) (asked *policy.Policy, data []byte, err error) {
	if pol.Profile, pol.UnsafeNoProfile, err = trustpack.LoadProfile(profile); err != nil {
		return nil, nil, &cli.UsageError{Message: fmt.Sprintf("-profile: %v", err)}
	}
	if beside := trustpack.StatementName(pack); trusted.StatementFile == "" {
		if _, err := os.Stat(beside); err == nil {
			trusted.StatementFile = beside
		}
	}
	if err := trusted.Apply(pol); err != nil {
		return nil, nil, err
	}
	asked = &policy.Policy{}
	if policyName != "" {
		if asked, data, err = policy.Load(policyName); err != nil {
			return nil, nil, fmt.Errorf("-policy: %v", err) // without its class: nothing was checked
		}
		if err := signers.ApplyPolicy(ctx, asked, pol); err != nil {
			return nil, nil, err
		}
	}
	want := trustpack.VerdictAuthentic
	switch {
	case len(pol.Publisher) > 0 || pol.Release != nil:
	case !pol.SHA256.IsZero() || !pol.ContentDigest.IsZero():
		want = trustpack.VerdictPinned
	default:
		return nil, nil, &cli.UsageError{Message: "nobody is trusted: name the publisher in the policy or by -key or -certificate-identity, or give -sha256 or -content-digest"}
	}
	if !slices.Contains(pol.Require, want) {
		pol.Require = append(pol.Require, want)
	}
	return asked, data, nil
}

func (r *result) print(w io.Writer, report *trustpack.Report, gated evidence.Checks, verbose bool, width int) {
	if gated == nil { // the pack alone decided
		if verbose {
			cli.PrintChecks(w, report.Checks)
			fmt.Fprintln(w)
		}
		report.WriteText(w, &trustpack.TextOptions{Width: width})
		fmt.Fprintln(w, "REFUSED: the pack vouches for nothing")
		return
	}
	fmt.Fprintf(w, "pack    %s %s, authentic: %s, pinned: %s\n", report.Product, report.Version,
		report.Verdicts.Authentic, report.Verdicts.Pinned)
	fmt.Fprintf(w, "        content digest %s\n", report.ContentDigest)
	if verbose {
		cli.PrintChecks(w, report.Checks)
	} else {
		for _, c := range report.Checks {
			if c.ID == "policy.weakened" || strings.HasPrefix(c.ID, "gate.") {
				printCheck(w, c)
			}
		}
	}
	switch {
	case r.OK && r.Lock != "":
		fmt.Fprintf(w, "OK: may be started with %s as the last compose file\n", r.Lock)
	case r.OK:
		fmt.Fprintln(w, "OK: may be started")
	default:
		fmt.Fprintln(w, "REFUSED: not to be started")
	}
}

// printCheck prints a check on one line, and what weakens the policy one by one.
func printCheck(w io.Writer, c evidence.Check) {
	if c.ID == "policy.weakened" {
		for _, p := range c.Problems {
			fmt.Fprintf(w, "%-6s  %s  %s\n", c.Status, c.ID, textfmt.Printable(p.Message))
		}
		return
	}
	id := c.ID
	if len(c.Problems) > 0 {
		id = c.Problems[0].Code // the reason
	}
	fmt.Fprintf(w, "%-6s  %s  %s: %s\n", c.Status, id, textfmt.Printable(c.Subject), textfmt.Printable(c.Message))
}
