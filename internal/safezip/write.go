// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safepath"
	"github.com/HailBytes/evidence/internal/safepath/nameset"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// File is one file to write.
type File struct {
	Name   string            // safe, and after the name before it in the order of Less
	Size   int64             // bytes that Open gives; anything else is an error
	SHA256 [sha256.Size]byte // of these bytes; all zero if not known yet

	// Open returns the content. It is called once, or twice for a large file
	// that is stored, by one goroutine at a time; the contents of several files
	// are read at once.
	Open func() (io.ReadCloser, error)
}

// WriteOptions are the settings of [Write]; nil is the zero value.
type WriteOptions struct {
	Modified time.Time                    // of all entries; stated in UTC, to two seconds, from 1980 to 2107
	Workers  int                          // files compressed at once; 0 means one for each CPU
	TempDir  string                       // where what is compressed early and too large to hold waits; empty means os.TempDir
	Limits   evidence.Limits              // as for a reader: what Open refuses is not written
	Each     func(name string, c Content) // if not nil, called after each file was written, in order
}

// Codes of the problems that only Write reports.
const (
	CodeSource = "archive.source" // a file gave other content than announced
	CodeOrder  = "archive.order"  // files are not in the order of Less
)

// Write writes files as an archive to w and returns the content of each. The
// bytes depend on names, contents and Modified alone: not on the machine, the
// number of workers or the version of Go.
//
// PNG images, ZIP archives and empty files are stored, as is a file above 1 MiB that
// would shrink beyond the ratio that readers allow; all others are deflated.
// There are no data descriptors, comments, directories or extra fields, but for
// ZIP64 where a size, an offset or the number of files needs it.
//
// Whatever is wrong with files is a *diag.Problem: a name that Open would
// refuse, a bound that it would apply, a content that is not as announced or
// changes between two reads. After an error, w holds the beginning of an
// archive that Open refuses. Memory stays below about 16 MiB, and two more for each worker.
func Write(ctx context.Context, w io.Writer, files []File, o *WriteOptions) ([]Content, error) {
	if o == nil {
		o = &WriteOptions{}
	}
	p := *o
	p.Limits = o.Limits.OrDefault()
	if p.Workers <= 0 {
		p.Workers = runtime.GOMAXPROCS(0)
	}
	if err := checkFiles(files, &p.Limits); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	jobs := startJobs(ctx, files, &p)
	defer jobs.drain() // after cancel
	defer cancel()

	out := &archiveWriter{w: bufio.NewWriterSize(w, 64<<10), time: toDOS(p.Modified)}
	contents := make([]Content, 0, len(files))
	for i := range files {
		j, err := jobs.wait(ctx, i)
		if err != nil {
			return nil, err
		}
		if err = j.err; err == nil {
			err = out.entry(ctx, j)
		}
		j.release()
		if err != nil {
			return nil, err
		}
		contents = append(contents, j.content)
		if p.Each != nil {
			p.Each(files[i].Name, j.content)
		}
	}
	if err := out.finish(); err != nil {
		return nil, err
	}
	return contents, nil
}

// checkFiles applies the rules of a reader before anything is written.
func checkFiles(files []File, l *evidence.Limits) error {
	if len(files) > l.Entries {
		return fileProblem(ruleEntries.code, ruleEntries.class, "", "%d files; at most %d are written", len(files), l.Entries)
	}
	var set nameset.Set
	total := int64(0)
	for i := range files {
		f := &files[i]
		if err := safepath.Check(f.Name, *l); err != nil {
			return fileProblem(namePrefix+err.Rule, err.Class, f.Name, "%s", err.Message)
		}
		if err := set.Add(f.Name, false); err != nil {
			return fileProblem(namePrefix+err.Rule, err.Class, f.Name, "%s", err.Message)
		}
		if i > 0 && !Less(files[i-1].Name, f.Name) {
			return fileProblem(CodeOrder, evidence.ErrFormat, f.Name, "the file stands after %s", textfmt.Quote(files[i-1].Name))
		}
		if f.Size < 0 || f.Open == nil {
			return fmt.Errorf("%s: no size or no content given", f.Name)
		}
		if f.Size > l.EntryBytes {
			return fileProblem(ruleEntrySize.code, ruleEntrySize.class, f.Name, "the file has %d bytes; at most %d are written", f.Size, l.EntryBytes)
		}
		if total += f.Size; total > l.TotalBytes {
			return fileProblem(ruleTotalSize.code, ruleTotalSize.class, f.Name, "the files up to this one have %d bytes; at most %d are written", total, l.TotalBytes)
		}
	}
	return nil
}

func fileProblem(code string, class error, name, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{Code: code, Severity: evidence.SeverityError, Path: name, Message: fmt.Sprintf(format, args...), Err: class}
}

func (f *File) changed(format string, args ...any) *evidence.Problem {
	return fileProblem(CodeSource, evidence.ErrMismatch, f.Name, format, args...)
}

// read opens the file and gives its content to w, in pieces that fill buf but for the last.
func (f *File) read(ctx context.Context, buf []byte, w func([]byte) error) (err error) {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	defer func() {
		if e := r.Close(); err == nil && e != nil {
			err = fmt.Errorf("%s: %w", f.Name, e)
		}
	}()
	total := int64(0)
	for err == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		var n int
		n, err = fill(r, buf)
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if total += int64(n); total > f.Size {
			return f.changed("the file has more than the announced %d bytes", f.Size)
		}
		if err := w(buf[:n]); err != nil {
			return err
		}
	}
	if total < f.Size {
		return f.changed("the file has %d bytes, %d were announced", total, f.Size)
	}
	return nil
}

// fill is io.ReadFull, except that the reader's own error comes through.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var m int
		m, err = r.Read(buf[n:])
		n += m
	}
	return n, err
}
