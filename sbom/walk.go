// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bufio"
	"errors"
	"io"
	"iter"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// Walk reads a document as Read does, and yields its elements one by one, in
// document order, without holding them: [*Component], [*File], [*Snippet],
// [*Service], [*Relationship] and [*Vulnerability]. Last it yields the [*Document],
// which holds what else was read; those lists are empty in it. An error is yielded
// without an element, and ends the walk; there may have been elements before it.
//
//	for element, err := range sbom.Walk(f, nil) {
//		if err != nil {
//			return err
//		}
//		switch x := element.(type) {
//		case *sbom.Component:
//			...
//		}
//	}
//
// An element may be kept; each of its strings then keeps some 64 KiB of the
// document around it, so clone a few that are to be kept of many.
//
// Memory is that of the largest element of SPDX 2 JSON and CycloneDX JSON, with
// everything that is nested in it. Documents of other formats, and those that
// do not show their format within the first 64 KiB, are read as a whole first.
//
// What Read finds only with the whole document at hand is not looked for: IDs
// that repeat keep their Ref as ID, and dangling references are not reported.
func Walk(r io.Reader, o *ReadOptions) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		v := &visitor{
			Component: give[Component](yield), File: give[File](yield), Snippet: give[Snippet](yield), Service: give[Service](yield),
			Relationship: give[Relationship](yield), Vulnerability: give[Vulnerability](yield),
		}
		doc, err := walk(r, o, v)
		switch {
		case err == errStop:
		case err != nil:
			yield(nil, err)
		default:
			yield(doc, nil)
		}
	}
}

// errStop is the error of a visitor whose caller wants no more.
var errStop = errors.New("stop")

func give[T any](yield func(any, error) bool) func(*T) error {
	return func(element *T) error {
		if !yield(element, nil) {
			return errStop
		}
		return nil
	}
}

// visitor is what walk does with the elements of a document. A nil function means
// that the elements are not wanted, which makes walk faster. An error that a
// function returns ends the walk.
type visitor struct {
	Component     func(*Component) error
	File          func(*File) error
	Snippet       func(*Snippet) error
	Service       func(*Service) error
	Relationship  func(*Relationship) error
	Vulnerability func(*Vulnerability) error
}

// walk gives the elements of a document to v. It returns what else the document holds.
func walk(r io.Reader, o *ReadOptions, v *visitor) (*Document, error) {
	lim := o.limits()
	text, encoding := jsonstrict.UTF8(r)
	head := bufio.NewReaderSize(text, sniffBytes)
	beginning, err := head.Peek(sniffBytes)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, err
	}
	format, err := sniff(beginning)
	if err != nil || format != FormatSPDXJSON && format != FormatCycloneDXJSON {
		return walkWhole(head, lim, encoding, v)
	}
	w := newReader(nil, lim, format)
	w.d = jsonstrict.New(head, jsonstrict.Options{Limits: lim, Share: true})
	w.ids = nil
	begin := int64(0)
	w.budget.read = func() int { return int(w.d.Offset() - begin) }
	if encoding == "UTF-16" {
		w.doc.Problems = append(w.doc.Problems, utf16Problem())
	}
	return (&walker{reader: w, v: v, begin: &begin}).walk()
}

// sniffBytes is how much of a document Walk looks at to tell its format.
const sniffBytes = 64 << 10

// walkWhole reads the document, and then visits it.
func walkWhole(r io.Reader, lim evidence.Limits, encoding string, v *visitor) (*Document, error) {
	data, err := readAll(r, 0, lim.DocumentBytes)
	if err != nil {
		return nil, err
	}
	doc, err := readBytes(data, lim, encoding)
	if err != nil {
		return nil, err
	}
	return doc, v.take(doc)
}

// take gives what doc holds to v, and removes it from doc.
func (v *visitor) take(doc *Document) error {
	if err := visit(&doc.Components, v.Component); err != nil {
		return err
	}
	if err := visit(&doc.Files, v.File); err != nil {
		return err
	}
	if err := visit(&doc.Snippets, v.Snippet); err != nil {
		return err
	}
	if err := visit(&doc.Services, v.Service); err != nil {
		return err
	}
	if err := visit(&doc.Relationships, v.Relationship); err != nil {
		return err
	}
	return visit(&doc.Vulnerabilities, v.Vulnerability)
}

// visit gives the elements of a list to f, and drops the list.
func visit[T any](list *[]T, f func(*T) error) error {
	elements := *list
	*list = nil
	if f == nil {
		return nil
	}
	for i := range elements {
		if err := f(&elements[i]); err != nil {
			return err
		}
	}
	return nil
}

