// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func chunk(typ string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, typ...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func header(width, height uint32, depth, color, interlace byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, width)
	b = binary.BigEndian.AppendUint32(b, height)
	return chunk("IHDR", append(b, depth, color, 0, 0, interlace))
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

const signature = "\x89PNG\r\n\x1a\n"

func join(parts ...[]byte) []byte { return append([]byte(signature), bytes.Join(parts, nil)...) }

// TestScreenshotCorpus reads every real screenshot beside the standard library.
func TestScreenshotCorpus(t *testing.T) {
	root := corpus.Dir(t, "real")
	total := 0
	for _, name := range corpus.Files(t, root, func(p string) bool { return strings.HasSuffix(p, ".png") }) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		shot, err := ReadScreenshot(bytes.NewReader(data), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || shot.Width != want.Width || shot.Height != want.Height {
			t.Errorf("%s: got %d x %d, want %d x %d, %v", name, shot.Width, shot.Height, want.Width, want.Height, err)
		}
		thumb, err := png.DecodeConfig(bytes.NewReader(shot.Thumbnail))
		if err != nil || thumb.Width != min(320, want.Width) || thumb.Height > 200 || len(shot.Thumbnail) > 64<<10 {
			t.Errorf("%s: thumbnail of %d bytes: %+v, %v", name, len(shot.Thumbnail), thumb, err)
		}
		total++
	}
	t.Logf("%d screenshots", total)
	if total < 20 {
		t.Errorf("read %d screenshots, want at least 20", total)
	}
}

// TestPixels compares thumbnails at full size with the standard library's pixels
// for every colour type that it writes, and those it only reads.
func TestPixels(t *testing.T) {
	const w, h = 37, 23
	rect := image.Rect(0, 0, w, h)
	palette := color.Palette{}
	for i := range 200 {
		palette = append(palette, color.NRGBA{byte(i), byte(255 - i), byte(3 * i), byte(255 - i%3*100)})
	}
	images := map[string]image.Image{}
	gray, gray16, nrgba, nrgba64, rgb8 := image.NewGray(rect), image.NewGray16(rect), image.NewNRGBA(rect), image.NewNRGBA64(rect), image.NewRGBA(rect)
	pal, two := image.NewPaletted(rect, palette), image.NewPaletted(rect, palette[:2])
	for y := range h {
		for x := range w {
			gray.SetGray(x, y, color.Gray{byte(x * y)})
			gray16.SetGray16(x, y, color.Gray16{uint16(x * y * 77)})
			nrgba.SetNRGBA(x, y, color.NRGBA{byte(x * 7), byte(y * 11), byte(x ^ y), byte(x*y | 1)})
			nrgba64.SetNRGBA64(x, y, color.NRGBA64{uint16(x * 1700), uint16(y * 2800), uint16(x ^ y), 0x8000})
			rgb8.SetRGBA(x, y, color.RGBA{byte(x * 7), byte(y * 11), byte(x ^ y), 255})
			pal.SetColorIndex(x, y, byte((x+y*w)%200))
			two.SetColorIndex(x, y, byte((x+y)%2))
		}
	}
	images["grey"], images["grey16"], images["rgba"], images["rgba16"], images["rgb"], images["palette"], images["two colours"] = gray, gray16, nrgba, nrgba64, rgb8, pal, two
	for name, img := range images {
		shot, err := ReadScreenshot(bytes.NewReader(encode(t, img)), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !samePixels(t, img, shot.Thumbnail) {
			t.Errorf("%s: pixels differ", name)
		}
	}
}

// TestEveryKind compares every colour type and depth, plain and interlaced, with
// the standard library: rows of noise, under every filter.
func TestEveryKind(t *testing.T) {
	noise := rand.NewChaCha8([32]byte{1})
	kinds := map[byte][]int{grey: {1, 2, 4, 8, 16}, rgb: {8, 16}, indexed: {1, 2, 4, 8}, greyAlpha: {8, 16}, rgba: {8, 16}}
	samples := map[byte]int{grey: 1, rgb: 3, indexed: 1, greyAlpha: 2, rgba: 4}
	read := 0
	for kind, depths := range kinds {
		for _, depth := range depths {
			for interlace, passes := range [][]pass{{{0, 0, 1, 1}}, adam7} {
				for _, size := range [][2]int{{1, 1}, {3, 2}, {5, 9}, {37, 23}} {
					parts := [][]byte{header(uint32(size[0]), uint32(size[1]), byte(depth), kind, byte(interlace))}
					if kind == indexed {
						palette := make([]byte, 3<<depth)
						noise.Read(palette)
						parts = append(parts, chunk("PLTE", palette), chunk("tRNS", palette[:1<<depth/2]))
					}
					var rows []byte
					for _, p := range passes {
						w, h := (size[0]-p.x+p.dx-1)/p.dx, (size[1]-p.y+p.dy-1)/p.dy
						if w <= 0 || h <= 0 {
							continue
						}
						for y := range h {
							row := make([]byte, (w*samples[kind]*depth+7)/8)
							noise.Read(row)
							rows = append(append(rows, byte(y%5)), row...)
						}
					}
					data := join(append(parts, chunk("IDAT", deflated(rows)), chunk("IEND", nil))...)
					want, err := png.Decode(bytes.NewReader(data))
					if err != nil {
						t.Fatal(err)
					}
					shot, err := ReadScreenshot(bytes.NewReader(data), nil)
					if err != nil {
						t.Errorf("type %d of %d bits, interlaced %d, %v: %v", kind, depth, interlace, size, err)
						continue
					}
					if !samePixels(t, want, shot.Thumbnail) {
						t.Errorf("type %d of %d bits, interlaced %d, %v: pixels differ", kind, depth, interlace, size)
					}
					read++
				}
			}
		}
	}
	if read != 15*2*4 {
		t.Errorf("compared %d images, want %d", read, 15*2*4)
	}
}

// samePixels compares an image on white with a thumbnail of its own size, which
// keeps five bits of each colour.
func samePixels(t *testing.T, img image.Image, thumb []byte) bool {
	t.Helper()
	got, err := png.Decode(bytes.NewReader(thumb))
	if err != nil || got.Bounds() != img.Bounds() {
		t.Fatalf("thumbnail: %v, %v", got, err)
	}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			r, g, b, _ := got.At(x, y).RGBA()
			for _, pair := range [3][2]int{{int(c.R), int(r >> 8)}, {int(c.G), int(g >> 8)}, {int(c.B), int(b >> 8)}} {
				want := (pair[0]*int(c.A) + 255*(255-int(c.A))) / 255
				if d := want - pair[1]; d > 9 || d < -9 {
					t.Logf("pixel %d,%d: got %v, want %v", x, y, got.At(x, y), c)
					return false
				}
			}
		}
	}
	return true
}

