// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/controls"
)

// Format is what a release is written as. The zero value is invalid.
type Format uint8

// The formats.
const (
	FormatInvalid        Format = iota
	FormatOSCALResults          // OSCAL 1.2.2 assessment results
	FormatOSCALComponent        // OSCAL 1.2.2 component definition
	FormatCDXA                  // CycloneDX 1.6 attestations
	FormatGemara                // Gemara EvaluationLog
	FormatCAIQLite              // caiq-lite: answers of CSA CCM 4.1
	FormatXLSX                  // workbook: summary, controls, findings, packages, tests, ...
	FormatPDF                   // the same for a reader
	FormatCSV                   // a folder: a file for each table
	FormatUpload                // a folder of office files with flat names, and mapping.csv
)

var formatNames = enum.Names{"invalid", "oscal-ar", "oscal-cd", "cdxa", "gemara", "caiq-lite", "xlsx", "pdf", "csv", "upload"}

// Formats returns all formats.
func Formats() []Format {
	var list []Format
	for f := FormatOSCALResults; f <= FormatUpload; f++ {
		list = append(list, f)
	}
	return list
}

// String returns the name that -format takes: "oscal-ar"; "invalid" for any other value.
func (f Format) String() string { return formatNames.Name(uint8(f)) }

// MarshalText implements encoding.TextMarshaler; an invalid format is an error.
func (f Format) MarshalText() ([]byte, error) { return formatNames.Marshal("format", uint8(f)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *Format) UnmarshalText(text []byte) error {
	i, err := formatNames.Unmarshal("format", text)
	*f = Format(i)
	return err
}

// IsFolder reports whether the format is several files.
func (f Format) IsFolder() bool { return f == FormatCSV || f == FormatUpload }

// File is one file of an export.
type File struct {
	Name string // without a folder
	Data []byte

	result *controls.Result // that the file is about, for mapping.csv
}

// Options say what an export shows. Nil means the defaults.
type Options struct {
	Controls *controls.Table // nil means the built-in table

	// Tool names the program in the documents that say who made them. Its version is part
	// of their bytes. The zero Tool means trustpack-export without a version.
	Tool manifest.Tool
}

// Release is one verified pack, ready to be written.
type Release struct {
	report  *trustpack.Report
	m       *manifest.Manifest
	pack    string // the pack's file name
	tool    manifest.Tool
	results []controls.Result
	now     time.Time // when the evidence was complete: see released
}

// New makes the export of a verified pack. The report must hold its release: verify with
// trustpack.Policy.KeepRelease, and leave Policy.Now zero where the same pack must give
// the same bytes on any day. A report that does not hold is exported as what it is: its
// controls are not satisfied.
func New(report *trustpack.Report, o *Options) *Release {
	if o == nil {
		o = &Options{}
	}
	m := report.Release.Manifest
	return &Release{
		report: report, m: m, pack: trustpack.FileName(m.Product, m.Version), results: report.Controls(o.Controls), now: released(m),
		tool: manifest.Tool{Name: cmp.Or(o.Tool.Name, "trustpack-export"), Version: o.Tool.Version},
	}
}

// Controls are the results of the table that the export was made with.
func (r *Release) Controls() []controls.Result { return r.results }

// released is the time that documents state: that of the release, in UTC. A manifest
// without one gives the start of 1980, which no reader takes for a release.
func released(m *manifest.Manifest) time.Time {
	if m.Release.Created.IsZero() {
		return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return m.Release.Created.UTC()
}

// Files returns the release in a format: one file, or several where the format is a folder.
// The same pack, verified alike, gives the same bytes.
func (r *Release) Files(f Format) ([]File, error) {
	switch f {
	case FormatCSV:
		return r.csvFiles()
	case FormatUpload:
		return r.uploadFiles()
	}
	var data []byte
	var err error
	switch f {
	case FormatOSCALResults:
		data, err = r.oscalResults()
	case FormatOSCALComponent:
		data, err = r.oscalComponent()
	case FormatCDXA:
		data, err = r.cdxa()
	case FormatGemara:
		data, err = r.gemara()
	case FormatCAIQLite:
		data, err = r.caiqLite()
	case FormatXLSX:
		data, err = r.workbook()
	case FormatPDF:
		data, err = r.pdf()
	default:
		return nil, fmt.Errorf("invalid format %d", f)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f, err)
	}
	return []File{{Name: r.name() + "." + f.ending(), Data: data}}, nil
}

// ending is what a file of the format is called after the name of the release.
func (f Format) ending() string {
	switch f {
	case FormatXLSX, FormatPDF:
		return f.String()
	case FormatCDXA:
		return "cdxa.cdx.json"
	}
	return f.String() + ".json"
}

// name is the name of the release for files: "asm-1.482".
func (r *Release) name() string { return flat(r.m.Product + "-" + r.m.Version) }

// flat makes a file name that every system and platform takes.
func flat(s string) string {
	out := strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-':
			return c
		}
		return '_'
	}, s)
	return strings.TrimLeft(out[:min(len(out), 80)], ".-")
}

// place writes where a fact stands: "PACK#PATH@sha256:HEX", and the JSON Pointer behind it.
func (r *Release) place(s evidence.Source) string {
	text := r.pack + "#" + s.Path
	if !s.SHA256.IsZero() {
		text += "@" + s.SHA256.String()
	}
	if s.Pointer != "" {
		text += " " + s.Pointer
	}
	return text
}

// places writes all places, a line each.
func (r *Release) places(list []evidence.Source) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = r.place(s)
	}
	return out
}

// framework is the controls of one edition of one framework.
type framework struct {
	name, edition string
	results       []*controls.Result
}

func (f *framework) String() string { return f.name + " " + f.edition }

// frameworks groups the results, in the order of the table.
func (r *Release) frameworks() []*framework {
	at := map[[2]string]*framework{}
	var list []*framework
	for i := range r.results {
		c := &r.results[i]
		key := [2]string{c.Framework, c.Edition}
		if at[key] == nil {
			at[key] = &framework{name: c.Framework, edition: c.Edition}
			list = append(list, at[key])
		}
		at[key].results = append(at[key].results, c)
	}
	return list
}

// speaks reports whether the release says anything of a control: evidence, a check or a gap.
func speaks(c *controls.Result) bool {
	return slices.ContainsFunc(c.Rows, func(o controls.Observation) bool { return len(o.Sources)+len(o.Gaps) > 0 })
}

// checkIDs returns the checks behind a control, each id once.
func checkIDs(c *controls.Result) []string {
	var ids []string
	for i := range c.Rows {
		for _, check := range c.Rows[i].Checks {
			if text := check.ID + ": " + check.Status.String(); !slices.Contains(ids, text) {
				ids = append(ids, text)
			}
		}
	}
	return ids
}

// line makes text of the evidence fit for one line of a document: what is not graphic is
// escaped, no space at the ends, never empty.
func line(s string) string {
	return cmp.Or(strings.TrimSpace(textfmt.Printable(s)), "-")
}

// encode writes JSON as all exports have it: two spaces, and no HTML escapes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
