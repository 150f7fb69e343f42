// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// rule is what findings take from a reportingDescriptor (section 3.49).
type rule struct {
	id, name, guid string
	short, full    string
	helpURI        string
	level          Level // of defaultConfiguration; levelInvalid when not told
	messages       map[string]string
	deprecatedIDs  []string
	tags           []string
	cwes           []string // from relationships with a CWE taxonomy
	purls          []string
	props          properties
	help           help

	known   bool     // whether the following are computed
	ratings []Rating // that props give
	numbers []string // CWE numbers
	ids     *Finding // with the identifiers of a result that has the rule's own id
}

// properties are the members of a property bag that are text, numbers or
// booleans, and that findings take something from.
type properties []property

type property struct{ name, value string }

// get returns the value of a property, "" if there is none.
func (p properties) get(name string) string {
	for i := range p {
		if p[i].name == name {
			return p[i].value
		}
	}
	return ""
}

// first returns the first value among several names that is not blank.
func (p properties) first(names ...string) string {
	for _, name := range names {
		if v := strings.TrimSpace(p.get(name)); v != "" {
			return v
		}
	}
	return ""
}

// usedProperties are the properties of rules, results and components that
// something here reads.
var usedProperties = map[string]bool{
	"severity": true, "securityRisk": true, "issue_severity": true, "security_severity": true, "security-severity": true,
	"cvssv40_vector": true, "cvssv40_baseScore": true, "cvssv3_vector": true, "cvssv3_baseScore": true, "cvssv2_vector": true, "cvssv2_baseScore": true,
	"cvssV4_vector": true, "cvssV4_score": true, "cvssV3_vector": true, "cvssV3_score": true, "cvss": true, "cvssScore": true,
	"cwe": true, "CWE": true, "cwes": true,
	"component": true, "packageName": true, "package": true, "PkgName": true, "pkgName": true, "dependency": true,
	"componentVersion": true, "packageVersion": true, "installedVersion": true, "InstalledVersion": true, "version": true,
	"fixedVersion": true, "FixedVersion": true, "fixVersion": true,
	"componentOrigin": true, "packageType": true, "ecosystem": true, "packageManager": true, "purl": true, "PURL": true, "packageUrl": true,
	"scan_level": true, "scan_mode": true, "db": true, "db_last_modified": true, "go_version": true,
}

// help is what tools say in help texts and nowhere else.
type help struct {
	id, severity, fixed, packageType, namespace string
	fixes                                       []fixRow
}

// fixRow is one row of OSV-Scanner's table "Fixed Versions".
type fixRow struct{ id, name, version string }

func (r *runReader) rule() *rule {
	s := r.reader
	u := s.newRule()
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "id":
			u.id = s.word()
		case "name":
			u.name = s.word()
		case "guid":
			u.guid = s.str()
		case "deprecatedIds":
			u.deprecatedIDs = s.sharedWords()
		case "shortDescription":
			u.short = s.messageText()
		case "fullDescription":
			u.full = s.messageText()
		case "helpUri":
			u.helpURI = s.str()
		case "help":
			r.help(&u.help)
		case "defaultConfiguration":
			for c := s.object(); c.next(); {
				if string(s.d.Key()) == "level" {
					u.level = parseLevel(s.word())
				}
			}
		case "messageStrings":
			u.messages = s.messageStrings()
		case "relationships":
			for list := s.list(); list.next(); {
				for rel := s.object(); rel.next(); {
					if string(s.d.Key()) == "target" {
						if ref := s.descriptorRef(); ref.component.name == "CWE" && len(u.cwes) < shared {
							u.cwes = append(u.cwes, ref.id)
						}
					}
				}
			}
		case "properties":
			r.ruleProperties(u)
		}
	}
	return u
}

func (r *runReader) ruleProperties(u *rule) {
	s := r.reader
	for m := s.object(); m.next(); {
		name := s.intern(s.d.Key())
		switch s.d.Kind() {
		case jsonstrict.Array:
			switch name {
			case "tags":
				u.tags = s.sharedWords()
				if hasDuplicates(u.tags) {
					s.note("sarif.tag-duplicate", evidence.SeverityWarning, "rule has equal tags; the schema asks for unique ones")
				}
			case "purls":
				u.purls = s.sharedWords()
			case "cwe", "cwes", "CWE":
				u.cwes = append(u.cwes, s.sharedWords()...)
			}
		case jsonstrict.String, jsonstrict.Number, jsonstrict.True, jsonstrict.False:
			if usedProperties[name] {
				u.props = append(u.props, property{name, s.scalar()})
			}
		}
	}
}

// hasDuplicates reports whether a short list has equal elements.
func hasDuplicates(list []string) bool {
	for i, a := range list {
		if slices.Contains(list[:i], a) {
			return true
		}
	}
	return false
}

// help reads the help of a rule for what Grype and OSV-Scanner say only there.
// The texts are the largest part of most reports and are not kept.
func (r *runReader) help(h *help) {
	s := r.reader
	for m := s.object(); m.next(); {
		if k := string(s.d.Key()); s.d.Kind() != jsonstrict.String || k != "text" && k != "markdown" {
			continue
		}
		text := s.d.Bytes()
		if bytes.HasPrefix(text, []byte("Vulnerability ")) {
			h.lines(text)
		} else if h.fixes == nil {
			if _, table, ok := bytes.Cut(text, []byte("### Fixed Versions")); ok {
				h.table(table)
			}
		}
	}
}

// lines reads the lines "Name: value" at the start of a help text: Grype's has
// nothing else, Trivy's goes on with a description after "Link".
func (h *help) lines(text []byte) {
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		name, value, ok := bytes.Cut(line, []byte(": "))
		if !ok {
			if id, found := bytes.CutPrefix(line, []byte("Vulnerability ")); found && h.id == "" {
				h.id = string(id)
			}
			continue
		}
		switch string(name) {
		case "Severity":
			h.severity = string(value)
		case "Fix Version":
			h.fixed = string(value)
		case "Type":
			h.packageType = string(value)
		case "Data Namespace":
			h.namespace = string(value)
		case "Link":
			return
		}
	}
}

// table reads the rows "| GHSA-... | name | version |".
func (h *help) table(text []byte) {
	const mostRows = shared
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if line[0] != '|' {
			if h.fixes != nil {
				return
			}
			continue
		}
		cells := strings.Split(strings.Trim(string(line), "|"), "|")
		if len(cells) < 3 || len(h.fixes) >= mostRows {
			continue
		}
		row := fixRow{strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])}
		if row.id == "---" || strings.HasPrefix(row.id, "Vulnerability") {
			continue
		}
		h.fixes = append(h.fixes, row)
	}
}
