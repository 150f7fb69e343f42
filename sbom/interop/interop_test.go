package interop

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/HailBytes/evidence/internal/corpus"
	"github.com/HailBytes/evidence/sbom"
)

func read(t *testing.T, name string) *sbom.Document {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := sbom.Read(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// sameComponents asserts that two documents hold the same components.
func sameComponents(t *testing.T, name string, want, got *sbom.Document) {
	t.Helper()
	count := map[string]int{}
	for _, c := range want.Components {
		count[fmt.Sprint(c.Name, "@", c.Version)]++
	}
	for _, c := range got.Components {
		count[fmt.Sprint(c.Name, "@", c.Version)]--
	}
	for s, n := range count {
		if n != 0 {
			t.Errorf("%s: %s is there %d times less", name, s, n)
		}
	}
	if len(want.Components) == 0 {
		t.Errorf("%s: no components to compare", name)
	}
}

// TestRealDocuments takes every real release SBOM through both libraries' types and back.
func TestRealDocuments(t *testing.T) {
	root := corpus.Dir(t, "real")
	files := corpus.Files(t, root, func(path string) bool {
		return strings.Contains(path, "/sbom/") && (strings.HasSuffix(path, ".spdx.json") || strings.HasSuffix(path, ".cdx.json"))
	})
	for _, name := range files {
		isSPDX := strings.HasSuffix(name, ".spdx.json")
		doc := read(t, filepath.Join(root, name))
		s, losses, err := ToSPDX(doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if isSPDX && (len(losses) > 0 || len(s.Packages) != len(doc.Components)) {
			t.Errorf("%s: %d losses; tools-golang holds %d packages, the model %d components", name, len(losses), len(s.Packages), len(doc.Components))
		}
		back, err := FromSPDX(s, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if isSPDX {
			sameComponents(t, name, doc, back)
		}
		b, _, err := ToCycloneDX(doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if back, err = FromCycloneDX(b, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !isSPDX {
			sameComponents(t, name, doc, back)
		}
	}
	t.Logf("%d documents", len(files))
	if len(files) < 13 {
		t.Errorf("%d documents, want 13 or more", len(files))
	}
}

// TestHostile: what makes tools-golang panic is an error here.
func TestHostile(t *testing.T) {
	if _, err := readSPDX([]byte(`{"spdxVersion":"SPDX-2.3","packages":[null]}`)); !errors.Is(err, sbom.ErrFormat) {
		t.Errorf("a null package: got %v", err)
	}
	if doc, err := readSPDX([]byte(`{"spdxVersion":"SPDX-2.3","packages":[{"name":"a","SPDXID":"SPDXRef-a"}]}`)); err != nil || len(doc.Packages) != 1 {
		t.Errorf("its near neighbour: %v", err)
	}
	if _, err := FromSPDX(nil, nil); !errors.Is(err, sbom.ErrFormat) {
		t.Errorf("no SPDX document: got %v", err)
	}
	if _, err := FromCycloneDX(nil, nil); !errors.Is(err, sbom.ErrFormat) {
		t.Errorf("no BOM: got %v", err)
	}
	if _, err := FromSPDX(&v2_3.Document{Packages: []*v2_3.Package{nil}}, nil); err == nil {
		t.Error("a nil package was read")
	}
}

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
