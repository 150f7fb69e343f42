// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack/license"
)

func Example() {
	rep, err := license.ReadReport(strings.NewReader(`example.com/app,Unknown,Unknown
github.com/hashicorp/golang-lru/simplelru,https://github.com/hashicorp/golang-lru/blob/v0.5.4/LICENSE,MPL-2.0
github.com/gorilla/mux,https://github.com/gorilla/mux/blob/v1.7.3/LICENSE,BSD-3-Clause
`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	inv := license.Join(rep, &license.JoinOptions{
		Main: "example.com/app",
		Components: slices.Values([]license.Component{
			{Name: "github.com/hashicorp/golang-lru", Version: "v0.5.4"},
			{Name: "github.com/gorilla/mux", Version: "v1.7.3"},
		}),
	})
	policy, err := license.NewPolicy(license.PolicyRules{Categories: map[license.Category]license.Verdict{license.Permissive: license.Allowed}})
	if err != nil {
		fmt.Println(err)
		return
	}
	judgment, err := policy.Decide(inv, time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range judgment.Findings {
		fmt.Println(f.Verdict, f.Module, f.Why)
	}
	// Output:
	// allowed example.com/app the product's own
	// allowed github.com/gorilla/mux@v1.7.3 BSD-3-Clause (permissive)
	// needs-review github.com/hashicorp/golang-lru@v0.5.4 MPL-2.0 (weak-copyleft)
}

// A customer's policy is a file. What it decides depends on the day, and what its
// exceptions came to is told with it.
func ExampleParsePolicy() {
	policy, err := license.ParsePolicy([]byte(`{
  "deny": ["BUSL-1.1"],
  "categories": {"permissive": "allow", "weak-copyleft": "review", "strong-copyleft": "deny"},
  "exceptions": [
    {"module": "github.com/hashicorp/...", "license": "MPL-2.0", "owner": "legal@acme.example", "reason": "used unchanged", "expires": "2026-12-31"},
    {"module": "example.com/gone", "license": "GPL-3.0-only", "owner": "legal@acme.example", "reason": "own process", "expires": "2026-12-31"}
  ]
}`), "", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	inv := license.FromComponents(slices.Values([]license.Component{
		{Name: "github.com/gorilla/mux", Version: "v1.7.3", License: "BSD-3-Clause"},
		{Name: "github.com/hashicorp/golang-lru", Version: "v0.5.4", License: "MPL-2.0"},
	}), "")
	for _, day := range []string{"2026-12-31", "2027-01-01"} {
		now, _ := time.Parse(time.DateOnly, day)
		j, err := policy.Decide(inv, now)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(day, j.Worst())
		for _, f := range j.Findings {
			fmt.Println(" ", f.Verdict, f.Module, f.Why)
		}
		for _, e := range j.Unused {
			fmt.Println("  unused:", e.Module)
		}
	}
	_, err = license.ParsePolicy([]byte(`{"deny": ["GLP-2.0-only"]}`), "", "")
	fmt.Println(errors.Is(err, evidence.ErrFormat), err)
	// Output:
	// 2026-12-31 allowed
	//   allowed github.com/gorilla/mux@v1.7.3 BSD-3-Clause (permissive)
	//   allowed github.com/hashicorp/golang-lru@v0.5.4 MPL-2.0: excepted by legal@acme.example: used unchanged
	//   unused: example.com/gone
	// 2027-01-01 needs-review
	//   allowed github.com/gorilla/mux@v1.7.3 BSD-3-Clause (permissive)
	//   needs-review github.com/hashicorp/golang-lru@v0.5.4 MPL-2.0: the exception expired at 2027-01-01T00:00:00Z
	//   unused: example.com/gone
	// true line 1:11: /deny/0: "GLP-2.0-only" is no licence of SPDX License List 3.29.0
}

func ExampleDiff() {
	inventory := func(licenseOfB string) *license.Inventory {
		return license.FromComponents(slices.Values([]license.Component{
			{Name: "example.com/a", Version: "v1.0.0", License: "MIT"},
			{Name: "example.com/b", Version: "v2.0.0", License: licenseOfB},
		}), "")
	}
	changes := license.Diff(inventory("MPL-2.0"), inventory("BUSL-1.1"))
	for _, ch := range changes.Above(license.WeakCopyleft) {
		fmt.Println(ch.Name, ch.Before.License, "to", ch.After.License, ch.After.Category)
	}
	fmt.Println(changes.Unchanged, "unchanged")
	// Output:
	// example.com/b MPL-2.0 to BUSL-1.1 proprietary
	// 1 unchanged
}
