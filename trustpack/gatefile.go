// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/glob"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack/license"
)

// ParseGate reads a policy file, JSON or YAML:
//
//	{
//	  "findings": {
//	    "failOn": "high",
//	    "exceptions": [{"vulnerability": "CVE-2011-3374", "owner": "security", "reason": "no local accounts", "expires": "2026-12-31"}],
//	    "trustVEX": ["scans/*.openvex.json"],
//	    "trustSuppressions": ["Trivy"],
//	    "unsafePassUnknown": false,
//	    "unsafeOnlyFixable": false
//	  },
//	  "licenses": {...},
//	  "tests": true,
//	  "accessibility": true
//	}
//
// Every member is optional but failOn, a severity: "low", "medium", "high",
// "critical", or "unknown" for every finding. Exceptions are those of
// [sarif.ParseExceptions], licenses is the policy that [license.ParsePolicy] reads.
// Members that are not known, given twice or malformed are refused. The error is a
// *Problem or Problems with codes policy.*, pointer, line and column; of class
// ErrLimit for a file above 4 MiB.
func ParseGate(data []byte) (*Gate, error) {
	f, err := policyfile.Parse(data, "", evidence.Limits{})
	if err != nil {
		return nil, err
	}
	g := &Gate{}
	var problems evidence.Problems // that readers of parts found
	take := func(err error) {
		if list, ok := errors.AsType[evidence.Problems](err); ok {
			problems = append(problems, list...)
		} else if p, ok := errors.AsType[*evidence.Problem](err); ok {
			problems = append(problems, p)
		}
	}
	for name, n := range f.Root().Members() {
		switch name {
		case "findings":
			g.Findings = readFindings(n, g)
			g.Findings.Exceptions, err = sarif.ParseExceptions(data, "policy", "/findings/exceptions")
			take(err)
		case "licenses":
			g.Licenses, err = license.ParsePolicy(data, "", "/licenses")
			take(err)
		case "tests":
			g.Tests = n.Bool()
		case "accessibility":
			g.Accessibility = n.Bool()
		default:
			n.Unknown("findings", "licenses", "tests", "accessibility")
		}
	}
	f.Add("", problems)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if g.Findings == nil && g.Licenses == nil && !g.Tests && !g.Accessibility {
		f.Root().Refuse("policy.empty", "the policy checks nothing")
	}
	return g, f.Err()
}

func readFindings(n *policyfile.Node, g *Gate) *sarif.Gate {
	out := &sarif.Gate{}
	for name, m := range n.Members() {
		switch name {
		case "failOn":
			if word := m.Text(); word != "" {
				if out.FailOn = sarif.ParseSeverity(word); out.FailOn == sarif.SeverityInvalid {
					m.Refuse("policy.severity", "%s is no severity", textfmt.Quote(word))
				}
			}
		case "exceptions": // see ParseGate
		case "trustVEX":
			for item := range m.Items() {
				text := item.Text()
				if _, err := glob.Compile(text); text != "" && err != nil {
					item.Refuse("policy.pattern", "%s: %v", textfmt.Quote(text), err)
				}
				g.TrustVEX = append(g.TrustVEX, text)
			}
		case "trustSuppressions":
			out.TrustSuppressions = m.Texts()
		case "unsafePassUnknown":
			out.UnsafePassUnknown = m.Bool()
		case "unsafeOnlyFixable":
			out.UnsafeOnlyFixable = m.Bool()
		default:
			m.Unknown("failOn", "exceptions", "trustVEX", "trustSuppressions", "unsafePassUnknown", "unsafeOnlyFixable")
		}
	}
	n.Complete("failOn")
	return out
}
