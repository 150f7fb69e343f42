// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"testing/iotest"

	"github.com/HailBytes/evidence"
)

// FuzzReadSBOM: what is read is written, what is written is read again, and from
// then on nothing changes. What is refused has a class. A walk says the same.
func FuzzReadSBOM(f *testing.F) {
	for _, s := range []string{
		`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"d","packages":[{"SPDXID":"SPDXRef-a","name":"a","versionInfo":"1","licenseDeclared":"MIT","x":{"y":[1,null]}}],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"SPDXRef-a","relationshipType":"DESCRIBES"}]}`,
		`{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"type":"container","name":"i","bom-ref":"r"}},"components":[{"type":"library","name":"a","components":[{"type":"file","name":"b"}],"hashes":[{"alg":"SHA-256","content":"00"}]}],"dependencies":[{"ref":"r","dependsOn":["x"]}]}`,
		"SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nPackageName: a\nSPDXID: SPDXRef-a\nPackageComment: <text>two\nlines</text>\n",
		`<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library"><name>a</name><purl>pkg:npm/a@1</purl></component></components></bom>`,
		`{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"software_Package","spdxId":"a","name":"a","creationInfo":"_:c"},{"type":"CreationInfo","@id":"_:c","created":"2026-01-02T03:04:05Z"}]}`,
	} {
		f.Add([]byte(s))
	}
	o := &ReadOptions{Limits: evidence.Limits{DocumentBytes: 1 << 20, Depth: 50, Elements: 10_000}}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Read(bytes.NewReader(data), o)
		components := 0
		_, walkErr := walk(iotest.HalfReader(bytes.NewReader(data)), o, &visitor{
			Component: func(*Component) error { components++; return nil }, File: func(*File) error { return nil },
			Snippet: func(*Snippet) error { return nil }, Service: func(*Service) error { return nil },
			Relationship: func(*Relationship) error { return nil }, Vulnerability: func(*Vulnerability) error { return nil },
		})
		if !errors.Is(walkErr, evidence.ErrLimit) && !errors.Is(err, evidence.ErrLimit) {
			if fmt.Sprint(walkErr) != fmt.Sprint(err) {
				t.Fatalf("Read says %v, Walk says %v", err, walkErr)
			}
			if err == nil && components != len(doc.Components) {
				t.Fatalf("%d components by Read, %d by Walk", len(doc.Components), components)
			}
		}
		if err != nil {
			if !errors.Is(err, evidence.ErrFormat) && !errors.Is(err, evidence.ErrUnsupported) && !errors.Is(err, evidence.ErrLimit) && !errors.Is(err, evidence.ErrUnsafe) {
				t.Fatalf("%v has no class", err)
			}
			return
		}
		var first, second bytes.Buffer
		if err := doc.Write(&first); err != nil {
			if errors.Is(err, evidence.ErrUnsupported) {
				return
			}
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Read(bytes.NewReader(first.Bytes()), &ReadOptions{})
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, first.Bytes())
		}
		if err := again.Write(&second); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("written twice:\n%s\n%s", first.Bytes(), second.Bytes())
		}
		if len(again.Components) != len(doc.Components) || len(again.Relationships) != len(doc.Relationships) {
			t.Fatalf("%d components and %d relationships became %d and %d", len(doc.Components), len(doc.Relationships), len(again.Components), len(again.Relationships))
		}
	})
}
