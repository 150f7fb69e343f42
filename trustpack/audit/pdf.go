// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack/controls"
	"github.com/HailBytes/evidence/trustpack/table"
)

// What the PDF shows of long lists; the workbook and the CSV have all.
const (
	mostInPDF = 2000 // rows of a table
	mostLines = 4    // of a cell
)

// A4 in millimetres.
const (
	pageWidth, pageHeight = 210.0, 297.0
	margin                = 15.0
	inner                 = pageWidth - 2*margin
)

var (
	body   = style{size: 8.5, rgb: [3]int{30, 34, 40}}
	strong = style{size: 8.5, bold: true, rgb: [3]int{30, 34, 40}}
	quiet  = style{size: 7.5, rgb: [3]int{90, 98, 108}}
	title  = style{size: 13, bold: true, rgb: [3]int{16, 42, 84}}
)

// severityColors are backgrounds on which white text can be read.
var severityColors = map[sarif.Severity][3]int{
	sarif.SeverityCritical: {134, 16, 40}, sarif.SeverityHigh: {178, 66, 0}, sarif.SeverityMedium: {130, 90, 0}, sarif.SeverityLow: {36, 94, 138}, sarif.SeverityUnknown: {90, 98, 108},
}

// pdfWriter is the PDF in the making.
type pdfWriter struct {
	*Release
	*typesetter
	y float64 // where the next line goes
}

// pdf writes the release for a reader: cover, findings, licences, tests, accessibility,
// controls, gaps and checks that did not pass.
func (r *Release) pdf() ([]byte, error) {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCatalogSort(true)
	doc.SetCreationDate(r.now)
	doc.SetModificationDate(r.now)
	doc.SetProducer(r.tool.Name, true)
	doc.SetCreator(r.tool.Name, true)
	doc.SetTitle(line(r.m.Product+" "+r.m.Version+" release evidence"), true)
	doc.SetLang("en")
	doc.SetAutoPageBreak(false, 0)
	doc.AliasNbPages("")
	t, err := newTypesetter(doc)
	if err != nil {
		return nil, err
	}
	w := &pdfWriter{Release: r, typesetter: t}
	rows := table.Of(r.report)
	w.cover()
	w.findings(rows)
	w.licencesOf(rows)
	w.tests(rows)
	w.accessibility(rows)
	w.controls()
	w.checks()
	w.files(rows)
	var b bytes.Buffer
	err = doc.Output(&b)
	return b.Bytes(), err
}

// page begins a page, with what it belongs to at its foot.
func (w *pdfWriter) page() {
	w.AddPage()
	w.y = margin
	left := w.wrap(fmt.Sprintf("%s %s, content digest %s", w.m.Product, w.m.Version, w.report.ContentDigest), inner-20, quiet, 1)
	w.put(margin, pageHeight-8, left[0], quiet)
	number := strconv.Itoa(w.PageNo())
	w.put(pageWidth-margin-w.width(number, quiet), pageHeight-8, number, quiet)
}

// room begins a page if less than height is left, and reports whether it did.
func (w *pdfWriter) room(height float64) bool {
	if w.PageNo() > 0 && w.y+height <= pageHeight-margin {
		return false
	}
	w.page()
	return true
}

// paragraph writes text over the width of the page.
func (w *pdfWriter) paragraph(s string, st style, most int) {
	height := st.size * 0.5
	for _, l := range w.wrap(s, inner, st, most) {
		w.room(height)
		w.y += height
		w.put(margin, w.y-height*0.25, l, st)
	}
}

// section begins a part of the document.
func (w *pdfWriter) section(name string) {
	w.room(30)
	w.y += 8
	w.Bookmark(name, 0, w.y-5)
	w.put(margin, w.y, name, title)
	w.SetDrawColor(16, 42, 84)
	w.Line(margin, w.y+1.5, pageWidth-margin, w.y+1.5)
	w.y += 5
}

