// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package vercmp

import (
	"strings"
	"testing"
)

func TestRange(t *testing.T) {
	tests := []struct {
		text, ecosystem, version string
		in, ok                   bool
	}{
		{"*", "unheard-of", "x", true, true},
		{"1.2", "unheard-of", "1.2", true, true},
		{"1.2", "unheard-of", "1.3", false, false},
		{">=1.2, <2.0", "npm", "1.10.0", true, true},
		{">=1.2, <2.0", "npm", "2.0.0", false, true},
		{">=1.2, !=1.3.0", "npm", "1.3.0", false, true},
		{">=1.2", "", "1.3", false, false},
		{"3.0.11-1~deb12u2", "deb", "3.0.11-1~deb12u2", true, true},
		{"8.x-1.2", "composer", "8.x-1.2", true, true},
		{"vers:npm/1.2.3|>=2.0.0|<5.0.0", "npm", "1.2.3", true, true},
		{"vers:npm/1.2.3|>=2.0.0|<5.0.0", "npm", "1.3.0", false, true},
		{"vers:npm/1.2.3|>=2.0.0|<5.0.0", "npm", "4.9.9", true, true},
		{"vers:npm/1.2.3|>=2.0.0|<5.0.0", "npm", "5.0.0", false, true},
		{"vers:npm/<1.0.0|>=2.0.0|!=2.1.0|<3.0.0", "npm", "0.5.0", true, true},
		{"vers:npm/<1.0.0|>=2.0.0|!=2.1.0|<3.0.0", "npm", "2.1.0", false, true},
		{"vers:npm/>3.0.0", "npm", "3.0.0", false, true},
		{"vers:npm/>3.0.0", "npm", "3.0.1", true, true},
		{"vers:npm/<=3.0.0", "npm", "3.0.0", true, true},
		{"vers:npm/!=3.0.0", "npm", "3.0.1", true, true},
		{"vers:npm/*", "npm", "1", true, true},
		{"vers:npm/*", "deb", "1", false, false},
		{"vers:npm/<4.0.0", "deb", "3.0.0", false, false},
		{"vers:npm/<4.0.0", "", "3.0.0", false, false},
		{"vers:alpine/<1.2.0-r1", "apk", "1.2.0-r0", true, true},
		{"vers:none/*", "npm", "1", false, true},
		{"vers:all/*", "deb", "1", true, true},
		{"vers:pypi/>=1%212.0|<1%213.0", "pypi", "1!2.5", true, true},
		{"vers:pypi/>=1%212.0|<1%213.0", "pypi", "2.5", false, true},
		{"vers:unheard-of/1.1.1a|1.1.1b", "unheard-of", "1.1.1b", true, true},
		{"vers:unheard-of/1.1.1a|1.1.1b", "unheard-of", "1.1.1c", false, false},
	}
	for _, tt := range tests {
		r, err := ParseRange(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if in, ok := r.Contains(tt.ecosystem, tt.version); in != tt.in || ok != tt.ok {
			t.Errorf("%s %s in %s: got %t %t", tt.ecosystem, tt.version, tt.text, in, ok)
		}
	}
	if in, ok := (Range{}).Contains("npm", "1"); in || !ok {
		t.Errorf("the zero range: got %t %t", in, ok)
	}
}

func TestRangeRefused(t *testing.T) {
	for _, text := range []string{
		"", ">=", "1.2,,2", ">=1 2", "=>1", "==1.2",
		"^1.2", "~1.2", "~>1.2", "[1.0,2.0)", "(,1.0]", "1.x", "1.2.X", "1.*", "1 - 2", "1 || 2", "{1}",
		"vers:npm", "vers:npm/", "vers:/1", "vers:NPM/1", "vers: npm/1", "vers:npm/ 1", "vers:npm/1 |2", "vers:npm/|1", "vers:npm/1|", "vers:npm/1||2",
		"vers:npm/=1", "vers:npm/*|1", "vers:none/1", "vers:all/<2", "vers:npm/1%2G", "vers:npm/1%2", "vers:npm/1%0A", "vers:npm/1%FF", "vers:pypi/1!2",
		"vers:npm/2|1", "vers:npm/1|1", "vers:npm/1.0|1.0.0", "vers:npm/>1|>2", "vers:npm/<1|<2", "vers:npm/>1|2", "vers:npm/1|<2",
		"vers:npm/" + strings.Repeat("!=1|", 300) + "2",
	} {
		if r, err := ParseRange(text); err == nil {
			t.Errorf("%.40q was read as %+v", text, r)
		}
	}
}
