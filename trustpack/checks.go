// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"github.com/HailBytes/evidence"
)

// The check families over the evidence. To add one, write a function of one of the
// two forms in a file of its own, and list it here.
var (
	// subjectChecks judge one subject while its documents are in memory. They run for
	// several subjects at once, and keep nothing of SBOMs and scans.
	subjectChecks = []func(*Release, *Subject) evidence.Checks{
		sbomChecks,
		sbomFacts,
		scanPackages,
		collectStates,
		labelsAgree,
		toolsDeclared,
		scanPairs,
		scanTargets,
		suppressedFindings,
		vexClaims,
		packageLicenses,
		signedFacts,
	}

	// releaseChecks judge the release when every subject was read. Unless
	// Policy.KeepRelease asks for them, SBOMs, scans, VEX and the bytes of files are gone
	// by then: what a check needs of them is taken along while the subject is judged.
	releaseChecks = []func(*Release) evidence.Checks{
		identityChecks,
		pinChecks,
		sourceChecks,
		timeChecks,
		moduleChecks,
		goSumChecks,
		scanToolChecks,
		licenseChecks,
		testChecks,
		accessibilityChecks,
		uatFiles,
		lastRunChecks,
		rootChecks,
		gapChecks,
		artifactChecks,
		sbomNames,
	}
)

// judge makes the checks about one subject: those of its documents, and those of the
// families over it.
func (r *Release) judge(s *Subject) {
	s.count()
	s.noteEvidence()
	for _, d := range s.Documents {
		s.checks = append(s.checks, d.Checks...)
	}
	for _, check := range subjectChecks {
		s.checks = append(s.checks, check(r, s)...)
	}
}
