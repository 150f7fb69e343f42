// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Sbom-normalize reads a software bill of materials of any common format, says
// what is in it and what is wrong with it, and prints it in one form.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/quality"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "sbom-normalize",
	Args: "[-to model|spdx-json|cyclonedx-json] [-validate] [-strict] [-profile NAME] [-json] FILE",
	About: `Reads FILE (- is standard input), an SPDX or CycloneDX document of any common version
and encoding, and prints a summary, or with -to the document in another form: model is
the module's own, as JSON; spdx-json is SPDX 2.3; cyclonedx-json is CycloneDX 1.6, or 1.5 as
cyclonedx-json@1.5. What the conversion lost is on standard error, under -json in "losses".

With -validate the document is checked in three layers: sbom.readable, sbom.schema by the
official schema of its version, and sbom.semantics for what no schema states. The last
counts only with -strict, because some official examples of valid documents have such
problems. With -profile it is held against a quality profile: ` + strings.Join(profileNames(), ", ") + `,
or a JSON file of your own.

With -to and without -json, checks and problems are on standard error.`,
	Example: `sbom-normalize -validate web.spdx.json
pass  sbom.readable   spdx-json SPDX-2.3
pass  sbom.schema     valid by spdx-2.3
pass  sbom.semantics  no problem found`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Format      sbom.Format       `json:"format"`
	SpecVersion string            `json:"specVersion,omitempty"`
	Summary     *summary          `json:"summary,omitempty"` // absent when the document could not be read
	Problems    evidence.Problems `json:"problems,omitempty"`
	Document    any               `json:"document,omitempty"` // with -to: the model, or the converted document
	Losses      *[]sbom.Loss      `json:"losses,omitempty"`   // with -to another format, then there though empty

	converted []byte
}

// targets are the formats of -to.
var targets = map[string]sbom.Target{
	"spdx-json":          sbom.TargetSPDX23,
	"spdx-json@2.3":      sbom.TargetSPDX23,
	"cyclonedx-json":     sbom.TargetCycloneDX16,
	"cyclonedx-json@1.5": sbom.TargetCycloneDX15,
	"cyclonedx-json@1.6": sbom.TargetCycloneDX16,
}

// summary is what a person wants to know first.
type summary struct {
	Name            string   `json:"name,omitempty"`
	ID              string   `json:"id,omitempty"`      // namespace or serial number
	Created         string   `json:"created,omitempty"` // RFC 3339, UTC
	Authors         []string `json:"authors,omitempty"`
	Tools           []string `json:"tools,omitempty"`
	Describes       []string `json:"describes,omitempty"` // names and versions of the roots
	Components      int      `json:"components"`
	Files           int      `json:"files"`
	Services        int      `json:"services"`
	Relationships   int      `json:"relationships"`
	Vulnerabilities int      `json:"vulnerabilities"`
}

func run(_ context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	to := cmd.Flags.String("to", "", "print the document as `FORM`: model, spdx-json, cyclonedx-json or cyclonedx-json@1.5")
	validate := cmd.Flags.Bool("validate", false, "check readability, schema and semantics; exit 1 if one of the first two fails")
	strict := cmd.Flags.Bool("strict", false, "check as -validate does, with semantics counting too, and CycloneDX 1.2 and 1.3 by their strict schemas")
	profile := cmd.Flags.String("profile", "", "hold the document against the quality profile `NAME`, or that in a JSON file")
	if !cmd.Parse(args, 1, 1) {
		return cmd.ExitCode()
	}
	if _, known := targets[*to]; cmd.IsSet("to") && *to != "model" && !known {
		return cmd.Usage("-to %q: the form is model, spdx-json, cyclonedx-json or cyclonedx-json@1.5", *to)
	}
	var profiles []*quality.Profile
	if cmd.IsSet("profile") {
		p, err := profileFor(*profile)
		if err != nil {
			return cmd.Fail(err)
		}
		profiles = append(profiles, p)
	}
	v, err := judge(cmd.Arg(0), std.In, *validate || *strict, *strict)
	if err != nil {
		return cmd.Fail(err)
	}
	for _, p := range profiles {
		v.Checks = append(v.Checks, assess(p, v.Document)...)
	}
	return print(cmd, std, v, *to)
}

