// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package imageref

import (
	"errors"
	"strings"
	"testing"

	"github.com/distribution/reference"

	"github.com/HailBytes/evidence"
)

var (
	hex256 = strings.Repeat("0123456789abcdef", 4)
	hex512 = strings.Repeat("0123456789abcdef", 8)
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text, domain, path, tag, digest string
		familiar                        string
	}{
		{"nginx", "docker.io", "library/nginx", "", "", "nginx"},
		{"nginx:1.27", "docker.io", "library/nginx", "1.27", "", "nginx:1.27"},
		{"library/nginx", "docker.io", "library/nginx", "", "", "nginx"},
		{"docker.io/nginx", "docker.io", "library/nginx", "", "", "nginx"},
		{"docker.io/library/nginx", "docker.io", "library/nginx", "", "", "nginx"},
		{"index.docker.io/library/nginx", "docker.io", "library/nginx", "", "", "nginx"},
		{"index.docker.io/nginx:1", "docker.io", "library/nginx", "1", "", "nginx:1"},
		{"registry-1.docker.io/library/nginx", "docker.io", "library/nginx", "", "", "nginx"},
		{"Docker.IO/library/nginx", "docker.io", "library/nginx", "", "", "nginx"},
		{"docker.io/library/a/b", "docker.io", "library/a/b", "", "", "library/a/b"},
		{"bitnami/redis", "docker.io", "bitnami/redis", "", "", "bitnami/redis"},
		{"ghcr.io/library/nginx", "ghcr.io", "library/nginx", "", "", "ghcr.io/library/nginx"},
		{"GHCR.io/hailbytes/asm-web:1.482", "ghcr.io", "hailbytes/asm-web", "1.482", "", "ghcr.io/hailbytes/asm-web:1.482"},
		{"my-Host.io/a", "my-host.io", "a", "", "", "my-host.io/a"},
		{"localhost/web", "localhost", "web", "", "", "localhost/web"},
		{"LOCALHOST/web", "localhost", "web", "", "", "localhost/web"},
		{"localhost:5000/web:1", "localhost:5000", "web", "1", "", "localhost:5000/web:1"},
		{"localhost:5000", "docker.io", "library/localhost", "5000", "", "localhost:5000"},
		{"Registry.Example:5000/a/b:T-1_2.x", "registry.example:5000", "a/b", "T-1_2.x", "", "registry.example:5000/a/b:T-1_2.x"},
		{"[2001:DB8::1]:5000/a", "[2001:db8::1]:5000", "a", "", "", "[2001:db8::1]:5000/a"},
		{"nginx@sha256:" + hex256, "docker.io", "library/nginx", "", "sha256:" + hex256, "nginx@sha256:" + hex256},
		{"nginx:1.27@sha256:" + hex256, "docker.io", "library/nginx", "1.27", "sha256:" + hex256, "nginx:1.27@sha256:" + hex256},
		{"r.example:1/a:2@sha512:" + hex512, "r.example:1", "a", "2", "sha512:" + hex512, "r.example:1/a:2@sha512:" + hex512},
		{"a__b/c--d/e.f", "docker.io", "a__b/c--d/e.f", "", "", "a__b/c--d/e.f"},
	} {
		got, err := Parse(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if got.Domain != test.domain || got.Path != test.path || got.Tag != test.tag || got.Digest.String() != test.digest {
			t.Errorf("%q: got %+v", test.text, got)
		}
		if got.Familiar() != test.familiar {
			t.Errorf("%q: familiar %q, want %q", test.text, got.Familiar(), test.familiar)
		}
		if got.Repository() != test.domain+"/"+test.path {
			t.Errorf("%q: repository %q", test.text, got.Repository())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct {
		text  string
		class error
		want  string
	}{
		{"", evidence.ErrFormat, "invalid reference"},
		{" nginx", evidence.ErrFormat, "invalid reference"},
		{"nginx:", evidence.ErrFormat, "invalid reference"},
		{"ghcr.io/Hail/web", evidence.ErrFormat, "must be lowercase"},
		{"NGINX", evidence.ErrFormat, "must be lowercase"},
		{"my_host.io/a", evidence.ErrFormat, "no host name has"},
		{"my_Host.io/a", evidence.ErrFormat, "must be lowercase"},
		{"a//b", evidence.ErrFormat, "invalid reference"},
		{"https://ghcr.io/a", evidence.ErrFormat, "invalid reference"},
		{"${IMAGE}", evidence.ErrFormat, "lowercase"},
		{hex256, evidence.ErrFormat, "hexadecimal"},
		{"a@", evidence.ErrFormat, "not of the form"},
		{"@sha256:" + hex256, evidence.ErrFormat, "invalid reference"},
		{"a@sha256:" + hex256[1:], evidence.ErrFormat, "63 digits"},
		{"a@sha256:" + strings.ToUpper(hex256), evidence.ErrFormat, "upper-case"},
		{"a@sha256:" + hex256 + "@sha256:" + hex256, evidence.ErrFormat, "digits"},
		{"a@blake3:" + hex256, evidence.ErrUnsupported, "not known"},
		{"a:" + strings.Repeat("t", 129), evidence.ErrFormat, "invalid reference"},
		{strings.Repeat("a", 256), evidence.ErrFormat, "255"},
		{strings.Repeat("a/", 1<<20) + "a", evidence.ErrFormat, "longer than 1.0 KiB"},
	} {
		got, err := Parse(test.text)
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Code != CodeSyntax || !errors.Is(err, test.class) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.80q: got %v, want %v: %s", test.text, err, test.class, test.want)
		}
		if got != (Ref{}) || Repository(test.text) != "" {
			t.Errorf("%.80q: a reference came with the error", test.text)
		}
	}
}

// FuzzParse holds two facts against distribution/reference: what is accepted here is
// accepted there, and the text form, long or familiar, means the same when it is read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"nginx", "Docker.IO/nginx:1", "LOCALHOST/a", "Host/a", "[::1]:5/a@sha256:" + hex256, "a@sha512:" + hex512, "o_ker.IO/n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := Parse(s)
		if err != nil {
			if !evidence.IsVerdict(err) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if _, err := reference.ParseNormalizedNamed(s); err != nil {
			t.Fatalf("%q: distribution/reference says %v", s, err)
		}
		for _, text := range []string{r.String(), r.Familiar()} {
			if again, err := Parse(text); err != nil || again != r {
				t.Fatalf("%q: %q becomes %+v, %v", s, text, again, err)
			}
		}
	})
}
