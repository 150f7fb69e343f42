// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package trustpack

import (
	"os"
	"syscall"
)

// lockFile locks a file until it is closed, or the process ends. It reports
// whether it could: wait says to wait for another process that holds the lock.
func lockFile(f *os.File, wait bool) bool {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	return syscall.Flock(int(f.Fd()), how) == nil
}
