// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package xmlstrict

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// dump writes every token of a document, one a line.
func dump(d *Decoder) (string, error) {
	return dumpValues(d, func(s string) string { return s })
}

// blank levels what encoding/xml does not do: white space in values becomes blanks.
func blank(s string) string { return strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(s) }

func dumpValues(d *Decoder, value func(string) string) (string, error) {
	var b strings.Builder
	for {
		switch d.Next() {
		case Start:
			fmt.Fprintf(&b, "<%s|%s", d.Name().Space, d.Name().Local)
			for _, a := range d.Attrs() {
				fmt.Fprintf(&b, " %s|%s=%q", a.Name.Space, a.Name.Local, value(a.Value))
			}
			b.WriteString(">\n")
		case End:
			fmt.Fprintf(&b, "</%s|%s>\n", d.Name().Space, d.Name().Local)
		case Text:
			fmt.Fprintf(&b, "%q\n", d.Text())
		default:
			return b.String(), d.End()
		}
	}
}

// standard is dump with encoding/xml.
func standard(data []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	var b strings.Builder
	var text []byte
	flush := func() {
		if len(text) > 0 {
			fmt.Fprintf(&b, "%q\n", text)
		}
		text = nil
	}
	depth := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			flush()
			depth++
			fmt.Fprintf(&b, "<%s|%s", tok.Name.Space, tok.Name.Local)
			for _, a := range tok.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					fmt.Fprintf(&b, " %s|%s=%q", a.Name.Space, a.Name.Local, blank(a.Value))
				}
			}
			b.WriteString(">\n")
		case xml.EndElement:
			flush()
			depth--
			fmt.Fprintf(&b, "</%s|%s>\n", tok.Name.Space, tok.Name.Local)
		case xml.CharData:
			if depth > 0 {
				text = append(text, tok...)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"empty element", `<a/>`, "<|a>\n</|a>\n"},
		{"declaration", `<?xml version="1.0" encoding='utf-8' standalone="yes" ?><a></a>`, "<|a>\n</|a>\n"},
		{"version 1.1 read as 1.0", `<?xml version="1.1"?><a/>`, "<|a>\n</|a>\n"},
		{"text", "<a>b\r\nc\rd</a >", "<|a>\n\"b\\nc\\nd\"\n</|a>\n"},
		{"one text", `<a>b<!-- - -->c<![CDATA[<d>&e;]]]]>f<?g h?>i</a>`, "<|a>\n\"bc<d>&e;]]fi\"\n</|a>\n"},
		{"references", `<a b="&lt;&#x41;&#66;&quot;">&amp;&gt;&apos;&#13;&#x1F600;</a>`, "<|a |b=\"<AB\\\"\">\n\"&>'\\r😀\"\n</|a>\n"},
		{"attribute white space", "<a b='1\n2\t3\r\n4&#10;5' c = \"]'&amp;\"/>", "<|a |b=\"1 2 3 4\\n5\" |c=\"]'&\">\n</|a>\n"},
		{"namespaces", `<p:a xmlns:p="u" xmlns="v" p:b="1" b="2"><b xmlns="" xml:lang="x"/><p:c xmlns:p="w"/><c/></p:a>`,
			"<u|a u|b=\"1\" |b=\"2\">\n<|b http://www.w3.org/XML/1998/namespace|lang=\"x\">\n</|b>\n<w|c>\n</w|c>\n<v|c>\n</v|c>\n</u|a>\n"},
		{"around the root", "\ufeff<!-- a --><?b?>\n<c/>\n<!--d--> ", "<|c>\n</|c>\n"},
		{"names", `<é·-.1 _ü="日本"/>`, "<|é·-.1 |_ü=\"日本\">\n</|é·-.1>\n"},
		{"brackets", `<a>]] ]> ]]&gt;</a>`, "<|a>\n\"]] ]> ]]>\"\n</|a>\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := dump(NewBytes([]byte(test.in), Options{}))
			if err != nil || got != test.want {
				t.Errorf("error %v\n%s", err, cmp.Diff(test.want, got))
			}
			slow, err := dump(New(iotest.OneByteReader(strings.NewReader(test.in)), Options{}))
			if err != nil || slow != got {
				t.Errorf("one byte at a time: error %v\n%s", err, cmp.Diff(got, slow))
			}
		})
	}
}

