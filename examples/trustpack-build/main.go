// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Trustpack-build packs the evidence of a release into a Trust Pack.
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
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/version"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "trustpack-build",
	Args: "-product NAME -evidence DIR (-version VERSION | -repo DIR) [-image NAME=REF@sha256:HEX]... [-commit SHA] [-repository URL] [-created TIME] [-gap KIND[:IMAGE]=REASON]... [-config FILE] [-profile NAME|FILE|none] [-sign-key FILE | -statement FILE] [-out DIR] [-json]",
	About: `Packs every file below -evidence into a Trust Pack, verifies it, and prints its path and
digests. What each file is comes from its content: SBOMs, scans, test reports, signatures,
pins. What nothing places is packed as "other", with a warning. Files of the desktop
(.DS_Store, Thumbs.db) and backups of editors are left out, each with a warning.

With -profile, a pack that misses evidence that the profile asks for is not written: exit
code 1. Without, the profile of the product is held against the pack, and what it misses
is listed.

The same files give the same bytes on every machine. SOURCE_DATE_EPOCH sets the times in
the ZIP, which are else the time of the release: -created, or the newest time that the
evidence itself states. An interrupted build leaves no pack.

With -sign-key, the signed statement about the pack is written beside it, as
PACK.zip.sigstore.json. COSIGN_PASSWORD opens an encrypted key of cosign. With -statement,
the statement is written as it is, for a tool that signs without a key:

  cosign attest-blob --statement FILE --new-bundle-format --bundle PACK.zip.sigstore.json --yes`,
	Example: `trustpack-build -product asm -repo ~/src/hailbytes-asm -evidence out/evidence -out dist
dist/hailbytes-asm-trust-pack-v1.482.zip`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object. OK covers the checks of the finished pack.
type result struct {
	cli.Result
	Pack          string            `json:"pack"`
	Product       string            `json:"product"`
	Version       string            `json:"version"`
	SHA256        string            `json:"sha256"`
	ContentDigest string            `json:"contentDigest"`
	Statement     string            `json:"statement,omitempty"` // path of the statement: signed with -sign-key, not with -statement
	Size          int64             `json:"size"`
	Tag           string            `json:"tag"`
	Commit        string            `json:"commit,omitempty"`
	Repository    string            `json:"repository,omitempty"`
	Created       time.Time         `json:"created"`
	Complete      *bool             `json:"complete,omitempty"` // whether the pack holds what the profile asks for; absent where no profile applies
	Missing       evidence.Problems `json:"missing,omitempty"`  // what it misses
	Warnings      evidence.Problems `json:"warnings"`
}

// job is what the command line asks for.
type job struct {
	rel      manifest.Config
	opts     trustpack.BuildOptions
	evidence string
	repo     string
	config   string
	signKey  string
	unsigned string // where the statement goes that another tool signs
	profile  string
	previous string
	out      string
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	var j job
	j.flags(cmd)
	if !cmd.Parse(args, 0, 0) {
		return cmd.ExitCode()
	}
	if j.evidence == "" {
		return cmd.Usage("-evidence is missing")
	}
	if j.repo != "" && j.rel.Version != "" {
		return cmd.Usage("-version and -repo exclude each other")
	}
	if j.signKey != "" && j.unsigned != "" {
		return cmd.Usage("-sign-key and -statement exclude each other")
	}
	if err := j.complete(ctx); err != nil {
		return cmd.Fail(err)
	}
	if j.rel.Product == "" || j.rel.Version == "" {
		return cmd.Usage("-product, and -version or -repo, are needed unless -config gives them")
	}
	var unjudged bool
	var err error
	if j.opts.Profile, unjudged, err = trustpack.LoadProfile(j.profile); err != nil {
		return cmd.Usage("-profile: %v", err)
	}
	signer, err := j.signer()
	if err != nil {
		return cmd.Fail(err)
	}
	name := filepath.Join(j.out, trustpack.FileName(j.rel.Product, j.rel.Version))
	src, err := trustpack.DirSources(j.evidence, name)
	if err != nil {
		return cmd.Fail(err)
	}
	if err := os.MkdirAll(j.out, 0o755); err != nil {
		return cmd.Fail(err)
	}
	if j.previous != "" {
		previous, err := trustpack.OpenFile(j.previous, nil)
		if err != nil {
			return cmd.Fail(fmt.Errorf("-previous: %s: %v", j.previous, err)) // without its class: this pack was not judged
		}
		defer previous.Close()
		j.opts.Previous = previous
	}
	progress := cmd.Progress("packing")
	j.opts.Progress = progress.Update
	built, report, err := trustpack.BuildFile(ctx, name, j.rel, src, &j.opts)
	progress.Done()
	if err != nil {
		return cmd.Fail(err)
	}
	statement, err := j.state(ctx, built, name, signer)
	if err != nil {
		return cmd.Fail(err)
	}
	for _, w := range built.Warnings {
		cmd.Warn("warning: " + w.Error())
	}
	out := result{
		Result: cli.Checked(report.Checks), Pack: name, Product: j.rel.Product, Version: j.rel.Version,
		SHA256: built.SHA256.Hex(), ContentDigest: built.ContentDigest.String(), Statement: statement, Size: built.Size,
		Warnings: append(evidence.Problems{}, built.Warnings...), // [] and not null
	}
	release := &built.Manifest.Release
	out.Tag, out.Commit, out.Repository, out.Created = release.Tag, release.Commit, release.Repository, release.Created
	if built.Complete != nil && !unjudged {
		out.judge(built.Complete)
		for _, p := range out.Missing {
			cmd.Warn("INCOMPLETE: " + p.Message)
		}
	}
	return cmd.Print(out, func(w io.Writer) {
		fmt.Fprintf(w, "%s\nsha256          %s\ncontent digest  %s\n", textfmt.Printable(name), out.SHA256, out.ContentDigest)
		if statement != "" {
			fmt.Fprintf(w, "statement       %s\n", textfmt.Printable(statement))
		}
		cli.PrintChecks(w, report.Checks)
	})
}

