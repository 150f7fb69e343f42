// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// seed adds the documents of testdata.
func seed(f *testing.F) {
	for _, text := range golden(f) {
		f.Add(text)
	}
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
}

// FuzzParseManifest: what a strict parse accepts is what Marshal writes, passes
// Validate, and is the same to a lenient parse, which guesses nothing.
func FuzzParseManifest(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := manifest.Parse(data)
		if err != nil {
			placed(t, err)
			return
		}
		out, err := m.Marshal()
		if err != nil || !bytes.Equal(out, data) {
			t.Fatalf("Marshal: %v\n%s", err, out)
		}
		lenient, problems, err := manifest.ParseLenient(data)
		if err != nil {
			t.Fatalf("strict accepts, lenient: %v", err)
		}
		for _, p := range problems {
			if p.Code != "manifest.member-unknown" && p.Code != "manifest.format-unknown" && p.Code != "manifest.gap-present" && p.Code != "manifest.more" {
				t.Errorf("lenient says of a canonical document: %v", p)
			}
		}
		if diff := cmp.Diff(m, lenient, equal); diff != "" {
			t.Errorf("strict and lenient differ:\n%s", diff)
		}
	})
}

// FuzzParseLenient: what a lenient parse accepts has a digest and a safe path for
// every file, in order; where Validate passes, its canonical form is accepted by
// a strict parse and means the same.
func FuzzParseLenient(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, problems, err := manifest.ParseLenient(data)
		if err != nil {
			placed(t, err)
			return
		}
		placed(t, problems)
		if err := problems.Err(); err != nil {
			t.Fatalf("accepted with %v", err)
		}
		for i, file := range m.Files {
			if file.SHA256.Algorithm() != evidence.SHA256 || manifest.CheckPath(file.Path) != nil || i > 0 && m.Files[i-1].Path >= file.Path {
				t.Fatalf("accepted with the file %+v", file)
			}
		}
		if m.Validate() != nil {
			return
		}
		out, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := manifest.Parse(out)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		text, err := again.Marshal()
		if err != nil || !bytes.Equal(text, out) {
			t.Fatalf("not stable: %v\n%s", err, text)
		}
	})
}

// placed checks that every problem says what and where.
func placed(t *testing.T, err error) {
	var problems evidence.Problems
	if !errors.As(err, &problems) {
		var p *evidence.Problem
		if !errors.As(err, &p) {
			t.Fatalf("got %T %v", err, err)
		}
		problems = evidence.Problems{p}
	}
	for _, p := range problems {
		if p.Code == "" || p.Message == "" || p.Severity == 0 || p.Code != "manifest.more" && (p.Line < 1 || p.Column < 1) {
			t.Fatalf("a problem without a place: %#v", p)
		}
		if p.Severity == evidence.SeverityError && !errors.Is(p, evidence.ErrFormat) && !errors.Is(p, evidence.ErrUnsupported) &&
			!errors.Is(p, evidence.ErrLimit) && !errors.Is(p, evidence.ErrUnsafe) && !errors.Is(p, evidence.ErrMismatch) {
			t.Fatalf("an error without a class: %#v", p)
		}
	}
}

// FuzzParseConfig: no panic, and what is accepted matches by its own rules.
func FuzzParseConfig(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := manifest.ParseConfig(data)
		if err != nil {
			return
		}
		for i := range c.Files {
			rule := &c.Files[i]
			if _, matched := c.Rule(rule.Glob); rule.Match(rule.Glob) && !matched {
				t.Errorf("rule %q matches alone and not among all", rule.Glob)
			}
		}
	})
}
