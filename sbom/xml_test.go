// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// xmlLeaves returns the attributes and texts of a document, and its empty
// elements, as "path = value" lines with their count. In a path, like siblings
// are numbered, so that their order counts and that of unlike ones does not.
func xmlLeaves(t testing.TB, data []byte) map[string]int {
	root, err := (&xmlSource{data: data, lim: evidence.Limits{}.OrDefault()}).parse()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	var walk func(path string, n *xmlNode)
	walk = func(path string, n *xmlNode) {
		for _, a := range n.attrs {
			out[fmt.Sprintf("%s/@{%s}%s = %q", path, a.Name.Space, a.Name.Local, a.Value)]++
		}
		text := n.content()
		if strings.TrimSpace(text) == "" {
			text = "" // layout
		}
		if !hasElements(n) || text != "" {
			out[fmt.Sprintf("%s = %q", path, text)]++
		}
		count := map[string]int{}
		for _, c := range n.children {
			if c.name.Local != "" {
				name := "{" + c.name.Space + "}" + c.name.Local
				walk(fmt.Sprintf("%s/%s.%d", path, name, count[name]), c)
				count[name]++
			}
		}
	}
	walk("/{"+root.name.Space+"}"+root.name.Local, root)
	return out
}

// TestCorpusXML reads every XML document and writes it back without losing an
// attribute, a text or an empty element.
func TestCorpusXML(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	read, refused := 0, 0
	for _, e := range rows {
		if e.Format != "cyclonedx-xml" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := readBytes(data, evidence.Limits{}.OrDefault(), "UTF-8")
		if err != nil {
			if e.Expect != "invalid" {
				t.Errorf("%s: %v", e.Path, err)
			}
			t.Logf("%s: %v", e.Path, err)
			refused++
			continue
		}
		read++
		out, err := doc.Marshal()
		if err != nil {
			t.Errorf("%s: %v", e.Path, err)
			continue
		}
		if lines := diffLeaves(xmlLeaves(t, data), xmlLeaves(t, out)); len(lines) > 0 {
			t.Errorf("%s: %d leaves differ\n%s", e.Path, len(lines), strings.Join(lines[:min(6, len(lines))], "\n"))
		}
	}
	t.Logf("%d read and written without loss, %d refused", read, refused)
}
