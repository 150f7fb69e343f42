// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// InspectOptions says how strictly a report is judged. The zero value is the
// strictest.
type InspectOptions struct {
	Name   string // of the file, for the checks' subject and problems
	Limits evidence.Limits
	Health HealthOptions

	// UnsafeWarnInvalid makes the problems of sarif.schema and sarif.semantics one
	// grade milder: errors become warnings, and warnings information. Real producers
	// need it: what govulncheck -mode binary writes is never schema-valid.
	UnsafeWarnInvalid bool
}

// Report is what Inspect found out about one file.
type Report struct {
	Log    *Log            // nil if the file cannot be read
	Checks evidence.Checks // sarif.readable, sarif.schema, sarif.semantics, scan.health; one of each, in this order
}

// OK reports whether at least one check was made, and none failed or could not be made.
func (r *Report) OK() bool { return r.Checks.OK() }

// Inspect reads one report in whichever format it has and makes all four checks:
//
//	sarif.readable   the file is a report in a format that is read
//	sarif.schema     a SARIF report obeys the JSON Schema of SARIF 2.1.0
//	sarif.semantics  a SARIF report obeys the rules that the schema cannot say
//	scan.health      the report is evidence of a scan, see [Log.Health]
//
// Formats other than SARIF have no schema and no such rules; these checks are
// skipped. If the file cannot be read, the first check fails and the others say
// that they were not made.
//
// The problems of a failed or doubtful check name the known bugs of producers that
// explain them. Suggestions for better SARIF are only counted; [ValidateSemantics]
// gives them.
func Inspect(data []byte, o *InspectOptions) *Report {
	if o == nil {
		o = &InspectOptions{}
	}
	x := &inspection{o: o, data: data}
	x.readable()
	if x.r.Log == nil {
		for _, id := range []string{"sarif.schema", "sarif.semantics", "scan.health"} {
			x.skip(id, "the file cannot be read")
		}
		return &x.r
	}
	if x.r.Log.Format == FormatSARIF {
		x.schema()
		x.semantics()
	} else {
		x.skip("sarif.schema", x.r.Log.Format.String()+" has no schema")
		x.skip("sarif.semantics", "the rules are those of SARIF")
	}
	x.r.Checks = append(x.r.Checks, x.r.Log.Health(&o.Health))
	return &x.r
}

type inspection struct {
	o    *InspectOptions
	data []byte
	r    Report
}

// judge adds the check that problems amount to.
func (x *inspection) judge(id string, problems evidence.Problems, ok string) {
	for i, p := range problems {
		if p.Path == "" {
			problems[i] = p.At(x.o.Name)
		}
	}
	x.r.Checks = append(x.r.Checks, evidence.Judge(id, x.o.Name, problems, ok))
}

func (x *inspection) skip(id, message string) {
	x.r.Checks = append(x.r.Checks, evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: x.o.Name, Message: message})
}

// fail adds a check that could not be made.
func (x *inspection) fail(id string, err error) {
	x.r.Checks = append(x.r.Checks, evidence.Check{ID: id, Status: evidence.StatusError, Subject: x.o.Name, Message: err.Error()})
}

func (x *inspection) readable() {
	log, err := Read(bytes.NewReader(x.data), &ReadOptions{Name: x.o.Name, Limits: x.o.Limits})
	if err != nil {
		p, ok := errors.AsType[*evidence.Problem](err)
		if !ok {
			p = &evidence.Problem{Code: "sarif.readable", Severity: evidence.SeverityError, Message: err.Error(), Err: err}
		}
		x.judge("sarif.readable", evidence.Problems{p}, "")
		return
	}
	x.r.Log = log
	x.judge("sarif.readable", nil, fmt.Sprintf("%s %s, %s in %s", log.Format, log.Version, textfmt.Count(len(log.Findings()), "finding"), textfmt.Count(len(log.Runs), "run")))
}

// knownSchemaBugs are the bugs of producers that make a report schema-invalid.
var knownSchemaBugs = map[string]bool{"govulncheck-empty-region": true, "govulncheck-duplicate-tags": true, "govulncheck-duplicate-stacks": true}

func (x *inspection) schema() {
	problems, err := ValidateSchema(x.data, x.o.Limits)
	if err != nil {
		x.fail("sarif.schema", err)
		return
	}
	if len(problems) > 0 { // the bugs that explain them
		for _, p := range x.r.Log.Problems {
			if knownSchemaBugs[p.Code] {
				problems = append(problems, p)
			}
		}
	}
	x.judge("sarif.schema", x.weigh(problems), "obeys the JSON Schema of SARIF 2.1.0")
}

func (x *inspection) semantics() {
	problems, err := ValidateSemantics(x.data, x.o.Limits)
	if err != nil {
		x.fail("sarif.semantics", err)
		return
	}
	for _, p := range x.r.Log.Problems {
		if !knownSchemaBugs[p.Code] {
			problems = append(problems, p)
		}
	}
	n := len(problems)
	problems = slices.DeleteFunc(problems, func(p *evidence.Problem) bool { return p.Severity == evidence.SeverityInfo })
	ok := fmt.Sprintf("no breach of the specification, %s, %s", textfmt.Count(len(problems), "warning"), textfmt.Count(n-len(problems), "suggestion"))
	x.judge("sarif.semantics", x.weigh(problems), ok)
}

// weigh returns the problems as the options want them: with UnsafeWarnInvalid one
// grade milder.
func (x *inspection) weigh(problems evidence.Problems) evidence.Problems {
	if !x.o.UnsafeWarnInvalid {
		return problems
	}
	milder := make(evidence.Problems, len(problems))
	for i, p := range problems {
		q := *p
		switch q.Severity {
		case evidence.SeverityWarning:
			q.Severity = evidence.SeverityInfo
		case evidence.SeverityInvalid, evidence.SeverityError:
			q.Severity = evidence.SeverityWarning
		}
		milder[i] = &q
	}
	return milder
}
