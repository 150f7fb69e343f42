// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/purl"
)

// cycloneDXJustifications are the words of CycloneDX 1.4 and later,
// vulnerabilities[].analysis.justification.
var cycloneDXJustifications = []string{
	"code_not_present", "code_not_reachable", "requires_configuration", "requires_dependency", "requires_environment",
	"protected_by_compiler", "protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control",
}

// cycloneDXStates are CycloneDX's states of an analysis. A false positive needs
// the justification that "not affected" does: both end the matter.
var cycloneDXStates = map[string]VEXStatus{
	"not_affected": VEXNotAffected, "false_positive": VEXNotAffected, "exploitable": VEXAffected,
	"resolved": VEXFixed, "resolved_with_pedigree": VEXFixed, "in_triage": VEXUnderInvestigation,
}

// cdxComponent is what the components of a document say of what is affected.
type cdxComponent struct{ purl, name, version string }

// cdxAffect is one entry of affects: a reference, and versions if it names some.
type cdxAffect struct {
	ref      string
	versions []string
}

type cdxStatement struct {
	*Statement
	affects []cdxAffect
}

// cycloneDX reads the vulnerabilities of a CycloneDX document, and of its
// components what they refer to.
func (v *vexReader) cycloneDX() {
	doc := v.doc
	doc.Format = "cyclonedx"
	components := map[string]cdxComponent{}
	root := ""
	var pending []cdxStatement
	for m := v.object(); m.next(); {
		switch string(v.d.Key()) {
		case "serialNumber":
			doc.ID = v.str()
		case "metadata":
			for meta := v.object(); meta.next(); {
				switch string(v.d.Key()) {
				case "timestamp":
					doc.Time = v.when(v.str())
				case "component":
					root = v.cdxComponent(components)
				case "supplier", "manufacture", "manufacturer":
					for org := v.object(); org.next(); {
						if string(v.d.Key()) == "name" && doc.Author == "" {
							doc.Author = v.str()
						}
					}
				}
			}
		case "components":
			for list := v.list(); list.next(); {
				v.cdxComponent(components)
			}
		case "vulnerabilities":
			for list := v.list(); list.next(); {
				if !v.countResult() {
					return
				}
				pending = append(pending, v.cdxVulnerability())
			}
		}
	}
	for _, s := range pending {
		for _, a := range s.affects {
			s.Products = append(s.Products, cdxProduct(a, components, root))
		}
		if s.Status == VEXInvalid {
			continue // no analysis: a vulnerability that is listed, not judged
		}
		v.keep(s.Statement, cycloneDXJustifications)
	}
	v.complete()
}

// cdxComponent reads a component with those inside it, and returns its bom-ref.
func (v *vexReader) cdxComponent(into map[string]cdxComponent) string {
	ref := ""
	var c cdxComponent
	for m := v.object(); m.next(); {
		switch string(v.d.Key()) {
		case "bom-ref":
			ref = v.str()
		case "purl":
			c.purl = v.str()
		case "name":
			c.name = v.str()
		case "version":
			c.version = v.str()
		case "components":
			for list := v.list(); list.next(); {
				v.cdxComponent(into)
			}
		}
	}
	if ref != "" && v.countResult() {
		into[ref] = c
	}
	return ref
}

func (v *vexReader) cdxVulnerability() cdxStatement {
	s := cdxStatement{Statement: &Statement{Pointer: v.d.Pointer(), Line: v.d.Pos().Line}}
	for m := v.object(); m.next(); {
		switch string(v.d.Key()) {
		case "id":
			s.Vulnerability = v.str()
		case "references":
			for list := v.list(); list.next(); {
				for ref := v.object(); ref.next(); {
					if string(v.d.Key()) == "id" && len(s.Aliases) < shared {
						s.Aliases = append(s.Aliases, v.str())
					}
				}
			}
		case "analysis":
			for a := v.object(); a.next(); {
				switch string(v.d.Key()) {
				case "state":
					s.Status = cycloneDXStates[v.word()]
				case "justification":
					s.Justification = v.word()
				case "detail":
					s.Impact = v.str()
				case "firstIssued", "lastUpdated":
					if t := v.when(v.str()); t.After(s.Time) {
						s.Time = t
					}
				}
			}
		case "affects":
			for list := v.list(); list.next(); {
				s.affects = append(s.affects, v.cdxAffect())
			}
		}
	}
	return s
}

func (v *vexReader) cdxAffect() (a cdxAffect) {
	if v.d.Kind() != jsonstrict.Object {
		v.d.Skip()
		return a
	}
	for m := v.object(); m.next(); {
		switch string(v.d.Key()) {
		case "ref":
			a.ref = v.str()
		case "versions":
			for list := v.list(); list.next(); {
				for version := v.object(); version.next(); {
					if string(v.d.Key()) == "version" {
						a.versions = append(a.versions, v.str())
					}
				}
			}
		}
	}
	return a
}

// cdxProduct resolves a reference: to a component of the document, to one of
// another document by its fragment, or to a package URL as such.
func cdxProduct(a cdxAffect, components map[string]cdxComponent, root string) Product {
	ref := a.ref
	if _, fragment, ok := strings.Cut(ref, "#"); ok && strings.HasPrefix(ref, "urn:cdx:") {
		if plain, err := url.PathUnescape(fragment); err == nil {
			fragment = plain
		}
		ref = fragment
	}
	c, ok := components[ref]
	if !ok {
		c.purl = ref
	}
	if ref == root || c.purl == "" { // the product itself; a name alone names no package
		return Product{ID: c.id()}
	}
	parts := versioned(c.purl, a.versions)
	if root == "" {
		return Product{ID: parts[0], Identifiers: parts[1:]}
	}
	return Product{ID: components[root].id(), Subcomponents: parts}
}

func (c cdxComponent) id() string {
	if c.purl != "" || c.version == "" {
		return cmp.Or(c.purl, c.name)
	}
	return c.name + ":" + c.version
}

// versioned returns a package URL once for each of the versions that affects
// names, or as it is if it has a version or none is named.
func versioned(text string, versions []string) []string {
	u, err := purl.Parse(text)
	if err != nil || u.Version != "" || len(versions) == 0 {
		return []string{text}
	}
	var out []string
	for _, v := range versions {
		u.Version = v
		out = append(out, u.String())
	}
	return out
}
