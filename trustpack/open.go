// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/manifest"
)

// OpenOptions are the settings of Open; nil is the zero value, which is the strictest.
type OpenOptions struct {
	Limits evidence.Limits
}

// Pack is an open Trust Pack: an archive whose structure obeys every rule, with
// a manifest that could be read. Its content is not checked yet: reading a file
// checks that file, Verify checks all.
//
// A Pack is an fs.FS. It may be used by several goroutines at once if its
// io.ReaderAt may.
type Pack struct {
	r       io.ReaderAt
	size    int64
	limits  evidence.Limits
	archive *safezip.Archive
	m       *manifest.Manifest
	digest  evidence.Digest
	notes   evidence.Problems // what reading the manifest had to overlook or guess
	tree    tree
	file    io.Closer // of OpenFile
}

// Open checks the structure of the pack in the first size bytes of r, and reads
// its manifest. A manifest of another tool's making is read leniently; Verify
// says what had to be guessed.
//
// A pack that is refused gives a *Problem, the first one found, of class
// ErrFormat, ErrUnsafe, ErrMismatch, ErrLimit or ErrUnsupported; Check gives all
// of them. Errors of r are returned as they are.
func Open(r io.ReaderAt, size int64, o *OpenOptions) (*Pack, error) {
	if o == nil {
		o = &OpenOptions{}
	}
	archive, err := safezip.Open(r, size, &safezip.Options{Limits: o.Limits})
	if err != nil {
		return nil, err
	}
	p := &Pack{r: r, size: size, limits: o.Limits.OrDefault(), archive: archive}
	if err := p.readManifest(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Pack) readManifest() error {
	entry := p.archive.Entry(manifest.Name)
	if entry == nil {
		return &evidence.Problem{
			Code: "manifest.missing", Severity: evidence.SeverityError, Path: manifest.Name,
			Message: "the archive has no " + manifest.Name + ": it is not a Trust Pack", Err: evidence.ErrFormat,
		}
	}
	text, err := entry.Bytes(context.Background(), p.limits.DocumentBytes)
	if err != nil {
		return err
	}
	p.digest = evidence.Sum256(text)
	p.m, p.notes, err = manifest.ParseLenient(text)
	if err != nil {
		return err
	}
	for i, n := range p.notes {
		p.notes[i] = n.At(manifest.Name)
	}
	return nil
}

// OpenFile opens the pack in a file. The caller closes it.
func OpenFile(name string, o *OpenOptions) (*Pack, error) {
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	size, err := fileSize(f)
	var p *Pack
	if err == nil {
		p, err = Open(f, size, o)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	p.file = f
	return p, nil
}

// fileSize refuses what has no size to rely on: a folder, a pipe, a device.
func fileSize(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s: not a regular file", f.Name())
	}
	return info.Size(), nil
}

// Close closes the file of a pack that OpenFile opened, which cannot be used any more.
// It does nothing to one that Open opened.
func (p *Pack) Close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// Manifest returns the manifest. It is the pack's own: do not change it.
func (p *Pack) Manifest() *manifest.Manifest { return p.m }

// ContentDigest returns the SHA-256 of the MANIFEST.json bytes. It names the
// content: a pack that is zipped again keeps it.
func (p *Pack) ContentDigest() evidence.Digest { return p.digest }

// Size returns the size of the ZIP in bytes.
func (p *Pack) Size() int64 { return p.size }

// SHA256 reads the whole ZIP and returns its digest.
func (p *Pack) SHA256(ctx context.Context) (evidence.Digest, error) {
	h := evidence.SHA256.New()
	r := &contextReader{ctx, io.NewSectionReader(p.r, 0, p.size)}
	if _, err := io.CopyBuffer(h, r, make([]byte, 1<<20)); err != nil {
		return evidence.Digest{}, err
	}
	return evidence.NewDigest(evidence.SHA256, h.Sum(nil))
}
