// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Table is a table of controls.
type Table struct {
	Controls []*Control // each once, in the order of its first row
}

// Control is one requirement of one edition of a framework.
type Control struct {
	Framework string // "CSA CCM"
	Edition   string // "4.1"
	ID        string // as the framework writes it
	OSCALID   string // the same as an OSCAL token; the only one of its kind in framework and edition
	Rows      []*Row // at least one
}

// About returns what the control asks for, as its first row says.
func (c *Control) About() string { return c.Rows[0].About }

// Row is one row of the table: one kind of evidence that speaks to a control.
type Row struct {
	Evidence string // for a person: "SBOM (SPDX, CycloneDX), of every image"
	Kinds    string // as in the table: "test-report, screenshot"
	About    string
	Strength Strength
	Source   string // where the row was found
	Checked  string // "yes", "partly", "secondary" or "no"
	Line     int    // in the file, from 1

	kind *kind
}

// Strength is how much a kind of evidence says of a control. The zero value is invalid.
type Strength uint8

// The strengths.
const (
	StrengthInvalid  Strength = iota
	StrengthShows             // it is what the control asks for, for this release
	StrengthSupports          // it is part of what an assessor needs, and never satisfies
	StrengthGap               // the control is open as long as the manifest declares the gap
	StrengthNone              // it says nothing; the row is there so that nobody maps it
)

var strengthNames = enum.Names{"invalid", "shows", "supports", "gap", "-"}

// String returns the word of the table; "invalid" for any other value.
func (s Strength) String() string { return strengthNames.Name(uint8(s)) }

// MarshalText implements encoding.TextMarshaler; an invalid strength is an error.
func (s Strength) MarshalText() ([]byte, error) { return strengthNames.Marshal("strength", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Strength) UnmarshalText(text []byte) error {
	i, err := strengthNames.Unmarshal("strength", text)
	*s = Strength(i)
	return err
}

//go:embed controls.csv
var builtin []byte

// Builtin returns the table that comes with the project. It is shared: do not change it.
var Builtin = sync.OnceValue(func() *Table {
	t, err := Parse(builtin)
	if err != nil {
		panic("controls: the built-in table: " + err.Error())
	}
	return t
})

// Bounds of a table.
const (
	maxBytes = 4 << 20
	maxRows  = 20_000
	maxField = 4096 // bytes

	maxProblems = 100 // after which no further row is read
)

var columns = []string{"evidence", "kinds", "framework", "edition", "id", "oscal_id", "about", "strength", "source", "checked"}

// Parse reads a table strictly. The error is a list of problems of class
// evidence.ErrFormat, each with line and column, or one of class evidence.ErrLimit.
func Parse(data []byte) (*Table, error) {
	if len(data) > maxBytes {
		return nil, &evidence.Problem{Code: "controls.size", Severity: evidence.SeverityError, Err: evidence.ErrLimit, Message: fmt.Sprintf("the table has %d bytes, more than %d", len(data), maxBytes)}
	}
	p := tableReader{byKey: map[[3]string]*Control{}, tokens: map[[3]string]*Control{}, lines: map[[4]string]int{}}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	for n := 0; len(p.problems) < maxProblems; n++ {
		record, err := r.Read()
		if err == io.EOF {
			if n == 0 {
				p.fail(1, 1, "controls.columns", "the table is empty")
			} else if n == 1 {
				p.fail(1, 1, "controls.columns", "the table has no row")
			}
			break
		}
		if err != nil {
			p.syntax(err)
			break
		}
		if n > maxRows {
			return nil, &evidence.Problem{Code: "controls.rows", Severity: evidence.SeverityError, Err: evidence.ErrLimit, Message: fmt.Sprintf("the table has more than %d rows", maxRows)}
		}
		p.at = func(column int) (int, int) { return r.FieldPos(column) }
		if n == 0 {
			if !slices.Equal(record, columns) {
				p.fail(1, 1, "controls.columns", "the first line must be %s", strings.Join(columns, ","))
				break
			}
			continue
		}
		p.row(record)
	}
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return &p.Table, nil
}

type tableReader struct {
	Table
	byKey    map[[3]string]*Control
	tokens   map[[3]string]*Control // by framework, edition and OSCAL token
	lines    map[[4]string]int      // by framework, edition, id and evidence
	problems evidence.Problems
	at       func(column int) (line, col int) // of the row that is read
}

func (p *tableReader) fail(line, col int, code, format string, args ...any) {
	p.problems = append(p.problems, &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Line: line, Column: col, Message: fmt.Sprintf(format, args...), Err: evidence.ErrFormat,
	})
}

