// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package gitbundle reads git bundles: the references that a bundle names, and the
// commits and tags of its pack. It runs no program and writes nothing.
//
// Versions 2 and 3 of the bundle format, version 2 of the pack format, and both
// object formats of git are read (gitformat-bundle, gitformat-pack). Every object
// is inflated and the checksum of the pack is compared; commits and tags are
// known by the names that their content gives them, so the history of a commit is
// the one that its name stands for. Trees and files are not looked into.
package gitbundle

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// The codes of problems. All but CodeLimit, CodeUnsupported and CodeIncomplete are of class ErrFormat.
const (
	CodeHeader      = "gitbundle.header"      // the text before the pack
	CodePack        = "gitbundle.pack"        // the pack, or an object of it
	CodeTruncated   = "gitbundle.truncated"   // the file ends too early
	CodeTrailing    = "gitbundle.trailing"    // bytes after the pack
	CodeChecksum    = "gitbundle.checksum"    // the pack is not the one that its checksum is of
	CodeMissing     = "gitbundle.missing"     // an object that is named is not there
	CodeLimit       = "gitbundle.limit"       // ErrLimit
	CodeUnsupported = "gitbundle.unsupported" // ErrUnsupported: a version, capability or object format
	CodeIncomplete  = "gitbundle.incomplete"  // ErrUnsupported: the history before the bundle is not in it
)

// Bundle is what a bundle says.
type Bundle struct {
	Version       int      // of the format: 2 or 3
	ObjectFormat  string   // "sha1" or "sha256"
	Refs          []Ref    // in the order of the file
	Prerequisites []string // commits that the bundle builds on and does not hold

	commits map[string]Commit // by raw name
	tags    map[string]tag
}

// Ref is one reference: what a name stands for.
type Ref struct {
	Name   string // "refs/tags/v1.482", "refs/heads/main", "HEAD"
	Object string // name of a commit or an annotated tag, lower-case hexadecimal digits
}

// Commit is one commit of the pack.
type Commit struct {
	Time    time.Time // committer time, UTC
	parents []string  // raw names
}

type tag struct{ object, kind string }

// Ref returns the object that a reference names, "" if there is none.
func (b *Bundle) Ref(name string) string {
	i := slices.IndexFunc(b.Refs, func(r Ref) bool { return r.Name == name })
	if i < 0 {
		return ""
	}
	return b.Refs[i].Object
}

// Tags returns the names of the tags without "refs/tags/", in the order of the file.
func (b *Bundle) Tags() []string {
	var names []string
	for _, r := range b.Refs {
		if name, ok := strings.CutPrefix(r.Name, "refs/tags/"); ok {
			names = append(names, name)
		}
	}
	return names
}

// Peel returns the commit that an object is or, through annotated tags, names.
func (b *Bundle) Peel(object string) (commit string, err error) {
	const most = 16 // tags of tags
	raw, err := hex.DecodeString(object)
	if err != nil {
		return "", problem(CodeMissing, evidence.ErrFormat, "%s is not the name of an object", textfmt.Quote(object))
	}
	id := string(raw)
	for range most {
		if _, ok := b.commits[id]; ok {
			return hex.EncodeToString([]byte(id)), nil
		}
		t, ok := b.tags[id]
		switch {
		case ok && t.kind != "commit" && t.kind != "tag":
			return "", problem(CodeMissing, evidence.ErrFormat, "%s names a %s, not a commit", object, textfmt.Quote(t.kind))
		case ok:
			id = t.object
			continue
		case slices.Contains(b.Prerequisites, hex.EncodeToString([]byte(id))):
			return hex.EncodeToString([]byte(id)), nil
		}
		break
	}
	return "", problem(CodeMissing, evidence.ErrFormat, "the pack holds no commit for %s", object)
}

// Commit returns a commit of the pack by its name in hexadecimal digits.
func (b *Bundle) Commit(name string) (Commit, bool) {
	raw, err := hex.DecodeString(name)
	if err != nil {
		return Commit{}, false
	}
	c, ok := b.commits[string(raw)]
	return c, ok
}

