// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/joshdk/go-junit"

	"github.com/HailBytes/evidence/trustpack/uat"
)

// ToJUnit returns r as go-junit's suites and names, sorted as met, what that
// model does not hold: "flaky", "attachments", "results", "cases outside a
// suite", "repeated properties", "errors outside tests". Its totals are computed
// by go-junit.
//
// A flaky case passes there, with the property "flaky" = "true" beside it; cases
// outside any suite stand in a suite without a name at the end.
func ToJUnit(r *uat.Report) (suites []junit.Suite, lost []string) {
	l := &losses{seen: map[string]bool{}}
	for _, s := range r.Suites {
		suites = append(suites, l.suite(s))
	}
	if len(r.Cases) > 0 {
		l.add("cases outside a suite")
		suites = append(suites, l.suite(&uat.Suite{Cases: r.Cases}))
	}
	if len(r.Errors) > 0 {
		l.add("errors outside tests")
	}
	for i := range suites {
		suites[i].Aggregate()
	}
	return suites, l.list
}

type losses struct {
	seen map[string]bool
	list []string
}

func (l *losses) add(what string) {
	if !l.seen[what] {
		l.seen[what] = true
		l.list = append(l.list, what)
	}
}

func (l *losses) suite(s *uat.Suite) junit.Suite {
	out := junit.Suite{
		Name: s.Name, Package: s.Package, SystemOut: s.SystemOut, SystemErr: s.SystemErr,
		Properties: l.properties(s.Properties),
	}
	for _, c := range s.Cases {
		out.Tests = append(out.Tests, l.test(c))
	}
	for _, sub := range s.Suites {
		out.Suites = append(out.Suites, l.suite(sub))
	}
	return out
}

func (l *losses) properties(list []uat.Property) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := make(map[string]string, len(list))
	for _, p := range list {
		if _, again := m[p.Name]; again {
			l.add("repeated properties")
		}
		m[p.Name] = p.Value
	}
	return m
}

func (l *losses) test(c *uat.Case) junit.Test {
	out := junit.Test{
		Name: c.Name, Classname: c.Class, Duration: c.Duration, SystemOut: c.SystemOut, SystemErr: c.SystemErr,
		Properties: l.properties(c.Properties), Status: junit.StatusPassed,
	}
	if out.Properties == nil {
		out.Properties = map[string]string{}
	}
	for name, value := range map[string]string{"file": c.File, "status": c.Status, "project": c.Project} {
		if value != "" {
			out.Properties[name] = value
		}
	}
	if c.Line > 0 {
		out.Properties["line"] = strconv.Itoa(c.Line)
	}
	if len(c.Attachments) > 0 {
		l.add("attachments")
	}
	told := false // whether the outcome's own result was passed on
	for _, res := range c.Results {
		if told || outcomeOf(res.Kind) != c.Outcome {
			l.add("results")
			continue
		}
		told = true
		out.Message = res.Message
		if c.Outcome.Broken() {
			out.Error = junit.Error{Message: res.Message, Type: res.Type, Body: res.Text}
		}
	}
	switch c.Outcome {
	case uat.Skipped:
		out.Status = junit.StatusSkipped
	case uat.Errored:
		out.Status = junit.StatusError
	case uat.Failed:
		out.Status = junit.StatusFailed
	case uat.Flaky:
		l.add("flaky")
		out.Properties["flaky"] = "true"
	}
	if c.Outcome.Broken() && out.Error == nil {
		out.Error = junit.Error{}
	}
	return out
}

// outcomeOf returns the outcome that a result of the kind gives a case.
func outcomeOf(kind string) uat.Outcome {
	switch kind {
	case "failure":
		return uat.Failed
	case "error":
		return uat.Errored
	case "skipped", "ignored", "disabled":
		return uat.Skipped
	case "flakyFailure", "flakyError", "rerun":
		return uat.Flaky
	}
	return uat.NoOutcome
}

// FromJUnit returns suites as a report of format "junit-xml". Totals are what
// the cases are; those in the suites are kept as declared. It is the inverse of
// [ToJUnit] for what that reports no loss of.
func FromJUnit(suites []junit.Suite) *uat.Report {
	r := &uat.Report{Format: uat.FormatJUnit, Declared: uat.Declared{Tests: -1, Failures: -1, Errors: -1, Skipped: -1, Flaky: -1}}
	for i := range suites {
		r.Suites = append(r.Suites, fromSuite(&suites[i]))
	}
	return r
}

func fromSuite(s *junit.Suite) *uat.Suite {
	out := &uat.Suite{
		Name: s.Name, Package: s.Package, SystemOut: s.SystemOut, SystemErr: s.SystemErr,
		Properties: fromProperties(s.Properties),
		Declared:   uat.Declared{Tests: s.Totals.Tests, Failures: s.Totals.Failed, Errors: s.Totals.Error, Skipped: s.Totals.Skipped, Flaky: -1},
	}
	for i := range s.Tests {
		out.Cases = append(out.Cases, fromTest(&s.Tests[i]))
	}
	for i := range s.Suites {
		out.Suites = append(out.Suites, fromSuite(&s.Suites[i]))
	}
	return out
}

// fromProperties sorts by name: a map has no order.
func fromProperties(m map[string]string) []uat.Property {
	var list []uat.Property
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, uat.Property{Name: name, Value: m[name]})
	}
	return list
}

// fromTest takes out of the properties what go-junit puts there of the
// element's attributes.
func fromTest(t *junit.Test) *uat.Case {
	c := &uat.Case{
		Name: t.Name, Class: t.Classname, Duration: t.Duration, SystemOut: t.SystemOut, SystemErr: t.SystemErr,
		Outcome: uat.Passed, Attempts: 1,
	}
	flaky := false
	for _, p := range fromProperties(t.Properties) {
		switch p.Name {
		case "name", "classname", "time":
		case "file":
			c.File = p.Value
		case "line":
			c.Line, _ = strconv.Atoi(p.Value)
		case "status":
			c.Status = p.Value
		case "project":
			c.Project = p.Value
		case "flaky":
			flaky = p.Value == "true"
		default:
			c.Properties = append(c.Properties, p)
		}
	}
	kind := ""
	switch t.Status {
	case junit.StatusSkipped:
		c.Outcome, c.Attempts, kind = uat.Skipped, 0, "skipped"
	case junit.StatusFailed:
		c.Outcome, kind = uat.Failed, "failure"
	case junit.StatusError:
		c.Outcome, kind = uat.Errored, "error"
	case junit.StatusPassed:
		if flaky {
			c.Outcome, c.Attempts, kind = uat.Flaky, 2, "flakyFailure"
		}
	default: // a status that go-junit does not have says nothing good
		c.Outcome, kind = uat.Errored, "error"
	}
	if kind != "" {
		res := uat.Result{Kind: kind, Message: t.Message}
		var e junit.Error
		if errors.As(t.Error, &e) {
			res.Message, res.Type, res.Text = cmp.Or(e.Message, t.Message), e.Type, e.Body
		} else if t.Error != nil {
			res.Text = t.Error.Error()
		}
		c.Results = append(c.Results, res)
	}
	return c
}
