// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"hash"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/manifest"
)

// tree is the folders of a pack, made when they are first asked for.
type tree struct {
	once    sync.Once
	folders map[string][]fs.DirEntry // by path without a trailing slash, sorted by name
}

func (p *Pack) folders() map[string][]fs.DirEntry {
	p.tree.once.Do(func() {
		p.tree.folders = map[string][]fs.DirEntry{".": nil}
		for i := range p.archive.Entries() {
			e := &p.archive.Entries()[i]
			if e.IsDir() {
				p.addFolder(strings.TrimSuffix(e.Name, "/"))
				continue
			}
			dir := path.Dir(e.Name)
			p.addFolder(dir)
			p.tree.folders[dir] = append(p.tree.folders[dir], fs.FileInfoToDirEntry(fileInfo{e}))
		}
		for _, entries := range p.tree.folders {
			slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
		}
	})
	return p.tree.folders
}

// addFolder adds dir and the folders above it that are not there yet.
func (p *Pack) addFolder(dir string) {
	if _, there := p.tree.folders[dir]; there {
		return
	}
	p.tree.folders[dir] = nil
	above := path.Dir(dir)
	p.addFolder(above)
	p.tree.folders[above] = append(p.tree.folders[above], fs.FileInfoToDirEntry(folderInfo(dir)))
}

// Open implements fs.FS. The reader of a file gives at most its declared size
// and proves the content at its end: instead of io.EOF it returns a *Problem of
// class ErrMismatch if the SHA-256 differs from the manifest, or if the archive
// lies about the entry. A file that the manifest does not list cannot be opened.
func (p *Pack) Open(name string) (fs.File, error) {
	fail := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	if entries, ok := p.folders()[name]; ok {
		return &folder{info: folderInfo(name), entries: entries}, nil
	}
	e := p.archive.Entry(name)
	if e == nil {
		return fail(fs.ErrNotExist)
	}
	f := &file{e: e, r: e.Open()}
	if name == manifest.Name {
		f.want = p.digest
	} else if listed := p.m.File(name); listed != nil {
		f.want = listed.SHA256
	} else {
		f.r.Close()
		return fail(unlisted(name))
	}
	f.sum = evidence.SHA256.New()
	return f, nil
}

// file is one open file of a pack.
type file struct {
	e    *safezip.Entry
	r    io.ReadCloser
	sum  hash.Hash
	want evidence.Digest
	err  error // what ended the content
}

func (f *file) Stat() (fs.FileInfo, error) { return fileInfo{f.e}, nil }
func (f *file) Close() error               { return f.r.Close() }

func (f *file) Read(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.r.Read(b)
	f.sum.Write(b[:n])
	if err == io.EOF {
		if got, e := evidence.NewDigest(evidence.SHA256, f.sum.Sum(nil)); e != nil || got != f.want {
			err = wrongDigest(f.e.Name, got, f.want)
		}
	}
	f.err = err
	return n, err
}

// fileInfo is an entry as fs.FileInfo.
type fileInfo struct{ e *safezip.Entry }

func (i fileInfo) Name() string       { return path.Base(i.e.Name) }
func (i fileInfo) Size() int64        { return i.e.Size }
func (i fileInfo) Mode() fs.FileMode  { return 0o444 }
func (i fileInfo) ModTime() time.Time { return i.e.Modified() }
func (i fileInfo) IsDir() bool        { return false }
func (i fileInfo) Sys() any           { return nil }

// folderInfo is the path of a folder as fs.FileInfo.
type folderInfo string

func (i folderInfo) Name() string       { return path.Base(string(i)) }
func (i folderInfo) Size() int64        { return 0 }
func (i folderInfo) Mode() fs.FileMode  { return fs.ModeDir | 0o555 }
func (i folderInfo) ModTime() time.Time { return time.Time{} }
func (i folderInfo) IsDir() bool        { return true }
func (i folderInfo) Sys() any           { return nil }

// folder is one open folder of a pack.
type folder struct {
	info    folderInfo
	entries []fs.DirEntry
	next    int
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *folder) Close() error               { return nil }

func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: string(f.info), Err: fs.ErrInvalid}
}

// ReadDir implements fs.ReadDirFile.
func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	left := f.entries[f.next:]
	if n > 0 && len(left) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(left) {
		n = len(left)
	}
	f.next += n
	return slices.Clone(left[:n]), nil
}
