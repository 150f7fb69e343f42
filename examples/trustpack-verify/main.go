// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-verify checks a Trust Pack: structure, inventory and digests, and
// against what the caller expects of it.
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
	"runtime/debug"
	"strings"
	"time"

	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/examples/internal/summary"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/policy"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trustpack-verify",
	Args: "[-json | -junit FILE] [-v] [-expect PRODUCT@VERSION] [-require VERDICTS] [-sha256 HEX] [-content-digest HEX] [-bundle FILE] [-release-attestation FILE -repository OWNER/NAME] [-trusted-root FILE] [-key FILE] [-certificate-identity S | -certificate-identity-regexp RE] [-certificate-oidc-issuer S] [-image-key FILE | -image-certificate-identity S | -image-certificate-identity-regexp RE] [-repo DIR] [-profile NAME|FILE|none] [-policy NAME|FILE] [-vsa FILE -vsa-key FILE -vsa-verifier URI -vsa-resource-uri URI -vsa-policy-uri URI] PACK.zip",
	About: `Checks that a Trust Pack is consistent: that the ZIP is sound, that it holds exactly
the files that its MANIFEST.json lists, each with its SHA-256, and all the evidence that
a release of the product must have. It reads nothing from the network.

Consistent is not authentic: who edits a pack can rewrite its manifest. Compare the pack
with a digest that you have from elsewhere (-sha256, -content-digest), or say who must
have signed it (-bundle with the statement that is published beside the pack, and -key, or
-trusted-root with -certificate-identity and -certificate-oidc-issuer). The signatures and
attestations in the pack are then held against the same identity; -image-key or
-image-certificate-identity name the signers of images where these are others.

Of an immutable release GitHub itself signs which assets it has: -release-attestation takes
what "gh attestation download" wrote, and shows that the ZIP was published at the pack's tag
and commit in -repository.

A trusted root comes from elsewhere too: "trusted-root" fetches one, "gh attestation
trusted-root" writes several in one file. The root is chosen by the issuer of the
certificate. GitHub's instance for private repositories has no logs: it needs -min-tlog 0
-min-sct 0 -min-signed-timestamps 1.

SBOMs, scans, tests and licences are held against the images and against each other. What
they say of the product - findings, failing tests, licences - is reported; -policy says which
of it is not acceptable (go doc trustpack/policy shows the file).

With -vsa the verdict, PASSED or FAILED, is signed and written for policy engines, as a SLSA
verification summary about the ZIP and its MANIFEST.json. All of -vsa-key, -vsa-verifier,
-vsa-resource-uri and -vsa-policy-uri are then needed, and -require pinned or authentic: an
unsigned summary is worth nothing, and neither is one about a pack of unknown origin. None is
written where something could not be checked. COSIGN_PASSWORD opens an encrypted key of cosign.`,
	Example: `trustpack-verify -expect asm@1.482 -sha256 "$PUBLISHED_SHA256" hailbytes-asm-trust-pack-v1.482.zip`,
	Schema:  schema,
}

func main() {
	// A large SBOM is read into memory. Collecting sooner than by default lowers the
	// peak by a third for a sixth more CPU time.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	os.Exit(cli.Main(run))
}

