// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"cmp"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/sbom"
)

// Changes is what differs between two documents about the same thing at two
// times. Every list is sorted by name, then version.
//
// Not a change: the order of anything, SPDXIDs and bom-refs, serial numbers,
// namespaces and revisions, the time of creation, white space in texts, how a licence
// expression is written, NOASSERTION in place of an absent value, the layer of an image in
// which Syft or Trivy found a component. Another version has other bytes, another
// place to download it, other properties and external references: these are compared where
// the version is the same.
//
// Between SPDX and CycloneDX, what only one of them states of a component, a file or the
// document is not a change either. Nor are properties and external references, for which the
// formats have words of their own, the versions inside package URLs and CPEs, relationships that
// are neither dependencies nor containment, and the kinds of dependencies. What sbom.Convert keeps
// as properties is compared as what it stands for.
//
// Of evidence the licences found are compared. Annotations and Extras are not compared.
type Changes struct {
	Summary ChangeSummary `json:"summary"`

	// Added and Removed are components that only one document has.
	Added   []ComponentSummary `json:"added"`
	Removed []ComponentSummary `json:"removed"`

	// Upgraded, Downgraded and VersionChanged are components of another version than
	// before: a later or an earlier one by the rules of its ecosystem, or one that
	// has no order with the first.
	Upgraded       []ComponentChange `json:"upgraded"`
	Downgraded     []ComponentChange `json:"downgraded"`
	VersionChanged []ComponentChange `json:"versionChanged"`

	// Relicensed and Rehashed are of the same component at any version, and of the
	// same component at the same version ("hashes" or "verificationCode"): the latter is a thing to look into.
	Relicensed []ComponentChange `json:"relicensed"`
	Rehashed   []ComponentChange `json:"rehashed"`

	// Changed are components for which something else differs.
	Changed []ComponentChange `json:"changed"`

	// Relationships between elements that both documents have; those of an element
	// that came or went are implied.
	RelationshipsAdded   []RelationshipChange `json:"relationshipsAdded"`
	RelationshipsRemoved []RelationshipChange `json:"relationshipsRemoved"`

	Files           []ElementChange       `json:"files"`    // SPDX files, by name
	Services        []ElementChange       `json:"services"` // by group and name
	Vulnerabilities []VulnerabilityChange `json:"vulnerabilities"`
	Metadata        []FieldChange         `json:"metadata"` // of the document itself
}

// ChangeSummary counts the entries of each list.
type ChangeSummary struct {
	Before         int `json:"before"` // components
	After          int `json:"after"`
	Unchanged      int `json:"unchanged"` // components that are in none of the lists
	Added          int `json:"added"`
	Removed        int `json:"removed"`
	Upgraded       int `json:"upgraded"`
	Downgraded     int `json:"downgraded"`
	VersionChanged int `json:"versionChanged"`
	Relicensed     int `json:"relicensed"`
	Rehashed       int `json:"rehashed"`
	Changed        int `json:"changed"`
	Relationships  int `json:"relationships"` // added and removed
	Files          int `json:"files"`
	Services       int `json:"services"`

	Vulnerabilities int `json:"vulnerabilities"`
	Metadata        int `json:"metadata"`
}

// ComponentSummary names a component that was added or removed.
type ComponentSummary struct {
	Name    string             `json:"name"` // with its group, "group/name"
	Version string             `json:"version,omitempty"`
	Type    sbom.ComponentType `json:"type,omitempty"`
	PURL    string             `json:"purl,omitempty"`    // as written
	License string             `json:"license,omitempty"` // declared, else concluded

	Component *sbom.Component `json:"-"`
}

// ComponentChange is one fact about a component that differs.
type ComponentChange struct {
	Name    string             `json:"name"`
	Version string             `json:"version,omitempty"` // afterwards
	Type    sbom.ComponentType `json:"type,omitempty"`
	PURL    string             `json:"purl,omitempty"` // afterwards, as written
	By      Tier               `json:"matchedBy"`
	Field   string             `json:"field"` // "version", "licenseDeclared", "hashes", "supplier", "properties/NAME", "externalReferences/TYPE", ...
	From    string             `json:"from"`  // empty if not stated; of a list the values that only one side has
	To      string             `json:"to"`    // empty if no longer stated

	Before *sbom.Component `json:"-"`
	After  *sbom.Component `json:"-"`
}

