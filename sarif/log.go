// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"strings"

	"github.com/HailBytes/evidence"

	"github.com/HailBytes/evidence/internal/enum"
)

// Format is the format of a report.
type Format uint8

// The formats that are read.
const (
	formatInvalid         Format = iota
	FormatSARIF           Format = iota // SARIF 2.1.0
	FormatTrivyJSON       Format = iota // Trivy's own JSON: schema version 2, the array before it, and cluster reports
	FormatGovulncheckJSON Format = iota // govulncheck -format json
)

var formatNames = enum.Names{"invalid", "sarif", "trivy-json", "govulncheck-json"}

// String returns the format's name as the manifest of a pack has it.
func (f Format) String() string { return formatNames.Name(uint8(f)) }

// MarshalText implements encoding.TextMarshaler; the zero value is an error.
func (f Format) MarshalText() ([]byte, error) { return formatNames.Marshal("format", uint8(f)) }

// Log is one report.
type Log struct {
	Format  Format
	Version string // of the format, as declared: "2.1.0"; Trivy "2"; govulncheck "v1.0.0"
	Name    string // ReadOptions.Name
	Runs    []Run

	// Problems is what reading noticed without refusing the report: known bugs of
	// producers, and places that do not say what the format asks for.
	Problems evidence.Problems

	external bool // results stand in inlineExternalProperties
}

// Findings returns the findings of all runs, in order.
func (l *Log) Findings() []*Finding {
	n := 0
	for i := range l.Runs {
		n += len(l.Runs[i].Findings)
	}
	all := make([]*Finding, 0, n)
	for i := range l.Runs {
		all = append(all, l.Runs[i].Findings...)
	}
	return all
}

// Run is one invocation of one tool.
type Run struct {
	Tool     Tool
	Target   *Target // nil when the report does not say what was scanned
	Findings []*Finding

	// results says whether the report holds a list of results at all.
	results resultsState

	// What else was among the results, and is no finding.
	passed        int // kind "pass"
	notApplicable int // kind "notApplicable"
	absent        int // baselineState "absent": of an earlier run only
	unreadable    int // results that say neither rule nor message

	Created       string // when the report was made, as stated; Trivy's own format only
	Invocations   []Invocation
	notifications []notification
	external      []string // kinds of properties that stand in other files, and were not read: "results"

	Source  VersionControl // of the code that was scanned, as the report states it
	Modules []Module       // govulncheck's own format: the Go modules that it saw, the main one first

	ScanLevel string            // govulncheck: "symbol", "package", "module"
	ScanMode  string            // govulncheck: "source", "binary"
	Bases     map[string]string // uriBaseId to URI, resolved as far as the report allows

	absentBug bool // by a version of govulncheck that leaves an empty list of results out
}

// Made returns when the run was made, as the report states it: RFC 3339, empty if it
// does not say.
func (r *Run) Made() string {
	made := r.Created
	for _, inv := range r.Invocations {
		made = cmp.Or(made, inv.EndTime, inv.StartTime)
	}
	return made
}

// VersionControl is a revision of a repository (SARIF section 3.23).
type VersionControl struct {
	Repository string // URI
	Revision   string
}

// Module is a Go module in one version; the main module has none.
type Module struct{ Path, Version string }

// Tool is what made a run.
type Tool struct {
	Name        string
	Version     string // as told, without a leading "v"
	URI         string
	Database    string // where its vulnerability data come from
	DatabaseAge string // time of the data, as told (RFC 3339); empty when the report does not say
	GoVersion   string // govulncheck: the toolchain whose standard library was judged
	Rules       int    // rules that the report describes
}

// resultsState says what became of a run's list of results.
type resultsState uint8

// The states. Only resultsPresent is evidence that the tool looked (SARIF
// section 3.14.23): an empty list is clean, a null or absent one is not.
const (
	resultsAbsent  resultsState = iota // no such member
	resultsNull    resultsState = iota // null: the tool did not run, or failed
	resultsPresent resultsState = iota // a list, maybe empty
)

var resultsNames = enum.Names{"absent", "null", "present"}

// String returns "absent", "null" or "present".
func (s resultsState) String() string { return resultsNames.Name(uint8(s)) }

// Invocation is how a tool was run, and how it ended (SARIF section 3.20).
type Invocation struct {
	Successful bool
	Stated     bool // whether the report says Successful; the format requires it
	CommandLine,
	StartTime, EndTime string
	ExitCode    int // 0 also when not told
	ExitReason  string
	Description string // exitCodeDescription, or the failure to start
}

// notification is what a tool says of its own running.
type notification struct {
	ID      string
	Level   Level
	Message string
}

// String returns name and version: "Trivy 0.64.1".
func (t *Tool) String() string {
	return strings.TrimSpace(t.Name + " " + t.Version)
}
