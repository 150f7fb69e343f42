// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Attest-verify verifies an attestation offline: a Sigstore bundle, a DSSE
// envelope, a layer or signature of cosign, or an in-toto layout.
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
	"strings"
	"text/tabwriter"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/layout"
	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/textfmt"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "attest-verify",
	Args: "[-json] SUBJECT TRUST [EXPECT] FILE",
	About: `Verifies who signed FILE, for which artifact, and prints what can be believed. FILE is a Sigstore
bundle, a DSSE envelope, a layer of a cosign .att image with its annotations, what
"cosign download signature" or "cosign sign-blob --bundle" wrote, or an in-toto layout.
Nothing is fetched.

SUBJECT  -artifact FILE | -digest ALG:HEX | -unsafe-any-subject
TRUST    keyless: -trusted-root FILE, -certificate-identity or -certificate-identity-regexp, and
         -certificate-oidc-issuer; the pattern is for the whole identity, and one that strangers
         match is refused. -source-repository, -min-tlog, -min-timestamps, -min-signed-timestamps
         and -min-sct say how much evidence is wanted.
         keys: -key FILE (repeatable) and -threshold; with -trusted-root the log entry and the
         timestamps of one key are verified too.
         layout, without SUBJECT: -layout-key FILE (repeatable), -link-dir DIR, and
         -unsafe-run-inspections, which runs the commands that the layout asks for.
EXPECT   -predicate-type URI, -predicate FILE; for verification summaries -verification-result,
         -verifier-id, -resource-uri and -verified-level. Without these, a summary must say PASSED.

FILE may hold several attestations, one after the other. Those that hold count; the others are
named. It is an error if none holds.

The exit code is 0 if the attestation holds, 1 if it does not, 2 if it could not be checked.`,
	Example: `attest-verify -digest sha256:e2b6… -trusted-root trusted_root.json \
    -certificate-identity https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v1.482 \
    -certificate-oidc-issuer https://token.actions.githubusercontent.com \
    -predicate-type https://spdx.dev/Document -predicate web.spdx.json web.spdx.sigstore.json
VERIFIED  sigstore-bundle`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// options are the flags.
type options struct {
	artifact, digest string
	anySubject       bool
	signers.Evidence
	identity, pattern, issuer, repository string
	keys, layoutKeys                      cli.Strings
	threshold                             int
	linkDir                               string
	inspections                           bool
	predicateType, predicate              string
	summary                               attest.VSA
	levels                                cli.Strings
}

func flags(cmd *cli.Command) *options {
	o := &options{}
	o.Define(cmd)
	f := cmd.Flags
	f.StringVar(&o.artifact, "artifact", "", "the attestation must be about `FILE`")
	f.StringVar(&o.digest, "digest", "", "the attestation must be about the artifact with the digest `ALG:HEX`")
	f.BoolVar(&o.anySubject, "unsafe-any-subject", false, "accept an attestation about any artifact")
	f.StringVar(&o.identity, "certificate-identity", "", "who must have signed: exactly `NAME`")
	f.StringVar(&o.pattern, "certificate-identity-regexp", "", "who must have signed: a name that the whole of `PATTERN` (RE2) matches")
	f.StringVar(&o.issuer, "certificate-oidc-issuer", "", "who must have vouched for the name: exactly `URL`")
	f.StringVar(&o.repository, "source-repository", "", "the source repository in the certificate must be `URI`")
	f.Var(&o.keys, "key", "a public key that may have signed: `FILE` with PEM, DER, a JWK or a JWK Set (may be repeated)")
	f.IntVar(&o.threshold, "threshold", 1, "least `NUMBER` of different keys that signed")
	f.Var(&o.layoutKeys, "layout-key", "a public key in `FILE` that must have signed the layout (may be repeated)")
	f.StringVar(&o.linkDir, "link-dir", "", "the links of the layout are in `DIR`")
	f.BoolVar(&o.inspections, "unsafe-run-inspections", false, "run the commands that the layout asks for")
	f.StringVar(&o.predicateType, "predicate-type", "", "the predicate must be of type `URI`")
	f.StringVar(&o.predicate, "predicate", "", "the predicate must hold the document `FILE`")
	f.StringVar(&o.summary.Result, "verification-result", "", "the verification summary must say `RESULT`: PASSED, which is the default, or FAILED")
	f.StringVar(&o.summary.VerifierID, "verifier-id", "", "the verification summary must be that of the verifier `URI`")
	f.StringVar(&o.summary.ResourceURI, "resource-uri", "", "the verification summary must be about the resource `URI`")
	f.Var(&o.levels, "verified-level", "the verification summary must state `LEVEL` or a higher one of its SLSA track (may be repeated)")
	return o
}

