// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/recognize"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/controls"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/version"
)

// Of returns the rows of a verified pack. The report must hold its release:
// verify with trustpack.Policy.KeepRelease. Findings are in the order of
// their severity, the worst first; all other lists are in the order of the release.
func Of(report *trustpack.Report) *Rows {
	m := report.Release.Manifest
	b := builder{key: Key{PackID: strings.TrimPrefix(report.ContentDigest, "sha256:"), Product: m.Product, Version: m.Version}}
	if v, err := version.Parse(m.Version); err == nil {
		b.key.VersionNumber = int64(v.Count())
	}
	b.manifest = At{SourcePath: manifest.Name, SourceSHA256: b.key.PackID}
	b.pack(report)
	b.listed(m)
	b.results = resultsOf(report.Checks)
	for _, s := range report.Release.Subjects {
		b.subject(s)
	}
	slices.SortStableFunc(b.Findings, func(a, b Finding) int { return cmp.Compare(b.SeverityRank, a.SeverityRank) })
	for _, c := range report.Checks {
		at := b.manifest // of what is about no file in particular
		if f := m.File(c.Subject); f != nil {
			at = At{SourcePath: f.Path, SourceSHA256: f.SHA256.Hex()}
		}
		b.Checks = append(b.Checks, Check{b.key, c.ID, c.Status.String(), c.Subject, c.Message, at})
	}
	b.controls(report.Controls(nil))
	return &b.Rows
}

type builder struct {
	Rows
	key      Key
	manifest At
	results  map[string][]string // see resultsOf
}

// resultsOf returns what the checks attest.* say, by the file or image that they are about.
func resultsOf(checks evidence.Checks) map[string][]string {
	by := map[string][]string{}
	for _, c := range checks {
		if strings.HasPrefix(c.ID, "attest.") {
			by[c.Subject] = append(by[c.Subject], c.ID+": "+c.Status.String())
		}
	}
	return by
}

func (b *builder) pack(report *trustpack.Report) {
	m := report.Release.Manifest
	p := Pack{
		Key: b.key, ZIPSHA256: report.SHA256, Tag: m.Release.Tag, Commit: m.Release.Commit, Repository: m.Release.Repository,
		Created: timeOf(m.Release.Created), Consistent: report.Verdicts.Consistent.String(), Pinned: report.Verdicts.Pinned.String(),
		Authentic: report.Verdicts.Authentic.String(), Files: int64(len(m.Files)), SchemaVersion: SchemaVersion, At: b.manifest,
	}
	for i := range m.Files {
		p.Bytes += max(m.Files[i].Size, 0)
	}
	b.Packs = []Pack{p}
}

// listed makes the rows of what the manifest itself states.
func (b *builder) listed(m *manifest.Manifest) {
	at := func(list string, i int) At {
		return At{b.manifest.SourcePath, b.manifest.SourceSHA256, "/" + list + "/" + strconv.Itoa(i)}
	}
	for i := range m.Images {
		img := &m.Images[i]
		b.Images = append(b.Images, Image{
			b.key, img.Name, img.Reference, imageref.Repository(img.Reference), img.Digest.String(), img.Platform, string(img.Signing.Status), at("images", i),
		})
	}
	for i := range m.Files {
		f := &m.Files[i]
		b.Files = append(b.Files, File{
			b.key, f.Path, f.SHA256.Hex(), f.Size, f.MediaType, string(f.Kind), string(f.Format), f.Image, f.Tool.Name, f.Tool.Version, at("files", i),
		})
	}
	for i := range m.Gaps {
		g := &m.Gaps[i]
		b.Gaps = append(b.Gaps, Gap{b.key, string(g.Kind), g.Image, g.Reason, g.Target.String(), timeOf(g.Target.End()), at("gaps", i)})
	}
}

// controls makes the rows of what the release says of each control.
func (b *builder) controls(results []controls.Result) {
	for i := range results {
		c := &results[i]
		for j := range c.Rows {
			o := &c.Rows[j]
			row := Control{
				Key: b.key, Framework: c.Framework, Edition: c.Edition, ID: c.ID, State: c.Status.String(), Strength: o.Strength.String(), Evidence: o.Evidence,
				Result: o.Status.String(), Reason: c.Reason, About: o.About, CheckIDs: []string{}, At: b.manifest,
			}
			for _, check := range o.Checks {
				if !slices.Contains(row.CheckIDs, check.ID) {
					row.CheckIDs = append(row.CheckIDs, check.ID)
				}
			}
			if len(o.Sources) > 0 {
				row.At = at(o.Sources[0])
			}
			b.Controls = append(b.Controls, row)
		}
	}
}

// subject makes the rows of what the evidence states about one image, or the release.
func (b *builder) subject(s *trustpack.Subject) {
	for _, c := range s.Components {
		b.Packages = append(b.Packages, b.component(c))
	}
	for _, f := range s.Findings {
		b.Findings = append(b.Findings, b.finding(f))
	}
	for t := range s.Tests() {
		row := Test{
			Key: b.key, Suite: t.Class, Name: t.Name, Status: t.Outcome.String(), DurationMS: t.Duration.Milliseconds(), Attempts: int64(t.Attempts),
			Files: []string{}, At: at(t.Source),
		}
		if row.Suite == "" {
			row.Suite = t.File
		}
		for _, a := range t.Attachments {
			row.Files = append(row.Files, a.Path)
		}
		b.Tests = append(b.Tests, row)
	}
	for _, d := range s.Documents {
		if d.Accessibility != nil {
			b.accessibility(d)
		}
	}
	for a := range s.Attestations() {
		b.Attestations = append(b.Attestations, b.attestation(a))
	}
}

