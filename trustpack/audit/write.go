// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes data to a file, all or nothing: a reader sees what was there before, or
// the whole of it.
func WriteFile(name string, data []byte) (err error) {
	out, err := os.CreateTemp(filepath.Dir(name), ".evidence-export-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			out.Close()
			os.Remove(out.Name())
		}
	}()
	if _, err = out.Write(data); err != nil {
		return err
	}
	if err = out.Chmod(0o644); err != nil {
		return err
	}
	if err = out.Sync(); err != nil {
		return err
	}
	if err = out.Close(); err != nil {
		return err
	}
	return os.Rename(out.Name(), name)
}

// WriteFolder writes files into a new folder, all or nothing. A folder that is there must
// be empty: what is in it could be taken for a part of the export.
func WriteFolder(dir string, files []File) (err error) {
	if err := vacant(dir); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".evidence-export-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(temp)
		}
	}()
	for _, f := range files {
		if err = WriteFile(filepath.Join(temp, f.Name), f.Data); err != nil {
			return err
		}
	}
	if err = os.Chmod(temp, 0o755); err != nil {
		return err
	}
	if err = os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(temp, filepath.Clean(dir))
}

// vacant reports an error for a folder that is not empty, and for what is none.
func vacant(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	switch _, err := d.Readdirnames(1); err {
	case io.EOF:
		return nil
	case nil:
		return fmt.Errorf("%s: the folder is not empty", dir)
	default:
		return err
	}
}
