// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/claim"
	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// Verdict is what a policy says of a module. The zero value is invalid.
type Verdict uint8

// The verdicts, from best to worst.
const (
	VerdictInvalid Verdict = iota
	Allowed        Verdict = iota
	NeedsReview    Verdict = iota // neither allowed nor denied: a person decides
	Denied         Verdict = iota
)

var verdictNames = enum.Names{"invalid", "allowed", "needs-review", "denied"}

// String returns "allowed", "needs-review" or "denied"; "invalid" for any other value.
func (v Verdict) String() string { return verdictNames.Name(uint8(v)) }

// MarshalText implements encoding.TextMarshaler; an invalid verdict is an error.
func (v Verdict) MarshalText() ([]byte, error) { return verdictNames.Marshal("verdict", uint8(v)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(text []byte) error {
	i, err := verdictNames.Unmarshal("verdict", text)
	*v = Verdict(i)
	return err
}

// PolicyRules is what a [Policy] is made of. A licence is named as in an SPDX
// expression, one at a time: "MIT", "GPL-2.0-only WITH Classpath-exception-2.0".
// Of a licence, Deny says more than Review, Review more than Allow, and each more
// than any category. What nothing names needs review, so the zero value allows
// nothing.
type PolicyRules struct {
	Allow, Review, Deny []string
	Categories          map[Category]Verdict
	Exceptions          []Exception
}

// Exception is a decision to accept a module's licence until a day. Everything that
// it names is compared with what the inventory states of a module; where that is
// not known, the exception does not count.
type Exception struct {
	Module  string `json:"module"`            // required: a module's name, without regard to case; "path/..." for all in it too; or a package URL
	Version string `json:"version,omitempty"` // a version, without regard to a leading "v", or a range: ">=1.2, <2.0" or a VERS; empty is any
	License string `json:"license"`           // required: the expression that was looked at; another one is not excepted
	evidence.Decision
}

// Policy judges inventories. Make one with [NewPolicy] or [ParsePolicy]. It is
// safe for concurrent use. The zero Policy finds that everything needs review.
type Policy struct {
	lists, review spdxexpr.Policy
	categories    map[Category]Verdict
	exceptions    []exception        // in the order given
	byName        pathIndex[int32]   // of exceptions that name a module or path
	byPackage     map[string][]int32 // of exceptions that name a package URL, by its key
}

type exception struct {
	Exception
	tree    bool          // Module ended in "/..."
	pkg     claim.Package // package URL, if Module is one, and version
	license string        // normal form, deprecated identifiers replaced
}

// NewPolicy checks rules and makes a policy of them. Every rule that is no
// licence of the SPDX list, no category or verdict, or an exception with
// something missing is a problem; the error holds them all, since a misspelled
// denial would deny nothing. A problem's Pointer names the rule as in the file
// that [ParsePolicy] reads: "/deny/0", "/categories/permissive",
// "/exceptions/2/expires".
func NewPolicy(rules PolicyRules) (*Policy, error) {
	c := policyChecker{p: &Policy{categories: map[Category]Verdict{}, byPackage: map[string][]int32{}}}
	c.lists(rules)
	for category, d := range rules.Categories {
		pointer := "/categories/" + category.String()
		if category == categoryInvalid || category > Unknown {
			c.bad("policy.category", pointer, "%d is no category", uint8(category))
		}
		if d == VerdictInvalid || d > Denied {
			c.bad("policy.category", pointer, "%d is no verdict", uint8(d))
		}
		c.p.categories[category] = d
	}
	for i, e := range rules.Exceptions {
		c.exception(fmt.Sprintf("/exceptions/%d", i), e)
	}
	slices.SortStableFunc(c.problems, func(a, b *evidence.Problem) int { return cmp.Compare(a.Pointer, b.Pointer) })
	if err := c.problems.Err(); err != nil {
		return nil, err
	}
	c.p.byName = newPathIndex(c.paths, c.numbers)
	return c.p, nil
}

type policyChecker struct {
	p        *Policy
	problems evidence.Problems
	paths    []string // of exceptions, with their numbers
	numbers  []int32
}

func (c *policyChecker) bad(code, pointer, format string, args ...any) {
	c.problems = append(c.problems, &evidence.Problem{Code: code, Severity: evidence.SeverityError, Pointer: pointer, Err: evidence.ErrFormat, Message: fmt.Sprintf(format, args...)})
}

func (c *policyChecker) lists(rules PolicyRules) {
	where := map[string]string{} // list by licence: "mit" is in "deny"
	check := func(name string, list []string) []string {
		var good []string
		for i, l := range list {
			if _, err := spdxexpr.NewPolicy([]string{l}, nil); err != nil {
				c.bad("policy.license", fmt.Sprintf("/%s/%d", name, i), "%s", message(err))
				continue
			}
			if other := where[strings.ToLower(l)]; other != "" && other != name {
				c.bad("policy.contradiction", fmt.Sprintf("/%s/%d", name, i), "%s is in %s, too", l, other)
				continue
			}
			where[strings.ToLower(l)] = name
			good = append(good, l)
		}
		return good
	}
	lists, err := spdxexpr.NewPolicy(check("allow", rules.Allow), check("deny", rules.Deny))
	if err != nil {
		c.bad("policy.license", "", "%s", message(err))
		return
	}
	review, err := spdxexpr.NewPolicy(check("review", rules.Review), nil)
	if err != nil {
		c.bad("policy.license", "/review", "%s", message(err))
		return
	}
	c.p.lists, c.p.review = *lists, *review
}

// message returns what a problem says, without its place.
func message(err error) string {
	if p, ok := errors.AsType[*evidence.Problem](err); ok {
		return p.Message
	}
	return err.Error()
}

func (c *policyChecker) exception(pointer string, e Exception) {
	missing := e.Missing()
	if e.Module == "" {
		missing = append(missing, "module")
	}
	if e.License == "" {
		missing = append(missing, "license")
	}
	for _, name := range missing {
		c.bad("policy.required", pointer+"/"+name, "%s is required", name)
	}
	path, tree := strings.CutSuffix(e.Module, "/...")
	url := ""
	if strings.HasPrefix(path, "pkg:") {
		path, url = "", path
	}
	pkg, err := claim.ParsePackage(url, "")
	switch {
	case e.Module == "":
	case err != nil:
		c.bad("policy.module", pointer+"/module", "%v", err)
		return
	case url != "" && tree:
		c.bad("policy.module", pointer+"/module", "%s: a package URL is that of one module, without /...", textfmt.Quote(e.Module))
	case url == "" && (path == "" || strings.Contains(path, "...")):
		c.bad("policy.module", pointer+"/module", "%s is neither a module nor one with /... at its end", textfmt.Quote(e.Module))
	}
	if e.Version != "" {
		if pkg, err = claim.ParsePackage(url, plainVersion(e.Version)); err != nil {
			c.bad("policy.version", pointer+"/version", "%v", err)
		}
	}
	if strings.TrimSpace(e.License) == "" {
		return
	}
	expr, err := spdxexpr.Parse(e.License, &spdxexpr.Options{UnsafeUnknown: true})
	if err != nil {
		c.bad("policy.license", pointer+"/license", "%s", message(err))
		return
	}
	number := int32(len(c.p.exceptions))
	if url != "" {
		c.p.byPackage[pkg.Key()] = append(c.p.byPackage[pkg.Key()], number)
	} else {
		c.paths, c.numbers = append(c.paths, path), append(c.numbers, number)
	}
	c.p.exceptions = append(c.p.exceptions, exception{e, tree, pkg, licenseKey(expr)})
}

// licenseKey is the same text for equal licences.
func licenseKey(e spdxexpr.Expression) string { return e.Current().Normal().String() }

// Finding is what a policy says of one module.
type Finding struct {
	Module    Module     `json:"module"`
	Verdict   Verdict    `json:"decision"`
	Why       string     `json:"why"`                 // one line for a person; where exceptions of the module do not count, the reason
	Exception *Exception `json:"exception,omitempty"` // that made it allowed, or that would have and has expired
}

// Judgment is what a policy says of an inventory at one time. An exception that
// did not serve is in one of Unused, Unneeded and Expired, each in the order of
// the policy.
type Judgment struct {
	Findings []Finding   `json:"findings"` // one for each module, in the order of the inventory
	Unused   []Exception `json:"unused"`   // those that no module matches
	Unneeded []Exception `json:"unneeded"` // those whose modules the policy allows without, or by an earlier exception
	Expired  []Exception `json:"expired"`  // those that a module needs and that hold no more
}

// Worst returns the worst verdict; VerdictInvalid when there is no finding.
func (j *Judgment) Worst() Verdict {
	worst := VerdictInvalid
	for _, f := range j.Findings {
		worst = max(worst, f.Verdict)
	}
	return worst
}

// OK reports whether at least one module was judged, and all are allowed.
func (j *Judgment) OK() bool { return j.Worst() == Allowed }

// Summary counts the judgment, for [Summary].Policy.
func (j *Judgment) Summary() *PolicySummary {
	s := &PolicySummary{Worst: j.Worst(), Unused: len(j.Unused), Unneeded: len(j.Unneeded), Expired: len(j.Expired)}
	for _, f := range j.Findings {
		switch {
		case f.Verdict == Allowed && f.Exception != nil:
			s.Allowed++
			s.Excepted++
		case f.Verdict == Allowed:
			s.Allowed++
		case f.Verdict == NeedsReview:
			s.NeedsReview++
		default:
			s.Denied++
		}
	}
	return s
}

// Decide judges every module of an inventory as of now. The product's own modules
// are allowed where no licence is known of them; a licence that is known is
// judged. Time is linear in the inventory and the exceptions that cover it.
//
// The error is only for a policy that cannot be applied: one with exceptions, at
// the zero time.
func (p *Policy) Decide(inv *Inventory, now time.Time) (*Judgment, error) {
	if len(p.exceptions) > 0 && now.IsZero() {
		return nil, errors.New("license: a policy with exceptions needs the time to judge them at")
	}
	j := &Judgment{Findings: make([]Finding, 0, len(inv.Modules)), Unused: []Exception{}, Unneeded: []Exception{}, Expired: []Exception{}}
	uses := make([]use, len(p.exceptions))
	for i := range inv.Modules {
		j.Findings = append(j.Findings, p.decide(&inv.Modules[i], now, uses))
	}
	for i, u := range uses {
		e := p.exceptions[i].Exception
		switch u {
		case unused:
			j.Unused = append(j.Unused, e)
		case unneeded:
			j.Unneeded = append(j.Unneeded, e)
		case expired:
			j.Expired = append(j.Expired, e)
		}
	}
	return j, nil
}

// use is what became of an exception, from least to most.
type use uint8

const (
	unused   use = iota
	unneeded use = iota
	expired  use = iota
	served   use = iota
)

func (p *Policy) decide(m *Module, now time.Time, uses []use) Finding {
	f := p.withoutExceptions(m)
	if len(p.exceptions) == 0 {
		return f
	}
	fact := m.fact()
	about := p.about(m, fact)
	if len(about) == 0 {
		return f
	}
	license := licenseKey(m.License)
	var misses []string
	for _, i := range about {
		e := &p.exceptions[i]
		r := claim.Compare("licence", e.license, license).And(e.pkg.Compare(fact))
		switch {
		case r.Answer != claim.Fits:
			misses = append(misses, fmt.Sprintf("the exception for %s does not count: %s", textfmt.Quote(e.Module), r.Against("the module")))
		case f.Verdict == Allowed:
			uses[i] = max(uses[i], unneeded)
		case e.Expired(now):
			uses[i] = max(uses[i], expired)
			f.Exception = &e.Exception
			f.Why = m.License.String() + ": the exception expired at " + e.Expires.UTC().Format(time.RFC3339)
		default:
			uses[i] = served
			f.Verdict, f.Exception, f.Why = Allowed, &e.Exception, m.License.String()+": excepted by "+e.Owner+": "+e.Reason
		}
	}
	if f.Verdict != Allowed && f.Exception == nil {
		f.Why = strings.Join(append([]string{f.Why}, misses[:min(len(misses), 2)]...), "; ")
	}
	return f
}

// fact is the module as claims are compared with it.
func (m *Module) fact() *claim.Fact {
	typ := ecosystem(m.PURL)
	return claim.NewFact(cmp.Or(m.PURL, "pkg:"+typ+"/"+lower(m.Name)), typ, m.Name, m.Version)
}

func (p *Policy) withoutExceptions(m *Module) Finding {
	f := Finding{Module: *m, Verdict: NeedsReview}
	if m.FirstParty && m.silent() {
		f.Verdict, f.Why = Allowed, "the product's own"
		return f
	}
	switch m.License.Evaluate(p.judge) {
	case spdxexpr.Allowed:
		f.Verdict = Allowed
	case spdxexpr.Denied:
		f.Verdict = Denied
	}
	f.Why = m.License.String() + " (" + m.Category.String() + ")"
	return f
}

// about returns the exceptions that name a module, in order.
func (p *Policy) about(m *Module, fact *claim.Fact) []int32 {
	list := slices.Clone(p.byPackage[fact.Key()])
	for group := range p.byName.prefixes(m.Name) {
		for _, i := range group.values {
			if p.exceptions[i].tree || len(group.path) == len(m.Name) {
				list = append(list, i)
			}
		}
	}
	slices.Sort(list)
	return list
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
	switch p.categories[categoryOf(l)] {
	case Allowed:
		return spdxexpr.Allowed
	case Denied:
		return spdxexpr.Denied
	}
	return spdxexpr.Unlisted
}
