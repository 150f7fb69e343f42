// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/filelock"
	"github.com/HailBytes/evidence/internal/regular"
)

// partial is a pack that is being written: a hidden file beside the place of the
// finished one, with a name of its own, so that builds of the same pack do not
// disturb each other. It is locked while its build runs; one that is not is what
// a killed build left behind.
type partial struct {
	*os.File
	pack   string      // where the finished pack goes
	before fs.FileInfo // what is there when the build starts; nil for nothing
}

// createPartial removes what killed builds of the same pack left behind, and
// creates the file for a new one.
func createPartial(pack string) (*partial, error) {
	dir, base := filepath.Split(pack)
	before, err := os.Stat(pack)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	old, err := os.ReadDir(filepath.Clean(dir + "."))
	if err != nil {
		return nil, err
	}
	for _, e := range old {
		if isPartial(e.Name(), base) && e.Type().IsRegular() {
			removeStale(dir + e.Name())
		}
	}
	for {
		name := dir + partialPrefix(base) + rand.Text()[:8] + partialSuffix
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		p := &partial{f, pack, before}
		filelock.Lock(f, true) // where files cannot be locked, what is left behind stays
		if p.exists() {
			return p, nil
		}
		f.Close() // another build took it for a stale one before it was locked
	}
}

const partialSuffix = ".partial"

func partialPrefix(base string) string { return "." + base + "." }

// isPartial reports whether a file name is that of an unfinished pack of the given name.
func isPartial(name, base string) bool {
	return strings.HasPrefix(name, partialPrefix(base)) && strings.HasSuffix(name, partialSuffix)
}

// removeStale removes an unfinished pack that no build holds locked. What cannot
// be removed stays: it is in nobody's way.
func removeStale(name string) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if !filelock.Lock(f, false) {
		return
	}
	if runtime.GOOS == "windows" {
		f.Close() // an open file cannot be removed there, be it this one or that of a build
	}
	os.Remove(name)
}

// exists reports whether the file still has its name.
func (p *partial) exists() bool {
	ours, err := p.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(p.Name())
	return err == nil && os.SameFile(ours, there)
}

// publish closes the file, whose digest is given, and gives it the name of the
// pack. Another pack that came there since the build started stays.
func (p *partial) publish(sum evidence.Digest) error {
	if err := p.checkOther(sum); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // an open file cannot be renamed there
		if err := p.Close(); err != nil {
			return err
		}
		return os.Rename(p.Name(), p.pack)
	}
	if err := os.Rename(p.Name(), p.pack); err != nil {
		return err
	}
	if err := p.Close(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(p.pack))
}

func (p *partial) checkOther(sum evidence.Digest) error {
	now, err := os.Stat(p.pack)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case p.before != nil && os.SameFile(p.before, now) && p.before.ModTime().Equal(now.ModTime()) && p.before.Size() == now.Size():
		return nil
	}
	f, err := regular.Open(p.pack)
	if err != nil {
		return err
	}
	defer f.Close()
	h := evidence.SHA256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got, err := evidence.NewDigest(evidence.SHA256, h.Sum(nil)); err != nil || got != sum {
		return fmt.Errorf("%s: another build wrote another pack here meanwhile; it is kept", p.pack)
	}
	return nil
}

// discard removes the file.
func (p *partial) discard() {
	p.Close()
	os.Remove(p.Name())
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
