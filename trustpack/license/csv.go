// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/module"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// ReadOptions bounds what a reader takes in. Nil means the defaults.
type ReadOptions struct {
	Limits evidence.Limits // Elements bounds rows and requirements, ImportPath the names of packages
}

// Row is one line of a go-licenses report.
type Row struct {
	Package string // import path of a package, or a module; never empty
	URL     string // of the licence's text; empty where the report says Unknown
	License string // as written; empty where the report says Unknown
	Version string // of the module; empty but where a template wrote a column for it
	Line    int    // from 1

	// Expression is what License says. It is NOASSERTION for an unknown licence and
	// for a name that is no SPDX expression. A name of go-licenses for a licence that
	// the SPDX list has under another is that; any other that is not on the list is
	// kept.
	Expression spdxexpr.Expression
}

// Report is a go-licenses report.
type Report struct {
	Rows     []Row             // in document order; at least one
	Problems evidence.Problems // licences whose names are not SPDX's, lines of a log
}

// ReadReport reads the CSV that "go-licenses report" writes, versions 1 and 2, and
// "go-licenses csv" before them: rows of package, URL and licence without a
// header, several for a package with several licences. A report of a template of
// one's own is read if its first row names the columns: name, url, license and
// version, in any order and case, of which name and license must be there.
// Quoting and line ends are those of RFC 4180, a bare LF too. UTF-16 with a mark,
// which PowerShell's redirection writes, is read.
//
// Lines of go-licenses' log, which stand between the rows where standard error
// went to the same file, are no rows, but problems of code license.log: a warning,
// and of severity error for one by which the tool said that it gave up.
//
// The error is a *Problem with line and column, or that of r. A report without a
// row is refused: a program without any package does not exist. So are names that
// are no import paths in Go, a page of HTML (license.html) and JSON (license.json).
func ReadReport(r io.Reader, o *ReadOptions) (*Report, error) {
	var l evidence.Limits
	if o != nil {
		l = o.Limits
	}
	text, _ := jsonstrict.UTF8(r)
	c := &csvReader{r: bufio.NewReader(text), lim: l.OrDefault(), line: 1}
	rep := &reportReader{c: c, Report: &Report{}, columns: columns{name: 0, url: 1, license: 2, version: -1, count: 3}}
	if err := rep.read(); err != nil {
		return nil, err
	}
	return rep.Report, nil
}

// columns has the places of what a row says; -1 for what it does not say.
type columns struct{ name, url, license, version, count int }

// header returns the columns that a row names, if that is what it does.
func header(fields []string) (columns, bool) {
	c := columns{-1, -1, -1, -1, len(fields)}
	for i, f := range fields {
		var place *int
		switch strings.NewReplacer(" ", "", "_", "").Replace(strings.ToLower(f)) {
		case "name", "package", "library", "module":
			place = &c.name
		case "url", "licenseurl":
			place = &c.url
		case "license", "licensename":
			place = &c.license
		case "version":
			place = &c.version
		}
		if place == nil || *place >= 0 {
			return columns{}, false
		}
		*place = i
	}
	return c, c.name >= 0 && c.license >= 0
}

type reportReader struct {
	*Report
	c *csvReader
	columns
	logged  string // the first error of a log
	logging bool   // the last line was of a log
}

func (rep *reportReader) read() error {
	if err := rep.c.otherFormat(); err != nil {
		return err
	}
	for first := true; ; {
		line := rep.c.line
		isLog, err := rep.log()
		if err != nil {
			return err
		}
		if isLog {
			continue
		}
		rep.logging = false
		fields, err := rep.c.record()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if c, ok := header(fields); ok && first {
			rep.columns, first = c, false
			continue
		}
		first = false
		if len(rep.Rows) >= rep.c.lim.Elements {
			return rep.c.problem("license.rows", evidence.ErrLimit, "more than %d rows", rep.c.lim.Elements)
		}
		row, err := rep.row(fields, line)
		if err != nil {
			return err
		}
		rep.Rows = append(rep.Rows, row)
	}
	switch {
	case len(rep.Rows) > 0:
		return nil
	case rep.logged != "":
		return rep.c.problem("license.empty", evidence.ErrFormat, "report has no row, but the log of a failure: %s", textfmt.Quote(rep.logged))
	}
	return rep.c.problem("license.empty", evidence.ErrFormat, "report has no row")
}

// logHead matches how a line of the glog and klog packages begins.
var logHead = regexp.MustCompile(`^[IWEF][0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} +[0-9]+ [^ \]]{1,128}:[0-9]+\] `)

// moreOfLog reports whether the next line goes on with the message of a log, which
// may have several lines: one that cannot be a row, as it has no comma, or begins as
// no import path does.
func (rep *reportReader) moreOfLog() bool {
	if !rep.logging {
		return false
	}
	b, _ := rep.c.r.Peek(rep.c.r.Size())
	first, _, whole := bytes.Cut(b, []byte("\n"))
	if len(first) == 0 {
		return false
	}
	return first[0] == ' ' || first[0] == '\t' || first[0] == '/' || (whole || len(b) < rep.c.r.Size()) && !bytes.ContainsRune(first, ',')
}

