// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"fmt"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack/controls"
)

// mostUpload is the size of a file that evidence libraries take, in bytes.
const mostUpload = 25_000_000 - 1

// uploadFiles writes office files for platforms that take no JSON: the release as PDF and
// workbooks, a workbook for each control that the pack speaks to, and mapping.csv, which
// says what each file is for.
func (r *Release) uploadFiles() ([]File, error) {
	name := r.name()
	report, err := r.pdf()
	if err != nil {
		return nil, err
	}
	files := []File{{Name: name + "_00-summary.pdf", Data: report}}
	add := func(name string, sheets []sheet, about *controls.Result) error {
		list, err := r.split(name, sheets, mostUpload)
		for i := range list {
			list[i].result = about
		}
		files = append(files, list...)
		return err
	}
	if err := add(name+"_01-controls", []sheet{r.summarySheet(), r.controlSheet(), r.evidenceSheet()}, nil); err != nil {
		return nil, err
	}
	if err := add(name+"_02-evidence", r.sheets()[2:], nil); err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for i := range r.results {
		c := &r.results[i]
		if !speaks(c) {
			continue
		}
		file := name + "_" + flat(c.ID) + "_" + flat(strings.ToLower(c.Framework+"-"+c.Edition))
		for n := 2; used[strings.ToLower(file)]; n++ { // ids that differ in signs that no file name may have
			file = fmt.Sprintf("%s_%s_%s-%d", name, flat(c.ID), flat(strings.ToLower(c.Framework+"-"+c.Edition)), n)
		}
		used[strings.ToLower(file)] = true
		if err := add(file, r.controlSheets(c), c); err != nil {
			return nil, err
		}
	}
	mapping, err := r.mapping(files)
	if err != nil {
		return nil, err
	}
	return append(files, File{Name: "mapping.csv", Data: mapping}), nil
}

// split writes sheets as one workbook, or as several where that is larger than most bytes.
func (r *Release) split(name string, sheets []sheet, most int) ([]File, error) {
	data, err := r.book(sheets)
	if err != nil {
		return nil, err
	}
	if len(data) <= most {
		return []File{{Name: name + ".xlsx", Data: data}}, nil
	}
	first, second := sheets, []sheet(nil)
	switch {
	case len(sheets) > 1:
		first, second = sheets[:len(sheets)/2], sheets[len(sheets)/2:]
	case len(sheets[0].rows) > 1:
		a, b := sheets[0], sheets[0]
		a.rows, b.rows = a.rows[:len(a.rows)/2], b.rows[len(b.rows)/2:]
		first, second = []sheet{a}, []sheet{b}
	default:
		return nil, &evidence.Problem{Code: "audit.size", Severity: evidence.SeverityError, Path: name, Err: evidence.ErrLimit, Message: fmt.Sprintf("one row takes %d bytes, more than %d", len(data), most)}
	}
	list, err := r.split(name+"-1", first, most)
	if err != nil {
		return nil, err
	}
	more, err := r.split(name+"-2", second, most)
	return append(list, more...), err
}

// controlSheets are the workbook of one control: what it asks, what the evidence says, and
// where that stands.
func (r *Release) controlSheets(c *controls.Result) []sheet {
	about := sheet{name: "control", head: []string{"what", "value"}, wide: []int{24, 100}}
	for _, l := range []fact{
		{"framework", c.Framework}, {"edition", c.Edition}, {"control", c.ID}, {"about", c.About()}, {"status", c.Status.String()}, {"why", c.Reason}, {"target", c.Target()},
		{"product", r.m.Product}, {"version", r.m.Version}, {"released", r.now.Format(time.RFC3339)}, {"pack", r.pack}, {"content digest", r.report.ContentDigest}, {"verification", r.verdict()},
	} {
		about.rows = append(about.rows, []string{l.what, l.value})
	}
	checks := sheet{name: "checks", head: []string{"evidence", "strength", "result", "check", "status", "subject", "message"}, wide: []int{40, 10, 10, 24, 10, 40, 60}}
	sources := sheet{name: "sources", head: []string{"evidence", "strength", "result", "source_path", "source_sha256", "source_pointer", "place"}, wide: []int{40, 10, 10, 40, 20, 16, 80}}
	for i := range c.Rows {
		o := &c.Rows[i]
		for _, check := range o.Checks {
			checks.rows = append(checks.rows, []string{o.Evidence, o.Strength.String(), o.Status.String(), check.ID, check.Status.String(), check.Subject, check.Message})
		}
		for _, s := range o.Sources {
			sources.rows = append(sources.rows, []string{o.Evidence, o.Strength.String(), o.Status.String(), s.Path, s.SHA256.Hex(), s.Pointer, r.place(s)})
		}
	}
	return []sheet{about, checks, sources}
}

// mapping says of each file which control it is evidence for, and when evidence libraries
// may ask for a newer one: a year after the release, or when the gap is to be closed.
func (r *Release) mapping(files []File) ([]byte, error) {
	s := sheet{head: []string{"file", "sha256", "framework", "edition", "id", "title", "status", "renewal_date"}}
	renewal := r.now.AddDate(1, 0, 0).Format(time.DateOnly)
	for _, f := range files {
		row := []string{f.Name, evidence.Sum256(f.Data).Hex(), "", "", "", "evidence of the release", "", renewal}
		if c := f.result; c != nil {
			row = []string{f.Name, row[1], c.Framework, c.Edition, c.ID, c.About(), c.Status.String(), renewal}
		}
		s.rows = append(s.rows, row)
	}
	return s.csv()
}
