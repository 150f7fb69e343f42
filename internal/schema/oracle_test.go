// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

var mutations = flag.Int("mutations", 1, "how many mutated forms of each document TestOracle judges")

const sarifID = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// officialFiles are the schemas that this module embeds.
var officialFiles = sync.OnceValues(func() (map[string][]byte, error) {
	files := map[string][]byte{}
	for id, pattern := range map[string]string{
		"http://cyclonedx.org/schema/": "../../sbom/schemas/*.schema.json",
		sarifID:                        "../../sarif/schema/*.json",
		"https://example.test/":        "../../manifest/schema/*.json",
	} {
		names, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			uri := id
			if strings.HasSuffix(id, "/") {
				uri += filepath.Base(name)
			}
			files[uri] = text
		}
	}
	return files, nil
})

// judges are one schema, compiled here and by the library.
type judges struct {
	id     string
	ours   *Schema
	theirs *jsonschema.Schema
}

var compiledJudges sync.Map // by identifier

func judgesOf(t testing.TB, id string) judges {
	t.Helper()
	if j, ok := compiledJudges.Load(id); ok {
		return j.(judges)
	}
	files, err := officialFiles()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := Compile(id, files)
	if err != nil {
		t.Fatal(err)
	}
	j := judges{id, ours, libraryCompile(t, id, files)}
	compiledJudges.Store(id, j)
	return j
}

// libraryCompile compiles with the library, which is given the three formats that it
// does not check as closely, and more, and a way to read SPDX 3's patterns.
func libraryCompile(t testing.TB, id string, files map[string][]byte, more ...string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range append(more, "uri", "iri-reference", "idn-email") {
		check := formats[name].check
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok {
				return check(s)
			}
			return nil
		}})
	}
	c.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) {
		p, err := compilePattern(text)
		return libraryPattern{p}, err
	})
	for uri, text := range files {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(uri, err)
		}
		if err := c.AddResource(uri, doc); err != nil {
			t.Fatal(uri, err)
		}
	}
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// libraryPattern uses Go's engine alone.
type libraryPattern struct{ *pattern }

func (p libraryPattern) String() string { return p.text }

func (p libraryPattern) MatchString(s string) bool {
	return (p.not == nil || !p.not.MatchString(s)) && p.want.MatchString(s)
}

// schemaOf names the official schema that a document declares, "" for none.
func schemaOf(root jsonstrict.Value) string {
	if root.Kind() != jsonstrict.Object {
		return ""
	}
	text := func(name string) string {
		v, ok := root.Member(name)
		if !ok || v.Kind() != jsonstrict.String {
			return ""
		}
		return v.String()
	}
	const base = "http://cyclonedx.org/schema/"
	switch {
	case text("specVersion") >= "1.2" && text("specVersion") <= "1.7" && len(text("specVersion")) == 3:
		return base + "bom-" + text("specVersion") + ".schema.json"
	case text("spdxVersion") == "SPDX-2.3":
		return base + "spdx-2.3.schema.json"
	case text("spdxVersion") == "SPDX-2.2":
		return base + "spdx-2.2.2.schema.json"
	case strings.HasPrefix(text("@context"), "https://spdx.org/rdf/3"):
		return base + "spdx-3.0.1.schema.json"
	case text("version") == "2.1.0":
		return sarifID
	}
	return ""
}

// tally counts what was compared.
type tally struct{ documents, mutated, valid, places int }

