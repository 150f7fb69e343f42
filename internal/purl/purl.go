// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package purl

import (
	"strings"
	"unicode/utf8"

	packageurl "github.com/package-url/packageurl-go"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// PURL is a package URL taken apart, in canonical form: decoded, and with the
// rules of its type applied. Type and Name are never empty.
type PURL struct {
	Type       string // "deb", lower case
	Namespace  string // "debian", "github.com/spf13"; may be empty
	Name       string
	Version    string      // may be empty
	Qualifiers []Qualifier // sorted by key, no key twice, no empty value
	Subpath    string      // may be empty
}

// Qualifier is one key=value behind the question mark.
type Qualifier struct {
	Key   string // lower case
	Value string
}

// CodeSyntax is the code of every problem of this package.
const CodeSyntax = "purl.syntax"

// Parse reads a package URL. The error is an *evidence.Problem of class ErrFormat.
//
// One that is canonical as written, as nearly all in an SBOM are, is taken apart where
// it stands: programs that look at each package several times would otherwise
// spend most of their memory here.
func Parse(s string) (PURL, error) {
	if isCanonical(s) {
		return split(s), nil
	}
	return parse(s)
}

// parse reads any package URL.
func parse(s string) (PURL, error) {
	p, err := packageurl.FromString(s)
	if err != nil {
		return PURL{}, malformed(s, err.Error())
	}
	out := PURL{Type: p.Type, Namespace: p.Namespace, Name: p.Name, Version: p.Version, Subpath: p.Subpath}
	for _, q := range p.Qualifiers {
		out.Qualifiers = append(out.Qualifiers, Qualifier{q.Key, q.Value})
	}
	for _, part := range []string{out.Namespace, out.Name, out.Version, out.Subpath} {
		if !printable(part) {
			return PURL{}, malformed(s, "it decodes to a control character or not to UTF-8")
		}
	}
	for _, q := range out.Qualifiers {
		if !printable(q.Value) {
			return PURL{}, malformed(s, "it decodes to a control character or not to UTF-8")
		}
	}
	// Text that has no stable canonical form is not a package URL that two tools
	// could agree on: a version of "/@" moves into the name when written back.
	if again, err := packageurl.FromString(p.ToString()); err != nil || again.ToString() != p.ToString() {
		return PURL{}, malformed(s, "it has no canonical form")
	}
	return out, nil
}

func malformed(s, why string) error {
	return &evidence.Problem{
		Code: CodeSyntax, Severity: evidence.SeverityError, Err: evidence.ErrFormat,
		Message: "package URL " + textfmt.Quote(s) + ": " + textfmt.Clip(why, 120),
	}
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s)
}

// String returns the canonical text.
func (p PURL) String() string {
	q := make(packageurl.Qualifiers, len(p.Qualifiers))
	for i, x := range p.Qualifiers {
		q[i] = packageurl.Qualifier{Key: x.Key, Value: x.Value}
	}
	return packageurl.NewPackageURL(p.Type, p.Namespace, p.Name, p.Version, q, p.Subpath).ToString()
}

// Qualifier returns the value of key, which is in lower case; "" if there is none.
func (p PURL) Qualifier(key string) string {
	for _, q := range p.Qualifiers {
		if q.Key == key {
			return q.Value
		}
	}
	return ""
}

// WithoutVersion returns p without version, and without the qualifiers that
// belong to one version of a package: epoch, checksum, upstream and package-id.
func (p PURL) WithoutVersion() PURL {
	p.Version = ""
	var kept []Qualifier
	for _, q := range p.Qualifiers {
		switch q.Key {
		case "epoch", "checksum", "upstream", "package-id":
		default:
			kept = append(kept, q)
		}
	}
	p.Qualifiers = kept
	return p
}

// Without returns p without the qualifiers named.
func (p PURL) Without(keys ...string) PURL {
	var kept []Qualifier
next:
	for _, q := range p.Qualifiers {
		for _, k := range keys {
			if q.Key == k {
				continue next
			}
		}
		kept = append(kept, q)
	}
	p.Qualifiers = kept
	return p
}

// Key identifies a package, or one version of it, across tools. It is
// comparable. Two package URLs of one package have equal keys although one tool
// writes the epoch as a qualifier and another into the version, names the
// distribution "debian-12" or "debian-12.15", or leaves arch out or empty.
type Key struct {
	Type, Namespace, Name string
	Version               string // with its epoch; empty in a key without version
}

// KeyOf returns the key of p:
//
//   - qualifiers and subpath do not count, but epoch is folded into the version,
//     "epoch=1" and "1:" alike, and an epoch of 0 is no epoch (deb, rpm);
//   - golang versions lose a leading "v" or "go", which tools write for modules
//     and the standard library as they please;
//   - pypi names follow PEP 503 (runs of "-", "_" and "." are one "-"), nuget names
//     are folded to lower case.
func KeyOf(p PURL) Key {
	k := Key{Type: p.Type, Namespace: p.Namespace, Name: p.Name, Version: p.Version}
	switch p.Type {
	case "deb", "rpm", "alpm":
		k.Version = foldEpoch(p.Version, p.Qualifier("epoch"))
	case "golang":
		k.Version = strings.TrimPrefix(strings.TrimPrefix(p.Version, "v"), "go")
	case "pypi":
		k.Name = foldPyPI(p.Name)
	case "nuget":
		k.Name = strings.ToLower(p.Name)
	}
	return k
}

// WithoutVersion returns the key of the package whatever its version.
func (k Key) WithoutVersion() Key {
	k.Version = ""
	return k
}

// foldEpoch puts the epoch before the version. Without a version there is none.
func foldEpoch(version, epoch string) string {
	if before, after, ok := strings.Cut(version, ":"); ok && digits(before) {
		epoch, version = before, after
	}
	epoch = strings.TrimLeft(epoch, "0")
	if version == "" || !digits(epoch) {
		return version
	}
	return epoch + ":" + version
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func foldPyPI(name string) string {
	if !strings.ContainsAny(name, "._") && !strings.Contains(name, "--") {
		return name
	}
	var b strings.Builder
	separator := false
	for i := range len(name) {
		switch c := name[i]; c {
		case '-', '_', '.':
			separator = true
		default:
			if separator {
				b.WriteByte('-')
				separator = false
			}
			b.WriteByte(c)
		}
	}
	if separator {
		b.WriteByte('-')
	}
	return b.String()
}
