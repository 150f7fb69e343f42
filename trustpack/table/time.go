// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

import "time"

// Time is a moment in milliseconds since 1970 in UTC. Zero is not known.
type Time int64

func timeOf(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMilli())
}

// String returns the time as RFC 3339 in UTC, to the second unless it is between
// seconds; empty for none.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return time.UnixMilli(int64(t)).UTC().Format(time.RFC3339Nano)
}

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Time) UnmarshalText(text []byte) error {
	*t = 0
	if len(text) == 0 {
		return nil
	}
	parsed, err := time.Parse(time.RFC3339Nano, string(text))
	*t = timeOf(parsed)
	return err
}
