// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zlib"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Screenshot is a PNG image that was read to its end.
type Screenshot struct {
	Width, Height int    // in pixels
	Decoded       bool   // to the last pixel; see ScreenshotOptions.DecodePixels
	Thumbnail     []byte // PNG, see [ScreenshotOptions]; nil for an image that was not decoded, and with NoThumbnail
}

// ScreenshotOptions says how [ReadScreenshot] reads. Nil and the zero value mean
// the defaults, which are the strictest.
type ScreenshotOptions struct {
	Limits evidence.Limits // Pixels and DocumentBytes bound the image; neither side may be longer than 65,535

	// DecodePixels bounds the work on one image of many: one with more pixels is not
	// decoded. Its chunks are still read, in order and with their checksums. Zero
	// decodes every image.
	DecodePixels int64

	// NoThumbnail makes none, which is most of the work on an image. What is checked
	// is the same.
	NoThumbnail bool

	// The thumbnail is ThumbWidth wide, 0 meaning 320, or as wide as the image if
	// that is less. Of a long page it shows the top, at most ThumbHeight high, 0
	// meaning 200; neither more than 1,024. Transparent pixels are shown on white.
	// Equal images give equal bytes, with every version of Go.
	ThumbWidth, ThumbHeight int
}

// ReadScreenshot checks that r is one whole PNG image and nothing else: every
// chunk with its checksum, in order, pixels neither too few nor too many, nothing
// after the end. It holds a few rows at a time, not the image. Animations, of
// which a person would see another picture than the one that was checked, are
// refused as unsupported.
//
// The error is a *Problem with the offset, or that of r.
func ReadScreenshot(r io.Reader, o *ScreenshotOptions) (*Screenshot, error) {
	var opts ScreenshotOptions
	if o != nil {
		opts = *o
	}
	opts.Limits = opts.Limits.OrDefault()
	if opts.ThumbWidth <= 0 {
		opts.ThumbWidth = 320
	}
	if opts.ThumbHeight <= 0 {
		opts.ThumbHeight = 200
	}
	const most = 1024
	opts.ThumbWidth, opts.ThumbHeight = min(opts.ThumbWidth, most), min(opts.ThumbHeight, most)
	p := &pngReader{r: bufio.NewReader(r), opts: opts, crc: crc32.NewIEEE()}
	return p.read()
}

// pngReader is the state of reading one image (PNG, third edition, §5 and §11).
//
// The standard library's image/png is not used: it passes over what follows the
// end, over animations and over data between the chunks, and holds the whole image,
// 256 MB of one that Limits.Pixels allows. Where no thumbnail is asked for, this is
// also twice as fast (BenchmarkReadScreenshot).
type pngReader struct {
	r    *bufio.Reader
	opts ScreenshotOptions
	at   int64 // offset of the next byte
	err  error // of the source, which zlib would hide

	typ  string // of the open chunk
	left uint32 // bytes of it to read
	crc  hash.Hash32

	width, height, depth int
	color                byte
	interlaced           bool
	palette              []byte // red, green, blue of each entry
	alpha                []byte // of each entry, as far as given
}

// Colour types (PNG §6.1).
const (
	grey      = 0
	rgb       = 2
	indexed   = 3
	greyAlpha = 4
	rgba      = 6
)

func (p *pngReader) problem(code string, class error, format string, args ...any) error {
	return &evidence.Problem{Code: code, Severity: evidence.SeverityError, Offset: p.at, Message: fmt.Sprintf(format, args...) + fmt.Sprintf(" (offset %d)", p.at), Err: class}
}

// full reads len(b) bytes.
func (p *pngReader) full(b []byte) error {
	n, err := io.ReadFull(p.r, b)
	p.at += int64(n)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return p.problem("png.truncated", evidence.ErrFormat, "image ends too early")
	case err != nil:
		return err
	case p.at > p.opts.Limits.DocumentBytes:
		return p.problem("png.size", evidence.ErrLimit, "image is longer than %d bytes", p.opts.Limits.DocumentBytes)
	}
	return nil
}