func (w *pdfWriter) cover() {
	w.page()
	w.y += 18
	w.Bookmark("Summary", 0, 0)
	large := style{size: 24, bold: true, rgb: title.rgb}
	for _, l := range w.wrap(w.m.Product+" "+w.m.Version, inner, large, 2) {
		w.put(margin, w.y, l, large)
		w.y += 10
	}
	w.paragraph("Release evidence: what is in this release, how it was checked, and what that shows", style{size: 11, rgb: quiet.rgb}, 2)
	w.y += 5
	w.banner()
	w.counters()
	for _, f := range w.summary() {
		if f.value == "" || strings.HasPrefix(f.what, "findings, ") || f.what == "verification" {
			continue
		}
		lines := w.wrap(f.value, inner-45, body, 3)
		w.room(4.6 * float64(len(lines)))
		for i, l := range lines {
			w.y += 4.6
			if i == 0 {
				w.put(margin, w.y, w.wrap(f.what, 44, strong, 1)[0], strong)
			}
			w.put(margin+45, w.y, l, body)
		}
	}
	w.y += 4
	w.paragraph("This document is made from the Trust Pack by a program, and lists what the pack holds. A digest names the pack: the same pack gives the same document. "+
		"Whether the pack is the published one, and who signed it, is in the lines pinned and authentic.", quiet, 4)
}

// banner says in one line what the verification came to, in colour and in words.
func (w *pdfWriter) banner() {
	color := [3]int{22, 101, 52}
	switch {
	case w.report.Outcome() == "does-not-hold":
		color = [3]int{134, 16, 40}
	case w.report.Verdicts.Authentic != evidence.StatusPass || w.report.Outcome() != "holds":
		color = [3]int{120, 82, 0}
	}
	st := style{size: 10.5, bold: true, rgb: [3]int{255, 255, 255}}
	lines := w.wrap("Verification: "+w.verdict(), inner-8, st, 2)
	height := 5*float64(len(lines)) + 4
	w.SetFillColor(color[0], color[1], color[2])
	w.Rect(margin, w.y, inner, height, "F")
	for i, l := range lines {
		w.put(margin+4, w.y+6+5*float64(i), l, st)
	}
	w.y += height + 5
}

// counters shows how many findings there are of each severity.
func (w *pdfWriter) counters() {
	n := w.severities()
	width := (inner - 4*3) / 5
	for i, s := range severityOrder {
		x := margin + float64(i)*(width+3)
		c := severityColors[s]
		w.SetFillColor(c[0], c[1], c[2])
		w.Rect(x, w.y, width, 16, "F")
		white := [3]int{255, 255, 255}
		w.put(x+3, w.y+8, textfmt.Number(n[s]), style{size: 16, bold: true, rgb: white})
		w.put(x+3, w.y+13, s.String(), style{size: 8.5, rgb: white})
	}
	w.y += 19
	w.paragraph("Findings of the scans by severity, each once for each image. How severe is what the scanner says; whether it is acceptable is for a policy to say.", quiet, 2)
	w.y += 3
}

// column is one column of a table: its name and its share of the width.
type column struct {
	head  string
	width float64
}

// table writes rows; one that has more than mostInPDF says how many are left out.
func (w *pdfWriter) table(columns []column, rows [][]string) {
	if len(rows) == 0 {
		w.paragraph("None.", body, 1)
		return
	}
	all := 0.0
	for _, c := range columns {
		all += c.width
	}
	const lineHeight = 3.9
	head := func() {
		w.SetFillColor(231, 236, 241)
		w.Rect(margin, w.y, inner, 5.5, "F")
		x := margin
		for _, c := range columns {
			w.put(x+1, w.y+4, c.head, strong)
			x += inner * c.width / all
		}
		w.y += 5.5
	}
	w.room(5.5 + 3*lineHeight)
	head()
	for _, row := range rows[:min(len(rows), mostInPDF)] {
		cells, most := make([][]string, len(row)), 1
		for i, text := range row {
			if text != "" {
				cells[i] = w.wrap(text, inner*columns[i].width/all-2, body, mostLines)
			}
			most = max(most, len(cells[i]))
		}
		if w.room(lineHeight*float64(most) + 1.4) {
			head()
		}
		x := margin
		for i, lines := range cells {
			for j, l := range lines {
				w.put(x+1, w.y+lineHeight*float64(j+1)-0.6, l, body)
			}
			x += inner * columns[i].width / all
		}
		w.y += lineHeight*float64(most) + 1.4
		w.SetDrawColor(220, 225, 230)
		w.Line(margin, w.y, pageWidth-margin, w.y)
	}
	if n := len(rows) - mostInPDF; n > 0 {
		w.y += 2
		w.paragraph("and "+textfmt.Number(n)+" more: the workbook and the CSV have all of them", quiet, 1)
	}
}

