// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Outcome is what a gate says of one finding, and why.
type Outcome struct {
	Finding *Finding
	Verdict Verdict
	Reason  string // for a person

	Exception *Exception // that lets it pass, the first of several; or that expired
	Statement *Statement // of a VEX document that lets it pass, the first of several
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

// failed reports whether the finding closes the gate.
func (o *Outcome) failed() bool {
	return o.Verdict != VerdictPass && o.Verdict != VerdictSuppressed
}

// String names the finding and says why it is judged as it is.
func (o *Outcome) String() string {
	f := o.Finding
	text := f.ID + " (" + f.Severity.String() + ")"
	if p := f.Package; p != nil {
		text += " in " + strings.TrimSpace(p.Name+" "+strings.Join(p.Versions, ", "))
	}
	if o.Reason != "" {
		text += ": " + o.Reason
	}
	return text
}

// Outcomes are the outcomes of several findings.
type Outcomes []Outcome

// ok reports whether no finding fails.
func (list Outcomes) ok() bool { return len(list.failed()) == 0 }

// failed returns the outcomes that close the gate.
func (list Outcomes) failed() Outcomes {
	return slices.DeleteFunc(slices.Clone(list), func(o Outcome) bool { return !o.failed() })
}

// mostProblems bounds the problems of one check; its message counts all.
const mostProblems = 20

// Check makes the check "policy.findings" about a subject: a report, an image.
func (list Outcomes) Check(subject string) evidence.Check {
	const id = "policy.findings"
	excepted := 0
	for i := range list {
		if list[i].Verdict == VerdictSuppressed {
			excepted++
		}
	}
	failed := list.failed()
	if len(failed) == 0 {
		return evidence.Judge(id, subject, nil, fmt.Sprintf("%s, none unacceptable; %d by an exception, VEX statement or suppression", textfmt.Count(len(list), "finding"), excepted))
	}
	var problems evidence.Problems
	for i := range failed[:min(len(failed), mostProblems)] {
		problems = append(problems, &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: subject, Message: failed[i].String(), Err: evidence.ErrPolicy})
	}
	c := evidence.Judge(id, subject, problems, "")
	verb := "are"
	if len(list) == 1 {
		verb = "is"
	}
	c.Message = fmt.Sprintf("%s of %s %s not acceptable: %s", textfmt.Number(len(failed)), textfmt.Count(len(list), "finding"), verb, &failed[0])
	return c
}

// Judgment is what a gate says of all findings.
type Judgment struct {
	Outcomes Outcomes // one per finding, in their order

	Exceptions []*Exception // of the gate
	VEX        []*VEX       // likewise
	Expired    []*Exception // those that hold no more, whether or not they matched
	Unused     []*Exception // those that are about no part of any finding
	Unmatched  []*Statement // VEX statements that are about no part of any finding
}

// OK reports whether the gate is open: no finding fails.
func (j *Judgment) OK() bool { return j.Outcomes.ok() }

// Checks makes the checks of what the gate was given to let findings pass:
//
//	policy.exceptions  each exception is used and holds; warns otherwise
//	policy.vex         per VEX document: every statement can be honoured; warns
//	                   otherwise. It counts the statements that match no finding.
func (j *Judgment) Checks() (checks evidence.Checks) {
	var problems evidence.Problems
	add := func(e *Exception, code, text string) {
		problems = append(problems, &evidence.Problem{Code: code, Severity: evidence.SeverityWarning, Path: e.File, Line: e.Line,
			Message: fmt.Sprintf("the exception for %s by %s %s", textfmt.Quote(e.Vulnerability), e.Owner, text), Err: evidence.ErrPolicy})
	}
	for _, e := range j.Expired {
		add(e, "exception.expired", "expired at "+e.Expires.UTC().Format(time.RFC3339))
	}
	for _, e := range j.Unused {
		add(e, "exception.unused", "matches no finding")
	}
	if len(j.Exceptions) > 0 {
		checks = append(checks, evidence.Judge("policy.exceptions", "", problems, textfmt.Count(len(j.Exceptions), "exception")+", each used"))
	}
	unmatched := map[*Statement]bool{}
	for _, s := range j.Unmatched {
		unmatched[s] = true
	}
	for _, v := range j.VEX {
		n := 0
		for _, s := range v.Statements {
			if unmatched[s] {
				n++
			}
		}
		checks = append(checks, v.check(n))
	}
	return checks
}

// check makes the check "policy.vex" of a document of which some statements match no
// finding.
func (v *VEX) check(unmatched int) evidence.Check {
	text := fmt.Sprintf("%s, of which %s match no finding", textfmt.Count(len(v.Statements), "statement"), textfmt.Number(unmatched))
	c := evidence.Judge("policy.vex", v.Name, v.Problems, text)
	if c.Status != evidence.StatusPass {
		c.Message += "; " + text
	}
	c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	return c
}
