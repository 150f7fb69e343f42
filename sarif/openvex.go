// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// openVEXJustifications are the words of the OpenVEX specification 0.2.0, status justifications.
var openVEXJustifications = []string{
	"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
	"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
}

// openVEX reads an OpenVEX document: version 0.2.0, and the plainer forms of the
// versions before it, in which vulnerabilities and products are texts.
func (v *vexReader) openVEX() {
	doc := v.doc
	doc.Format = "openvex"
	for m := v.object(); m.next(); {
		switch string(v.d.Key()) {
		case "@context":
			if ns := v.str(); ns != "https://openvex.dev/ns" && ns != "https://openvex.dev/ns/v0.2.0" &&
				!strings.HasPrefix(ns, "https://openvex.dev/ns/v0.0") && !strings.HasPrefix(ns, "https://openvex.dev/ns/v0.2") {
				v.note("vex.version", evidence.SeverityWarning, "OpenVEX of %s is read as 0.2.0", textfmt.Quote(ns))
			}
		case "@id":
			doc.ID = v.str()
		case "author":
			doc.Author = v.str()
		case "timestamp":
			doc.Time = v.when(v.str())
		case "statements":
			for list := v.list(); list.next(); {
				if !v.countResult() {
					return
				}
				v.openVEXStatement()
			}
		}
	}
	v.complete()
}

func (v *vexReader) openVEXStatement() {
	s := &Statement{Pointer: v.d.Pointer(), Line: v.d.Pos().Line}
	var parts []string // of the statement, before 0.2.0
	for m := v.object(); m.next(); {
		switch string(v.d.Key()) {
		case "vulnerability":
			if v.d.Kind() == jsonstrict.String {
				s.Vulnerability = v.str()
				continue
			}
			id := ""
			for vuln := v.object(); vuln.next(); {
				switch string(v.d.Key()) {
				case "name":
					s.Vulnerability = v.str()
				case "@id":
					id = v.str()
				case "aliases":
					s.Aliases = v.sharedWords()
				}
			}
			if s.Vulnerability == "" {
				s.Vulnerability = lastElement(id)
			}
		case "status":
			s.Status = VEXStatus(vexNames.parse(v.word()))
		case "justification":
			s.Justification = v.word()
		case "impact_statement":
			s.Impact = v.str()
		case "action_statement":
			s.Action = v.str()
		case "timestamp":
			s.Time = v.when(v.str())
		case "last_updated":
			if t := v.when(v.str()); t.After(s.Time) {
				s.Time = t
			}
		case "products":
			for list := v.list(); list.next(); {
				p := v.openVEXProduct()
				s.Products = append(s.Products, p)
			}
		case "subcomponents":
			for list := v.list(); list.next(); {
				p := v.openVEXProduct()
				parts = append(append(parts, p.ID), p.Identifiers...)
			}
		}
	}
	for i := range s.Products {
		if p := &s.Products[i]; len(p.Subcomponents) == 0 {
			p.Subcomponents = parts
		}
	}
	v.keep(s, openVEXJustifications)
}

// openVEXProduct reads a product or subcomponent.
func (v *vexReader) openVEXProduct() (p Product) {
	if v.d.Kind() == jsonstrict.String {
		p.ID = v.str()
		return p
	}
	for m := v.object(); m.next(); {
		switch string(v.d.Key()) {
		case "@id":
			p.ID = v.str()
		case "identifiers":
			for ids := v.object(); ids.next(); {
				if string(v.d.Key()) == "purl" {
					p.Identifiers = append(p.Identifiers, v.str())
				}
			}
		case "hashes":
			for hashes := v.object(); hashes.next(); {
				if name := string(v.d.Key()); name == "sha-256" || name == "sha256" {
					p.Digests = append(p.Digests, "sha256:"+strings.ToLower(v.str()))
				}
			}
		case "subcomponents":
			for list := v.list(); list.next(); {
				sub := v.openVEXProduct()
				p.Subcomponents = append(append(p.Subcomponents, sub.ID), sub.Identifiers...)
			}
		}
	}
	return p
}
