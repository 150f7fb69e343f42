// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package privatekey

import (
	"bytes"
	"regexp"
)

var (
	keyType = []byte("kty")
	secret  = regexp.MustCompile(`(?:^|[\s{,"'])(d|k|priv)["']?\s*:\s*["']?[A-Za-z0-9_-]{16,}`)
	typeIs  = regexp.MustCompile(`kty["']?\s*:\s*["']?([A-Za-z]+)`)
)

// jsonWebKey reports whether an object of JSON or YAML has a key type and a
// private member: RFC 7518 §6.2.2, §6.3.2, §6.4, RFC 8037 §2. Whatever holds the
// object does not matter.
func jsonWebKey(text []byte) bool {
	from := 0
	for at := range each(text, keyType) {
		if at < from {
			continue
		}
		object, end := enclosing(text, from, at)
		from = end
		kind := typeIs.FindSubmatch(object)
		if kind == nil {
			continue
		}
		for _, m := range secret.FindAllSubmatch(object, 8) {
			if member := string(m[1]); (member == "k") == (string(kind[1]) == "oct") {
				return true
			}
		}
	}
	return false
}

// enclosing returns the innermost object of JSON around a place, at most 32 KiB
// of it, or else, as in YAML, the lines around it that are indented like its own.
// It does not look before from, and returns where the object ends.
func enclosing(text []byte, from, at int) (object []byte, end int) {
	const reach = 16 << 10
	start, depth := at, 0
	for ; start > max(from, at-reach) && depth >= 0; start-- {
		switch text[start-1] {
		case '}':
			depth++
		case '{':
			depth--
		}
	}
	if depth >= 0 {
		return sameIndent(text, max(from, at-reach), at, min(at+reach, len(text)))
	}
	depth = 0
	for end = at; end < min(at+reach, len(text)) && depth >= 0; end++ {
		switch text[end] {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	return text[start:end], end
}

// sameIndent returns the lines around a place between from and to that begin in
// the same column as its own. A "- " in front counts as indentation.
func sameIndent(text []byte, from, at, to int) (block []byte, end int) {
	column := func(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " -\"'")) }
	start := from + bytes.LastIndexByte(text[from:at], '\n') + 1
	end = at
	if i := bytes.IndexByte(text[at:to], '\n'); i >= 0 {
		end = at + i + 1
	} else {
		end = to
	}
	want := column(text[start:end])
	for start > from {
		before := from + bytes.LastIndexByte(text[from:start-1], '\n') + 1
		if column(text[before:start]) != want {
			break
		}
		start = before
	}
	for end < to {
		next := to
		if i := bytes.IndexByte(text[end:to], '\n'); i >= 0 {
			next = end + i + 1
		}
		if column(text[end:next]) != want {
			break
		}
		end = next
	}
	return text[start:end], end
}
