// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/compare"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/trustpack/uat"
	"github.com/HailBytes/evidence/version"
)

// Changes is what differs between the packs of two releases of one product. A
// part that is nil was not compared; NotCompared says why, unless neither pack
// has evidence of that kind.
type Changes struct {
	Before ReleaseName `json:"before"`
	After  ReleaseName `json:"after"`

	Images        []ImageChange             `json:"images"`   // by name
	Packages      []PackageChanges          `json:"packages"` // of each image that both have, then of the release
	Findings      []FindingChanges          `json:"findings"` // likewise
	Licenses      *license.Changes          `json:"licenses,omitempty"`
	Tests         *uat.TestChanges          `json:"tests,omitempty"`
	Accessibility *uat.AccessibilityChanges `json:"accessibility,omitempty"`
	Pins          []PinChange               `json:"pins"` // by path
	Gaps          []GapChange               `json:"gaps"` // by kind and image

	NotCompared []string `json:"notCompared"` // what only one pack has readable evidence of, for a person
}

// ReleaseName says which release a pack is of.
type ReleaseName struct {
	Product       string          `json:"product"`
	Version       string          `json:"version"`
	Commit        string          `json:"commit,omitempty"`
	ContentDigest evidence.Digest `json:"contentDigest"`
}

// ImageChange is an image that came, went, or is another one.
type ImageChange struct {
	Name   string `json:"name"`
	Before string `json:"before,omitempty"` // digest; empty for an image that is new
	After  string `json:"after,omitempty"`  // digest; empty for an image that is gone
}

// PackageChanges is what changed between the SBOMs of one subject.
type PackageChanges struct {
	Image string `json:"image,omitempty"` // empty for the release as a whole
	*compare.Changes
}

// FindingChanges is what changed between the scans of one subject, each finding
// once however many reports have it.
type FindingChanges struct {
	Image     string          `json:"image,omitempty"` // empty for the release as a whole
	New       []FindingChange `json:"new"`             // worst first, as the other lists
	Fixed     []FindingChange `json:"fixed"`
	Changed   []FindingChange `json:"changed"`
	Unchanged int             `json:"unchanged"`
}

// FindingChange names one finding.
type FindingChange struct {
	ID       string         `json:"id"`
	Severity sarif.Severity `json:"severity"`          // after; of a fixed one before
	Package  string         `json:"package,omitempty"` // "name@version"; empty for a finding that is not about one
	Fixed    []string       `json:"fixed,omitempty"`   // versions that are known to be without it
	What     []string       `json:"what,omitempty"`    // of a changed one: "severity", "fix", "suppressed", "reachability"
}

// PinChange is a deployment pin that came, went, or holds other lines.
type PinChange struct {
	Path    string   `json:"path"`
	Removed []string `json:"removed"` // lines that only the older file has, without outer space; all of a file that is gone
	Added   []string `json:"added"`   // lines that only the newer file has; all of a new file
}

// GapChange is a declared gap that was opened or closed.
type GapChange struct {
	Kind   manifest.Kind `json:"kind"`
	Image  string        `json:"image,omitempty"`
	Opened bool          `json:"opened"` // false for one that is declared no more
	Reason string        `json:"reason"`
}

// Empty reports whether nothing changed, and nothing was left out.
func (c *Changes) Empty() bool {
	return len(c.Images)+len(c.Pins)+len(c.Gaps)+len(c.NotCompared) == 0 &&
		!slices.ContainsFunc(c.Packages, func(p PackageChanges) bool { return !p.Empty() }) &&
		!slices.ContainsFunc(c.Findings, func(f FindingChanges) bool { return len(f.New)+len(f.Fixed)+len(f.Changed) > 0 }) &&
		(c.Licenses == nil || c.Licenses.Empty()) && (c.Tests == nil || c.Tests.Empty()) && (c.Accessibility == nil || c.Accessibility.Empty())
}

// Diff compares the packs of two releases by what their evidence says: images,
// packages, findings, licences, tests, accessibility, pins and gaps. Times, versions of
// tools, signatures and the order of anything are not changes. It does not verify the packs; a
// file that is not the one which the manifest lists is not compared.
//
// Packs of two products are an error of class ErrMismatch. Other errors mean that
// reading failed or ctx ended.
func Diff(ctx context.Context, before, after *Pack) (*Changes, error) {
	return diffSides(ctx, sideOf(before), sideOf(after))
}

func diffSides(ctx context.Context, before, after *side) (*Changes, error) {
	a, b := before.m, after.m
	if a.Product != b.Product {
		return nil, &evidence.Problem{Code: "diff.product", Severity: evidence.SeverityError, Err: evidence.ErrMismatch, Message: fmt.Sprintf("the packs are of two products, %s and %s", a.Product, b.Product)}
	}
	d := differ{ctx: ctx, before: before, after: after, out: &Changes{
		Before: before.name(), After: after.name(), Images: []ImageChange{}, Packages: []PackageChanges{}, Findings: []FindingChanges{},
		Pins: []PinChange{}, Gaps: gapChanges(a, b), NotCompared: []string{},
	}}
	if err := d.run(); err != nil {
		return nil, err
	}
	return d.out, nil
}

