// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/HailBytes/evidence/internal/safepath"
	"github.com/HailBytes/evidence/internal/safepath/nameset"
)

// readDirectory reads the records of the directory into a.entries, and returns
// the extra field of each, which must agree with the local header's. It grows
// with what is there, never with what is declared, and reports false when the
// records cannot be followed to their end.
func (c *checker) readDirectory(a *Archive, end end) ([]extras, bool) {
	if end.entries > uint64(c.limits.Entries) {
		c.report(ruleEntries, "", end.dirOffset, "the archive declares %d entries; at most %d are read", end.entries, c.limits.Entries)
		return nil, false
	}
	if end.entries > uint64(end.dirSize)/sizeCentral {
		c.report(ruleCount, "", end.dirOffset, "%d entries are declared, which %d bytes cannot describe", end.entries, end.dirSize)
		return nil, false
	}
	// The largest record fits the buffer, so that it is read without a copy.
	br := bufio.NewReaderSize(io.NewSectionReader(c.r, end.dirOffset, end.dirSize), 256<<10)
	all := make([]extras, 0, end.entries)
	a.entries = make([]Entry, 0, end.entries)
	total := int64(0)
	for left := end.dirSize; left > 0; {
		at := end.dirOffset + end.dirSize - left
		record, ok := c.nextRecord(br, at, left)
		if !ok {
			return nil, false
		}
		if len(a.entries) == c.limits.Entries {
			c.report(ruleEntries, "", at, "the archive has more than %d entries", c.limits.Entries)
			return nil, false
		}
		left -= int64(len(record))
		e, x := c.centralRecord(record, at)
		total = c.checkSizes(&e, total)
		if c.stop() {
			return nil, false
		}
		e.a = a
		a.entries = append(a.entries, e)
		all = append(all, x)
		_, err := br.Discard(len(record))
		if c.fail(err) {
			return nil, false
		}
	}
	if total > ratioTotal && (total-1)/int64(c.limits.Ratio) >= c.size {
		c.report(ruleRatio, "", end.dirOffset, "the entries declare %d bytes, the file has %d; a ratio of %d is allowed", total, c.size, c.limits.Ratio)
	}
	if n := uint64(len(a.entries)); n != end.entries {
		c.report(ruleCount, "", end.dirOffset, "%d entries are declared, the directory has %d", end.entries, n)
	}
	return all, true
}

// nextRecord returns the bytes of the next directory record, of which left bytes are there.
func (c *checker) nextRecord(br *bufio.Reader, at, left int64) ([]byte, bool) {
	if left < sizeCentral {
		c.report(ruleDirectory, "", at, "%d bytes are left over at the end of the directory", left)
		return nil, false
	}
	fixed, err := br.Peek(sizeCentral)
	if c.failShort(err) {
		return nil, false
	}
	if sig := binary.LittleEndian.Uint32(fixed); sig != sigCentral {
		c.report(ruleDirectory, "", at, "a directory record starts with 0x%08x, not with its signature", sig)
		return nil, false
	}
	n := sizeCentral
	for _, field := range []int{28, 30, 32} { // lengths of name, extra field, comment
		n += int(binary.LittleEndian.Uint16(fixed[field:]))
	}
	if int64(n) > left {
		c.report(ruleDirectory, "", at, "a directory record of %d bytes has %d left", n, left)
		return nil, false
	}
	record, err := br.Peek(n)
	return record, !c.failShort(err)
}

// failShort is fail for a section of the file whose length was checked.
func (c *checker) failShort(err error) bool {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return c.fail(err)
}

// centralRecord reads one directory record, §4.3.12.
func (c *checker) centralRecord(record []byte, at int64) (Entry, extras) {
	f := fields(record[4:])
	e := Entry{madeBy: f.u16()}
	h := f.header()
	commentLen, disk := f.u16(), f.u16()
	e.internal, e.external = f.u16(), f.u32()
	offset := uint64(f.u32())
	e.Name = string(f[:h.nameLen])
	x, err := parseExtra(f[h.nameLen:][:h.extraLen], false)
	if err != nil {
		c.report(ruleExtra, e.Name, at, "%v", err)
	}
	if commentLen > 0 {
		c.report(ruleComment, e.Name, at, "the entry has a comment of %d bytes", commentLen)
	}
	if !c.central64(&h, &offset, &disk, x.zip64) {
		c.report(ruleZIP64, e.Name, at, "the ZIP64 extra field does not hold just what the record leaves to it")
	}
	if disk != 0 {
		c.report(ruleDisks, e.Name, at, "the entry starts on disk %d; only archives in one file are read", disk)
	}
	if h.packed > uint64(c.size) || offset > uint64(c.size) {
		c.report(ruleOverlap, e.Name, at, "the entry declares %d compressed bytes at offset %d; the file has %d", h.packed, offset, c.size)
		h.packed, offset = 0, 0
	}
	if h.size > uint64(c.limits.EntryBytes) {
		c.report(ruleEntrySize, e.Name, at, "the entry declares %d bytes; at most %d are read", h.size, c.limits.EntryBytes)
		h.size = 0
	}
	e.Size, e.CompressedSize, e.Offset = int64(h.size), int64(h.packed), int64(offset)
	e.CRC32, e.Method, e.flags, e.needed, e.time = h.crc, h.method, h.flags, h.needed, h.time
	e.extra, e.zip64 = h.extraLen > 0, x.zip64 != nil
	c.checkFeatures(&e, at)
	c.checkType(&e, at)
	if x.empty() {
		return e, extras{}
	}
	return e, x.clone()
}

