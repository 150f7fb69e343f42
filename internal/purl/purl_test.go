// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package purl

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

func TestParse(t *testing.T) {
	got, err := Parse("pkg:DEB/Debian/zlib1g@1%3A1.2.13.dfsg-1?distro=debian-12&Arch=amd64&x=")
	if err != nil {
		t.Fatal(err)
	}
	want := PURL{
		Type: "deb", Namespace: "debian", Name: "zlib1g", Version: "1:1.2.13.dfsg-1",
		Qualifiers: []Qualifier{{"arch", "amd64"}, {"distro", "debian-12"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s := got.String(); s != "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64&distro=debian-12" {
		t.Error(s)
	}
	if got.Qualifier("arch") != "amd64" || got.Qualifier("os") != "" {
		t.Error("Qualifier")
	}
	if s := got.Without("arch").String(); s != "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?distro=debian-12" {
		t.Error(s)
	}
	got.Qualifiers = append(got.Qualifiers, Qualifier{"epoch", "1"}, Qualifier{"upstream", "zlib@1.2"})
	if s := got.WithoutVersion().String(); s != "pkg:deb/debian/zlib1g?arch=amd64&distro=debian-12" {
		t.Error(s)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", "pkg:", "pkg:/", "pkg:npm", "pkg:npm/", "pkg:npm/@1", "npm/a", "pkg:npm/a%ff", "pkg:npm/a%00b", "pkg:npm/a@%0a1",
		"pkg:npm/a?k=%ff", "pkg:npm/a%zz", "pkg:n&m/a", "pkg:npm/a?a=1&a=2", "pkg:npm/a?1=2",
	} {
		p, err := Parse(s)
		var problem *evidence.Problem
		if !errors.As(err, &problem) || problem.Code != CodeSyntax || !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("Parse(%q) = %+v, %v", s, p, err)
		}
		if c, err := Canonical(s); err == nil {
			t.Errorf("Canonical(%q) = %q", s, c)
		}
	}
}

func TestKey(t *testing.T) {
	for _, same := range [][]string{
		{
			"pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&distro=debian-12&upstream=zlib", // Syft
			"pkg:deb/debian/zlib1g@1.2.13.dfsg-1?arch=amd64&distro=debian-12.15&epoch=1",        // Trivy
			"pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=",
			"pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?epoch=1",
		},
		{"pkg:rpm/rocky/bash@5.1-2?arch=x86_64&epoch=0", "pkg:rpm/rocky/bash@0:5.1-2", "pkg:rpm/rocky/bash@5.1-2"},
		{"pkg:golang/stdlib@1.22.1", "pkg:golang/stdlib@v1.22.1", "pkg:golang/stdlib@go1.22.1"},
		{"pkg:pypi/Zope.Interface@5", "pkg:pypi/zope_interface@5", "pkg:pypi/zope-interface@5", "pkg:pypi/zope-_.interface@5"},
		{"pkg:nuget/Newtonsoft.Json@13", "pkg:nuget/newtonsoft.json@13"},
		{"pkg:golang/github.com/a/b@v1.0.0#cmd/x", "pkg:golang/github.com/a/b@v1.0.0"},
	} {
		first := key(t, same[0])
		for _, s := range same[1:] {
			if got := key(t, s); got != first {
				t.Errorf("%s has the key %+v, %s %+v", s, got, same[0], first)
			}
		}
	}
	for _, different := range [][2]string{
		{"pkg:deb/debian/a@1:1.0", "pkg:deb/debian/a@1.0"},
		{"pkg:deb/debian/a@1.0?epoch=2", "pkg:deb/debian/a@1:1.0"},
		{"pkg:deb/debian/a@1", "pkg:deb/ubuntu/a@1"},
		{"pkg:npm/a@v1", "pkg:npm/a@1"},
		{"pkg:npm/A@1", "pkg:npm/a@1"},
		{"pkg:gem/a.b@1", "pkg:gem/a-b@1"},
		{"pkg:docker/a@sha256:12", "pkg:docker/a@12"},
	} {
		if a, b := key(t, different[0]), key(t, different[1]); a == b {
			t.Errorf("%q have one key %+v", different, a)
		}
	}
	if a, b := key(t, "pkg:npm/a@1").WithoutVersion(), key(t, "pkg:npm/a"); a != b {
		t.Errorf("%+v, %+v", a, b)
	}
	if k := key(t, "pkg:deb/debian/a?epoch=1"); k.Version != "" {
		t.Errorf("an epoch without a version gives %q", k.Version)
	}
}

func key(t *testing.T, s string) Key {
	t.Helper()
	p, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return KeyOf(p)
}

// notMet are the cases of the suite that the package does not meet; the package
// comment says why.
var notMet = []string{
	"gem-test.json parse pkg:gem/jruby-launcher@1.1.2?Platform=java",
	"git-test.json parse pkg:git/codeberg.org/forgejo/forgejo@a72d2c07cfca03b55371089de6aa230d8c951fa0",
	"git-test.json parse pkg:git/codeberg.org/forgejo/forgejo@a72d2c07cfca03b55371089de6aa230d8c951fa0#options/locale_readme.md",
	"git-test.json validate pkg:git/github/Package-url/purl-Spec@244fd47e07d1004f0aed9c",
	"rpm-test.json parse pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25",
}

// TestSuite runs the parse and validate cases of the purl specification.
func TestSuite(t *testing.T) {
	root := corpus.Dir(t, "sbom", "purl-spec")
	met := 0
	var failed []string
	for _, name := range corpus.Files(t, root, func(p string) bool { return strings.HasSuffix(p, "-test.json") }) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		var suite struct {
			Tests []struct {
				Type   string          `json:"test_type"`
				Input  json.RawMessage `json:"input"`
				Output json.RawMessage `json:"expected_output"`
				Fails  bool            `json:"expected_failure"`
			}
		}
		if err := json.Unmarshal(data, &suite); err != nil {
			t.Fatal(name, err)
		}
		for _, c := range suite.Tests {
			if c.Type == "build" {
				continue
			}
			var input string
			if err := json.Unmarshal(c.Input, &input); err != nil {
				t.Fatal(name, err)
			}
			if meets(t, input, c.Type, c.Output, c.Fails) {
				met++
			} else {
				failed = append(failed, path.Base(name)+" "+c.Type+" "+input)
			}
		}
	}
	slices.Sort(failed)
	if diff := cmp.Diff(notMet, failed); diff != "" {
		t.Error(diff)
	}
	t.Logf("%d cases of the suite are met, %d are not", met, len(failed))
	if met != 405 {
		t.Errorf("%d cases are met, want 405", met)
	}
}

func meets(t *testing.T, input, kind string, output json.RawMessage, fails bool) bool {
	p, err := Parse(input)
	if fails || err != nil {
		return fails && err != nil
	}
	if kind == "validate" {
		var want string
		if err := json.Unmarshal(output, &want); err != nil {
			t.Fatal(err)
		}
		got, err := Canonical(input)
		return err == nil && got == want && p.String() == want
	}
	var want struct {
		Type, Namespace, Name, Version, Subpath string
		Qualifiers                              map[string]string
	}
	if err := json.Unmarshal(output, &want); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, q := range p.Qualifiers {
		got[q.Key] = q.Value
	}
	return p.Type == want.Type && p.Namespace == want.Namespace && p.Name == want.Name &&
		p.Version == want.Version && p.Subpath == want.Subpath && cmp.Equal(got, want.Qualifiers, cmpopts.EquateEmpty())
}

// TestCanonicalOnCorpus holds the fast path to the slow one on every package URL
// of the corpus.
func TestCanonicalOnCorpus(t *testing.T) {
	root := corpus.Dir(t, "sbom")
	pattern := regexp.MustCompile(`"pkg:[^"\\]*"`)
	seen := map[string]bool{}
	fast := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, quoted := range pattern.FindAllString(string(data), -1) {
			s := strings.Trim(quoted, `"`)
			if seen[s] {
				continue
			}
			seen[s] = true
			checkCanonical(t, s)
			if isCanonical(s) {
				fast++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d package URLs, %d by the fast path", len(seen), fast)
	if len(seen) < 5000 || fast < len(seen)/3 {
		t.Error("too few")
	}
}

func checkCanonical(t *testing.T, s string) {
	t.Helper()
	p, err := parse(s)
	quick, qerr := Parse(s)
	if (err == nil) != (qerr == nil) || !reflect.DeepEqual(quick, p) {
		t.Fatalf("Parse(%q) = %#v, %v; want %#v, %v", s, quick, qerr, p, err)
	}
	got, cerr := Canonical(s)
	if (err == nil) != (cerr == nil) || err == nil && got != p.String() {
		t.Fatalf("Canonical(%q) = %q, %v; Parse gives %q, %v", s, got, cerr, p, err)
	}
	if err != nil {
		return
	}
	again, err := Parse(got)
	if err != nil || again.String() != got || KeyOf(again) != KeyOf(p) {
		t.Fatalf("%q has the canonical form %q, which reads as %q, %v", s, got, again, err)
	}
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{
		"pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc",
		"pkg:npm/%40angular/core@16.0.0", "pkg:golang/github.com/A/b@v1#c/d", "pkg:oci/x@sha256%3Aaa?tag=1&arch=",
		"pkg:maven/a/b@1?type=jar", "pkg:generic/./..", "pkg:gem/a%2Fb", "pkg:pypi/a_b@1", "pkg:npm/a@@1", "pkg:npm//a/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkCanonical(t, s) })
}

// TestParseAllocates: what is canonical costs what must be decoded, and the list of qualifiers.
func TestParseAllocates(t *testing.T) {
	for s, want := range map[string]float64{
		"pkg:npm/lodash@4.17.21": 0,
		"pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12": 2,
	} {
		if got := testing.AllocsPerRun(100, func() { Parse(s) }); got > want {
			t.Errorf("Parse(%q) allocates %v times, want %v", s, got, want)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Canonical("pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc"); err != nil {
			b.Fatal(err)
		}
	}
}
