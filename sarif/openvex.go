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
			doc.Time, _ = v.when(v.str())
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
	var parts []Product // of the statement, before 0.2.0
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
			s.Status = VEXStatus(vexNames.Parse(v.word()))
		case "justification":
			s.Justification = v.word()
		case "impact_statement":
			s.Impact = v.str()
		case "action_statement":
			s.Action = v.str()
		case "timestamp", "last_updated":
			s.when(v, v.str())
		case "products":
			for list := v.list(); list.next(); {
				p := v.openVEXProduct()
				s.Products = append(s.Products, p)
			}
		case "subcomponents":
			for list := v.list(); list.next(); {
				parts = append(parts, v.openVEXProduct())
			}
		}
	}
	for i := range s.Products {
		if p := &s.Products[i]; len(p.Subcomponents) == 0 {
			p.Subcomponents = parts
			for range parts {
				if !v.countResult() { // a few lines may name very many pairs
					return
				}
			}
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
				name := strings.Replace(string(v.d.Key()), "sha-", "sha", 1)
				p.Digests = append(p.Digests, name+":"+strings.ToLower(v.str()))
			}
		case "subcomponents":
			for list := v.list(); list.next(); {
				sub := v.openVEXProduct()
				sub.Subcomponents = nil
				p.Subcomponents = append(p.Subcomponents, sub)
			}
		}
	}
	return p
}

// inToto reads the statement of an attestation whose predicate is OpenVEX.
func (v *vexReader) inToto() {
	for m := v.object(); m.next(); {
		switch string(v.d.Key()) {
		case "_type":
			if kind := v.str(); !strings.HasPrefix(kind, "https://in-toto.io/Statement/") {
				v.fail("vex.format", evidence.ErrUnsupported, "document of type %s is no in-toto statement", textfmt.Quote(kind))
			}
		case "subject":
			for list := v.list(); list.next(); {
				for subject := v.object(); subject.next(); {
					if string(v.d.Key()) != "digest" {
						continue
					}
					for digests := v.object(); digests.next(); {
						name := string(v.d.Key())
						v.subjects = append(v.subjects, name+":"+strings.ToLower(v.str()))
					}
				}
			}
		case "predicate":
			v.openVEX()
		}
	}
	if len(v.subjects) == 0 {
		v.fail("vex.subject", evidence.ErrFormat, "the in-toto statement has no subject with a digest")
		return
	}
	v.complete()
}
