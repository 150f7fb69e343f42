// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safepath"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/internal/test/packgen"
)

// FuzzOpenZIP holds what Open accepts to archive/zip, to the rules that can be
// counted without parsing, and to Write.
func FuzzOpenZIP(f *testing.F) {
	for _, c := range packgen.Cases() {
		f.Add(c.Data)
	}
	limits := evidence.Limits{Entries: 1000, EntryBytes: 1 << 20, TotalBytes: 4 << 20}
	o := &safezip.Options{Limits: limits}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, size := bytes.NewReader(data), int64(len(data))
		a, err := safezip.Open(r, size, o)
		_, problems, checkErr := safezip.Check(r, size, o)
		if checkErr != nil || (err == nil) != (problems.Err() == nil) {
			t.Fatalf("Open: %v; Check: %v, %v", err, problems, checkErr)
		}
		if err != nil {
			if _, ok := err.(*evidence.Problem); !ok {
				t.Fatalf("Open of bytes in memory: %v", err)
			}
			return
		}
		sound := sameAsStandard(t, a, data)
		problems, err = a.Verify(t.Context(), nil)
		if err != nil || (problems.Err() == nil) != sound {
			t.Fatalf("Verify: %v, %v; each entry alone: %v", problems, err, sound)
		}
		if sound && len(problems) == 0 && len(a.Entries()) > 0 {
			sameAsWritten(t, a, data)
		}
	})
}

// sameAsStandard compares the entries with archive/zip's, and reports whether all are sound.
func sameAsStandard(t *testing.T, a *safezip.Archive, data []byte) bool {
	std, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("archive/zip: %v", err)
	}
	if len(std.File) != len(a.Entries()) {
		t.Fatalf("%d entries, archive/zip has %d", len(a.Entries()), len(std.File))
	}
	sound, covered := true, int64(0)
	for i, f := range std.File {
		e := &a.Entries()[i]
		if e.Name != f.Name || uint64(e.Size) != f.UncompressedSize64 || uint64(e.CompressedSize) != f.CompressedSize64 || e.CRC32 != f.CRC32 || e.Method != f.Method {
			t.Fatalf("entry %d is %+v, archive/zip has %+v", i, *e, f.FileHeader)
		}
		if err := safepath.Check(strings.TrimSuffix(e.Name, "/"), evidence.Limits{}); err != nil {
			t.Fatalf("%q: %v", e.Name, err)
		}
		start, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		covered += start - e.Offset + e.CompressedSize
		rc := e.Open()
		got, err := io.ReadAll(rc)
		rc.Close()
		if err != nil {
			sound = false
			continue
		}
		sr, err := f.Open()
		if err != nil {
			t.Fatalf("%s: archive/zip: %v", e.Name, err)
		}
		want, err := io.ReadAll(sr)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s: %d bytes, archive/zip has %d; %v", e.Name, len(got), len(want), err)
		}
	}
	// Local headers and data, and then at most a descriptor each, lie before the directory.
	directory := int64(bytes.Index(data[covered:], []byte("PK\x01\x02"))) + covered
	if len(std.File) > 0 && (directory < covered || directory > covered+24*int64(len(std.File))) {
		t.Fatalf("entries cover %d bytes of %d", covered, len(data))
	}
	return sound
}

// sameAsWritten writes the content of a canonical archive again.
func sameAsWritten(t *testing.T, a *safezip.Archive, data []byte) {
	var files []safezip.File
	for i := range a.Entries() {
		e := &a.Entries()[i]
		files = append(files, safezip.File{Name: e.Name, Size: e.Size, Open: func() (io.ReadCloser, error) { return e.Open(), nil }})
	}
	var b bytes.Buffer
	if _, err := safezip.Write(t.Context(), &b, files, &safezip.WriteOptions{Modified: a.Entries()[0].Modified()}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), data) {
		t.Fatal("no warning, and Write makes other bytes")
	}
}
