// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policyfile

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/HailBytes/evidence"
)

func TestRead(t *testing.T) {
	for _, test := range []struct {
		size int
		l    evidence.Limits
		fits bool
	}{{MaxBytes, evidence.Limits{}, true}, {MaxBytes + 1, evidence.Limits{}, false}, {10, evidence.Limits{DocumentBytes: 10}, true}, {11, evidence.Limits{DocumentBytes: 10}, false}} {
		data, err := Read(strings.NewReader(strings.Repeat("x", test.size)), "f", test.l)
		p, _ := errors.AsType[*evidence.Problem](err)
		switch {
		case test.fits && (err != nil || len(data) != test.size):
			t.Errorf("%d bytes: %d, %v", test.size, len(data), err)
		case !test.fits && (p == nil || p.Code != "policy.size" || p.Path != "f" || !errors.Is(err, evidence.ErrLimit)):
			t.Errorf("%d bytes: %v", test.size, err)
		}
	}
	if _, err := Read(iotest.ErrReader(io.ErrClosedPipe), "f", evidence.Limits{}); err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
}

func TestExpiry(t *testing.T) {
	for text, want := range map[string]string{
		"2026-12-31": "2027-01-01T00:00:00Z", "2026-12-31T10:00:00+02:00": "2026-12-31T08:00:00Z",
	} {
		if got, err := Expiry(text); err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2026-02-30", "31.12.2026", "2026-12-31T10:00:00", "0001-01-01T00:00:00Z"} {
		if got, err := Expiry(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
