// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Gate says which findings are not acceptable, and whose word makes one so. The
// zero Gate accepts none.
type Gate struct {
	// FailOn is the least severity that fails. SeverityInvalid, the zero value, and
	// SeverityUnknown fail on every finding.
	FailOn Severity

	// UnsafePassUnknown accepts findings that nobody graded. Without it they fail
	// whatever FailOn is: "unknown" is not "low".
	UnsafePassUnknown bool

	// UnsafeOnlyReached accepts vulnerabilities that are known to be less close
	// than this. Those whose reachability is not known fail. The zero value,
	// ReachUnknown, asks nothing.
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
	VerdictFail               // not acceptable
	VerdictPass               // the gate does not ask about it
	VerdictSuppressed         // acceptable only by somebody's word
)

var verdictNames = names{"invalid", "fail", "pass", "suppressed"}

// String returns "fail", "pass" or "suppressed".
func (v Verdict) String() string { return verdictNames.name(uint8(v)) }

// MarshalText implements encoding.TextMarshaler; VerdictInvalid is an error.
func (v Verdict) MarshalText() ([]byte, error) { return verdictNames.marshal("verdict", uint8(v)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(text []byte) error {
	i, err := verdictNames.unmarshal("verdict", text)
	*v = Verdict(i)
	return err
}

// Outcome is what a gate says of one finding, and why.
type Outcome struct {
	Finding *Finding
	Verdict Verdict
	Reason  string // for a person

	Exception *Exception // that suppresses it, or that expired
	Statement *Statement // of a VEX document that suppresses it
}

// MarshalJSON implements json.Marshaler: the members of the finding, "verdict" and
// "reason" if there is a verdict, and by whose word: "exception" or "vex".
func (o Outcome) MarshalJSON() ([]byte, error) {
	v := struct {
		*plainFinding
		Sources   []Origin `json:"sources"`
		Verdict   Verdict  `json:"verdict,omitzero"`
		Reason    string   `json:"reason,omitempty"`
		Exception string   `json:"exception,omitempty"`
		VEX       string   `json:"vex,omitempty"`
	}{plainFinding: (*plainFinding)(o.Finding), Sources: o.Finding.Provenance(), Verdict: o.Verdict, Reason: o.Reason}
	if o.Exception != nil {
		v.Exception = o.Exception.String()
	}
	if o.Statement != nil {
		v.VEX = o.Statement.File + ":" + strconv.Itoa(o.Statement.Line)
	}
	return json.Marshal(v)
}

// Decision is what a gate says of all findings.
type Decision struct {
	Outcomes []Outcome // one per finding, in their order

	Expired []*Exception // that are over, whether or not they matched
	Unused  []*Exception // that matched no finding
	Ignored []*Statement // VEX statements that matched no finding
}

// Evaluate judges findings, best those of [Merge]. A finding that a word
// suppresses stays in the outcomes with the reason. An exception that is over
// suppresses nothing, and the reason of the failure says so.
//
// The error is only for a gate that can not be applied: exceptions without Now.
func (g *Gate) Evaluate(findings []*Finding) (*Decision, error) {
	if len(g.Exceptions) > 0 && g.Now.IsZero() {
		return nil, errors.New("sarif: a gate with exceptions needs the time to judge them at")
	}
	w := newWords(g)
	d := &Decision{Outcomes: make([]Outcome, 0, len(findings))}
	for _, f := range findings {
		d.Outcomes = append(d.Outcomes, g.judge(w, f))
	}
	for _, e := range g.Exceptions {
		if e.Expired(g.Now) {
			d.Expired = append(d.Expired, e)
		}
		if !w.usedExceptions[e] {
			d.Unused = append(d.Unused, e)
		}
	}
	for _, v := range g.VEX {
		for _, s := range v.Statements {
			if !w.usedStatements[s] {
				d.Ignored = append(d.Ignored, s)
			}
		}
	}
	return d, nil
}

// OK reports whether the gate is open: no finding fails.
func (d *Decision) OK() bool {
	return !slices.ContainsFunc(d.Outcomes, func(o Outcome) bool { return o.Verdict != VerdictPass && o.Verdict != VerdictSuppressed })
}

// Failed returns the outcomes that close the gate.
func (d *Decision) Failed() []Outcome {
	return slices.DeleteFunc(slices.Clone(d.Outcomes), func(o Outcome) bool { return o.Verdict != VerdictFail })
}

// words finds exceptions and statements by the identifiers that they name, and
// remembers which were used.
type words struct {
	exceptions     map[string][]*Exception
	statements     map[string][]*Statement
	usedExceptions map[*Exception]bool
	usedStatements map[*Statement]bool
}

func newWords(g *Gate) *words {
	w := &words{map[string][]*Exception{}, map[string][]*Statement{}, map[*Exception]bool{}, map[*Statement]bool{}}
	for _, e := range g.Exceptions {
		id := strings.ToUpper(e.Vulnerability)
		w.exceptions[id] = append(w.exceptions[id], e)
	}
	for _, v := range g.VEX {
		for _, s := range v.Statements {
			for _, id := range append([]string{s.Vulnerability}, s.Aliases...) {
				id = strings.ToUpper(id)
				w.statements[id] = append(w.statements[id], s)
			}
		}
	}
	return w
}

func identifiers(f *Finding) []string {
	list := append([]string{f.ID, f.RuleID}, f.Aliases...)
	for i := range list {
		list[i] = strings.ToUpper(list[i])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// exceptionsFor returns the exceptions about a finding, in the order of the file.
func (w *words) exceptionsFor(f *Finding) []*Exception {
	var list []*Exception
	for _, id := range identifiers(f) {
		for _, e := range w.exceptions[id] {
			if e.Matches(f) && !slices.Contains(list, e) {
				w.usedExceptions[e] = true
				list = append(list, e)
			}
		}
	}
	return list
}

// statementFor returns the statement about a finding that was made last; of
// several made at once, the last in its document.
func (w *words) statementFor(f *Finding, anyProduct bool) *Statement {
	var last *Statement
	for _, id := range identifiers(f) {
		for _, s := range w.statements[id] {
			if !s.matches(f, anyProduct) {
				continue
			}
			w.usedStatements[s] = true
			if last == nil || s.Time.After(last.Time) || s.Time.Equal(last.Time) && later(s, last) {
				last = s
			}
		}
	}
	return last
}

// later orders statements of one time. Between documents the graver word counts.
func later(s, t *Statement) bool {
	if s.File != t.File || s.Line == t.Line {
		return graveness(s.Status) > graveness(t.Status)
	}
	return s.Line > t.Line
}

func graveness(s VEXStatus) int {
	switch s {
	case VEXAffected:
		return 2
	case VEXUnderInvestigation:
		return 1
	}
	return 0
}

// judge decides about one finding.
func (g *Gate) judge(w *words, f *Finding) Outcome {
	exceptions := w.exceptionsFor(f)
	statement := w.statementFor(f, g.UnsafeAnyProduct)
	o := Outcome{Finding: f}
	if reason := g.accepts(f); reason != "" {
		o.Verdict, o.Reason = VerdictPass, reason
		return o
	}
	var expired *Exception
	for _, e := range exceptions {
		if e.Expired(g.Now) {
			expired = e
			continue
		}
		o.Verdict, o.Exception = VerdictSuppressed, e
		o.Reason = fmt.Sprintf("exception by %s until %s: %s", e.Owner, e.Expires.UTC().Format(time.RFC3339), e.Reason)
		return o
	}
	if statement != nil && (statement.Status == VEXNotAffected || statement.Status == VEXFixed) {
		o.Verdict, o.Statement = VerdictSuppressed, statement
		o.Reason = fmt.Sprintf("VEX %s: %s", statement.File, statement.Status)
		if why := cmp.Or(statement.Justification, statement.Impact); why != "" {
			o.Reason += ", " + why
		}
		return o
	}
	if f.Suppressed {
		if why, ok := g.trusted(f); ok {
			o.Verdict, o.Reason = VerdictSuppressed, why
			return o
		}
	}
	o.Verdict, o.Reason = VerdictFail, g.refusal(f)
	if expired != nil {
		o.Exception = expired
		o.Reason += fmt.Sprintf("; the exception by %s expired at %s", expired.Owner, expired.Expires.UTC().Format(time.RFC3339))
	}
	if f.Suppressed {
		o.Reason += "; the report suppresses it, on its own word"
	}
	return o
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

// trusted reports whether every report that tells of the finding is a source whose
// suppressions count, and in whose words.
func (g *Gate) trusted(f *Finding) (reason string, ok bool) {
	members := f.Members
	if members == nil {
		members = []*Finding{f}
	}
	for _, m := range members {
		if !slices.Contains(g.TrustSuppressions, m.Source.File) && !slices.Contains(g.TrustSuppressions, m.Source.Tool) {
			return "", false
		}
		for _, s := range m.Suppressions {
			if reason == "" {
				reason = "suppressed by " + cmp.Or(m.Source.File, m.Source.Tool) + " (" + s.Kind + ")"
				if s.Justification != "" {
					reason += ": " + s.Justification
				}
			}
		}
	}
	return reason, reason != ""
}
