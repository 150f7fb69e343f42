// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// rfc8785 writes a JSON text canonically with another implementation, and
// indents it as a manifest is.
func rfc8785(t testing.TB, text []byte) []byte {
	t.Helper()
	v := jsontext.Value(bytes.Clone(text))
	if err := v.Canonicalize(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, v, "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// withExtra returns a valid manifest that holds value as a member of a later version.
func withExtra(t testing.TB, members ...manifest.Member) *manifest.Manifest {
	t.Helper()
	m := parse(t, golden(t)["sat.json"])
	m.Extra = members
	m.Files[0].Extra = members
	return m
}

// TestCanonicalOracle holds members that this version does not know, of any
// content, against another implementation of RFC 8785.
func TestCanonicalOracle(t *testing.T) {
	values := []string{
		`{}`, `[]`, `{"a":{},"b":[]}`, `[[],[[]],{"x":[{}]}]`, `null`, `true`, `""`, `"\u20ac$\u000f\nA'B\"\\\"/"`, `"\u2028\u2029\u007f\u0080é\ud83d\ude02"`,
		`"\b\f\t\r\u001f\u0001"`, `[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]`, `[0,-0,0.0,-0.0e5,1,-1,1.0,10e-1]`,
		`[9007199254740991,9007199254740993e0]`, `[1e21,1e20,123456789012345680000,999999999999999900000,1e-6,1e-7,1.5e-9,5e-324,1.7976931348623157e308]`,
		// RFC 8785 section 3.2.3
		`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
		`{"b":{"z":1,"a":2},"a":[{"y":1,"x":{"d":1,"c":[]}}],"":0,"\uffff":1,"\ud800\udc00":2,"\ue000":3}`,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		f := math.Float64frombits(random.Uint64())
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			values = append(values, fmt.Sprint(f))
		}
		values = append(values, fmt.Sprint(random.Int64N(1<<53)), fmt.Sprintf("%de%d", random.IntN(1000), random.IntN(40)-20))
	}
	kept := 0
	for _, value := range values {
		m := withExtra(t, manifest.Member{Name: "later", Value: json.RawMessage(value)})
		text, err := m.Marshal()
		if err != nil {
			if strings.Contains(value, "9007199254740993") || strings.Contains(err.Error(), "manifest.number") || strings.Contains(err.Error(), "double cannot keep") {
				continue
			}
			t.Errorf("%s: %v", value, err)
			continue
		}
		kept++
		if want := rfc8785(t, text); !bytes.Equal(text, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", value, text, want)
		}
		again := parse(t, text)
		back, err := again.Marshal()
		if err != nil || !bytes.Equal(back, text) {
			t.Errorf("%s: not stable: %v", value, err)
		}
	}
	if kept < 500 {
		t.Errorf("only %d values could be kept", kept)
	}
}

// TestMemberOrder places unknown members among the known ones.
func TestMemberOrder(t *testing.T) {
	var members []manifest.Member
	for _, name := range []string{"zz", "", "a", "files2", "file", "imagesX", "\U0001F600", "\ufb33", "schem", "schema-note", "~", "Z", "\n"} {
		members = append(members, manifest.Member{Name: name, Value: json.RawMessage(`1`)})
	}
	m := withExtra(t, members...)
	text, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if want := rfc8785(t, text); !bytes.Equal(text, want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	again := parse(t, text)
	if len(again.Extra) != len(members) || len(again.Files[0].Extra) != len(members) {
		t.Errorf("%d members came back, want %d", len(again.Extra), len(members))
	}
	if v, ok := again.Extra.Get("\U0001F600"); !ok || string(v) != "1" {
		t.Errorf("Get = %s, %v", v, ok)
	}
	if _, ok := again.Extra.Get("none"); ok {
		t.Error("Get finds a member that is not there")
	}
}

// TestEveryByte changes every byte of a canonical manifest, and cuts it at every
// place: a strict parse accepts what is canonical, and only that.
func TestEveryByte(t *testing.T) {
	text := golden(t)["sat.json"]
	accepted := 0
	check := func(changed []byte) {
		m, err := manifest.Parse(changed)
		if err != nil {
			return
		}
		accepted++
		out, err := m.Marshal()
		if err != nil || !bytes.Equal(out, changed) {
			t.Fatalf("accepted, but written otherwise: %v\n%s", err, changed)
		}
	}
	for i := range text {
		for _, c := range []byte{text[i] ^ 1, text[i] ^ 0x20, ' ', '\n', '"', '0', 0x80} {
			changed := bytes.Clone(text)
			changed[i] = c
			check(changed)
		}
		check(text[:i])
		check(append(append(bytes.Clone(text[:i]), ' '), text[i:]...))
	}
	if accepted < 500 { // letters of reasons, digits of digests
		t.Errorf("%d changes accepted, want many", accepted)
	}
}

// TestNotCanonical: bytes that a txtar file cannot hold.
func TestNotCanonical(t *testing.T) {
	text := string(golden(t)["sat.json"])
	for name, test := range map[string]struct {
		text, code string
		line       int
		lenient    bool
	}{
		"byte order mark":   {"\ufeff" + text, "json.bom", 1, true},
		"CRLF":              {strings.ReplaceAll(text, "\n", "\r\n"), "manifest.canonical", 1, true},
		"no last newline":   {strings.TrimSuffix(text, "\n"), "manifest.canonical", strings.Count(text, "\n"), true},
		"two last newlines": {text + "\n", "manifest.canonical", strings.Count(text, "\n") + 1, true},
		"tab":               {strings.Replace(text, "  ", "\t", 1), "manifest.canonical", 2, true},
		"space at the end":  {strings.Replace(text, "[\n", "[ \n", 1), "manifest.canonical", 3, true},
		"empty":             {"", "json.truncated", 1, false},
		"UTF-16":            {"\xff\xfe{\x00}\x00", "json.bom", 1, false},
		"not UTF-8":         {strings.Replace(text, "planned", "pl\xffnned", 1), "json.utf8", 1 + strings.Count(text[:strings.Index(text, "planned")], "\n"), false},
		"NUL":               {strings.Replace(text, "planned", `pl\u0000nned`, 1), "json.nul", 1 + strings.Count(text[:strings.Index(text, "planned")], "\n"), false},
	} {
		_, err := manifest.Parse([]byte(test.text))
		p := firstProblem(err)
		if p == nil || p.Code != test.code || p.Line != test.line {
			t.Errorf("%s: got %v (%+v), want %s on line %d", name, err, p, test.code, test.line)
		}
		m, problems, err := manifest.ParseLenient([]byte(test.text))
		if (err == nil) != test.lenient {
			t.Errorf("%s: lenient: %v", name, err)
		}
		if err != nil {
			continue
		}
		if len(problems) != 1 || problems[0].Code != "manifest.canonical" || problems[0].Severity != evidence.SeverityWarning {
			t.Errorf("%s: lenient: %v", name, problems)
		}
		if out, err := m.Marshal(); err != nil || string(out) != text {
			t.Errorf("%s: a lenient reading is another manifest: %v", name, err)
		}
	}
}

func firstProblem(err error) *evidence.Problem {
	switch err := err.(type) {
	case *evidence.Problem:
		return err
	case evidence.Problems:
		return err[0]
	}
	return nil
}
