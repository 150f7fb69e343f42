// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"errors"
	"testing"

	"github.com/HailBytes/evidence"
)

func TestPolicy(t *testing.T) {
	p, err := NewPolicy(
		[]string{"MIT", "Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "LGPL-2.1-only", "MPL-2.0+", "ISC"},
		[]string{"GPL-2.0-only", "LicenseRef-Acme", "ISC", "AGPL-3.0-or-later"},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   string
		want Decision
	}{
		{"MIT", Allowed},
		{"mit AND apache-2.0", Allowed},
		{"ISC", Denied}, // in both lists
		{"Zlib", Unlisted},
		{"MIT AND Zlib", Unlisted},
		{"MIT OR Zlib", Allowed},
		{"MIT OR GPL-2.0-only", Allowed},
		{"MIT AND GPL-2.0-only", Denied},
		{"Zlib AND GPL-2.0-only", Denied},
		{"Zlib OR GPL-2.0-only", Unlisted},
		{"GPL-2.0", Denied},          // the old name of GPL-2.0-only
		{"GPL-2.0+", Denied},         // its version is denied
		{"GPL-2.0-or-later", Denied}, // as above
		{"GPL-2.0 WITH Classpath-exception-2.0", Allowed},
		{"GPL-2.0-with-classpath-exception", Allowed},
		{"GPL-2.0-only WITH GCC-exception-2.0", Unlisted},
		{"LGPL-2.1+", Allowed}, // 2.1 may be chosen
		{"LGPL-2.1-or-later", Allowed},
		{"MPL-2.0", Unlisted}, // the entry is for "or later"
		{"MPL-2.0+", Allowed},
		{"AGPL-3.0+", Denied},
		{"AGPL-3.0-only", Unlisted},
		{"licenseref-acme", DecisionInvalid}, // not an expression
		{"LicenseRef-ACME", Denied},
		{"DocumentRef-d:LicenseRef-Acme", Unlisted},
		{"NONE", Unlisted},
		{"NOASSERTION", Unlisted},
		{"MIT AND NOASSERTION", Unlisted},
	} {
		e, err := Parse(c.in, nil)
		if err != nil {
			if c.want != DecisionInvalid {
				t.Errorf("%s: %v", c.in, err)
			}
			continue
		}
		if got := p.Decide(e); got != c.want {
			t.Errorf("%s is %v, want %v", c.in, got, c.want)
		}
	}
	if got := p.Decide(Expression{}); got != Unlisted {
		t.Errorf("no expression is %v", got)
	}
	if got := new(Policy).Decide(parse(t, "MIT")); got != Unlisted {
		t.Errorf("the zero policy finds MIT %v", got)
	}
	if got := parse(t, "MIT").Evaluate(func(License) Decision { return DecisionInvalid }); got != Denied {
		t.Errorf("an invalid decision gives %v", got)
	}
}

func TestPolicyRefuses(t *testing.T) {
	for entry, code := range map[string]string{
		"MIT OR ISC": codeSyntax,
		"NONE":       codeSyntax,
		"GPLv2":      CodeUnknownLicense,
		"":           codeEmpty,
	} {
		for _, lists := range [][2][]string{{{entry}, nil}, {nil, {entry}}} {
			_, err := NewPolicy(lists[0], lists[1])
			var p *evidence.Problem
			if !errors.As(err, &p) || p.Code != code {
				t.Errorf("entry %q: %v, want %s", entry, err, code)
			}
		}
	}
}

func TestDecisionText(t *testing.T) {
	if _, err := DecisionInvalid.MarshalText(); err == nil {
		t.Error("the invalid decision has a text form")
	}
	if b, err := Unlisted.MarshalText(); err != nil || string(b) != "unlisted" {
		t.Errorf("%s, %v", b, err)
	}
}
