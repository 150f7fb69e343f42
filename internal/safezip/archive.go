// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/HailBytes/evidence"
)

// Options are the settings of a reader. Nil and the zero Options are the strictest.
type Options struct {
	Limits evidence.Limits // Entries, EntryBytes, TotalBytes, Ratio, NameBytes, PathDepth
}

// Archive is an archive whose structure obeys every rule of the package. It
// holds the headers, never the content. An Archive may be used by several
// goroutines at once if its io.ReaderAt may.
type Archive struct {
	r         io.ReaderAt
	size      int64
	entries   []Entry
	index     func() map[string]int // of entries by name, made when needed
	directory int64                 // offset of the directory
	canonical evidence.Problems
}

// Entry is one file or directory of an archive.
type Entry struct {
	Name           string // as stored: UTF-8, relative, slashes; a directory ends with one
	Size           int64  // of the content, as declared; reading checks it
	CompressedSize int64
	CRC32          uint32 // of the content, as declared; reading checks it
	Method         uint16 // Store or Deflate
	Offset         int64  // of the local header

	a        *Archive
	data     int64 // offset of the content; 0 until the local header was read
	time     uint32
	flags    uint16
	needed   uint16
	madeBy   uint16
	internal uint16
	external uint32
	extra    bool // an extra field is there, in the directory or the local header
	zip64    bool // a ZIP64 extra field among them
}

// Open checks the structure of the archive in the first size bytes of r and
// returns it. It reads the records, not the content: a false CRC or size shows
// when an entry is read, or by [Archive.Verify].
//
// An archive that is refused gives a *diag.Problem, the first in the order of
// the check: end record, directory, names, local headers. An error of r, or an
// r shorter than size, is returned as it is.
func Open(r io.ReaderAt, size int64, o *Options) (*Archive, error) {
	c := newChecker(r, size, o, 1)
	a := c.run()
	if c.err != nil {
		return nil, c.err
	}
	if len(c.problems) > 0 {
		return nil, c.problems[0]
	}
	return a, nil
}

// Check is Open for someone who wants to know everything: it goes on after a
// problem as far as the archive can be followed and returns all problems,
// ordered by offset, and a nil archive; Open refuses the same archives. Where there is
// none, the problems are the warnings of [Archive.Canonical].
func Check(r io.ReaderAt, size int64, o *Options) (*Archive, evidence.Problems, error) {
	c := newChecker(r, size, o, maxProblems)
	a := c.run()
	if c.err != nil {
		return nil, nil, c.err
	}
	problems := c.problems
	if len(problems) > 0 {
		a = nil
	} else {
		problems = append(problems, a.canonical...)
	}
	slices.SortStableFunc(problems, func(x, y *evidence.Problem) int { return cmp.Compare(x.Offset, y.Offset) })
	return a, problems, nil
}

// Entries returns the entries in the order of the directory. The slice is the
// archive's own; do not change it.
func (a *Archive) Entries() []Entry { return a.entries }

// Entry returns the entry of that name, nil if there is none. A directory's
// name ends with a slash.
func (a *Archive) Entry(name string) *Entry {
	i, ok := a.index()[name]
	if !ok {
		return nil
	}
	return &a.entries[i]
}

func (a *Archive) makeIndex() map[string]int {
	index := make(map[string]int, len(a.entries))
	for i := range a.entries {
		index[a.entries[i].Name] = i
	}
	return index
}

// Canonical returns one warning for each kind of header in which the archive
// differs from what [Writer] writes: it was made, or changed, by another tool.
func (a *Archive) Canonical() evidence.Problems { return a.canonical }

// IsDir reports whether the entry is a directory; it then has no content.
func (e *Entry) IsDir() bool { return e.Name[len(e.Name)-1] == '/' }

// Modified returns the MS-DOS time of the entry, which has no time zone, as UTC
// with a precision of two seconds. The zero Time means none, or no valid one.
func (e *Entry) Modified() time.Time {
	t, _ := fromDOS(e.time)
	return t
}

// maxProblems bounds a report: nobody reads more, and a hostile archive must
// not turn into a large one.
const maxProblems = 1000

// checker collects what is wrong with one archive.
type checker struct {
	r        io.ReaderAt
	size     int64
	limits   evidence.Limits
	most     int // problems after which the check stops
	problems evidence.Problems
	err      error // the check could not be made
}

func newChecker(r io.ReaderAt, size int64, o *Options, most int) *checker {
	if o == nil {
		o = &Options{}
	}
	return &checker{r: r, size: size, limits: o.Limits.OrDefault(), most: most}
}

// run checks everything. The archive is sound only if there is no problem and no error.
func (c *checker) run() *Archive {
	a := &Archive{r: c.r, size: c.size}
	a.index = sync.OnceValue(a.makeIndex)
	end, ok := c.readEnd()
	if !ok || c.stop() {
		return a
	}
	a.directory = end.dirOffset
	extras, ok := c.readDirectory(a, end)
	if !ok || c.stop() {
		return a
	}
	if c.checkNames(a); c.stop() {
		return a
	}
	c.readLocals(a, extras)
	if len(c.problems) == 0 {
		a.canonical = a.findForeign(end)
	}
	return a
}

// report adds a problem at a byte offset of the archive; entry is a name or empty.
func (c *checker) report(r rule, entry string, offset int64, format string, args ...any) {
	c.add(r.code, r.class, entry, offset, fmt.Sprintf(format, args...))
}

func (c *checker) add(code string, class error, entry string, offset int64, message string) {
	if len(c.problems) >= c.most {
		return
	}
	c.problems = append(c.problems, &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Path: entry, Offset: offset, Message: message, Err: class,
	})
}

// fail keeps an error that prevents the check and reports whether there is one.
func (c *checker) fail(err error) bool {
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("reading the archive: %w", err)
	}
	return err != nil
}

// stop reports whether there is no use in going on.
func (c *checker) stop() bool { return c.err != nil || len(c.problems) >= c.most }
