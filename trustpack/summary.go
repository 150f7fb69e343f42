// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// Summary is what the evidence of a release comes to. Report and index.html show
// it. Lists are in the order of the manifest; parts of which a release has no
// readable evidence are empty or nil.
type Summary struct {
	Rules         int                       `json:"rules"` // version of what is counted and how: SummaryRules of the program that made it
	SBOMs         []SBOMSummary             `json:"sboms"`
	Scans         []ScanSummary             `json:"scans"`
	Findings      []FindingSummary          `json:"findings"`                // by image, "" last for the release as a whole
	Licenses      *license.Summary          `json:"licenses,omitempty"`      // of the licence reports
	Tests         *uat.Summary              `json:"tests,omitempty"`         // of all test reports
	Accessibility *uat.AccessibilitySummary `json:"accessibility,omitempty"` // of all axe-core results
	Screenshots   []ScreenshotSummary       `json:"screenshots"`
}

// SummaryRules is the version of the rules by which this module sums up. It grows
// with every change that gives another summary of the same evidence, so that the
// page of an older pack is not taken for a false one.
const SummaryRules = 1

// SBOMSummary is one SBOM.
type SBOMSummary struct {
	Path       string         `json:"path"`
	Image      string         `json:"image,omitempty"`
	Format     string         `json:"format"`     // with its version: "spdx-json 2.3", "cyclonedx-json 1.5"
	Components int            `json:"components"` // but for what the SBOM describes, files and the operating system
	Licensed   int            `json:"licensed"`   // components of which it tells a licence
	Types      map[string]int `json:"types"`      // components by type of package URL; "" for those without
}

// ScanSummary is one report of one scan.
type ScanSummary struct {
	Path     string `json:"path"`
	Image    string `json:"image,omitempty"`
	Tool     string `json:"tool"`     // names and versions of the tools; empty if it does not tell
	Results  int    `json:"results"`  // as the report counts them, before reports are merged
	Complete bool   `json:"complete"` // scan.health is a pass or a warning: no finding means that none was found
}

// FindingSummary counts the findings about one subject, each once however many
// tools and reports have it.
type FindingSummary struct {
	Image      string `json:"image,omitempty"`
	Critical   int    `json:"critical"`
	High       int    `json:"high"`
	Medium     int    `json:"medium"`
	Low        int    `json:"low"` // and negligible
	Unknown    int    `json:"unknown"`
	Fixable    int    `json:"fixable"`    // a fixed version is known
	Suppressed int    `json:"suppressed"` // by the report itself, and counted above
}

// ScreenshotSummary is one screenshot.
type ScreenshotSummary struct {
	Path   string      `json:"path"`
	Width  int         `json:"width"`
	Height int         `json:"height"`
	Test   *uat.TestID `json:"test,omitempty"` // that attached it

	thumbnail []byte // PNG
}

// Summarize counts what documents say, as [Pack.Evidence] gives them.
func Summarize(docs []*Document) *Summary {
	s := newSummarizer()
	for _, about := range aboutOf(docs) {
		s.add(about, slices.DeleteFunc(slices.Clone(docs), func(d *Document) bool { return d.File.Image != about }))
	}
	return s.summary()
}

// aboutOf returns the subjects of documents, in order, that of the release last.
func aboutOf(docs []*Document) []string {
	var list []string
	for _, d := range docs {
		if d.File.Image != "" && !slices.Contains(list, d.File.Image) {
			list = append(list, d.File.Image)
		}
	}
	return append(list, "")
}

// summarizer counts subject by subject and lets the documents go, but for the
// reports of which there is one sum for the release.
type summarizer struct {
	Summary
	licenses []*Document // licence reports
	modules  []*Document // go.mod files
	tests    []*Document
	axe      []*Document
	shots    []*Document
	held     map[string][]license.Component // of SBOMs, by subject
	subjects []string                       // in the order of add
}

func newSummarizer() *summarizer {
	return &summarizer{
		Summary: Summary{Rules: SummaryRules, SBOMs: []SBOMSummary{}, Scans: []ScanSummary{}, Findings: []FindingSummary{}, Screenshots: []ScreenshotSummary{}},
		held:    map[string][]license.Component{},
	}
}

