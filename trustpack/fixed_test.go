// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/HailBytes/evidence"
)

// TestFixed: what is read after the digest was taken is what was hashed, or an error.
func TestFixed(t *testing.T) {
	data := noise(3*chunkBytes + 17)
	changing := bytes.Clone(data)
	f, err := fix(t.Context(), bytes.NewReader(changing), int64(len(changing)))
	if err != nil {
		t.Fatal(err)
	}
	if f.digest != evidence.Sum256(data) {
		t.Errorf("digest %s", f.digest)
	}
	if err := iotest.TestReader(io.NewSectionReader(f, 0, f.size), data); err != nil {
		t.Error(err)
	}
	changing[2*chunkBytes] ^= 1
	var p [10]byte
	if n, err := f.ReadAt(p[:], chunkBytes); n != len(p) || err != nil {
		t.Errorf("a chunk that is as it was: %d, %v", n, err)
	}
	if _, err := f.ReadAt(p[:], 2*chunkBytes+5); err == nil || evidence.IsVerdict(err) {
		t.Errorf("a chunk that was changed: %v", err)
	}
	if _, err := fix(t.Context(), bytes.NewReader(data), int64(len(data))+1); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that is shorter than it was: %v", err)
	}
}