func (p *pngReader) read() (*Screenshot, error) {
	var sig [8]byte
	if err := p.full(sig[:]); err != nil {
		return nil, err
	}
	if string(sig[:]) != "\x89PNG\r\n\x1a\n" {
		return nil, p.problem("png.signature", evidence.ErrFormat, "not a PNG image")
	}
	if err := p.open(); err != nil {
		return nil, err
	}
	if err := p.header(); err != nil {
		return nil, err
	}
	shot := &Screenshot{Width: p.width, Height: p.height}
	data := false
	for {
		if err := p.open(); err != nil {
			return nil, err
		}
		// The rows of IDAT end where another chunk is open.
		if p.typ == "IDAT" && !data {
			data = true
			var err error
			if most := p.opts.DecodePixels; most > 0 && int64(p.width)*int64(p.height) > most {
				err = p.passOver()
			} else {
				shot.Decoded = true
				shot.Thumbnail, err = p.pixels()
			}
			if err != nil {
				return nil, err
			}
		}
		switch {
		case p.typ == "IEND" && data && p.left == 0:
			if err := p.close(); err != nil {
				return nil, err
			}
			if _, err := p.r.ReadByte(); err != io.EOF {
				if err != nil {
					return nil, err
				}
				return nil, p.problem("png.trailing", evidence.ErrFormat, "data after the end of the image")
			}
			return shot, nil
		case p.typ == "PLTE" && !data && p.palette == nil:
			if err := p.plte(); err != nil {
				return nil, err
			}
		case p.typ == "tRNS" && !data && p.color == indexed:
			if err := p.trns(); err != nil {
				return nil, err
			}
		case p.typ == "acTL", p.typ == "fcTL", p.typ == "fdAT": // PNG §11.3.6
			return nil, p.problem("png.animated", evidence.ErrUnsupported, "image is an animation")
		case p.typ[0]&0x20 == 0: // critical: repeated, misplaced or unknown
			return nil, p.problem("png.chunk", evidence.ErrFormat, "chunk %s where none may be", textfmt.Quote(p.typ))
		default:
			if err := p.skip(); err != nil {
				return nil, err
			}
		}
	}
}

// open reads a chunk's length and type (PNG §5.3).
func (p *pngReader) open() error {
	var head [8]byte
	if err := p.full(head[:]); err != nil {
		return err
	}
	p.left, p.typ = binary.BigEndian.Uint32(head[:4]), string(head[4:])
	for _, c := range head[4:] {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return p.problem("png.chunk", evidence.ErrFormat, "chunk type %s is no word of four letters", textfmt.Quote(p.typ))
		}
	}
	if p.left > 1<<31-1 {
		return p.problem("png.chunk", evidence.ErrFormat, "chunk %s is longer than chunks may be", p.typ)
	}
	p.crc.Reset()
	p.crc.Write(head[4:])
	return nil
}

// body reads from the open chunk; io.EOF at its end, after the checksum.
func (p *pngReader) body(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	b = b[:min(len(b), int(p.left))]
	if err := p.full(b); err != nil {
		return 0, err
	}
	p.left -= uint32(len(b))
	p.crc.Write(b)
	return len(b), nil
}

// close checks the checksum of the open chunk, which must be read.
func (p *pngReader) close() error {
	var sum [4]byte
	if err := p.full(sum[:]); err != nil {
		return err
	}
	if binary.BigEndian.Uint32(sum[:]) != p.crc.Sum32() {
		return p.problem("png.crc", evidence.ErrFormat, "checksum of chunk %s is wrong", p.typ)
	}
	return nil
}

func (p *pngReader) skip() error {
	var b [4096]byte
	for p.left > 0 {
		if _, err := p.body(b[:]); err != nil {
			return err
		}
	}
	return p.close()
}

// small reads the whole of a chunk that may have at most n bytes.
func (p *pngReader) small(n uint32) ([]byte, error) {
	if p.left > n {
		return nil, p.problem("png.chunk", evidence.ErrFormat, "chunk %s has %d bytes, want at most %d", p.typ, p.left, n)
	}
	b := make([]byte, p.left)
	if len(b) > 0 {
		if _, err := p.body(b); err != nil {
			return nil, err
		}
	}
	return b, p.close()
}

// header reads IHDR (PNG §11.2.1).
func (p *pngReader) header() error {
	if p.typ != "IHDR" || p.left != 13 {
		return p.problem("png.header", evidence.ErrFormat, "image does not begin with its header")
	}
	b, err := p.small(13)
	if err != nil {
		return err
	}
	width, height := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	p.depth, p.color, p.interlaced = int(b[8]), b[9], b[12] == 1
	depths := map[byte][]int{grey: {1, 2, 4, 8, 16}, rgb: {8, 16}, indexed: {1, 2, 4, 8}, greyAlpha: {8, 16}, rgba: {8, 16}}
	known := false
	for _, d := range depths[p.color] {
		known = known || d == p.depth
	}
	const side = 1<<16 - 1 // browsers stop long before
	switch {
	case width == 0 || height == 0 || !known || b[10] != 0 || b[11] != 0 || b[12] > 1:
		return p.problem("png.header", evidence.ErrFormat, "header is not valid: %d x %d, colour type %d of %d bits", width, height, p.color, p.depth)
	case width > side || height > side || int64(width)*int64(height) > p.opts.Limits.Pixels:
		return p.problem("png.pixels", evidence.ErrLimit, "image has %d x %d pixels, the limit is %d and %d to a side", width, height, p.opts.Limits.Pixels, side)
	}
	p.width, p.height = int(width), int(height)
	return nil
}