// RelationshipChange is a relationship that only one document has.
type RelationshipChange struct {
	From  string                `json:"from"` // name and version of the element
	Type  sbom.RelationshipType `json:"type"`
	Scope sbom.Scope            `json:"scope,omitzero"`
	To    string                `json:"to"` // as From; NONE and NOASSERTION
}

// ElementChange is a file or service that came, went or changed.
type ElementChange struct {
	Change ChangeKind `json:"change"`
	Name   string     `json:"name"`
	Field  string     `json:"field,omitempty"` // of one that changed: "version", "hashes", "license", ...
	From   string     `json:"from,omitempty"`
	To     string     `json:"to,omitempty"`
}

// VulnerabilityChange is a statement about one vulnerability of one element that
// came, went or changed.
type VulnerabilityChange struct {
	Change  ChangeKind `json:"change"`
	ID      string     `json:"id"`
	Affects string     `json:"affects,omitempty"` // name and version of the element; empty if none is named
	Field   string     `json:"field,omitempty"`   // of one that changed: "severity", "rating", "state", "justification", "response", "detail", "status", "recommendation" or "workaround"
	From    string     `json:"from,omitempty"`
	To      string     `json:"to,omitempty"`
}

// FieldChange is a fact about a document that differs.
type FieldChange struct {
	Field string `json:"field"` // "name", "authors", "tools", "format", ...
	From  string `json:"from"`
	To    string `json:"to"`
}

// ChangeKind says whether something came, went or changed: "added", "removed" or "changed".
type ChangeKind string

const (
	changeAdded   ChangeKind = "added"
	changeRemoved ChangeKind = "removed"
	changeChanged ChangeKind = "changed"
)

// Diff returns what changed from one document to a later one, of the same
// format or of two. Components are recognised by package URL without version,
// CPE without version, digest, or type, group and name, in this order; several
// versions of one component are matched one to one, the nearest first.
//
// Diff of equal documents is empty, and Diff(b, a) is Diff(a, b) the other way
// round. It takes time n log n in the size of the documents and does not change them.
func Diff(before, after *sbom.Document) *Changes {
	formats := before.Format.SPDX() != after.Format.SPDX()
	d := &differ{before: newSide(before, formats), after: newSide(after, formats), formats: formats, changes: newChanges()}
	d.vocabularies = d.formats || (before.Format == sbom.FormatSPDX3JSON) != (after.Format == sbom.FormatSPDX3JSON)
	d.pairs = match(d.before.views, d.after.views, [2][]int{d.before.roots, d.after.roots})
	d.components()
	d.classes()
	d.relationships()
	d.files()
	d.services()
	d.vulnerabilities()
	d.metadata()
	d.changes.finish(len(before.Components), len(after.Components), d.unchanged)
	return d.changes
}

// Empty reports whether nothing differs.
func (c *Changes) Empty() bool {
	s := c.Summary
	return s.Added+s.Removed+s.Upgraded+s.Downgraded+s.VersionChanged+s.Relicensed+s.Rehashed+s.Changed+
		s.Relationships+s.Files+s.Services+s.Vulnerabilities+s.Metadata == 0
}

// newChanges returns Changes whose lists are there although empty, as JSON shows them.
func newChanges() *Changes {
	return &Changes{
		Added: []ComponentSummary{}, Removed: []ComponentSummary{},
		Upgraded: []ComponentChange{}, Downgraded: []ComponentChange{}, VersionChanged: []ComponentChange{},
		Relicensed: []ComponentChange{}, Rehashed: []ComponentChange{}, Changed: []ComponentChange{},
		RelationshipsAdded: []RelationshipChange{}, RelationshipsRemoved: []RelationshipChange{},
		Files: []ElementChange{}, Services: []ElementChange{}, Vulnerabilities: []VulnerabilityChange{}, Metadata: []FieldChange{},
	}
}