func TestRefused(t *testing.T) {
	tight := evidence.Limits{DocumentBytes: 200, Depth: 2, StringBytes: 10, Elements: 2, Attributes: 2}
	for _, test := range []struct {
		code         string
		class        error
		line, column int
		in           string
		near         string // the closest document that is read
	}{
		{"xml.truncated", evidence.ErrFormat, 1, 1, ``, `<a/>`},
		{"xml.truncated", evidence.ErrFormat, 1, 11, `<!-- a -->`, `<!-- a --><a/>`},
		{"xml.truncated", evidence.ErrFormat, 2, 1, "<a>\n", "<a>\n</a>"},
		{"xml.truncated", evidence.ErrFormat, 1, 5, `<a b`, `<a b=""/>`},
		{"xml.truncated", evidence.ErrFormat, 1, 16, `<a><![CDATA[]]></a>`[:15], `<a><![CDATA[]]></a>`},
		{"xml.truncated", evidence.ErrFormat, 1, 14, `<a><![CDATA[]`, `<a><![CDATA[]]]></a>`},
		{"xml.syntax", evidence.ErrFormat, 1, 1, `a`, `<a/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 1, `{"a":1}`, `<a/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 6, `<a b c="1"/>`, `<a b="" c="1"/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 6, `<a b=c/>`, `<a b="c"/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 9, `<a b="1"c="2"/>`, `<a b="1" c="2"/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 7, `<a b="<"/>`, `<a b=">"/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 4, `<a>]]></a>`, `<a>]]&gt;</a>`},
		{"xml.syntax", evidence.ErrFormat, 1, 4, `<a><!-- -- --></a>`, `<a><!-- - - --></a>`},
		{"xml.syntax", evidence.ErrFormat, 1, 4, `<a><?XML a?></a>`, `<a><?XMLa a?></a>`},
		{"xml.syntax", evidence.ErrFormat, 1, 2, ` <?xml version="1.0"?><a/>`, `<?xml version="1.0"?><a/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 7, `<?xml encoding="UTF-8"?><a/>`, `<?xml version="1.0" encoding="UTF-8"?><a/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 1, `<?xml version="1.0" standalone="YES"?><a/>`, `<?xml version="1.0" standalone="no"?><a/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 4, `<a><!ELEMENT b ANY></a>`, `<a/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 2, `<1a/>`, `<a1/>`},
		{"xml.syntax", evidence.ErrFormat, 1, 2, `< a/>`, `<a />`},
		{"xml.syntax", evidence.ErrFormat, 1, 6, `<a>&b </a>`, `<a>&lt; </a>`},
		{"xml.syntax", evidence.ErrFormat, 1, 6, `<a>&#;</a>`, `<a>&#49;</a>`},
		{"xml.syntax", evidence.ErrFormat, 1, 6, `<a>&#X31;</a>`, `<a>&#x31;</a>`},
		{"xml.trailing", evidence.ErrFormat, 1, 5, `<a/>b`, `<a/> `},
		{"xml.trailing", evidence.ErrFormat, 2, 1, "<a/>\n<b/>", "<a/>\n<!--b-->"},
		{"xml.tag", evidence.ErrFormat, 1, 7, `<a><b></a></b>`, `<a><b></b></a>`},
		{"xml.tag", evidence.ErrFormat, 1, 27, `<p:a xmlns:p="u"><q xmlns="u"/></p:A>`[:17] + `<q/>     </p:A>`, `<p:a xmlns:p="u"></p:a>`},
		{"xml.duplicate-attribute", evidence.ErrFormat, 1, 4, `<a><b c="1" c="2"/></a>`, `<a><b c="1" C="2"/></a>`},
		{"xml.duplicate-attribute", evidence.ErrFormat, 1, 1, `<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>`, `<a xmlns:p="u" xmlns:q="v" p:b="1" q:b="2"/>`},
		{"xml.duplicate-attribute", evidence.ErrFormat, 1, 1, `<a xmlns:p="u" xmlns:p="u"/>`, `<a xmlns:p="u"><a xmlns:p="u"/></a>`},
		{"xml.namespace", evidence.ErrFormat, 1, 1, `<p:a/>`, `<p:a xmlns:p="u"/>`},
		{"xml.namespace", evidence.ErrFormat, 1, 25, `<a><p:b xmlns:p="u"/>   <p:c/></a>`, `<a><p:b xmlns:p="u"><p:c/></p:b></a>`},
		{"xml.namespace", evidence.ErrFormat, 1, 1, `<a p:b=""/>`, `<a b=""/>`},
		{"xml.namespace", evidence.ErrFormat, 1, 1, `<a xmlns:p=""/>`, `<a xmlns=""/>`},
		{"xml.namespace", evidence.ErrFormat, 1, 1, `<a xmlns:xml="u"/>`, `<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>`},
		{"xml.namespace", evidence.ErrFormat, 1, 1, `<a:b:c xmlns:a="u"/>`, `<a:b.c xmlns:a="u"/>`},
		{"xml.entity", evidence.ErrFormat, 1, 4, `<a>&nbsp;</a>`, `<a>&amp;</a>`},
		{"xml.entity", evidence.ErrFormat, 1, 7, `<a b="&c;"/>`, `<a b="&amp;c;"/>`},
		{"xml.char", evidence.ErrFormat, 1, 5, "<a>b\x00</a>", "<a>b</a>"},
		{"xml.char", evidence.ErrFormat, 2, 1, "<a>\n\x1b[1m</a>", "<a>\n[1m</a>"},
		{"xml.char", evidence.ErrFormat, 1, 7, "<a b=\"\x0b\"/>", "<a b=\"\t\"/>"},
		{"xml.char", evidence.ErrFormat, 1, 4, "<a>&#x1b;</a>", "<a>&#x7f;</a>"},
		{"xml.char", evidence.ErrFormat, 1, 4, "<a>&#xD800;</a>", "<a>&#xD7FF;</a>"},
		{"xml.char", evidence.ErrFormat, 1, 4, "<a>&#99999999999999999999;</a>", "<a>&#1114109;</a>"},
		{"xml.char", evidence.ErrFormat, 1, 4, "<a>\uFFFF</a>", "<a>\uFFFD</a>"},
		{"xml.char", evidence.ErrFormat, 1, 9, "<a><!-- \x01--></a>", "<a><!-- --></a>"},
		{"xml.encoding", evidence.ErrFormat, 1, 4, "<a>\xe9</a>", "<a>é</a>"},
		{"xml.encoding", evidence.ErrFormat, 1, 4, "<a>\xc0\x80</a>", "<a>\xc2\x80</a>"},
		{"xml.encoding", evidence.ErrFormat, 1, 4, "<a>\xed\xa0\x80</a>", "<a>\xed\x9f\xbf</a>"},
		{"xml.encoding", evidence.ErrFormat, 1, 2, "<\xe9/>", "<é/>"},
		{"xml.encoding", evidence.ErrFormat, 1, 1, `<?xml version="1.0" encoding="UTF-16"?><a/>`, `<?xml version="1.0" encoding="UTF-8"?><a/>`},
		{"xml.encoding", evidence.ErrFormat, 1, 4, "\ufeff<?xml version=\"1.0\" encoding=\"latin1\"?><a/>", "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>"},
		{"xml.encoding", evidence.ErrFormat, 1, 46, "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a> \xc3\xa9</a>", "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a> e</a>"},
		{"xml.encoding", evidence.ErrFormat, 1, 49, "<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>\x81</a>", "<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>\x80</a>"},
		{"xml.encoding", evidence.ErrFormat, 1, 46, "<?xml version=\"1.0\" encoding=\"shift_jis\"?><a>\x81</a>"[:46] + "</a>", "<?xml version=\"1.0\" encoding=\"shift_jis\"?><a>\x81\x40</a>"},
		{"xml.charset", evidence.ErrUnsupported, 1, 1, `<?xml version="1.0" encoding="UTF-7"?><a/>`, `<?xml version="1.0" encoding="utf8"?><a/>`},
		{"xml.charset", evidence.ErrUnsupported, 1, 1, "\xff\xfe\x00\x00<\x00\x00\x00", "\xff\xfe<\x00a\x00/\x00>\x00"},
		{"xml.version", evidence.ErrUnsupported, 1, 1, `<?xml version="2.0"?><a/>`, `<?xml version="1.0"?><a/>`},
		{"xml.version", evidence.ErrUnsupported, 1, 1, `<?xml version="1."?><a/>`, `<?xml version="1.2"?><a/>`},
		{"xml.dtd", evidence.ErrUnsafe, 1, 1, `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, `<a>b</a>`},
		{"xml.dtd", evidence.ErrUnsafe, 2, 1, "\n<!doctype html><html/>", "\n<html/>"},
		{"xml.depth", evidence.ErrLimit, 1, 7, `<a><b><c/></b></a>`, `<a><b/></a>`},
		{"xml.elements", evidence.ErrLimit, 1, 14, `<a><b/>  <b/><b/></a>`, `<a><b/><b/></a>`},
		{"xml.attributes", evidence.ErrLimit, 1, 14, `<a b="" c="" d=""/>`, `<a b="" c=""/>`},
		{"xml.text", evidence.ErrLimit, 1, 4, `<a>12345678901</a>`, `<a>1234567890</a>`},
		{"xml.text", evidence.ErrLimit, 1, 17, `<a b="12345" c="678901"/>`, `<a b="12345" c="67890"/>`},
		{"xml.text", evidence.ErrLimit, 1, 27, `<a>12345<!-- c -->6789&lt;0</a>`, `<a>12345<!-- c -->6789&lt;</a>`},
	} {
		var o Options
		if test.class == evidence.ErrLimit {
			o.Limits = tight
		}
		check := func(how string, d *Decoder) {
			_, err := dump(d)
			p, ok := errors.AsType[*evidence.Problem](err)
			if !ok || p.Code != test.code || !errors.Is(err, test.class) || p.Line != test.line || p.Column != test.column {
				t.Errorf("%s %q: got %#v, want %s (%v) at %d:%d", how, test.in, err, test.code, test.class, test.line, test.column)
			}
		}
		check("bytes", NewBytes([]byte(test.in), o))
		check("reader", New(strings.NewReader(test.in), o))
		if _, err := dump(NewBytes([]byte(test.near), o)); err != nil {
			t.Errorf("neighbour %q: %v", test.near, err)
		}
	}
}

func TestDocumentBytes(t *testing.T) {
	doc := "<a>" + strings.Repeat("<!-- -->", 100_000) + "</a>"
	for _, n := range []int64{int64(len(doc)), int64(len(doc)) - 1} {
		o := Options{Limits: evidence.Limits{DocumentBytes: n}}
		for how, d := range map[string]*Decoder{"bytes": NewBytes([]byte(doc), o), "reader": New(strings.NewReader(doc), o)} {
			_, err := dump(d)
			p, _ := errors.AsType[*evidence.Problem](err)
			if refused := n < int64(len(doc)); refused != errors.Is(err, evidence.ErrLimit) || refused && p.Code != "xml.size" {
				t.Errorf("%s of %d bytes with a limit of %d: %v", how, len(doc), n, err)
			}
		}
	}
}

func TestReaderError(t *testing.T) {
	_, err := dump(New(io.MultiReader(strings.NewReader("<a>"), iotest.ErrReader(io.ErrClosedPipe)), Options{}))
	if err != io.ErrClosedPipe {
		t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
	}
}

func TestEncodings(t *testing.T) {
	const text = "<a b='é'>\n€ü</a>"
	const want = "<|a |b=\"é\">\n\"\\n€ü\"\n</|a>\n"
	sixteen := func(s string, big, mark bool) []byte {
		var b []byte
		units := utf16.Encode([]rune(s))
		if mark {
			units = append([]uint16{0xFEFF}, units...)
		}
		for _, u := range units {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return b
	}
	declared := func(name string) string { return `<?xml version="1.0" encoding="` + name + `"?>` }
	legacy := func(cm *charmap.Charmap, name string) []byte {
		b, err := cm.NewEncoder().Bytes([]byte(declared(name) + text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, data := range map[string][]byte{
		"UTF-16LE marked":     sixteen(declared("UTF-16")+text, false, true),
		"UTF-16BE marked":     sixteen(declared("utf-16")+text, true, true),
		"UTF-16LE unmarked":   sixteen(declared("UTF-16LE")+text, false, false),
		"UTF-16BE undeclared": sixteen(text, true, false),
		"Windows-1252":        legacy(charmap.Windows1252, "Windows-1252"),
		"ISO-8859-15":         legacy(charmap.ISO8859_15, "ISO-8859-15"),
	} {
		for how, d := range map[string]*Decoder{"bytes": NewBytes(data, Options{}), "reader": New(iotest.OneByteReader(bytes.NewReader(data)), Options{})} {
			if got, err := dump(d); err != nil || got != want {
				t.Errorf("%s, %s: %v\n%s", name, how, err, cmp.Diff(want, got))
			}
		}
	}
	b, _ := japanese.ShiftJIS.NewEncoder().String(declared("Shift_JIS") + "<a>表示</a>")
	if got, err := dump(NewBytes([]byte(b), Options{})); err != nil || got != "<|a>\n\"表示\"\n</|a>\n" {
		t.Errorf("Shift_JIS: %s, %v", got, err)
	}
	half := sixteen("<a>", false, true)
	half = append(half, 0x00, 0xD8, '<', 0)
	_, err := dump(NewBytes(half, Options{}))
	if p, _ := errors.AsType[*evidence.Problem](err); p == nil || p.Code != "xml.encoding" {
		t.Errorf("half a surrogate pair: %v", err)
	}
}

func TestChildren(t *testing.T) {
	const doc = `<a>x<b n="1"><c>deep</c></b>y<d>one <e>two</e><![CDATA[ three]]></d><f><g/></f><h/></a>`
	d := New(iotest.OneByteReader(strings.NewReader(doc)), Options{})
	d.Root()
	var got []string
	for depth := d.Depth(); d.Child(depth); {
		switch name := d.Name().Local; name {
		case "b": // left unread
			n, _ := d.Attr("n")
			got = append(got, "b"+n)
		case "d":
			got = append(got, d.Content())
		case "f":
			got = append(got, string(d.Raw()))
		default:
			d.Skip()
			got = append(got, name)
		}
	}
	if err := d.End(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b1", "one two three", "<f><g/></f>", "h"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestEndTooEarly(t *testing.T) {
	d := NewBytes([]byte("<a><b/></a>"), Options{})
	d.Root()
	if err := d.End(); err == nil {
		t.Error("End inside the root element gave no error")
	}
}

func TestContentAndRawAreBounded(t *testing.T) {
	o := Options{Limits: evidence.Limits{StringBytes: 20}}
	for _, read := range []func(*Decoder){func(d *Decoder) { d.Content() }, func(d *Decoder) { d.Raw() }} {
		d := NewBytes([]byte("<a>1234567<b/>1234567<b/>1234567</a>"), o)
		d.Root()
		read(d)
		if p, _ := errors.AsType[*evidence.Problem](d.Err()); p == nil || p.Code != "xml.text" {
			t.Errorf("got %v, want xml.text", d.Err())
		}
	}
}

// TestLarge reads what a bomb may hold without keeping it.
func TestLarge(t *testing.T) {
	depth := strings.Repeat("<testsuite>", 100_000)
	_, err := dump(New(strings.NewReader(depth), Options{}))
	if p, _ := errors.AsType[*evidence.Problem](err); p == nil || p.Code != "xml.depth" || p.Offset != 200*int64(len("<testsuite>")) {
		t.Errorf("100,000 nested elements: %v", err)
	}
	text := io.MultiReader(strings.NewReader("<a>"), io.LimitReader(zeros{}, 1<<30), strings.NewReader("</a>"))
	d := New(text, Options{})
	d.Root()
	d.Skip()
	if p, _ := errors.AsType[*evidence.Problem](d.Err()); p == nil || p.Code != "xml.text" {
		t.Errorf("1 GiB of text: %v", d.Err())
	}
	if cap(d.buf) > 1<<20 || cap(d.text) > 100 {
		t.Errorf("skipping kept %d + %d bytes", cap(d.buf), cap(d.text))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// TestCorpus holds the tokens of real documents against those of encoding/xml.
func TestCorpus(t *testing.T) {
	read, refused := 0, 0
	for _, part := range []string{"junit", "sbom"} {
		root := corpus.Dir(t, part)
		for _, name := range corpus.Files(t, root, func(p string) bool { return strings.HasSuffix(p, ".xml") }) {
			data, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := dumpValues(NewBytes(data, Options{}), blank)
			if err != nil {
				refused++
				t.Logf("%s: %v", name, err)
				continue
			}
			read++
			want, err := standard(data)
			if bytes.Contains(data[:min(len(data), 100)], []byte("ISO-8859-1")) {
				continue // encoding/xml needs help with it
			}
			if err != nil || got != want {
				t.Errorf("%s: encoding/xml: %v\n%s", name, err, textfmt.Clip(cmp.Diff(want, got), 2000))
			}
		}
	}
	t.Logf("%d documents read, %d refused", read, refused)
	if read < 100 {
		t.Errorf("read %d documents, want at least 100", read)
	}
}

func FuzzDecoder(f *testing.F) {
	for _, s := range []string{
		`<?xml version="1.0"?><a b="c&lt;" xmlns:p="u"><p:d>e]]<![CDATA[f]]></p:d><!-- g --></a>`,
		`<?xml version="1.0" encoding="latin1"?><a>` + "\xe9</a>", "\xff\xfe<\x00a\x00/\x00>\x00",
		`<!DOCTYPE a><a/>`, `<a>&#xD800;</a>`, "<a\r\n/>\r",
	} {
		f.Add([]byte(s))
	}
	small := Options{Limits: evidence.Limits{Depth: 20, StringBytes: 1 << 16}}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := dump(NewBytes(data, small))
		again, errAgain := dump(New(iotest.HalfReader(bytes.NewReader(data)), small))
		if fmt.Sprint(err) != fmt.Sprint(errAgain) || err == nil && got != again {
			t.Fatalf("bytes: %v\nreader: %v", err, errAgain)
		}
		if err != nil {
			if _, ok := errors.AsType[*evidence.Problem](err); !ok {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		// What is read here, encoding/xml reads too; it refuses version 1.1 and
		// needs help with encodings and marks.
		if utf16Mark(data) || bytes.Contains(data, []byte("<?xml")) || bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
			return
		}
		got, _ = dumpValues(NewBytes(data, small), blank)
		want, err := standard(data)
		if err != nil && strings.Contains(err.Error(), "invalid XML name") {
			return // its tables are those of XML 1.0 before the fifth edition
		}
		if err != nil || got != want {
			t.Fatalf("encoding/xml: %v\n%s", err, cmp.Diff(want, got))
		}
	})
}

