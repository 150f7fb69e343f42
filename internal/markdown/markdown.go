// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package markdown puts text of unknown origin into GitHub Flavored Markdown.
package markdown

import (
	"strings"
	"unicode"
)

// Code returns s as a code span for a table cell; empty for the empty string.
func Code(s string) string {
	s = strings.ReplaceAll(OneLine(s), "|", "\\|")
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasSuffix(s, "\\") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// OneLine replaces what is not a graphic character (line ends, controls, marks
// that turn the writing direction) by spaces.
func OneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, s))
}

var (
	// HTML goes first: its entities must not be escaped again.
	html    = strings.NewReplacer("&", "\x00amp;", "<", "\x00lt;", ">", "\x00gt;", "\"", "\x00quot;")
	escaper = func() *strings.Replacer {
		pairs := []string{"://", "&#58;//", "www.", "www&#46;", "@", "&#64;"}
		for _, c := range "\\`*_{}[]()#+-.!|~:" {
			pairs = append(pairs, string(c), "\\"+string(c))
		}
		return strings.NewReplacer(pairs...)
	}()
)

// Text returns s as plain text on one line: no markup, HTML, link or mention.
func Text(s string) string {
	return strings.ReplaceAll(escaper.Replace(html.Replace(OneLine(s))), "\x00", "&")
}
