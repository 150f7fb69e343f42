// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/test/clitest"
	"github.com/HailBytes/evidence/internal/test/sigtest"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// The Sigstore instance of the publisher, and another one.
var (
	instance = sync.OnceValue(func() *sigtest.Instance { return sigtest.New("sigstore.test") })
	another  = sync.OnceValue(func() *sigtest.Instance { return sigtest.New("another.test") })
)

// identity is a workflow of the publisher at the release's tag.
func identity(file string) sigtest.Holder {
	return sigtest.Workflow("acme", "app", file, "refs/tags/v1.7")
}

// keyless is a pack with image web, whose signature build.yml made. The statement about
// the pack is for each test to sign.
type keyless struct {
	t     *testing.T
	dir   string
	pack  string
	built *trustpack.Built
}

func newKeyless(t *testing.T, more fstest.MapFS) *keyless {
	t.Helper()
	c := &keyless{t: t, dir: t.TempDir()}
	c.pack = filepath.Join(c.dir, trustpack.FileName("demo", "1.7"))
	web := evidence.Sum256([]byte("image web"))
	about, err := attest.NewStatement([]attest.ResourceDescriptor{{Name: "web", Digest: attest.DigestSet{"sha256": web.Hex()}}}, "https://example.com/built/v1", struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"attestations/web.sigstore.json": {Data: instance().Attest(about, sigtest.Signing{Holder: identity("build.yml"), TSAs: instance().TSA[:1]}).JSON()}}
	for name, f := range more {
		files[name] = f
	}
	src, err := trustpack.Sources(files)
	if err != nil {
		t.Fatal(err)
	}
	var pack bytes.Buffer
	c.built, err = trustpack.Build(t.Context(), &pack, manifest.Config{
		Product: "demo", Version: "1.7", Release: manifest.Release{Created: sigtest.Epoch, Tag: "v1.7", Commit: sigtest.Commit, Repository: "https://github.com/acme/app"},
		Images: []manifest.Image{{Name: "web", Reference: "ghcr.io/acme/web", Digest: web}},
	}, src, nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, c.pack, pack.Bytes())
	c.file("root.json", instance().TrustedRoot())
	return c
}

// file writes a file beside the pack and returns its path.
func (c *keyless) file(name string, data []byte) string {
	c.t.Helper()
	name = filepath.Join(c.dir, name)
	write(c.t, name, data)
	return name
}

