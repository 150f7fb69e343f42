// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"encoding/xml"
	"strings"

	"github.com/HailBytes/evidence"
)

// JUnit returns the report as JUnit XML, for systems that show test results: one
// test case for each check, in one suite. A check that fails is a failure, one
// that could not be made an error, one that was not asked for skipped; a warning
// passes and is told in system-out.
func (r *Report) JUnit() []byte {
	type note struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Name    string `xml:"name,attr"`
		Class   string `xml:"classname,attr"`
		Failure *note  `xml:"failure"`
		Error   *note  `xml:"error"`
		Skipped *note  `xml:"skipped"`
		Out     string `xml:"system-out,omitempty"`
	}
	type suite struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	s := suite{Name: "trustpack", Tests: len(r.Checks)}
	if r.Product != "" {
		s.Name += " " + r.Product + "@" + r.Version
	}
	for _, c := range r.Checks {
		t := testcase{Name: c.ID, Class: "trustpack." + family(c.ID)}
		if c.Subject != "" {
			t.Name += " " + c.Subject
		}
		n := &note{Message: c.Message}
		var lines []string
		for _, p := range c.Problems {
			lines = append(lines, p.Error())
		}
		n.Text = strings.Join(lines, "\n")
		switch c.Status {
		case evidence.StatusPass:
		case evidence.StatusWarn:
			t.Out = "warning: " + c.Message + "\n" + n.Text
		case evidence.StatusSkip:
			t.Skipped = n
			s.Skipped++
		case evidence.StatusFail:
			t.Failure = n
			s.Failures++
		default:
			t.Error = n
			s.Errors++
		}
		s.Cases = append(s.Cases, t)
	}
	// Every field is a string or a number: encoding cannot fail. What XML can
	// not hold becomes U+FFFD.
	out, err := xml.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err)
	}
	return append([]byte(xml.Header), append(out, '\n')...)
}
