// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/HailBytes/evidence"
)

// restorePeople sets the people and organizations of out, which the library read
// from data, to what data says. The library takes them from the JSON text
// as it stands: it leaves escapes in, and cuts quotation marks off both ends.
func restorePeople(out *v2_3.Document, data []byte) error {
	if !bytes.Contains(data, []byte(`\`)) {
		return nil
	}
	var text peopleText
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("people of the document: %v: %w", err, evidence.ErrFormat)
	}
	if len(text.Packages) != len(out.Packages) || len(text.Files) != len(out.Files) || len(text.Annotations) != len(out.Annotations) {
		return fmt.Errorf("tools-golang does not hold all elements of the document: %w", evidence.ErrFormat)
	}
	if out.CreationInfo != nil {
		for i, s := range text.CreationInfo.Creators[:min(len(text.CreationInfo.Creators), len(out.CreationInfo.Creators))] {
			c := &out.CreationInfo.Creators[i]
			c.CreatorType, c.Creator = splitParty(s)
		}
	}
	for i, a := range text.Annotations {
		out.Annotations[i].Annotator.AnnotatorType, out.Annotations[i].Annotator.Annotator = splitParty(a.Annotator)
	}
	for i, p := range text.Packages {
		to := out.Packages[i]
		if to.PackageSupplier != nil {
			to.PackageSupplier.SupplierType, to.PackageSupplier.Supplier = splitParty(p.Supplier)
		}
		if to.PackageOriginator != nil {
			to.PackageOriginator.OriginatorType, to.PackageOriginator.Originator = splitParty(p.Originator)
		}
		restoreAnnotators(to.Annotations, p.Annotations)
	}
	for i, f := range text.Files {
		restoreAnnotators(out.Files[i].Annotations, f.Annotations)
	}
	return nil
}

// peopleText is where a document of SPDX 2.3 names people and organizations.
type peopleText struct {
	CreationInfo struct {
		Creators []string `json:"creators"`
	} `json:"creationInfo"`
	Annotations []annotatorText `json:"annotations"`
	Packages    []struct {
		Supplier    string          `json:"supplier"`
		Originator  string          `json:"originator"`
		Annotations []annotatorText `json:"annotations"`
	} `json:"packages"`
	Files []struct {
		Annotations []annotatorText `json:"annotations"`
	} `json:"files"`
}

type annotatorText struct {
	Annotator string `json:"annotator"`
}

func restoreAnnotators(to []v2_3.Annotation, from []annotatorText) {
	for i := range to[:min(len(to), len(from))] {
		to[i].Annotator = common.Annotator{}
		to[i].Annotator.AnnotatorType, to[i].Annotator.Annotator = splitParty(from[i].Annotator)
	}
}

// splitParty parts "Person: name" as the library's types have it; NOASSERTION has no type.
func splitParty(s string) (kind, name string) {
	kind, name, ok := strings.Cut(s, ":")
	if !ok {
		return "", s
	}
	return strings.TrimSpace(kind), strings.TrimSpace(name)
}
