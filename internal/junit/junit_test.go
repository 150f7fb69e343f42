// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package junit

import "testing"

func TestScan(t *testing.T) {
	for _, test := range []struct {
		root  string
		cases []string
		want  bool
	}{
		{"trivy", nil, true},
		{"Grype", nil, true},
		{"", nil, false},
		{"trivy", []string{"[MEDIUM] CVE-2019-1549", "[LOW] DS002"}, true},
		{"", []string{"[High] GHSA-qrvx-cfgh-jmpq", "[UNKNOWN] GO-2024-2687"}, true},
		{"", []string{"[High] TEMP-0841856-B18BAF", "[critical] avd.aws:0001"}, true},
		{"trivy", []string{"TestScan"}, false}, // the tests of Trivy itself
		{"", []string{"[HIGH] CVE-2024-1", "other"}, false},
		{"", []string{"[High] Checkout works"}, false},
		{"", []string{"[Critical] Login"}, false},
		{"", []string{"[P1] CVE-2024-1"}, false},
		{"", []string{"CVE-2024-1"}, false},
	} {
		var s Scan
		s.Root(test.root)
		for _, c := range test.cases {
			s.Case(c)
		}
		if s.Is() != test.want {
			t.Errorf("%q %q: got %v, want %v", test.root, test.cases, s.Is(), test.want)
		}
	}
}

func TestPlaywrightSuite(t *testing.T) {
	for name, want := range map[string]bool{"a/b.spec.ts": true, "x.spec.mjs": true, "x.spec.cjsx": true, "x.spec.py": false, "spec.ts": false, "pytest": false} {
		if PlaywrightSuite(name) != want {
			t.Errorf("%s: got %v", name, !want)
		}
	}
}
