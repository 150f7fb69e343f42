// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
)

// ExtractOptions are the settings of [Extract]; nil is the zero value.
type ExtractOptions struct {
	// Match chooses what is written, by the name of the entry; nil chooses all.
	// Every entry is read and checked whether it is chosen or not.
	Match func(name string) bool

	Workers int // files written at once; 0 means one for each CPU

	// Each, if not nil, is called once for every entry that holds what its header
	// says, chosen or not, in no order and by several goroutines at once. An
	// error undoes the extraction, which returns it.
	Each func(*Entry, Content) error
}

// Extract writes the content of a below dir and returns the names that it
// wrote, sorted. The directory must not exist or must be empty; its parent
// must exist. Files get mode 0644 and directories 0755, less the umask.
//
// It is all or nothing: everything is written to a temporary directory first
// and appears under dir only when every entry of the archive was read and found
// sound. After an error nothing is left. A process that is killed leaves the
// temporary directory, .evidence-extract-*; a new dir is there with everything or
// not at all, one that existed may hold some of the files if the end came while
// they were moved there. An unsound archive gives a diag.Problems; an error of the file system or of ctx is returned as it is,
// fs.ErrExist if dir is not empty. No name can lead out of dir: names are safe
// by the rules of Open, and the operating system is asked through [os.Root].
func Extract(ctx context.Context, a *Archive, dir string, o *ExtractOptions) (names []string, err error) {
	if o == nil {
		o = &ExtractOptions{}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	st, err := newStage(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		// A failure to tidy up is an error too: something is left.
		if e := os.RemoveAll(st.tmp); err == nil && e != nil {
			names, err = nil, e
		}
	}()
	if names, err = a.extractTo(ctx, st.out, o); err != nil {
		return nil, err
	}
	if err := st.publish(); err != nil {
		return nil, err
	}
	return names, nil
}

// stage is where files are written before they appear under dir: beside a new
// directory, which then appears at once; inside one that exists, which may be a
// mount point or the working directory.
type stage struct {
	dir, tmp, out string
	exists        bool
}

func newStage(dir string) (*stage, error) {
	st := &stage{dir: dir}
	parent := filepath.Dir(dir)
	children, err := os.ReadDir(dir)
	switch {
	case err == nil && len(children) > 0:
		return nil, &fs.PathError{Op: "extract to", Path: dir, Err: errNotEmpty}
	case err == nil:
		parent, st.exists = dir, true
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if st.tmp, err = os.MkdirTemp(parent, ".evidence-extract-*"); err != nil {
		return nil, err
	}
	st.out = filepath.Join(st.tmp, "out") // the temporary directory itself is private
	if err := os.Mkdir(st.out, 0o755); err != nil {
		os.Remove(st.tmp)
		return nil, err
	}
	return st, nil
}

var errNotEmpty = fmt.Errorf("directory is not empty: %w", fs.ErrExist)

// publish moves what was written to its place, or nothing of it.
func (st *stage) publish() error {
	if !st.exists {
		return os.Rename(st.out, st.dir)
	}
	children, err := os.ReadDir(st.out)
	if err != nil {
		return err
	}
	for i, c := range children {
		err := os.Rename(filepath.Join(st.out, c.Name()), filepath.Join(st.dir, c.Name()))
		if err != nil {
			for _, c := range children[:i] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(st.dir, c.Name())))
			}
			return err
		}
	}
	return nil
}

// extractTo writes the chosen entries below the empty directory out.
func (a *Archive) extractTo(ctx context.Context, out string, o *ExtractOptions) ([]string, error) {
	root, err := os.OpenRoot(out)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	chosen := make(map[*Entry]bool)
	var names []string
	last := ""
	for i := range a.entries {
		e := &a.entries[i]
		if o.Match != nil && !o.Match(e.Name) {
			continue
		}
		chosen[e] = true
		names = append(names, e.Name)
		parent := strings.TrimSuffix(e.Name, "/")
		if !e.IsDir() {
			parent = path.Dir(e.Name)
		}
		if parent == last {
			continue
		}
		if err := root.MkdirAll(filepath.FromSlash(parent), 0o755); err != nil {
			return nil, err
		}
		last = parent
	}
	read := func(e *Entry, ctx context.Context) (Content, error) {
		if e.IsDir() || !chosen[e] {
			return e.Digest(ctx)
		}
		f, err := root.OpenFile(filepath.FromSlash(e.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return Content{}, err
		}
		c, err := e.CopyTo(ctx, f)
		if e := f.Close(); err == nil {
			err = e
		}
		return c, err
	}
	each := func(e *Entry, c Content, p *evidence.Problem) error {
		if p != nil || o.Each == nil {
			return nil
		}
		return o.Each(e, c)
	}
	v := verifier{read: read, each: each}
	if err := v.run(ctx, a.all(), o.Workers); err != nil {
		return nil, err
	}
	v.problems.Sort()
	slices.Sort(names)
	return names, v.problems.Err()
}
