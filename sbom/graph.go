// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strings"
)

// Graph is the relationships of one Document, arranged for questions. It
// describes the Document as it was when the Graph was made, and is safe for
// concurrent use. Every method takes time linear in the part of the graph that
// it looks at, and none of them recurses.
type Graph struct {
	doc   *Document
	ids   []string // by node
	elems []Element
	nodes map[string]int32

	implied []Relationship // see Document.inventory

	edges []edge  // sorted by from, document order kept
	first []int32 // index in edges by node, one more at the end
	back  []edge  // the same edges, sorted by to
	last  []int32
}

type edge struct {
	from, to int32
	rel      int32 // index in Document.Relationships, and behind those in Graph.implied
}

// Graph returns the graph of d. Ends that are NONE or NOASSERTION are no edges;
// ends that the document does not hold are nodes of kind ElementUnknown.
//
// CycloneDX lists in components what the component of the metadata is made of. In
// a document without dependencies the graph says so with a relationship of type
// Contains and origin OriginInventory for each component that is in no other, so
// that FollowIncluded reaches them.
func (d *Document) Graph() *Graph {
	g := &Graph{doc: d}
	n := 1 + len(d.Components) + len(d.Files) + len(d.Snippets) + len(d.Services)
	g.ids = make([]string, 0, n)
	g.elems = make([]Element, 0, n)
	g.nodes = make(map[string]int32, n)
	for id, e := range d.IDs() {
		g.node(id, e)
	}
	g.edges = make([]edge, 0, len(d.Relationships))
	for i := range d.Relationships {
		if r := &d.Relationships[i]; r.To != "" {
			g.edges = append(g.edges, edge{g.node(r.From, Element{}), g.node(r.To, Element{}), int32(i)})
		}
	}
	g.implied = d.inventory()
	for i := range g.implied {
		r := &g.implied[i]
		g.edges = append(g.edges, edge{g.node(r.From, Element{}), g.node(r.To, Element{}), int32(len(d.Relationships) + i)})
	}
	g.back, g.last = arrange(g.edges, len(g.ids), func(e edge) int32 { return e.to })
	g.edges, g.first = arrange(g.edges, len(g.ids), func(e edge) int32 { return e.from })
	return g
}

// inventory returns what a CycloneDX document implies about components that it lists and relates to nothing.
func (d *Document) inventory() []Relationship {
	if !d.Format.CycloneDX() {
		return nil
	}
	root, nested := "", map[string]bool{}
	for i := range d.Relationships {
		switch r := &d.Relationships[i]; r.Origin {
		case originDependencies:
			return nil
		case originMetadata:
			root = r.To
		case originNested:
			nested[r.To] = true
		}
	}
	var implied []Relationship
	for i := range d.Components {
		if c := &d.Components[i]; root != "" && c.ID != root && !nested[c.ID] {
			implied = append(implied, Relationship{From: root, Type: Contains, To: c.ID, ToState: StateStated, Origin: originInventory, at: c.at})
		}
	}
	return implied
}

// relationship returns that of an edge.
func (g *Graph) relationship(e edge) *Relationship {
	if n := int(e.rel) - len(g.doc.Relationships); n >= 0 {
		return &g.implied[n]
	}
	return &g.doc.Relationships[e.rel]
}

func (g *Graph) node(id string, e Element) int32 {
	n, ok := g.nodes[id]
	if !ok {
		n = int32(len(g.ids))
		g.nodes[id] = n
		g.ids = append(g.ids, id)
		g.elems = append(g.elems, e)
	}
	return n
}

// arrange sorts edges by key, which is below n, by counting.
func arrange(edges []edge, n int, key func(edge) int32) (sorted []edge, start []int32) {
	start = make([]int32, n+1)
	for _, e := range edges {
		start[key(e)+1]++
	}
	for i := range n {
		start[i+1] += start[i]
	}
	next := slices.Clone(start)
	sorted = make([]edge, len(edges))
	for _, e := range edges {
		k := key(e)
		sorted[next[k]] = e
		next[k]++
	}
	return sorted, start
}

// Lookup returns the element with that ID, of kind ElementUnknown if the
// document has none. Where IDs repeat, the first element counts.
func (g *Graph) Lookup(id string) Element {
	n, ok := g.nodes[id]
	if !ok {
		return Element{}
	}
	return g.elems[n]
}

