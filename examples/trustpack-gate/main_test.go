// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/clitest"
	"github.com/HailBytes/evidence/internal/test/packtest"
	"github.com/HailBytes/evidence/internal/test/sigtest"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

func TestMain(m *testing.M) {
	clitest.Main(m, map[string]cli.Run{"trustpack-gate": run, "mkpack": packtest.Make})
}

func TestScripts(t *testing.T) { clitest.Run(t) }

func TestSchema(t *testing.T) { clitest.Schema(t, run, "trustpack-gate", result{}, nil) }

var instance = sync.OnceValue(func() *sigtest.Instance { return sigtest.New("sigstore.test") })

// customer is a folder with what a customer has: a pack and its statement, which the
// workflow release.yml signed without a key, the trusted root, a policy and a compose file.
type customer struct {
	t       *testing.T
	dir     string
	pack    string
	content string // digest of the pack
}

const issuer = "https://token.actions.githubusercontent.com"

func newCustomer(t *testing.T, version, workflow string) *customer {
	t.Helper()
	c := &customer{t: t, dir: t.TempDir()}
	c.pack = filepath.Join(c.dir, trustpack.FileName("demo", version))
	src, err := trustpack.Sources(fstest.MapFS{"notes.txt": {Data: []byte("notes\n")}})
	if err != nil {
		t.Fatal(err)
	}
	var images []manifest.Image
	for _, name := range []string{"web", "worker"} {
		images = append(images, manifest.Image{Name: name, Reference: "ghcr.io/acme/" + name + ":" + version, Digest: digest(name + version), Signing: manifest.Signing{Status: manifest.Unsigned}})
	}
	var zip bytes.Buffer
	built, err := trustpack.Build(t.Context(), &zip, manifest.Config{
		Product: "demo", Version: version, Images: images,
		Release: manifest.Release{Created: sigtest.Epoch, Tag: "v" + version, Commit: sigtest.Commit, Repository: "https://github.com/acme/app"},
	}, src, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.file(filepath.Base(c.pack), zip.String())
	c.content = built.ContentDigest.Hex()
	statement, err := built.Statement(filepath.Base(c.pack))
	if err != nil {
		t.Fatal(err)
	}
	holder := sigtest.Workflow("acme", "app", workflow, "refs/tags/v"+version)
	c.file(filepath.Base(trustpack.StatementName(c.pack)), string(instance().Attest(statement, sigtest.Signing{Holder: holder, TSAs: instance().TSA[:1]}).JSON()))
	c.file("root.json", string(instance().TrustedRoot()))
	c.file("policy.yaml", `publisher:
  - identityPattern: https://github\.com/acme/app/\.github/workflows/release\.yml@refs/tags/v.+
    issuer: `+issuer+`
    trustedRoot: root.json
release: {product: demo, atLeast: 1.7}
unsafeNoProfile: true
install:
  thirdParty: ["postgres:16.13@`+digest("postgres").String()+`"]
`)
	c.compose("ghcr.io/acme/web:1.7")
	return c
}

func digest(text string) evidence.Digest { return evidence.Sum256([]byte(text)) }

func (c *customer) file(name, data string) string {
	c.t.Helper()
	name = filepath.Join(c.dir, name)
	if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
		c.t.Fatal(err)
	}
	return name
}

func (c *customer) compose(image string) {
	c.file("compose.yaml", "services:\n  web: {image: '"+image+"'}\n  db: {image: 'postgres:16.13@"+digest("postgres").String()+"'}\n")
}

// gate runs the command with some files of the folder, and fails unless the exit code
// and what is printed are as wanted.
func (c *customer) gate(code int, want string, flags ...string) {
	c.t.Helper()
	for i, f := range flags {
		if i > 0 && (flags[i-1] == "-compose" || flags[i-1] == "-lock" || flags[i-1] == "-policy") {
			flags[i] = filepath.Join(c.dir, f)
		}
	}
	got, stdout, stderr := clitest.Call(c.t, run, "", append(flags, c.pack)...)
	if got != code || !strings.Contains(stdout+stderr, want) {
		c.t.Errorf("%q: exit code %d, want %d and %q in\n%s%s", flags, got, code, want, stdout, stderr)
	}
}

