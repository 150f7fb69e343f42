// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"fmt"
	"strconv"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// What Writer writes into every header.
const (
	writerMadeBy   = creatorUnix<<8 | versionDeflate
	writerExternal = (unixRegular | 0o644) << 16
)

// First are the names that lead a pack, in this order, each if it is there. The
// rest is sorted bytewise.
var First = []string{"MANIFEST.json", "index.html"}

// Less reports whether the name a comes before b in a pack.
func Less(a, b string) bool {
	ra, rb := rank(a), rank(b)
	if ra != rb {
		return ra < rb
	}
	return a < b
}

func rank(name string) int {
	for i, f := range First {
		if name == f {
			return i
		}
	}
	return len(First)
}

// findForeign compares every header with what Writer writes. It gives one
// warning for each kind of difference, at the first entry that shows it.
func (a *Archive) findForeign(end end) evidence.Problems {
	var f foreign
	if end.zip64 && len(a.entries) < max16 && a.directory < max32 {
		f.add("zip64", &Entry{Offset: a.directory}, "the archive has a ZIP64 end record without need")
	}
	for i := range a.entries {
		e := &a.entries[i]
		if i > 0 {
			before := &a.entries[i-1]
			if e.Offset < before.Offset || !Less(before.Name, e.Name) {
				f.add("order", e, "the entry is out of order")
			}
			if e.time != a.entries[0].time {
				f.add("time", e, "the entry has another time than the first one")
			}
		}
		f.entry(e)
	}
	return f.problems()
}

// foreign collects differences by kind.
type foreign struct {
	kinds []foreignKind
}

type foreignKind struct {
	kind    string
	problem *evidence.Problem
	entries int
}

func (f *foreign) add(kind string, e *Entry, format string, args ...any) {
	for i := range f.kinds {
		if f.kinds[i].kind == kind {
			f.kinds[i].entries++
			return
		}
	}
	p := canonicalWarning(e, format, args...)
	f.kinds = append(f.kinds, foreignKind{kind, p, 1})
}

func canonicalWarning(e *Entry, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{
		Code: CodeCanonical, Severity: evidence.SeverityWarning, Path: e.Name, Offset: e.Offset,
		Message: fmt.Sprintf(format, args...), Err: evidence.ErrPolicy,
	}
}

// entry looks at the headers of one entry.
func (f *foreign) entry(e *Entry) {
	if e.IsDir() {
		f.add("folder", e, "the entry is a directory")
	}
	if _, ok := fromDOS(e.time); !ok {
		f.add("date", e, "the entry has no valid time")
	}
	flags, version := uint16(0), uint16(versionDeflate)
	if !isASCII(e.Name) {
		flags = flagUTF8
	}
	needs64 := max(e.Size, e.CompressedSize, e.Offset) >= max32
	if needs64 {
		version = versionZIP64
	}
	if e.madeBy != writerMadeBy {
		f.add("made", e, "made by version 0x%04x, not 0x%04x", e.madeBy, writerMadeBy)
	}
	if e.needed != version {
		f.add("needed", e, "version needed is %d, not %d", e.needed, version)
	}
	if e.flags != flags {
		f.add("flags", e, "flags are 0x%04x, not 0x%04x", e.flags, flags)
	}
	if e.internal != 0 {
		f.add("internal", e, "internal attributes are 0x%04x, not 0", e.internal)
	}
	if e.external != writerExternal {
		f.add("external", e, "external attributes are 0x%08x, not 0x%08x", e.external, uint32(writerExternal))
	}
	if e.extra && !(needs64 && e.zip64) {
		f.add("extra", e, "the entry has an extra field")
	}
	if e.Size == 0 && e.Method != Store {
		f.add("empty", e, "an empty file is compressed")
	}
}

// problems returns one warning for each kind, in the order of their first entries.
func (f *foreign) problems() evidence.Problems {
	var ps evidence.Problems
	for _, k := range f.kinds {
		if k.entries > 1 {
			k.problem.Message += "; so in " + strconv.Itoa(k.entries) + " entries"
		}
		ps = append(ps, k.problem)
	}
	return ps
}

// quoteBytes is diag.Quote for bytes that point into a buffer.
func quoteBytes(b []byte) string { return textfmt.Quote(string(b)) }
