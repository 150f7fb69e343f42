// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"unsafe"

	"github.com/HailBytes/evidence"
)

// budget is the memory that reading one document may still allocate. A
// component takes some 760 bytes whatever it says, and "{}," is three: without
// a budget, 30 MB of them would take 8 GB. What costs less than some 10 bytes for each
// byte of the document, such as an object that an element can have once, is not counted.
//
// The nil budget has no end.
type budget struct {
	left     int64
	all      int64
	text     int   // bytes of the document
	ratio    int64 // Limits.MemoryRatio
	exceeded func()
	read     func() int // bytes of the text so far, where its end is not known; else nil
}

// smallDocument is the memory that a document may take whatever its size, in bytes.
const smallDocument = 16 << 20

// mapEntryBytes is what one entry of a map of strings takes, with the room that growing leaves.
const mapEntryBytes = 64

// newBudget returns the budget of a document of text bytes.
func newBudget(text int, lim evidence.Limits) *budget {
	b := &budget{ratio: int64(lim.OrDefault().MemoryRatio)}
	b.refill(text)
	return b
}

// refill makes b the budget of a text of its own.
func (b *budget) refill(text int) {
	b.all, b.left = 0, 0
	b.extend(text)
}

// extend makes text the bytes that b is for, in place of those before.
func (b *budget) extend(text int) {
	b.text = text
	all := smallDocument + int64(text)*b.ratio
	b.left += all - b.all
	b.all = all
}

// spend takes n bytes, and reports whether they were there.
func (b *budget) spend(n int) bool {
	if b == nil {
		return true
	}
	b.left -= int64(n)
	if b.left < 0 && b.read != nil {
		b.extend(b.read())
	}
	if b.left >= 0 {
		return true
	}
	if b.exceeded != nil {
		b.exceeded()
	}
	return false
}

// spent reports whether more was asked for than there was.
func (b *budget) spent() bool { return b != nil && b.left < 0 }

// message says that the budget is spent.
func (b *budget) message() string {
	return fmt.Sprintf("%d bytes take more than %d bytes of memory when they are read", b.text, b.all)
}

func sizeOf[T any]() int {
	var v T
	return int(unsafe.Sizeof(v))
}

// extend makes room in a list that has none: for most elements in all, as far as
// the budget goes, and for one more in any case.
func extend[T any](b *budget, list []T, most int) []T {
	n := max(most, len(list)+1)
	if !b.spend(n * sizeOf[T]()) {
		n = len(list) + len(list)/8 + 1 // reading ends soon
	}
	grown := make([]T, len(list), n)
	copy(grown, list)
	return grown
}
