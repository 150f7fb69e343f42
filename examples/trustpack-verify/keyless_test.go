// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
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
	return newKeylessOf(t, sigtest.Commit, more)
}

func newKeylessOf(t *testing.T, commit string, more fstest.MapFS) *keyless {
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
		Product: "demo", Version: "1.7", Release: manifest.Release{Created: sigtest.Epoch, Tag: "v1.7", Commit: commit, Repository: "https://github.com/acme/app"},
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

	c.want(0, []string{"pass   attest.trusted", age, "trusted root   "}, c.by("lines.jsonl", "-certificate-identity", build.Name)...)
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

// TestReleaseAttestation: what GitHub signed of a release makes the pack authentic that
// is an asset of it, and none of another release, commit, repository or file.
func TestReleaseAttestation(t *testing.T) {
	in := sigtest.NewGitHub()
	c := newKeyless(t, nil)
	both := append(instance().TrustedRoot(), in.TrustedRoot()...)
	c.file("both.jsonl", both)
	zip := c.built.SHA256.Hex()
	// signed writes the attestation with some of its words replaced.
	signed := func(replace ...string) string {
		text := strings.NewReplacer(replace...).Replace(`{"_type":"https://in-toto.io/Statement/v1","subject":[` +
			`{"uri":"pkg:github/acme/app@v1.7","digest":{"sha1":"` + sigtest.Commit + `"}},{"name":"notes.txt","digest":{"sha256":"` + strings.Repeat("a", 64) + `"}},{"name":"pack.zip","digest":{"sha256":"` + zip + `"}}],` +
			`"predicateType":"https://in-toto.io/attestation/release/v0.2","predicate":{"databaseId":"1","ownerId":"2","packageId":"3","purl":"pkg:github/acme/app@v1.7","repository":"acme/app","repositoryId":"3","tag":"v1.7"}}`)
		return c.file("release.jsonl", in.Attest([]byte(text), in.ReleaseSigning()).JSON())
	}
	verify := func(code int, says string, file string, flags ...string) {
		t.Helper()
		line := []string{"-v", "-profile", "none", "-require", "authentic", "-release-attestation", file, "-trusted-root", filepath.Join(c.dir, "both.jsonl")}
		got, stdout, stderr := clitest.Call(t, run, "", append(append(line, flags...), c.pack)...)
		if got != code || !strings.Contains(stdout+stderr, says) {
			t.Errorf("exit code %d, want %d and %q\n%s%s", got, code, says, stdout, stderr)
		}
	}
	app := []string{"-repository", "acme/app"}
	verify(0, "pass   attest.release", signed(), app...)
	verify(0, "made by        an asset of release v1.7 of acme/app", signed(), app...)
	verify(0, "pass   attest.release", signed(), "-repository", "Acme/App")
	for name, replace := range map[string][]string{
		"repository":                 {"acme/app", "acme/other"},
		"tag":                        {"v1.7", "v1.6"},
		"commit":                     {sigtest.Commit, strings.Repeat("b", 40)},
		"subject":                    {zip, strings.Repeat("b", 64)},
		"predicate type":             {"release/v0.2", "release/v0.9"},
		"subject of another release": {`"uri":"pkg:github/acme/app@v1.7"`, `"uri":"pkg:github/acme/app@v1.6"`},
		"no subject is the tag":      {`{"uri":"pkg:github/acme/app@v1.7","digest":{"sha1":"` + sigtest.Commit + `"}},`, ""},
		"lacks /tag":                 {`"tag"`, `"label"`},
	} {
		if name == "predicate type" {
			name = "no attestation of a release"
		}
		verify(1, name, signed(replace...), app...)
	}
	verify(1, "repository", signed(), "-repository", "acme/other")
	verify(1, "repository that the pack names", signed("acme/app", "evil/app"), "-repository", "evil/app")
	verify(2, "-repository OWNER/NAME", signed())
	verify(2, "-repository OWNER/NAME", signed(), "-repository", "acme")

	// Beside provenance, as they are downloaded together; and beside a statement, both must hold.
	release, err := os.ReadFile(signed())
	if err != nil {
		t.Fatal(err)
	}
	provenance := instance().Attest([]byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"`+zip+`"}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{}}`), sigtest.Signing{}).JSON()
	verify(0, "pass   attest.release", c.file("two.jsonl", slices.Concat(provenance, []byte("\n"), release)), app...)
	verify(1, "no attestation of a release", c.file("provenance.json", provenance), app...)
	c.sign(instance(), sigtest.Signing{Holder: identity("build.yml")})
	by := []string{"-bundle", trustpack.StatementName(c.pack), "-certificate-oidc-issuer", sigtest.GitHubIssuer, "-certificate-identity", identity("build.yml").Name}
	verify(0, "pass   attest.statement", signed(), append(by, app...)...)
	verify(1, "fail   attest.release", signed("v1.7", "v1.6"), append(by, app...)...)
	c.rezip()
	verify(1, "fail   attest.release", signed(), app...)
}

// TestAnnotatedTag: of an annotated tag GitHub signs the object, not the commit. Only the
// repository shows that the one names the other.
func TestAnnotatedTag(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	repo := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", repo, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-02-01T00:00:00Z", "GIT_AUTHOR_DATE=2026-02-01T00:00:00Z")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %q: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	for range 7 {
		git("commit", "-q", "--allow-empty", "-m", "change")
	}
	git("tag", "-a", "v1.7", "-m", "release")
	commit, object := git("rev-parse", "HEAD"), git("rev-parse", "refs/tags/v1.7")
	history := filepath.Join(t.TempDir(), "source.bundle")
	git("bundle", "create", "-q", history, "v1.7")
	data, err := os.ReadFile(history)
	if err != nil {
		t.Fatal(err)
	}
	in := sigtest.NewGitHub()
	for name, tt := range map[string]struct {
		files  fstest.MapFS
		object string
		flags  []string
		code   int
	}{
		"commit":                    {nil, commit, nil, 0},
		"object":                    {nil, object, nil, 1},
		"object, with -repo":        {nil, object, []string{"-repo", repo}, 0},
		"object, with a git bundle": {fstest.MapFS{"source/app.bundle": {Data: data}}, object, nil, 0},
		"another, with both":        {fstest.MapFS{"source/app.bundle": {Data: data}}, strings.Repeat("b", 40), []string{"-repo", repo}, 1},
	} {
		c := newKeylessOf(t, commit, tt.files)
		text := `{"_type":"https://in-toto.io/Statement/v1","subject":[{"uri":"pkg:github/acme/app@v1.7","digest":{"sha1":"` + tt.object + `"}},{"digest":{"sha256":"` + c.built.SHA256.Hex() + `"}}],` +
			`"predicateType":"https://in-toto.io/attestation/release/v0.2","predicate":{"purl":"pkg:github/acme/app@v1.7","repository":"acme/app","tag":"v1.7"}}`
		file, root := c.file("release.json", in.Attest([]byte(text), in.ReleaseSigning()).JSON()), c.file("github.json", in.TrustedRoot())
		line := append([]string{"-profile", "none", "-release-attestation", file, "-repository", "acme/app", "-trusted-root", root}, tt.flags...)
		if code, stdout, stderr := clitest.Call(t, run, "", append(line, c.pack)...); code != tt.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", name, code, tt.code, stdout, stderr)
		}
	}
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
