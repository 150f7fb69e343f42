// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/klauspost/compress/flate"

	"github.com/HailBytes/evidence"
)

// Content is what reading an entry to its end gave. Size and CRC32 are what the
// header declares, or the read would have failed.
type Content struct {
	Size   int64
	CRC32  uint32
	SHA256 [sha256.Size]byte
	Head   []byte // the first bytes, as many as VerifyOptions.Head asks for
	spare  bool   // bits are set after the end of the deflate stream
}

// Open returns the content of the entry. The reader gives at most the declared
// size. At the end it checks that size, the CRC-32, and that the compressed data
// end where the header says; a difference is a *diag.Problem in place of io.EOF,
// so the content is proven only when io.EOF came. Several goroutines may read
// entries of one archive at once, each with its own reader.
func (e *Entry) Open() io.ReadCloser { return &reader{e: e, s: e.source()} }

// reader is a bounded, checked stream of one entry.
type reader struct {
	e   *Entry
	s   *source
	n   int64 // bytes given
	crc uint32
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	if r.err != nil || len(p) == 0 && r.n < r.e.Size {
		return 0, r.err
	}
	n := 0
	if left := r.e.Size - r.n; left > 0 {
		n, r.err = r.s.Read(p[:min(int64(len(p)), left)])
		r.n += int64(n)
		r.crc = crc32.Update(r.crc, crc32.IEEETable, p[:n])
	}
	if r.err == nil && r.n == r.e.Size { // settle the end with the last byte
		var more [1]byte
		if _, r.err = io.ReadFull(r.s, more[:]); r.err == nil {
			r.err = r.e.tooLong()
		}
	}
	if r.err != nil {
		r.err = r.s.verdict(r.err, r.n, r.crc)
	}
	return n, r.err
}

// Close frees the decompressor; the content need not have been read to its end.
func (r *reader) Close() error {
	if r.s == nil {
		return fs.ErrClosed
	}
	r.s.release()
	r.s, r.err = nil, fs.ErrClosed
	return nil
}

// Bytes returns the content of a small entry; one that declares more than most
// bytes is a *diag.Problem of class diag.ErrLimit.
func (e *Entry) Bytes(ctx context.Context, most int64) ([]byte, error) {
	if e.Size > most {
		return nil, e.problem(ruleEntrySize, "the entry declares %d bytes; at most %d are read", e.Size, most)
	}
	var b bytes.Buffer // grows with what comes, whatever is declared
	if _, err := e.CopyTo(ctx, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Digest reads the whole entry and returns what it holds, or the *diag.Problem
// that makes it differ from its header. Its memory does not depend on the size.
func (e *Entry) Digest(ctx context.Context) (Content, error) { return e.CopyTo(ctx, nil) }

// digestWithHead is Digest that keeps the first n bytes.
func (e *Entry) digestWithHead(ctx context.Context, n int) (Content, error) {
	h := head{buf: make([]byte, 0, min(int64(n), e.Size))}
	c, err := e.CopyTo(ctx, &h)
	c.Head = h.buf
	return c, err
}

// head keeps as many of the first bytes that are written to it as it has room for.
type head struct{ buf []byte }

func (h *head) Write(p []byte) (int, error) {
	h.buf = append(h.buf, p[:min(len(p), cap(h.buf)-len(h.buf))]...)
	return len(p), nil
}

// CopyTo is Digest that also writes the content to w: at most the declared
// size, unproven until CopyTo returns nil. An error of w or ctx is returned as it is.
func (e *Entry) CopyTo(ctx context.Context, w io.Writer) (Content, error) {
	if err := ctx.Err(); err != nil {
		return Content{}, err
	}
	s := e.source()
	defer s.release()
	d := digester{ctx: ctx, left: e.Size, sum: sha256.New(), w: w}
	_, err := s.WriteTo(&d)
	switch {
	case d.err != nil:
		return Content{}, d.err
	case d.long:
		return Content{}, e.tooLong()
	case err == nil:
		err = io.EOF
	}
	if err = s.verdict(err, e.Size-d.left, d.crc); err != io.EOF {
		return Content{}, err
	}
	c := Content{Size: e.Size, CRC32: d.crc, spare: s.spareBits()}
	d.sum.Sum(c.SHA256[:0])
	return c, nil
}

// digester takes the content of one entry out of the decompressor's own window.
type digester struct {
	ctx  context.Context
	left int64
	crc  uint32
	sum  hash.Hash
	w    io.Writer // may be nil
	long bool      // the content goes on after the declared size
	err  error     // of ctx or w
}

var errStop = errors.New("stop")

func (d *digester) Write(p []byte) (int, error) {
	if d.err = d.ctx.Err(); d.err != nil {
		return 0, errStop
	}
	if int64(len(p)) > d.left {
		d.long = true
		return 0, errStop
	}
	d.left -= int64(len(p))
	d.crc = crc32.Update(d.crc, crc32.IEEETable, p)
	d.sum.Write(p)
	if d.w != nil {
		if _, d.err = d.w.Write(p); d.err != nil {
			return 0, errStop
		}
	}
	return len(p), nil
}

// verdict turns the error that ended the content into io.EOF if everything
// agrees with the header, else into the problem or the I/O error behind it.
func (s *source) verdict(err error, n int64, crc uint32) error {
	e := s.e
	var corrupt flate.CorruptInputError
	var problem *evidence.Problem
	switch {
	case errors.As(err, &problem):
		return err
	case errors.As(err, &corrupt):
		return e.problem(ruleDeflate, "the deflate stream is corrupt at byte %d of %d", int64(corrupt), e.CompressedSize)
	case err == io.EOF && e.Method == Store && n < e.Size:
		return fmt.Errorf("%s: %w", e.Name, io.ErrUnexpectedEOF) // the file is shorter than it was
	case err == io.ErrUnexpectedEOF && s.unread() == 0:
		return e.problem(ruleDeflate, "the deflate stream does not end within its %d bytes", e.CompressedSize)
	case err != io.EOF:
		return fmt.Errorf("%s: %w", e.Name, err)
	case s.unread() > 0:
		return e.problem(ruleTrailing, "%d bytes follow the end of the deflate stream", s.unread())
	case n != e.Size:
		return e.problem(ruleLength, "the entry holds %d bytes, its header says %d", n, e.Size)
	case crc != e.CRC32:
		return e.problem(ruleChecksum, "the CRC-32 of the content is %08x, the header says %08x", crc, e.CRC32)
	}
	return io.EOF
}

func (e *Entry) tooLong() *evidence.Problem {
	return e.problem(ruleLength, "the entry holds more than the %d bytes that its header says", e.Size)
}

func (e *Entry) problem(r rule, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{
		Code: r.code, Severity: evidence.SeverityError, Path: e.Name, Offset: e.data,
		Message: fmt.Sprintf(format, args...), Err: r.class,
	}
}
