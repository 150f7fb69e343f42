// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"encoding/binary"
)

// end is what the end record and the ZIP64 records say, §4.3.14 to §4.3.16.
type end struct {
	entries   uint64
	dirOffset int64
	dirSize   int64
	zip64     bool // the ZIP64 records are there
}

// readEnd reads the records at the end of the file and places the directory.
// It reports false when the directory cannot be placed.
func (c *checker) readEnd() (end, bool) {
	var e end
	if c.size < sizeEnd {
		c.report(ruleEnd, "", 0, "the file has %d bytes; the end record alone has %d", c.size, sizeEnd)
		return e, false
	}
	// The locator, if any, stands right before the end record.
	tail := make([]byte, min(c.size, sizeLocator+sizeEnd))
	at := c.size - int64(len(tail))
	if c.fail(readAt(c.r, tail, at)) {
		return e, false
	}
	at = c.size - sizeEnd
	f := fields(tail[len(tail)-sizeEnd:])
	if f.u32() != sigEnd || binary.LittleEndian.Uint16(tail[len(tail)-2:]) != 0 {
		c.explainEnd()
		return e, false
	}
	disk, dirDisk, here, all := f.u16(), f.u16(), f.u16(), f.u16()
	size32, offset32 := f.u32(), f.u32()
	if disk != 0 || dirDisk != 0 {
		c.report(ruleDisks, "", at, "the end record names disks %d and %d; only archives in one file are read", disk, dirDisk)
	}
	if here != all {
		c.report(ruleCount, "", at, "the end record counts %d entries on this disk and %d in all", here, all)
	}
	e.entries = uint64(all)
	size, offset, dirEnd := uint64(size32), uint64(offset32), at

	if len(tail) == sizeLocator+sizeEnd && binary.LittleEndian.Uint32(tail) == sigLocator {
		r, ok := c.readEnd64(tail[:sizeLocator], at-sizeLocator)
		if !ok {
			return e, false
		}
		e.zip64 = true
		if all != max16 && uint64(all) != r.entries || size32 != max32 && size != r.size || offset32 != max32 && offset != r.offset {
			c.report(ruleZIP64, "", at, "the end record says %d entries, %d bytes at %d; the ZIP64 end record says %d entries, %d bytes at %d",
				all, size32, offset32, r.entries, r.size, r.offset)
		}
		e.entries, size, offset, dirEnd = r.entries, r.size, r.offset, r.at
	}

	if offset > uint64(dirEnd) || size != uint64(dirEnd)-offset {
		c.report(ruleDirectory, "", at, "the directory is said to hold %d bytes at offset %d, but the record after it starts at %d", size, offset, dirEnd)
		return e, false
	}
	e.dirOffset, e.dirSize = int64(offset), int64(size)
	return e, true
}

// end64 is what the ZIP64 end record states and where it starts.
type end64 struct {
	entries, size, offset uint64
	at                    int64
}

// readEnd64 reads the locator and the ZIP64 end record, which stands right before it.
func (c *checker) readEnd64(locator []byte, at int64) (end64, bool) {
	var r end64
	f := fields(locator[4:])
	disk, offset, disks := f.u32(), f.u64(), f.u32()
	if disk != 0 || disks != 1 {
		c.report(ruleDisks, "", at, "the ZIP64 locator names disk %d of %d; only archives in one file are read", disk, disks)
	}
	r.at = at - sizeEnd64
	if r.at < 0 || offset != uint64(r.at) {
		c.report(ruleZIP64, "", at, "the ZIP64 locator points to offset %d, but a ZIP64 end record before it starts at %d", offset, r.at)
		return r, false
	}
	record := make([]byte, sizeEnd64)
	if c.fail(readAt(c.r, record, r.at)) {
		return r, false
	}
	f = record
	if sig, size := f.u32(), f.u64(); sig != sigEnd64 || size != sizeEnd64-12 {
		c.report(ruleZIP64, "", r.at, "there is no ZIP64 end record of %d bytes where the locator points", sizeEnd64)
		return r, false
	}
	f.u16() // made by: says nothing that counts
	needed := f.u16()
	disk, dirDisk := f.u32(), f.u32()
	here := f.u64()
	r.entries, r.size, r.offset = f.u64(), f.u64(), f.u64()
	if needed > versionZIP64 {
		c.report(ruleVersion, "", r.at, "the ZIP64 end record needs version %d.%d; at most 4.5 is read", needed/10, needed%10)
	}
	if disk != 0 || dirDisk != 0 {
		c.report(ruleDisks, "", r.at, "the ZIP64 end record names disks %d and %d; only archives in one file are read", disk, dirDisk)
	}
	if here != r.entries {
		c.report(ruleCount, "", r.at, "the ZIP64 end record counts %d entries on this disk and %d in all", here, r.entries)
	}
	return r, true
}

// explainEnd says why the file does not end with an end record.
func (c *checker) explainEnd() {
	tail := make([]byte, min(c.size, sizeEnd+max16))
	at := c.size - int64(len(tail))
	if c.fail(readAt(c.r, tail, at)) {
		return
	}
	i := bytes.LastIndex(tail[:len(tail)-sizeEnd+4], binary.LittleEndian.AppendUint32(nil, sigEnd))
	if i < 0 {
		c.report(ruleEnd, "", c.size, "the file does not end with an end record: it is cut short, or not a ZIP archive")
		return
	}
	after := len(tail) - i - sizeEnd
	comment := int(binary.LittleEndian.Uint16(tail[i+sizeEnd-2:]))
	switch {
	case comment == after && comment > 0:
		c.report(ruleComment, "", at+int64(i), "the archive has a comment of %d bytes", comment)
	case comment > after:
		c.report(ruleEnd, "", at+int64(i), "the archive comment is said to have %d bytes, %d are left", comment, after)
	default:
		c.report(ruleEnd, "", at+int64(i)+sizeEnd+int64(comment), "%d bytes follow the end record", after-comment)
	}
}
