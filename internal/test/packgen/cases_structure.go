// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package packgen

import "fmt"

func endCases() []Case {
	good := base().Bytes()
	raw := func(name, code, description string, data []byte) Case {
		return Case{Name: name, Description: description, Code: code, Class: classes[code], Data: data}
	}
	return []Case{
		raw("end-empty-file", "archive.end", "a file of no bytes", nil),
		raw("end-text", "archive.end", "a text file", []byte("This is not an archive, but it has more than twenty-two bytes.\n")),
		raw("end-signature-only", "archive.end", "the four bytes of the end record's signature", []byte("PK\x05\x06")),
		raw("end-cut", "archive.end", "the last byte is missing", good[:len(good)-1]),
		raw("end-no-end-record", "archive.end", "the end record is missing", good[:len(good)-22]),
		raw("end-two-archives", "archive.directory", "a second archive stands after the first", append(append([]byte{}, good...), good...)),
		raw("end-stub-unadjusted", "archive.directory", "a shell script stands in front and offsets are not adjusted", append([]byte("#!/bin/sh\nexit 0\n"), good...)),
		shape("end-stub-adjusted", "archive.prefix", "a shell script stands in front and offsets are adjusted", func(z *Zip) { z.Prefix = []byte("#!/bin/sh\nexit 0\n") }),
		shape("end-prefix-byte", "archive.prefix", "one byte stands in front and offsets are adjusted", func(z *Zip) { z.Prefix = []byte{0} }),
		lie("end-newline-after", "archive.end", "a newline follows the end record", func(z *Zip) { z.Suffix = []byte("\n") }),
		lie("end-zeros-after", "archive.end", "512 zero bytes follow the end record", func(z *Zip) { z.Suffix = make([]byte, 512) }),
		lie("end-comment", "archive.comment", "the archive has a comment", func(z *Zip) { z.End.Comment = "hello" }),
		lie("end-comment-length-long", "archive.end", "a comment of 5 bytes is announced, none is there", func(z *Zip) { z.End.CommentLen = 5 }),
		lie("end-comment-length-short", "archive.end", "the comment is longer than announced", func(z *Zip) { z.End.Comment, z.End.CommentLen = "hello", -1 }),
		lie("end-record-in-comment", "archive.directory", "the comment is an end record of its own", func(z *Zip) {
			z.End.Comment = string(z.End.bytes(nil))
		}),
		lie("end-record-twice", "archive.directory", "the end record stands there twice", func(z *Zip) { z.AfterDir = z.End.bytes(nil) }),
		lie("end-empty-archive-after", "archive.directory", "the end record of an empty archive follows", func(z *Zip) {
			z.Suffix = (&End{Sig: 0x06054b50}).bytes(nil)
		}),
		lie("end-signature", "archive.end", "the end record has another signature", func(z *Zip) { z.End.Sig ^= 1 << 24 }),
		lie("end-disk", "archive.disks", "the end record is on disk 1", func(z *Zip) { z.End.Disk = 1 }),
		lie("end-directory-disk", "archive.disks", "the directory starts on disk 1", func(z *Zip) { z.End.DirDisk = 1 }),
		lie("end-disks-masked", "archive.disks", "the disk numbers are left to ZIP64 records that are not there", func(z *Zip) { z.End.Disk, z.End.DirDisk = 1<<16-1, 1<<16-1 }),
		lie("end-count-here", "archive.count", "one entry less on this disk than in all", func(z *Zip) { z.End.Here-- }),
		lie("end-count-all", "archive.count", "one entry more in all than on this disk", func(z *Zip) { z.End.All++ }),
		lie("end-count-high", "archive.count", "one entry more is announced than is there", func(z *Zip) { z.End.All++; z.End.Here++ }),
		lie("end-count-low", "archive.count", "one entry less is announced than is there", func(z *Zip) { z.End.All--; z.End.Here-- }),
		lie("end-count-zero", "archive.count", "no entries are announced", func(z *Zip) { z.End.All, z.End.Here = 0, 0 }),
		lie("end-count-65535", "archive.count", "65,535 entries are announced", func(z *Zip) { z.End.All, z.End.Here = 1<<16-1, 1<<16-1 }),
		lie("end-directory-size-high", "archive.directory", "the directory is said to be one byte longer", func(z *Zip) { z.End.DirSize++ }),
		lie("end-directory-size-low", "archive.directory", "the directory is said to be one byte shorter", func(z *Zip) { z.End.DirSize-- }),
		lie("end-directory-size-zero", "archive.directory", "the directory is said to be empty", func(z *Zip) { z.End.DirSize = 0 }),
		lie("end-directory-size-huge", "archive.directory", "the directory is said to have 4 GiB", func(z *Zip) { z.End.DirSize = 1<<32 - 1 }),
		lie("end-directory-offset-high", "archive.directory", "the directory is said to start one byte later", func(z *Zip) { z.End.DirOffset++ }),
		lie("end-directory-offset-low", "archive.directory", "the directory is said to start one byte earlier", func(z *Zip) { z.End.DirOffset-- }),
		lie("end-directory-offset-huge", "archive.directory", "the directory is said to start after the file", func(z *Zip) { z.End.DirOffset = 1<<32 - 1 }),
		lie("end-directory-shifted", "archive.directory", "directory offset and size are shifted alike", func(z *Zip) { z.End.DirOffset -= 4; z.End.DirSize += 4 }),
		lie("end-gap-before", "archive.directory", "bytes stand between directory and end record", func(z *Zip) { z.AfterDir = []byte("hidden") }),
		lie("end-last-entry-hidden", "archive.directory", "count and size leave out the last directory record", func(z *Zip) {
			z.End.All--
			z.End.Here--
			z.End.DirSize -= uint32(46 + len("notes/b.txt"))
		}),
		lie("end-first-entry-hidden", "archive.count", "count, offset and size leave out the first directory record", func(z *Zip) {
			n := uint32(46 + len("MANIFEST.json"))
			z.End.DirOffset += n
			z.End.DirSize -= n
			z.End.Here -= 2
			z.End.All -= 2
		}),
	}
}

