// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence/trustpack/uat"
	"github.com/HailBytes/evidence/trustpack/uat/interop"
)

func Example() {
	rep, err := uat.ReadJUnit(strings.NewReader(`<testsuites>
  <testsuite name="checkout"><testcase name="pays"><flakyFailure message="slow"/></testcase></testsuite>
  <testcase name="outside"><error message="crashed"/></testcase>
</testsuites>`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	suites, lost := interop.ToJUnit(rep)
	for _, s := range suites {
		for _, t := range s.Tests {
			fmt.Println(t.Name, t.Status, t.Message)
		}
	}
	fmt.Println("lost:", strings.Join(lost, ", "))
	// Output:
	// pays passed slow
	// outside error crashed
	// lost: flaky, cases outside a suite
}
