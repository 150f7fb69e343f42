// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/compare"
	"github.com/HailBytes/evidence/sbom/quality"
)

// checkEvidence reads the documents and holds them against the manifest and
// against each other, the evidence of one image after the other.
func (v *verification) checkEvidence() error {
	var judge *gate
	if v.pol.Gate != nil {
		var err error
		if judge, err = newGate(v.pol.Gate, v.pol.Now); err != nil {
			return err
		}
	}
	r := &evidenceReader{m: v.p.m, open: v.p.fileBytes, limits: v.p.limits, workers: v.pol.Workers, judge: true}
	s := newSummarizer()
	noProfile := v.profile() == nil
	err := r.subjects(v.ctx, func(about string, docs []*Document) {
		for _, d := range docs {
			if noProfile {
				d.excuse()
			}
			v.report.add(d.Checks...)
		}
		if img := v.p.m.ImageByName(about); img != nil {
			v.report.add(imageChecks(img, r.imageIDs(v.ctx, img), docs)...)
		}
		v.report.add(pairs(about, docs)...)
		s.add(about, docs)
		if judge != nil {
			judge.add(about, docs)
		}
	})
	if err != nil {
		return err
	}
	v.report.Summary = s.summary()
	v.report.add(s.checks()...)
	if judge != nil {
		v.report.add(judge.checks(s)...)
	}
	return nil
}

// excuse makes a warning of a file that can not be read: nothing asks for the file
// where no profile does.
func (d *Document) excuse() {
	for i := range d.Checks {
		if c := &d.Checks[i]; c.ID == readable(d.File.Kind) && c.Status == evidence.StatusFail {
			c.Status = evidence.StatusWarn
		}
	}
}

// imageChecks holds the evidence about one image against its digests, own and
// ids, and the scans against the SBOMs.
func imageChecks(img *manifest.Image, ids []string, docs []*Document) evidence.Checks {
	var checks evidence.Checks
	for _, d := range docs {
		if d.SBOM != nil {
			checks = append(checks, describesImage(img, ids, d), profiled(d))
		}
	}
	checks = append(checks, findingsHeld(docs)...)
	return checks
}

// describesImage holds what an SBOM says that it describes against the digest of
// the image, or the digests that the image's own manifest gives it.
func describesImage(img *manifest.Image, ids []string, d *Document) evidence.Check {
	const id = "sbom.image"
	digests := d.SBOM.SubjectDigests()
	if len(digests) == 0 {
		return evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: d.File.Path, Message: "states no digest of what it describes"}
	}
	for _, got := range digests {
		if got == img.Digest.String() || slices.Contains(ids, got) {
			return evidence.Check{ID: id, Status: evidence.StatusPass, Subject: d.File.Path, Message: "describes " + got}
		}
	}
	p := &evidence.Problem{
		Code: id, Severity: evidence.SeverityError, Path: d.File.Path, Err: evidence.ErrMismatch,
		Message: fmt.Sprintf("describes %s, image %s is %s", digests[0], img.Name, img.Digest),
	}
	return evidence.Judge(id, d.File.Path, evidence.Problems{p}, "")
}

// imageProfile is what the SBOM of an image must hold for the other checks, and
// whoever matches vulnerabilities to it, to rely on.
const imageProfile = "syft-release"

// profiled holds an SBOM against the profile of image SBOMs. What is missing is a
// warning: it does not make the document untrue.
func profiled(d *Document) evidence.Check {
	const id = "sbom.quality"
	profile, ok := quality.ProfileNamed(imageProfile)
	if !ok {
		return evidence.Check{ID: id, Status: evidence.StatusError, Subject: d.File.Path, Message: "there is no profile " + imageProfile}
	}
	var problems evidence.Problems
	for _, c := range profile.Assess(d.SBOM, nil).Checks() {
		if c.Status == evidence.StatusPass || c.Status == evidence.StatusSkip || !strings.HasPrefix(c.ID, "sbom.profile."+imageProfile+".") {
			continue // the check of the whole profile says no more than those of its elements
		}
		problems = append(problems, &evidence.Problem{Code: c.ID, Severity: evidence.SeverityWarning, Path: d.File.Path, Message: c.Message, Err: evidence.ErrPolicy})
	}
	return evidence.Judge(id, d.File.Path, problems, "has what profile "+imageProfile+" asks for")
}

