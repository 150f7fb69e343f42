// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/HailBytes/evidence"
)

// InspectOptions says how strictly a report is judged. The zero value is the
// strictest.
type InspectOptions struct {
	Name   string // of the file, for the checks' subject and problems
	Limits evidence.Limits
	Health HealthOptions

	// UnsafeWarnInvalid makes a report that is not schema-valid, or that breaks a
	// rule of the specification, a warning instead of a failure. Real producers need
	// it: govulncheck -mode binary is never schema-valid.
	UnsafeWarnInvalid bool
}

// Report is what Inspect found out about one file.
type Report struct {
	Log    *Log            // nil if the file can not be read
	Checks evidence.Checks // sarif.readable, sarif.schema, sarif.semantics, scan.health; one of each, in this order
}

// OK reports whether at least one check was made, and none failed or could not be made.
func (r *Report) OK() bool { return r.Checks.OK() }

// Inspect reads one report in whichever format it has and makes all four checks:
//
//	sarif.readable   the file is a report in a format that is read
//	sarif.schema     a SARIF report obeys the JSON Schema of SARIF 2.1.0
//	sarif.semantics  a SARIF report obeys the rules that the schema can not say
//	scan.health      the report is evidence of a scan, see [Log.Health]
//
// Formats other than SARIF have no schema and no such rules; these checks are
// skipped. If the file can not be read, the first check fails and the others say
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
			x.add(id, evidence.StatusSkip, "the file can not be read", nil)
		}
		return &x.r
	}
	if x.r.Log.Format == FormatSARIF {
		x.schema()
		x.semantics()
	} else {
		x.add("sarif.schema", evidence.StatusSkip, x.r.Log.Format.String()+" has no schema", nil)
		x.add("sarif.semantics", evidence.StatusSkip, "the rules are SARIF's", x.r.Log.Problems)
	}
	health := x.r.Log.Health(&o.Health)
	health.Subject = o.Name
	x.r.Checks = append(x.r.Checks, health)
	return &x.r
}

type inspection struct {
	o    *InspectOptions
	data []byte
	r    Report
}

func (x *inspection) add(id string, s evidence.Status, message string, problems evidence.Problems) {
	for _, p := range problems {
		if p.Path == "" {
			p.Path = x.o.Name
		}
	}
	x.r.Checks = append(x.r.Checks, evidence.Check{ID: id, Status: s, Subject: x.o.Name, Message: message, Problems: problems})
}

func (x *inspection) readable() {
	log, err := Read(bytes.NewReader(x.data), &ReadOptions{Name: x.o.Name, Limits: x.o.Limits})
	if err != nil {
		var problems evidence.Problems
		if p, ok := errors.AsType[*evidence.Problem](err); ok {
			problems = evidence.Problems{p}
		}
		x.add("sarif.readable", evidence.StatusFail, err.Error(), problems)
		return
	}
	x.r.Log = log
	n := len(log.Findings())
	x.add("sarif.readable", evidence.StatusPass, fmt.Sprintf("%s %s, %s in %s", log.Format, log.Version, count(n, "finding"), count(len(log.Runs), "run")), nil)
}

// invalid is the status of a report that breaks a rule.
func (x *inspection) invalid() evidence.Status {
	if x.o.UnsafeWarnInvalid {
		return evidence.StatusWarn
	}
	return evidence.StatusFail
}

func (x *inspection) schema() {
	problems, err := ValidateSchema(x.data, x.o.Limits)
	if err != nil {
		x.add("sarif.schema", evidence.StatusError, err.Error(), problems)
		return
	}
	if len(problems) == 0 {
		x.add("sarif.schema", evidence.StatusPass, "obeys the JSON Schema of SARIF 2.1.0", nil)
		return
	}
	message := fmt.Sprintf("%d differences from the JSON Schema of SARIF 2.1.0", len(problems))
	for _, p := range x.r.Log.Problems {
		if knownSchemaBugs[p.Code] {
			message += "; known bug " + p.Code
			problems = append(problems, p)
		}
	}
	x.add("sarif.schema", x.invalid(), message, problems)
}

// knownSchemaBugs are the producers' bugs that make a report schema-invalid.
var knownSchemaBugs = map[string]bool{"govulncheck-empty-region": true, "govulncheck-duplicate-tags": true, "govulncheck-duplicate-stacks": true}

func (x *inspection) semantics() {
	problems, err := ValidateSemantics(x.data, x.o.Limits)
	if err != nil {
		x.add("sarif.semantics", evidence.StatusError, err.Error(), nil)
		return
	}
	for _, p := range x.r.Log.Problems {
		if !knownSchemaBugs[p.Code] {
			problems = append(problems, p)
		}
	}
	errs, warnings := 0, 0
	for _, p := range problems {
		switch p.Severity {
		case evidence.SeverityError:
			errs++
		case evidence.SeverityWarning:
			warnings++
		}
	}
	suggestions := len(problems) - warnings - errs
	problems = slices.DeleteFunc(problems, func(p *evidence.Problem) bool { return p.Severity == evidence.SeverityInfo })
	switch {
	case errs > 0:
		message := fmt.Sprintf("%d breaches of the specification, %d warnings", errs, warnings)
		for _, p := range x.r.Log.Problems {
			if p.Code == "govulncheck-empty-region" {
				message += "; known bug " + p.Code
			}
		}
		x.add("sarif.semantics", x.invalid(), message, problems)
	case warnings+suggestions > 0:
		x.add("sarif.semantics", evidence.StatusPass, fmt.Sprintf("no breach of the specification, %d warnings, %d suggestions", warnings, suggestions), problems)
	default:
		x.add("sarif.semantics", evidence.StatusPass, "no breach of the specification", nil)
	}
}
