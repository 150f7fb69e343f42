// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package privatekey finds private keys in files that are about to be published.
//
// It knows PEM and armoured keys (PKCS#1, PKCS#8, SEC 1, OpenSSH, PGP, cosign),
// in plain text, in strings of JSON, YAML and XML, in UTF-16 and in base64; DER,
// in a file of its own or in base64; PKCS#12 and Java key stores; binary PGP; JSON
// Web Keys; keys of PuTTY, age, minisign, signify, WireGuard and .NET. A text
// that speaks of keys, a masked or shortened key, a public key and a certificate
// are none.
package privatekey

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
)

// Scanner is a writer that looks for a private key in all that is written to it.
// Its memory is bounded whatever the length. The zero Scanner is ready.
type Scanner struct {
	head  []byte // the first bytes as they are, for binary forms
	text  []byte // what is to be searched, in plain form
	esc   []byte // an escape that the next bytes continue
	found string
}

const (
	headBytes = 64 << 10
	keep      = 64 << 10  // of the text, searched once more with what follows: a key is shorter
	atOnce    = 512 << 10 // of the text, searched at once
)

// Write never fails.
func (s *Scanner) Write(p []byte) (int, error) {
	if s.found != "" {
		return len(p), nil
	}
	if room := headBytes - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	for rest := p; len(rest) > 0 && s.found == ""; {
		n := min(len(rest), atOnce)
		s.plain(rest[:n])
		rest = rest[n:]
		if len(s.text) >= keep+atOnce {
			s.found = search(s.text, false)
			s.text = append(s.text[:0], s.text[len(s.text)-keep:]...)
		}
	}
	return len(p), nil
}

// Found ends the search and says what was found, "PEM" or "a JSON Web Key"; it
// returns "" where there is no private key.
func (s *Scanner) Found() string {
	if s.found == "" {
		s.found = binaryKey(s.head)
	}
	if s.found == "" {
		s.text = append(s.text, s.esc...)
		s.esc = nil
		s.found = search(s.text, false)
	}
	return s.found
}

// plain appends p to the text without what stands between the characters of a
// key in other encodings: the zero bytes of UTF-16 and the escapes of JSON
// strings, also of those within others.
func (s *Scanner) plain(p []byte) {
	if len(s.esc) > 0 {
		p = append(s.esc, p...)
		s.esc = nil
	}
	for len(p) > 0 {
		n := bytes.IndexByte(p, '\\')
		if n < 0 {
			n = len(p)
		}
		s.text = appendNonZero(s.text, p[:n])
		if p = p[n:]; len(p) == 0 {
			return
		}
		c, n := unescape(p)
		if n == 0 { // goes on in the next bytes
			s.esc = bytes.Clone(p)
			return
		}
		s.text = append(s.text, c)
		p = p[n:]
	}
}

func appendNonZero(text, p []byte) []byte {
	for {
		n := bytes.IndexByte(p, 0)
		if n < 0 {
			return append(text, p...)
		}
		text, p = append(text, p[:n]...), p[n+1:]
	}
}

// unescape reads an escape at the start of p and returns the character that it
// stands for and the length, zero if p ends within it. Zero bytes within it are
// those of UTF-16; repeated backslashes are escapes within escapes.
func unescape(p []byte) (c byte, n int) {
	const longest = 64
	p = p[:min(len(p), longest)]
	next := func() (c byte, ok bool) {
		for c == 0 && n < len(p) {
			c = p[n]
			n++
		}
		return c, c != 0
	}
	unfinished := func() (byte, int) {
		if len(p) == longest {
			return ' ', longest
		}
		return 0, 0
	}
	c = '\\'
	for ok := true; c == '\\'; {
		if c, ok = next(); !ok {
			return unfinished()
		}
	}
	switch c {
	case 'n', 'r', 't':
		return '\n', n
	case 'u':
	default:
		return c, n // the escaped character itself
	}
	value := 0
	for range 4 {
		d, ok := next()
		if !ok {
			return unfinished()
		}
		digit := strings.IndexByte("0123456789abcdef", d)
		if d >= 'A' && d <= 'F' {
			digit = int(d-'A') + 10
		}
		if digit < 0 {
			return ' ', n - 1
		}
		value = value<<4 | digit
	}
	if value == 0 || value > 0x7e {
		return ' ', n
	}
	return byte(value), n
}

// search returns what kind of key text holds, "" for none. It looks into base64
// that holds a key in text form, but not where text is decoded itself.
func search(text []byte, inner bool) string {
	for _, form := range []struct {
		name   string
		needle []byte
		is     func(text []byte, at int) bool
	}{
		{"PEM", []byte("PRIVATE KEY"), isPEM},
		{"an age identity", []byte("AGE-SECRET-KEY-"), isAge},
		{"a PuTTY key", []byte("Private-Lines:"), isPuTTY},
		{"a WireGuard key", []byte("PrivateKey"), func(text []byte, at int) bool { return wireGuard.Match(window(text, at, 80)) }},
		{"a .NET key", []byte("<D>"), func(text []byte, at int) bool { return dotNet.Match(window(text, at, 4096)) }},
	} {
		for at := range each(text, form.needle) {
			if form.is(text, at) {
				return form.name
			}
		}
	}
	if jsonWebKey(text) {
		return "a JSON Web Key"
	}
	if found := base64Key(text); found != "" {
		return found
	}
	for _, needle := range wrapped {
		if inner {
			break
		}
		done := 0
		for at := range each(text, needle.text) {
			if at < done {
				continue // was in what is decoded already
			}
			var plain []byte
			plain, done = unwrap(text, at, needle.before)
			if found := search(plain, true); found != "" {
				return found + " in base64"
			}
		}
	}
	return ""
}

