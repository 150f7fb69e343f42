// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import "io"

// window reads short records at rising offsets of a file. Records that lie
// close together share one large read, so that 100,000 local headers do not cost
// 100,000 system calls; records that lie far apart are read alone.
type window struct {
	r    io.ReaderAt
	size int64 // of the file
	off  int64 // of buf[0]
	buf  []byte
}

const (
	windowNear = 256 << 10 // how much is read ahead after a short step
	windowFar  = 4 << 10   // and after a long one
)

// get returns n bytes at off, valid until the next call. The caller has checked
// that they lie inside the file.
func (w *window) get(off int64, n int) ([]byte, error) {
	end := w.off + int64(len(w.buf))
	if off >= w.off && off+int64(n) <= end {
		return w.buf[off-w.off:][:n], nil
	}
	ahead := windowFar
	if off-end < windowNear {
		ahead = windowNear
	}
	ahead = int(min(int64(max(n, ahead)), w.size-off))
	if cap(w.buf) < ahead {
		w.buf = make([]byte, ahead)
	}
	w.off, w.buf = off, w.buf[:ahead]
	if err := readAt(w.r, w.buf, off); err != nil {
		w.buf = w.buf[:0]
		return nil, err
	}
	return w.buf[:n], nil
}

// readAt fills b; an end before that is io.ErrUnexpectedEOF, as the file was
// declared longer.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}
