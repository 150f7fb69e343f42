// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package glob matches slash-separated paths against patterns: those of
// path.Match, component by component, and "**" for any number of components,
// none among them. "sbom/*.json" matches files of that folder, "**/*.json" those
// of every folder, "uat/**" all below uat.
//
// Matching takes time in proportion to the pattern times the path at most.
package glob

import (
	"errors"
	"path"
	"strings"
)

// Pattern is a compiled pattern. The zero Pattern matches nothing.
type Pattern struct {
	text  string
	parts []string
}

// Errors of Compile.
var (
	ErrEmpty   = errors.New("the pattern, or one of its components, is empty")
	ErrUnclean = errors.New("a pattern is relative, without \".\" and \"..\"")
	ErrSyntax  = errors.New("the pattern ends inside a class or an escape, or holds an empty class")
	ErrStars   = errors.New("\"**\" stands alone between slashes")
)

// Compile checks a pattern. A pattern that could never match a path is an error.
func Compile(text string) (Pattern, error) {
	parts := strings.Split(text, "/")
	for i, part := range parts {
		switch {
		case part == "" && i == 0 && len(parts) > 1:
			return Pattern{}, ErrUnclean
		case part == "":
			return Pattern{}, ErrEmpty
		case part == "." || part == "..":
			return Pattern{}, ErrUnclean
		case part == "**":
			continue
		case strings.Contains(part, "**"):
			return Pattern{}, ErrStars
		}
		if _, err := path.Match(part, ""); err != nil {
			return Pattern{}, ErrSyntax
		}
	}
	return Pattern{text, parts}, nil
}

// String returns the text that the pattern was compiled from.
func (p Pattern) String() string { return p.text }

// Match reports whether the whole of name matches.
func (p Pattern) Match(name string) bool {
	if p.parts == nil || name == "" {
		return false
	}
	names := strings.Split(name, "/")
	// As with "*" in a string, it is enough to go back to the last "**".
	i, j := 0, 0
	back, from := -1, 0
	for j < len(names) {
		switch {
		case i < len(p.parts) && p.parts[i] == "**":
			back, from = i, j
			i++
			continue
		case i < len(p.parts) && matchPart(p.parts[i], names[j]):
			i++
			j++
			continue
		case back < 0:
			return false
		}
		from++
		i, j = back+1, from
	}
	for i < len(p.parts) && p.parts[i] == "**" {
		i++
	}
	return i == len(p.parts)
}

func matchPart(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}
