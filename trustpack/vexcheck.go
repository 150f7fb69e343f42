// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
)

// vexClaims holds statements about vulnerabilities against the release and against what
// scans show: one about another product says nothing here, and code that govulncheck
// sees called is in the path of execution.
func vexClaims(r *Release, s *Subject) evidence.Checks {
	const id = "scan.vex.claims"
	called := map[string]bool{}
	for _, d := range s.Documents {
		if d.Scan == nil {
			continue
		}
		for _, f := range d.Scan.Findings() {
			if f.Reachability == sarif.ReachCalled {
				called[f.ID] = true
				for _, alias := range f.Aliases {
					called[alias] = true
				}
			}
		}
	}
	own := r.own()
	var checks evidence.Checks
	for _, d := range s.Documents {
		if d.VEX == nil {
			continue
		}
		var problems evidence.Problems
		warn := func(st *sarif.Statement, format string, args ...any) {
			p := warning(id, d.File.Path, format, args...)
			p.Pointer, p.Line = st.Pointer, st.Line
			problems = append(problems, p)
		}
		for _, st := range d.VEX.Statements {
			for _, product := range st.Products {
				if other := own.otherArtifact(product.ID); other != "" {
					warn(st, "is about %s, which is not of the release", textfmt.Quote(other))
				}
			}
			unreached := st.Justification == "vulnerable_code_not_in_execute_path" || st.Justification == "vulnerable_code_not_present" || st.Justification == "code_not_reachable" || st.Justification == "code_not_present"
			if st.Status == sarif.VEXNotAffected && unreached && slices.ContainsFunc(append([]string{st.Vulnerability}, st.Aliases...), func(v string) bool { return called[v] }) {
				warn(st, "says of %s: %s, govulncheck shows calls of the code", textfmt.Quote(st.Vulnerability), st.Justification)
			}
		}
		c := evidence.Judge(id, d.File.Path, problems, "speaks of the release, and does not contradict the scans")
		c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
		checks = append(checks, c)
	}
	return checks
}

// otherArtifact returns an identifier that names an image that is not of the release;
// "" for one that is, and for names that say nothing.
func (o *ownNames) otherArtifact(id string) string {
	u, err := purl.Parse(id)
	if err != nil || u.Type != "oci" && u.Type != "docker" {
		return ""
	}
	ref := imageref.Ref{}
	if repository := u.Qualifier("repository_url"); repository != "" {
		ref, _ = imageref.Parse(repository)
	} else {
		ref, _ = imageref.Parse(strings.TrimPrefix(u.Namespace+"/"+u.Name, "/"))
	}
	digest, digestErr := evidence.ParseDigest(u.Version)
	switch {
	case digestErr == nil && o.digests[digest.String()] != nil:
		return ""
	case digestErr == nil:
		return id
	case o.repos[ref.Repository()] != nil, o.names[u.Name] != nil:
		return ""
	}
	for _, img := range o.repos {
		if r, err := imageref.Parse(img.Reference); err == nil && r.Name() == u.Name {
			return "" // a package URL of type oci leaves the registry out
		}
	}
	return id
}