// compare judges data both ways.
func (n *tally) compare(t testing.TB, what string, j judges, data []byte) {
	t.Helper()
	problems, err := j.ours.Validate(data, evidence.Limits{})
	if err != nil {
		return // not strict JSON: the library has no say
	}
	x, err := jsonstrict.NewIndex(data, jsonstrict.Options{AllowBOM: true, AllowNUL: true})
	if err != nil {
		t.Fatal(err)
	}
	verdict := j.theirs.Validate(instance(x.Root()))
	if (verdict == nil) != (len(problems) == 0) {
		t.Errorf("%s by %s: got %v, the library says %v", what, j.id, problems, verdict)
		return
	}
	if verdict == nil {
		n.valid++
		return
	}
	if len(problems) > MaxProblems {
		return
	}
	found := &places{ours: map[string]bool{}, theirs: map[string]bool{}}
	for _, p := range problems {
		for at := p.Pointer; ; at = at[:strings.LastIndexByte(at, '/')] {
			found.ours[at] = found.ours[at] || at == p.Pointer
			if at == "" {
				break
			}
		}
	}
	found.demand(verdict.(*jsonschema.ValidationError), false)
	if found.vague {
		return
	}
	for _, at := range found.missing {
		t.Errorf("%s by %s: nothing at %q, where the library has a fault:\nours %v\ntheirs %v", what, j.id, at, problems, verdict)
	}
	n.places += found.demanded
	for _, p := range problems {
		parent := p.Pointer[:max(0, strings.LastIndexByte(p.Pointer, '/'))]
		if !found.theirs[p.Pointer] && !found.theirs[parent] {
			t.Errorf("%s by %s: %v, of which the library says nothing:\n%v", what, j.id, p, verdict)
		}
		if p.Line < 1 || p.Column < 1 || p.Message == "" {
			t.Errorf("%s: no position: %+v", what, p)
		}
	}
}

// instance makes the tree that the library judges. Numbers are no text: the library
// computes with exact fractions, and 1e999999999 as one has a billion digits.
func instance(v jsonstrict.Value) any {
	switch v.Kind() {
	case jsonstrict.Object:
		m := map[string]any{}
		for name, value := range v.Members() {
			m[name.String()] = instance(value)
		}
		return m
	case jsonstrict.Array:
		a := []any{}
		for _, e := range v.Elements() {
			a = append(a, instance(e))
		}
		return a
	case jsonstrict.String:
		return v.String()
	case jsonstrict.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		f, whole := v.Number()
		if whole && math.Abs(f) < 1<<53 {
			return int64(f)
		}
		return min(max(f, -math.MaxFloat64), math.MaxFloat64)
	case jsonstrict.True, jsonstrict.False:
		return v.Kind() == jsonstrict.True
	}
	return nil
}

// places compares where faults were found.
type places struct {
	ours     map[string]bool // true for a fault here, false for one further down
	theirs   map[string]bool
	demanded int
	missing  []string
	vague    bool // a place of theirs is not known
}

// demand wants a fault of ours at every place of theirs. Below alternatives it is enough
// that there is one at the choice or below it.
func (f *places) demand(e *jsonschema.ValidationError, chosen bool) {
	at := ""
	for _, token := range e.InstanceLocation {
		at += "/" + jsonstrict.EscapePointer(token)
	}
	f.theirs[at] = true
	below := false // a fault of a member or an element counts too
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		if !chosen {
			f.want(at, true)
		}
		chosen = true
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			f.theirs[at+"/"+jsonstrict.EscapePointer(name)] = true
		}
		below = true
	case *kind.UniqueItems, *kind.AdditionalItems:
		below = true
	case *kind.FalseSchema: // of unevaluatedProperties: see the package comment
		at, below = at[:max(0, strings.LastIndexByte(at, '/'))], true
	case *kind.PropertyNames: // the library may name another object here
		f.vague = true
	}
	if len(e.Causes) == 0 && !chosen {
		f.want(at, below)
	}
	for _, cause := range e.Causes {
		f.demand(cause, chosen)
	}
}

func (f *places) want(at string, below bool) {
	f.demanded++
	if here, ok := f.ours[at]; !ok || !here && !below {
		f.missing = append(f.missing, at)
	}
}

// TestOracle holds every document of the collections, and mutated forms of them, against
// the library: the same verdict, and a problem of ours wherever the library has one.
func TestOracle(t *testing.T) {
	var n tally
	for _, name := range []string{"sbom", "sarif"} {
		dir := corpus.Dir(t, name)
		for i, file := range corpus.Files(t, dir, func(p string) bool { return strings.HasSuffix(p, ".json") || strings.HasSuffix(p, ".sarif") }) {
			data, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			x, err := jsonstrict.NewIndex(data, jsonstrict.Options{AllowBOM: true, AllowNUL: true})
			if err != nil {
				continue
			}
			id := schemaOf(x.Root())
			most := 1 << 20
			if strings.Contains(id, "spdx-3") {
				most = 20 << 10 // the library tries eighty classes on each element
			}
			if id == "" || len(data) > most {
				continue
			}
			n.documents++
			n.compare(t, file, judgesOf(t, id), data)
			if len(data) > most/8 {
				continue
			}
			for m := range *mutations {
				r := rand.New(rand.NewPCG(uint64(i), uint64(m)))
				root := plant(x.Root())
				what := ""
				for range 1 + r.IntN(3) {
					what += root.mutate(r)
				}
				n.mutated++
				n.compare(t, file+", mutated "+strconv.Itoa(m)+":"+what, judgesOf(t, id), []byte(root.text()))
			}
		}
	}
	t.Logf("%d documents, %d mutated forms: the same verdict on each, %d valid; %d places of the library found", n.documents, n.mutated, n.valid, n.places)
	if n.documents < 500 || n.valid < 100 || n.places < 100 {
		t.Error("too few")
	}
}

