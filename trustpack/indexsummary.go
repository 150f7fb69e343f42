// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// What a page shows of long lists; the evidence itself has all of them.
const (
	mostRows       = 100
	mostThumbnails = 24
)

// pageSummary is what the template shows of a Summary.
type pageSummary struct {
	Findings []pageFindings
	Scans    []ScanSummary
	SBOMs    []pageSBOM
	Tests    *pageTests
	Access   *pageAccess
	Licenses *pageLicenses
	Shots    []pageShot
	MoreShot int
	Data     json.RawMessage
}

type (
	pageFindings struct {
		FindingSummary
		Subject string
		Tools   string // of the scans, and whether they were complete
		Partial bool
	}
	pageSBOM struct {
		SBOMSummary
		Subject, Kinds string
	}
	pageTests struct {
		*uat.Summary
		Good           bool
		Took, When     string
		Rows           []pageTest
		More           int
		Outside, Notes []string
	}
	pageTest   struct{ Outcome, Class, Name, Message string }
	pageAccess struct {
		*uat.AccessibilitySummary
		Good               bool
		Pages              []pagePage
		Criteria           []pageCriterion
		Manual, NotRun     []string // criteria, by number
		NoFailure, Nothing []string
	}
	pagePage      struct{ URL, When, Engine, Violations, Review, Advice, Notes string }
	pageCriterion struct{ ID, Name, Level, Status, Elements string }
	pageLicenses  struct {
		*license.Summary
		Unknown []string
		More    int
	}
	pageShot struct {
		Path, Size, Test string
		Thumbnail        template.URL
	}
)

// summaryOnPage arranges a summary for the template.
func summaryOnPage(s *Summary) (*pageSummary, error) {
	data, err := summaryData(s)
	if err != nil {
		return nil, err
	}
	p := &pageSummary{Scans: s.Scans, Data: data}
	for _, f := range s.Findings {
		p.Findings = append(p.Findings, findingsOnPage(s, f))
	}
	for _, b := range s.SBOMs {
		p.SBOMs = append(p.SBOMs, pageSBOM{b, subjectName(b.Image), kindsOnPage(&b)})
	}
	if s.Tests != nil {
		p.Tests = testsOnPage(s.Tests)
	}
	if s.Accessibility != nil {
		p.Access = accessOnPage(s.Accessibility)
	}
	if s.Licenses != nil {
		p.Licenses = &pageLicenses{Summary: s.Licenses}
		p.Licenses.Unknown, p.Licenses.More = first(s.Licenses.Unknown, mostRows)
	}
	for _, shot := range s.Screenshots {
		if len(p.Shots) == mostThumbnails {
			p.MoreShot++
			continue
		}
		p.Shots = append(p.Shots, shotOnPage(shot))
	}
	return p, nil
}

// first returns the first n of a list, and how many more there are.
func first[T any](list []T, n int) ([]T, int) {
	n = min(n, len(list))
	return list[:n], len(list) - n
}

// subjectName names what evidence is about.
func subjectName(image string) string {
	if image == "" {
		return "the release"
	}
	return image
}

func findingsOnPage(s *Summary, f FindingSummary) pageFindings {
	out := pageFindings{FindingSummary: f, Subject: subjectName(f.Image)}
	var tools []string
	for _, scan := range s.Scans {
		if scan.Image != f.Image {
			continue
		}
		out.Partial = out.Partial || !scan.Complete
		if scan.Tool != "" && !slices.Contains(tools, scan.Tool) {
			tools = append(tools, scan.Tool)
		}
	}
	// One tool's reports may tell its version or not.
	tools = slices.DeleteFunc(tools, func(name string) bool {
		return slices.ContainsFunc(tools, func(other string) bool { return strings.HasPrefix(other, name+" ") })
	})
	out.Tools = strings.Join(tools, ", ")
	return out
}

// kindsOnPage tells the types of packages, the most frequent first.
func kindsOnPage(b *SBOMSummary) string {
	var list []string
	for _, typ := range b.mostTypes() {
		name := typ
		if name == "" {
			name = "without package URL"
		}
		list = append(list, strconv.Itoa(b.Types[typ])+" "+name)
	}
	return strings.Join(list, ", ")
}

