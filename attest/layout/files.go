// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/in-toto/in-toto-golang/in_toto"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// maxFiles bounds the files of a links' folder. A layout of a hundred steps with
// ten signers each needs a thousand.
const maxFiles = 4096

// load reads a layout: strict JSON, then in-toto-golang, which only reads files.
func (v *verification) load(data []byte, to string) (in_toto.Metadata, error) {
	if err := v.strict(data); err != nil {
		return nil, err
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		return nil, err
	}
	metadata, err := in_toto.LoadMetadata(to)
	if err != nil {
		return nil, wrap(evidence.ErrFormat, "layout", err)
	}
	return metadata, nil
}

func (v *verification) strict(data []byte) error {
	if int64(len(data)) > v.limits.BundleBytes {
		return refuse(evidence.ErrLimit, "metadata of %d bytes, the limit is %d", len(data), v.limits.BundleBytes)
	}
	l := v.limits
	l.StringBytes = max(l.StringBytes, int(l.BundleBytes))
	if err := jsonstrict.Check(data, jsonstrict.Options{Limits: l}); err != nil {
		return wrap(evidence.ErrFormat, "metadata", err)
	}
	return nil
}

// copyLinks copies what the source has: links always, and every other file where
// inspections are to look at them.
func (v *verification) copyLinks() error {
	if err := os.Mkdir(v.linkDir(), 0o700); err != nil {
		return err
	}
	files, total := 0, int64(0)
	return fs.WalkDir(v.source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := v.ctx.Err(); err != nil {
			return err
		}
		if d.IsDir() {
			if strings.Count(name, "/") >= v.limits.PathDepth {
				return fs.SkipDir
			}
			return nil
		}
		isLink := path.Ext(name) == ".link"
		if !d.Type().IsRegular() || !isLink && !v.UnsafeRunInspections {
			return nil
		}
		if files++; files > maxFiles {
			return refuse(evidence.ErrLimit, "more than %d files beside the layout", maxFiles)
		}
		n, err := v.copyFile(name, isLink)
		if total += n; err == nil && total > v.limits.EntryBytes {
			return refuse(evidence.ErrLimit, "files beside the layout of more than %d bytes", v.limits.EntryBytes)
		}
		return err
	})
}

// copyFile copies one file into the link folder, and for inspections, which see
// no links of others, also into their own.
func (v *verification) copyFile(name string, isLink bool) (int64, error) {
	in, err := v.source.Open(name)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	if !isLink {
		return writeFile(filepath.Join(v.inspectDir(), filepath.FromSlash(name)), io.LimitReader(in, v.limits.EntryBytes+1))
	}
	data, err := io.ReadAll(io.LimitReader(in, v.limits.BundleBytes+1))
	if err != nil {
		return 0, err
	}
	if err := v.strict(data); err != nil {
		// It may be a link that nobody needs; if one is, it will be missing.
		v.result.Warnings = append(v.result.Warnings, fmt.Sprintf("link %s is not used: %v", textfmt.Quote(name), err))
		return int64(len(data)), nil
	}
	return writeFile(filepath.Join(v.linkDir(), filepath.FromSlash(name)), strings.NewReader(string(data)))
}

func writeFile(to string, r io.Reader) (n int64, err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return 0, err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := out.Close(); err == nil {
			err = e
		}
	}()
	return io.Copy(out, r)
}
