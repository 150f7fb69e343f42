// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// UTF8 returns r as UTF-8 without a byte order mark. UTF-16 with a mark, which
// some Windows tools write, is transcoded; positions then count bytes of the
// UTF-8 text. The second result names the encoding: "UTF-8" or "UTF-16".
//
// A bytes.Buffer that holds UTF-8 is returned itself, so that its content need not be copied.
func UTF8(r io.Reader) (io.Reader, string) {
	if b, ok := r.(*bytes.Buffer); ok && !isUTF16(b.Bytes()) {
		if bytes.HasPrefix(b.Bytes(), []byte("\xef\xbb\xbf")) {
			b.Next(3)
		}
		return b, "UTF-8"
	}
	b := bufio.NewReaderSize(r, windowBytes)
	head, _ := b.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		b.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		b.Discard(2)
		return &utf16Reader{r: b, order: binary.LittleEndian}, "UTF-16"
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		b.Discard(2)
		return &utf16Reader{r: b, order: binary.BigEndian}, "UTF-16"
	}
	return b, "UTF-8"
}

// isUTF16 reports whether text begins with a byte order mark of UTF-16.
func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff"))
}

// utf16Reader transcodes to UTF-8. Half a code unit and half a surrogate pair
// become a byte that is not UTF-8: the usual U+FFFD would hide them from the Decoder.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	held  []byte // of a character that the last Read had no room for
	buf   [utf8.UTFMax]byte
}

const notUTF8 = 0xff

func (u *utf16Reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(u.held) == 0 {
			next, err := u.next(u.buf[:0])
			if err != nil {
				if n > 0 {
					err = nil
				}
				return n, err
			}
			u.held = next
		}
		m := copy(p[n:], u.held)
		u.held = u.held[m:]
		n += m
	}
	return n, nil
}

// next appends the next character to b.
func (u *utf16Reader) next(b []byte) ([]byte, error) {
	unit, err := u.r.Peek(2)
	if len(unit) == 0 {
		return nil, err
	}
	u.r.Discard(len(unit))
	if len(unit) == 1 {
		return append(b, notUTF8), nil
	}
	r := rune(u.order.Uint16(unit))
	if utf16.IsSurrogate(r) {
		low, _ := u.r.Peek(2)
		if len(low) == 2 {
			r = utf16.DecodeRune(r, rune(u.order.Uint16(low)))
		}
		if len(low) < 2 || r == utf8.RuneError {
			return append(b, notUTF8), nil
		}
		u.r.Discard(2)
	}
	return utf8.AppendRune(b, r), nil
}
