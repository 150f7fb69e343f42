// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
)

// space names the UUIDs of this package: that of "https://hailbytes.com/ns/evidence" in
// the name space for URLs (RFC 9562 section 6.6).
var space = uuid{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}.of("https://hailbytes.com/ns/evidence")

type uuid [16]byte

// of returns the UUID version 5 of a name (RFC 9562 section 5.5). Parts are divided by NUL.
func (u uuid) of(parts ...string) uuid {
	h := sha1.New()
	h.Write(u[:])
	h.Write([]byte(strings.Join(parts, "\x00")))
	var out uuid
	copy(out[:], h.Sum(nil))
	out[6] = out[6]&0x0f | 0x50
	out[8] = out[8]&0x3f | 0x80
	return out
}

func (u uuid) String() string {
	text := hex.EncodeToString(u[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

func (u uuid) MarshalText() ([]byte, error) { return []byte(u.String()), nil }
