// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package quality_test

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/quality"
)

const smallBOM = `{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": {"component": {"bom-ref": "shop", "type": "application", "name": "shop", "version": "1.0"}},
  "components": [
    {"bom-ref": "zlib", "type": "library", "name": "zlib", "version": "1.3", "purl": "pkg:generic/zlib@1.2"}
  ],
  "dependencies": [{"ref": "shop", "dependsOn": ["zlib", "openssl"]}]
}`

func ExampleProfile_Assess() {
	doc, err := sbom.Read(strings.NewReader(smallBOM), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, _ := quality.ProfileNamed("ntia-2021")
	a := p.Assess(doc, nil)
	fmt.Println("holds:", a.OK())
	for _, r := range a.Results {
		if r.Element.Level == "required" && r.Outcome != quality.OutcomePass {
			fmt.Printf("%s (%s): %s, %s\n", r.Element.Title, r.Element.Clause, r.Outcome, r.Message)
			for _, c := range r.Concerns {
				fmt.Printf("  %s: %s\n", c.Name, c.Message)
			}
		}
	}
	// Output:
	// holds: false
	// Supplier name (p8-15): fail, 0 of 2 components
	//   shop: no supplier, maker or publisher
	//   zlib: no supplier, maker or publisher
	// Author of SBOM data (p8-15): fail, no creator is named
	// Timestamp (p8-15): fail, no time is told
}
