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
	"github.com/HailBytes/evidence/sbom/compare"
	"github.com/HailBytes/evidence/sbom/quality"
)

// sbomChecks holds the SBOMs of a subject against its image and against each other.
func sbomChecks(_ *Release, s *Subject) evidence.Checks {
	var checks evidence.Checks
	if s.Image != nil {
		for _, d := range s.Documents {
			if d.SBOM != nil {
				checks = append(checks, describesImage(s.Image, s.otherDigests, d), profiled(d))
			}
		}
	}
	return append(checks, pairs(s.Name, s.Documents)...)
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