// central64 puts the numbers of the ZIP64 extra field in place, §4.5.3: in this
// order, each there if and only if its field in the record is all ones.
func (c *checker) central64(h *header, offset *uint64, disk *uint16, z []byte) bool {
	f := fields(z)
	for _, v := range []*uint64{&h.size, &h.packed, offset} {
		if *v != max32 {
			continue
		}
		if len(f) < 8 {
			return false
		}
		*v = f.u64()
	}
	if *disk == max16 && z != nil {
		if len(f) < 4 || f.u32() != 0 {
			return false
		}
		*disk = 0
	}
	return len(f) == 0 && (z == nil || len(z) > 0)
}

// checkFeatures refuses what the package does not read, §4.4.3 to §4.4.5.
func (c *checker) checkFeatures(e *Entry, at int64) {
	switch {
	case e.flags&(flagEncrypted|flagStrong|flagMasked) != 0:
		c.report(ruleEncrypted, e.Name, at, "the entry is encrypted (flags 0x%04x)", e.flags)
	case e.flags&flagPatch != 0:
		c.report(rulePatch, e.Name, at, "the entry is patch data (flags 0x%04x)", e.flags)
	case e.flags&^(flagLevel|flagDescriptor|flagUTF8) != 0:
		c.report(ruleFlags, e.Name, at, "the entry has reserved flags (0x%04x)", e.flags)
	}
	if e.Method != Store && e.Method != Deflate {
		c.report(ruleMethod, e.Name, at, "compression method %d is not read, only stored (0) and deflated (8)", e.Method)
	}
	if e.Method == Store && e.Size != e.CompressedSize {
		c.report(ruleSizeMismatch, e.Name, at, "the stored entry has %d bytes of content and %d of data", e.Size, e.CompressedSize)
	}
	if e.needed > versionZIP64 {
		c.report(ruleVersion, e.Name, at, "the entry needs version %d.%d; at most 4.5 is read", e.needed/10, e.needed%10)
	}
	if e.flags&flagDescriptor != 0 && e.Method == Store {
		// Only a compressed stream says where it ends; a streaming reader could
		// not tell the data of this entry from what follows.
		c.report(ruleDescriptor, e.Name, at, "a stored entry has a data descriptor")
	}
}

// checkSizes applies the bounds on content and returns the new total.
func (c *checker) checkSizes(e *Entry, total int64) int64 {
	if exceedsRatio(e.Size, e.CompressedSize, c.limits.Ratio) {
		c.report(ruleRatio, e.Name, e.Offset, "the entry declares %d bytes from %d compressed ones; a ratio of %d is allowed", e.Size, e.CompressedSize, c.limits.Ratio)
	}
	before := total
	total += e.Size
	if before <= c.limits.TotalBytes && total > c.limits.TotalBytes {
		c.report(ruleTotalSize, e.Name, e.Offset, "the entries up to this one declare %d bytes; at most %d are read", total, c.limits.TotalBytes)
	}
	return total
}

// ratioTotal is the content of all entries from which the ratio counts for the
// archive too, so that many small bombs do not make a large one.
const ratioTotal = 64 << 20

// exceedsRatio reports whether so much content from so little data is a bomb
// rather than evidence. Below 1 MiB the ratio says nothing: a blank log does it.
func exceedsRatio(size, packed int64, ratio int) bool {
	return size > 1<<20 && (size-1)/int64(ratio) >= packed
}

// nameBytes is how long names may be on average: honest ones stay under 100.
const nameBytes = 320

// checkNames applies the rules for names, each alone and all together.
func (c *checker) checkNames(a *Archive) {
	set := nameset.New(len(a.entries))
	bytes := 0
	mostNames := 2 * c.limits.Entries // directories that are only implied count
	mostBytes := nameBytes*c.limits.Entries + c.limits.NameBytes
	for i := range a.entries {
		e := &a.entries[i]
		name := strings.TrimSuffix(e.Name, "/")
		if err := safepath.Check(name, c.limits); err != nil {
			c.reportName(err, e)
		} else if err := set.Add(name, len(name) < len(e.Name)); err != nil {
			c.reportName(err, e)
		} else {
			c.checkEncoding(e)
		}
		// Long names with many directories must not cost more memory than the
		// number of entries lets expect.
		bytes += len(name)
		switch {
		case set.Len() > mostNames:
			c.report(ruleEntries, e.Name, e.Offset, "the archive has more than %d files and directories", mostNames)
			return
		case bytes > mostBytes:
			c.report(ruleEntries, e.Name, e.Offset, "the names of the archive have more than %d bytes in all", mostBytes)
			return
		case c.stop():
			return
		}
	}
}

func (c *checker) reportName(err *safepath.Error, e *Entry) {
	c.add(namePrefix+err.Rule, err.Class, e.Name, e.Offset, err.Message)
}

// madeByInfoZIP is Info-ZIP 3.0 on Unix.
const madeByInfoZIP = creatorUnix<<8 | 30

// checkEncoding wants names outside ASCII to be declared as UTF-8, or they
// read as code page 437 (APPNOTE 6.3.10 §D.1) and get two names. Info-ZIP on Unix
// writes UTF-8 without saying so, and every reader knows it.
func (c *checker) checkEncoding(e *Entry) {
	if e.flags&flagUTF8 == 0 && e.madeBy != madeByInfoZIP && !isASCII(e.Name) {
		c.report(ruleNameEncoding, e.Name, e.Offset, "the name is not ASCII and not declared as UTF-8")
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
