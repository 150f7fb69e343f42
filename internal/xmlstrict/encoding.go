// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package xmlstrict

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/transform"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// encodings has the names of IANA's character set registry, in lower case, and
// those that Windows and Java programs write. Encodings with shift states are
// left out: one text could be read in two ways.
var encodings = map[string]encoding.Encoding{
	"iso-8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "iso8859-1": charmap.ISO8859_1, "iso8859_1": charmap.ISO8859_1,
	"iso-8859-2": charmap.ISO8859_2, "latin2": charmap.ISO8859_2,
	"iso-8859-3": charmap.ISO8859_3, "iso-8859-4": charmap.ISO8859_4, "iso-8859-5": charmap.ISO8859_5,
	"iso-8859-6": charmap.ISO8859_6, "iso-8859-7": charmap.ISO8859_7, "iso-8859-8": charmap.ISO8859_8,
	"iso-8859-9": charmap.ISO8859_9, "iso-8859-10": charmap.ISO8859_10, "iso-8859-13": charmap.ISO8859_13,
	"iso-8859-14": charmap.ISO8859_14, "iso-8859-15": charmap.ISO8859_15, "latin-9": charmap.ISO8859_15,
	"iso-8859-16":  charmap.ISO8859_16,
	"windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252,
	"windows-1253": charmap.Windows1253, "windows-1254": charmap.Windows1254, "windows-1255": charmap.Windows1255,
	"windows-1256": charmap.Windows1256, "windows-1257": charmap.Windows1257, "windows-1258": charmap.Windows1258,
	"windows-874": charmap.Windows874,
	"cp1250":      charmap.Windows1250, "cp1251": charmap.Windows1251, "cp1252": charmap.Windows1252,
	"cp437": charmap.CodePage437, "ibm437": charmap.CodePage437, "cp850": charmap.CodePage850, "ibm850": charmap.CodePage850,
	"cp866": charmap.CodePage866, "ibm866": charmap.CodePage866,
	"koi8-r": charmap.KOI8R, "koi8-u": charmap.KOI8U, "macintosh": charmap.Macintosh,
	"shift_jis": japanese.ShiftJIS, "windows-31j": japanese.ShiftJIS, "ms932": japanese.ShiftJIS, "euc-jp": japanese.EUCJP,
	"gbk": simplifiedchinese.GBK, "gb2312": simplifiedchinese.GBK, "gb18030": simplifiedchinese.GB18030,
	"big5": traditionalchinese.Big5, "euc-kr": korean.EUCKR,
}

// Encodings returns the names, in lower case and sorted, of the encodings that
// are read beside UTF-8, US-ASCII and UTF-16.
func Encodings() []string { return slices.Sorted(maps.Keys(encodings)) }

// utf16Mark reports whether data begins like UTF-16: with a byte order mark, or
// with "<" in two bytes (XML 1.0 appendix F.1).
func utf16Mark(data []byte) bool { return hasPrefix(data, "\xfe\xff", "\xff\xfe", "<\x00", "\x00<") }

// utf32Mark is utf16Mark for UTF-32, and is to be asked first.
func utf32Mark(data []byte) bool {
	return hasPrefix(data, "\x00\x00\xfe\xff", "\xff\xfe\x00\x00", "<\x00\x00\x00", "\x00\x00\x00<")
}

func hasPrefix(data []byte, heads ...string) bool {
	for _, head := range heads {
		if bytes.HasPrefix(data, []byte(head)) {
			return true
		}
	}
	return false
}

// open finds out how the bytes of r become UTF-8 and reads the XML declaration.
func (d *Decoder) open(r io.Reader) {
	b := bufio.NewReader(r)
	head, err := b.Peek(4)
	if err != nil && err != io.EOF {
		d.err = err
		return
	}
	if utf32Mark(head) {
		d.fail(d.here(), "xml.charset", evidence.ErrUnsupported, "document is UTF-32")
		return
	}
	found := "UTF-8"
	d.r = b
	if utf16Mark(head) {
		found = "UTF-16"
		var mark string
		switch {
		case head[0] == '<':
			mark = "\xff\xfe"
		case head[0] == 0:
			mark = "\xfe\xff"
		}
		d.r, _ = jsonstrict.UTF8(io.MultiReader(strings.NewReader(mark), b))
	}
	d.prolog(found)
}

