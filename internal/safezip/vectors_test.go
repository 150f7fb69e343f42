// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/internal/test/packgen"
)

var update = flag.Bool("update", false, "write testdata/vectors again")

const vectorsDir = "../../testdata/vectors"

// vector is one line of index.json; its README describes the fields.
type vector struct {
	File        string `json:"file"`
	OK          bool   `json:"ok"`
	Canonical   bool   `json:"canonical"`
	Code        string `json:"code,omitempty"`
	Class       string `json:"class,omitempty"`
	Description string `json:"description"`
}

// TestVectors holds the published archives to the generator, and every entry
// point of the reader to the published verdicts.
func TestVectors(t *testing.T) {
	cases := packgen.Cases()
	var index []vector
	names := map[string]bool{}
	for _, c := range cases {
		if names[c.Name] {
			t.Errorf("two cases are named %s", c.Name)
		}
		names[c.Name] = true
		index = append(index, vector{"archives/" + c.Name + ".zip", c.Code == "", c.Canonical, c.Code, c.Class, c.Description})
	}
	if *update {
		writeVectors(t, cases, index)
	}
	b, err := os.ReadFile(filepath.Join(vectorsDir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var published []vector
	if err := json.Unmarshal(b, &published); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(published, index); diff != "" {
		t.Errorf("index.json differs from the generator; run with -update:\n%s", diff)
	}
	files, err := os.ReadDir(filepath.Join(vectorsDir, "archives"))
	if err != nil || len(files) != len(cases) {
		t.Errorf("%d archives are published, %d generated; %v", len(files), len(cases), err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(vectorsDir, "archives", c.Name+".zip"))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(data, c.Data) {
				t.Error("the published archive differs from the generator's")
			}
			judge(t, c)
		})
	}
	t.Logf("%d archives", len(cases))
}

// judge runs one case through Open, Check, Verify and Extract.
func judge(t *testing.T, c packgen.Case) {
	r, size := bytes.NewReader(c.Data), int64(len(c.Data))
	a, err := safezip.Open(r, size, nil)
	sound, problems, checkErr := safezip.Check(r, size, nil)
	if checkErr != nil {
		t.Fatal(checkErr)
	}
	if (err == nil) != (problems.Err() == nil) || (sound == nil) != (a == nil) {
		t.Fatalf("Open: %v\nCheck: %v", err, problems)
	}
	if err == nil {
		problems, checkErr = a.Verify(t.Context(), nil)
		if checkErr != nil {
			t.Fatal(checkErr)
		}
		dir := filepath.Join(t.TempDir(), "out")
		_, err = safezip.Extract(t.Context(), a, dir, nil)
		if (err == nil) != (problems.Err() == nil) {
			t.Fatalf("Extract: %v\nVerify: %v", err, problems)
		}
		if left, _ := os.ReadDir(filepath.Dir(dir)); (err == nil) != (len(left) == 1) {
			t.Errorf("Extract: %v, and it left %v", err, left)
		}
	}
	if c.Code == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		if got := len(problems) == 0; got != c.Canonical {
			t.Errorf("canonical = %v, want %v: %v", got, c.Canonical, problems)
		}
		return
	}
	first, ok := errors.AsType[*evidence.Problem](err)
	if !ok {
		t.Fatalf("error = %v, want %s", err, c.Code)
	}
	if first.Code != c.Code || !errors.Is(first, class(c.Class)) {
		t.Errorf("error = %s: %v (class %v), want %s (%s)", first.Code, first, first.Err, c.Code, c.Class)
	}
	if !slices.ContainsFunc(problems, func(p *evidence.Problem) bool { return p.Code == c.Code && p.Severity == evidence.SeverityError }) {
		t.Errorf("problems = %v, want %s among them", problems, c.Code)
	}
	for _, p := range problems {
		if p.Offset < 0 || p.Offset > int64(len(c.Data)) || p.Message == "" {
			t.Errorf("problem %+v has no place in an archive of %d bytes", p, len(c.Data))
		}
	}
}

func class(name string) error {
	return map[string]error{
		"format": evidence.ErrFormat, "unsupported": evidence.ErrUnsupported, "limit": evidence.ErrLimit,
		"unsafe": evidence.ErrUnsafe, "mismatch": evidence.ErrMismatch,
	}[name]
}

func writeVectors(t *testing.T, cases []packgen.Case, index []vector) {
	dir := filepath.Join(vectorsDir, "archives")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if err := os.WriteFile(filepath.Join(dir, c.Name+".zip"), c.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(index); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(vectorsDir, "index.json"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
