// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

// Systems that an entry may come from, §4.4.2.2: those whose external
// attributes mean what checkType reads in them.
const (
	creatorFAT  = 0
	creatorUnix = 3
	creatorHPFS = 6
	creatorNTFS = 10
	creatorInfo = 11 // NTFS as Info-ZIP writes it
	creatorVFAT = 14
	creatorOSX  = 19
)

// MS-DOS and Windows attributes, low half of the external attributes.
const (
	dosVolume  = 0x08
	dosFolder  = 0x10
	dosDevice  = 0x40
	dosReparse = 0x400
)

// Unix mode, high half of the external attributes.
const (
	unixType    = 0xf000
	unixFolder  = 0x4000
	unixRegular = 0x8000
	unixSpecial = 0x0e00 // setuid, setgid, sticky
)

// checkType allows regular files and empty directories, whose attributes agree
// with their names. The Unix mode counts whatever system is named: readers
// differ in whether they look.
func (c *checker) checkType(e *Entry, at int64) {
	switch e.madeBy >> 8 {
	case creatorFAT, creatorUnix, creatorHPFS, creatorNTFS, creatorInfo, creatorVFAT, creatorOSX:
	default:
		c.report(ruleCreator, e.Name, at, "the entry was made on system %d, whose attributes are not read", e.madeBy>>8)
	}
	if e.internal > 1 { // bit 0: text; the others are reserved, §4.4.14
		c.report(ruleAttributes, e.Name, at, "reserved internal attributes are set (0x%04x)", e.internal)
	}
	dos, mode := e.external&max16, e.external>>16
	folder := e.Name != "" && e.IsDir()
	switch kind := mode & unixType; {
	case kind != 0 && kind != unixRegular && kind != unixFolder:
		c.report(ruleType, e.Name, at, "the entry is a link, device, pipe or socket (mode 0%o)", mode)
	case dos&(dosVolume|dosDevice|dosReparse) != 0:
		c.report(ruleType, e.Name, at, "the entry is a volume label, device or reparse point (attributes 0x%04x)", dos)
	case folder && kind == unixRegular, !folder && (kind == unixFolder || dos&dosFolder != 0):
		c.report(ruleType, e.Name, at, "the name and the attributes disagree on whether the entry is a directory (mode 0%o, attributes 0x%04x)", mode, dos)
	}
	if mode&unixSpecial != 0 {
		c.report(ruleMode, e.Name, at, "the entry is setuid, setgid or sticky (mode 0%o)", mode)
	}
	// A compressor spends up to five bytes to say that there is nothing.
	if folder && (e.Size != 0 || e.CRC32 != 0 || e.CompressedSize > 5) {
		c.report(ruleFolder, e.Name, at, "a directory has content: %d bytes, %d compressed", e.Size, e.CompressedSize)
	}
}
