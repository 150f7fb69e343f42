// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/compare"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/trustpack/uat"
	"github.com/HailBytes/evidence/version"
)

// Changes is what differs between two releases of one product.
type Changes struct {
	Before ReleaseName `json:"before"`
	After  ReleaseName `json:"after"`
	Totals Totals      `json:"totals"` // counts what the lists hold

	Images        []NamedChange             `json:"images"`             // by name
	Packages      []PackageChanges          `json:"packages"`           // of each image by name, then of the release
	Findings      []FindingChanges          `json:"findings"`           // likewise
	Licenses      *license.Changes          `json:"licenses,omitempty"` // of licence reports and SBOMs; nil where not compared
	Tests         *uat.TestChanges          `json:"tests,omitempty"`    // likewise
	Accessibility *uat.AccessibilityChanges `json:"accessibility,omitempty"`
	Signatures    []SignatureChange         `json:"signatures"` // of images that both releases have, by name
	Tools         []NamedChange             `json:"tools"`      // by name
	Pins          []PinChange               `json:"pins"`       // by path, kind and name
	Gaps          []GapChange               `json:"gaps"`       // by kind and image

	NotCompared []NotCompared `json:"notCompared"` // what the lists above cannot say

	worse     []license.Change  // of Licenses: to a worse category, or new and not under a permissive licence
	wrongPins evidence.Problems // of the later release: images with another digest than its manifest lists
	unscanned []string          // images of the later release that no scan is about
}

// ReleaseName says which release was compared.
type ReleaseName struct {
	Product       string          `json:"product"`
	Version       string          `json:"version"`
	Commit        string          `json:"commit,omitempty"`
	ContentDigest evidence.Digest `json:"contentDigest,omitzero"` // of MANIFEST.json; zero for a release that is not packed yet
}

// NamedChange is an image, or a tool that made evidence, that came, went, or is of
// another digest or version.
type NamedChange struct {
	Name   string `json:"name"`
	Before string `json:"before,omitempty"` // the image's digest; the tool's versions, joined by ", ", or "unknown"; empty for what is new
	After  string `json:"after,omitempty"`  // likewise; empty for what is gone
}

// PackageChanges is what changed between the SBOMs of one subject. All packages of a
// new image were added, and all of an image that is gone were removed.
type PackageChanges struct {
	Image string `json:"image,omitempty"` // empty for the release as a whole
	*compare.Changes
}

// FindingChanges is what changed between the scans of one subject, each finding
// once however many reports have it. All findings of a new image are new, and all of
// an image that is gone are fixed.
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

	informational bool // the tool does not report it as a fault
}

// SignatureChange is a fact about the signing of an image that both releases have.
// What a pack says of it is a claim: only verification shows who signed.
type SignatureChange struct {
	Image string `json:"image"`
	// Fact is "status" (the manifest says "signed" or "unsigned"), "identity" (who signed, as
	// the manifest says) or "attestations" (types of those in the pack that name the image by its digest).
	Fact   string `json:"fact"`
	Before string `json:"before"`
	After  string `json:"after"`
	Lost   bool   `json:"lost"` // the image was signed by this fact, and no longer is
}

const (
	factStatus       = "status"
	factIdentity     = "identity"
	factAttestations = "attestations"
)

// GapChange is a declared gap that was opened or closed.
type GapChange struct {
	Kind   manifest.Kind `json:"kind"`
	Image  string        `json:"image,omitempty"`
	Opened bool          `json:"opened"` // false for one that is declared no more
	Reason string        `json:"reason"`
}

// NotCompared is evidence of which one release has nothing that can be read.
type NotCompared struct {
	Kind    manifest.Kind `json:"kind,omitempty"` // empty for a remark on all of the comparison
	Image   string        `json:"image,omitempty"`
	Lost    bool          `json:"lost"` // the later release lacks it; what only the later one has counts as new
	Message string        `json:"message"`
}

