// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// Algorithm is the name of a hash function, as it stands before the colon of a digest.
type Algorithm string

// The algorithms that are understood: those of the OCI image specification,
// "Registered algorithms". Files of a pack are always SHA256.
const (
	SHA256 Algorithm = "sha256"
	SHA384 Algorithm = "sha384"
	SHA512 Algorithm = "sha512"
)

// algorithms holds the known ones; a Digest keeps an index into it plus one.
var algorithms = [...]struct {
	name Algorithm
	size int
	new  func() hash.Hash
}{
	{SHA256, sha256.Size, sha256.New},
	{SHA384, sha512.Size384, sha512.New384},
	{SHA512, sha512.Size, sha512.New},
}

func (a Algorithm) index() int {
	for i := range algorithms {
		if algorithms[i].name == a {
			return i
		}
	}
	return -1
}

// Size returns the length of a digest in bytes, 0 for an algorithm that is not understood.
func (a Algorithm) Size() int {
	if i := a.index(); i >= 0 {
		return algorithms[i].size
	}
	return 0
}

// New returns a new hash, nil for an algorithm that is not understood.
func (a Algorithm) New() hash.Hash {
	if i := a.index(); i >= 0 {
		return algorithms[i].new()
	}
	return nil
}

// Digest is the value of one hash function. Digests are equal with == exactly
// if algorithm and value are, so they serve as map keys. The zero Digest is
// invalid: it is what an absent digest is, and equals nothing that was computed.
//
// Its text form is "sha256:" and lower-case hexadecimal digits.
type Digest struct {
	alg uint8 // index in algorithms plus one
	sum [sha512.Size]byte
}

// Sum256 returns the SHA-256 digest of data.
func Sum256(data []byte) Digest {
	d := Digest{alg: 1}
	sum := sha256.Sum256(data)
	copy(d.sum[:], sum[:])
	return d
}

// NewDigest returns the digest whose value is sum, as hash.Hash.Sum returns it.
// The error is for an algorithm that is not understood, or a sum that is not of its size.
func NewDigest(a Algorithm, sum []byte) (Digest, error) {
	i := a.index()
	if i < 0 {
		return Digest{}, badAlgorithm(string(a))
	}
	if len(sum) != algorithms[i].size {
		return Digest{}, digestProblem(ErrFormat, "%s value of %d bytes, want %d", a, len(sum), algorithms[i].size)
	}
	d := Digest{alg: uint8(i + 1)}
	copy(d.sum[:], sum)
	return d, nil
}

// ParseDigest parses "algorithm:hex". The error is a *Problem that says what is
// wrong: of class ErrUnsupported for another algorithm, else ErrFormat.
func ParseDigest(s string) (Digest, error) {
	name, digits, found := strings.Cut(s, ":")
	if !found {
		for i := range algorithms {
			if len(s) == 2*algorithms[i].size && isHex(s) {
				return Digest{}, digestProblem(ErrFormat, "digest %s has no algorithm, want %q before it", textfmt.Quote(s), algorithms[i].name+":")
			}
		}
		return Digest{}, digestProblem(ErrFormat, "digest %s is not of the form algorithm:hex", textfmt.Quote(s))
	}
	return parseHex(Algorithm(name), digits)
}

// ParseSHA256 parses the 64 lower-case hexadecimal digits that sha256sum prints.
// The error is a *Problem of class ErrFormat.
func ParseSHA256[T string | []byte](s T) (Digest, error) {
	return parseHex(SHA256, s)
}

func parseHex[T string | []byte](a Algorithm, digits T) (Digest, error) {
	i := a.index()
	if i < 0 {
		return Digest{}, badAlgorithm(string(a))
	}
	d := Digest{alg: uint8(i + 1)}
	if len(digits) == 2*algorithms[i].size {
		bad := byte(0)
		for j := 0; j < len(digits); j += 2 {
			high, low := hexValue[digits[j]], hexValue[digits[j+1]]
			d.sum[j/2] = high<<4 | low
			bad |= high | low
		}
		if bad != notHex {
			return d, nil
		}
	}
	return Digest{}, badHex(a, string(digits))
}

