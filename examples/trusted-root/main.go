// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trusted-root fetches the trusted root of a Sigstore instance through TUF. It is the
// only command of this module that uses a network.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/textfmt"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trusted-root",
	Args: "[-json] [-github] [-mirror URL] [-root FILE] [-cache DIR] [-out FILE]",
	About: `Fetches the trusted root of a Sigstore instance, which trustpack-verify, trustpack-gate and
attest-verify take with -trusted-root, so that they need no network. It is fetched through TUF:
signed by keys that are rotated, not expired, and not older than what was fetched before. What
is not so is refused, and FILE stays as it was.

Without flags it is the public instance, by which public repositories on GitHub and most others
sign. With -github it is GitHub's own, which signs releases ("immutable releases") and what
private repositories attest. The roots of both may stand in one file, one after the other:
the certificate of a signature says which is used.

-mirror names a copy of the TUF repository inside of a network; nobody needs to trust it. -root
is the root.json of TUF to begin with, for an instance of your own. What was fetched is kept
below -cache, so that an older repository is noticed next time.

Fetch a root on a machine with a network, and carry it to those without one by a way that you
trust. It holds until the instance has a new key: then what it signs is refused, and you need a
new root.`,
	Example: `trusted-root -out trusted_root.json
trusted-root -github -out github.json && cat trusted_root.json github.json > both.jsonl`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Out         string    `json:"out"`
	SHA256      string    `json:"sha256"`      // of the file
	Mirror      string    `json:"mirror"`      // where it came from
	RootVersion int64     `json:"rootVersion"` // of the TUF repository's root.json, after all rotations
	Expires     time.Time `json:"expires"`     // when the repository must have said again that this root is current
	Newest      time.Time `json:"newest"`      // when the newest key or authority of the root became valid
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	r := repository{}
	out := cmd.Flags.String("out", "trusted_root.json", "write the trusted root to `FILE`")
	github := cmd.Flags.Bool("github", false, "GitHub's instance, not the public one")
	anchor := cmd.Flags.String("root", "", "the root.json of TUF to begin with, `FILE`")
	cmd.Flags.StringVar(&r.mirror, "mirror", "", "`URL` of the TUF repository (default: that of the instance)")
	cmd.Flags.StringVar(&r.cache, "cache", "", "keep what was fetched below `DIR` (default: the user's cache)")
	if !cmd.Parse(args, 0, 0) {
		return cmd.ExitCode()
	}
	if err := r.choose(*github, *anchor); err != nil {
		return cmd.Fail(err)
	}
	if u, err := url.Parse(r.mirror); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return cmd.Usage("-mirror is not an http or https URL: %q", r.mirror)
	}
	if _, err := os.Stat(filepath.Dir(*out)); err != nil {
		return cmd.Fail(err)
	}
	fetched, err := r.fetch(ctx)
	if err != nil {
		return cmd.Fail(fmt.Errorf("%s: %w", r.mirror, err))
	}
	root, err := sigstore.ParseTrustedRoot(fetched.target)
	if err != nil {
		return cmd.Fail(fmt.Errorf("%s: %s: %w", r.mirror, target, err))
	}
	if err := signers.WriteFile(*out, fetched.target); err != nil {
		return cmd.Fail(err)
	}
	written, err := os.ReadFile(*out)
	if err != nil {
		return cmd.Fail(err)
	}
	o := result{
		Result: cli.Result{OK: true}, Out: *out, SHA256: evidence.Sum256(written).Hex(), Mirror: r.mirror,
		RootVersion: fetched.rootVersion, Expires: fetched.expires, Newest: root.Newest(),
	}
	return cmd.Print(o, func(w io.Writer) {
		fmt.Fprintf(w, "%s\nsha256   %s\nfrom     %s, root.json version %d\ncurrent  the repository vouches for it until %s\nnewest   key or authority of %s\n",
			textfmt.Printable(o.Out), o.SHA256, textfmt.Printable(o.Mirror), o.RootVersion, o.Expires.Format(time.DateOnly), o.Newest.Format(time.DateOnly))
	})
}