// Empty reports whether nothing changed, and nothing was left out.
func (c *Changes) Empty() bool {
	return len(c.Images)+len(c.Signatures)+len(c.Tools)+len(c.Pins)+len(c.Gaps)+len(c.NotCompared) == 0 &&
		!slices.ContainsFunc(c.Packages, func(p PackageChanges) bool { return !p.Empty() }) &&
		!slices.ContainsFunc(c.Findings, func(f FindingChanges) bool { return len(f.New)+len(f.Fixed)+len(f.Changed) > 0 }) &&
		(c.Licenses == nil || c.Licenses.Empty()) && (c.Tests == nil || c.Tests.Empty()) && (c.Accessibility == nil || c.Accessibility.Empty())
}

// Diff compares two releases of one product by what their evidence says. Times and
// the order of anything are not changes. Images are the same if their names are.
// Evidence that only the later release has is new, all of it; what only the earlier
// one has was not compared, unless its image is gone.
//
// It does not judge whether the evidence is sound: [Verify] does. Both releases must
// hold their documents, as [Pack.Release] and Policy.KeepRelease give them. The cost
// is n log n in the size of the documents.
func Diff(before, after *Release) *Changes {
	d := differ{before: newSide(before), after: newSide(after), out: &Changes{
		Before: nameOf(before.Manifest), After: nameOf(after.Manifest),
		Images: []NamedChange{}, Packages: []PackageChanges{}, Findings: []FindingChanges{}, Signatures: []SignatureChange{},
		Pins: []PinChange{}, NotCompared: []NotCompared{},
	}}
	if older(after.Manifest.Version, before.Manifest.Version) {
		d.out.NotCompared = append(d.out.NotCompared, NotCompared{Message: fmt.Sprintf("%s is the older release: what reads as new was there before %s", after.Manifest.Version, before.Manifest.Version)})
	}
	d.images()
	for _, name := range d.subjects() {
		d.subject(name)
	}
	d.release()
	d.tools()
	d.pins()
	d.gaps()
	d.out.Totals = d.totals()
	return d.out
}

func nameOf(m *manifest.Manifest) ReleaseName {
	name := ReleaseName{Product: m.Product, Version: m.Version, Commit: m.Release.Commit}
	if raw := m.Raw(); raw != nil {
		name.ContentDigest = evidence.Sum256(raw)
	}
	return name
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

// side is one of two releases that are compared.
type side struct {
	*Release
	images   map[string]*manifest.Image
	subjects map[string]*Subject
}

func newSide(r *Release) *side {
	s := &side{r, map[string]*manifest.Image{}, map[string]*Subject{"": {}}}
	for i := range r.Manifest.Images {
		s.images[r.Manifest.Images[i].Name] = &r.Manifest.Images[i]
	}
	for _, sub := range r.Subjects {
		s.subjects[sub.Name] = sub
	}
	return s
}

// subject returns what the release has about an image; what has nothing for one that
// it does not have.
func (s *side) subject(name string) (of *Subject, has bool) {
	if of, has = s.subjects[name]; has {
		return of, true
	}
	return &Subject{Name: name}, false
}

type differ struct {
	before, after *side
	out           *Changes
}

// images compares the lists of images, and what is said of their signing.
func (d *differ) images() {
	names := maps.Clone(d.before.images)
	maps.Copy(names, d.after.images)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, is := d.before.images[name], d.after.images[name]
		switch {
		case was == nil:
			d.out.Images = append(d.out.Images, NamedChange{Name: name, After: is.Digest.String()})
		case is == nil:
			d.out.Images = append(d.out.Images, NamedChange{Name: name, Before: was.Digest.String()})
		default:
			if was.Digest != is.Digest {
				d.out.Images = append(d.out.Images, NamedChange{name, was.Digest.String(), is.Digest.String()})
			}
			d.signing(was, is)
		}
	}
}

