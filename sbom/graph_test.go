// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// graphOf returns a document whose components are the names in edges, "a b" for
// "a depends on b", in order of first use, with the given roots.
func graphOf(roots []string, edges ...string) *Document {
	doc := &Document{ID: "#"}
	seen := map[string]bool{}
	node := func(id string) {
		if !seen[id] {
			seen[id] = true
			doc.Components = append(doc.Components, Component{ID: id})
		}
	}
	for _, id := range roots {
		node(id)
		doc.Relationships = append(doc.Relationships, Relationship{From: "#", Type: Describes, To: id, ToState: StateStated})
	}
	for _, e := range edges {
		from, to, ok := strings.Cut(e, " ")
		node(from)
		if ok {
			node(to)
			doc.Relationships = append(doc.Relationships, Relationship{From: from, Type: DependsOn, To: to, ToState: StateStated})
		}
	}
	return doc
}

// ways writes paths as "a b c".
func ways(paths [][]*Relationship) (out []string) {
	for _, p := range paths {
		var ids []string
		for i, r := range p {
			if i == 0 {
				ids = append(ids, r.From)
			}
			if last := ids[len(ids)-1]; last != r.From {
				ids = append(ids, "?"+r.From)
			}
			ids = append(ids, r.To)
		}
		out = append(out, strings.Join(ids, " "))
	}
	return out
}

func TestGraph(t *testing.T) {
	doc := graphOf([]string{"app"}, "app a", "app b", "a c", "b c", "c d", "a a", "x y", "y x", "alone")
	doc.Files = []File{{ID: "file"}}
	doc.Snippets = []Snippet{{ID: "snippet"}}
	doc.Services = []Service{{ID: "service"}}
	doc.Relationships = append(doc.Relationships,
		Relationship{From: "app", Type: Contains, To: "file", ToState: StateStated},
		Relationship{From: "c", Type: DependsOn, ToState: StateNone},
		Relationship{From: "d", Type: DependsOn, To: "gone", ToState: StateStated},
		Relationship{From: "d", Type: "hasTest", To: "service", ToState: StateStated},
		Relationship{From: "d", Type: DependsOn, To: "DocumentRef-o:SPDXRef-p", ToState: StateStated},
	)
	g := doc.Graph()

	kinds := map[string]ElementKind{
		"#": ElementDocument, "c": ElementComponent, "file": ElementFile, "snippet": ElementSnippet,
		"service": ElementService, "gone": ElementUnknown, "never": ElementUnknown,
	}
	for id, want := range kinds {
		if got := g.Lookup(id).Kind(); got != want {
			t.Errorf("%s is of kind %d, want %d", id, got, want)
		}
	}
	if c := g.Component("c"); c != &doc.Components[3] || g.Component("file") != nil {
		t.Errorf("component %+v", c)
	}
	if diff := cmp.Diff([]string{"gone"}, g.Dangling()); diff != "" {
		t.Error(diff)
	}
	if got := ways([][]*Relationship{g.From("a")[:1], g.From("a")[1:], g.To("c")[:1], g.To("c")[1:]}); !slices.Equal(got, []string{"a c", "a a", "a c", "b c"}) {
		t.Errorf("edges %q", got)
	}
	if g.From("c")[0].To != "d" || len(g.From("c")) != 1 || g.From("never") != nil || g.To("#") != nil {
		t.Error("an end that is NONE is an edge, or an unknown node has some")
	}

	for _, tt := range []struct {
		follow Follow
		from   []string
		want   string
	}{
		{FollowDependencies, []string{"app"}, "app a b c d gone DocumentRef-o:SPDXRef-p"},
		{FollowIncluded, []string{"#"}, "# app a b file c d gone DocumentRef-o:SPDXRef-p"},
		{FollowContained, []string{"app"}, "app file"},
		{FollowDependencies, []string{"x"}, "x y"},
		{FollowDependencies, []string{"b", "x", "b", "never"}, "b x c y d gone DocumentRef-o:SPDXRef-p"},
		{FollowDependencies, []string{"never"}, ""},
		{FollowDependencies, nil, ""},
	} {
		if got := strings.Join(g.Reachable(tt.follow, tt.from...), " "); got != tt.want {
			t.Errorf("from %v: %s, want %s", tt.from, got, tt.want)
		}
	}
	if diff := cmp.Diff([]string{"x", "y", "alone"}, g.Unreachable()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"app"}, doc.Roots()); diff != "" {
		t.Error(diff)
	}
}

