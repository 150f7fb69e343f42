// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/controls"
	"github.com/HailBytes/evidence/trustpack/page"
)

// Controls says what the pack says of each control of a table, nil for the built-in one. The
// report must hold its release: verify with Policy.KeepRelease.
func (r *Report) Controls(t *controls.Table) []controls.Result {
	if t == nil {
		t = controls.Builtin()
	}
	digest, _ := evidence.ParseDigest(r.ContentDigest)
	in := newControlFacts(r.Release.Manifest, true)
	in.Manifest.SHA256 = digest
	in.Checks = r.Checks
	refused := r.Release.notRead()
	for d := range r.Release.Documents() {
		in.read(d, refused[d.File.Path])
	}
	return t.Evaluate(&in.Release)
}

// controlFacts is what a table of controls is held against, in the making.
type controlFacts struct {
	controls.Release
	at map[string]int // index in Files, by path
}

// newControlFacts takes what the manifest states; with index, also that there is a page.
func newControlFacts(m *manifest.Manifest, index bool) *controlFacts {
	in := &controlFacts{Release: controls.Release{Manifest: evidence.Source{Path: manifest.Name}, Gaps: m.Gaps}, at: make(map[string]int, len(m.Files))}
	for i := range m.Images {
		in.Images = append(in.Images, m.Images[i].Name)
	}
	for i := range m.Files {
		f := &m.Files[i]
		if f.Kind == manifest.KindIndex && !index {
			continue
		}
		in.at[f.Path] = len(in.Files)
		file := controls.File{Source: evidence.Source{Path: f.Path, SHA256: f.SHA256}, Kind: f.Kind, Image: f.Image}
		if f.Tool.Name != "" {
			file.Tools = []string{f.Tool.Name}
		}
		in.Files = append(in.Files, file)
	}
	return in
}

// read takes what reading a document adds to what the manifest states of it; refused says
// why it is not the evidence that it is declared to be. What a scan itself says of its
// tools counts.
func (in *controlFacts) read(d *Document, refused string) {
	i, listed := in.at[d.File.Path]
	if !listed {
		return
	}
	f := &in.Files[i]
	f.Refused = refused
	if d.Scan != nil && len(d.Scan.Runs) > 0 {
		f.Tools = nil
		for i := range d.Scan.Runs {
			f.Tools = append(f.Tools, d.Scan.Runs[i].Tool.Name)
		}
	}
	for _, b := range d.Attestations {
		if st, err := b.UnverifiedStatement(); err == nil && st != nil && !slices.Contains(f.Predicates, st.PredicateType) {
			f.Predicates = append(f.Predicates, st.PredicateType)
		}
	}
}

// onPage are the checks by which a control is judged on the page: building a pack and
// verifying it make them alike, whoever does it.
var onPage = []string{"sbom.readable", "scan.readable", "scan.health", "scan.vex", "license.readable", "uat.readable"}

// read takes a document for the controls that the page shows.
func (d *pageData) read(s *Subject, doc *Document) {
	d.facts.read(doc, doc.whyNotCounted(s))
	for _, c := range doc.Checks {
		if !slices.Contains(onPage, c.ID) {
			continue
		}
		if c.Status == evidence.StatusWarn && c.ID == readable(doc.File.Kind) {
			c.Status = evidence.StatusFail // whether a profile asks for the file is the caller's business
		}
		d.facts.Checks = append(d.facts.Checks, c)
	}
}

// controls fills the view of the controls, when all documents were read.
func (d *pageData) controls(all *summarizer) {
	for _, doc := range all.licenses {
		if f := &d.facts.Files[d.facts.at[doc.File.Path]]; f.Refused == "" && !all.covers(doc) {
			f.Refused = coversNothing
		}
	}
	r := &Release{Manifest: d.manifest, Summary: &all.Summary, sum: all}
	for _, checks := range []evidence.Checks{versionChecks(d.manifest), testChecks(r), accessibilityChecks(r), licenseComplete(r)} {
		d.facts.Checks = append(d.facts.Checks, checks...)
	}
	for _, c := range controls.Builtin().Evaluate(&d.facts.Release) {
		shown := page.Control{Framework: c.Framework + " " + c.Edition, ID: c.ID, About: c.About(), Status: c.Status.String(), Reason: c.Reason, Files: places(c.Sources())}
		for i := range c.Rows {
			for _, check := range c.Rows[i].Checks {
				if text := check.ID + ": " + check.Status.String(); !slices.Contains(shown.Checks, text) {
					shown.Checks = append(shown.Checks, text)
				}
			}
		}
		d.Controls = append(d.Controls, shown)
	}
}
