// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"html/template"
	"slices"
)

// What the static part of a page shows of long lists; the script shows all.
const (
	mostFirst    = 8    // findings to look at first
	mostBars     = 12   // images in the chart
	mostFindings = 1000 // of high and critical severity, without a script
	mostFiles    = 2000 // without a script
	mostImages   = 200
)

// overview is what the template shows: the Data, and what they come to.
type overview struct {
	*Data
	Style                 template.CSS
	Script                template.JS
	StyleHash, ScriptHash string

	Views      []viewLink
	Size       int64
	Signed     int
	Makers     []string // identities that the pack claims
	Severities []tally  // of findings
	Fixable    int
	NewCount   int
	Bars       []bar
	MoreBars   int
	Worst      []Finding // to look at first
	Urgent     []Finding // critical and high
	MoreUrgent int
	Types      []tally // of packages
	Categories []tally // of licences
	Unlicensed int
	Outcomes   []tally
	Violations int
	Reviews    int
	Bad        int // web pages with a violation
	Deltas     []delta
	Timed      bool // a report says when it was made, or of when its data are
	Shown      []Image
	MoreImages int
	Listed     []File
	MoreFiles  int
	ByImage    map[string]*imageCounts
}

type (
	// viewLink is one entry of the navigation.
	viewLink struct {
		ID, Title string
		Count     int
		Scripted  bool // there is nothing to see without a script
	}
	// tally is a count and its share of all, for a bar of 100 units.
	tally struct {
		Name, Label string
		Count, New  int
		From, Width float64
	}
	// bar is one line of the chart of severities by image.
	bar struct {
		Image string
		Total int
		Parts []tally
	}
	// delta is what changed of one kind.
	delta struct {
		Kind, Title             string
		Added, Removed, Changed int
		Unwanted                bool // fewer are better
	}
	imageCounts struct {
		Packages, Findings, Critical, High, Fixable, Attestations, Files int
	}
)

// severities in the order in which they are shown.
var severities = []string{"critical", "high", "medium", "low", "unknown"}

// shownAs joins the severities that need nobody's attention.
func shownAs(severity string) string {
	switch severity {
	case "negligible", "none":
		return "low"
	}
	if slices.Contains(severities, severity) {
		return severity
	}
	return "unknown"
}

func newOverview(d *Data) *overview {
	v := &overview{Data: d, ByImage: map[string]*imageCounts{}}
	for i := range d.Images {
		v.ByImage[d.Images[i].Name] = &imageCounts{}
	}
	v.countFindings()
	v.countRest()
	v.countChanges()
	v.Shown, v.MoreImages = first(d.Images, mostImages)
	v.Listed, v.MoreFiles = first(d.Files, mostFiles)
	v.Views = v.views()
	return v
}

func first[T any](list []T, n int) ([]T, int) {
	n = min(n, len(list))
	return list[:n], len(list) - n
}

// of returns the counts of an image; a throw-away for what no image is named for.
func (v *overview) of(image string) *imageCounts {
	if c := v.ByImage[image]; c != nil {
		return c
	}
	return &imageCounts{}
}

func (v *overview) countFindings() {
	total, added := map[string]int{}, map[string]int{}
	byImage := map[string]map[string]int{}
	var images []string
	for _, f := range v.Findings {
		s := shownAs(f.Severity)
		total[s]++
		if byImage[f.Image] == nil {
			byImage[f.Image] = map[string]int{}
			images = append(images, f.Image)
		}
		byImage[f.Image][s]++
		c := v.of(f.Image)
		c.Findings++
		if f.New {
			added[s]++
			v.NewCount++
		}
		if len(f.Fixed) > 0 {
			v.Fixable++
			c.Fixable++
		}
		switch s {
		case "critical":
			c.Critical++
		case "high":
			c.High++
		default:
			continue
		}
		v.Urgent = append(v.Urgent, f)
	}
	v.Severities = shares(severities, total, len(v.Findings))
	for i := range v.Severities {
		v.Severities[i].New = added[v.Severities[i].Name]
	}
	// Those that an upgrade mends come first: they are the ones to act on.
	v.Worst = slices.Clone(v.Urgent)
	slices.SortStableFunc(v.Worst, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), cmp.Compare(b.Score, a.Score))
	})
	v.Worst, _ = first(v.Worst, mostFirst)
	v.Urgent, v.MoreUrgent = first(v.Urgent, mostFindings)

	most := 0
	slices.SortStableFunc(images, func(a, b string) int { return cmp.Compare(sum(byImage[b]), sum(byImage[a])) })
	images, v.MoreBars = first(images, mostBars)
	for _, image := range images {
		most = max(most, sum(byImage[image]))
	}
	for _, image := range images {
		v.Bars = append(v.Bars, bar{image, sum(byImage[image]), shares(severities, byImage[image], most)})
	}
}

func urgency(f Finding) int {
	n := 2 * slices.Index(severities, f.Severity)
	if len(f.Fixed) == 0 {
		n++
	}
	return n
}

func sum(m map[string]int) (n int) {
	for _, c := range m {
		n += c
	}
	return n
}