// TestRoots: each root once, in order; only what the document itself describes is one.
func TestRoots(t *testing.T) {
	doc := graphOf([]string{"b", "a", "b"}, "a c")
	doc.Relationships = append(doc.Relationships,
		Relationship{From: "a", Type: Describes, To: "c", ToState: StateStated},
		Relationship{From: "#", Type: Describes, ToState: StateNoAssertion},
		Relationship{From: "#", Type: Contains, To: "c", ToState: StateStated},
		Relationship{From: "#", Type: Describes, To: "gone", ToState: StateStated},
	)
	if diff := cmp.Diff([]string{"b", "a", "gone"}, doc.Roots()); diff != "" {
		t.Error(diff)
	}
	if roots := new(Document).Roots(); roots != nil {
		t.Errorf("an empty document has roots %q", roots)
	}
	if ids := new(Document).Graph().Unreachable(); ids != nil {
		t.Errorf("an empty document has components %q", ids)
	}
}

func TestPaths(t *testing.T) {
	for _, tt := range []struct {
		name     string
		edges    []string
		from, to string
		most     int
		want     []string
	}{
		{"each parent once, shorter first", []string{"r c", "c x", "r a", "a b", "b x", "r x"}, "r", "x", 9, []string{"r x", "r c x", "r a b x"}},
		{"as many as asked for", []string{"r c", "c x", "r a", "a b", "b x", "r x"}, "r", "x", 2, []string{"r x", "r c x"}},
		{"diamond", []string{"r a", "r b", "a x", "b x"}, "r", "x", 9, []string{"r a x", "r b x"}},
		{"stated twice", []string{"r x", "r x"}, "r", "x", 9, []string{"r x", "r x"}},
		{"round a cycle", []string{"r a", "a r", "a b", "b a", "b x", "x a"}, "r", "x", 9, []string{"r a b x"}},
		{"none the other way", []string{"r x"}, "x", "r", 9, nil},
		{"to itself", []string{"r r"}, "r", "r", 9, []string{""}},
		{"unknown", []string{"r x"}, "r", "y", 9, nil},
		{"none asked for", []string{"r x"}, "r", "x", 0, nil},
	} {
		g := graphOf(nil, tt.edges...).Graph()
		paths := g.Paths(tt.from, tt.to, FollowDependencies, tt.most)
		if diff := cmp.Diff(tt.want, ways(paths)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if tt.most == 0 {
			continue
		}
		one := g.Path(tt.from, tt.to, FollowDependencies)
		if (one == nil) != (tt.want == nil) || tt.want != nil && ways([][]*Relationship{one})[0] != tt.want[0] {
			t.Errorf("%s: one path is %q", tt.name, ways([][]*Relationship{one}))
		}
	}
}

func TestCycle(t *testing.T) {
	for _, tt := range []struct {
		edges []string
		want  string // the nodes on it
	}{
		{[]string{"a b", "b c", "a c"}, ""},
		{[]string{"a a"}, "a a"},
		{[]string{"a b", "b c", "c b"}, "b c b"},
		{[]string{"a b", "c d", "d e", "e c"}, "c d e c"},
		{nil, ""},
	} {
		cycle := graphOf(nil, tt.edges...).Graph().Cycle(FollowDependencies)
		if got := strings.Join(ways([][]*Relationship{cycle}), ""); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.edges, got, tt.want)
		}
	}
	// A cycle along other relationships is none.
	if cycle := graphOf([]string{"a"}, "a b", "b a").Graph().Cycle(FollowContained); cycle != nil {
		t.Errorf("cycle %q", ways([][]*Relationship{cycle}))
	}
}

