// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package packgen

import (
	"fmt"
	"strings"
)

func featureCases() []Case {
	both := func(name, code, description string, f func(r *Record)) Case {
		return lie(name, code, description, func(z *Zip) { z.Entries[packed].Both(f) })
	}
	cases := []Case{
		both("encrypted", "archive.encrypted", "the entry is encrypted", func(r *Record) { r.Flags |= 1 }),
		both("encrypted-strong", "archive.encrypted", "the entry has strong encryption", func(r *Record) { r.Flags |= 1 | 1<<6 }),
		both("encrypted-masked", "archive.encrypted", "the local headers are masked", func(r *Record) { r.Flags |= 1 << 13 }),
		both("patch", "archive.patch", "the entry is patch data", func(r *Record) { r.Flags |= 1 << 5 }),
		both("version-needed", "archive.version", "the entry needs version 4.6", func(r *Record) { r.Needed = 46 }),
		both("version-needed-high", "archive.version", "the entry needs version 6.3", func(r *Record) { r.Needed = 63 }),
		both("version-needed-host", "archive.version", "the upper byte of the version needed is set", func(r *Record) { r.Needed |= 3 << 8 }),
	}
	for _, bit := range []int{4, 7, 8, 9, 10, 12, 14, 15} {
		cases = append(cases, both(fmt.Sprintf("flag-%d", bit), "archive.flags", fmt.Sprintf("flag %d is set", bit), func(r *Record) { r.Flags |= 1 << bit }))
	}
	for _, m := range []uint16{1, 5, 6, 7, 9, 10, 12, 14, 19, 20, 93, 95, 96, 97, 98, 99} {
		cases = append(cases, both(fmt.Sprintf("method-%d", m), "archive.method", fmt.Sprintf("compression method %d", m), func(r *Record) { r.Method = m }))
	}
	return cases
}

func descriptorCases() []Case {
	stream := func(name, code, description string, f func(e *Entry)) Case {
		return shape(name, code, description, func(z *Zip) {
			f(z.Entries[packed].Stream(true))
		})
	}
	return []Case{
		shape("descriptor-stored", "archive.descriptor", "a stored entry has a data descriptor", func(z *Zip) { z.Entries[plain].Stream(true) }),
		shape("descriptor-stored-empty", "archive.descriptor", "an empty stored entry has a data descriptor", func(z *Zip) {
			z.Entries = append(z.Entries, Stored("notes/z", "").Stream(true))
		}),
		stream("descriptor-missing", "archive.descriptor", "a data descriptor is announced and not there", func(e *Entry) { e.Descriptor = nil }),
		stream("descriptor-cut", "archive.descriptor", "the data descriptor ends after four bytes", func(e *Entry) { e.Descriptor = e.Descriptor[:4] }),
		stream("descriptor-long", "archive.descriptor", "a byte follows the data descriptor", func(e *Entry) { e.Descriptor = append(e.Descriptor, 0) }),
		stream("descriptor-twice", "archive.descriptor", "the data descriptor stands there twice", func(e *Entry) { e.Descriptor = append(e.Descriptor, e.Descriptor...) }),
		stream("descriptor-signature", "archive.descriptor", "the data descriptor has another signature", func(e *Entry) { e.Descriptor[0] ^= 1 }),
		stream("descriptor-crc", "archive.descriptor", "the data descriptor has another CRC-32", func(e *Entry) { e.Descriptor[4] ^= 1 }),
		stream("descriptor-packed", "archive.descriptor", "the data descriptor has another compressed size", func(e *Entry) { e.Descriptor[8] ^= 1 }),
		stream("descriptor-size", "archive.descriptor", "the data descriptor has another size", func(e *Entry) { e.Descriptor[12] ^= 1 }),
		stream("descriptor-wide", "archive.descriptor", "the data descriptor has sizes of eight bytes without ZIP64", func(e *Entry) { e.Descriptor = wideDescriptor(e) }),
		stream("descriptor-narrow", "archive.descriptor", "the data descriptor has sizes of four bytes with ZIP64", func(e *Entry) { e.Wide() }),
		stream("descriptor-wide-size", "archive.descriptor", "the upper half of a size of eight bytes is not zero", func(e *Entry) {
			e.Wide().Descriptor = wideDescriptor(e)
			e.Descriptor[22] = 1
		}),
		stream("descriptor-local-crc", "archive.crc-mismatch", "the local header has a false CRC-32 beside the data descriptor", func(e *Entry) { e.Local.CRC = 1 }),
		stream("descriptor-local-size", "archive.size-mismatch", "the local header has a false size beside the data descriptor", func(e *Entry) { e.Local.Size = 1 }),
		shape("descriptor-not-announced", "archive.gap", "a data descriptor is there and not announced", func(z *Zip) {
			e := z.Entries[packed].Stream(true)
			e.Both(func(r *Record) { r.Flags = 0 })
			e.Local.CRC, e.Local.Packed, e.Local.Size = e.Central.CRC, e.Central.Packed, e.Central.Size
		}),
		stream("descriptor-data-short", "archive.descriptor", "the compressed size leaves out the last byte of the data, the descriptor too", func(e *Entry) {
			e.Central.Packed--
			e.Descriptor[8]--
		}),
	}
}

