// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence/trustpack"
)

// binary builds the command once for tests that end its process.
func binary(t *testing.T) string {
	t.Helper()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command to build the binary with")
	}
	name := filepath.Join(t.TempDir(), "trustpack-build")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if out, err := exec.Command(goTool, "build", "-o", name, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return name
}

// largeEvidence is slow enough to pack that a build can be interrupted anywhere.
func largeEvidence(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := make([]byte, 4<<20)
	random := rand.New(rand.NewSource(1))
	for i := range text {
		text[i] = "0123456789abcdef"[random.Intn(16)]
	}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		if err := os.WriteFile(filepath.Join(dir, name+".txt"), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestKilled ends builds at moments all over their run. There is never a pack
// under the final name that is not whole, and the next build leaves nothing else.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	bin, evidence, out := binary(t), largeEvidence(t), t.TempDir()
	final := filepath.Join(out, trustpack.FileName("demo", "1.7"))
	args := []string{"-product", "demo", "-version", "1.7", "-created", "2026-01-02T03:04:05Z", "-evidence", evidence, "-out", out}
	start := time.Now()
	if text, err := exec.Command(bin, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	whole := time.Since(start)
	want, err := os.ReadFile(final)
	if err != nil {
		t.Fatal(err)
	}
	killed, finished := 0, 0
	const moments = 6
	for i := range moments {
		if err := os.Remove(final); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		cmd := exec.Command(bin, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(whole * time.Duration(i+1) / moments)
		cmd.Process.Kill()
		if cmd.Wait() != nil {
			killed++
		} else {
			finished++
		}
		if got, err := os.ReadFile(final); err == nil && string(got) != string(want) {
			t.Fatalf("killed after %d/%d of its time, a build left %d of %d bytes under the final name", i+1, moments, len(got), len(want))
		}
	}
	if killed == 0 {
		t.Fatal("no build was interrupted")
	}
	if text, err := exec.Command(bin, args...).CombinedOutput(); err != nil {
		t.Fatalf("the next build: %v: %s", err, text)
	}
	if got, err := os.ReadFile(final); err != nil || string(got) != string(want) {
		t.Error("the next build made another pack")
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	t.Logf("%d builds killed, %d finished first", killed, finished)
}

// TestInterrupted: an interrupt ends a build cleanly, with exit code 2.
func TestInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no interrupt to send on Windows")
	}
	bin, evidence, out := binary(t), largeEvidence(t), t.TempDir()
	cmd := exec.Command(bin, "-product", "demo", "-version", "1.7", "-created", "2026-01-02T03:04:05Z", "-evidence", evidence, "-out", out)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 { // until it writes
		if entries, _ := os.ReadDir(out); len(entries) > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(stderr.String(), context.Canceled.Error()) {
		t.Errorf("got %v, %q", err, stderr.String())
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestDiskFull packs onto a device that takes no more.
func TestDiskFull(t *testing.T) {
	mount, err := exec.LookPath("mount")
	if err != nil || runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("only root on Linux can make a small file system")
	}
	out := t.TempDir()
	if text, err := exec.Command(mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", out).CombinedOutput(); err != nil {
		t.Skipf("no file system to fill: %v: %s", err, text)
	}
	defer exec.Command("umount", out).Run()
	cmd := exec.Command(binary(t), "-product", "demo", "-version", "1.7", "-created", "2026-01-02T03:04:05Z", "-evidence", largeEvidence(t), "-out", out)
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(text), "no space left on device") {
		t.Errorf("got %v: %s", err, text)
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
