// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"path"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Attachment is a file that a test names as its own: a screenshot, a trace. The
// name is the report's claim. Nothing here opens it; [Attachment.Resolve] says
// which file of the evidence it can only be.
type Attachment struct {
	Name        string // what the test calls it; often empty
	ContentType string // as stated; often empty
	Path        string // as written, usually relative to the report; empty when the report holds the content itself
	Inline      int64  // bytes of the content that the report holds; 0 when it is a file
	Relative    string // Playwright: the path below the folder of its configuration file; otherwise empty
}

// Resolve returns the cleaned path, with slashes and relative to the root of
// the evidence, of the file that the attachment names, when report is the
// report's own path there. It does not look whether the file exists. A
// backslash counts as a slash. An absolute path and one that leaves the root is
// a *Problem of class ErrUnsafe.
func (a Attachment) Resolve(report string) (string, error) {
	p := strings.ReplaceAll(a.Path, `\`, "/")
	unsafe := func(why string) (string, error) {
		return "", &evidence.Problem{
			Code: "uat.attachment", Severity: evidence.SeverityWarning, Path: report, Err: evidence.ErrUnsafe,
			Message: "attachment " + textfmt.Quote(a.Path) + " " + why,
		}
	}
	switch {
	case p == "":
		return unsafe("has no path")
	case strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7F }):
		return unsafe("has a control character")
	case strings.HasPrefix(p, "/"), len(p) > 1 && p[1] == ':', strings.Contains(p, "://"):
		return unsafe("is not relative")
	}
	clean := path.Join(path.Dir(report), p)
	if clean == ".." || strings.HasPrefix(clean, "../") || strings.HasPrefix(clean, "/") || clean == "." {
		return unsafe("leads out of the evidence")
	}
	return clean, nil
}

// markers finds the attachments and properties that a test printed, in the way
// of Jenkins' JUnit attachments plug-in: [[ATTACHMENT|path]], which may end in
// a JSON object, [[ATTACHMENT|path|{...}]], and [[PROPERTY|name=value]], each on
// a line of its own.
func (c *Case) markers(output string, k *keeper, take func() bool) {
	at, lineEnd := 0, -1
	for {
		start := strings.Index(output[at:], "[[")
		if start < 0 {
			return
		}
		at += start + len("[[")
		kind, _, found := strings.Cut(output[at:min(len(output), at+len("ATTACHMENT|"))], "|")
		if !found || kind != "ATTACHMENT" && kind != "PROPERTY" {
			continue
		}
		at += len(kind) + len("|")
		if at > lineEnd { // looked for once in a line, however many markers it holds
			lineEnd = len(output)
			if i := strings.IndexByte(output[at:], '\n'); i >= 0 {
				lineEnd = at + i
			}
		}
		end := markerEnd(output[at:lineEnd])
		if end < 0 { // so no other marker in this line has one
			at = lineEnd
			continue
		}
		body := output[at : at+end]
		at += end
		if !take() {
			return
		}
		if kind == "PROPERTY" {
			name, value, _ := strings.Cut(body, "=")
			c.Properties = append(c.Properties, Property{k.text(name), k.text(value)})
			continue
		}
		// A path may hold a bar; a JSON object after the last one is no part of it.
		if i := strings.Index(body, "|{"); i >= 0 && strings.HasSuffix(body, "}") {
			body = body[:i]
		}
		c.Attachments = append(c.Attachments, Attachment{Path: k.text(body)})
	}
}

// markerEnd returns where the marker that line begins with ends: at the first
// "]]" with white space, another bracket or nothing after it, as a path may hold
// "]]" too; else at the last one. It is negative when there is none.
func markerEnd(line string) int {
	last := -1
	for at := 0; ; {
		i := strings.Index(line[at:], "]]")
		if i < 0 {
			return last
		}
		last = at + i
		at = last + 2
		if at == len(line) || strings.IndexByte(" \t\r[", line[at]) >= 0 {
			return last
		}
	}
}

// attachOnce drops attachments whose path came before: a property and a marker
// often name one file.
func (c *Case) attachOnce() {
	if len(c.Attachments) < 2 {
		return
	}
	seen := make(map[string]bool, len(c.Attachments))
	c.Attachments = slices.DeleteFunc(c.Attachments, func(a Attachment) bool {
		again := a.Path != "" && seen[a.Path]
		seen[a.Path] = true
		return again
	})
}
