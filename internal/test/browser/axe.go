// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"encoding/json"
	"fmt"
	"testing"
)

// WCAG21AA are axe-core's tags for WCAG 2.1 at level AA, which includes A.
var WCAG21AA = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa"}

// AxeResult is what axe-core found on a page.
type AxeResult struct {
	Version    string // of axe-core
	Violations []AxeRule
	Incomplete []AxeRule // needs a person
	Passes     int       // rules that hold; zero on a page that has nothing on it
}

// AxeRule is one rule and where it does not hold.
type AxeRule struct {
	ID     string // "color-contrast"
	Impact string // "minor", "moderate", "serious" or "critical"
	Help   string
	Tags   []string
	Nodes  []AxeNode
}

// AxeNode is one element.
type AxeNode struct {
	Target  string // CSS selector
	HTML    string
	Summary string
}

// String is one line for the rule and its first element.
func (r AxeRule) String() string {
	s := fmt.Sprintf("%s (%s): %s; %d element(s)", r.ID, r.Impact, r.Help, len(r.Nodes))
	if len(r.Nodes) > 0 {
		s += ", first " + r.Nodes[0].Target + ": " + r.Nodes[0].Summary
	}
	return s
}

// Axe runs the rules that have one of the tags. It comes through the debugger,
// not as a script of the page, whose policy may forbid those.
func (p *Page) Axe(t testing.TB, tags ...string) AxeResult {
	t.Helper()
	p.Eval(t, axeSource(t), nil)
	values, err := json.Marshal(tags)
	if err != nil {
		t.Fatal(err)
	}
	var result AxeResult
	p.Eval(t, fmt.Sprintf(runAxe, values), &result)
	if result.Version == "" || result.Passes+len(result.Violations) == 0 {
		t.Fatalf("axe-core %q applied no rule: nothing was looked at", result.Version)
	}
	return result
}

const runAxe = `axe.run(document, {runOnly: {type: "tag", values: %s}}).then(r => {
	const rules = list => list.map(rule => ({
		id: rule.id, impact: rule.impact || "", help: rule.help, tags: rule.tags,
		nodes: rule.nodes.map(n => ({target: n.target.flat(Infinity).join(" "), html: n.html, summary: n.failureSummary || ""})),
	}));
	return {version: r.testEngine.version, violations: rules(r.violations), incomplete: rules(r.incomplete), passes: r.passes.length};
})`
