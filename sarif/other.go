// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import "strings"

// other reads results of tools that have no conventions of their own here. A
// result whose rule is named for a vulnerability is one; all else is told by the
// tool's name and the rule's tags, and is the tool's own class of finding.
func (r *runReader) other(p *pending, u *rule, d dialect) {
	f := p.finding
	if u == nil {
		u = &noRule
	}
	switch d {
	case dialectSecrets:
		f.Class = ClassSecret
		return
	case dialectMisconfiguration:
		f.Class = ClassMisconfiguration
		return
	}
	if d == dialectWiz {
		switch {
		case strings.HasPrefix(f.RuleID, "iac-misconfiguration-"):
			f.Class = ClassMisconfiguration
			return
		case strings.HasPrefix(f.RuleID, "secret-"):
			f.Class = ClassSecret
			return
		}
	}
	ids := idsOfRule(f.RuleID, u)
	if len(ids) == 0 {
		if f.Class = classOfTags(u); f.Class != ClassVulnerability {
			return
		}
		ids = []string{f.RuleID}
	}
	f.Class = ClassVulnerability
	f.setIDs(ids...)
	f.Package = otherPackage(p, u)
}

// idsOfRule returns the identifiers that a rule is named for: Wiz names it by a
// UUID and describes it by the CVE, Black Duck writes "BDSA-2020-1001 (CVE-2020-11022)".
func idsOfRule(id string, u *rule) []string {
	if kindOfID(id) != idNone {
		return append(append([]string{id}, u.deprecatedIDs...), findIDs(u.name)...)
	}
	if ids := findIDs(id); len(ids) > 0 {
		head, _, _ := strings.Cut(id, " ")
		if kindOfID(head) != idNone {
			ids = append(ids, head)
		}
		return ids
	}
	if ids := findIDs(u.name); len(ids) > 0 {
		return ids
	}
	// A description that begins with the identifier is one; a mention of some
	// CVE by a rule of static analysis is not.
	text := strings.TrimSpace(u.short)
	if id := findID(text); id != "" && (strings.HasPrefix(text, id) || text == id || looksLikeUUID(u.id)) {
		return []string{id}
	}
	return nil
}

func looksLikeUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		strings.Trim(s, "0123456789abcdefABCDEF-") == ""
}

// otherPackage finds the package of a vulnerability in properties, in lines of
// the message, or in a logical location "name@version".
func otherPackage(p *pending, u *rule) *Package {
	f := p.finding
	pkg := &Package{}
	if p.extra != nil {
		props := p.extra.properties
		pkg.Name = props.first("component", "packageName", "package", "PkgName", "pkgName", "dependency")
		if v := props.first("componentVersion", "packageVersion", "installedVersion", "InstalledVersion", "version"); v != "" {
			pkg.Versions = []string{v}
		}
		setFixed(pkg, props.first("fixedVersion", "FixedVersion", "fixVersion"))
		pkg.Ecosystem = ecosystemOfWord(props.first("componentOrigin", "packageType", "ecosystem", "packageManager"))
		pkg.PURL = props.first("purl", "PURL", "packageUrl")
	}
	if pkg.Name == "" {
		for _, name := range []string{"Package: ", "Component: ", "Library: "} {
			if pkg.Name, _ = line(f.Message, name); pkg.Name != "" {
				break
			}
		}
		for _, name := range []string{"Installed Version: ", "Version: "} {
			if v, _ := line(f.Message, name); v != "" && pkg.Version() == "" {
				pkg.Versions = []string{v}
			}
		}
		if v, _ := line(f.Message, "Fixed Version: "); v != "" {
			setFixed(pkg, v)
		}
	}
	if len(u.purls) > 0 && pkg.PURL == "" {
		if pkg.Version() == "" || purlVersion(u.purls[0]) == pkg.Version() {
			pkg.PURL = u.purls[0]
		}
	}
	for i := range f.Locations {
		l := &f.Locations[i]
		if strings.HasPrefix(l.Logical, "pkg:") && pkg.PURL == "" { // dependency-check
			pkg.PURL = l.Logical
			continue
		}
		if name, version := cutVersion(l.Logical); pkg.Name == "" && version != "" {
			pkg.Name, pkg.Versions = name, []string{version}
		}
		if pkg.Path == "" {
			pkg.Path = l.URI
		}
	}
	if pkg.Ecosystem == "" {
		pkg.Ecosystem = ecosystemOfFile(pkg.Path)
	}
	if pkg.Name == "" && pkg.PURL == "" {
		pkg.Name = lastElement(pkg.Path) // the file is all that is known of it
	}
	if pkg.Name == "" && pkg.PURL == "" {
		return nil
	}
	return pkg
}