func (b *builder) component(c *trustpack.Component) Package {
	row := Package{
		Key: b.key, Image: c.Subject.Name, PURL: c.PURL, Name: c.Name, PackageVersion: c.Version, License: c.License(),
		LicenseCategory: category(c.License()), Licenses: []string{}, CPEs: []string{}, Relation: c.Relation().String(),
		Findings: int64(len(c.Findings())), At: first(c.Sources()),
	}
	if p, err := purl.Parse(c.PURL); err == nil {
		row.Type, row.Namespace, row.Distro, row.Arch = p.Type, p.Namespace, p.Qualifier("distro"), p.Qualifier("arch")
	}
	if e, err := spdxexpr.Parse(row.License, nil); err == nil {
		for l := range e.Licenses() {
			row.Licenses = append(row.Licenses, l.ID)
		}
		slices.Sort(row.Licenses)
		row.Licenses = slices.Compact(row.Licenses)
	}
	for d, e := range c.Entries() {
		row.SourceCount++
		row.InSPDX, row.InCycloneDX = row.InSPDX || d.SBOM.Format.SPDX(), row.InCycloneDX || d.SBOM.Format.CycloneDX()
		if row.Supplier == "" && e.Supplier != nil {
			row.Supplier = e.Supplier.Name.String()
		}
		if list := e.Digests(); row.SHA256 == "" && len(list) > 0 {
			row.SHA256 = strings.TrimPrefix(list[0], "sha256:")
		}
		for cpe := range e.CPEs() {
			if !slices.Contains(row.CPEs, cpe) {
				row.CPEs = append(row.CPEs, cpe)
			}
		}
	}
	return row
}

func (b *builder) finding(f *trustpack.Finding) Finding {
	row := Finding{
		Key: b.key, Image: f.Subject.Name, Vulnerability: f.ID, Class: f.Class.String(), Aliases: nonNil(f.Aliases), Severity: f.Severity.String(),
		SeverityRank: int64(f.Severity), CVSSScore: f.Score, Fixed: []string{}, Tools: []string{}, Reachable: f.Reachability.String(),
		Waivers: []string{}, Title: f.Title, At: first(f.Sources()),
	}
	for _, r := range f.Ratings {
		if r.Vector != "" && r.Score == f.Score {
			row.CVSSVector, row.CVSSVersion = r.Vector, cvssVersion(r.Vector)
			break
		}
	}
	if p := f.Package; p != nil {
		row.PURL, row.Name, row.Installed, row.Fixed = p.PURL, p.Name, strings.Join(p.Versions, " "), nonNil(p.Fixed)
	}
	if c := f.Component; c != nil {
		row.PURL = c.PURL
	}
	for _, o := range f.Provenance() {
		if tool := strings.TrimSpace(o.Tool + " " + o.Version); tool != "" && !slices.Contains(row.Tools, tool) {
			row.Tools = append(row.Tools, tool)
		}
	}
	for _, w := range f.Waivers {
		text := string(w.Kind)
		if w.Reason != "" {
			text += ": " + w.Reason
		}
		if !w.Counts {
			text += " (not counted)"
		}
		row.Waivers = append(row.Waivers, text)
		row.Waived = row.Waived || w.Counts
	}
	return row
}

func (b *builder) accessibility(d *trustpack.Document) {
	for _, page := range d.Accessibility.Pages {
		for _, r := range page.Rules {
			if len(r.Violations)+len(r.Incomplete) == 0 {
				continue
			}
			b.Accessibility = append(b.Accessibility, Accessibility{
				b.key, page.URL, r.ID, nonNil(r.Criteria()), r.Impact, int64(len(r.Violations)), int64(len(r.Incomplete)), r.Help, at(d.Source()),
			})
		}
	}
}

func (b *builder) attestation(a *trustpack.Attestation) Attestation {
	row := Attestation{Key: b.key, Image: a.Subject.Name, Format: a.Format(), Subjects: []string{}, Results: nonNil(b.results[a.Source.Path]), At: at(a.Source)}
	if s, err := a.UnverifiedStatement(); err == nil {
		row.PredicateType = s.PredicateType
		for _, subject := range s.Subject {
			for alg, hex := range subject.Digest {
				row.Subjects = append(row.Subjects, alg+":"+hex)
			}
		}
		slices.Sort(row.Subjects)
	}
	if list := a.UnverifiedCertificates(); len(list) > 0 {
		s := recognize.SignerOf(list[0])
		row.SignerIdentity, row.SignerIssuer = s.Identity, s.Issuer
		row.SourceRepository, row.SourceCommit, row.SourceRef = s.Repository, s.Commit, s.Ref
	}
	return row
}

// cvssVersion returns the version of a CVSS vector: "3.1". One of version 2 names none.
func cvssVersion(vector string) string {
	version, ok := strings.CutPrefix(vector, "CVSS:")
	if !ok {
		return "2.0"
	}
	version, _, _ = strings.Cut(version, "/")
	return version
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func first(list []evidence.Source) At {
	if len(list) == 0 {
		return At{}
	}
	return at(list[0])
}

func at(s evidence.Source) At {
	out := At{s.Path, s.SHA256.Hex(), s.Pointer}
	if s.Pointer == "" && s.Line > 0 {
		out.SourcePointer = "line " + strconv.Itoa(s.Line)
	}
	return out
}

// category sorts a licence as package license does; empty for none.
func category(text string) string {
	if text == "" {
		return ""
	}
	e, err := spdxexpr.Parse(text, nil)
	if err != nil {
		return license.Unknown.String()
	}
	return license.CategoryOfExpression(e).String()
}
