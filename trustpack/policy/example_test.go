// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"fmt"

	"github.com/HailBytes/evidence/trustpack/policy"
)

// A policy says what a release may be like; rules of its own are checked when it is read.
func ExampleParse() {
	_, err := policy.Parse([]byte(`
require: [authentic]
findings: {failOn: high}
rules:
  - id: no-fixable-critical
    expression: release.findings.all(f, f.severity != "critical" || f.fixd == "")
    message: a critical finding could be fixed
`), "policy.yaml")
	fmt.Println(err)
	// Output:
	// policy.yaml:6:17: /rules/0/expression: line 1, column 54 of the expression: undefined field 'fixd'
}
