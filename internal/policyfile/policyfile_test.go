// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policyfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
)

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		size int
		l    evidence.Limits
		fits bool
	}{{MaxBytes, evidence.Limits{}, true}, {MaxBytes + 1, evidence.Limits{}, false}, {10, evidence.Limits{DocumentBytes: 10}, true}, {11, evidence.Limits{DocumentBytes: 10}, false}} {
		err := Check(make([]byte, test.size), "f", test.l)
		p, _ := errors.AsType[*evidence.Problem](err)
		if test.fits != (err == nil) || !test.fits && (p == nil || p.Code != "policy.size" || p.Path != "f" || !errors.Is(err, evidence.ErrLimit)) {
			t.Errorf("%d bytes: %v", test.size, err)
		}
	}
}

func TestExpiry(t *testing.T) {
	for text, want := range map[string]string{
		"2026-12-31": "2027-01-01T00:00:00Z", "2026-12-31T10:00:00+02:00": "2026-12-31T08:00:00Z",
	} {
		if got, err := Expiry(text); err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2026-02-30", "31.12.2026", "2026-12-31T10:00:00", "0001-01-01T00:00:00Z"} {
		if got, err := Expiry(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// TestParse has, for each text, the code and place of what is wrong with it: the
// same for one slip whether it is written in YAML or in JSON.
func TestParse(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"a: x", ""}, {`{"a": "x"}`, ""}, {"a: 1.10", ""}, {"a: 2026-12-31", ""},
		{"a: x\nb: y", "policy.unknown 2:4 /b"}, {`{"a": "x", "b": "y"}`, "policy.unknown 1:17 /b"},
		{"a: x\na: y", "policy.duplicate 2:1 /a"}, {`{"a": "x", "a": "y"}`, "policy.duplicate 1:12 /a"},
		{"a: [x]", "policy.type 1:4 /a"}, {`{"a": ["x"]}`, "policy.type 1:7 /a"},
		{"a:", "policy.type 1:3 /a"}, {`{"a": null}`, "policy.type 1:7 /a"},
		{"a: true", "policy.type 1:4 /a"}, {`{"a": true}`, "policy.type 1:7 /a"}, {`{"a": 1.10}`, "policy.type 1:7 /a"},
		{"a: ' '", "policy.empty 1:4 /a"}, {`{"a": " "}`, "policy.empty 1:7 /a"},
		{"{}", "policy.required 1:1 /a"}, {"- a", "policy.type 1:1 "}, {"[1]", "policy.type 1:1 "},
		{"", "policy.empty 1:1 "}, {"# only a comment", "policy.empty 1:1 "},
		{"a: [", "policy.syntax 1:0 "}, {`{"a": `, "policy.syntax 1:7 /a"}, {"{} {}", "policy.syntax 1:4 "},
		{"a: x\n---\na: y", "policy.documents 1:1 "},
		{"a: &b x", "policy.alias 1:4 /a"}, {"a: !!binary eA==", "policy.type 1:4 /a"}, {"a: !own x", "policy.type 1:4 /a"},
		{"? [a]\n: x", "policy.type 1:3 "},
	} {
		f, err := Parse([]byte(test.in), "f", evidence.Limits{})
		if err == nil {
			for name, n := range f.Root().Members() {
				if name == "a" {
					n.Text()
				} else {
					n.Unknown("a")
				}
			}
			f.Root().Complete("a")
			err = f.Err()
		}
		got := ""
		if list, ok := errors.AsType[evidence.Problems](err); ok {
			got = fmt.Sprintf("%s %d:%d %s", list[0].Code, list[0].Line, list[0].Column, list[0].Pointer)
			if !errors.Is(err, evidence.ErrFormat) || list[0].Path != "f" {
				t.Errorf("%q: %v", test.in, err)
			}
		}
		if got != test.want {
			t.Errorf("%q: got %s, want %s (%v)", test.in, got, test.want, err)
		}
	}
}

func TestAt(t *testing.T) {
	f, err := Parse([]byte("a:\n  - b/c: x\n"), "f", evidence.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n := f.At("/a/0/b~1c"); n == nil || n.Text() != "x" || n.Pointer() != "/a/0/b~1c" || n.Line() != 2 {
		t.Errorf("got %+v", n)
	}
	if n := f.At("/a/1"); n != nil {
		t.Errorf("got %+v", n)
	}
	f.Add("/a", evidence.Problems{{Code: "x", Pointer: "/0/b~1c/d"}})
	if p, ok := errors.AsType[evidence.Problems](f.Err()); !ok || p[0].Line != 2 || p[0].Pointer != "/a/0/b~1c/d" {
		t.Errorf("got %v", f.Err())
	}
}

// TestParseBounded: a hostile file is told its first problems, not all.
func TestParseBounded(t *testing.T) {
	text := strings.Repeat("x", 1000)
	f, err := Parse([]byte(text+":\n"+strings.Repeat("  a: 1\n", 10_000)), "f", evidence.Limits{})
	list, ok := errors.AsType[evidence.Problems](err)
	if f != nil || !ok || len(list) > 2*mostProblems {
		t.Errorf("%d problems", len(list))
	}
}
