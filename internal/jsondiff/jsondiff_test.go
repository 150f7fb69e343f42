// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsondiff

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFirst(t *testing.T) {
	tests := []struct {
		left, right string
		want        *Difference
	}{
		{`{"a":1,"b":[true,null,"x"]}`, "{\n \"b\" : [true, null, \"x\"], \"a\": 1.0}", nil},
		{`"\u003cb\u003e \u00e9"`, `"<b> é"`, nil},
		{`12345678901234567000`, `12345678901234567890`, nil},
		{`1000`, `1e3`, nil},
		{`1`, `2`, &Difference{Left: "1", Right: "2"}},
		{`1e400`, `2e400`, &Difference{Left: "1e400", Right: "2e400"}},
		{`true`, `"true"`, &Difference{Left: "true", Right: `"true"`}},
		{`[]`, `{}`, &Difference{Left: "[]", Right: "{}"}},
		{`[1,2]`, `[1]`, &Difference{Pointer: "/1", Left: "2"}},
		{`[1]`, `[1,2]`, &Difference{Pointer: "/1", Right: "2"}},
		{`{"a":1,"z":2}`, `{"a":1}`, &Difference{Pointer: "/z", Left: "2"}},
		{`{"a":1}`, `{"a":1, "x/y": [ 2 ]}`, &Difference{Pointer: "/x~1y", Right: "[ 2 ]"}},
		{
			`{"name":"d","packages":[{"name":"libc","v":"1"},{"name":"libssl3","v":"u3"}]}`,
			`{"name":"d","packages":[{"v":"1","name":"libc"},{"v":"u2","name":"libssl3"}]}`,
			&Difference{Pointer: "/packages/1/v", Within: "libssl3", Left: `"u3"`, Right: `"u2"`},
		},
	}
	for _, tt := range tests {
		got, err := First([]byte(tt.left), []byte(tt.right))
		if err != nil {
			t.Errorf("First(%s, %s): %v", tt.left, tt.right, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("First(%s, %s):\n%s", tt.left, tt.right, diff)
		}
	}
}

func TestFirstRefuses(t *testing.T) {
	for _, text := range []string{``, `{"a":1,"a":2}`, `[1] 2`, strings.Repeat("[", 300)} {
		if _, err := First([]byte(`1`), []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "document: ") {
			t.Errorf("right %.20q: got %v", text, err)
		}
		if _, err := First([]byte(text), []byte(`1`)); err == nil || !strings.HasPrefix(err.Error(), "signed predicate: ") {
			t.Errorf("left %.20q: got %v", text, err)
		}
	}
}

// TestFirstLinear holds two objects of many members, all but one equal, against
// each other: comparing each with each would take hours, and not end before the test's deadline.
func TestFirstLinear(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"x":0`)
	for i := range 200_000 {
		b.WriteString(`,"` + strings.Repeat("k", i%5) + time.Unix(int64(i), 0).UTC().Format(time.RFC3339) + `":1`)
	}
	left := b.String() + `,"zz":1}`
	d, err := First([]byte(left), []byte(b.String()+`}`))
	if err != nil || d == nil || d.Pointer != "/zz" {
		t.Fatalf("got %+v, %v", d, err)
	}
}

// FuzzFirst holds First against decoding both texts into Go values: encoding/json
// keeps numbers as float64 as well.
func FuzzFirst(f *testing.F) {
	f.Add(`{"a":[1,2,{"b":"c"}]}`, `{"a":[1,2,{"b":"d"}]}`)
	f.Add(`{"a":1.0,"b":null}`, `{"b":null,"a":1}`)
	f.Add(`"\u0000\ud83d\ude00"`, `"x"`)
	f.Fuzz(func(t *testing.T, left, right string) {
		d, err := First([]byte(left), []byte(right))
		if err != nil {
			return
		}
		var l, r any
		if json.Unmarshal([]byte(left), &l) != nil || json.Unmarshal([]byte(right), &r) != nil {
			return // a number beyond float64
		}
		if same := reflect.DeepEqual(l, r); same != (d == nil) {
			t.Fatalf("equal values %v, difference %+v", same, d)
		}
	})
}
