// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
)

// readers returns text through every kind of input, which must not matter.
func readers(text string, o Options) map[string]*Decoder {
	return map[string]*Decoder{
		"bytes":    NewBytes([]byte(text), o),
		"reader":   New(strings.NewReader(text), o),
		"one byte": New(iotest.OneByteReader(strings.NewReader(text)), o),
	}
}

func TestRefuses(t *testing.T) {
	small := evidence.Limits{Depth: 3, StringBytes: 8, Elements: 3, DocumentBytes: 64}
	tests := []struct {
		name, text string
		near       string // the nearest text that is accepted; empty for none
		o          Options
		code       string
		class      error
		pointer    string
		line, col  int
	}{
		{"empty", "", "0", Options{}, "json.truncated", evidence.ErrFormat, "", 1, 1},
		{"only space", " \n ", " \n0", Options{}, "json.truncated", evidence.ErrFormat, "", 2, 2},
		{"unclosed object", `{"a":1`, `{"a":1}`, Options{}, "json.truncated", evidence.ErrFormat, "/a", 1, 7},
		{"unclosed array", `[1,`, `[1,2]`, Options{}, "json.truncated", evidence.ErrFormat, "/1", 1, 4},
		{"unclosed string", `"abc`, `"abc"`, Options{}, "json.truncated", evidence.ErrFormat, "", 1, 5},
		{"unclosed escape", `"\`, `"\\"`, Options{}, "json.truncated", evidence.ErrFormat, "", 1, 3},
		{"trailing value", `{} {}`, `{} `, Options{}, "json.trailing", evidence.ErrFormat, "", 1, 4},
		{"trailing comma", `[1,]`, `[1]`, Options{}, "json.syntax", evidence.ErrFormat, "/1", 1, 4},
		{"trailing comma in object", `{"a":1,}`, `{"a":1}`, Options{}, "json.syntax", evidence.ErrFormat, "/a", 1, 8},
		{"leading comma", `[,1]`, `[1]`, Options{}, "json.syntax", evidence.ErrFormat, "/0", 1, 2},
		{"missing comma", `[1 2]`, `[1,2]`, Options{}, "json.syntax", evidence.ErrFormat, "/0", 1, 4},
		{"missing colon", `{"a" 1}`, `{"a":1}`, Options{}, "json.syntax", evidence.ErrFormat, "/a", 1, 6},
		{"single quotes", `{'a':1}`, `{"a":1}`, Options{}, "json.syntax", evidence.ErrFormat, "", 1, 2},
		{"comment", "1 // one", "1", Options{}, "json.trailing", evidence.ErrFormat, "", 1, 3},
		{"duplicate", "{\n \"a\":1,\n \"b\":2, \"a\":3}", `{"a":1,"A":3}`, Options{}, "json.duplicate-name", evidence.ErrFormat, "/a", 3, 9},
		{"duplicate by escape", `{"a":1,"\u0061":2}`, `{"a":1,"\u0062":2}`, Options{}, "json.duplicate-name", evidence.ErrFormat, "/a", 1, 8},
		{"duplicate deep", `{"x":[{"k":{"a/b":1,"a/b":2}}]}`, `{"x":[{"k":{"a/b":1,"a/c":2}}]}`, Options{}, "json.duplicate-name", evidence.ErrFormat, "/x/0/k/a~1b", 1, 21},
		{"invalid UTF-8", "\"a\xff\"", `"aÿ"`, Options{}, "json.utf8", evidence.ErrFormat, "", 1, 3},
		{"overlong UTF-8", "\"\xc0\xaf\"", `"/"`, Options{}, "json.utf8", evidence.ErrFormat, "", 1, 2},
		{"cut UTF-8", "\"\xe2\x82", `"€"`, Options{}, "json.utf8", evidence.ErrFormat, "", 1, 2},
		{"UTF-8 outside", "\xe2", `0`, Options{}, "json.utf8", evidence.ErrFormat, "", 1, 1},
		{"lone surrogate", `"\ud800"`, `"\ud83d\ude00"`, Options{}, "json.utf8", evidence.ErrFormat, "", 1, 2},
		{"wrong pair", `"\ud800\u0041"`, "", Options{}, "json.utf8", evidence.ErrFormat, "", 1, 2},
		{"low first", `"\udc00\ud800"`, "", Options{}, "json.utf8", evidence.ErrFormat, "", 1, 2},
		{"NUL", `"\u0000"`, `"\u0001"`, Options{}, "json.nul", evidence.ErrFormat, "", 1, 2},
		{"NUL in name", `{"\u0000":1}`, "", Options{AllowNUL: true}, "json.nul", evidence.ErrFormat, "", 1, 3},
		{"control", "\"a\tb\"", `"a\tb"`, Options{}, "json.syntax", evidence.ErrFormat, "", 1, 3},
		{"bad escape", `"\x"`, `"\n"`, Options{}, "json.syntax", evidence.ErrFormat, "", 1, 3},
		{"bad hex", `"\u00g0"`, `"\u00a0"`, Options{}, "json.syntax", evidence.ErrFormat, "", 1, 6},
		{"BOM", "\xef\xbb\xbf1", "1", Options{}, "json.bom", evidence.ErrFormat, "", 1, 1},
		{"UTF-16", "\xff\xfe1\x00", "1", Options{AllowBOM: true}, "json.bom", evidence.ErrFormat, "", 1, 1},
		{"leading zero", "01", "10", Options{}, "json.syntax", evidence.ErrFormat, "", 1, 2},
		{"minus alone", "[-]", "[-1]", Options{}, "json.syntax", evidence.ErrFormat, "/0", 1, 3},
		{"no fraction", "1.", "1.0", Options{}, "json.truncated", evidence.ErrFormat, "", 1, 3},
		{"no exponent", "1e+", "1e+0", Options{}, "json.truncated", evidence.ErrFormat, "", 1, 4},
		{"plus", "+1", "1", Options{}, "json.syntax", evidence.ErrFormat, "", 1, 1},
		{"NaN", "NaN", "null", Options{}, "json.syntax", evidence.ErrFormat, "", 1, 1},
		{"word", "trux", "true", Options{}, "json.syntax", evidence.ErrFormat, "", 1, 4},
		{"word cut", "nul", "null", Options{}, "json.truncated", evidence.ErrFormat, "", 1, 4},
		{"vertical tab", "\v1", " 1", Options{}, "json.syntax", evidence.ErrFormat, "", 1, 1},
		{"long number", strings.Repeat("1", maxNumber+1), strings.Repeat("1", maxNumber), Options{}, "json.number", evidence.ErrLimit, "", 1, 1},
		{"depth", `[[[[]]]]`, `[[[]]]`, Options{Limits: small}, "json.depth", evidence.ErrLimit, "/0/0/0", 1, 4},
		{"string", `"123456789"`, `"1234567"`, Options{Limits: small}, "json.string", evidence.ErrLimit, "", 1, 1},
		{"elements", `[1,2,3,4]`, `[1,2,3]`, Options{Limits: small}, "json.elements", evidence.ErrLimit, "/2", 1, 8},
		{"members", `{"a":1,"b":1,"c":1,"d":1}`, `{"a":1,"b":1,"c":1}`, Options{Limits: small}, "json.elements", evidence.ErrLimit, "/c", 1, 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for via, d := range readers(tt.text, tt.o) {
				d.Skip()
				err := d.End()
				p, ok := errors.AsType[*evidence.Problem](err)
				if !ok {
					t.Fatalf("%s: got error %v, want a problem", via, err)
				}
				got := fmt.Sprintf("%s %q %d:%d", p.Code, p.Pointer, p.Line, p.Column)
				want := fmt.Sprintf("%s %q %d:%d", tt.code, tt.pointer, tt.line, tt.col)
				if got != want || !errors.Is(err, tt.class) {
					t.Errorf("%s: got %s (%v), want %s", via, got, err, want)
				}
			}
			if tt.near == "" {
				return
			}
			for via, d := range readers(tt.near, tt.o) {
				d.Skip()
				if err := d.End(); err != nil {
					t.Errorf("%s: near neighbour %q: %v", via, tt.near, err)
				}
			}
		})
	}
}

func TestSizeLimit(t *testing.T) {
	o := Options{Limits: evidence.Limits{DocumentBytes: 4}}
	for text, want := range map[string]bool{"1234": true, "12345": false} {
		for via, d := range readers(text, o) {
			d.Skip()
			err := d.End()
			if (err == nil) != want || err != nil && !errors.Is(err, evidence.ErrLimit) {
				t.Errorf("%s %s: got %v, want accepted: %v", via, text, err, want)
			}
		}
	}
}

func TestManyNames(t *testing.T) {
	object := func(n int, last string) string {
		var b strings.Builder
		b.WriteByte('{')
		for i := range n {
			fmt.Fprintf(&b, "\"name%d\":%d,", i, i)
		}
		return b.String() + `"` + last + `":0}`
	}
	for _, n := range []int{1, fewNames - 1, fewNames, fewNames + 1, 1000} {
		if err := Check([]byte(object(n, "other")), Options{}); err != nil {
			t.Errorf("%d names: %v", n, err)
		}
		p, _ := errors.AsType[*evidence.Problem](Check([]byte(object(n, "name0")), Options{}))
		if p == nil || p.Code != "json.duplicate-name" || p.Pointer != "/name0" {
			t.Errorf("%d names: got %v, want a duplicate name0", n, p)
		}
	}
}

func TestTypedReading(t *testing.T) {
	const text = `{"s":"a\u00e9\n","n":-12.50,"i":7,"t":true,"f":false,"z":null,"skipped":{"x":[1,{"y":2}]},
	"list":["p","q"],"raw":  {"k" : [1, 2]} ,"empty":{},"none":[]}`
	type value struct {
		S, N, Raw  string
		I          int64
		T, F, Null bool
		List       []string
	}
	want := value{S: "aé\n", N: "-12.50", Raw: `{"k" : [1, 2]}`, I: 7, T: true, Null: true, List: []string{"p", "q"}}
	for via, d := range readers(text, Options{}) {
		got := value{F: true}
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "s":
				got.S = d.String()
			case "n":
				got.N = string(d.Number())
			case "i":
				got.I = d.Int64()
			case "t":
				got.T = d.Bool()
			case "f":
				got.F = d.Bool()
			case "z":
				d.Null()
				got.Null = true
			case "list":
				for d.Array(); d.Next(); {
					got.List = append(got.List, d.String())
				}
			case "raw":
				got.Raw = string(d.Raw())
			}
		}
		if err := d.End(); err != nil {
			t.Fatalf("%s: %v", via, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", via, diff)
		}
	}
}

func TestWrongType(t *testing.T) {
	read := map[string]func(*Decoder){
		"an object": (*Decoder).Object,
		"an array":  (*Decoder).Array,
		"a string":  func(d *Decoder) { d.Bytes() },
		"a number":  func(d *Decoder) { d.Number() },
		"a boolean": func(d *Decoder) { d.Bool() },
		"null":      (*Decoder).Null,
	}
	texts := map[string]string{"an object": "{}", "an array": "[]", "a string": `""`, "a number": "-1", "a boolean": "false", "null": "null"}
	for want, f := range read {
		for got, text := range texts {
			d := NewBytes([]byte(`{"k":`+text+`}`), Options{})
			d.Object()
			d.Next()
			f(d)
			p, _ := errors.AsType[*evidence.Problem](d.Err())
			switch {
			case got == want && p != nil:
				t.Errorf("reading %s as %s: %v", text, want, p)
			case got != want && (p == nil || p.Code != "json.type" || p.Pointer != "/k" || p.Column != 6):
				t.Errorf("reading %s as %s: got %v, want json.type at /k, column 6", text, want, p)
			}
		}
	}
}

func TestNumberRange(t *testing.T) {
	for text, want := range map[string]string{"9223372036854775807": "", "9223372036854775808": "json.number", "1.0": "json.number", "1e2": "json.number"} {
		d := NewBytes([]byte(text), Options{})
		d.Int64()
		if p, _ := errors.AsType[*evidence.Problem](d.End()); (p == nil) != (want == "") || p != nil && p.Code != want {
			t.Errorf("Int64 of %s: got %v, want %q", text, p, want)
		}
	}
	for text, want := range map[string]string{"1e308": "", "1e309": "json.number"} {
		d := NewBytes([]byte(text), Options{})
		d.Float64()
		if p, _ := errors.AsType[*evidence.Problem](d.End()); (p == nil) != (want == "") || p != nil && p.Code != want {
			t.Errorf("Float64 of %s: got %v, want %q", text, p, want)
		}
	}
}

func TestStream(t *testing.T) {
	for via, d := range readers("{\"a\":1}\n{\"a\":2}\n [3]", Options{}) {
		var got []string
		for d.More() {
			got = append(got, string(d.Raw()))
		}
		if diff := cmp.Diff([]string{`{"a":1}`, `{"a":2}`, `[3]`}, got); diff != "" || d.End() != nil {
			t.Errorf("%s: %v %s", via, d.Err(), diff)
		}
	}
}

func TestReaderError(t *testing.T) {
	d := New(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(io.ErrClosedPipe)), Options{})
	d.Skip()
	if err := d.End(); err != io.ErrClosedPipe {
		t.Errorf("got %v, want the reader's own error", err)
	}
}

// TestPositions holds line, column and pointer of every value against a count from the start.
func TestPositions(t *testing.T) {
	var b strings.Builder
	b.WriteString("[\n")
	for i := range 20000 {
		fmt.Fprintf(&b, "%s{\"k\": \"é%d\",\n\n \"l\": [%d, null]},\n", strings.Repeat(" ", i%17), i, i)
	}
	b.WriteString("0]")
	text := b.String()
	for via, d := range map[string]*Decoder{"bytes": NewBytes([]byte(text), Options{}), "reader": New(strings.NewReader(text), Options{})} {
		n := 0
		d.Array()
		for d.Next() {
			if n++; d.Kind() == Object && n%97 == 0 {
				for d.Object(); d.Next(); {
					pos := d.Pos()
					before := text[:pos.Offset]
					line := 1 + strings.Count(before, "\n")
					column := len(before) - strings.LastIndex(before, "\n")
					pointer := fmt.Sprintf("/%d/%s", n-1, d.Key())
					if pos.Line != line || pos.Column != column || d.Pointer() != pointer {
						t.Fatalf("%s: got %s %+v, want %s %d:%d", via, d.Pointer(), pos, pointer, line, column)
					}
					if c := text[pos.Offset]; c != '"' && c != '[' {
						t.Fatalf("%s: position %+v is not the value", via, pos)
					}
				}
			}
		}
		if err := d.End(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLocate(t *testing.T) {
	data := []byte("{\"a\": [1,\n {\"b/c\": true}], \"d\":\n 2}")
	got := Locate(data, []string{"", "/a/1/b~1c", "/d", "/a/7/x", "/a/0"}, Options{})
	want := map[string]Pos{
		"": {0, 1, 1}, "/a/1/b~1c": {19, 2, 10}, "/d": {33, 3, 2}, "/a/7/x": {6, 1, 7}, "/a/0": {7, 1, 8},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUTF8(t *testing.T) {
	for name, tt := range map[string]struct{ in, out, enc string }{
		"plain": {"{}", "{}", "UTF-8"}, "mark": {"\xef\xbb\xbf{}", "{}", "UTF-8"}, "empty": {"", "", "UTF-8"},
		"little": {"\xff\xfe\"\x00\xe9\x00\"\x00", "\"é\"", "UTF-16"}, "big": {"\xfe\xff\x00\"\x00\xe9\x00\"", "\"é\"", "UTF-16"},
		"pair": {"\xff\xfe\x3d\xd8\x00\xde", "😀", "UTF-16"}, "lone high": {"\xff\xfe\x3d\xd8a\x00", "\xffa", "UTF-16"},
		"lone low": {"\xff\xfe\x00\xdea\x00", "\xffa", "UTF-16"}, "half unit": {"\xff\xfea\x00b", "a\xff", "UTF-16"},
	} {
		r, enc := UTF8(strings.NewReader(tt.in))
		got, err := io.ReadAll(r)
		if string(got) != tt.out || enc != tt.enc || err != nil {
			t.Errorf("%s: got %q %s %v", name, got, enc, err)
		}
		r, _ = UTF8(strings.NewReader(tt.in))
		got, err = io.ReadAll(iotest.OneByteReader(r))
		if string(got) != tt.out || err != nil {
			t.Errorf("%s, byte by byte: got %q %v", name, got, err)
		}
	}
}

// FuzzDecoder holds the Decoder against two independent ones: what it accepts,
// encoding/json accepts with the same value; what jsontext accepts, it accepts,
// limits and U+0000 aside; and the way the text arrives does not matter.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"x\u00e9\ud83d\ude00"],"b":null}`, "[true,false]", "\"\xff\"", `{"a":1,"a":2}`, "[[[[[]]]]]", " 1 "} {
		f.Add([]byte(s))
	}
	o := Options{AllowNUL: true}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := Check(data, o)
		d := New(iotest.HalfReader(bytes.NewReader(data)), o)
		d.Skip()
		if streamed := d.End(); fmt.Sprint(streamed) != fmt.Sprint(err) {
			t.Fatalf("in memory: %v; streamed: %v", err, streamed)
		}
		if err == nil && !json.Valid(data) {
			t.Fatal("accepted what encoding/json refuses")
		}
		if err != nil && jsontext.Value(data).IsValid() && !errors.Is(err, evidence.ErrLimit) {
			if p, _ := errors.AsType[*evidence.Problem](err); p.Code != "json.nul" {
				t.Fatalf("refused what jsontext accepts: %v", err)
			}
		}
		if err != nil {
			return
		}
		var want any
		if err := json.Unmarshal(data, &want); err != nil {
			if strings.Contains(err.Error(), "float64") { // out of range: the text is still JSON
				return
			}
			t.Fatal(err)
		}
		if got := tree(NewBytes(data, o)); !cmp.Equal(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

// tree reads a value in the shape of encoding/json.
func tree(d *Decoder) any {
	switch d.Kind() {
	case Object:
		m := map[string]any{}
		for d.Object(); d.Next(); {
			k := string(d.Key())
			m[k] = tree(d)
		}
		return m
	case Array:
		l := []any{}
		for d.Array(); d.Next(); {
			l = append(l, tree(d))
		}
		return l
	case String:
		return d.String()
	case Number:
		return d.Float64()
	case Null:
		d.Null()
		return nil
	}
	return d.Bool()
}

func BenchmarkSkip(b *testing.B) {
	var t strings.Builder
	t.WriteString("[")
	for i := range 20000 {
		fmt.Fprintf(&t, "  {\n   \"spdxElementId\": \"SPDXRef-Package-deb-libc6-%d\",\n   \"relatedSpdxElement\": \"SPDXRef-File-usr-share-doc-%x\",\n   \"relationshipType\": \"CONTAINS\"\n  },\n", i, i*i)
	}
	data := []byte(t.String() + "0]")
	b.Run("decoder", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if err := Check(data, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("streamed", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			d := New(bytes.NewReader(data), Options{})
			d.Skip()
			if err := d.End(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			json.Valid(data)
		}
	})
}

func TestShare(t *testing.T) {
	data := []byte(`{"a":"plain","b":"esc\u0061ped","c":"","d":"schön"}`)
	d := NewBytes(data, Options{Share: true})
	var got []string
	for d.Object(); d.Next(); {
		got = append(got, d.String())
	}
	if err := d.End(); err != nil {
		t.Fatal(err)
	}
	if want := "[plain escaped  schön]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	copy(data[bytes.Index(data, []byte("plain")):], "PLAIN")
	if got[0] != "PLAIN" {
		t.Error("the first string does not share memory with the text")
	}
	if got[1] != "escaped" {
		t.Error("an unescaped string changed with the text")
	}
}

func BenchmarkString(b *testing.B) {
	data := []byte(`["` + strings.Repeat(`SPDXRef-Package-0123456789","`, 10000) + `"]`)
	for _, share := range []bool{false, true} {
		b.Run(fmt.Sprintf("share=%v", share), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				d := NewBytes(data, Options{Share: share})
				for d.Array(); d.Next(); {
					_ = d.String()
				}
				if d.End() != nil {
					b.Fatal(d.Err())
				}
			}
		})
	}
}

// TestShareStream: strings and texts that share the window outlive it, whatever
// the size of what is read at a time.
func TestShareStream(t *testing.T) {
	var b strings.Builder
	var want []string
	b.WriteByte('[')
	for i := range 3000 {
		if i > 0 {
			b.WriteString(", ")
		}
		s := strings.Repeat(string(rune('a'+i%26)), i%200)
		if i == 1500 {
			s = strings.Repeat("long", windowBytes)
		}
		want = append(want, s)
		fmt.Fprintf(&b, `{"s":"%s","e":"\u0041%[1]s","n":[%d]}`, s, i)
	}
	b.WriteByte(']')
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(b.String()), "halves": iotest.HalfReader(strings.NewReader(b.String())),
		"bytes": iotest.OneByteReader(strings.NewReader(b.String())),
	} {
		d := New(r, Options{Share: true})
		var plain, escaped []string
		var numbers, elements [][]byte
		for d.Array(); d.Next(); {
			start := d.Offset()
			d.Hold()
			for d.Object(); d.Next(); {
				switch string(d.Key()) {
				case "s":
					plain = append(plain, d.String())
				case "e":
					escaped = append(escaped, d.String())
				default:
					numbers = append(numbers, d.Raw())
				}
			}
			elements = append(elements, d.Since(start))
			d.Release()
		}
		if err := d.End(); err != nil || len(plain) != len(want) {
			t.Fatal(err, len(plain))
		}
		for i, s := range want {
			text := fmt.Sprintf(`{"s":"%s","e":"\u0041%[1]s","n":[%d]}`, s, i)
			if plain[i] != s || escaped[i] != "A"+s || string(numbers[i]) != fmt.Sprintf("[%d]", i) || string(elements[i]) != text {
				t.Fatalf("%s: element %d: %.40q %.40q %s %.80s", name, i, plain[i], escaped[i], numbers[i], elements[i])
			}
		}
	}
}