// walker is a reader that gives away what it has read.
type walker struct {
	*reader
	v     *visitor
	begin *int64 // offset of what is being read
	since int64  // offset where the slabs of the reader began
	err   error  // of v
}

// held reads a value, whose text stays until it is read, within a budget of its own.
func (w *walker) held(read func()) {
	*w.begin = w.d.Offset()
	w.budget.refill(0)
	w.d.Hold()
	read()
	w.d.Release()
}

func (w *walker) walk() (*Document, error) {
	doc := w.doc
	doc.at = w.place(sectionDocument, 0, nil)
	if doc.Format == FormatCycloneDXJSON {
		doc.ID = "#"
	}
	w.members()
	if w.err != nil {
		return doc, w.err
	}
	if err := w.d.End(); err != nil {
		return doc, err
	}
	check := w.cdxVersion
	if doc.Format == FormatSPDXJSON {
		check = w.spdxVersion
		w.spdxDocumentID()
	}
	if err := check(); err != nil {
		return doc, err
	}
	return doc, w.v.take(doc)
}

// members reads the members of the document.
func (w *walker) members() {
	d := w.d
	for d.Object(); w.err == nil && d.Next(); {
		name := string(d.Key())
		switch element, wanted := w.element(name); {
		case w.root != nil && d.Depth() == 1:
			w.doc.outer.add(w.intern(name), d.Raw())
		case w.doc.Format == FormatSPDXJSON && w.isWrapper(name):
			w.unwrap(name)
			w.members()
		case element != nil && d.Kind() == jsonstrict.Array && wanted:
			w.array(element)
		case element != nil && !wanted:
			d.Skip()
		default:
			w.other(name)
		}
	}
}

// element returns what reads one element of a member that is a long list, nil
// for any other member, and whether anything in it is wanted.
func (w *walker) element(name string) (read func(i int), wanted bool) {
	r, doc, v := w.reader, w.doc, w.v
	if doc.Format == FormatCycloneDXJSON {
		switch name {
		case "components":
			return func(i int) { r.cdxNested(sectionComponents, i, nil) }, v.Component != nil || v.Relationship != nil
		case "services":
			return func(i int) { r.cdxService(r.place(sectionServices, i, nil)) }, v.Service != nil || v.Relationship != nil
		case "dependencies":
			return r.cdxDependency, v.Relationship != nil
		case "vulnerabilities":
			return func(i int) {
				r.cdxVulnerability(add(r, &doc.Vulnerabilities), i)
			}, v.Vulnerability != nil
		}
		return nil, false
	}
	switch name {
	case "packages":
		return func(i int) {
			r.spdxPackage(add(r, &doc.Components), i)
		}, v.Component != nil || v.Relationship != nil
	case "files":
		return func(i int) {
			r.spdxFile(add(r, &doc.Files), i)
		}, v.File != nil || v.Relationship != nil
	case "snippets":
		return func(i int) {
			r.spdxSnippet(add(r, &doc.Snippets), i)
		}, v.Snippet != nil
	case "relationships":
		return func(i int) {
			r.spdxRelationship(add(r, &doc.Relationships), i)
		}, v.Relationship != nil
	}
	return nil, false
}

// array reads the elements of a long list, and gives each away before the next.
// What documentDescribes says waits for the document's ID.
func (w *walker) array(read func(i int)) {
	d := w.d
	later := w.doc.Relationships
	i := 0
	for d.Array(); w.err == nil && d.Next(); i++ {
		w.doc.Relationships = nil
		w.held(func() { read(i) })
		if d.Err() == nil {
			w.err = w.v.take(w.doc)
		}
		if len(w.parties) > mostNames {
			clear(w.parties)
		}
		if d.Offset()-w.since > slabSpan {
			w.since = d.Offset()
			w.dropSlabs()
		}
	}
	w.doc.Relationships = later
}

// slabSpan is how much of a document, in bytes, the elements of one slab may be
// from in a walk: their strings keep that much of it alive.
const slabSpan = 128 << 10

// other reads a member that is no long list.
func (w *walker) other(name string) {
	d := w.d
	w.held(func() {
		if w.doc.Format == FormatCycloneDXJSON {
			w.cdxMember(name)
		} else {
			w.spdxMember(name)
		}
	})
	if len(w.doc.Components) > 0 && d.Err() == nil {
		w.err = w.v.take(w.doc) // the component of the metadata
	}
}
