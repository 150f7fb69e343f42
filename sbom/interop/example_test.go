// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"fmt"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"

	"github.com/HailBytes/evidence/sbom"
)

func Example() {
	doc, err := sbom.Read(bytes.NewReader([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,
	  "components":[{"type":"library","bom-ref":"a","name":"libssl3","version":"3.0.15","purl":"pkg:deb/debian/libssl3@3.0.15"}]}`)), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	bom, _, err := ToCycloneDX(doc)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bom.SpecVersion, (*bom.Components)[0].PackageURL)

	*bom.Components = append(*bom.Components, cyclonedx.Component{Type: cyclonedx.ComponentTypeLibrary, Name: "zlib1g", Version: "1.2.13"})
	back, err := FromCycloneDX(bom, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(back.Components), back.Components[1].Name)
	// Output:
	// 1.6 pkg:deb/debian/libssl3@3.0.15
	// 2 zlib1g
}
