// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// Outcome is what a verification comes to, in one word.
type Outcome string

// The outcomes.
const (
	OutcomeHolds         Outcome = "holds"          // every check that was made passed or warned
	OutcomeNotAcceptable Outcome = "not-acceptable" // the pack holds, and the caller's policy does not accept it
	OutcomeDoesNotHold   Outcome = "does-not-hold"  // a check failed that no policy asked for
	OutcomeNotChecked    Outcome = "not-checked"    // something could not be checked, and nothing failed
)

// Outcome sums up the checks.
func (r *Report) Outcome() Outcome {
	policy, broken := false, false
	for i := range r.Checks {
		switch c := &r.Checks[i]; c.Status {
		case evidence.StatusFail:
			if family(c.ID) != "policy" {
				return OutcomeDoesNotHold
			}
			policy = true
		case evidence.StatusError:
			broken = true
		}
	}
	switch {
	case policy:
		return OutcomeNotAcceptable
	case broken || !r.OK():
		return OutcomeNotChecked
	}
	return OutcomeHolds
}

// TextOptions say how WriteText writes. Nil means the defaults.
type TextOptions struct {
	Width     int  // columns; 100 if zero
	Statement bool // a file lies beside the pack as its statement, and was not given
}

// How many checks of one status stand on the screen. The whole log lists the rest.
const (
	mostWarnings = 3
	mostFailures = 5
)

// WriteText writes the report for a person, on one screen: what the release is, who
// vouches for it, what its evidence comes to, what was not proven, warnings,
// failures, and the verdict last. It does not list the checks that passed.
func (r *Report) WriteText(w io.Writer, o *TextOptions) error {
	if o == nil {
		o = &TextOptions{}
	}
	s := newScreen(w, o)
	s.summary(r)
	s.unproven(r, o.Statement)
	s.weakened(r)
	s.list("warnings", r.Checks, evidence.StatusWarn, mostWarnings)
	s.list("not checked", r.Checks, evidence.StatusError, mostFailures)
	s.list("failures", r.Checks, evidence.StatusFail, mostFailures)
	s.verdict(r)
	return s.Flush()
}

// WriteSummary writes the part of WriteText that says what the release is and what
// its evidence comes to.
func (r *Report) WriteSummary(w io.Writer, o *TextOptions) error {
	if o == nil {
		o = &TextOptions{}
	}
	s := newScreen(w, o)
	s.summary(r)
	return s.Flush()
}

// screen writes lines of "label   text", each no wider than the terminal.
type screen struct {
	*bufio.Writer
	width int
}

func newScreen(w io.Writer, o *TextOptions) *screen {
	s := &screen{bufio.NewWriter(w), o.Width}
	if s.width <= 0 {
		s.width = 100
	}
	return s
}

func (s *screen) summary(r *Report) {
	if r.Manifest != nil {
		s.release(r)
	}
	if r.Summary != nil {
		s.evidence(r.Summary)
	}
	if r.Manifest != nil {
		s.gaps(r.Manifest)
	}
}

// line writes one line; what does not fit is cut.
func (s *screen) line(text string) {
	text = textfmt.Printable(text)
	if r := []rune(text); len(r) > s.width {
		text = string(r[:s.width-3]) + "..."
	}
	s.WriteString(text + "\n")
}

func (s *screen) field(label, format string, args ...any) {
	s.line(fmt.Sprintf("%-14s ", label) + fmt.Sprintf(format, args...))
}

func (s *screen) release(r *Report) {
	m := r.Manifest
	name := m.Product + " " + m.Version
	if !m.Release.Created.IsZero() {
		name += ", of " + m.Release.Created.UTC().Format(time.DateOnly)
	}
	if m.Release.Tag != "" {
		name += ", tag " + m.Release.Tag
	}
	s.field("release", "%s", name)
	if m.Release.Commit != "" || m.Release.Repository != "" {
		s.field("source", "%s", strings.TrimSpace(m.Release.Repository+" "+m.Release.Commit))
	}
	s.field("made by", "%s", madeBy(r))
	for _, c := range r.Checks {
		if c.ID == trustedID && c.Status == evidence.StatusPass {
			s.field("trusted root", "%s: %s", c.Subject, c.Message)
		}
	}
	if len(m.Images) > 0 {
		s.field("images", "%s", imagesText(r))
	}
	for i, who := range signersText(r) {
		s.field([]string{"signed by", ""}[min(i, 1)], "%s", who)
	}
}

// madeBy says who vouches for the pack.
func madeBy(r *Report) string {
	c := r.Check("attest.statement")
	if c == nil || c.Status == evidence.StatusSkip {
		c = r.Check(releaseAttestationID)
	}
	switch {
	case c == nil || c.Status == evidence.StatusSkip:
		return "not shown"
	case c.Status == evidence.StatusFail || c.Status == evidence.StatusError:
		return "not shown: its statement does not hold"
	}
	return strings.TrimPrefix(c.Message, "the pack is ")
}

