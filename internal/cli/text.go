// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// mostPasses is how many passes of one check stand in a list line by line.
const mostPasses = 3

// PrintChecks writes one line per check and indented ones for the problems of
// those that did not pass. Where a check passed for many subjects, one line
// counts them.
func PrintChecks(w io.Writer, checks evidence.Checks) {
	width := 0
	passes := map[string]int{}
	for _, c := range checks {
		width = max(width, len(c.ID))
		if c.Status == evidence.StatusPass {
			passes[c.ID]++
		}
	}
	for _, c := range checks {
		if n := passes[c.ID]; c.Status == evidence.StatusPass && n > mostPasses {
			fmt.Fprintf(w, "%-5s  %-*s  %d subjects, which -json names\n", c.Status, width, textfmt.Printable(c.ID), n)
			passes[c.ID] = -1
		}
		if c.Status == evidence.StatusPass && passes[c.ID] < 0 {
			continue
		}
		fmt.Fprintf(w, "%-5s  %-*s", c.Status, width, textfmt.Printable(c.ID))
		if c.Subject != "" {
			fmt.Fprintf(w, "  %s:", textfmt.Printable(c.Subject))
		}
		fmt.Fprintf(w, "  %s\n", textfmt.Printable(c.Message))
		if c.Status == evidence.StatusPass {
			continue
		}
		PrintProblems(w, c.Problems)
	}
}

// PrintProblems writes one indented line per problem: severity, code, place and message.
func PrintProblems(w io.Writer, problems evidence.Problems) {
	for _, p := range problems {
		fmt.Fprintf(w, "         %s %s: %s\n", p.Severity, textfmt.Printable(p.Code), textfmt.Printable(p.Error()))
	}
}

// errorText is the text of err for a terminal: each of its problems on one
// printable line, whatever names stand in them, and the rest on one line too.
func errorText(err error) string {
	text := err.Error()
	problems, ok := errors.AsType[evidence.Problems](err)
	if !ok {
		return textfmt.Printable(text)
	}
	const most = 10
	var lines []string
	for i, p := range problems {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(problems)-most))
			break
		}
		lines = append(lines, textfmt.Printable(p.Error()))
	}
	before, after, _ := strings.Cut(text, problems.Error())
	return textfmt.Printable(before) + strings.Join(lines, "\n") + textfmt.Printable(after)
}
