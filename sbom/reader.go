// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// reader turns the JSON form of a document into the model. Its methods read
// the next value of d into a field, and put into ex what the field cannot hold.
type reader struct {
	d    *jsonstrict.Decoder
	data []byte // the text that d reads; nil in a walk
	lim  evidence.Limits
	doc  *Document

	// base is where data begins, when it is a part of a larger text.
	root            *place // parent of the sections of the document; nil for its outermost object
	base            place
	translate       func(place) place   // maps a place of data to one of the text it was made from; may be nil
	parties         map[string]*Party   // by SPDX 2 form
	names           map[string]string   // names of members that no field is for
	odd             bool                // the list that is being read has something that its elements cannot hold
	alike           map[string]int      // problems by code
	ids             map[string]struct{} // of elements that relationships can name
	rootAt, rootEnd int                 // of CycloneDX metadata.component in doc.Components, with what is nested in it
	cisa            bool                // the properties read last have some that begin with sbomterm.CISAPrefix
	nested          []int32             // relationships of OriginNested whose From is not known yet
	budget          *budget
	sub             *jsonstrict.Decoder // what within used last

	texts       pool[Text]
	strs        pool[string]
	hashes      pool[Hash]
	identifiers pool[Identifier]
	references  pool[ExternalReference]
	properties  pool[Property]
	licenses    pool[License]
	annotations pool[Annotation]
}

func newReader(data []byte, lim evidence.Limits, format Format) *reader {
	r := &reader{
		d:       jsonstrict.NewBytes(data, jsonstrict.Options{Limits: lim, Share: true}),
		data:    data,
		lim:     lim,
		doc:     &Document{Format: format},
		parties: map[string]*Party{},
		names:   map[string]string{},
		ids:     map[string]struct{}{},
		alike:   map[string]int{},
	}
	if format == FormatUnknown {
		r.setBudget(nil) // a member of a document that was read is read again
	} else {
		r.setBudget(newBudget(len(data), lim))
	}
	return r
}

// setBudget makes b, nil for none, what r may spend.
func (r *reader) setBudget(b *budget) {
	r.budget = b
	r.texts.budget = b
	r.strs.budget = b
	r.hashes.budget = b
	r.identifiers.budget = b
	r.references.budget = b
	r.properties.budget = b
	r.licenses.budget = b
	r.annotations.budget = b
	if b != nil {
		b.exceeded = func() {
			r.d.Fail(r.d.Problem("sbom.memory", evidence.SeverityError, evidence.ErrLimit, "%s", b.message()))
		}
	}
}

// pool hands out small slices of one type from larger ones. A list is pushed
// element by element, then taken from the mark where it began; lists may nest.
type pool[T any] struct {
	scratch []T
	slab    []T
	budget  *budget
}

func (p *pool[T]) mark() int { return len(p.scratch) }

func (p *pool[T]) push(v T) {
	if len(p.scratch) == cap(p.scratch) {
		p.scratch = extend(p.budget, p.scratch, 2*len(p.scratch))
	}
	p.scratch = append(p.scratch, v)
}

// take returns what was pushed since mark, nil if nothing was.
func (p *pool[T]) take(mark int) []T {
	list := p.scratch[mark:]
	if len(list) == 0 || p.budget.spent() {
		return nil
	}
	if cap(p.slab)-len(p.slab) < len(list) {
		p.slab = extend(p.budget, []T(nil), max(len(list), min(2*cap(p.slab), 1024), 16))
	}
	from := len(p.slab)
	p.slab = append(p.slab, list...)
	clear(list)
	p.scratch = p.scratch[:mark]
	return p.slab[from:len(p.slab):len(p.slab)]
}

// dropSlabs makes the pools begin new slabs.
func (r *reader) dropSlabs() {
	r.texts.slab = nil
	r.strs.slab = nil
	r.hashes.slab = nil
	r.identifiers.slab = nil
	r.references.slab = nil
	r.properties.slab = nil
	r.licenses.slab = nil
	r.annotations.slab = nil
}

// place returns the place of the value that comes next.
func (r *reader) place(s section, index int, parent *place) place {
	pos := r.d.Pos()
	if parent == nil {
		parent = r.root
	}
	p := place{offset: pos.Offset, line: int32(pos.Line), column: int32(pos.Column), index: int32(index), section: s, parent: parent}
	if r.base.line > 0 {
		p.offset += r.base.offset
		if p.line == 1 {
			p.column += r.base.column - 1
		}
		p.line += r.base.line - 1
	}
	if r.translate != nil {
		p = r.translate(p)
	}
	return p
}

