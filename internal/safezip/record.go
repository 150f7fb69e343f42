// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import "encoding/binary"

// Signatures and sizes of the fixed part of each record, APPNOTE 6.3.10 §4.3.
const (
	sigLocal      = 0x04034b50 // §4.3.7
	sigDescriptor = 0x08074b50 // §4.3.9.3
	sigCentral    = 0x02014b50 // §4.3.12
	sigEnd64      = 0x06064b50 // §4.3.14
	sigLocator    = 0x07064b50 // §4.3.15
	sigEnd        = 0x06054b50 // §4.3.16

	sizeLocal   = 30
	sizeCentral = 46
	sizeEnd64   = 56
	sizeLocator = 20
	sizeEnd     = 22
)

// General purpose flags, §4.4.4.
const (
	flagEncrypted  = 1 << 0
	flagLevel      = 3 << 1 // how hard the compressor tried; says nothing to a reader
	flagDescriptor = 1 << 3
	flagPatch      = 1 << 5
	flagStrong     = 1 << 6
	flagUTF8       = 1 << 11
	flagMasked     = 1 << 13
)

// Compression methods that are read, §4.4.5.
const (
	Store   = 0
	Deflate = 8
)

// Versions needed to extract, §4.4.3.2.
const (
	versionStore   = 10
	versionDeflate = 20
	versionZIP64   = 45
)

const (
	max16 = 1<<16 - 1
	max32 = 1<<32 - 1
)

// fields reads little-endian numbers off the front of a record whose length was checked.
type fields []byte

func (f *fields) u16() uint16 {
	v := binary.LittleEndian.Uint16(*f)
	*f = (*f)[2:]
	return v
}

func (f *fields) u32() uint32 {
	v := binary.LittleEndian.Uint32(*f)
	*f = (*f)[4:]
	return v
}

func (f *fields) u64() uint64 {
	v := binary.LittleEndian.Uint64(*f)
	*f = (*f)[8:]
	return v
}

// header is what a local header and a directory record both state, §4.3.7 and §4.3.12.
type header struct {
	needed   uint16
	flags    uint16
	method   uint16
	time     uint32 // MS-DOS date in the upper half, time in the lower
	crc      uint32
	packed   uint64 // compressed size
	size     uint64
	nameLen  int
	extraLen int
}

// header reads the fields from "version needed" to "extra field length".
func (f *fields) header() header {
	h := header{needed: f.u16(), flags: f.u16(), method: f.u16()}
	h.time = uint32(f.u16())
	h.time |= uint32(f.u16()) << 16
	h.crc = f.u32()
	h.packed, h.size = uint64(f.u32()), uint64(f.u32())
	h.nameLen, h.extraLen = int(f.u16()), int(f.u16())
	return h
}
