// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Sarif-findings reads scan reports of any tool, judges them, and prints their
// findings merged.
//
// What it prints under -json is described by schema.json, which -json-schema prints.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
)

//go:embed schema.json
var schema string

var help = cli.Help{
	Name: "sarif-findings",
	Args: "[-json | -csv | -markdown | -sarif] [-strict] [-fail-on LEVEL] [-exceptions FILE] [-vex FILE] [-baseline FILE] [-sbom FILE] FILE...",
	About: `Reads each FILE (- is standard input), SARIF 2.1.0 of any tool or the JSON of Trivy or
govulncheck, and prints what was found: one line per vulnerability and package, whatever
the tools call them, worst first.

Each file is checked: sarif.readable, sarif.schema, sarif.semantics and scan.health. A
report that cannot be read, or whose tool did not run to its end, is not a clean scan
and makes the exit code 1. One that is not schema-valid, or breaks a rule of SARIF, is a
warning, with -strict a failure.

With -fail-on the exit code is 1 if a finding of LEVEL or worse is left: critical, high,
medium, low, negligible, none or unknown (everything). Findings without a severity count
as well. What is left out, and who decided so, stays visible:

  -exceptions FILE is YAML or JSON, a list "exceptions" of vulnerability, owner, reason and
  expires (a day, or RFC 3339), and if wanted purl, versions (">=1.2, <2.0") and image.
  -vex FILE is OpenVEX or CycloneDX, matched by product and package.
  Suppressions in a report are its author's word, and count only for sources named by
  -trust-suppressions.`,
	Example: `sarif-findings -fail-on high -exceptions exceptions.yaml web.trivy.sarif web.grype.sarif
CRITICAL  CVE-2023-4863  libwebp7  1.2.4-0.2  fixed in 1.2.4-0.2+deb12u1  ghcr.io/acme/web:1.2`,
	Schema: schema,
}

func main() { os.Exit(cli.Main(run)) }

// result is the JSON object.
type result struct {
	cli.Result
	Findings []sarif.Outcome  `json:"findings"`
	Summary  map[string]int   `json:"summary"`           // findings by severity
	Changes  *sarif.Summary   `json:"changes,omitempty"` // with -baseline
	Fixed    []*sarif.Finding `json:"fixed,omitempty"`   // with -baseline
	Missing  []string         `json:"missing,omitempty"` // with -sbom: packages that it does not hold
}

// options are the flags.
type options struct {
	csv, markdown, sarif, strict, fresh   bool
	failOn, baseline, sbom, image, reach  string
	exceptions, vex, trusted, onlyClasses cli.Strings
	gate                                  sarif.Gate
}

func flags(cmd *cli.Command) *options {
	o := &options{}
	f := cmd.Flags
	f.BoolVar(&o.csv, "csv", false, "print the findings as CSV")
	f.BoolVar(&o.markdown, "markdown", false, "print the findings as a Markdown table")
	f.BoolVar(&o.sarif, "sarif", false, "print the findings as one SARIF log")
	f.BoolVar(&o.strict, "strict", false, "a report that is not schema-valid, or breaks a rule of SARIF, fails")
	f.StringVar(&o.failOn, "fail-on", "", "fail if a finding of severity `LEVEL` or worse is left")
	f.Var(&o.exceptions, "exceptions", "leave out what `FILE` excepts (may be repeated)")
	f.Var(&o.vex, "vex", "leave out what the VEX document `FILE` says is not affected or fixed (may be repeated)")
	f.Var(&o.trusted, "trust-suppressions", "let suppressions of the tool or report `NAME` count (may be repeated)")
	f.StringVar(&o.baseline, "baseline", "", "compare with the findings of the report `FILE`")
	f.BoolVar(&o.fresh, "new", false, "with -baseline: judge and print only findings that are new")
	f.StringVar(&o.sbom, "sbom", "", "look up packages in the SBOM `FILE`")
	f.StringVar(&o.image, "image", "", "fail if a report is about another image than `REF` (reference, digest or both)")
	f.Var(&o.onlyClasses, "unsafe-only-class", "judge only findings of `CLASS`: vulnerability, misconfiguration, secret, license, code (may be repeated)")
	f.StringVar(&o.reach, "unsafe-only-reached", "", "let vulnerabilities pass that are known to be less close than `STEP`: required, imported, symbol, called")
	f.BoolVar(&o.gate.UnsafeOnlyFixable, "unsafe-only-fixable", false, "let vulnerabilities pass that have no fixed version")
	f.BoolVar(&o.gate.UnsafePassUnknown, "unsafe-pass-unknown", false, "let findings without a severity pass")
	f.BoolVar(&o.gate.UnsafeAnyProduct, "unsafe-any-product", false, "let VEX statements count whatever product they name")
	return o
}

