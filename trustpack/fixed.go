// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"fmt"
	"hash/maphash"
	"io"
	"sync"

	"github.com/HailBytes/evidence"
)

// fixedReader gives the bytes that were hashed, or an error: a file that somebody
// overwrites while it is verified is never taken for the one with the digest. It keeps a
// keyed hash of each chunk, whose seed nobody else knows, and holds each chunk against it
// whenever it is read again.
type fixedReader struct {
	r      io.ReaderAt
	size   int64
	seed   maphash.Seed
	sums   []uint64 // by chunk
	digest evidence.Digest
	chunks sync.Pool
}

const chunkBytes = 32 << 10

// fix reads all of r once and returns a reader of exactly these bytes.
func fix(ctx context.Context, r io.ReaderAt, size int64) (*fixedReader, error) {
	f := &fixedReader{r: r, size: size, seed: maphash.MakeSeed(), sums: make([]uint64, 0, size/chunkBytes+1)}
	f.chunks.New = func() any { b := make([]byte, chunkBytes); return &b }
	all := evidence.SHA256.New()
	buf := make([]byte, chunkBytes)
	for at := int64(0); at < size; at += chunkBytes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chunk := buf[:min(chunkBytes, size-at)]
		if err := readFull(r, chunk, at); err != nil {
			return nil, err
		}
		all.Write(chunk)
		f.sums = append(f.sums, maphash.Bytes(f.seed, chunk))
	}
	var err error
	f.digest, err = evidence.NewDigest(evidence.SHA256, all.Sum(nil))
	return f, err
}

// ReadAt implements io.ReaderAt.
func (f *fixedReader) ReadAt(p []byte, off int64) (n int, err error) {
	buf := f.chunks.Get().(*[]byte)
	defer f.chunks.Put(buf)
	for n < len(p) && off < f.size {
		i := off / chunkBytes
		chunk := (*buf)[:min(chunkBytes, f.size-i*chunkBytes)]
		if err := readFull(f.r, chunk, i*chunkBytes); err != nil {
			return n, err
		}
		if maphash.Bytes(f.seed, chunk) != f.sums[i] {
			return n, fmt.Errorf("the file was changed while it was verified, at byte %d or after it", i*chunkBytes)
		}
		m := copy(p[n:], chunk[off-i*chunkBytes:])
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// readFull reads all of p; a file that is shorter than it was is an error that says so.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	}
	return err
}
