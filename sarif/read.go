// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ReadOptions says how a report is read. The zero value is the strictest.
type ReadOptions struct {
	Name   string // of the file, for Source.File and Problem.Path; may be empty
	Limits evidence.Limits
}

func (o *ReadOptions) orZero() ReadOptions {
	if o == nil {
		return ReadOptions{}
	}
	return *o
}

// ReadSARIF reads a SARIF 2.1.0 log from any tool.
//
// It is tolerant where producers differ and strict where parsers do: a member of
// the wrong type is skipped, a rule is found by index, id or component, a byte
// order mark and UTF-16 are accepted; duplicate names, invalid UTF-8, data after
// the document, other versions of SARIF, and uriBaseIds that refer to each other
// in a circle are refused. A document that is read may still be schema-invalid
// ([ValidateSchema]) or unsound ([ValidateSemantics]), and its tool may not have
// run ([Log.Health]).
//
// An error is a *Problem with position and class ErrFormat, ErrUnsupported or
// ErrLimit, or the error of r. Memory is the findings, not the document.
func ReadSARIF(r io.Reader, o *ReadOptions) (*Log, error) {
	text, encoding := jsonstrict.UTF8(r)
	opts := o.orZero()
	s := newReader(jsonstrict.New(text, jsonstrict.Options{Limits: opts.Limits, AllowNUL: true}), opts, FormatSARIF)
	if encoding != "UTF-8" {
		s.note("sarif.encoding", evidence.SeverityWarning, "document is %s, RFC 8259 asks for UTF-8", encoding)
	}
	s.document()
	return s.finish()
}

// reader reads one report of any format.
type reader struct {
	d     *jsonstrict.Decoder
	o     ReadOptions
	log   *Log
	texts map[string]string // short strings, each held once
	notes map[string]*note
	order []*note
	block []Finding // findings are allocated in blocks
	rules []rule    // so are rules
	left  int       // findings that Limits still allow
}

// note is one kind of problem with the first place where it was met.
type note struct {
	problem *evidence.Problem
	count   int
}

func newReader(d *jsonstrict.Decoder, o ReadOptions, f Format) *reader {
	return &reader{
		d: d, o: o, log: &Log{Format: f, Name: o.Name},
		texts: map[string]string{}, notes: map[string]*note{}, left: o.Limits.OrDefault().Findings,
	}
}

// finish returns the log, or the error that stopped the reading.
func (s *reader) finish() (*Log, error) {
	if err := s.d.End(); err != nil {
		if p, ok := err.(*evidence.Problem); ok && s.o.Name != "" {
			err = p.At(s.o.Name)
		}
		return nil, err
	}
	for _, n := range s.order {
		if n.count > 1 {
			n.problem.Message += fmt.Sprintf(" (%d times; this is the first)", n.count)
		}
		n.problem.Path = s.o.Name
		s.log.Problems = append(s.log.Problems, n.problem)
	}
	s.log.Problems.Sort()
	return s.log, nil
}

// note records a problem about the value read last. One code is told once.
func (s *reader) note(code string, severity evidence.Severity, format string, args ...any) {
	if n := s.notes[code]; n != nil {
		n.count++
		return
	}
	n := &note{s.d.Problem(code, severity, evidence.ErrFormat, format, args...), 1}
	s.notes[code] = n
	s.order = append(s.order, n)
}

// fail stops the reading.
func (s *reader) fail(code string, class error, format string, args ...any) {
	s.d.Fail(s.d.Problem(code, evidence.SeverityError, class, format, args...))
}

// newFinding returns a zero finding.
func (s *reader) newFinding() *Finding {
	if !s.countResult() {
		return &Finding{}
	}
	if len(s.block) == 0 {
		s.block = make([]Finding, 64)
	}
	f := &s.block[0]
	s.block = s.block[1:]
	return f
}

// newRule returns a zero rule. Rules are counted like results: each takes as much.
func (s *reader) newRule() *rule {
	if !s.countResult() {
		return &rule{}
	}
	if len(s.rules) == 0 {
		s.rules = make([]rule, 16)
	}
	u := &s.rules[0]
	s.rules = s.rules[1:]
	return u
}

// countResult accounts for one result and reports whether Limits still allow it.
func (s *reader) countResult() bool {
	if s.left--; s.left < 0 {
		s.fail("sarif.findings", evidence.ErrLimit, "more than %d findings", s.o.Limits.OrDefault().Findings)
		return false
	}
	return true
}

// str reads a string, or skips a value of another type and returns "".
func (s *reader) str() string {
	if s.d.Kind() != jsonstrict.String {
		s.d.Skip()
		return ""
	}
	return s.d.String()
}

// word reads a string of which the document likely has many equal ones.
func (s *reader) word() string {
	if s.d.Kind() != jsonstrict.String {
		s.d.Skip()
		return ""
	}
	return s.intern(s.d.Bytes())
}

const (
	internBytes = 128     // longer strings rarely repeat
	internCount = 1 << 16 // bounds what a hostile document can make the table hold
)

