// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"crypto/ecdsa"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/test/sigtest"
)

// cosign runs cosign offline in a folder of its own.
type cosign struct {
	t    *testing.T
	path string
	dir  string
}

func newCosign(t *testing.T) *cosign {
	t.Helper()
	path, err := exec.LookPath("cosign")
	if err != nil {
		t.Skip("cosign is not on PATH: nothing to compare with")
	}
	return &cosign{t, path, t.TempDir()}
}

// file writes a file and returns its path.
func (c *cosign) file(name string, data []byte) string {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

func (c *cosign) run(args ...string) (string, error) {
	cmd := exec.Command(c.path, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "COSIGN_PASSWORD=", "HOME="+c.dir, "TUF_ROOT="+c.dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *cosign) must(args ...string) {
	c.t.Helper()
	if out, err := c.run(args...); err != nil {
		c.t.Fatalf("cosign %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// verify asks cosign about an attempt's bundle over blob, by the identity of the
// workflow, or by the key in the file.
func (c *cosign) verify(a *attempt, bundle, blob []byte, identity, key string) error {
	command := "verify-blob-attestation"
	if a.message {
		command = "verify-blob"
	}
	args := []string{
		command, "--new-bundle-format", "--bundle", c.file("bundle.json", bundle), "--trusted-root", c.file("root.json", a.trusted.TrustedRoot()),
	}
	if !a.message {
		args = append(args, "--type", attest.SPDX)
	}
	if key != "" {
		args = append(args, "--key", key)
	} else {
		args = append(args, "--certificate-identity", identity, "--certificate-oidc-issuer", sigtest.GitHubIssuer)
	}
	if len(a.signing.TSAs) > 0 {
		args = append(args, "--use-signed-timestamps")
	}
	out, err := c.run(append(args, c.file("blob", blob))...)
	if err != nil {
		c.t.Logf("%v: %.300s", err, out)
	}
	return err
}

// TestCosignVerifiesOurs: what the instance signs and this package accepts, cosign
// accepts; and both refuse the same with one thing changed.
func TestCosignVerifiesOurs(t *testing.T) {
	c := newCosign(t)
	workflow := sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/tags/v1.482").Name
	for name, change := range map[string]func(a *attempt){
		"statement":                func(*attempt) {},
		"statement with timestamp": func(a *attempt) { a.signing.TSAs = a.in.TSA[:1] },
		"artifact":                 func(a *attempt) { a.message = true },
		"artifact with timestamp":  func(a *attempt) { a.message, a.signing.TSAs = true, a.in.TSA[:1] },
		"key":                      func(a *attempt) { a.own(t) },
		"key, artifact":            func(a *attempt) { a.own(t); a.message = true },
	} {
		t.Run(name, func(t *testing.T) {
			c := &cosign{t, c.path, t.TempDir()}
			a := newAttempt()
			change(a)
			key, wrong := "", ""
			if a.key != nil {
				key = c.file("key.pub", publicPEM(t, a.signing.Key.(*ecdsa.PrivateKey)))
				wrong = c.file("other.pub", publicPEM(t, newKey(t)))
			}
			data := a.data()
			if _, err := a.verify(t); err != nil {
				t.Errorf("this package: %v", err)
			}
			if err := c.verify(a, data, artifact, workflow, key); err != nil {
				t.Errorf("cosign refuses: %v", err)
			}
			if err := c.verify(a, data, []byte("another image\n"), workflow, key); err == nil {
				t.Error("cosign accepts another artifact")
			}
			if err := c.verify(a, data, artifact, workflow+"0", wrong); err == nil {
				t.Error("cosign accepts another signer")
			}
			forged := newAttempt()
			change(forged)
			forged.signing.Key, forged.key = a.signing.Key, a.key
			forged.tamper = func(b *sigtest.Bundle) { b.Signatures[0][len(b.Signatures[0])-1] ^= 1 }
			if _, err := forged.verify(t); err == nil {
				t.Error("this package accepts a changed signature")
			}
			if err := c.verify(forged, forged.data(), artifact, workflow, key); err == nil {
				t.Error("cosign accepts a changed signature")
			}
			foreign := newAttempt()
			change(foreign)
			foreign.signing.Key, foreign.key = a.signing.Key, a.key
			foreign.in = elsewhere().Clone()
			if len(foreign.signing.TSAs) > 0 {
				foreign.signing.TSAs = foreign.in.TSA[:1]
			}
			if _, err := foreign.verify(t); err == nil {
				t.Error("this package accepts another instance")
			}
			if err := c.verify(foreign, foreign.data(), artifact, workflow, key); err == nil {
				t.Error("cosign accepts another instance")
			}
		})
	}
}

// TestOursVerifyCosigns: what cosign signs with a key is accepted here, for its
// artifact, its key and its predicate alone.
func TestOursVerifyCosigns(t *testing.T) {
	c := newCosign(t)
	c.must("generate-key-pair")
	public, err := os.ReadFile(filepath.Join(c.dir, "cosign.pub"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := attest.ParseKey(public)
	if err != nil {
		t.Fatal(err)
	}
	blob := c.file("blob", artifact)
	predicate := c.file("predicate.json", []byte(`{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"web","documentNamespace":"https://hailbytes.example/web","creationInfo":{"created":"2026-03-01T12:00:00Z","creators":["Tool: test"]}}`))
	common := []string{"--key", "cosign.key", "--tlog-upload=false", "--new-bundle-format", "--yes", "--bundle"}
	c.must(append(append([]string{"attest-blob", "--type", "spdxjson", "--predicate", predicate}, common...), "attestation.json", blob)...)
	c.must(append(append([]string{"sign-blob"}, common...), "signature.json", blob)...)
	for name, types := range map[string][]string{"attestation.json": {attest.SPDX}, "signature.json": nil} {
		data, err := os.ReadFile(filepath.Join(c.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		verify := func(data []byte, subject string, key *attest.Key, types []string) error {
			b, err := attest.ParseBundle(data, nil)
			if err != nil {
				return err
			}
			pol := attest.AtLeast(1, key)
			if types != nil {
				pol = attest.All(pol, attest.PredicateType(types...))
			}
			_, err = attest.Verify(t.Context(), b, attest.BytesSubject([]byte(subject)), pol)
			return err
		}
		if err := verify(data, string(artifact), key, types); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if verify(data, "another image\n", key, types) == nil {
			t.Errorf("%s: another artifact is accepted", name)
		}
		if verify(data, string(artifact), publicKey(t, newKey(t)), types) == nil {
			t.Errorf("%s: another key is accepted", name)
		}
		if types != nil && verify(data, string(artifact), key, []string{attest.CycloneDX}) == nil {
			t.Errorf("%s: another predicate type is accepted", name)
		}
	}
}