// log reads a line of a log, if the next is one.
func (rep *reportReader) log() (bool, error) {
	b, _ := rep.c.r.Peek(256)
	if !logHead.Match(b) {
		if !rep.moreOfLog() {
			return false, nil
		}
		_, err := rep.c.text(0)
		return true, err
	}
	level, line := b[0], rep.c.line
	if len(rep.Problems) >= rep.c.lim.Elements {
		return false, rep.c.problem("license.rows", evidence.ErrLimit, "more than %d lines of a log", rep.c.lim.Elements)
	}
	text, err := rep.c.text(300)
	if err != nil {
		return false, err
	}
	_, said, _ := strings.Cut(text, "] ")
	p := &evidence.Problem{Code: "license.log", Severity: evidence.SeverityWarning, Line: line, Column: 1, Err: evidence.ErrFormat, Message: "line of go-licenses' log: " + textfmt.Quote(said)}
	if level == 'F' {
		p.Severity = evidence.SeverityError
	}
	if rep.logged == "" && (level == 'E' || level == 'F') {
		rep.logged = said
	}
	rep.Problems = append(rep.Problems, p)
	rep.logging = true
	return true, nil
}

func (rep *reportReader) row(fields []string, line int) (Row, error) {
	refuse := func(code string, class error, format string, args ...any) (Row, error) {
		return Row{}, &evidence.Problem{Code: code, Severity: evidence.SeverityError, Line: line, Column: 1, Err: class, Message: fmt.Sprintf(format, args...)}
	}
	if len(fields) != rep.count {
		return refuse("license.row", evidence.ErrFormat, "row has %d fields, want %d", len(fields), rep.count)
	}
	field := func(i int) string {
		if i < 0 || fields[i] == unknown {
			return ""
		}
		return fields[i]
	}
	row := Row{Package: fields[rep.name], URL: field(rep.url), License: field(rep.license), Version: field(rep.version), Line: line}
	if most := rep.c.lim.ImportPath; len(row.Package) > most {
		return refuse("license.path", evidence.ErrLimit, "import path %s is longer than %d bytes", textfmt.Quote(row.Package), most)
	}
	if err := module.CheckImportPath(row.Package); err != nil {
		return refuse("license.path", evidence.ErrFormat, "%s is no import path: %s", textfmt.Quote(row.Package), importPathFault(err))
	}
	if row.URL != "" && !strings.HasPrefix(row.URL, "https://") && !strings.HasPrefix(row.URL, "http://") {
		return refuse("license.row", evidence.ErrFormat, "%s is neither a URL nor %s", textfmt.Quote(row.URL), unknown)
	}
	expr, err := expression(cmp.Or(classifierNames[row.License], row.License))
	if err != nil {
		rep.Problems = append(rep.Problems, &evidence.Problem{
			Code: "license.expression", Severity: evidence.SeverityWarning, Line: line, Column: 1, Err: evidence.ErrFormat,
			Message: fmt.Sprintf("licence %s of %s is no SPDX expression", textfmt.Quote(row.License), textfmt.Quote(row.Package)),
		})
	}
	row.Expression = expr
	return row, nil
}

// importPathFault returns what module.CheckImportPath says, without the path,
// which may be long.
func importPathFault(err error) string {
	if e, ok := errors.AsType[*module.InvalidPathError](err); ok {
		return textfmt.Clip(e.Err.Error(), 100)
	}
	return textfmt.Clip(err.Error(), 100)
}

const unknown = "Unknown" // what go-licenses writes for what it did not find

// classifierNames are names that go-licenses prints, of its licenseclassifier, for
// licences that the SPDX list has under others.
var classifierNames = map[string]string{
	"Apache-with-LLVM-Exception":         "Apache-2.0 WITH LLVM-exception",
	"Apache-with-Runtime-Exception":      "Apache-2.0 WITH Swift-exception",
	"BSD-0-Clause":                       "0BSD",
	"BSD-3-Clause-OpenMPI":               "BSD-3-Clause-Open-MPI",
	"Business-Source-License-1.1":        "BUSL-1.1",
	"CERN-OHL-WR-v2":                     "CERN-OHL-W-2.0",
	"CERN-OHL-v1.2":                      "CERN-OHL-1.2",
	"Entenssa":                           "Entessa",
	"GNU-All-permissive-Copying-License": "FSFAP",
	"OpenLDAP":                           "OLDAP-2.8",
	"Python-2.0-complete":                "Python-2.0",
	"SQLite":                             "blessing",
	"tcl_tk":                             "TCL",
}

var noAssertion = func() spdxexpr.Expression {
	e, err := spdxexpr.Parse(spdxexpr.NoAssertion, nil)
	if err != nil {
		panic(err) // the grammar has it
	}
	return e
}()

