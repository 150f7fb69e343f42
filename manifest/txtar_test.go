// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/HailBytes/evidence"
)

var update = flag.Bool("update", false, "write what the tests get into testdata")

// TestFiles runs the cases of testdata: one file per rule, with the document, and
// what is said of it: one line per problem with position, code, class and
// message, then the manifest that came of it.
func TestFiles(t *testing.T) {
	for folder, run := range map[string]func(*bytes.Buffer, []byte){
		"strict": func(b *bytes.Buffer, in []byte) {
			m, err := Parse(in)
			describe(b, err)
			if err == nil {
				describe(b, m.Check())
			}
		},
		"lenient": func(b *bytes.Buffer, in []byte) {
			m, problems, err := ParseLenient(in)
			describe(b, err)
			describe(b, problems)
			if err == nil {
				b.Write(m.canonical())
			}
		},
		"config": func(b *bytes.Buffer, in []byte) {
			c, err := ParseConfig(in)
			describe(b, err)
			if err == nil {
				m := &Manifest{Product: c.Product, Version: c.Version, Release: c.Release, Images: c.Images, Artifacts: c.Artifacts, Gaps: c.Gaps}
				b.Write(m.canonical())
				for _, f := range c.Files {
					fmt.Fprintf(b, "%s: kind %q format %q image %q tool %q %q\n", f.Glob, f.Kind, f.Format, f.Image, f.Tool.Name, f.Tool.Version)
				}
			}
		},
	} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no cases: %v", folder, err)
		}
		for _, name := range files {
			t.Run(folder+"/"+strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
				a, err := txtar.ParseFile(name)
				if err != nil || len(a.Files) == 0 {
					t.Fatal(err)
				}
				var got bytes.Buffer
				run(&got, a.Files[0].Data)
				if *update {
					a.Files = append(a.Files[:1], txtar.File{Name: "want", Data: got.Bytes()})
					if err := os.WriteFile(name, txtar.Format(a), 0o666); err != nil {
						t.Fatal(err)
					}
					return
				}
				if len(a.Files) != 2 {
					t.Fatalf("want two files, got %d", len(a.Files))
				}
				if diff := cmp.Diff(string(a.Files[1].Data), got.String()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// describe writes every problem of err on a line.
func describe(b *bytes.Buffer, err error) {
	var problems evidence.Problems
	var one *evidence.Problem
	switch {
	case errors.As(err, &problems):
	case errors.As(err, &one):
		problems = evidence.Problems{one}
	}
	for _, p := range problems {
		class := "-"
		for _, c := range []error{evidence.ErrFormat, evidence.ErrUnsupported, evidence.ErrLimit, evidence.ErrUnsafe, evidence.ErrMismatch} {
			if errors.Is(p, c) {
				class = c.Error()
			}
		}
		fmt.Fprintf(b, "%d:%d %q %s %s (%s): %s\n", p.Line, p.Column, p.Pointer, p.Severity, p.Code, class, p.Message)
	}
}