// finish sorts the lists and counts them.
func (c *Changes) finish(before, after, unchanged int) {
	for _, list := range [][]ComponentSummary{c.Added, c.Removed} {
		slices.SortFunc(list, func(a, b ComponentSummary) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.PURL, b.PURL), cmp.Compare(a.License, b.License), cmp.Compare(a.Type, b.Type))
		})
	}
	for _, list := range [][]ComponentChange{c.Upgraded, c.Downgraded, c.VersionChanged, c.Relicensed, c.Rehashed, c.Changed} {
		slices.SortFunc(list, func(a, b ComponentChange) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Field, b.Field), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.PURL, b.PURL), cmp.Compare(a.Version, b.Version))
		})
	}
	for _, list := range [][]RelationshipChange{c.RelationshipsAdded, c.RelationshipsRemoved} {
		slices.SortFunc(list, func(a, b RelationshipChange) int {
			return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Type, b.Type), cmp.Compare(a.To, b.To), cmp.Compare(a.Scope, b.Scope))
		})
	}
	c.RelationshipsAdded, c.RelationshipsRemoved = slices.Compact(c.RelationshipsAdded), slices.Compact(c.RelationshipsRemoved)
	for _, list := range [][]ElementChange{c.Files, c.Services} {
		slices.SortFunc(list, func(a, b ElementChange) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Change, b.Change), cmp.Compare(a.Field, b.Field), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
		})
	}
	slices.SortFunc(c.Vulnerabilities, func(a, b VulnerabilityChange) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Affects, b.Affects), cmp.Compare(a.Change, b.Change), cmp.Compare(a.Field, b.Field), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	c.Summary = ChangeSummary{
		Before: before, After: after, Unchanged: unchanged,
		Added: len(c.Added), Removed: len(c.Removed), Upgraded: len(c.Upgraded), Downgraded: len(c.Downgraded), VersionChanged: len(c.VersionChanged),
		Relicensed: len(c.Relicensed), Rehashed: len(c.Rehashed), Changed: len(c.Changed),
		Relationships: len(c.RelationshipsAdded) + len(c.RelationshipsRemoved),
		Files:         len(c.Files), Services: len(c.Services), Vulnerabilities: len(c.Vulnerabilities), Metadata: len(c.Metadata),
	}
}

// side is one of the two documents.
type side struct {
	doc     *sbom.Document
	views   []view
	roots   []int             // components that the document describes
	class   map[string]string // what an ID is called in both documents, see differ.classes
	labels  map[string]string // what an ID is called for a person
	persist map[string]bool   // IDs of elements that both documents have
	files   []*view           // components of CycloneDX that are compared with files of SPDX
}

func newSide(d *sbom.Document, formats bool) *side {
	s := &side{doc: d, views: newViewer(d, formats).all(d), class: map[string]string{}, labels: map[string]string{}, persist: map[string]bool{}}
	index := make(map[string]int, len(d.Components))
	for i := range d.Components {
		index[d.Components[i].ID] = i
	}
	for _, id := range d.Roots() {
		if i, ok := index[id]; ok {
			s.roots = append(s.roots, i)
		}
	}
	s.place(index)
	return s
}

// place says of each component where it is: two versions of a package in two
// programs are told apart by it when both move.
func (s *side) place(index map[string]int) {
	holders := make([][]string, len(s.views))
	for i := range s.doc.Relationships {
		r := &s.doc.Relationships[i]
		to, ok := index[r.To]
		from, known := index[r.From]
		if ok && known && (sbom.FollowDependencies(r) || r.Type == sbom.Contains) && !slices.Contains(s.roots, from) {
			w := &s.views[from]
			holders[to] = append(holders[to], cmp.Or(w.facts[factPURL], w.name()))
		}
	}
	for i := range s.views {
		w := &s.views[i]
		var found []string
		for _, p := range w.c.Properties {
			if strings.HasPrefix(p.Name, "syft:location:") && strings.HasSuffix(p.Name, ":path") || p.Name == "aquasecurity:trivy:FilePath" {
				found = append(found, p.Value)
			}
		}
		if w.c.Evidence != nil {
			for _, o := range w.c.Evidence.Occurrences {
				found = append(found, o.Location)
			}
		}
		if strings.Contains(w.facts[factSource], "/") { // Syft names the file there
			found = append(found, w.facts[factSource])
		}
		w.places = [2]string{join(found), join(holders[i])}
	}
}

type differ struct {
	before, after *side
	pairs         []pair
	formats       bool // SPDX on one side, CycloneDX on the other
	vocabularies  bool // SPDX 2, SPDX 3 and CycloneDX: two of them
	unchanged     int
	changes       *Changes
}