// side is one of two releases that are compared: a pack, or one that is being made.
type side struct {
	m      *manifest.Manifest
	digest evidence.Digest // of MANIFEST.json; zero for a pack that is being made
	open   func(context.Context, *manifest.File) ([]byte, error)
	reader *evidenceReader
	all    *summarizer
}

func newSide(m *manifest.Manifest, limits evidence.Limits, open func(context.Context, *manifest.File) ([]byte, error)) *side {
	return &side{m: m, open: open, reader: &evidenceReader{m: m, open: open, limits: limits}, all: newSummarizer()}
}

func sideOf(p *Pack) *side {
	s := newSide(p.m, p.limits, p.fileBytes)
	s.digest = p.digest
	return s
}

func (s *side) name() ReleaseName {
	return ReleaseName{s.m.Product, s.m.Version, s.m.Release.Commit, s.digest}
}

// about reads the documents about one subject.
func (s *side) about(ctx context.Context, name string) ([]*Document, error) {
	docs, err := s.reader.read(ctx, s.reader.about(name))
	of := &Subject{Name: name, Documents: docs}
	of.join()
	s.all.add(of)
	return docs, err
}

type differ struct {
	ctx           context.Context
	before, after *side
	out           *Changes
}

func (d *differ) run() error {
	if older(d.after.m.Version, d.before.m.Version) {
		d.note("%s is the older release: what reads as new was there before %s", d.after.m.Version, d.before.m.Version)
	}
	var names []string
	for _, name := range imageNames(d.before.m, d.after.m) {
		was, is := d.before.m.ImageByName(name), d.after.m.ImageByName(name)
		switch {
		case was == nil:
			d.out.Images = append(d.out.Images, ImageChange{Name: name, After: is.Digest.String()})
		case is == nil:
			d.out.Images = append(d.out.Images, ImageChange{Name: name, Before: was.Digest.String()})
		default:
			if was.Digest != is.Digest {
				d.out.Images = append(d.out.Images, ImageChange{name, was.Digest.String(), is.Digest.String()})
			}
			names = append(names, name)
		}
	}
	for _, name := range append(names, "") {
		if err := d.subject(name); err != nil {
			return err
		}
	}
	d.release()
	return d.pins()
}

// subjectName names what evidence is about.
func subjectName(image string) string {
	if image == "" {
		return "the release"
	}
	return image
}

// older reports whether both are versions of this module's form, and a is before b.
func older(a, b string) bool {
	x, errA := version.Parse(a)
	y, errB := version.Parse(b)
	return errA == nil && errB == nil && x.Compare(y) < 0
}