// tree is a document that can be changed.
type tree struct {
	kind   jsonstrict.Kind
	scalar string
	names  []string
	kids   []*tree
}

func plant(v jsonstrict.Value) *tree {
	n := &tree{kind: v.Kind()}
	switch n.kind {
	case jsonstrict.Object:
		for name, value := range v.Members() {
			n.names = append(n.names, name.String())
			n.kids = append(n.kids, plant(value))
		}
	case jsonstrict.Array:
		for _, e := range v.Elements() {
			n.kids = append(n.kids, plant(e))
		}
	case jsonstrict.String:
		n.scalar = quote(v.String())
	default:
		n.scalar = v.String()
	}
	return n
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func (n *tree) text() string {
	var parts []string
	for i, k := range n.kids {
		if n.kind == jsonstrict.Object {
			parts = append(parts, quote(n.names[i])+": "+k.text())
		} else {
			parts = append(parts, k.text())
		}
	}
	switch n.kind {
	case jsonstrict.Object:
		return "{" + strings.Join(parts, ",\n") + "}"
	case jsonstrict.Array:
		return "[" + strings.Join(parts, ",\n") + "]"
	}
	return n.scalar
}

// containers lists the objects and arrays below n that hold something.
func (n *tree) containers(list []*tree) []*tree {
	if len(n.kids) > 0 {
		list = append(list, n)
	}
	for _, k := range n.kids {
		list = k.containers(list)
	}
	return list
}

var literals = []string{`null`, `true`, `0`, `1`, `-1`, `2.5`, `1.0`, `""`, `"x"`, `"http://a b"`, `[]`, `{}`, `[1]`, `["a","a"]`, `{"a":1}`, `[{}]`}

// mutate changes one random place and says how.
func (n *tree) mutate(r *rand.Rand) string {
	all := n.containers(nil)
	if len(all) == 0 {
		return " nothing"
	}
	at := all[r.IntN(len(all))]
	i := r.IntN(len(at.kids))
	object := at.kind == jsonstrict.Object
	switch r.IntN(6) {
	case 0:
		at.kids = slices.Delete(slices.Clone(at.kids), i, i+1)
		if object {
			at.names = slices.Delete(slices.Clone(at.names), i, i+1)
		}
		return " drop"
	case 1:
		at.kids = append(at.kids, at.kids[i])
		if object {
			at.names = append(at.names, at.names[i]+"2")
		}
		return " duplicate"
	case 2:
		at.kids[i] = &tree{scalar: literals[r.IntN(len(literals))]}
		return " retype"
	case 3:
		for j := range at.kids {
			k := r.IntN(j + 1)
			at.kids[j], at.kids[k] = at.kids[k], at.kids[j]
			if object && r.IntN(2) == 0 { // else values go to other names
				at.names[j], at.names[k] = at.names[k], at.names[j]
			}
		}
		return " reorder"
	case 4:
		if object {
			from := all[r.IntN(len(all))]
			at.names[i] = "x"
			if from.kind == jsonstrict.Object {
				at.names[i] = from.names[r.IntN(len(from.names))]
			}
		}
		return " rename"
	}
	from := all[r.IntN(len(all))]
	at.kids[i] = plantText(from.kids[r.IntN(len(from.kids))].text())
	return " copy"
}

func plantText(text string) *tree {
	x, err := jsonstrict.NewIndex([]byte(text), jsonstrict.Options{AllowNUL: true})
	if err != nil {
		return &tree{scalar: "null"}
	}
	return plant(x.Root())
}
