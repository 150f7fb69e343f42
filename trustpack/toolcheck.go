// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// toolID is the check that the manifest names the tool that a file names.
const toolID = "manifest.tool"

// statedTools returns the tools that the document names; none where its format does not say.
func (d *Document) statedTools() (list []manifest.Tool) {
	add := func(name, version string) {
		if name != "" {
			list = append(list, manifest.Tool{Name: name, Version: version})
		}
	}
	switch {
	case d.SBOM != nil:
		for i := range d.SBOM.Tools {
			add(d.SBOM.Tools[i].Name, d.SBOM.Tools[i].Version)
		}
	case d.Scan != nil:
		for i := range d.Scan.Runs {
			add(d.Scan.Runs[i].Tool.Name, d.Scan.Runs[i].Tool.Version)
		}
	case d.Tests != nil:
		add(d.Tests.Tool, d.Tests.Version)
	}
	return list
}

// toolsDeclared holds the tool that the manifest gives a file against those that the file names.
func toolsDeclared(_ *Release, s *Subject) evidence.Checks {
	var checks evidence.Checks
	for _, d := range s.Documents {
		declared, stated := d.File.Tool, d.statedTools()
		if declared.IsZero() || len(stated) == 0 {
			continue
		}
		agrees := false
		for _, t := range stated {
			agrees = agrees || sameTool(declared, t)
		}
		if agrees {
			continue
		}
		p := warning(toolID, d.File.Path, "is declared as made by %s, the file names %s", toolText(declared), toolText(stated[0]))
		p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
		checks = append(checks, evidence.Judge(toolID, d.File.Path, evidence.Problems{p}, ""))
	}
	return checks
}

// sameTool compares tools of which one may be named more fully ("Aqua Trivy"), or
// without its version.
func sameTool(a, b manifest.Tool) bool {
	x, y := strings.ToLower(a.Name), strings.ToLower(b.Name)
	if !strings.Contains(x, y) && !strings.Contains(y, x) {
		return false
	}
	v, w := strings.TrimPrefix(a.Version, "v"), strings.TrimPrefix(b.Version, "v")
	return v == "" || w == "" || v == w
}

func toolText(t manifest.Tool) string {
	return textfmt.Quote(strings.TrimSpace(t.Name + " " + t.Version))
}
