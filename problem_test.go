// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestProblemError(t *testing.T) {
	for _, tt := range []struct {
		p    Problem
		want string
	}{
		{Problem{Message: "bad"}, "bad"},
		{Problem{Path: "a.json", Message: "bad"}, "a.json: bad"},
		{Problem{Path: "a.json", Line: 3, Column: 7, Pointer: "/x/0", Message: "bad"}, "a.json:3:7: /x/0: bad"},
		{Problem{Line: 3, Message: "bad"}, "line 3: bad"},
		{Problem{Pointer: "/x", Err: ErrLimit}, "/x: limit exceeded"},
	} {
		if got := tt.p.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestProblems(t *testing.T) {
	warning := &Problem{Path: "b", Severity: SeverityWarning, Err: ErrMismatch}
	failure := &Problem{Path: "a", Severity: SeverityError, Message: "bad", Err: fmt.Errorf("cause: %w", ErrUnsafe)}
	ungraded := &Problem{Path: "c", Err: ErrFormat}
	if err := (Problems{warning}).Err(); err != nil {
		t.Errorf("a warning is no error: %v", err)
	}
	err := Problems{warning, failure}.Err()
	if !errors.Is(err, ErrUnsafe) || errors.Is(err, ErrMismatch) {
		t.Errorf("got %v", err)
	}
	if p, ok := errors.AsType[*Problem](err); !ok || p != failure {
		t.Errorf("got %v", p)
	}
	if (Problems{ungraded}).Err() == nil {
		t.Error("a problem that nobody graded was let through")
	}
	all := Problems{warning, failure}
	if all.Sort(); all[0] != failure {
		t.Error("not sorted by path")
	}
	if q := failure.At("z"); q.Path != "z" || failure.Path != "a" {
		t.Error("At changed the original")
	}
}

func TestText(t *testing.T) {
	for s := StatusPass; s <= StatusError; s++ {
		text, err := json.Marshal(s)
		var back Status
		if err != nil || json.Unmarshal(text, &back) != nil || back != s || string(text) != `"`+s.String()+`"` {
			t.Errorf("%s came back as %v (%v)", text, back, err)
		}
	}
	for s := SeverityInfo; s <= SeverityError; s++ {
		text, err := json.Marshal(s)
		var back Severity
		if err != nil || json.Unmarshal(text, &back) != nil || back != s {
			t.Errorf("%s came back as %v (%v)", text, back, err)
		}
	}
	for _, v := range []any{StatusInvalid, Status(9), SeverityInvalid, Severity(9)} {
		if text, err := json.Marshal(v); err == nil {
			t.Errorf("%v was written as %s", v, text)
		}
	}
	var s Status
	var v Severity
	if s.UnmarshalText([]byte("invalid")) == nil || v.UnmarshalText([]byte("fatal")) == nil {
		t.Error("an unknown word was read")
	}
}

func TestUnwrap(t *testing.T) {
	p := &Problem{Err: io.ErrUnexpectedEOF}
	if !errors.Is(p, io.ErrUnexpectedEOF) || errors.Is(p, ErrFormat) {
		t.Error("a cause is not a class")
	}
}
