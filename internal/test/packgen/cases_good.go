// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package packgen

import (
	"slices"
	"strings"
)

// goodCases are accepted: the smallest neighbours of what is refused, and
// archives with the headers of honest writers.
func goodCases() []Case {
	ut := func(local bool) string {
		if local {
			return Extra(0x5455, "\x03\x2e\x2f\x22\x65\x2e\x2f\x22\x65")
		}
		return Extra(0x5455, "\x03\x2e\x2f\x22\x65")
	}
	ux := Extra(0x7875, "\x01\x04\xe8\x03\x00\x00\x04\xe8\x03\x00\x00")
	ntfs := Extra(0x000a, "\x00\x00\x00\x00\x01\x00\x18\x00"+strings.Repeat("\x00\x80\x3e\xd5\xde\xb1\x9d\x01", 3))
	changed := func(name, description string, z *Zip, f func(i int, e *Entry)) Case {
		for i, e := range z.Entries {
			f(i, e)
		}
		z.Layout()
		return accepted(name, description, z)
	}
	canonical := func(name, description string, more ...*Entry) Case {
		z := Pack(append([]*Entry{Deflated("notes/a.txt", packedText)}, more...)...)
		c := accepted(name, description, z)
		c.Canonical = true
		return c
	}
	named := func(name, description string, names ...string) Case {
		var entries []*Entry
		for _, n := range names {
			entries = append(entries, Stored(n, n))
		}
		return accepted(name, description, base(entries...))
	}
	offsetMasked := base().Add64() // as Info-ZIP does it with -fz
	offsetMasked.End.DirOffset = 1<<32 - 1
	shuffled, backwards := base(), base()
	shuffled.DirOrder = []int{plain, packed, first}
	slices.Reverse(backwards.Entries)
	backwards.Layout()

	return []Case{
		canonical("good-canonical", "as the module's own writer makes it"),
		canonical("good-canonical-utf8", "with a name outside ASCII", Deflated("notes/\u00e9\u65e5\u672c.txt", "x")),
		canonical("good-canonical-empty-file", "with an empty file", Stored("notes/empty", "")),
		canonical("good-nested", "with an archive in it, stored", Stored("notes/nested.zip", string(base().Bytes()))),
		canonical("good-nested-hostile", "with an archive in it that would be refused", Stored("notes/nested.zip", string(base(Stored("../c", "")).Bytes()))),
		canonical("good-end-in-content", "with content that ends like an archive", Stored("notes/z", string(New().Bytes()))),

		changed("good-python", "headers of Python's zipfile: permissions without a type", base(), func(_ int, e *Entry) { e.Central.External = 0o600 << 16 }),
		changed("good-python-zip64", "sizes in the ZIP64 extra field of the local header (force_zip64)", base(), func(_ int, e *Entry) {
			e.Wide()
			e.Central.MadeBy = 3<<8 | 45
		}),
		changed("good-python-stream", "data descriptors with a signature on deflated entries", base(), func(i int, e *Entry) {
			if i != plain {
				e.Stream(true)
			}
		}),
		changed("good-python-stream-zip64", "data descriptors with sizes of eight bytes and ZIP64 extra fields", base(), func(i int, e *Entry) {
			if i == packed {
				e.Stream(true).Wide().Descriptor = wideDescriptor(e)
			}
		}),
		changed("good-infozip", "headers of Info-ZIP: Unix times and owners, text attribute", base(Dir("folder/")), func(_ int, e *Entry) {
			e.Local.Extra, e.Central.Extra = ut(true)+ux, ut(false)+ux
			e.Central.MadeBy, e.Central.Internal = 3<<8|30, 1
		}),
		changed("good-infozip-level", "compression level flags of Info-ZIP with -9, on stored entries too", base(), func(_ int, e *Entry) {
			e.Both(func(r *Record) { r.Flags |= 2 })
		}),
		changed("good-infozip-zip64", "ZIP64 as Info-ZIP forces it with -fz", offsetMasked, func(_ int, e *Entry) {
			e.Wide()
			e.Central.Extra = Extra(0x0001, u64s(uint64(e.Central.Size)))
			e.Central.Size = 1<<32 - 1
		}),
		changed("good-infozip-utf8", "a name in UTF-8 that Info-ZIP on Unix does not declare", base(Stored("notes/\u00e9", "")), func(_ int, e *Entry) {
			e.Both(func(r *Record) { r.Flags = 0 })
			e.Central.MadeBy = 3<<8 | 30
		}),
		changed("good-infozip-stream", "data descriptors of Info-ZIP: the size is known before", base(), func(i int, e *Entry) {
			if i == packed {
				size := e.Local.Size
				e.Stream(true)
				e.Local.Size = size
			}
		}),
		changed("good-7zip", "headers of 7-Zip: NTFS times in the directory, its own attribute, version 1.0 for stored entries", base(Dir("folder/")), func(i int, e *Entry) {
			e.Central.Extra, e.Central.MadeBy = ntfs, 3<<8|63
			e.Central.External |= 0x8000
			if e.Central.Method == 0 {
				e.Both(func(r *Record) { r.Needed = 10 })
			}
		}),
		changed("good-7zip-windows", "headers of 7-Zip on Windows", base(), func(_ int, e *Entry) {
			e.Central.Extra, e.Central.MadeBy, e.Central.External = ntfs, 63, 0x20
		}),
		changed("good-7zip-zip64", "ZIP64 in the local header alone, whose version needed is higher", base(), func(i int, e *Entry) {
			if i == packed {
				e.Wide()
				e.Central.Needed = 20
			}
		}),
		changed("good-jar", "headers of jar: its marker, UTF-8 declared everywhere, no attributes, data descriptors", base(), func(i int, e *Entry) {
			e.Both(func(r *Record) { r.Flags |= 1 << 11 })
			e.Central.MadeBy, e.Central.External = 20, 0
			if i == first {
				e.Both(func(r *Record) { r.Extra = Extra(0xcafe, "") })
			}
			if i != plain {
				e.Stream(true)
			}
		}),
		changed("good-go", "headers of Go's archive/zip: no time, no attributes, data descriptors", base(), func(i int, e *Entry) {
			e.Both(func(r *Record) { r.Time, r.Date = 0, 0 })
			e.Central.MadeBy, e.Central.External = 20, 0
			if i != plain {
				e.Stream(true)
			}
		}),
		changed("good-stream-unsigned", "data descriptors without a signature", base(), func(i int, e *Entry) {
			if i != plain {
				e.Stream(false)
			}
		}),
		changed("good-stream-unsigned-wide", "a data descriptor without a signature, with sizes of eight bytes", base(), func(i int, e *Entry) {
			if i == packed {
				e.Stream(false).Wide().Descriptor = wideDescriptor(e)[4:]
			}
		}),
		changed("good-deflated-folder", "a directory entry whose nothing is deflated", base(Dir("folder/")), func(_ int, e *Entry) {
			if e.Central.Name == "folder/" {
				e.Both(func(r *Record) { r.Method, r.Packed = 8, 2 })
				e.Data = []byte("\x03\x00")
			}
		}),
		accepted("good-stored-text", "with text that the module's own writer would deflate", base()),
		accepted("good-zip64-end", "ZIP64 end records without need", base().Add64()),
		accepted("good-zip64-masked", "ZIP64 end records that alone have the numbers", base().Add64().Mask()),
		accepted("good-folders", "directory entries, before and after what is in them", base(Dir("d/"), Stored("d/e/f", ""), Dir("d/e/"))),
		accepted("good-directory-order", "a directory in another order than the data", shuffled),
		accepted("good-entry-order", "entries in another order", backwards),
		canonical("good-ratio-small", "1 MiB of zeros in 1 KB", Deflated("notes/zeros", strings.Repeat("\x00", 1<<20))),

		named("good-names-dots", "names with dots that lead nowhere", ".hidden", "..a", "a..b", "notes/...c"),
		named("good-names-devices", "names that are nearly devices", "CONSOLE", "com", "com10", "notes/NULL.txt", "lpt0"),
		named("good-names-unicode", "names in several scripts", "\u65e5\u672c\u8a9e.txt", "na\u00efve caf\u00e9", "\u0420\u0443\u0441\u0441\u043a\u0438\u0439", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\U0001f389.png", "\u2764\ufe0f"),
		named("good-names-ascii", "names with every other ASCII character", "!#$%&'()+,-.;=@[]^_`{}~ a", "-rf", "~root", "a b"),
		named("good-names-long", "a component of 255 bytes and a name of 64 components", strings.Repeat("n", 255), strings.Repeat("d/", 63)+"f"),
	}
}
