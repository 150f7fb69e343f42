// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence/internal/enum"
)

// Gate says which findings are not acceptable, and who may waive a finding. The
// zero Gate accepts none.
type Gate struct {
	// FailOn is the least severity that fails. SeverityInvalid, the zero value, and
	// SeverityUnknown fail on every finding.
	FailOn Severity

	// UnsafePassUnknown accepts findings without a severity. If it is false they fail
	// whatever FailOn is: "unknown" is not "low".
	UnsafePassUnknown bool

	// UnsafeOnlyReached accepts vulnerabilities that are known to be less close
	// than this. Those whose reachability is not known fail. The zero value,
	// ReachUnknown, leaves reachability out.
	UnsafeOnlyReached Reachability

	// UnsafeOnlyFixable accepts vulnerabilities without a fixed version.
	UnsafeOnlyFixable bool

	// UnsafeOnlyClasses accepts findings of other classes; empty judges all.
	UnsafeOnlyClasses []Class

	// Exceptions are the caller's own decisions, each until its day.
	Exceptions []*Exception

	// VEX are documents whose supplier the caller trusts.
	VEX []*VEX

	// UnsafeAnyProduct honours VEX statements whatever product they name.
	// govulncheck writes "Unknown Product".
	UnsafeAnyProduct bool

	// TrustSuppressions names the sources whose suppressions count: file names of
	// reports (ReadOptions.Name), or names of tools. Suppressions of other sources
	// are the vendor's word about itself, and only shown.
	TrustSuppressions []string

	// Now is the time at which exceptions are judged. It is required where there
	// are any; nothing here reads a clock.
	Now time.Time
}

// Verdict is what a gate says of one finding.
type Verdict uint8

// The verdicts. Only VerdictFail closes the gate.
const (
	VerdictInvalid    Verdict = iota
	VerdictFail       Verdict = iota // not acceptable
	VerdictPass       Verdict = iota // the gate does not ask about it
	VerdictSuppressed Verdict = iota // acceptable only by somebody's word
)

var verdictNames = enum.Names{"invalid", "fail", "pass", "suppressed"}

// String returns "fail", "pass" or "suppressed".
func (v Verdict) String() string { return verdictNames.Name(uint8(v)) }

