// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"cmp"
	"slices"
)

// readLocals reads the local header of every entry and checks that headers,
// data and descriptors tile the file from its first byte to the directory.
func (c *checker) readLocals(a *Archive, central []extras) {
	order := make([]int, len(a.entries))
	for i := range order {
		order[i] = i
	}
	byOffset := func(i, j int) int { return cmp.Compare(a.entries[i].Offset, a.entries[j].Offset) }
	if !slices.IsSortedFunc(order, byOffset) {
		slices.SortStableFunc(order, byOffset)
	}
	w := window{r: c.r, size: c.size}
	end := int64(0) // of the entry before
	for k, i := range order {
		e := &a.entries[i]
		switch {
		case e.Offset > end && k == 0:
			c.report(rulePrefix, e.Name, 0, "%d bytes stand before the first entry", e.Offset)
		case e.Offset > end:
			c.report(ruleGap, e.Name, end, "%d bytes before the entry belong to no record", e.Offset-end)
		case e.Offset < end:
			c.report(ruleOverlap, e.Name, e.Offset, "the entry starts at offset %d, inside one that ends at %d", e.Offset, end)
		}
		next := a.directory
		if k+1 < len(order) {
			next = a.entries[order[k+1]].Offset
		}
		end = max(end, c.readLocal(e, &central[i], &w, next))
		if c.stop() {
			return
		}
	}
	switch {
	case end < a.directory && len(order) == 0:
		c.report(rulePrefix, "", 0, "%d bytes stand before the directory of an empty archive", a.directory)
	case end < a.directory:
		c.report(ruleGap, "", end, "%d bytes before the directory belong to no record", a.directory-end)
	case end > a.directory:
		c.report(ruleOverlap, a.entries[order[len(order)-1]].Name, a.directory, "the data of the entry ends at offset %d, inside the directory", end)
	}
}

// readLocal compares the local header of e with the directory and returns the
// offset at which the entry ends; next is where the record after it starts.
func (c *checker) readLocal(e *Entry, central *extras, w *window, next int64) int64 {
	if c.size-e.Offset < sizeLocal {
		c.report(ruleLocal, e.Name, e.Offset, "there is no local header at offset %d", e.Offset)
		return e.Offset
	}
	b, err := w.get(e.Offset, sizeLocal)
	if c.fail(err) {
		return e.Offset
	}
	f := fields(b)
	if sig := f.u32(); sig != sigLocal {
		c.report(ruleLocal, e.Name, e.Offset, "the local header starts with 0x%08x, not with its signature", sig)
		return e.Offset
	}
	h := f.header()
	size := sizeLocal + h.nameLen + h.extraLen
	if c.size-e.Offset < int64(size) {
		c.report(ruleLocal, e.Name, e.Offset, "the local header of %d bytes runs past the end of the file", size)
		return e.Offset
	}
	if b, err = w.get(e.Offset, size); c.fail(err) {
		return e.Offset
	}
	if name := b[sizeLocal:][:h.nameLen]; string(name) != e.Name {
		c.report(ruleNameMismatch, e.Name, e.Offset, "the local header has the name %s", quoteBytes(name))
	}
	local, err := parseExtra(b[sizeLocal+h.nameLen:], true)
	if err != nil {
		c.report(ruleExtra, e.Name, e.Offset, "local header: %v", err)
	} else if !local.agrees(central) {
		c.report(ruleExtra, e.Name, e.Offset, "the extra fields of the local header and the directory state different times or owners")
	}
	c.compare(e, &h, &local)
	e.extra = e.extra || h.extraLen > 0
	e.zip64 = e.zip64 || local.zip64 != nil
	e.data = e.Offset + int64(size)
	end := e.data + e.CompressedSize
	if e.flags&flagDescriptor != 0 && e.Method != Store && end <= next {
		end = c.readDescriptor(e, w, end, next, local.zip64 != nil)
	}
	return end
}

// compare reports the facts that local header and directory state differently.
// With a data descriptor the local header may leave CRC and sizes zero, §4.4.4.
func (c *checker) compare(e *Entry, h *header, local *extras) {
	if !local64(h, local.zip64) {
		c.report(ruleZIP64, e.Name, e.Offset, "the ZIP64 extra field of the local header does not hold just the two sizes that the header leaves to it")
		return
	}
	differ := func(r rule, what string, got, want uint64) {
		c.report(r, e.Name, e.Offset, "the local header has %s %d, the directory %d", what, got, want)
	}
	if h.method != e.Method {
		differ(ruleMethodMismatch, "method", uint64(h.method), uint64(e.Method))
	}
	if h.flags != e.flags {
		differ(ruleFlagsMismatch, "flags", uint64(h.flags), uint64(e.flags))
	}
	if h.time != e.time {
		differ(ruleTimeMismatch, "time", uint64(h.time), uint64(e.time))
	}
	// Some writers ask for 4.5 only in the header that has the ZIP64 field.
	if h.needed != e.needed && !(h.needed == versionZIP64 && local.zip64 != nil && e.needed < versionZIP64) &&
		!(e.needed == versionZIP64 && e.zip64 && h.needed < versionZIP64) {
		differ(ruleVersionMismatch, "version needed", uint64(h.needed), uint64(e.needed))
	}
	deferred := e.flags&flagDescriptor != 0
	if h.crc != e.CRC32 && !(deferred && h.crc == 0) {
		differ(ruleCRCMismatch, "CRC-32", uint64(h.crc), uint64(e.CRC32))
	}
	if h.packed != uint64(e.CompressedSize) && !(deferred && h.packed == 0) {
		differ(ruleSizeMismatch, "compressed size", h.packed, uint64(e.CompressedSize))
	}
	if h.size != uint64(e.Size) && !(deferred && h.size == 0) {
		differ(ruleSizeMismatch, "size", h.size, uint64(e.Size))
	}
}

// local64 puts the sizes of the ZIP64 extra field in place: in a local header
// both or none, §4.5.3.
func local64(h *header, z []byte) bool {
	if z == nil {
		return true // all ones without the field: 4 GiB - 1, which compare judges
	}
	if h.size != max32 || h.packed != max32 || len(z) != 16 {
		return false
	}
	f := fields(z)
	h.size, h.packed = f.u64(), f.u64()
	return true
}

// readDescriptor checks the data descriptor that fills the bytes from end to
// next, §4.3.9, and returns next. It has a signature or none, and sizes of
// eight bytes if and only if the local header has a ZIP64 field or a size needs it.
func (c *checker) readDescriptor(e *Entry, w *window, end, next int64, zip64 bool) int64 {
	n := next - end
	signed := n == 16 || n == 24
	wide := n == 20 || n == 24
	if !signed && !wide && n != 12 || wide != (zip64 || max(e.Size, e.CompressedSize) >= max32) {
		c.report(ruleDescriptor, e.Name, end, "%d bytes follow the data; they are not a data descriptor", n)
		return next
	}
	b, err := w.get(end, int(n))
	if c.fail(err) {
		return next
	}
	f := fields(b)
	ok := !signed || f.u32() == sigDescriptor
	ok = f.u32() == e.CRC32 && ok
	if wide {
		ok = f.u64() == uint64(e.CompressedSize) && f.u64() == uint64(e.Size) && ok
	} else {
		ok = uint64(f.u32()) == uint64(e.CompressedSize) && uint64(f.u32()) == uint64(e.Size) && ok
	}
	if !ok {
		c.report(ruleDescriptor, e.Name, end, "the data descriptor differs from the directory")
	}
	return next
}
