// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strings"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	for s, want := range map[string]string{ // empty: not a time
		"2026-01-02T03:04:05Z":         "2026-01-02T03:04:05Z",
		"2026-01-02t03:04:05z":         "2026-01-02T03:04:05Z",
		"2026-01-02T03:04:05.25+01:00": "2026-01-02T02:04:05.25Z",
		"2026-01-02T03:04:05-00:00":    "2026-01-02T03:04:05Z",
		"2016-12-31T23:59:60Z":         "2017-01-01T00:00:00Z",
		"2017-01-01T00:59:60.5+01:00":  "2017-01-01T00:00:00.5Z",
		"2016-12-31T23:59:61Z":         "",
		"2016-12-31T22:59:60Z":         "",
		"2016-12-30T23:59:60Z":         "",
		"2026-01-02 03:04:05Z":         "",
		"2026-01-02T03:04:05":          "",
		"2026-01-02":                   "",
		"2026-01-02T3:04:05Z":          "",
		"2026-01-02T03:04:05,5Z":       "",
		"2026-01-02T03:04:05.Z":        "",
		"2026-02-30T03:04:05Z":         "",
		"2026-01-02T24:00:00Z":         "",
		"2026-01-02T03:04:05+0100":     "",
		"2026-01-02T03:04:05+25:00":    "",
		"2026-01-02T03:04:05Z ":        "",
		"":                             "",
	} {
		got, err := parseTime(s)
		if (err == nil) != (want != "") || err == nil && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: %v %v, want %s", s, got, err, want)
		}
	}
}

// TestTimesKept: a time in another form is read everywhere, and written as it was.
func TestTimesKept(t *testing.T) {
	const odd, want = "2016-12-31t23:59:60z", "2017-01-01T00:00:00Z"
	spdx := strings.Replace(goodSPDX, "2026-01-02T03:04:05Z", odd, 1)
	cdx := strings.NewReplacer("2026-01-02T03:04:05Z", odd, `"id": "CVE-2026-1"`, `"id": "CVE-2026-1", "published": "`+odd+`"`).Replace(goodCDX)
	for _, text := range []string{spdx, cdx} {
		doc := read(t, text)
		if got := doc.Created.Format(time.RFC3339); got != want || len(doc.Problems) > 0 {
			t.Errorf("%s %v", got, doc.Problems)
		}
		for _, v := range doc.Vulnerabilities {
			if got := v.Published.Format(time.RFC3339); got != want {
				t.Errorf("published %s", got)
			}
		}
		out, err := doc.Marshal()
		if err != nil || strings.Count(string(out), odd) != strings.Count(text, odd) {
			t.Errorf("%v %s", err, out)
		}
	}
}