// judge takes in what the profile says of the pack.
func (r *result) judge(checks evidence.Checks) {
	ok := checks.OK()
	r.Complete = &ok
	for _, c := range checks {
		for _, p := range c.Problems {
			if p.Severity == evidence.SeverityError {
				r.Missing = append(r.Missing, p)
			}
		}
	}
}

// signer reads the private key, nil without one. An unusable key keeps the build from starting.
func (j *job) signer() (*attest.KeySigner, error) {
	if j.signKey == "" {
		return nil, nil
	}
	return signers.PrivateKey("-sign-key", j.signKey)
}

// state writes the statement about the pack, signed or as it is, and returns its path;
// empty if none is asked for.
func (j *job) state(ctx context.Context, built *trustpack.Built, pack string, signer *attest.KeySigner) (file string, err error) {
	var data []byte
	switch {
	case signer != nil:
		file = trustpack.StatementName(pack)
		data, err = built.Sign(ctx, filepath.Base(pack), signer)
	case j.unsigned != "":
		file = j.unsigned
		data, err = built.Statement(filepath.Base(pack))
	default:
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return file, signers.WriteFile(file, data)
}

func (j *job) flags(cmd *cli.Command) {
	f := cmd.Flags
	f.StringVar(&j.rel.Product, "product", "", "`NAME` of the product, asm or sat")
	f.StringVar(&j.rel.Version, "version", "", "`VERSION` of the release, 1.482")
	f.StringVar(&j.repo, "repo", "", "`DIR` with the product's git repository: version and commit come from its HEAD")
	f.StringVar(&j.evidence, "evidence", "", "`DIR` with the files to pack")
	f.StringVar(&j.rel.Release.Commit, "commit", "", "git commit of the release, `SHA`")
	f.StringVar(&j.rel.Release.Repository, "repository", "", "https `URL` of the source repository")
	f.StringVar(&j.config, "config", "", "release.json: `FILE` with what files cannot say")
	f.StringVar(&j.profile, "profile", "", "`NAME|FILE` of the profile that the pack must meet, asm, sat or a file; none checks nothing (default: that of the product, which is only reported)")
	f.StringVar(&j.signKey, "sign-key", "", "private key in PEM, `FILE`: sign the statement about the pack")
	f.StringVar(&j.unsigned, "statement", "", "write the statement about the pack, for another tool to sign, to `FILE`")
	f.StringVar(&j.previous, "previous", "", "the pack of the previous release, `FILE`: the page opens on what changed since")
	f.StringVar(&j.out, "out", ".", "`DIR` to write the pack to; made if it is not there")
	f.Func("created", "`TIME` of the release, RFC 3339 (default: the newest that the evidence states)", func(s string) (err error) {
		j.rel.Release.Created, err = time.Parse(time.RFC3339, s)
		return err
	})
	f.Var(cli.Each(j.image), "image", "an image of the release, `NAME=REF@sha256:HEX`; may be repeated")
	f.Var(cli.Each(j.gap), "gap", "evidence or a control that is declared absent, `KIND[:IMAGE]=REASON`; may be repeated")
}

func (j *job) image(s string) error {
	name, reference, ok := strings.Cut(s, "=")
	reference, digest, pinned := strings.Cut(reference, "@")
	if !ok || !pinned || name == "" || reference == "" {
		return errors.New("want NAME=REF@sha256:HEX")
	}
	parsed, err := evidence.ParseDigest(digest)
	if err != nil {
		return err
	}
	j.rel.Images = append(j.rel.Images, manifest.Image{Name: name, Reference: reference, Digest: parsed})
	return nil
}

func (j *job) gap(s string) error {
	what, reason, ok := strings.Cut(s, "=")
	kind, image, _ := strings.Cut(what, ":")
	if !ok || strings.TrimSpace(reason) == "" {
		return errors.New("want KIND[:IMAGE]=REASON")
	}
	if !manifest.Kind(kind).OfGap() {
		return fmt.Errorf("%q is not a kind of gap; want one of %v", kind, manifest.GapKinds())
	}
	j.rel.Gaps = append(j.rel.Gaps, manifest.Gap{Kind: manifest.Kind(kind), Image: image, Reason: reason})
	return nil
}

// complete adds what the environment, the configuration and the repository say.
func (j *job) complete(ctx context.Context) error {
	if s := os.Getenv("SOURCE_DATE_EPOCH"); s != "" {
		seconds, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return &cli.UsageError{Message: "SOURCE_DATE_EPOCH is not a number of seconds: " + s}
		}
		j.opts.ModTime = time.Unix(seconds, 0).UTC()
	}
	if j.config != "" {
		data, err := cli.ReadFile(j.config, cli.MaxSettings)
		if err != nil {
			return err
		}
		config, err := manifest.ParseConfig(data)
		if err != nil {
			return fmt.Errorf("%s: %w", j.config, err)
		}
		defer j.rel.Complete(config) // flags and the repository win over it
	}
	if j.repo == "" {
		return nil
	}
	found, err := version.FromRepository(ctx, j.repo, nil)
	if err != nil {
		return err
	}
	j.rel.Version = found.Version.String()
	if j.rel.Release.Commit == "" {
		j.rel.Release.Commit = found.Commit
	}
	return nil
}
