// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/policy"
)

const vectors = "testdata/compose"

// release is the release of the vectors, as a verification reports it.
func release(t testing.TB) *trustpack.Report {
	t.Helper()
	var pack struct {
		Product, Version string
		Images           []struct {
			Name, Reference    string
			Digest             evidence.Digest
			Manifests, Configs []evidence.Digest
		}
	}
	readJSON(t, filepath.Join(vectors, "pack.json"), &pack)
	r := &trustpack.Report{Product: pack.Product, Version: pack.Version, Checks: evidence.Checks{{ID: "attest.statement", Status: evidence.StatusPass}}}
	for _, img := range pack.Images {
		d := trustpack.ImageDigests{Name: img.Name, Reference: img.Reference, Digest: img.Digest, Manifests: img.Manifests}
		for _, c := range img.Configs {
			d.Platforms = append(d.Platforms, trustpack.PlatformDigests{Config: c})
		}
		r.Images = append(r.Images, d)
	}
	return r
}

func readJSON(t testing.TB, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func rules(t testing.TB, text string) policy.Install {
	t.Helper()
	if text == "" {
		data, err := os.ReadFile(filepath.Join(vectors, "policy.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		text = string(data)
	}
	p, err := policy.Parse([]byte(text), "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p.Install
}

func newGate(t testing.TB, o *Options) *Gate {
	t.Helper()
	g, err := New(release(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// reasons returns the codes of all refusals, each once, sorted.
func reasons(checks evidence.Checks) []string {
	var codes []string
	for _, c := range checks {
		if c.Status == evidence.StatusFail {
			for _, p := range c.Problems {
				codes = append(codes, p.Code)
			}
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// TestVectors runs all compose files of testdata: the verdict and each reason.
func TestVectors(t *testing.T) {
	entries, err := os.ReadDir(vectors)
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		run++
		t.Run(e.Name(), func(t *testing.T) {
			dir := filepath.Join(vectors, e.Name())
			var v struct {
				Why, Policy    string
				OK, Lock       bool
				DotEnv         bool
				Reasons, Files []string
				Env            map[string]string
			}
			readJSON(t, filepath.Join(dir, "verdict.json"), &v)
			if v.Why == "" || v.OK != (len(v.Reasons) == 0) {
				t.Fatalf("%+v", v)
			}
			if v.Files == nil {
				v.Files = []string{"compose.yaml"}
			}
			for i := range v.Files {
				v.Files[i] = filepath.Join(dir, v.Files[i])
			}
			o := &ComposeOptions{Environment: v.Env}
			if v.DotEnv {
				if o.Environment, err = Environment(nil, nil, v.Files); err != nil {
					t.Fatal(err)
				}
			}
			checks, err := newGate(t, &Options{Rules: rules(t, v.Policy), Pin: v.Lock}).Compose(t.Context(), v.Files, o)
			if err != nil {
				t.Fatal(err)
			}
			if got := reasons(checks); !slices.Equal(got, v.Reasons) || checks.OK() != v.OK {
				for _, c := range checks {
					t.Logf("%s %s %s: %s", c.Status, c.ID, c.Subject, c.Message)
				}
				t.Errorf("%s: got %v, %q, want %v, %q", v.Why, checks.OK(), got, v.OK, v.Reasons)
			}
		})
	}
	if run < 90 {
		t.Errorf("%d vectors", run)
	}
}

// TestLock: what the lock file pins is accepted as it stands, and by no gate of another release.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	compose := write("compose.yaml", "services:\n  web: {image: 'ghcr.io/hailbytes/asm-web:1.482'}\n  db: {image: 'postgres:16.13@sha256:"+strings.Repeat("3", 64)+"'}\n  on: {image: 'mirror.example:5000/hailbytes/asm-worker:v1.482'}\n")
	g := newGate(t, &Options{Rules: rules(t, ""), Pin: true})
	checks, err := g.Compose(t.Context(), []string{compose}, nil)
	if err != nil || !checks.OK() {
		t.Fatalf("%v, %v", err, checks.Err())
	}
	lock, err := g.Lock()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"asm@1.482", "image: ghcr.io/hailbytes/asm-web@sha256:" + strings.Repeat("1", 64), "image: mirror.example:5000/hailbytes/asm-worker@sha256:" + strings.Repeat("2", 64), "image: docker.io/library/postgres@sha256:"} {
		if !strings.Contains(string(lock), want) {
			t.Errorf("no %s in\n%s", want, lock)
		}
	}
	strict := newGate(t, &Options{Rules: rules(t, "")})
	files := []string{compose, write("lock.yaml", string(lock))}
	if checks, err = strict.Compose(t.Context(), files, nil); err != nil || !checks.OK() {
		t.Errorf("with the lock file: %v, %v", err, checks.Err())
	}
	if checks, err = strict.Compose(t.Context(), files[:1], nil); err != nil || !slices.Contains(reasons(checks), CodeFloating) {
		t.Errorf("without the lock file: %v, %q", err, reasons(checks))
	}
}

// TestNew: a pack that does not hold vouches for nothing.
func TestNew(t *testing.T) {
	r := release(t)
	r.Checks = append(r.Checks, evidence.Check{ID: "manifest.digest", Status: evidence.StatusFail, Message: "x"})
	if _, err := New(r, nil); err == nil {
		t.Error("a report that does not hold")
	}
	if _, err := New(&trustpack.Report{}, nil); err == nil {
		t.Error("a report of nothing")
	}
	if _, err := New(release(t), &Options{Rules: policy.Install{ThirdParty: []string{"postgres"}}}); err == nil {
		t.Error("a third party by its name alone")
	}
}

// TestComposeFiles: files that cannot be read are no verdict; what others name is looked at first.
func TestComposeFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	large := write("large.yaml", "# "+strings.Repeat("x", fileBytes)+"\nservices: {}\n")
	g := newGate(t, nil)
	if _, err := g.Compose(t.Context(), []string{filepath.Join(dir, "nowhere.yaml")}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	for name, text := range map[string]string{
		"an included device":    "include: [/dev/zero]\nservices: {a: {image: b}}\n",
		"an included env file":  "include: [{path: small.yaml, env_file: /dev/zero}]\nservices: {a: {image: b}}\n",
		"an extended device":    "services: {a: {extends: {file: /dev/zero, service: b}}}\n",
		"an included large one": "include: [" + large + "]\nservices: {a: {image: b}}\n",
		"a missing include":     "include: [nowhere.yaml]\nservices: {a: {image: b}}\n",
	} {
		write("small.yaml", "services: {c: {image: d}}\n")
		checks, err := g.Compose(t.Context(), []string{write("compose.yaml", text)}, nil)
		if err != nil || !slices.Equal(reasons(checks), []string{CodeCompose}) {
			t.Errorf("%s: %v, %q", name, err, reasons(checks))
		}
	}
	checks, err := g.Compose(t.Context(), []string{"-"}, &ComposeOptions{Stdin: strings.NewReader(`{"services":{"web":{"image":"ghcr.io/hailbytes/asm-web@sha256:` + strings.Repeat("1", 64) + `"}}}`)})
	if err != nil || !checks.OK() {
		t.Errorf("standard input: %v, %v", err, checks.Err())
	}
}

// TestDeepVariables: variables in the defaults of others cost a pass each, so their depth is bounded.
func TestDeepVariables(t *testing.T) {
	image := func(levels int) string {
		return "services: {web: {image: 'ghcr.io/hailbytes/asm-web" + strings.Repeat("${A:-", levels) + strings.Repeat("}", levels) + "@sha256:" + strings.Repeat("1", 64) + "'}}"
	}
	for levels, want := range map[int]string{deepest: CodeVariable, deepest + 1: CodeCompose, 40_000: CodeCompose} {
		checks, err := newGate(t, nil).Compose(t.Context(), []string{"-"}, &ComposeOptions{Stdin: strings.NewReader(image(levels))})
		if err != nil || !slices.Equal(reasons(checks), []string{want}) {
			t.Errorf("%d levels: %v, %q, want %s", levels, err, reasons(checks), want)
		}
	}
	file := filepath.Join(t.TempDir(), "deep.env")
	if err := os.WriteFile(file, []byte("A="+strings.Repeat("${B:-", 40_000)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Environment(nil, []string{file}, nil); !errors.Is(err, errTooDeep) {
		t.Errorf("an env file: %v", err)
	}
	// More variables than anybody writes are not looked at one by one; the image is refused all the same.
	var many strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&many, "$V%d", i)
	}
	checks, err := newGate(t, nil).Compose(t.Context(), []string{"-"}, &ComposeOptions{Stdin: strings.NewReader("services: {web: {image: 'a" + many.String()[:200_000] + "'}}")})
	if err != nil || !slices.Equal(reasons(checks), []string{CodeVariable}) {
		t.Errorf("many variables: %v, %q", err, reasons(checks))
	}
}

func TestReferences(t *testing.T) {
	g := newGate(t, nil)
	if c := g.References("list", nil); !slices.Equal(reasons(c), []string{CodeEmpty}) {
		t.Errorf("no reference: %q", reasons(c))
	}
	c := g.References("list", []string{"ghcr.io/hailbytes/asm-web@sha256:" + strings.Repeat("1", 64), "nginx"})
	if len(c) != 2 || c[0].Status != evidence.StatusPass || !slices.Equal(reasons(c), []string{CodeUnknown}) {
		t.Errorf("got %v", c)
	}
}

// FuzzCompose: whatever a file says, there is a verdict, and no image is accepted without
// a digest.
func FuzzCompose(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(vectors, "*", "compose.yaml"))
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	r := release(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.Contains(string(data), "include") || strings.Contains(string(data), "file") {
			return // files of this machine
		}
		g, err := New(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		checks, err := g.Compose(t.Context(), []string{"-"}, &ComposeOptions{Stdin: strings.NewReader(string(data))})
		if err != nil || len(checks) == 0 {
			t.Fatalf("%v, %v", checks, err)
		}
		for _, c := range checks {
			if c.ID == "gate.image" && c.Status == evidence.StatusPass && !strings.Contains(c.Message, "@sha256:") {
				t.Errorf("accepted: %v", c)
			}
		}
	})
}