func (w *pdfWriter) findings(rows *table.Rows) {
	w.section("Findings")
	w.paragraph(textfmt.Count(len(rows.Findings), "finding")+", the worst first. A finding that is waived says so under the fix.", quiet, 2)
	var list [][]string
	for i := range rows.Findings {
		f := &rows.Findings[i]
		fixed := strings.Join(f.Fixed, ", ")
		if fixed == "" {
			fixed = "none known"
		}
		if f.Waived {
			fixed += "; waived"
		}
		list = append(list, []string{f.Severity, f.Vulnerability, strings.TrimSpace(f.Name + " " + f.Installed), fixed, f.Image, f.Title})
	}
	w.table([]column{{"Severity", 9}, {"Id", 17}, {"Package", 22}, {"Fixed in", 14}, {"Image", 14}, {"Title", 30}}, list)
}

func (w *pdfWriter) licencesOf(rows *table.Rows) {
	w.section("Licences")
	var list [][]string
	for _, l := range w.licences(rows) {
		name := l.License
		if name == "" {
			name = "no known licence"
		}
		list = append(list, []string{name, l.Category, textfmt.Number(int(l.Packages))})
	}
	w.paragraph(textfmt.Count(len(rows.Packages), "package")+" by licence, as the SBOMs state it.", quiet, 1)
	w.table([]column{{"Licence", 60}, {"Category", 20}, {"Packages", 12}}, list)
}

func (w *pdfWriter) tests(rows *table.Rows) {
	w.section("Tests")
	var list [][]string
	for i := range rows.Tests {
		t := &rows.Tests[i]
		list = append(list, []string{t.Status, t.Name, t.Suite, fmt.Sprintf("%.1f s", float64(t.DurationMS)/1000), t.SourcePath})
	}
	w.table([]column{{"Outcome", 10}, {"Test", 42}, {"Suite", 26}, {"Time", 9}, {"Report", 24}}, list)
}

func (w *pdfWriter) accessibility(rows *table.Rows) {
	w.section("Accessibility")
	var list [][]string
	for i := range rows.Accessibility {
		a := &rows.Accessibility[i]
		list = append(list, []string{a.Impact, a.Rule, strings.Join(a.WCAG, ", "), textfmt.Number(int(a.Nodes)), textfmt.Number(int(a.NeedsReview)), a.Page})
	}
	w.paragraph("Rules of axe-core that fail, or that a person must look at, by page.", quiet, 1)
	w.table([]column{{"Impact", 10}, {"Rule", 24}, {"WCAG", 12}, {"Fails", 8}, {"Review", 8}, {"Page", 44}}, list)
}

func (w *pdfWriter) controls() {
	w.section("Controls")
	w.paragraph("A control is satisfied only where the evidence is what it asks for and every check behind it passed on this pack. Evidence that only supports an assessment satisfies nothing.", quiet, 3)
	for _, f := range w.frameworks() {
		w.room(20)
		w.y += 6
		w.put(margin, w.y, w.wrap(f.String(), inner, strong, 1)[0], strong)
		w.y += 2
		var list [][]string
		for _, c := range f.results {
			why := c.Reason
			if t := c.Target(); c.Status == controls.StatusGap && t != "" {
				why += " (to be closed by " + t + ")"
			}
			list = append(list, []string{c.ID, c.About(), c.Status.String(), why})
		}
		w.table([]column{{"Control", 17}, {"About", 32}, {"Status", 13}, {"Why", 44}}, list)
	}
}

// checks lists what did not pass.
func (w *pdfWriter) checks() {
	w.section("Checks that did not pass")
	var list [][]string
	passed := 0
	for _, c := range w.report.Checks {
		if c.Status == evidence.StatusPass {
			passed++
			continue
		}
		list = append(list, []string{c.Status.String(), c.ID, c.Subject, c.Message})
	}
	w.paragraph(textfmt.Count(passed, "check")+" passed. The others: warnings, what was not asked for, and failures.", quiet, 1)
	w.table([]column{{"Status", 9}, {"Check", 22}, {"Subject", 30}, {"Message", 46}}, list)
}

func (w *pdfWriter) files(rows *table.Rows) {
	w.section("Files of the pack")
	var list [][]string
	for i := range rows.Files {
		f := &rows.Files[i]
		list = append(list, []string{f.Path, f.Kind, textfmt.Size(f.Size), f.SHA256})
	}
	w.table([]column{{"File", 44}, {"Kind", 14}, {"Size", 11}, {"SHA-256", 44}}, list)
	w.y += 4
	w.paragraph("The time of this document is that of the release, "+w.now.Format(time.RFC3339)+".", quiet, 1)
}