// sign writes the statement about the pack, about those of its subjects that are named,
// as a signing tool does.
func (c *keyless) sign(in *sigtest.Instance, s sigtest.Signing, subjects ...string) {
	c.t.Helper()
	data, err := c.built.Statement(filepath.Base(c.pack))
	if err != nil {
		c.t.Fatal(err)
	}
	if len(subjects) > 0 {
		st, err := attest.ParseStatement(data, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		about := slices.DeleteFunc(slices.Clone(st.Subject), func(d attest.ResourceDescriptor) bool { return !slices.Contains(subjects, d.Name) })
		if data, err = attest.NewStatement(about, st.PredicateType, json.RawMessage(st.Predicate)); err != nil {
			c.t.Fatal(err)
		}
	}
	write(c.t, trustpack.StatementName(c.pack), in.Attest(data, s).JSON())
}

// verify runs the command on the pack with its statement, and returns the exit code and what was printed.
func (c *keyless) verify(flags ...string) (code int, stdout, stderr string) {
	c.t.Helper()
	line := []string{"-v", "-profile", "none", "-require", "authentic", "-bundle", trustpack.StatementName(c.pack)}
	return clitest.Call(c.t, run, "", append(append(line, flags...), c.pack)...)
}

// want fails unless the exit code is as wanted and each of the lines is printed.
func (c *keyless) want(code int, lines []string, flags ...string) {
	c.t.Helper()
	got, stdout, stderr := c.verify(flags...)
	if got != code {
		c.t.Errorf("%q: exit code %d, want %d\n%s%s", flags, got, code, stdout, stderr)
	}
	for _, line := range lines {
		if !strings.Contains(stdout+stderr, line) {
			c.t.Errorf("%q: want %q in\n%s%s", flags, line, stdout, stderr)
		}
	}
}

// by are the flags for signers by a trusted root.
func (c *keyless) by(root string, more ...string) []string {
	return append([]string{"-trusted-root", filepath.Join(c.dir, root), "-certificate-oidc-issuer", sigtest.GitHubIssuer}, more...)
}

// rezip writes the pack once more with the same files in another ZIP.
func (c *keyless) rezip() {
	c.t.Helper()
	data, err := os.ReadFile(c.pack)
	if err != nil {
		c.t.Fatal(err)
	}
	write(c.t, c.pack, repack(c.t, data))
}

// TestSubjects: a statement about both files, the ZIP alone or MANIFEST.json alone, as
// signing tools write them.
func TestSubjects(t *testing.T) {
	const name = "hailbytes-demo-trust-pack-v1.7.zip"
	for title, tt := range map[string]struct {
		subjects []string
		rezipped bool
		code     int
		says     string
	}{
		"both":                   {nil, false, 0, "pass   attest.statement"},
		"both, zipped again":     {nil, true, 0, "warn   attest.statement"},
		"ZIP":                    {[]string{name}, false, 0, "pass   attest.statement"},
		"ZIP, zipped again":      {[]string{name}, true, 1, "fail   attest.statement"},
		"manifest":               {[]string{manifest.Name}, false, 0, "pass   attest.statement"},
		"manifest, zipped again": {[]string{manifest.Name}, true, 0, "pass   attest.statement"},
	} {
		t.Run(title, func(t *testing.T) {
			c := newKeyless(t, nil)
			c.sign(instance(), sigtest.Signing{Holder: identity("build.yml")}, tt.subjects...)
			if tt.rezipped {
				c.rezip()
			}
			c.want(tt.code, []string{tt.says}, c.by("root.json", "-certificate-identity", identity("build.yml").Name)...)
		})
	}
}

// TestRoles: who publishes and who signs images are given apart.
func TestRoles(t *testing.T) {
	c := newKeyless(t, nil)
	c.sign(instance(), sigtest.Signing{Holder: identity("release.yml")})
	build, release := identity("build.yml").Name, identity("release.yml").Name
	for name, tt := range map[string]struct {
		publisher, images string
		code              int
		says              []string
	}{
		"apart":           {release, build, 0, []string{"pass   attest.statement", "pass   attest.present"}},
		"one for both":    {release, "", 1, []string{"pass   attest.statement", "fail   attest.identity"}},
		"the other way":   {build, release, 1, []string{"fail   attest.statement", "fail   attest.identity"}},
		"images' is both": {build, "", 1, []string{"fail   attest.statement", "pass   attest.present"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := *c
			c.t = t
			flags := c.by("root.json", "-certificate-identity", tt.publisher)
			if tt.images != "" {
				flags = append(flags, "-image-certificate-identity", tt.images)
			}
			c.want(tt.code, tt.says, flags...)
		})
	}
	c.want(0, []string{"pass   attest.present"}, c.by("root.json", "-certificate-identity", release, "-image-certificate-identity-regexp", `https://github\.com/acme/app/\.github/workflows/build\.yml@refs/tags/v1\.7`)...)
	// A key for the statement, an identity for the images; and the reverse, where no image is signed by the key.
	key := newKey(t, c.dir, "publisher", 1)
	stranger := newKey(t, c.dir, "stranger", 2)
	for _, tt := range []struct {
		by   attest.PayloadSigner
		code int
		says string
	}{{key, 0, "pass   attest.statement"}, {stranger, 1, "fail   attest.statement"}} {
		data, err := c.built.Sign(t.Context(), filepath.Base(c.pack), tt.by)
		if err != nil {
			t.Fatal(err)
		}
		write(t, trustpack.StatementName(c.pack), data)
		c.want(tt.code, []string{tt.says, "pass   attest.present"}, c.by("root.json", "-image-certificate-identity", build, "-key", filepath.Join(c.dir, "publisher.pub"))...)
	}
	c.want(1, []string{"fail   attest.present"}, "-key", filepath.Join(c.dir, "stranger.pub"), "-image-key", filepath.Join(c.dir, "publisher.pub"))
	// What is not whole is no check.
	c.want(2, []string{"-image-certificate-identity"}, "-image-certificate-identity", build, "-key", filepath.Join(c.dir, "publisher.pub"))
	c.want(2, []string{"-certificate-identity"}, "-min-tlog", "0", "-key", filepath.Join(c.dir, "publisher.pub"))
}

// TestPrivateInstance: GitHub's instance for private repositories has no logs, and a
// timestamp. Only who asks for less gets less, and the report says so.
func TestPrivateInstance(t *testing.T) {
	c := newKeyless(t, nil)
	build := identity("build.yml")
	private := sigtest.Signing{Holder: build, SCTs: []*sigtest.Log{}, Entries: []string{}, TSAs: instance().TSA[:1]}
	less := []string{"-min-tlog", "0", "-min-sct", "0", "-min-signed-timestamps", "1"}
	flags := c.by("root.json", "-certificate-identity", build.Name)

	c.sign(instance(), private)
	c.want(1, []string{"fail   attest.statement", "0 transparency log entries, want 1"}, flags...)
	c.want(0, []string{"pass   attest.statement", "weakened: keyless: no signed certificate timestamp asked for, keyless: no transparency log entry asked for"}, append(flags, less...)...)
	private.TSAs = nil
	c.sign(instance(), private)
	c.want(1, []string{"fail   attest.statement"}, append(flags, less...)...)
	c.sign(instance(), sigtest.Signing{Holder: build}) // logged, without the timestamp that was asked for
	c.want(1, []string{"0 signed timestamps, want 1"}, append(flags, less...)...)
}

// TestTrustFiles: a root may stand in any line of a file; how old it is, is said; one
// that the pack holds too is warned of; none is taken from the pack.
func TestTrustFiles(t *testing.T) {
	root, other := instance().TrustedRoot(), another().TrustedRoot()
	build := identity("build.yml")
	c := newKeyless(t, fstest.MapFS{"signatures/trusted_root.json": {Data: root}})
	c.sign(instance(), sigtest.Signing{Holder: build})
	newKey(t, c.dir, "publisher", 1)
	lines := append(compactJSON(t, other), compactJSON(t, root)...)
	c.file("lines.jsonl", lines)
	c.file("other.json", other)
	age := "newest key or authority of 2020-01-01, "

	c.want(0, []string{"pass   attest.trusted", age}, c.by("lines.jsonl", "-certificate-identity", build.Name)...)
	c.want(0, []string{"warn   attest.trusted", `the pack holds this file too, as "signatures/trusted_root.json": it proves nothing, unless you have it from elsewhere; ` + age}, c.by("root.json", "-certificate-identity", build.Name)...)
	c.want(1, []string{"fail   attest.statement", "not in this trust root"}, c.by("other.json", "-certificate-identity", build.Name)...)
	c.want(2, []string{"-trusted-root"}, "-certificate-identity", build.Name, "-certificate-oidc-issuer", sigtest.GitHubIssuer)
	if _, stdout, _ := c.verify(c.by("lines.jsonl", "-certificate-identity", build.Name)...); strings.Contains(stdout, "the pack holds this file too") {
		t.Error("warned of a root that the pack does not hold")
	}

	public, err := os.ReadFile(filepath.Join(c.dir, "publisher.pub"))
	if err != nil {
		t.Fatal(err)
	}
	c = newKeyless(t, fstest.MapFS{"signatures/release.pub": {Data: public}})
	key := newKey(t, c.dir, "publisher", 1)
	data, err := c.built.Sign(t.Context(), filepath.Base(c.pack), key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, trustpack.StatementName(c.pack), data)
	c.want(0, []string{"warn   attest.trusted", `as "signatures/release.pub"`}, "-key", filepath.Join(c.dir, "publisher.pub"))
}

func compactJSON(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

// repack returns the files of a pack in another ZIP.
func repack(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		to, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = io.Copy(to, from)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
