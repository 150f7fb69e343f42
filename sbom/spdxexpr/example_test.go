// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr_test

import (
	"errors"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

func ExampleParse() {
	e, err := spdxexpr.Parse("mit or (apache-2.0 AND GPL-2.0+ with Classpath-exception-2.0)", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e)
	for l := range e.Licenses() {
		info, _ := spdxexpr.Lookup(l.ID)
		fmt.Println("-", l, info.Deprecated)
	}
	// Output:
	// MIT OR Apache-2.0 AND GPL-2.0+ WITH Classpath-exception-2.0
	// - MIT false
	// - Apache-2.0 false
	// - GPL-2.0+ WITH Classpath-exception-2.0 true
}

func ExampleParse_unknown() {
	_, err := spdxexpr.Parse("MIT AND GPLv2", nil)
	var p *evidence.Problem
	if errors.As(err, &p) && errors.Is(err, evidence.ErrUnsupported) {
		fmt.Println(p.Code, p.Offset)
		fmt.Println(p.Message)
	}
	// Output:
	// spdxexpr.unknown-license 8
	// "GPLv2" is no licence of SPDX License List 3.29.0
}

func ExampleExpression_Normal() {
	a, _ := spdxexpr.Parse("(Zlib OR MIT) AND ISC", nil)
	b, _ := spdxexpr.Parse("isc and (mit or zlib or mit)", nil)
	fmt.Println(a.Normal())
	fmt.Println(spdxexpr.Equal(a, b))
	// Output:
	// ISC AND (MIT OR Zlib)
	// true
}

func ExamplePolicy_Decide() {
	policy, err := spdxexpr.NewPolicy(
		[]string{"MIT", "Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"},
		[]string{"GPL-2.0-only", "AGPL-3.0-or-later"},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range []string{
		"MIT OR GPL-2.0-only",
		"MIT AND GPL-2.0",
		"GPL-2.0-with-classpath-exception",
		"MIT AND LicenseRef-acme",
	} {
		e, err := spdxexpr.Parse(s, nil)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(s, "is", policy.Decide(e))
	}
	// Output:
	// MIT OR GPL-2.0-only is allowed
	// MIT AND GPL-2.0 is denied
	// GPL-2.0-with-classpath-exception is allowed
	// MIT AND LicenseRef-acme is unlisted
}
