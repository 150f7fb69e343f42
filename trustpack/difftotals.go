// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// Totals counts Changes. What is in two images counts twice.
type Totals struct {
	Images struct {
		Added   int `json:"added"`
		Removed int `json:"removed"`
		Changed int `json:"changed"` // of another digest
	} `json:"images"`
	Packages struct {
		Added          int `json:"added"`
		Removed        int `json:"removed"`
		Upgraded       int `json:"upgraded"`
		Downgraded     int `json:"downgraded"`
		VersionChanged int `json:"versionChanged"` // to a version that has no order with the one before
	} `json:"packages"`
	New           *SeverityCounts      `json:"new"`           // findings; nil where no scans were compared
	Fixed         *SeverityCounts      `json:"fixed"`         // likewise
	Licenses      *LicenseTotals       `json:"licenses"`      // nil where not compared, as the others
	Tests         *TestTotals          `json:"tests"`         //
	Accessibility *AccessibilityTotals `json:"accessibility"` //
	Signatures    struct {             // images
		Lost    int `json:"lost"`    // were signed, and no longer are
		Changed int `json:"changed"` // something else about their signing changed
	} `json:"signatures"`
	Tools int `json:"tools"` // that came, went, or are of another version
	Pins  struct {
		Changed int `json:"changed"` // came and went too, and files of which something else changed
		Looser  int `json:"looser"`
		Wrong   int `json:"wrong"` // name another digest than the manifest
	} `json:"pins"`
	Gaps struct { // declared
		Opened int `json:"opened"`
		Closed int `json:"closed"`
	} `json:"gaps"`
}

// SeverityCounts counts findings by severity.
type SeverityCounts struct {
	Critical int `json:"critical"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"` // and negligible, and none
	Unknown  int `json:"unknown"`
}

// LicenseTotals counts packages by what became of their licences.
type LicenseTotals struct {
	Changed int `json:"changed"`
	Worse   int `json:"worse"` // changed to, or new with, a licence that asks for more; see Regression
}

// TestTotals counts tests.
type TestTotals struct {
	Broke     int `json:"broke"` // and new tests that fail
	Fixed     int `json:"fixed"`
	Skipped   int `json:"skipped"` // ran before, and no longer do
	Removed   int `json:"removed"`
	Added     int `json:"added"`
	RanBefore int `json:"ranBefore"`
	RanAfter  int `json:"ranAfter"`
}

// AccessibilityTotals counts violations, one for each rule and page.
type AccessibilityTotals struct {
	New   int `json:"new"`
	Fixed int `json:"fixed"`
	Pages int `json:"pages"` // that are no longer tested, or look like another page now
}

func (d *differ) totals() Totals {
	c := d.out
	var t Totals
	for _, i := range c.Images {
		switch {
		case i.Before == "":
			t.Images.Added++
		case i.After == "":
			t.Images.Removed++
		default:
			t.Images.Changed++
		}
	}
	for _, p := range c.Packages {
		t.Packages.Added += len(p.Added)
		t.Packages.Removed += len(p.Removed)
		t.Packages.Upgraded += len(p.Upgraded)
		t.Packages.Downgraded += len(p.Downgraded)
		t.Packages.VersionChanged += len(p.VersionChanged)
	}
	if len(c.Findings) > 0 {
		t.New, t.Fixed = &SeverityCounts{}, &SeverityCounts{}
	}
	for _, f := range c.Findings {
		t.New.add(f.New)
		t.Fixed.add(f.Fixed)
	}
	if c.Licenses != nil {
		t.Licenses = &LicenseTotals{len(c.Licenses.Relicensed), len(c.worse)}
	}
	if c.Tests != nil {
		t.Tests = &TestTotals{
			Broke: len(c.Tests.Broke), Fixed: len(c.Tests.Fixed), Skipped: len(c.Tests.Skipped), Removed: len(c.Tests.Removed), Added: len(c.Tests.Added),
			RanBefore: testsRun(d.before.Summary.Tests), RanAfter: testsRun(d.after.Summary.Tests),
		}
		for _, test := range c.Tests.Broke {
			if test.Before == uat.NoOutcome {
				t.Tests.Added++
			}
		}
	}
	if a := c.Accessibility; a != nil {
		t.Accessibility = &AccessibilityTotals{len(a.New), len(a.Fixed), len(a.Removed) + len(a.Collapsed)}
	}
	t.Signatures.Lost, t.Signatures.Changed = c.signatureTotals()
	t.Tools = len(c.Tools)
	t.Pins.Changed, t.Pins.Wrong = len(c.Pins), len(c.wrongPins)
	for _, p := range c.Pins {
		if p.Looser {
			t.Pins.Looser++
		}
	}
	for _, g := range c.Gaps {
		if g.Opened {
			t.Gaps.Opened++
		} else {
			t.Gaps.Closed++
		}
	}
	return t
}

