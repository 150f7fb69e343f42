// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/zlib"
)

// thumbnail is a small image in the making: each of its pixels is the mean of
// the pixels of the image that it covers.
type thumbnail struct {
	width, height int
	from          int   // width of the image, which gives the scale
	columns       []int // of the thumbnail, for each of the image
	sums          [][4]uint64
}

func newThumbnail(width, height int, o ScreenshotOptions) *thumbnail {
	t := &thumbnail{width: min(width, o.ThumbWidth), from: width}
	t.height = min(max(height*t.width/width, 1), o.ThumbHeight)
	t.columns = make([]int, width)
	for x := range t.columns {
		t.columns[x] = x * t.width / width
	}
	t.sums = make([][4]uint64, t.width*t.height)
	return t
}

// row returns the pixels that row y of the image is part of, nothing when it is
// below the thumbnail, or there is none.
func (t *thumbnail) row(y int) [][4]uint64 {
	if t == nil {
		return nil
	}
	y = y * t.width / t.from
	if y >= t.height {
		return nil
	}
	return t.sums[y*t.width : (y+1)*t.width]
}

// png encodes the thumbnail. The standard library's encoder is not used, as its
// output follows the Go version's deflate; this one's is pinned in go.mod, as
// that of the packs. Colours are cut to five bits each, which nobody sees at this
// size and which halves the bytes.
func (t *thumbnail) png() []byte {
	var rows bytes.Buffer
	z, _ := zlib.NewWriterLevel(&rows, zlib.BestCompression) // the level is valid, and a Buffer takes everything
	row := make([]byte, 1+3*t.width)
	above := make([]byte, 3*t.width)
	for y := range t.height {
		row[0] = 2 // up (PNG §9.2): flat areas become zeros
		for x := range t.width {
			s := t.sums[y*t.width+x]
			for i := range 3 {
				v := byte(0xFF)
				if s[3] > 0 {
					v = byte(s[i] / s[3])
				}
				v = v&0xF8 | v>>5
				row[1+3*x+i] = v - above[3*x+i]
				above[3*x+i] = v
			}
		}
		z.Write(row)
	}
	z.Close()

	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(typ string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		start := len(out)
		out = append(append(out, typ...), data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	var head []byte
	head = binary.BigEndian.AppendUint32(head, uint32(t.width))
	head = binary.BigEndian.AppendUint32(head, uint32(t.height))
	chunk("IHDR", append(head, 8, rgb, 0, 0, 0))
	chunk("IDAT", rows.Bytes())
	chunk("IEND", nil)
	return out
}