// TestTranscoded: a declaration names the encoding that the text had.
func TestTranscoded(t *testing.T) {
	for _, tt := range []struct {
		declared   string
		transcoded bool
		code       string
	}{
		{"UTF-16", true, ""},
		{"utf-16le", true, ""},
		{"UTF-8", true, "xml.encoding"},
		{"UTF-16", false, "xml.encoding"},
		{"UTF-8", false, ""},
	} {
		d := NewBytes([]byte(`<?xml version="1.0" encoding="`+tt.declared+`"?><a/>`), Options{Transcoded: tt.transcoded})
		d.Root()
		d.Skip()
		p, _ := errors.AsType[*evidence.Problem](d.End())
		if (p == nil) != (tt.code == "") || p != nil && p.Code != tt.code {
			t.Errorf("%+v: %v", tt, d.Err())
		}
	}
}

// TestLongNamespace: a namespace is compared with every name in it, so its length is bounded.
func TestLongNamespace(t *testing.T) {
	for n, code := range map[int]string{mostNamespace: "", mostNamespace + 1: "xml.namespace-size"} {
		d := NewBytes([]byte(`<a xmlns:x="`+strings.Repeat("u", n)+`"/>`), Options{})
		d.Root()
		d.Skip()
		p, _ := errors.AsType[*evidence.Problem](d.End())
		if (p == nil) != (code == "") || p != nil && (p.Code != code || !errors.Is(p, evidence.ErrLimit) || p.Column != 1) {
			t.Errorf("%d bytes: %v", n, d.Err())
		}
	}
}