// check finds what is wrong with the flags, beside each other and the values.
func (o *options) check(cmd *cli.Command) string {
	forms := 0
	for _, set := range []bool{cmd.JSON(), o.csv, o.markdown, o.sarif} {
		if set {
			forms++
		}
	}
	if forms > 1 {
		return "-json, -csv, -markdown and -sarif: choose one"
	}
	if o.fresh && o.baseline == "" {
		return "-new needs -baseline"
	}
	if cmd.IsSet("fail-on") {
		if err := o.gate.FailOn.UnmarshalText([]byte(strings.ToLower(o.failOn))); err != nil {
			return fmt.Sprintf("-fail-on %q: want critical, high, medium, low, negligible, none or unknown", o.failOn)
		}
	}
	if err := o.gate.UnsafeOnlyReached.UnmarshalText([]byte(o.reach)); o.reach != "" && err != nil {
		return fmt.Sprintf("-unsafe-only-reached %q: want required, imported, symbol or called", o.reach)
	}
	for _, text := range o.onlyClasses {
		var c sarif.Class
		if err := c.UnmarshalText([]byte(text)); err != nil {
			return fmt.Sprintf("-unsafe-only-class %q: want vulnerability, misconfiguration, secret, license or code", text)
		}
		o.gate.UnsafeOnlyClasses = append(o.gate.UnsafeOnlyClasses, c)
	}
	o.gate.TrustSuppressions = o.trusted
	return ""
}

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	o := flags(cmd)
	if !cmd.Parse(args, 1, -1) {
		return cmd.ExitCode()
	}
	if wrong := o.check(cmd); wrong != "" {
		return cmd.Usage("%s", wrong)
	}
	r := &reading{ctx: ctx, std: std, o: o}
	out, err := r.judge(cmd.Args(), cmd.IsSet("fail-on"))
	if err != nil {
		return cmd.Fail(err)
	}
	return print(cmd, std, o, out)
}

// reading is one call.
type reading struct {
	ctx context.Context
	std cli.Std
	o   *options
}

// judge does all but print.
func (r *reading) judge(files []string, gated bool) (*result, error) {
	logs, checks, err := r.reports(files)
	if err != nil {
		return nil, err
	}
	if err := r.words(); err != nil {
		return nil, err
	}
	out := &result{Summary: map[string]int{}}
	findings := sarif.Merge(logs...)
	if r.o.baseline != "" {
		if findings, err = r.compare(out, logs); err != nil {
			return nil, err
		}
	}
	if r.o.sbom != "" {
		packages, err := r.join(out, logs, &findings)
		if err != nil {
			return nil, err
		}
		checks = append(checks, packages...)
	}
	judged, err := r.o.gate.Evaluate(findings)
	if err != nil {
		return nil, err
	}
	out.Findings = judged.Outcomes
	if !gated { // nobody asked for a verdict, but for what words leave out
		for i := range out.Findings {
			if f := &out.Findings[i]; f.Verdict != sarif.VerdictSuppressed {
				f.Verdict, f.Reason = sarif.VerdictInvalid, ""
			}
		}
	} else {
		checks = append(checks, judged.Outcomes.Check(""))
	}
	checks = append(checks, judged.Checks()...)
	for i := range out.Findings {
		out.Summary[out.Findings[i].Finding.Severity.String()]++
	}
	out.Result = cli.Checked(checks)
	return out, nil
}