func zip64Cases() []Case {
	lie64 := func(name, code, description string, f func(z *Zip, r *End64)) Case {
		z := base().Add64()
		f(z, z.End64)
		return refused(name, code, description, z)
	}
	wide := func(name, code, description string, f func(e *Entry)) Case {
		return shape(name, code, description, func(z *Zip) {
			f(z.Entries[packed])
		})
	}
	return []Case{
		lie64("zip64-locator-offset", "archive.zip64", "the locator points one byte too far", func(z *Zip, r *End64) { r.LocatorOffset++ }),
		lie64("zip64-locator-offset-zero", "archive.zip64", "the locator points to the start of the file", func(z *Zip, r *End64) { r.LocatorOffset = 0 }),
		lie64("zip64-locator-offset-huge", "archive.zip64", "the locator points to 2^63", func(z *Zip, r *End64) { r.LocatorOffset = 1 << 63 }),
		lie64("zip64-locator-disk", "archive.disks", "the locator names disk 1", func(z *Zip, r *End64) { r.LocatorDisk = 1 }),
		lie64("zip64-locator-disks", "archive.disks", "the locator counts two disks", func(z *Zip, r *End64) { r.LocatorDisks = 2 }),
		lie64("zip64-locator-no-disks", "archive.disks", "the locator counts no disks", func(z *Zip, r *End64) { r.LocatorDisks = 0 }),
		lie64("zip64-locator-only", "archive.zip64", "a locator stands there without a record", func(z *Zip, r *End64) { r.NoRecord = true }),
		lie64("zip64-record-only", "archive.directory", "a record stands there without a locator", func(z *Zip, r *End64) { r.NoLocator = true }),
		lie64("zip64-locator-signature", "archive.directory", "the locator has another signature", func(z *Zip, r *End64) { r.LocatorSig ^= 1 << 24 }),
		lie64("zip64-record-signature", "archive.zip64", "the record has another signature", func(z *Zip, r *End64) { r.Sig ^= 1 << 24 }),
		lie64("zip64-record-size", "archive.zip64", "the record says that it has 45 bytes", func(z *Zip, r *End64) { r.Size++ }),
		lie64("zip64-record-size-huge", "archive.zip64", "the record says that it has 2^64 - 1 bytes", func(z *Zip, r *End64) { r.Size = 1<<64 - 1 }),
		lie64("zip64-extensible-data", "archive.zip64", "the record has an extensible data sector", func(z *Zip, r *End64) { r.Size, r.Extensible = 44+8, make([]byte, 8) }),
		lie64("zip64-disk", "archive.disks", "the record is on disk 1", func(z *Zip, r *End64) { r.Disk = 1 }),
		lie64("zip64-directory-disk", "archive.disks", "the directory starts on disk 1", func(z *Zip, r *End64) { r.DirDisk = 1 }),
		lie64("zip64-version", "archive.version", "the record needs version 6.2", func(z *Zip, r *End64) { r.Needed = 62 }),
		lie64("zip64-count-here", "archive.count", "the record counts one entry less on this disk", func(z *Zip, r *End64) { r.Here-- }),
		lie64("zip64-count", "archive.zip64", "the record counts one entry more than the end record", func(z *Zip, r *End64) { r.Here++; r.All++ }),
		lie64("zip64-count-masked", "archive.count", "the record alone counts, one entry too many", func(z *Zip, r *End64) { z.Mask(); r.Here++; r.All++ }),
		lie64("zip64-count-huge", "archive.entries", "the record alone counts, 2^64 - 1 entries", func(z *Zip, r *End64) { z.Mask(); r.Here, r.All = 1<<64-1, 1<<64-1 }),
		lie64("zip64-size", "archive.zip64", "the record has another directory size than the end record", func(z *Zip, r *End64) { r.DirSize++ }),
		lie64("zip64-size-masked", "archive.directory", "the record alone has the directory size, one too high", func(z *Zip, r *End64) { z.Mask(); r.DirSize++ }),
		lie64("zip64-size-wraps", "archive.directory", "offset and size of the record are right modulo 2^64", func(z *Zip, r *End64) {
			z.Mask()
			r.DirSize += r.DirOffset + 1
			r.DirOffset = 1<<64 - 1
		}),
		lie64("zip64-offset", "archive.zip64", "the record has another directory offset than the end record", func(z *Zip, r *End64) { r.DirOffset-- }),
		lie64("zip64-offset-masked", "archive.directory", "the record alone has the directory offset, one too low", func(z *Zip, r *End64) { z.Mask(); r.DirOffset-- }),
		lie("zip64-masked-without-record", "archive.directory", "the end record leaves its numbers to a record that is not there", func(z *Zip) { z.Mask() }),
		shape("zip64-locator-in-extra", "archive.zip64", "the times of the last directory record end with a locator", func(z *Zip) {
			locator := string((&End64{NoRecord: true, LocatorSig: 0x07064b50, LocatorDisks: 1}).bytes(nil))
			z.Entries[plain].Central.Extra = Extra(0x000a, "\x00\x00\x00\x00\x01\x00\x18\x00\x00\x00\x00\x00"+locator)
		}),

		wide("zip64-extra-without-need", "archive.zip64", "the ZIP64 extra field of the directory holds a size that the record has too", func(e *Entry) {
			e.Central.Extra = Extra(0x0001, u64s(uint64(e.Central.Size)))
		}),
		wide("zip64-extra-empty", "archive.zip64", "the ZIP64 extra field of the directory is empty", func(e *Entry) { e.Central.Extra = Extra(0x0001, "") }),
		wide("zip64-extra-missing", "archive.zip64", "the directory record leaves its size to a field that is not there", func(e *Entry) { e.Central.Size = 1<<32 - 1 }),
		wide("zip64-extra-short", "archive.zip64", "the ZIP64 extra field of the directory ends too early", func(e *Entry) {
			e.WideDir().Central.Extra = Extra(0x0001, u64s(uint64(len(packedText))))
		}),
		wide("zip64-extra-long", "archive.zip64", "the ZIP64 extra field of the directory holds a number more", func(e *Entry) {
			e.Central.Extra = Extra(0x0001, u64s(uint64(e.Central.Size), 0))
			e.Central.Size = 1<<32 - 1
		}),
		wide("zip64-extra-size", "archive.size-mismatch", "the ZIP64 extra field of the directory has another size than the local header", func(e *Entry) {
			e.WideDir().Central.Extra = Extra(0x0001, u64s(uint64(len(packedText))+1, uint64(len(e.Data))))
		}),
		wide("zip64-extra-packed-huge", "archive.overlap", "the ZIP64 extra field of the directory has a compressed size of 2^63", func(e *Entry) {
			e.WideDir().Central.Extra = Extra(0x0001, u64s(uint64(len(packedText)), 1<<63))
		}),
		wide("zip64-extra-offset-huge", "archive.overlap", "the ZIP64 extra field of the directory has an offset of 2^64 - 1", func(e *Entry) {
			e.NoLocal = true // Layout leaves the offset alone
			e.Central.Offset = 1<<32 - 1
			e.Central.Extra = Extra(0x0001, u64s(1<<64-1))
		}),
		wide("zip64-extra-disk", "archive.zip64", "the ZIP64 extra field of the directory names disk 1", func(e *Entry) {
			e.Central.Disk = 1<<16 - 1
			e.Central.Extra = Extra(0x0001, "\x01\x00\x00\x00")
		}),
		wide("zip64-local-size", "archive.size-mismatch", "the ZIP64 extra field of the local header has another size than the directory", func(e *Entry) {
			e.Wide().Local.Extra = Extra(0x0001, u64s(uint64(len(packedText))+1, uint64(len(e.Data))))
		}),
		wide("zip64-local-packed", "archive.size-mismatch", "the ZIP64 extra field of the local header has another compressed size than the directory", func(e *Entry) {
			e.Wide().Local.Extra = Extra(0x0001, u64s(uint64(len(packedText)), uint64(len(e.Data))+1))
		}),
		wide("zip64-local-half", "archive.zip64", "the ZIP64 extra field of the local header has one of two sizes", func(e *Entry) {
			e.Wide().Local.Extra = Extra(0x0001, u64s(uint64(len(packedText))))
		}),
		wide("zip64-local-without-need", "archive.zip64", "the local header has its sizes and a ZIP64 extra field", func(e *Entry) {
			size, n := e.Local.Size, e.Local.Packed
			e.Wide()
			e.Local.Size, e.Local.Packed = size, n
		}),
		wide("zip64-local-missing", "archive.size-mismatch", "the local header leaves its sizes to a field that is not there", func(e *Entry) {
			e.Wide().Local.Extra = ""
		}),
		wide("zip64-version-without-field", "archive.version-mismatch", "the local header alone needs 4.5 and has no ZIP64 extra field", func(e *Entry) { e.Local.Needed = 45 }),
	}
}

