// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
)

// TestPrintChecks: many passes of one check are one line; nothing else is ever left out.
func TestPrintChecks(t *testing.T) {
	var checks evidence.Checks
	for i := range 4 {
		checks = append(checks, evidence.Check{ID: "a.many", Status: evidence.StatusPass, Subject: fmt.Sprint(i), Message: "good"})
	}
	for i := range 3 {
		checks = append(checks, evidence.Check{ID: "a.few", Status: evidence.StatusPass, Subject: fmt.Sprint(i), Message: "good"})
	}
	for i := range 4 {
		checks = append(checks, evidence.Check{ID: "a.many", Status: evidence.StatusWarn, Subject: fmt.Sprint(i), Message: "odd"})
	}
	var out bytes.Buffer
	cli.PrintChecks(&out, checks)
	const want = `pass   a.many  4 subjects, which -json names
pass   a.few   0:  good
pass   a.few   1:  good
pass   a.few   2:  good
warn   a.many  0:  odd
warn   a.many  1:  odd
warn   a.many  2:  odd
warn   a.many  3:  odd
`
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
