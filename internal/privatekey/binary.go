// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package privatekey

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// binaryKey judges the first bytes of a file.
func binaryKey(head []byte) string {
	switch {
	case isDER(head):
		return "DER"
	case isPKCS12(head):
		return "PKCS #12"
	case isPGP(head):
		return "PGP"
	case isJavaStore(head):
		return "a Java key store"
	}
	return ""
}

// base64Key looks for DER and the keys of minisign and signify in base64, at
// whose start the kind of content stands.
func base64Key(text []byte) string {
	for i, c := range text {
		if c != 'M' && c != 'R' || i > 0 && isBase64(text[i-1]) && text[i-1] != '=' {
			continue
		}
		run := window(text, i, 96)
		run = run[:runLength(run)]
		if len(run) < 60 {
			continue
		}
		switch head := decode(run); {
		case c == 'M' && (isDER(head) || isPKCS12(head)):
			return "DER in base64"
		case c == 'R' && isMinisign(head) && runLength(window(text, i, 256)) >= 128:
			return "a minisign or signify key"
		}
	}
	return ""
}

// isMinisign goes by algorithm, key derivation and checksum algorithm: "Ed",
// "Sc" or none, "B2" of minisign; "Ed", "BK" of signify.
func isMinisign(b []byte) bool {
	return bytes.HasPrefix(b, []byte("EdScB2")) || bytes.HasPrefix(b, []byte("Ed\x00\x00B2")) || bytes.HasPrefix(b, []byte("EdBK"))
}

// DER tags.
const (
	integer   = 0x02
	octets    = 0x04
	objectID  = 0x06
	sequence  = 0x30
	parameter = 0xa0
)

// element reads tag and length of the DER element at the start of b, and returns
// what is there of its content and of what follows it.
func element(b []byte) (tag byte, length int, content, rest []byte) {
	if len(b) < 2 {
		return 0, 0, nil, nil
	}
	tag, length, content = b[0], int(b[1]), b[2:]
	if n := int(b[1] & 0x7f); b[1] >= 0x80 {
		if n == 0 || n > 3 || len(content) < n {
			return 0, 0, nil, nil
		}
		length = 0
		for _, c := range content[:n] {
			length = length<<8 | int(c)
		}
		content = content[n:]
	}
	if length > len(content) {
		return tag, length, content, nil
	}
	return tag, length, content[:length], content[length:]
}

// isDER goes by the first elements of a private key: PKCS #8 (RFC 5958), PKCS #1
// (RFC 8017 A.1.2), SEC 1 (RFC 5915), DSA as OpenSSL writes it, and an encrypted
// PKCS #8 key (RFC 5958 §3). All but the last begin with a version, which public
// keys and certificates do not.
func isDER(b []byte) bool {
	tag, _, in, _ := element(b)
	if tag != sequence {
		return false
	}
	tag, length, version, rest := element(in)
	if tag == sequence {
		algorithm, _, id, _ := element(version)
		tag, _, _, _ = element(rest)
		return algorithm == objectID && isPBE(id) && (tag == octets || rest == nil)
	}
	if tag != integer || length != 1 || len(version) == 0 || version[0] > 1 {
		return false
	}
	tag, length, second, after := element(rest)
	switch tag {
	case sequence: // PKCS #8: the algorithm, then the key
		first, _, _, _ := element(second)
		tag, _, _, _ = element(after)
		return first == objectID && (tag == octets || after == nil)
	case octets: // SEC 1: the key, of a known size, then its curve or public key
		tag, _, _, _ = element(after)
		return length >= 20 && length <= 72 && (tag == parameter || tag == parameter+1 || len(after) == 0)
	case integer: // PKCS #1 and DSA: the modulus, then more integers
		tag, _, _, _ = element(after)
		return length >= 64 && (tag == integer || after == nil)
	}
	return false
}

// isPBE reports whether an algorithm encrypts with a password: PKCS #5 (1.2.840.113549.1.5)
// and PKCS #12 (1.2.840.113549.1.12.1).
func isPBE(id []byte) bool {
	return bytes.HasPrefix(id, []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x05")) || bytes.HasPrefix(id, []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"))
}

// isPKCS12 reports whether b begins a PKCS #12 store (RFC 7292 §4: version 3, then a PKCS #7
// content) that is not one of certificates alone. The bags of keys are named in
// clear text, those of certificates are often encrypted.
func isPKCS12(b []byte) bool {
	at := bytes.Index(b[:min(len(b), 16)], []byte("\x02\x01\x03\x30"))
	if len(b) == 0 || b[0] != sequence || at < 0 || !bytes.Contains(b[:min(len(b), 48)], []byte("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07")) {
		return false
	}
	bag := []byte("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01") // keyBag is 1, pkcs8ShroudedKeyBag 2
	return len(b) < 128 || bytes.Contains(b, append(slices.Clone(bag), 1)) || bytes.Contains(b, append(slices.Clone(bag), 2))
}

// isPGP reports whether b begins with a secret key packet (RFC 9580 §4.2, §5.5.3).
func isPGP(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	n := 0
	switch b[0] {
	case 0x94, 0x95, 0x96:
		n = 1 + 1<<(b[0]&3)
	case 0xc5:
		n = 2
		if b[1] >= 192 {
			n = 3
		}
		if b[1] == 255 {
			n = 6
		}
	default:
		return false
	}
	version, algorithm := b[n], b[n+5:]
	return version >= 3 && version <= 6 && len(algorithm) > 0 && (algorithm[0] <= 3 || algorithm[0] >= 16 && algorithm[0] <= 28)
}

// isJavaStore reports whether a Java key store (JKS, JCEKS) has an entry that is
// a key and not a trusted certificate.
func isJavaStore(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	if magic := binary.BigEndian.Uint32(b); magic != 0xfeedfeed && magic != 0xcececece {
		return false
	}
	entries := binary.BigEndian.Uint32(b[8:])
	b = b[12:]
	skip := func(size, n int) {
		if len(b) < size+n {
			b = nil
			return
		}
		b = b[size+n:]
	}
	for ; entries > 0 && len(b) >= 6; entries-- {
		if binary.BigEndian.Uint32(b) != 2 {
			return true
		}
		skip(6, int(binary.BigEndian.Uint16(b[4:]))) // alias
		skip(8, 0)                                   // time
		if len(b) < 2 {
			break
		}
		skip(2, int(binary.BigEndian.Uint16(b))) // type of the certificate
		if len(b) < 4 {
			break
		}
		skip(4, int(min(binary.BigEndian.Uint32(b), 1<<24)))
	}
	return false
}