// add takes the documents about one subject.
func (s *summarizer) add(about string, docs []*Document) {
	s.subjects = append(s.subjects, about)
	var logs []*sarif.Log
	for _, d := range docs {
		switch {
		case d.SBOM != nil:
			s.SBOMs = append(s.SBOMs, summarizeSBOM(d))
			if len(s.held[about]) == 0 { // the other encoding says the same
				s.held[about] = slices.Collect(components(d.SBOM))
			}
		case d.Scan != nil:
			s.Scans = append(s.Scans, summarizeScan(d))
			logs = append(logs, d.Scan)
		case d.Licenses != nil:
			s.licenses = append(s.licenses, d)
		case d.Modules != nil:
			s.modules = append(s.modules, d)
		case d.Tests != nil:
			s.tests = append(s.tests, d)
		case d.Accessibility != nil:
			s.axe = append(s.axe, d)
		case d.Screenshot != nil:
			s.shots = append(s.shots, d)
		}
	}
	if len(logs) > 0 {
		s.Findings = append(s.Findings, countFindings(about, sarif.Merge(logs...)))
	}
}

func summarizeSBOM(d *Document) SBOMSummary {
	out := SBOMSummary{Path: d.File.Path, Image: d.File.Image, Format: d.SBOM.Format.String() + " " + strings.TrimPrefix(d.SBOM.SpecVersion, "SPDX-"), Types: map[string]int{}}
	roots := map[string]bool{}
	for _, id := range d.SBOM.Roots() {
		roots[id] = true
	}
	for i := range d.SBOM.Components {
		c := &d.SBOM.Components[i]
		if roots[c.ID] || c.Type == sbom.TypeFile || c.Type == sbom.TypeOperatingSystem {
			continue
		}
		out.Components++
		out.Types[purlType(c.PURL())]++
		if licenseOf(c) != "" {
			out.Licensed++
		}
	}
	return out
}

// purlType returns the type of a package URL: "deb", "golang".
func purlType(purl string) string {
	typ, _, found := strings.Cut(strings.TrimPrefix(purl, "pkg:"), "/")
	if !found {
		return ""
	}
	return strings.ToLower(typ)
}

func summarizeScan(d *Document) ScanSummary {
	out := ScanSummary{Path: d.File.Path, Image: d.File.Image}
	var tools []string
	for i := range d.Scan.Runs {
		run := &d.Scan.Runs[i]
		out.Results += len(run.Findings)
		if name := run.Tool.String(); name != "" && !slices.Contains(tools, name) {
			tools = append(tools, name)
		}
	}
	out.Tool = strings.Join(tools, ", ")
	for _, c := range d.Checks {
		if c.ID == "scan.health" {
			out.Complete = c.Status == evidence.StatusPass || c.Status == evidence.StatusWarn
		}
	}
	return out
}

func countFindings(about string, findings []*sarif.Finding) FindingSummary {
	out := FindingSummary{Image: about}
	for _, f := range findings {
		switch f.Severity {
		case sarif.SeverityCritical:
			out.Critical++
		case sarif.SeverityHigh:
			out.High++
		case sarif.SeverityMedium:
			out.Medium++
		case sarif.SeverityLow, sarif.SeverityNegligible, sarif.SeverityNone:
			out.Low++
		default:
			out.Unknown++
		}
		if f.Package != nil && len(f.Package.Fixed) > 0 {
			out.Fixable++
		}
		if f.Suppressed {
			out.Suppressed++
		}
	}
	return out
}

// components lists what an SBOM says of licences, of what summarizeSBOM counts.
func components(doc *sbom.Document) iter.Seq[license.Component] {
	roots := map[string]bool{}
	for _, id := range doc.Roots() {
		roots[id] = true
	}
	return func(yield func(license.Component) bool) {
		for i := range doc.Components {
			c := &doc.Components[i]
			if roots[c.ID] || c.Type == sbom.TypeFile || c.Type == sbom.TypeOperatingSystem {
				continue
			}
			if !yield(license.Component{Name: fullName(c), Version: c.Version.String(), PURL: c.PURL(), License: licenseOf(c)}) {
				return
			}
		}
	}
}