// imagesText counts the images, those that the manifest calls signed, and those of
// which an attestation by an expected signer holds.
func imagesText(r *Report) string {
	claimed := 0
	for i := range r.Manifest.Images {
		if r.Manifest.Images[i].Signing.Status == manifest.Signed {
			claimed++
		}
	}
	text := fmt.Sprintf("%d, %d of them signed as the pack claims", len(r.Manifest.Images), claimed)
	judged, held := 0, 0
	for i := range r.Checks {
		if c := &r.Checks[i]; c.ID == checkPresent {
			judged++
			if c.Status == evidence.StatusPass {
				held++
			}
		}
	}
	if judged == 0 {
		return text + ", no signature verified"
	}
	return text + fmt.Sprintf(", %d verified by an expected signer", held)
}

// mostSigners is how many signers stand on the screen.
const mostSigners = 2

// signersText names the expected signers whose signatures and attestations hold, and how
// many of them each made.
func signersText(r *Report) (list []string) {
	made := map[string]int{}
	var names []string
	for i := range r.Checks {
		c := &r.Checks[i]
		if who, ok := strings.CutPrefix(c.Message, "by "); ok && c.ID == checkIdentity && c.Status == evidence.StatusPass {
			if made[who]++; made[who] == 1 {
				names = append(names, who)
			}
		}
	}
	for i, who := range names {
		if i == mostSigners {
			return append(list, fmt.Sprintf("and %d more", len(names)-i))
		}
		list = append(list, textfmt.Count(made[who], "attestation")+" by "+who)
	}
	return list
}

func (s *screen) evidence(sum *Summary) {
	if n := len(sum.SBOMs); n > 0 {
		total := 0
		for _, b := range sum.SBOMs {
			total += b.Components
		}
		s.field("packages", "%s in %s", textfmt.Count(total, "entry"), textfmt.Count(n, "SBOM"))
	}
	if len(sum.Scans) > 0 {
		s.field("findings", "%s", findingsText(sum))
		s.field("scanned", "%s", scannedText(sum.Scans))
	}
	if t := sum.Tests; t != nil {
		s.field("tests", "%d of %d passed, %d failed, %d broken, %d flaky, %d skipped", t.Passed, t.Counts.Tests, t.Failed, t.Counts.Errors, t.Counts.Flaky, t.Skipped)
	}
	if a := sum.Accessibility; a != nil {
		s.field("accessibility", "%s, %s violated by %s", textfmt.Count(len(a.Pages), "page"),
			textfmt.Count(a.Violations.Rules, "WCAG rule"), textfmt.Count(a.Violations.Elements, "element"))
	}
	if l := sum.Licenses; l != nil {
		var parts []string
		for _, c := range l.Categories {
			parts = append(parts, fmt.Sprintf("%d %s", c.Modules, c.Category))
		}
		s.field("licences", "%s: %s", textfmt.Count(l.Modules, "module"), strings.Join(parts, ", "))
	}
}

// findingsText counts the findings by severity, and those that can be fixed.
func findingsText(sum *Summary) string {
	var all FindingSummary
	for _, f := range sum.Findings {
		all.Critical += f.Critical
		all.High += f.High
		all.Medium += f.Medium
		all.Low += f.Low
		all.Unknown += f.Unknown
		all.Fixable += f.Fixable
		all.Suppressed += f.Suppressed
	}
	text := fmt.Sprintf("%d critical, %d high, %d medium, %d low", all.Critical, all.High, all.Medium, all.Low)
	if all.Unknown > 0 {
		text += fmt.Sprintf(", %d without a severity", all.Unknown)
	}
	text += fmt.Sprintf("; %d fixable", all.Fixable)
	if all.Suppressed > 0 {
		text += fmt.Sprintf("; %d suppressed by the scans", all.Suppressed)
	}
	return text
}

// toolsText names each scanner once, with its versions where a report states one.
func toolsText(scans []ScanSummary) string {
	var tools []string
	for _, s := range scans {
		more := func(other ScanSummary) bool { return strings.HasPrefix(other.Tool, s.Tool+" ") }
		if s.Tool != "" && !slices.Contains(tools, s.Tool) && !slices.ContainsFunc(scans, more) {
			tools = append(tools, s.Tool)
		}
	}
	return strings.Join(tools, ", ")
}

// scannedText says on which days which tools looked.
func scannedText(scans []ScanSummary) string {
	by := ""
	if tools := toolsText(scans); tools != "" {
		by = " by " + tools
	}
	first, last := "", ""
	for _, s := range scans {
		t, err := time.Parse(time.RFC3339Nano, s.Created)
		if err != nil {
			continue
		}
		day := day(t)
		if first == "" || day < first {
			first = day
		}
		last = max(last, day)
	}
	switch {
	case first == "":
		return "at a time that no report states" + by
	case first == last:
		return first + by
	}
	return first + " to " + last + by
}

