// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"fmt"

	"github.com/HailBytes/evidence/sarif/interop"
)

func Example() {
	// go-sarif's own FromBytes refuses the index of -1 that the specification allows.
	report, err := interop.Parse([]byte(`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "osv-scanner"}},
	  "results": [{"ruleId": "CVE-2024-0001", "ruleIndex": -1, "message": {"text": "Package 'lodash@4.17.20' is vulnerable to 'CVE-2024-0001'."}}]}]}`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	log, err := interop.Read(report, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	f := log.Findings()[0]
	fmt.Println(f.ID, f.Package.Name, f.Package.Version())
	// Output: CVE-2024-0001 lodash 4.17.20
}
