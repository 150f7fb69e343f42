// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sigstore/sigstore-go/pkg/tuf"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/clitest"
	"github.com/HailBytes/evidence/internal/test/sigtest"
)

func TestMain(m *testing.M) { clitest.Main(m, map[string]cli.Run{"trusted-root": run}) }

func TestScripts(t *testing.T) { clitest.Run(t) }

func TestSchema(t *testing.T) { clitest.Schema(t, run, "trusted-root", result{}, nil) }

// TestBuiltIn: each built-in root.json is signed by as many of its own keys as it asks for.
func TestBuiltIn(t *testing.T) {
	for name, data := range map[string][]byte{"public": tuf.DefaultRoot(), "GitHub": githubRoot} {
		if _, err := trustedmetadata.New(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	changed := bytes.Replace(githubRoot, []byte(`"threshold": 3`), []byte(`"threshold": 1`), 1)
	if _, err := trustedmetadata.New(changed); err == nil {
		t.Error("a root.json that was changed is accepted")
	}
}

// tufRepo is a TUF repository on loopback. Each of its parts is signed by publish.
type tufRepo struct {
	t       *testing.T
	url     string
	files   map[string][]byte
	keys    map[string]ed25519.PrivateKey // by role
	former  ed25519.PrivateKey            // the root key before a rotation
	version map[string]int64
	expires time.Time
	target  []byte
}

var roles = []string{metadata.ROOT, metadata.TIMESTAMP, metadata.SNAPSHOT, metadata.TARGETS}

func newTUFRepo(t *testing.T) *tufRepo {
	t.Helper()
	r := &tufRepo{
		t: t, files: map[string][]byte{}, keys: map[string]ed25519.PrivateKey{}, version: map[string]int64{},
		expires: time.Now().Add(24 * time.Hour), target: sigtest.New("sigstore.test").TrustedRoot(),
	}
	for i, role := range roles {
		r.keys[role] = key(byte(i))
		r.version[role] = 1
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		data, ok := r.files[strings.TrimPrefix(q.URL.Path, "/")]
		if !ok {
			http.NotFound(w, q)
			return
		}
		w.Write(data)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	r.publish()
	return r
}

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

// publish signs all metadata as they are now.
func (r *tufRepo) publish() {
	r.t.Helper()
	root := metadata.Root(r.expires)
	root.Signed.Version = r.version[metadata.ROOT]
	for _, role := range roles {
		k, err := metadata.KeyFromPublicKey(r.keys[role].Public())
		r.check(err)
		r.check(root.Signed.AddKey(k, role))
	}
	by := []ed25519.PrivateKey{r.keys[metadata.ROOT]}
	if r.former != nil {
		by = append(by, r.former)
	}
	r.files[fmt.Sprintf("%d.root.json", root.Signed.Version)] = signed(r, root, by...)

	targets := metadata.Targets(r.expires)
	targets.Signed.Version = r.version[metadata.TARGETS]
	file, err := metadata.TargetFile().FromBytes(target, r.target, "sha256")
	r.check(err)
	targets.Signed.Targets[target] = file
	r.files["targets/"+file.Hashes["sha256"].String()+"."+target] = r.target
	r.files[fmt.Sprintf("%d.targets.json", targets.Signed.Version)] = signed(r, targets, r.keys[metadata.TARGETS])

	snapshot := metadata.Snapshot(r.expires)
	snapshot.Signed.Version = r.version[metadata.SNAPSHOT]
	snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(targets.Signed.Version)
	r.files[fmt.Sprintf("%d.snapshot.json", snapshot.Signed.Version)] = signed(r, snapshot, r.keys[metadata.SNAPSHOT])

	timestamp := metadata.Timestamp(r.expires)
	timestamp.Signed.Version = r.version[metadata.TIMESTAMP]
	timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(snapshot.Signed.Version)
	r.files["timestamp.json"] = signed(r, timestamp, r.keys[metadata.TIMESTAMP])
}

func signed[T metadata.Roles](r *tufRepo, m *metadata.Metadata[T], by ...ed25519.PrivateKey) []byte {
	r.t.Helper()
	for _, k := range by {
		signer, err := signature.LoadSigner(k, crypto.Hash(0))
		r.check(err)
		_, err = m.Sign(signer)
		r.check(err)
	}
	data, err := m.ToBytes(false)
	r.check(err)
	return data
}

func (r *tufRepo) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// next raises the version of each role but root.
func (r *tufRepo) next() {
	for _, role := range roles[1:] {
		r.version[role]++
	}
}

// rotate replaces the root key.
func (r *tufRepo) rotate(seed byte) {
	r.former, r.keys[metadata.ROOT] = r.keys[metadata.ROOT], key(seed)
	r.version[metadata.ROOT]++
}

// client is a machine that fetches: its anchor, cache and output.
type client struct {
	t   *testing.T
	dir string
}

func newClient(t *testing.T, r *tufRepo) *client {
	t.Helper()
	c := &client{t, t.TempDir()}
	if err := os.WriteFile(filepath.Join(c.dir, "anchor.json"), r.files["1.root.json"], 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// fetch runs the command and returns the exit code, what it printed, and what is in its output file.
func (c *client) fetch(url string, flags ...string) (code int, printed string, written []byte) {
	c.t.Helper()
	out := filepath.Join(c.dir, "out.json")
	line := []string{"-json", "-mirror", url, "-root", filepath.Join(c.dir, "anchor.json"), "-cache", filepath.Join(c.dir, "cache"), "-out", out}
	code, stdout, stderr := clitest.Call(c.t, run, "", append(line, flags...)...)
	written, err := os.ReadFile(out)
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), ".partial") {
			c.t.Errorf("left behind: %s", e.Name())
		}
	}
	return code, stdout + stderr, written
}

// TestFetch: what the repository vouches for is written, also after its keys were
// rotated, and with the newest root.json that was seen.
func TestFetch(t *testing.T) {
	r := newTUFRepo(t)
	c := newClient(t, r)
	for i, step := range []struct {
		name    string
		change  func()
		version float64
	}{
		{"first", func() {}, 1},
		{"again", func() {}, 1},
		{"the root key rotated twice", func() { r.rotate(11); r.publish(); r.rotate(12); r.next(); r.publish() }, 3},
		{"another target", func() {
			r.former, r.target = nil, sigtest.New("other.test").TrustedRoot()
			r.next()
			r.publish()
		}, 3},
		{"the timestamp key rotated", func() {
			r.keys[metadata.TIMESTAMP] = key(13)
			r.version[metadata.ROOT]++
			r.next()
			r.publish()
		}, 4},
	} {
		step.change()
		code, printed, written := c.fetch(r.url)
		var got struct{ RootVersion float64 }
		_ = json.Unmarshal([]byte(printed), &got)
		if code != 0 || !bytes.Equal(bytes.TrimSpace(written), r.target) || got.RootVersion != step.version {
			t.Errorf("%d %s: exit code %d, root version %v, want 0 and %v: %s", i, step.name, code, got.RootVersion, step.version, printed)
		}
	}
	// Text for a person.
	code, stdout, stderr := clitest.Call(t, run, "", "-mirror", r.url, "-root", filepath.Join(c.dir, "anchor.json"), "-cache", filepath.Join(c.dir, "cache"), "-out", filepath.Join(c.dir, "text.json"))
	if code != 0 || !strings.Contains(stdout, "root.json version 4") || !strings.Contains(stdout, "newest   key or authority of 2020-01-01") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

// TestRefused: a repository that is not as TUF demands is refused, and what was fetched
// before stays.
func TestRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(r *tufRepo)
		code   int
		says   string
	}{
		"expired":                  {func(r *tufRepo) { r.expires = time.Now().Add(-time.Hour); r.next(); r.publish() }, 1, "expired"},
		"older timestamp":          {func(r *tufRepo) { r.version[metadata.TIMESTAMP] = 1; r.publish() }, 1, "version"},
		"older snapshot":           {func(r *tufRepo) { r.version[metadata.SNAPSHOT] = 1; r.version[metadata.TIMESTAMP]++; r.publish() }, 1, "version"},
		"older targets":            {func(r *tufRepo) { r.next(); r.version[metadata.TARGETS] = 1; r.publish() }, 1, "version"},
		"timestamp by a stranger":  {func(r *tufRepo) { r.stranger(metadata.TIMESTAMP, "timestamp.json") }, 1, "not enough signatures"},
		"targets by a stranger":    {func(r *tufRepo) { r.stranger(metadata.TARGETS, "3.targets.json") }, 1, "not enough signatures"},
		"root by a stranger":       {func(r *tufRepo) { r.stranger(metadata.ROOT, "2.root.json") }, 1, "not enough signatures"},
		"rotated by the new alone": {func(r *tufRepo) { r.rotate(21); r.former = nil; r.next(); r.publish() }, 1, "not enough signatures"},
		"target changed": {func(r *tufRepo) {
			r.next()
			r.target = bytes.Replace(r.target, []byte("sigstore.test"), []byte("sigstore.evil"), 1)
			r.publish()
			for name, data := range r.files {
				if strings.HasPrefix(name, "targets/") {
					r.files[name] = bytes.Replace(data, []byte("sigstore.evil"), []byte("sigstore.best"), 1)
				}
			}
		}, 1, "hash"},
		"target longer": {func(r *tufRepo) {
			r.next()
			r.target = append(bytes.Clone(r.target), ' ')
			r.publish()
			for name, data := range r.files {
				if strings.HasPrefix(name, "targets/") {
					r.files[name] = append(data, make([]byte, 1<<20)...)
				}
			}
		}, 1, "more than"},
		"no trusted root": {func(r *tufRepo) { r.next(); r.target = []byte("{}"); r.publish() }, 1, "trusted_root.json"},
		"malformed":       {func(r *tufRepo) { r.files["timestamp.json"] = []byte("{") }, 1, "malformed"},
		"no timestamp":    {func(r *tufRepo) { delete(r.files, "timestamp.json") }, 2, "404"},
		"rotation withheld": {func(r *tufRepo) {
			// The client saw root.json 2, which has another timestamp key; then it is shown the state before.
			delete(r.files, "2.root.json")
			r.keys[metadata.TIMESTAMP], r.version[metadata.ROOT] = key(1), 1
			r.next()
			r.publish()
		}, 1, "not enough signatures"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newTUFRepo(t)
			c := newClient(t, r)
			r.next()
			if name == "rotation withheld" {
				r.keys[metadata.TIMESTAMP] = key(31)
				r.version[metadata.ROOT]++
			}
			r.publish()
			code, printed, before := c.fetch(r.url)
			if code != 0 {
				t.Fatalf("exit code %d: %s", code, printed)
			}
			tt.change(r)
			code, printed, after := c.fetch(r.url)
			if code != tt.code || !strings.Contains(printed, tt.says) {
				t.Errorf("exit code %d, want %d and %q: %s", code, tt.code, tt.says, printed)
			}
			if !bytes.Equal(before, after) {
				t.Error("what was fetched before is gone")
			}
		})
	}
}

