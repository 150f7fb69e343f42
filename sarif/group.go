// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import "slices"

// ByPackage groups findings by their package in its installed versions, whatever
// the tools call it. Groups and findings stay in the order given. Findings without a
// package are in no group.
func ByPackage(findings []*Finding) [][]*Finding {
	return groupBy(findings, func(*Package) bool { return true }, func(p *Package) []string { return p.Versions })
}

// ByFix groups findings by the upgrade that ends them: the same package, and the
// same fixed versions. Findings without a fixed version are in no group.
func ByFix(findings []*Finding) [][]*Finding {
	return groupBy(findings, func(p *Package) bool { return len(p.Fixed) > 0 }, func(p *Package) []string { return p.Fixed })
}

func groupBy(findings []*Finding, counts func(*Package) bool, versions func(*Package) []string) [][]*Finding {
	type key struct{ kind, name, versions string }
	var groups [][]*Finding
	at := map[key]int{}
	for _, f := range findings {
		if f.Package == nil || !counts(f.Package) {
			continue
		}
		k := key{}
		k.kind, k.name = packageKey(f.Package)
		for _, v := range slices.Sorted(slices.Values(versions(f.Package))) {
			k.versions += bareVersion(v) + "\x00"
		}
		i, ok := at[k]
		if !ok {
			i, at[k] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], f)
	}
	return groups
}
