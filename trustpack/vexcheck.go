// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"path"
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
		problems = append(problems, vexOfScan(s, d)...)
		c := evidence.Judge(id, d.File.Path, problems, "speaks of the release, and does not contradict the scans")
		c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
		checks = append(checks, c)
	}
	return checks
}

// vexOfScan holds a VEX document that govulncheck wrote against its report of the same
// scan: they list the same vulnerabilities, and what is called is affected. The two are of
// one scan if their names differ in the extension only.
func vexOfScan(s *Subject, d *Document) (problems evidence.Problems) {
	const id = "scan.vex.claims"
	stem := func(name string) string { return strings.TrimSuffix(scanStem(path.Base(name)), ".openvex") }
	if !strings.HasPrefix(d.VEX.ID, "govulncheck/vex:") {
		return nil
	}
	found := map[string]*sarif.Finding{} // by each of its names
	var scan *Document
	for _, other := range s.Documents {
		if other.Scan == nil || len(other.Scan.Runs) != 1 || !strings.EqualFold(other.Scan.Runs[0].Tool.Name, "govulncheck") || stem(other.File.Path) != stem(d.File.Path) {
			continue
		}
		scan = other
		for _, f := range other.Scan.Findings() {
			for _, name := range append([]string{f.ID, f.RuleID}, f.Aliases...) {
				if have := found[name]; have == nil || f.Reachability > have.Reachability {
					found[name] = f
				}
			}
		}
	}
	if scan == nil {
		return nil
	}
	fail := func(st *sarif.Statement, format string, args ...any) {
		p := warning(id, d.File.Path, format, args...)
		p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
		if st != nil {
			p.Pointer, p.Line = st.Pointer, st.Line
		}
		problems = append(problems, p)
	}
	stated := map[string]bool{}
	for _, st := range d.VEX.Statements {
		var f *sarif.Finding
		for _, name := range append([]string{st.Vulnerability}, st.Aliases...) {
			stated[name] = true
			f = cmp.Or(found[name], f)
		}
		switch {
		case f == nil:
			fail(st, "speaks of %s, which %s of the same scan does not list", textfmt.Quote(st.Vulnerability), scan.File.Path)
			problems[len(problems)-1].Severity = evidence.SeverityWarning // somebody may have added it by hand
		case f.Reachability == sarif.ReachCalled && (st.Status == sarif.VEXFixed || st.Status == sarif.VEXUnderInvestigation):
			fail(st, "says %s of %s, of which %s shows calls", st.Status, textfmt.Quote(st.Vulnerability), scan.File.Path)
		default:
			if other := otherVersion(st, f); other != "" {
				fail(st, "is about %s, %s found %s in %s", textfmt.Quote(other), scan.File.Path, textfmt.Quote(st.Vulnerability), f.Package)
			}
		}
	}
	for _, f := range scan.Scan.Findings() {
		if !slices.ContainsFunc(append([]string{f.ID, f.RuleID}, f.Aliases...), func(name string) bool { return stated[name] }) {
			fail(nil, "says nothing of %s, which %s of the same scan lists", f.ID, scan.File.Path)
		}
	}
	return problems
}

// otherVersion returns a part that a statement names in another version than the finding
// has, if it names the finding's package in no other way.
func otherVersion(st *sarif.Statement, f *sarif.Finding) (other string) {
	if f.Package == nil || len(f.Package.Versions) != 1 {
		return ""
	}
	for i := range st.Products {
		for _, part := range st.Products[i].Subcomponents {
			u, err := purl.Parse(part.ID)
			if err != nil || u.Version == "" || strings.TrimPrefix(u.Namespace+"/"+u.Name, "/") != f.Package.Name {
				continue
			}
			if strings.TrimPrefix(u.Version, "v") == strings.TrimPrefix(f.Package.Versions[0], "v") {
				return ""
			}
			other = part.ID
		}
	}
	return other
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
