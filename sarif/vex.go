// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// VEX is a document of the Vulnerability Exploitability eXchange: what a supplier
// says of vulnerabilities in its products.
type VEX struct {
	Name       string // ReadOptions.Name
	Format     string // "openvex" or "cyclonedx"
	ID         string
	Author     string
	Time       time.Time // of the document; zero when not told
	Statements []*Statement

	// Problems is what reading noticed: statements that cannot be honoured among
	// them, as a "not affected" without a justification.
	Problems evidence.Problems
}

// VEXStatus is what a statement says.
type VEXStatus uint8

// The statuses. CycloneDX's states are read as the nearest of them.
const (
	vexInvalid            VEXStatus = iota
	VEXNotAffected        VEXStatus = iota // OpenVEX not_affected; CycloneDX not_affected, false_positive
	VEXAffected           VEXStatus = iota // affected; exploitable
	VEXFixed              VEXStatus = iota // fixed; resolved, resolved_with_pedigree
	VEXUnderInvestigation VEXStatus = iota // under_investigation; in_triage
)

var vexNames = enum.Names{"invalid", "not_affected", "affected", "fixed", "under_investigation"}

// String returns the status in the words of OpenVEX.
func (s VEXStatus) String() string { return vexNames.Name(uint8(s)) }

// MarshalText implements encoding.TextMarshaler; the zero value is an error.
func (s VEXStatus) MarshalText() ([]byte, error) { return vexNames.Marshal("VEX status", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *VEXStatus) UnmarshalText(text []byte) error {
	i, err := vexNames.Unmarshal("VEX status", text)
	*s = VEXStatus(i)
	return err
}

// Statement is one word of a supplier about one vulnerability.
type Statement struct {
	Vulnerability string
	Aliases       []string
	Status        VEXStatus
	Justification string // why not affected, in the format's fixed words
	Impact        string // why not affected, in free text
	Action        string // what to do
	Products      []Product
	Time          time.Time // when it was made, or the document was; zero when not known

	File    string
	Pointer string
	Line    int // from 1

	badTime  bool     // a time is given and cannot be read
	subjects []string // digests that the in-toto statement around the document is about
}

// Product is what a statement is about: a product as a whole, or parts of it.
// Everything that it names must fit the finding.
type Product struct {
	ID          string   // as given: a package URL, an image reference, a name
	Identifiers []string // further package URLs
	Digests     []string // "sha256:<hex>"

	// Versions are the releases of the product, one of which must fit: versions, or
	// ranges as VERS. Empty is any.
	Versions []string

	// Subcomponents are the parts that the statement is about, without parts of their
	// own; empty means the product itself.
	Subcomponents []Product
}

// ReadVEX reads an OpenVEX document (JSON, up to version 0.2.0), by itself or as the
// predicate of an in-toto statement, or the vulnerabilities of a CycloneDX document
// (JSON). Of an in-toto statement, the subjects count as well: its statements are
// about nothing else.
//
// A statement "not affected" without a justification of the format's own list is
// told as a problem and left out: OpenVEX would let a free text stand for it, but
// then nothing is said that a rule can weigh. Errors are those of [ReadSARIF].
func ReadVEX(r io.Reader, o *ReadOptions) (*VEX, error) {
	opts := o.orZero()
	text, _ := jsonstrict.UTF8(r)
	limits := opts.Limits.OrDefault()
	data, err := io.ReadAll(io.LimitReader(text, limits.DocumentBytes+1))
	if err != nil {
		return nil, err
	}
	s := newReader(jsonstrict.NewBytes(data, jsonstrict.Options{Limits: opts.Limits}), opts, formatInvalid)
	v := &vexReader{reader: s, doc: &VEX{Name: opts.Name}}
	switch kind := sniffVEX(data); kind {
	case "openvex":
		v.openVEX()
	case "cyclonedx":
		v.cycloneDX()
	case "in-toto":
		v.inToto()
	default:
		s.d.Skip()
		if s.d.End() == nil {
			s.fail("vex.format", evidence.ErrUnsupported, "neither OpenVEX, by itself or in an in-toto statement, nor CycloneDX")
		}
	}
	log, err := s.finish()
	if err != nil {
		return nil, err
	}
	v.doc.Problems = log.Problems
	return v.doc, nil
}

func sniffVEX(data []byte) string {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	if d.Kind() != jsonstrict.Object {
		return ""
	}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "@context":
			if d.Kind() == jsonstrict.String && isOpenVEX(d.Bytes()) {
				return "openvex"
			}
		case "predicateType":
			if d.Kind() == jsonstrict.String && isOpenVEX(d.Bytes()) {
				return "in-toto"
			}
		case "bomFormat":
			if d.Kind() == jsonstrict.String && string(d.Bytes()) == "CycloneDX" {
				return "cyclonedx"
			}
		}
	}
	return ""
}

// isOpenVEX reports whether a namespace, or a predicate type, is OpenVEX's.
func isOpenVEX(ns []byte) bool {
	rest, ok := bytes.CutPrefix(ns, []byte("https://openvex.dev/ns"))
	return ok && (len(rest) == 0 || rest[0] == '/')
}

type vexReader struct {
	*reader
	doc      *VEX
	subjects []string // digests of the in-toto statement around the document
}

// keep adds a statement that can be honoured, and notes why another cannot.
func (v *vexReader) keep(s *Statement, justifications []string) {
	if v.d.Err() != nil {
		return
	}
	switch {
	case s.Vulnerability == "":
		v.drop(s, "vex.vulnerability", "statement names no vulnerability")
	case s.Status == vexInvalid:
		v.drop(s, "vex.status", "statement about %s has no known status", textfmt.Quote(s.Vulnerability))
	case s.Status == VEXNotAffected && s.Justification == "":
		v.drop(s, "vex.justification", "statement that %s does not affect has no justification", textfmt.Quote(s.Vulnerability))
	case s.Status == VEXNotAffected && !slices.Contains(justifications, s.Justification):
		v.drop(s, "vex.justification", "justification %s is not one of the format's", textfmt.Quote(s.Justification))
	case len(s.Products) == 0:
		v.drop(s, "vex.product", "statement about %s names no product", textfmt.Quote(s.Vulnerability))
	default:
		s.File = v.o.Name
		v.doc.Statements = append(v.doc.Statements, s)
	}
}

// drop tells a statement that is not honoured. Each is told, at its own place.
func (v *vexReader) drop(s *Statement, code, format string, args ...any) {
	p := &evidence.Problem{Code: code, Severity: evidence.SeverityWarning, Pointer: s.Pointer, Line: s.Line,
		Message: fmt.Sprintf(format, args...) + "; it is not honoured", Err: evidence.ErrFormat}
	v.order = append(v.order, &note{p, 1})
}

// when reads a time; ok is false for a text that is none, as one without a zone.
func (v *vexReader) when(text string) (t time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		v.note("vex.time", evidence.SeverityWarning, "%s is not an RFC 3339 time with a zone", textfmt.Quote(text))
		return time.Time{}, false
	}
	return t, true
}

// when notes a time of the statement; the latest counts.
func (s *Statement) when(v *vexReader, text string) {
	t, ok := v.when(text)
	s.badTime = s.badTime || !ok
	if t.After(s.Time) {
		s.Time = t
	}
}

// complete gives statements without a time that of the document. A time that
// cannot be read is not known: it is not the document's.
func (v *vexReader) complete() {
	for _, s := range v.doc.Statements {
		switch {
		case s.badTime:
			s.Time = time.Time{}
		case s.Time.IsZero():
			s.Time = v.doc.Time
		}
		s.subjects = v.subjects
	}
}
