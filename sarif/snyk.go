// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"slices"
	"strings"
)

// snyk reads results of Snyk Open Source and Snyk Container: the rule's full
// description is "(CVE-..., CVE-...) package@version", its short one begins with
// the severity, and the location's logical name is package@version.
func (r *runReader) snyk(p *pending, u *rule) {
	f := p.finding
	f.Class = ClassVulnerability
	if u == nil {
		u = &noRule
	}
	pkg := &Package{}
	f.Package = pkg
	ids := []string{f.RuleID}
	described := u.full
	if list, rest, ok := strings.Cut(strings.TrimPrefix(u.full, "("), ") "); ok && strings.HasPrefix(u.full, "(") {
		ids = append(ids, findIDs(list)...)
		described = rest
	} else {
		ids = append(ids, findIDs(u.short)...)
	}
	f.setIDs(ids...)
	if strings.HasPrefix(f.RuleID, "snyk:lic:") {
		f.setLicense(f.RuleID[strings.LastIndexByte(f.RuleID, ':')+1:], "")
	}
	if word, _, ok := strings.Cut(u.short, " severity"); ok {
		if g, ok := rateText(word, ""); ok {
			f.Ratings = slices.Insert(f.Ratings, 0, g)
		}
	}
	for i := range f.Locations {
		if l := &f.Locations[i]; l.Logical != "" {
			described = l.Logical
			break
		}
	}
	name, version := cutVersion(described)
	if pkg.Name = name; version != "" {
		pkg.Versions = []string{version}
	}
	for _, tag := range u.tags {
		if e := ecosystemOfWord(tag); e != "" {
			pkg.Ecosystem = e
		}
	}
	if p.extra != nil {
		for _, fix := range p.extra.fixes {
			// An upgrade of another package is the way to the fix, not the fixed version.
			if upgrade, ok := strings.CutPrefix(fix, "Upgrade to "); ok {
				if name, version := cutVersion(upgrade); version != "" && (name == pkg.Name || strings.HasPrefix(name, pkg.Name+"/")) {
					setFixed(pkg, version)
				}
			}
		}
	}
	if len(f.Locations) > 0 {
		pkg.Path = f.Locations[0].URI
	}
}
