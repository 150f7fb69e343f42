package license

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/HailBytes/evidence/internal/diag"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/limit"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// Aliases of the module's one vocabulary of findings and bounds.
type (
	// Problem is one fact about one place of a document: Code, Severity, Line,
	// Column and Message. It matches one of the classes below.
	Problem = diag.Problem
	// Problems is a list of problems in document order.
	Problems = diag.Problems
	// Limits bounds what a reader accepts; zero fields mean the defaults.
	Limits = limit.Limits
)

// The classes of problems, matched with errors.Is.
var (
	ErrFormat   = diag.ErrFormat   // not a document of the format
	ErrLimit    = diag.ErrLimit    // larger than the limits allow
	ErrMismatch = diag.ErrMismatch // two statements of one fact differ
)

// ReadOptions bounds what a reader takes in. Nil means the defaults.
type ReadOptions struct {
	Limits Limits // Elements bounds the rows
}

// Row is one line of a go-licenses report.
type Row struct {
	Package string // import path of a package, or a module; never empty
	URL     string // of the licence's text; empty where the report says Unknown
	License string // as written; empty where the report says Unknown
	Version string // of the module; empty but where a template wrote a column for it
	Line    int    // from 1

	// Expression is what License says. It is NOASSERTION for an unknown licence and
	// for a name that is no SPDX expression; an identifier that is not on the SPDX
	// list is kept.
	Expression spdxexpr.Expression
}

// Report is a go-licenses report.
type Report struct {
	Rows     []Row    // in document order; at least one
	Problems Problems // licences whose names are not SPDX's
}

// ReadReport reads the CSV that "go-licenses report" writes, versions 1 and 2:
// rows of package, URL and licence without a header, several for a package with
// several licences. Quoting and line ends are those of RFC 4180, a bare LF too.
// UTF-16 with a mark, which PowerShell's redirection writes, is read.
//
// The error is a *Problem with line and column, or that of r. A report without a
// row is refused: a program without any package does not exist.
func ReadReport(r io.Reader, o *ReadOptions) (*Report, error) {
	var l Limits
	if o != nil {
		l = o.Limits
	}
	text, _ := jsonstrict.UTF8(r)
	c := &csvReader{r: bufio.NewReader(text), lim: l.OrDefault(), line: 1}
	rep := &Report{}
	for {
		line := c.line
		fields, err := c.record()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(rep.Rows) >= c.lim.Elements {
			return nil, c.problem("license.rows", ErrLimit, "more than %d rows", c.lim.Elements)
		}
		row, err := rep.row(fields, line)
		if err != nil {
			return nil, err
		}
		rep.Rows = append(rep.Rows, row)
	}
	if len(rep.Rows) == 0 {
		return nil, c.problem("license.empty", ErrFormat, "report has no row")
	}
	return rep, nil
}

func (rep *Report) row(fields []string, line int) (Row, error) {
	refuse := func(format string, args ...any) (Row, error) {
		return Row{}, &Problem{Code: "license.row", Severity: diag.SeverityError, Line: line, Column: 1, Err: ErrFormat, Message: fmt.Sprintf(format, args...)}
	}
	if len(fields) != 3 {
		return refuse("row has %d fields, want package, URL and licence", len(fields))
	}
	row := Row{Package: fields[0], URL: fields[1], License: fields[2], Line: line}
	switch {
	case row.Package == "" || strings.ContainsAny(row.Package, " \t\r\n\\"):
		return refuse("%s is no import path", diag.Quote(row.Package))
	case row.URL == unknown:
		row.URL = ""
	case row.URL != "" && !strings.HasPrefix(row.URL, "https://") && !strings.HasPrefix(row.URL, "http://"):
		return refuse("%s is neither a URL nor %s", diag.Quote(row.URL), unknown)
	}
	if row.License == unknown {
		row.License = ""
	}
	expr, err := expression(row.License)
	if err != nil {
		rep.Problems = append(rep.Problems, &Problem{
			Code: "license.expression", Severity: diag.SeverityWarning, Line: line, Column: 1, Err: ErrFormat,
			Message: fmt.Sprintf("licence %s of %s is no SPDX expression", diag.Quote(row.License), diag.Quote(row.Package)),
		})
	}
	row.Expression = expr
	return row, nil
}

const unknown = "Unknown" // what go-licenses writes for what it did not find

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
	lim          Limits
	size         int64
	line, column int    // of the next character; the column is the number of bytes before it
	last         [2]int // line and column of the last character
}

func (c *csvReader) problem(code string, class error, format string, args ...any) *Problem {
	return &Problem{Code: code, Severity: diag.SeverityError, Line: c.line, Column: c.column + 1, Offset: c.size, Err: class, Message: fmt.Sprintf(format, args...)}
}

// atLast is problem about the last character.
func (c *csvReader) atLast(code string, class error, format string, args ...any) *Problem {
	p := c.problem(code, class, format, args...)
	p.Line, p.Column = c.last[0], c.last[1]+1
	return p
}

// next reads a character; CR LF is told as LF.
func (c *csvReader) next() (rune, error) {
	r, n, err := c.r.ReadRune()
	if err != nil {
		return 0, err
	}
	if r == '\r' {
		if b, err := c.r.Peek(1); err != nil || b[0] != '\n' {
			return 0, c.problem("csv.syntax", ErrFormat, "carriage return without a line feed")
		}
		c.r.Discard(1)
		r, n = '\n', 2
	}
	switch {
	case r == utf8.RuneError && n == 1:
		return 0, c.problem("csv.utf8", ErrFormat, "text is not UTF-8")
	case r < ' ' && r != '\n' && r != '\t', r == 0x7F:
		return 0, c.problem("csv.syntax", ErrFormat, "control character %U", r)
	}
	c.last = [2]int{c.line, c.column}
	if c.size += int64(n); c.size > c.lim.DocumentBytes {
		return 0, c.problem("csv.size", ErrLimit, "report is longer than %d bytes", c.lim.DocumentBytes)
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
			return nil, c.problem("csv.syntax", ErrFormat, "quoted field has no end")
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
				return nil, c.atLast("csv.syntax", ErrFormat, "row has more than %d fields", mostFields)
			}
		case closed:
			return nil, c.atLast("csv.syntax", ErrFormat, "text after the end of a quoted field")
		case r == '"' && field.Len() == 0:
			quoted = true
		case r == '"':
			return nil, c.atLast("csv.syntax", ErrFormat, "quotation mark inside a field without quotes")
		default:
			field.WriteRune(r)
		}
		if field.Len() > fieldBytes {
			return nil, c.atLast("csv.field", ErrLimit, "field is longer than %d bytes", fieldBytes)
		}
	}
}
