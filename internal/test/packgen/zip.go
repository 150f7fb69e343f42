// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package packgen makes archives for tests: good ones as several tools write
// them, bad ones that break one rule each, and large ones for benchmarks. It
// writes every record itself, so that every field can lie, and shares no code
// with the reader that it tests.
//
// [Cases] are the archives published under testdata/vectors.
package packgen

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
)

// Record is a local header or a directory record, APPNOTE 6.3.10 §4.3.7 and
// §4.3.12. Fields that only a directory record has are ignored in a local header.
type Record struct {
	Sig        uint32
	MadeBy     uint16
	Needed     uint16
	Flags      uint16
	Method     uint16
	Time, Date uint16
	CRC        uint32
	Packed     uint32
	Size       uint32
	Name       string
	Extra      string
	Comment    string
	Disk       uint16
	Internal   uint16
	External   uint32
	Offset     uint32 // set by Layout

	NameLen, ExtraLen, CommentLen int // added to the lengths as they are
}

// Entry is one entry: header, data, descriptor and what follows without a record.
type Entry struct {
	Content    string // what the manifest says of it; not written
	Local      Record
	Data       []byte
	Descriptor []byte
	After      []byte
	Central    Record
	NoLocal    bool // no local header and no data: the directory record points elsewhere
	NoCentral  bool // not in the directory
}

// End is the end record, §4.3.16.
type End struct {
	Sig                      uint32
	Disk, DirDisk, Here, All uint16
	DirSize, DirOffset       uint32
	Comment                  string
	CommentLen               int // added to the length as it is
}

// End64 is the ZIP64 end record and its locator, §4.3.14 and §4.3.15.
type End64 struct {
	Sig                uint32
	Size               uint64
	MadeBy, Needed     uint16
	Disk, DirDisk      uint32
	Here, All          uint64
	DirSize, DirOffset uint64
	Extensible         []byte

	LocatorSig    uint32
	LocatorDisk   uint32
	LocatorOffset uint64
	LocatorDisks  uint32
	NoRecord      bool
	NoLocator     bool
}

// Zip is an archive in parts. Layout computes what depends on positions; until
// then shapes can change, after it facts can lie.
type Zip struct {
	Prefix    []byte
	Entries   []*Entry
	DirOrder  []int // of the directory records; nil means that of Entries
	BeforeDir []byte
	Dir       []byte // appended to the directory and counted in its size
	AfterDir  []byte
	End64     *End64
	End       End
	Suffix    []byte
}

// Headers of the writer that packs are made with.
const (
	madeBy   = 3<<8 | 20
	external = 0o100644 << 16
	dosDate  = (2026-1980)<<9 | 11<<5 | 22
	dosTime  = 21<<11 | 30<<5 | 3
)

// Deflated returns an entry as the module's own writer makes it.
func Deflated(name, content string) *Entry { return entry(name, content, 8, deflate(content)) }

// Stored returns an entry without compression.
func Stored(name, content string) *Entry { return entry(name, content, 0, []byte(content)) }

func entry(name, content string, method uint16, data []byte) *Entry {
	r := Record{
		Needed: 20, Method: method, Time: dosTime, Date: dosDate, CRC: crc32.ChecksumIEEE([]byte(content)),
		Packed: uint32(len(data)), Size: uint32(len(content)), Name: name,
	}
	for i := range len(name) {
		if name[i] >= 0x80 {
			r.Flags = 1 << 11
		}
	}
	local, central := r, r
	local.Sig, central.Sig = 0x04034b50, 0x02014b50
	central.MadeBy, central.External = madeBy, external
	return &Entry{Content: content, Local: local, Data: data, Central: central}
}

// Dir returns a directory entry; name ends with a slash.
func Dir(name string) *Entry {
	e := Stored(name, "")
	e.Central.External = 0o40755<<16 | 0x10
	return e
}

// Both applies f to the local header and the directory record.
func (e *Entry) Both(f func(r *Record)) *Entry {
	f(&e.Local)
	f(&e.Central)
	return e
}

// Stream turns e into what a writer makes that cannot seek: CRC and sizes
// follow the data, in a descriptor with or without a signature.
func (e *Entry) Stream(signature bool) *Entry {
	e.Both(func(r *Record) { r.Flags |= 1 << 3 })
	e.Local.CRC, e.Local.Packed, e.Local.Size = 0, 0, 0
	var b []byte
	if signature {
		b = le.AppendUint32(b, 0x08074b50)
	}
	b = le.AppendUint32(b, e.Central.CRC)
	b = le.AppendUint32(b, e.Central.Packed)
	e.Descriptor = le.AppendUint32(b, e.Central.Size)
	return e
}

// Wide moves the sizes of the local header into a ZIP64 extra field.
func (e *Entry) Wide() *Entry {
	e.Both(func(r *Record) { r.Needed = 45 })
	e.Local.Extra += Extra(0x0001, u64s(uint64(e.Local.Size), uint64(e.Local.Packed)))
	e.Local.Size, e.Local.Packed = 1<<32-1, 1<<32-1
	return e
}

// WideDir moves the sizes of the directory record into a ZIP64 extra field.
func (e *Entry) WideDir() *Entry {
	e.Central.Extra += Extra(0x0001, u64s(uint64(e.Central.Size), uint64(e.Central.Packed)))
	e.Central.Size, e.Central.Packed = 1<<32-1, 1<<32-1
	return e
}

// Extra returns one extra field.
func Extra(id uint16, data string) string {
	b := le.AppendUint16(nil, id)
	b = le.AppendUint16(b, uint16(len(data)))
	return string(b) + data
}

