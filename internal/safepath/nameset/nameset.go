// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package nameset finds names that fall together on some file system: equal
// under case folding (Windows, macOS), under NFC (macOS) or under NFKC (what
// people and search tools take for the same), and a file that is also a directory.
//
// Rules, as in package safepath:
//
//	duplicate  the name is already there, byte for byte
//	collision  a name, or one of its directories, differs from another only under folding or normalisation
//	tree       a file that is also a directory
package nameset

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safepath"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Set holds the names of one pack. The zero Set is empty and ready to use; it is
// not safe for concurrent use.
type Set struct {
	names map[string]node // by Key, directories without the slash
	last  string          // parent of the name added last, known to be there
}

type node struct {
	name     string // as spelled first
	dir      bool
	explicit bool // added, not only implied by a name below it
}

// New returns an empty set with room for n names.
func New(n int) *Set { return &Set{names: make(map[string]node, n)} }

// Add adds a file, or with dir a directory, whose name has no trailing slash.
// It returns the rule that the name breaks together with the names before it;
// the set then keeps the earlier one.
func (s *Set) Add(name string, dir bool) *safepath.Error {
	if s.names == nil {
		s.names = make(map[string]node)
	}
	key := Key(name)
	if len(key) > 4*len(name) {
		// Some characters become up to eighteen; a set of such names would
		// need many times the memory of the archive.
		return &safepath.Error{Rule: "length", Message: "the name grows too much under normalisation", Class: evidence.ErrLimit}
	}
	if e := s.addParents(name, key); e != nil {
		return e
	}
	old, ok := s.names[key]
	switch {
	case !ok:
		s.names[key] = node{name, dir, true}
		return nil
	case old.dir != dir:
		return conflict("tree", old.name, "is a file and a directory")
	case old.name != name:
		return conflict("collision", old.name, "is the same name under case folding or Unicode normalisation")
	case old.explicit:
		return conflict("duplicate", old.name, "stands there twice")
	}
	old.explicit = true
	s.names[key] = old
	return nil
}

// Len returns how many files and directories the set holds, those that are only
// implied by names below them too.
func (s *Set) Len() int { return len(s.names) }

// addParents adds the directories above name, deepest first; one that is there
// has its own parents there.
func (s *Set) addParents(name, key string) *safepath.Error {
	n, k := strings.LastIndexByte(name, '/'), strings.LastIndexByte(key, '/')
	if n < 0 || k < 0 || name[:n] == s.last {
		return nil
	}
	last := name[:n]
	for n > 0 && k > 0 {
		name, key = name[:n], key[:k]
		old, ok := s.names[key]
		if ok {
			if !old.dir {
				return conflict("tree", old.name, "is a file and a directory")
			}
			if old.name != name {
				return conflict("collision", old.name, "is the same directory under case folding or Unicode normalisation")
			}
			break
		}
		s.names[key] = node{name, true, false}
		n, k = strings.LastIndexByte(name, '/'), strings.LastIndexByte(key, '/')
	}
	s.last = last
	return nil
}

func conflict(rule, old, what string) *safepath.Error {
	return &safepath.Error{Rule: rule, Message: fmt.Sprintf("%s %s", textfmt.Quote(old), what), Class: evidence.ErrUnsafe}
}

// Key returns a form of name that is equal for names which fall together: NFKC
// and full case folding (NFKC_Casefold, Unicode 16 §5.18, D147) without
// variation selectors. Slashes stay. The name must be valid UTF-8.
func Key(name string) string {
	upper := false
	for i := range len(name) {
		switch c := name[i]; {
		case c >= utf8.RuneSelf:
			return foldUnicode(name)
		case c >= 'A' && c <= 'Z':
			upper = true
		}
	}
	if upper {
		return strings.ToLower(name)
	}
	return name
}

func foldUnicode(name string) string {
	fold := cases.Fold()
	// Folding can undo normalisation and the other way round, so each runs twice.
	name = norm.NFKC.String(fold.String(norm.NFD.String(name)))
	name = norm.NFKC.String(fold.String(name))
	name = strings.ToLower(name) // x/text v0.43.0 folds small Cherokee letters to capitals and these to small ones
	return strings.Map(func(r rune) rune {
		if r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef || r >= 0x180b && r <= 0x180d || r == 0x180f {
			return -1
		}
		return r
	}, name)
}
