// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bufio"
	"io"
	"reflect"
	"sync"

	"github.com/klauspost/compress/flate"
)

// source is the data of one entry, decompressed. Sources are used again, as a
// decompressor costs more to make than a small entry to read.
type source struct {
	contents // what to read from: buf or inflate
	e        *Entry
	raw      *io.SectionReader
	buf      *bufio.Reader // over raw, so it never reads past the entry's data
	inflate  inflater      // over buf; nil until a deflated entry needs it
}

// contents gives bytes to a caller's buffer, or all from its own without a copy.
type contents interface {
	io.Reader
	io.WriterTo
}

type inflater interface {
	contents
	flate.Resetter
}

var sources = sync.Pool{New: func() any {
	return &source{buf: bufio.NewReaderSize(nil, 64<<10)}
}}

func (e *Entry) source() *source {
	s := sources.Get().(*source)
	s.e = e
	s.raw = io.NewSectionReader(e.a.r, e.data, e.CompressedSize)
	s.buf.Reset(s.raw)
	switch {
	case e.Method == Store:
		s.contents = s.buf
	case s.inflate == nil:
		s.inflate = flate.NewReader(s.buf).(inflater)
		s.contents = s.inflate
	default:
		s.inflate.Reset(s.buf, nil) // always nil without a dictionary
		s.contents = s.inflate
	}
	return s
}

func (s *source) release() {
	s.e, s.raw, s.contents = nil, nil, nil
	s.buf.Reset(nil)
	sources.Put(s)
}

// unread returns how many bytes of the data were not needed.
func (s *source) unread() int64 {
	at, err := s.raw.Seek(0, io.SeekCurrent)
	if err != nil { // cannot happen: the position is not moved
		return s.e.CompressedSize
	}
	return int64(s.buf.Buffered()) + s.e.CompressedSize - at
}

// spareBits reports whether the last byte of a deflate stream that was read to
// its end has bits set which belong to no code, RFC 1951 §3.2.3. The pinned
// decompressor keeps them in b, nb of them, and does not show them otherwise; a
// test fails should a later version not.
func (s *source) spareBits() bool {
	if s.e.Method == Store {
		return false
	}
	f := reflect.ValueOf(s.inflate).Elem()
	return f.FieldByName("b").Uint()&(1<<f.FieldByName("nb").Uint()-1) != 0
}
