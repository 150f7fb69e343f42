// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
)

// rule is one rule of a policy: an expression that must be true.
type rule struct {
	id, message string
	program     cel.Program
}

// Bounds of rules. A policy is written by the one who applies it, yet it may be shared,
// and no mistake in it may keep a verification from ending.
const (
	mostRules      = 200
	ruleCharacters = 10_000
	ruleCost       = 5_000_000 // in CEL's units: tenths of a second, many times what a rule over all packages and findings costs
)

// environment is what expressions are checked against.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		ext.NativeTypes(ext.ParseStructTags(true), viewTypes()),
		cel.Variable("release", cel.ObjectType("policy.Release")),
		cel.Variable("now", cel.TimestampType),
		cel.ParserExpressionSizeLimit(ruleCharacters),
		cel.ParserRecursionLimit(100),
	)
})

var ruleID = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$`)

func (r *reader) rules(n *policyfile.Node) {
	first := map[string]*policyfile.Node{}
	for item := range n.Items() {
		if len(r.p.rules) == mostRules {
			item.Refuse("policy.rules", "more than %d rules", mostRules)
			return
		}
		read := &rule{}
		members(item, map[string]func(*policyfile.Node){
			"id": func(m *policyfile.Node) {
				read.id = m.Text()
				switch before := first[read.id]; {
				case read.id == "":
				case !ruleID.MatchString(read.id):
					m.Refuse("policy.rule", "%s is no id: want letters, digits, '.', '_' and '-'", textfmt.Quote(read.id))
				case before != nil:
					m.Refuse("policy.duplicate", "%s is also in line %d", textfmt.Quote(read.id), before.Line())
				default:
					first[read.id] = m
				}
			},
			"expression": func(m *policyfile.Node) {
				if text := m.Text(); text != "" {
					read.program = r.compile(m, text)
				}
			},
			"message": func(m *policyfile.Node) { read.message = m.Text() },
		})
		item.Complete("id", "expression", "message")
		r.p.rules = append(r.p.rules, read)
	}
}

// compile checks the types of an expression, and refuses it at its place in the file.
func (r *reader) compile(n *policyfile.Node, text string) cel.Program {
	env, err := environment()
	if err != nil {
		panic("policy: " + err.Error())
	}
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		for _, e := range issues.Errors()[:min(len(issues.Errors()), 5)] {
			n.Refuse("policy.rule", "line %d, column %d of the expression: %s", e.Location.Line(), e.Location.Column()+1, textfmt.Clip(e.Message, 300))
		}
		return nil
	}
	if ast.OutputType() != cel.BoolType {
		n.Refuse("policy.rule", "the expression is %s, want true or false", ast.OutputType())
		return nil
	}
	program, err := env.Program(ast, cel.CostLimit(ruleCost), cel.InterruptCheckFrequency(1000))
	if err != nil {
		n.Refuse("policy.rule", "%s", textfmt.Clip(err.Error(), 300))
		return nil
	}
	r.p.uses.add(text)
	return program
}

// ruleSet is the rules of a policy, judged at one time.
type ruleSet struct {
	rules []*rule
	uses  uses
	now   time.Time
}

// Judge implements trustpack.Rule. A rule that cannot be evaluated, or costs too much, is
// an error, and so no pass.
func (s *ruleSet) Judge(ctx context.Context, r *trustpack.Report) evidence.Checks {
	input := map[string]any{"release": newView(r, s.uses), "now": s.now}
	checks := make(evidence.Checks, 0, len(s.rules))
	for _, rule := range s.rules {
		checks = append(checks, rule.judge(ctx, input))
	}
	return checks
}

func (r *rule) judge(ctx context.Context, input map[string]any) evidence.Check {
	const id = "policy.rule"
	out, _, err := r.program.ContextEval(ctx, input)
	if err != nil {
		why := textfmt.Clip(err.Error(), 300)
		if strings.Contains(why, "cost limit") {
			why = fmt.Sprintf("the expression costs more than %s steps over this release", textfmt.Number(ruleCost))
		}
		return evidence.Check{ID: id, Subject: r.id, Status: evidence.StatusError, Message: why}
	}
	var problems evidence.Problems
	if holds, ok := out.Value().(bool); !ok || !holds {
		problems = evidence.Problems{{Code: id, Severity: evidence.SeverityError, Err: evidence.ErrPolicy, Message: r.message}}
	}
	return evidence.Judge(id, r.id, problems, "the rule holds")
}
