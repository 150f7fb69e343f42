// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
)

// scanPackages looks up the packages that the scans of an image name in its SBOMs.
// That they hold one in other versions only is a contradiction. One that they do not
// hold at all means that the scan is of something else, or that an SBOM is not complete:
// a warning.
func scanPackages(_ *Release, s *Subject) evidence.Checks {
	const id = "scan.packages"
	if s.Image == nil {
		return nil
	}
	var scans []*Document
	var findings []*sarif.Finding
	boms := 0
	for _, d := range s.Documents {
		switch {
		case d.Scan != nil:
			scans = append(scans, d)
			findings = append(findings, d.Scan.Findings()...)
		case d.SBOM != nil:
			boms++
		}
	}
	var checks evidence.Checks
	if boms == 0 {
		for _, d := range scans {
			checks = append(checks, evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: d.File.Path, Message: "there is no SBOM of the same image that could be read"})
		}
		return checks
	}
	joined := sarif.Join(findings, func(yield func(sarif.Component) bool) {
		for _, c := range s.Components {
			for _, e := range c.entries {
				if !yield(sarif.Component{PURL: e.c.PURL(), Name: c.Name, Version: e.c.Version.String()}) {
					return
				}
			}
		}
	})
	held := map[string]int{} // by report
	for _, f := range joined.Held {
		held[f.Source.File]++
	}
	problems := map[string]evidence.Problems{}
	seen := map[[2]string]bool{}
	for _, list := range []struct {
		findings []*sarif.Finding
		severity evidence.Severity
		text     string
	}{
		{joined.Missing, evidence.SeverityWarning, "no SBOM of the image holds package %s"},
		{joined.Other, evidence.SeverityError, "the SBOMs of the image hold package %s in other versions only"},
	} {
		for _, f := range list.findings {
			file, message := f.Source.File, fmt.Sprintf(list.text, packageName(f.Package))
			if key := [2]string{file, message}; !seen[key] {
				seen[key] = true
				problems[file] = append(problems[file], &evidence.Problem{Code: id, Severity: list.severity, Path: file, Message: message, Err: evidence.ErrMismatch})
			}
		}
	}
	for _, d := range scans {
		file := d.File.Path
		c := evidence.Judge(id, file, problems[file], fmt.Sprintf("the SBOM holds every package of %s", textfmt.Count(held[file], "finding")))
		c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
		checks = append(checks, c)
	}
	return checks
}
