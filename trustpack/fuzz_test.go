// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// FuzzOpenZIP: what Open accepts, Check finds no error in, and reading through
// the file system agrees with Verify; what Open refuses, Check refuses. Nothing
// panics, and every refusal is a verdict with a class.
func FuzzOpenZIP(f *testing.F) {
	good, _ := build(f, smallRelease, smallEvidence(), nil)
	f.Add(good)
	f.Add(edit(f, good, func(files map[string][]byte) { files["x"] = nil }))
	f.Add(edit(f, good, func(files map[string][]byte) { files[manifest.Name] = []byte(`{"files":{"index.html":"00"}}`) }))
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		size := int64(len(data))
		limits := &OpenOptions{Limits: evidence.Limits{EntryBytes: 1 << 20, TotalBytes: 4 << 20}}
		p, err := Open(bytes.NewReader(data), size, limits)
		report, checkErr := Check(bytes.NewReader(data), size, limits)
		if checkErr != nil {
			t.Fatal(checkErr)
		}
		if (err == nil) != report.OK() {
			t.Fatalf("Open: %v; Check: %v", err, report.Err())
		}
		if err != nil {
			if !evidence.IsVerdict(err) {
				t.Fatalf("%v has no class", err)
			}
			return
		}
		r, err := Verify(context.Background(), p, Policy{Workers: 1, UnsafeNoProfile: true})
		if err != nil {
			t.Fatal(err)
		}
		readable := true
		for i := range p.m.Files {
			if _, err := readAll(p, p.m.Files[i].Path); err != nil {
				readable = false
			}
		}
		if r.OK() && !readable {
			t.Fatal("Verify holds, but a listed file cannot be read")
		}
	})
}
