// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/glob"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack/license"
)

// ParseGate reads a policy file:
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
// sarif.ReadExceptions, licenses is the policy that license.ReadPolicy reads.
// Members that are not known, given twice or malformed are refused. The error is a *Problem or
// Problems with pointer, line and column; of class ErrLimit for a file above 4 MiB.
func ParseGate(data []byte) (*Gate, error) {
	if err := policyfile.Check(data, "", evidence.Limits{}); err != nil {
		return nil, err
	}
	r := gateReader{data: data, d: jsonstrict.NewBytes(data, jsonstrict.Options{}), out: &Gate{}}
	for r.d.Object(); r.d.Next(); {
		switch string(r.d.Key()) {
		case "findings":
			r.findings()
		case "licenses":
			r.licenses()
		case "tests":
			r.out.Tests = r.d.Bool()
		case "accessibility":
			r.out.Accessibility = r.d.Bool()
		default:
			r.refuse("member is not known, want findings, licenses, tests or accessibility")
		}
	}
	if err := r.d.End(); err != nil {
		return nil, err
	}
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	if g := r.out; g.Findings == nil && g.Licenses == nil && !g.Tests && !g.Accessibility {
		return nil, &evidence.Problem{Code: "policy.empty", Severity: evidence.SeverityError, Line: 1, Column: 1, Err: evidence.ErrFormat, Message: "the policy asks for nothing"}
	}
	return r.out, nil
}

type gateReader struct {
	data     []byte
	d        *jsonstrict.Decoder
	out      *Gate
	problems evidence.Problems
}

func (r *gateReader) refuse(format string, args ...any) {
	if r.d.Err() == nil {
		r.problems = append(r.problems, r.d.Problem("policy.syntax", evidence.SeverityError, evidence.ErrFormat, format, args...))
	}
}

func (r *gateReader) findings() {
	g := &sarif.Gate{}
	r.out.Findings = g
	told := false
	for r.d.Object(); r.d.Next(); {
		switch string(r.d.Key()) {
		case "failOn":
			told = true
			word := r.d.String()
			if g.FailOn = sarif.ParseSeverity(word); g.FailOn == sarif.SeverityInvalid {
				r.refuse("%s is no severity", textfmt.Quote(word))
			}
		case "exceptions":
			r.exceptions(g)
		case "trustVEX":
			r.out.TrustVEX = r.words(func(text string) error { _, err := glob.Compile(text); return err })
		case "trustSuppressions":
			g.TrustSuppressions = r.words(func(string) error { return nil })
		case "unsafePassUnknown":
			g.UnsafePassUnknown = r.d.Bool()
		case "unsafeOnlyFixable":
			g.UnsafeOnlyFixable = r.d.Bool()
		default:
			r.refuse("member is not known, want failOn, exceptions, trustVEX, trustSuppressions, unsafePassUnknown or unsafeOnlyFixable")
		}
	}
	if !told {
		r.refuse("findings without failOn")
	}
}

func (r *gateReader) words(check func(string) error) (list []string) {
	for r.d.Array(); r.d.Next(); {
		word := r.d.String()
		err := check(word)
		switch {
		case word == "":
			r.refuse("is empty")
		case err != nil:
			r.refuse("%s: %v", textfmt.Quote(word), err)
		}
		list = append(list, word)
	}
	return list
}

// part reads the next value and returns a document of its own in which it stands
// at the same line and column: prefix, blanks for what was before, the value, suffix.
func (r *gateReader) part(prefix, suffix string) []byte {
	start := r.d.Pos().Offset
	raw := r.d.Raw()
	before := bytes.Clone(r.data[:start])
	for i, c := range before {
		if c != '\n' {
			before[i] = ' '
		}
	}
	before = bytes.TrimSuffix(before, bytes.Repeat([]byte(" "), len(prefix)))
	return fmt.Appendf(nil, "%s%s%s%s", before, prefix, raw, suffix)
}

// take adds the problems that another reader found in a part of the file.
func (r *gateReader) take(err error) {
	if err == nil {
		return
	}
	if list, ok := errors.AsType[evidence.Problems](err); ok {
		r.problems = append(r.problems, list...)
		return
	}
	if p, ok := errors.AsType[*evidence.Problem](err); ok {
		r.problems = append(r.problems, p)
		return
	}
	r.refuse("%v", err)
}

func (r *gateReader) exceptions(g *sarif.Gate) {
	data := r.part(`{"exceptions":`, "}")
	if r.d.Err() != nil {
		return
	}
	var err error
	g.Exceptions, err = sarif.ReadExceptions(bytes.NewReader(data), &sarif.ReadOptions{Name: "policy"})
	r.take(err)
}

func (r *gateReader) licenses() {
	data := r.part("", "")
	if r.d.Err() != nil {
		return
	}
	var err error
	r.out.Licenses, err = license.ReadPolicy(bytes.NewReader(data), nil)
	r.take(err)
}
