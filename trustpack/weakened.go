// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sarif"
)

// weakened names everything in a gate that lets findings pass which the gate would
// otherwise refuse, by the names that a policy file has for it.
func (g *Gate) weakened() evidence.Checks {
	f := g.Findings
	if f == nil {
		f = &sarif.Gate{}
	}
	const id = "policy.weakened"
	var problems evidence.Problems
	var names []string
	add := func(name, what string) {
		names = append(names, name)
		problems = append(problems, warning(id, "", "%s: %s", name, what))
	}
	if f.UnsafeOnlyFixable {
		add("unsafeOnlyFixable", "findings without a known fix pass")
	}
	if f.UnsafePassUnknown {
		add("unsafePassUnknown", "findings without a severity pass")
	}
	if f.UnsafeOnlyReached != 0 {
		add("unsafeOnlyReached", "findings in code that is not "+f.UnsafeOnlyReached.String()+" pass")
	}
	if len(f.UnsafeOnlyClasses) > 0 {
		var list []string
		for _, c := range f.UnsafeOnlyClasses {
			list = append(list, c.String())
		}
		add("unsafeOnlyClasses", "findings of other classes than "+strings.Join(list, ", ")+" pass")
	}
	if f.UnsafeAnyProduct {
		add("unsafeAnyProduct", "VEX statements count whatever product they are about")
	}
	if len(f.TrustSuppressions) > 0 {
		add("trustSuppressions", "what "+strings.Join(f.TrustSuppressions, ", ")+" suppresses passes")
	}
	if g.UnsafeNewSince != nil {
		add("unsafeNewSince", "findings that "+g.UnsafeNewSince.label()+" has too pass")
	}
	if len(g.TrustVEX) > 0 {
		add("trustVEX", "VEX of the pack counts: "+strings.Join(g.TrustVEX, ", "))
	}
	if len(problems) == 0 {
		return nil
	}
	c := evidence.Judge(id, "", problems, "")
	c.Message = "weakened by " + strings.Join(names, ", ") // all of them, as a list is cut short in places
	return evidence.Checks{c}
}
