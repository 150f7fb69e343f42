// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Tour builds the Trust Packs of two sample releases, verifies, compares and shows
// them, and says in plain words what each step proved and what it did not. Run it
// in the root of the repository.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/HailBytes/evidence/internal/cli"
)

var help = cli.Help{
	Name: "tour",
	Args: "[-out DIR]",
	About: `Builds the packs of two sample releases below testdata/evidence, verifies, changes, compares
and shows them with the other commands of this module. Each command is printed before it runs,
and after it what it proved and what it did not.`,
	Example: `go run ./examples/tour`,
}

func main() { os.Exit(cli.Main(run)) }

const (
	evidence = "testdata/evidence"
	older    = "hailbytes-asm-trust-pack-v1.481.zip"
	newer    = "hailbytes-asm-trust-pack-v1.482.zip"
)

func run(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, help)
	out := cmd.Flags.String("out", "dist", "the folder for packs, keys and the extracted page, `DIR`")
	if !cmd.Parse(args, 0, 0) {
		return cmd.ExitCode()
	}
	if _, err := os.Stat(evidence); err != nil {
		return cmd.Fail(fmt.Errorf("run the tour in the root of the repository: %w", err))
	}
	t := &tour{ctx: ctx, std: std, out: *out}
	if err := t.walk(); err != nil {
		return cmd.Fail(err)
	}
	return cli.ExitHolds
}

// tour is one walk. A step runs a command of this module.
type tour struct {
	ctx  context.Context
	std  cli.Std
	out  string
	bins string // folder of the compiled commands
	step int
}

func (t *tour) path(name string) string { return filepath.ToSlash(filepath.Join(t.out, name)) }

func (t *tour) walk() error {
	if err := t.prepare(); err != nil {
		return err
	}
	defer os.RemoveAll(t.bins)

	t.title("Build the packs of two releases from what their tools left behind")
	for _, version := range []string{"1.481", "1.482"} {
		args := []string{"-config", evidence + "/asm-" + version + ".json", "-evidence", evidence + "/asm-" + version, "-out", t.out}
		if version == "1.482" {
			args = append(args, "-sign-key", t.path("tour.key"))
		}
		if _, err := t.run(0, "trustpack-build", args...); err != nil {
			return err
		}
	}
	t.say("The same evidence gives the same bytes on every machine. The second pack has a statement beside it,",
		"signed with a key that was made for this tour: "+newer+".sigstore.json.")

	t.title("Verify a pack, knowing nothing about it")
	if _, err := t.run(0, "trustpack-verify", t.path(newer)); err != nil {
		return err
	}
	t.say("Proved: the ZIP is sound, holds what its manifest lists, and its files do not contradict each other.",
		"Not proved: who made it. Whoever edits a pack can write a new manifest: hence NOT AUTHENTICATED.")

	t.title("Verify it against the key of its publisher")
	if _, err := t.run(0, "trustpack-verify", "-expect", "asm@1.482", "-require", "authentic",
		"-bundle", t.path(newer+".sigstore.json"), "-key", t.path("tour.pub"), t.path(newer)); err != nil {
		return err
	}
	t.say("Proved: the holder of that key says that this is the pack of asm 1.482. You must have the key, or the",
		"identity, from the publisher and not from the pack.")

	t.title("Change one byte")
	if err := t.tamper(); err != nil {
		return err
	}
	if _, err := t.run(1, "trustpack-verify", t.path("changed.zip")); err != nil {
		return err
	}
	t.say("Exit code 1: it was checked, and it does not hold. 0 means that it holds, 2 that it could not be checked.")

	t.title("What changed since the release before")
	if _, err := t.run(0, "trustpack-diff", t.path(older), t.path(newer)); err != nil {
		return err
	}
	t.say("Packages, findings, licences, tests and pins are compared by meaning, not by line.")

	t.title("Where does one vulnerability come from")
	id, err := t.worst()
	if err != nil {
		return err
	}
	if _, err := t.run(0, "trustpack-show", t.path(newer), id); err != nil {
		return err
	}
	t.say("Each line leads to a file of the pack and a place in it. trustpack-show PACK.zip findings lists them all.")

	t.title("The page for people")
	page := t.path("asm-1.482")
	if err := os.RemoveAll(page); err != nil {
		return err
	}
	if _, err := t.run(0, "trustpack-extract", "-out", page, t.path(newer)); err != nil {
		return err
	}
	t.say("Open " + page + "/index.html in a browser. It needs no network.")
	return nil
}

// prepare compiles the commands and makes the key of the tour.
func (t *tour) prepare() error {
	if err := os.MkdirAll(t.out, 0o755); err != nil {
		return err
	}
	var err error
	if t.bins, err = os.MkdirTemp("", "tour"); err != nil {
		return err
	}
	build := exec.CommandContext(t.ctx, "go", "build", "-o", t.bins+string(filepath.Separator), "./examples/trustpack-build",
		"./examples/trustpack-verify", "./examples/trustpack-diff", "./examples/trustpack-show", "./examples/trustpack-extract")
	build.Stderr = t.std.Err
	if err := build.Run(); err != nil {
		return fmt.Errorf("compiling the commands: %w", err)
	}
	for _, name := range []string{older, newer, newer + ".sigstore.json"} {
		if err := os.Remove(filepath.Join(t.out, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(t.out, "tour.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(t.out, "tour.pub"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o644)
}

func (t *tour) title(text string) {
	t.step++
	fmt.Fprintf(t.std.Out, "\n== %d. %s\n", t.step, text)
}

func (t *tour) say(lines ...string) {
	fmt.Fprintf(t.std.Out, "\n%s\n", strings.Join(lines, "\n"))
}

// run prints and runs a command, which must end with an exit code. It returns what
// the command printed.
func (t *tour) run(want int, name string, args ...string) (string, error) {
	fmt.Fprintf(t.std.Out, "\n$ %s %s\n", name, strings.Join(args, " "))
	text, err := t.quiet(want, name, args...)
	fmt.Fprint(t.std.Out, text)
	return text, err
}

func (t *tour) quiet(want int, name string, args ...string) (string, error) {
	c := exec.CommandContext(t.ctx, filepath.Join(t.bins, name), args...)
	c.Stderr = t.std.Err
	text, err := c.Output()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return string(text), fmt.Errorf("%s: %w", name, err)
	}
	if code := c.ProcessState.ExitCode(); code != want {
		return string(text), fmt.Errorf("%s: exit code %d, want %d", name, code, want)
	}
	return string(text), nil
}

// tamper writes a copy of the newer pack with another byte in the middle.
func (t *tour) tamper() error {
	data, err := os.ReadFile(filepath.Join(t.out, newer))
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 1
	return os.WriteFile(filepath.Join(t.out, "changed.zip"), data, 0o644)
}

// worst returns the gravest finding of the newer release, one with a fix first.
func (t *tour) worst() (string, error) {
	text, err := t.quiet(0, "trustpack-show", "-json", t.path(newer), "findings")
	if err != nil {
		return "", err
	}
	var shown struct {
		Rows []struct {
			Vulnerability string
			Fixed         []string
		}
	}
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		return "", err
	}
	if len(shown.Rows) == 0 {
		return "", errors.New("the sample has no finding")
	}
	for _, row := range shown.Rows {
		if len(row.Fixed) > 0 {
			return row.Vulnerability, nil
		}
	}
	return shown.Rows[0].Vulnerability, nil
}