// stranger signs the next state of a role with a key that nobody named.
func (r *tufRepo) stranger(role, file string) {
	own := r.keys[role]
	if role == metadata.ROOT {
		r.version[role]++
	} else {
		r.next()
	}
	r.publish()
	kept := map[string][]byte{}
	for name, data := range r.files {
		kept[name] = data
	}
	r.keys[role] = key(99)
	r.publish()
	kept[file] = r.files[file]
	r.files, r.keys[role] = kept, own
}

// TestAnotherAnchor: what one anchor led to is not believed for another one.
func TestAnotherAnchor(t *testing.T) {
	r := newTUFRepo(t)
	c := newClient(t, r)
	if code, printed, _ := c.fetch(r.url); code != 0 {
		t.Fatal(printed)
	}
	other := newTUFRepo(t)
	other.keys[metadata.ROOT] = key(77)
	other.publish()
	if err := os.WriteFile(filepath.Join(c.dir, "anchor.json"), other.files["1.root.json"], 0o600); err != nil {
		t.Fatal(err)
	}
	r.rotate(11)
	r.next()
	r.publish()
	if code, printed, _ := c.fetch(r.url); code != 1 {
		t.Errorf("exit code %d, want 1: %s", code, printed)
	}
}

// TestCannot: what cannot be reached or read was not checked.
func TestCannot(t *testing.T) {
	r := newTUFRepo(t)
	c := newClient(t, r)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, line := range map[string][]string{
		"nobody there":   {gone.URL},
		"no URL":         {"nowhere"},
		"another scheme": {"file:///etc"},
		"no folder":      {r.url, "-out", filepath.Join(c.dir, "none", "out.json")},
	} {
		if code, printed, written := c.fetch(line[0], line[1:]...); code != 2 || written != nil {
			t.Errorf("%s: exit code %d, want 2: %s", name, code, printed)
		}
	}
	if err := os.WriteFile(filepath.Join(c.dir, "anchor.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, printed, _ := c.fetch(r.url); code != 2 {
		t.Errorf("an anchor that is none: exit code %d: %s", code, printed)
	}
}