// Component returns the component with that ID, nil if there is none.
func (g *Graph) Component(id string) *Component {
	if e := g.Lookup(id); e.kind == ElementComponent {
		return &g.doc.Components[e.index]
	}
	return nil
}

// Dangling returns the IDs that relationships refer to and the document does
// not hold, in order of first use. Those that name an element of another
// document (see External) are not among them.
func (g *Graph) Dangling() []string {
	var ids []string
	for i, e := range g.elems {
		if e.kind == ElementUnknown && !isExternal(g.ids[i]) {
			ids = append(ids, g.ids[i])
		}
	}
	return ids
}

// isExternal reports whether id names an element of another document by its
// form: "DocumentRef-...:SPDXRef-..." of SPDX 2 or a CycloneDX BOM-Link.
func isExternal(id string) bool {
	return strings.HasPrefix(id, "DocumentRef-") && strings.Contains(id, ":") || strings.HasPrefix(id, "urn:cdx:")
}

// DependenciesOf returns the IDs of what the element with that ID depends on
// directly, along FollowDependencies, each once.
func (g *Graph) DependenciesOf(id string) []string {
	var ids []string
	seen := map[string]bool{}
	for _, r := range g.From(id) {
		if FollowDependencies(r) && !seen[r.To] {
			seen[r.To] = true
			ids = append(ids, r.To)
		}
	}
	return ids
}

// From returns the relationships that begin at id, in document order within each origin.
func (g *Graph) From(id string) []*Relationship { return g.at(id, g.edges, g.first) }

// To returns the relationships that end at id.
func (g *Graph) To(id string) []*Relationship { return g.at(id, g.back, g.last) }

func (g *Graph) at(id string, edges []edge, start []int32) []*Relationship {
	n, ok := g.nodes[id]
	if !ok {
		return nil
	}
	var rels []*Relationship
	for _, e := range edges[start[n]:start[n+1]] {
		rels = append(rels, g.relationship(e))
	}
	return rels
}

// Follow chooses the relationships that a walk through a Graph goes along.
type Follow func(*Relationship) bool

// FollowDependencies follows what A needs: DependsOn, HasPrerequisite, HasStaticLink
// and HasDynamicLink, of any scope.
func FollowDependencies(r *Relationship) bool {
	switch r.Type {
	case DependsOn, "hasPrerequisite", "hasStaticLink", "hasDynamicLink":
		return true
	}
	return false
}

// FollowContained follows what A holds: Contains and ExpandsTo.
func FollowContained(r *Relationship) bool { return r.Type == Contains || r.Type == "expandsTo" }

// FollowIncluded follows what the document Describes, and what FollowDependencies and FollowContained do:
// along it, everything that is in the described product is reached.
func FollowIncluded(r *Relationship) bool {
	return r.Type == Describes || FollowDependencies(r) || FollowContained(r)
}

// Reachable returns the IDs that can be reached from the given ones, which come
// first, in breadth-first order. IDs that the graph does not have are left out.
func (g *Graph) Reachable(follow Follow, from ...string) []string {
	seen := make([]bool, len(g.ids))
	var queue []int32
	for _, id := range from {
		if n, ok := g.nodes[id]; ok && !seen[n] {
			seen[n] = true
			queue = append(queue, n)
		}
	}
	for i := 0; i < len(queue); i++ {
		n := queue[i]
		for _, e := range g.edges[g.first[n]:g.first[n+1]] {
			if !seen[e.to] && follow(g.relationship(e)) {
				seen[e.to] = true
				queue = append(queue, e.to)
			}
		}
	}
	ids := make([]string, len(queue))
	for i, n := range queue {
		ids[i] = g.ids[n]
	}
	return ids
}