// TestGraphLinear counts the relationships that each question looks at: every
// one once at most, whatever the shape of the graph.
func TestGraphLinear(t *testing.T) {
	const n = 200_000
	components := make([]Component, n)
	for i := range components {
		components[i].ID = "c" + itoa(i)
	}
	name := func(i int) string { return components[i].ID }
	shapes := map[string]func(yield func(from, to int)){
		"chain": func(yield func(from, to int)) {
			for i := range n - 1 {
				yield(i, i+1)
			}
		},
		"star": func(yield func(from, to int)) {
			for i := 1; i < n; i++ {
				yield(0, i)
			}
		},
		"star inwards": func(yield func(from, to int)) {
			for i := range n - 2 {
				yield(0, i+1)
				yield(i+1, n-1)
			}
		},
		"dense": func(yield func(from, to int)) {
			for i := range 600 {
				for j := i + 1; j < 600; j++ {
					yield(i, j)
				}
			}
			yield(599, n-1)
		},
		"cycle": func(yield func(from, to int)) {
			for i := range n {
				yield(i, (i+1)%n)
			}
		},
		"diamonds": func(yield func(from, to int)) { // 2^(n/3) ways
			for i := 0; i+3 < n; i += 3 {
				yield(i, i+1)
				yield(i, i+2)
				yield(i+1, i+3)
				yield(i+2, i+3)
			}
		},
	}
	for shape, build := range shapes {
		doc := &Document{ID: "#", Components: components, Relationships: make([]Relationship, 0, 2*n)}
		doc.Relationships = append(doc.Relationships, Relationship{From: "#", Type: Describes, To: name(0)})
		build(func(from, to int) {
			doc.Relationships = append(doc.Relationships, Relationship{From: name(from), Type: DependsOn, To: name(to)})
		})
		g := doc.Graph()
		steps := 0
		follow := func(r *Relationship) bool { steps++; return FollowDependencies(r) }
		count := func(question string) {
			if steps > len(doc.Relationships) {
				t.Errorf("%s: %s looks at %d of %d relationships", shape, question, steps, len(doc.Relationships))
			}
			steps = 0
		}
		reached := g.Reachable(follow, name(0))
		count("Reachable")
		if un := g.Unreachable(); len(un)+len(reached) != n {
			t.Errorf("%s: %d reachable, %d not, of %d", shape, len(reached), len(un), n)
		}
		g.Path(name(0), name(n-1), follow)
		count("Path")
		last := reached[len(reached)-1]
		paths := g.Paths(name(0), last, follow, n)
		count("Paths")
		if len(paths) != len(g.To(last)) {
			t.Errorf("%s: %d paths by %d parents", shape, len(paths), len(g.To(last)))
		}
		if cycle := g.Cycle(follow); (len(cycle) == n) != (shape == "cycle") || shape != "cycle" && cycle != nil {
			t.Errorf("%s: a cycle of %d", shape, len(cycle))
		}
		count("Cycle")
	}
}

// TestInventory: CycloneDX components are in what the document describes, where no
// dependencies say more.
func TestInventory(t *testing.T) {
	const text = `{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
 "metadata": {"component": {"bom-ref": "app", "type": "application", "name": "shop"}},
 "components": [{"bom-ref": "a", "type": "library", "name": "a", "components": [{"bom-ref": "b", "type": "library", "name": "b"}]}, {"bom-ref": "c", "type": "library", "name": "c"}]%s}`
	reach := func(text string, follow Follow) (string, *Graph) {
		doc := read(t, text)
		g := doc.Graph()
		return strings.Join(g.Reachable(follow, doc.Roots()...), " "), g
	}
	bare := fmt.Sprintf(text, "")
	got, g := reach(bare, FollowIncluded)
	if got != "app a c b" || g.Unreachable() != nil || len(g.DependenciesOf("app")) > 0 {
		t.Error(got, g.Unreachable(), g.DependenciesOf("app"))
	}
	if got, _ := reach(bare, FollowDependencies); got != "app" {
		t.Error(got)
	}
	if path := g.Path("app", "b", FollowIncluded); len(path) != 2 || path[0].Origin != originInventory || path[0].Position().Pointer != "/components/0" {
		t.Error(path)
	}
	got, g = reach(fmt.Sprintf(text, `, "dependencies": [{"ref": "app", "dependsOn": ["c"]}]`), FollowIncluded)
	if got != "app c" || strings.Join(g.Unreachable(), " ") != "a b" || strings.Join(g.DependenciesOf("app"), " ") != "c" {
		t.Error(got, g.Unreachable(), g.DependenciesOf("app"))
	}
	if got, _ := reach(strings.Replace(bare, `"metadata"`, `"x"`, 1), FollowIncluded); got != "" {
		t.Error(got)
	}
}