// prolog reads a UTF-8 byte order mark and the XML declaration (XML 1.0 §2.8),
// and turns to the encoding that it declares. found is the encoding in use so far.
func (d *Decoder) prolog(found string) {
	marked := found == "UTF-8" && d.literal("\xef\xbb\xbf")
	if !d.has(6) || !bytes.HasPrefix(d.buf[d.pos:], []byte("<?xml")) || !isSpace(d.buf[d.pos+5]) {
		return
	}
	d.token = d.here()
	d.mark = d.pos
	d.pos += len("<?xml")
	version, ok := d.pseudoAttr("version")
	if d.err == nil && !ok {
		d.unexpected("a version")
	}
	if digits, ok := strings.CutPrefix(version, "1."); d.err == nil && (!ok || digits == "" || strings.Trim(digits, "0123456789") != "") {
		d.fail(d.token, "xml.version", evidence.ErrUnsupported, "XML version %s, want 1.0", textfmt.Quote(version))
	}
	declared, _ := d.pseudoAttr("encoding")
	if alone, ok := d.pseudoAttr("standalone"); d.err == nil && ok && alone != "yes" && alone != "no" {
		d.fail(d.token, "xml.syntax", evidence.ErrFormat, "standalone is %s, want yes or no", textfmt.Quote(alone))
	}
	d.space()
	if d.err == nil && !d.literal("?>") {
		d.unexpected(`"?>"`)
	}
	d.mark = -1
	if d.err == nil && declared != "" {
		d.turnTo(strings.ToLower(declared), found, marked)
	}
}

// turnTo makes the rest of the text be read in the declared encoding.
func (d *Decoder) turnTo(declared, found string, marked bool) {
	sixteen := strings.HasPrefix(declared, "utf-16") || declared == "iso-10646-ucs-2"
	known := encodings[declared]
	switch {
	case sixteen != (found == "UTF-16"), marked && known != nil:
		d.fail(d.token, "xml.encoding", evidence.ErrFormat, "encoding %s is declared, but the text is %s", textfmt.Quote(declared), found)
	case sixteen, declared == "utf-8", declared == "utf8":
	case declared == "us-ascii", declared == "ascii":
		d.transcode(asciiOnly{transform.NopResetter{}})
	case known == nil:
		d.fail(d.token, "xml.charset", evidence.ErrUnsupported, "encoding %s is not known", textfmt.Quote(declared))
	default:
		d.transcode(transform.Chain(known.NewDecoder(), refuse{transform.NopResetter{}}))
	}
}

// pseudoAttr reads one part of the XML declaration if it is next.
func (d *Decoder) pseudoAttr(name string) (value string, ok bool) {
	d.space()
	if !isSpace(d.buf[d.pos-1]) || !d.literal(name) {
		return "", false
	}
	d.space()
	if !d.literal("=") {
		d.unexpected(`"="`)
		return "", false
	}
	d.space()
	if !d.has(1) || d.buf[d.pos] != '"' && d.buf[d.pos] != '\'' {
		d.unexpected("a quoted value")
		return "", false
	}
	const most = 100 // no encoding's name comes near
	quote := d.buf[d.pos]
	d.pos++
	for n := 0; n < most && d.has(n+1); n++ {
		if d.buf[d.pos+n] == quote {
			value = string(d.buf[d.pos : d.pos+n])
			d.pos += n + 1
			return value, true
		}
	}
	d.fail(d.token, "xml.syntax", evidence.ErrFormat, "value of %s in the XML declaration has no end", name)
	return "", false
}

// transcode makes all that follows pass through t.
func (d *Decoder) transcode(t transform.Transformer) {
	var rest io.Reader = bytes.NewReader(d.buf[d.pos:])
	if d.r != nil {
		rest = io.MultiReader(rest, d.r)
	}
	d.buf = append(make([]byte, 0, windowBytes), d.buf[:d.pos]...)
	d.r = transform.NewReader(rest, t)
}

// notUTF8 stands for a byte that is not text of its encoding. The usual U+FFFD
// would hide it from the Decoder.
const notUTF8 = 0xff

// asciiOnly passes ASCII.
type asciiOnly struct{ transform.NopResetter }

func (asciiOnly) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	n := copy(dst, src)
	for i, c := range dst[:n] {
		if c >= 0x80 {
			dst[i] = notUTF8
		}
	}
	if n < len(src) {
		err = transform.ErrShortDst
	}
	return n, n, err
}

// refuse turns U+FFFD, by which decoders say that bytes mean nothing, into notUTF8.
type refuse struct{ transform.NopResetter }

func (refuse) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	const replacement = "\uFFFD"
	for nSrc < len(src) {
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		c, size := src[nSrc], 1
		if c == replacement[0] {
			rest := src[nSrc:min(len(src), nSrc+len(replacement))]
			switch {
			case string(rest) == replacement:
				c, size = notUTF8, len(replacement)
			case len(rest) < len(replacement) && !atEOF && strings.HasPrefix(replacement, string(rest)):
				return nDst, nSrc, transform.ErrShortSrc
			}
		}
		dst[nDst] = c
		nDst++
		nSrc += size
	}
	return nDst, nSrc, nil
}
