// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCodes: every code of a problem is in the package's comment, and the
// comment has no other.
func TestCodes(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used, told := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"((?:junit|playwright|axe|png|uat)\.[a-z-]+)"`).FindAllSubmatch(text, -1) {
			used[string(m[1])] = true
		}
		if name == "doc.go" {
			for _, m := range regexp.MustCompile(`(?m)^//\t((?:junit|playwright|axe|png|uat)\.[a-z-]+) `).FindAllSubmatch(text, -1) {
				told[string(m[1])] = true
			}
		}
	}
	for code := range used {
		if !told[code] {
			t.Errorf("%s is not in the package's comment", code)
		}
	}
	for code := range told {
		if !used[code] {
			t.Errorf("%s is in the package's comment and nowhere else", code)
		}
	}
	if len(used) < 30 {
		t.Errorf("found %d codes", len(used))
	}
}