func (d *differ) components() {
	c := d.changes
	taken := [2][]bool{make([]bool, len(d.before.views)), make([]bool, len(d.after.views))}
	for _, p := range d.pairs {
		taken[0][p.before], taken[1][p.after] = true, true
		if !d.component(&d.before.views[p.before], &d.after.views[p.after], p.tier) {
			d.unchanged++
		}
	}
	for n, s := range []*side{d.before, d.after} {
		list := &c.Removed
		if n == 1 {
			list = &c.Added
		}
		for i := range s.views {
			switch w := &s.views[i]; {
			case taken[n][i]:
			case d.formats && w.isFile() && s.doc.Format.CycloneDX():
				s.files = append(s.files, w)
			default:
				*list = append(*list, w.summary())
			}
		}
	}
}

// component compares two components that are one, and reports whether they differ.
func (d *differ) component(a, b *view, tier Tier) bool {
	if a.print == b.print {
		return false
	}
	c := d.changes
	moved := a.facts[factVersion] != b.facts[factVersion]
	changed := false
	for i := range factCount {
		from, to := a.facts[i], b.facts[i]
		if from == to || d.formats && i != factVersion && (from == "" || to == "") {
			continue
		}
		change := ComponentChange{
			Name: b.name(), Version: b.facts[factVersion], Type: b.c.Type, PURL: b.c.PURL(), By: tier,
			Field: factNames[i], From: from, To: to, Before: a.c, After: b.c,
		}
		switch i {
		case factVersion:
			d.version(change, a, b)
		case factDeclared, factConcluded:
			c.Relicensed = append(c.Relicensed, change)
		case factHashes:
			switch {
			case moved:
				continue // another version is other bytes
			case hashesDisagree(a.c.Hashes, b.c.Hashes):
				c.Rehashed = append(c.Rehashed, change)
			default:
				c.Changed = append(c.Changed, change)
			}
		case factDownload, factFile:
			if moved {
				continue // it names the version
			}
			c.Changed = append(c.Changed, change)
		case factVerification:
			if moved || from == "" || to == "" {
				continue // Files tells what a document that lists files came to know
			}
			c.Rehashed = append(c.Rehashed, change)
		case factPURLs, factCPEs:
			// What differs beside the version was told.
			if moved || d.formats || i == factPURLs && a.facts[factPURL] != b.facts[factPURL] || i == factCPEs && a.facts[factCPE] != b.facts[factCPE] {
				continue
			}
			c.Changed = append(c.Changed, change)
		case factReferences, factProperties:
			if moved || d.vocabularies {
				continue
			}
			d.listed(change, i)
		default:
			c.Changed = append(c.Changed, change)
		}
		changed = true
	}
	return changed
}

// listed reports each property, or each type of external reference, that differs.
func (d *differ) listed(change ComponentChange, fact int) {
	before, after := propertyEntries(change.Before.Properties), propertyEntries(change.After.Properties)
	if fact == factReferences {
		before, after = referenceEntries(change.Before.ExternalReferences), referenceEntries(change.After.ExternalReferences)
	}
	field := change.Field
	entryChanges(before, after, func(name, from, to string) {
		change.Field, change.From, change.To = field+"/"+name, from, to
		d.changes.Changed = append(d.changes.Changed, change)
	})
}

func (d *differ) version(change ComponentChange, a, b *view) {
	c := d.changes
	order, ok := a.order(b)
	switch {
	case ok && order < 0:
		c.Upgraded = append(c.Upgraded, change)
	case ok && order > 0:
		c.Downgraded = append(c.Downgraded, change)
	default:
		c.VersionChanged = append(c.VersionChanged, change)
	}
}

// hashesDisagree reports whether an algorithm that both lists have gives no digest in common.
func hashesDisagree(a, b []sbom.Hash) bool {
	values := map[sbom.HashAlgorithm][]string{}
	for _, h := range a {
		values[h.Algorithm] = append(values[h.Algorithm], strings.ToLower(h.Value))
	}
	met := map[sbom.HashAlgorithm]bool{}
	for _, h := range b {
		if list := values[h.Algorithm]; list != nil {
			met[h.Algorithm] = met[h.Algorithm] || slices.Contains(list, strings.ToLower(h.Value))
		}
	}
	for _, ok := range met {
		if !ok {
			return true
		}
	}
	return false
}

func (w *view) name() string {
	if g := w.facts[factGroup]; g != "" {
		return g + "/" + w.facts[factName]
	}
	return w.facts[factName]
}

func (w *view) summary() ComponentSummary {
	return ComponentSummary{
		Name: w.name(), Version: w.facts[factVersion], Type: w.c.Type, PURL: w.c.PURL(),
		License: cmp.Or(w.facts[factDeclared], w.facts[factConcluded]), Component: w.c,
	}
}
