// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"errors"
	"strings"
	"time"
)

var errTime = errors.New("not a time of RFC 3339")

// parseTime parses a time of RFC 3339 §5.6, in UTC. T and Z may be lower case. A
// leap second, the second 60 at the end of a month in UTC (§5.7), is the same as
// the second that follows it.
func parseTime(s string) (time.Time, error) {
	if !timeForm(s) {
		return time.Time{}, errTime
	}
	s = strings.ToUpper(s)
	leap := s[17:19] == "60"
	if leap {
		s = s[:17] + "59" + s[19:]
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, errTime
	}
	t = t.UTC()
	if leap {
		next := t.Add(time.Second)
		if next.Day() != 1 || next.Hour() != 0 || next.Minute() != 0 {
			return time.Time{}, errTime
		}
		t = next
	}
	return t, nil
}

// timeForm reports whether s has the form of a time, such as
// "2006-01-02T15:04:05.999+01:00". Its numbers may still be out of range.
func timeForm(s string) bool {
	rest, ok := cutForm(s, "0000-00-00T00:00:00")
	if !ok {
		return false
	}
	if fraction, found := strings.CutPrefix(rest, "."); found {
		rest = strings.TrimLeft(fraction, "0123456789")
		if rest == fraction {
			return false
		}
	}
	if rest == "Z" || rest == "z" {
		return true
	}
	if rest == "" || rest[0] != '+' && rest[0] != '-' {
		return false
	}
	rest, ok = cutForm(rest[1:], "00:00")
	return ok && rest == ""
}

// cutForm cuts what has the form off the beginning of s: "0" stands for a digit,
// "T" also for "t".
func cutForm(s, form string) (rest string, ok bool) {
	if len(s) < len(form) {
		return s, false
	}
	for i := range len(form) {
		switch c := s[i]; {
		case form[i] == '0' && ('0' > c || c > '9'), form[i] == 'T' && c != 'T' && c != 't', form[i] != '0' && form[i] != 'T' && form[i] != c:
			return s, false
		}
	}
	return s[len(form):], true
}
