// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package regular

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "four")
	if err := os.WriteFile(file, []byte("four"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct {
		name  string
		limit int64
		class error  // nil: it is read
		says  string // part of the message
	}{
		{file, 4, nil, ""},
		{link, 4, nil, ""},
		{file, 3, evidence.ErrLimit, "longer than 3 bytes"},
		{filepath.Join(dir, "none"), 4, fs.ErrNotExist, "none"},
	} {
		data, err := ReadFile(tt.name, tt.limit)
		switch {
		case tt.class == nil && (err != nil || string(data) != "four"):
			t.Errorf("%s, %d bytes: %q, %v", tt.name, tt.limit, data, err)
		case tt.class != nil && (!errors.Is(err, tt.class) || !strings.Contains(err.Error(), tt.says)):
			t.Errorf("%s, %d bytes: %v, want %v", tt.name, tt.limit, err, tt.class)
		}
	}
}

// What is no regular file is refused before a byte of it is read.
func TestNotRegular(t *testing.T) {
	dir := t.TempDir()
	names := map[string]string{dir: "a folder"}
	if runtime.GOOS != "windows" {
		names[os.DevNull] = "a device"
	}
	for kind, name := range special(t, dir) {
		names[name] = kind
	}
	for name, kind := range names {
		_, err := ReadFile(name, 1)
		if err == nil || !strings.Contains(err.Error(), kind) || evidence.IsVerdict(err) {
			t.Errorf("%s: %v, want that it is %s, and no verdict", name, err, kind)
		}
	}
}
