// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bufio"
	"bytes"
	"context"
	"testing"
)

// sparse is a file that is zero but for some records.
type sparse struct {
	parts []part
	size  int64
}

type part struct {
	at int64
	b  []byte
}

func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	for _, r := range s.parts {
		if from, to := max(off, r.at), min(off+int64(len(p)), r.at+int64(len(r.b))); from < to {
			copy(p[from-off:to-off], r.b[from-r.at:])
		}
	}
	return len(p), nil
}

// TestHuge checks the form of headers around 4 GiB without the data: sizes,
// offsets and the directory's own place change to ZIP64 where they must.
func TestHuge(t *testing.T) {
	const limit32 = 1<<32 - 1
	for _, tt := range []struct {
		name   string
		packed []int64 // compressed sizes of stored entries
		local  []bool  // whether each has a ZIP64 field in its local header
		end64  bool
	}{
		{"small", []int64{1, 2}, []bool{false, false}, false},
		{"last 32-bit size", []int64{limit32 - 1}, []bool{false}, true}, // the directory starts later
		{"first 64-bit size", []int64{limit32}, []bool{true}, true},
		{"last 32-bit offset", []int64{limit32 - 1 - 30 - 1, 1}, []bool{false, false}, true},
		{"first 64-bit offset", []int64{limit32 - 30 - 1, 1}, []bool{false, false}, true},
		{"directory at the last 32-bit offset", []int64{limit32 - 1 - 30 - 1}, []bool{false}, false},
		{"directory at the first 64-bit offset", []int64{limit32 - 30 - 1}, []bool{false}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s sparse
			var b bytes.Buffer
			w := &archiveWriter{w: bufio.NewWriter(&b), time: toDOS(testTime)}
			for i, n := range tt.packed {
				f := &File{Name: string(rune('a' + i))}
				j := &job{file: f, content: Content{Size: n}, packed: n} // no data: what follows the header is skipped
				at := w.offset
				if err := w.entry(context.Background(), j); err != nil {
					t.Fatal(err)
				}
				w.w.Flush()
				s.parts = append(s.parts, part{at, bytes.Clone(b.Bytes())})
				b.Reset()
				w.offset += n
			}
			at := w.offset
			if err := w.finish(); err != nil {
				t.Fatal(err)
			}
			s.parts, s.size = append(s.parts, part{at, b.Bytes()}), w.offset
			a, problems, err := Check(&s, s.size, nil)
			if err != nil || len(problems) > 0 {
				t.Fatalf("Check: %v, %v", problems, err)
			}
			for i, e := range a.Entries() {
				extra := e.data-e.Offset > sizeLocal+1
				if e.Size != tt.packed[i] || extra != tt.local[i] {
					t.Errorf("entry %d has %d bytes, ZIP64 field %v; want %d, %v", i, e.Size, extra, tt.packed[i], tt.local[i])
				}
			}
			if got := bytes.Contains(b.Bytes(), []byte("PK\x06\x06")); got != tt.end64 {
				t.Errorf("ZIP64 end record: %v, want %v", got, tt.end64)
			}
		})
	}
}