func (p *pngReader) plte() error {
	b, err := p.small(3 * 256)
	if err != nil {
		return err
	}
	if len(b) == 0 || len(b)%3 != 0 || p.color == grey || p.color == greyAlpha || p.color == indexed && len(b)/3 > 1<<p.depth {
		return p.problem("png.palette", evidence.ErrFormat, "palette of %d bytes does not fit", len(b))
	}
	p.palette = b
	return nil
}

func (p *pngReader) trns() error {
	b, err := p.small(256)
	if err != nil {
		return err
	}
	if len(b) > len(p.palette)/3 {
		return p.problem("png.palette", evidence.ErrFormat, "transparency of %d colours, the palette has %d", len(b), len(p.palette)/3)
	}
	p.alpha = b
	return nil
}

// Read is the compressed data: the content of IDAT chunks, which follow each
// other. At their end the next chunk is open.
func (p *pngReader) Read(b []byte) (int, error) {
	for p.typ == "IDAT" {
		n, err := p.body(b)
		if err == nil {
			return n, nil
		}
		if err == io.EOF {
			if err = p.close(); err == nil {
				err = p.open()
			}
		}
		if err != nil {
			p.err = err
			return 0, err
		}
	}
	return 0, io.EOF
}

// passOver reads the compressed data without inflating it. At its end the next
// chunk is open.
func (p *pngReader) passOver() error {
	for p.typ == "IDAT" {
		if err := p.skip(); err != nil {
			return err
		}
		if err := p.open(); err != nil {
			return err
		}
	}
	return nil
}

// pixels inflates every row, and returns the thumbnail if one is asked for. Rows are
// unfiltered where something depends on what they then are: the thumbnail, or
// whether the palette has their colours.
func (p *pngReader) pixels() ([]byte, error) {
	if p.color == indexed && p.palette == nil {
		return nil, p.problem("png.palette", evidence.ErrFormat, "palette is missing")
	}
	data := bufio.NewReaderSize(p, 4096)
	z, err := zlib.NewReader(data)
	if err != nil {
		return nil, p.dataError(err)
	}
	var thumb *thumbnail
	if !p.opts.NoThumbnail {
		thumb = newThumbnail(p.width, p.height, p.opts)
	}
	for _, pass := range p.passes() {
		if err := p.rows(z, pass, thumb); err != nil {
			return nil, err
		}
	}
	var one [1]byte
	if n, err := z.Read(one[:]); n != 0 {
		return nil, p.problem("png.data", evidence.ErrFormat, "more data than the image has pixels")
	} else if err != io.EOF {
		return nil, p.dataError(err)
	}
	if _, err := data.ReadByte(); err == nil {
		return nil, p.problem("png.data", evidence.ErrFormat, "data after the end of the compressed stream")
	} else if err != io.EOF {
		return nil, p.dataError(err)
	}
	if thumb == nil {
		return nil, nil
	}
	return thumb.png(), nil
}

func (p *pngReader) dataError(err error) error {
	switch {
	case p.err != nil:
		return p.err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return p.problem("png.data", evidence.ErrFormat, "less data than the image has pixels")
	}
	return p.problem("png.data", evidence.ErrFormat, "compressed data is damaged: %v", err)
}

// pass is a part of the image whose rows follow each other in the data: every
// dx-th pixel of every dy-th row, from x, y on.
type pass struct{ x, y, dx, dy int }

// adam7 are the passes of an interlaced image (PNG §8.2).
var adam7 = []pass{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}

func (p *pngReader) passes() []pass {
	if p.interlaced {
		return adam7
	}
	return []pass{{0, 0, 1, 1}}
}