// TestBombs: neither what a header promises nor what the data unfolds to is ever
// in memory.
func TestBombs(t *testing.T) {
	zeros := deflated(make([]byte, 16<<20))
	for name, test := range map[string]struct {
		data []byte
		code string
	}{
		"50,000 x 50,000 by its header":   {join(header(50000, 50000, 8, rgba, 0), chunk("IDAT", zeros), chunk("IEND", nil)), "png.pixels"},
		"16 MiB for 6 pixels":             {join(header(3, 2, 8, grey, 0), chunk("IDAT", zeros), chunk("IEND", nil)), "png.data"},
		"16 MiB for 6 pixels, laced":      {join(header(3, 2, 8, grey, 1), chunk("IDAT", zeros), chunk("IEND", nil)), "png.data"},
		"a chunk that says 2 GiB":         {append([]byte(signature), 0x7f, 0xff, 0xff, 0xff, 'I', 'H', 'D', 'R'), "png.header"},
		"a text that says 2 GiB":          {append(join(header(3, 2, 8, grey, 0)), 0x7f, 0xff, 0xff, 0xff, 't', 'E', 'X', 't'), "png.truncated"},
		"a palette that says 2 GiB":       {append(join(header(3, 2, 8, indexed, 0)), 0x7f, 0xff, 0xff, 0xff, 'P', 'L', 'T', 'E'), "png.chunk"},
		"compressed text is not inflated": {join(header(3, 2, 8, grey, 0), chunk("zTXt", zeros), chunk("IDAT", deflated(make([]byte, 8))), chunk("IEND", nil)), ""},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadScreenshot(bytes.NewReader(test.data), nil)
		runtime.ReadMemStats(&after)
		p, _ := errors.AsType[*evidence.Problem](err)
		if (p == nil) != (test.code == "") || p != nil && p.Code != test.code {
			t.Errorf("%s: got %v, want %s", name, err, test.code)
		}
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 { // the encoder of thumbnails takes one and a half
			t.Errorf("%s: %d KiB allocated", name, allocated>>10)
		}
	}
}

