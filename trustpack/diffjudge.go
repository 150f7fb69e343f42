// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
)

// Regression is a way in which a release can be worse than the one before. The zero
// value is invalid. In text a regression is one of
//
//	"critical"       a new critical finding
//	"high"           a new finding of severity high or above
//	"medium", "low"  likewise
//	"licenses"       a package whose licence came into a worse category, or a new one that is not under a permissive licence
//	"tests"          a test that fails and did not before, or passed and is skipped; or fewer tests that ran
//	"accessibility"  a new violation of WCAG 2.1 A or AA, or a page that is no longer tested
//	"unsigned"       an image that the manifest called signed, or attestations named, and no longer do
//	"pins"           a pin that leaves more open than before, or any that names another digest than the manifest
//
// A regression of a kind is also that the later release lacks the evidence by which it
// is judged, where the earlier one had it. Findings that the scan itself suppresses
// count as any other; so do findings without a severity, whatever the limit.
type Regression uint8

const (
	regressionInvalid Regression = iota
	regressionCritical
	regressionHigh
	regressionMedium
	regressionLow
	regressionLicenses
	regressionTests
	regressionAccessibility
	regressionUnsigned
	regressionPins
)

var regressionNames = enum.Names{"invalid", "critical", "high", "medium", "low", "licenses", "tests", "accessibility", "unsigned", "pins"}

// String returns the word for r, "invalid" for a value that has none.
func (r Regression) String() string { return regressionNames.Name(uint8(r)) }

// MarshalText implements encoding.TextMarshaler; an invalid regression is an error.
func (r Regression) MarshalText() ([]byte, error) {
	return regressionNames.Marshal("regression", uint8(r))
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Regression) UnmarshalText(text []byte) error {
	i, err := regressionNames.Unmarshal("regression", text)
	if err != nil {
		return fmt.Errorf("%w; want one of %s", err, strings.Join(regressionNames[1:], ", "))
	}
	*r = Regression(i)
	return nil
}

// Judge makes one check for each kind of regression: "diff.critical", "diff.tests" and
// so on. It fails if the later release is worse in that way. An invalid kind is a check
// that could not be made.
func (c *Changes) Judge(kinds ...Regression) evidence.Checks {
	checks := evidence.Checks{}
	subject := c.title()
	for _, kind := range kinds {
		id := "diff." + kind.String()
		j := regressions{id: id}
		ok := ""
		switch kind {
		case regressionCritical, regressionHigh, regressionMedium, regressionLow:
			ok = j.findings(c, sarif.ParseSeverity(kind.String()))
		case regressionLicenses:
			ok = j.licenses(c)
		case regressionTests:
			ok = j.tests(c)
		case regressionAccessibility:
			ok = j.accessibility(c)
		case regressionUnsigned:
			ok = j.unsigned(c)
		case regressionPins:
			ok = j.pins(c)
		default:
			checks = append(checks, evidence.Check{ID: id, Status: evidence.StatusError, Subject: subject, Message: "there is no such kind of regression"})
			continue
		}
		check := evidence.Judge(id, subject, j.problems, ok)
		check.Problems = slices.Clip(check.Problems[:min(len(check.Problems), mostProblems)])
		checks = append(checks, check)
	}
	return checks
}

// regressions collects what speaks against the later release.
type regressions struct {
	id       string
	problems evidence.Problems
}

func (j *regressions) add(format string, args ...any) {
	j.problems = append(j.problems, &evidence.Problem{Code: j.id, Severity: evidence.SeverityError, Err: evidence.ErrPolicy, Message: fmt.Sprintf(format, args...)})
}

// lost adds the evidence of some kinds that the later release lacks.
func (j *regressions) lost(c *Changes, kinds ...manifest.Kind) {
	for _, n := range c.NotCompared {
		if n.Lost && slices.Contains(kinds, n.Kind) {
			j.add("%s", n.Message)
		}
	}
}

func (j *regressions) findings(c *Changes, limit sarif.Severity) (ok string) {
	for _, f := range c.Findings {
		for _, x := range f.New {
			if x.informational || x.Severity > sarif.SeverityUnknown && x.Severity < limit {
				continue
			}
			about := ""
			if x.Package != "" {
				about = " (" + x.Package + ")"
			}
			j.add("%s%s in %s is new, severity %s", x.ID, about, subjectName(f.Image), x.Severity)
		}
	}
	j.lost(c, manifest.KindScan)
	for _, name := range c.unscanned {
		j.add("no scan is about image %s: what is new in it is not known", name)
		j.problems[len(j.problems)-1].Severity = evidence.SeverityWarning
	}
	if c.Totals.New == nil {
		return "neither release has a scan"
	}
	if limit == sarif.SeverityCritical {
		return "no critical finding is new"
	}
	return "no finding of severity " + limit.String() + " or above is new"
}

func (j *regressions) licenses(c *Changes) (ok string) {
	for _, ch := range c.worse {
		if ch.Before == nil {
			j.add("%s is new, under %s (%s)", ch.After, ch.After.License, ch.After.Category)
		} else {
			j.add("%s is under %s (%s), before under %s (%s)", ch.After, ch.After.License, ch.After.Category, ch.Before.License, ch.Before.Category)
		}
	}
	j.lost(c, manifest.KindSBOM, manifest.KindLicenseReport)
	return "no licence is in a worse category"
}

func (j *regressions) tests(c *Changes) (ok string) {
	if c.Tests != nil {
		for _, t := range c.Tests.Broke {
			j.add("test %s: %s, before %s", textfmt.Quote(t.Name), t.After, t.Before)
		}
		for _, t := range c.Tests.Skipped {
			if !t.Before.Broken() {
				j.add("test %s: %s, before %s", textfmt.Quote(t.Name), t.After, t.Before)
			}
		}
		if n := c.Totals.Tests; n.RanAfter < n.RanBefore {
			j.add("%s ran, before %s", textfmt.Count(n.RanAfter, "test"), textfmt.Number(n.RanBefore))
		}
	}
	j.lost(c, manifest.KindTestReport)
	return "no test broke, and as many ran as before"
}

func (j *regressions) accessibility(c *Changes) (ok string) {
	if c.Accessibility != nil {
		for _, r := range c.Accessibility.New {
			j.add("%s fails rule %s on %s, before on %d", r.URL, r.Rule, textfmt.Count(r.After, "element"), r.Before)
		}
		for _, url := range c.Accessibility.Removed {
			j.add("%s is no longer tested", url)
		}
		for _, url := range c.Accessibility.Collapsed {
			j.add("%s looks like another page now", url)
		}
	}
	j.lost(c, manifest.KindAccessibility)
	return "no violation is new, and all pages of before are tested"
}

func (j *regressions) unsigned(c *Changes) (ok string) {
	for _, s := range c.Signatures {
		if s.Lost {
			j.add("image %s has no %s any more: before %s", s.Image, map[string]string{factStatus: "signature", factAttestations: "attestation"}[s.Fact], s.Before)
		}
	}
	return "every image that was signed is signed"
}

func (j *regressions) pins(c *Changes) (ok string) {
	for _, p := range c.Pins {
		if p.Looser {
			j.add("%s: %s %s is %s, before %s: that leaves more open", p.Path, p.Kind, textfmt.Quote(p.Name), textfmt.Quote(p.After), textfmt.Quote(p.Before))
		}
	}
	j.problems = append(j.problems, c.wrongPins...)
	j.lost(c, manifest.KindPins)
	return "no pin is looser, and none names another digest than the manifest"
}