func (s *reader) intern(b []byte) string {
	if len(b) > internBytes {
		return string(b)
	}
	if t, ok := s.texts[string(b)]; ok {
		return t
	}
	t := string(b)
	if len(s.texts) < internCount {
		s.texts[t] = t
	}
	return t
}

// words reads an array of strings; elements of other types are skipped.
func (s *reader) words() []string {
	var list []string
	for elements := s.list(); elements.next(); {
		if w := s.word(); w != "" {
			list = append(list, w)
		}
	}
	return list
}

// shared is the most entries that are kept of a list which many results refer to:
// a result is worth that much work, not more.
const shared = 64

// sharedWords is words for lists of rules.
func (s *reader) sharedWords() []string {
	list := s.words()
	if len(list) > shared {
		s.note("sarif.long-list", evidence.SeverityWarning, "list of %d texts is read to the %dth", len(list), shared)
		list = slices.Clone(list[:shared])
	}
	return list
}

// scalar reads a string, number or boolean as text.
func (s *reader) scalar() string {
	switch s.d.Kind() {
	case jsonstrict.String:
		return s.d.String()
	case jsonstrict.Number:
		return string(s.d.Number())
	case jsonstrict.True, jsonstrict.False:
		return strconv.FormatBool(s.d.Bool())
	}
	s.d.Skip()
	return ""
}

// integer reads a number as an int, or returns missing.
func (s *reader) integer(missing int) int {
	if s.d.Kind() != jsonstrict.Number {
		s.d.Skip()
		return missing
	}
	text := s.d.Number()
	if n, err := strconv.Atoi(string(text)); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(string(text), 64); err == nil && f == float64(int32(f)) {
		return int(f) // 1.0 and 1e0 are integers, too
	}
	return missing
}

// boolean reads true or false; told is false for anything else.
func (s *reader) boolean() (value, told bool) {
	switch s.d.Kind() {
	case jsonstrict.True, jsonstrict.False:
		return s.d.Bool(), true
	}
	s.d.Skip()
	return false, false
}

// object steps through the members of an object:
//
//	for open := s.object(); open.next(); {
//		switch string(s.d.Key()) {
//
// A value of another type is skipped and has no members.
func (s *reader) object() steps { return s.enter(jsonstrict.Object) }

// list steps through the elements of an array like object.
func (s *reader) list() steps { return s.enter(jsonstrict.Array) }

type steps struct {
	d    *jsonstrict.Decoder
	open bool
}

func (s *reader) enter(k jsonstrict.Kind) steps {
	if s.d.Kind() != k {
		s.d.Skip()
		return steps{}
	}
	if k == jsonstrict.Object {
		s.d.Object()
	} else {
		s.d.Array()
	}
	return steps{s.d, true}
}

func (st steps) next() bool { return st.open && st.d.Next() }

// document reads the sarifLog object (section 3.13).
func (s *reader) document() {
	d := s.d
	if d.Kind() != jsonstrict.Object {
		s.notSARIF("a SARIF log is an object, got %s", d.Kind())
		return
	}
	hasRuns, hasVersion := false, false
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "version":
			hasVersion = true
			s.log.Version = s.str()
			if !strings.HasPrefix(s.log.Version, "2.1.0") {
				s.fail("sarif.version", evidence.ErrUnsupported, "SARIF version %s, want 2.1.0", textfmt.Quote(s.log.Version))
			} else if s.log.Version != "2.1.0" {
				s.note("sarif.version", evidence.SeverityWarning, "SARIF version %s is read as 2.1.0", textfmt.Quote(s.log.Version))
			}
		case "runs":
			hasRuns = true
			if d.Kind() == jsonstrict.Null {
				s.note("sarif.runs-null", evidence.SeverityWarning, "runs is null: the log holds nothing")
			}
			for runs := s.list(); runs.next(); {
				s.run()
			}
		case "inlineExternalProperties":
			s.inlineProperties()
		}
	}
	if d.Err() != nil {
		return
	}
	if !hasRuns {
		s.notSARIF("the object has no runs, as every SARIF log has")
		return
	}
	if !hasVersion {
		s.note("sarif.version-missing", evidence.SeverityError, "the log does not say its version")
	}
}

// inlineProperties looks for results among external properties that are written
// into the log itself (section 3.13.5). They are not read, and not to be missed.
func (s *reader) inlineProperties() {
	for list := s.list(); list.next(); {
		for m := s.object(); m.next(); {
			if string(s.d.Key()) != "results" {
				continue
			}
			for results := s.list(); results.next(); {
				s.log.external = true
				s.note("sarif.external-properties", evidence.SeverityError, "results in inlineExternalProperties are not read")
			}
		}
	}
}

func (s *reader) notSARIF(format string, args ...any) {
	if s.d.Kind() == jsonstrict.Invalid && s.d.Depth() == 0 && s.d.Offset() == 0 {
		s.d.Object() // nothing, or no JSON: let the Decoder say where
	}
	s.fail("sarif.format", evidence.ErrFormat, format, args...)
}