// open reads a file whole; - is standard input.
func (r *reading) open(name string) ([]byte, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	if name == "-" {
		return io.ReadAll(r.std.In)
	}
	return regular.ReadFile(name, evidence.Limits{}.OrDefault().DocumentBytes)
}

// reports reads and checks the files.
func (r *reading) reports(files []string) (logs []*sarif.Log, checks evidence.Checks, err error) {
	for _, name := range files {
		data, err := r.open(name)
		if err != nil {
			return nil, nil, err
		}
		report := sarif.Inspect(data, &sarif.InspectOptions{Name: name, UnsafeWarnInvalid: !r.o.strict, Health: sarif.HealthOptions{Image: r.o.image}})
		checks = append(checks, report.Checks...)
		if report.Log != nil {
			logs = append(logs, report.Log)
		}
	}
	return logs, checks, nil
}

// words reads exceptions and VEX documents. A file that cannot be used is not a
// judgement of the reports, but keeps one from being made.
func (r *reading) words() error {
	o := r.o
	o.gate.Now = time.Now()
	for _, name := range o.exceptions {
		data, err := r.open(name)
		if err != nil {
			return err
		}
		list, err := sarif.ParseExceptions(data, name, "")
		if err != nil {
			return cannot("exceptions", err)
		}
		o.gate.Exceptions = append(o.gate.Exceptions, list...)
	}
	for _, name := range o.vex {
		data, err := r.open(name)
		if err != nil {
			return err
		}
		doc, err := sarif.ReadVEX(bytes.NewReader(data), &sarif.ReadOptions{Name: name})
		if err != nil {
			return cannot("vex", err)
		}
		o.gate.VEX = append(o.gate.VEX, doc)
	}
	return nil
}

// cannot takes the class from an error: the command does not judge this input.
func cannot(flag string, err error) error { return fmt.Errorf("-%s: %v", flag, err) }

// compare sets what changed, and returns the findings there are now.
func (r *reading) compare(out *result, logs []*sarif.Log) ([]*sarif.Finding, error) {
	data, err := r.open(r.o.baseline)
	if err != nil {
		return nil, err
	}
	before, err := sarif.Read(bytes.NewReader(data), &sarif.ReadOptions{Name: r.o.baseline})
	if err != nil {
		return nil, cannot("baseline", err)
	}
	changes := sarif.DiffLogs([]*sarif.Log{before}, logs)
	sum := changes.Summary()
	out.Changes = &sum
	var now []*sarif.Finding
	for _, f := range changes.Findings() {
		switch {
		case f.Baseline == sarif.BaselineNew:
			now = append(now, f)
		case r.o.fresh:
		case f.Baseline == sarif.BaselineAbsent:
			out.Fixed = append(out.Fixed, f)
		default:
			now = append(now, f)
		}
	}
	return now, nil
}

// join looks up the packages in the SBOM.
func (r *reading) join(out *result, logs []*sarif.Log, findings *[]*sarif.Finding) (evidence.Checks, error) {
	data, err := r.open(r.o.sbom)
	if err != nil {
		return nil, err
	}
	doc, err := sbom.Read(bytes.NewReader(data), nil)
	if err != nil {
		return nil, cannot("sbom", err)
	}
	joined := sarif.Join(*findings, func(yield func(sarif.Component) bool) {
		for i := range doc.Components {
			c := &doc.Components[i]
			if !yield(sarif.Component{PURL: c.PURL(), Name: c.Name.String(), Version: c.Version.String()}) {
				return
			}
		}
	})
	*findings = joined.Findings
	var reports []string
	for _, l := range logs {
		reports = append(reports, l.Name)
	}
	checks := joined.Checks(reports...)
	for i := range checks {
		switch c := &checks[i]; {
		case c.Status == evidence.StatusWarn && r.o.strict:
			c.Status = evidence.StatusFail
		case c.Status == evidence.StatusFail && !r.o.strict:
			c.Status = evidence.StatusWarn
		}
	}
	seen := map[string]bool{}
	for _, f := range joined.Missing {
		if name := f.Package.Name; !seen[name] {
			seen[name] = true
			out.Missing = append(out.Missing, name)
		}
	}
	return checks, nil
}