func u64s(vs ...uint64) string {
	var b []byte
	for _, v := range vs {
		b = le.AppendUint64(b, v)
	}
	return string(b)
}

func deflate(content string) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		panic(err) // the level is a constant
	}
	w.Write([]byte(content)) // to memory
	w.Close()
	return b.Bytes()
}

var le = binary.LittleEndian

// New returns an archive of these entries, laid out.
func New(entries ...*Entry) *Zip {
	z := &Zip{Entries: entries, End: End{Sig: 0x06054b50}}
	z.Layout()
	return z
}

// Add64 adds the ZIP64 end records, which repeat the end record.
func (z *Zip) Add64() *Zip {
	z.End64 = &End64{Sig: 0x06064b50, Size: 44, MadeBy: madeBy, Needed: 45, LocatorSig: 0x07064b50, LocatorDisks: 1}
	z.Layout()
	return z
}

// Mask leaves all numbers of the end record to the ZIP64 end record.
func (z *Zip) Mask() *Zip {
	z.End.Here, z.End.All, z.End.DirSize, z.End.DirOffset = 1<<16-1, 1<<16-1, 1<<32-1, 1<<32-1
	return z
}

// Layout sets every offset, count and size to what is true.
func (z *Zip) Layout() {
	at := len(z.Prefix)
	dir, n := len(z.Dir), 0
	for _, e := range z.Entries {
		if !e.NoLocal {
			e.Central.Offset = uint32(at)
			at += 30 + len(e.Local.Name) + len(e.Local.Extra) + len(e.Data) + len(e.Descriptor) + len(e.After)
		}
		if !e.NoCentral {
			dir += 46 + len(e.Central.Name) + len(e.Central.Extra) + len(e.Central.Comment)
			n++
		}
	}
	at += len(z.BeforeDir)
	z.End.Here, z.End.All = uint16(n), uint16(n)
	z.End.DirSize, z.End.DirOffset = uint32(dir), uint32(at)
	if r := z.End64; r != nil {
		r.Here, r.All, r.DirSize, r.DirOffset = uint64(n), uint64(n), uint64(dir), uint64(at)
		r.LocatorOffset = uint64(at + dir + len(z.AfterDir))
	}
}

// Bytes returns the archive as its parts say.
func (z *Zip) Bytes() []byte {
	b := bytes.Clone(z.Prefix)
	for _, e := range z.Entries {
		if !e.NoLocal {
			b = e.Local.local(b)
			b = append(b, e.Data...)
			b = append(b, e.Descriptor...)
			b = append(b, e.After...)
		}
	}
	b = append(b, z.BeforeDir...)
	for i := range z.Entries {
		if z.DirOrder != nil {
			i = z.DirOrder[i]
		}
		if e := z.Entries[i]; !e.NoCentral {
			b = e.Central.central(b)
		}
	}
	b = append(b, z.Dir...)
	b = append(b, z.AfterDir...)
	if z.End64 != nil {
		b = z.End64.bytes(b)
	}
	b = z.End.bytes(b)
	return append(b, z.Suffix...)
}

func (r *Record) common(b []byte) []byte {
	for _, v := range []uint16{r.Needed, r.Flags, r.Method, r.Time, r.Date} {
		b = le.AppendUint16(b, v)
	}
	for _, v := range []uint32{r.CRC, r.Packed, r.Size} {
		b = le.AppendUint32(b, v)
	}
	b = le.AppendUint16(b, uint16(len(r.Name)+r.NameLen))
	return le.AppendUint16(b, uint16(len(r.Extra)+r.ExtraLen))
}

func (r *Record) local(b []byte) []byte {
	b = r.common(le.AppendUint32(b, r.Sig))
	b = append(b, r.Name...)
	return append(b, r.Extra...)
}

func (r *Record) central(b []byte) []byte {
	b = le.AppendUint32(b, r.Sig)
	b = r.common(le.AppendUint16(b, r.MadeBy))
	b = le.AppendUint16(b, uint16(len(r.Comment)+r.CommentLen))
	b = le.AppendUint16(b, r.Disk)
	b = le.AppendUint16(b, r.Internal)
	b = le.AppendUint32(b, r.External)
	b = le.AppendUint32(b, r.Offset)
	b = append(b, r.Name...)
	b = append(b, r.Extra...)
	return append(b, r.Comment...)
}

func (r *End64) bytes(b []byte) []byte {
	if !r.NoRecord {
		b = le.AppendUint32(b, r.Sig)
		b = le.AppendUint64(b, r.Size)
		b = le.AppendUint16(b, r.MadeBy)
		b = le.AppendUint16(b, r.Needed)
		b = le.AppendUint32(b, r.Disk)
		b = le.AppendUint32(b, r.DirDisk)
		b = append(b, u64s(r.Here, r.All, r.DirSize, r.DirOffset)...)
		b = append(b, r.Extensible...)
	}
	if !r.NoLocator {
		b = le.AppendUint32(b, r.LocatorSig)
		b = le.AppendUint32(b, r.LocatorDisk)
		b = le.AppendUint64(b, r.LocatorOffset)
		b = le.AppendUint32(b, r.LocatorDisks)
	}
	return b
}

func (r *End) bytes(b []byte) []byte {
	b = le.AppendUint32(b, r.Sig)
	for _, v := range []uint16{r.Disk, r.DirDisk, r.Here, r.All} {
		b = le.AppendUint16(b, v)
	}
	b = le.AppendUint32(b, r.DirSize)
	b = le.AppendUint32(b, r.DirOffset)
	b = le.AppendUint16(b, uint16(len(r.Comment)+r.CommentLen))
	return append(b, r.Comment...)
}