// Count returns the number of commits that are reachable from one, itself
// included, as "git rev-list --count" does. A bundle that builds on commits that
// it does not hold gives an error with [CodeIncomplete].
func (b *Bundle) Count(commit string) (int, error) {
	raw, err := hex.DecodeString(commit)
	if err != nil {
		return 0, problem(CodeMissing, evidence.ErrFormat, "%s is not the name of a commit", textfmt.Quote(commit))
	}
	seen := map[string]bool{string(raw): true}
	for todo := []string{string(raw)}; len(todo) > 0; {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		c, ok := b.commits[id]
		if !ok {
			name := hex.EncodeToString([]byte(id))
			if slices.Contains(b.Prerequisites, name) {
				return 0, problem(CodeIncomplete, evidence.ErrUnsupported, "the history before commit %s is not in the bundle", name)
			}
			return 0, problem(CodeMissing, evidence.ErrFormat, "the pack holds no commit %s", name)
		}
		for _, p := range c.parents {
			if !seen[p] {
				seen[p] = true
				todo = append(todo, p)
			}
		}
	}
	return len(seen), nil
}

func problem(code string, class error, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{Code: code, Severity: evidence.SeverityError, Err: class, Message: fmt.Sprintf(format, args...)}
}

// Read reads a bundle to its end. An error of r is returned as it is; every other
// is an *evidence.Problem with the offset at which reading stopped.
func Read(r io.Reader, l evidence.Limits) (*Bundle, error) {
	l = l.OrDefault()
	s := newSource(r)
	b := &Bundle{commits: map[string]Commit{}, tags: map[string]tag{}}
	err := b.header(s, l)
	if err == nil {
		p := &packReader{Bundle: b, source: s, limits: l}
		err = p.read()
	}
	if s.err != nil {
		return nil, s.err
	}
	if p, ok := err.(*evidence.Problem); ok {
		p.Offset = s.offset
		p.Message = fmt.Sprintf("byte %d: %s", s.offset, p.Message)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// header reads the lines before the pack.
func (b *Bundle) header(s *source, l evidence.Limits) error {
	signature, err := s.line()
	if err != nil {
		return err
	}
	b.ObjectFormat = "sha1"
	switch signature {
	case "# v2 git bundle":
		b.Version = 2
	case "# v3 git bundle":
		b.Version = 3
	default:
		if strings.HasPrefix(signature, "# v") && strings.HasSuffix(signature, " git bundle") {
			return problem(CodeUnsupported, evidence.ErrUnsupported, "a bundle of version %s, want 2 or 3", textfmt.Quote(signature[3:len(signature)-len(" git bundle")]))
		}
		return problem(CodeHeader, evidence.ErrFormat, "not a git bundle: it begins with %s", textfmt.Quote(signature))
	}
	for n := 0; ; n++ {
		line, err := s.line()
		if err != nil {
			return err
		}
		if n > l.Elements {
			return problem(CodeLimit, evidence.ErrLimit, "the header has more than %s", textfmt.Count(l.Elements, "line"))
		}
		switch {
		case line == "":
			return nil
		case line[0] == '@' && b.Version == 3:
			if err := b.capability(line[1:]); err != nil {
				return err
			}
		case line[0] == '-':
			object, _, _ := strings.Cut(line[1:], " ")
			if !b.isName(object) {
				return problem(CodeHeader, evidence.ErrFormat, "prerequisite %s is not the name of a commit", textfmt.Quote(object))
			}
			b.Prerequisites = append(b.Prerequisites, object)
		default:
			object, name, ok := strings.Cut(line, " ")
			if !ok || name == "" || !b.isName(object) {
				return problem(CodeHeader, evidence.ErrFormat, "the line %s is not the name of an object and of a reference", textfmt.Quote(line))
			}
			b.Refs = append(b.Refs, Ref{name, object})
		}
	}
}

// capability reads one line of version 3.
func (b *Bundle) capability(text string) error {
	key, value, _ := strings.Cut(text, "=")
	switch {
	case key == "object-format" && (value == "sha1" || value == "sha256"):
		b.ObjectFormat = value
	case key == "filter": // trees and files that a filter left out are not looked at
	default:
		return problem(CodeUnsupported, evidence.ErrUnsupported, "the bundle needs the capability %s", textfmt.Quote(text))
	}
	return nil
}

// isName reports whether s is the name of an object.
func (b *Bundle) isName(s string) bool {
	return len(s) == 2*b.nameSize() && strings.Trim(s, "0123456789abcdef") == ""
}

// nameSize is the number of bytes of an object's name.
func (b *Bundle) nameSize() int {
	if b.ObjectFormat == "sha256" {
		return 32
	}
	return 20
}