// result is the JSON object.
type result struct {
	cli.Result
	attested
	Layout *layout.Result `json:"layout,omitempty"`
	refusal
	Others  []attested `json:"others,omitempty"`  // further attestations of the file that hold
	Refused []refusal  `json:"refused,omitempty"` // of a file with several attestations, those that do not
}

// attested is an attestation that holds.
type attested struct {
	Format    string            `json:"format,omitempty"`
	Statement *attest.Statement `json:"statement,omitempty"` // without the predicate
	Subject   []string          `json:"subject,omitempty"`   // digests in which statement and artifact agree
	Signers   []attest.Signer   `json:"signers,omitempty"`
	Rejected  int               `json:"rejected,omitempty"`  // signatures that nobody of the policy made
	Predicate string            `json:"predicate,omitempty"` // with -predicate
	Weakened  []string          `json:"weakened,omitempty"`
	Warnings  []string          `json:"warnings,omitempty"`
}

// refusal says why an attestation does not hold.
type refusal struct {
	Stage attest.Stage `json:"stage,omitempty"` // where it does not hold
	Error string       `json:"error,omitempty"`
	Got   string       `json:"got,omitempty"`
	Want  string       `json:"want,omitempty"`
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	o := flags(cmd)
	if !cmd.Parse(args, 1, 1) {
		return cmd.ExitCode()
	}
	if wrong := o.check(cmd); wrong != "" {
		return cmd.Usage("%s", wrong)
	}
	verify := o.attestation
	if len(o.layoutKeys) > 0 {
		verify = o.layout
	}
	out, err := verify(ctx, cmd)
	if err != nil {
		// An attestation of a kind that is not read does not verify: that is a verdict too.
		if !evidence.IsVerdict(err) {
			return cmd.Fail(err)
		}
		out = &result{refusal: refused(err)}
	}
	return cmd.Print(out, func(w io.Writer) { write(w, out) })
}

func refused(err error) refusal {
	r := refusal{Error: err.Error()}
	var e *attest.Error
	if errors.As(err, &e) {
		r.Stage, r.Got, r.Want = e.Stage, e.Got, e.Want
	}
	return r
}

// attestation verifies the attestations in a file: bundles, envelopes, layers.
func (o *options) attestation(ctx context.Context, cmd *cli.Command) (*result, error) {
	policy, err := o.policy(cmd)
	if err != nil {
		return nil, err
	}
	subject, closeArtifact, err := o.subject()
	if err != nil {
		return nil, err
	}
	defer closeArtifact()
	document, err := o.document()
	if err != nil {
		return nil, err
	}
	data, err := readFile(cmd.Arg(0))
	if err != nil {
		return nil, err
	}
	bundles, err := attest.ParseBundles(data, nil)
	if err != nil {
		return nil, err
	}
	out := &result{}
	for _, b := range bundles {
		v, err := attest.Verify(ctx, b, subject, policy)
		var a attested
		if err == nil {
			a, err = o.attested(v, document)
		}
		switch {
		case err != nil && !evidence.IsVerdict(err):
			return nil, err
		case err != nil && len(bundles) == 1:
			return nil, err
		case err != nil:
			out.Refused = append(out.Refused, refused(err))
		case out.OK:
			out.Others = append(out.Others, a)
		default:
			out.OK, out.attested = true, a
		}
	}
	if !out.OK {
		out.refusal = out.Refused[0]
	}
	return out, nil
}

// attested returns what a verified attestation shows. The error is that the predicate
// is not the document.
func (o *options) attested(v *attest.Verified, document []byte) (attested, error) {
	a := attested{
		Format: v.Format(), Signers: v.Signers(), Rejected: len(v.Rejected()), Weakened: v.Weakened(), Warnings: v.Warnings(),
	}
	_, matched := v.Subject()
	for _, d := range matched {
		a.Subject = append(a.Subject, d.String())
	}
	if st := v.Statement(); st != nil {
		a.Statement = &attest.Statement{Type: st.Type, Subject: st.Subject, PredicateType: st.PredicateType}
	}
	if o.predicate != "" {
		var err error
		if a.Predicate, err = v.Bind(document); err != nil {
			return attested{}, err
		}
	}
	return a, nil
}

