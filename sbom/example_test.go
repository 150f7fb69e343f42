// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom_test

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence/sbom"
)

const smallBOM = `{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": {"component": {"bom-ref": "shop", "type": "application", "name": "shop", "version": "1.0"}},
  "components": [
    {"bom-ref": "zlib", "type": "library", "name": "zlib", "version": "1.3", "purl": "pkg:generic/zlib@1.2"}
  ],
  "dependencies": [{"ref": "shop", "dependsOn": ["zlib", "openssl"]}]
}`

func ExampleRead() {
	doc, err := sbom.Read(strings.NewReader(smallBOM), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(doc.Format, doc.SpecVersion, doc.Roots())
	for i := range doc.Components {
		c := &doc.Components[i]
		fmt.Println(c.ID, c.Name, c.Version)
	}
	g := doc.Graph()
	fmt.Println("shop depends on", g.DependenciesOf("shop"))
	fmt.Println("missing:", g.Dangling())
	// Output:
	// cyclonedx-json 1.6 [shop]
	// shop shop 1.0
	// zlib zlib 1.3
	// shop depends on [zlib openssl]
	// missing: [openssl]
}

func ExampleWalk() {
	for element, err := range sbom.Walk(strings.NewReader(smallBOM), nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if c, ok := element.(*sbom.Component); ok {
			fmt.Println(c.Name, c.Version)
		}
	}
	// Output:
	// shop 1.0
	// zlib 1.3
}

func ExampleValidate() {
	v, err := sbom.Validate(strings.NewReader(smallBOM), nil)
	if err != nil {
		fmt.Println(err) // the reader failed: nothing was judged
		return
	}
	fmt.Println("holds:", v.OK())
	for _, c := range v.Checks {
		fmt.Println(c.ID, c.Status)
		for _, p := range c.Problems {
			fmt.Println(" ", p)
		}
	}
	// Output:
	// holds: false
	// sbom.readable pass
	// sbom.schema pass
	// sbom.semantics fail
	//   line 5:86: /components/0/purl: package URL has version "1.2", the component "1.3"
	//   line 7:20: /dependencies/0: dependsOn "openssl" names no element of the document
}