// each yields the places of needle in text.
func each(text, needle []byte) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for from := 0; ; {
			i := bytes.Index(text[from:], needle)
			if i < 0 || !yield(from+i) {
				return
			}
			from += i + len(needle)
		}
	}
}

func window(text []byte, at, n int) []byte { return text[at:min(at+n, len(text))] }

var (
	wireGuard = regexp.MustCompile(`^PrivateKey["']?\s*[=:]\s*["']?[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=`)
	dotNet    = regexp.MustCompile(`^<D>[A-Za-z0-9+/=\s]{40,}</D>`)
	age       = regexp.MustCompile(`^AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{58}`)
	pemLine   = regexp.MustCompile(`^PRIVATE KEY(?: BLOCK)? ?----`)
	lines     = regexp.MustCompile(`^Private-Lines:\s*[0-9]`)
)

func isAge(text []byte, at int) bool { return age.Match(window(text, at, 100)) }

// isPEM looks for the line that begins a PEM block, and for the key behind it.
func isPEM(text []byte, at int) bool {
	return bytes.Contains(text[max(at-48, 0):at], []byte("BEGIN ")) && pemLine.Match(window(text, at, 40)) && hasBody(text[at+len("PRIVATE KEY"):])
}

func isPuTTY(text []byte, at int) bool {
	return lines.Match(window(text, at, 32)) && keyRun(window(text, at+len("Private-Lines:"), 512), 40) >= 0
}

// hasBody reports whether base64 of a key follows, before the line that ends it.
// The headers of PEM and PGP may stand before it.
func hasBody(text []byte) bool {
	text = bytes.TrimLeft(text[:min(len(text), 4096)], " BLOCK-")
	if end := bytes.Index(text, []byte("----")); end >= 0 {
		ended := bytes.HasPrefix(bytes.TrimLeft(text[end:], "-"), []byte("END "))
		text = text[:end]
		if ended && onlyBase64(text) {
			return true
		}
	}
	from := keyRun(text, 40)
	if from < 0 || from > 1024 {
		return false
	}
	total := 0
	for len(text) > from && total < 60 {
		n := runLength(text[from:])
		if n >= 4 {
			total += n
		}
		from += max(n, 1)
	}
	return total >= 60 // a shortened example has less than the shortest key
}

// onlyBase64 reports whether text is base64 of whatever length, and no mask of
// one letter again and again.
func onlyBase64(text []byte) bool {
	text = bytes.Join(bytes.Fields(text), nil)
	return len(text) >= 4 && len(text)%4 == 0 && runLength(text) == len(text) && bytes.Count(text, text[:1]) < len(text)
}

// keyRun returns where base64 of at least n characters begins that looks like
// bytes of a key: not one letter again and again, nor hexadecimal; -1 for none.
func keyRun(text []byte, n int) int {
	for i := 0; i < len(text); {
		length := runLength(text[i:])
		if length >= n && mixed(text[i:i+length]) {
			return i
		}
		i += length + 1
	}
	return -1
}

func runLength(text []byte) int {
	for i, c := range text {
		if !isBase64(c) {
			return i
		}
	}
	return len(text)
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '='
}

func mixed(run []byte) bool {
	var upper, lower, digit bool
	for _, c := range run {
		upper, lower, digit = upper || c >= 'A' && c <= 'Z', lower || c >= 'a' && c <= 'z', digit || c >= '0' && c <= '9'
	}
	return upper && lower && digit
}

// wrapped is "PRIVATE KEY-----" in base64, at each of the three offsets that it
// can have there: the characters that do not depend on what stands around it.
var wrapped = func() (all [3]struct {
	text   []byte
	before int // characters of the group in which it begins that stand before it
}) {
	for offset := range all {
		text := base64.StdEncoding.EncodeToString([]byte("..."[:offset] + "PRIVATE KEY---"))
		first := (offset*8 + 5) / 6
		last := (offset + len("PRIVATE KEY---")) * 8 / 6
		all[offset].text, all[offset].before = []byte(text[first:last]), first
	}
	return all
}()

// unwrap decodes the base64 around a place of which the group begins so many
// characters before it: a little before, and as much as a key can take. A needle
// before done needs no decoding of its own.
func unwrap(text []byte, at, before int) (plain []byte, done int) {
	const most, key = 16 << 10, 4 << 10
	start := at - before
	if start < 0 {
		return nil, 0
	}
	for at-start < 120 {
		line := len(bytes.TrimRight(text[:start], "\r\n")) // base64 is often broken into lines, of whole groups
		if line < 4 || runLength(text[line-4:line]) < 4 {
			break
		}
		start = line - 4
	}
	coded := make([]byte, 0, most)
	for i, c := range window(text, start, most) {
		switch {
		case isBase64(c) && c != '=':
			coded = append(coded, c)
		case c == '\n' || c == '\r' || c == ' ' || c == '\t':
		default:
			return decode(coded), start + i
		}
	}
	return decode(coded), start + most - key
}

func decode(text []byte) []byte {
	text = text[:len(text)&^3]
	out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, _ := base64.StdEncoding.Decode(out, text)
	return out[:n]
}
