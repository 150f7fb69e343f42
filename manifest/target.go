// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Target is when a gap is to be closed: a day ("2027-03-31") or a quarter
// ("2027-Q1"), in UTC. Targets are comparable; the zero Target is none.
type Target struct {
	year           int16
	month, quarter int8 // one of them is set
	day            int8
}

// ParseTarget parses "YYYY-MM-DD" or "YYYY-Qn". The error is a *Problem of class ErrFormat.
func ParseTarget(s string) (Target, error) {
	if targetRE.MatchString(s) {
		if s[5] == 'Q' {
			year, err := strconv.Atoi(s[:4])
			return Target{year: int16(year), quarter: int8(s[6] - '0')}, err
		}
		if day, err := time.Parse(time.DateOnly, s); err == nil {
			return Target{year: int16(day.Year()), month: int8(day.Month()), day: int8(day.Day())}, nil
		}
	}
	return Target{}, newProblem("manifest.target", evidence.ErrFormat, "target %s is neither a date YYYY-MM-DD nor a quarter YYYY-Qn", textfmt.Quote(s))
}

// IsZero reports whether t is no target.
func (t Target) IsZero() bool { return t == Target{} }

// End returns the first instant after the target's day or quarter, in UTC; the
// zero time for the zero Target.
func (t Target) End() time.Time {
	switch {
	case t.IsZero():
		return time.Time{}
	case t.quarter > 0:
		return time.Date(int(t.year), time.Month(3*int(t.quarter)+1), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(int(t.year), time.Month(t.month), int(t.day)+1, 0, 0, 0, 0, time.UTC)
}

// Passed reports whether the whole day or quarter lies before now. The zero Target never passes.
func (t Target) Passed(now time.Time) bool {
	return !t.IsZero() && !now.Before(t.End())
}

// String returns "YYYY-MM-DD" or "YYYY-Qn", "" for the zero Target.
func (t Target) String() string {
	switch {
	case t.IsZero():
		return ""
	case t.quarter > 0:
		return fmt.Sprintf("%04d-Q%d", t.year, t.quarter)
	}
	return fmt.Sprintf("%04d-%02d-%02d", t.year, t.month, t.day)
}

// MarshalText implements encoding.TextMarshaler.
func (t Target) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler, as ParseTarget; empty text is no target.
func (t *Target) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = Target{}
		return nil
	}
	parsed, err := ParseTarget(string(text))
	if err == nil {
		*t = parsed
	}
	return err
}