// TestInstall is the way of a customer from a pack to an installation, without a network,
// and each thing on it that must stop it.
func TestInstall(t *testing.T) {
	c := newCustomer(t, "1.7", "release.yml")
	policy := []string{"-policy", "policy.yaml"}
	with := func(flags ...string) []string { return append(policy[:2:2], flags...) }

	c.gate(1, "without a digest", with("-compose", "compose.yaml")...)
	c.gate(0, "OK: may be started with", with("-compose", "compose.yaml", "-lock", "lock.yaml")...)
	c.gate(0, "OK: may be started\n", with("-compose", "compose.yaml", "-compose", "lock.yaml")...)
	c.gate(0, "OK: may be started", with("-image", "ghcr.io/acme/worker@"+digest("worker1.7").String())...)
	c.gate(0, "weakened", with("-compose", "compose.yaml", "-compose", "lock.yaml")...)

	// A digest from elsewhere than the pack stands for the signature; a file that is not there is no verdict.
	pinned := []string{"-profile", "none", "-content-digest", c.content}
	c.gate(0, "OK: may be started", append(pinned, "-image", "ghcr.io/acme/web@"+digest("web1.7").String())...)
	c.gate(1, "neither an image", append(pinned, "-image", "nginx")...)
	c.gate(2, "nowhere", append(pinned, "-archive", "nowhere.tar")...)

	// Another image, a tag that moves, an image of another release, another postgres.
	c.compose("ghcr.io/evil/web@" + digest("evil").String())
	c.gate(1, "neither an image of demo@1.7", with("-compose", "compose.yaml", "-lock", "lock2.yaml")...)
	c.compose("ghcr.io/acme/web:latest")
	c.gate(1, "without a digest", with("-compose", "compose.yaml", "-lock", "lock2.yaml")...)
	c.compose("ghcr.io/acme/web@" + digest("web1.6").String())
	c.gate(1, "is not in demo@1.7", with("-compose", "compose.yaml", "-lock", "lock2.yaml")...)
	if _, err := os.Stat(filepath.Join(c.dir, "lock2.yaml")); err == nil {
		t.Error("a lock file was written of what was refused")
	}
	c.gate(1, "not what the policy names", with("-image", "postgres:16.13@"+digest("evil").String())...)

	// An older pack, another workflow, the statement of another pack, none.
	newCustomer(t, "1.6", "release.yml").gate(1, "older than 1.7", with("-compose", "compose.yaml")...)
	newCustomer(t, "1.7", "evil.yml").gate(1, "attest.statement", with("-compose", "compose.yaml")...)
	other := newCustomer(t, "1.8", "release.yml")
	data, err := os.ReadFile(trustpack.StatementName(other.pack))
	if err != nil {
		t.Fatal(err)
	}
	c.file(filepath.Base(trustpack.StatementName(c.pack)), string(data))
	c.gate(1, "REFUSED: the pack vouches for nothing", with("-compose", "compose.yaml")...)
	if err := os.Remove(trustpack.StatementName(c.pack)); err != nil {
		t.Fatal(err)
	}
	c.gate(1, "required, but the verdict is skip", with("-compose", "compose.yaml")...)
}

// TestJSON: the object holds the checks of the pack and of the deployment.
func TestJSON(t *testing.T) {
	c := newCustomer(t, "1.7", "release.yml")
	code, stdout, _ := clitest.Call(t, run, "", "-json", "-policy", filepath.Join(c.dir, "policy.yaml"), "-compose", filepath.Join(c.dir, "compose.yaml"), c.pack)
	var out struct {
		OK     bool
		Checks evidence.Checks
	}
	if err := json.Unmarshal([]byte(stdout), &out); err != nil {
		t.Fatal(err)
	}
	if code != 1 || out.OK || out.Checks.Find("attest.statement") == nil || out.Checks.Find("gate.image") == nil || out.Checks.Find("policy.weakened") == nil {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
}

// TestVSA: the summary is of pack and deployment together.
func TestVSA(t *testing.T) {
	c := newCustomer(t, "1.7", "release.yml")
	image := "ghcr.io/acme/web@" + digest("web1.7").String()
	key, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	private := c.file("verifier.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	for name, tt := range map[string]struct {
		image, want string
		code        int
	}{"passed": {image, "PASSED", 0}, "failed": {"ghcr.io/acme/web@" + digest("evil").String(), "FAILED", 1}} {
		vsa := filepath.Join(c.dir, name)
		c.gate(tt.code, "", "-policy", "policy.yaml", "-image", tt.image, "-vsa", vsa, "-vsa-key", private, "-vsa-verifier", "https://c.example/v", "-vsa-resource-uri", "https://c.example/r", "-vsa-policy-uri", "https://c.example/p")
		data, err := os.ReadFile(vsa)
		if err != nil {
			t.Fatal(err)
		}
		var envelope struct {
			DSSEEnvelope struct{ Payload []byte } `json:"dsseEnvelope"`
		}
		if err := json.Unmarshal(data, &envelope); err != nil || !bytes.Contains(envelope.DSSEEnvelope.Payload, []byte(tt.want)) {
			t.Errorf("%s: %v: %s", name, err, envelope.DSSEEnvelope.Payload)
		}
	}
}