// result is the JSON object.
type result struct {
	cli.Result
	Pack          string             `json:"pack"`
	Product       string             `json:"product,omitempty"`
	Version       string             `json:"version,omitempty"`
	Outcome       trustpack.Outcome  `json:"outcome"`
	SHA256        string             `json:"sha256,omitempty"`
	ContentDigest string             `json:"contentDigest,omitempty"`
	Verdicts      trustpack.Verdicts `json:"verdicts"`
	Tag           string             `json:"tag,omitempty"`
	Commit        string             `json:"commit,omitempty"`
	Repository    string             `json:"repository,omitempty"`
	Created       time.Time          `json:"created,omitzero"`
	Summary       *trustpack.Summary `json:"summary,omitempty"`
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	pol := trustpack.Policy{Now: time.Now()}
	var profile, policyName, previous string
	var trusted signers.Signed
	trusted.Define(cmd)
	var vsa summary.Flags
	vsa.Define(cmd)
	verbose := cmd.Flags.Bool("v", false, "print every check and problem before the report")
	junit := cmd.Flags.String("junit", "", "also write the checks as JUnit XML to `FILE`")
	signers.DefineExpected(cmd, &pol)
	cmd.Flags.Func("require", "`VERDICTS` that must be a pass: consistent, pinned, authentic, joined by commas", func(s string) error {
		for name := range strings.SplitSeq(s, ",") {
			var v trustpack.Verdict
			if err := v.UnmarshalText([]byte(name)); err != nil {
				return err
			}
			pol.Require = append(pol.Require, v)
		}
		return nil
	})
	cmd.Flags.StringVar(&pol.Repository, "repo", "", "`DIR` with the product's git repository: check version, tag and commit against it")
	cmd.Flags.StringVar(&previous, "previous", "", "the pack of the release before, `FILE`: compare what the page says of changes since")
	cmd.Flags.StringVar(&profile, "profile", "", "what the pack must hold: a built-in `NAME`, a file, or none (default: that of the product)")
	cmd.Flags.StringVar(&policyName, "policy", "", "what is expected and what is not acceptable: a shipped policy (enterprise-strict, procurement-review, install-gate) or a `FILE`")
	if !cmd.Parse(args, 1, 1) {
		return cmd.ExitCode()
	}
	if *junit != "" && cmd.JSON() {
		return cmd.Usage("-json and -junit exclude each other")
	}
	var policyData []byte
	var err error
	if pol.Profile, pol.UnsafeNoProfile, err = trustpack.LoadProfile(profile); err != nil {
		return cmd.Usage("-profile: %v", err)
	}
	if err := trusted.Apply(&pol); err != nil {
		return cmd.Fail(err)
	}
	if policyName != "" {
		var asked *policy.Policy
		if asked, policyData, err = policy.Load(policyName); err != nil {
			return cmd.Fail(fmt.Errorf("-policy: %v", err)) // without its class: nothing was checked
		}
		if err := signers.ApplyPolicy(ctx, asked, &pol); err != nil {
			return cmd.Fail(err)
		}
	}
	if err := vsa.Check(cmd, pol.Require); err != nil {
		return cmd.Fail(err)
	}
	if previous != "" {
		p, err := trustpack.OpenFile(previous, nil)
		if err != nil {
			return cmd.Fail(fmt.Errorf("-previous: %s: %v", previous, err)) // without its class: this pack was not judged
		}
		defer p.Close()
		pol.Previous = p
	}
	name := cmd.Arg(0)
	beside := false // a statement was published with the pack, and not given
	if trusted.StatementFile == "" {
		_, err := os.Stat(trustpack.StatementName(name))
		beside = err == nil
	}
	pol.FileName = filepath.Base(name)
	progress := cmd.Progress("verifying")
	pol.Progress = progress.Update
	report, err := trustpack.VerifyFile(ctx, name, pol, nil)
	progress.Done()
	if err != nil {
		return cmd.Fail(err)
	}
	if *junit != "" {
		if err := os.WriteFile(*junit, report.JUnit(), 0o644); err != nil {
			return cmd.Fail(err)
		}
	}
	if err := vsa.Write(ctx, report, name, pol.Now, policyData, trusted.Statement); err != nil {
		return cmd.Fail(fmt.Errorf("-vsa: %w", err))
	}
	out := result{
		Result: cli.Checked(report.Checks), Pack: name, Product: report.Product, Version: report.Version,
		SHA256: report.SHA256, ContentDigest: report.ContentDigest, Verdicts: report.Verdicts,
		Outcome: report.Outcome(), Summary: report.Summary,
	}
	if m := report.Manifest; m != nil {
		out.Tag, out.Commit, out.Repository, out.Created = m.Release.Tag, m.Release.Commit, m.Release.Repository, m.Release.Created.UTC()
	}
	return cmd.Print(out, func(w io.Writer) {
		if *verbose {
			cli.PrintChecks(w, report.Checks)
			fmt.Fprintln(w)
		}
		report.WriteText(w, &trustpack.TextOptions{Width: cmd.Width(), Statement: beside})
	})
}
