// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import "time"

// fromDOS returns the time that an MS-DOS date (upper half) and time (lower
// half) stand for, as UTC, and false if they stand for none, §4.4.6.
func fromDOS(v uint32) (time.Time, bool) {
	date, clock := v>>16, v&max16
	year, month, day := int(date>>9)+1980, time.Month(date>>5&15), int(date&31)
	hour, minute, second := int(clock>>11), int(clock>>5&63), int(clock&31)*2
	t := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	if t.Day() != day || t.Month() != month || t.Hour() != hour || t.Minute() != minute || t.Second() != second {
		return time.Time{}, false
	}
	return t, true
}

// toDOS is the inverse of fromDOS for the nearest time not later than t that
// MS-DOS can state: from 1980 to 2107, even seconds.
func toDOS(t time.Time) uint32 {
	t = t.UTC()
	switch {
	case t.Year() < 1980:
		t = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	case t.Year() > 2107:
		t = time.Date(2107, 12, 31, 23, 59, 58, 0, time.UTC)
	}
	date := uint32(t.Year()-1980)<<9 | uint32(t.Month())<<5 | uint32(t.Day())
	clock := uint32(t.Hour())<<11 | uint32(t.Minute())<<5 | uint32(t.Second()/2)
	return date<<16 | clock
}
