// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"regexp"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// cosign2 is a version whose flaws cosignAdvisories knows.
var cosign2 = regexp.MustCompile(`^v?2\.[0-9]{1,6}\.[0-9]{1,6}([-+].*)?$`)

// checkTools warns of signatures and attestations that were made with a cosign whose own
// verification has known flaws: who wants to verify with it too should take another. The
// version is what the manifest says, from -config or the file itself; it is no proof.
func (v *verification) checkTools() {
	const id = "attest.tool"
	var versions []string
	signed := false
	for i := range v.p.m.Files {
		f := &v.p.m.Files[i]
		if f.Kind != manifest.KindSignature && f.Kind != manifest.KindAttestation {
			continue
		}
		signed = true
		if strings.EqualFold(f.Tool.Name, "cosign") && f.Tool.Version != "" {
			versions = append(versions, f.Tool.Version)
		}
	}
	slices.Sort(versions)
	versions = slices.Compact(versions)
	if signed && len(versions) == 0 {
		v.report.add(evidence.Check{ID: id, Status: evidence.StatusSkip, Message: "no signature or attestation says with which version of cosign it was made"})
	}
	for _, version := range versions {
		subject := "cosign " + version
		if !cosign2.MatchString(version) {
			v.report.add(evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: subject, Message: "not a version 2: what is known against it is not known here"})
			continue
		}
		var problems evidence.Problems
		for _, flaw := range cosignAdvisories(version) {
			problems = append(problems, &evidence.Problem{Code: id, Severity: evidence.SeverityWarning, Path: subject, Message: flaw})
		}
		v.report.judge(id, subject, problems, "no flaw of its verification is known here")
	}
}
