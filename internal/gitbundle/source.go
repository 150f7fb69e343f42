// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package gitbundle

import (
	"bufio"
	"errors"
	"hash"
	"io"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// source reads the file byte by byte, counts, and hashes what was read since
// begin. It never reads ahead of what it hashes, as an inflater would that was not
// given an io.ByteReader.
type source struct {
	r      *bufio.Reader
	offset int64
	err    error // of the underlying reader, io.EOF excluded

	sum     hash.Hash // nil before begin
	pending []byte    // read and not yet in sum
}

func newSource(r io.Reader) *source {
	return &source{r: bufio.NewReaderSize(r, 64<<10)}
}

// lineBytes bounds a line of the header: git's own references are shorter.
const lineBytes = 16 << 10

// line reads a line of the header without its end.
func (s *source) line() (string, error) {
	text, err := s.r.ReadSlice('\n')
	s.offset += int64(len(text))
	switch {
	case errors.Is(err, bufio.ErrBufferFull), len(text) > lineBytes:
		return "", problem(CodeHeader, evidence.ErrFormat, "not a git bundle: a line has more than %s", textfmt.Size(lineBytes))
	case err != nil:
		return "", s.ended(err)
	}
	return string(text[:len(text)-1]), nil
}

// ended keeps an error of the reader, and makes the end of the file a problem.
func (s *source) ended(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return problem(CodeTruncated, evidence.ErrFormat, "the file ends here")
	}
	s.err = err
	return err
}

// begin starts hashing.
func (s *source) begin(h hash.Hash) { s.sum = h }

// ReadByte implements io.ByteReader.
func (s *source) ReadByte() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		if err != io.EOF {
			s.err = err
		}
		return 0, err
	}
	s.offset++
	if s.pending = append(s.pending, c); len(s.pending) >= 4<<10 {
		s.flush()
	}
	return c, nil
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	s.offset += int64(n)
	s.flush()
	if s.sum != nil {
		s.sum.Write(p[:n])
	}
	return n, err
}

func (s *source) flush() {
	if s.sum != nil {
		s.sum.Write(s.pending)
	}
	s.pending = s.pending[:0]
}

// checksum returns the hash of what was read since begin, and ends hashing.
func (s *source) checksum() []byte {
	s.flush()
	sum := s.sum.Sum(nil)
	s.sum = nil
	return sum
}