// subjects returns what either release has evidence of, the release as a whole last.
func (d *differ) subjects() []string {
	names := maps.Clone(d.before.subjects)
	maps.Copy(names, d.after.subjects)
	delete(names, "")
	return append(slices.Sorted(maps.Keys(names)), "")
}

// subject compares the SBOMs and scans about one image, or the release.
func (d *differ) subject(name string) {
	was, had := d.before.subject(name)
	is, has := d.after.subject(name)
	a, b := sbomsAlike(was.Documents, is.Documents)
	switch {
	case a != nil && b != nil:
		d.out.Packages = append(d.out.Packages, PackageChanges{name, compare.Diff(a, b)})
	case had && has && d.oneSided(manifest.KindSBOM, "SBOM", name, a != nil, b != nil): // what is lost was not compared
	case a != nil || b != nil:
		d.out.Packages = append(d.out.Packages, PackageChanges{name, allPackages(was, is)})
	}
	old, now := scans(was.Documents), scans(is.Documents)
	lost := had && has && d.oneSided(manifest.KindScan, "scan", name, len(old) > 0, len(now) > 0)
	if !lost && len(old)+len(now) > 0 {
		d.out.Findings = append(d.out.Findings, findingChanges(name, sarif.DiffLogs(old, now)))
	}
	if len(now) == 0 && !lost && is.Image != nil && len(scans(d.after.subjects[""].Documents)) == 0 {
		d.out.unscanned = append(d.out.unscanned, name)
	}
	for _, doc := range is.Documents {
		if doc.Scan != nil && doc.refused != "" {
			d.lost(manifest.KindScan, name, "%s %s: findings that are gone may still be there", doc.File.Path, doc.refused)
		}
	}
}

// lost notes what the later release does not show.
func (d *differ) lost(kind manifest.Kind, image, format string, args ...any) {
	d.out.NotCompared = append(d.out.NotCompared, NotCompared{kind, image, true, fmt.Sprintf(format, args...)})
}

// oneSided notes evidence that one release has and the other has not, and reports
// whether it is the later one that lacks it.
func (d *differ) oneSided(kind manifest.Kind, what, subject string, was, is bool) bool {
	before, after := d.out.Before.Version, d.out.After.Version
	switch {
	case was && !is:
		d.lost(kind, subject, "%s has no %s of %s that can be read, %s has", after, what, subjectName(subject), before)
		return true
	case is && !was:
		message := fmt.Sprintf("%s has no %s of %s that can be read: all that %s has counts as new", before, what, subjectName(subject), after)
		d.out.NotCompared = append(d.out.NotCompared, NotCompared{Kind: kind, Image: subject, Message: message})
	}
	return false
}

// sbomsAlike returns the SBOMs of either side, of one format where both have one:
// between two, what only one can say is no change. Several of one format are one.
func sbomsAlike(was, is []*Document) (a, b *sbom.Document) {
	for _, of := range []func(sbom.Format) bool{sbom.Format.SPDX, sbom.Format.CycloneDX} {
		if a, b = joinSBOMs(was, of), joinSBOMs(is, of); a != nil && b != nil {
			return a, b
		}
	}
	any := func(sbom.Format) bool { return true }
	return joinSBOMs(was, any), joinSBOMs(is, any)
}

// joinSBOMs returns the SBOMs of a format as one document, nil if there is none. The
// parts of several documents refer to one another by identifiers that may collide, so
// that only their components are taken, each package once.
func joinSBOMs(docs []*Document, of func(sbom.Format) bool) *sbom.Document {
	var list []*sbom.Document
	for _, d := range docs {
		if d.SBOM != nil && of(d.SBOM.Format) {
			list = append(list, d.SBOM)
		}
	}
	if len(list) < 2 {
		return slices.Concat(list, []*sbom.Document{nil})[0]
	}
	all := &sbom.Document{Format: list[0].Format, SpecVersion: list[0].SpecVersion}
	seen := map[string]bool{}
	for _, doc := range list {
		for c := range packagesOf(doc) {
			key := cmp.Or(c.PURL(), nameVersion(fullName(c), c.Version.String()))
			if !seen[key] {
				seen[key] = true
				all.Components = append(all.Components, *c)
			}
		}
	}
	return all
}

