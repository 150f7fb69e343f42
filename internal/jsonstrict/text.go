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
func UTF8(r io.Reader) (io.Reader, string) {
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

// utf16Reader transcodes to UTF-8. Half a code unit and half a surrogate pair
// become a byte that is not UTF-8: the usual U+FFFD would hide them from the Decoder.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
}

const notUTF8 = 0xff

func (u *utf16Reader) Read(p []byte) (int, error) {
	out := p[:0]
	for cap(out)-len(out) >= utf8.UTFMax {
		unit, err := u.r.Peek(2)
		if len(unit) < 2 {
			if len(unit) == 1 {
				u.r.Discard(1)
				return len(append(out, notUTF8)), nil
			}
			if len(out) > 0 {
				err = nil
			}
			return len(out), err
		}
		r := rune(u.order.Uint16(unit))
		u.r.Discard(2)
		if utf16.IsSurrogate(r) {
			low, _ := u.r.Peek(2)
			if len(low) == 2 {
				r = utf16.DecodeRune(r, rune(u.order.Uint16(low)))
			}
			if len(low) < 2 || r == utf8.RuneError {
				out = append(out, notUTF8)
				continue
			}
			u.r.Discard(2)
		}
		out = utf8.AppendRune(out, r)
	}
	if len(out) == 0 && len(p) > 0 {
		return 0, io.ErrShortBuffer
	}
	return len(out), nil
}
