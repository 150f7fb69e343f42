// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// scanToolChecks compares the versions that the reports of one scanner state: the scans
// of one release are made with one version. Another version may be honest, and
// finds other vulnerabilities: a warning.
func scanToolChecks(r *Release) evidence.Checks {
	const id = "scan.tools"
	versions := map[string]map[string]string{} // by tool: the first file that states a version
	for d := range r.Documents() {
		for _, tool := range d.tools {
			name := strings.ToLower(tool.Name)
			if name == "" || tool.Version == "" {
				continue
			}
			if versions[name] == nil {
				versions[name] = map[string]string{}
			}
			if versions[name][tool.Version] == "" {
				versions[name][tool.Version] = d.File.Path
			}
		}
	}
	if len(versions) == 0 {
		return nil
	}
	var problems evidence.Problems
	for _, name := range sortedKeys(versions) {
		if len(versions[name]) == 1 {
			continue
		}
		var list []string
		for _, v := range sortedKeys(versions[name]) {
			list = append(list, textfmt.Quote(v)+" in "+versions[name][v])
		}
		more := ""
		if len(list) > mostProblems {
			list, more = list[:mostProblems], ", and more"
		}
		problems = append(problems, warning(id, "", "the scans were made with several versions of %s: %s", textfmt.Quote(name), strings.Join(list, ", ")+more))
	}
	c := evidence.Judge(id, "", problems, "each scanner has one version in all reports")
	c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	return evidence.Checks{c}
}
