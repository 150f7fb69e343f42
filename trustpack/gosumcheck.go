// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"path"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack/license"
)

// goSumChecks holds each go.sum against the go.mod beside it. A program is not built
// from a go.sum without the hashes of what it requires: the file is not the one
// of the build.
func goSumChecks(r *Release) evidence.Checks {
	const id = "license.sums"
	modules := map[string]*license.GoMod{} // by folder
	for d := range r.Documents() {
		if d.Modules != nil {
			modules[path.Dir(d.File.Path)] = d.Modules
		}
	}
	var checks evidence.Checks
	for d := range r.Documents() {
		mod := modules[path.Dir(d.File.Path)]
		if d.sums == nil || mod == nil {
			continue
		}
		var problems evidence.Problems
		if missing := d.sums.Lacks(mod); len(missing) > 0 {
			problems = append(problems, warning(id, d.File.Path, "lacks the hashes of %s that go.mod requires, first %s",
				textfmt.Count(len(missing), "module"), textfmt.Quote(missing[0].Name+" "+missing[0].Version)))
		}
		checks = append(checks, evidence.Judge(id, d.File.Path, problems, "holds a hash of each module that go.mod requires"))
	}
	return checks
}