func directoryCases() []Case {
	record := func(name, code, description string, f func(r *Record)) Case {
		return lie(name, code, description, func(z *Zip) { f(&z.Entries[packed].Central) })
	}
	return []Case{
		record("directory-signature", "archive.directory", "a directory record has the signature of a local header", func(r *Record) { r.Sig = 0x04034b50 }),
		record("directory-name-length-high", "archive.directory", "a name in the directory is said to be one byte longer", func(r *Record) { r.NameLen = 1 }),
		record("directory-name-length-low", "archive.directory", "a name in the directory is said to be one byte shorter", func(r *Record) { r.NameLen = -1 }),
		record("directory-extra-length", "archive.directory", "an extra field of 65,535 bytes is announced", func(r *Record) { r.ExtraLen = 1<<16 - 1 }),
		record("directory-comment-length", "archive.directory", "a comment of 200 bytes is announced", func(r *Record) { r.CommentLen = 200 }),
		record("directory-disk", "archive.disks", "the entry starts on disk 1", func(r *Record) { r.Disk = 1 }),
		record("directory-disk-masked", "archive.disks", "the entry's disk is left to a ZIP64 extra field that is not there", func(r *Record) { r.Disk = 1<<16 - 1 }),
		record("directory-internal-reserved", "archive.attributes", "a reserved internal attribute is set", func(r *Record) { r.Internal = 2 }),
		record("directory-internal-control", "archive.attributes", "the internal attribute for control fields is set", func(r *Record) { r.Internal = 4 }),
		shape("directory-comment", "archive.comment", "an entry has a comment", func(z *Zip) { z.Entries[packed].Central.Comment = "hello" }),
		shape("directory-end-in-comment", "archive.comment", "the comment of the last entry is an end record", func(z *Zip) {
			z.Entries[plain].Central.Comment = string((&End{Sig: 0x06054b50}).bytes(nil))
		}),
		shape("directory-signature-record", "archive.directory", "the directory ends with a digital signature", func(z *Zip) { z.Dir = []byte("PK\x05\x05\x04\x00abcd") }),
		shape("directory-padding", "archive.directory", "the directory ends with ten zero bytes", func(z *Zip) { z.Dir = make([]byte, 10) }),
		shape("directory-padding-record", "archive.directory", "the directory ends with zero bytes for a whole record", func(z *Zip) { z.Dir = make([]byte, 46) }),
		lie("directory-signature-after", "archive.directory", "a digital signature stands between directory and end record", func(z *Zip) {
			z.AfterDir = []byte("PK\x05\x05\x04\x00abcd")
		}),
	}
}

