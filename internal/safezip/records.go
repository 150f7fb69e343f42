// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
)

// archiveWriter writes the records of an archive in their order.
type archiveWriter struct {
	w         *bufio.Writer
	time      uint32 // MS-DOS date and time of every entry
	offset    int64  // bytes written
	directory []byte
	entries   int
}

var le = binary.LittleEndian

func (a *archiveWriter) write(b []byte) error {
	n, err := a.w.Write(b)
	a.offset += int64(n)
	return err
}

// entry writes local header and data of one file and notes its directory record.
func (a *archiveWriter) entry(ctx context.Context, j *job) error {
	size, packed, offset := j.content.Size, j.packed, a.offset
	var flags, needed uint16 = 0, versionDeflate
	if !isASCII(j.file.Name) {
		flags = flagUTF8
	}
	if max(size, packed, offset) >= max32 {
		needed = versionZIP64
	}
	// What both headers state, §4.3.7 and §4.3.12.
	common := func(b []byte, size32, packed32 uint32, extra int) []byte {
		b = le.AppendUint16(b, needed)
		b = le.AppendUint16(b, flags)
		b = le.AppendUint16(b, j.method)
		b = le.AppendUint32(b, a.time)
		b = le.AppendUint32(b, j.content.CRC32)
		b = le.AppendUint32(b, packed32)
		b = le.AppendUint32(b, size32)
		b = le.AppendUint16(b, uint16(len(j.file.Name)))
		return le.AppendUint16(b, uint16(extra))
	}

	local := le.AppendUint32(nil, sigLocal)
	if max(size, packed) >= max32 { // both sizes or none, §4.5.3
		local = append(common(local, max32, max32, 20), j.file.Name...)
		local = zip64Extra(local, size, packed)
	} else {
		local = append(common(local, uint32(size), uint32(packed), 0), j.file.Name...)
	}
	if err := a.write(local); err != nil {
		return err
	}
	if err := j.copyTo(ctx, writerFunc(a.write)); err != nil {
		return err
	}

	var large []int64
	narrow := func(v int64) uint32 {
		if v < max32 {
			return uint32(v)
		}
		large = append(large, v)
		return max32
	}
	size32, packed32, offset32 := narrow(size), narrow(packed), narrow(offset) // the order of §4.5.3
	extra := zip64Extra(nil, large...)
	d := le.AppendUint32(a.directory, sigCentral)
	d = le.AppendUint16(d, writerMadeBy)
	d = common(d, size32, packed32, len(extra))
	d = append(d, 0, 0, 0, 0, 0, 0) // no comment, first disk, no internal attributes
	d = le.AppendUint32(d, writerExternal)
	d = le.AppendUint32(d, offset32)
	d = append(d, j.file.Name...)
	a.directory = append(d, extra...)
	a.entries++
	return nil
}

// zip64Extra appends a ZIP64 extra field with these numbers, nothing for none.
func zip64Extra(b []byte, numbers ...int64) []byte {
	if len(numbers) == 0 {
		return b
	}
	b = le.AppendUint16(b, extraZIP64)
	b = le.AppendUint16(b, uint16(8*len(numbers)))
	for _, v := range numbers {
		b = le.AppendUint64(b, uint64(v))
	}
	return b
}

// finish writes the directory and the end records.
func (a *archiveWriter) finish() error {
	offset, size, entries := a.offset, int64(len(a.directory)), a.entries
	if err := a.write(a.directory); err != nil {
		return err
	}
	var b []byte
	if offset >= max32 || size >= max32 || entries >= max16 {
		at := a.offset
		b = le.AppendUint32(b, sigEnd64)
		b = le.AppendUint64(b, sizeEnd64-12)
		b = le.AppendUint16(b, writerMadeBy)
		b = le.AppendUint16(b, versionZIP64)
		b = le.AppendUint64(b, 0) // both disks
		b = le.AppendUint64(b, uint64(entries))
		b = le.AppendUint64(b, uint64(entries))
		b = le.AppendUint64(b, uint64(size))
		b = le.AppendUint64(b, uint64(offset))
		b = le.AppendUint32(b, sigLocator)
		b = le.AppendUint32(b, 0)
		b = le.AppendUint64(b, uint64(at))
		b = le.AppendUint32(b, 1)
	}
	b = le.AppendUint32(b, sigEnd)
	b = le.AppendUint32(b, 0) // both disks
	b = le.AppendUint16(b, uint16(min(entries, max16)))
	b = le.AppendUint16(b, uint16(min(entries, max16)))
	b = le.AppendUint32(b, uint32(min(size, max32)))
	b = le.AppendUint32(b, uint32(min(offset, max32)))
	b = le.AppendUint16(b, 0) // no comment
	if err := a.write(b); err != nil {
		return err
	}
	return a.w.Flush()
}

type writerFunc func([]byte) error

func (f writerFunc) Write(p []byte) (int, error) {
	if err := f(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

var _ io.Writer = writerFunc(nil)
