// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// sbomNames warns of SBOMs of several images that name themselves alike: a serial number
// or namespace is of one document (CycloneDX serialNumber, SPDX 2.3 section 6.5). One
// document in two encodings has one.
func sbomNames(r *Release) evidence.Checks {
	const id = "sbom.serial"
	type document struct {
		subject *Subject
		path    string
	}
	first := map[string]document{}
	var problems evidence.Problems
	for _, s := range r.Subjects {
		for _, d := range s.Documents {
			if d.serial == "" {
				continue
			}
			have, known := first[d.serial]
			if !known {
				first[d.serial] = document{s, d.File.Path}
			} else if have.subject != s {
				problems = append(problems, warning(id, d.File.Path, "has the serial number or namespace of %s, which is about %s: %s", have.path, subjectName(have.subject.Name), textfmt.Quote(d.serial)))
			}
		}
	}
	if len(first) == 0 {
		return nil
	}
	c := evidence.Judge(id, "", problems, textfmt.Count(len(first), "SBOM")+", each with a serial number or namespace of its own")
	c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	return evidence.Checks{c}
}
