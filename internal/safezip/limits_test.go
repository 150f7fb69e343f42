// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/packgen"
)

// wantCode checks what Open says, under these limits.
func wantCode(t *testing.T, data []byte, l evidence.Limits, code string, class error) {
	t.Helper()
	_, err := Open(bytes.NewReader(data), int64(len(data)), &Options{Limits: l})
	if code == "" {
		if err != nil {
			t.Errorf("%+v: %v", l, err)
		}
		return
	}
	if p, ok := errors.AsType[*evidence.Problem](err); !ok || p.Code != code || !errors.Is(err, class) {
		t.Errorf("%+v: %v, want %s", l, err, code)
	}
}

// TestLimits tries each bound at the last value that holds and the first that does not.
func TestLimits(t *testing.T) {
	zeros := strings.Repeat("\x00", 3<<20)
	e := packgen.Deflated("some/deep/name.txt", zeros)
	ratio := len(zeros)/len(e.Data) + 1
	data := packgen.New(e, packgen.Stored("b", "123")).Bytes()
	total := int64(len(zeros) + 3)
	at := func(f func(l *evidence.Limits)) evidence.Limits {
		l := evidence.Limits{Ratio: 2000}
		f(&l)
		return l
	}
	for _, tt := range []struct {
		code    string
		holds   evidence.Limits
		exceeds evidence.Limits
	}{
		{"archive.entries", at(func(l *evidence.Limits) { l.Entries = 2 }), at(func(l *evidence.Limits) { l.Entries = 1 })},
		{"archive.entry-size", at(func(l *evidence.Limits) { l.EntryBytes = 3 << 20 }), at(func(l *evidence.Limits) { l.EntryBytes = 3<<20 - 1 })},
		{"archive.total-size", at(func(l *evidence.Limits) { l.TotalBytes = total }), at(func(l *evidence.Limits) { l.TotalBytes = total - 1 })},
		{"archive.ratio", evidence.Limits{Ratio: ratio}, evidence.Limits{Ratio: ratio - 1}},
		{"archive.name-length", at(func(l *evidence.Limits) { l.NameBytes = 18 }), at(func(l *evidence.Limits) { l.NameBytes = 17 })},
		{"archive.name-depth", at(func(l *evidence.Limits) { l.PathDepth = 3 }), at(func(l *evidence.Limits) { l.PathDepth = 2 })},
	} {
		wantCode(t, data, tt.holds, "", nil)
		wantCode(t, data, tt.exceeds, tt.code, evidence.ErrLimit)
	}
}

// TestManyEntries looks at the places where the counts of an archive change form.
func TestManyEntries(t *testing.T) {
	var files []File
	for i := range 65536 {
		files = append(files, memFile(fmt.Sprintf("%03x/%03x", i>>6, i&63), ""))
	}
	for _, n := range []int{65534, 65535, 65536} {
		data, _ := write(t, files[:n], nil)
		a, problems, err := Check(bytes.NewReader(data), int64(len(data)), nil)
		if err != nil || len(problems) > 0 {
			t.Fatalf("%d entries: %v, %v", n, problems, err)
		}
		if len(a.Entries()) != n {
			t.Errorf("%d entries, want %d", len(a.Entries()), n)
		}
		zip64 := bytes.Contains(data[len(data)-sizeEnd-sizeLocator:], []byte("PK\x06\x07"))
		if zip64 != (n >= 65535) {
			t.Errorf("%d entries: ZIP64 records are there: %v", n, zip64)
		}
		wantCode(t, data, evidence.Limits{Entries: n - 1}, "archive.entries", evidence.ErrLimit)
	}

	// Python's zipfile writes ZIP64 records for 65,536 entries only.
	var entries []*packgen.Entry
	for i := range 65535 {
		entries = append(entries, packgen.Stored(files[i].Name, ""))
	}
	z := packgen.New(entries...)
	wantCode(t, z.Bytes(), evidence.Limits{}, "", nil)
	// 65,536 entries that the end record counts as 0, as a writer without ZIP64 does.
	z = packgen.New(append(entries, packgen.Stored("z", ""))...)
	wantCode(t, z.Bytes(), evidence.Limits{}, "archive.count", evidence.ErrMismatch)
}

// TestNamesBound has few entries with many directories, and names that are too many bytes together.
func TestNamesBound(t *testing.T) {
	deep := packgen.New(packgen.Stored(strings.Repeat("a/", 8)+"f", ""), packgen.Stored(strings.Repeat("b/", 8)+"f", "")).Bytes() // 18 names
	wantCode(t, deep, evidence.Limits{Entries: 9}, "", nil)
	wantCode(t, deep, evidence.Limits{Entries: 8}, "archive.entries", evidence.ErrLimit)

	long := strings.Repeat(strings.Repeat("n", 200)+"/", 4)
	var entries []*packgen.Entry
	for i := range 3 {
		entries = append(entries, packgen.Stored(fmt.Sprintf("%s%06d", long, i), "")) // 810 bytes
	}
	data := packgen.New(entries...).Bytes()
	wantCode(t, data, evidence.Limits{Entries: 5, NameBytes: 830}, "", nil)
	wantCode(t, data, evidence.Limits{Entries: 5, NameBytes: 829}, "archive.entries", evidence.ErrLimit)
}
