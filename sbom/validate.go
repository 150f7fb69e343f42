// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"errors"
	"io"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/schema"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// The IDs of the checks that Validate makes.
const (
	CheckReadable  = "sbom.readable"  // well-formed, of a known format and version, and of the shape that the model can hold
	CheckSchema    = "sbom.schema"    // valid by the official schema
	CheckSemantics = "sbom.semantics" // what the specification asks for beyond its schema
)

// ValidateOptions changes what Validate asks for. Nil is the strictest.
type ValidateOptions struct {
	Limits evidence.Limits // zero fields mean the defaults

	// UnsafeSemantics makes semantic errors a warning. Some official examples of
	// valid documents hold some, such as a bom-ref that is used twice.
	UnsafeSemantics bool

	// UnsafeMembers lets members that the format does not know pass in CycloneDX
	// 1.2 and 1.3, as the looser of their two official schemas does.
	UnsafeMembers bool
}

// Validation is what Validate found. The zero Validation does not hold.
type Validation struct {
	// Document is the document, nil if it could not be read.
	Document *Document `json:"-"`

	Format      Format `json:"format"`                // FormatUnknown if it is not known
	SpecVersion string `json:"specVersion,omitempty"` // as declared; empty if the document could not be read
	Schema      string `json:"schema,omitempty"`      // name of the official schema that judged it

	// Checks are CheckReadable, CheckSchema and CheckSemantics, in this order. A
	// check that the ones before it left no ground for is a skip.
	Checks evidence.Checks `json:"checks"`
}

// OK reports whether the document was judged and no check failed.
func (v *Validation) OK() bool { return v.Checks.OK() }

// Validate judges one document, of any format that Read reads, in three
// layers that are reported apart:
//
//   - sbom.readable: strict syntax, a known format and version, and values of the
//     types that the format has;
//   - sbom.schema: the official JSON Schema of the declared version, formats
//     asserted. CycloneDX XML is held against it by way of its JSON form, and
//     against the rules that only the XSD has. Tag-value has none and is skipped. A version newer than the
//     schemas that are known gives StatusError: it was not judged;
//   - sbom.semantics: rules that no schema states; the package comment lists them.
//
// Every problem has a code, a JSON Pointer, and line and column. The error is
// for a reader that fails; whatever is wrong with the document is in the Validation.
func Validate(r io.Reader, o *ValidateOptions) (*Validation, error) {
	if o == nil {
		o = &ValidateOptions{}
	}
	v := &validator{o: *o, lim: o.Limits.OrDefault()}
	hint := sizeHint(r) // before reading ahead
	text, encoding := jsonstrict.UTF8(r)
	data, err := readAll(text, hint, v.lim.DocumentBytes)
	if p, ok := errors.AsType[*evidence.Problem](err); ok {
		return v.unreadable(p), nil
	}
	if err != nil {
		return nil, err
	}
	v.data, v.encoding = data, encoding
	if err := v.run(); err != nil {
		return nil, err
	}
	return &v.result, nil
}

type validator struct {
	o      ValidateOptions
	lim    evidence.Limits
	data   []byte    // UTF-8
	form   *jsonForm // of a document that is not JSON
	result Validation

	encoding string // of the document before it was UTF-8
	indexed  *jsonstrict.Index
}

// read reads the document, keeping its JSON form if it has another.
func (v *validator) read() (*Document, error) {
	var err error
	switch v.result.Format {
	case FormatCycloneDXXML:
		v.form, err = cycloneDXFromXML(v.data, v.lim, v.encoding)
	case FormatSPDXTagValue:
		v.form, err = spdxFromTagValue(v.data, v.lim)
	default:
		return readBytes(v.data, v.lim, v.encoding)
	}
	if err != nil {
		return nil, err
	}
	return v.form.read(v.lim, v.result.Format)
}

// json returns the JSON text of the document, and what reads it.
func (v *validator) json() ([]byte, jsonstrict.Options) {
	if v.form != nil {
		return v.form.data, jsonstrict.Options{Limits: v.form.limits(v.lim)}
	}
	return v.data, jsonstrict.Options{Limits: v.lim}
}

// index returns the JSON text of the document as the schema, the references in it and
// the places of problems need it; nil where it has none, or is not strict JSON.
func (v *validator) index() (*jsonstrict.Index, error) {
	if v.indexed != nil {
		return v.indexed, nil
	}
	text, o := v.json()
	o.AllowBOM, o.AllowNUL = true, true // what the reader takes
	x, err := jsonstrict.NewIndex(text, o)
	v.indexed = x
	return x, err
}

func (v *validator) run() error {
	format, err := sniff(v.data)
	if err != nil {
		v.unreadable(err)
		return nil
	}
	v.result.Format = format
	doc, err := v.read()
	if err != nil {
		return v.runUnread(err)
	}
	if v.encoding == "UTF-16" {
		doc.Problems = append(evidence.Problems{utf16Problem()}, doc.Problems...)
	}
	v.result.Document = doc
	v.result.SpecVersion = doc.SpecVersion
	v.add(readable(doc))
	check, err := v.schema(doc.SpecVersion, doc.wrapper)
	if err != nil {
		return err
	}
	v.add(check)
	v.add(v.semantics(doc))
	return nil
}

func (v *validator) add(c evidence.Check) { v.result.Checks = append(v.result.Checks, c) }

// unreadable is the result for a document that no later layer can look at.
func (v *validator) unreadable(err error) *Validation {
	v.add(failedRead(err))
	v.add(evidence.Check{ID: CheckSchema, Status: evidence.StatusSkip, Message: "not looked at: the document is not readable"})
	v.add(evidence.Check{ID: CheckSemantics, Status: evidence.StatusSkip, Message: "not looked at: the document is not readable"})
	return &v.result
}

