// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compilePattern compiles a pattern of a schema. JSON Schema means ECMA-262
// expressions, Go has no lookahead; the one that official schemas use, a refusal
// at the very start (SPDX 3.0.1: "^(?!_:).+:.+"), is two expressions here. Any
// other is an error of Compile.
func compilePattern(text string) (jsonschema.Regexp, error) {
	if rest, ok := strings.CutPrefix(text, "^(?!"); ok {
		if refused, rest, ok := strings.Cut(rest, ")"); ok && !strings.ContainsAny(refused, `([\`) {
			want, err := regexp.Compile("^(?:" + rest + ")")
			if err != nil {
				return nil, err
			}
			not, err := regexp.Compile("^(?:" + refused + ")")
			if err != nil {
				return nil, err
			}
			return &refusing{text, want, not}, nil
		}
	}
	return regexp.Compile(text)
}

// refusing matches what want matches and not does not.
type refusing struct {
	text      string
	want, not *regexp.Regexp
}

func (r *refusing) String() string { return r.text }

func (r *refusing) MatchString(s string) bool { return !r.not.MatchString(s) && r.want.MatchString(s) }
