package license

import (
	"fmt"
	"strings"
	"time"

	"github.com/HailBytes/evidence/internal/diag"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// Decision is what a policy says of a module. The zero value is invalid.
type Decision uint8

// The decisions, from best to worst.
const (
	InvalidDecision Decision = iota
	Allowed
	NeedsReview // neither allowed nor denied: a person decides
	Denied
)

var decisionNames = [...]string{"invalid", "allowed", "needs-review", "denied"}

// String returns "allowed", "needs-review" or "denied"; "invalid" for any other value.
func (d Decision) String() string {
	if int(d) >= len(decisionNames) {
		d = InvalidDecision
	}
	return decisionNames[d]
}

// MarshalText implements encoding.TextMarshaler; an invalid decision is an error.
func (d Decision) MarshalText() ([]byte, error) {
	if d == InvalidDecision || int(d) >= len(decisionNames) {
		return nil, fmt.Errorf("invalid decision %d", uint8(d))
	}
	return []byte(decisionNames[d]), nil
}

// PolicyRules is what a [Policy] is made of. A licence is named as in an SPDX
// expression, one at a time: "MIT", "GPL-2.0-only WITH Classpath-exception-2.0".
// Of a licence, Deny says more than Review, Review more than Allow, and each more
// than any category. What no list names needs review, so the zero value allows
// nothing.
type PolicyRules struct {
	Allow, Review, Deny                               []string
	AllowCategories, ReviewCategories, DenyCategories []Category
	Exceptions                                        []Exception
}

// Exception is somebody's decision to live with a module's licence until a day.
type Exception struct {
	Module  string    // required: a module's name; "path/..." for all in it too
	Version string    // empty is any version
	License string    // required: the expression that was looked at; another one is not excepted
	Owner   string    // required: who decided
	Reason  string    // required
	Expires time.Time // required: the first moment at which it holds no more
}

// Policy judges inventories. Make one with [NewPolicy]. It is safe for
// concurrent use.
type Policy struct {
	lists, review *spdxexpr.Policy
	categories    map[Category]spdxexpr.Decision
	exceptions    []exception
}

type exception struct {
	Exception
	license spdxexpr.Expression
}

// NewPolicy checks rules and makes a policy of them. Every rule that is no
// licence of the SPDX list, no category, or an exception with something missing
// is a problem; the error holds them all, since a misspelled denial would deny
// nothing.
func NewPolicy(rules PolicyRules) (*Policy, error) {
	var problems Problems
	bad := func(code, format string, args ...any) {
		problems = append(problems, &Problem{Code: code, Severity: diag.SeverityError, Err: ErrFormat, Message: fmt.Sprintf(format, args...)})
	}
	p := &Policy{categories: map[Category]spdxexpr.Decision{}}
	var err error
	if p.lists, err = spdxexpr.NewPolicy(rules.Allow, rules.Deny); err != nil {
		bad("policy.license", "%v", err)
	}
	if p.review, err = spdxexpr.NewPolicy(rules.Review, nil); err != nil {
		bad("policy.license", "%v", err)
	}
	for _, group := range []struct {
		list []Category
		d    spdxexpr.Decision
	}{{rules.AllowCategories, spdxexpr.Allowed}, {rules.ReviewCategories, spdxexpr.Unlisted}, {rules.DenyCategories, spdxexpr.Denied}} {
		for _, c := range group.list {
			if c == InvalidCategory || c > Unknown {
				bad("policy.category", "%d is no category", uint8(c))
			}
			p.categories[c] = max(p.categories[c], group.d)
		}
	}
	for i, e := range rules.Exceptions {
		expr, err := spdxexpr.Parse(e.License, &spdxexpr.Options{UnsafeUnknown: true})
		if err != nil {
			bad("policy.exception", "exception %d, of %s: licence: %v", i+1, diag.Quote(e.Module), err)
		}
		if e.Module == "" || e.Owner == "" || e.Reason == "" || e.Expires.IsZero() {
			bad("policy.exception", "exception %d, of %s: module, owner, reason and expires must all be given", i+1, diag.Quote(e.Module))
		}
		p.exceptions = append(p.exceptions, exception{e, expr})
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// Finding is what a policy says of one module.
type Finding struct {
	Module    Module     `json:"module"`
	Decision  Decision   `json:"decision"`
	Why       string     `json:"why"`                 // one line for a person
	Exception *Exception `json:"exception,omitempty"` // that made it allowed, or that would have and has expired
}

// Decide judges every module of an inventory as of now, in its order. The
// product's own modules are allowed where no licence is known of them; a licence
// that is known is judged.
func (p *Policy) Decide(inv *Inventory, now time.Time) []Finding {
	findings := make([]Finding, 0, len(inv.Modules))
	for _, m := range inv.Modules {
		findings = append(findings, p.decide(m, now))
	}
	return findings
}

func (p *Policy) decide(m Module, now time.Time) Finding {
	f := Finding{Module: m}
	if m.FirstParty && m.License.String() == spdxexpr.NoAssertion {
		f.Decision, f.Why = Allowed, "the product's own"
		return f
	}
	switch m.License.Evaluate(p.judge) {
	case spdxexpr.Allowed:
		f.Decision = Allowed
	case spdxexpr.Denied:
		f.Decision = Denied
	default:
		f.Decision = NeedsReview
	}
	f.Why = m.License.String() + " (" + m.Category.String() + ")"
	if f.Decision == Allowed {
		return f
	}
	for i := range p.exceptions {
		e := &p.exceptions[i]
		switch {
		case !e.covers(m):
		case !now.Before(e.Expires):
			f.Exception = &e.Exception
			f.Why = m.License.String() + ": the exception expired on " + e.Expires.UTC().Format(time.DateOnly)
		default:
			f.Decision, f.Exception, f.Why = Allowed, &e.Exception, m.License.String()+": excepted by "+e.Owner+": "+e.Reason
			return f
		}
	}
	return f
}

// judge decides one licence.
func (p *Policy) judge(l spdxexpr.License) spdxexpr.Decision {
	switch {
	case p.lists.Judge(l) == spdxexpr.Denied:
		return spdxexpr.Denied
	case p.review.Judge(l) == spdxexpr.Allowed:
		return spdxexpr.Unlisted
	case p.lists.Judge(l) == spdxexpr.Allowed:
		return spdxexpr.Allowed
	}
	if d, ok := p.categories[CategoryOf(l)]; ok {
		return d
	}
	return spdxexpr.Unlisted
}

func (e *exception) covers(m Module) bool {
	if e.Version != "" && e.Version != m.Version {
		return false
	}
	if !spdxexpr.Equal(e.license.Current(), m.License.Current()) {
		return false
	}
	if prefix, ok := strings.CutSuffix(e.Module, "/..."); ok {
		return within(m.Name, prefix)
	}
	return m.Name == e.Module
}

// Worst returns the worst decision; InvalidDecision when there is no finding.
func Worst(findings []Finding) Decision {
	worst := InvalidDecision
	for _, f := range findings {
		worst = max(worst, f.Decision)
	}
	return worst
}
