// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"errors"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ParsePolicy reads a policy, YAML or JSON, as the package's documentation
// describes it. Name is the file's name in problems. Pointer is the JSON pointer of
// the policy in a larger file, and empty for a file that is the policy. Members
// that are not known, given twice, missing or malformed are refused together, with
// pointer, line and column; the error is a *Problem or Problems, with codes
// policy.*.
func ParsePolicy(data []byte, name, pointer string) (*Policy, error) {
	f, err := policyfile.Parse(data, name, evidence.Limits{})
	if err != nil {
		return nil, err
	}
	n := f.At(pointer)
	if n == nil {
		return nil, &evidence.Problem{Code: "policy.required", Severity: evidence.SeverityError, Path: name, Pointer: pointer, Message: "the file has no such member", Err: evidence.ErrFormat}
	}
	p, err := NewPolicy(readRules(n))
	if list, ok := errors.AsType[evidence.Problems](err); ok {
		f.Add(pointer, list)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return p, err
}

// readRules leaves what is missing to NewPolicy.
func readRules(n *policyfile.Node) PolicyRules {
	rules := PolicyRules{Categories: map[Category]Verdict{}}
	for name, m := range n.Members() {
		switch name {
		case "allow":
			rules.Allow = m.Texts()
		case "review":
			rules.Review = m.Texts()
		case "deny":
			rules.Deny = m.Texts()
		case "categories":
			for name, m := range m.Members() {
				var c Category
				if err := c.UnmarshalText([]byte(name)); err != nil {
					m.Refuse("policy.category", "%v", err)
					continue
				}
				switch word := m.Text(); word {
				case "allow":
					rules.Categories[c] = Allowed
				case "review":
					rules.Categories[c] = NeedsReview
				case "deny":
					rules.Categories[c] = Denied
				case "":
				default:
					m.Refuse("policy.category", "%s is none of allow, review and deny", textfmt.Quote(word))
				}
			}
		case "exceptions":
			for item := range m.Items() {
				rules.Exceptions = append(rules.Exceptions, readException(item))
			}
		default:
			m.Unknown("allow", "review", "deny", "categories", "exceptions")
		}
	}
	return rules
}

func readException(n *policyfile.Node) Exception {
	var e Exception
	for name, m := range n.Members() {
		switch name {
		case "module":
			e.Module = m.Text()
		case "version":
			e.Version = m.Text()
		case "license":
			e.License = m.Text()
		default:
			if !m.Decision(&e.Decision) {
				m.Unknown("module", "version", "license", "owner", "reason", "expires")
			}
		}
	}
	return e
}