// pairs compares the SPDX with the CycloneDX documents of one subject: each with
// the first of the other format, so that the work is linear in the documents. Of
// the release as a whole, where SBOMs may be of several things, those are of one
// that are named alike: "server.spdx.json" and "server.cdx.json".
func pairs(about string, docs []*Document) evidence.Checks {
	groups := map[string][2][]*Document{}
	var names []string
	for _, d := range docs {
		if d.SBOM == nil {
			continue
		}
		name := about
		if about == "" {
			name, _, _ = strings.Cut(path.Base(d.File.Path), ".")
		}
		g, known := groups[name]
		if !known {
			names = append(names, name)
		}
		if d.SBOM.Format.SPDX() {
			g[0] = append(g[0], d)
		} else {
			g[1] = append(g[1], d)
		}
		groups[name] = g
	}
	var checks evidence.Checks
	for _, name := range names {
		spdx, cdx := groups[name][0], groups[name][1]
		if len(spdx) == 0 || len(cdx) == 0 {
			continue
		}
		for _, b := range cdx {
			checks = append(checks, pair(spdx[0], b))
		}
		for _, a := range spdx[1:] {
			checks = append(checks, pair(a, cdx[0]))
		}
	}
	return checks
}

func pair(spdx, cdx *Document) evidence.Check {
	subject := spdx.File.Path + ", " + cdx.File.Path
	c, err := compare.Pair(spdx.SBOM, cdx.SBOM)
	if err != nil {
		return evidence.Check{ID: compare.CheckPair, Status: evidence.StatusError, Subject: subject, Message: err.Error()}
	}
	check := c.Check()
	check.Subject = subject
	check.Problems = slices.Clip(check.Problems[:min(len(check.Problems), mostProblems)])
	return check
}

// findingsHeld looks up the packages that the scans of an image name in its SBOMs.
// A package that they do not hold means that the scan is of something else, or
// that an SBOM is not complete.
func findingsHeld(docs []*Document) evidence.Checks {
	const id = "scan.packages"
	var scans, boms []*Document
	var findings []*sarif.Finding
	for _, d := range docs {
		switch {
		case d.Scan != nil:
			scans = append(scans, d)
			findings = append(findings, d.Scan.Findings()...)
		case d.SBOM != nil:
			boms = append(boms, d)
		}
	}
	var checks evidence.Checks
	if len(boms) == 0 {
		for _, d := range scans {
			checks = append(checks, evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: d.File.Path, Message: "there is no SBOM of the same image that could be read"})
		}
		return checks
	}
	joined := sarif.Join(findings, packages(boms))
	held := map[string]int{} // by report
	for _, f := range joined.Held {
		held[f.Source.File]++
	}
	problems := map[string]evidence.Problems{}
	seen := map[[2]string]bool{}
	for _, list := range []struct {
		findings []*sarif.Finding
		text     string
	}{{joined.Missing, "no SBOM of the image holds package %s"}, {joined.Other, "the SBOMs of the image hold package %s in other versions only"}} {
		for _, f := range list.findings {
			file, message := f.Source.File, fmt.Sprintf(list.text, packageName(f.Package))
			if key := [2]string{file, message}; !seen[key] {
				seen[key] = true
				problems[file] = append(problems[file], &evidence.Problem{Code: id, Severity: evidence.SeverityWarning, Path: file, Message: message, Err: evidence.ErrMismatch})
			}
		}
	}
	for _, d := range scans {
		file := d.File.Path
		c := evidence.Judge(id, file, problems[file], fmt.Sprintf("the SBOM holds every package of %s", plural(held[file], "finding")))
		c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
		checks = append(checks, c)
	}
	return checks
}

// packages lists what SBOMs hold, for sarif.Join.
func packages(docs []*Document) sarif.Inventory {
	return func(yield func(sarif.Component) bool) {
		for _, d := range docs {
			for i := range d.SBOM.Components {
				c := &d.SBOM.Components[i]
				if !yield(sarif.Component{PURL: c.PURL(), Name: fullName(c), Version: c.Version.String()}) {
					return
				}
			}
		}
	}
}

func fullName(c *sbom.Component) string {
	if group := c.Group.String(); group != "" {
		return group + "/" + c.Name.String()
	}
	return c.Name.String()
}
