// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"io"
	"io/fs"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/regular"
)

// ReadOptions changes how a document is read. Nil means the defaults.
type ReadOptions struct {
	Limits evidence.Limits // zero fields mean the defaults
}

func (o *ReadOptions) limits() evidence.Limits {
	if o == nil {
		return evidence.Limits{}.OrDefault()
	}
	return o.Limits.OrDefault()
}

// Read reads one document, of any format that [Sniff] knows, to the end of r.
//
// A document that cannot be read gives an error that matches [ErrFormat] (not
// well-formed, or a value of another type than the format has there),
// [ErrUnsupported] (another format, a newer major version) or [ErrLimit]; it is
// a *[Problem] with the place, as far as there is one. An error of r is returned
// as it is. What is wrong and does not keep the document from being read is in
// Document.Problems.
//
// A byte order mark is dropped; UTF-16 with a mark is transcoded, and positions
// then count bytes of the UTF-8 text. Strings of the Document share one copy of
// the whole text, so keeping one of them keeps all of it: clone what outlives the Document.
func Read(r io.Reader, o *ReadOptions) (*Document, error) {
	lim := o.limits()
	hint := sizeHint(r) // before reading ahead
	text, encoding := jsonstrict.UTF8(r)
	data, err := readAll(text, hint, lim.DocumentBytes)
	if err != nil {
		return nil, err
	}
	doc, err := readBytes(data, lim, encoding)
	if err != nil {
		return nil, err
	}
	if encoding == "UTF-16" {
		doc.Problems = append(evidence.Problems{utf16Problem()}, doc.Problems...)
	}
	return doc, nil
}

// ReadFile reads the document in a regular file, or in one that a symbolic link names, as Read does.
func ReadFile(name string, o *ReadOptions) (*Document, error) {
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, o)
}

func utf16Problem() *evidence.Problem {
	return &evidence.Problem{
		Code: "sbom.encoding", Severity: evidence.SeverityInfo, Message: "document is UTF-16; positions count bytes of its UTF-8 form",
	}
}

// readBytes reads a document from data, which must never change afterwards.
// encoding is what data was before it became UTF-8: "UTF-8" or "UTF-16".
func readBytes(data []byte, lim evidence.Limits, encoding string) (*Document, error) {
	format, err := sniff(data)
	if err != nil {
		return nil, err
	}
	switch format {
	case FormatSPDXJSON:
		return readSPDXJSON(data, lim)
	case FormatSPDX3JSON:
		return readSPDX3JSON(data, lim)
	case FormatSPDXTagValue:
		return readSPDXTagValue(data, lim)
	case FormatCycloneDXJSON:
		return readCycloneDXJSON(data, lim)
	case FormatCycloneDXXML:
		return readCycloneDXXML(data, lim, encoding)
	}
	return nil, &evidence.Problem{
		Code: "sbom.format", Severity: evidence.SeverityError,
		Message: "documents in " + format.String() + " are not read", Err: evidence.ErrUnsupported,
	}
}

// sizeHint returns how many bytes r holds, 0 if it does not tell.
func sizeHint(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }:
		return int64(r.Len())
	case interface{ Stat() (fs.FileInfo, error) }:
		if info, err := r.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	}
	return 0
}

// readAll reads r to its end into one slice, of which a true hint makes the only allocation.
// The content of a bytes.Buffer is there already, and is taken as it is.
func readAll(r io.Reader, hint, most int64) ([]byte, error) {
	if b, ok := r.(*bytes.Buffer); ok && int64(b.Len()) <= most {
		return b.Next(b.Len()), nil
	}
	// One byte more than the hint, to see the end. A hint is a claim of the
	// file system or of a type that anybody can write: above 1 GiB it is not believed.
	buf := make([]byte, 0, max(512, min(hint, most, 1<<30)+1))
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > most {
			return nil, &evidence.Problem{
				Code: "sbom.size", Severity: evidence.SeverityError, Offset: most, Err: evidence.ErrLimit,
				Message: "document is longer than " + sizeText(most),
			}
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, min(len(buf), 256<<20))
		}
	}
}
