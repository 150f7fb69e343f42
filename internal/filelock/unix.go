// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

// Package filelock locks files against other processes.
package filelock

import (
	"os"
	"syscall"
)

// Lock locks a file until it is closed, or the process ends. It reports
// whether it could: wait says to wait for another process that holds the lock.
func Lock(f *os.File, wait bool) bool {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	return syscall.Flock(int(f.Fd()), how) == nil
}