// runUnread asks the schema about JSON that is well-formed and could not be
// read: it may have a value of another type, and the schema tells every such place.
func (v *validator) runUnread(err error) error {
	problem, ok := errors.AsType[*evidence.Problem](err)
	version, wrapper := v.declaredVersion()
	if !ok || problem.Code != "json.type" && problem.Code != "json.number" || version == "" {
		v.unreadable(err)
		return nil
	}
	v.result.SpecVersion = version
	v.add(failedRead(err))
	check, err := v.schema(version, wrapper)
	if err != nil {
		return err
	}
	v.add(check)
	v.add(evidence.Check{ID: CheckSemantics, Status: evidence.StatusSkip, Message: "not looked at: the document is not readable"})
	return nil
}

func failedRead(err error) evidence.Check {
	c := evidence.Check{ID: CheckReadable, Status: evidence.StatusFail, Message: textfmt.Clip(err.Error(), 300)}
	if p, ok := errors.AsType[*evidence.Problem](err); ok {
		c.Message, c.Problems = p.Message, evidence.Problems{p}
	}
	if errors.Is(err, evidence.ErrUnsupported) {
		c.Status = evidence.StatusError // it was not judged
	}
	return c
}

// readable is the check of a document that was read. What reading found that a
// later layer judges is left to it.
func readable(doc *Document) evidence.Check {
	var problems evidence.Problems
	for _, p := range doc.Problems {
		if !semanticCodes[p.Code] && !strings.HasPrefix(p.Code, "sbom.xml-") {
			problems = append(problems, p)
		}
	}
	return evidence.Judge(CheckReadable, "", problems, doc.Format.String()+" "+doc.SpecVersion)
}

// declaredVersion finds the version in JSON text that the reader refused.
func (v *validator) declaredVersion() (version, wrapper string) {
	d := jsonstrict.NewBytes(v.json())
	name, format := "specVersion", v.result.Format
	if format == FormatSPDXJSON {
		name = "spdxVersion"
	}
	var find func() string
	find = func() (version string) {
		for d.Object(); d.Next(); {
			switch key := string(d.Key()); {
			case key == name && d.Kind() == jsonstrict.String:
				version = d.String()
			case wrappers[key] != sectionNone && format == FormatSPDXJSON && d.Kind() == jsonstrict.Object && wrapper == "":
				wrapper = key
				version = find()
			}
		}
		return version
	}
	version = find()
	return version, wrapper
}

// schema makes CheckSchema. The error is one of this module, not of the document.
func (v *validator) schema(version, wrapper string) (evidence.Check, error) {
	c := evidence.Check{ID: CheckSchema}
	format := v.result.Format
	var problems evidence.Problems
	var err error
	switch format {
	case FormatSPDXTagValue:
		c.Status, c.Message = evidence.StatusSkip, "tag-value has no official schema"
		return c, nil
	case FormatCycloneDXXML:
		problems, err = v.xmlSchema(version)
		if v.result.Schema == "" && err == nil {
			return unknownVersion(c, version), nil
		}
	default:
		s := schemaFor(format, version, wrapper, !v.o.UnsafeMembers)
		if s == nil {
			return unknownVersion(c, version), nil
		}
		compiled, cerr := s.get()
		if cerr != nil {
			return c, cerr
		}
		v.result.Schema = s.name
		if wrapper == "sbom" {
			problems, err = validateAnswer(compiled, v.data, v.lim)
		} else {
			problems, err = v.byIndex(compiled)
		}
	}
	if err != nil {
		p, ok := errors.AsType[*evidence.Problem](err)
		if !ok {
			return c, err
		}
		problems = append(problems, p)
	}
	return evidence.Judge(CheckSchema, "", problems, "valid by "+v.result.Schema), nil
}

func (v *validator) byIndex(s *schema.Schema) (evidence.Problems, error) {
	x, err := v.index()
	if err != nil {
		return nil, err
	}
	return s.ValidateIndex(x), nil
}

func unknownVersion(c evidence.Check, version string) evidence.Check {
	c.Status, c.Message = evidence.StatusError, "no schema is known for version "+textfmt.Quote(version)
	return c
}

// semantics makes CheckSemantics.
func (v *validator) semantics(doc *Document) evidence.Check {
	x, err := v.index()
	if err != nil {
		x = nil // tag-value
	}
	problems := checkSemantics(doc, x)
	v.locate(x, problems)
	c := evidence.Judge(CheckSemantics, "", problems, "no problem found")
	if c.Status == evidence.StatusFail && v.o.UnsafeSemantics {
		c.Status = evidence.StatusWarn
	}
	return c
}

// locate gives the problems the line and column of the very member that their
// pointer names; the model knows those of its element.
func (v *validator) locate(x *jsonstrict.Index, problems evidence.Problems) {
	var at map[string]jsonstrict.Pos
	if x != nil && len(problems) > 0 {
		pointers := make([]string, len(problems))
		for i, p := range problems {
			pointers[i] = p.Pointer
		}
		at = x.Locate(pointers)
	}
	for i, p := range problems {
		pos, ok := at[p.Pointer]
		if !ok || pos.Line == 0 || p.Pointer == "" && p.Line > 0 {
			continue
		}
		p.Line, p.Column, p.Offset = pos.Line, pos.Column, pos.Offset
		if v.form != nil {
			problems[i] = v.form.relocate(p).(*evidence.Problem)
		}
	}
	problems.Sort()
}