func testsOnPage(t *uat.Summary) *pageTests {
	out := &pageTests{Summary: t, Good: t.OK(), Took: t.Duration.Round(time.Millisecond).String()}
	if !t.Started.IsZero() {
		out.When = t.Started.UTC().Format(time.RFC3339)
	}
	rows, more := first(t.Unwell, mostRows)
	for _, c := range rows {
		out.Rows = append(out.Rows, pageTest{c.Outcome.String(), c.Class, c.Name, c.Message})
	}
	out.More = more
	out.Outside, _ = first(t.Errors, mostRows)
	for _, p := range t.Problems[:min(len(t.Problems), mostRows)] {
		out.Notes = append(out.Notes, p.Error())
	}
	return out
}

func accessOnPage(a *uat.AccessibilitySummary) *pageAccess {
	out := &pageAccess{AccessibilitySummary: a, Good: a.OK()}
	for i := range a.Pages[:min(len(a.Pages), mostRows)] {
		p := &a.Pages[i]
		notes := slices.Clone(p.Suspect)
		if p.Partial {
			notes = append(notes, "only a part of WCAG 2.1 A and AA was tested")
		}
		row := pagePage{
			URL: p.URL, Engine: p.Engine, Violations: elements(p.Violations), Review: elements(p.NeedsReview),
			Advice: elements(p.BestPractice), Notes: strings.Join(notes, "; "),
		}
		if !p.Time.IsZero() {
			row.When = p.Time.UTC().Format(time.RFC3339)
		}
		out.Pages = append(out.Pages, row)
	}
	for _, c := range a.Criteria {
		if c.Level == "AAA" {
			continue
		}
		switch c.Status {
		case uat.Violated:
			out.Criteria = append(out.Criteria, pageCriterion{c.ID, c.Name, c.Level, "violated", textfmt.Count(c.Violations, "element")})
		case uat.NeedsReview:
			out.Criteria = append(out.Criteria, pageCriterion{c.ID, c.Name, c.Level, "a person must look", textfmt.Count(c.NeedsReview, "element")})
		case uat.NoFailure:
			out.NoFailure = append(out.NoFailure, c.ID)
		case uat.Inapplicable:
			out.Nothing = append(out.Nothing, c.ID)
		case uat.NotRun:
			out.NotRun = append(out.NotRun, c.ID)
		case uat.Manual:
			out.Manual = append(out.Manual, c.ID)
		}
	}
	return out
}

func elements(e uat.Elements) string {
	if e.Elements == 0 && e.Rules == 0 {
		return "none"
	}
	return textfmt.Count(e.Elements, "element")
}

func shotOnPage(s ScreenshotSummary) pageShot {
	out := pageShot{Path: s.Path, Size: fmt.Sprintf("%d × %d", s.Width, s.Height)}
	if s.Test != nil {
		out.Test = s.Test.Name
	}
	if s.thumbnail != nil {
		out.Thumbnail = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(s.thumbnail))
	}
	return out
}

// summaryData is the summary in the page for programs. Of tests and licences it
// has the first that need a look.
func summaryData(s *Summary) (json.RawMessage, error) {
	short := *s
	if s.Tests != nil {
		tests := *s.Tests
		tests.Unwell, _ = first(tests.Unwell, mostRows)
		tests.Suites, _ = first(tests.Suites, mostRows)
		tests.Errors, _ = first(tests.Errors, mostRows)
		tests.Problems = tests.Problems[:min(len(tests.Problems), mostRows)]
		short.Tests = &tests
	}
	if s.Accessibility != nil {
		access := *s.Accessibility
		access.Pages, _ = first(access.Pages, mostRows)
		access.Problems = access.Problems[:min(len(access.Problems), mostRows)]
		short.Accessibility = &access
	}
	if s.Licenses != nil {
		licenses := *s.Licenses
		licenses.Unknown, _ = first(licenses.Unknown, mostRows)
		licenses.Problems = licenses.Problems[:min(len(licenses.Problems), mostRows)]
		short.Licenses = &licenses
	}
	return json.Marshal(&short)
}
