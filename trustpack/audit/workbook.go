// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"

	"github.com/HailBytes/evidence/internal/textfmt"
)

const (
	mostRows  = 1_000_000 // of a sheet; a workbook has room for 1,048,576
	mostChars = 32_000    // bytes of a cell; a workbook has room for 32,767 characters
)

// cell makes text inert: it is no formula, moves no cursor and turns no writing direction.
func cell(s string) string { return textfmt.Cell(textfmt.Printable(s)) }

// workbook writes all tables of the release.
func (r *Release) workbook() ([]byte, error) {
	return r.book(append([]sheet{r.summarySheet()}, r.sheets()...))
}

// book writes sheets as one workbook. All text is in cells of the type for text: none is a
// formula, also once it is saved as CSV.
func (r *Release) book(sheets []sheet) (data []byte, err error) {
	f := excelize.NewFile()
	defer func() { err = cmp.Or(err, f.Close()) }()
	f.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return &parts{w: w, content: map[string]*bytes.Buffer{}} })
	created := r.now.Format(time.RFC3339)
	if err := f.SetDocProps(&excelize.DocProperties{Creator: r.tool.Name, LastModifiedBy: r.tool.Name, Created: created, Modified: created, Title: line(r.m.Product + " " + r.m.Version)}); err != nil {
		return nil, err
	}
	body, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return nil, err
	}
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7ECF1"}}})
	if err != nil {
		return nil, err
	}
	for i := range sheets {
		name := sheets[i].name
		if i == 0 {
			err = f.SetSheetName("Sheet1", name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err == nil {
			err = sheets[i].write(f, head, body)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

// write fills one sheet: a line of column names that stays in sight, and a filter. Long text
// is wrapped, in rows that are never higher than three lines, so that a print can be read.
func (s *sheet) write(f *excelize.File, head, body int) error {
	yes, landscape, one, asMany := true, "landscape", 1, 0
	if err := f.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	if err := f.SetPageLayout(s.name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &one, FitToHeight: &asMany}); err != nil {
		return err
	}
	w, err := f.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	for i, n := range s.wide {
		if err := w.SetColWidth(i+1, i+1, float64(n)); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	names := make([]any, len(s.head))
	for i, h := range s.head {
		names[i] = excelize.Cell{StyleID: head, Value: h}
	}
	if err := w.SetRow("A1", names); err != nil {
		return err
	}
	rows := s.rows[:min(len(s.rows), mostRows)]
	for i, row := range rows {
		if err := w.SetRow("A"+strconv.Itoa(i+2), s.cells(row, body), excelize.RowOpts{Height: 15 * float64(s.lines(row))}); err != nil {
			return err
		}
	}
	if n := len(s.rows) - len(rows); n > 0 {
		if err := w.SetRow("A"+strconv.Itoa(len(rows)+2), []any{fmt.Sprintf("and %d more, which are in the CSV", n)}); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil || len(rows) == 0 {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(s.head), len(rows)+1)
	if err != nil {
		return err
	}
	return f.AutoFilter(s.name, "A1:"+last, nil)
}

// lines is how many lines a row is high, from 1 to 3.
func (s *sheet) lines(row []string) int {
	most := 1
	for i, text := range row {
		most = max(most, (len(text)+s.wide[i]-1)/s.wide[i])
	}
	return min(most, 3)
}

func (s *sheet) cells(row []string, style int) []any {
	out := make([]any, len(row))
	for i, text := range row {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && s.count[i] {
			out[i] = excelize.Cell{StyleID: style, Value: n}
			continue
		}
		text = cell(text)
		if len(text) > mostChars {
			cut := mostChars
			for !utf8.RuneStart(text[cut]) {
				cut--
			}
			text = text[:cut] + "… (cut: the CSV has all of it)"
		}
		out[i] = excelize.Cell{StyleID: style, Value: text}
	}
	return out
}

// parts writes the files of a workbook sorted by name, with a pinned compressor: excelize
// itself writes sheets in the order of a map, and Go's compressor gives other bytes from one
// version to the next.
type parts struct {
	w       io.Writer
	content map[string]*bytes.Buffer
}

func (p *parts) Create(name string) (io.Writer, error) {
	p.content[name] = new(bytes.Buffer)
	return p.content[name], nil
}

func (p *parts) AddFS(fs.FS) error { return errors.ErrUnsupported }

func (p *parts) Close() error {
	z := zip.NewWriter(p.w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 6) })
	for _, name := range slices.Sorted(maps.Keys(p.content)) {
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := w.Write(p.content[name].Bytes()); err != nil {
			return err
		}
	}
	return z.Close()
}
