// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/compare"
)

func ExampleDiff() {
	read := func(version string) *sbom.Document {
		doc, err := sbom.Read(strings.NewReader(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
			{"type": "library", "name": "left-pad", "version": "`+version+`", "purl": "pkg:npm/left-pad@`+version+`"}]}`), nil)
		if err != nil {
			log.Fatal(err)
		}
		return doc
	}
	changes := compare.Diff(read("1.9.0"), read("1.10.0"))
	for _, c := range changes.Upgraded {
		fmt.Println(c.Name, c.From, "to", c.To)
	}
	fmt.Println(changes.Summary)
	// Output:
	// left-pad 1.9.0 to 1.10.0
	// 1 upgraded in 1 components before and 1 after
}

func ExampleConvert() {
	doc, err := sbom.Read(strings.NewReader(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "2026-01-02T03:04:05Z",
		"authors": [{"name": "Ada"}], "lifecycles": [{"phase": "build"}], "component": {"type": "application", "name": "shop"}}}`), nil)
	if err != nil {
		log.Fatal(err)
	}
	out, losses, err := sbom.Convert(doc, sbom.TargetSPDX23)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Format, out.SpecVersion, out.Components[0].Name)
	for _, l := range losses {
		fmt.Println(l.Reason, l.Pointer)
	}
	// Output:
	// spdx-json SPDX-2.3 shop
	// no-field /metadata/lifecycles
	// assumed /metadata/component
}
