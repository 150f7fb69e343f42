// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"iter"
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
	Rules         int                       `json:"rules"` // version of what is counted and how: summaryRules of the program that made it
	SBOMs         []SBOMSummary             `json:"sboms"`
	Scans         []ScanSummary             `json:"scans"`
	Findings      []FindingSummary          `json:"findings"`                // by image, "" last for the release as a whole
	Licenses      *license.Summary          `json:"licenses,omitempty"`      // of the licence reports
	Tests         *uat.Summary              `json:"tests,omitempty"`         // of all test reports
	Accessibility *uat.AccessibilitySummary `json:"accessibility,omitempty"` // of all axe-core results
	Screenshots   []ScreenshotSummary       `json:"screenshots"`
}

// summaryRules is the version of the rules by which this module sums up, and makes the
// page. It grows with every change that gives another page for the same evidence: a page
// of newer rules is then one that this program cannot check, and no false one.
const summaryRules = 1

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
	Tool     string `json:"tool"`              // names and versions of the tools; empty if it does not tell
	Created  string `json:"created,omitempty"` // when it was made, as the report states: RFC 3339
	Results  int    `json:"results"`           // as the report counts them, before reports are merged
	Complete bool   `json:"complete"`          // scan.health is a pass or a warning: no finding means that none was found
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

// summarize counts what documents say, as [Pack.Evidence] gives them.
func summarize(docs []*Document) *Summary {
	sum := newSummarizer()
	for _, s := range subjectsOf(docs) {
		s.join()
		sum.add(s)
	}
	return sum.summary()
}

// subjectsOf groups documents by what they are about, in order, the release last.
func subjectsOf(docs []*Document) []*Subject {
	whole := &Subject{}
	by := map[string]*Subject{"": whole}
	var list []*Subject
	for _, d := range docs {
		s := by[d.File.Image]
		if s == nil {
			s = &Subject{Name: d.File.Image}
			by[s.Name] = s
			list = append(list, s)
		}
		s.Documents = append(s.Documents, d)
	}
	return append(list, whole)
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

	modulePaths map[string]bool // see goModules
}

func newSummarizer() *summarizer {
	return &summarizer{
		Summary: Summary{Rules: summaryRules, SBOMs: []SBOMSummary{}, Scans: []ScanSummary{}, Findings: []FindingSummary{}, Screenshots: []ScreenshotSummary{}},
		held:    map[string][]license.Component{},
	}
}

// add takes one subject.
func (s *summarizer) add(of *Subject) {
	s.subjects = append(s.subjects, of.Name)
	scanned := false
	for _, d := range of.Documents {
		switch {
		case d.SBOM != nil:
			s.SBOMs = append(s.SBOMs, summarizeSBOM(d))
		case d.Scan != nil:
			s.Scans = append(s.Scans, summarizeScan(d))
			scanned = true
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
	texts := map[string]string{}
	held := slices.Grow(s.held[of.Name], len(of.Components))
	for _, c := range of.Components {
		text := c.License()
		if texts[text] == "" {
			texts[text] = strings.Clone(text)
		}
		held = append(held, license.Component{Name: c.Name, Version: c.Version, PURL: c.PURL, License: texts[text]})
	}
	if len(held) > 0 {
		s.held[of.Name] = held
	}
	if scanned {
		s.Findings = append(s.Findings, countFindings(of.Name, of.Findings))
	}
}

func summarizeSBOM(d *Document) SBOMSummary {
	out := SBOMSummary{Path: d.File.Path, Image: d.File.Image, Format: d.SBOM.Format.String() + " " + strings.TrimPrefix(d.SBOM.SpecVersion, "SPDX-"), Types: map[string]int{}}
	for c := range packagesOf(d.SBOM) {
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
		out.Created = cmp.Or(out.Created, run.Made())
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

func countFindings(about string, findings []*Finding) FindingSummary {
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
		if f.Fixable() {
			out.Fixable++
		}
		if f.Suppressed {
			out.Suppressed++
		}
	}
	return out
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
	for _, d := range s.licenses {
		all.Rows = append(all.Rows, d.Licenses.Rows...)
		all.Problems = append(all.Problems, d.Licenses.Problems...)
	}
	o, list := s.modulesFor(s.licenses[0])
	if len(list) > 0 {
		held = license.FromComponents(golang(slices.Values(list)), o.Main)
	}
	return license.Join(all, o), held
}

// inventoryOf is the inventory of one report alone.
func (s *summarizer) inventoryOf(d *Document) *license.Inventory {
	o, _ := s.modulesFor(d)
	return license.Join(d.Licenses, o)
}

// modulesFor returns what names the modules of a report, and what the SBOM of its
// subject holds.
func (s *summarizer) modulesFor(d *Document) (*license.JoinOptions, []license.Component) {
	about := d.File.Image
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
	return o, list
}

// allLicenses returns what licence reports and SBOMs say together, and whose word it is:
// the modules of the reports, those that only an SBOM names, and those of which the SBOM
// states another licence a second time, with that licence. A module of Go that has no
// row and no licence stays in: that a report leaves it out answers nothing.
func (s *summarizer) allLicenses() (*license.Inventory, string) {
	reported, _ := s.inventory()
	if reported == nil {
		return license.FromComponents(s.components(), ""), "SBOMs"
	}
	c := license.Compare(reported, license.FromComponents(s.components(), ""))
	all := &license.Inventory{Modules: slices.Clone(reported.Modules), Problems: reported.Problems}
	known := func(m *license.Module) bool {
		text := m.License.String()
		return text != "" && text != spdxexpr.NoAssertion
	}
	for i := range c.OnlySecond {
		if m := &c.OnlySecond[i]; known(m) || s.goModules()[m.Name] {
			all.Modules = append(all.Modules, *m)
		}
	}
	for _, ch := range slices.Concat(c.Licenses, c.Silent) {
		if known(ch.After) {
			all.Modules = append(all.Modules, *ch.After)
		}
	}
	return all, "licence reports and SBOMs"
}

// withoutTest returns a test report in which no test ran to an end, nil if there is none.
func (s *summarizer) withoutTest() *Document {
	for _, d := range s.tests {
		ran := false
		for _, c := range d.Tests.All {
			ran = ran || c.Outcome.Ran()
		}
		if !ran {
			return d
		}
	}
	return nil
}

// golang yields the Go modules of a list.
func golang(list iter.Seq[license.Component]) iter.Seq[license.Component] {
	return func(yield func(license.Component) bool) {
		for c := range list {
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