func (n *SeverityCounts) add(list []FindingChange) {
	for _, f := range list {
		switch f.Severity {
		case sarif.SeverityCritical:
			n.Critical++
		case sarif.SeverityHigh:
			n.High++
		case sarif.SeverityMedium:
			n.Medium++
		case sarif.SeverityLow, sarif.SeverityNegligible, sarif.SeverityNone:
			n.Low++
		default:
			n.Unknown++
		}
	}
}

// signatureTotals counts each image once, whatever number of facts changed.
func (c *Changes) signatureTotals() (lost, changed int) {
	losing, changing := map[string]bool{}, map[string]bool{}
	for _, s := range c.Signatures {
		changing[s.Image] = true
		if s.Lost {
			losing[s.Image] = true
		}
	}
	return len(losing), len(changing) - len(losing)
}

// testsRun is how many tests ran to an end that says something.
func testsRun(s *uat.Summary) int {
	if s == nil {
		return 0
	}
	return s.Tests - s.Skipped
}

// rows arranges the counts for a person, zeros too.
func (t *Totals) rows() [][]string {
	const none = "not compared"
	n := func(n int, what string) string { return textfmt.Number(n) + " " + what }
	findings := func(c *SeverityCounts, word string) string {
		if c == nil {
			return none
		}
		return n(c.Critical, word+" critical, ") + n(c.High, word+" high, ") + n(c.Medium, word+" medium, ") +
			n(c.Low, word+" low, ") + n(c.Unknown, word+" without a severity")
	}
	rows := [][]string{
		{"images", n(t.Images.Added, "added, ") + n(t.Images.Removed, "removed, ") + n(t.Images.Changed, "changed")},
		{"packages", n(t.Packages.Added, "added, ") + n(t.Packages.Removed, "removed, ") + n(t.Packages.Upgraded, "upgraded, ") +
			n(t.Packages.Downgraded, "downgraded, ") + n(t.Packages.VersionChanged, "of another version")},
		{"findings", findings(t.New, "new")},
	}
	if t.Fixed != nil {
		rows = append(rows, []string{"", findings(t.Fixed, "fixed")})
	}
	licenses, tests, accessibility := none, none, none
	if l := t.Licenses; l != nil {
		licenses = n(l.Changed, "changed, ") + n(l.Worse, "new or changed in a worse category")
	}
	if s := t.Tests; s != nil {
		tests = n(s.Broke, "broke, ") + n(s.Fixed, "fixed, ") + n(s.Skipped, "no longer run, ") + n(s.Removed, "removed, ") + n(s.Added, "added; ") +
			n(s.RanAfter, "ran, ") + n(s.RanBefore, "before")
	}
	if a := t.Accessibility; a != nil {
		accessibility = textfmt.Count(a.New, "new violation") + ", " + n(a.Fixed, "fixed, ") + textfmt.Count(a.Pages, "page") + " no longer tested"
	}
	return append(rows,
		[]string{"licences", licenses},
		[]string{"tests", tests},
		[]string{"accessibility", accessibility},
		[]string{"signatures", textfmt.Count(t.Signatures.Lost, "image") + " no longer signed, " + n(t.Signatures.Changed, "signed in another way")},
		[]string{"tools", n(t.Tools, "changed")},
		[]string{"pins", n(t.Pins.Changed, "changed, ") + n(t.Pins.Looser, "looser, ") + n(t.Pins.Wrong, "with another digest than the manifest")},
		[]string{"declared gaps", n(t.Gaps.Opened, "opened, ") + n(t.Gaps.Closed, "closed")},
	)
}