// Unreachable returns the IDs of components that cannot be reached from the
// document's roots along FollowIncluded, in document order.
func (g *Graph) Unreachable() []string {
	seen := map[string]bool{}
	for _, id := range g.Reachable(FollowIncluded, g.doc.ID) {
		seen[id] = true
	}
	var ids []string
	for i := range g.doc.Components {
		if id := g.doc.Components[i].ID; !seen[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// Path returns a shortest way from one element to another: the answer to "why
// is this here?". It is empty when from and to are the same, and nil when there is none.
func (g *Graph) Path(from, to string, follow Follow) []*Relationship {
	paths := g.Paths(from, to, follow, 1)
	if paths == nil {
		return nil
	}
	return paths[0]
}

// Paths returns up to most ways from one element to another, one for each
// relationship that ends at to and whose other end can be reached without
// going through to; each is a shortest one of its kind, and shorter ones come
// first. There may be exponentially many ways in all; these show every direct
// parent at a cost linear in the graph and in the result.
func (g *Graph) Paths(from, to string, follow Follow, most int) [][]*Relationship {
	start, ok1 := g.nodes[from]
	end, ok2 := g.nodes[to]
	if !ok1 || !ok2 || most <= 0 {
		return nil
	}
	if start == end {
		return [][]*Relationship{{}}
	}
	// via holds, for each node that was reached, 1 + the edge by which it was.
	via := make([]int32, len(g.ids))
	queue := []int32{start}
	var paths [][]*Relationship
	for i := 0; i < len(queue) && len(paths) < most; i++ {
		n := queue[i]
		for k := g.first[n]; k < g.first[n+1] && len(paths) < most; k++ {
			e := g.edges[k]
			if e.to == start || !follow(g.relationship(e)) {
				continue
			}
			if e.to == end {
				paths = append(paths, g.trace(via, start, k))
				continue
			}
			if via[e.to] == 0 {
				via[e.to] = k + 1
				queue = append(queue, e.to)
			}
		}
	}
	return paths
}

// trace follows via back from edge k to start.
func (g *Graph) trace(via []int32, start, k int32) []*Relationship {
	var path []*Relationship
	for {
		e := g.edges[k]
		path = append(path, g.relationship(e))
		if e.from == start {
			break
		}
		k = via[e.from] - 1
	}
	slices.Reverse(path)
	return path
}

// Cycle returns a cycle along follow as the relationships that make it up, nil
// if there is none. Which one of several is returned is fixed by the document's order.
func (g *Graph) Cycle(follow Follow) []*Relationship {
	const (
		fresh = iota
		open
		done
	)
	state := make([]uint8, len(g.ids))
	type step struct{ node, next int32 }
	for root := range int32(len(g.ids)) {
		if state[root] != fresh {
			continue
		}
		stack := []step{{root, g.first[root]}}
		var taken []int32 // the edge that led to each step but the first
		state[root] = open
		for len(stack) > 0 {
			s := &stack[len(stack)-1]
			if s.next == g.first[s.node+1] {
				state[s.node] = done
				stack = stack[:len(stack)-1]
				taken = taken[:max(len(taken)-1, 0)]
				continue
			}
			k := s.next
			s.next++
			e := g.edges[k]
			if !follow(g.relationship(e)) {
				continue
			}
			switch state[e.to] {
			case fresh:
				state[e.to] = open
				taken = append(taken, k)
				stack = append(stack, step{e.to, g.first[e.to]})
			case open:
				var cycle []*Relationship
				for i := range stack {
					if stack[i].node == e.to {
						for _, k := range taken[i:] {
							cycle = append(cycle, g.relationship(g.edges[k]))
						}
					}
				}
				return append(cycle, g.relationship(e))
			}
		}
	}
	return nil
}

// DependenciesKnown says how complete the document claims the dependencies of
// id to be: by a composition, by a relationship's own completeness, by NONE or
// an empty entry (complete), by NOASSERTION (unknown). It is
// CompletenessUnspecified where the document makes no claim.
func (d *Document) DependenciesKnown(id string) Completeness {
	for i := range d.Compositions {
		if slices.Contains(d.Compositions[i].Dependencies, id) {
			return d.Compositions[i].Aggregate
		}
	}
	for i := range d.Relationships {
		r := &d.Relationships[i]
		if r.From != id || r.Type != DependsOn {
			continue
		}
		switch {
		case r.Completeness() != "":
			return r.Completeness()
		case r.ToState == StateNone:
			return CompletenessComplete
		case r.ToState == StateNoAssertion:
			return CompletenessUnknown
		}
	}
	return CompletenessUnspecified
}
