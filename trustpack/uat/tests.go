// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

// ReleaseTest is one test of a release, with the outcome that Summarize counts.
type ReleaseTest struct {
	TestID
	*Case
	Outcome Outcome // the worse one where two reports of one run disagree
	Report  *Report // that holds Case
}

// Tests lists the tests that several reports of one release hold, each once, in
// the order of the reports.
func Tests(reports ...*Report) []ReleaseTest {
	var list []ReleaseTest
	var ids numbering
	for _, r := range runs(reports) {
		for id, t := range r.tests {
			list = append(list, ReleaseTest{ids.next(id), t.Case, max(t.Outcome, r.worse[id]), r.Report})
		}
	}
	return list
}