// subject returns what the attestation must be about. The artifact stays open until
// close is called.
func (o *options) subject() (s attest.Subject, close func(), err error) {
	close = func() {}
	switch {
	case o.anySubject:
		return attest.UnsafeAnySubject(), close, nil
	case o.digest != "":
		d, err := evidence.ParseDigest(o.digest)
		if err != nil {
			return s, nil, cannot("-digest", err)
		}
		return attest.DigestSubject(d), close, nil
	}
	f, err := regular.Open(o.artifact)
	if err != nil {
		return s, nil, err
	}
	if s, err = attest.ArtifactSubject(f); err != nil {
		f.Close()
		return s, nil, err
	}
	return s, func() { f.Close() }, nil
}

func (o *options) document() ([]byte, error) {
	if o.predicate == "" {
		return nil, nil
	}
	return cli.ReadFile(o.predicate, evidence.Limits{}.OrDefault().BundleBytes)
}

// layout verifies an in-toto layout.
func (o *options) layout(ctx context.Context, cmd *cli.Command) (*result, error) {
	keys, err := readKeys(o.layoutKeys)
	if err != nil {
		return nil, err
	}
	data, err := readFile(cmd.Arg(0))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(o.linkDir); err != nil {
		return nil, err
	}
	r, err := layout.Verify(ctx, data, os.DirFS(o.linkDir), keys, &layout.Options{UnsafeRunInspections: o.inspections})
	if err != nil {
		return nil, err
	}
	return &result{
		Result: cli.Result{OK: true}, Layout: r,
		attested: attested{Format: "in-toto-layout", Weakened: r.Weakened, Warnings: r.Warnings},
	}, nil
}

// readFile reads one file, bounded like an attestation.
func readFile(name string) ([]byte, error) {
	return regular.ReadFile(name, evidence.Limits{}.OrDefault().BundleBytes)
}

// cannot is an error of what the caller supplied: nothing was checked with it.
func cannot(what string, err error) error { return fmt.Errorf("%s: %v", what, err) }

// write prints the result for a person.
func write(out io.Writer, r *result) {
	if !r.OK {
		fmt.Fprintf(out, "NOT VERIFIED  %s\n", textfmt.Printable(r.Error))
		if n := len(r.Refused) - 1; n > 0 {
			fmt.Fprintf(out, "The same file has %s more, of which none holds; -json shows why.\n", textfmt.Count(n, "attestation"))
		}
		return
	}
	for i, a := range append([]attested{r.attested}, r.Others...) {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "VERIFIED  %s\n", a.Format)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		line := func(name, format string, args ...any) {
			fmt.Fprintf(w, "%s\t%s\n", name, textfmt.Printable(fmt.Sprintf(format, args...)))
		}
		a.write(line)
		if r.Layout != nil {
			line("expires", "%s", r.Layout.Expires.Format(time.RFC3339))
			for _, s := range r.Layout.Steps {
				line("step", "%s by %s", s.Name, strings.Join(s.Keys, ", "))
			}
		}
		for _, text := range a.Weakened {
			line("weakened", "%s", text)
		}
		for _, text := range a.Warnings {
			line("warning", "%s", text)
		}
		w.Flush()
	}
	for _, no := range r.Refused {
		fmt.Fprintf(out, "\nNOT VERIFIED  %s\n", textfmt.Printable(no.Error))
	}
}

func (a *attested) write(line func(name, format string, args ...any)) {
	if len(a.Subject) > 0 {
		line("subject", "%s", strings.Join(a.Subject, ", "))
	}
	if a.Statement != nil {
		line("predicate", "%s", a.Statement.PredicateType)
	}
	if a.Predicate != "" {
		line("document", "%s", a.Predicate)
	}
	for _, s := range a.Signers {
		if c := s.Certificate; c != nil {
			line("signer", "%s", c.Identity)
			line("issuer", "%s", c.Issuer)
			if c.SourceRepositoryURI != "" {
				line("source", "%s at %s, commit %s", c.SourceRepositoryURI, c.SourceRepositoryRef, c.SourceRepositoryDigest)
			}
		} else {
			line("signer", "key %s", s.KeyID)
		}
		for _, t := range s.Times {
			line("signed", "%s (%s %s)", t.Time.Format(time.RFC3339), t.Source, t.Authority)
		}
		for _, l := range s.Logged {
			line("logged", "entry %d of %s", l.Index, l.Authority)
		}
	}
}
