// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Extra fields that are read: APPNOTE 6.3.10 §4.5.2 and Info-ZIP's extrafld.txt.
const (
	extraZIP64 = 0x0001 // §4.5.3
	extraNTFS  = 0x000a // times of NTFS, §4.5.5
	extraTime  = 0x5455 // times of Unix, "UT"
	extraOwner = 0x7875 // user and group of Unix, "ux"
	extraJAR   = 0xcafe // marks an executable JAR, empty
)

// extras is the content of an extra field, by kind; nil when absent.
type extras struct {
	zip64, ntfs, time, owner, jar []byte
}

func (x *extras) empty() bool {
	return x.zip64 == nil && x.ntfs == nil && x.time == nil && x.owner == nil && x.jar == nil
}

// parseExtra splits an extra field. Each kind may stand once and must have the
// shape that honest writers give it: room for anything else is room to hide a
// record in.
func parseExtra(b []byte, local bool) (x extras, err error) {
	for len(b) > 0 {
		if len(b) < 4 {
			return x, fmt.Errorf("%d bytes are left over at the end of the extra field", len(b))
		}
		id, n := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
		if n > len(b)-4 {
			return x, fmt.Errorf("extra field 0x%04x declares %d bytes, %d are left", id, n, len(b)-4)
		}
		data := b[4 : 4+n : 4+n]
		b = b[4+n:]
		var place *[]byte
		ok := true
		switch id {
		case extraZIP64:
			place = &x.zip64 // its shape depends on the header; see resolve64
		case extraNTFS:
			place, ok = &x.ntfs, n == 32 && string(data[:8]) == "\x00\x00\x00\x00\x01\x00\x18\x00"
		case extraTime:
			place, ok = &x.time, timeOK(data, local)
		case extraOwner:
			place, ok = &x.owner, ownerOK(data)
		case extraJAR:
			place, ok = &x.jar, n == 0
		default:
			return x, fmt.Errorf("extra field 0x%04x is not one that an honest writer adds", id)
		}
		if !ok {
			return x, fmt.Errorf("extra field 0x%04x is malformed", id)
		}
		if *place != nil {
			return x, fmt.Errorf("extra field 0x%04x stands there twice", id)
		}
		*place = data
	}
	return x, nil
}

// timeOK checks "UT": flags, then four bytes for each of modification, access
// and creation time that has its flag. The directory repeats the flags but
// holds the modification time only; some writers repeat all.
func timeOK(b []byte, local bool) bool {
	if len(b) == 0 || b[0]&^7 != 0 {
		return false
	}
	all := 1 + 4*bits.OnesCount8(b[0])
	return len(b) == all || !local && len(b) == 1+4*int(b[0]&1)
}

// ownerOK checks "ux": version 1, then user and group, each a length and a number.
func ownerOK(b []byte) bool {
	number := func(b []byte) (rest []byte, ok bool) {
		if len(b) == 0 || b[0] == 0 || b[0] > 8 || len(b) < 1+int(b[0]) {
			return nil, false
		}
		return b[1+b[0]:], true
	}
	if len(b) == 0 || b[0] != 1 {
		return false
	}
	b, ok := number(b[1:])
	if !ok {
		return false
	}
	b, ok = number(b)
	return ok && len(b) == 0
}

// agrees reports whether no time or owner is stated twice with two values.
func (x *extras) agrees(y *extras) bool {
	same := func(a, b []byte) bool { return a == nil || b == nil || bytes.Equal(a, b) }
	if !same(x.ntfs, y.ntfs) || !same(x.owner, y.owner) {
		return false
	}
	n := min(len(x.time), len(y.time)) // flags, then the times in one order
	return bytes.Equal(x.time[:n], y.time[:n])
}

// clone copies what points into a buffer that will be reused.
func (x *extras) clone() extras {
	return extras{bytes.Clone(x.zip64), bytes.Clone(x.ntfs), bytes.Clone(x.time), bytes.Clone(x.owner), bytes.Clone(x.jar)}
}
