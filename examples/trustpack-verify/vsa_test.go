// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/clitest"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// vsaCase is a pack with its statement, and keys of publisher and verifier.
type vsaCase struct {
	t                   *testing.T
	dir, pack           string
	built               *trustpack.Built
	publisher, verifier *attest.KeySigner // publisher.key and .pub in dir, and verifier.key and .pub
	flags               []string
}

// newKey writes a key pair, name.key and name.pub, from a fixed seed.
func newKey(t *testing.T, dir, name string, seed byte) *attest.KeySigner {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	write(t, filepath.Join(dir, name+".pub"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix}))
	signer, err := attest.NewKeySigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func newVSACase(t *testing.T) *vsaCase {
	t.Helper()
	dir := t.TempDir()
	c := &vsaCase{t: t, dir: dir, pack: filepath.Join(dir, trustpack.FileName("demo", "1.7"))}
	c.publisher, c.verifier = newKey(t, dir, "publisher", 1), newKey(t, dir, "verifier", 2)
	src, err := trustpack.Sources(fstest.MapFS{"notes.txt": {Data: []byte("notes\n")}})
	if err != nil {
		t.Fatal(err)
	}
	var zip bytes.Buffer
	if c.built, err = trustpack.Build(t.Context(), &zip, manifest.Config{Product: "demo", Version: "1.7", Release: manifest.Release{Created: time.Unix(1767323045, 0)}}, src, nil); err != nil {
		t.Fatal(err)
	}
	write(t, c.pack, zip.Bytes())
	statement, err := c.built.Sign(t.Context(), filepath.Base(c.pack), c.publisher)
	if err != nil {
		t.Fatal(err)
	}
	write(t, trustpack.StatementName(c.pack), statement)
	c.flags = []string{
		"-profile", "none", "-require", "authentic",
		"-bundle", trustpack.StatementName(c.pack), "-key", filepath.Join(dir, "publisher.pub"),
		"-vsa-key", filepath.Join(dir, "verifier.key"), "-vsa-verifier", "https://customer.example/verifier",
		"-vsa-resource-uri", "https://github.com/HailBytes/demo/releases/tag/v1.7", "-vsa-policy-uri", "https://customer.example/policy/1",
	}
	return c
}

// run verifies the pack, with some flags replaced ("-key=x") or left out ("-key=").
func (c *vsaCase) run(vsa string, change ...string) (code int, stdout, stderr string) {
	c.t.Helper()
	args := slices.Clone(c.flags)
	for _, ch := range change {
		name, value, _ := strings.Cut(ch, "=")
		i := slices.Index(args, name)
		if i < 0 {
			args = append(args, name, value)
			continue
		}
		if value == "" {
			args = slices.Delete(args, i, i+2)
			continue
		}
		args[i+1] = value
	}
	if vsa != "" {
		args = append(args, "-vsa", vsa)
	}
	return clitest.Call(c.t, run, "", append(args, c.pack)...)
}