func print(cmd *cli.Command, std cli.Std, o *options, out *result) int {
	if cmd.JSON() {
		return cmd.Print(out, nil)
	}
	var write func(w io.Writer) error
	switch {
	case o.csv:
		write = func(w io.Writer) error { return sarif.WriteCSV(w, findingsOf(out)) }
	case o.markdown:
		write = func(w io.Writer) error { return sarif.WriteMarkdown(w, findingsOf(out)) }
	case o.sarif:
		write = func(w io.Writer) error { return sarif.WriteSARIF(w, append(findingsOf(out), out.Fixed...), nil) }
	default:
		return cmd.Print(out, func(w io.Writer) { printText(w, out) })
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return cmd.Fail(err)
	}
	cli.PrintChecks(std.Err, notable(out.Checks))
	return cmd.Print(out, func(w io.Writer) { w.Write(b.Bytes()) })
}

func findingsOf(out *result) []*sarif.Finding {
	list := make([]*sarif.Finding, len(out.Findings))
	for i := range out.Findings {
		list[i] = out.Findings[i].Finding
	}
	return list
}

// notable are the checks that a person must see beside other output.
func notable(checks evidence.Checks) (list evidence.Checks) {
	for _, c := range checks {
		if c.Status != evidence.StatusPass && c.Status != evidence.StatusSkip {
			c.Problems = c.Problems[:min(len(c.Problems), 3)]
			list = append(list, c)
		}
	}
	return list
}

func printText(w io.Writer, out *result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range out.Findings {
		o := &out.Findings[i]
		f := o.Finding
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", strings.ToUpper(f.Severity.String()), textfmt.Printable(f.ID), packageText(f), textfmt.Printable(note(o)))
	}
	t.Flush()
	for _, f := range out.Fixed {
		fmt.Fprintf(w, "fixed: %s %s\n", textfmt.Printable(f.ID), packageText(f))
	}
	if len(out.Findings) > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s%s\n", textfmt.Count(len(out.Findings), "finding"), severities(out.Summary))
	if c := out.Changes; c != nil {
		fmt.Fprintf(w, "%d new, %d fixed, %d changed, %d unchanged\n", c.New, c.Fixed, c.Changed, c.Unchanged)
	}
	fmt.Fprintln(w)
	checks := out.Checks
	for i := range checks {
		checks[i].Problems = checks[i].Problems[:min(len(checks[i].Problems), 5)]
	}
	cli.PrintChecks(w, checks)
}

// packageText says what a finding is about, in columns.
func packageText(f *sarif.Finding) string {
	p := f.Package
	if p == nil {
		place := ""
		if len(f.Locations) > 0 {
			place = f.Locations[0].URI
			if line := f.Locations[0].StartLine; line > 0 {
				place = fmt.Sprintf("%s:%d", place, line)
			}
		}
		return textfmt.Printable(place) + "\t\t"
	}
	fixed := ""
	if len(p.Fixed) > 0 {
		fixed = "fixed in " + strings.Join(p.Fixed, ", ")
	}
	return textfmt.Printable(p.Name) + "\t" + textfmt.Printable(strings.Join(p.Versions, ", ")) + "\t" + textfmt.Printable(fixed)
}

// note says the rest in one cell: target, reachability, state, verdict.
func note(o *sarif.Outcome) string {
	f := o.Finding
	var parts []string
	if f.Target != nil {
		parts = append(parts, f.Target.Name)
	}
	if f.Reachability != sarif.ReachUnknown {
		parts = append(parts, f.Reachability.String())
	}
	if f.Kind != sarif.KindFail {
		parts = append(parts, f.Kind.String())
	}
	if f.Baseline != sarif.BaselineNone {
		parts = append(parts, f.Baseline.String())
	}
	if f.Suppressed {
		parts = append(parts, "suppressed in the report")
	}
	if o.Verdict != sarif.VerdictInvalid {
		parts = append(parts, o.Verdict.String()+": "+o.Reason)
	}
	return strings.Join(parts, "; ")
}

func severities(count map[string]int) string {
	var parts []string
	for s := sarif.SeverityCritical; s > sarif.SeverityInvalid; s-- {
		if n := count[s.String()]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if parts == nil {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}