func imageNames(a, b *manifest.Manifest) []string {
	names := map[string]bool{}
	for _, m := range []*manifest.Manifest{a, b} {
		for i := range m.Images {
			names[m.Images[i].Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func (d *differ) note(format string, args ...any) {
	d.out.NotCompared = append(d.out.NotCompared, fmt.Sprintf(format, args...))
}

// subject compares the SBOMs and scans about one image, or the release.
func (d *differ) subject(name string) error {
	was, err := d.before.about(d.ctx, name)
	if err != nil {
		return err
	}
	is, err := d.after.about(d.ctx, name)
	if err != nil {
		return err
	}
	if a, b := sbomsAlike(was, is); a != nil && b != nil {
		d.out.Packages = append(d.out.Packages, PackageChanges{name, compare.Diff(a, b)})
	} else {
		d.oneSided("SBOM", name, a != nil, b != nil)
	}
	old, now := scans(was), scans(is)
	if len(old) > 0 && len(now) > 0 {
		d.out.Findings = append(d.out.Findings, findingChanges(name, sarif.DiffLogs(old, now)))
	} else {
		d.oneSided("scan", name, len(old) > 0, len(now) > 0)
	}
	return nil
}

// oneSided notes evidence that one pack has and the other has not.
func (d *differ) oneSided(what, subject string, was, is bool) {
	switch {
	case was && !is:
		d.note("%s has no %s of %s that can be compared, %s has", d.after.m.Version, what, subjectName(subject), d.before.m.Version)
	case is && !was:
		d.note("%s has no %s of %s that can be compared, %s has", d.before.m.Version, what, subjectName(subject), d.after.m.Version)
	}
}

// sbomsAlike returns an SBOM of either side, of one format where both have one:
// between two, what only one can say is no change.
func sbomsAlike(was, is []*Document) (a, b *sbom.Document) {
	for _, of := range []func(sbom.Format) bool{sbom.Format.SPDX, sbom.Format.CycloneDX} {
		if a, b = firstSBOM(was, of), firstSBOM(is, of); a != nil && b != nil {
			return a, b
		}
	}
	any := func(sbom.Format) bool { return true }
	return firstSBOM(was, any), firstSBOM(is, any)
}

func firstSBOM(docs []*Document, of func(sbom.Format) bool) *sbom.Document {
	for _, d := range docs {
		if d.SBOM != nil && of(d.SBOM.Format) {
			return d.SBOM
		}
	}
	return nil
}

func scans(docs []*Document) (logs []*sarif.Log) {
	for _, d := range docs {
		if d.Scan != nil {
			logs = append(logs, d.Scan)
		}
	}
	return logs
}

func findingChanges(image string, c *sarif.Changes) FindingChanges {
	out := FindingChanges{Image: image, New: []FindingChange{}, Fixed: []FindingChange{}, Changed: []FindingChange{}, Unchanged: len(c.Unchanged)}
	for _, f := range c.New {
		out.New = append(out.New, findingChange(f, nil))
	}
	for _, f := range c.Fixed {
		out.Fixed = append(out.Fixed, findingChange(f, nil))
	}
	for _, ch := range c.Changed {
		out.Changed = append(out.Changed, findingChange(ch.After, ch.What))
	}
	return out
}

func findingChange(f *sarif.Finding, what []string) FindingChange {
	out := FindingChange{ID: f.ID, Severity: f.Severity, What: what}
	if f.Package != nil {
		out.Package, out.Fixed = f.Package.String(), f.Package.Fixed
	}
	return out
}

// release compares what there is one sum of for the release.
func (d *differ) release() {
	a, b := d.before.all, d.after.all
	if len(a.licenses) > 0 && len(b.licenses) > 0 {
		was, _ := a.inventory()
		is, _ := b.inventory()
		d.out.Licenses = license.Diff(was, is)
	} else {
		d.oneSided("licence report", "", len(a.licenses) > 0, len(b.licenses) > 0)
	}
	if len(a.tests) > 0 && len(b.tests) > 0 {
		report := func(doc *Document) *uat.Report { return doc.Tests }
		d.out.Tests = uat.DiffTests(each(a.tests, report), each(b.tests, report))
	} else {
		d.oneSided("test report", "", len(a.tests) > 0, len(b.tests) > 0)
	}
	if len(a.axe) > 0 && len(b.axe) > 0 {
		result := func(doc *Document) *uat.Accessibility { return doc.Accessibility }
		d.out.Accessibility = uat.DiffAccessibility(each(a.axe, result), each(b.axe, result))
	} else {
		d.oneSided("accessibility result", "", len(a.axe) > 0, len(b.axe) > 0)
	}
}

// pins compares the lines of deployment pins, whatever their format: a person
// reads them as they stand.
func (d *differ) pins() error {
	paths := map[string]bool{}
	for _, s := range []*side{d.before, d.after} {
		for f := range s.m.FilesOf(manifest.KindPins) {
			paths[f.Path] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		was, errA := d.before.lines(d.ctx, path)
		is, errB := d.after.lines(d.ctx, path)
		for _, err := range []error{errA, errB} {
			if d.ctx.Err() != nil {
				return d.ctx.Err()
			}
			if err != nil && !evidence.IsVerdict(err) {
				return err
			}
		}
		if errA != nil || errB != nil {
			d.note("pins %s can not be read in one of the packs", path)
			continue
		}
		c := PinChange{path, without(was, is), without(is, was)}
		if len(c.Removed)+len(c.Added) > 0 {
			d.out.Pins = append(d.out.Pins, c)
		}
	}
	return nil
}

// lines returns the lines of a pin that are not empty; none where the pack does
// not have the file.
func (s *side) lines(ctx context.Context, path string) ([]string, error) {
	f := s.m.File(path)
	if f == nil || f.Kind != manifest.KindPins {
		return nil, nil
	}
	data, err := s.open(ctx, f)
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range bytes.Lines(data) {
		if text := strings.TrimSpace(string(line)); text != "" {
			lines = append(lines, text)
		}
	}
	return lines, nil
}

// without returns the lines of a that b does not have, as often as it does not.
func without(a, b []string) []string {
	have := map[string]int{}
	for _, line := range b {
		have[line]++
	}
	out := []string{}
	for _, line := range a {
		if have[line] > 0 {
			have[line]--
			continue
		}
		out = append(out, line)
	}
	return out
}

// gapChanges compares declared gaps by kind and image.
func gapChanges(a, b *manifest.Manifest) []GapChange {
	out := []GapChange{}
	missing := func(list, in []manifest.Gap, opened bool) {
		for _, g := range list {
			if !slices.ContainsFunc(in, func(h manifest.Gap) bool { return h.Kind == g.Kind && h.Image == g.Image }) {
				out = append(out, GapChange{g.Kind, g.Image, opened, g.Reason})
			}
		}
	}
	missing(b.Gaps, a.Gaps, true)
	missing(a.Gaps, b.Gaps, false)
	slices.SortStableFunc(out, func(x, y GapChange) int {
		return strings.Compare(string(x.Kind)+"\x00"+x.Image, string(y.Kind)+"\x00"+y.Image)
	})
	return out
}
