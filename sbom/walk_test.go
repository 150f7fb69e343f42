// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// collect returns what Walk gives, each element as JSON with its position, sorted.
func collect(r io.Reader) (lines []string, doc *Document, err error) {
	doc, err = walk(r, nil, &visitor{
		Component:    func(c *Component) error { lines = append(lines, line("component", c.Position(), c)); return nil },
		File:         func(f *File) error { lines = append(lines, line("file", f.Position(), f)); return nil },
		Snippet:      func(s *Snippet) error { lines = append(lines, line("snippet", s.Position(), s)); return nil },
		Service:      func(s *Service) error { lines = append(lines, line("service", s.Position(), s)); return nil },
		Relationship: func(r *Relationship) error { lines = append(lines, line("relationship", r.Position(), r)); return nil },
		Vulnerability: func(v *Vulnerability) error {
			lines = append(lines, line("vulnerability", v.Position(), v))
			return nil
		},
	})
	slices.Sort(lines)
	return lines, doc, err
}

func line(kind string, p Position, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s %+v %s", kind, p, data)
}

// elementsOfDocument returns the same for a Document.
func elementsOfDocument(doc *Document) (lines []string) {
	for i := range doc.Components {
		lines = append(lines, line("component", doc.Components[i].Position(), &doc.Components[i]))
	}
	for i := range doc.Files {
		lines = append(lines, line("file", doc.Files[i].Position(), &doc.Files[i]))
	}
	for i := range doc.Snippets {
		lines = append(lines, line("snippet", doc.Snippets[i].Position(), &doc.Snippets[i]))
	}
	for i := range doc.Services {
		lines = append(lines, line("service", doc.Services[i].Position(), &doc.Services[i]))
	}
	for i := range doc.Relationships {
		lines = append(lines, line("relationship", doc.Relationships[i].Position(), &doc.Relationships[i]))
	}
	for i := range doc.Vulnerabilities {
		lines = append(lines, line("vulnerability", doc.Vulnerabilities[i].Position(), &doc.Vulnerabilities[i]))
	}
	slices.Sort(lines)
	return lines
}

// TestCorpusWalk walks every document and compares with what Read gives.
func TestCorpusWalk(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	same, repeated, refused := 0, 0, 0
	for _, e := range rows {
		if e.Format == "purl-tests" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		doc, readErr := Read(bytes.NewReader(data), nil)
		lines, rest, walkErr := collect(iotest.HalfReader(bytes.NewReader(data)))
		if (readErr == nil) != (walkErr == nil) {
			t.Errorf("%s: Read says %v, Walk says %v", e.Path, readErr, walkErr)
			continue
		}
		if readErr != nil {
			if readErr.Error() != walkErr.Error() {
				t.Errorf("%s: Read says %v, Walk says %v", e.Path, readErr, walkErr)
			}
			refused++
			continue
		}
		if slices.ContainsFunc(doc.Problems, func(p *evidence.Problem) bool { return p.Code == "sbom.duplicate-id" }) {
			repeated++ // Walk does not make up IDs for these
			continue
		}
		if want := elementsOfDocument(doc); !slices.Equal(want, lines) {
			for i := range want {
				if i >= len(lines) || want[i] != lines[i] {
					t.Errorf("%s: %d elements, want %d; first difference\n%s\n%s", e.Path, len(lines), len(want), lines[min(i, len(lines)-1)], want[i])
					break
				}
			}
			continue
		}
		if rest.Created != doc.Created || rest.Namespace != doc.Namespace || len(rest.Authors) != len(doc.Authors) || len(rest.Components) != 0 {
			t.Errorf("%s: the rest of the document differs", e.Path)
		}
		same++
	}
	t.Logf("%d the same as Read, %d with repeated IDs not compared, %d refused alike", same, repeated, refused)
	if same < 1000 {
		t.Error("too few")
	}
}

func TestWalkStops(t *testing.T) {
	const doc = `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"name":"a"},{"name":"b"},{"name":"c"}]}`
	stop := errors.New("stop")
	n := 0
	_, err := walk(strings.NewReader(doc), nil, &visitor{Component: func(*Component) error {
		if n++; n == 2 {
			return stop
		}
		return nil
	}})
	if err != stop || n != 2 {
		t.Errorf("got %v after %d", err, n)
	}
}

// TestWalkUnwanted skips what nobody wants, and still checks its syntax.
func TestWalkUnwanted(t *testing.T) {
	const doc = `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"name":"a"}],"services":[{"name":%s}]}`
	var names []string
	v := &visitor{Component: func(c *Component) error { names = append(names, c.Name.String()); return nil }}
	rest, err := walk(strings.NewReader(fmt.Sprintf(doc, "1")), nil, v)
	if err != nil || len(names) != 1 || len(rest.Services) != 0 {
		t.Errorf("got %v %v", names, err)
	}
	_, err = walk(strings.NewReader(fmt.Sprintf(doc, "]")), nil, v)
	if p, ok := errors.AsType[*evidence.Problem](err); !ok || p.Code != "json.syntax" || p.Pointer != "/services/0/name" {
		t.Errorf("got %v", err)
	}
}

// TestWalkYields: the iterator yields every element and the rest of the document, and stops when it is told to.
func TestWalkYields(t *testing.T) {
	count := func(most int) (n int, doc *Document) {
		for element, err := range Walk(strings.NewReader(goodCDX), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if d, ok := element.(*Document); ok {
				doc = d
			}
			if n++; n == most {
				break
			}
		}
		return n, doc
	}
	whole := read(t, goodCDX)
	want := len(whole.Components) + len(whole.Relationships) + len(whole.Vulnerabilities) + 1
	if n, doc := count(-1); n != want || doc == nil || doc.Namespace != whole.Namespace || len(doc.Components) > 0 {
		t.Errorf("%d elements, want %d; %+v", n, want, doc)
	}
	if n, doc := count(2); n != 2 || doc != nil {
		t.Error(n, doc)
	}
	failed := false
	for element, err := range Walk(strings.NewReader("{"), nil) {
		failed = failed || err != nil && element == nil
	}
	if !failed {
		t.Error("no error")
	}
}
