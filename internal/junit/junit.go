// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package junit holds what recognizing a JUnit report and reading it must agree
// on: which of them are no tests at all, and which tool wrote them.
package junit

import (
	"regexp"
	"strings"
)

// Scan tells a vulnerability report in JUnit's form, whose "failed tests" are
// findings, from a test report. The JUnit templates of Trivy and Grype name the
// root after the tool (older ones of Trivy do not) and each case
// "[SEVERITY] ID". The zero Scan has seen nothing.
type Scan struct {
	tool            string
	cases, findings int
}

// Root takes in the name attribute of the root element.
func (s *Scan) Root(name string) {
	switch strings.ToLower(name) {
	case "trivy":
		s.tool = "Trivy"
	case "grype":
		s.tool = "Grype"
	}
}

// finding is one word with a digit, as identifiers of vulnerabilities and of
// misconfigurations are, so that the test "[High] Checkout works" is none.
var finding = regexp.MustCompile(`^\[(?i:unknown|negligible|low|medium|high|critical)\] (?:GHSA-[0-9a-z-]+|[A-Za-z][A-Za-z0-9.:_-]*[0-9][A-Za-z0-9.:_-]*)$`)

// Case takes in the name of a case.
func (s *Scan) Case(name string) {
	s.cases++
	if finding.MatchString(name) {
		s.findings++
	}
}

// Is reports whether the report is a scan: every case is a finding, or there is
// none and the root is named after a scanner.
func (s *Scan) Is() bool { return s.findings == s.cases && (s.cases > 0 || s.tool != "") }

// Tool returns the scanner's name if the root says it, otherwise nothing.
func (s *Scan) Tool() string { return s.tool }

var playwrightSuite = regexp.MustCompile(`\.spec\.[cm]?[jt]sx?$`)

// PlaywrightSuite reports whether a suite is named for its file in the way that
// Playwright's reporter does.
func PlaywrightSuite(name string) bool { return playwrightSuite.MatchString(name) }
