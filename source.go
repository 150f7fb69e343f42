// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "strconv"

// Source says where a fact stands: in which file, with which content, at which
// place of it. A zero field is unknown, or not defined for the format.
type Source struct {
	Path    string `json:"path"`              // file of the evidence, or member of the pack
	SHA256  Digest `json:"sha256,omitzero"`   // of the file
	Pointer string `json:"pointer,omitempty"` // RFC 6901 JSON Pointer
	Line    int    `json:"line,omitempty"`    // from 1
	Column  int    `json:"column,omitempty"`  // from 1, in bytes
}

// String returns "path#pointer", or "path:line:column" where there is no pointer.
func (s Source) String() string {
	switch {
	case s.Pointer != "":
		return s.Path + "#" + s.Pointer
	case s.Line > 0 && s.Column > 0:
		return s.Path + ":" + strconv.Itoa(s.Line) + ":" + strconv.Itoa(s.Column)
	case s.Line > 0:
		return s.Path + ":" + strconv.Itoa(s.Line)
	}
	return s.Path
}
