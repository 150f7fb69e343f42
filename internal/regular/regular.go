// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package regular opens and reads files that a person names. It accepts regular
// files and symbolic links to them. It refuses a pipe, a socket, a device and a
// folder at once: opening or reading one may wait forever, or never end.
package regular

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Open opens a regular file for reading. The caller closes it.
func Open(name string) (*os.File, error) { return open(name, check) }

// open looks at the file before it is opened, because opening a device can have an
// effect, and once more after, because it may have been exchanged between.
func open(name string, check func(string, fs.FileInfo) error) (*os.File, error) {
	info, err := os.Stat(name)
	if err == nil {
		err = check(name, info)
	}
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe without a writer does not block
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = check(name, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadFile reads a regular file of at most limit bytes. For a longer one the
// error is of class [evidence.ErrLimit].
func ReadFile(name string, limit int64) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, name, limit)
}

func readAll(r io.Reader, name string, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: longer than %s: %w", name, textfmt.Size(limit), evidence.ErrLimit)
	}
	return data, nil
}

// How long a pipe may take: until somebody opens it for writing, and to its end.
const (
	pipeOpens = time.Second
	pipeEnds  = 10 * time.Second
)

// ReadFileOrPipe is ReadFile, but also reads a pipe, which shells give in the place of
// a file: <(command). One that nobody writes to, or that does not end, is refused
// after a while.
func ReadFileOrPipe(name string, limit int64) ([]byte, error) {
	f, err := open(name, func(name string, info fs.FileInfo) error {
		if info.Mode()&fs.ModeNamedPipe != 0 {
			return nil
		}
		return check(name, info)
	})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	start := time.Now()
	_ = f.SetReadDeadline(start.Add(pipeEnds)) // an error for a regular file, which needs none
	for {
		data, err := readAll(f, name, limit)
		info, failed := f.Stat()
		if err != nil || failed != nil || len(data) > 0 || info.Mode().IsRegular() {
			return data, err
		}
		if time.Since(start) > pipeOpens {
			return nil, fmt.Errorf("%s: is a pipe that nobody writes to", name)
		}
		time.Sleep(pipeOpens / 100)
	}
}

func check(name string, info fs.FileInfo) error {
	what := ""
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		what = "a folder"
	case mode&fs.ModeNamedPipe != 0:
		what = "a pipe"
	case mode&fs.ModeSocket != 0:
		what = "a socket"
	case mode&fs.ModeDevice != 0:
		what = "a device"
	default:
		what = "of the type " + mode.Type().String()
	}
	return fmt.Errorf("%s: is %s, want a regular file", name, what)
}
