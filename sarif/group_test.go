// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGroups(t *testing.T) {
	findings := []*Finding{
		{ID: "1", Package: &Package{PURL: "pkg:npm/a@1.0", Name: "a", Ecosystem: "npm", Versions: []string{"1.0"}, Fixed: []string{"1.1"}}},
		{ID: "2", Package: &Package{Name: "a", Ecosystem: "npm", Versions: []string{"1.0"}, Fixed: []string{"1.2"}}},
		{ID: "3", Package: &Package{Name: "a", Ecosystem: "npm", Versions: []string{"2.0"}, Fixed: []string{"1.1"}}},
		{ID: "4", Package: &Package{Name: "a", Ecosystem: "pypi", Versions: []string{"1.0"}}},
		{ID: "5"},
		{ID: "6", Package: &Package{Name: "b", Ecosystem: "npm", Versions: []string{"1.0", "1.1"}, Fixed: []string{"2", "3"}}},
		{ID: "7", Package: &Package{Name: "b", Ecosystem: "npm", Versions: []string{"1.1", "1.0"}, Fixed: []string{"3", "2"}}},
	}
	ids := func(groups [][]*Finding) (list [][]string) {
		for _, g := range groups {
			var l []string
			for _, f := range g {
				l = append(l, f.ID)
			}
			list = append(list, l)
		}
		return list
	}
	if diff := cmp.Diff([][]string{{"1", "2"}, {"3"}, {"4"}, {"6", "7"}}, ids(ByPackage(findings))); diff != "" {
		t.Errorf("ByPackage: %s", diff)
	}
	if diff := cmp.Diff([][]string{{"1", "3"}, {"2"}, {"6", "7"}}, ids(ByFix(findings))); diff != "" {
		t.Errorf("ByFix: %s", diff)
	}
}