// TestBracketsAtWindowEdge: looking whether "]]>" follows may move the window.
func TestBracketsAtWindowEdge(t *testing.T) {
	want := strings.Repeat("[[a]] ", 3*windowBytes/6)
	for _, doc := range []string{"<a>" + want + "</a>", "<a><![CDATA[" + want + "]]></a>"} {
		for pad := range 6 {
			d := New(strings.NewReader(strings.Repeat(" ", pad)+doc), Options{})
			d.Root()
			got := d.Content()
			if err := d.End(); err != nil || got != want {
				t.Errorf("%.12s after %d spaces: %d bytes of %d, differ %v, %v", doc, pad, len(got), len(want), got != want, err)
			}
		}
	}
}

// TestWindow: the tokens of a long document are the same whether it is read through
// a window or lies in memory whole, wherever the window ends.
func TestWindow(t *testing.T) {
	parts := []string{
		"]", "]]", "] ]>", "\r\n", "\r", "&lt;", "&#x20AC;", "é", "€", "\U0001F600", "text ", "\t",
		"<![CDATA[x]y]]]]>", "<![CDATA[]]]>", "<![CDATA[\r\n€]]>", "<!-- c-d €-->", "<?p i?>", "<?p?>",
		"<b/>", "<b></b >", `<b a="1" c='&amp;]&#9;'/>`, "<b a = \"\r\n\té€\"\n>x</b>", `<n:b xmlns:n="u" n:a="v"/>`,
	}
	tokens := func(d *Decoder) []string {
		var list []string
		for {
			switch d.Next() {
			case Invalid:
				if err := d.End(); err != nil {
					t.Fatal(err)
				}
				return list
			case Start:
				list = append(list, fmt.Sprint("start ", d.Name(), d.Attrs(), d.Pos()))
			case End:
				list = append(list, fmt.Sprint("end ", d.Name(), d.Pos()))
			case Text:
				list = append(list, fmt.Sprint("text ", d.Pos(), string(d.Text())))
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		var doc strings.Builder
		doc.WriteString("<a>")
		for doc.Len() < 3*windowBytes {
			doc.WriteString(parts[random.IntN(len(parts))])
		}
		doc.WriteString("</a>")
		want := tokens(NewBytes([]byte(doc.String()), Options{}))
		for _, r := range []io.Reader{strings.NewReader(doc.String()), iotest.HalfReader(strings.NewReader(doc.String()))} {
			got := tokens(New(r, Options{}))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}