// allPackages lists the packages of the one side that has any.
func allPackages(was, is *Subject) *compare.Changes {
	list := func(s *Subject) []compare.ComponentSummary {
		out := []compare.ComponentSummary{}
		for _, c := range s.Components {
			e := c.entries[0].c
			out = append(out, compare.ComponentSummary{Name: c.Name, Version: c.Version, Type: e.Type, PURL: c.PURL, License: c.License(), Component: e})
		}
		slices.SortFunc(out, func(a, b compare.ComponentSummary) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version))
		})
		return out
	}
	c := compare.Diff(&sbom.Document{}, &sbom.Document{}) // its lists are empty, not nil
	c.Added, c.Removed = list(is), list(was)
	c.Summary.Before, c.Summary.Removed = len(c.Removed), len(c.Removed)
	c.Summary.After, c.Summary.Added = len(c.Added), len(c.Added)
	return c
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
	out := FindingChange{ID: f.ID, Severity: f.Severity, What: what, informational: f.Kind == sarif.KindInformational}
	if f.Package != nil {
		out.Package, out.Fixed = f.Package.String(), f.Package.Fixed
	}
	return out
}

// release compares what there is one sum of for the release.
func (d *differ) release() {
	a, b := d.before.sum, d.after.sum
	d.oneSided(manifest.KindLicenseReport, "licence report", "", len(a.licenses) > 0, len(b.licenses) > 0)
	was, _ := a.allLicenses()
	is, _ := b.allLicenses()
	if len(was.Modules)+len(is.Modules) > 0 {
		d.out.Licenses = license.Diff(was, is)
		d.out.worse = worseLicenses(d.out.Licenses, was)
	}
	if !d.oneSided(manifest.KindTestReport, "test report", "", len(a.tests) > 0, len(b.tests) > 0) && len(b.tests) > 0 {
		report := func(doc *Document) *uat.Report { return doc.Tests }
		d.out.Tests = uat.DiffTests(each(a.tests, report), each(b.tests, report))
	}
	if !d.oneSided(manifest.KindAccessibility, "accessibility result", "", len(a.axe) > 0, len(b.axe) > 0) && len(b.axe) > 0 {
		result := func(doc *Document) *uat.Accessibility { return doc.Accessibility }
		d.out.Accessibility = uat.DiffAccessibility(each(a.axe, result), each(b.axe, result))
	}
}

// worseLicenses returns the packages that ask for more than before. One that one image
// had before, and another image has now in another version, is not new.
func worseLicenses(c *license.Changes, before *license.Inventory) []license.Change {
	had := map[string]license.Category{}
	for i := range before.Modules {
		m := &before.Modules[i]
		had[m.Name] = max(had[m.Name], m.Category)
	}
	return slices.DeleteFunc(c.Above(license.Permissive), func(ch license.Change) bool {
		return ch.After.FirstParty || ch.Before == nil && had[ch.Name] >= ch.After.Category
	})
}

// signing compares what is said of the signing of an image. An identity that names
// the tag of the release is the same if nothing else of it changed.
func (d *differ) signing(was, is *manifest.Image) {
	add := func(fact, before, after string, lost bool) {
		if before != after {
			d.out.Signatures = append(d.out.Signatures, SignatureChange{was.Name, fact, before, after, lost})
		}
	}
	add(factStatus, string(was.Signing.Status), string(is.Signing.Status), was.Signing.Status == manifest.Signed)
	identity := func(s *manifest.Signing) string {
		who := cmp.Or(s.CertificateIdentity, s.CertificateIdentityRegexp)
		if who == "" || s.CertificateOIDCIssuer == "" {
			return who
		}
		return who + " (" + s.CertificateOIDCIssuer + ")"
	}
	const ref = "@refs/tags/"
	who := identity(&was.Signing)
	if same := strings.ReplaceAll(who, ref+d.before.Manifest.Release.Tag, ref+d.after.Manifest.Release.Tag); same == identity(&is.Signing) {
		who = same
	}
	add(factIdentity, who, identity(&is.Signing), false)
	before, after := attestationTypes(d.before.subjects[was.Name]), attestationTypes(d.after.subjects[is.Name])
	add(factAttestations, before, after, after == "")
}