func tilingCases() []Case {
	hidden := func() *Entry {
		e := Stored("hidden.txt", "nobody lists this")
		e.NoCentral = true
		return e
	}
	pointTo := func(name, at string) *Entry {
		e := Deflated(name, packedText)
		e.NoLocal = true
		e.Central.Name = at
		return e
	}
	return []Case{
		shape("gap-between", "archive.gap", "four zero bytes stand between two entries", func(z *Zip) { z.Entries[packed].After = make([]byte, 4) }),
		shape("gap-before-directory", "archive.gap", "text stands before the directory", func(z *Zip) { z.BeforeDir = []byte("hidden") }),
		shape("gap-extra-data-record", "archive.gap", "an archive extra data record stands before the directory", func(z *Zip) {
			z.BeforeDir = []byte("PK\x06\x08\x04\x00\x00\x00abcd")
		}),
		shape("gap-hidden-entry", "archive.gap", "an entry in the middle is not in the directory", func(z *Zip) {
			z.Entries = []*Entry{z.Entries[first], hidden(), z.Entries[packed], z.Entries[plain]}
		}),
		shape("gap-hidden-last-entry", "archive.gap", "the last entry is not in the directory", func(z *Zip) { z.Entries = append(z.Entries, hidden()) }),
		shape("prefix-hidden-entry", "archive.prefix", "the first entry is not in the directory", func(z *Zip) {
			z.Entries = append([]*Entry{hidden()}, z.Entries...)
		}),
		{
			Name: "prefix-empty-archive", Description: "bytes stand before the directory of an archive without entries", Code: "archive.prefix", Class: "unsafe",
			Data: func() []byte { z := New(); z.BeforeDir = []byte("hidden"); z.Layout(); return z.Bytes() }(),
		},
		lie("overlap-next", "archive.overlap", "the data of an entry are said to be one byte longer", func(z *Zip) {
			z.Entries[packed].Both(func(r *Record) { r.Packed++ })
		}),
		lie("overlap-directory", "archive.overlap", "the data of the last entry are said to reach into the directory", func(z *Zip) {
			z.Entries[plain].Both(func(r *Record) { r.Packed += 20; r.Size += 20 })
		}),
		lie("overlap-end", "archive.overlap", "the data of an entry are said to reach to the end of the file", func(z *Zip) {
			z.Entries[plain].Both(func(r *Record) { r.Packed = 1 << 20; r.Size = 1 << 20 })
		}),
		lie("gap-data-short", "archive.gap", "the data of an entry are said to be one byte shorter", func(z *Zip) {
			z.Entries[packed].Both(func(r *Record) { r.Packed-- })
		}),
		lie("overlap-offset-high", "archive.overlap", "the offset of an entry lies after the file", func(z *Zip) { z.Entries[plain].Central.Offset = 1<<32 - 2 }),
		lie("gap-offset-inside", "archive.gap", "the offset of an entry lies inside its data", func(z *Zip) { z.Entries[plain].Central.Offset += 20 }),
		lie("gap-offset-directory", "archive.gap", "the offset of the last entry is the directory's", func(z *Zip) { z.Entries[plain].Central.Offset = z.End.DirOffset }),
		lie("overlap-offset-end", "archive.gap", "the offset of the last entry is the end record's", func(z *Zip) { z.Entries[plain].Central.Offset = z.End.DirOffset + z.End.DirSize }),
		shape("overlap-shared-header", "archive.overlap", "two directory records with two names share one local header", func(z *Zip) {
			e := pointTo("notes/a.txt", "notes/c.txt")
			e.Central.Offset = z.Entries[packed].Central.Offset
			z.Entries = append(z.Entries, e)
		}),
		shape("overlap-shared-header-name", "archive.name-duplicate", "two directory records with one name share one local header", func(z *Zip) {
			e := pointTo("notes/a.txt", "notes/a.txt")
			e.Central.Offset = z.Entries[packed].Central.Offset
			z.Entries = append(z.Entries, e)
		}),
		refused("overlap-quoted", "archive.overlap", "each entry quotes the local header of the next in a stored block, and shares its data (D. Fifield, A better zip bomb)", quoted(8)),
		lie("local-signature", "archive.local", "a local header has the signature of a directory record", func(z *Zip) { z.Entries[packed].Local.Sig = 0x02014b50 }),
		lie("local-name-length", "archive.name-mismatch", "the local header says that its name is one byte longer", func(z *Zip) { z.Entries[packed].Local.NameLen = 1 }),
		lie("local-extra-length", "archive.extra", "the local header says that it has an extra field of one byte", func(z *Zip) { z.Entries[packed].Local.ExtraLen = 1 }),
		lie("local-extra-length-huge", "archive.local", "the local header announces an extra field of 65,535 bytes", func(z *Zip) { z.Entries[packed].Local.ExtraLen = 1<<16 - 1 }),
	}
}

