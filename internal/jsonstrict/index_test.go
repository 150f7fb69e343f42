// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

func index(t testing.TB, text string) Value {
	t.Helper()
	x, err := NewIndex([]byte(text), Options{AllowNUL: true})
	if err != nil {
		t.Fatalf("%.100s: %v", text, err)
	}
	return x.Root()
}

// again returns a Hasher with the same keys for another Index.
func (h *Hasher) again() *Hasher {
	return &Hasher{seed: h.seed, keys: h.keys, done: map[uint32]uint64{}}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[true,null]}`, ` { "b" : [ true , null ] , "a" : 1.0 } `, true},
		{`{"a":1,"b":2}`, `{"a":1,"b":2,"c":3}`, false},
		{`{"a":1,"b":2,"c":3}`, `{"a":1,"b":2}`, false},
		{`{"a":1,"b":2,"c":3}`, `{"c":3,"a":1,"d":2}`, false},
		{`{"a":1,"b":2,"c":3}`, `{"a":1,"c":3,"b":2}`, true},
		{`{"a":{}}`, `{"a":[]}`, false},
		{`{}`, `{}`, true},
		{`[]`, `[[]]`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[[1],[2]]`, `[[1,2]]`, false},
		{`"\u00e9\n"`, "\"é\\u000a\"", true},
		{`{"\u0061":1}`, `{"a":1}`, true},
		{`"a"`, `"b"`, false},
		{`1e2`, `100`, true},
		{`-0.0`, `0`, true},
		{`9007199254740993`, `9007199254740992`, false},
		{`1.5`, `1.50`, true},
		{`1`, `"1"`, false},
		{`true`, `false`, false},
	} {
		a, b := index(t, c.a), index(t, c.b)
		if Equal(a, b) != c.want || Equal(b, a) != c.want {
			t.Errorf("%s and %s: got %t", c.a, c.b, !c.want)
		}
		if h := NewHasher(); c.want && h.Hash(a) != h.again().Hash(b) {
			t.Errorf("%s and %s are equal and have different hashes", c.a, c.b)
		}
	}
}

func TestHashTellsApart(t *testing.T) {
	h := NewHasher()
	seen := map[uint64]string{}
	for _, text := range []string{`0`, `1`, `"1"`, `1.5`, `true`, `false`, `null`, `[]`, `{}`, `[[]]`, `[{}]`, `[1]`, `[1,2]`, `[2,1]`, `[[1],2]`, `{"a":1}`, `{"a":2}`, `{"b":1}`, `{"a":1,"b":2}`, `{"a":2,"b":1}`, `{"a":{"b":1}}`} {
		sum := h.again().Hash(index(t, text))
		if other, ok := seen[sum]; ok {
			t.Errorf("%s and %s have one hash", text, other)
		}
		seen[sum] = text
	}
}

func TestIndexPlaces(t *testing.T) {
	const text = ` {"a\u0062" : [1, {"c":"d\"e"}], "f":-2.5e1} `
	root := index(t, text)
	ab, ok := root.Member("ab")
	if !ok || ab.Kind() != Array || ab.Offset() != 14 {
		t.Fatalf("%v at %d", ok, ab.Offset())
	}
	var got []string
	for i, e := range ab.Elements() {
		c, _ := e.Member("c")
		if e.Kind() == Object {
			got = append(got, fmt.Sprint(i, c.String()))
		}
	}
	f, _ := root.Member("f")
	n, whole := f.Number()
	if fmt.Sprint(got) != `[1d"e]` || n != -25 || !whole || f.String() != "-2.5e1" {
		t.Errorf("%q, %g, %t, %s", got, n, whole, f.String())
	}
	if _, ok := root.Member("c"); ok {
		t.Error("a member of a member was found")
	}
	if _, ok := f.Member("x"); ok {
		t.Error("a number has a member")
	}
}

// FuzzIndex: an index is made of what Check accepts, and says the same as encoding/json.
func FuzzIndex(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":"c\u0041"}],"d":{}}`, `[[],[[]],"x",null,true,-1.5e3]`, `"\ud83d\ude00"`, `{"a":1,"a":2}`, `[1`, `{"a":{"b":[]}} x`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o := Options{AllowNUL: true, Limits: evidence.Limits{Depth: 50}}
		x, err := NewIndex(data, o)
		if want := Check(data, o); fmt.Sprint(err) != fmt.Sprint(want) {
			t.Fatalf("got %v, Check says %v", err, want)
		}
		if err != nil {
			return
		}
		var want any
		d := json.NewDecoder(strings.NewReader(string(data)))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(anyOf(x.Root())); got != fmt.Sprint(want) {
			t.Fatalf("got %s, want %s", got, fmt.Sprint(want))
		}
		again, err := json.Marshal(want) // members sorted, no blanks
		if err != nil {
			t.Fatal(err)
		}
		y := index(t, string(again))
		if h := NewHasher(); !Equal(x.Root(), y) || h.Hash(x.Root()) != h.again().Hash(y) {
			t.Fatalf("%s is not equal to %s", data, again)
		}
	})
}

func anyOf(v Value) any {
	switch v.Kind() {
	case Object:
		m := map[string]any{}
		for name, value := range v.Members() {
			m[name.String()] = anyOf(value)
		}
		return m
	case Array:
		a := []any{}
		for _, e := range v.Elements() {
			a = append(a, anyOf(e))
		}
		return a
	case String:
		return v.String()
	case Number:
		return json.Number(v.String())
	case Null:
		return nil
	}
	return v.Kind() == True
}
