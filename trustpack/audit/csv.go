// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/controls"
	"github.com/HailBytes/evidence/trustpack/table"
)

// sheet is one table, for CSV and workbook alike. Cells hold text as the evidence has it:
// who writes them makes them inert.
type sheet struct {
	name  string // "findings"
	head  []string
	rows  [][]string
	wide  []int        // width of the columns in characters, in a workbook
	count map[int]bool // columns that hold whole numbers
}

// sheets are all tables of the release. Each ends with where the fact stands.
func (r *Release) sheets() []sheet {
	rows := table.Of(r.report)
	list := []sheet{r.controlSheet(), r.evidenceSheet()}
	list = append(list,
		of("findings", rows.Findings), of("packages", rows.Packages), of("licences", r.licences(rows)), of("tests", rows.Tests), of("accessibility", rows.Accessibility),
		of("images", rows.Images), of("attestations", rows.Attestations), of("gaps", rows.Gaps), of("checks", rows.Checks), of("files", rows.Files))
	return list
}

// of makes the sheet of rows of package table.
func of[T any](name string, rows []T) sheet {
	s := sheet{name: name, head: table.Columns[T](), count: map[int]bool{}}
	for i := range rows {
		s.rows = append(s.rows, table.Cells(&rows[i]))
	}
	for i, h := range s.head {
		switch h {
		case "version_number", "size", "bytes", "files", "findings", "severity_rank", "nodes", "needs_review", "duration_ms", "attempts", "source_count", "packages", "modules":
			s.count[i] = true
		}
		s.wide = append(s.wide, width(h))
	}
	return s
}

// width is how wide a column is shown, by its name.
func width(head string) int {
	switch head {
	case "message", "reason", "why", "evidence", "sources", "title", "about", "purl", "help":
		return 60
	case "source_path", "path", "subject", "reference", "name", "checks":
		return 40
	case "version_number", "severity_rank", "version", "product":
		return 10
	case "pack_id", "source_sha256", "sha256", "digest":
		return 20
	}
	return 16
}

// licenceRow is one licence of the release.
type licenceRow struct {
	table.Key
	License  string `json:"license"` // empty for what has no known licence
	Category string `json:"license_category"`
	Packages int64  `json:"packages"`
	table.At        // the first package that has it
}

// licences counts the packages by licence, in the order in which they come.
func (r *Release) licences(rows *table.Rows) []licenceRow {
	at := map[string]int{}
	var list []licenceRow
	for i := range rows.Packages {
		p := &rows.Packages[i]
		j, known := at[p.License]
		if !known {
			j = len(list)
			at[p.License] = j
			list = append(list, licenceRow{Key: p.Key, License: p.License, Category: p.LicenseCategory, At: p.At})
		}
		list[j].Packages++
	}
	return list
}

// controlSheet has a row for each control.
func (r *Release) controlSheet() sheet {
	s := sheet{name: "controls", head: []string{"framework", "edition", "control", "about", "status", "why", "target", "checks", "sources"}}
	for i := range r.results {
		c := &r.results[i]
		s.rows = append(s.rows, []string{c.Framework, c.Edition, c.ID, c.About(), c.Status.String(), c.Reason, c.Target(), strings.Join(checkIDs(c), "; "), strings.Join(r.places(c.Sources()), "; ")})
	}
	s.wide = []int{22, 12, 16, 50, 14, 60, 12, 40, 60}
	return s
}

// evidenceSheet has a row for each kind of evidence of each control, with its source.
func (r *Release) evidenceSheet() sheet {
	s := sheet{name: "control-evidence", head: []string{"framework", "edition", "control", "strength", "evidence", "result", "why", "checks", "sources"}}
	for i := range r.results {
		c := &r.results[i]
		for j := range c.Rows {
			o := &c.Rows[j]
			one := controls.Result{Rows: []controls.Observation{*o}}
			s.rows = append(s.rows, []string{c.Framework, c.Edition, c.ID, o.Strength.String(), o.Evidence, o.Status.String(), o.Reason,
				strings.Join(checkIDs(&one), "; "), strings.Join(r.places(o.Sources), "; ")})
		}
	}
	s.wide = []int{22, 12, 16, 10, 40, 10, 60, 40, 60}
	return s
}

// csv writes the sheet as RFC 4180, with a line of column names first. No cell can act as a formula.
func (s *sheet) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := append([][]string{s.head}, s.rows...)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, text := range row {
			safe[i] = cell(text)
		}
		if err := w.Write(safe); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// csvFiles writes a file for each table, with an empty one for what the release does not have.