// judge validates the document if asked to, else reads it.
func judge(name string, in io.Reader, validate, strict bool) (*sbom.Validation, error) {
	if name != "-" {
		f, err := regular.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	if validate {
		return sbom.Validate(in, &sbom.ValidateOptions{UnsafeSemantics: !strict, UnsafeMembers: !strict})
	}
	doc, err := sbom.Read(in, nil)
	if err != nil {
		return nil, err
	}
	return &sbom.Validation{Document: doc, Format: doc.Format, SpecVersion: doc.SpecVersion}, nil
}

func assess(p *quality.Profile, doc *sbom.Document) evidence.Checks {
	if doc == nil {
		return evidence.Checks{{ID: "sbom.profile." + p.Name, Status: evidence.StatusError, Message: "not assessed: the document is not readable"}}
	}
	return p.Assess(doc, nil).Checks()
}

func profileNames() []string {
	var names []string
	for _, p := range quality.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// profileFor returns the profile of that name, or the one in that file.
func profileFor(name string) (*quality.Profile, error) {
	if p, ok := quality.ProfileNamed(name); ok {
		return p, nil
	}
	data, err := regular.ReadFile(name, 1<<20)
	if errors.Is(err, evidence.ErrLimit) {
		return nil, &cli.UsageError{Message: err.Error()}
	}
	if err != nil {
		return nil, &cli.UsageError{Message: fmt.Sprintf("-profile %q is neither a file nor one of %s", name, strings.Join(profileNames(), ", "))}
	}
	p, err := quality.ParseProfile(data)
	if err != nil {
		// What is wrong with a profile says nothing of the document.
		return nil, &cli.UsageError{Message: name + ": " + err.Error()}
	}
	return p, nil
}

func print(cmd *cli.Command, std cli.Std, v *sbom.Validation, to string) int {
	out := result{Format: v.Format, SpecVersion: v.SpecVersion, Result: cli.Result{OK: true}}
	if len(v.Checks) > 0 {
		out.Result = cli.Checked(v.Checks)
	}
	if v.Document != nil {
		out.Summary = summarize(v.Document)
		out.Problems = v.Document.Problems
		if to == "model" {
			out.Document = v.Document
		}
		if target, ok := targets[to]; ok {
			if err := out.convert(v.Document, target); err != nil {
				return cmd.Fail(err)
			}
		}
	}
	var failed error
	code := cmd.Print(out, func(w io.Writer) {
		if to == "" {
			out.text(w)
			return
		}
		if out.converted != nil {
			_, failed = w.Write(out.converted)
			out.losses(std.Err)
		} else if v.Document != nil {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			failed = enc.Encode(v.Document)
		}
		out.remarks(std.Err)
	})
	if failed != nil {
		return cmd.Fail(failed)
	}
	return code
}

func (r *result) convert(doc *sbom.Document, target sbom.Target) error {
	converted, losses, err := sbom.Convert(doc, target)
	if err != nil {
		return err
	}
	r.Losses = &losses
	if r.converted, err = converted.Marshal(); err == nil {
		r.Document = json.RawMessage(r.converted)
	}
	return err
}

// losses are the first of what a conversion lost; -json has all of them.
func (r *result) losses(w io.Writer) {
	const most = 20
	for _, l := range (*r.Losses)[:min(len(*r.Losses), most)] {
		fmt.Fprintf(w, "lost  %s  %s: %s\n", l.Reason, textfmt.Printable(l.Pointer), textfmt.Printable(l.Message))
	}
	if more := len(*r.Losses) - most; more > 0 {
		fmt.Fprintf(w, "lost  %d more with -json\n", more)
	}
}

// remarks are the checks, or what reading found where none was asked for.
func (r *result) remarks(w io.Writer) {
	if len(r.Checks) == 0 {
		cli.PrintProblems(w, few(r.Problems))
		return
	}
	checks := slices.Clone(r.Checks)
	for i := range checks {
		checks[i].Problems = few(checks[i].Problems)
	}
	cli.PrintChecks(w, checks)
}

// few are as many problems as a person reads; -json has all of them.
func few(problems evidence.Problems) evidence.Problems {
	const most = 10
	if len(problems) <= most {
		return problems
	}
	more := &evidence.Problem{Code: "more", Severity: evidence.SeverityInfo, Message: fmt.Sprintf("%d more with -json", len(problems)-most)}
	return append(slices.Clone(problems[:most]), more)
}

func (r *result) text(w io.Writer) {
	if s := r.Summary; s != nil {
		line := func(label, value string) {
			if value != "" {
				fmt.Fprintf(w, "%-15s  %s\n", label, textfmt.Printable(value))
			}
		}
		line("format", r.Format.String()+" "+r.SpecVersion)
		line("name", s.Name)
		line("id", s.ID)
		line("created", s.Created)
		line("authors", strings.Join(s.Authors, ", "))
		line("tools", strings.Join(s.Tools, ", "))
		line("describes", strings.Join(s.Describes, ", "))
		for _, c := range []struct {
			label string
			n     int
		}{
			{"components", s.Components}, {"files", s.Files}, {"services", s.Services},
			{"relationships", s.Relationships}, {"vulnerabilities", s.Vulnerabilities},
		} {
			if c.n > 0 || c.label == "components" {
				line(c.label, fmt.Sprint(c.n))
			}
		}
		fmt.Fprintln(w)
	}
	r.remarks(w)
}

func summarize(doc *sbom.Document) *summary {
	s := &summary{
		Name: doc.Name.String(), ID: doc.Namespace, Components: len(doc.Components), Files: len(doc.Files), Services: len(doc.Services),
		Relationships: len(doc.Relationships), Vulnerabilities: len(doc.Vulnerabilities),
	}
	if !doc.Created.IsZero() {
		s.Created = doc.Created.Format(time.RFC3339)
	}
	for i := range doc.Authors {
		s.Authors = append(s.Authors, doc.Authors[i].String())
	}
	for _, t := range doc.Tools {
		s.Tools = append(s.Tools, strings.TrimSpace(t.Name+" "+t.Version))
	}
	g := doc.Graph()
	for _, id := range doc.Roots() {
		name := id
		if c := g.Component(id); c != nil {
			name = strings.TrimSpace(c.Name.String() + " " + c.Version.String())
		}
		s.Describes = append(s.Describes, name)
	}
	s.Authors = slices.DeleteFunc(s.Authors, func(a string) bool { return a == "" })
	return s
}
