// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/schema"
)

// The JSON Schema, the validator and the types are three statements of one
// format. The tests of this file hold them together.

func readGolden(t testing.TB) map[string]any {
	t.Helper()
	docs := map[string]any{}
	names, _ := filepath.Glob("testdata/*.json")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		docs[filepath.Base(name)] = doc
	}
	if len(docs) < 2 {
		t.Fatalf("%d golden manifests", len(docs))
	}
	return docs
}

// canonicalOf writes any value in canonical form with another implementation of
// RFC 8785.
func canonicalOf(t testing.TB, doc any) []byte {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	v := jsontext.Value(text)
	if err := v.Canonicalize(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, v, "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func compiled(t testing.TB) *schema.Schema {
	t.Helper()
	s, err := schema.Compile(SchemaV1, map[string][]byte{SchemaV1: Schema()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// beyondSchema lists what the validator refuses and the schema cannot: by code
// and a part of the message.
var beyondSchema = []struct{ code, message, why string }{
	{"manifest.member-case", "is spelled", "a schema compares names byte by byte"},
	{"manifest.duplicate", "twice", "uniqueness by one member"},
	{"manifest.order", "sorted bytewise", "the order of a list"},
	{"manifest.reference", "the reference names digest", "two members of one object that agree"},
	{"manifest.image", "is not among the images", "a reference to another object"},
	{"manifest.signing", "is not among the files", "a reference to another object"},
	{"manifest.signing", "is of kind", "a property of another object"},
	{"manifest.signing", "is about image", "a property of another object"},
	{"manifest.signing", "not a pattern of RE2", "the grammar of RE2"},
	{"manifest.version", "has a number above", "numbers within a string"},
	{"manifest.path", "the name holds the character U+", "properties of Unicode characters"},
	{"manifest.path", "stands for a directory", "look-alikes of the full stop"},
	{"manifest.path", "ＣＯＮ", "what fullwidth letters become"},
	{"manifest.path", "bytes, at most", "a schema counts characters, not bytes"},
	{"manifest.path", "a component has", "a schema counts characters, not bytes"},
	{"manifest.path", "components", "the number of components"},
}

func beyond(p *evidence.Problem) bool {
	for _, b := range beyondSchema {
		if p.Code == b.code && strings.Contains(p.Message, b.message) {
			return true
		}
	}
	return false
}

// TestSchemaAgrees mutates real manifests, one place at a time, in every way that
// makes sense for the place, and asks schema and validator for their verdicts.
func TestSchemaAgrees(t *testing.T) {
	s := compiled(t)
	var accepted, refused, crossField int
	used := map[int]bool{}
	for name, doc := range readGolden(t) {
		for m := range mutants(doc) {
			text := canonicalOf(t, m.doc)
			problems, err := s.Validate(text, evidence.Limits{})
			if err != nil {
				t.Fatalf("%s: %s: %v", name, m.what, err)
			}
			_, err = Parse(text)
			switch {
			case (err == nil) == (len(problems) == 0):
				if err == nil {
					accepted++
				} else {
					refused++
				}
			case err == nil:
				t.Errorf("%s: %s: the schema refuses, the validator accepts: %v", name, m.what, problems)
			default:
				for _, p := range problemsOf(err) {
					if !beyond(p) {
						t.Errorf("%s: %s: the schema accepts, the validator refuses: %v", name, m.what, err)
					}
					for i, b := range beyondSchema {
						if p.Code == b.code && strings.Contains(p.Message, b.message) {
							used[i] = true
						}
					}
				}
				crossField++
			}
			if t.Failed() && refused > 1000 {
				t.FailNow()
			}
		}
	}
	for i, b := range beyondSchema {
		if !used[i] {
			t.Errorf("no mutant shows %s %q", b.code, b.message)
		}
	}
	t.Logf("%d mutants accepted by both, %d refused by both, %d refused for what a schema cannot say", accepted, refused, crossField)
	if accepted < 100 || refused < 1000 {
		t.Error("too few mutants to show anything")
	}
}

func problemsOf(err error) evidence.Problems {
	switch err := err.(type) {
	case *evidence.Problem:
		return evidence.Problems{err}
	case evidence.Problems:
		return err
	}
	panic(err)
}

type mutant struct {
	what string
	doc  any
}

// mutants yields changed copies of doc.
func mutants(doc any) func(yield func(mutant) bool) {
	return func(yield func(mutant) bool) {
		var walk func(at string, v any, set func(any)) bool
		walk = func(at string, v any, set func(any)) bool {
			try := func(what string, changed any) bool {
				set(changed)
				ok := yield(mutant{at + ": " + what, doc})
				set(v)
				return ok
			}
			for what, other := range replacements(at, v) {
				if !try(what, other) {
					return false
				}
			}
			switch v := v.(type) {
			case map[string]any:
				for _, name := range slices.Sorted(maps.Keys(v)) {
					if !walk(at+"/"+name, v[name], func(x any) { v[name] = x }) {
						return false
					}
				}
			case []any:
				for i := range v {
					if i%9 > 0 && len(v) > 4 { // files are much alike
						continue
					}
					if !walk(fmt.Sprintf("%s/%d", at, i), v[i], func(x any) { v[i] = x }) {
						return false
					}
				}
			}
			return true
		}
		root := doc
		walk("", root, func(x any) { doc = x })
	}
}

// replacements returns what to put in the place of v, by what was done.
func replacements(at string, v any) map[string]any {
	out := map[string]any{
		"null": nil, "true": true, "0": 0.0, "string": "x", "list": []any{}, "object": map[string]any{},
	}
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			without := maps.Clone(v)
			delete(without, name)
			out["without "+name] = without
			renamed := maps.Clone(without)
			renamed[strings.ToUpper(name)] = v[name]
			out["upper "+name] = renamed
			both := maps.Clone(v)
			both[strings.ToUpper(name[:1])+name[1:]] = v[name]
			out["twice "+name] = both
		}
		for _, extra := range []struct {
			name  string
			value any
		}{
			{"later", "x"}, {"", 1.5}, {"a\u2028/~\"\U0001F600\uffee", []any{nil, map[string]any{"z": 1.0, "a": map[string]any{}}, []any{}}},
			{"platform", "linux/arm64/v8"}, {"platform", "Linux"}, {"format", "later-format.2"}, {"format", "Later"}, {"image", "web"}, {"image", "none"},
			{"tool", map[string]any{"name": "t"}}, {"tool", map[string]any{"version": "1"}}, {"target", "2027-Q3"}, {"id", "x"},
			{"sha256", strings.Repeat("0", 64)}, {"commit", strings.Repeat("a", 64)}, {"certificateIdentityRegexp", "^x$"}, {"certificateIdentityRegexp", "("},
			{"certificateIdentity", "x"}, {"certificateOidcIssuer", "x"}, {"bundle", "signatures/web.sigstore.json"}, {"certificate", "signatures/web.pem"},
		} {
			with := maps.Clone(v)
			with[extra.name] = extra.value
			out[fmt.Sprintf("with %q %v", extra.name, extra.value)] = with
		}
		if _, ok := v["status"]; ok {
			out["signed only"] = map[string]any{"status": "signed"}
			out["pattern for identity"] = map[string]any{"status": "signed", "certificateIdentityRegexp": "^x$", "certificateOidcIssuer": "y"}
			out["issuer only"] = map[string]any{"status": "signed", "certificateOidcIssuer": "y", "bundle": "signatures/web.sigstore.json"}
			out["bundle only"] = map[string]any{"status": "signed", "bundle": "signatures/web.sigstore.json"}
			out["broken pattern"] = map[string]any{"status": "signed", "certificateIdentityRegexp": "(?!x)", "certificateOidcIssuer": "y"}
		}
	case []any:
		if len(v) > 0 {
			out["without the first"] = v[1:]
			out["first twice"] = append(slices.Clone(v[:1]), v...)
			backwards := slices.Clone(v)
			slices.Reverse(backwards)
			out["backwards"] = backwards
			out["a null more"] = append(slices.Clone(v), nil)
		}
	case float64:
		for _, n := range []float64{-1, 0.5, 1e15, 1<<53 - 1, 1 << 53, 1e300} {
			out[fmt.Sprint(n)] = n
		}
	case string:
		for _, s := range texts(at, v) {
			out[fmt.Sprintf("%.60q (%d bytes)", s, len(s))] = s
		}
	}
	return out
}

// texts returns strings to put in the place of s: what breaks text of any kind,
// and what is near the rule of the member.
func texts(at, s string) []string {
	list := []string{
		"", s + " ", " " + s, s + "\n", s + "\u0001", s + "\u0085", s + "\u202e", s + "\u200b", s + "é", s + "\U0001F600", s + ".", s + "/", "/" + s,
		s + "//x", s + "\\x", s + "x", s + "0", "v" + s, strings.ToUpper(s), strings.ToLower(s), s + ":x", s + "@x", s + "-", s + "--x", s + "_", s + ";", s + "?", s + "#x",
		strings.Repeat("x", 128), strings.Repeat("x", 129), strings.Repeat("x", 255), strings.Repeat("x", 256), strings.Repeat("x", 1024), strings.Repeat("x", 1025),
	}
	member := at[strings.LastIndexByte(at, '/')+1:]
	return append(list, near[member]...)
}

var paths = []string{
	"../x", "a/../x", "a/./x", "a/..", "…/x", "a:b", "a|b", "a*b", "index.html", "zzz", "con", "aux.json", "x/NUL", "a/COM1.txt", "com", "conx", "COM¹", "lpt₂", "ＣＯＮ", "a/b.", "a/b /c",
	"MANIFEST.json", "manifest.JSON", "x/MANIFEST.json", strings.Repeat("x/", 511) + "xx", strings.Repeat("x/", 40) + "x", strings.Repeat("x/", 70) + "x",
	strings.Repeat("é", 600), strings.Repeat("é", 127), "a；b", "a／b", "signatures/celery.pem", "signatures/web.pem", "attestations/web.spdx.sigstore.json", "sbom/web.spdx.json",
}

var everyKind = func() (list []string) {
	for _, k := range GapKinds() {
		list = append(list, string(k))
	}
	return append(list, "ami", "vhd", "binary", "later", "SBOM")
}()

var near = map[string][]string{
	"product": {"a-b", "a--b", "-a", "a_b", "A", "0"},
	"version": {"1.0", "0.1", "1.01", "1.2.0", "1.2.3", "1.2.3.4", "1", "01.2", "1.9007199254740991", "1.9007199254740992", "1.99999999999999999", "v1.2", "1.2-rc1"},
	"tag":     {"release/1.2", "a..b", "a//b", ".a", "a.", "a b", "a~1", "@", "v1.2+x"},
	"commit":  {strings.Repeat("a", 40), strings.Repeat("a", 64), strings.Repeat("A", 40), strings.Repeat("g", 40), strings.Repeat("a", 41)},
	"repository": {"https://example.com", "http://example.com", "https://user@example.com/", "https://example.com:8443/a-b/c_d.git", "https://-x", "https://example.com/?q",
		"https://example.com:123456/", "ssh://example.com/x", "https://"},
	"created": {"2026-01-31T00:00:00Z", "2026-02-29T00:00:00Z", "2024-02-29T23:59:59Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.0Z",
		"2026-01-01T00:00:00+00:00", "2026-01-01t00:00:00z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01", "2026-01-01T00:00:00"},
	"target": {"2027-02-29", "2028-02-29", "2027-04-31", "2027-Q4", "2027-Q5", "2027-Q0", "2027-q1", "0000-01-01", "0999-12-31", "2027-13-01", "2027-1-1", "0000-Q1", "2027"},
	"reference": {"ghcr.io/a/b", "a", "a:tag", "localhost:5000/a", "GHCR.io/a/b:T", "ghcr.io/A/b", "a@sha256:" + strings.Repeat("0", 64), "a:t@sha256:00", "a__b/c---d", "a___b",
		"a:" + strings.Repeat("x", 128), "a:" + strings.Repeat("x", 129), "a@md5:" + strings.Repeat("0", 32), "a.b-c_d", "a..b"},
	"digest": {"sha256:" + strings.Repeat("0", 64), "sha384:" + strings.Repeat("0", 96), "sha512:" + strings.Repeat("0", 128), "sha512:" + strings.Repeat("0", 64),
		"md5:" + strings.Repeat("0", 32), strings.Repeat("0", 64), "SHA256:" + strings.Repeat("0", 64), "sha256:" + strings.Repeat("A", 64)},
	"sha256":      {strings.Repeat("0", 64), strings.Repeat("0", 63), strings.Repeat("A", 64), "sha256:" + strings.Repeat("0", 64), strings.Repeat("0", 128)},
	"platform":    {"linux/amd64", "linux/arm/v7", "linux", "a/b/c/d", "Linux/amd64"},
	"mediaType":   {"text/plain; charset=utf-8", "text/plain;charset=utf-8", "Text/plain", "text", "text/", "a/b; c", "x/y; q=\"1\"", "x/y; a=b; c=d", "x/y;  a=b"},
	"name":        {"web", "celery", "sat", "a.b_c-d", "a..b", ".a", "日本"},
	"image":       {"web", "celery", "sat", "none"},
	"kind":        everyKind,
	"status":      {"signed", "unsigned", "Signed"},
	"path":        paths,
	"bundle":      paths,
	"certificate": paths,
	"format": func() (list []string) {
		for _, f := range Formats() {
			list = append(list, string(f))
		}
		return append(list, "later", "later.2", "later..2", "Later", "-x")
	}(),
}

// TestFormatsAgree tries every known format with every kind.
func TestFormatsAgree(t *testing.T) {
	s := compiled(t)
	doc := readGolden(t)["sat.json"].(map[string]any)
	file := doc["files"].([]any)[0].(map[string]any)
	fits := 0
	for _, f := range append(Formats(), "later") {
		for _, k := range FileKinds() {
			file["format"], file["kind"] = string(f), string(k)
			text := canonicalOf(t, doc)
			problems, err := s.Validate(text, evidence.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(text)
			want := !f.Known() || slices.Contains(f.Kinds(), k)
			if (err == nil) != want || (len(problems) == 0) != want {
				t.Errorf("format %s of kind %s: want %v, validator %v, schema %v", f, k, want, err, problems)
			}
			if want {
				fits++
			}
		}
	}
	if fits < 60 {
		t.Errorf("only %d pairs fit", fits)
	}
}

// TestSchemaNames holds the names of members, the patterns and the lists of the
// schema against those of the code.
func TestSchemaNames(t *testing.T) {
	var doc struct {
		Properties map[string]struct{ Properties map[string]any }
		Defs       map[string]struct {
			Properties map[string]struct{ Properties map[string]any }
			Pattern    string
			MaxLength  int
			Enum       []string
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string]struct {
		names  *names
		schema []string
	}{
		"manifest": {manifestNames, slices.Collect(maps.Keys(doc.Properties))},
		"release":  {releaseNames, slices.Collect(maps.Keys(doc.Properties["release"].Properties))},
		"image":    {imageNames, slices.Collect(maps.Keys(doc.Defs["imageEntry"].Properties))},
		"signing":  {signingNames, slices.Collect(maps.Keys(doc.Defs["signingClaim"].Properties))},
		"artifact": {artifactNames, slices.Collect(maps.Keys(doc.Defs["artifactEntry"].Properties))},
		"file":     {fileNames, slices.Collect(maps.Keys(doc.Defs["fileEntry"].Properties))},
		"tool":     {toolNames, slices.Collect(maps.Keys(doc.Defs["fileEntry"].Properties["tool"].Properties))},
		"gap":      {gapNames, slices.Collect(maps.Keys(doc.Defs["gapEntry"].Properties))},
	} {
		slices.Sort(pair.schema)
		if !slices.Equal(pair.names.list, pair.schema) {
			t.Errorf("%s: the code knows %v, the schema %v", what, pair.names.list, pair.schema)
		}
	}
	for name, want := range map[string]string{
		"product": productPattern, "version": versionPattern, "tag": tagPattern, "commit": commitPattern, "repository": repositoryPattern,
		"created": createdPattern, "imageName": imageNamePattern, "reference": referencePattern, "digest": digestPattern, "sha256": sha256Pattern,
		"platform": platformPattern, "mediaType": mediaTypePattern, "format": formatPattern, "target": targetPattern, "text": textPattern,
	} {
		if got := doc.Defs[name].Pattern; got != want {
			t.Errorf("pattern of %s: the schema has %q, the code %q", name, got, want)
		}
	}
	if got := doc.Defs["text"].MaxLength; got != maxText {
		t.Errorf("text has at most %d characters in the schema, %d in the code", got, maxText)
	}
	var kinds []string
	for _, k := range fileKinds {
		kinds = append(kinds, string(k))
	}
	if got := doc.Defs["fileKind"].Enum; !slices.Equal(got, kinds) {
		t.Errorf("kinds of files: the schema has %v, the code %v", got, kinds)
	}
}

// TestGoldenIsComplete: the golden manifests have every member that there is, so
// that their round trip shows that the types hold each of them.
func TestGoldenIsComplete(t *testing.T) {
	seen := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, x := range v {
				seen[name] = true
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	for _, doc := range readGolden(t) {
		walk(doc)
	}
	for _, n := range []*names{manifestNames, releaseNames, imageNames, signingNames, artifactNames, fileNames, toolNames, gapNames} {
		for _, name := range n.list {
			if !seen[name] && name != "certificateIdentityRegexp" {
				t.Errorf("no golden manifest has a member %q", name)
			}
		}
	}
	// A field that no member fills would be lost: as many fields as names, and Extra.
	for _, pair := range []struct {
		v any
		n *names
	}{
		{Release{}, releaseNames}, {Image{}, imageNames}, {Signing{}, signingNames}, {Artifact{}, artifactNames}, {File{}, fileNames}, {Tool{}, toolNames}, {Gap{}, gapNames},
	} {
		if got := reflect.TypeOf(pair.v).NumField(); got != len(pair.n.list)+1 {
			t.Errorf("%T has %d fields for %d members", pair.v, got, len(pair.n.list))
		}
	}
}