// shares makes the parts of a bar that is 100 wide at most: those of names, in
// their order.
func shares(names []string, counts map[string]int, most int) []tally {
	var list []tally
	from := 0.0
	for _, name := range names {
		t := tally{Name: name, Label: name, Count: counts[name], From: from}
		if most > 0 {
			t.Width = 100 * float64(t.Count) / float64(most)
		}
		from += t.Width
		list = append(list, t)
	}
	return list
}

// frequent makes a bar of counts, the most frequent first; the least are joined.
func frequent(counts map[string]int, empty string, most int) []tally {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	all := sum(counts)
	names, _ = first(names, most)
	list := shares(names, counts, all)
	for i := range list {
		if list[i].Name == "" {
			list[i].Label = empty
		}
	}
	return list
}

var outcomes = []string{"passed", "flaky", "skipped", "failed", "error"}

func (v *overview) countRest() {
	types := map[string]int{}
	for i := range v.Packages {
		p := &v.Packages[i]
		types[p.Type]++
		v.of(p.Image).Packages++
	}
	v.Types = frequent(types, "other", 6)
	categories := map[string]int{}
	for _, l := range v.Licenses {
		n := l.Packages + len(l.Modules)
		if l.ID == "" {
			v.Unlicensed += n
		}
		categories[l.Category] += n
	}
	v.Categories = frequent(categories, "unknown", 8)
	tests := map[string]int{}
	for i := range v.Tests {
		tests[v.Tests[i].Outcome]++
	}
	v.Outcomes = shares(outcomes, tests, len(v.Tests))
	for _, p := range v.Pages {
		bad := 0
		for _, r := range p.Rules {
			switch r.Outcome {
			case "violation":
				bad += r.Elements
			case "review":
				v.Reviews += r.Elements
			}
		}
		v.Violations += bad
		if bad > 0 {
			v.Bad++
		}
	}
	for _, i := range v.Images {
		if !i.Signed {
			continue
		}
		v.Signed++
		if i.Identity != "" && !slices.Contains(v.Makers, i.Identity) && len(v.Makers) < 3 {
			v.Makers = append(v.Makers, i.Identity)
		}
	}
	for _, s := range v.Scans {
		v.Timed = v.Timed || s.Time != "" || s.Database != ""
	}
	for _, a := range v.Attestations {
		v.of(a.Image).Attestations++
	}
	for _, f := range v.Files {
		v.Size += max(f.Size, 0)
		v.of(f.Image).Files++
	}
}

// changeKinds are in the order in which they are shown.
var changeKinds = []struct{ kind, title string }{
	{"image", "Images"}, {"finding", "Findings"}, {"package", "Packages"}, {"licence", "Licences"}, {"test", "Tests"},
	{"accessibility", "Accessibility"}, {"attestation", "Attestations"}, {"tool", "Tools"}, {"pin", "Pins"}, {"gap", "Gaps"},
}

func (v *overview) countChanges() {
	if v.Changes == nil {
		return
	}
	at := map[string]*delta{}
	for _, c := range v.Changes.Rows {
		d := at[c.Kind]
		if d == nil {
			d = &delta{Kind: c.Kind, Unwanted: c.Kind == "finding" || c.Kind == "gap" || c.Kind == "accessibility"}
			at[c.Kind] = d
		}
		switch c.What {
		case "added":
			d.Added++
		case "removed":
			d.Removed++
		case "changed":
			d.Changed++
		}
	}
	for _, k := range changeKinds {
		if d := at[k.kind]; d != nil {
			d.Title = k.title
			v.Deltas = append(v.Deltas, *d)
		}
	}
}

// views lists what there is to see.
func (v *overview) views() []viewLink {
	changes := 0
	if v.Changes != nil {
		changes = len(v.Changes.Rows)
	}
	all := []struct {
		viewLink
		shown bool
	}{
		{viewLink{ID: "overview", Title: "Overview"}, true},
		{viewLink{ID: "changes", Title: "What changed", Count: changes, Scripted: true}, v.Changes != nil},
		{viewLink{ID: "images", Title: "Images", Count: len(v.Images)}, len(v.Images) > 0},
		{viewLink{ID: "findings", Title: "Findings", Count: len(v.Findings)}, len(v.Findings)+len(v.Scans) > 0},
		{viewLink{ID: "packages", Title: "Packages", Count: len(v.Packages), Scripted: true}, len(v.Packages) > 0},
		{viewLink{ID: "licences", Title: "Licences", Count: len(v.Licenses), Scripted: true}, len(v.Licenses) > 0},
		{viewLink{ID: "tests", Title: "Tests", Count: len(v.Tests), Scripted: true}, len(v.Tests)+len(v.Pictures) > 0},
		{viewLink{ID: "accessibility", Title: "Accessibility", Count: len(v.Pages), Scripted: true}, len(v.Pages) > 0},
		{viewLink{ID: "attestations", Title: "Attestations", Count: len(v.Attestations), Scripted: true}, len(v.Attestations) > 0},
		{viewLink{ID: "controls", Title: "Controls", Count: len(v.Controls), Scripted: true}, len(v.Controls) > 0},
		{viewLink{ID: "files", Title: "Files", Count: len(v.Files)}, true},
		{viewLink{ID: "verify", Title: "How to verify"}, true},
	}
	var list []viewLink
	for _, a := range all {
		if a.shown {
			list = append(list, a.viewLink)
		}
	}
	return list
}
