// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sarif"
)

// scanPackages looks up the packages that the scans of an image name in its SBOMs.
// That they hold one in other versions only is a contradiction. One that they do not
// hold at all means that the scan is of something else, or that an SBOM is not complete:
// a warning.
func scanPackages(_ *Release, s *Subject) evidence.Checks {
	if s.Image == nil {
		return nil
	}
	var scans []string
	var findings []*sarif.Finding
	boms := 0
	for _, d := range s.Documents {
		switch {
		case d.Scan != nil:
			scans = append(scans, d.File.Path)
			findings = append(findings, d.Scan.Findings()...)
		case d.SBOM != nil:
			boms++
		}
	}
	var checks evidence.Checks
	if boms == 0 {
		for _, file := range scans {
			checks = append(checks, evidence.Check{ID: "scan.packages", Status: evidence.StatusSkip, Subject: file, Message: "there is no SBOM of the same image that could be read"})
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
	checks = joined.Checks(scans...)
	for i := range checks {
		c := &checks[i]
		c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	}
	return checks
}