// licenseOf returns the licence that was concluded, else declared; several are
// all meant to bind. It is empty where nothing is known.
func licenseOf(c *sbom.Component) string {
	for _, kind := range []sbom.LicenseKind{sbom.LicenseConcluded, sbom.LicenseUnspecified, sbom.LicenseDeclared} {
		var terms []string
		for l := range c.LicensesOf(kind) {
			text := l.Expression.String()
			if text != "" && text != spdxexpr.NoAssertion && text != spdxexpr.None {
				terms = append(terms, text)
			}
		}
		switch {
		case len(terms) == 1:
			return terms[0]
		case len(terms) > 1:
			return "(" + strings.Join(terms, ") AND (") + ")"
		}
	}
	return ""
}

// summary completes what was counted; it is called once, after the last add.
func (s *summarizer) summary() *Summary {
	if inv, _ := s.inventory(); inv != nil {
		s.Licenses = license.Summarize(inv)
	}
	if len(s.tests) > 0 {
		s.Tests = uat.Summarize(each(s.tests, func(d *Document) *uat.Report { return d.Tests })...)
	}
	if len(s.axe) > 0 {
		s.Accessibility = uat.SummarizeAccessibility(each(s.axe, func(d *Document) *uat.Accessibility { return d.Accessibility })...)
	}
	s.screenshots()
	return &s.Summary
}

func each[T any](docs []*Document, get func(*Document) T) []T {
	list := make([]T, len(docs))
	for i, d := range docs {
		list[i] = get(d)
	}
	return list
}

// inventory joins the licence reports with what names modules and versions: the
// product's go.mod, else the SBOM of the same subject. It returns also the
// inventory that the SBOM alone gives; both are nil where there is no report, the
// second where there is no SBOM.
func (s *summarizer) inventory() (reported, held *license.Inventory) {
	if len(s.licenses) == 0 {
		return nil, nil
	}
	all := &license.Report{}
	about := s.licenses[0].File.Image
	for _, d := range s.licenses {
		all.Rows = append(all.Rows, d.Licenses.Rows...)
		all.Problems = append(all.Problems, d.Licenses.Problems...)
	}
	list := s.held[about]
	if about == "" && len(s.held) == 1 { // a product of one image: its report is about what is in it
		for _, list = range s.held {
		}
	}
	o := &license.JoinOptions{}
	if len(list) > 0 {
		o.Components = slices.Values(list)
	}
	if len(s.modules) == 1 {
		o.Main = s.modules[0].Modules.Module
		o.Components = slices.Values(s.modules[0].Modules.Requirements)
	}
	if len(list) > 0 {
		held = license.FromComponents(golang(list), o.Main)
	}
	return license.Join(all, o), held
}

// golang yields the Go modules of a list.
func golang(list []license.Component) iter.Seq[license.Component] {
	return func(yield func(license.Component) bool) {
		for _, c := range list {
			if purlType(c.PURL) == "golang" && !yield(c) {
				return
			}
		}
	}
}

// screenshots says which test each belongs to.
func (s *summarizer) screenshots() {
	files := each(s.shots, func(d *Document) string { return d.File.Path })
	links := uat.Link(files, each(s.tests, func(d *Document) uat.Source { return uat.Source{Path: d.File.Path, Report: d.Tests} }))
	for _, d := range s.shots {
		shot := ScreenshotSummary{Path: d.File.Path, Width: d.Screenshot.Width, Height: d.Screenshot.Height, thumbnail: d.Screenshot.Thumbnail}
		if link, ok := links[d.File.Path]; ok {
			shot.Test = &link.TestID
		}
		s.Screenshots = append(s.Screenshots, shot)
	}
}

// mostTypes returns the types of packages, the most frequent first.
func (s *SBOMSummary) mostTypes() []string {
	types := slices.Sorted(maps.Keys(s.Types))
	slices.SortStableFunc(types, func(a, b string) int { return cmp.Compare(s.Types[b], s.Types[a]) })
	return types
}

// checks judges, after summary, the evidence that is about the release as a whole.
func (s *summarizer) checks() evidence.Checks {
	var checks evidence.Checks
	if reported, held := s.inventory(); reported != nil {
		checks = append(checks, licenseChecks(each(s.licenses, func(d *Document) string { return d.File.Path }), reported, held)...)
	}
	sum := &s.Summary
	if sum.Tests != nil {
		checks = append(checks, testChecks(sum.Tests)...)
	}
	if sum.Accessibility != nil {
		checks = append(checks, accessibilityCheck(sum.Accessibility))
	}
	return checks
}

