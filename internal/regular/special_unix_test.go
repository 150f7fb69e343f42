// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package regular

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
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
