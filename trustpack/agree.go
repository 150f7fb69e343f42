package trustpack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
)

// checkEvidence reads the documents and holds them against the manifest and
// against each other, the evidence of one image after the other.
func (v *verification) checkEvidence() error {
	if v.pol.UnsafeStructureOnly {
		v.report.add(CheckResult{ID: "sbom.readable", Status: StatusSkip, Message: "only the structure is asked for"})
		if v.pol.Gate != nil {
			v.report.add(CheckResult{ID: "policy.findings", Status: StatusError, Message: "a gate needs the evidence, and only the structure is asked for"})
		}
		return nil
	}
	var judge *gate
	if v.pol.Gate != nil {
		var err error
		if judge, err = newGate(v.pol.Gate, v.pol.Now); err != nil {
			return err
		}
	}
	r := &evidenceReader{m: v.p.m, open: v.p.fileBytes, limits: v.p.limits, workers: v.pol.Workers, judge: true}
	s := newSummarizer()
	err := r.subjects(v.ctx, func(about string, docs []*Document) {
		for _, d := range docs {
			if v.profile() == nil {
				d.excuse()
			}
			v.report.add(d.Checks...)
		}
		if img := v.p.m.ImageByName(about); img != nil {
			v.report.add(imageChecks(img, r.imageIDs(v.ctx, img), docs)...)
		}
		v.report.add(pairs(docs)...)
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
		if c := &d.Checks[i]; c.ID == readable(d.File.Kind) && c.Status == StatusFail {
			c.Status = StatusWarn
		}
	}
}

// imageChecks holds the evidence about one image against its digests, own and
// ids, and the scans against the SBOMs.
func imageChecks(img *manifest.Image, ids []string, docs []*Document) []CheckResult {
	var checks []CheckResult
	for _, d := range docs {
		if d.SBOM != nil {
			checks = append(checks, describesImage(img, ids, d), quality(d))
		}
	}
	for _, d := range docs {
		if d.Scan != nil {
			checks = append(checks, findingsHeld(d, docs))
		}
	}
	return checks
}

// describesImage holds what an SBOM says that it describes against the digest of
// the image, or the digests that the image's own manifest gives it.
func describesImage(img *manifest.Image, ids []string, d *Document) CheckResult {
	const id = "sbom.image"
	digests := d.SBOM.SubjectDigests()
	if len(digests) == 0 {
		return CheckResult{ID: id, Status: StatusSkip, Subject: d.File.Path, Message: "states no digest of what it describes"}
	}
	for _, got := range digests {
		if got == img.Digest.String() || slices.Contains(ids, got) {
			return CheckResult{ID: id, Status: StatusPass, Subject: d.File.Path, Message: "describes " + got}
		}
	}
	p := &Problem{
		Code: id, Severity: SeverityError, Path: d.File.Path, Err: ErrMismatch,
		Message: fmt.Sprintf("describes %s, image %s is %s", digests[0], img.Name, img.Digest),
	}
	return checkOf(id, d.File.Path, Problems{p}, "")
}

// imageProfile is what the SBOM of an image must hold for the other checks, and
// whoever matches vulnerabilities to it, to rely on.
const imageProfile = "syft-release"

// quality holds an SBOM against the profile of image SBOMs. What is missing is a
// warning: it does not make the document untrue.
func quality(d *Document) CheckResult {
	const id = "sbom.quality"
	profile, ok := sbom.ProfileNamed(imageProfile)
	if !ok {
		return CheckResult{ID: id, Status: StatusError, Subject: d.File.Path, Message: "there is no profile " + imageProfile}
	}
	var problems Problems
	for _, c := range profile.Assess(d.SBOM, nil).Checks() {
		if c.Status == StatusPass || c.Status == StatusSkip || !strings.HasPrefix(c.ID, "sbom.profile."+imageProfile+".") {
			continue // the check of the whole profile says no more than those of its elements
		}
		problems = append(problems, &Problem{Code: c.ID, Severity: SeverityWarning, Path: d.File.Path, Message: c.Message, Err: ErrPolicy})
	}
	return checkOf(id, d.File.Path, problems, "has what profile "+imageProfile+" asks for")
}

// pairs compares every SPDX document with every CycloneDX document of one subject.
func pairs(docs []*Document) []CheckResult {
	var checks []CheckResult
	for _, a := range docs {
		for _, b := range docs {
			if a.SBOM == nil || b.SBOM == nil || !a.SBOM.Format.SPDX() || !b.SBOM.Format.CycloneDX() {
				continue
			}
			c, err := sbom.Compare(a.SBOM, b.SBOM)
			if err != nil {
				checks = append(checks, CheckResult{ID: sbom.CheckPair, Status: StatusError, Subject: a.File.Path, Message: err.Error()})
				continue
			}
			check := c.Check()
			check.Subject = a.File.Path + ", " + b.File.Path
			checks = append(checks, check)
		}
	}
	return checks
}

// findingsHeld looks up the packages that a scan names in the SBOMs of the same
// image. A package that they do not hold means that the scan is of something
// else, or that an SBOM is not complete.
func findingsHeld(d *Document, docs []*Document) CheckResult {
	const id = "scan.packages"
	var boms []*Document
	for _, b := range docs {
		if b.SBOM != nil {
			boms = append(boms, b)
		}
	}
	if len(boms) == 0 {
		return CheckResult{ID: id, Status: StatusSkip, Subject: d.File.Path, Message: "there is no SBOM of the same image that could be read"}
	}
	joined := sarif.Join(d.Scan.Findings(), packages(boms))
	var problems Problems
	seen := map[string]bool{}
	for _, list := range []struct {
		findings []*sarif.Finding
		text     string
	}{{joined.Missing, "no SBOM of the image holds package %s"}, {joined.Other, "the SBOMs of the image hold package %s in other versions only"}} {
		for _, f := range list.findings {
			if message := fmt.Sprintf(list.text, packageName(f.Package)); !seen[message] {
				seen[message] = true
				problems = append(problems, &Problem{Code: id, Severity: SeverityWarning, Path: d.File.Path, Message: message, Err: ErrMismatch})
			}
		}
	}
	return checkOf(id, d.File.Path, problems, fmt.Sprintf("the SBOM holds every package of %s", plural(len(joined.Held), "finding")))
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