// badHex says what is wrong with the digits of a digest.
func badHex(a Algorithm, digits string) error {
	if strings.HasPrefix(digits, string(a)+":") {
		return digestProblem(ErrFormat, "%s digest stands here without its algorithm", a)
	}
	for j := range len(digits) {
		c := digits[j]
		if 'A' <= c && c <= 'F' {
			return digestProblem(ErrFormat, "%s digest has the upper-case digit %q, want lower case", a, rune(c))
		}
		if hexValue[c] == notHex {
			return digestProblem(ErrFormat, "%s digest %s has %s at %d, want hexadecimal digits", a, textfmt.Quote(digits), textfmt.Quote(digits[j:j+1]), j+1)
		}
	}
	return digestProblem(ErrFormat, "%s digest has %d digits, want %d", a, len(digits), 2*a.Size())
}

// notHex has a bit that no digit has, and every bit: once in a sum of digits, it stays.
const notHex = 0xff

// hexValue holds the values of the lower-case digits.
var hexValue = func() (values [256]byte) {
	for c := range values {
		values[c] = notHex
	}
	for value, c := range "0123456789abcdef" {
		values[c] = byte(value)
	}
	return values
}()

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

func digestProblem(class error, format string, args ...any) error {
	return &Problem{Code: "digest", Severity: SeverityError, Message: fmt.Sprintf(format, args...), Err: class}
}

func badAlgorithm(name string) error {
	if slices.Contains([]string{"md5", "sha1", "sha-1"}, strings.ToLower(name)) {
		return digestProblem(ErrUnsupported, "digest algorithm %s is broken, want %s", name, SHA256)
	}
	if known := Algorithm(strings.ReplaceAll(strings.ToLower(name), "-", "")); known.index() >= 0 {
		return digestProblem(ErrFormat, "digest algorithm %s is spelled %s", textfmt.Quote(name), known)
	}
	return digestProblem(ErrUnsupported, "digest algorithm %s is not known, want %s, %s or %s", textfmt.Quote(name), SHA256, SHA384, SHA512)
}

// IsZero reports whether d is the zero Digest, which is no digest.
func (d Digest) IsZero() bool { return d.alg == 0 }

// Algorithm returns the hash function, "" for the zero Digest.
func (d Digest) Algorithm() Algorithm {
	if d.alg == 0 {
		return ""
	}
	return algorithms[d.alg-1].name
}

// Bytes returns the value, nil for the zero Digest.
func (d Digest) Bytes() []byte {
	if d.alg == 0 {
		return nil
	}
	return slices.Clone(d.sum[:algorithms[d.alg-1].size])
}

// Hex returns the value in lower-case hexadecimal digits, "" for the zero Digest.
func (d Digest) Hex() string { return string(d.AppendHex(nil)) }

// AppendHex appends what Hex returns.
func (d Digest) AppendHex(b []byte) []byte {
	if d.alg == 0 {
		return b
	}
	return hex.AppendEncode(b, d.sum[:algorithms[d.alg-1].size])
}

// String returns "algorithm:hex", "" for the zero Digest.
func (d Digest) String() string {
	text, _ := d.AppendText(nil)
	return string(text)
}

// AppendText implements encoding.TextAppender. The zero Digest is an error.
func (d Digest) AppendText(b []byte) ([]byte, error) {
	if d.alg == 0 {
		return b, digestProblem(ErrFormat, "no digest")
	}
	b = append(b, algorithms[d.alg-1].name...)
	return d.AppendHex(append(b, ':')), nil
}

// MarshalText implements encoding.TextMarshaler. The zero Digest is an error.
func (d Digest) MarshalText() ([]byte, error) {
	return d.AppendText(nil)
}

// UnmarshalText implements encoding.TextUnmarshaler, as ParseDigest.
func (d *Digest) UnmarshalText(text []byte) error {
	parsed, err := ParseDigest(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}