func (s *screen) gaps(m *manifest.Manifest) {
	if len(m.Gaps) == 0 {
		return
	}
	var parts []string
	for i := range m.Gaps {
		g := &m.Gaps[i]
		text := string(g.Kind)
		if g.Image != "" {
			text += " of " + g.Image
		}
		if target := g.Target.String(); target != "" {
			text += " (until " + target + ")"
		}
		parts = append(parts, text)
	}
	s.field("gaps", "%s declared: %s", textfmt.Number(len(parts)), strings.Join(parts, ", "))
}

// unproven says what was not asked, and which flag of trustpack-verify asks it.
func (s *screen) unproven(r *Report, statement bool) {
	label := "not proven"
	tell := func(format string, args ...any) {
		s.field(label, format, args...)
		label = ""
	}
	if r.Verdicts.Pinned == evidence.StatusSkip {
		tell("that this is the pack that was published: -sha256 or -content-digest")
	}
	if r.Verdicts.Authentic == evidence.StatusSkip {
		how := "-bundle with the statement, and -key or -certificate-identity"
		if statement {
			how = "-bundle with the statement that lies beside the pack, and -key or -certificate-identity"
		}
		tell("who made it: %s", how)
	}
	if c := r.Check("attest.images"); c != nil && c.Status == evidence.StatusSkip {
		tell("who signed the images: -trusted-root and -certificate-identity, or -key")
	}
	if c := r.Check("release.repository"); r.Manifest != nil && (c == nil || c.Status == evidence.StatusSkip) {
		tell("that version, tag and commit are those of the repository: -repo")
	}
}

// weakened names what in the caller's policy lets more pass than the strict default.
func (s *screen) weakened(r *Report) {
	if c := r.Check("policy.weakened"); c != nil {
		for i, p := range c.Problems {
			label := ""
			if i == 0 {
				label = "weakened by"
			}
			s.field(label, "%s", p.Message)
		}
	}
}

// list writes the checks of one status, capped. A warning has one line, whatever is
// worse two.
func (s *screen) list(title string, checks evidence.Checks, status evidence.Status, most int) {
	var of []*evidence.Check
	for i := range checks {
		if checks[i].Status == status {
			of = append(of, &checks[i])
		}
	}
	if len(of) == 0 {
		return
	}
	s.line(fmt.Sprintf("%s (%d)", title, len(of)))
	for i, c := range of {
		if i == most {
			s.line(fmt.Sprintf("  and %d more, -v lists them", len(of)-i))
			return
		}
		text := "  " + c.ID
		if c.Subject != "" {
			text += "  " + c.Subject
		}
		text = textfmt.Printable(text + "  " + c.Message)
		if status == evidence.StatusWarn {
			s.line(text)
			continue
		}
		head, tail := s.cut(text)
		s.line(head)
		if tail != "" {
			s.line("      " + tail)
		}
	}
}

// cut divides a text at the last blank that fits the line.
func (s *screen) cut(text string) (head, tail string) {
	r := []rune(text)
	if len(r) <= s.width {
		return text, ""
	}
	at := s.width
	for i := at; i > s.width/2; i-- {
		if r[i] == ' ' {
			at = i
			break
		}
	}
	return string(r[:at]), strings.TrimLeft(string(r[at:]), " ")
}

func (s *screen) verdict(r *Report) {
	counts := map[evidence.Status]int{}
	for i := range r.Checks {
		counts[r.Checks[i].Status]++
	}
	s.field("checks", "%d passed, %d warned, %d failed, %d not made, %d not asked for", counts[evidence.StatusPass],
		counts[evidence.StatusWarn], counts[evidence.StatusFail], counts[evidence.StatusError], counts[evidence.StatusSkip])
	for v := VerdictConsistent; v <= VerdictAuthentic; v++ {
		s.line(fmt.Sprintf("%-11s %s", v.String(), r.VerdictText(v)))
	}
	name := "the pack"
	if r.Product != "" {
		name = r.Product + " " + r.Version
	}
	switch r.Outcome() {
	case OutcomeHolds:
		s.line("OK: " + name + " holds")
		if c := r.Check("index.agrees"); c != nil && c.Status == evidence.StatusWarn {
			s.line("It is not a complete Trust Pack: it has no page of this project's making")
		}
	case OutcomeNotAcceptable:
		s.line("NOT ACCEPTABLE: " + name + " holds, but not what the policy asks for")
	case OutcomeDoesNotHold:
		s.line("FAILED: " + name + " does not hold")
	default:
		s.line("NOT CHECKED: something about " + name + " could not be checked")
	}
	if r.Verdicts.Authentic != evidence.StatusPass {
		s.line("NOT AUTHENTICATED: nothing here shows who made this pack")
	}
}
