// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

const shop = `{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["items"],
  "additionalProperties": false,
  "properties": {
    "items": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"$ref": "#/definitions/item"}},
    "pages": {"type": "array", "maxItems": 2, "items": {"$ref": "#/definitions/page"}},
    "at": {"type": "string", "format": "date-time"}
  },
  "definitions": {
    "item": {
      "type": "object",
      "required": ["name"],
      "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer", "minimum": 0, "maximum": 10},
        "colour": {"enum": ["red", "green"]},
        "by": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["id"]}]}
      }
    },
    "page": {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "#/definitions/item"}}}}
  }
}`

func compile(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Compile("https://example.test/s.json", map[string][]byte{"https://example.test/s.json": []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestValidate(t *testing.T) {
	s := compile(t, shop)
	big := strings.Repeat("x", 1<<16)
	tests := []struct {
		name, doc string
		want      []string // code, position and pointer of each problem
	}{
		{"valid", `{"items": [{"name": "a"}, {"name": "b", "count": 1.0}], "at": "2026-01-02T03:04:05Z"}`, nil},
		{"missing", "{\n \"pages\": []}", []string{"schema.required 1:1 "}},
		{"extra", "{\n \"items\": [{\"name\":\"a\"}],\n \"extra\": 1}", []string{"schema.additional-properties 3:11 /extra"}},
		{"type of a part", `{"items": 3}`, []string{"schema.type 1:11 /items"}},
		{"element", `{"items": [{"name": "a"}, {"name": 1}]}`, []string{"schema.type 1:36 /items/1/name"}},
		{"number forms", `{"items": [{"name": "a", "count": 1e999999999}]}`, []string{"schema.maximum 1:35 /items/0/count"}},
		{"fraction", `{"items": [{"name": "a", "count": 1.5}]}`, []string{"schema.type 1:35 /items/0/count"}},
		{"too few", `{"items": []}`, []string{"schema.min-items 1:11 /items"}},
		{"too many", `{"items": [{"name": "a"}], "pages": [{}, {}, {}]}`, []string{"schema.max-items 1:37 /pages"}},
		{"equal", `{"items": [{"name": "a", "count": 1}, {"name": "b"}, {"count": 1.0, "name": "a"}]}`, []string{"schema.unique-items 1:54 /items/2"}},
		{"format", `{"items": [{"name": "a"}], "at": "2026-01-02"}`, []string{"schema.format 1:34 /at"}},
		{"enum", `{"items": [{"name": "a", "colour": "blue"}]}`, []string{"schema.enum 1:36 /items/0/colour"}},
		{"alternatives", `{"items": [{"name": "a", "by": {}}]}`, []string{"schema.required 1:32 /items/0/by"}},
		{"in a large element", `{"items": [{"name": "a"}], "pages": [{"items": [{"name": "` + big + `"}, {"name": null}]}]}`,
			[]string{"schema.type 1:65608 /pages/0/items/1/name"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			problems, err := s.Validate([]byte(tt.doc), evidence.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%s %d:%d %s", p.Code, p.Line, p.Column, p.Pointer))
				if p.Severity != evidence.SeverityError || !errors.Is(p, evidence.ErrFormat) || p.Message == "" {
					t.Errorf("%+v: want an error of class ErrFormat with a message", p)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValidateNotJSON(t *testing.T) {
	s := compile(t, shop)
	tests := []struct {
		name, doc, code string
		class           error
		limits          evidence.Limits
	}{
		{"duplicate", `{"items": [], "items": []}`, "json.duplicate-name", evidence.ErrFormat, evidence.Limits{}},
		{"duplicate in an element", `{"items": [{"name": "a", "name": "b"}]}`, "json.duplicate-name", evidence.ErrFormat, evidence.Limits{}},
		{"truncated", `{"items": [{"name": "a"}`, "json.truncated", evidence.ErrFormat, evidence.Limits{}},
		{"trailing", `{"items": [{"name": "a"}]} {}`, "json.trailing", evidence.ErrFormat, evidence.Limits{}},
		{"deep", `{"items": [[[[[1]]]]]}`, "json.depth", evidence.ErrLimit, evidence.Limits{Depth: 4}},
		{"empty", ``, "json.truncated", evidence.ErrFormat, evidence.Limits{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Validate([]byte(tt.doc), tt.limits)
			p, ok := errors.AsType[*evidence.Problem](err)
			if !ok || p.Code != tt.code || !errors.Is(err, tt.class) {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}

func TestValidateBounded(t *testing.T) {
	s := compile(t, shop)
	doc := `{"items": [` + strings.Repeat(`{},`, 5000) + `{"name": "a"}]}`
	problems, err := s.Validate([]byte(doc), evidence.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	last := problems[len(problems)-1]
	if len(problems) != MaxProblems+1 || last.Code != "schema.more" || !strings.HasPrefix(last.Message, "8999 more") {
		t.Errorf("got %d problems, the last %v", len(problems), last)
	}
}

func TestCompileFetchesNothing(t *testing.T) {
	_, err := Compile("https://example.test/s.json", map[string][]byte{
		"https://example.test/s.json": []byte(`{"$ref": "file:///etc/passwd"}`),
	})
	if err == nil || !strings.Contains(err.Error(), "not among the given files") {
		t.Errorf("got %v", err)
	}
}

func TestPattern(t *testing.T) {
	p, err := compilePattern("^(?!_:).+:.+")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"a:b": true, "_:b": false, "ab": false, "a_:b": true, "": false} {
		if got := p.match(text); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
	if _, err := compilePattern("a(?!b)c"); err == nil {
		t.Error("a lookahead elsewhere was accepted")
	}
}

func TestConcurrentUse(t *testing.T) {
	s := compile(t, shop)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if ps, err := s.Validate([]byte(`{"items": [{"name": 1, "by": 2}]}`), evidence.Limits{}); err != nil || len(ps) != 2 {
					t.Errorf("got %v, %v", ps, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestOfficialSchemasCompile compiles each official schema of the collection.
func TestOfficialSchemasCompile(t *testing.T) {
	dir := corpus.Dir(t, "schemas")
	files := map[string][]byte{}
	for _, name := range corpus.Files(t, dir, func(p string) bool {
		return strings.HasSuffix(p, ".json") && !strings.HasSuffix(p, "cryptography-defs.json")
	}) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		uri := "https://example.test/" + name
		if strings.HasPrefix(name, "cyclonedx/") {
			uri = "http://cyclonedx.org/schema/" + filepath.Base(name)
		}
		files[uri] = text
	}
	for uri := range files {
		if strings.Contains(uri, "external-property") {
			continue // refers to the other SARIF schema by its published address
		}
		if _, err := Compile(uri, files); err != nil {
			t.Error(err)
		}
	}
}

// FuzzValidate holds a schema that has most keywords against the library.
func FuzzValidate(f *testing.F) {
	const id = "https://example.test/all.json"
	files := map[string][]byte{id: []byte(everything)}
	ours, err := Compile(id, files)
	if err != nil {
		f.Fatal(err)
	}
	j := judges{id, ours, libraryCompile(f, id, files, "date-time", "uri-reference")}
	for _, seed := range []string{
		`{"any": [1, 1.0, {"a": 1, "b": [2]}, {"b": [2], "a": 1e0}], "only": {"x-1": 3, "y": null}}`,
		`{"one": {"type": "a", "v": 1}, "pair": [1, "x", true], "when": {"k": "u", "n": 0.5}}`,
		`{"one": {"type": "c", "v": {"type": "b", "w": "x"}}, "when": {"k": "v"}, "dep": {"a": 1}}`,
		`{"left": {"a": 1, "b": 2, "c": 3}, "no": {"x": 1}, "short": "\u00e9\ud83d\ude00", "word": "ab-1", "big": 1e999}`,
		`{"left": {"kind": "deep", "z": {"kind": "deep", "z": {"kind": 1}}}, "at": "2026-12-31T23:59:60Z", "ref": "a b"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		new(tally).compare(t, "fuzzed", j, data)
	})
}

const everything = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "any": {"type": "array", "uniqueItems": true, "minItems": 1, "maxItems": 4},
    "only": {"patternProperties": {"^x-": {"type": "integer", "exclusiveMinimum": 0, "maximum": 10}}, "additionalProperties": {"type": "null"}, "propertyNames": {"maxLength": 3}},
    "one": {"$ref": "#/$defs/one"},
    "pair": {"prefixItems": [{"const": 1}, {"enum": ["x", null, 2.50]}], "items": false},
    "when": {"if": {"properties": {"k": {"const": "u"}}, "required": ["k"]}, "then": {"required": ["n"]}, "else": {"properties": {"n": false}}},
    "dep": {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
    "left": {"$ref": "#/$defs/left"},
    "no": {"not": {"required": ["x"]}},
    "short": {"type": ["string", "integer"], "minLength": 1, "maxLength": 2},
    "word": {"pattern": "^[a-z]{1,3}(-[0-9]+)?$"},
    "big": {"minimum": -1.5, "exclusiveMaximum": 1e3},
    "at": {"format": "date-time"},
    "ref": {"format": "uri-reference"}
  },
  "additionalProperties": false,
  "$defs": {
    "one": {"oneOf": [
      {"type": "object", "required": ["v"], "properties": {"type": {"const": "a"}, "v": {"type": "integer"}}},
      {"type": "object", "properties": {"type": {"enum": ["b", "d"]}, "w": {"anyOf": [{"type": "string", "pattern": "x"}, {"type": "string", "minLength": 3}]}}},
      {"type": "object", "properties": {"type": {"const": "c"}, "v": {"$ref": "#/$defs/one"}}},
      {"type": "string"}
    ]},
    "left": {
      "properties": {"a": true},
      "anyOf": [{"properties": {"b": {"type": "integer"}}, "required": ["b"]}, {"properties": {"kind": {"const": "deep"}, "z": {"$ref": "#/$defs/left"}}}],
      "allOf": [{"if": {"required": ["a"]}, "then": {"properties": {"c": {"minimum": 3}}}}],
      "unevaluatedProperties": false
    }
  }
}`

func BenchmarkValidate(b *testing.B) {
	s := compile(b, shop)
	for _, n := range []int{1000, 100_000} {
		var doc strings.Builder
		doc.WriteString(`{"items": [{"name": "a"}`)
		for i := range n {
			fmt.Fprintf(&doc, `, {"name": "item %d", "count": 3, "colour": "red", "by": {"id": 1}}`, i)
		}
		doc.WriteString("]}")
		b.Run(fmt.Sprintf("elements=%d", n), func(b *testing.B) {
			b.SetBytes(int64(doc.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if ps, err := s.Validate([]byte(doc.String()), evidence.Limits{}); err != nil || len(ps) > 0 {
					b.Fatal(ps, err)
				}
			}
		})
	}
}
