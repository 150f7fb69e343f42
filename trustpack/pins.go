// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// Pin is one statement of a deployment file, which is a compose file or a Packer
// template, about what runs where the release is deployed.
type Pin struct {
	Kind   PinKind         `json:"kind"`
	Name   string          `json:"name"`           // what it is said of: a service, a plugin, a builder, a variable
	Value  string          `json:"value"`          // with the defaults of variables filled in; empty where the file does not say
	Open   bool            `json:"open,omitempty"` // it, or a part of it, is chosen later: by variables where the release is deployed, or as the newest machine image
	Source evidence.Source `json:"source"`
}

// PinKind says what a Pin is about:
//
//	"image"          reference of a container image
//	"machine-image"  what a builder of Packer starts from
//	"plugin"         version constraint of a Packer plugin, or of Packer
//	"version"        a variable, label or setting that names a version
//	"ref"            the same, of a git tag or branch
//	"commit"         the same, of a git commit
//	"repository"     the same, of a source repository
//	"product"        the same, of a product's name
type PinKind string

const (
	pinImage        PinKind = "image"
	pinMachineImage PinKind = "machine-image"
	pinPlugin       PinKind = "plugin"
	pinVersion      PinKind = "version"
	pinRef          PinKind = "ref"
	pinCommit       PinKind = "commit"
	pinRepository   PinKind = "repository"
	pinProduct      PinKind = "product"
)

// pinBytes bounds a deployment file: real ones have some 10 KiB, and HCL takes
// 1,000 times its size to read.
const pinBytes = 256 << 10

// pinFile is what one deployment file states.
type pinFile struct {
	pins     []Pin
	problems evidence.Problems // warnings: what is loose, or not read
	names    []Pin             // names of what is built, of no kind
	seen     map[Pin]bool      // without place
}

// readPins reads a compose file or a Packer template. The error, an
// *evidence.Problem with place and class, is about a file that is neither, or not
// well-formed.
func readPins(name string, sum evidence.Digest, format manifest.Format, data []byte) (*pinFile, error) {
	src := evidence.Source{Path: name, SHA256: sum}
	f, err := parsePins(src, format, data)
	var p *evidence.Problem
	if errors.As(err, &p) {
		return nil, p.At(name)
	}
	return f, err
}

func parsePins(src evidence.Source, format manifest.Format, data []byte) (*pinFile, error) {
	if len(data) > pinBytes {
		return nil, pinProblem("pins.size", evidence.ErrLimit, src, "file has %s, want at most %s", textfmt.Size(int64(len(data))), textfmt.Size(pinBytes))
	}
	t := &pinTree{src: src}
	switch ext := strings.ToLower(path.Ext(src.Path)); {
	case format == manifest.FormatPacker && ext == ".json", format != manifest.FormatCompose && ext == ".json":
		root, err := t.parseJSON(data)
		if err != nil {
			return nil, err
		}
		return readPacker(t, root)
	case format == manifest.FormatPacker, format != manifest.FormatCompose && ext == ".hcl":
		root, err := t.parseHCL(data)
		if err != nil {
			return nil, err
		}
		return readPacker(t, root)
	case format == manifest.FormatCompose, ext == ".yml", ext == ".yaml":
		documents, err := t.parseYAML(data)
		if err != nil {
			return nil, err
		}
		return readCompose(t, documents)
	}
	return nil, pinProblem("pins.format", evidence.ErrUnsupported, src, "neither a compose file nor a Packer template")
}

func pinProblem(code string, class error, at evidence.Source, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Path: at.Path, Pointer: at.Pointer, Line: at.Line, Column: at.Column,
		Message: fmt.Sprintf(format, args...), Err: class,
	}
}

// add adds a pin that no other place of the file has stated.
func (f *pinFile) add(kind PinKind, name, value string, open bool, at evidence.Source) {
	pin := Pin{Kind: kind, Name: name, Value: value, Open: open}
	if f.seen[pin] {
		return
	}
	if f.seen == nil {
		f.seen = map[Pin]bool{}
	}
	f.seen[pin] = true
	pin.Source = at
	f.pins = append(f.pins, pin)
}

// warn adds what is loose about the place at.
func (f *pinFile) warn(code string, at evidence.Source, format string, args ...any) {
	p := pinProblem(code, evidence.ErrPolicy, at, format, args...)
	p.Severity = evidence.SeverityWarning
	f.problems = append(f.problems, p)
}

// setting adds a variable, label or setting whose name says that it is about
// the release; others are nobody's claim.
func (f *pinFile) setting(name string, value *pinNode) {
	kind, _ := settingKind(name)
	if kind != "" && value.scalar() && value.text != "" {
		f.add(kind, name, value.text, value.open, value.at)
	}
}

// settingKind returns what a name such as "ASM_VERSION", "gitCommit" or
// "org.opencontainers.image.revision" is about, by its last word, and the words
// before that, joined by "-". The kind is empty for other names.
func settingKind(name string) (kind PinKind, about string) {
	words := nameWords(name)
	if len(words) == 0 {
		return "", ""
	}
	last := len(words) - 1
	kind, ok := settingKinds[words[last]]
	if !ok {
		return "", ""
	}
	return kind, strings.Join(words[:last], "-")
}

var settingKinds = map[string]PinKind{
	"version": pinVersion, "release": pinVersion,
	"tag": pinRef, "ref": pinRef, "branch": pinRef,
	"commit": pinCommit, "revision": pinCommit, "sha": pinCommit, "sha1": pinCommit,
	"repository": pinRepository, "repo": pinRepository, "source": pinRepository,
	"product": pinProduct,
}

// nameWords cuts a name into its words, in lower case: "ASM_VERSION" and
// "asmVersion" are "asm" and "version".
func nameWords(name string) []string {
	const most = 16
	var words []string
	start := -1
	for i := range len(name) {
		c := name[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		upper := 'A' <= c && c <= 'Z'
		if start >= 0 && (!letter || upper && 'a' <= name[i-1] && name[i-1] <= 'z') {
			words = append(words, strings.ToLower(name[start:i]))
			start = -1
		}
		if letter && start < 0 {
			start = i
		}
		if len(words) > most {
			return nil
		}
	}
	if start >= 0 {
		words = append(words, strings.ToLower(name[start:]))
	}
	return words
}

// looseTag says why the tag of a reference may name another image tomorrow; ""
// for a reference with a digest, or with a tag that names one version.
func looseTag(r imageref.Ref) string {
	switch {
	case !r.Digest.IsZero() || exactTag.MatchString(r.Tag):
		return ""
	case r.Tag == "":
		return "has neither tag nor digest"
	}
	return "has the tag " + textfmt.Quote(r.Tag) + ", which moves"
}

// exactTag matches a tag that begins with two numbers or has three ("16.13-alpine",
// "asm-1.2.3"), that has a day ("bookworm-20250811") or a commit ("sha-1a2b3c4").
var exactTag = regexp.MustCompile(`^v?\d+\.\d|\d\.\d+\.\d|(?:^|\D)20\d\d-?\d\d-?\d\d(?:\D|$)|(?:^|[-_.])[0-9a-f]{7,64}(?:$|[-_.])`)
