// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strconv"

	"github.com/HailBytes/evidence"
)

// Position is where in its document a value stands. The zero Position is that
// of a value which was not read from a document.
type Position struct {
	Pointer string // JSON Pointer (RFC 6901); for XML and tag-value, into the JSON form of the document
	Line    int    // from 1
	Column  int    // from 1, in bytes
	Offset  int64  // bytes from the start
}

// Problem returns a problem about the value at p. member, if not empty, is
// a JSON Pointer relative to the value, such as "/purl".
func (p Position) Problem(code string, severity evidence.Severity, class error, member, message string) *evidence.Problem {
	return &evidence.Problem{
		Code: code, Severity: severity, Pointer: p.Pointer + member, Line: p.Line, Column: p.Column,
		Offset: p.Offset, Message: message, Err: class,
	}
}

// place is a Position in the form that every element can afford to keep.
type place struct {
	offset       int64
	line, column int32
	index        int32   // in the array that parent and section name
	section      section // the zero section: not read from a document
	parent       *place  // for nested elements only
}

type section uint8

const (
	sectionNone section = iota
	sectionDocument
	sectionWrapper
	sectionAnswer
	sectionPackages
	sectionFiles
	sectionSnippets
	sectionRelationships
	sectionDocumentDescribes
	sectionHasFiles
	sectionFileDependencies
	sectionComponents
	sectionServices
	sectionDependencies
	sectionVulnerabilities
	sectionCompositions
	sectionAnnotations
	sectionExternalRefs
	sectionExtracted
	sectionGraph
	sectionMetadataComponent // the sections from here on are objects, not arrays
	sectionAncestors
	sectionDescendants
	sectionVariants
	sectionToolComponents
	sectionToolServices
)

var sectionPaths = [...]string{
	sectionNone:              "",
	sectionDocument:          "",
	sectionWrapper:           "/Document",
	sectionAnswer:            "/sbom",
	sectionPackages:          "/packages",
	sectionFiles:             "/files",
	sectionSnippets:          "/snippets",
	sectionRelationships:     "/relationships",
	sectionDocumentDescribes: "/documentDescribes",
	sectionHasFiles:          "/hasFiles",
	sectionFileDependencies:  "/fileDependencies",
	sectionComponents:        "/components",
	sectionServices:          "/services",
	sectionDependencies:      "/dependencies",
	sectionVulnerabilities:   "/vulnerabilities",
	sectionCompositions:      "/compositions",
	sectionAnnotations:       "/annotations",
	sectionExternalRefs:      "/externalDocumentRefs",
	sectionExtracted:         "/hasExtractedLicensingInfos",
	sectionGraph:             "/@graph",
	sectionMetadataComponent: "/metadata/component",
	sectionAncestors:         "/pedigree/ancestors",
	sectionDescendants:       "/pedigree/descendants",
	sectionVariants:          "/pedigree/variants",
	sectionToolComponents:    "/metadata/tools/components",
	sectionToolServices:      "/metadata/tools/services",
}

func (p *place) position() Position {
	if p.section == sectionNone {
		return Position{}
	}
	return Position{Pointer: p.pointer(), Line: int(p.line), Column: int(p.column), Offset: p.offset}
}

func (p *place) pointer() string { return string(p.appendPointer(nil)) }

func (p *place) appendPointer(b []byte) []byte {
	if p.parent != nil {
		b = p.parent.appendPointer(b)
	}
	b = append(b, sectionPaths[p.section]...)
	switch p.section {
	case sectionDocument, sectionWrapper, sectionAnswer, sectionMetadataComponent:
		return b
	}
	return strconv.AppendInt(append(b, '/'), int64(p.index), 10)
}
