// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// firstNumber is that of every version that this package computes.
const firstNumber = 1

// maxNumber bounds each number of a version: 2^53-1, so that a tool that reads
// the numbers from JSON (RFC 8785, RFC 7493 §2.2) still gets them exactly.
const maxNumber = 1<<53 - 1

// Version is a release: 1.482 is the commit with 482 commits in its history,
// itself included. A third number, as marketplaces ask for, counts publications of one
// commit; 1.482.0 is 1.482. The zero Version is none.
//
// Versions are comparable: a == b if and only if a.Compare(b) == 0.
type Version struct {
	major, count, patch uint64 // major is at least 1, except in the zero Version
}

// fromCount returns the version 1.count.
func fromCount(count uint64) (Version, error) {
	if count == 0 || count > maxNumber {
		return Version{}, rangeProblem(strconv.FormatUint(count, 10))
	}
	return Version{major: firstNumber, count: count}, nil
}

// Parse reads "1.482", "v1.482", "1.482.3" and "v1.482.3": two or three decimal
// numbers without leading zeros, the first at least 1, each below 2^53. The
// SemVer form of 1.482, "1.482.0", is the same Version. Pre-release and
// build suffixes are refused: what carries one is not a release.
//
// The error is a [*Problem].
func Parse(s string) (Version, error) {
	if strings.ContainsAny(s, "-+") {
		return Version{}, syntaxProblem(s, "a release has no sign and no pre-release or build suffix")
	}
	parts := strings.SplitN(strings.TrimPrefix(s, "v"), ".", 4)
	if len(parts) < 2 || len(parts) > 3 {
		return Version{}, syntaxProblem(s, "want two or three numbers, such as 1.482 or v1.482.3")
	}
	var n [3]uint64
	for i, part := range parts {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return Version{}, syntaxProblem(s, fmt.Sprintf("%s is not a decimal number", textfmt.Quote(part)))
		}
		if len(part) > 1 && part[0] == '0' {
			return Version{}, syntaxProblem(s, fmt.Sprintf("%s has a leading zero", textfmt.Quote(part)))
		}
		v, err := strconv.ParseUint(part, 10, 64)
		if err != nil || v > maxNumber {
			return Version{}, rangeProblem(s)
		}
		n[i] = v
	}
	if n[0] == 0 {
		return Version{}, syntaxProblem(s, "the first number is at least 1")
	}
	return Version{n[0], n[1], n[2]}, nil
}

func syntaxProblem(s, why string) error {
	return &evidence.Problem{Code: "version.syntax", Severity: evidence.SeverityError, Err: evidence.ErrFormat,
		Message: fmt.Sprintf("version %s: %s", textfmt.Quote(s), why)}
}

func rangeProblem(s string) error {
	return &evidence.Problem{Code: "version.range", Severity: evidence.SeverityError, Err: evidence.ErrLimit,
		Message: fmt.Sprintf("version %s: a commit count is at least 1, and every number at most %d", textfmt.Quote(s), uint64(maxNumber))}
}

// IsZero reports whether v is no version.
func (v Version) IsZero() bool { return v == Version{} }

// Count returns the second number, the commit count.
func (v Version) Count() uint64 { return v.count }

// String returns the short form: "1.482", "1.482.3"; "unknown" for the zero Version.
func (v Version) String() string {
	switch {
	case v.IsZero():
		return "unknown"
	case v.patch == 0:
		return fmt.Sprintf("%d.%d", v.major, v.count)
	}
	return v.SemVer()
}

// Tag returns the name of the git tag: "v1.482".
func (v Version) Tag() string { return "v" + v.String() }

// SemVer returns the three-part form of Semantic Versioning and of
// marketplaces: "1.482.0", "1.482.3".
func (v Version) SemVer() string { return fmt.Sprintf("%d.%d.%d", v.major, v.count, v.patch) }

// Compare orders by major number, count and patch, as numbers: 1.9 < 1.10 < 1.10.1.
// The zero Version is the least. It returns -1, 0 or 1.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.major, w.major), cmp.Compare(v.count, w.count), cmp.Compare(v.patch, w.patch))
}

// MarshalText implements encoding.TextMarshaler with the short form. The zero
// Version is the empty text.
func (v Version) MarshalText() ([]byte, error) {
	if v.IsZero() {
		return nil, nil
	}
	return []byte(v.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler: every form that [Parse]
// reads, and the empty text for the zero Version.
func (v *Version) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*v = Version{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err == nil {
		*v = parsed
	}
	return err
}
