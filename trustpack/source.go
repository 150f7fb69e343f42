// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// Source is one file to pack. Path and Open are required; the other fields
// override what is recognized from the content, where they are not empty.
type Source struct {
	Path   string                        // where it stands in the pack; see manifest.CheckPath
	Open   func() (io.ReadCloser, error) // gives the content; called several times, must give the same bytes
	Kind   manifest.Kind
	Format manifest.Format
	Image  string // name of one of the release's images
	Tool   manifest.Tool
}

// Sources returns every file of fsys, in lexical order, as it stands: paths are
// kept, since test reports name their attachments by path. What is not a regular
// file or a directory is an error of class ErrUnsafe: leaving it out would be
// silent, following it might leave the folder.
func Sources(fsys fs.FS) ([]Source, error) {
	var src []Source
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return &evidence.Problem{
				Code: "build.type", Severity: evidence.SeverityError, Path: name,
				Message: fmt.Sprintf("is not a regular file but %v", d.Type()), Err: evidence.ErrUnsafe,
			}
		}
		src = append(src, Source{Path: name, Open: func() (io.ReadCloser, error) { return fsys.Open(name) }})
		return nil
	})
	return src, err
}

// DirSources is Sources over a folder on disk. A pack that is to be written into
// the same folder, an unfinished one and its statement are left out: evidence does not hold itself.
func DirSources(dir, pack string) ([]Source, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a folder", dir)
	}
	src, err := Sources(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if pack, err = filepath.Abs(pack); err != nil {
		return nil, err
	}
	into, base := filepath.Split(pack)
	own := func(s Source) bool {
		at, name := filepath.Split(filepath.Join(root, filepath.FromSlash(s.Path)))
		return at == into && (name == base || name == StatementName(base) || isPartial(name, base) || isPartial(name, StatementName(base)))
	}
	return slices.DeleteFunc(src, own), nil
}
