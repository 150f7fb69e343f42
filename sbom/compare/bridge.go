// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"iter"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/sbom"
)

// Properties by which CycloneDX documents say what SPDX has a member for: those that
// sbom.Convert writes, and the further CPEs of Syft.
const (
	concludedProperty  = "spdx:package:licenseConcluded"
	purposeProperty    = "spdx:package:primaryPackagePurpose"
	identifierProperty = "spdx:identifier:"
	licenseProperty    = "spdx:license:"
	syftCPEProperty    = "syft:cpe23"
)

// bridges reports whether a property is compared as what it stands for.
func bridges(name string) bool {
	return name == concludedProperty || name == purposeProperty || name == syftCPEProperty || strings.HasPrefix(name, identifierProperty)
}

// identifiers yields the identifiers of a component, those in properties too.
func identifiers(c *sbom.Component) iter.Seq2[sbom.IdentifierKind, string] {
	return func(yield func(sbom.IdentifierKind, string) bool) {
		for i := range c.Identifiers {
			if !yield(c.Identifiers[i].Kind, c.Identifiers[i].Value) {
				return
			}
		}
		for i := range c.Properties {
			p := &c.Properties[i]
			kind, ok := strings.CutPrefix(p.Name, identifierProperty)
			if p.Name == syftCPEProperty {
				kind, ok = "cpe23", true
			}
			for k := sbom.IdentifierOther; ok && k <= sbom.IdentifierGitoid; k++ {
				if k.String() == kind && !yield(k, p.Value) {
					return
				}
			}
		}
	}
}

// isFile reports whether a component is no more than a file, which SPDX lists apart from packages.
func (w *view) isFile() bool { return w.c.Type == sbom.TypeFile && w.purl == (purl.Key{}) }

// contactEmail returns the address of an organization whose only contact is no more than that.
func contactEmail(p *sbom.Party) string {
	if p.Email == "" && len(p.Contacts) == 1 && !p.Contacts[0].Name.Stated() {
		return p.Contacts[0].Email
	}
	return ""
}

// commonEdge returns a relationship in the words that both formats have, and whether there are any.
func (s *side) commonEdge(r *sbom.Relationship) (sbom.RelationshipType, bool) {
	_, from := s.class[r.From]
	_, to := s.class[r.To]
	switch {
	case !from || !to || r.From == r.To: // an element of another document has no place in CycloneDX
		return "", false
	case sbom.FollowDependencies(r):
		return sbom.DependsOn, true
	case r.Type == sbom.Contains:
		return r.Type, r.From != s.doc.ID
	}
	return r.Type, r.Type == sbom.Describes
}

// commonEdges takes out the relationships that only one of the two formats can state. A
// CycloneDX document describes one component, and holds each at one place. Its list of
// components says of those at no other place that the described component contains them.
func (d *differ) commonEdges(before, after map[classEdge]RelationshipChange) {
	spdx, cdx, s := before, after, d.after
	if d.before.doc.Format.CycloneDX() {
		spdx, cdx, s = after, before, d.before
	}
	stated, held, described := map[RelationshipChange]bool{}, map[string]bool{}, false
	for e, change := range cdx {
		stated[change] = true
		switch e.typ {
		case sbom.Contains:
			held[e.to] = true
		case sbom.Describes:
			_, same := spdx[e]
			described = described || same
		}
	}
	root := ""
	if len(s.roots) == 1 {
		root, _, _ = s.end(s.views[s.roots[0]].c.ID)
	}
	also := map[RelationshipChange]bool{}
	for e, change := range spdx {
		also[change] = true
		_, same := cdx[e]
		switch {
		case same:
		case stated[change], e.typ == sbom.Describes && described, e.typ == sbom.Contains && (held[e.to] || e.from == root):
			delete(spdx, e)
		}
	}
	for e, change := range cdx {
		if _, same := spdx[e]; !same && also[change] { // of one of several copies
			delete(cdx, e)
		}
	}
}
