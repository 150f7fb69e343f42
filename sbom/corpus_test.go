// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// leaves returns the values of a JSON text as "pointer = value" lines with their count.
// An empty object or array is a value.
func leaves(t testing.TB, data []byte) map[string]int {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	var walk func(p string, v any)
	walk = func(p string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if len(v) == 0 {
				out[p+" = {}"]++
			}
			for k, x := range v {
				walk(p+"/"+k, x)
			}
		case []any:
			if len(v) == 0 {
				out[p+" = []"]++
			}
			for i, x := range v {
				walk(fmt.Sprintf("%s/%d", p, i), x)
			}
		default:
			out[fmt.Sprintf("%s = %#v", p, v)]++
		}
	}
	walk("", v)
	return out
}

func diffLeaves(before, after map[string]int) (lines []string) {
	for k := range before {
		if after[k] != before[k] {
			lines = append(lines, "- "+k)
		}
	}
	for k := range after {
		if after[k] != before[k] {
			lines = append(lines, "+ "+k)
		}
	}
	return lines
}

// corpusRefused are the documents of the corpus that cannot be read, with the
// code and class of the reason.
var corpusRefused = map[string]struct {
	code  string
	class error
}{
	"cyclonedx-specification/1.2/invalid-bomformat-1.2.json":               {"sbom.format", evidence.ErrFormat},
	"cyclonedx-specification/1.3/invalid-bomformat-1.3.json":               {"sbom.format", evidence.ErrFormat},
	"cyclonedx-specification/1.6/invalid-bomformat-1.6.json":               {"sbom.format", evidence.ErrFormat},
	"cyclonedx-specification/1.7/invalid-bomformat-1.7.json":               {"sbom.format", evidence.ErrFormat},
	"guac/invalid-spdx-identifier-spdx.json":                               {"json.type", evidence.ErrFormat}, // creators are objects
	"guac/invalid-spdx.json":                                               {"json.type", evidence.ErrFormat}, // spdxVersion is a number
	"guac/small-spdx.json":                                                 {"json.type", evidence.ErrFormat}, // creators are objects
	"sbom-utility/test/config/test-cdx-spec-version-invalid.json":          {"sbom.version", evidence.ErrUnsupported},
	"sbom-utility/test/config/test-cdx-spec-version-missing.json":          {"sbom.version", evidence.ErrFormat},
	"sbom-utility/test/cyclonedx/1.3/cdx-1-3-syntax-err-1.json":            {"json.syntax", evidence.ErrFormat},
	"sbom-utility/test/cyclonedx/1.3/cdx-1-3-syntax-err-2.json":            {"json.syntax", evidence.ErrFormat},
	"syft/syft/format/spdxjson/testdata/spdx/bad/example7-bin.spdx.json":   {"json.type", evidence.ErrFormat}, // creators are objects
	"tools-golang/json/test_fixtures/spdx2_2_null_package.json":            {"json.type", evidence.ErrFormat},
	"tools-golang/json/test_fixtures/spdx2_3_null_package.json":            {"json.type", evidence.ErrFormat},
	"tools-golang/spdx/v2/v2_2/json/testdata/spdx-null-relationships.json": {"json.type", evidence.ErrFormat},
	"tools-golang/spdx/v2/v2_3/json/testdata/spdx-null-relationships.json": {"json.type", evidence.ErrFormat},
	"trivy/pkg/sbom/cyclonedx/testdata/sad/invalid-serial.json":            {"json.type", evidence.ErrFormat},
}

// TestCorpusJSON reads every JSON document, and writes it back without losing a leaf.
func TestCorpusJSON(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	read, refused := 0, 0
	for _, e := range rows {
		if e.Format != "spdx-json" && e.Format != "cyclonedx-json" && e.Path != "guac/invalid-spdx.json" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Read(bytes.NewReader(data), nil)
		if want, ok := corpusRefused[e.Path]; ok {
			p, isProblem := errors.AsType[*evidence.Problem](err)
			if !isProblem || p.Code != want.code || !errors.Is(err, want.class) {
				t.Errorf("%s: got error %v, want %s", e.Path, err, want.code)
			}
			refused++
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", e.Path, err)
			continue
		}
		read++
		out, err := doc.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		if lines := diffLeaves(leaves(t, data), leaves(t, out)); len(lines) > 0 {
			t.Errorf("%s: %d leaves differ\n%s", e.Path, len(lines), strings.Join(lines[:min(6, len(lines))], "\n"))
		}
	}
	if refused != len(corpusRefused) {
		t.Errorf("%d documents refused, want %d", refused, len(corpusRefused))
	}
	t.Logf("%d read and written without loss, %d refused as expected", read, refused)
}
