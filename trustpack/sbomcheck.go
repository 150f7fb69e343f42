// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/compare"
	"github.com/HailBytes/evidence/sbom/quality"
)

// sbomChecks holds the SBOMs of a subject against its image and against each other.
func sbomChecks(r *Release, s *Subject) evidence.Checks {
	var checks evidence.Checks
	if s.Image != nil {
		for _, d := range s.Documents {
			if d.SBOM != nil {
				checks = append(checks, describesImage(r.own(), s, d), profiled(d))
			}
		}
	}
	return append(checks, pairs(s)...)
}

// describesImage holds what an SBOM says that it describes against the image: its digest,
// or those that the image's own manifest gives it, and its name.
func describesImage(own *ownNames, s *Subject, d *Document) evidence.Check {
	const id = "sbom.image"
	var problems evidence.Problems
	fail := func(format string, args ...any) {
		problems = append(problems, &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: d.File.Path, Err: evidence.ErrMismatch, Message: fmt.Sprintf(format, args...)})
	}
	img, digests, others := s.Image, d.SBOM.SubjectDigests(), ""
	for _, got := range digests {
		if got != img.Digest.String() && !slices.Contains(s.otherDigests, got) {
			others = cmp.Or(others, got)
		}
	}
	if others != "" {
		fail("describes %s, image %s is %s", textfmt.Clip(others, 160), img.Name, img.Digest)
	}
	if ref, err := imageref.Parse(d.SBOM.Name.String()); err == nil {
		if other := own.repos[ref.Repository()]; other != nil && other.Digest != img.Digest {
			fail("is named %s, which is image %s, and is given to %s", textfmt.Quote(d.SBOM.Name.String()), other.Name, img.Name)
		}
	}
	if len(problems) == 0 && len(digests) == 0 {
		return evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: d.File.Path, Message: "states no digest of what it describes"}
	}
	return evidence.Judge(id, d.File.Path, problems, "describes "+strings.Join(digests, ", "))
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

// pairs compares the SPDX with the CycloneDX documents of one subject: each with the
// first of the other format, of the same tool if there is one, so that the work is linear
// in the documents. Of the release as a whole, where SBOMs may be of several things, those
// are of one that are named alike: "server.spdx.json" and "server.cdx.json". Of an image of
// several platforms those are that list packages for one kind of processor.
func pairs(s *Subject) evidence.Checks {
	groups := map[string]*sbomGroup{}
	var names []string
	index := s.isIndex()
	for _, d := range s.Documents {
		if d.SBOM == nil {
			continue
		}
		name := s.Name
		switch {
		case name == "":
			name, _, _ = strings.Cut(path.Base(d.File.Path), ".")
		case index:
			name = machineOfSBOM(d.SBOM)
		}
		g := groups[name]
		if g == nil {
			g = &sbomGroup{}
			groups[name] = g
			names = append(names, name)
		}
		if d.SBOM.Format.SPDX() {
			g.spdx = append(g.spdx, d)
		} else {
			g.cdx = append(g.cdx, d)
		}
	}
	var checks evidence.Checks
	for _, name := range names {
		checks = append(checks, groups[name].pairs()...)
	}
	return checks
}

// sbomGroup is the SBOMs of one thing.
type sbomGroup struct{ spdx, cdx []*Document }

func (g *sbomGroup) pairs() evidence.Checks {
	if len(g.spdx) == 0 || len(g.cdx) == 0 {
		return nil
	}
	firstOf := func(list []*Document) map[string]*Document {
		first := map[string]*Document{}
		for _, d := range slices.Backward(list) {
			first[strings.ToLower(toolOf(d.SBOM))] = d
		}
		return first
	}
	spdx, cdx := firstOf(g.spdx), firstOf(g.cdx)
	type two struct{ spdx, cdx *Document }
	done := map[two]bool{}
	var checks evidence.Checks
	add := func(t two) {
		if !done[t] {
			done[t] = true
			checks = append(checks, pair(t.spdx, t.cdx))
		}
	}
	for _, d := range g.cdx {
		add(two{cmp.Or(spdx[strings.ToLower(toolOf(d.SBOM))], g.spdx[0]), d})
	}
	for _, d := range g.spdx {
		add(two{d, cmp.Or(cdx[strings.ToLower(toolOf(d.SBOM))], g.cdx[0])})
	}
	return checks
}

// isIndex reports whether the image is one of several platforms.
func (s *Subject) isIndex() bool {
	return s.Image != nil && slices.ContainsFunc(s.Documents, func(d *Document) bool { return d.File.Format == manifest.FormatOCIIndex })
}

// machineOfSBOM returns the first kind of processor that packages are for; "" if none says.
func machineOfSBOM(doc *sbom.Document) string {
	for c := range packagesOf(doc) {
		if u, err := purl.Parse(c.PURL()); err == nil {
			if arch := machineOf(u.Qualifier("arch")); arch != "" {
				return arch
			}
		}
	}
	return ""
}

// pair holds two documents against each other. What one tool lists and another does not is
// no contradiction: a warning.
func pair(spdx, cdx *Document) evidence.Check {
	subject := spdx.File.Path + ", " + cdx.File.Path
	c, err := compare.Pair(spdx.SBOM, cdx.SBOM)
	if err != nil {
		return evidence.Check{ID: compare.CheckPair, Status: evidence.StatusError, Subject: subject, Message: err.Error()}
	}
	check := c.Check()
	if a, b := toolOf(spdx.SBOM), toolOf(cdx.SBOM); check.Status == evidence.StatusFail && a != "" && b != "" && !strings.EqualFold(a, b) {
		for _, p := range check.Problems {
			p.Severity = evidence.SeverityWarning
		}
		check = evidence.Judge(check.ID, "", check.Problems, "")
	}
	check.Subject = subject
	check.Problems = slices.Clip(check.Problems[:min(len(check.Problems), mostProblems)])
	return check
}