// attestationTypes lists the types of the attestations that name the image by its
// digest, as they say themselves. Of a plain signature of an artifact nothing shows
// what it is of.
func attestationTypes(s *Subject) string {
	if s == nil || s.Image == nil {
		return ""
	}
	digests := map[string]bool{s.Image.Digest.String(): true}
	for _, digest := range s.otherDigests {
		digests[digest] = true
	}
	types := map[string]bool{}
	for a := range s.Attestations() {
		_, payload := a.UnverifiedPayload()
		if payload == nil {
			types["signature"] = true
		} else if st, err := a.UnverifiedStatement(); err == nil {
			for _, sub := range st.Subject {
				for algorithm, hex := range sub.Digest {
					if digests[algorithm+":"+hex] {
						types[st.PredicateType] = true
					}
				}
			}
		} else if claim, err := attest.ParseImageSignature(payload, nil); err == nil && digests[claim.Digest.String()] {
			types["image signature"] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(types)), ", ")
}

// tools compares the tools that the manifest and the scans name.
func (d *differ) tools() {
	was, is := toolVersions(d.before.Release), toolVersions(d.after.Release)
	names := maps.Clone(was)
	maps.Copy(names, is)
	d.out.Tools = []NamedChange{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if was[name] != is[name] {
			d.out.Tools = append(d.out.Tools, NamedChange{name, was[name], is[name]})
		}
	}
}

// toolVersions returns the versions of each tool, joined, by its name in lower case.
func toolVersions(r *Release) map[string]string {
	found := map[string]map[string]bool{}
	add := func(name, version string) {
		if name = strings.ToLower(name); name == "" {
			return
		}
		if found[name] == nil {
			found[name] = map[string]bool{}
		}
		if version != "" {
			found[name][version] = true
		}
	}
	for i := range r.Manifest.Files {
		add(r.Manifest.Files[i].Tool.Name, r.Manifest.Files[i].Tool.Version)
	}
	for doc := range r.Documents() {
		if doc.Scan == nil {
			continue
		}
		for i := range doc.Scan.Runs {
			add(doc.Scan.Runs[i].Tool.Name, doc.Scan.Runs[i].Tool.Version)
		}
	}
	out := map[string]string{}
	for name, versions := range found {
		out[name] = cmp.Or(strings.Join(slices.Sorted(maps.Keys(versions)), ", "), "unknown")
	}
	return out
}

// gaps compares declared gaps by kind and image.
func (d *differ) gaps() {
	type key struct {
		kind  manifest.Kind
		image string
	}
	index := func(list []manifest.Gap) map[key]manifest.Gap {
		all := map[key]manifest.Gap{}
		for _, g := range list {
			all[key{g.Kind, g.Image}] = g
		}
		return all
	}
	was, is := index(d.before.Manifest.Gaps), index(d.after.Manifest.Gaps)
	d.out.Gaps = []GapChange{}
	missing := func(from, in map[key]manifest.Gap, opened bool) {
		for k, g := range from {
			if _, there := in[k]; !there {
				d.out.Gaps = append(d.out.Gaps, GapChange{k.kind, k.image, opened, g.Reason})
			}
		}
	}
	missing(is, was, true)
	missing(was, is, false)
	slices.SortFunc(d.out.Gaps, func(a, b GapChange) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Image, b.Image))
	})
}
