// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package policyfile holds what the files have in common in which people write
// what they accept: policies and exceptions.
package policyfile

import (
	"fmt"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// MaxBytes bounds such a file: ten thousand exceptions.
const MaxBytes = 4 << 20

// Check refuses a file of more than MaxBytes or Limits.DocumentBytes, as a *Problem of
// class ErrLimit. Path is the file's name for it.
func Check(data []byte, path string, l evidence.Limits) error {
	most := min(l.OrDefault().DocumentBytes, MaxBytes)
	if int64(len(data)) <= most {
		return nil
	}
	return &evidence.Problem{
		Code: "policy.size", Severity: evidence.SeverityError, Path: path, Line: 1, Column: 1, Err: evidence.ErrLimit,
		Message: fmt.Sprintf("file is longer than %d bytes", most),
	}
}

// Expiry reads when an exception is over: at the end of a day in UTC, or at an
// RFC 3339 time. The result is the first moment at which it holds no more.
func Expiry(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.IsZero() {
		return time.Time{}, fmt.Errorf("%s is neither a day (2026-12-31) nor an RFC 3339 time", textfmt.Quote(text))
	}
	return t, nil
}