// read verifies a summary with the verifier's key, for the pack as it was built.
func (c *vsaCase) read(file, result string, subject evidence.Digest) *attest.VSA {
	c.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := attest.ParseBundle(data, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	v, err := attest.Verify(c.t.Context(), b, attest.DigestSubject(subject), attest.All(attest.AtLeast(1, c.verifier.Key()), attest.Summary(attest.VSA{Result: result})))
	if err != nil {
		c.t.Fatal(err)
	}
	var p struct {
		Verifier           struct{ ID string }
		TimeVerified       time.Time
		ResourceURI        string
		Policy             attest.ResourceDescriptor
		InputAttestations  []attest.ResourceDescriptor
		VerificationResult string
		VerifiedLevels     []string
	}
	if err := json.Unmarshal(v.Statement().Predicate, &p); err != nil {
		c.t.Fatal(err)
	}
	return &attest.VSA{
		VerifierID: p.Verifier.ID, TimeVerified: p.TimeVerified, ResourceURI: p.ResourceURI, Policy: p.Policy,
		InputAttestations: p.InputAttestations, Result: p.VerificationResult, VerifiedLevels: p.VerifiedLevels,
	}
}

// TestVSA: the summary says what the report does, by ZIP and by MANIFEST.json.
func TestVSA(t *testing.T) {
	c := newVSACase(t)
	passed := filepath.Join(c.dir, "passed.json")
	code, stdout, stderr := c.run(passed)
	if code != cli.ExitHolds {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	for _, subject := range []evidence.Digest{c.built.SHA256, c.built.ContentDigest} {
		got := c.read(passed, "PASSED", subject)
		want := []string{"SLSA_BUILD_LEVEL_UNEVALUATED", trustpack.LevelConsistent, trustpack.LevelAuthentic}
		if got.Result != "PASSED" || !slices.Equal(got.VerifiedLevels, want) || got.VerifierID != "https://customer.example/verifier" ||
			got.ResourceURI != "https://github.com/HailBytes/demo/releases/tag/v1.7" || got.Policy.URI != "https://customer.example/policy/1" || got.TimeVerified.IsZero() {
			t.Errorf("%+v", got)
		}
		statement, err := os.ReadFile(trustpack.StatementName(c.pack))
		if err != nil {
			t.Fatal(err)
		}
		if in := got.InputAttestations; len(in) != 1 || in[0].Digest["sha256"] != evidence.Sum256(statement).Hex() {
			t.Errorf("input attestations %+v", in)
		}
	}
	// Another publisher: FAILED, and no level of any kind.
	failed := filepath.Join(c.dir, "failed.json")
	if code, stdout, _ := c.run(failed, "-key="+filepath.Join(c.dir, "verifier.pub")); code != cli.ExitFails {
		t.Errorf("another key: exit code %d: %s", code, stdout)
	}
	if got := c.read(failed, "FAILED", c.built.SHA256); got.Result != "FAILED" || !slices.Equal(got.VerifiedLevels, []string{"FAILED"}) {
		t.Errorf("%+v", got)
	}
	// A summary, of either result and by whomever, does not make a pack authentic.
	for _, file := range []string{passed, failed} {
		code, stdout, _ := c.run("", "-bundle="+file, "-key="+filepath.Join(c.dir, "verifier.pub"), "-vsa-key=", "-vsa-verifier=", "-vsa-resource-uri=", "-vsa-policy-uri=")
		if code != cli.ExitFails || !strings.Contains(stdout, "wrong predicate type") && !strings.Contains(stdout, "predicateType") || !strings.Contains(stdout, "authentic   fail") {
			t.Errorf("%s as the statement: exit code %d: %s", filepath.Base(file), code, stdout)
		}
	}
	c.cosign(passed)
}

// cosign verifies a summary with the program, where it is installed.
func (c *vsaCase) cosign(file string) {
	cosign, err := exec.LookPath("cosign")
	if err != nil {
		c.t.Log("cosign is not on PATH: its verdict is left out")
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	var bundle struct{ DsseEnvelope json.RawMessage }
	if err := json.Unmarshal(data, &bundle); err != nil {
		c.t.Fatal(err)
	}
	envelope := filepath.Join(c.dir, "envelope.json") // cosign wants a trust root beside a bundle, even for a key
	write(c.t, envelope, bundle.DsseEnvelope)
	for key, holds := range map[string]bool{"verifier.pub": true, "publisher.pub": false} {
		out, err := exec.Command(cosign, "verify-blob-attestation", "--signature", envelope, "--key", filepath.Join(c.dir, key),
			"--insecure-ignore-tlog", "--type", attest.VSAV1, c.pack).CombinedOutput()
		if (err == nil) != holds {
			c.t.Errorf("cosign with %s: %v: %s", key, err, out)
		}
	}
}

// TestVSATampered: a ZIP that cannot even be opened is FAILED by its own digest.
func TestVSATampered(t *testing.T) {
	c := newVSACase(t)
	data, err := os.ReadFile(c.pack)
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, "junk"...)
	write(t, c.pack, data)
	file := filepath.Join(c.dir, "vsa.json")
	if code, stdout, stderr := c.run(file); code != cli.ExitFails {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	if got := c.read(file, "FAILED", evidence.Sum256(data)); got.Result != "FAILED" {
		t.Errorf("%+v", got)
	}
}

// TestVSARefused: each flag that is missing or wrong, and nothing is written.
func TestVSARefused(t *testing.T) {
	c := newVSACase(t)
	file := filepath.Join(c.dir, "vsa.json")
	for change, says := range map[string]string{
		"-vsa-key=":                "-vsa needs -vsa-key",
		"-vsa-verifier=":           "-vsa needs -vsa-verifier",
		"-vsa-resource-uri=":       "-vsa needs -vsa-resource-uri",
		"-vsa-policy-uri=":         "-vsa needs -vsa-policy-uri",
		"-vsa-verifier=me":         "not an absolute URI",
		"-require=consistent":      "-require pinned or -require authentic",
		"-require=":                "-require pinned or -require authentic",
		"-vsa-key=publisher.pub":   "no such file",
		"-vsa-key=" + c.pack:       "not one private key",
		"-policy=missing.json":     "no such file",
		"-trusted-root=" + c.pack:  "a keyless signer takes",
		"-bundle=missing.sigstore": "no such file",
	} {
		code, _, stderr := c.run(file, change)
		if code != cli.ExitCannot || !strings.Contains(stderr, says) {
			t.Errorf("%s: exit code %d, want %q: %s", change, code, says, stderr)
		}
	}
	if code, _, stderr := c.run(""); code != cli.ExitCannot || !strings.Contains(stderr, "-vsa FILE is missing") {
		t.Errorf("without -vsa: exit code %d: %s", code, stderr)
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
	write(t, file, []byte("mine"))
	if code, _, stderr := c.run(file); code != cli.ExitCannot || !strings.Contains(stderr, "exists") {
		t.Errorf("over another file: exit code %d: %s", code, stderr)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "mine" {
		t.Errorf("the file was changed: %q, %v", data, err)
	}
}

// TestVSAJSON: the summary does not disturb the one object on standard output.
func TestVSAJSON(t *testing.T) {
	c := newVSACase(t)
	c.flags = append(c.flags, "-json")
	_, stdout, _ := c.run(filepath.Join(c.dir, "vsa.json"))
	var out result
	if err := json.Unmarshal([]byte(stdout), &out); err != nil || !out.OK {
		t.Errorf("%v: %s", err, stdout)
	}
}
