// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/internal/vercmp"
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
	versions []cdxVersion
}

// cdxVersion is a version or a range, and what is said of it.
type cdxVersion struct{ version, rng, status string }

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
					doc.Time, _ = v.when(v.str())
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
		if s.Status == vexInvalid {
			continue // no analysis: a vulnerability that is listed, not judged
		}
		for _, a := range s.affects {
			if p, ok := v.cdxProduct(s.Statement, a, components, root); ok {
				s.Products = append(s.Products, p)
			}
		}
		if len(s.Products) == 0 && len(s.affects) > 0 {
			continue // each is reported
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
					s.Statement.when(v, v.str())
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
				if !v.countResult() {
					return a
				}
				var c cdxVersion
				for version := v.object(); version.next(); {
					switch string(v.d.Key()) {
					case "version":
						c.version = v.str()
					case "range":
						c.rng = v.str()
					case "status":
						c.status = v.word()
					}
				}
				a.versions = append(a.versions, c)
			}
		}
	}
	return a
}

// cdxProduct resolves a reference: to a component of the document, to one of
// another document by its fragment, or to a package URL as such. ok is false for
// one that says nothing that can be honoured; why is reported.
func (v *vexReader) cdxProduct(s *Statement, a cdxAffect, components map[string]cdxComponent, root string) (p Product, ok bool) {
	versions, ok := v.cdxVersions(s, a)
	if !ok {
		return Product{}, false
	}
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
		p = c.product()
		if versions != nil {
			p.Versions = versions
		}
		return p, true
	}
	if u, err := purl.Parse(c.purl); err == nil && u.Version == "" && c.version != "" && versions == nil {
		versions = []string{c.version}
	}
	parts, err := versioned(c.purl, versions)
	if err != nil {
		v.drop(s, "vex.version", "statement about %s: %v", textfmt.Quote(s.Vulnerability), err)
		return Product{}, false
	}
	if root == "" {
		if len(parts) == 1 {
			return parts[0], true
		}
		return Product{Subcomponents: parts}, true
	}
	p = components[root].product()
	p.Subcomponents = parts
	return p, true
}

// cdxVersions returns the versions and ranges that a statement's word holds for,
// nil where none is named. By the schema a version without a status is affected;
// where the state says "not affected", it is the version that it is said of.
func (v *vexReader) cdxVersions(s *Statement, a cdxAffect) (list []string, ok bool) {
	waives := s.Status == VEXNotAffected || s.Status == VEXFixed
	for _, c := range a.versions {
		holds := true
		switch c.status {
		case "affected":
			holds = !waives
		case "unaffected":
			holds = waives
		case "":
			holds = s.Status != VEXFixed
		default:
			holds = !waives
		}
		switch {
		case (c.version == "") == (c.rng == ""):
			v.drop(s, "vex.version", "statement about %s names neither a version nor a range, or both", textfmt.Quote(s.Vulnerability))
		case holds && c.version != "":
			list = append(list, c.version)
		case holds:
			if _, err := vercmp.ParseRange(c.rng); err != nil || !strings.HasPrefix(c.rng, "vers:") {
				v.drop(s, "vex.version", "statement about %s: range %s is no VERS: %v", textfmt.Quote(s.Vulnerability), textfmt.Quote(c.rng), err)
				continue
			}
			list = append(list, c.rng)
		case waives && c.status != "affected":
			v.drop(s, "vex.version", "statement about %s does not say that version %s is unaffected", textfmt.Quote(s.Vulnerability), textfmt.Quote(cmp.Or(c.version, c.rng)))
		}
	}
	return list, len(list) > 0 || len(a.versions) == 0
}

// product is what a component names of a product. The version is that of the
// package URL, if it has one.
func (c cdxComponent) product() Product {
	p := Product{ID: cmp.Or(c.purl, c.name)}
	if u, err := purl.Parse(c.purl); c.version != "" && (err != nil || u.Version == "") {
		p.Versions = []string{c.version}
	}
	return p
}

// versioned returns a package URL once for each of the versions and ranges that
// affects names, or as it is where none is named.
func versioned(text string, versions []string) ([]Product, error) {
	if len(versions) == 0 {
		return []Product{{ID: text}}, nil
	}
	u, err := purl.Parse(text)
	if err != nil {
		return nil, err
	}
	var out []Product
	for _, version := range versions {
		part := u
		if strings.HasPrefix(version, "vers:") {
			if u.Version != "" {
				return nil, fmt.Errorf("%s names a version already, and a range besides", textfmt.Quote(text))
			}
			part.Qualifiers = append(slices.Clone(u.Qualifiers), purl.Qualifier{Key: "vers", Value: version})
		} else {
			if u.Version != "" && u.Version != version {
				continue // the component is in another version than this
			}
			part.Version = version
		}
		out = append(out, Product{ID: part.String()})
	}
	if out == nil {
		return nil, fmt.Errorf("%s is in another version than those of the statement", textfmt.Quote(text))
	}
	return out, nil
}