// syntax adds what the CSV reader says.
func (p *tableReader) syntax(err error) {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		p.fail(e.Line, e.Column, "controls.syntax", "no CSV: %v", e.Err)
		return
	}
	p.fail(0, 0, "controls.syntax", "no CSV: %v", err)
}

// token is what OSCAL 1.2.2 takes for the id of a control.
var token = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}.\-_]*$`)

var checkedWords = []string{"yes", "partly", "secondary", "no"}

// row takes one record.
func (p *tableReader) row(record []string) {
	before := len(p.problems)
	bad := func(column int, format string, args ...any) {
		line, col := p.at(column)
		p.fail(line, col, "controls."+strings.ReplaceAll(columns[column], "_", "-"), format, args...)
	}
	if len(record) != len(columns) {
		line, col := p.at(0)
		p.fail(line, col, "controls.columns", "the row has %s, want %d", textfmt.Count(len(record), "column"), len(columns))
		return
	}
	for i, text := range record {
		switch {
		case !utf8.ValidString(text) || textfmt.Printable(text) != text:
			bad(i, "%s is no line of printable text", columns[i])
		case len(text) > maxField:
			bad(i, "%s has %d bytes, more than %d", columns[i], len(text), maxField)
		case strings.TrimSpace(text) != text:
			bad(i, "%s begins or ends with a space", columns[i])
		case text == "" && columns[i] != "oscal_id":
			bad(i, "%s is empty", columns[i])
		}
	}
	if len(p.problems) > before {
		return
	}
	row := &Row{Evidence: record[0], Kinds: record[1], About: record[6], Source: record[8], Checked: record[9]}
	row.Line, _ = p.at(0)
	edition, _, _ := strings.Cut(record[3], " (")
	key := [3]string{record[2], edition, record[4]}
	if err := row.Strength.UnmarshalText([]byte(record[7])); err != nil {
		bad(7, "%v; want shows, supports, gap or -", err)
	}
	if !slices.Contains(checkedWords, row.Checked) {
		bad(9, "unknown word %s; want one of %s", textfmt.Quote(row.Checked), strings.Join(checkedWords, ", "))
	}
	var err error
	if row.kind, err = kindOf(row.Kinds, row.Evidence); err != nil {
		bad(1, "%v", err)
	} else if (row.kind.gap != "") != (row.Strength == StrengthGap) && row.Strength != StrengthInvalid {
		bad(7, "strength gap and kind gap go together only")
	}
	switch id := record[5]; {
	case id == "" && row.Strength == StrengthNone:
	case !token.MatchString(id):
		bad(5, "%s is no OSCAL token: a letter or _, then letters, digits, '.', '-' and '_'", textfmt.Quote(id))
	}
	c := p.byKey[key]
	if c == nil {
		c = &Control{Framework: key[0], Edition: key[1], ID: key[2], OSCALID: record[5]}
		if other := p.tokens[[3]string{key[0], key[1], record[5]}]; other != nil && record[5] != "" {
			bad(5, "%s is the OSCAL id of %s already", textfmt.Quote(record[5]), textfmt.Quote(other.ID))
		}
	} else if c.OSCALID != record[5] {
		bad(5, "the control has the OSCAL id %s in line %d", textfmt.Quote(c.OSCALID), c.Rows[0].Line)
	}
	said := [4]string{key[0], key[1], key[2], row.Evidence}
	if line := p.lines[said]; line > 0 {
		bad(0, "line %d is about this evidence and control already", line)
	}
	p.lines[said] = row.Line
	if len(p.problems) > before {
		return
	}
	if c.Rows == nil {
		p.byKey[key], p.tokens[[3]string{key[0], key[1], record[5]}] = c, c
		p.Controls = append(p.Controls, c)
	}
	c.Rows = append(c.Rows, row)
}
