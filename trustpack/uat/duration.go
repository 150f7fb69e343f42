// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// durationError says why a time is none.
type durationError string

const (
	notDuration durationError = "is not a duration"
	notFinite   durationError = "is not a finite duration"
	tooLong     durationError = "is longer than a duration can be"
	negative    durationError = "is negative"
)

// mostTime is how long, in bytes, a duration or a time may be written.
const mostTime = 100

// parseDuration reads the time attribute of JUnit: seconds as a decimal number.
// Writers group thousands ("1,234.5") or write a decimal comma ("0,5"), after
// their locale; some write Go durations ("1.5s").
func parseDuration(s string) (time.Duration, durationError) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return 0, ""
	case len(s) > mostTime:
		return 0, notDuration
	}
	if strings.ContainsRune(s, ',') {
		s = withoutCommas(s)
	}
	for _, c := range s {
		if c >= '0' && c <= '9' || strings.ContainsRune("+-.eE", c) {
			continue
		}
		switch strings.TrimLeft(strings.ToLower(s), "+-") {
		case "nan", "inf", "infinity":
			return 0, notFinite
		}
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, notDuration
		}
		return seconds(d.Seconds())
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case math.IsInf(f, 0):
		return 0, tooLong
	case err != nil:
		return 0, notDuration
	}
	return seconds(f)
}

// withoutCommas takes commas for the grouping of thousands where they can be
// that, and a single one for the decimal point otherwise.
func withoutCommas(s string) string {
	whole, fraction, point := strings.Cut(s, ".")
	groups := strings.Split(whole, ",")
	grouped := len(groups[0]) <= 3 && strings.Trim(groups[0], "-0") != ""
	for _, g := range groups[1:] {
		grouped = grouped && len(g) == 3
	}
	switch {
	case grouped && point:
		return strings.Join(groups, "") + "." + fraction
	case grouped:
		return strings.Join(groups, "")
	case !point && len(groups) == 2:
		return groups[0] + "." + groups[1]
	}
	return s
}

// seconds turns a number of seconds into a duration, to the nearest nanosecond.
func seconds(f float64) (time.Duration, durationError) {
	ns := math.Round(f * 1e9)
	switch {
	case math.IsNaN(ns):
		return 0, notFinite
	case math.IsInf(ns, 0), math.Abs(ns) >= 1<<63:
		return 0, tooLong
	case ns < 0:
		return 0, negative
	}
	return time.Duration(ns), ""
}

// parseTime reads a timestamp as ISO 8601 has it. Where no zone is named, as in
// JUnit's own schema, UTC is assumed.
func parseTime(s string) (time.Time, bool) {
	if len(s) > mostTime {
		return time.Time{}, false
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04", time.DateOnly,
		"2006-01-02 15:04:05 -0700 MST", // Go's own, by way of some reporters
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// longer adds two durations and stops at the longest that there is.
func longer(a, b time.Duration) time.Duration {
	if sum := a + b; sum >= a {
		return sum
	}
	return math.MaxInt64
}
