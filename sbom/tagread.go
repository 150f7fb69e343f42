// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// readSPDXTagValue reads SPDX 2 tag-value (SPDX 2.3 §5 and annex C) by way of
// its JSON form.
func readSPDXTagValue(data []byte, lim evidence.Limits) (*Document, error) {
	form, err := spdxFromTagValue(data, lim)
	if err != nil {
		return nil, err
	}
	return form.read(lim, FormatSPDXTagValue)
}

// tagPair is one tag with its value.
type tagPair struct {
	tag, value string
	offset     int64
	line       int32
}

// spdxFromTagValue makes the JSON form of a tag-value document. What JSON has
// no place for stands in members whose names begin with "#": tags that are not
// known or not where they belong in "#tags", a value that another spelling is
// usual for in "#". A tag that is not known is a problem "sbom.tag", one whose
// value is not of its syntax "sbom.tag-value".
func spdxFromTagValue(data []byte, lim evidence.Limits) (*jsonForm, error) {
	budget := newBudget(len(data), lim)
	pairs, err := tagPairs(data, lim, budget)
	if err != nil {
		return nil, err
	}
	c := &tagConverter{out: jsonForm{budget: budget}, document: &tagObject{section: tagDocumentSection}, creation: &tagObject{section: tagCreationSection}}
	c.current = c.document
	for i := range pairs {
		if c.take(pairs, i); budget.spent() {
			return nil, tagProblem("sbom.memory", evidence.ErrLimit, pairs[i], "%s", budget.message())
		}
	}
	c.rules()
	c.annotate()
	c.write()
	if budget.spent() {
		return nil, tagProblem("sbom.memory", evidence.ErrLimit, tagPair{line: 1}, "%s", budget.message())
	}
	return &c.out, nil
}

func tagProblem(code string, class error, at tagPair, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Line: int(at.line), Column: 1, Offset: at.offset,
		Message: fmt.Sprintf(format, args...), Err: class,
	}
}

// tagPairs splits a document into its pairs.
func tagPairs(data []byte, lim evidence.Limits, budget *budget) ([]tagPair, error) {
	var pairs []tagPair
	line, offset := int32(0), int64(0)
	fail := func(code string, class error, format string, args ...any) error {
		return tagProblem(code, class, tagPair{line: line, offset: offset}, format, args...)
	}
	rest := data
	for len(rest) > 0 {
		line++
		offset = int64(len(data) - len(rest))
		text, after, _ := bytes.Cut(rest, []byte("\n"))
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			return nil, fail("tag.utf8", evidence.ErrFormat, "line is not UTF-8 text")
		}
		trimmed := bytes.TrimSpace(text)
		if len(trimmed) == 0 || trimmed[0] == '#' {
			rest = after
			continue
		}
		tag, value, ok := bytes.Cut(trimmed, []byte(":"))
		if !ok || !isTag(tag) {
			return nil, fail("tag.syntax", evidence.ErrFormat, "line is no tag and value: %s", textfmt.Quote(string(trimmed)))
		}
		if len(pairs) >= lim.Elements {
			return nil, fail("tag.elements", evidence.ErrLimit, "more than %d tags", lim.Elements)
		}
		p := tagPair{tag: string(tag), offset: offset, line: line}
		value = bytes.TrimSpace(value)
		if bytes.HasPrefix(value, []byte("<text>")) {
			if value, after, ok = tagLongText(rest, after); !ok {
				return nil, fail("tag.text", evidence.ErrFormat, "text has no end")
			}
			if !utf8.Valid(value) || bytes.IndexByte(value, 0) >= 0 {
				return nil, fail("tag.utf8", evidence.ErrFormat, "text is not UTF-8")
			}
		}
		if len(value) > lim.StringBytes {
			return nil, fail("tag.string", evidence.ErrLimit, "value is longer than %d bytes", lim.StringBytes)
		}
		p.value = string(value)
		if len(pairs) == cap(pairs) {
			if pairs = extend(budget, pairs, 2*len(pairs)); budget.spent() {
				return nil, fail("sbom.memory", evidence.ErrLimit, "%s", budget.message())
			}
		}
		pairs = append(pairs, p)
		line += int32(bytes.Count(rest[:len(rest)-len(after)], []byte("\n"))) - 1
		if len(after) == 0 {
			break
		}
		rest = after
	}
	return pairs, nil
}

