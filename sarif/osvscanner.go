// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"slices"
	"strings"
)

// osvScanner reads OSV-Scanner's results (internal/output/sarif.go): package and
// aliases stand in the message, fixed versions in a table of the rule's help.
func (r *runReader) osvScanner(p *pending, u *rule) {
	f := p.finding
	f.Class = ClassVulnerability
	if u == nil {
		u = &noRule
	}
	pkg := &Package{}
	f.Package = pkg
	ids := append([]string{f.RuleID}, u.deprecatedIDs...)
	rest := f.Message
	if quoted, after, ok := cutQuoted(rest, "Package '"); ok {
		name, version := cutVersion(quoted)
		pkg.Name = name
		if version != "" {
			pkg.Versions = []string{version}
		}
		rest = after
	}
	for {
		id, after, ok := cutQuoted(rest, "'")
		if !ok {
			break
		}
		if kindOfID(id) != idNone {
			ids = append(ids, id)
		}
		rest = after
	}
	f.setIDs(ids...)
	for _, row := range u.help.fixes {
		if row.name == pkg.Name && row.version != "" && row.version != "N/A" && row.version != "--" {
			setFixed(pkg, row.version)
		}
	}
	pkg.Fixed = withoutCommits(pkg.Fixed)
	if len(f.Locations) > 0 {
		l := &f.Locations[0]
		pkg.Path = strings.TrimPrefix(l.URI, "file://")
		pkg.Ecosystem = ecosystemOfFile(l.URI)
	}
}

// cutQuoted returns the text between the first occurrence of prefix, which ends
// with a single quote, and the next single quote.
func cutQuoted(text, prefix string) (quoted, rest string, ok bool) {
	_, after, ok := strings.Cut(text, prefix)
	if !ok {
		return "", text, false
	}
	return strings.Cut(after, "'")
}

// cutVersion splits "name@version" at the last @, which may begin a name ("@angular/core").
func cutVersion(text string) (name, version string) {
	if i := strings.LastIndexByte(text, '@'); i > 0 {
		return text[:i], text[i+1:]
	}
	return text, ""
}

// withoutCommits drops git commits from a list of versions that holds others.
func withoutCommits(list []string) []string {
	versions := slices.DeleteFunc(slices.Clone(list), func(v string) bool {
		return len(v) == 40 && strings.Trim(v, "0123456789abcdef") == ""
	})
	if len(versions) == 0 {
		return list
	}
	return versions
}