// problem records a finding about the last value begun.
func (r *reader) problem(code string, severity evidence.Severity, class error, format string, args ...any) {
	if r.alike[code]++; r.alike[code] > mostAlike {
		return
	}
	at := r.place(sectionDocument, 0, nil)
	r.doc.Problems = append(r.doc.Problems, &evidence.Problem{
		Code: code, Severity: severity, Pointer: r.d.Pointer(), Line: int(at.line), Column: int(at.column),
		Offset: at.offset, Message: fmt.Sprintf(format, args...), Err: class,
	})
}

var (
	rawNull       = []byte("null")
	rawEmpty      = []byte(`""`)
	rawEmptyArray = []byte("[]")
)

// null reports whether the next value is null, and keeps it.
func (r *reader) null(ex *Extras, name string) bool {
	if r.d.Kind() != jsonstrict.Null {
		return false
	}
	r.d.Null()
	ex.add(name, rawNull)
	return true
}

// extra keeps the next value under the name of the current member.
func (r *reader) extra(ex *Extras) {
	name := r.intern(string(r.d.Key()))
	r.budget.spend(sizeOf[extra]())
	ex.add(name, r.d.Raw())
}

// intern returns one copy of each name.
func (r *reader) intern(name string) string {
	if one, ok := r.names[name]; ok {
		return one
	}
	if len(r.names) < mostNames {
		r.names[name] = name
	}
	return name
}

// mostNames bounds the names that are kept to be shared; honest documents have some tens.
const mostNames = 4096

// oddMember skips a member that the element of a list has no field for.
func (r *reader) oddMember() {
	r.odd = true
	r.d.Skip()
}

// from returns the text between an offset of the Decoder and where it is now.
func (r *reader) from(start int64) []byte {
	return r.d.Since(start)
}

// str reads a string that means the same absent as empty.
func (r *reader) str(dst *string, ex *Extras, name string) {
	if r.null(ex, name) {
		return
	}
	if *dst = r.d.String(); *dst == "" {
		ex.add(name, rawEmpty)
	}
}

// oddStr is str for an element of a list that has no Extras.
func (r *reader) oddStr(dst *string) {
	if r.d.Kind() == jsonstrict.Null {
		r.oddMember()
		return
	}
	if *dst = r.d.String(); *dst == "" {
		r.odd = true
	}
}

func (r *reader) text(dst *Text, ex *Extras, name string) {
	if !r.null(ex, name) {
		*dst = redactable(r.d.String())
	}
}

// assertable reads a string whose values NONE and NOASSERTION are words of SPDX.
func (r *reader) assertable(dst *Text, ex *Extras, name string) {
	if !r.null(ex, name) {
		*dst = assertable(r.d.String())
	}
}

func (r *reader) boolean(dst **bool, ex *Extras, name string) {
	if !r.null(ex, name) {
		*dst = new(r.d.Bool())
	}
}

func (r *reader) float(dst **float64, ex *Extras, name string) {
	if r.null(ex, name) {
		return
	}
	start := r.d.Offset()
	f := r.d.Float64()
	*dst = &f
	if raw := r.from(start); strconv.FormatFloat(f, 'g', -1, 64) != string(raw) {
		ex.add(name, raw)
	}
}

// integer reads a number that is an integer; another is kept as it is written.
func (r *reader) integer(dst *int, ex *Extras, name string) {
	if r.null(ex, name) {
		return
	}
	start := r.d.Offset()
	n, err := strconv.Atoi(string(r.d.Number()))
	if r.d.Err() != nil {
		return
	}
	if *dst = n; err != nil || n == 0 {
		*dst = 0
		ex.add(name, r.from(start))
	}
}

// time reads an RFC 3339 time. One that is not written in UTC with seconds is
// kept as it is written too.
func (r *reader) time(dst *time.Time, ex *Extras, name string) {
	if r.null(ex, name) {
		return
	}
	start := r.d.Offset()
	s := r.d.String()
	t, err := parseTime(s)
	if err != nil {
		if r.d.Err() == nil && s != "" {
			r.problem("sbom.time", evidence.SeverityWarning, evidence.ErrFormat, "%s is not a time of RFC 3339", textfmt.Quote(s))
		}
	} else {
		*dst = t
	}
	if err != nil || timeText(*dst) != s {
		ex.add(name, r.from(start))
	}
}

func timeText(t time.Time) string { return t.Format("2006-01-02T15:04:05Z") }

// array reads the elements of an array by read, and keeps an empty one. In the
// array that read sets r.odd in, all of it is kept.
func (r *reader) array(ex *Extras, name string, read func()) {
	if r.null(ex, name) {
		return
	}
	start := r.d.Offset()
	outer := r.odd
	r.odd = false
	n := 0
	for r.d.Array(); r.d.Next(); n++ {
		read()
	}
	if r.d.Err() == nil && (r.odd || n == 0) {
		ex.add(name, r.from(start))
	}
	r.odd = outer
}