// wideDescriptor is the data descriptor of e with sizes of eight bytes.
func wideDescriptor(e *Entry) []byte {
	b := le.AppendUint32([]byte("PK\x07\x08"), e.Central.CRC)
	return append(b, u64s(uint64(len(e.Data)), uint64(len(packedText)))...)
}

func extraCases() []Case {
	both := func(name, description, extra string) Case {
		return shape("extra-"+name, "archive.extra", description, func(z *Zip) {
			z.Entries[packed].Both(func(r *Record) { r.Extra = extra })
		})
	}
	sides := func(name, description, local, central string) Case {
		return shape("extra-"+name, "archive.extra", description, func(z *Zip) {
			z.Entries[packed].Local.Extra, z.Entries[packed].Central.Extra = local, central
		})
	}
	ut := Extra(0x5455, "\x01\x2e\x2f\x22\x65")
	ux := Extra(0x7875, "\x01\x04\x00\x00\x00\x00\x04\x00\x00\x00\x00")
	ntfs := Extra(0x000a, "\x00\x00\x00\x00\x01\x00\x18\x00"+strings.Repeat("\x00\x80\x3e\xd5\xde\xb1\x9d\x01", 3))
	return []Case{
		both("unknown", "an extra field that nobody knows", Extra(0x4242, "hidden")),
		both("half-header", "an extra field of three bytes", "\x55\x54\x00"),
		both("overlong", "an extra field that announces more than is there", "\x55\x54\x09\x00\x03"),
		both("padding", "zero bytes after an extra field", ut+"\x00\x00"),
		both("twice", "the Unix times stand there twice", ut+ut),
		both("unicode-path", "a Unicode path that is the name", Extra(0x7075, "\x01\x12\x34\x56\x78notes/a.txt")),
		both("unicode-path-other", "a Unicode path that is another name", Extra(0x7075, "\x01\x12\x34\x56\x78notes/../../evil")),
		both("unicode-comment", "a Unicode comment", Extra(0x6375, "\x01\x12\x34\x56\x78hello")),
		both("aes", "the extra field of AES encryption", Extra(0x9901, "\x02\x00AE\x03\x08\x00")),
		both("alignment", "the padding of Android's zipalign", Extra(0xd935, "\x04\x00\x00\x00")),
		both("unix-old", "the old Unix field, which can hold a link target", Extra(0x000d, strings.Repeat("\x00", 12)+"/etc/passwd")),
		both("asi-unix", "the ASi Unix field, which can hold a mode and a link target", Extra(0x756e, "\x00\x00\x00\x00\xff\xa1\x0b\x00\x00\x00\x00\x00\x00\x00/etc/passwd")),
		both("acl", "an NT security descriptor", Extra(0x4453, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")),
		both("time-flags", "Unix times with reserved flags", Extra(0x5455, "\x09\x2e\x2f\x22\x65\x2e\x2f\x22\x65")),
		both("time-short", "Unix times that end too early", Extra(0x5455, "\x01\x2e\x2f\x22")),
		both("time-long", "bytes after the Unix times", Extra(0x5455, "\x01\x2e\x2f\x22\x65hidden")),
		both("time-empty", "Unix times without flags", Extra(0x5455, "")),
		both("owner-version", "an owner of version 2", Extra(0x7875, "\x02\x04\x00\x00\x00\x00\x04\x00\x00\x00\x00")),
		both("owner-long", "bytes after the owner", Extra(0x7875, "\x01\x04\x00\x00\x00\x00\x04\x00\x00\x00\x00hidden")),
		both("owner-wide", "an owner of 16 bytes", Extra(0x7875, "\x01\x10"+strings.Repeat("\x00", 16)+"\x04\x00\x00\x00\x00")),
		both("owner-cut", "an owner without a group", Extra(0x7875, "\x01\x04\x00\x00\x00\x00")),
		both("ntfs-reserved", "NTFS times with a reserved field that is not zero", Extra(0x000a, "\x01\x00\x00\x00\x01\x00\x18\x00"+strings.Repeat("\x00", 24))),
		both("ntfs-tag", "NTFS times with another tag", Extra(0x000a, "\x00\x00\x00\x00\x02\x00\x18\x00"+strings.Repeat("\x00", 24))),
		both("ntfs-long", "bytes after the NTFS times", Extra(0x000a, "\x00\x00\x00\x00\x01\x00\x18\x00"+strings.Repeat("\x00", 24)+"hidden")),
		both("jar-content", "a JAR marker with content", Extra(0xcafe, "hidden")),
		sides("times-differ", "the Unix times of local header and directory differ", ut, Extra(0x5455, "\x01\x2f\x2f\x22\x65")),
		sides("time-flags-differ", "the flags of the Unix times differ", Extra(0x5455, "\x03\x2e\x2f\x22\x65\x2e\x2f\x22\x65"), Extra(0x5455, "\x01\x2e\x2f\x22\x65")),
		sides("owners-differ", "the owners of local header and directory differ", ux, Extra(0x7875, "\x01\x04\x01\x00\x00\x00\x04\x00\x00\x00\x00")),
		sides("ntfs-times-differ", "the NTFS times of local header and directory differ", ntfs, Extra(0x000a, "\x00\x00\x00\x00\x01\x00\x18\x00"+strings.Repeat("\x01\x80\x3e\xd5\xde\xb1\x9d\x01", 3))),
		sides("local-only-unknown", "the local header alone has an extra field that nobody knows", Extra(0x4242, "hidden"), ""),
		sides("directory-only-unknown", "the directory alone has an extra field that nobody knows", "", Extra(0x4242, "hidden")),
	}
}

func typeCases() []Case {
	file := func(name, code, description string, external uint32) Case {
		return lie("type-"+name, code, description, func(z *Zip) { z.Entries[plain].Central.External = external })
	}
	folder := func(name, code, description string, f func(e *Entry)) Case {
		return shape("type-"+name, code, description, func(z *Zip) {
			e := Dir("folder/")
			f(e)
			z.Entries = append(z.Entries, e)
		})
	}
	target := func(name, to string) Case {
		link := Stored("link", to)
		link.Central.External = 0o120777 << 16
		return refused("type-"+name, "archive.type", "a symbolic link to "+to, base(link))
	}
	creator := func(host uint16) Case {
		return lie(fmt.Sprintf("creator-%d", host), "archive.creator", fmt.Sprintf("the entry was made on system %d", host), func(z *Zip) {
			z.Entries[plain].Central.MadeBy = host<<8 | 20
		})
	}
	return []Case{
		target("symlink", "notes/a.txt"),
		target("symlink-absolute", "/etc/passwd"),
		target("symlink-parent", "../../outside"),
		file("fifo", "archive.type", "a named pipe", 0o010644<<16),
		file("character-device", "archive.type", "a character device", 0o020644<<16),
		file("block-device", "archive.type", "a block device", 0o060644<<16),
		file("socket", "archive.type", "a socket", 0o140644<<16),
		file("unknown", "archive.type", "a type that Unix does not know", 0o170644<<16),
		file("setuid", "archive.mode", "a setuid file", 0o104755<<16),
		file("setgid", "archive.mode", "a setgid file", 0o102755<<16),
		file("sticky", "archive.mode", "a sticky file", 0o101644<<16),
		file("volume", "archive.type", "a volume label", 0x08),
		file("device", "archive.type", "a device attribute", 0x40),
		file("reparse", "archive.type", "a reparse point", 0o100644<<16|0x400),
		file("file-as-unix-folder", "archive.type", "a file with the mode of a directory", 0o040755<<16),
		file("file-as-dos-folder", "archive.type", "a file with the attribute of a directory", 0o100644<<16|0x10),
		lie("type-symlink-fat", "archive.type", "a symbolic link from a system without links", func(z *Zip) {
			z.Entries[plain].Central.MadeBy, z.Entries[plain].Central.External = 20, 0o120777<<16
		}),
		folder("folder-as-file", "archive.type", "a directory with the mode of a file", func(e *Entry) { e.Central.External = 0o100644 << 16 }),
		folder("folder-as-symlink", "archive.type", "a directory with the mode of a link", func(e *Entry) { e.Central.External = 0o120777 << 16 }),
		folder("folder-setgid", "archive.mode", "a setgid directory", func(e *Entry) { e.Central.External = 0o042755<<16 | 0x10 }),
		folder("folder-sticky", "archive.mode", "a sticky directory", func(e *Entry) { e.Central.External = 0o041777<<16 | 0x10 }),
		folder("folder-content", "archive.folder", "a directory with stored content", func(e *Entry) {
			f := Stored("folder/", "hidden")
			f.Central.External = e.Central.External
			*e = *f
		}),
		folder("folder-deflated-content", "archive.folder", "a directory with deflated content", func(e *Entry) {
			f := Deflated("folder/", "hidden")
			f.Central.External = e.Central.External
			*e = *f
		}),
		folder("folder-crc", "archive.folder", "a directory with a CRC-32", func(e *Entry) { e.Both(func(r *Record) { r.CRC = 1 }) }),
		folder("folder-data", "archive.folder", "a directory whose deflate stream says nothing at length", func(e *Entry) {
			e.Both(func(r *Record) { r.Method, r.Packed = 8, 12 })
			e.Data = []byte("\x00\x00\x00\xff\xff\x00\x00\x00\xff\xff\x03\x00")
		}),
		creator(1), creator(2), creator(5), creator(7), creator(18), creator(255),
	}
}

func limitCases() []Case {
	var bombs []*Entry
	zeros := Deflated("zeros", strings.Repeat("\x00", 1<<20))
	for i := range 70 {
		e := *zeros
		e.Both(func(r *Record) { r.Name = fmt.Sprintf("notes/zeros-%02d", i) })
		bombs = append(bombs, &e)
	}
	long := strings.Repeat("n", 255)
	declared := func(name, code, description string, size uint64) Case {
		return shape(name, code, description, func(z *Zip) {
			e := z.Entries[packed]
			e.Both(func(r *Record) { r.Needed = 45 })
			e.Local.Extra = Extra(0x0001, u64s(size, uint64(len(e.Data))))
			e.Local.Size, e.Local.Packed = 1<<32-1, 1<<32-1
			e.Central.Extra = Extra(0x0001, u64s(size))
			e.Central.Size = 1<<32 - 1
		})
	}
	return []Case{
		refused("limit-name", "archive.name-length", "a name of 1,025 bytes", base(Stored(strings.Repeat("abc/", 256)+"a", ""))),
		refused("limit-component", "archive.name-component", "a component of 256 bytes", base(Stored("notes/"+long+"n", ""))),
		refused("limit-depth", "archive.name-depth", "a name of 65 components", base(Stored(strings.Repeat("d/", 64)+"f", ""))),
		declared("limit-entry", "archive.entry-size", "an entry that declares 4 GiB and one byte", 4<<30+1),
		declared("limit-entry-huge", "archive.entry-size", "an entry that declares 2^64 - 1 bytes", 1<<64-1),
		declared("limit-ratio-declared", "archive.ratio", "an entry that declares 2 MiB and holds a few bytes", 2<<20),
		refused("limit-ratio", "archive.ratio", "2 MiB of zeros in 2 KB", base(Deflated("notes/zeros", strings.Repeat("\x00", 2<<20)))),
		refused("limit-ratio-total", "archive.ratio", "seventy times 1 MiB of zeros in 1 KB", base(bombs...)),
	}
}

func contentCases() []Case {
	deflated := func(name, code, description string, content string, data string) Case {
		return refused("content-"+name, code, description, base(entry("notes/z", content, 8, []byte(data))))
	}
	both := func(name, code, description string, i int, f func(r *Record)) Case {
		return lie("content-"+name, code, description, func(z *Zip) { z.Entries[i].Both(f) })
	}
	good := string(deflate(packedText))
	return []Case{
		both("crc", "archive.checksum", "both headers have the same false CRC-32", packed, func(r *Record) { r.CRC ^= 1 << 31 }),
		both("crc-zero", "archive.checksum", "both headers have CRC-32 zero", packed, func(r *Record) { r.CRC = 0 }),
		both("crc-zero-stored", "archive.checksum", "both headers of a stored entry have CRC-32 zero", plain, func(r *Record) { r.CRC = 0 }),
		both("size-high", "archive.length", "both headers have a size one too high", packed, func(r *Record) { r.Size++ }),
		both("size-low", "archive.length", "both headers have a size one too low", packed, func(r *Record) { r.Size-- }),
		both("size-zero", "archive.length", "both headers have size zero", packed, func(r *Record) { r.Size = 0 }),
		lie("content-stored-changed", "archive.checksum", "a stored byte is changed", func(z *Zip) { z.Entries[plain].Data[3] ^= 1 }),
		lie("content-crc-zero-streamed", "archive.checksum", "headers and data descriptor have CRC-32 zero", func(z *Zip) {
			e := z.Entries[packed].Both(func(r *Record) { r.CRC = 0 }).Stream(true)
			z.Layout()
			e.Central.CRC = 0
		}),
		deflated("deflate-cut", "archive.deflate", "the deflate stream ends too early", packedText, good[:len(good)-3]),
		deflated("deflate-empty", "archive.deflate", "a deflated entry has no data", "", ""),
		deflated("deflate-not-final", "archive.deflate", "the deflate stream has no final block", "hi", "\x00\x02\x00\xfd\xffhi"),
		deflated("deflate-block-type", "archive.deflate", "a deflate block has the reserved type", "", "\x07\x00"),
		deflated("deflate-stored-length", "archive.deflate", "the length of a stored block and its complement disagree", "hi", "\x01\x02\x00\xfc\xffhi"),
		deflated("deflate-distance", "archive.deflate", "a match reaches before the start of the content", "aaa", "\x03\x02\x00"),
		deflated("deflate-trees", "archive.deflate", "the code lengths of a deflate block are impossible", "", "\x05\xe0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
		deflated("trailing-byte", "archive.trailing", "a byte follows the deflate stream", packedText, good+"\x00"),
		deflated("trailing-text", "archive.trailing", "text follows the deflate stream", packedText, good+"hidden"),
		deflated("trailing-stream", "archive.trailing", "a second deflate stream follows the first", packedText, good+good),
		deflated("more", "archive.length", "the content goes on for 1 MiB after the declared size", packedText, string(deflate(packedText+strings.Repeat("\x00", 1<<20)))),
		deflated("changed", "archive.checksum", "a byte in a stored deflate block is changed", "hi", "\x01\x02\x00\xfd\xffho"),
	}
}
