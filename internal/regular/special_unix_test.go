// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package regular

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/HailBytes/evidence"
)

// special makes files that are not regular, by what they are.
func special(t *testing.T, dir string) map[string]string {
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	socket, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Skip(err)
	}
	return map[string]string{"a pipe": pipe, "a socket": socket.Addr().String(), "a device": link}
}

// TestPipe: where a pipe may stand for a file, it is read to its end or the bound, and
// refused if nobody writes to it. Other special files are refused.
func TestPipe(t *testing.T) {
	for kind, name := range special(t, t.TempDir()) {
		if kind == "a pipe" {
			continue
		}
		if _, err := ReadFileOrPipe(name, 4); err == nil || !strings.Contains(err.Error(), "is "+kind) {
			t.Errorf("%s: got %v", kind, err)
		}
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := ReadFileOrPipe(pipe, 4); err == nil || !strings.Contains(err.Error(), "nobody writes to") {
		t.Errorf("without a writer: %v", err)
	}
	for text, class := range map[string]error{"four": nil, "longer": evidence.ErrLimit} {
		go func() {
			if f, err := os.OpenFile(pipe, os.O_WRONLY, 0); err == nil {
				_, _ = f.WriteString(text)
				f.Close()
			}
		}()
		data, err := ReadFileOrPipe(pipe, 4)
		if !errors.Is(err, class) || err == nil && string(data) != text {
			t.Errorf("%s: %q, %v", text, data, err)
		}
	}
}