func (r *Release) csvFiles() ([]File, error) {
	var list []File
	for _, s := range append([]sheet{r.summarySheet()}, r.sheets()...) {
		data, err := s.csv()
		if err != nil {
			return nil, err
		}
		list = append(list, File{Name: s.name + ".csv", Data: data})
	}
	return list, nil
}

// summarySheet is the release in a few lines.
func (r *Release) summarySheet() sheet {
	s := sheet{name: "summary", head: []string{"what", "value"}, wide: []int{28, 90}}
	for _, l := range r.summary() {
		s.rows = append(s.rows, []string{l.what, l.value})
	}
	return s
}

// fact is one line of the summary.
type fact struct{ what, value string }

// summary says what the release is, what was proven, and what its evidence comes to.
func (r *Release) summary() []fact {
	m := r.m
	list := []fact{
		{"product", m.Product}, {"version", m.Version}, {"tag", m.Release.Tag}, {"commit", m.Release.Commit}, {"repository", m.Release.Repository},
	}
	if !m.Release.Created.IsZero() {
		list = append(list, fact{"released", m.Release.Created.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	list = append(list, fact{"pack", r.pack}, fact{"content digest", r.report.ContentDigest}, fact{"verification", r.verdict()},
		fact{"consistent", r.report.VerdictText(trustpack.VerdictConsistent)}, fact{"pinned", r.report.VerdictText(trustpack.VerdictPinned)}, fact{"authentic", r.report.VerdictText(trustpack.VerdictAuthentic)})
	list = append(list, fact{"images", strconv.Itoa(len(m.Images))}, fact{"files", strconv.Itoa(len(m.Files))})
	severities := r.severities()
	for _, s := range severityOrder {
		list = append(list, fact{"findings, " + s.String(), strconv.Itoa(severities[s])})
	}
	if t := r.report.Summary.Tests; t != nil {
		list = append(list, fact{"tests", textfmt.Count(t.Counts.Tests, "test") + ": " + strconv.Itoa(t.Passed) + " passed, " + strconv.Itoa(t.Flaky) + " flaky, " +
			strconv.Itoa(t.Skipped) + " skipped, " + strconv.Itoa(t.Counts.Tests-t.Passed-t.Flaky-t.Skipped) + " failed"})
	}
	for _, status := range []controls.Status{controls.StatusSatisfied, controls.StatusNotSatisfied, controls.StatusGap, controls.StatusNotAssessed} {
		n := 0
		for i := range r.results {
			if r.results[i].Status == status {
				n++
			}
		}
		list = append(list, fact{"controls, " + status.String(), strconv.Itoa(n)})
	}
	for _, g := range m.Gaps {
		value := string(g.Kind) + ": " + g.Reason
		if g.Image != "" {
			value = string(g.Kind) + ", image " + g.Image + ": " + g.Reason
		}
		if t := g.Target.String(); t != "" {
			value += " (to be closed by " + t + ")"
		}
		list = append(list, fact{"declared gap", value})
	}
	return list
}

// severityOrder is the worst first. Findings that need nobody's attention count as low.
var severityOrder = []sarif.Severity{sarif.SeverityCritical, sarif.SeverityHigh, sarif.SeverityMedium, sarif.SeverityLow, sarif.SeverityUnknown}

// severities counts the findings.
func (r *Release) severities() map[sarif.Severity]int {
	n := map[sarif.Severity]int{}
	for _, f := range r.report.Summary.Findings {
		n[sarif.SeverityCritical] += f.Critical
		n[sarif.SeverityHigh] += f.High
		n[sarif.SeverityMedium] += f.Medium
		n[sarif.SeverityLow] += f.Low
		n[sarif.SeverityUnknown] += f.Unknown
	}
	return n
}

// verdict says in words what the verification came to.
func (r *Release) verdict() string {
	switch r.report.Outcome() {
	case trustpack.OutcomeHolds:
		if r.report.Verdicts.Authentic == evidence.StatusPass {
			return "holds: the evidence agrees with itself, and is signed by whom the verifier expects"
		}
		return "holds: the evidence agrees with itself; who made it was not checked"
	case trustpack.OutcomeNotAcceptable:
		return "holds, but is not acceptable under the policy"
	case trustpack.OutcomeDoesNotHold:
		return "does not hold: a check failed"
	}
	return "was not fully checked"
}