// rows reads the rows of one pass. One without pixels has none.
func (p *pngReader) rows(z io.Reader, part pass, thumb *thumbnail) error {
	width, height := (p.width-part.x+part.dx-1)/part.dx, (p.height-part.y+part.dy-1)/part.dy
	if width <= 0 || height <= 0 {
		return nil
	}
	samples := map[byte]int{grey: 1, rgb: 3, indexed: 1, greyAlpha: 2, rgba: 4}[p.color]
	bits := samples * p.depth
	step := max(bits/8, 1) // bytes to the pixel on the left (PNG §9.2)
	size := (width*bits + 7) / 8
	row, above := make([]byte, 1+size), make([]byte, 1+size)
	need := thumb != nil || p.color == indexed && !p.fullPalette()
	for i := range height {
		if _, err := io.ReadFull(z, row); err != nil {
			return p.dataError(err)
		}
		y := part.y + i*part.dy
		if row[0] > mostFilter {
			return p.problem("png.data", evidence.ErrFormat, "filter type %d in row %d", row[0], y)
		}
		if !need {
			continue
		}
		unfilter(row[0], row[1:], above[1:], step)
		if p.color == indexed {
			if err := p.checkIndexes(row[1:], width); err != nil {
				return err
			}
		}
		if sums := thumb.row(y); sums != nil {
			for x := range width {
				c := p.pixel(row[1:], x)
				s := &sums[thumb.columns[part.x+x*part.dx]]
				s[0] += uint64(c[0])
				s[1] += uint64(c[1])
				s[2] += uint64(c[2])
				s[3]++
			}
		}
		row, above = above, row
	}
	return nil
}

// mostFilter is the highest type of filter.
const mostFilter = 4

// unfilter undoes the filter of a row (PNG §9.2).
func unfilter(filter byte, row, above []byte, step int) {
	switch filter {
	case 1:
		for i := step; i < len(row); i++ {
			row[i] += row[i-step]
		}
	case 2:
		for i := range row {
			row[i] += above[i]
		}
	case 3:
		for i := range row {
			left := 0
			if i >= step {
				left = int(row[i-step])
			}
			row[i] += byte((left + int(above[i])) / 2)
		}
	case 4:
		for i := range min(step, len(row)) {
			row[i] += above[i] // with nothing on the left, the predictor is what is above
		}
		above = above[:len(row)]
		for i := step; i < len(row); i++ {
			row[i] += paeth(int(row[i-step]), int(above[i]), int(above[i-step]))
		}
	}
}

// paeth is the predictor of PNG §9.4.
func paeth(left, above, corner int) byte {
	a, b := above-corner, left-corner // the estimate is left + above - corner
	c := a + b
	a, b, c = max(a, -a), max(b, -b), max(c, -c)
	switch {
	case a <= b && a <= c:
		return byte(left)
	case b <= c:
		return byte(above)
	}
	return byte(corner)
}

// bitsAt returns sample x of a row of samples of at most 8 bits.
func (p *pngReader) bitsAt(row []byte, x int) int {
	if p.depth == 8 {
		return int(row[x])
	}
	per := 8 / p.depth
	shift := 8 - p.depth*(x%per+1)
	return int(row[x/per]>>shift) & (1<<p.depth - 1)
}

// fullPalette reports whether the palette has a colour for every value of a sample.
func (p *pngReader) fullPalette() bool { return len(p.palette)/3 == 1<<p.depth }

func (p *pngReader) checkIndexes(row []byte, width int) error {
	if p.fullPalette() {
		return nil
	}
	colors := len(p.palette) / 3
	for x := range width {
		if i := p.bitsAt(row, x); i >= colors {
			return p.problem("png.palette", evidence.ErrFormat, "colour %d, the palette has %d", i, colors)
		}
	}
	return nil
}

// pixel returns the colour of pixel x on white. A single transparent colour
// (tRNS of grey and RGB images) is shown as it is.
func (p *pngReader) pixel(row []byte, x int) [3]byte {
	at := func(sample, samples int) byte { return row[(x*samples+sample)*p.depth/8] } // of 16 bits, the high ones
	switch p.color {
	case grey:
		if p.depth == 16 {
			return [3]byte{row[2*x], row[2*x], row[2*x]}
		}
		v := byte(p.bitsAt(row, x) * 255 / (1<<p.depth - 1))
		return [3]byte{v, v, v}
	case indexed:
		i := p.bitsAt(row, x)
		c := [3]byte(p.palette[3*i:])
		if i < len(p.alpha) {
			return onWhite(c, p.alpha[i])
		}
		return c
	case greyAlpha:
		return onWhite([3]byte{at(0, 2), at(0, 2), at(0, 2)}, at(1, 2))
	case rgba:
		return onWhite([3]byte{at(0, 4), at(1, 4), at(2, 4)}, at(3, 4))
	}
	return [3]byte{at(0, 3), at(1, 3), at(2, 3)}
}

func onWhite(c [3]byte, alpha byte) [3]byte {
	for i := range c {
		c[i] = byte((int(c[i])*int(alpha) + 255*(255-int(alpha)) + 127) / 255)
	}
	return c
}

// IsPNG reports whether data begins with the signature of PNG.
func IsPNG(data []byte) bool { return bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) }