func TestThumbnail(t *testing.T) {
	long := image.NewGray(image.Rect(0, 0, 1000, 5000))
	for i := range long.Pix {
		long.Pix[i] = byte(i / 1000 / 20)
	}
	data := encode(t, long)
	shot, err := ReadScreenshot(bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(shot.Thumbnail))
	if err != nil || img.Bounds() != image.Rect(0, 0, 320, 200) {
		t.Fatalf("got %v, %v", img.Bounds(), err)
	}
	// Golden: the bytes go into pages that must be the same everywhere.
	if got, want := fmt.Sprintf("%x", sha256.Sum256(shot.Thumbnail)), "b53ba32e33f38d77709a71f8eed42d129a5056cfeacff77e2c59791c5d756a07"; got != want {
		t.Errorf("bytes of the thumbnail changed: %s", got)
	}
	small, err := ReadScreenshot(bytes.NewReader(data), &ScreenshotOptions{ThumbWidth: 50, ThumbHeight: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := png.DecodeConfig(bytes.NewReader(small.Thumbnail)); c.Width != 50 || c.Height != 250 {
		t.Errorf("got %d x %d, want 50 x 250", c.Width, c.Height)
	}
}

func TestScreenshotRefused(t *testing.T) {
	good := encode(t, image.NewGray(image.Rect(0, 0, 3, 2)))
	rows := make([]byte, 2*(1+3))
	idat := chunk("IDAT", deflated(rows))
	end := chunk("IEND", nil)
	flip := bytes.Clone(good)
	flip[len(flip)-14] ^= 1
	for _, test := range []struct {
		name, code string
		class      error
		data       []byte
	}{
		{"nothing", "png.truncated", evidence.ErrFormat, nil},
		{"text", "png.signature", evidence.ErrFormat, []byte("<html>....")},
		{"no header", "png.header", evidence.ErrFormat, join(end)},
		{"no width", "png.header", evidence.ErrFormat, join(header(0, 2, 8, grey, 0), idat, end)},
		{"unknown colour type", "png.header", evidence.ErrFormat, join(header(3, 2, 8, 5, 0), idat, end)},
		{"colour of three bits", "png.header", evidence.ErrFormat, join(header(3, 2, 3, grey, 0), idat, end)},
		{"one side too long", "png.pixels", evidence.ErrLimit, join(header(65536, 1, 8, grey, 0), idat, end)},
		{"a bomb by its header", "png.pixels", evidence.ErrLimit, join(header(60000, 60000, 8, rgba, 0), idat, end)},
		{"one byte too many", "png.data", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), chunk("IDAT", deflated(append(rows, 0))), end)},
		{"one byte too few", "png.data", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), chunk("IDAT", deflated(rows[1:])), end)},
		{"no zlib", "png.data", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), chunk("IDAT", rows), end)},
		{"data after the stream", "png.data", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), chunk("IDAT", append(deflated(rows), 1, 2, 3)), end)},
		{"filter 5", "png.data", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), chunk("IDAT", deflated([]byte{5, 0, 0, 0, 0, 0, 0, 0})), end)},
		{"no data", "png.chunk", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), end)},
		{"data in two places", "png.chunk", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), idat, chunk("tEXt", nil), idat, end)},
		{"two headers", "png.chunk", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), header(3, 2, 8, grey, 0), idat, end)},
		{"unknown critical chunk", "png.chunk", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), chunk("ABCD", nil), idat, end)},
		{"chunk type of digits", "png.chunk", evidence.ErrFormat, join(header(3, 2, 8, grey, 0), chunk("1234", nil), idat, end)},
		{"wrong checksum", "png.crc", evidence.ErrFormat, flip},
		{"no palette", "png.palette", evidence.ErrFormat, join(header(3, 2, 8, indexed, 0), idat, end)},
		{"half a colour", "png.palette", evidence.ErrFormat, join(header(3, 2, 8, indexed, 0), chunk("PLTE", []byte{1, 2}), idat, end)},
		{"colour that is not there", "png.palette", evidence.ErrFormat, join(header(3, 2, 8, indexed, 0), chunk("PLTE", []byte{1, 2, 3}), chunk("IDAT", deflated([]byte{0, 0, 1, 0, 0, 0, 0, 0})), end)},
		{"an animation", "png.animated", evidence.ErrUnsupported, join(header(3, 2, 8, grey, 0), chunk("acTL", make([]byte, 8)), idat, end)},
		{"after the end", "png.trailing", evidence.ErrFormat, append(bytes.Clone(good), 0)},
	} {
		_, err := ReadScreenshot(bytes.NewReader(test.data), nil)
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != test.code || !errors.Is(err, test.class) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.code)
		}
		if _, plain := ReadScreenshot(bytes.NewReader(test.data), &ScreenshotOptions{NoThumbnail: true}); plain == nil || plain.Error() != err.Error() {
			t.Errorf("%s: without a thumbnail: %v, want %v", test.name, plain, err)
		}
	}
	for name, data := range map[string][]byte{
		"as it is":       join(header(3, 2, 8, grey, 0), idat, end),
		"ancillary":      join(header(3, 2, 8, grey, 0), chunk("tEXt", []byte("a\x00b")), idat, chunk("tEXt", nil), end),
		"data in pieces": join(header(3, 2, 8, grey, 0), chunk("IDAT", deflated(rows)[:5]), chunk("IDAT", nil), chunk("IDAT", deflated(rows)[5:]), end),
		"interlaced":     join(header(3, 2, 8, grey, 1), chunk("IDAT", deflated(make([]byte, 2+2+2+4))), end),
		"all filters":    join(header(1, 5, 8, rgb, 0), chunk("IDAT", deflated([]byte{0, 1, 2, 3, 1, 1, 2, 3, 2, 1, 2, 3, 3, 1, 2, 3, 4, 1, 2, 3})), end),
	} {
		if _, err := ReadScreenshot(bytes.NewReader(data), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := png.Decode(bytes.NewReader(data)); err != nil {
			t.Errorf("%s: image/png: %v", name, err)
		}
	}
	for n := range len(good) {
		if _, err := ReadScreenshot(bytes.NewReader(good[:n]), nil); !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
}

func FuzzReadScreenshot(f *testing.F) {
	f.Add(encode(f, image.NewGray(image.Rect(0, 0, 3, 2))))
	f.Add(encode(f, image.NewNRGBA(image.Rect(0, 0, 5, 9))))
	f.Add(join(header(3, 2, 8, grey, 1), chunk("IDAT", deflated(make([]byte, 2+2+2+4))), chunk("IEND", nil)))
	f.Fuzz(func(t *testing.T, data []byte) {
		shot, err := ReadScreenshot(bytes.NewReader(data), &ScreenshotOptions{Limits: evidence.Limits{Pixels: 1 << 16}})
		plain, perr := ReadScreenshot(bytes.NewReader(data), &ScreenshotOptions{Limits: evidence.Limits{Pixels: 1 << 16}, NoThumbnail: true})
		if (err == nil) != (perr == nil) || err != nil && err.Error() != perr.Error() || err == nil && (plain.Thumbnail != nil || !plain.Decoded) {
			t.Fatalf("with a thumbnail: %v; without: %+v, %v", err, plain, perr)
		}
		if err != nil {
			if _, ok := errors.AsType[*evidence.Problem](err); !ok {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		img, err := png.Decode(bytes.NewReader(data)) // what is read here, the standard library reads too
		if err != nil || img.Bounds().Dx() != shot.Width || img.Bounds().Dy() != shot.Height {
			t.Fatalf("image/png: %v", err)
		}
		if _, err := ReadScreenshot(bytes.NewReader(shot.Thumbnail), nil); err != nil {
			t.Fatalf("thumbnail: %v", err)
		}
	})
}

// TestNotDecoded: an image with more pixels than are to be decoded is still read
// to its end, chunk by chunk.
func TestNotDecoded(t *testing.T) {
	good := encode(t, image.NewGray(image.Rect(0, 0, 30, 20)))
	damaged := bytes.Clone(good)
	damaged[len(damaged)-14] ^= 1 // in the checksum of the pixels
	for _, tt := range []struct {
		name    string
		data    []byte
		most    int64
		decoded bool
		code    string
	}{
		{"as many as allowed", good, 600, true, ""},
		{"one more", good, 599, false, ""},
		{"no bound", good, 0, true, ""},
		{"damaged", damaged, 599, false, "png.crc"},
		{"cut", good[:len(good)-13], 599, false, "png.truncated"},
		{"followed by more", append(bytes.Clone(good), 0), 599, false, "png.trailing"},
	} {
		shot, err := ReadScreenshot(bytes.NewReader(tt.data), &ScreenshotOptions{DecodePixels: tt.most})
		p, _ := errors.AsType[*evidence.Problem](err)
		if tt.code != "" {
			if p == nil || p.Code != tt.code {
				t.Errorf("%s: got %v, want %s", tt.name, err, tt.code)
			}
			continue
		}
		if err != nil || shot.Decoded != tt.decoded || shot.Width != 30 || (shot.Thumbnail != nil) != tt.decoded {
			t.Errorf("%s: got %+v, %v", tt.name, shot, err)
		}
	}
}

// BenchmarkReadScreenshot reads a browser's window, with and without its thumbnail,
// and with the standard library, which checks less.
func BenchmarkReadScreenshot(b *testing.B) {
	img := image.NewNRGBA(image.Rect(0, 0, 1280, 720))
	rnd := rand.New(rand.NewPCG(1, 2))
	for y := range 720 {
		for x := range 1280 {
			c := color.NRGBA{250, 250, 252, 255}
			if y > 64 && y%24 < 14 && rnd.IntN(4) == 0 { // letters
				c = color.NRGBA{40, 40, 60, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	data := encode(b, img)
	for _, tt := range []struct {
		name string
		read func(io.Reader) error
	}{
		{"thumbnail", func(r io.Reader) error { _, err := ReadScreenshot(r, nil); return err }},
		{"checked", func(r io.Reader) error {
			_, err := ReadScreenshot(r, &ScreenshotOptions{NoThumbnail: true})
			return err
		}},
		{"image_png", func(r io.Reader) error { _, err := png.Decode(r); return err }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := tt.read(bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
