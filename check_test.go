// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestChecksOK(t *testing.T) {
	for _, tt := range []struct {
		statuses []Status
		want     bool
	}{
		{nil, false},
		{[]Status{StatusSkip}, false},
		{[]Status{StatusPass}, true},
		{[]Status{StatusWarn, StatusSkip}, true},
		{[]Status{StatusPass, StatusFail}, false},
		{[]Status{StatusPass, StatusError}, false},
		{[]Status{StatusPass, StatusInvalid}, false},
	} {
		var checks Checks
		for _, s := range tt.statuses {
			checks = append(checks, Check{Status: s})
		}
		if got := checks.OK(); got != tt.want {
			t.Errorf("%v: got %v", tt.statuses, got)
		}
		if err := checks.Err(); (err == nil) != tt.want {
			t.Errorf("%v: %v", tt.statuses, err)
		}
	}
}

func TestChecksErr(t *testing.T) {
	checks := Checks{
		{ID: "a.b", Status: StatusPass},
		{ID: "c.d", Status: StatusFail, Subject: "x.json", Message: "bad", Problems: Problems{{Severity: SeverityError, Err: ErrUnsafe}}},
		{ID: "e.f", Status: StatusFail},
	}
	err := checks.Err()
	if !errors.Is(err, ErrUnsafe) || !errors.Is(err, ErrPolicy) || errors.Is(err, ErrFormat) {
		t.Errorf("got %v", err)
	}
	if c := checks.Find("c.d"); c != &checks[1] || checks.Find("g") != nil {
		t.Errorf("found %v", c)
	}
}

func TestJudge(t *testing.T) {
	info := &Problem{Severity: SeverityInfo, Message: "so you know"}
	warning := &Problem{Severity: SeverityWarning, Path: "a.json", Pointer: "/x", Message: "odd"}
	failure := &Problem{Severity: SeverityError, Path: "b.json", Message: "bad"}
	ungraded := &Problem{Message: "nobody graded this"}
	for _, test := range []struct {
		problems Problems
		status   Status
		message  string
	}{
		{nil, StatusPass, "fine"},
		{Problems{info}, StatusPass, "fine"},
		{Problems{warning}, StatusWarn, "/x: odd"},
		{Problems{info, warning}, StatusWarn, "/x: odd (and 1 more)"},
		{Problems{warning, failure}, StatusFail, "b.json: bad (and 1 more)"},
		{Problems{warning, ungraded}, StatusFail, "nobody graded this (and 1 more)"},
	} {
		got := Judge("a.b", "a.json", test.problems, "fine")
		if got.Status != test.status || got.Message != test.message || got.ID != "a.b" || got.Subject != "a.json" || len(got.Problems) != len(test.problems) {
			t.Errorf("got %+v, want %s: %s", got, test.status, test.message)
		}
	}
}

func TestIsVerdict(t *testing.T) {
	for _, class := range classes {
		if !IsVerdict(fmt.Errorf("x: %w", &Problem{Err: class})) {
			t.Errorf("%v is no verdict", class)
		}
	}
	for _, err := range []error{nil, io.ErrUnexpectedEOF, context.Canceled, errors.Join(ErrFormat, context.Canceled), errors.Join(ErrLimit, context.DeadlineExceeded)} {
		if IsVerdict(err) {
			t.Errorf("%v is a verdict", err)
		}
	}
}
