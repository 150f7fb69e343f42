// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/packgen"
)

// TestRules holds the table in the package comment to the rules in the code
// and to the published cases.
func TestRules(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(f.Doc.Text()) {
		if code, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(line, "\tarchive.") {
			listed = append(listed, code)
		}
	}
	var rules []string
	for _, r := range allRules {
		rules = append(rules, r.code)
	}
	rules = append(rules, namePrefix+"RULE")
	slices.Sort(rules)
	slices.Sort(listed)
	if !slices.Equal(listed, rules) {
		t.Errorf("the table lists\n%v\nthe code has\n%v", listed, rules)
	}
	broken := map[string]bool{ruleEntries.code: true, ruleTotalSize.code: true} // TestLimits
	for _, c := range packgen.Cases() {
		broken[c.Code] = true
	}
	for _, r := range allRules {
		if !broken[r.code] {
			t.Errorf("no case breaks %s", r.code)
		}
	}
	for _, rule := range []string{"empty", "utf8", "length", "component", "depth", "absolute", "dot", "character", "control", "bidi",
		"invisible", "separator", "device", "trailing", "duplicate", "collision", "tree"} {
		if !broken[namePrefix+rule] {
			t.Errorf("no case breaks %s", namePrefix+rule)
		}
	}
}