// expression reads a licence as tools write it; nothing, and what is no
// expression, is NOASSERTION.
func expression(s string) (spdxexpr.Expression, error) {
	if strings.TrimSpace(s) == "" {
		return noAssertion, nil
	}
	e, err := spdxexpr.Parse(s, &spdxexpr.Options{UnsafeUnknown: true})
	if err != nil {
		return noAssertion, err
	}
	return e, nil
}

// csvReader reads CSV (RFC 4180) strictly: encoding/csv does not bound a field.
type csvReader struct {
	r            *bufio.Reader
	lim          evidence.Limits
	size         int64
	line, column int    // of the next character; the column is the number of bytes before it
	last         [2]int // line and column of the last character
}

func (c *csvReader) problem(code string, class error, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{Code: code, Severity: evidence.SeverityError, Line: c.line, Column: c.column + 1, Offset: c.size, Err: class, Message: fmt.Sprintf(format, args...)}
}

// atLast is problem about the last character.
func (c *csvReader) atLast(code string, class error, format string, args ...any) *evidence.Problem {
	p := c.problem(code, class, format, args...)
	p.Line, p.Column = c.last[0], c.last[1]+1
	return p
}

// otherFormat refuses a text that begins as a page or as JSON does, which is what
// a failed download leaves behind. Spaces before it are looked through.
func (c *csvReader) otherFormat() error {
	for n := 1; n <= 1024; n++ {
		b, err := c.r.Peek(n)
		if err != nil {
			return nil // too short, or the error comes again
		}
		switch b[n-1] {
		case ' ', '\t', '\r', '\n':
			continue
		case '<':
			return c.problem("license.html", evidence.ErrFormat, "text is a page of HTML or XML, no CSV")
		case '{', '[':
			return c.problem("license.json", evidence.ErrFormat, "text is JSON, no CSV")
		}
		return nil
	}
	return nil
}

// text reads to the end of the line and returns the first bytes of it.
func (c *csvReader) text(most int) (string, error) {
	var b strings.Builder
	for {
		r, err := c.next()
		switch {
		case err == io.EOF, err == nil && r == '\n':
			return b.String(), nil
		case err != nil:
			return "", err
		case b.Len() < most:
			b.WriteRune(r)
		}
	}
}

// next reads a character; CR LF is told as LF.
func (c *csvReader) next() (rune, error) {
	r, n, err := c.r.ReadRune()
	if err != nil {
		return 0, err
	}
	if r == '\r' {
		if b, err := c.r.Peek(1); err != nil || b[0] != '\n' {
			return 0, c.problem("csv.syntax", evidence.ErrFormat, "carriage return without a line feed")
		}
		c.r.Discard(1)
		r, n = '\n', 2
	}
	switch {
	case r == utf8.RuneError && n == 1:
		return 0, c.problem("csv.utf8", evidence.ErrFormat, "text is not UTF-8")
	case r < ' ' && r != '\n' && r != '\t', r == 0x7F:
		return 0, c.problem("csv.syntax", evidence.ErrFormat, "control character %U", r)
	}
	c.last = [2]int{c.line, c.column}
	if c.size += int64(n); c.size > c.lim.DocumentBytes {
		return 0, c.problem("csv.size", evidence.ErrLimit, "report is longer than %d bytes", c.lim.DocumentBytes)
	}
	if r == '\n' {
		c.line++
		c.column = 0
	} else {
		c.column += n
	}
	return r, nil
}

// record reads one row. Empty lines are passed over.
func (c *csvReader) record() ([]string, error) {
	const mostFields, fieldBytes = 16, 64 << 10
	var fields []string
	var field strings.Builder
	quoted, closed, any := false, false, false
	for {
		r, err := c.next()
		switch {
		case err == io.EOF && quoted && !closed:
			return nil, c.problem("csv.syntax", evidence.ErrFormat, "quoted field has no end")
		case err == io.EOF && !any:
			return nil, io.EOF
		case err == io.EOF:
			return append(fields, field.String()), nil
		case err != nil:
			return nil, err
		case r == '\n' && !any:
			continue
		}
		any = true
		switch {
		case quoted && !closed:
			if r != '"' {
				field.WriteRune(r)
				break
			}
			if b, err := c.r.Peek(1); err == nil && b[0] == '"' {
				c.next()
				field.WriteByte('"')
			} else {
				closed = true
			}
		case r == ',' || r == '\n':
			fields = append(fields, field.String())
			field.Reset()
			quoted, closed = false, false
			if r == '\n' {
				return fields, nil
			}
			if len(fields) >= mostFields {
				return nil, c.atLast("csv.syntax", evidence.ErrFormat, "row has more than %d fields", mostFields)
			}
		case closed:
			return nil, c.atLast("csv.syntax", evidence.ErrFormat, "text after the end of a quoted field")
		case r == '"' && field.Len() == 0:
			quoted = true
		case r == '"':
			return nil, c.atLast("csv.syntax", evidence.ErrFormat, "quotation mark inside a field without quotes")
		default:
			field.WriteRune(r)
		}
		if field.Len() > fieldBytes {
			return nil, c.atLast("csv.field", evidence.ErrLimit, "field is longer than %d bytes", fieldBytes)
		}
	}
}