// tagLongText reads <text>...</text>, which begins in the first line of rest.
// After it, only the end of the line may follow; where more does, the line is
// taken as it is.
func tagLongText(rest, after []byte) (value, next []byte, ok bool) {
	_, body, _ := bytes.Cut(rest, []byte("<text>"))
	value, tail, ok := bytes.Cut(body, []byte("</text>"))
	if !ok {
		return nil, nil, false
	}
	end, next, _ := bytes.Cut(tail, []byte("\n"))
	if len(bytes.TrimSpace(end)) > 0 {
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		_, value, _ := bytes.Cut(line, []byte(":"))
		return bytes.TrimSpace(value), after, true
	}
	return value, next, true
}

func isTag(tag []byte) bool {
	for _, c := range tag {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(tag) > 0
}

// tagObject is an object of the JSON form that is being gathered.
type tagObject struct {
	section *tagSection
	at      tagPair // that began it
	members []tagMember
	kept    []string     // "#tags"
	notes   []*tagObject // annotations about it
	files   []string     // hasFiles
}

// tagMember is a member with its values; more than one only for a list.
type tagMember struct {
	field  *tagField
	values [][]byte
	at     []tagPair
	own    string // "#name", for a value that is no object
}

func (o *tagObject) member(json string) *tagMember {
	for i := range o.members {
		if o.members[i].field.json == json {
			return &o.members[i]
		}
	}
	return nil
}

// text returns the value of a member that is a string.
func (o *tagObject) text(json string) string {
	m := o.member(json)
	if m == nil {
		return ""
	}
	s, _ := stringOf(m.values[0])
	return s
}

// tagConverter gathers the objects of a document.
type tagConverter struct {
	document, creation *tagObject
	current            *tagObject // what the next tag belongs to
	element            *tagObject // the package, file, snippet or licence that was begun last
	pack               *tagObject // the package that files belong to
	objects            []*tagObject
	early              *tagPair            // an SPDXID that stands before the tag that begins its section
	d                  *jsonstrict.Decoder // for tree
	w                  writer
	out                jsonForm
}

// take puts one pair in its place.
func (c *tagConverter) take(pairs []tagPair, i int) {
	p := pairs[i]
	if s := tagBegins[p.tag]; s != nil {
		c.begin(s, p)
	}
	if p.tag == "SPDXID" && c.idIsEarly(pairs, i) {
		c.early = &pairs[i]
		return
	}
	// Relationships and annotations may stand anywhere; what follows them goes on
	// with the element before.
	for _, o := range []*tagObject{c.current, c.element, c.document, c.creation} {
		if o == nil {
			continue
		}
		if f := o.section.field(p.tag); f != nil {
			c.set(o, f, p)
			return
		}
	}
	if !tagKept[p.tag] {
		c.problem(p, evidence.SeverityWarning, "sbom.tag", "tag %s is not known, or does not belong here", textfmt.Quote(p.tag))
	}
	c.keep(c.current, p)
}

// idIsEarly reports whether the SPDXID of pair i belongs to the section that
// the next pair begins, as some tools write it.
func (c *tagConverter) idIsEarly(pairs []tagPair, i int) bool {
	if i+1 >= len(pairs) {
		return false
	}
	s := tagBegins[pairs[i+1].tag]
	if s != tagPackageSection && s != tagFileSection {
		return false
	}
	at := c.element
	if at == nil {
		at = c.document
	}
	return at.section.field("SPDXID") == nil || at.member("SPDXID") != nil
}

func (c *tagConverter) begin(s *tagSection, p tagPair) {
	o := &tagObject{section: s, at: p}
	c.out.budget.spend(sizeOf[tagObject]() + 4*sizeOf[*tagObject]())
	c.objects = append(c.objects, o)
	c.current = o
	switch s {
	case tagPackageSection:
		c.element, c.pack = o, o
	case tagFileSection, tagSnippetSection, tagLicenseSection:
		c.element = o
	}
	if c.early != nil && s.field("SPDXID") != nil {
		c.set(o, s.field("SPDXID"), *c.early)
		c.early = nil
	}
}

// set adds the value of p to o.
func (c *tagConverter) set(o *tagObject, f *tagField, p tagPair) {
	m := o.member(f.json)
	if f.kind == tagComment {
		c.comment(o, m, p)
		return
	}
	if m != nil && !f.list {
		c.problem(p, evidence.SeverityWarning, "sbom.tag", "tag %s is repeated", textfmt.Quote(p.tag))
		c.keep(o, p)
		return
	}
	value := f.tagJSON(p.value, o.text("snippetFromFile"))
	if value == nil {
		c.problem(p, evidence.SeverityError, "sbom.tag-value", "value of %s is malformed: %s", textfmt.Quote(p.tag), textfmt.Quote(p.value))
		c.keep(o, p)
		return
	}
	if m == nil {
		c.out.budget.spend(2*sizeOf[tagMember]() + sizeOf[tagPair]())
		o.members = append(o.members, tagMember{field: f})
		m = &o.members[len(o.members)-1]
	}
	if t, err := c.tree(value); err == nil {
		if usual, ok := f.tagValue(t); !ok || usual != p.value {
			if value[0] == '{' {
				value = append(value[:len(value)-1], `,"#":`...)
				value = append(appendQuoted(value, p.value), '}')
			} else {
				m.own = p.value
			}
		}
	}
	c.out.budget.spend(3*(len(value)+sizeOf[[]byte]()+sizeOf[tagPair]()) + 256) // and what is needed for the moment
	m.values = append(m.values, value)
	m.at = append(m.at, p)
}

// tree is parseTree, without a Decoder for each value.
func (c *tagConverter) tree(value []byte) (*tree, error) {
	if c.d == nil {
		c.d = jsonstrict.NewBytes(value, jsonstrict.Options{AllowNUL: true, Limits: unlimited})
	} else {
		c.d.Reset(value)
	}
	t := readTree(c.d)
	return t, c.d.End()
}

// comment adds a comment to the last object of a list.
func (c *tagConverter) comment(o *tagObject, m *tagMember, p tagPair) {
	if m != nil {
		last := &m.values[len(m.values)-1]
		if t, err := c.tree(*last); err == nil && t.member("comment") == nil {
			*last = append((*last)[:len(*last)-1], `,"comment":`...)
			*last = append(appendQuoted(*last, p.value), '}')
			return
		}
	}
	c.problem(p, evidence.SeverityWarning, "sbom.tag", "tag %s has nothing to comment on", textfmt.Quote(p.tag))
	c.keep(o, p)
}

func (c *tagConverter) keep(o *tagObject, p tagPair) {
	c.out.budget.spend(3*sizeOf[string]() + len(p.tag) + len(p.value))
	o.kept = append(o.kept, p.tag+": "+p.value)
}

func (c *tagConverter) problem(p tagPair, severity evidence.Severity, code, format string, args ...any) {
	if len(c.out.problems) < mostAlike {
		c.out.problems = append(c.out.problems, &evidence.Problem{
			Code: code, Severity: severity, Line: int(p.line), Column: 1, Offset: p.offset,
			Message: fmt.Sprintf(format, args...), Err: evidence.ErrFormat,
		})
	}
}

// annotate moves annotations to the elements that they are about, gives the
// packages their files, and turns names of files that others depend on into IDs.
func (c *tagConverter) annotate() {
	byID, files := map[string]*tagObject{}, map[string]string{}
	var pack *tagObject
	for _, o := range c.objects {
		id := o.text("SPDXID")
		switch o.section {
		case tagPackageSection:
			pack = o
		case tagFileSection:
			if pack != nil && id != "" {
				pack.files = append(pack.files, id)
			}
			if name := o.text("fileName"); id != "" && files[name] == "" {
				files[name] = id
			}
		}
		if _, taken := byID[id]; id != "" && !taken {
			byID[id] = o
		}
	}
	byID[c.document.text("SPDXID")] = c.document
	kept := c.objects[:0]
	for _, o := range c.objects {
		if o.section == tagAnnotationSection {
			subject := byID[o.text("#SPDXREF")]
			if o.member("#SPDXREF") == nil {
				subject = nil
			}
			if subject != nil {
				o.remove("#SPDXREF")
			} else {
				if id := o.text("#SPDXREF"); id != "" && !isExternal(id) {
					c.problem(o.member("#SPDXREF").at[0], evidence.SeverityWarning, "sbom.dangling", "SPDXREF %s names nothing in the document", textfmt.Quote(id))
				}
				subject = c.document
			}
			subject.notes = append(subject.notes, o)
			continue
		}
		if m := o.member("fileDependencies"); m != nil && o.section == tagFileSection {
			for i, name := range m.values {
				s, _ := stringOf(name)
				if id := files[s]; id != "" {
					m.values[i] = quoteJSON(id)
				} else {
					c.problem(m.at[i], evidence.SeverityWarning, "sbom.dangling", "FileDependency %s names no file of the document", textfmt.Quote(s))
					c.keep(o, m.at[i])
					m.values[i] = nil
				}
			}
		}
		kept = append(kept, o)
	}
	c.objects = kept
}

func (o *tagObject) remove(json string) {
	for i := range o.members {
		if o.members[i].field.json == json {
			o.members = append(o.members[:i], o.members[i+1:]...)
			return
		}
	}
}

// mark says that the value which comes next is made from p.
func (c *tagConverter) mark(p tagPair) {
	c.out.mark(len(c.w.buf), p.offset, p.line, 1)
}

// write writes the JSON form.
func (c *tagConverter) write() {
	w := &c.w
	c.mark(tagPair{line: 1})
	w.open('{')
	c.members(c.document)
	if len(c.creation.members) > 0 {
		w.key("creationInfo")
		c.object(c.creation)
	}
	for _, s := range []*tagSection{tagLicenseSection, tagPackageSection, tagFileSection, tagSnippetSection, tagRelationshipSection, tagReviewSection} {
		c.section(s)
	}
	w.close('}')
	c.out.data = w.buf
}

func (c *tagConverter) section(s *tagSection) {
	begun := false
	for _, o := range c.objects {
		if o.section != s {
			continue
		}
		if !begun {
			c.w.key(s.name)
			c.w.open('[')
			begun = true
		}
		c.w.separate()
		c.object(o)
	}
	if begun {
		c.w.close(']')
	}
}

func (c *tagConverter) object(o *tagObject) {
	c.mark(o.at)
	c.w.open('{')
	c.members(o)
	c.w.close('}')
}

// members writes what is in o.
func (c *tagConverter) members(o *tagObject) {
	w := &c.w
	for i := range o.members {
		c.member(&o.members[i])
	}
	if len(o.notes) > 0 {
		w.key("annotations")
		w.open('[')
		for _, note := range o.notes {
			w.separate()
			c.object(note)
		}
		w.close(']')
	}
	stringsMember(w, "hasFiles", o.files)
	stringsMember(w, "#tags", o.kept)
}

func stringsMember(w *writer, name string, v []string) {
	if len(v) > 0 {
		w.key(name)
		w.array(len(v), func(w *writer, i int) { w.string(v[i]) })
	}
}

func (c *tagConverter) member(m *tagMember) {
	w := &c.w
	if m.field.kind == tagRelationship {
		// The object of the section itself.
		w.separate()
		value := m.values[0]
		w.buf = append(w.buf, value[1:len(value)-1]...)
		return
	}
	if !m.field.list {
		w.key(m.field.json)
		c.mark(m.at[0])
		w.buf = append(w.buf, m.values[0]...)
		if m.own != "" {
			w.key("#" + m.field.json)
			w.string(m.own)
		}
		return
	}
	begun := false
	for i, value := range m.values {
		if value == nil {
			continue
		}
		if !begun {
			w.key(m.field.json)
			w.open('[')
			begun = true
		}
		w.separate()
		c.mark(m.at[i])
		w.buf = append(w.buf, value...)
	}
	if begun {
		w.close(']')
	}
}