func (r *reader) strings(dst *[]string, ex *Extras, name string) {
	mark := r.strs.mark()
	r.array(ex, name, func() { r.strs.push(r.d.String()) })
	*dst = r.strs.take(mark)
}

func (r *reader) textList(dst *[]Text, ex *Extras, name string) {
	mark := r.texts.mark()
	r.array(ex, name, func() { r.texts.push(assertable(r.d.String())) })
	*dst = r.texts.take(mark)
}

// party reads the SPDX 2 form of a party. Equal parties are one value.
func (r *reader) party(dst **Party, ex *Extras, name string) {
	if r.null(ex, name) {
		return
	}
	s := r.d.String()
	p := r.parties[s]
	if p == nil {
		if r.ids == nil {
			s = strings.Clone(s) // a walk must not keep the text of the element
		}
		r.budget.spend(sizeOf[Party]() + mapEntryBytes)
		p = new(parseParty(s))
		r.parties[s] = p
	}
	*dst = p
}

// add appends a zero element to a list and returns it. The pointer is good until
// the next element is added.
func add[T any](r *reader, list *[]T) *T {
	if len(*list) == cap(*list) {
		*list = extend(r.budget, *list, 2*len(*list))
	}
	*list = (*list)[:len(*list)+1]
	return &(*list)[len(*list)-1]
}

// grow makes room for one more element of a list that began at start and goes
// on at most to the end of the text, judging from the elements so far.
func grow[T any](r *reader, list []T, start int64) []T {
	if len(list) < cap(list) || len(list) < 64 {
		return list
	}
	at := r.d.Offset()
	if r.data == nil { // a walk does not know how much there is to come
		return extend(r.budget, list, 2*len(list))
	}
	size := float64(at-start) / float64(len(list))
	more := int(float64(int64(len(r.data))-at)/size) + 16
	return extend(r.budget, list, len(list)+min(more, 3*len(list)))
}

// know says that relationships may name id.
func (r *reader) know(id string) {
	if r.ids != nil && id != "" {
		r.budget.spend(mapEntryBytes)
		r.ids[id] = struct{}{}
	}
}

// claim returns the ID of an element: ref, or its pointer where ref is empty or taken.
// A walk, which holds no IDs, takes every ref.
func (r *reader) claim(ref string, at *place) string {
	if r.ids == nil {
		if ref == "" {
			return "#" + at.pointer()
		}
		return ref
	}
	r.budget.spend(mapEntryBytes)
	if ref != "" {
		if _, taken := r.ids[ref]; !taken {
			r.ids[ref] = struct{}{}
			return ref
		}
		r.report(at, "sbom.duplicate-id", "identifier "+textfmt.Quote(ref)+" is used more than once")
	}
	id := "#" + at.pointer()
	r.budget.spend(2 * len(id)) // and what it was made from
	r.ids[id] = struct{}{}
	return id
}

func sizeText(n int64) string { return strconv.FormatInt(n, 10) + " bytes" }

func itoa(n int) string { return strconv.Itoa(n) }

// mostAlike is how many problems of one code are told one by one.
const mostAlike = 1000

// report records a warning about an element, the first mostAlike of a code.
func (r *reader) report(at *place, code, message string) {
	r.alike[code]++
	switch n := r.alike[code]; {
	case n <= mostAlike:
		r.doc.Problems = append(r.doc.Problems, at.position().Problem(code, evidence.SeverityWarning, evidence.ErrFormat, "", message))
	case n == mostAlike+1:
		r.doc.Problems = append(r.doc.Problems, at.position().Problem(code, evidence.SeverityWarning, evidence.ErrFormat, "", "more problems of this kind are not listed"))
	}
}

// within reads raw, a part of the text that stands at place at under the given
// pointer, by a Decoder of its own.
func (r *reader) within(raw []byte, at place, pointer func() string, read func()) {
	d, data, base := r.d, r.data, r.base
	if r.sub == nil {
		r.sub = jsonstrict.NewBytes(raw, jsonstrict.Options{Limits: r.lim, Share: true})
	} else {
		r.sub.Reset(raw)
	}
	r.d, r.data, r.base = r.sub, raw, at
	read()
	err := r.d.End()
	r.d, r.data, r.base = d, data, base
	if p, ok := err.(*evidence.Problem); ok {
		q := *p
		q.Pointer = pointer() + p.Pointer
		q.Offset += at.offset
		if q.Line == 1 {
			q.Column += int(at.column) - 1
		}
		q.Line += int(at.line) - 1
		d.Fail(&q)
	}
}