// quoted returns base with n entries that share data: each but the last is a stored
// block with the local header of the next, which runs on into the data of the next.
func quoted(n int) *Zip {
	z := base()
	start := int(z.End.DirOffset)
	content := "boom boom boom boom boom boom boom boom"
	data := deflate(content)
	var entries []*Entry
	var header []byte
	sizes := make([]int, n) // from the header of each to the end of the data
	for i := n - 1; i >= 0; i-- {
		if header != nil {
			block := []byte{0, byte(len(header)), 0, ^byte(len(header)), 0xff}
			content = string(header) + content
			data = append(append(block, header...), data...)
		}
		e := entry(fmt.Sprintf("notes/%d", i), content, 8, data)
		e.NoLocal = true
		header = e.Local.local(nil)
		sizes[i] = len(header) + len(data)
		entries = append([]*Entry{e}, entries...)
	}
	z.BeforeDir = append(header, data...)
	for i, e := range entries {
		e.Central.Offset = uint32(start + len(z.BeforeDir) - sizes[i])
	}
	z.Entries = append(z.Entries, entries...)
	z.Layout()
	return z
}

func mismatchCases() []Case {
	local := func(name, code, description string, f func(r *Record)) Case {
		return lie("mismatch-"+name, code, description, func(z *Zip) { f(&z.Entries[packed].Local) })
	}
	plainLocal := func(name, code, description string, f func(r *Record)) Case {
		return lie("mismatch-"+name, code, description, func(z *Zip) { f(&z.Entries[plain].Local) })
	}
	return []Case{
		local("name", "archive.name-mismatch", "the local header has another name", func(r *Record) { r.Name = "notes/A.txt" }),
		local("name-parent", "archive.name-mismatch", "the local header has a name with ..", func(r *Record) { r.Name = "../../a.txt" }),
		shape("mismatch-name-shorter", "archive.name-mismatch", "the local header has a shorter name", func(z *Zip) { z.Entries[packed].Local.Name = "notes/a" }),
		shape("mismatch-name-nul", "archive.name-mismatch", "the local header has the name and a NUL", func(z *Zip) { z.Entries[packed].Local.Name += "\x00" }),
		local("method", "archive.method-mismatch", "the local header says stored, the directory deflated", func(r *Record) { r.Method = 0 }),
		plainLocal("method-stored", "archive.method-mismatch", "the local header says deflated, the directory stored", func(r *Record) { r.Method = 8 }),
		local("flags", "archive.flags-mismatch", "the local header alone says that the name is UTF-8", func(r *Record) { r.Flags |= 1 << 11 }),
		local("flags-level", "archive.flags-mismatch", "the local header alone has a compression level", func(r *Record) { r.Flags |= 2 }),
		local("flags-encrypted", "archive.flags-mismatch", "the local header alone says that the entry is encrypted", func(r *Record) { r.Flags |= 1 }),
		local("flags-descriptor", "archive.flags-mismatch", "the local header alone announces a data descriptor", func(r *Record) { r.Flags |= 8 }),
		local("crc", "archive.crc-mismatch", "the local header has another CRC-32", func(r *Record) { r.CRC ^= 1 }),
		local("crc-zero", "archive.crc-mismatch", "the local header has CRC-32 zero and no data descriptor", func(r *Record) { r.CRC = 0 }),
		lie("mismatch-crc-directory-zero", "archive.crc-mismatch", "the directory has CRC-32 zero", func(z *Zip) { z.Entries[packed].Central.CRC = 0 }),
		local("packed", "archive.size-mismatch", "the local header has a compressed size one lower", func(r *Record) { r.Packed-- }),
		local("size", "archive.size-mismatch", "the local header has a size one higher", func(r *Record) { r.Size++ }),
		local("sizes-zero", "archive.size-mismatch", "the local header has sizes zero and no data descriptor", func(r *Record) { r.Packed, r.Size = 0, 0 }),
		plainLocal("size-stored", "archive.size-mismatch", "the local header of a stored entry has another size", func(r *Record) { r.Size = 3 }),
		local("time", "archive.time-mismatch", "the local header has another time", func(r *Record) { r.Time++ }),
		local("date", "archive.time-mismatch", "the local header has another date", func(r *Record) { r.Date-- }),
		local("version", "archive.version-mismatch", "the local header needs version 1.0, the directory 2.0", func(r *Record) { r.Needed = 10 }),
		lie("mismatch-stored-sizes", "archive.size-mismatch", "a stored entry has two sizes", func(z *Zip) {
			z.Entries[plain].Both(func(r *Record) { r.Size-- })
		}),
	}
}