// MarshalText implements encoding.TextMarshaler; the zero value is an error.
func (v Verdict) MarshalText() ([]byte, error) { return verdictNames.Marshal("verdict", uint8(v)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(text []byte) error {
	i, err := verdictNames.Unmarshal("verdict", text)
	*v = Verdict(i)
	return err
}

// Evaluate judges findings, best those of [Merge]. A finding that a word
// suppresses stays in the outcomes with the reason. An exception that is over
// suppresses nothing, and the reason of the failure says so.
//
// The error is only for a gate that cannot be applied: exceptions without Now.
func (g *Gate) Evaluate(findings []*Finding) (*Judgment, error) {
	if len(g.Exceptions) > 0 && g.Now.IsZero() {
		return nil, errors.New("sarif: a gate with exceptions needs the time to judge them at")
	}
	c, err := newClaims(g)
	if err != nil {
		return nil, err
	}
	j := &Judgment{Outcomes: make(Outcomes, 0, len(findings)), Exceptions: g.Exceptions, VEX: g.VEX}
	for _, f := range findings {
		j.Outcomes = append(j.Outcomes, g.judge(c, f))
	}
	for _, e := range g.Exceptions {
		if e.Expired(g.Now) {
			j.Expired = append(j.Expired, e)
		}
		if !c.usedExceptions[e] {
			j.Unused = append(j.Unused, e)
		}
	}
	for _, v := range g.VEX {
		for _, s := range v.Statements {
			if !c.usedStatements[s] {
				j.Unmatched = append(j.Unmatched, s)
			}
		}
	}
	return j, nil
}

func identifiers(f *Finding) []string {
	list := append([]string{f.ID, f.RuleID}, f.Aliases...)
	for i := range list {
		list[i] = strings.ToUpper(list[i])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// judge decides about one finding: it is left out only if each of its units is.
func (g *Gate) judge(c *claims, found *Finding) Outcome {
	f, units := judged{found, identifiers(found)}, unitsOf(found)
	o := Outcome{Finding: found}
	waivers := make([]*scope, len(units))
	var expired *scope
	for i := range units {
		var over *scope
		waivers[i], over = c.waiver(f, &units[i], g.Now)
		if waivers[i] == nil && over != nil && expired == nil {
			expired = over
		}
	}
	if reason := g.accepts(found); reason != "" {
		o.Verdict, o.Reason = VerdictPass, reason
		return o
	}
	var reasons []string
	left := -1
	for i := range units {
		reason, ok := g.reason(units, waivers, i)
		if !ok {
			left = i
			break
		}
		if !slices.Contains(reasons, reason) && len(reasons) < mostReasons {
			reasons = append(reasons, reason)
		}
	}
	if left < 0 {
		o.Verdict, o.Reason = VerdictSuppressed, strings.Join(reasons, "; ")
		for _, w := range waivers {
			if w != nil {
				o.Exception, o.Statement = cmp.Or(o.Exception, w.exception), cmp.Or(o.Statement, w.statement)
			}
		}
		return o
	}
	o.Verdict, o.Reason = VerdictFail, g.refusal(found)
	if expired != nil {
		e := expired.exception
		o.Exception = e
		o.Reason += fmt.Sprintf("; the exception by %s expired at %s", e.Owner, e.Expires.UTC().Format(time.RFC3339))
	}
	if len(reasons) > 0 {
		o.Reason += "; not all of it is excepted: " + units[left].String() + " is left"
	}
	for _, miss := range c.misses(f, &units[left]) {
		o.Reason += "; " + miss
	}
	if found.Suppressed {
		o.Reason += "; the report suppresses it, and is not a source whose suppressions count"
	}
	return o
}

// mostReasons bounds the reasons that one outcome gives.
const mostReasons = 3

// reason says why a unit is left out; ok is false if it is not.
func (g *Gate) reason(units []unit, waivers []*scope, i int) (reason string, ok bool) {
	u, w := &units[i], waivers[i]
	if w == nil && len(u.like) > 0 && !slices.ContainsFunc(u.like, func(j int) bool { return waivers[j] == nil }) {
		w = waivers[u.like[0]]
	}
	switch {
	case w == nil:
		return g.trusted(u.member)
	case w.exception != nil:
		e := w.exception
		return fmt.Sprintf("exception by %s until %s: %s", e.Owner, e.Expires.UTC().Format(time.RFC3339), e.Reason), true
	}
	reason = fmt.Sprintf("VEX %s: %s", w.statement.File, w.statement.Status)
	if why := cmp.Or(w.statement.Justification, w.statement.Impact); why != "" {
		reason += ", " + why
	}
	return reason, true
}

// accepts says why the gate does not ask about a finding, "" if it does.
func (g *Gate) accepts(f *Finding) string {
	switch {
	case len(g.UnsafeOnlyClasses) > 0 && !slices.Contains(g.UnsafeOnlyClasses, f.Class):
		return "the gate does not judge findings of class " + f.Class.String()
	case f.Kind == KindInformational:
		return "informational"
	case f.Severity <= SeverityUnknown:
		if g.UnsafePassUnknown && g.FailOn > SeverityUnknown {
			return "of unknown severity"
		}
	case f.Severity < g.FailOn:
		return fmt.Sprintf("severity %s is below %s", f.Severity, g.FailOn)
	}
	if f.Class == ClassVulnerability {
		if f.Reachability != ReachUnknown && f.Reachability < g.UnsafeOnlyReached {
			return fmt.Sprintf("reachability %s is below %s", f.Reachability, g.UnsafeOnlyReached)
		}
		if g.UnsafeOnlyFixable && !fixable(f) {
			return "no fixed version is known"
		}
	}
	return ""
}

// refusal says why a finding is not acceptable.
func (g *Gate) refusal(f *Finding) string {
	switch {
	case f.Kind == KindOpen || f.Kind == KindReview:
		return fmt.Sprintf("severity %s, and the tool leaves it to a person (%s)", f.Severity, f.Kind)
	case f.Severity <= SeverityUnknown && g.FailOn > SeverityUnknown:
		return "severity unknown, which is not below " + g.FailOn.String()
	}
	return "severity " + f.Severity.String()
}

// trusted reports whether a result is suppressed by a source whose suppressions
// count, and in whose words.
func (g *Gate) trusted(m *Finding) (reason string, ok bool) {
	if !m.Suppressed || !slices.Contains(g.TrustSuppressions, m.Source.File) && !slices.Contains(g.TrustSuppressions, m.Source.Tool) {
		return "", false
	}
	if len(m.Suppressions) == 0 {
		return "", false
	}
	s := &m.Suppressions[0]
	reason = "suppressed by " + cmp.Or(m.Source.File, m.Source.Tool) + " (" + s.Kind + ")"
	if s.Justification != "" {
		reason += ": " + s.Justification
	}
	return reason, true
}