// warning makes one problem of what a person should know.
func warning(id, path, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{Code: id, Severity: evidence.SeverityWarning, Path: path, Message: fmt.Sprintf(format, args...), Err: evidence.ErrPolicy}
}

// licenseChecks says whether the licence of every module is known, and whether
// the SBOM says the same.
func licenseChecks(paths []string, reported, held *license.Inventory) evidence.Checks {
	subject := strings.Join(paths, ", ")
	sum := license.Summarize(reported)
	var unknown evidence.Problems
	for _, name := range sum.Unknown {
		unknown = append(unknown, warning("license.complete", subject, "the licence of %s is not known", name))
	}
	for _, p := range sum.Problems {
		unknown = append(unknown, p.At(subject))
	}
	checks := evidence.Checks{evidence.Judge("license.complete", subject, unknown, fmt.Sprintf("the licence of each of %s is known", plural(sum.Modules, "module")))}
	if held == nil {
		return append(checks, evidence.Check{ID: "license.sbom", Status: evidence.StatusSkip, Subject: subject, Message: "there is no SBOM to compare with"})
	}
	c := license.Compare(reported, held)
	var problems evidence.Problems
	for _, m := range c.OnlyFirst {
		if !m.FirstParty {
			problems = append(problems, warning("license.sbom", subject, "the SBOM does not hold %s", m))
		}
	}
	for _, ch := range c.Licenses {
		problems = append(problems, warning("license.sbom", subject, "%s has licence %s, in the SBOM %s", ch.Name, ch.Before.License, ch.After.License))
	}
	for _, ch := range c.Versions {
		problems = append(problems, warning("license.sbom", subject, "%s has version %s, in the SBOM %s", ch.Name, ch.Before.Version, ch.After.Version))
	}
	return append(checks, evidence.Judge("license.sbom", subject, problems, fmt.Sprintf("the SBOM holds every module, and contradicts no licence; %s agree", plural(c.Agree, "module"))))
}

// testChecks says whether the tests passed, and whether the reports add up.
func testChecks(sum *uat.Summary) evidence.Checks {
	var failed evidence.Problems
	for _, c := range sum.Unwell {
		if c.Outcome.Broken() {
			failed = append(failed, warning("uat.tests", "", "%s: %s", c.Outcome, c.Name))
		}
	}
	for _, e := range sum.Errors {
		failed = append(failed, warning("uat.tests", "", "outside any test: %s", e))
	}
	if sum.Passed+sum.Flaky == 0 {
		failed = append(failed, warning("uat.tests", "", "no test passed"))
	}
	return evidence.Checks{
		evidence.Judge("uat.counts", "", sum.Problems, "the totals of the reports are those of their tests"),
		evidence.Judge("uat.tests", "", failed, fmt.Sprintf("%d of %s passed, %d flaky, %d skipped", sum.Passed, plural(sum.Counts.Tests, "test"), sum.Flaky, sum.Skipped)),
	}
}

// accessibilityCheck says whether the pages were tested, and what they violate.
func accessibilityCheck(sum *uat.AccessibilitySummary) evidence.Check {
	const id = "uat.accessibility"
	problems := slices.Clone(sum.Problems)
	for i := range sum.Pages {
		p := &sum.Pages[i]
		url := cmp.Or(p.URL, "a page without address")
		if p.Violations.Rules > 0 {
			problems = append(problems, warning(id, "", "%s violates WCAG 2.1 A or AA: %s, %s", url, plural(p.Violations.Rules, "rule"), plural(p.Violations.Elements, "element")))
		}
		for _, sign := range p.Suspect {
			problems = append(problems, warning(id, "", "%s may not be a page of the product: %s", url, sign))
		}
		if p.Partial {
			problems = append(problems, warning(id, "", "%s was not tested against all of WCAG 2.1 A and AA", url))
		}
		if p.Passes.Elements == 0 {
			problems = append(problems, warning(id, "", "%s: no element passed any rule", url))
		}
	}
	if len(sum.Pages) == 0 {
		problems = append(problems, warning(id, "", "no page was tested"))
	}
	return evidence.Judge(id, "", problems, fmt.Sprintf("no violation of WCAG 2.1 A and AA on %s; %s need a person's look", plural(len(sum.Pages), "page"), plural(sum.NeedsReview.Elements, "element")))
}
